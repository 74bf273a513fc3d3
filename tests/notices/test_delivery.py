"""The ways out against real servers on this machine; claiming, trying again, giving up, saying so."""

import base64
import hashlib
import hmac
import socket
import threading
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from app import clock
from app.clock import from_text
from app.config import Settings
from app.db import connect, transaction
from app.notices import actions, delivery, ticker
from app.notices import delivery_actions as sending
from app.notices import delivery_store as deliveries
from app.notices.models import Channel, Message
from tests import factories as make
from tests.notices import servers

MESSAGE = Message("delivery-7", "2026-00007 督办", "2026-00007 督办，请按期回复\n【紧急】2026-00008 已超期")


@pytest.fixture
def robot():
    with servers.robot() as held:
        yield held


@pytest.fixture
def mail():
    with servers.mail_server() as held:
        yield held


def post(adapter, now):
    """What comes of sending: None, or the failure."""
    try:
        adapter.send(MESSAGE, now=now)
    except delivery.DeliveryFailed as failure:
        return failure
    return None


def test_off_by_default():
    assert ticker.adapters_of(Settings()) == {}
    assert ticker.outgoing_of(Settings()).channels == ()
    assert ticker.adapters_of(Settings(smtp_host="mail.test", smtp_from="q@test.cn")) == {}  # to whom?


def test_on_when_configured():
    found = ticker.adapters_of(
        Settings(
            wecom_webhook="https://wecom.test/send?key=1",
            dingtalk_webhook="https://dingtalk.test/send",
            dingtalk_secret="SEC1",
            smtp_host="mail.test",
            smtp_port=465,
            smtp_tls="tls",
            smtp_user="q@test.cn",
            smtp_password="p",
            smtp_to="a@test.cn, b@test.cn,",
        )
    )
    assert found == {
        Channel.WECOM: delivery.WeCom("https://wecom.test/send?key=1"),
        Channel.DINGTALK: delivery.DingTalk("https://dingtalk.test/send", "SEC1"),
        Channel.SMTP: delivery.Mail("mail.test", 465, "q@test.cn", ("a@test.cn", "b@test.cn"), "q@test.cn", "p", "tls"),
    }


def test_wecom(robot, now):
    assert post(delivery.WeCom(robot.url), now) is None
    [(path, body)] = robot.seen
    assert path.endswith("?access_token=secret-key")
    assert body == {"msgtype": "text", "text": {"content": MESSAGE.body}}


def test_dingtalk_signs(robot, now):
    assert post(delivery.DingTalk(robot.url, "SEC1"), now) is None
    query = parse_qs(urlsplit(robot.seen[0][0]).query)
    assert query["access_token"] == ["secret-key"]
    [timestamp] = query["timestamp"]
    assert int(timestamp) == now.timestamp() * 1000
    digest = hmac.new(b"SEC1", f"{timestamp}\nSEC1".encode(), hashlib.sha256).digest()
    assert query["sign"] == [base64.b64encode(digest).decode()]


def test_dingtalk_without_a_secret(robot, now):
    assert post(delivery.DingTalk(robot.url), now) is None
    assert "sign" not in robot.seen[0][0]


@pytest.mark.parametrize(
    ("answer", "is_temporary"),
    [
        ((200, {"errcode": 45009, "errmsg": "api freq out of limit"}), True),
        ((200, {"errcode": 93000, "errmsg": "invalid webhook url"}), False),
        ((500, ""), True),
        ((429, ""), True),
        ((404, ""), False),
        ((302, "", {"Location": "http://127.0.0.1:1/sign-in"}), True),
        ((200, "<html>Welcome to our network, please sign in</html>"), True),
        ((200, "[]"), True),
        ((200, ""), True),
    ],
)
def test_what_a_robot_answers(robot, now, answer, is_temporary):
    robot.answers = [answer]
    failure = post(delivery.WeCom(robot.url), now)
    assert failure is not None and failure.is_temporary is is_temporary
    assert "secret-key" not in str(failure) and "127.0.0.1" not in str(failure)
    assert len(robot.seen) == 1


@pytest.mark.parametrize(("code", "is_temporary"), [(130101, True), (410100, True), (310000, False), (400101, False)])
def test_what_dingtalk_answers(robot, now, code, is_temporary):
    robot.answers = [(200, {"errcode": code, "errmsg": "no"})]
    failure = post(delivery.DingTalk(robot.url, "SEC1"), now)
    assert failure is not None and failure.is_temporary is is_temporary and str(code) in str(failure)


def test_nobody_there(now):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for adapter in (
        delivery.WeCom(f"http://127.0.0.1:{port}/x?key=secret"),
        delivery.Mail("127.0.0.1", port, "a@b.c", ("d@e.f",)),
    ):
        failure = post(adapter, now)
        assert failure is not None and failure.is_temporary and "secret" not in str(failure)


def test_only_http(now):
    failure = post(delivery.WeCom("file:///etc/passwd"), now)
    assert failure is not None and not failure.is_temporary


