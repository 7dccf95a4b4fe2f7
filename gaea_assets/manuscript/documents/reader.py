"""Any manuscript file of an author in one normal form.

The normal form: a blank line between paragraphs, italics as `*...*`, headings as `# ...` and scene breaks as `* * *`
in paragraphs of their own. Reading it again changes nothing.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import NamedTuple

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.documents.decoding import Repair, clean_characters, decode, line_of, places, replaced
from gaea_assets.manuscript.documents.markdown_text import markdown_lines, underscores_to_asterisks, without_bold
from gaea_assets.manuscript.documents.word_document import word_lines

SUFFIXES = (".txt", ".md", ".docx")
SCENE_BREAK = "* * *"

NOT_PROSE = re.compile(
    r"(?:read[ _-]?me|licen[cs]e|copying|change[ _-]?log|contributing|manifest)(?![a-z]).*"
    r"|(?:.*[\W_])?(?:meta[ _-]?data.*|backup|bak)|.*~",
    re.IGNORECASE,
)
BREAK_LINE = re.compile(r"(?:[*#~=_+\u00b7\u2022\u2042\u2014\u2013-][^\S\n]*+){3,}+|[#~\u2042\u2766]|\*[^\S\n]*+\*?")
MARKED_HEADING = re.compile(r"(#{1,6})[ \t]++(\S.*)")
UNDERLINE = re.compile(r"(=)=++|(-)--++")
ROMAN = "[IVXLCivxlc]{1,8}"
COUNTING = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen"
    "|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|first|second|third|fourth|fifth|sixth"
    "|seventh|eighth|ninth|tenth|eleventh|twelfth|last"
)
CHAPTER = re.compile(
    rf"(?:(?:chapter|part|book|volume|chapitre|kapitel|cap[i\u00ed]tulo|capitolo|hoofdstuk|\u0433\u043b\u0430\u0432\u0430)\s+"
    rf"(?:\d{{1,4}}|{ROMAN}|(?:the\s+)?(?:{COUNTING})(?:[\s-](?:{COUNTING}))?)"
    r"|prologue|epilogue|interlude|foreword|preface|afterword|the end)\b",
    re.IGNORECASE,
)
NUMERAL = re.compile(r"(?:\d{1,3}|[IVXLC]{1,8})\.?")
TITLE_LENGTH = 60
VERSE_LENGTH = 60
NARROWEST, WIDEST = 40, 160  # columns at which prose is hard-wrapped
WORD = re.compile(r"[^\W\d_]++(?:-[^\W\d_]++)*+")
HEAD_WORD = re.compile(r"[^\W\d_]+(?=-\Z)")
TAIL_WORD = re.compile(r"[^\W\d_]+")
ENDS = tuple(".!?\u2026:;\"'\u201d\u2019\u00bb\u203a)]")
OPENING = "\"'\u201c\u2018\u00ab\u201e"
CURLY, STRAIGHT = "\u201c\u201d\u2018\u2019", "\"'"
TO_STRAIGHT = str.maketrans({"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'"})
ELISION = re.compile(
    r"'(?:\d|(?:tis|twas|twere|twill|twould|em|til|till|cause|bout|round|n|neath|gainst)\b)", re.IGNORECASE
)
OPEN_DASH = re.compile(r"[^\s-](?:[\u2014\u2013]|--)\Z")  # ends a line without a space before it
HYPHENS = re.compile(r"(?<!-)-{2,3}(?!-)")
QUOTES = re.compile("[\"']")


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
        GaeaError: The file cannot be read, is of another kind, is damaged, or holds no words.
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
    source, repairs = path.name, list[Repair]()
    if suffix == ".docx":
        lines, numbers, repairs = word_lines(content, source)
    else:
        text, repairs = decode(content, source)
        lines = text.split("\n")
        numbers = list(range(1, len(lines) + 1))
        if suffix == ".md":
            lines, numbers, more = markdown_lines(text, source)
            repairs += more
    text, more = _normal_form(lines, numbers, source, bold_to_plain=suffix == ".md")
    if not re.search(r"\w", text):
        raise GaeaError(f"{path}: there is no text in it; remove the file or put the manuscript's text there")
    return Document(source, text, tuple(repairs + more))


def find_documents(folder: Path) -> list[Path]:
    """The manuscript's documents that lie in `folder` itself, chapter2 before chapter10; none: an empty list.

    Hidden files, Word's lock files, readme, licence, metadata and backup files are passed over, folders not entered.

    Raises:
        GaeaError: There is no such folder.
    """
    if not folder.is_dir():
        raise GaeaError(f"{folder}: no such folder; put the manuscript's .docx, .txt or .md files there")
    found = [path for path in folder.iterdir() if _is_document(path.name) and path.is_file()]
    return sorted(found, key=lambda path: _natural(path.name))


def _is_document(name: str) -> bool:
    stem, dot, suffix = name.rpartition(".")
    wanted = dot + suffix.lower() in SUFFIXES and not name.startswith((".", "~$"))
    return wanted and not NOT_PROSE.fullmatch(stem)


def _natural(name: str) -> tuple[list[tuple[int, str]], str]:
    parts = re.split(r"([0-9]+)", name.casefold())
    return [(int(part), "") if index % 2 else (-1, part) for index, part in enumerate(parts)], name


class _Tally:
    """Counts changes of each kind and keeps the line of the first."""

    def __init__(self) -> None:
        self.found: dict[str, list[int]] = {}

    def add(self, what: str, line: int, count: int = 1) -> None:
        entry = self.found.setdefault(what, [0, line])
        entry[0] += count
        entry[1] = min(entry[1], line)

    def repairs(self, source: str) -> list[Repair]:
        return [Repair(source, line, f"{what} in {places(count)}") for what, (count, line) in self.found.items()]


class _Line(NamedTuple):
    number: int
    text: str
    indented: bool


class _Block(NamedTuple):
    kind: str  # "prose", "break" or "heading"
    lines: list[_Line]
    gap: int  # blank lines before it


class _Paragraph(NamedTuple):
    kind: str
    number: int
    text: str
    gap: int  # blank lines before it


class _Layout(NamedTuple):
    width: int | None  # the column at which lines are broken, if they are
    indented: bool = False  # paragraphs begin with an indent
    apart: bool = False  # blank lines or indents set paragraphs apart


def _normal_form(
    lines: Sequence[str], numbers: Sequence[int], source: str, bold_to_plain: bool
) -> tuple[str, list[Repair]]:
    text, repairs = clean_characters("\n".join(lines), source)
    text, found = _one_kind_of_quotes(text, source)
    repairs += found
    repairs = [replace(repair, line=numbers[min(repair.line, len(numbers)) - 1]) for repair in repairs]
    tally = _Tally()
    blocks = list(_blocks(text, numbers, tally))
    paragraphs = _space_breaks(list(_paragraphs(blocks, text, tally)), tally)
    paragraphs = [_with_dashes(_with_emphasis(paragraph, bold_to_plain, tally), tally) for paragraph in paragraphs]
    paragraphs = _with_headings(paragraphs, tally)
    return "\n\n".join(paragraph.text for paragraph in paragraphs), repairs + tally.repairs(source)


# --- characters


def _with_dashes(paragraph: _Paragraph, tally: _Tally) -> _Paragraph:
    if paragraph.kind == "break" or "--" not in paragraph.text:
        return paragraph
    text = HYPHENS.sub(lambda match: "\u2014" if _is_dash(match) else match[0], paragraph.text)
    if text != paragraph.text:
        tally.add("-- made a dash", paragraph.number, text.count("\u2014") - paragraph.text.count("\u2014"))
    return paragraph._replace(text=text)


def _is_dash(match: re.Match[str]) -> bool:
    text, start, end = match.string, match.start(), match.end()
    before, after = text[max(start - 1, 0) : start], text[end : end + 1]
    if before in ("", "\n"):  # opens a line of speech
        following = text[end + 1 : end + 2] if after in (" ", "\t") else after
        return following.isalpha() or (following != "" and following in OPENING)
    if before.isspace():
        return after in ("", "\n") or after.isspace()
    if before.isdigit() and after.isdigit():
        return False
    return before not in "|+=" and after not in tuple("|+=>") and text[max(start - 2, 0) : start] != "<!"


def _one_kind_of_quotes(text: str, source: str) -> tuple[str, list[Repair]]:
    straight = sum(map(text.count, STRAIGHT))
    curly = sum(map(text.count, CURLY))
    if not straight or not curly or "\u201e" in text:  # German closes with what English opens with
        return text, []
    if straight >= curly:
        first = min(position for mark in CURLY if (position := text.find(mark)) >= 0)
        what = f"curly quotes made straight like the others in {places(curly)}"
        return text.translate(TO_STRAIGHT), [Repair(source, line_of(text, first), what)]
    return replaced(QUOTES, _curled, text, source, "straight quotes made curly like the others")


def _curled(match: re.Match[str]) -> str:
    text, start, end = match.string, match.start(), match.end()
    before = text[max(start - 4, 0) : start].rstrip("*_")[-1:]
    after = text[end : end + 4].lstrip("*_")[:1]
    opens = (
        before == ""
        or before.isspace()
        or before in "([{\"'\u201c\u2018"
        or (before in "\u2014\u2013-" and after.isalnum())
    )
    opens = opens and after != "" and not after.isspace()
    if match[0] == '"':
        return "\u201c" if opens else "\u201d"
    return "\u2018" if opens and not ELISION.match(text, start) else "\u2019"


# --- lines to paragraphs


def _blocks(text: str, numbers: Sequence[int], tally: _Tally) -> Iterator[_Block]:
    """The lines in groups: what stands between blank lines, each heading and each scene break."""
    group: list[_Line] = []
    blanks = gap = 0
    for index, raw in enumerate(text.split("\n")):
        number, line = numbers[min(index, len(numbers) - 1)], raw.strip()
        if line != raw:
            tally.add("spaces at the ends of lines left out", number)
        if not line:
            blanks += 1
            continue
        if blanks:
            if blanks > 1 or index == blanks:
                tally.add("blank lines left out", number - 1)
            if group:
                yield _Block("prose", group, gap)
            group, gap, blanks = [], blanks, 0
        if "\t" in line:
            tally.add("tabs made spaces", number)
            line = line.replace("\t", " ")
        kind = _kind(line)
        if kind == "prose" and not _is_chapter(line):
            group.append(_Line(number, line, raw[:1] == "\t" or raw[:2].isspace()))
            continue
        if (
            (match := UNDERLINE.fullmatch(line))
            and len(group) == 1
            and (gap or index == 1)
            and _is_title(group[0].text)
        ):
            line, kind, group = f"{'#' if match[1] else '##'} {group[0].text}", "heading", []
            tally.add("headings marked", number - 1)
        if group:
            yield _Block("prose", group, gap)
            gap = 0
        yield _Block(kind, [_Line(number, line, False)], gap)
        group, gap = [], 0
    if group:
        yield _Block("prose", group, gap)


def _kind(line: str) -> str:
    if not line[0].isalnum() and len(line) < 1000 and BREAK_LINE.fullmatch(line):
        return "break"
    if line[0] == "#" and (match := MARKED_HEADING.fullmatch(line)):
        return "heading" if re.search(r"[^\W_]", match[2]) else "break"
    return "prose"


def _paragraphs(blocks: list[_Block], text: str, tally: _Tally) -> Iterator[_Paragraph]:
    """The blocks' paragraphs, however the file marks them: by blank lines, indents, line ends or short last lines."""
    groups = _split_at_indents(blocks)
    layout = _layout([group for parts in groups for group in parts], indented=len(groups) < sum(map(len, groups)))
    words = cache(lambda: set(WORD.findall(text)))
    for block, parts in zip(blocks, groups, strict=True):
        gap = block.gap
        for group in parts:
            for lines, as_verse in _divided(group, layout):
                if as_verse:
                    joined = "\n".join(line.text for line in lines)
                elif len(lines) > 1:
                    joined = _joined(lines, words)
                    tally.add("hard-wrapped lines joined", lines[0].number, len(lines) - 1)
                else:
                    joined = lines[0].text
                yield _Paragraph(block.kind, lines[0].number, joined, gap)
                gap = 0


