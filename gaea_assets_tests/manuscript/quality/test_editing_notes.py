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
CHECK THIS
>>> rewrite <<<
>> add dialogue here <<
The rain came down like knives (is this too much?) and she ran.
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

BLOCKED = """xxx
xxxxx
XXX
**XXX**
XXXXX
XXX: the name of the inn
(XXX)
xxx fix this
He gave xxx the key.
He gave the key to xxx.
Mr. Xxxx went home.
[xxx]
TK
tktk
TKNAME said hello.
[JS: too slow]
[J.S.: is this his car?]
[KM: Rewrite this]
INSERT FIGHT SCENE HERE
***INSERT FIGHT SCENE HERE***
INSERT SCENE HERE
Insert fight scene here.
FIGHT SCENE HERE
SCENE MISSING
INSERT: fight scene
TK TK TK
?? who said this ??
<name> went home.
He saw the <del>old</del> barn.
Beta reader comment: nice!
Chapter 4 outline
Sure! Here's the rewritten scene:
Sure, here\u2019s a more vivid version of the opening:
**Certainly! Here is a rewritten version of your chapter:**
Of course! Here are two short scenes in the style of the first chapter.
Here is the revised passage with more tension:
Absolutely! I'd be happy to help you rewrite the scene.
As an AI language model, I cannot write that.
As a large language model, I don't have opinions.
I'm sorry, but as an AI language model I can't do so.
ChatGPT said:
It ends there. :contentReference[oaicite:0]{index=0}
NOTE: fix the timeline here
REWRITE THIS SCENE
*** FIX ME ***
FIX THIS
CUT THIS PARAGRAPH
#todo fix
todo - add the fight
Todo \u2013 describe the harbour
/* comment */
He came /* or she? */ home.
*scene missing*
Dialogue to come.
{>>cut this?<<}
He was {++very ++}tired.
[EDITOR: unclear]
[Beta reader: who is this?]
Note to self: fix the timeline.
[JS1]He ran away.
PLACEHOLDER
** PLACEHOLDER **
WRITE THE FIGHT HERE
CUT THIS LINE
Here's the revised scene:
Comment [A1]: too long
Comment[A12]: too long
Commented [JS3]: I like this
<<<<<<< HEAD
>>>>>>> second-draft
EDITED UP TO HERE
(TBD: the name of the ship)
NB: fix the timeline
*** edited to here ***
Note to self \u2013 fix the timeline""".splitlines()

OFFERS = """I hope this helps!
I hope this helps. Let me know if you have questions.
I hope this revised version of the chapter captures her voice.
Let me know if you'd like me to continue or change the tone.
Let me know if you would like any further changes.
Would you like me to continue with the next scene?
Feel free to adjust the names.
I hope this version works better for you!
If you'd like, I can continue with the next scene.
I\u2019m sorry, but I can\u2019t assist with that request.
I hope this helps.
Feel free to adjust the seat.
I'm sorry, but I can't assist with that request.
Let me know if you'd like me to continue.""".splitlines()

WARNED = """He turned the [?] over in his hand.
She had left in May (??), or so he said.
[Note: he should be dead by now]
[NB: the lamp was out]
He came home (NB check the timeline) at ten.
POV: Mara
**Setting:** the kitchen, that evening
todo
fixme later
She was <i>very tired.
<p>It rained.
It rained.<br/>
XXX fix this
He gave XXX the key to the door.
Some text [brackets] here.
[blah blah]
[his name]
[brackets]
[something about the weather]
[he says something clever]
[description of house]
She went out...[snip]...and in.
(add description)
(Insert backstory about the war)
(check this)
(describe the harbour at night)
(EXPAND)
(fix: which day?)
He had blue/green eyes (pick one).
(more here)
(maybe cut this?)
(need better description here)
(needs a transition)
~~deleted sentence here~~
Note: this scene needs more tension
Note: check the dates.
**NOTE:** fix this later
Note: add two eggs.
Note to self: buy milk.
Note to self: rename Edwin
NOTE: he should already know this.
"We walked to TODO and back," he said.
\u201cShe was born in TK and raised there,\u201d he said.
\u00abShe was born in TK and raised there.\u00bb
"TODO is where I was born," he said.
'He gave xxx the key,' she said.
CUT THE LINE
CHECK THE SECTION
CUT HERE
"[TODO]" was written on the sign.
Placeholder
[Is this true?]
VERIFY LATER
DELETE ME
DRAFT
**DRAFT**
???
ADD MORE HERE
Placeholder for the battle
[Is this the right year?]
[Are these accurate?]
[Comment from Ann: love this]
[CITATION NEEDED]
[EDIT]
<<fix this>>
<<FIX>>
Editor: this is too slow
He was born in 19XX.
It was ____ miles away.
He walked to the TODO and stopped.
NOTE TO SELF \u2013 rename Paul
Note to self - rename Paul
(TBD)
*** REWRITE ***
ADD MORE DETAIL
CHECK FACTS
VERIFY THE DATES
RESUME HERE
START HERE TOMORROW
PICK UP HERE
<<<CONTINUE HERE>>>
MOVE TO CHAPTER 4
AU: please confirm
AQ: is this right?
EDIT: she knows already.
NB: check the dates
(rephrase)
(make this better)
(name?)
(CUT?)
(sp?)
(look up the name)
She said %s to him.
He met ____ at the dock.
He met _____.
He was XX miles away.
fix this
****fix this****
check spelling
need to fix this later
add more detail here
insert description of house here
* fix the timeline
Synopsis: she was doomed.
Final draft
SECOND DRAFT
300 words""".splitlines()

