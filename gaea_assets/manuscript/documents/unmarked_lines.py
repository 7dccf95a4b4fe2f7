"""Lines that look like headings and were left as prose, for their author to judge."""

from gaea_assets.manuscript.documents.dates_and_numbers import is_date
from gaea_assets.manuscript.documents.line_shapes import is_heading_line, is_stopped_title, is_title_case
from gaea_assets.manuscript.documents.marking import isolated
from gaea_assets.manuscript.documents.other_numbers import set_off
from gaea_assets.manuscript.documents.pieces import Paragraph
from gaea_assets.manuscript.documents.repairs import Repair

MOST = 10


def left_unmarked(paragraphs: list[Paragraph], source: str) -> list[Repair]:
    """A remark on short lines alone that were not taken as headings; nothing where there are none."""
    found: dict[str, list[int]] = {}
    for index in isolated(paragraphs, _can_be_heading):
        found.setdefault(paragraphs[index].text, []).append(paragraphs[index].number)
    if not found:
        return []
    shown = ", ".join(
        f'"{text}" (line {lines[0]}{f", {len(lines)} times" if len(lines) > 1 else ""})'
        for text, lines in list(found.items())[:MOST]
    )
    more = f" and {len(found) - MOST} more" if len(found) > MOST else ""
    what = f"left as prose, though short and alone as headings are: {shown}{more}; put `# ` before each heading"
    return [Repair(source, next(iter(found.values()))[0], what)]


def _can_be_heading(paragraph: Paragraph) -> bool:
    text = paragraph.text
    if is_stopped_title(text):
        return text.isupper()  # "Silence." is a sentence
    if set_off(text):
        return True
    return (is_heading_line(text) and (is_title_case(text) or not text[0].isalpha())) or is_date(text)
