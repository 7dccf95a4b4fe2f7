"""Readings to test with: plans of made-up texts, readers and their tastes; how well the intervals cover them."""

import json
import resource
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from gaea_assets.blind.files import ReadingFiles
from gaea_assets.blind.order import order
from gaea_assets.blind.outlook import MOST_VOTES, outlook
from gaea_assets.blind.plan import AttentionRule, Plan
from gaea_assets.blind.planning import make_plan
from gaea_assets.blind.statistics import win_rate
from gaea_assets.blind.votes import ANSWERS, Vote, cast
from gaea_assets.config import Blind, VoiceConfig
from gaea_assets.lineage import UPSTREAM, made_from
from gaea_assets.manuscript.examples import Example
from gaea_assets.resources import Workspace
from gaea_assets.serving.continuations import Continuation, Prompt, heldout_prompts
from gaea_assets_tests.projects import put, scene

MODEL = "0123456789abcdef" * 4
Tastes = NDArray[np.float64]
Flags = NDArray[np.bool_]


def prompts(count: int) -> list[Prompt]:
    """Prompts, with how the author went on."""
    return [Prompt(f"0{n}-1", scene(n, 1), scene(100 + n, 6)) for n in range(count)]


def passages(count: int = 12) -> list[Prompt]:
    """Passages of the training side."""
    return [Prompt(f"00{n}-1", scene(400 + n, 1), scene(500 + n, 6)) for n in range(count)]


def continuations(of: Sequence[Prompt], samples: int, start: int, paragraphs: int = 6) -> list[Continuation]:
    """What a model wrote: different prose for each prompt and sample."""
    return [
        Continuation(prompt.id, prompt.text, "\n\n" + scene(start + 50 * n + sample, paragraphs), True)
        for n, prompt in enumerate(of)
        for sample in range(samples)
    ]


def small_plan(count: int = 6, samples: int = 5, model: str = MODEL, **settings: Any) -> Plan:
    """A plan on so many prompts, each continued so often by both models."""
    given = prompts(count)
    return make_plan(
        "pocket",
        model,
        Blind(**{"words": 100, **settings}),
        "en",
        {f"00{n}": scene(200 + n, 12) for n in range(5)},
        passages(),
        given,
        continuations(given, samples, 1000),
        continuations(given, samples, 5000),
        {"style_report": "report", "baseline_metrics": "baseline"},
    )


def files_in(folder: Path, plan: Plan) -> ReadingFiles:
    """The plan's files under a data root."""
    return ReadingFiles.of(folder, plan.voice, plan.model, plan.seed)


def side_of(plan: Plan, item: str, writer: str) -> str:
    """On which side a writer's text stands."""
    return "A" if plan.items[item].a == writer else "B"


def is_check(plan: Plan, item: str) -> bool:
    """Whether an item asks for attention alone."""
    return plan.pairs[plan.items[item].pair].kind == "check"


Taste = Callable[[Plan, str], str]


def attentive(pairs: Taste) -> Taste:
    """Of a reader who answers the checks rightly, and pairs by taste."""

    def taste(plan: Plan, item: str) -> str:
        if not is_check(plan, item):
            return pairs(plan, item)
        return next(answer for answer in ANSWERS if plan.items[item].right(answer))

    return taste


def likes_the_tuned(plan: Plan, item: str) -> str:
    """Of an attentive reader who always prefers the tuned model."""
    return attentive(lambda plan, item: side_of(plan, item, "tuned"))(plan, item)


def likes_the_base(plan: Plan, item: str) -> str:
    """Of an attentive reader who always prefers the base model."""
    return attentive(lambda plan, item: side_of(plan, item, "base"))(plan, item)


def reads_nothing(plan: Plan, item: str) -> str:
    """Of a reader who always takes what stands on the left, or above."""
    return "A"


def votes_of(plan: Plan, reader: str, count: int | None = None, taste: Taste = likes_the_tuned) -> list[Vote]:
    """A reader's first votes, in order."""
    return [cast(plan, reader, item, taste(plan, item), taste(plan, item), "") for item in order(plan, reader)[:count]]


def put_reading(workspace: Workspace, voice: VoiceConfig, heldout: int = 2) -> None:
    """All assets as if they had been made one from another just now, with texts to read blind."""
    examples = {
        "train": [_example(f"00{n}", 200 + n) for n in range(5)],
        "validation": [_example(f"01{n}", 300 + n) for n in range(heldout)],
    }
    given = heldout_prompts(examples["validation"], voice.evaluation)
    samples = voice.evaluation.samples_per_prompt
    files: dict[str, dict[str, str]] = {
        "prefix_completion_dataset": {
            f"{side}.jsonl": _lines(example.as_row() for example in found) for side, found in examples.items()
        },
        "baseline_metrics": {"continuations.jsonl": _lines(map(asdict, continuations(given, samples, 1000)))},
        "style_report": {
            "continuations.jsonl": _lines(map(asdict, continuations(given, samples, 9000))),
            "report.json": json.dumps({"generated_by": {arm: {"verified": True} for arm in ("base", "tuned")}}),
        },
    }
    for asset in UPSTREAM:
        put(workspace, asset, files.get(asset, {"made.txt": asset}), made_from(asset, workspace, voice))


