"""Tags of chunks: person, point of view, scene type, tension, names."""

import importlib.util

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.manuscript.tags.scene_type import TYPES
from gaea_assets.manuscript.tags.tagging import tag_chunks
from gaea_assets.resources import PROJECT

ACTION = (
    "Ruben ran for the gate. He vaulted the wall, slipped on the wet stones and fell hard. Behind him "
    "the dogs crashed through "
    "the fence. He scrambled up, seized a branch and swung it at the first of them. It sprang. He struck "
    "it in the throat, threw "
    "himself aside and leapt down the bank. A shot cracked past his ear. He dived into the river and swam."
)
INTROSPECTION = (
    "Ruben wondered whether he had ever loved her. He thought of the summer, and felt ashamed. Perhaps "
    "he had only wanted to "
    "be loved; perhaps that was all anybody wanted. Why had he lied? He knew, and he wished that he did "
    "not know. He remembered "
    "her grief and it seemed to him now that his own heart had been empty. Could he forgive himself? He doubted it."
)
EXPOSITION = (
    "The town of Carrow stands on the east bank of the river and was built in 1640 by weavers from the "
    "north. Its houses are of "
    "grey stone. For two centuries its mills employed most of the county, and every spring a market was "
    "held in the square. The "
    "church has a wooden tower. Most families had lived there for generations, and the roads were "
    "usually closed in winter."
)
DIALOGUE = "\n\n".join(
    [
        '"Have you seen the keys?" asked Ruben.',
        '"They are on the hook," said Martha. "Where they always are."',
        '"They are not on the hook. I looked."',
        '"Then you looked with your eyes shut."',
        '"Come and show me, then."',
        '"I will not. I have bread in the oven."',
    ]
)
PROSE = st.text(st.sampled_from(list("aIMr Ny.,;!?'\"*_()\u2026\u2019\u201c\u201d\u2014\n\t1")), max_size=200)


def tag(text: str):
    return tag_chunks([text])[0]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [(ACTION, "action"), (INTROSPECTION, "introspection"), (EXPOSITION, "exposition"), (DIALOGUE, "dialogue")],
)
def test_scene_type_is_what_the_chunk_mostly_does(text: str, wanted: str) -> None:
    tags = tag(text)
    assert tags.scene_type == wanted
    assert tags.scene_shares[wanted] == max(tags.scene_shares.values())


def test_shares_follow_the_words_of_a_mixed_chunk() -> None:
    tags = tag("\n\n".join([DIALOGUE, EXPOSITION, EXPOSITION]))
    assert tags.scene_shares["exposition"] > tags.scene_shares["dialogue"] > tags.scene_shares["introspection"]


def test_italic_thoughts_are_introspection() -> None:
    thought = "*I should have gone when the road was open. I should have gone and never told them.*"
    before, after = tag(EXPOSITION).scene_shares, tag(f"{EXPOSITION}\n\n{thought}").scene_shares
    assert after["introspection"] > before["introspection"] + 0.1


def test_speech_in_dashes_is_dialogue() -> None:
    lines = [
        "\u2014Have you seen the keys?",
        "\u2014They are on the hook, said Martha.",
        "\u2014They are not.",
        "\u2014Look again.",
    ]
    assert tag("\n\n".join(lines)).scene_type == "dialogue"


def test_a_fight_is_tenser_than_a_guidebook() -> None:
    assert tag(ACTION).tension > 0.6 > 0.4 > tag(EXPOSITION).tension


def test_the_tenser_half_counts() -> None:
    calm = "\n\n".join([EXPOSITION] * 4)
    mixed = "\n\n".join([EXPOSITION, EXPOSITION, ACTION, ACTION, ACTION])
    assert tag(mixed).tension > tag(calm).tension + 0.2


def test_dialogue_share_is_the_share_of_words_in_speech() -> None:
    assert tag('"One two three," he said. He went.').dialogue_share == pytest.approx(3 / 7)
    assert tag("Nobody said anything at all.").dialogue_share == 0


@pytest.mark.parametrize(
    ("text", "person"),
    [
        (INTROSPECTION, "third"),
        (
            INTROSPECTION.replace("He ", "I ")
            .replace(" he ", " I ")
            .replace("himself", "myself")
            .replace("Ruben", "I"),
            "first",
        ),
        (
            "You open the door. Your hand shakes. You know that you should wait, but you go in and see him.",
            "second",
        ),
        ("Rain. Rain and more rain.", "undecided"),
    ],
)
def test_person_is_that_of_the_narration(text: str, person: str) -> None:
    assert tag(text).person == person


def test_a_teller_who_says_we_is_no_second_person() -> None:
    text = "I tell you this because we kept her out. You would have done so. We were many, and I was one."
    assert tag(text).person == "first"


