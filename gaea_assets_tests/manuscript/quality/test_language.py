"""A chunk in another language is found; short chunks and foreign dialogue are left alone."""

import pytest

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.quality.language import language, window_languages

ENGLISH = (
    "You stand at the window until the lamps go out along the river. Nobody has come up the stairs since the bell, "
    "and the tea has gone cold beside the letter that you have not opened. When the rain begins you think of the boy, "
    "and of how carefully he carried the ladder, as if it were made of glass."
)
FRENCH = (
    "Tu restes à la fenêtre jusqu'à ce que les lampes s'éteignent le long du fleuve. Personne n'est monté depuis la "
    "cloche, et le thé a refroidi à côté de la lettre que tu n'as pas ouverte. Quand la pluie commence, tu penses au "
    "garçon, et à la façon dont il portait l'échelle, comme si elle était en verre."
)
GERMAN = (
    "Du stehst am Fenster, bis die Lampen am Fluss verlöschen. Seit dem Läuten ist niemand die "
    "Treppe heraufgekommen, und "
    "der Tee ist kalt geworden neben dem Brief, den du nicht geöffnet hast. Als der Regen beginnt, denkst du an "
    "den Jungen und daran, wie vorsichtig er die Leiter trug, als wäre sie aus Glas."
)
POLISH = (
    "Stoisz przy oknie, aż lampy nad rzeką zgasną. Od czasu dzwonka nikt nie wszedł po schodach, a herbata wystygła "
    "obok listu, którego nie otworzyłeś. Kiedy zaczyna padać, myślisz o chłopcu i o tym, jak "
    "ostrożnie niósł drabinę, jakby "
    "była ze szkła."
)


def chunk(text: str, number: int = 1) -> Chunk:
    return Chunk(f"{number:03d}", text, f"chunk_{number:03d}.txt")


@pytest.mark.parametrize(("text", "tag"), [(FRENCH, "fr"), (GERMAN, "de"), (POLISH, "pl")])
@pytest.mark.parametrize("times", [1, 12])
def test_foreign_chunk_is_named(text: str, tag: str, times: int) -> None:
    verdict = language([chunk(ENGLISH), chunk("\n\n".join([text] * times), 2)])
    (fault,) = verdict.faults
    assert fault.startswith(f"chunk_002.txt: line 1: most of the chunk reads as '{tag}', not 'en': ")
    assert text[:20] in fault
    assert verdict.figures == {"chunks": 2, "decided_chunks": 2, "other_language_chunks": 1}


def test_wanted_language_passes_and_english_is_then_foreign() -> None:
    assert language([chunk(GERMAN)], "de").passed
    assert not language([chunk(ENGLISH)], "de").passed


@pytest.mark.parametrize("foreign", [FRENCH, GERMAN, POLISH])
def test_foreign_dialogue_in_a_scene_is_no_fault(foreign: str) -> None:
    scene = [ENGLISH, f'"{foreign}"', ENGLISH, ENGLISH]
    assert language([chunk("\n\n".join(scene))]).passed


@pytest.mark.parametrize(
    "text", ["", "Non.", "Ja, ja! Gut.", "* * *", "1 2 3 " * 30, "Torment. Units. Haji!", "Aaaah! " * 40]
)
def test_what_says_too_little_is_left_undecided_or_passes(text: str) -> None:
    assert language([chunk(text)]).passed


@pytest.mark.parametrize(
    "text",
    [
        "'Ee, tha's a reet soft lad,' said t'owd man, an' spat. 'Tha mun gang back, or t'watter'll have thee.' " * 4,
        "The Vexil sentinels of Kathrun-Dor knelt; Ser Ythaniel spoke the nine names of Aum-Tiriel to the Units. " * 4,
        "O moon, thou pale and patient queen,\nthat o'er the silent water leans,\n"
        "what hast thou lost, what hast thou seen?\n" * 4,
    ],
    ids=["dialect", "invented names", "verse"],
)
def test_dialect_invented_names_and_verse_are_english(text: str) -> None:
    assert language([chunk(text)]).passed


def test_windows_cover_the_chunk_and_keep_their_offsets() -> None:
    text = "\n\n".join([ENGLISH] * 3 + [FRENCH] * 3)
    found = list(window_languages(text))
    assert [offset for offset, _ in found] == sorted({offset for offset, _ in found})
    assert found[0] == (0, "en")
    assert found[-1][1] == "fr"


def test_unknown_language_is_refused() -> None:
    with pytest.raises(GaeaError, match="'klingon' is no known ISO 639-1 code"):
        language([], "klingon")
