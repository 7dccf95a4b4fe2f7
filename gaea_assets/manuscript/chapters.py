"""The chapters of chunk files, in a file beside them: what the chunks' own text does not tell."""

import json
from collections.abc import Mapping
from pathlib import Path
from string import ascii_lowercase

from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.chunk import chunk_name

CHAPTERS = "chapters.json"
"""By the name of a chunk file, the chapter that it stands under."""


def chapters_text(chapters: Mapping[str, str]) -> str:
    """What `chapters.json` holds for chapters by the name of a chunk file."""
    return json.dumps(chapters, ensure_ascii=False, indent=1) + "\n"


def read_chapters(folder: Path) -> dict[str, str]:
    """By a chunk's name (`015`, `015a`), the chapter that `chapters.json` gives it; empty where there is no such file.

    Raises:
        GaeaError: The file is not what `chapters_text` makes.
    """
    path = folder / CHAPTERS
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise _fault(path, str(error)) from None
    if not isinstance(found, dict):
        raise _fault(path, "it is no object")
    for name, chapter in found.items():
        if not chunk_name(name) or not isinstance(chapter, str):
            raise _fault(path, f"{name!r} is no chunk file, or its chapter is no text")
    return {chunk_name(name): chapter for name, chapter in found.items()}


def chapter_of(chunk: str, chapters: Mapping[str, str]) -> str:
    """The chapter of a chunk: its own, or that of the chunk which it was once a part of; empty where none is known."""
    return chapters.get(chunk) or chapters.get(chunk.rstrip(ascii_lowercase), "")


def _fault(path: Path, why: str) -> GaeaError:
    return GaeaError(
        f'{path}: does not give chapters as {{"chunk_001.txt": "Chapter One"}} ({why}); mend it, or rename it if it is '
        f"something else"
    )