def _example(name: str, number: int) -> Example:
    text = scene(number, 40)
    return Example(name, name, text[:100], text[100:], True, 1)


def _lines(rows: Iterable[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@contextmanager
def disk_with_room_for(size: int) -> Iterator[None]:
    """As if the disk were full beyond so many bytes of a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


CHECKS = 5
"""Attention checks that each reader judges: 15 % of 32 pairs."""
SLIPS = 0.05
"""Share of the checks that an attentive reader gets wrong."""


@dataclass(frozen=True)
class Crowd:
    """Readers and prompts that votes are drawn from; spreads are on the probit scale."""

    readers: int
    prompts: int
    votes: int
    spread: float
    """Standard deviation of readers, and of prompts."""
    rate: float
    """Share of votes won in the population of attentive readers; ties are half."""
    ties: float = 0.1
    careless: float = 0.0
    """Share of the readers who come that answer everything at random, checks too."""
    checked: Literal["attention", "taste", "not"] = "attention"
    """What readers are left out by: `taste` asks for the author or the base model, which is asked in the pairs too."""

    def who_stays(self, rng: np.random.Generator) -> tuple[Tastes, Flags]:
        """The first readers whom the rule does not leave out: their tastes, and who of them is careless."""
        rule, tastes, careless = AttentionRule(), [], []
        while len(tastes) < self.readers:
            # One reader is judged as this one reader: the interval is not meant for others.
            taste = rng.normal(0, self.spread) if self.readers > 1 else 0.0
            random = rng.random() < self.careless
            right = 1 / 3 if random else 1 - SLIPS
            if self.checked == "taste":
                right = stats.norm.cdf(stats.norm.ppf(self.rate) * np.sqrt(1 + self.spread**2) + taste)
            if self.checked == "not" or not rule.leaves_out((rng.random(CHECKS) < right).tolist()):
                tastes.append(taste)
                careless.append(random)
        return np.array(tastes), np.array(careless)

    def draw(self, rng: np.random.Generator) -> tuple[list[float], list[str], list[str]]:
        """Votes, who gave them, and on what: each reader goes through all prompts before one comes again."""
        per_reader = self.votes // self.readers
        reader = np.repeat(np.arange(self.readers), per_reader)
        rounds = -(-per_reader // self.prompts)
        prompt = np.concatenate(
            [
                np.concatenate([rng.permutation(self.prompts) for _ in range(rounds)])[:per_reader]
                for _ in range(self.readers)
            ]
        )
        of_readers, careless = self.who_stays(rng)
        total = np.sqrt(1 + self.spread**2 * (1 + (self.readers > 1)))
        middle = stats.norm.ppf((self.rate - self.ties / 2) / (1 - self.ties)) * total
        chance = stats.norm.cdf(middle + of_readers[reader] + rng.normal(0, self.spread, self.prompts)[prompt])
        won = np.where(rng.random(len(reader)) < self.ties, 0.5, rng.random(len(reader)) < chance)
        won = np.where(careless[reader], rng.integers(0, 3, len(reader)) / 2, won)
        return won.tolist(), [f"r{n}" for n in reader], [f"p{n}" for n in prompt]


def coverage(crowd: Crowd, draws: int, seed: int = 0) -> dict[str, float]:
    """How the interval does, in percent: how often it holds the true rate, how often it lies above it, its width.

    Beside it Wilson's interval, which takes the votes for independent.
    """
    rng = np.random.default_rng(seed)
    found = [win_rate(*crowd.draw(rng), 0.95) for _ in range(draws)]
    true = crowd.rate
    return {
        "held": 100 * float(np.mean([f.low <= true <= f.high for f in found])),
        "above": 100 * float(np.mean([f.low > true for f in found])),
        "width": 100 * float(np.mean([f.high - f.low for f in found])),
        "wilson_held": 100 * float(np.mean([f.wilson[0] <= true <= f.wilson[1] for f in found])),
        "wilson_above": 100 * float(np.mean([f.wilson[0] > true for f in found])),
        "wilson_width": 100 * float(np.mean([f.wilson[1] - f.wilson[0] for f in found])),
    }


def power(crowd: Crowd, target: float, draws: int, seed: int = 0) -> float:
    """How often the target is proved, in percent."""
    rng = np.random.default_rng(seed)
    return 100 * float(np.mean([win_rate(*crowd.draw(rng), 0.95).low > target for _ in range(draws)]))


@dataclass
class Kept:
    """What became of readings that were undecided at 95 %, at the next level; each list: whether it was settled."""

    more_votes: list[bool]
    """Told a number of votes: with so many further votes, of further readers on the same prompts."""
    prompts: list[bool]
    """Told more prompts: by such a reading."""
    votes_instead: list[bool]
    """Told more prompts: with as many further votes as are in reach, on the same prompts."""
    told: list[int]
    """The numbers of votes told."""
    nothing: int = 0
    """How many were told that nothing in reach settles it."""


RATES = tuple(rate / 100 for rate in range(50, 91, 5))


def promises(crowd: Crowd, target: float, draws: int, seed: int = 0) -> Kept:
    """How often what is told of an undecided reading settles it, the true rate being any of `RATES`."""
    rng, kept, per_prompt = np.random.default_rng(seed), Kept([], [], [], []), 3
    times = 1 + -(-MOST_VOTES // crowd.votes)

    def settled(votes: Sequence[Sequence[Any]], level: float) -> bool:
        found = win_rate(*votes, level)  # type: ignore[arg-type]
        return found.low > target or found.high < target

    for _ in range(draws):
        one = replace(crowd, rate=float(rng.choice(RATES)))
        # Readers come one after another: the first so many votes are those of the first so many of them.
        votes = replace(one, readers=times * one.readers, votes=times * one.votes).draw(rng)
        first = [part[: one.votes] for part in votes]
        if settled(first, 0.95):
            continue
        told = outlook(win_rate(*first, 0.95), target, 0.975, [per_prompt] * one.prompts)  # type: ignore[arg-type]
        if told.more_votes:
            kept.more_votes.append(settled([part[: one.votes + told.more_votes] for part in votes], 0.975))
            kept.told.append(told.more_votes)
        elif told.prompts and told.readers and told.votes:
            new = replace(one, readers=told.readers, prompts=told.prompts, votes=told.votes)
            kept.prompts.append(settled(new.draw(rng), 0.975))
            kept.votes_instead.append(settled([part[: one.votes + MOST_VOTES] for part in votes], 0.975))
        else:
            kept.nothing += 1
    return kept


def _percent(held: Sequence[bool]) -> str:
    return f"{100 * np.mean(held):.0f}" if held else "-"


def main() -> None:
    """Print the tables of docs/blind.md."""
    draws = int(sys.argv[1])
    told = "told votes | median | settled | told prompts | settled | 1,000 votes instead | told nothing"
    print(f"| readers | prompts | votes | spread | {told} |\n|{'---:|' * 11}")
    for readers, count, votes in ((2, 8, 48), (3, 8, 60), (6, 8, 60), (3, 24, 60), (6, 24, 120)):
        for spread in (0.0, 0.3, 0.5):
            kept = promises(Crowd(readers, count, votes, spread, 0.6), 0.6, draws)
            cells: list[object] = [readers, count, votes, spread, len(kept.more_votes), int(np.median(kept.told))]
            cells += [_percent(kept.more_votes), len(kept.prompts), _percent(kept.prompts)]
            cells += [_percent(kept.votes_instead), kept.nothing]
            print(f"| {' | '.join(map(str, cells))} |", flush=True)

    print("| readers | prompts | votes | spread | true rate | holds | above | width | Wilson holds | above | width |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for rate in (0.6, 0.8):
        for readers, count, votes in ((1, 8, 32), (2, 8, 60), (3, 8, 60), (5, 8, 60), (10, 8, 60), (3, 24, 60)):
            for spread in (0.0, 0.3, 0.5):
                crowd = Crowd(readers, count, votes, spread, rate)
                cells = " | ".join(f"{value:.1f}" for value in coverage(crowd, draws).values())
                print(f"| {readers} | {count} | {votes} | {spread} | {100 * rate:.0f} | {cells} |", flush=True)

    print("\n| readers | spread | careless 0 % | 20 % | 40 % | careless 40 %, no checks | checks of taste |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for readers in (2, 3, 5, 10):
        for spread in (0.3, 0.5, 0.8):
            like = Crowd(readers, 8, 60, spread, 0.6)
            others: list[dict[str, Any]] = [{"careless": share} for share in (0.0, 0.2, 0.4)]
            others += [{"careless": 0.4, "checked": "not"}, {"checked": "taste"}]
            cells = " | ".join(f"{power(replace(like, **other), 0.6, draws):.1f}" for other in others)
            print(f"| {readers} | {spread} | {cells} |", flush=True)

    print("\n| readers | votes | true rate 60 | 70 | 75 | 80 | 85 | 90 |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    for readers, votes in ((1, 32), (2, 60), (3, 60), (5, 60), (10, 60), (5, 120), (10, 200)):
        rates = [power(Crowd(readers, 8, votes, 0.3, r / 100), 0.6, draws) for r in (60, 70, 75, 80, 85, 90)]
        print(f"| {readers} | {votes} | {' | '.join(f'{rate:.0f}' for rate in rates)} |", flush=True)


if __name__ == "__main__":
    main()
