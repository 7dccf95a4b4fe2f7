"""Lines to blocks: what stands between blank lines, each heading and each scene break."""

import re
from collections.abc import Iterator, Sequence

from gaea_assets.manuscript.documents.line_shapes import is_chapter, is_prose, is_title, kind_of
from gaea_assets.manuscript.documents.marking import PROSE_AS_HEADING, opening
from gaea_assets.manuscript.documents.pieces import LINE_KEPT, Block, Line
from gaea_assets.manuscript.documents.repairs import Tally
from gaea_assets.manuscript.documents.underlines import underlines

DOUBLE = re.compile("={2,}")


def blocks_of(text: str, numbers: Sequence[int], tally: Tally) -> Iterator[Block]:
    """The lines in groups: what stands between blank lines, each heading and each scene break."""
    group: list[Line] = []
    blanks = gap = 0
    rows = text.split("\n")
    single = underlines([row.strip() for row in rows])
    for index, raw in enumerate(rows):
        number, line = numbers[min(index, len(numbers) - 1)], raw.strip()
        if kept := line.endswith(LINE_KEPT):
            raw = raw.rstrip().removesuffix(LINE_KEPT)
            line = raw.strip()
        if line != raw:
            tally.add("spaces at the ends of lines left out", number)
        if not line:
            blanks += 1
            continue
        if blanks:
            if blanks > 1 or index == blanks:
                tally.add("blank lines left out", number - 1)
            if group:
                yield Block("prose", group, gap)
            group, gap, blanks = [], blanks, 0
        if "\t" in line:
            tally.add("tabs made spaces", number)
            line = line.replace("\t", " ")
        kind = kind_of(line)
        if kind == "heading" and is_prose(title := line.lstrip("#").lstrip()):
            tally.add(PROSE_AS_HEADING, number, shown=opening(title), warning=True)
            kind, line = "prose", title
        underlined = index + 1 in single or (index + 1 < len(rows) and DOUBLE.fullmatch(rows[index + 1].strip()))
        if kind == "prose" and (underlined or not is_chapter(line)):
            group.append(Line(number, line, _indent(raw), kept))
            continue
        double = DOUBLE.fullmatch(line) and len(group) == 1 and (gap or index == 1) and is_title(group[0].text)
        if group and (double or index in single):
            line, kind, group = f"{'#' if double else '##'} {group[0].text}", "heading", []
            tally.add("underlined lines made headings", number - 1, shown=line.lstrip("# "))
        elif group and line[:3] == "---":
            tally.add("`---` right below a line made a scene break", number, shown=opening(group[-1].text))
        if group:
            yield Block("prose", group, gap)
            gap = 0
        yield Block(kind, [Line(number, line)], gap)
        group, gap = [], 0
    if group:
        yield Block("prose", group, gap)


def _indent(line: str) -> int:
    return len(line[: len(line) - len(line.lstrip())].expandtabs())