STORY = """The setting: was it the kitchen? She could not say.
Setting: the sun. Rising: the moon. He wrote it down, and then he told her what it was that he had meant by it.
Todo el mundo lo sabe.
They sat, and the solemn (?) rite was over.
If a < b and c > d, she said, then all is well.
[He laughed.]
[Skill acquired: Stealth]
[HP: full]
[STR: rising]
[HQ: come in, please]
[JD: Hello.]
[MOTHER, ARE YOU THERE?]
[LEVEL UP]
[crackle] [laughter] [inaudible]
[in the French of Paris]
"I [e]xpected it [a]s well," the letter ran, "and pic[ture] it."
[the ships lay at anchor in the bay that night, all nine of them]
See the [map](map.png).
See you tomorrow, love Mum xxx
Love you xxx **
"Night night xxx," said the screen.
*miss you xxx*
It was in chapter xxx of the book.
He turned to p. xxx and read.
She looked at www.xxx.com and at the xxx-rated one.
xx
"I read Psalm XXX: it is a song."
Chapter XXX: The End
He knew the box (check the lid, she had said) at once.
(Fix bayonets!)
(He must fix this.)
(added later)
(fixed)
(Add to this that it rained.)
(Insert coin in slot (or card))
CRIME SCENE HERE
INSERT COIN HERE
INSERT CARD TO CONTINUE
"INSERT FIGHT SCENE HERE," the script said.
"Sure! Here's the rewritten scene:" he said.
Sure, here was the scene of the crime.
Sure! Here's your coat.
Of course, here is the story as he told it to me.
Certainly, here is a man who knows.
Here is the letter:
Here is the story he told me:
"As an AI language model, I cannot," the machine said.
As an AI, I was never meant to dream.
As an artist, I was poor.
I hope this finds you well.
I hope this helps you to forgive me.
"I hope this helps!"
Let me know if you would like me to meet the train.
Let me know if you want any money.
Would you like me to continue?
Feel free to come in.
I'm sorry, but I can't come.
You said:
OK! Here's the text he sent me.
Got it! Here's the story so far.
Let me know how you want me to play the scene.
If you like, I can write to him.
Call me xxx! Bye
Love Em xxx P.S. Bring wine
[alice]: hello there
[door slams] [beat] [signal lost]
TK-421 was away.
Chapter Four
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
"What's the word count?" he asked.
Note: the road was closed in 1914.
"Note: check the dates," she read.
"REWRITE THIS SCENE," the director said.
CUT THE ROPE
MOVE THE BODY
He had seen *the missing scene* twice.
The scene missing from the film was his.
(maybe he was right)
(perhaps, cut off from the world, it slept)
(the need of better men was clear)
Todo el mundo lo sabe.
Todo \u2013 dijo \u2013 se acaba.
Author: Jane Doe
Editor: Marta Vell
"Editor: this is too slow," he read.
"TODO," read the note on the fridge.
"TODO: milk, eggs," the list began.
'TODO,' read the note.
\u201cFIXME\u201d was written on the lid.
The list said "TODO" in red.
<<Who are you?>> the ship asked.
The TODO list was long.
the county of ____
Mr. ____ of the town
the year 18__
Word count: zero. She shut the laptop.
1204 words.
CUT THE WIRE
"Note to self: fix the timeline," she read.
\u201cSynopsis: she was doomed,\u201d he read.
"To do: fix the roof," the list said.
WRITE YOUR NAME HERE
DELETE THIS MESSAGE
[AK47]Rifle
[LV12]Goblin
[Editor's note: the page is torn.]
~ ~ ~
~~~
5/*6
Note to self-respecting men: never go.
(make this better world)
(cut)
(names)
(TBDs)
Louis XX.
in the year of ____.
He came to ____ in the spring.
the Duke of ____ and his men
She rose by 5%s and fell.
100% sure.
START HERE, he thought, and now.
She had edited up to here and slept.
Expand the lungs.
EXPANDED
MOVE TO THE LEFT
ADD MORE SALT
CHECK MATE
NB: the road was closed in 1914.
<< and on
fix thine eyes upon the hill,
check the horse and turn again,
add a stone to every cairn
need I say how late it was
Edit: "He is dead."
AU: 149 million kilometres.""".splitlines()


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