def _split_at_indents(blocks: list[_Block]) -> list[list[list[_Line]]]:
    """Each block's lines, divided where the file begins paragraphs by indenting."""
    indented = ended = 0
    for block in blocks:
        for line, following in pairwise(block.lines):
            indented += following.indented
            ended += following.indented and _ends(line.text)
    if not indented or ended < 0.8 * indented:
        return [[block.lines] for block in blocks]
    return [
        [block.lines]
        if len({line.indented for line in block.lines}) == 1 and _looks_like_verse(block.lines)
        else _divide(block.lines, lambda _, line: line.indented)
        for block in blocks
    ]


def _divide(lines: list[_Line], begins: Callable[[_Line, _Line], bool]) -> list[list[_Line]]:
    parts = [lines[:1]]
    for line, following in pairwise(lines):
        if begins(line, following):
            parts.append([following])
        else:
            parts[-1].append(following)
    return parts


def _layout(groups: list[list[_Line]], indented: bool) -> _Layout:
    broken = [group for group in groups if len(group) > 1 and not _looks_like_verse(group)]
    width = _wrap_width(broken)
    if width:
        lengths = [len(line.text) for group in groups for line in group]
        if sum(length > 1.25 * width for length in lengths) > 0.1 * len(lengths):
            width = None  # most of it is not; what is, its own lines tell
    return _Layout(width, indented, apart=sum(map(len, broken)) <= 12 * len(broken))


