"""Any manuscript file of an author in one normal form (`normal_form`).

Reading that again changes nothing, but for what only a .docx or a .md can say: that a line ends within prose, that a
mark is meant as it stands.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.documents.decoding import decode
from gaea_assets.manuscript.documents.markdown_text import markdown_lines
from gaea_assets.manuscript.documents.name_order import in_order
from gaea_assets.manuscript.documents.normal_form import normal_form
from gaea_assets.manuscript.documents.page_furniture import without_page_furniture
from gaea_assets.manuscript.documents.pieces import Source
from gaea_assets.manuscript.documents.repairs import Repair
from gaea_assets.manuscript.documents.word_document import word_lines

SUFFIXES = (".txt", ".md", ".docx")
NOT_PROSE = re.compile(
    r"(?:read[ _-]?me|licen[cs]e|copying|change[ _-]?log|contributing|manifest)(?:[._-]\w+)*"
    r"|(?:.*[\W_])?(?:meta[ _-]?data.*|backup|bak)|.*~",
    re.IGNORECASE,
)
LONGEST_WORD = 100_000
NO_WORD = re.compile(rf"(?<!\w)\w{{{LONGEST_WORD}}}\w")


@dataclass(frozen=True)
class Document:
    """A manuscript file in normal form."""

    source: str
    """Name of the file."""
    text: str
    """Its prose in normal form, without a line end behind the last line."""
    repairs: tuple[Repair, ...]
    """Whatever was changed on the way there."""


def read_document(path: Path) -> Document:
    """The prose of a `.txt`, `.md` or `.docx` file in normal form; the file is never written to.

    Raises:
        GaeaError: The file cannot be read, is of another kind, is damaged, or holds no words or no language's.
    """
    if not path.is_file():
        raise GaeaError(f"{path}: no such file; name the manuscript's .docx, .txt or .md file")
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise GaeaError(f"{path}: cannot read {suffix or 'a file without a suffix'}; save it as .docx, .txt or .md")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise GaeaError(f"{path}: cannot be read ({error.strerror}); check its place and its permissions") from None
    found = _lines_of(content, path.name, suffix)
    text, repairs = normal_form(found, path.name)
    if not re.search(r"\w", text):
        raise GaeaError(f"{path}: there is no text in it; remove the file or put the manuscript's text there")
    if match := next(
        filter(None, (NO_WORD.search(line) for line in text.split("\n") if len(line) > LONGEST_WORD)), None
    ):
        shown = f"a word of more than {LONGEST_WORD:,} letters ({match[0][:20]}...)"
        raise GaeaError(f"{path}: holds {shown}, which is no prose; take it out, or put the manuscript's text there")
    return Document(path.name, text, tuple(found.repairs + repairs))


def _lines_of(content: bytes, source: str, suffix: str) -> Source:
    if suffix == ".docx":
        return word_lines(content, source)
    text, repairs = decode(content, source)
    if suffix == ".md":
        found = markdown_lines(text, source)
    else:
        lines = text.split("\n")
        found = without_page_furniture(lines, range(1, len(lines) + 1), source)
    return found._replace(repairs=repairs + found.repairs)


def find_documents(folder: Path) -> list[Path]:
    """The manuscript's documents that lie in `folder` itself, in the order of their names; none: an empty list.

    Hidden files, Word's lock files, readme, licence, metadata and backup files are passed over, folders not entered.

    Raises:
        GaeaError: There is no such folder.
    """
    if not folder.is_dir():
        raise GaeaError(f"{folder}: no such folder; put the manuscript's .docx, .txt or .md files there")
    names = (path.name for path in folder.iterdir() if _is_document(path.name) and path.is_file())
    return [folder / name for name in in_order(names)]


def _is_document(name: str) -> bool:
    stem, dot, suffix = name.rpartition(".")
    wanted = dot + suffix.lower() in SUFFIXES and not name.startswith((".", "~$"))
    return wanted and not NOT_PROSE.fullmatch(stem)
