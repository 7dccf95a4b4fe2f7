"""`gaea chunks PATH --out DIR`: segment a manuscript into scenes and write them as chunk files."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.chapters import CHAPTERS, chapters_text
from gaea_assets.manuscript.chunk import chunk_name, names_of_parts
from gaea_assets.manuscript.cues import strongest_cues
from gaea_assets.manuscript.documents.reader import SUFFIXES, Document, find_documents, read_document
from gaea_assets.manuscript.reading import names_beside
from gaea_assets.manuscript.segmenting import Segment, SegmentLimits, first_words, segment

CHAPTER_WIDTH = 28


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the `chunks` command to the subparsers of `gaea`."""
    usual = SegmentLimits()
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "chunks", help="segment a manuscript into scenes and write chunk files", description=__doc__
    )
    parser.add_argument("path", type=Path, metavar="PATH", help="the manuscript: a document or a folder of documents")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="new or empty folder for chunk_001.txt, chunk_002a.txt, ..."
    )
    parser.add_argument("--dry-run", action="store_true", help="show the chunks and the next-best cuts; write nothing")
    parser.add_argument(
        "--min-words", type=int, default=usual.least, help=f"least words of a part of a scene (default: {usual.least})"
    )
    parser.add_argument(
        "--max-words", type=int, default=usual.most, help=f"most words of a chunk (default: {usual.most})"
    )
    parser.set_defaults(run=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Segment, write and print.

    Args:
        args: As parsed by `add_parser`'s parser.

    Returns:
        Exit status 0.

    Raises:
        GaeaError: The manuscript cannot be read or segmented, or the chunks cannot be written.
    """
    limits = SegmentLimits.between(args.min_words, args.max_words)
    if not args.dry_run:
        _refuse_a_bad_place(args.out, args.path)
    paths = _paths(args.path)
    documents = [read_document(path) for path in paths]
    segmented = [(document, _segments(document, limits)) for document in documents]
    chunks = [part for _, parts in segmented for part in parts]
    if not chunks:
        raise GaeaError(f"{args.path}: holds headings and scene breaks alone; put the manuscript's text there")
    names = [f"chunk_{name}.txt" for name in names_of_parts([chunk.begins_scene for chunk in chunks])]
    if not args.dry_run:
        chapters = {name: chunk.chapter for name, chunk in zip(names, chunks, strict=True) if chunk.chapter}
        write_chunks(args.out, dict(zip(names, (chunk.prose for chunk in chunks), strict=True)), chapters)
    print("\n".join(_told(segmented, names, limits, candidates=args.dry_run)))
    if beside := names_beside(args.path, paths):
        print(f"passed over: {', '.join(beside)}")
    print("nothing written (--dry-run)" if args.dry_run else f"written to {args.out}")
    return 0


def write_chunks(folder: Path, chunks: Mapping[str, str], chapters: Mapping[str, str]) -> None:
    """Write chunk files into a new or empty folder, their chapters in `chapters.json`: all of them or none.

    Args:
        folder: Where; what reads it back (`reading.read_manuscript`) has the same texts and chapters.
        chunks: By file name, its text.
        chapters: By file name, its chapter; no file is written for none.

    Raises:
        GaeaError: The folder cannot be written.
    """
    folder = folder.resolve()
    beside = folder.with_name(f".{folder.name}.new-{os.getpid()}")
    try:
        beside.mkdir(parents=True)
        for name, text in chunks.items():
            (beside / name).write_text(text + "\n", encoding="utf-8", newline="\n")
        if chapters:
            (beside / CHAPTERS).write_text(chapters_text(chapters), encoding="utf-8", newline="\n")
        if folder.exists():
            folder.rmdir()  # empty, or this fails
        beside.rename(folder)
    except OSError as error:
        raise GaeaError(f"--out {folder}: {error.strerror or error}; name a folder that can be written") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _refuse_a_bad_place(out: Path | None, manuscript: Path) -> None:
    if out is None:
        raise GaeaError("chunks: no --out DIR; name a new folder for the chunks, or say --dry-run")
    if manuscript.is_dir() and out.resolve().is_relative_to(manuscript.resolve()):
        raise GaeaError(f"--out {out}: lies in the manuscript's own folder {manuscript}; name a folder outside it")
    if out.exists() and not out.is_dir():
        raise GaeaError(f"--out {out}: is a file; name a new folder")
    if out.is_dir() and any(out.iterdir()):
        raise GaeaError(f"--out {out}: is not empty; name a new folder, or empty this one")


def _paths(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = find_documents(path)
    made = [document.name for document in found if chunk_name(document.name)]
    if made:
        raise GaeaError(f"{path}: holds chunks already ({made[0]}, ...); name the document to segment instead")
    if not found:
        raise GaeaError(f"{path}: holds no {', '.join(SUFFIXES)} document; put the manuscript there")
    return found


def _segments(document: Document, limits: SegmentLimits) -> list[Segment]:
    try:
        found = segment(document.text, limits)
    except GaeaError as error:
        raise GaeaError(f"{document.source}: {error}") from None
    return [part for part in found if part.words]


def _told(
    segmented: Sequence[tuple[Document, list[Segment]]], names: Iterable[str], limits: SegmentLimits, candidates: bool
) -> Iterator[str]:
    """The table, what reading repaired, and the sizes, line by line."""
    chunks = [chunk for _, parts in segmented for chunk in parts]
    width = min(max((len(chunk.chapter or "") for chunk in chunks), default=0), CHAPTER_WIDTH)
    width = max(width, len("chapter"))
    named = iter(names)
    for document, parts in segmented:
        cues = strongest_cues(document.text, parts)
        yield f"{document.source}: {sum(part.words for part in parts):,} words in {_counted(len(parts))}"
        yield f"  {'chunk':<14}  {'words':>6}  {'chapter':<{width}}  why; first words"
        for part in parts:
            why = part.why + (f" ({cue})" if (cue := cues.get(part.start)) else "")
            chapter = _shortened(part.chapter or "-", width)
            yield f"  {next(named):<14}  {part.words:>6,}  {chapter:<{width}}  {why}; {first_words(part.prose)}"
            if candidates:
                yield from _told_others(part)
    repairs = [repair for document, _ in segmented for repair in document.repairs]
    if repairs:
        yield "repairs of reading:"
        yield from (
            f"  {'WARNING: ' if repair.warning else ''}{repair.source}: "
            f"{f'line {repair.line}: ' if repair.line else ''}{repair.what}"
            for repair in repairs
        )
    exceptions = [(document.source, part.exception) for document, parts in segmented for part in parts]
    if any(told for _, told in exceptions):
        yield "WARNING: for want of a better place"
        yield from (f"  {source}: {told}" for source, told in exceptions if told)
    yield _sizes([chunk.words for chunk in chunks], limits)


def _told_others(part: Segment) -> Iterator[str]:
    for other in part.others:
        sizes = f"{other.before:,} + {other.behind:,} words"
        yield f"{'':26}or log-odds {other.score:.1f}, {sizes}: {first_words(other.text)}"


def _shortened(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."


def _sizes(words: Sequence[int], limits: SegmentLimits) -> str:
    bands = (
        (f"of {limits.good_from:,} to {limits.good_to:,} words", limits.good_from, limits.good_to),
        (f"below {limits.least:,}", 0, limits.least - 1),
        (f"of {limits.least:,} to {limits.good_from - 1:,}", limits.least, limits.good_from - 1),
        (f"of {limits.good_to + 1:,} to {limits.most:,}", limits.good_to + 1, limits.most),
        (f"above {limits.most:,}", limits.most + 1, float("inf")),
    )
    counted = ", ".join(
        f"{sum(low <= size <= high for size in words)} {label}" for label, low, high in bands if low <= high
    )
    return f"{_counted(len(words))}, {sum(words):,} words: {counted}"


def _counted(chunks: int) -> str:
    return f"{chunks} chunk{'' if chunks == 1 else 's'}"
