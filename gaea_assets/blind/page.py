"""The page: one pair after another to each reader, and nothing that tells which side is which."""

import base64
import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader
from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from gaea_assets.blind.files import ReadingFiles
from gaea_assets.blind.order import order
from gaea_assets.blind.plan import Plan
from gaea_assets.blind.requests import Answers, RequestError, read_answers, require_own_origin
from gaea_assets.blind.sample import take_sample
from gaea_assets.blind.votes import LONGEST_NOTE, cast, read_votes, reader_name, save
from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.paragraphs import paragraphs

HOSTS = ["127.0.0.1", "localhost"]
"""Under another name the page is not served: a site whose name has been bound anew to 127.0.0.1 reads nothing."""
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
_SCRIPT = (Path(__file__).parent / "templates" / "pair.js").read_text("utf-8")
_SCRIPT_HASH = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; script-src 'sha256-{_SCRIPT_HASH}'; style-src 'unsafe-inline'; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # `no-referrer` would make browsers send `Origin: null` with the form.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_EMPHASIS = MarkdownIt("zero").enable("emphasis")


class BlindPage:
    """The page of one reading, for any number of readers."""

    def __init__(self, plan: Plan, files: ReadingFiles, votes: int, reader: str | None = None) -> None:
        """Serve a reading.

        Args:
            plan: What is shown.
            files: Where votes go.
            votes: How many are wanted; then the reading is over.
            reader: Whose reading the address without a name leads to.
        """
        self._plan = plan
        self._files = files
        self._votes = votes
        self._reader = reader

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/", self._start),
                Route("/readers/{reader}", self._next, methods=["GET"]),
                Route("/readers/{reader}", self._vote, methods=["POST"]),
            ],
            middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False)],
            exception_handlers={
                RequestError: self._refused,
                GaeaError: self._fault,
                404: self._nothing_here,
                405: self._nothing_here,
            },
        )

    def _start(self, request: Request) -> Response:
        """Ask for the reader's name."""
        name = request.query_params.get("reader", self._reader or "")  # `/?reader=`: another one
        if not name.strip():
            return _page("start.html.j2", voice=self._plan.voice)
        return _to_reader(_reader(name))

    def _next(self, request: Request) -> Response:
        """The first item that the reader has not judged."""
        reader = _reader(request.path_params["reader"])
        votes = read_votes(self._files.votes, self._plan).votes
        missing = take_sample(self._plan, votes, self._votes).missing
        judged = {vote.item for vote in votes if vote.reader == reader}
        items = order(self._plan, reader)
        left = [item for item in items if item not in judged]
        common: dict[str, Any] = {
            "voice": self._plan.voice,
            "reader": reader,
            "judged": len(judged),
            "items": len(items),
        }
        if not missing or not left:
            return _page("done.html.j2", **common, missing=missing)
        pair, text_a, text_b = self._plan.shown(left[0])
        return _page(
            "pair.html.j2",
            **common,
            language=self._plan.language,
            item=left[0],
            excerpt=_prose(self._plan.excerpts[pair.excerpt]),
            prompt=_prose(pair.prompt),
            texts={"A": _prose(text_a), "B": _prose(text_b)},
            longest_note=LONGEST_NOTE,
            kept=request.query_params.get("kept") == "first",
        )

    async def _vote(self, request: Request) -> Response:
        """Save the answers; they are on the disk before the browser is sent on."""
        require_own_origin(request)
        reader = _reader(request.path_params["reader"])
        answers = await read_answers(request)
        changed = await run_in_threadpool(self._save, reader, answers)
        return _to_reader(reader, "?kept=first" if changed else "")

    def _save(self, reader: str, answers: Answers) -> bool:
        """Keep the answers.

        Returns:
            Whether the item had been judged otherwise before, which stands.
        """
        votes = read_votes(self._files.votes, self._plan).votes
        before = {v.item: v for v in votes if v.reader == reader}
        if answers.item not in before and not take_sample(self._plan, votes, self._votes).missing:
            raise RequestError(409, "the reading is closed: all votes are in, and this one came after them")
        items = order(self._plan, reader)
        up = next((item for item in items if item not in before), None)
        if answers.item != up and answers.item not in before:
            raise RequestError(409, "this pair is not the one that is up; read on from the page")
        vote = cast(self._plan, reader, answers.item, answers.closer, answers.better, answers.note)
        if save(vote, self._files.votes, self._plan):
            return False
        old = next(
            v for v in read_votes(self._files.votes, self._plan).votes if (v.reader, v.item) == (reader, answers.item)
        )
        return (old.closer, old.better, old.note) != (vote.closer, vote.better, vote.note)

    async def _refused(self, _: Request, refused: Exception) -> Response:
        assert isinstance(refused, RequestError)  # noqa: S101 - what it is registered for
        return _page("refused.html.j2", status=refused.status, why=refused.why, voice=self._plan.voice)

    async def _fault(self, _: Request, fault: Exception) -> Response:
        return _page("refused.html.j2", status=500, why=str(fault), voice=self._plan.voice)

    async def _nothing_here(self, _: Request, fault: Exception) -> Response:
        status = getattr(fault, "status_code", 404)
        return _page("refused.html.j2", status=status, why="there is no such page", voice=self._plan.voice)


def _reader(text: str) -> str:
    try:
        return reader_name(text)
    except GaeaError as fault:
        raise RequestError(400, str(fault)) from None


def _to_reader(reader: str, query: str = "") -> Response:
    return RedirectResponse(f"/readers/{quote(reader, safe='')}{query}", status_code=303)


def _prose(text: str) -> list[Markup]:
    """Paragraphs as HTML: `*so*` in italics, everything else as it stands."""
    return [Markup(_EMPHASIS.renderInline(part.text.strip())) for part in paragraphs(text)]  # noqa: S704 - escaped there


def _page(template: str, status: int = 200, **values: Any) -> Response:
    content = _ENVIRONMENT.get_template(template).render(values, status=status, script=Markup(_SCRIPT))  # noqa: S704
    return HTMLResponse(content, status, HEADERS)
