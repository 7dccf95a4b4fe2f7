"""Servers on this machine: they are asked directly, whatever proxy the environment names.

A proxy would look for `127.0.0.1` on its own machine, and see the key.
"""

import http.client
import json
import urllib.request
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import psutil

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get(url: str, timeout: float, key: str | None = None) -> http.client.HTTPResponse:
    """The answer of a server on this machine to a GET request.

    Args:
        url: With `http://`.
        timeout: Seconds to wait for each part of the answer.
        key: The server's API key.

    Raises:
        urllib.error.HTTPError: The server refuses it.
        OSError: Nothing answers there.
        http.client.HTTPException: What answers is no HTTP server.
    """
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer: http.client.HTTPResponse = _DIRECT.open(urllib.request.Request(url, headers=headers), timeout=timeout)  # noqa: S310 - http, by ServerState.url
    return answer


def models(url: str, key: str | None) -> list[dict[str, Any]]:
    """What a model server on this machine says of its models, to who has its key.

    Args:
        url: With `/v1`.
        key: The server's API key.

    Raises:
        urllib.error.HTTPError: The server refuses it.
        OSError: Nothing answers there.
        http.client.HTTPException: What answers is no HTTP server.
        ValueError: What it says is no list of models, or no header can hold the key.
    """
    with get(f"{url}/models", 60, key) as answer:
        told = json.load(answer)
    found = told.get("data") if isinstance(told, dict) else None
    if not isinstance(found, list) or not all(isinstance(model, dict) for model in found):
        raise ValueError("no list of models")
    return found


def is_nearby(url: str) -> bool:
    """Whether an address is one of this machine's own."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    own = {found.address for interface in psutil.net_if_addrs().values() for found in interface}
    return address.is_loopback or str(address) in own
