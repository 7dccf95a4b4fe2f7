"""The result as tables to read and as one JSON object."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from gaea_assets.serving.bench.bench import Result
from gaea_assets.serving.bench.consistency import Names
from gaea_assets.serving.bench.load import Length, Level, Spread

FIRST = ("first token, ms", "p95")
LEVEL = ("streams", "requests", "errors", "tokens/s", *FIRST, "between tokens, ms", "p95")
LENGTH = ("prompt tokens", "requests", "errors", "tokens/s", "prompt tokens/s", *FIRST)
NAMES = ("prompt tokens", "stories", "errors", "right name", "95 % interval", "another's", "invented", "none",
         "free: names known")  # fmt: skip


def as_json(result: Result) -> dict[str, Any]:
    """One JSON object; docs/bench.md describes it. What could not be measured is null."""
    return {
        "schema": 1,
        "url": result.served.url,
        "model": result.served.model,
        "context": result.served.context,
        "characters_per_token": round(result.scale.characters_per_token, 3),
        "counted_by": result.counted_by,
        "at": result.at,
        "throughput": [asdict(level) for level in result.throughput],
        "context_scaling": [asdict(length) for length in result.context_scaling],
        "names": [asdict(names) for names in result.names],
        "errors": dict(result.errors),
        "notes": result.notes,
        "complete": result.complete,
    }


def as_markdown(result: Result) -> str:
    """Three tables, the errors, and what to mind."""
    told = f"{result.served.context:,} tokens" if result.served.context else f"not told, {result.scale.context:,} tried"
    parts = [
        f"# {result.served.model}\n\n{result.served.url}, {result.at}; context: {told}; tokens counted by the "
        f"{result.counted_by}. No prompt begins as another does, so a prefix cache gains nothing; the warm-up is not "
        f"counted.",
        _table("Throughput", LEVEL, [_level(row) for row in result.throughput]),
        _table("Context", LENGTH, [_length(row) for row in result.context_scaling]),
        _table("Names", NAMES, [_names(row) for row in result.names]),
    ]
    if result.errors:
        failed = "\n".join(f"- {count} x {reason}" for reason, count in result.errors.most_common())
        parts.append(f"## Failed requests\n\n{failed}")
    if result.notes:
        parts.append("## Not complete\n\n" + "\n".join(f"- {note}" for note in result.notes))
    return "\n\n".join(parts)


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    cells = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = ["| " + " | ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) + " |" for row in cells]
    rule = "|" + "|".join("-" * (width + 1) + ":" for width in widths) + "|"
    return "\n".join([f"## {title}", "", lines[0], rule, *lines[1:]])


def _level(row: Level) -> list[Any]:
    times = (*_milliseconds(row.first_token), *_milliseconds(row.inter_token))
    return [row.concurrency, row.requests, row.errors, _number(row.tokens_per_second), *times]


def _length(row: Length) -> list[Any]:
    speeds = (_number(row.tokens_per_second), _number(row.prompt_tokens_per_second))
    return [f"{row.prompt_tokens:,}", row.requests, row.errors, *speeds, *_milliseconds(row.first_token)]


def _names(row: Names) -> list[Any]:
    share = (_percent(row.share), f"{_percent(row.low)} to {_percent(row.high)}" if row.trials else "-")
    free = f"{_percent(row.free_share)} of {row.free_names}"
    counts = (row.confused, row.invented, row.none)
    return [f"{row.prompt_tokens:,}", row.trials, row.errors, *share, *counts, free]


def _milliseconds(found: Spread | None) -> tuple[str, str]:
    return (_number(found.median * 1000), _number(found.p95 * 1000)) if found else ("-", "-")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f} %"