@pytest.mark.parametrize("note", BLOCKED)
def test_what_is_certain_blocks(note: str) -> None:
    verdict = editing_notes([Chunk("001", f"It was late.\n\n{note}\n\nShe slept.", "chunk_001.txt")])
    assert len(verdict.faults) == 1
    assert verdict.faults[0].startswith("chunk_001.txt: line 3: ")


@pytest.mark.parametrize("note", WARNED)
def test_what_may_be_a_note_only_warns(note: str) -> None:
    chunks = [Chunk("001", f"It was late.\n\n{note}\n\nShe slept.", "chunk_001.txt")]
    assert editing_notes(chunks).passed
    (fault,) = bracketed_notes(chunks).faults
    assert fault.startswith("chunk_001.txt: line 3: ")


@pytest.mark.parametrize("offer", OFFERS)
def test_offer_of_a_letter_or_a_script_only_warns_and_blocks_beside_a_chat_assistants_words(offer: str) -> None:
    alone = Chunk("001", f"It was late.\n\n{offer}\n\nShe slept.", "chunk_001.txt")
    assert editing_notes([alone]).passed
    assert bracketed_notes([alone]).faults[0].startswith("chunk_001.txt: line 3: what a chat assistant says")
    for said in ("Here's the revised scene:", "As an AI language model, I cannot say.", "ChatGPT said:"):
        for text in (f"{said}\n\nIt was late.\n\n{offer}", f"{offer}\n\n{said}\n\nIt was late."):
            beside = Chunk("002", text, "chunk_002.txt")
            assert [len(editing_notes([beside]).faults), len(bracketed_notes([beside]).faults)] == [2, 0]
            assert len(editing_notes([beside, alone]).faults) == 2


@pytest.mark.parametrize("signature", ["Love, Anna", "Mum", "All my love,"])
def test_kisses_under_a_signature_only_warn(signature: str) -> None:
    letter = Chunk("001", f"Write soon.\n\n{signature}\n\nxxx\n\nHe put it away.", "chunk_001.txt")
    assert editing_notes([letter]).passed
    assert [fault.split(": ")[1] for fault in bracketed_notes([letter]).faults] == ["line 5"]
    for above in ("Write soon.", "he said and", f"He wrote{' to her' * 20}, Anna"):
        assert not editing_notes([Chunk("001", f"{above}\n\nxxx\n\nHe slept.", "chunk_001.txt")]).passed
    assert not editing_notes([Chunk("001", f"{signature}\n\nXXX", "chunk_001.txt")]).passed


SYSTEM = ["[Level Up!]", "[HP: 120/150]", "[what are you?]", "[loading...]", "[find the key]", "[describe it, host.]"]
ASKED = [
    "[choose a name for your pet]",
    "[delete this item?]",
    "[who is there?]",
    "[explain yourself]",
    "[are you ready?]",
]


def system(groups: int, chunks: int, manuscript: str = "") -> list[Chunk]:
    """A story in which a system says so many things in so many chunks."""
    said = [[SYSTEM[n % len(SYSTEM)] for n in range(at, groups, chunks)] for at in range(chunks)]
    return [
        Chunk(f"{n:03d}", "\n\n".join(["It was late.", *lines]), f"chunk_{n:03d}.txt", "", manuscript)
        for n, lines in enumerate(said, 1)
    ]


def test_system_that_speaks_in_brackets_is_no_note() -> None:
    assert bracketed_notes(system(12, 6)).passed
    assert bracketed_notes(system(10, 5)).passed
    assert bracketed_notes([*system(10, 5), Chunk("099", "\n\n".join(ASKED), "chunk_099.txt")]).passed
    assert not bracketed_notes(system(9, 5)).passed
    assert not bracketed_notes(system(40, 4)).passed