def test_third_person_follows_whoever_thinks_not_whoever_acts() -> None:
    text = (
        "Martha cut the bread and put it on the table. Ruben watched her. He knew that she was angry, and he "
        "wondered what he "
        "had done. Martha filled the cups. He remembered the letter. Had Martha read it? He felt sick."
    )
    assert tag(text).pov == "Ruben"


def test_nobody_leads_a_guidebook() -> None:
    assert tag(EXPOSITION).pov is None


@pytest.mark.parametrize(
    ("text", "pov"),
    [
        (
            'You open the door.\n\n"Ada, come in," says your mother. You go in. You wait for her to speak.',
            "Ada",
        ),
        (
            'You open the door.\n\n"Ada, come in," you say. You wait. You watch the stair until you hear your sister.',
            "you",
        ),
        ('I opened the door.\n\n"Come in," said my mother. I went in, and I sat, and I waited for her to speak.', "I"),
        ("My name is Ada Quill. I was born at sea. I have my mother's eyes and I never knew my father.", "Ada Quill"),
        (
            'I met Tom.\n\n"Tom, come in," said my mother. Tom went in. I waited; I heard Tom laugh, and I went home.',
            "I",
        ),
    ],
)
def test_i_and_you_have_the_name_that_others_call_them(text: str, pov: str) -> None:
    assert tag(text).pov == pov


def test_one_name_called_in_many_chunks_tells_all_of_them() -> None:
    called = (
        'I opened the door.\n\n"Come in, Ada," said my mother. I went in, and I sat, and I waited for her to speak.'
    )
    alone = "I walked home by the river. I was tired, and I thought of my bed, and my feet hurt me."
    assert {tags.pov for tags in tag_chunks([called, alone, called, alone])} == {"Ada"}


def test_names_recur_in_the_manuscript() -> None:
    texts = [
        "That night Ruben met Miss Hale at Carrow.",
        "Then Ruben went home, and Miss Hale did not.",
        "They never saw Dunmore.",
    ]
    tags = tag_chunks(texts)
    assert [sorted(t.names) for t in tags] == [["Miss Hale", "Ruben"], ["Miss Hale", "Ruben"], []]
    assert "Dunmore" in tag_chunks(texts, least_mentions=1)[2].names


def test_forms_of_one_name_are_one_and_a_couple_is_two() -> None:
    texts = [
        "There Ruben Hale sat. Then Ruben rose.",
        "At noon Mr Dunn came, and Mrs Dunn stayed; so Mr Dunn left Mrs Dunn.",
    ]
    first, second = tag_chunks(texts)
    assert first.names == ("Ruben Hale",)
    assert set(second.names) == {"Mr Dunn", "Mrs Dunn"}


def test_two_names_side_by_side_once_are_not_the_name_of_somebody_met_everywhere() -> None:
    often = " ".join(["That day Ruben sat by the wall, and so Ruben was late."] * 15)
    (tags,) = tag_chunks([f"{often} There stood beside Ruben Dunmore, and went."], least_mentions=1)
    assert set(tags.names) == {"Ruben", "Ruben Dunmore"}
    (short,) = tag_chunks(["That day Ruben sat by the wall, and so Ruben was late. There Ruben Hale was."])
    assert short.names == ("Ruben Hale",)


def test_words_that_open_sentences_and_weekdays_are_no_names() -> None:
    text = "Nobody came on Monday. Bread was dear, and on Monday the shops closed. Don't ask. Isn't it late?"
    assert tag(text).names == ()


@given(st.lists(PROSE, max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_text_has_tags_within_their_bounds(texts: list[str]) -> None:
    found = tag_chunks(texts)
    assert len(found) == len(texts)
    for tags in found:
        assert tags.person in {"first", "second", "third", "undecided"}
        assert tags.scene_type in TYPES
        assert sum(tags.scene_shares.values()) == pytest.approx(1)
        assert all(0 <= share <= 1 for share in tags.scene_shares.values())
        assert 0 <= tags.tension <= 1
        assert 0 <= tags.dialogue_share <= 1


@given(st.permutations([ACTION, INTROSPECTION, EXPOSITION, DIALOGUE]))
@settings(max_examples=5, deadline=None)
def test_the_order_of_chunks_does_not_matter(texts: list[str]) -> None:
    def shown(tags):
        return (tags.person, tags.pov, tags.scene_type, tags.tension, tags.names)

    straight = {text: shown(tags) for text, tags in zip(texts, tag_chunks(texts), strict=True)}
    assert straight == {t: shown(g) for t, g in zip(texts[::-1], tag_chunks(texts[::-1]), strict=True)}


def test_the_benchmark_scores_the_labelled_passages() -> None:
    spec = importlib.util.spec_from_file_location("tags_fit", PROJECT / "benchmarks" / "tags_fit.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    passages = module.LABELLED.read_text("utf-8").splitlines()
    assert len(passages) >= 60
