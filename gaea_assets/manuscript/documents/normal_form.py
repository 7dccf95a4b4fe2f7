"""Lines of prose in normal form.

A blank line between paragraphs, italics as `*...*`, headings as `# ...` and scene breaks as `* * *` in paragraphs of
their own.
"""

from dataclasses import replace

from gaea_assets.manuscript.documents.blocks import blocks_of
from gaea_assets.manuscript.documents.breaks import with_crosses, with_headings, with_ornament
from gaea_assets.manuscript.documents.chapter_headings import with_displayed_headings
from gaea_assets.manuscript.documents.cleaning import clean_characters
from gaea_assets.manuscript.documents.emphasis import with_emphasis, with_literal_marks
from gaea_assets.manuscript.documents.line_joining import across_pages, paragraphs_of
from gaea_assets.manuscript.documents.picture_ornaments import with_picture_ornaments
from gaea_assets.manuscript.documents.pieces import Source
from gaea_assets.manuscript.documents.punctuation import one_kind_of_quotes, with_dashes
from gaea_assets.manuscript.documents.repairs import Repair, Tally
from gaea_assets.manuscript.documents.spacing import single_spaced
from gaea_assets.manuscript.documents.unmarked_lines import left_unmarked
from gaea_assets.manuscript.documents.wide_gaps import breaks_above_titles, space_breaks, usual_gap


def normal_form(found: Source, name: str) -> tuple[str, list[Repair]]:
    """The text of a document in normal form, and what was changed on the way from its lines.

    Args:
        found: The lines of the file.
        name: Of the file.
    """
    numbers = found.numbers
    text, repairs = clean_characters("\n".join(found.lines), name)
    text, more = one_kind_of_quotes(text, name)
    repairs = [replace(repair, line=numbers[min(repair.line, len(numbers)) - 1]) for repair in [*repairs, *more]]
    tally = Tally()
    blocks = single_spaced(list(blocks_of(text, numbers, tally)), tally)
    paragraphs = [with_ornament(paragraph) for paragraph in paragraphs_of(blocks, text, tally, found.markdown)]
    if found.turned:
        paragraphs = across_pages(paragraphs, found.turned, text, tally)
    paragraphs = with_crosses(with_picture_ornaments(paragraphs))
    usual = usual_gap(paragraphs)
    paragraphs = space_breaks(paragraphs, usual, tally)
    if found.markdown or found.displayed:
        paragraphs = with_displayed_headings(paragraphs, found.displayed, tally)
    paragraphs = [with_dashes(with_emphasis(paragraph, found.markdown, tally), tally) for paragraph in paragraphs]
    paragraphs = breaks_above_titles(with_headings(paragraphs, tally), usual, tally)
    paragraphs = [with_literal_marks(paragraph, tally) for paragraph in paragraphs]
    repairs += tally.repairs(name) + left_unmarked(paragraphs, name)
    return "\n\n".join(paragraph.text for paragraph in paragraphs), repairs
