"""The server that a released model runs on: it is found and asked, so that the model is measured as it is served."""

import json
import os
import urllib.request
from http.client import HTTPException
from pathlib import Path

from gaea_assets.serving.api_key import VARIABLE
from gaea_assets.serving.generator import ModelPlace
from gaea_assets.serving.vllm_server import address

TIMEOUT = 5.0
"""Seconds; a server that lists its models so slowly cannot be measured either."""


def live_server(place: ModelPlace, host: str) -> str | None:
    """Address of the server on the place's port that serves its released folder under its name, or None.

    Name and folder both: the port may be held by another model, or by an earlier one of the same voice.

    Args:
        place: The model.
        host: IP address that the server listens on.
    """
    if place.released is None:
        return None
    url = address(host, place.port)
    root = _models(url).get(place.name)
    return url if root and Path(root).resolve() == place.released.resolve() else None


def _models(url: str) -> dict[str, str]:
    """Folder of each model that a server lists, by name; empty where none answers as vLLM does."""
    request = urllib.request.Request(f"{url}/v1/models")  # noqa: S310 - http, as `address` makes it
    if key := _key():
        request.add_header("Authorization", f"Bearer {key}")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            listed = json.load(answer)
        return {str(model["id"]): str(model.get("root") or "") for model in listed["data"]}
    except (OSError, HTTPException, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _key() -> str:
    return os.environ.get(VARIABLE, "")
