"""`gaea score CANDIDATE... --author DIR [--base FILE...] [--json]`: score any text files outside Dagster."""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.documents.decoding import decode
from gaea_assets.manuscript.documents.reader import SUFFIXES, read_document
from gaea_assets.manuscript.reading import manuscript_files
from gaea_assets.style.persons import PERSONS
from gaea_assets.style.score_files import score_texts
from gaea_assets.style.scorecard import plain


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the `score` command to the subparsers of `gaea`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "score", help="score text files against an author", description=__doc__
    )
    parser.add_argument("candidates", nargs="+", type=Path, metavar="CANDIDATE", help="text files to score")
    parser.add_argument(
        "--author",
        required=True,
        type=Path,
        help="folder of the author's manuscript as the pipeline reads it, or one file",
    )
    parser.add_argument(
        "--base", nargs="+", type=Path, default=[], metavar="FILE", help="text of the base model: the zero"
    )
    parser.add_argument("--person", choices=PERSONS, help="narrative person (default: inferred from the author's text)")
    parser.add_argument("--seed", type=_seed, default=0, help="every draw of chance follows from it")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)
    return parser


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 up")
    return int(text)


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
        result = _score(args)
    except OSError as error:
        raise GaeaError(f"score: {error.filename}: cannot be read ({error.strerror})") from None
    except GaeaError as error:
        raise GaeaError(f"score: {error}") from None
    print(json.dumps(plain(result), ensure_ascii=False, allow_nan=False) if args.json else as_text(result))
    return 0


def _score(args: argparse.Namespace) -> dict[str, Any]:
    """The scores; a file named several times is scored once and listed as often as it is named."""
    files = author_files(args.author)
    texts = {path: read_file(path) for path in dict.fromkeys(args.candidates)}
    base = [read_file(path) for path in args.base]
    named = {path.resolve(): str(path) for path in reversed(texts)}
    once = {str(path): text for path, text in texts.items() if named[path.resolve()] == str(path)}
    result = score_texts(once, [read_file(path) for path in files], base, person=args.person, seed=args.seed)
    rows = {row["file"]: row for row in result["candidates"]}
    own = {path.resolve() for path in files}
    result["candidates"] = [
        {**row, "file": str(path), "warnings": _own(path, args.author, own) + row["warnings"]}
        for path in args.candidates
        for row in [rows[named[path.resolve()]]]
    ]
    return result


def _own(path: Path, author: Path, files: Collection[Path]) -> list[str]:
    """A warning where a candidate belongs to the author's files."""
    if path.resolve() in files:
        return ["this is one of the author's files, which the profile is built from: its scores prove nothing"]
    if author.is_dir() and path.resolve().is_relative_to(author.resolve()):
        return ["this lies in the author's folder, though the profile is not built from it: is it the same text?"]
    return []


def author_files(path: Path) -> list[Path]:
    """The author's files: of a folder those that the pipeline reads the manuscript from, or one file.

    Raises:
        GaeaError: There is nothing to read.
    """
    if not path.is_dir():
        return [_regular(path, "--author ")]
    try:
        return manuscript_files(path)
    except GaeaError as error:
        raise GaeaError(f"--author: {str(error).removeprefix('manuscript.folder: ')}") from None


def read_file(path: Path) -> str:
    """Text of a `.txt`, `.md` or `.docx` file in the manuscript's normal form; of any other text file, its text.

    Raises:
        GaeaError: There is no such file, it is not text, or a document holds none.
    """
    _regular(path)
    try:
        if path.suffix.lower() in SUFFIXES:
            return read_document(path).text
        return decode(path.read_bytes(), str(path))[0]
    except GaeaError as error:
        told = str(error)
        raise GaeaError(str(path) + told.removeprefix(path.name) if told.startswith(path.name) else told) from None


def _regular(path: Path, option: str = "") -> Path:
    """The path, if it is one of a file.

    Raises:
        GaeaError: It is not.
    """
    if path.is_file():
        return path
    if path.is_dir():
        fault = "this is a folder; name the files in it"
    elif path.exists():
        fault = "this is a pipe or a device; save the text to a file and name that"
    elif path.is_symlink():
        fault = "this is a link to nothing; name the file itself"
    else:
        fault = f"no such file{' or folder' if option else ''}; check the path"
    raise GaeaError(f"{option}{path}: {fault}")


def as_text(result: Mapping[str, Any]) -> str:
    """The result for a person to read."""
    lines = [_author(result["author"])]
    for candidate in result["candidates"]:
        lines.append(f"\n{candidate['file']}: {_count(candidate['words'], 'word')}")
        lines.extend(f"  {line}" for line in _candidate(candidate))
    return "\n".join(lines)


def _author(author: Mapping[str, Any]) -> str:
    told = {"given": f"{author['person']} person (as given)", "text": f"{author['person']} person (from the text)"}
    person = told.get(author["person_from"], "no leading narrative person (--person declares one)")
    return f"author: {_count(author['words'], 'word')} in {_count(author['files'], 'file')}, {person}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _candidate(candidate: Mapping[str, Any]) -> list[str]:
    lines = [_similarity(candidate)]
    if candidate["channels"]:
        lines.append("channels: " + ", ".join(f"{n} {v:+.2f}" for n, v in candidate["channels"].items()))
    for name, measure in (candidate.get("transfer") or {}).items():
        lines.append(f"{name}: {_measure(measure)}")
    lines.extend(f"gate {gate['name']}: {gate['reason']}" for gate in candidate["gates"] if not gate["passed"])
    lines.extend(f"warning: {warning}" for warning in candidate["warnings"])
    return lines


def _similarity(candidate: Mapping[str, Any]) -> str:
    if candidate["similarity"] is None:
        return f"similarity undefined ({candidate['undefined']})"
    low, high = candidate["interval"]
    ends = "" if low is None or high is None else f" ({low:.1f} to {high:.1f})"
    failed = ", ".join(gate["name"] for gate in candidate["gates"] if not gate["passed"])
    verdict = f"verdict withheld: {failed}" if failed else candidate["verdict"]
    told = f": {verdict}" if verdict else ""
    return f"similarity {candidate['similarity']:+.1f}{ends}, log-odds of the same author{told}"


def _measure(measure: Mapping[str, Any]) -> str:
    if measure["score"] is None:
        return f"undefined ({measure['undefined']})"
    low, high = measure["interval"]
    ends: Sequence[str] = [("..." if end is None else f"{end:.0f}") for end in (low, high)]
    withheld = f", withheld: {measure['gated']}" if measure["gated"] else ""
    return f"{measure['score']:.0f} ({ends[0]} to {ends[1]}){withheld}"