@pytest.mark.parametrize(
    "other", ["[insert name]", "[Illustration: a ship]", "He lived in [city] once.", "[12]", "[TK]"]
)
def test_notes_and_a_transcribers_marks_are_no_system(other: str) -> None:
    chunks = [Chunk(f"{n:03d}", f"It was late.\n\n{other}", f"chunk_{n:03d}.txt") for n in range(20)]
    faults = bracketed_notes([*chunks, Chunk("099", "[find the key]", "chunk_099.txt")]).faults
    assert "chunk_099.txt" in {fault.split(":")[0] for fault in faults}


@pytest.mark.parametrize(
    "note",
    [
        "[this scene needs more tension]",
        "[does this contradict chapter 4?]",
        "[insert name]",
        "[city name?]",
        "[check]",
        "She lived in [city] for years.",
        "He met the [old friend] there.",
        "{name}",
    ],
)
def test_note_is_told_from_what_a_system_says(note: str) -> None:
    chunk = Chunk("099", f"It was late.\n\n{note}", "chunk_099.txt")
    assert [fault.split(": ")[0] for fault in bracketed_notes([*system(20, 10), chunk]).faults] == ["chunk_099.txt"]


def test_system_of_one_manuscript_does_not_speak_in_another() -> None:
    other = Chunk("tales/001", "It was late.\n\n[find the key]", "tales/chunk_001.txt", "", "tales")
    assert len(bracketed_notes([*system(20, 10, "game"), other]).faults) == 1


@pytest.mark.parametrize("number", ["XXX", "xxx", "# XXX", "XXX: The End"])
def test_chapter_thirty_is_no_mark_where_its_neighbours_are_numbered_so(number: str) -> None:
    thirty = Chunk("030", f"{number}\n\nIt was late.", "chunk_030.txt")
    assert not editing_notes([thirty]).passed
    assert editing_notes([Chunk("029", "XXIX\n\nHe came.", "chunk_029.txt"), thirty]).passed
    assert editing_notes([Chunk("029", "He came.", "book.docx", "XXIX: The Inn"), thirty]).passed
    assert not editing_notes([Chunk("029", "XXIX\n\n[XXX]\n\nHe came.", "chunk_029.txt"), thirty]).passed


@pytest.mark.parametrize(
    "heading", ["TK", "Chapter TK", "CHAPTER TK", "INSERT FIGHT SCENE HERE", "3: TK", "TODO: title", "xxx", "XXX"]
)
def test_note_in_a_heading_is_told_once_at_the_first_chunk_under_it(heading: str) -> None:
    chapters = ["The Inn", heading, heading, "The Road"]
    chunks = [Chunk(f"{n:03d}", "It was late.", f"b.docx (chunk {n:03d})", c) for n, c in enumerate(chapters, 1)]
    verdict = editing_notes(chunks)
    (fault,) = verdict.faults
    assert fault.startswith("b.docx (chunk 002)")
    assert ": heading: " in fault
    assert "line" not in fault.split(": heading: ")[0]
    assert verdict.figures == {"chunks": 4, "chunks_with_notes": 1, "notes": 1}


def test_heading_of_a_further_document_is_told_again_and_a_doubtful_one_warns() -> None:
    chunks = [Chunk(f"{n:03d}", "It was late.", source, "[his name]") for n, source in enumerate("aab", 1)]
    assert editing_notes(chunks).passed
    assert [fault.split(":")[0] for fault in bracketed_notes(chunks).faults] == ["a, chunk 001", "b, chunk 003"]


@pytest.mark.parametrize(
    "heading", ["", "XXX", "Chapter XXX: The Road", "The Scene of the Crime", "Chapter 4", "I: Home"]
)
def test_heading_of_the_story_is_left_alone(heading: str) -> None:
    chunks = [Chunk("029", "He came.", "b.docx", "XXIX"), Chunk("030", "It was late.", "b.docx", heading)]
    assert editing_notes(chunks).passed
    assert bracketed_notes(chunks).passed


def test_notes_in_heading_and_text_stand_in_order() -> None:
    faults = editing_notes([Chunk("001", "It was late.\n\nTODO: fix", "chunk_001.txt", "TK")]).faults
    assert [fault.split(": ")[1] for fault in faults] == ["heading", "line 3"]


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
    # `XXX` as a number elsewhere, likewise, hence no chapter 29 among them.
    told = [line for note in notes for line in (data.draw(st.sampled_from(others)), note)]
    lines = {int(fault.split("line ")[1].split(":")[0]) for fault in gate("\n\n".join(told)).faults}
    assert lines == {4 * n + 3 for n in range(len(notes))}


@given(st.text(alphabet="abcdefgh .,'!?—", max_size=100))
def test_plain_lower_case_prose_holds_no_note(text: str) -> None:
    assert gate(text.replace("?", ".")).passed
