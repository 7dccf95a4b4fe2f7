"""Run the pocket voice with several seeds and print its table: mean and spread of every measure.

    .venv/bin/python benchmarks/pocket_seeds.py --seeds 0 1 2 > /tmp/pocket.md

Each seed is a whole run (split, adapter, merge, report) in a folder of its own under --work, about five minutes
on two cores; the seed is that of initialisation, order, dropout, sampling and bootstrap. The split into training and
validation stays the same.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from typing import Any

import yaml

from gaea_assets.definitions import build_defs
from gaea_assets.resources import PROJECT, Workspace

VOICE = "pocket"
SHOWN = ("opening-1",)
SAMPLE_CHARACTERS = 1200


def run(seed: int, work: Path, changes: dict[str, Any]) -> Path:
    """Run the pipeline with a seed; returns the folder of its style report."""
    project = work / f"seed{seed}"
    fields = yaml.safe_load((PROJECT / "configs" / "voices" / f"{VOICE}.yaml").read_text("utf-8"))
    fields["base"]["model"] = str(PROJECT / fields["base"]["model"])
    fields["manuscript"]["folder"] = str(PROJECT / "data" / "raw" / fields["manuscript"]["folder"])
    for section, values in changes.items():
        fields.setdefault(section, {}).update(values)
    for section in ("training", "evaluation"):
        fields[section]["seed"] = seed
    (project / "configs" / "voices").mkdir(parents=True, exist_ok=True)
    (project / "configs" / "voices" / f"{VOICE}.yaml").write_text(yaml.safe_dump(fields), "utf-8")
    workspace = Workspace(project=str(project), data=str(project / "data"))
    job = build_defs({"workspace": workspace}).resolve_job_def("voice_pipeline")
    job.execute_in_process(partition_key=VOICE, run_config={"loggers": {"console": {}}})
    return workspace.made("style_report", VOICE)


def table(reports: dict[int, dict[str, Any]]) -> str:
    """Measures and gates by seed, with mean and spread."""
    seeds = " | ".join(f"seed {seed}" for seed in reports)
    rows = [f"| measure | target | {seeds} | mean | least to greatest |", "|---|---|" + "---|" * (len(reports) + 2)]
    first = next(iter(reports.values()))
    for number, measure in enumerate(first["measures"]):
        scores = [report["measures"][number]["score"] for report in reports.values()]
        known = [score for score in scores if score is not None]
        told = " | ".join("undefined" if score is None else f"{score:.1f}" for score in scores)
        spread = f"{mean(known):.1f} | {min(known):.1f} to {max(known):.1f}" if known else " | "
        rows.append(f"| {measure['name']} | > {measure['target']:g} | {told} | {spread} |")
    for number, gate in enumerate(first["gates"]):
        states = ["passed" if report["gates"][number]["passed"] else "failed" for report in reports.values()]
        rows.append(f"| {gate['name']} | pass | {' | '.join(states)} | | |")
        for name, limit in gate["limits"].items():
            if name not in gate["figures"]:
                continue  # a base that follows no instructions has no figure for them
            values = [report["gates"][number]["figures"][name] for report in reports.values()]
            told = " | ".join(f"{value:.3f}" for value in values)
            rows.append(
                f"| - {name} | {limit:.3f} | {told} | {mean(values):.3f} | {min(values):.3f} to {max(values):.3f} |"
            )
    return "\n".join(rows)


def samples(folder: Path, prompts: int) -> str:
    """The first continuation of the author's own opening and of the first held-out prompts, base and tuned."""
    tuned = [json.loads(line) for line in (folder / "continuations.jsonl").read_text("utf-8").split("\n") if line]
    before = folder.parents[1] / "baseline_metrics" / VOICE / "continuations.jsonl"
    base = [json.loads(line) for line in before.read_text("utf-8").split("\n") if line]
    first = {row["prompt_id"]: row for row in reversed(tuned)}
    first_base = {row["prompt_id"]: row for row in reversed(base)}
    chosen = [*SHOWN, *[name for name in first if name not in SHOWN][:prompts]]
    return "\n\n".join(
        f"**Prompt** (`{name}`)\n\n{_quoted(first[name]['prompt'])}\n\n**Base**\n\n{_quoted(first_base[name]['text'])}"
        f"\n\n**Tuned**\n\n{_quoted(first[name]['text'])}"
        for name in chosen
    )


def _quoted(text: str) -> str:
    return "> " + text.strip()[:SAMPLE_CHARACTERS].replace("\n", "\n> ")


def main() -> None:
    """Run the seeds, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "pocket_seeds")
    parser.add_argument("--set", nargs="*", default=[], metavar="SECTION.FIELD=VALUE", help="changes to the recipe")
    parser.add_argument("--prompts", type=int, default=2, help="held-out prompts whose samples are shown")
    args = parser.parse_args()
    changes: dict[str, Any] = {}
    for change in args.set:
        field, value = change.split("=")
        section, name = field.split(".")
        changes.setdefault(section, {})[name] = yaml.safe_load(value)
    folders = {seed: run(seed, args.work, changes) for seed in args.seeds}
    reports = {seed: json.loads((folder / "report.json").read_text("utf-8")) for seed, folder in folders.items()}
    print(f"{datetime.now(UTC):%Y-%m-%d}, seeds {args.seeds}, changes {changes or 'none'}\n")
    print(table(reports), "\n")
    print(samples(folders[args.seeds[0]], args.prompts))


if __name__ == "__main__":
    main()