def _divided(group: list[_Line], layout: _Layout) -> list[tuple[list[_Line], bool]]:
    """Lines that make one paragraph each, and whether they stay lines."""
    if len(group) == 1:
        return [(group, False)]
    width = layout.width
    if _looks_like_verse(group) and not (width and all(_fits(a, b, width) for a, b in pairwise(group))):
        return [(group, True)]
    if not width:
        layout = _Layout(_wrap_width([group]))
    if not layout.width:
        return [([line], False) for line in group]
    return [(part, False) for part in _divide(group, lambda a, b: not _goes_on(a, b, layout))]


def _looks_like_verse(group: list[_Line]) -> bool:
    """Short lines, few of which end a sentence or go on in lower case: verse, an address, a notice."""
    if len(group) < 2 or any(_length(line.text) > VERSE_LENGTH for line in group):
        return False
    ended = sum(_ends(line.text) and line.text[-1] not in ":;" for line in group[:-1])
    lower = sum(_begins_lower(line.text) for line in group[1:])
    return ended <= 0.6 * (len(group) - 1) and lower <= 0.3 * (len(group) - 1)


def _wrap_width(groups: Sequence[list[_Line]]) -> int | None:
    """The column at which the lines were broken to fit, if they were.

    A line was broken there if the next line's first word would have gone beyond, and prose so broken mostly goes on in
    lower case.
    """
    pairs = [pair for group in groups for pair in pairwise(group)]
    if not pairs:
        return None
    lengths = sorted(len(line.text) for line, _ in pairs)
    width = lengths[int(0.9 * (len(lengths) - 1))]
    if not NARROWEST <= width <= WIDEST:
        return None
    full = [following.text for line, following in pairs if _fits(line, following, width)]
    cased = [text for text in full if text[0].isalpha()]
    if len(full) < 0.3 * len(pairs) or not cased or sum(map(_begins_lower, cased)) < 0.5 * len(cased):
        return None
    return width


