"""An author's notes to themself are found; brackets, marks and drafts of the story are left alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.quality.editing_notes import bracketed_notes, editing_notes
from gaea_assets.verdict import Verdict


def gate(*texts: str) -> Verdict:
    """Both gates: a note is found by one of them at least."""
    chunks = [Chunk(f"{n:03d}", text, f"chunk_{n:03d}.txt") for n, text in enumerate(texts, 1)]
    marks, brackets = editing_notes(chunks), bracketed_notes(chunks)
    places = {fault.split(": ")[1] + fault.split(": ")[0] for fault in brackets.faults}
    faults = [fault for fault in marks.faults if fault.split(": ")[1] + fault.split(": ")[0] not in places]
    both = [*brackets.faults, *faults]
    touched = len({fault.split(":")[0] for fault in both})
    return Verdict(both, {"chunks": len(chunks), "chunks_with_notes": touched, "notes": len(both)})


NOTES = """TODO: fix this
She left. TODO check the date of the fair.
[TODO]
FIXME the name is wrong
He went to XXX street and waited.
[XXX]
[TK]
She was born in TK and raised there.
The TKTK was closed.
[note to self: why does she know?]
[insert fight scene]
[Insert name here]
[INSERT DESCRIPTION OF CASTLE]
[add more description of the harbour]
[scene missing]
[fight scene here]
[rest of the chapter to come]
[check timeline]
[check]
((check))
((check this date))
[does this contradict chapter 4?]
[is this the right tense?]
[describe Anna]
[fill in later]
[needs work]
[This scene needs more tension]
[Maybe move this paragraph to chapter 2?]
[look up: what did sailors eat?]
[who says this?]
[city name?]
[placeholder]
[??? which day is it]
<!-- cut this -->
{name}
{{character_name}}
{INSERT_NAME}
He came from ??? and never said why.
the castle[JD1] was dark
Commented [JD1]: Who is this?
Error! Reference source not found.
Author's note: I wrote this in a hurry
A/N: sorry for the wait
%% check whether this holds %%
// rewrite this scene
It was raining. // fix the tense here
draft 3
Draft 3 - 12 May 2021
SECOND DRAFT
v2.1
Word count: 2,310
(1,234 words)
Lorem ipsum dolor sit amet""".splitlines()

STORY = """[He laughed.]
[Level up!]
[Level Up: You have reached level 12]
[Quest: Find the missing scene of the crime]
[Insert coin to continue]
[Name: John]
[Status: ???]
[???]
Level: ???
"???"
"What???" she said. "You did what??"
[Cut]
[Check complete. 14 vs DC 15.]
[Check details]
[Research complete: Iron]
[Description: a small dagger]
[Show description]
[Use potion?]
[Find the key]
[Delete save file?]
[System: Scene loaded]
[static] Bravo Two, come in.
[Mother crossed herself.]
[in French in the original]
[Translator: the word means both river and road]
[burned to edges]
[sic]
[omission]
[I cannot see you.]
[Who dares enter?]
[Editor's Note. Five pages of the narrative are here omitted.]
((I hear you.))
{I hear you, little sister, across the dark}
CHAPTER XXX
Louis XXX was never king.
The jug was marked XXX in black paint.
Love, Anna XXX
"TK, come here."
He wrote a TODO list on Mondays.
¡TODO LO QUE TENGO!
He handed in a draft that was 3 days late.
The first draft was cold.
Version of events aside, he lied.
roses are red // violets are blue
//Bravo Two, come in//
http://example.com/a
"You know the author's note: he hated it," she said.
Comment: "He is dead."
She wrote 50 words of praise.
"What's the word count?" he asked.""".splitlines()


@pytest.mark.parametrize("note", NOTES)
def test_note_is_named_with_its_line(note: str) -> None:
    verdict = gate("It was late.", f"It was late.\n\n{note}\n\nShe slept.")
    assert verdict.faults
    assert all(fault.startswith("chunk_002.txt: line 3: ") for fault in verdict.faults)
    assert verdict.faults[0].endswith("; settle it and remove the note")
    assert verdict.figures["chunks_with_notes"] == 1


@pytest.mark.parametrize("text", STORY)
def test_story_is_left_alone(text: str) -> None:
    assert gate(f"It was late.\n\n{text}\n\nShe slept.").faults == []


def test_note_inside_a_paragraph_is_named_once_with_its_text() -> None:
    (fault,) = gate("He took the knife [TODO: which knife?] and left.").faults
    assert fault == ("chunk_001.txt: line 1: a note in brackets: '[TODO: which knife?]'; settle it and remove the note")


def test_character_called_tk_is_no_mark_but_tk_in_brackets_is() -> None:
    assert not gate("She was born in TK and raised there.").passed
    assert gate("She sat beside TK and waited.", '"Come in," TK said.').passed
    assert not gate('"Come in," TK said. [TK]').passed


@given(st.lists(st.sampled_from(NOTES), min_size=1, max_size=5), st.data())
@settings(max_examples=40, deadline=None)
def test_notes_are_found_whatever_story_stands_around_them(notes: list[str], data: st.DataObject) -> None:
    # `TK` as a name elsewhere in the manuscript makes a bare `TK` a name.
    others = [line for line in STORY if "TK" not in line]
    told = [line for note in notes for line in (data.draw(st.sampled_from(others)), note)]
    lines = {int(fault.split("line ")[1].split(":")[0]) for fault in gate("\n\n".join(told)).faults}
    assert lines == {4 * n + 3 for n in range(len(notes))}


@given(st.text(alphabet="abcdefgh .,'!?—", max_size=100))
def test_plain_lower_case_prose_holds_no_note(text: str) -> None:
    assert gate(text.replace("?", ".")).passed
