"""One message to one webhook, within a time limit, and never its address in a log: who knows it can write there."""

import json
import queue
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from gaea_assets.serving.nearby import is_nearby

SECONDS = 10.0
"""From the look-up of the host's name to the answer's status."""
NOT_THIS_MESSAGE = (408, 425, 429)
"""Refusals that say nothing of the message: later, it may be taken as it is."""


class Undelivered(Exception):  # noqa: N818 - an outcome, not a fault of ours
    """A message that was not taken, and why.

    Args:
        reason: One line, without the address.
        refused: Whether this message was refused by a webhook that works, so that others may be taken.
    """

    def __init__(self, reason: str, *, refused: bool = False) -> None:
        super().__init__(reason)
        self.refused = refused


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST becomes a GET without the message, which the other side answers with 200."""

    def redirect_request(self, *_: Any) -> None:
        """Follow none."""
        return


def fault_of(url: str) -> str | None:
    """Why an address is no webhook's, without repeating it; None where it is one."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return "not an address; http://... or https://... is wanted"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "not an address; http://... or https://... is wanted"
    if not url.isascii() or any(mark.isspace() or not mark.isprintable() for mark in url):
        return "the address holds a blank or a mark that is not ASCII; write it percent-encoded"
    if parts.username is not None:
        return "user:password@ in the address is not supported; put the secret into its path or query"
    return None


def shown(url: str) -> str:
    """An address as it may stand in a log: scheme and host."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}/..."


def post(url: str, message: Mapping[str, Any], seconds: float = SECONDS) -> None:
    """Send a message as JSON; return when a status from 200 to 299 has come.

    Args:
        url: An address that `fault_of` finds no fault in.
        message: Its `id` is sent as the header `Idempotency-Key` too, what no header holds percent-encoded.
        seconds: Limit for all of it. The limit of a socket alone starts anew with each byte that drips in.

    Raises:
        Undelivered: Another status, no answer in time, or no connection.
    """
    request = urllib.request.Request(  # noqa: S310 - `fault_of` lets only http and https pass
        url,
        json.dumps(message).encode(),
        {
            "Content-Type": "application/json",
            "Idempotency-Key": quote(str(message["id"]), safe=" :+/"),
            "User-Agent": "gaea",
        },
    )
    outcome: queue.SimpleQueue[Undelivered | None] = queue.SimpleQueue()
    threading.Thread(target=lambda: outcome.put(_send(request, seconds)), daemon=True).start()
    try:
        fault = outcome.get(timeout=seconds)
    except queue.Empty:
        fault = Undelivered(f"no answer within {seconds:g} s")
    if fault is not None:
        raise fault


def _send(request: urllib.request.Request, seconds: float) -> Undelivered | None:
    try:
        proxy = urllib.request.ProxyHandler({} if is_nearby(request.full_url) else None)
        with urllib.request.build_opener(_NoRedirect, proxy).open(request, timeout=seconds):
            return None
    except urllib.error.HTTPError as error:
        error.close()
        refused = 400 <= error.code < 500 and error.code not in NOT_THIS_MESSAGE
        return Undelivered(f"it answered {error.code}", refused=refused)
    except urllib.error.URLError as error:
        return Undelivered(f"no connection ({error.reason})")
    except Exception as error:  # whatever it is, it must reach the one who waits; its words may hold the address
        return Undelivered(f"no connection ({type(error).__name__})")
