"""Lines of prose in normal form.

A blank line between paragraphs, italics as `*...*`, headings as `# ...` and scene breaks as `* * *` in paragraphs of
their own.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from gaea_assets.manuscript.documents.blocks import blocks_of
from gaea_assets.manuscript.documents.breaks import space_breaks, with_headings, with_ornament
from gaea_assets.manuscript.documents.chapter_headings import with_bold_headings
from gaea_assets.manuscript.documents.cleaning import clean_characters
from gaea_assets.manuscript.documents.emphasis import with_emphasis
from gaea_assets.manuscript.documents.line_joining import across_pages, paragraphs_of
from gaea_assets.manuscript.documents.punctuation import one_kind_of_quotes, with_dashes
from gaea_assets.manuscript.documents.repairs import Repair, Tally


def normal_form(
    lines: Sequence[str], numbers: Sequence[int], source: str, bold_to_plain: bool, turned: Collection[int] = ()
) -> tuple[str, list[Repair]]:
    """The text of a document in normal form, and what was changed on the way from its lines.

    Args:
        lines: Plain text, but for marks of headings, scene breaks and emphasis.
        numbers: The number of each line in the file.
        source: Name of the file.
        bold_to_plain: Whether `**` stands for bold; in a .txt or a .docx it may mean anything.
        turned: Numbers of the lines that stand first on a page.
    """
    text, repairs = clean_characters("\n".join(lines), source)
    text, found = one_kind_of_quotes(text, source)
    repairs += found
    repairs = [replace(repair, line=numbers[min(repair.line, len(numbers)) - 1]) for repair in repairs]
    tally = Tally()
    blocks = list(blocks_of(text, numbers, tally))
    paragraphs = [with_ornament(paragraph) for paragraph in paragraphs_of(blocks, text, tally)]
    if turned:
        paragraphs = across_pages(paragraphs, turned, text, tally)
    paragraphs = space_breaks(paragraphs, tally)
    if bold_to_plain:
        paragraphs = with_bold_headings(paragraphs, tally)
    paragraphs = [with_dashes(with_emphasis(paragraph, bold_to_plain, tally), tally) for paragraph in paragraphs]
    paragraphs = with_headings(paragraphs, tally)
    return "\n\n".join(paragraph.text for paragraph in paragraphs), repairs + tally.repairs(source)
