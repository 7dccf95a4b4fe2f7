"""`gaea score CANDIDATE... --author DIR [--base FILE...] [--json]`: score any text files outside Dagster."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gaea_assets.errors import GaeaError
from gaea_assets.style.score_files import score_texts
from gaea_assets.style.scorecard import plain

SUFFIXES = (".txt", ".md")


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the `score` command to the subparsers of `gaea`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "score", help="score text files against an author", description=__doc__
    )
    parser.add_argument("candidates", nargs="+", type=Path, metavar="CANDIDATE", help="text files to score")
    parser.add_argument("--author", required=True, type=Path, help="folder of the author's text files, or one file")
    parser.add_argument(
        "--base", nargs="+", type=Path, default=[], metavar="FILE", help="text of the base model: the zero"
    )
    parser.add_argument("--person", choices=("first", "second", "third"), default="second", help="declared person")
    parser.add_argument("--seed", type=int, default=0, help="every draw of chance follows from it")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Score and print.

    Args:
        args: As parsed by `add_parser`'s parser.

    Returns:
        Exit status 0.

    Raises:
        GaeaError: A file cannot be used.
    """
    try:
        author = read_author(args.author)
        candidates = {str(path): read_file(path) for path in args.candidates}
        base = [read_file(path) for path in args.base]
    except (OSError, ValueError) as error:
        raise GaeaError(f"score: {error}") from None
    result = score_texts(candidates, author, base, person=args.person, seed=args.seed)
    print(json.dumps(plain(result), ensure_ascii=False, allow_nan=False) if args.json else as_text(result))
    return 0


def read_author(path: Path) -> list[str]:
    """The author's texts: every text file of a folder (and below it), or one file.

    Raises:
        ValueError: There is no text file.
    """
    if not path.exists():
        raise ValueError(f"--author {path}: no such file or folder")
    if path.is_file():
        return [read_file(path)]
    files = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    if not files:
        raise ValueError(f"--author {path}: no {' or '.join(SUFFIXES)} file in this folder")
    return [read_file(p) for p in files]


def read_file(path: Path) -> str:
    """Text of a file in UTF-8, or in Windows-1252 when it is not UTF-8.

    Raises:
        ValueError: The file does not exist or is a folder.
    """
    if not path.is_file():
        raise ValueError(f"{path}: no such file")
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def as_text(result: Mapping[str, Any]) -> str:
    """The result for a person to read."""
    author = result["author"]
    lines = [f"author: {author['words']:,} words in {author['files']} files"]
    for candidate in result["candidates"]:
        lines.append(f"\n{candidate['file']}: {candidate['words']:,} words")
        lines.extend(f"  {line}" for line in _candidate(candidate))
    return "\n".join(lines)


def _candidate(candidate: Mapping[str, Any]) -> list[str]:
    lines = []
    if candidate["similarity"] is not None:
        low, high = candidate["interval"]
        ends = "" if low is None or high is None else f" ({low:.1f} to {high:.1f})"
        verdict = f": {candidate['verdict']}" if candidate["verdict"] else ""
        lines.append(f"similarity {candidate['similarity']:+.1f}{ends}, log-odds of the same author{verdict}")
        lines.append("channels: " + ", ".join(f"{n} {v:+.2f}" for n, v in candidate["channels"].items()))
    for name, measure in (candidate.get("transfer") or {}).items():
        lines.append(f"{name}: {_measure(measure)}")
    lines.extend(f"gate {gate['name']}: {gate['reason']}" for gate in candidate["gates"] if not gate["passed"])
    lines.extend(f"warning: {warning}" for warning in candidate["warnings"])
    return lines


def _measure(measure: Mapping[str, Any]) -> str:
    if measure["score"] is None:
        return f"undefined ({measure['undefined']})"
    low, high = measure["interval"]
    ends: Sequence[str] = [("..." if end is None else f"{end:.0f}") for end in (low, high)]
    withheld = f", withheld: {measure['gated']}" if measure["gated"] else ""
    return f"{measure['score']:.0f} ({ends[0]} to {ends[1]}){withheld}"
