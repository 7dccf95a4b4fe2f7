"""Markdown's marks come off and the words stay."""

import re
from pathlib import Path

import pytest

from gaea_assets_tests.manuscript.documents.files import STORY, read, said, text

STORY_WORDS = " ".join(STORY).split()


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (r"Five \* three \_is\_ \"x\" \- so\.", 'Five * three _is_ "x" - so.'),
        ("_Not_ *him*, **she** ***said*** __so__.", "*Not* *him*, she *said* so."),
        ("**bold with *italics* in it**", "bold with *italics* in it"),
        ("a [link](https://x.y 'title') and <https://x.y>", "a link and https://x.y"),
        ("a note[^1] &amp; more&nbsp;of it\n\n[^1]: the note", "a note & more of it"),
        ("one <!-- TODO\nrewrite\n--> two", "one  two"),
        ("a <i>word</i> or <span class='x'>two</span>", "a *word* or two"),
        ("> quoted\n> and\n\nnot", "quoted and\n\nnot"),
        ("[He nods](quietly) and [she][too]", "[He nods](quietly) and [she][too]"),
        ("- I said no.\n- You did not.", "- I said no.\n\n- You did not."),
        ("Once.\n\n1. I said so.\n2. You did not.", "Once.\n\n1. I said so.\n\n2. You did not."),
        ("    indented, not code: *word*", "indented, not code: *word*"),
        ("## The Lamp ##", "## The Lamp"),
        ("# **The Lamp**", "# The Lamp"),
        ("a #hashtag", "a #hashtag"),
        ("Once.\n\n#draft #scene/one\n\nTwice.", "Once.\n\nTwice."),
        ("She met [[Marta Vell]] and [[Old Quay|the quay]].", "She met Marta Vell and the quay."),
        ("==Loud== words. ^blk1\n\na == b == c, 2^10", "Loud words.\n\na == b == c, 2^10"),
        ("She left.^[A note by the author.] He stayed.", "She left. He stayed."),
        ("Once.\n\n![[map.png]]\n\nTwice.", "Once.\n\nTwice."),
        ("> [!note] Revision\n> of it", "Revision of it"),
        ("Title: The Lamp\nAuthor: A B\nBase Header Level: 2\n\nOnce.", "Once."),
        ("Title: said he.\n\nOnce.", "Title: said he.\n\nOnce."),
        (f"One.[^1]\n\n[^1]: Note.\n{STORY[3]}", f"One.\n\n{STORY[3]}"),
        ("&#8212; caf&eacute; &#x27;so&#39; &AMP &nosuch;", "— café 'so' &AMP &nosuch;"),
        ("The sign read &lt;b&gt;OPEN&lt;/b&gt; &#60;i&#62;", "The sign read <b>OPEN</b> <i>"),
        ("&lt;!-- kept --&gt; and <!-- not -->so", "<!-- kept --> and so"),
        ("a[^1]\n\n[^1]: the note\ngoes on\nHere.\n\n    And here.\n\nb", "a\n\nb"),
        ("a[^1]\n\n[^1]: one\n[^2]: two\n\nb", "a\n\nb"),
        ("One.[^1]\n[^1]: Note.\nTwo stays.", "One. Two stays."),
        ("a <style>\np {}\n</style> b <SCRIPT type='x'>if (a < b) {}</SCRIPT>c", "a  b c"),
        ("One <script> two", "One <script> two"),
    ],
)
def test_markdown_marks_come_off_and_words_stay(tmp_path: Path, written: str, read_as: str) -> None:
    assert text(tmp_path, written, "book.md") == read_as


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (r"It was \*not italic\* at all, but *this* was.", "It was \u2217not italic\u2217 at all, but *this* was."),
        (r"A \_name\_ and snake\_case.", "A _name_ and snake_case."),
        (r"\# no heading", "\uff03 no heading"),
        (r"\#1 of 2, and \#", "#1 of 2, and #"),
        (r"One \* alone.", "One * alone."),
        (r"\*\*bold\*\*", "\u2217\u2217bold\u2217\u2217"),
    ],
)
def test_escaped_marks_are_no_marks(tmp_path: Path, written: str, read_as: str) -> None:
    document = read(tmp_path, f"Once.\n\n{written}", "book.md")
    assert document.text == f"Once.\n\n{read_as}"
    assert any(what.startswith("escape") for _, what in said(document))


def sentences(paragraph: str) -> str:
    return re.sub(r"(?<=[.!?]) (?=[A-Z])", "\n", paragraph)


def test_a_sentence_a_line_is_a_paragraph_still(tmp_path: Path) -> None:
    paragraphs = [f"{STORY[3]} {STORY[0]}", STORY[1], f"{STORY[5]} {STORY[3]}", "He stood. She waited.", STORY[2]]
    document = read(tmp_path, "\n\n".join(map(sentences, paragraphs)), "book.md")
    assert document.text == "\n\n".join(paragraphs)
    assert said(document) == [(1, "lines within a paragraph joined in 5 places")]


def test_lines_of_a_scene_each_are_paragraphs_though_a_line_end_is_none(tmp_path: Path) -> None:
    scene = [f"{paragraph} {paragraph}" for paragraph in STORY] * 4
    document = read(tmp_path, "\n".join(scene), "book.md")
    assert document.text == "\n\n".join(scene)
    assert said(document) == [(2, "line ends made paragraph ends in 23 places")]