def _fits(line: _Line, following: _Line, width: int) -> bool:
    """Whether the line was as full as it could be."""
    length = len(line.text)
    return length <= 1.25 * width and length + 1 + len(following.text[:WIDEST].split(" ", 1)[0]) > width


def _goes_on(line: _Line, following: _Line, layout: _Layout) -> bool:
    """Whether a paragraph goes on in the next line, in a file whose lines are broken at a width."""
    width = layout.width or 0
    if _fits(line, following, width) or _begins_lower(following.text):
        return True
    new_speech = not layout.indented and _ends(line.text) and following.text[0] in OPENING
    return layout.apart and 0.6 * width <= len(line.text) <= 1.25 * width and not new_speech


def _joined(lines: list[_Line], words: Callable[[], set[str]]) -> str:
    pieces = [lines[0].text]
    for line, following in pairwise(lines):
        before, after = line.text, following.text
        if before[-1] == "-" and before[-2:-1].isalpha() and after[0].isalpha():
            head, tail = HEAD_WORD.search(before[-40:]), TAIL_WORD.match(after)
            if head and tail and head[0] + tail[0] in words() and f"{head[0]}-{tail[0]}" not in words():
                pieces[-1] = pieces[-1][:-1]
        elif before[-1] not in "\u2014\u2013-" or not OPEN_DASH.search(before[-4:]):
            pieces.append(" ")
        pieces.append(after)
    return "".join(pieces)


