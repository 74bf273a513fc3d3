"""How often something may happen, counted in memory over a sliding window, per process.

For what costs a caller nothing and us little, such as guessing at addresses. It starts anew with the process, and with
several processes each counts for itself: the true limit is then that many times as high, which is still far too low to
guess anything by. Whom a count is for is kept only as a keyed digest, with a key that is made at start and never
written down, and for no longer than the window: no address of anyone's is stored or logged.
"""

import hashlib
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable


class SlidingWindow:
    """At most `each` events a caller and `all_` altogether within any `seconds`.

    What is refused is not counted, so the memory it takes is bounded by `all_`.
    """

    def __init__(self, *, each: int, all_: int, seconds: float, clock: Callable[[], float] = time.monotonic):
        self._each, self._all, self._seconds, self._clock = each, all_, seconds, clock
        self._events: deque[tuple[float, bytes]] = deque()
        self._key = secrets.token_bytes(16)
        self._lock = threading.Lock()

    def is_full(self, caller: str) -> bool:
        """Whether one more event of this caller would be refused."""
        mine = self._digest(caller)
        with self._lock:
            return self._is_full(mine)

    def take(self, caller: str) -> bool:
        """Count one event of this caller; False, and not counted, when there were too many."""
        mine = self._digest(caller)
        with self._lock:
            if self._is_full(mine):
                return False
            self._events.append((self._clock(), mine))
            return True

    def _digest(self, caller: str) -> bytes:
        return hashlib.blake2s(caller.encode(errors="replace"), key=self._key, digest_size=8).digest()

    def _is_full(self, mine: bytes) -> bool:
        moment = self._clock()
        while self._events and self._events[0][0] <= moment - self._seconds:
            self._events.popleft()
        return len(self._events) >= self._all or sum(who == mine for _at, who in self._events) >= self._each
