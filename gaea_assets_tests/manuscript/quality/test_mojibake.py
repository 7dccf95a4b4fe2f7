"""Encoding damage is found; other languages, emoji and typography are left alone."""

# ruff: noqa: RUF001 - typographic quotes are what this is about

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.quality.mojibake import mojibake


def gate(text: str):
    return mojibake([Chunk("001", text, "chunk_001.txt")])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("She donâ€™t know.", "should it be 'She don’t know.'?"),
        ("He said â€œcome.", "should it be 'He said “come.'?"),
        ("a cafÃ© by the sea", "'a café by the sea'"),
        ("SÃ£o Paulo", "'São Paulo'"),
        ("It‚Äôs late.", "'It’s late.'"),
        ("an excellent à¦sthetic effect", "misread characters"),
        ("a caf\ufffd by the sea", "U+FFFD"),
        ("one\x07two", "a control character"),
        ("one\x92s", "a control character"),
        ("I donÕt know", "a damaged apostrophe"),
        ("I don?t know", "a damaged apostrophe"),
        ("I donât know", "a damaged apostrophe"),
        ("salt &amp; iron", "an HTML entity"),
        ("salt&#8217;s", "an HTML entity"),
        ("in\u00adter", "an invisible character"),
        ("a\u200bb", "an invisible character"),
        ("one\u2028two", "a line separator"),
        ("see \ufffc", "a picture or object"),
        ("a \uf0b7 b", "a symbol font"),
    ],
)
def test_damage_is_named_with_its_line(text: str, told: str) -> None:
    verdict = gate(f"It was late.\n\n{text}\n\nShe slept.")
    assert len(verdict.faults) == 1
    assert verdict.faults[0].startswith("chunk_001.txt: line 3: ")
    assert told in verdict.faults[0]
    assert verdict.figures == {"chunks": 1, "damaged_chunks": 1, "damaged_places": 1}


@pytest.mark.parametrize(
    "text",
    [
        "« Ça va ? » dit-elle. Où est l’œuvre naïve de l’été, là-bas ? ÉTÉ, À L’HÔTEL, ÇÀ ET LÀ…",
        "„Ach so“, sagte er. Größe, Straße, ÄÖÜäöü; daß „es“ so ist. ‚Ja.‘",
        "Zażółć gęślą jaźń. Łódź, święto… „Tak” – rzekł Żyd w Ćmielowie.",
        "¿Qué pasa, señor Núñez? ¡Ay! «Sí» — dijo él. NIÑO, CAMIÓN",
        "São João não comeu pão; CORAÇÃO, MÃE, AVÓ, À NOITE",
        "Příliš žluťoučký kůň. Îles, Ñandú, Çeşme, İstanbul, Đặng Thị.",
        "Привет, как дела? Ελληνικά. 「こんにちは」 שלום مرحبا",
        "I 👩‍👩‍👧 love 😀❤️ ☕, ½ cup at 50 °C for £5 or €3.",
        "“‘Twas brillig,” he said—‘No’… the boys’ coats; rock ’n’ roll",
        "Roses are red,\n  violets — / blue;\n\tO moon! †",
        "AT&T; Q&A; R&D, he said; salt & pepper",
        "What?! Really?? You?",
        "x² × 3 ± ¼ § 4 ¶ © 2020 ®™",
    ],
)
def test_other_languages_and_typography_are_left_alone(text: str) -> None:
    assert gate(text).faults == []


WORDS = """été où ça naïve œuvre à côté Élan ÉTÉ Ça daß Straße größer Übel ÄRGER Öl żółć Łódź jaźń święto ŻÓŁW Ćma
niño ¿qué? ¡ay! São pão CORAÇÃO fjørd Ångström tête-à-tête l’été d’où İstanbul""".split()  # noqa: SIM905
WRAPS = ("{}", "“{}”", "‘{}’", "„{}“", "« {} »", "«{}»", "({})", "{},", "{}…", "{} —", "— {}", "{}!", "*{}*")


@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(WRAPS)), max_size=12))
@settings(max_examples=150, deadline=None)
def test_words_of_other_languages_in_any_quotes_are_no_damage(words: list[tuple[str, str]]) -> None:
    assert gate(" ".join(wrap.format(word) for word, wrap in words)).faults == []


@given(st.lists(st.sampled_from(["café", "naïve", "“Go”", "don’t", "über", "wait…"]), min_size=1, max_size=6))
def test_utf8_read_as_windows_1252_is_always_found(words: list[str]) -> None:
    # ftfy's table: Windows-1252 with its five holes filled as browsers fill them.
    damaged = " ".join(words).encode().decode("sloppy-windows-1252")
    assert gate(damaged).figures["damaged_places"] >= 1
