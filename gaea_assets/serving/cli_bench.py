"""`gaea bench URL [--model NAME] [--concurrency N] [--json] [--out FILE]`: measure a served model."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from gaea_assets.errors import INTERRUPTED, GaeaError
from gaea_assets.store import write_whole

MOST_STREAMS = 256


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the `bench` command to the subparsers of `gaea`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "bench", help="measure a served model: speed, context, names", description=__doc__
    )
    parser.add_argument("url", metavar="URL", help="address of an OpenAI-compatible server: http://127.0.0.1:8002")
    parser.add_argument("--model", help="its name on the server (default: the only one there)")
    parser.add_argument("--concurrency", type=_streams, default=16, help="most streams at once (default: 16)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the JSON object to a file, too")
    parser.set_defaults(run=run)
    return parser


def _streams(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_STREAMS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to {MOST_STREAMS}")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Measure and print.

    Args:
        args: As parsed by `add_parser`'s parser.

    Returns:
        Exit status 0; 1 where something could not be measured, 130 after Ctrl-C, which the tables say.

    Raises:
        GaeaError: There is nothing to measure, or no place for the file.
    """
    from gaea_assets.serving.api_key import VARIABLE
    from gaea_assets.serving.bench.bench import Result, bench
    from gaea_assets.serving.bench.report import as_json, as_markdown

    if args.out is not None and (args.out.is_dir() or not args.out.absolute().parent.is_dir()):
        raise GaeaError(f"--out: {args.out}: a file in a folder that is there is wanted")
    key = os.environ.get(VARIABLE, "")
    found: list[Result] = []
    interrupted = False
    try:
        asyncio.run(bench(args.url, args.model, args.concurrency, key, _log, found.append))
    except KeyboardInterrupt:
        if not found:
            raise
        interrupted = True
        found[0].notes.append("stopped by Ctrl-C: what is not here was not measured")
    (result,) = found
    text = json.dumps(as_json(result), indent=1, ensure_ascii=False, allow_nan=False)
    if args.out is not None:
        write_whole(args.out, text + "\n")
    print(text if args.json else as_markdown(result))
    return INTERRUPTED if interrupted else 0 if result.complete else 1


def _log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