@pytest.mark.parametrize("end", ["  ", "\\", "<br>", "     "])
def test_line_breaks_of_an_author_stay(tmp_path: Path, end: str) -> None:
    lines = ["so much depends", "upon the lamp.", "And it went out."]
    written = f"{end}\n".join(lines)
    assert text(tmp_path, f"{STORY[0]}\n\n{written}\n\n{STORY[3]}", "book.md") == "\n\n".join(
        [STORY[0], "\n".join(lines), STORY[3]]
    )


def test_paragraphs_that_end_in_a_line_break_are_paragraphs(tmp_path: Path) -> None:
    story = [STORY[0], STORY[3], STORY[5]]
    assert text(tmp_path, "  \n".join(story), "book.md") == "\n\n".join(story)
    talk = ['"Is it out?" he asked.', '"It is out."', '"And the matches?"']
    assert text(tmp_path, "  \n".join(talk), "book.md") == "\n\n".join(talk)


@pytest.mark.parametrize("count", [1, 4])
def test_lines_of_several_sentences_without_blank_lines_are_paragraphs(tmp_path: Path, count: int) -> None:
    scene = [f"{paragraph} {STORY[1]}" for paragraph in STORY] * count
    assert text(tmp_path, "\n".join(scene), "book.md") == "\n\n".join(scene)


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("[[Marta]]", "links between notes made text in 1 place"),
        ("==Loud==", "highlights made plain in 1 place"),
        ("so. ^blk1", "names of paragraphs left out in 1 place"),
        ("so.^[a note]", "inline notes left out in 1 place"),
        ("> [!note] so", "marks of callouts left out in 1 place"),
        ("#draft", "lines of tags left out in 1 place"),
        ("[^1]: the note on the lamp", 'footnotes left out in 1 place: "the note on the lamp"'),
    ],
)
def test_what_comes_off_is_told(tmp_path: Path, written: str, what: str) -> None:
    assert (3, what) in said(read(tmp_path, f"Once.\n\n{written}\n\nTwice.", "book.md"))


def test_toml_front_matter_is_left_out(tmp_path: Path) -> None:
    content = "+++\ntitle = 'The Lamp'\ntags = [\n  'draft',\n]\n[extra]\nweight = 3\n+++\n\nOne."
    document = read(tmp_path, content, "book.md")
    assert (document.text, said(document)[0]) == ("One.", (1, "front matter left out"))
    assert text(tmp_path, "+++\n\nOne.\n\n+++\n\nTwo.", "book.md") == "* * *\n\nOne.\n\n* * *\n\nTwo."


def test_indented_prose_behind_a_footnote_stays(tmp_path: Path) -> None:
    prose = "\n\n".join(f"    {paragraph}" for paragraph in STORY)
    assert text(tmp_path, f"{prose}\n\n[^1]: A note.\n\n{prose}", "book.md").split() == (STORY_WORDS * 2)


def test_front_matter_and_comments_are_left_out_and_reported_by_line(tmp_path: Path) -> None:
    content = "---\ntitle: The Lamp\ntags:\n  - draft\n---\n\nOne.\n\n<!-- a\nb -->\n\nTwo -- three.\n"
    document = read(tmp_path, content, "book.md")
    assert document.text == "One.\n\nTwo — three."
    assert said(document)[:2] == [(1, "front matter left out"), (9, "HTML comments left out in 1 place")]
    assert (12, "-- made a dash in 1 place") in said(document)
    assert text(tmp_path, f"---\n\n{STORY[0]}\n\n---\n\n{STORY[3]}", "book.md") == (
        f"* * *\n\n{STORY[0]}\n\n* * *\n\n{STORY[3]}"
    )


@pytest.mark.parametrize(
    "content",
    ["<p>He left</p><p>She stayed.</p>", "<div><p>He left</p></div> <div>She stayed.</div>", "He left<p>She stayed."],
)
def test_paragraphs_of_html_on_one_line(tmp_path: Path, content: str) -> None:
    document = read(tmp_path, f"{content}\n\nOne -- two.", "book.md")
    assert document.text == "He left\n\nShe stayed.\n\nOne \u2014 two."
    assert (3, "-- made a dash in 1 place") in said(document)


@pytest.mark.parametrize("attributes", ["{#sec1}", "{.unnumbered #x}", "{#a key=value}"])
def test_attributes_of_headings_are_left_out(tmp_path: Path, attributes: str) -> None:
    content = f"## The Lamp {attributes}\n\n{STORY[0]} {attributes}"
    assert text(tmp_path, content, "book.md") == f"## The Lamp\n\n{STORY[0]} {attributes}"


def test_what_pandoc_writes_around_words_is_left_out(tmp_path: Path) -> None:
    content = (
        f"# []{{#_Toc1 .anchor}}The Lamp\n\n[{STORY[0]}]{{.underline}}\n\n"
        f'![](media/image1.png){{width="2in" height="1in"}}\n\nIt said [Go]{{.smallcaps}} and {{no more}}.'
    )
    assert text(tmp_path, content, "book.md") == f"# The Lamp\n\n{STORY[0]}\n\nIt said Go and {{no more}}."
