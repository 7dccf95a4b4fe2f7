"""Validate the measures of style and write `docs/style_validation.md`.

    .venv/bin/python benchmarks/style_validation.py --corpora /tmp/corpora --indexes ../shared/corpora

Unpack `authors.tar.xz` and `pretrain.tar.xz` into `--corpora`. About 20 minutes on one core, 5 more when the counts of the
books are not in `--cache` yet. `--only dose gaming` runs these sections and takes the others from `--results`.
"""

# ruff: noqa: E501 - tables

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from style_calibration import coverage, dose_response
from style_corpus import Book, Chunks, books, cached
from style_discrimination import METHODS, discrimination
from style_gaming import UNSEEN, gaming
from style_persons import person_figures
from style_speed import speed

from gaea_assets.style.background import load

PASSAGES = Path("gaea_assets_tests/style/data/passages.txt")
LENGTHS = (500, 1000, 2000, 5000)
COMMAND = ".venv/bin/python benchmarks/style_validation.py --corpora /tmp/corpora --indexes ../shared/corpora"


def sections(found: list[Book], chunks: Callable[[], Chunks]) -> dict[str, Callable[[], Any]]:
    """What can be run, by name."""
    return {
        "discrimination": lambda: discrimination(found, chunks()),
        "dose": lambda: dose_response(found, chunks()),
        "coverage": lambda: coverage(found, chunks()),
        "gaming": lambda: gaming(found),
        "persons": lambda: person_figures(found, PASSAGES),
        "speed": lambda: speed(found),
    }


