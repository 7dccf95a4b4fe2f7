"""Two invented writers whose habits differ in everything that is measured; texts of any length."""

# ruff: noqa: E501 - sentences with slots

import random

_PEOPLE = ["Haji", "Alan", "Mira", "Tovan", "Sel"]
_PLACES = [
    "corridor",
    "street",
    "tower",
    "river",
    "market",
    "bridge",
    "garden",
    "station",
    "wall",
    "gate",
    "harbour",
    "field",
]
_THINGS = [
    "lamp",
    "stone",
    "door",
    "engine",
    "letter",
    "window",
    "knife",
    "coat",
    "signal",
    "mirror",
    "map",
    "rope",
    "bell",
    "cup",
    "key",
    "stair",
]
_FEEL = ["fear", "hope", "doubt", "grief", "calm", "anger", "shame", "relief", "hunger", "silence"]
_VERBS = ["watch", "follow", "carry", "lift", "lower", "count", "touch", "leave", "open", "cross", "hold", "forget"]
_ADJ = [
    "cold",
    "narrow",
    "quiet",
    "broken",
    "old",
    "empty",
    "pale",
    "heavy",
    "distant",
    "warm",
    "dark",
    "small",
    "bright",
    "wet",
]


def second_person(words: int, seed: int) -> str:
    """Present tense, *you*, short sentences, italic thoughts, asides."""
    r = random.Random(seed)
    out: list[str] = []
    while sum(len(p.split()) for p in out) < words:
        sentences = []
        for _ in range(r.randint(3, 6)):
            kind = r.random()
            a, b, t, f, v = (r.choice(x) for x in (_ADJ, _PLACES, _THINGS, _FEEL, _VERBS))
            if kind < 0.4:
                sentences.append(
                    f"You {v} the {t} and {r.choice(_VERBS)} the {r.choice(_ADJ)} {b}, and your {f} does not answer."
                )
            elif kind < 0.55:
                sentences.append(f"Nothing in the {b} is {a}.")
            elif kind < 0.7:
                sentences.append(f"*Do I still {v} the {t}?*")
            elif kind < 0.8:
                sentences.append(f"No {f} is ever {a}; everyone knows that the {b} forgets.")
            elif kind < 0.9:
                sentences.append(
                    f"{r.choice(_PEOPLE)} stands beside you near the {a} {t}, and your hands are {r.choice(_ADJ)}."
                )
            else:
                sentences.append(f"You breathe. The Torment waits by the {b}.")
        out.append(" ".join(sentences))
        if r.random() < 0.3:
            out.append(f'"You never {r.choice(_VERBS)} the {r.choice(_THINGS)}," {r.choice(_PEOPLE)} says.')
    return "\n\n".join(out)


def third_person(words: int, seed: int) -> str:
    """Past tense, *he* and *she*, long sentences with subordinate clauses, no italics."""
    r = random.Random(10_000 + seed)
    out: list[str] = []
    while sum(len(p.split()) for p in out) < words:
        sentences = []
        for _ in range(r.randint(2, 4)):
            who, other = r.sample(_PEOPLE, 2)
            a, b, t, f, v = (r.choice(x) for x in (_ADJ, _PLACES, _THINGS, _FEEL, _VERBS))
            sentences.append(
                r.choice(
                    [
                        f"When {who} had reached the {b}, which was {a} at that hour, he began to {v} the {t}; for {other} had "
                        f"told him that it would bring {f} to her family, and he believed what she had said.",
                        f"It was with some {f} that {who} looked upon the {a} {t} which her brother had brought from the {b}, "
                        f"though she would not have said so to {other} for the world!",
                        f"He was certain that they would {v} the {t} before the week was out, and that the {b}, however {a}, "
                        f"would be theirs at last.",
                    ]
                )
            )
        out.append(" ".join(sentences))
        if r.random() < 0.5:
            out.append(
                f'"I should {r.choice(_VERBS)} that {r.choice(_THINGS)} at once," cried {r.choice(_PEOPLE)}, "if I were you!"'
            )
    return "\n\n".join(out)
