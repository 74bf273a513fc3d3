"""Others at the same database: one that holds the lock for long, and a second server."""

import time

from app.db import connect
from tests.faults.conftest import assert_all_is_there
from tests.phones import Phones
from tests.serving import Record, Server, ask, sign_in

LONGER_THAN_A_WRITE_WAITS_S = 11


def test_a_locked_database(served):
    """Whoever can still wait, waits; whoever cannot is told so after ten seconds; then all goes on."""
    server, firm_id = served
    server.start()
    with Phones(server, firm_id, count=4) as phones:
        phones.wait_for(4)
        other = connect(server.folder / "qifang.db")
        other.conn.execute("BEGIN IMMEDIATE")
        received, began = len(phones.acknowledged), time.monotonic()
        cookie = phones.cookie
        time.sleep(3.1)  # an answer of /healthz is kept for three seconds
        assert ask(server.port, "GET", "/firms/", Cookie=cookie)[0] == 200  # reading does not wait
        assert ask(server.port, "GET", "/healthz")[0] == 503
        time.sleep(began + LONGER_THAN_A_WRITE_WAITS_S - time.monotonic())
        while not phones.refusals and time.monotonic() < began + 4 * LONGER_THAN_A_WRITE_WAITS_S:
            time.sleep(0.1)  # a busy machine brings the answers later
        assert len(phones.acknowledged) <= received + 4  # those on their way when it began
        other.conn.rollback()
        other.conn.close()
        phones.wait_for(8)
    assert phones.refusals.get(503), phones.refusals
    assert set(phones.refusals) == {503}, phones.refusals
    assert_all_is_there(server, phones)


def test_a_second_server_on_the_same_data(served):
    """Each phone may reach either, and the same record both: it is there once."""
    server, firm_id = served
    server.start()
    second = Server(server.folder, {"QIFANG_BACKUP": str(server.folder.with_name("out"))})
    second.start()
    try:
        with Phones(server, firm_id, most_photos=2) as here, Phones(second, firm_id, most_photos=2) as there:
            here.wait_for(5)
            there.wait_for(5)
        cookie = sign_in(second.port)  # a session holds at either
        for record in here.records:
            again = Record(firm_id, key=record.key, photos=record.photos, photo_count=0)
            assert again.send(second.port, cookie) == 200 and again.is_acknowledged
        here.send_the_rest()
        here.records += there.records
    finally:
        second.kill()
    assert_all_is_there(server, here)
    assert here.refusals == there.refusals == {}
