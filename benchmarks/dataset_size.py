"""Time and memory from an author's files to a dataset with its gates, for 10 thousand to 10 million words.

    python benchmarks/dataset_size.py FOLDER [--words 10000 100000 1000000 10000000]

FOLDER holds novels as text files; as many are taken as the words need. Each of the three data assets is made with its
gates in a process of its own, as the UI's executor does. Memory is the peak of any of them with its children.
Then tokens are counted chunk by chunk, by ours and by the model's own tokenizer.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import yaml

from gaea_assets.base.encoder import Encoder
from gaea_assets.base.prompt_format import prompt_format
from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.manuscript.documents.reader import read_document
from gaea_assets.manuscript.quality import editing_notes
from gaea_assets.manuscript.segmenting import segment
from gaea_assets.resources import PROJECT

BASE = PROJECT / "data" / "pocket_base"
ASSETS = ("raw_chunks", "split_chunks", "prefix_completion_dataset")


def take(books: list[Path], words: int, folder: Path) -> int:
    """Put novels of so many words in all into a folder, the last one cut; those that a gate would stop are left out.

    Returns:
        The words there.
    """
    folder.mkdir(parents=True)
    there = 0
    for book in books:
        text = book.read_text("utf-8")
        count = len(text.split())
        if there + count > words:
            text = text[: int(len(text) * (words - there) / count)]
        target = folder / book.name
        target.write_text(text, "utf-8")
        try:
            prose = read_document(target).text
            segment(prose)
        except GaeaError:
            prose = ""
        if not prose or not editing_notes([Chunk(book.stem, prose, book.name)]).passed:
            target.unlink()
            continue
        there += len(text.split())
        if there > 0.995 * words:
            break
    return there


def make(root: Path, asset: str) -> None:
    """Make a data asset of the project in `root` and judge its gates; prints the seconds of both as JSON."""
    import dagster as dg

    from gaea_assets.definitions import build_defs
    from gaea_assets.resources import Workspace

    workspace = Workspace(project=str(root), data=str(root / "data"))
    job = build_defs({"workspace": workspace}).resolve_job_def("data_assets")
    start = time.perf_counter()
    result = job.execute_in_process(
        partition_key="pocket",
        asset_selection=[dg.AssetKey(asset)],
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        raise_on_error=False,
    )
    whole = time.perf_counter() - start
    made = next(e.step_success_data.duration_ms / 1000 for e in result.all_events if e.is_step_success)
    blocked = [c.check_name for c in result.get_asset_check_evaluations() if c.blocking and not c.passed]
    if blocked or not workspace.place(asset, "pocket").is_dir():
        raise SystemExit(f"{asset}: stopped by {blocked or 'a fault'}")
    print(json.dumps([made, whole - made]))


def measured(root: Path, asset: str) -> tuple[float, float, int]:
    """Seconds of an asset and of its gates, and the peak memory of the process and its children in bytes."""
    command = [sys.executable, __file__, "--make", str(root), asset]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    process, peak = psutil.Process(child.pid), 0
    while child.poll() is None:
        peak = max(peak, resident(process))
        time.sleep(0.1)
    assert child.stdout is not None and child.returncode == 0
    made, gates = json.loads(child.stdout.read().splitlines()[-1])
    return made, gates, peak


def resident(process: psutil.Process) -> int:
    """Bytes that a process and its children hold, what they share counted once."""
    total = 0
    for one in [process, *process.children(recursive=True)]:
        try:
            total += one.memory_full_info().pss
        except psutil.Error:
            continue
    return total


def counting(folder: Path) -> tuple[int, float, float]:
    """Chunks, and seconds to count their tokens by ours and by the model's tokenizer, best of three in turns."""
    import pandas as pd
    from tokenizers import Tokenizer

    texts = list(pd.read_parquet(folder / "chunks.parquet")["text"])
    encoder, tokenizer = Encoder(BASE, prompt_format(BASE)), Tokenizer.from_file(str(BASE / "tokenizer.json"))
    ours, theirs = [], []
    for _ in range(3):
        start = time.perf_counter()
        mine = [encoder.count(text) for text in texts]
        middle = time.perf_counter()
        other = [len(tokenizer.encode(text, add_special_tokens=False).ids) for text in texts]
        ours.append(middle - start)
        theirs.append(time.perf_counter() - middle)
        assert mine == other
    return len(texts), min(ours), min(theirs)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--words", type=int, nargs="+", default=[10_000, 100_000, 1_000_000, 10_000_000])
    parser.add_argument("--make", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.make:
        make(Path(args.make[0]), args.make[1])
        return
    books = sorted(args.folder.glob("*.txt"))
    print("| words | raw_chunks s | split_chunks s | dataset s | to the dataset s | with gates s | peak MB |")
    print("|---|---|---|---|---|---|---|")
    for words in args.words:
        with tempfile.TemporaryDirectory() as place:
            root = Path(place)
            count = take(books, words, root / "data" / "raw" / "book")
            voice = {"manuscript": {"folder": "book", "person": "third"}, "base": {"model": str(BASE)}}
            (root / "configs" / "voices").mkdir(parents=True)
            (root / "configs" / "voices" / "pocket.yaml").write_text(yaml.safe_dump(voice), "utf-8")
            seconds, gates, peaks = zip(*(measured(root, asset) for asset in ASSETS), strict=True)
            each = " | ".join(f"{one:.1f}" for one in seconds)
            made, peak = sum(seconds), max(peaks) / 1e6
            print(f"| {count:,} | {each} | {made:.1f} | {made + sum(gates):.1f} | {peak:,.0f} |", flush=True)
            if words == args.words[-1]:
                chunks, ours, theirs = counting(root / "data" / "raw_chunks" / "pocket")
                print(
                    f"\n{chunks:,} chunks counted in {ours:.2f} s, by the model's tokenizer in {theirs:.2f} s: "
                    f"{theirs / ours:.1f} times as fast, equal counts"
                )


if __name__ == "__main__":
    main()
