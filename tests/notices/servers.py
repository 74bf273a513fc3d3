"""Real servers on this machine that robots and mail are sent to, and that answer as told."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.serving import standing


@dataclass
class Robot:
    """A group robot. `answers` are given in turn, the last again and again: (status, body), or with headers too."""

    url: str = ""
    answers: list[tuple] = field(default_factory=lambda: [(200, {"errcode": 0, "errmsg": "ok"})])
    seen: list[tuple[str, dict]] = field(default_factory=list)  # path with query, body
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def texts(self) -> list[str]:
        """The texts posted so far."""
        return [body["text"]["content"] for _path, body in self.seen]


@contextmanager
def robot() -> Iterator[Robot]:
    """A robot on a port of its own."""
    held = Robot()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with held.lock:
                held.seen.append((self.path, body))
                status, answer, *headers = held.answers.pop(0) if len(held.answers) > 1 else held.answers[0]
            raw = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in (headers[0] if headers else {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    held.url = f"http://127.0.0.1:{server.server_port}/robot/send?access_token=secret-key"
    with standing(server):
        yield held


@dataclass
class MailServer:
    """A mail server. `replies` overrides what it says to a command, as {"RCPT": "550 no such person"}."""

    port: int = 0
    replies: dict[str, str] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[list[str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """As much of SMTP as it takes to hand over a mail."""
    held = MailServer()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

        def handle(self):
            self.say(held.replies.get("", "220 here"))
            to: list[str] = []
            while line := self.rfile.readline():
                command = line.decode().strip()
                held.said.append(command)
                word = command.split(":")[0].split(" ")[0].upper()
                if word in held.replies:
                    if held.replies[word] == "hang up":
                        return
                    self.say(held.replies[word])
                elif word == "EHLO":
                    self.say("250-here")
                    self.say("250 AUTH PLAIN")
                elif word == "AUTH":
                    self.say("235 welcome")
                elif word == "RCPT":
                    to.append(command.split(":", 1)[1])
                    self.say("250 ok")
                elif word == "DATA":
                    self.say("354 go on")
                    raw = b""
                    while (part := self.rfile.readline()) not in (b".\r\n", b""):
                        raw += part[1:] if part.startswith(b"..") else part
                    held.mails.append(message_from_bytes(raw, policy=policy.default))
                    held.envelopes.append(to)
                    self.say("250 taken")
                elif word == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    held.port = server.server_address[1]
    with standing(server):
        yield held
