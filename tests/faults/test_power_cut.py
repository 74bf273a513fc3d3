"""The power fails while phones send: what was synced is on the disk, and of the rest whatever chance left there."""

import pytest

from tests.faults.conftest import assert_all_is_there
from tests.phones import Phones
from tests.serving import what_is_lost


@pytest.mark.parametrize("left", ["nothing", "some pages"])
def test_power_cuts(served, machine, rounds, dice, left):
    """Whatever was not synced is gone, or half of it is, page by page and name by name."""
    server, firm_id = served
    server.start()
    phones, forgotten = Phones(server, firm_id, most_photos=3), 0
    with phones:
        for _nth in range(rounds):
            phones.wait_for(dice.randrange(1, 8))
            server.kill()
            forgotten += machine.cut_power(None if left == "nothing" else dice)
            assert what_is_lost(server.folder, [record for _at, record in phones.acknowledged]) == []
            machine.settle()  # looking recovered the database, on our disk, not on the machine's
            server.start()
        phones.wait_for(3)
    assert forgotten, "no power cut took anything: this test saw nothing"
    assert_all_is_there(server, phones)


def test_a_disk_that_lies_is_found_out(served, machine):
    """Where a sync does nothing, the test above fails: it can."""
    server, firm_id = served
    machine.begin("lies")
    server.start()
    with Phones(server, firm_id) as phones:
        phones.wait_for(3)
    server.kill()
    assert machine.cut_power()
    assert what_is_lost(server.folder, [record for _at, record in phones.acknowledged])