def main() -> None:
    """Run, keep the results, write the page."""
    temporary = Path(tempfile.gettempdir())
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, default=temporary / "corpora")
    parser.add_argument("--indexes", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--cache", type=Path, default=temporary / "style_cache.pkl")
    parser.add_argument("--results", type=Path, default=temporary / "style_results")
    parser.add_argument("--only", nargs="*", help="sections to run; none with --only alone")
    parser.add_argument("--out", type=Path, default=Path("docs/style_validation.md"))
    args = parser.parse_args()
    args.results.mkdir(exist_ok=True)
    found = list(books(args.corpora, args.indexes))
    runs = sections(found, lambda: cached(args.corpora, args.indexes, args.cache)[1])
    for name in runs if args.only is None else args.only:
        start = time.perf_counter()
        value = runs[name]()
        result = {
            "value": value,
            "seconds": time.perf_counter() - start,
            "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        }
        (args.results / f"{name}.json").write_text(json.dumps(result, default=float))
        print(f"{name}: {result['seconds']:.0f} s", flush=True)
    saved = {name: json.loads((args.results / f"{name}.json").read_text()) for name in runs}
    args.out.write_text(page(saved), encoding="utf-8")
    print(args.out)


def page(saved: Mapping[str, Any]) -> str:
    """The whole page."""
    value = {name: row["value"] for name, row in saved.items()}
    parts = [
        _head(saved), _bars(value), _discrimination(value["discrimination"]), _dose(value["dose"], value["coverage"]), _coverage(value["coverage"]),
        _gaming(value["gaming"]), _persons(value["persons"]), _speed(value["speed"]), _limits(),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _head(saved: Mapping[str, Any]) -> str:
    notes = "".join(f" {row['note']}" for row in saved.values() if "note" in row)
    took = ", ".join(f"{name} {row['date']} UTC ({row['seconds']:.0f} s)" for name, row in saved.items())
    return (
        "# Do the measures of style stand up?\n\n"
        f"Written by `{COMMAND}`. Run: {took}.{notes}\n\n"
        "Corpora: 43 authors with three or more books (167 books, about 60,000 words of each used) and 171 other authors as "
        f"background; the bundled statistics rest on {load().authors} authors. Everything here is cross-book, with proper names "
        "masked, and on authors left out of whatever was fitted (5 groups of authors; in the hard set, groups of one kind and time). "
        "No text of the corpora is in the repository."
    )


def _bars(v: Mapping[str, Any]) -> str:
    tables = v["discrimination"]
    profile = tables["profile 2000"]
    gain = profile["Cosine Delta"]["gain"]
    dose = _array(v["dose"]["scores"]["transfer"])
    middle = np.nanmedian(dose, 0)
    off = max(abs(m - 100 * s) for m, s in zip(middle, v["dose"]["shares"], strict=True))
    self_ok, base_ok = np.mean(np.abs(dose[:, -1] - 100) <= 8), np.mean(np.abs(dose[:, 0]) <= 8)
    near = np.mean(np.all(np.abs(dose - 100 * np.array(v["dose"]["shares"])) <= 5, axis=1))
    monotone = np.mean(np.all(np.diff(dose, axis=1) > 0, axis=1))
    caught = [row["any"] for kind, row in v["gaming"].items() if kind != UNSEEN]
    passed = 1 - v["gaming"][UNSEEN]["any"]
    p = v["persons"]
    million = [s for name, s in v["speed"].items() if name.startswith("1,")]
    rows = [
        ("composite, query against profile, 2,000 words: AUC", ">= .97", profile["composite"]["AUC"], profile["composite"]["AUC"] >= 0.97),
        ("its gain over Cosine Delta, paired 95 % interval", "> 0", f"{gain[0]:.3f} to {gain[1]:.3f}", gain[0] > 0),
        ("hard negatives, query against profile: AUC", ">= .90", tables["hard profile 2000"]["composite"]["AUC"], tables["hard profile 2000"]["composite"]["AUC"] >= 0.9),
        ("hard negatives, sample against sample: AUC", ">= .90", tables["hard sample 2000"]["composite"]["AUC"], tables["hard sample 2000"]["composite"]["AUC"] >= 0.9),
        ("sample against sample, 2,000 words: AUC", ">= .90", tables["sample 2000"]["composite"]["AUC"], tables["sample 2000"]["composite"]["AUC"] >= 0.9),
        ("dose-response: median score off the share by at most", "5", off, off <= 5),
        ("dose-response: every score within 5 of the share, share of pairs", "all", near, near == 1),
        ("dose-response monotone, share of pairs", "all", monotone, monotone == 1),
        ("author against self within 100 +- 8, share of pairs", "all", self_ok, self_ok == 1),
        ("base against base within 0 +- 8, share of pairs", "all", base_ok, base_ok == 1),
        ("95 % intervals that hold the truth, 200 simulations", ".93 to .97", v["coverage"]["coverage"], 0.93 <= v["coverage"]["coverage"] <= 0.97),
        ("gaming caught by a gate, worst kind", "1", min(caught), min(caught) == 1),
        ("held-out text of the author passes the gates", ">= .99", passed, passed >= 0.99),
        ("first against third person, 2,000 words: AUC", ">= .94", p["first/third AUC, speech stripped"], p["first/third AUC, speech stripped"] >= 0.94),
        ("second person, recall (original; turned from first)", ">= .97", f"{p['second person, recall, original passages']:.3f}; {p['second person, recall, first person turned to second']:.3f}",
         min(p["second person, recall, original passages"], p["second person, recall, first person turned to second"]) >= 0.97),
        ("second person, false positives", "<= .02", p["second person, false positives"], p["second person, false positives"] <= 0.02),
        ("seconds for a million words, on the clock (processor time)", "< 20", f"{million[0]:.1f} ({million[1]:.1f})", million[0] < 20),
        ("seconds for a bootstrap of 2,000", "< 5", v["speed"]["bootstrap of 2,000 resamples"], v["speed"]["bootstrap of 2,000 resamples"] < 5),
    ]  # fmt: skip
    return "## The bars\n\n" + _table(
        ("bar", "wanted", "measured", "met"),
        [(a, b, c if isinstance(c, str) else f"{c:.3f}", "yes" if d else "**no**") for a, b, c, d in rows],
    )


def _discrimination(tables: Mapping[str, Any]) -> str:
    out = [
        "## Same author or not\n\nAUC is the mean over authors of the profile (pooled: all pairs together). c@1, F0.5u, Brier and Cllr are on as "
        "many pairs of the same as of different authors, probabilities calibrated on the other groups of authors. Gain: composite minus "
        "method, 95 % of a paired bootstrap over authors. The compression baseline has one query a book, so no paired interval."
    ]
    chart = ", ".join(str(n) for n in LENGTHS)
    lines = [
        f"    line [{', '.join(format(tables[f'profile {n}'][m]['AUC'], '.4f') for n in LENGTHS)}]" for m in METHODS
    ]
    out.append(
        "```mermaid\nxychart-beta\n    title \"AUC by words, query against profile (from above at 500: " + ", ".join(_by_auc(tables)) + ")\"\n"
        f"    x-axis [{chart}]\n    y-axis \"AUC\" 0.5 --> 1\n" + "\n".join(lines) + "\n```"
    )  # fmt: skip
    for name, methods in tables.items():
        rows = []
        for method, f in methods.items():
            gain = f"{f['gain'][0]:+.3f} to {f['gain'][1]:+.3f}" if "gain" in f else ""
            rows.append(
                (method, *(f"{f[k]:.3f}" for k in ("AUC", "pooled AUC", "c@1", "F0.5u", "Brier", "Cllr")), gain)
            )
        kind = (
            name.replace("profile", "Query against profile,")
            .replace("sample", "Sample against sample,")
            .replace("hard", "Hard negatives:")
        )
        head = ("method", "AUC", "pooled", "c@1", "F0.5u", "Brier", "Cllr", "gain")
        out.append(f"### {kind} words\n\n{_table(head, rows)}")
    return "\n\n".join(out)


def _by_auc(tables: Mapping[str, Any]) -> list[str]:
    first = tables["profile 500"]
    return sorted(first, key=lambda method: -first[method]["AUC"])


def _dose(dose: Mapping[str, Any], coverage: Mapping[str, Any]) -> str:
    rows = []
    for name, scores in dose["scores"].items():
        table = _array(scores)
        rows.append((name, *(f"{np.nanmedian(c):.0f} ({np.nanmin(c):.0f} to {np.nanmax(c):.0f})" for c in table.T)))
    head = ("measure", *(f"{share:.0%}" for share in dose["shares"]))
    transfer = _array(dose["scores"]["transfer"])
    middle = np.nanmedian(transfer, 0)
    off = np.abs(transfer - 100 * np.array(dose["shares"]))
    expected = coverage["mean absolute error"] * (16 / 40) ** 0.5
    single = (
        f"The means are {', '.join(f'{mean:.1f}' for mean in np.nanmean(transfer, 0))}. A single score is {np.nanmean(off):.1f} points off its share in "
        f"the mean ({np.mean(off <= 5):.0%} within 5, {np.mean(off <= 8):.0%} within 8). That is sampling error: the simulations below are "
        f"{coverage['mean absolute error']:.1f} off with 16,000 words an arm, so {expected:.1f} is to be expected of 40,000. For every one of "
        f"{off.size} scores to lie within 5, an arm would need about four times as many words."
    )
    chart = (
        "```mermaid\nxychart-beta\n    title \"Transfer score by share of the author's text\"\n    x-axis [0, 25, 50, 75, 100]\n"
        f"    y-axis \"score\" -10 --> 110\n    line [{', '.join(f'{m:.1f}' for m in middle)}]\n    line [0, 25, 50, 75, 100]\n```"
    )  # fmt: skip
    return (
        f"## Dose-response\n\n{len(dose['pairs'])} pairs of authors; 40,000 words an arm, held-out and mixed text from independent halves. "
        "Median over pairs (least to greatest). At 0 % it is base against base, at 100 % the author against themself. Only the transfer score "
        f"is meant to be linear: the distances behind the others are not.\n\n{_table(head, rows)}\n\n{single}\n\n{chart}"
    )


def _coverage(c: Mapping[str, Any]) -> str:
    return (
        "## Intervals\n\n"
        f"{c['simulations']} simulated runs (9 prompts; 16,000 words each of held-out, base and tuned text, from two places a prompt), true score about "
        f"50: the 95 % interval held the truth in {c['coverage']:.1%}; {c['undefined']} undefined; median width {c['median width']:.0f} points, "
        f"median error {c['median error']:+.1f}, mean absolute error {c['mean absolute error']:.1f}. The intervals are wide because a run of this "
        "size says no more: hold out more prompts to narrow them. The arms must be alike in variety: in a first simulation the tuned text came "
        "from 18 places and the other arms' from 9, which made it look more alike to anything; the score was 2.4 points too high in the "
        "median and the intervals held the truth in 89.5 % only. Score base and tuned model on the same prompts, as many samples each."
    )


def _gaming(g: Mapping[str, Any]) -> str:
    rows = [
        (kind, f"{row['cases']:.0f}", *(f"{row[k]:.1%}" for k in ("any", "memorisation", "repetition")))
        for kind, row in g.items()
    ]
    head = ("kind", "cases", "caught by any gate", "memorisation", "repetition")
    return (
        f"## Texts made to fool it\n\nEach case is from another stretch of a book; 8 samples of about 450 words.\n\n{_table(head, rows)}\n\n"
        "The held-out text is from the same book as the training text. design.md asks for no shared 13-gram; authors do not keep to that themselves: "
        "of 529 such texts drawn with other seeds, 4 % hold 13 words or more of the training text word for word (a letter read twice, a psalm, a line of "
        "Shakespeare, *I adjure you to stand her friend*) and 1.5 % follow a passage of it nearly (directions through a maze given twice). The limits of the "
        "gate (no run of 20 words, 13-grams over at most 1 % of the words, 29 words in common with a passage nearly followed and 2 % of the words in such "
        "passages) were set on those 529, of which 99.05 % pass; the table is from other draws of the same books, and what still fails there is of the same kind. "
        "Copies of any kind have 64 % or more of their words from the training text. A passage that the held-out continuations share with the training text is taken for the author's refrain and left out."
    )


def _persons(p: Mapping[str, Any]) -> str:
    rows = [(name, f"{x:,.0f}" if "windows" in name else f"{x:.3f}") for name, x in p.items()]
    return (
        "## Person of narration\n\nOn the authors' books (24,000 words of each; mixed or framed narration left out). Second person has no long "
        "public-domain fiction, so recall is measured on windows joined from original passages, and on first-person novels turned to "
        "second person. The thresholds for second person were chosen on the first halves of the same books.\n\n"
        + _table(("figure", "value"), rows)
        + "\n\nThe hand-labelled set (`gaea_assets_tests/style/data/passages.txt`, 128 original passages) is checked in the tests. The first 114 were "
        "used to mend the rules (before: person right in 109; after: 112); the last 14 were written afterwards (person right in 12 before the thresholds were "
        "lowered, 13 after)."
    )


def _speed(s: Mapping[str, float]) -> str:
    return "## Speed\n\nOn two cores.\n\n" + _table(("what", "seconds"), [(name, f"{x:.1f}") for name, x in s.items()])


def _limits() -> str:
    return (
        "## What this does not show\n\n"
        "- The corpora are public-domain fiction, most of it from 1830 to 1930; modern prose, and fiction of one manuscript by one person, are "
        "further from the background than these authors are from each other.\n"
        "- Held-out text of the same manuscript shares its subject with the profile; names are masked, other subject words are not.\n"
        "- The weights of the three channels are fitted on scores of left-out authors whose channels saw other left-out authors: three numbers "
        "in all, but not nothing.\n"
        "- The composite damps what differs between books of one author; a book that departs from its author's habits scores low."
    )


def _array(rows: Sequence[Sequence[float | None]]) -> np.ndarray:
    return np.array([[np.nan if x is None else x for x in row] for row in rows])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


if __name__ == "__main__":
    main()
