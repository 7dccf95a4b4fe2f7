"""What a book has around its story is found; a story that speaks of such things is left alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.quality.front_matter import front_matter


def gate(text: str):
    return front_matter([Chunk("001", text, "chunk_001.txt")])


ANYWHERE = """Chapter 12: The Lamp ........ 118
© 2021 Jane Doe
Copyright © 2021 by Jane Doe
Copyright 2019 Jane Doe. All rights reserved.
(c) 2020 Jane Doe
All rights reserved.
ISBN 978-3-16-148410-0
ISBN-13: 9783161484100
This is a work of fiction. Names, characters and places are invented.
No part of this publication may be reproduced without permission.
First published in 2012 by Doe Press
Published by Doe Press, London
Printed in the United States of America
CONTENTS
Table of Contents
Acknowledgements
ACKNOWLEDGMENTS
Dedication
Dedicated to all who wander
In memory of Jim
THE END
The End.
*The End*
~ FIN ~
End of Book One
*** START OF THE PROJECT GUTENBERG EBOOK EMMA ***
This eBook is for the use of anyone under the terms of the Project Gutenberg License
[Illustration: a ship]
[Pg 12]
Page 12
Page 12 of 300
Doe / LONG ROAD / 12
12 | The Salt Road
The Salt Road | 12
12 | JANE DOE
Page | 12
12 |
[112]
Page 3 | 300
About the Author
ALSO BY JANE DOE
Books by Jane Doe
Jane Doe is the author of The Long Road and three other novels. She lives in Ohio.
I would like to thank my agent, Bob, and my editor, Sue.
Thank you to my beta readers.
Please leave a review on Amazon!
Cover design by Bob
Transcriber's Note: spelling kept""".splitlines()
HEAD = """For my mother
For Anna, who waited
To my wife and children.
A Novel
by Jane Doe""".splitlines()
STORY = """He counted ........ and then he stopped.
It was ... 1918.
The copyright had lapsed in 1923, and nobody cared.
"Copyright?" she said. "In 1999?"
Copyright was what he taught, in 1999, to bored students.
To my surprise, the door was open.
For my part, I was glad.
To Anna it was all the same.
For Anna, who had never seen the sea, it was strange.
"This is the end," he said.
It was the end.
The end of the road was near.
The End of the Affair lay on the table.
The contents of the box were gone.
Contents: one knife, two spoons.
He turned to page 12.
Chapter 12
12
LOG ENTRY 12
THE SALT ROAD 12
12 | He came home.
STR | 14
| Name | 12 |
1984
(3)
"Thank you to all of you," he said.
I would like to thank you, Mr Dale, for the apples.
She is the author of my misery.
She found it on Project Gutenberg and read it in a night.
The ISBN was wrong, the librarian said.
By Jove, he was right!
by the river
In memory of that night they drank.
Printed in red, the letters ran.
All rights were reserved for the king.
He was dedicated to his work.
Page after page he read.
About the author he knew nothing.
Dear Anna,
To the lighthouse
My editor called. I am grateful to nobody.""".splitlines()


@pytest.mark.parametrize("line", ANYWHERE)
@pytest.mark.parametrize(
    ("around", "at"),
    [("{}\n\nShe slept.", 1), ("She woke.\n\n{}\n\nShe slept.", 3), ("She woke.\n\n{}", 3)],
    ids=["head", "body", "tail"],
)
def test_matter_is_named_with_its_line(line: str, around: str, at: int) -> None:
    verdict = gate(around.format(line))
    (fault,) = verdict.faults
    assert fault.startswith(f"chunk_001.txt: line {at}: ")
    assert fault.endswith("; remove it from the chunk")
    assert verdict.figures == {"chunks": 1, "chunks_with_matter": 1, "places": 1}


@pytest.mark.parametrize("line", HEAD)
def test_title_page_and_dedication_are_found_at_the_head(line: str) -> None:
    assert len(gate(f"{line}\n\nShe slept.").faults) == 1
    assert gate("She woke.\n\n" * 20 + f"{line}\n\nShe slept.").passed


