"""Read an author's manuscript as chunks: chunk files as they stand, or documents cut into scenes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path, PurePath
from typing import NamedTuple

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.chapters import CHAPTERS, chapter_of, read_chapters
from gaea_assets.manuscript.chunk import NEARLY_CHUNK_FILE, Chunk, chunk_name, chunk_number, names_of_parts
from gaea_assets.manuscript.documents.decoding import decode
from gaea_assets.manuscript.documents.reader import SUFFIXES, find_documents, read_document
from gaea_assets.manuscript.documents.repairs import Repair
from gaea_assets.manuscript.segmenting import SegmentLimits, segment
from gaea_assets.parallel import each
from gaea_assets.verdict import Verdict, listed

TEXT_SUFFIXES = {"", ".text", ".doc", ".odt", ".rtf", *SUFFIXES}
"""Of files that may have been meant as chunks, no backup or metadata."""


@dataclass(frozen=True)
class Manuscript:
    """What an author's folders hold."""

    chunks: list[Chunk]
    repairs: list[Repair]
    """What had to be changed to read the files, and the rules that cutting them broke for want of a better place."""
    passed_over: list[str]
    """Names of what lies beside the files that were read."""


def read_manuscripts(folders: Mapping[str, Path], limits: SegmentLimits | None = None) -> Manuscript:
    """The chunks of several manuscripts, one behind the other.

    Args:
        folders: By name, the author's folders; the chunks of all but the first are named `<name>/015`.
        limits: Sizes of the chunks that documents are cut into.

    Raises:
        GaeaError: As `read_manuscript` does.
    """
    chunks: list[Chunk] = []
    repairs: list[Repair] = []
    passed_over: list[str] = []
    for number, (name, files) in enumerate(files_of(folders).items()):
        found = _read(folders[name], files, limits)
        before = f"{name}/" if number else ""
        chunks += [
            replace(chunk, name=before + chunk.name, source=before + chunk.source, manuscript=name)
            for chunk in found.chunks
        ]
        repairs += [replace(repair, source=before + repair.source) for repair in found.repairs]
        passed_over += [before + other for other in found.passed_over]
    return Manuscript(chunks, repairs, passed_over)


def files_of(folders: Mapping[str, Path]) -> dict[str, list[Path]]:
    """The files that several manuscripts are read from, by name; the chapters of chunk files stand last.

    Args:
        folders: By name, the author's folders; the first is the voice's `manuscript.folder`.

    Raises:
        GaeaError: As `manuscript_files` does.
    """
    return {
        name: _with_chapters(folder, manuscript_files(folder, "manuscript.others" if number else "manuscript.folder"))
        for number, (name, folder) in enumerate(folders.items())
    }


def read_manuscript(folder: Path, limits: SegmentLimits | None = None) -> Manuscript:
    """The chunk files of a folder, or, where there are none, its documents cut into scenes.

    Args:
        folder: The author's folder; nothing is written to it.
        limits: Sizes of the chunks that documents are cut into.

    Raises:
        GaeaError: There is nothing to read, a file is damaged, two chunks are in each other's way, or a paragraph is
            too long for a chunk.
    """
    return _read(folder, _with_chapters(folder, manuscript_files(folder)), limits)


