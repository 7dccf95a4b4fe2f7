"""How often the tags are right: labelled passages, and the sample manuscript's own labels.

.venv/bin/python benchmarks/tags_accuracy.py              # both halves, writes docs/tags.md
.venv/bin/python benchmarks/tags_accuracy.py --half dev   # while working on the rules: prints, writes nothing
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scipy.stats import spearmanr
from tabulate import tabulate
from tags_fit import labelled

from gaea_assets.manuscript.reading import read_manuscript
from gaea_assets.manuscript.tags.entities import core
from gaea_assets.manuscript.tags.scene_type import TYPES
from gaea_assets.manuscript.tags.tagging import LEVELS, Tags, tag_chunks
from gaea_assets.style.persons import PERSONS

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "raw" / "visions_of_gaea"
PAGE = ROOT / "docs" / "tags.md"
BEHIND_RULES = "## Accuracy"
"""What stands before it on the page is written by hand; the rest is written here."""


@dataclass(frozen=True)
class Score:
    """Figures of one set of labelled texts."""

    table: list[tuple[str, str]]
    confusions: dict[str, str]


def same_name(one: str, other: str) -> bool:
    """Whether two names are one: titles aside, the words of one stand in the other."""
    a, b = ({word.lower() for word in core(name)} for name in (one, other))
    return a <= b or b <= a


def same_pov(given: str | None, wanted: str | None) -> bool:
    """Whether the point of view is right; `you`, `I` and None are right only as themselves."""
    if given is None or wanted is None or {given, wanted} & {"you", "I"}:
        return given == wanted
    return same_name(given, wanted)


def name_counts(given: Sequence[str], wanted: Sequence[str]) -> tuple[int, int, int]:
    """Right, given and wanted names; each wanted name answers one given."""
    left = list(wanted)
    right = 0
    for name in given:
        match = next((other for other in left if same_name(name, other)), None)
        if match is not None:
            left.remove(match)
            right += 1
    return right, len(given), len(wanted)


def confusion(given: Sequence[str], wanted: Sequence[str], order: Sequence[str]) -> str:
    """A table, one row a label and one column a tag."""
    counts = Counter(zip(wanted, given, strict=True))
    rows = [[f"labelled {w}", *(counts[w, g] for g in order)] for w in order if any(counts[w, g] for g in order)]
    return tabulate(rows, ["", *(f"tagged {g}" for g in order)], tablefmt="github")


def share(right: int, total: int) -> str:
    """A share with its counts."""
    return f"{right}/{total} ({right / max(total, 1):.0%})"


def score(rows: Sequence[dict[str, Any]]) -> Score:
    """Score the tags of labelled passages, each a manuscript of its own."""
    tags = [tag_chunks([row["text"]])[0] for row in rows]
    every = [tag_chunks([row["text"]], least_mentions=1)[0] for row in rows]
    levels = [LEVELS[0] if t.tension < 1 / 3 else LEVELS[2] if t.tension > 2 / 3 else LEVELS[1] for t in tags]
    table = [
        (name, share(sum(getattr(t, name) == row[name] for t, row in zip(tags, rows, strict=True)), len(rows)))
        for name in ("person", "scene_type")
    ]
    table.append(("pov", share(sum(same_pov(t.pov, row["pov"]) for t, row in zip(tags, rows, strict=True)), len(rows))))
    wanted = [row["tension"] for row in rows]
    table.append(("tension, three ways", share(sum(a == b for a, b in zip(levels, wanted, strict=True)), len(rows))))
    rank = spearmanr([t.tension for t in tags], [LEVELS.index(w) for w in wanted]).statistic
    table.append(("tension, rank correlation (Spearman)", f"{rank:.2f}"))
    for kind, found in (("all names", every), ("names that recur", tags)):
        right, given, known = (
            sum(column)
            for column in zip(
                *(name_counts(t.names, r["names"]) for t, r in zip(found, rows, strict=True)), strict=True
            )
        )
        table += [(f"{kind}, precision", share(right, given)), (f"{kind}, recall", share(right, known))]
    return Score(
        table,
        {
            "person": confusion([t.person for t in tags], [r["person"] for r in rows], (*PERSONS, "undecided")),
            "scene type": confusion([t.scene_type for t in tags], [r["scene_type"] for r in rows], TYPES),
            "tension": confusion(levels, wanted, LEVELS),
        },
    )


def mistakes(rows: Sequence[dict[str, Any]]) -> str:
    """What went wrong in the development half, line by line."""
    lines = []
    for row in rows:
        tag = tag_chunks([row["text"]], least_mentions=1)[0]
        wrong = [n for n in ("person", "scene_type") if getattr(tag, n) != row[n]]
        wrong += ["pov"] * (not same_pov(tag.pov, row["pov"]))
        told = {n: (getattr(tag, n), row[n]) for n in wrong}
        shares = {n: round(v, 2) for n, v in tag.scene_shares.items()}
        lines.append(
            f"{row['id']}: {told} {shares} tension {tag.tension:.2f} {row['tension']} {tag.names} {row['names']}"
        )
    return "\n".join(lines)


def sample() -> list[tuple[str, str]]:
    """The sample manuscript against the labels that came with it; they were never fitted to."""
    labels = {c["file"]: c for c in json.loads((SAMPLE / "metadata.json").read_text(encoding="utf-8"))["chunks"]}
    chunks = read_manuscript(SAMPLE).chunks
    tags: list[Tags] = tag_chunks([chunk.text for chunk in chunks])
    rows = [labels[chunk.source] for chunk in chunks]
    pairs = list(zip(tags, rows, strict=True))
    rank = spearmanr([t.tension for t in tags], [row["tension"] for row in rows]).statistic
    named = [(t.pov, row["pov"]) for t, row in pairs if t.pov not in (None, "you", "I")]
    return [
        ("scene type", share(sum(t.scene_type == row["scene_type"] for t, row in pairs), len(rows))),
        ("tension against the labels 1 to 5 (Spearman)", f"{rank:.2f}"),
        ("pov, where the tag is a name and not `you`", share(sum(same_pov(*pair) for pair in named), len(named))),
        ("pov tagged `you`", share(sum(t.pov == "you" for t in tags), len(rows))),
    ]


def page() -> str:
    """The whole page."""
    scores = {half: score(labelled(half)) for half in ("dev", "test")}
    header = ["tag", "development half", "test half"]
    both = [(name, dev, test) for (name, dev), (_, test) in zip(scores["dev"].table, scores["test"].table, strict=True)]
    parts = [PAGE.read_text(encoding="utf-8").partition(BEHIND_RULES)[0].rstrip(), "", BEHIND_RULES, ""]
    parts += [
        f"`.venv/bin/python benchmarks/tags_accuracy.py`, {datetime.now(UTC):%Y-%m-%d}.",
        "Each passage is a manuscript of its own.",
        "",
    ]
    parts += [tabulate(both, header, tablefmt="github"), ""]
    for half, title in (("test", "Test half"), ("dev", "Development half")):
        for name, table in scores[half].confusions.items():
            parts += [f"### {title}: {name}", "", table, ""]
    parts += ["## The sample manuscript", "", "Its own labels (`metadata.json`), one a chunk.", ""]
    parts += [tabulate(sample(), ["tag", "right"], tablefmt="github"), ""]
    return "\n".join(parts)


def main() -> None:
    """Score and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=("dev",), help="score the development half only, and print")
    if parser.parse_args().half:
        rows = labelled("dev")
        found = score(rows)
        print(mistakes(rows), tabulate(found.table), *found.confusions.values(), tabulate(sample()), sep="\n\n")
        return
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