@pytest.mark.parametrize("line", STORY)
def test_story_is_left_alone(line: str) -> None:
    assert gate(f"{line}\n\nShe slept.").faults == []
    assert gate(f"She woke.\n\n{line}\n\nShe slept.").faults == []


def test_rows_of_chapters_are_one_table_and_a_single_heading_is_none() -> None:
    rows = "\n".join(f"Chapter {n}: The Sea .... {n * 9}" for n in range(1, 9))
    (fault,) = gate(rows + "\n\nChapter 1\n\nShe slept, and nothing stirred.").faults
    assert fault.startswith("chunk_001.txt: line 1: a table of contents of")
    assert gate("Chapter One\n\nShe slept.\n\nChapter Two\n\nShe woke.").passed


def test_short_lines_that_begin_with_i_are_no_table() -> None:
    assert gate("I went.\nI saw.\nI came home.\nI slept.\nI woke.").passed


@pytest.mark.parametrize("mark", ["112", "- 112 -"])
def test_number_that_breaks_a_sentence_is_a_page_number_and_one_between_sentences_a_heading(mark: str) -> None:
    (fault,) = gate(f"He took the lamp and went down\n\n{mark}\n\nto the water.").faults
    assert "line 3: a page number" in fault
    assert gate(f"He took the lamp and went down.\n\n{mark}\n\nThe water was cold.").passed


HEADS = ["THE SALT ROAD {}", "The Salt Road {}", "{} THE SALT ROAD", "JANE DOE {}"]


@pytest.mark.parametrize("head", HEADS)
def test_running_head_that_breaks_a_sentence_is_found_alone(head: str) -> None:
    (fault,) = gate(f"He took the lamp and went down\n\n{head.format(112)}\n\nto the water.").faults
    assert "line 3: a running head" in fault
    assert gate(f"He took the lamp and went down.\n\n{head.format(112)}\n\nThe water was cold.").passed


def pages(head: str, numbers: list[int], manuscript: str = "") -> list[Chunk]:
    texts = [f"He took the lamp.\n\n{head.format(number)}\n\nThe water was cold." for number in numbers]
    return [Chunk(f"{n:03d}", text, f"chunk_{n:03d}.txt", "", manuscript) for n, text in enumerate(texts, 1)]


@pytest.mark.parametrize("head", HEADS)
def test_running_head_is_found_by_its_pages_between_sentences_too(head: str) -> None:
    verdict = front_matter(pages(head, [11, 15, 16]))
    assert verdict.figures == {"chunks": 3, "chunks_with_matter": 3, "places": 3}
    assert all("line 3: a running head" in fault for fault in verdict.faults)


@pytest.mark.parametrize(
    ("head", "numbers"),
    [
        ("THE SALT ROAD {}", [1, 2, 3, 4]),
        ("THE SALT ROAD {}", [12, 13]),
        ("DAYS LEFT {}", [9, 7, 3]),
        ("LOG ENTRY {}", [11, 15, 16]),
        ("Chapter {}", [11, 15, 16]),
        ("LEVEL {}", [11, 15, 16]),
        ("{} May", [3, 9, 12]),
        ("New York {}", [1891, 1895, 1902]),
        ("SUNDAY {}", [11, 15, 16]),
    ],
)
def test_numbered_headings_and_countdowns_are_no_running_heads(head: str, numbers: list[int]) -> None:
    assert front_matter(pages(head, numbers)).passed


def test_running_head_of_one_manuscript_is_none_in_another() -> None:
    other = pages("THE SALT ROAD {}", [40], "tales")
    assert front_matter([*pages("THE SALT ROAD {}", [11, 15, 16], "game"), *other]).figures["places"] == 3


@given(st.lists(st.sampled_from(STORY), max_size=6), st.sampled_from(ANYWHERE), st.integers(0, 6))
@settings(max_examples=60, deadline=None)
def test_matter_is_found_anywhere_in_a_story(story: list[str], line: str, at: int) -> None:
    # A number above or below a line without a full stop is read as a page number.
    told = [text for text in story if text[-1] in '."!?']
    at = min(at, len(told))
    verdict = gate("\n\n".join([*told[:at], line, *told[at:]]))
    assert [fault.split(": ")[1] for fault in verdict.faults] == [f"line {2 * at + 1}"]
