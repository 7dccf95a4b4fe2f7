"""The key that a served model asks for, or, where there is none, the name that it is asked under.

vLLM's own `--api-key` covers the paths under /v1 and leaves others open that generate text too, such as /invocations
(0.32); `RequireKey` covers all but /health. Without a key the server listens on a loopback address only, which any page
in the user's browser reaches under a name of its own that has been bound anew to it (DNS rebinding): `RequireOwnName`
refuses such names. One of the two is loaded into the server by `--middleware`.
"""

import os
import secrets
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, BaseUser, SimpleUser
from starlette.datastructures import Headers
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

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


class RequireOwnName:
    """Refuses every request that names this machine by anything but an address or `localhost`.

    Starlette's TrustedHostMiddleware wants the addresses beforehand, and cuts an IPv6 address at its first colon.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with 400."""
        if scope["type"] in ("http", "websocket") and not _is_own(Headers(scope=scope).get("host", "")):
            fault = {"message": "ask for an address or localhost", "type": "BadRequestError", "code": 400}
            await JSONResponse({"error": fault}, 400)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _is_own(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or bool(ip_address(name))
    except ValueError:
        return False
