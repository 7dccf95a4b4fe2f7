"""What the page takes from a browser; everything else is refused before it touches the data."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from gaea_assets.blind.votes import ANSWERS, LONGEST_NOTE

FIELDS = {"item", "closer", "better", "note"}
MOST_BYTES = 32 * 1024
"""A note of the longest kind, four bytes a character and each byte written as `%XX`, fits in."""
FORM = "application/x-www-form-urlencoded"


class RequestError(Exception):
    """A request that the page does not take: HTTP status, and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


@dataclass(frozen=True)
class Answers:
    """What a reader sent on one item."""

    item: str
    closer: str
    better: str
    note: str


def require_own_origin(request: Request) -> None:
    """Refuse what another site's page sends from the reader's browser.

    Raises:
        RequestError: The `Origin` header is missing, not this page's own, or there are several.
    """
    if request.headers.getlist("origin") != [f"http://{request.headers.get('host')}"]:
        raise RequestError(403, "votes are taken from this page only")


async def read_answers(request: Request) -> Answers:
    """The answers in a form that was sent.

    Raises:
        RequestError: It is not such a form.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise RequestError(415, "a form is wanted")
    body = await _body(request)
    try:
        sent = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=8
        )
    except ValueError:  # UnicodeDecodeError is one
        raise RequestError(400, "the form is not readable") from None
    fields = dict(sent)
    if fields.keys() != FIELDS or len(sent) != len(FIELDS):
        raise RequestError(400, "the form has other fields than the page's")
    note = fields["note"].replace("\r\n", "\n").strip()
    if len(note) > LONGEST_NOTE:
        raise RequestError(413, f"the note is too long; {LONGEST_NOTE} characters are kept")
    if not {fields["closer"], fields["better"]} <= set(ANSWERS):
        raise RequestError(400, "both questions want an answer: A, B or equal")
    if any(not (char.isprintable() or char in "\n\t") for char in note if ord(char) < 0xA0):
        raise RequestError(400, "the note holds control characters")
    return Answers(fields["item"], fields["closer"], fields["better"], note)


async def _body(request: Request) -> bytearray:
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > MOST_BYTES:
                raise RequestError(413, f"the note is too long; {LONGEST_NOTE} characters are kept")
    except ClientDisconnect:  # nobody is there to be answered
        raise RequestError(400, "the connection was lost before the whole form had come") from None
    return body
