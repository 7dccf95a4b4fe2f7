"""What the votes of a reading say, once there are enough."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, Literal

from gaea_assets.blind.agreement import agreement
from gaea_assets.blind.looks import level
from gaea_assets.blind.outlook import Outlook, outlook
from gaea_assets.blind.plan import Plan
from gaea_assets.blind.sample import Reader, Sample
from gaea_assets.blind.statistics import WinRate, win_rate
from gaea_assets.blind.votes import Vote

SCHEMA = 1
_MARKS = re.compile(r"([\\`*_\[\]~|])")
QUESTIONS: Mapping[str, Callable[[Vote], str]] = {
    "closer": lambda vote: vote.closer,
    "better": lambda vote: vote.better,
}
"""What is asked, and the answer in a vote."""
Outcome = Literal["proved", "not_yet_shown", "not_preferred"]


def outcome(found: WinRate, target: float) -> Outcome:
    """Whether it is proved that the share of votes won is above the target, from 0 to 1, or that it is below."""
    if found.low > target:
        return "proved"
    return "not_preferred" if found.high < target else "not_yet_shown"


def evaluate(plan: Plan, sample: Sample, look: int) -> dict[str, Any]:
    """The result as JSON values; rates and their ends in percent.

    Args:
        plan: The reading.
        sample: Its votes, none missing.
        look: Number of this result among those taken of the model, from 1.
    """
    counted = [(reader, pair, vote) for reader in sample.readers for pair, vote in reader.pairs.items()]
    target = plan.settings["target"] / 100
    rates = {
        question: win_rate(
            [plan.items[vote.item].chosen(answer(vote)) for _, _, vote in counted],
            [reader.name for reader, _, _ in counted],
            [plan.pairs[pair].prompt_id for _, pair, _ in counted],
            level(look),
        )
        for question, answer in QUESTIONS.items()
    }
    closer = rates["closer"]
    verdict = outcome(closer, target)
    pairs = Counter(plan.pairs[pair].prompt_id for pair in plan.of_kind("pair"))
    ahead = outlook(closer, target, level(look + 1), [*pairs.values()]) if verdict == "not_yet_shown" else Outlook()
    return {
        "schema": SCHEMA,
        "voice": plan.voice,
        "model": plan.model,
        "plan": plan.id,
        "seed": plan.seed,
        "target": plan.settings["target"],
        "votes": len(counted),
        "readers": sum(bool(reader.pairs) for reader in sample.readers),
        "prompts": len({plan.pairs[pair].prompt_id for _, pair, _ in counted}),
        "win_rate": 100 * closer.rate,
        "low": 100 * closer.low,
        "high": 100 * closer.high,
        "verdict": verdict,
        "more_votes": ahead.more_votes,
        "more_readers": ahead.more_readers,
        "prompts_wanted": ahead.prompts,
        "votes_wanted": ahead.votes,
        "readers_wanted": ahead.readers,
        "look": look,
        **{question: _rate(rate) for question, rate in rates.items()},
        "agreement": {question: _agreement(plan, sample.readers, answer) for question, answer in QUESTIONS.items()},
        "by_reader": [
            _reader(plan, reader, left_out=reader in sample.left_out) for reader in (*sample.readers, *sample.left_out)
        ],
        "attention_rule": (
            f"left out: less than {100 * plan.rule.least_share:.0f} % of the attention checks right, "
            f"of {plan.rule.least_checks} or more"
        ),
        "in_report": plan.in_report,
        "pairs_left_out": dict(plan.left_out),
        "made_from": dict(plan.made_from),
        "notes": _notes(plan, sample.readers),
    }


def told(result: Mapping[str, Any]) -> str:
    """The outcome in one line."""
    ends = f"{result['low']:.1f} to {result['high']:.1f}"
    readers = f"{result['readers']} reader{'s' if result['readers'] != 1 else ''}"
    found = f"preferred in {result['win_rate']:.1f} % ({ends}) of {result['votes']} votes by {readers}"
    target = f"{result['target']:g} %"
    match result["verdict"]:
        case "proved":
            return f"{found}: proved to be more than {target}"
        case "not_preferred":
            return f"{found}: less than {target}, so not preferred; the style report says what to change"
    return f"{found}: not yet shown to be more than {target}; {_ahead(result)}"


def _ahead(result: Mapping[str, Any]) -> str:
    """What would settle an undecided reading."""
    if more := result["more_votes"]:
        by = f", of about {more_readers} further readers," if (more_readers := result.get("more_readers")) else ""
        return f"about {more} more votes{by} would settle it at this rate (blind.votes: {result['votes'] + more})"
    if wanted := result.get("prompts_wanted"):  # not in a result of an earlier version
        return (
            f"more votes on these {result['prompts']} prompts would hardly settle it; a new reading of about {wanted} "
            f"prompts, with {result['votes_wanted']} votes of {result['readers_wanted']} readers, would "
            "(evaluation.passage_words or dataset.validation_share)"
        )
    return f"the rate is too near to {result['target']:g} % for any number of votes in reach to settle it"


def as_markdown(result: Mapping[str, Any]) -> str:
    """The result for a person to read."""
    rows = [
        f"| asked | tuned preferred | {result['closer']['level']:g} % interval | Wilson's, for independent votes "
        "| alpha between readers | alpha within |",
        "|---|---:|---|---|---|---|",
    ]
    for question, title in (("closer", "closer to the author"), ("better", "better written")):
        rate, agreed = result[question], result["agreement"][question]
        cells = (
            title,
            f"{rate['win_rate']:.1f} %",
            f"{rate['low']:.1f} to {rate['high']:.1f}",
            f"{rate['wilson_low']:.1f} to {rate['wilson_high']:.1f}",
            _agreed(agreed["between_readers"]),
            _agreed(agreed["within_readers"]),
        )
        rows.append(f"| {' | '.join(cells)} |")
    readers = ["| reader | pairs | preferred | checks right | side A | |", "|---|---:|---:|---:|---:|---|"]
    for reader in result["by_reader"]:
        shares = (_share(reader[key]) for key in ("preferred", "checks_right", "side_a"))
        cells = (reader["reader"], str(reader["pairs"]), *shares, "left out" if reader["left_out"] else "")
        readers.append(f"| {' | '.join(cells)} |")
    notes = [
        f"- **{note['reader']}** ({note['prompt']}; A {note['a']}, B {note['b']}): " + _as_it_stands(note["note"])
        for note in result["notes"]
    ]
    blocks = [f"**{told(result)}**", "\n".join(rows), "\n".join(readers), result["attention_rule"]]
    return "\n\n".join([*blocks, *(["**Notes**\n\n" + "\n".join(notes)] if notes else [])]) + "\n"


def _as_it_stands(note: str) -> str:
    """A note in markdown that shows what was written: no image in it is fetched when the result is looked at."""
    return _MARKS.sub(r"\\\1", escape(" ".join(note.split()), quote=False))


def _share(percent: float | None) -> str:
    return "" if percent is None else f"{percent:.0f} %"


def _agreed(agreed: Mapping[str, Any]) -> str:
    if not agreed["compared"]:
        return ""
    alpha = "undefined" if agreed["alpha"] is None else f"{agreed['alpha']:.2f}"
    return f"{alpha} ({agreed['same']:.0f} % the same of {agreed['compared']})"


def _rate(found: WinRate) -> dict[str, float]:
    return {
        "win_rate": 100 * found.rate,
        "low": 100 * found.low,
        "high": 100 * found.high,
        "level": 100 * found.level,
        "wilson_low": 100 * found.wilson[0],
        "wilson_high": 100 * found.wilson[1],
        "effective_votes": found.effective,
        "design_effect": found.votes / found.effective,
        "degrees_of_freedom": found.freedom,
    }


def _agreement(plan: Plan, readers: Sequence[Reader], answer: Callable[[Vote], str]) -> dict[str, Any]:
    def answers(votes: Mapping[int, Vote]) -> dict[int, float]:
        return {pair: plan.items[vote.item].chosen(answer(vote)) for pair, vote in votes.items()}

    first = {(r.name, pair): said for r in readers for pair, said in answers(r.pairs).items() if pair in r.repeats}
    second = {(r.name, pair): said for r in readers for pair, said in answers(r.repeats).items()}
    return {
        "between_readers": agreement({reader.name: answers(reader.pairs) for reader in readers}).to_dict(),
        "within_readers": agreement({"first": first, "second": second}).to_dict(),
    }


def _reader(plan: Plan, reader: Reader, *, left_out: bool) -> dict[str, Any]:
    won = [plan.items[vote.item].chosen(vote.closer) for vote in reader.pairs.values()]
    votes = [*reader.pairs.values(), *reader.repeats.values()]
    sides = [answer for vote in votes for answer in (vote.closer, vote.better) if answer != "tie"]
    return {
        "reader": reader.name,
        "pairs": len(won),
        "repeats": len(reader.repeats),
        "preferred": _percent(won),
        "checks": len(reader.checks),
        "checks_right": _percent(reader.checks),
        "side_a": _percent([float(side == "A") for side in sides]),
        "left_out": left_out,
    }


def _percent(values: Sequence[float]) -> float | None:
    return 100 * sum(values) / len(values) if values else None


def _notes(plan: Plan, readers: Sequence[Reader]) -> list[dict[str, str]]:
    """The readers' notes on pairs, with the sides they saw."""
    votes = [vote for reader in readers for vote in (*reader.pairs.values(), *reader.repeats.values())]
    return [
        {
            "reader": vote.reader,
            "prompt": plan.pairs[plan.items[vote.item].pair].prompt_id,
            "a": plan.items[vote.item].a,
            "b": plan.items[vote.item].b,
            "closer": vote.closer,
            "better": vote.better,
            "note": vote.note,
        }
        for vote in votes
        if vote.note
    ]
