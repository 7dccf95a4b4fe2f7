"""Webhooks on the loopback interface that take messages, or do not."""

import time
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar
from urllib.parse import unquote

from gaea_assets_tests.serving.servers import Quiet

SECRET = "T0/B0/do-not-tell"


class Hook(Quiet):
    """Takes each message."""

    seen: ClassVar[list[dict[str, Any]]] = []
    status: ClassVar[int] = 200

    def do_POST(self) -> None:  # noqa: N802 - named by http.server
        message = self.read_request()
        assert self.headers["Content-Type"] == "application/json"
        assert unquote(self.headers["Idempotency-Key"]) == message["id"]
        self.seen.append(message)
        self.answer(self.status, {})


def hook(status: int = 200) -> type[Hook]:
    """A webhook of its own that answers with a status."""
    return type("OneHook", (Hook,), {"seen": [], "status": status})


class Elsewhere(BaseHTTPRequestHandler):
    """Redirects a POST to a page that answers 200 to anything."""

    def do_POST(self) -> None:
        self.send_response(302)
        self.send_header("Location", "/welcome")
        self.end_headers()

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


class Dripping(BaseHTTPRequestHandler):
    """Sends a byte of its answer now and then, and never the last."""

    def do_POST(self) -> None:
        try:
            while True:
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            return

    def log_message(self, *_: object) -> None: ...


class Endless(BaseHTTPRequestHandler):
    """Accepts, and then sends without end."""

    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 65_536)
        except OSError:
            return

    def log_message(self, *_: object) -> None: ...


def message(number: int, voice: str = "pocket") -> dict[str, Any]:
    """A message as an alarm makes it."""
    return {"id": f"{number:012d}-run", "voice": voice, "text": f"alarm {number}"}