def _space_breaks(paragraphs: list[_Paragraph], tally: _Tally) -> list[_Paragraph]:
    """A rare wider gap between paragraphs is a scene break.

    That is a blank line where a line end or an indent sets paragraphs apart, else more blank lines than elsewhere.
    """
    gaps = Counter(b.gap for a, b in pairwise(paragraphs) if a.kind == b.kind == "prose")
    usual = gaps.most_common(1)[0][0] if gaps else 0
    wider = sum(count for gap, count in gaps.items() if gap > usual)
    if gaps[usual] < 10 or 4 * wider > gaps[usual]:
        return paragraphs
    found = paragraphs[:1]
    for before, paragraph in pairwise(paragraphs):
        prose = before.kind == paragraph.kind == "prose" and not _is_title(paragraph.text) and _ends(before.text)
        if paragraph.gap > usual and prose and not _is_chapter(paragraph.text):
            tally.add("wider gaps made scene breaks", paragraph.number)
            found.append(_Paragraph("break", paragraph.number, SCENE_BREAK, 1))
        found.append(paragraph)
    return found


# --- marks within and around paragraphs


def _with_emphasis(paragraph: _Paragraph, bold_to_plain: bool, tally: _Tally) -> _Paragraph:
    text = paragraph.text
    if paragraph.kind == "prose" and bold_to_plain and (text := without_bold(text)) != paragraph.text:
        tally.add("bold made plain", paragraph.number)
    if paragraph.kind == "prose" and (new := underscores_to_asterisks(text)) != text:
        tally.add("_italics_ made *italics*", paragraph.number)
        text = new
    return paragraph._replace(text=text)


def _with_headings(paragraphs: list[_Paragraph], tally: _Tally) -> list[_Paragraph]:
    """The paragraphs with scene breaks in their one form and all headings marked."""
    found: list[_Paragraph] = []
    marked = 0
    for paragraph in paragraphs:
        kind = _kind(paragraph.text) if paragraph.kind == "prose" and "\n" not in paragraph.text else paragraph.kind
        text = paragraph.text
        if kind == "break":
            text = SCENE_BREAK
        elif kind == "heading" and (match := MARKED_HEADING.fullmatch(text)):
            text = f"{match[1]} {_bare(match[2])}"
            marked += 1
        if text != paragraph.text:
            tally.add("scene breaks made * * *" if kind == "break" else "headings made plain", paragraph.number)
        found.append(paragraph._replace(kind=kind, text=text))
    _mark_chapters(found, tally)
    if marked < 3:  # else the author marks them, and a line in capitals is a notice or a shout
        _mark_capitals(found, tally)
    return found


