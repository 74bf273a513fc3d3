"""A disk that is full or may not be written, and a folder of photos that is gone: said in words, no false receipt, and
over as soon as the disk is well.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.conftest import assert_all_is_there
from tests.phones import Phones
from tests.serving import Record, ask, sign_in


def health(port: int, *, wanted: int) -> dict[str, str]:
    """What /healthz says of each part once it answers with this status (an answer is kept for three seconds)."""
    end = time.monotonic() + 10
    while True:
        status, _headers, content = ask(port, "GET", "/healthz")
        if status == wanted:
            return json.loads(content)["parts"]
        assert time.monotonic() < end, f"still {status}: {content.decode()}"
        time.sleep(0.1)


def refused(port: int, cookie: str, record: Record) -> str:
    """The words of a 503 that names the record, so that the phone keeps it."""
    status, _headers, content = ask(
        port, "PUT", f"/outbox/visits/{record.key}", record.body, Cookie=cookie, Content_Type="application/json"
    )
    told = json.loads(content)
    assert status == told["error"] == 503 and told["key"] == record.key, (status, told)
    return told["message"]


@pytest.mark.parametrize(
    ("fault", "word", "said"), [("full", "full", "存储空间"), ("readonly", "read-only", "没有入库")]
)
def test_a_disk_that_takes_nothing(served, machine, fault, word, said):
    server, firm_id = served
    server.start()
    with Phones(server, firm_id, most_photos=2) as phones:
        phones.wait_for(5)
        machine.begin(fault)
        assert health(server.port, wanted=503)["photos"] == word
        cookie = phones.cookie
        assert said in refused(server.port, cookie, Record(firm_id))
        page = ask(server.port, "GET", "/firms/", Cookie=cookie)  # reading goes on
        assert page[0] == 200, page
        received = len(phones.acknowledged)
        time.sleep(0.5)
        assert len(phones.acknowledged) == received
        machine.end(fault)
        phones.wait_for(5)  # by itself
    assert set(phones.refusals) <= {503}, phones.refusals
    health(server.port, wanted=200)
    assert_all_is_there(server, phones)


def test_threads_that_began_on_a_read_only_disk_write_later(served, machine):
    """SQLite reads for ever by a connection that was opened then: the app opens another."""
    server, firm_id = served
    server.start()
    cookie, records = sign_in(server.port), [Record(firm_id, photo_count=0) for _ in range(32)]
    machine.begin("readonly")
    with ThreadPoolExecutor(16) as pool:  # every thread opens its connection now
        assert set(pool.map(lambda _: ask(server.port, "GET", "/firms/", Cookie=cookie)[0], range(64))) == {200}
        machine.end("readonly")
        for _again in range(2):
            statuses = list(pool.map(lambda record: record.send(server.port, cookie), records))
    assert set(statuses) == {200}


def test_the_folder_of_photos_is_gone_for_a_while(served):
    server, firm_id = served
    server.start()
    photos, elsewhere = server.folder / "photos", server.folder.with_name("elsewhere")
    with Phones(server, firm_id, most_photos=2) as phones:
        phones.wait_for(3)
        photos.rename(elsewhere)
        assert health(server.port, wanted=503) == {"database": "ok", "photos": "gone"}
        record = Record(firm_id)
        cookie = sign_in(server.port)
        assert record.send(server.port, cookie) == 503
        assert record.has_text and not record.is_acknowledged  # the words are in, the photo waits on the phone
        assert not photos.exists()  # nothing grows in its place that would be hidden when the disk is back
        elsewhere.rename(photos)
        phones.records.append(record)
        phones.wait_for(3)
    health(server.port, wanted=200)
    assert_all_is_there(server, phones)
    assert "the folder of photos is gone" in server.log.read_text()
