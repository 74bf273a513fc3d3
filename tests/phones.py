"""Officers' phones that record visits without a pause and send each until it has its receipt."""

import http.client
import random
import threading
import time

from tests.serving import Record, Server, ask, sign_in

GIVE_UP_S = 60


class Phones:
    """Threads that record visits with photos, one after the other, and resend what has no receipt.

    `records` are all that were ever written, `acknowledged` those with a receipt for everything and when they got it,
    `refusals` how often a status came that was no receipt (0: no answer at all).
    """

    def __init__(self, server: Server, firm_id: int, *, count: int = 3, most_photos: int = 1, patient: bool = True):
        self.server, self.firm_id, self.most_photos, self.patient = server, firm_id, most_photos, patient
        self.records: list[Record] = []
        self.acknowledged: list[tuple[float, Record]] = []
        self.refusals: dict[int, int] = {}
        self._stop = threading.Event()
        self.cookie = sign_in(server.port)
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]

    def _work(self) -> None:
        while not self._stop.is_set():
            record = Record(self.firm_id, photo_count=random.randint(min(1, self.most_photos), self.most_photos))
            self.records.append(record)
            while not self._stop.is_set() and not self._send(record) and self.patient:
                time.sleep(0.05)

    def _send(self, record: Record) -> bool:
        try:
            status = record.send(self.server.port, self.cookie)
            if status == 401:
                self.cookie = sign_in(self.server.port)
        except (OSError, http.client.HTTPException, AssertionError):
            status = 0
        if record.is_acknowledged:
            self.acknowledged.append((time.monotonic(), record))
            return True
        self.refusals[status] = self.refusals.get(status, 0) + 1
        return False

    def wait_for(self, count: int) -> None:
        """Until so many more were acknowledged."""
        until, end = len(self.acknowledged) + count, time.monotonic() + GIVE_UP_S
        while len(self.acknowledged) < until:
            assert time.monotonic() < end, f"{len(self.acknowledged)} of {until} after {GIVE_UP_S} s: {self.refusals}"
            time.sleep(0.01)

    def send_the_rest(self) -> None:
        """Send what has no receipt yet; each must get it now."""
        self.cookie = sign_in(self.server.port)
        for record in self.records:
            if not record.is_acknowledged:
                assert self._send(record), self.refusals

    def __enter__(self) -> "Phones":
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_error) -> None:
        self._stop.set()
        for each in self._threads:
            each.join()


def answers(port: int) -> bool:
    """Whether /healthz says that all is well."""
    try:
        return ask(port, "GET", "/healthz")[0] == 200
    except (OSError, http.client.HTTPException):
        return False