def all_chunks_read(folders: Mapping[str, Path]) -> Verdict:
    """No file beside the chunk files is named nearly like one: such a file is left out.

    Args:
        folders: By name, the author's folders.

    Returns:
        A fault for each such file; figure `left_out`.
    """
    faults = []
    for manuscript, folder in folders.items():
        names = [path.name for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
        if any(chunk_name(name) for name in names):
            faults += [
                f"{manuscript}/{name}: left out, though named nearly like a chunk; name it as chunk_017.txt or "
                f"chunk_017a.txt, with a number of its own, or move it away"
                for name in sorted(names)
                if _is_nearly_a_chunk(name)
            ]
    return Verdict(faults, {"left_out": len(faults)})


def _is_nearly_a_chunk(name: str) -> bool:
    nearly = NEARLY_CHUNK_FILE.fullmatch(name) and not chunk_name(name)
    return bool(nearly) and PurePath(name).suffix.lower() in TEXT_SUFFIXES


def _with_chapters(folder: Path, files: list[Path]) -> list[Path]:
    path = folder / CHAPTERS
    return [*files, path] if chunk_name(files[0].name) and path.is_file() else files


def _read(folder: Path, files: Sequence[Path], limits: SegmentLimits | None) -> Manuscript:
    beside = names_beside(folder, files)
    if chunk_name(files[0].name):
        return _from_chunk_files([path for path in files if path.name != CHAPTERS], read_chapters(folder), beside)
    cut = each(partial(_cut, limits=limits), files, sum(path.stat().st_size for path in files))
    parts = [(path.name, part) for path, (found, _) in zip(files, cut, strict=True) for part in found]
    names = names_of_parts([part.begins_scene for _, part in parts])
    chunks = [
        Chunk(name, part.prose, f"{file} (chunk {name})", part.chapter)
        for name, (file, part) in zip(names, parts, strict=True)
    ]
    if not chunks:
        raise GaeaError(f"{folder}: holds headings and scene breaks alone; put the manuscript's text there")
    return Manuscript(chunks, [repair for _, mended in cut for repair in mended], beside)


def names_beside(folder: Path, files: Sequence[Path]) -> list[str]:
    """What lies in a folder besides the files that are read, hidden files aside; nothing beside a single document."""
    if not folder.is_dir():
        return []
    return sorted({path.name for path in folder.iterdir() if not path.name.startswith(".")} - {p.name for p in files})


def manuscript_files(folder: Path, field: str = "manuscript.folder") -> list[Path]:
    """The files that the manuscript's text stands in: `chunk_*.txt` by their numbers, else documents by their names.

    Whatever else lies there (metadata, backup folders, beside chunks the full manuscript) is passed over.

    Raises:
        GaeaError: There is no such folder, nothing to read in it, two chunks of one number, or a chunk beside its
            own parts.
    """
    if not folder.is_dir():
        raise GaeaError(
            f"{field}: no folder {folder}; put the manuscript there: {', '.join(SUFFIXES)}, or chunks as "
            f"chunk_001.txt, ..."
        )
    found = [(name, path) for path in folder.iterdir() if (name := chunk_name(path.name)) and path.is_file()]
    found.sort(key=lambda item: _order(item[0]))
    for (name, path), (following, other) in pairwise(found):
        if _order(name) == _order(following):
            raise GaeaError(f"{path} and {other.name} have the same number; rename or remove one of them")
        if (_order(name)[0], "") == (_order(following)[0], _order(name)[1]):
            raise GaeaError(f"{path} lies beside a part of it, {other.name}: keep the chunk or its parts, not both")
    files = [path for _, path in found] or find_documents(folder)
    if not files:
        raise GaeaError(
            f"{field}: no manuscript in {folder} (there: {_seen(folder)}); put {', '.join(SUFFIXES)} files "
            f"there, or chunks as chunk_001.txt, ..."
        )
    for path in files:
        if path.name.encode("utf-8", "replace").decode() != path.name:
            raise GaeaError(f"{folder}: the name {path.name!a} is not UTF-8; rename the file")
    return files


class _Part(NamedTuple):
    """A chunk of a document."""

    prose: str
    chapter: str
    begins_scene: bool


def _cut(path: Path, limits: SegmentLimits | None) -> tuple[list[_Part], tuple[Repair, ...]]:
    """The chunks of a document, its repairs and what its chunks break of the rules."""
    document = read_document(path)
    try:
        parts = [part for part in segment(document.text, limits) if part.words]
    except GaeaError as error:
        raise GaeaError(f"{path}: {error}") from None
    exceptions = (Repair(document.source, 0, part.exception, warning=True) for part in parts if part.exception)
    found = [_Part(part.prose, part.chapter or "", part.begins_scene) for part in parts]
    return found, (*document.repairs, *exceptions)


def _seen(folder: Path, most: int = 3) -> str:
    return listed(sorted(path.name for path in folder.iterdir()), most) or "nothing"


def _from_chunk_files(files: Sequence[Path], chapters: Mapping[str, str], beside: list[str]) -> Manuscript:
    chunks: list[Chunk] = []
    repairs: list[Repair] = []
    for path in files:
        name = chunk_name(path.name)
        text, mended = decode(path.read_bytes(), path.name)
        repairs += mended
        text = re.sub(r"\A(?:[^\S\n]*\n)+", "", text).rstrip()
        chunks.append(Chunk(name, text, path.name, chapter_of(name, chapters)))
    return Manuscript(chunks, repairs, beside)


def _order(name: str) -> tuple[int, str]:
    return chunk_number(name), name.lstrip("0123456789")
