"""What has a receipt survives a killed server: record, photo file and all. More ways to die are in tests/faults."""

import json

from tests.serving import Record, ask, sign_in, what_is_lost


def test_killed_right_after_each_receipt(served):
    server, firm_id = served
    server.start()
    cookie = sign_in(server.port)
    record = Record(firm_id)
    [(photo, raw)] = record.photos.items()

    status, _headers, content = ask(
        server.port, "PUT", f"/outbox/visits/{record.key}", record.body, Cookie=cookie, Content_Type="application/json"
    )
    server.kill()
    assert status == 200 and json.loads(content)["photos"]["missing"] == [photo]
    record.has_text = True
    assert what_is_lost(server.folder, [record]) == []

    server.start()
    path = f"/outbox/photos/{photo}?visit={record.key}"
    status, _headers, content = ask(server.port, "PUT", path, raw, Cookie=cookie, Content_Type="image/jpeg")
    server.kill()
    assert status == 200 and json.loads(content)["photos"] == {"have": [photo], "missing": []}
    record.received = {photo}
    assert what_is_lost(server.folder, [record]) == []


def test_what_is_lost_would_be_told(served):
    """The check behind these tests sees a missing visit, a missing file and another content."""
    server, firm_id = served
    server.start()
    record, never = Record(firm_id), Record(firm_id, has_text=True)
    assert record.send(server.port, sign_in(server.port)) == 200 and record.is_acknowledged
    server.kill()
    assert what_is_lost(server.folder, [record]) == []
    assert len(what_is_lost(server.folder, [never])) == 1
    main = next((server.folder / "photos").rglob("*.main.jpg"))
    main.write_bytes(b"other")
    assert "another content" in what_is_lost(server.folder, [record])[0]
    main.unlink()
    assert "no file" in what_is_lost(server.folder, [record])[0]
