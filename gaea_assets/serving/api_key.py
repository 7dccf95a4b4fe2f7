"""The key that a served model asks for.

vLLM's own `--api-key` covers the paths under /v1 and leaves others open that generate text too, such as /invocations
(0.32); `RequireKey` covers all but /health. It is loaded into the server by `--middleware`.
"""

import os
import secrets
from ipaddress import ip_address

from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, BaseUser, SimpleUser
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from gaea_assets.errors import GaeaError

VARIABLE = "GAEA_API_KEY"
OPEN = "/health"
"""Says only whether the server is well."""


def api_key(host: str) -> str | None:
    """The key from the environment, which every request must carry; None where none is set and none is needed.

    Args:
        host: IP address that the server is to listen on.

    Raises:
        GaeaError: The address is reached from other machines and there is no key, or the key cannot be sent.
    """
    key = os.environ.get(VARIABLE, "")
    if not key and not ip_address(host).is_loopback:
        raise GaeaError(
            f"serving.host: {host} is reached from other machines, and no key is set: export {VARIABLE}=... (any long "
            f"secret), or leave host out"
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise GaeaError(f"{VARIABLE}: a key is sent in a header: use ASCII letters, digits and signs without spaces")
    return key or None


class _Key(AuthenticationBackend):
    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        if conn.scope["path"] == OPEN:  # conn.url is built from the Host header, which the caller chooses
            return None
        scheme, _, given = conn.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secrets.compare_digest(given.encode(), os.environ[VARIABLE].encode()):
            raise AuthenticationError("the API key is missing or wrong")
        return AuthCredentials(), SimpleUser("holder of the key")


def _refuse(_: HTTPConnection, fault: Exception) -> Response:
    return JSONResponse({"error": {"message": str(fault), "type": "AuthenticationError", "code": 401}}, 401)


class RequireKey(AuthenticationMiddleware):
    """Refuses every request without the key of the environment, but for /health."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, backend=_Key(), on_error=_refuse)