def test_a_robot_that_never_answers(now, monkeypatch):
    monkeypatch.setattr(delivery, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        failure = post(delivery.WeCom(f"http://127.0.0.1:{silent.getsockname()[1]}/"), now)
    assert failure is not None and failure.is_temporary


def test_mail(mail, now):
    adapter = delivery.Mail("127.0.0.1", mail.port, "qifang@test.cn", ("a@test.cn", "b@test.cn"), "user", "password")
    assert post(adapter, now) is None
    [sent] = mail.mails
    assert sent["Subject"] == MESSAGE.subject
    assert sent.get_content().strip().splitlines() == MESSAGE.body.splitlines()
    assert sent["Message-ID"] == "<delivery-7@test.cn>"
    assert sent["Date"].datetime == now
    assert mail.envelopes == [["<a@test.cn>", "<b@test.cn>"]]
    assert any(command.startswith("AUTH PLAIN") for command in mail.said)


def test_mail_without_signing_in(mail, now):
    assert post(delivery.Mail("127.0.0.1", mail.port, "qifang@test.cn", ("a@test.cn",)), now) is None
    assert not any(command.startswith("AUTH") for command in mail.said)


@pytest.mark.parametrize(
    ("replies", "is_temporary"),
    [
        ({"": "421 too busy"}, True),
        ({"AUTH": "535 who are you"}, False),
        ({"MAIL": "451 later"}, True),
        ({"RCPT": "550 no such person"}, False),
        ({"RCPT": "452 box is full"}, True),
        ({"DATA": "554 no spam"}, False),
        ({"DATA": "hang up"}, True),
    ],
)
def test_what_a_mail_server_answers(mail, now, replies, is_temporary):
    mail.replies = replies
    failure = post(delivery.Mail("127.0.0.1", mail.port, "q@test.cn", ("a@test.cn",), "user", "password"), now)
    assert failure is not None and failure.is_temporary is is_temporary
    assert "password" not in str(failure)


def test_starttls_that_the_server_lacks_is_no_plain_text(mail, now):
    failure = post(delivery.Mail("127.0.0.1", mail.port, "q@test.cn", ("a@test.cn",), "u", "p", "starttls"), now)
    assert failure is not None and not failure.is_temporary
    assert not mail.mails and not any(command.startswith("AUTH") for command in mail.said)


# ── The outbox ──


def put(db, now, count=1, *, channel=Channel.WECOM, is_digest=False, body="2026-00001 已超期", leaves_at=None):
    """Lines in the outbox."""
    first = db.conn.execute("SELECT count(*) FROM deliveries").fetchone()[0]
    with transaction(db):
        for nth in range(first, first + count):
            deliveries.insert_delivery(
                db,
                channel,
                f"test:{nth}",
                body=f"{body} {nth}",
                is_digest=is_digest,
                now=now,
                leaves_at=leaves_at or now,
            )


def rows(db):
    return db.conn.execute("SELECT * FROM deliveries ORDER BY id").fetchall()


def test_lines_leave_together_and_once(db, robot, now):
    put(db, now, 45)
    put(db, now, is_digest=True, body="待办提醒")
    put(db, now, 2)
    adapters = {Channel.WECOM: delivery.WeCom(robot.url)}
    assert sending.deliver(db, now=now, adapters=adapters) == (5, 0)
    assert [text.count("\n") + 1 for text in robot.texts] == [20, 20, 5, 1, 2]
    assert robot.texts[3] == "待办提醒 45"
    assert all(len(text.encode()) <= 2048 for text in robot.texts)
    assert all(row["sent_at"] for row in rows(db))
    assert sending.deliver(db, now=now, adapters=adapters) == (0, 0)
    assert len(robot.seen) == 5


def test_long_lines_are_not_squeezed_into_one_message(db, robot, now):
    put(db, now, 6, body="长" * 250)
    sending.deliver(db, now=now, adapters={Channel.WECOM: delivery.WeCom(robot.url)})
    assert [text.count("\n") + 1 for text in robot.texts] == [2, 2, 2]


def test_each_channel_sends_its_own(db, robot, mail, now):
    put(db, now)
    put(db, now, channel=Channel.SMTP)
    put(db, now, channel=Channel.DINGTALK)  # not configured: it waits
    adapters = {
        Channel.WECOM: delivery.WeCom(robot.url),
        Channel.SMTP: delivery.Mail("127.0.0.1", mail.port, "q@test.cn", ("a@test.cn",)),
    }
    assert sending.deliver(db, now=now, adapters=adapters) == (2, 0)
    assert (len(robot.seen), len(mail.mails)) == (1, 1)
    assert [bool(row["sent_at"]) for row in rows(db)] == [True, True, False]


def test_nothing_leaves_before_its_time(db, robot, now):
    put(db, now, leaves_at=now + timedelta(hours=2))
    adapters = {Channel.WECOM: delivery.WeCom(robot.url)}
    assert sending.deliver(db, now=now, adapters=adapters) == (0, 0)
    assert sending.deliver(db, now=now + timedelta(hours=2), adapters=adapters) == (1, 0)


def test_it_is_tried_again_later_and_later_and_then_given_up(db, robot, now, page):
    robot.answers = [(503, "")]
    put(db, now)
    adapters = {Channel.WECOM: delivery.WeCom(robot.url)}
    minutes, at = [], now
    while not rows(db)[0]["failed_at"]:
        at = from_text(rows(db)[0]["next_try_at"])
        assert sending.deliver(db, now=at - timedelta(seconds=1), adapters=adapters) == (0, 0)
        assert sending.deliver(db, now=at, adapters=adapters) == (0, 1)
        minutes.append((at - now) // timedelta(minutes=1))
        assert rows(db)[0]["error"] == "HTTP 503"
    assert minutes == [0, 1, 6, 21, 81, 201, 441, 921]
    assert len(robot.seen) == 8
    # The office sees it and tries again.
    office = page("office")
    assert "1 条对外消息没有送达" in office.get("/notices/").read
    answer = office.get("/notices/deliveries")
    assert "未送达" in answer.read and "HTTP 503" in answer.read and "试了 8 次" in answer.read
    robot.answers = [(200, {"errcode": 0})]
    after = office.follow(office.send(answer.one("form[action$=/retry]")))
    assert "待发送" in after.read
    assert sending.deliver(db, now=at + timedelta(days=30), adapters=adapters) == (1, 0)
    assert "已送达" in office.get("/notices/deliveries").read
    office.post(f"/notices/deliveries/{rows(db)[0]['id']}/retry", status=404)


def test_what_no_waiting_mends_is_given_up_at_once(db, robot, now):
    robot.answers = [(200, {"errcode": 93000, "errmsg": "invalid webhook url"})]
    put(db, now, 3)
    assert sending.deliver(db, now=now, adapters={Channel.WECOM: delivery.WeCom(robot.url)}) == (0, 1)
    assert {(bool(row["failed_at"]), row["tries"]) for row in rows(db)} == {(True, 1)}
    assert "errcode 93000: invalid webhook url" in rows(db)[0]["error"]


def test_an_adapter_that_breaks_holds_up_nobody(db, robot, now):
    class Broken:
        def send(self, message, *, now):
            raise RuntimeError("oops")

    put(db, now)
    put(db, now, channel=Channel.SMTP)
    adapters = {Channel.WECOM: Broken(), Channel.SMTP: delivery.WeCom(robot.url)}
    assert sending.deliver(db, now=now, adapters=adapters) == (1, 1)
    assert rows(db)[0]["error"] == "RuntimeError" and not rows(db)[0]["failed_at"]


def test_many_senders_send_each_line_once(app, db, robot, now):
    put(db, now, 60)
    gate = threading.Barrier(6)
    outcomes = []

    def send():
        own = connect(app.config["DATABASE"])
        gate.wait()
        outcomes.append(sending.deliver(own, now=now, adapters={Channel.WECOM: delivery.WeCom(robot.url)}))
        own.conn.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = [line for text in robot.texts for line in text.splitlines()]
    assert len(lines) == len(set(lines)) == 60
    assert sum(sent for sent, _missed in outcomes) == len(robot.seen)
    assert {row["tries"] for row in rows(db)} == {1}


def test_what_a_dead_process_claimed_is_tried_again(db, robot, now):
    put(db, now)
    with transaction(db):
        deliveries.claim_deliveries(db, [rows(db)[0]["id"]], lease="of the dead", until=now + sending.LEASE)
    adapters = {Channel.WECOM: delivery.WeCom(robot.url)}
    assert sending.deliver(db, now=now + timedelta(minutes=9), adapters=adapters) == (0, 0)
    assert sending.deliver(db, now=now + timedelta(minutes=10), adapters=adapters) == (1, 0)


def test_only_the_office_sees_the_outbox(page):
    for role in ("officer", "handler", "dispatcher", "head", "auditor"):
        here = page(role)
        here.get("/notices/deliveries", status=403)
        here.post("/notices/deliveries/1/retry", status=403)
        assert not here.get("/notices/").has("a[href=/notices/deliveries]")
    assert "还没有开通" in page("office").get("/notices/deliveries").read


def test_quiet_hours_hold_lines_back_but_not_urgent_ones(db):
    issue = make.make_issue(db, status="in_progress")
    urgent = make.make_issue(db, status="in_progress", urgency="urgent", category_id=make.ROUTED)
    night = clock.now().astimezone(clock.LOCAL).replace(hour=22, minute=0, second=0)
    actions.catch_up(db, now=night, outgoing=actions.Outgoing())
    for each in (issue, urgent):
        make.move(db, each, "supervise")
    actions.catch_up(db, now=night, outgoing=actions.Outgoing(channels=(Channel.WECOM,)))
    waits = [from_text(row["next_try_at"]) - night for row in rows(db)]
    assert waits == [timedelta(hours=9, minutes=30), timedelta(0)]