def _mark(paragraphs: list[_Paragraph], index: int, tally: _Tally) -> None:
    paragraph = paragraphs[index]
    tally.add("headings marked", paragraph.number)
    paragraphs[index] = paragraph._replace(kind="heading", text=f"# {_bare(paragraph.text)}")


def _mark_chapters(paragraphs: list[_Paragraph], tally: _Tally) -> None:
    """Marks `Chapter 7` and its like; three or more on end are a table of contents."""
    for chapters, run in _runs(paragraphs, lambda paragraph: paragraph.kind == "prose" and _is_chapter(paragraph.text)):
        if chapters and len(run) < 3:
            for index in run:
                _mark(paragraphs, index, tally)


def _mark_capitals(paragraphs: list[_Paragraph], tally: _Tally) -> None:
    """Marks short lines in capitals, and numbers, that stand between whole paragraphs."""

    def candidate(paragraph: _Paragraph) -> bool:
        capitals = (
            paragraph.text.isupper() and _is_title(paragraph.text) and len(re.findall(r"[^\W\d_]", paragraph.text)) > 1
        )
        return paragraph.kind == "prose" and (capitals or bool(NUMERAL.fullmatch(paragraph.text)))

    for candidates, run in _runs(paragraphs, candidate):
        numerals = sum(bool(NUMERAL.fullmatch(paragraphs[index].text)) for index in run)
        if not candidates or len(run) > 3 or numerals > 1 or run[-1] + 1 == len(paragraphs):
            continue
        before, after = paragraphs[run[0] - 1] if run[0] else None, paragraphs[run[-1] + 1]
        whole = before is None or before.kind != "prose" or (_ends(before.text) and _plain(before.text)[-1] != ":")
        if whole and not _begins_lower(after.text):
            for index in run:
                _mark(paragraphs, index, tally)


def _runs(paragraphs: list[_Paragraph], key: Callable[[_Paragraph], bool]) -> list[tuple[bool, list[int]]]:
    return [(value, list(run)) for value, run in groupby(range(len(paragraphs)), lambda index: key(paragraphs[index]))]


def _is_chapter(text: str) -> bool:
    """`Chapter 7`, `PART TWO`, `Prologue`: alone, or with a title behind."""
    if len(text) > 2 * TITLE_LENGTH or "\n" in text:
        return False
    line = text.strip("*_")
    if not line[:1].isupper() or not (match := CHAPTER.match(line)):
        return False
    rest = line[match.end() :].strip()
    title = rest.lstrip(".:\u2014\u2013- ")
    if not title or line.isupper():
        return True
    return title != rest and len(title) <= TITLE_LENGTH and title[-1] not in ".,;" and not _begins_lower(title)


def _is_title(text: str) -> bool:
    """Short, in one line, and neither speech nor a sentence."""
    plain = _plain(text[: 2 * TITLE_LENGTH + 1])
    return (
        0 < len(plain) <= TITLE_LENGTH
        and "\n" not in text
        and plain[0].isalnum()
        and not plain[0].islower()
        and not plain.endswith((*ENDS, ",", "\u2014", "-"))
        and len(plain.split()) <= 10
    )


def _bare(title: str) -> str:
    """A title without marks of its own."""
    shorter = title.rstrip("#")
    if shorter != title and shorter[-1:].isspace():
        title = shorter.rstrip()
    title = underscores_to_asterisks(without_bold(title))
    if title.count("*") == 2 and title[0] == title[-1] == "*":
        title = title[1:-1].strip()
    return title


def _length(text: str) -> int:
    return len(text) - text.count("*") - text.count("_")


def _plain(text: str) -> str:
    return text.replace("*", "").replace("_", "")


def _ends(text: str) -> bool:
    return text.rstrip("*_").endswith(ENDS)


def _begins_lower(text: str) -> bool:
    return text.lstrip("*_")[:1].islower()
