"""The server killed at any moment while phones send, and started again."""

import time

from tests.faults.conftest import assert_all_is_there
from tests.phones import Phones
from tests.serving import what_is_lost


def test_killed_at_random_moments(served, rounds, dice):
    server, firm_id = served
    server.start()
    back_after = []
    with Phones(server, firm_id, most_photos=3) as phones:
        for _nth in range(rounds):
            phones.wait_for(dice.randrange(1, 8))
            time.sleep(dice.random() / 20)
            server.kill()
            assert what_is_lost(server.folder, [record for _at, record in phones.acknowledged]) == []
            began = time.monotonic()
            server.start()
            back_after.append(time.monotonic() - began)
        phones.wait_for(3)
    print(f"{len(phones.records)} visits, {rounds} kills, answers again within {max(back_after):.1f} s")  # noqa: T201
    assert_all_is_there(server, phones)
