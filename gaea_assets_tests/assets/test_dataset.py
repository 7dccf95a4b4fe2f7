"""The files of the dataset, from one manuscript and from several."""

import json
from pathlib import Path

import pytest
from datasets import load_dataset

from gaea_assets.manuscript.examples import read_jsonl
from gaea_assets.resources import Workspace
from gaea_assets_tests.projects import SMALL_RECIPE, VOICE, failures, run_job, scene, write_chunks, write_voice

DATA = ["raw_chunks", "split_chunks", "prefix_completion_dataset"]


def made(workspace: Workspace) -> Path:
    result = run_job(workspace, DATA)
    assert result.success, failures(result)
    return workspace.place(DATA[-1], VOICE)


@pytest.fixture
def book(workspace: Workspace) -> Path:
    write_voice(workspace, **SMALL_RECIPE)
    return write_chunks(workspace, {f"chunk_{n:03}.txt": scene(n) for n in range(1, 9)})


def test_the_files_are_what_the_card_tells_and_the_datasets_library_reads_them(
    workspace: Workspace, book: Path
) -> None:
    folder = made(workspace)
    assert {path.name for path in folder.iterdir()} == {
        "train.jsonl",
        "validation.jsonl",
        "README.md",
        "chat_template.jinja",
        "words.svg",
        "tokens.svg",
        "provenance.json",
    }
    data = load_dataset("json", data_files={"train": str(folder / "train.jsonl")}, cache_dir=str(folder.parent / "hf"))
    rows = data["train"]
    assert [row["id"] for row in rows] == [example.id for example in read_jsonl(folder / "train.jsonl")]
    assert [message["role"] for message in rows[0]["messages"]] == ["user", "assistant"]


def test_the_same_input_gives_the_same_bytes(workspace: Workspace, book: Path) -> None:
    first = {path.name: path.read_bytes() for path in made(workspace).iterdir() if path.name != "provenance.json"}
    assert {name: (made(workspace) / name).read_bytes() for name in first} == first


def test_the_parts_of_a_documents_scene_stay_together_and_only_the_last_ends_it(workspace: Workspace) -> None:
    write_voice(workspace, **SMALL_RECIPE)
    chapters = [f"# Chapter {n}\n\n{scene(n, 20)}\n\n* * *\n\n{scene(n + 50, 8)}" for n in range(1, 5)]
    write_chunks(workspace, {"novel.md": "\n\n".join(chapters)})
    folder = made(workspace)
    sides = [read_jsonl(folder / f"{side}.jsonl") for side in ("train", "validation")]
    by_scene: dict[str, list[bool]] = {}
    for example in sorted([example for side in sides for example in side], key=lambda example: example.id):
        by_scene.setdefault(example.chunk, []).append(example.ends_scene)
    assert len(by_scene) == 8 and any(len(ends) > 1 for ends in by_scene.values())
    assert all(ends == [False] * (len(ends) - 1) + [True] for ends in by_scene.values())
    assert not {example.chunk for example in sides[0]} & {example.chunk for example in sides[1]}


def test_several_manuscripts_make_one_dataset_by_their_weights(workspace: Workspace, book: Path) -> None:
    tales = book.with_name("tales")
    tales.mkdir()
    for number in range(21, 27):
        (tales / f"chunk_{number:03}.txt").write_text(scene(number), "utf-8")
    manuscript = {**SMALL_RECIPE["manuscript"], "folder": "book", "others": {"tales": 2}}
    write_voice(workspace, **{**SMALL_RECIPE, "manuscript": manuscript})
    folder = made(workspace)
    train, heldout = (read_jsonl(folder / f"{side}.jsonl") for side in ("train", "validation"))
    assert {example.manuscript for example in train} == {example.manuscript for example in heldout} == {"book", "tales"}
    shown = [example.id for example in train]
    for example in train:
        assert shown.count(example.id) == (2 if example.manuscript == "tales" else 1)
    assert len({example.id for example in [*train, *heldout]}) == 14
    assert "| tales |" in (folder / "README.md").read_text("utf-8")


def test_a_change_of_weight_makes_the_dataset_out_of_date_and_not_the_chunks(workspace: Workspace, book: Path) -> None:
    from gaea_assets.lineage import is_current

    tales = book.with_name("tales")
    tales.mkdir()
    (tales / "chunk_001.txt").write_text(scene(21), "utf-8")
    for weight, current in ((1, [True, True, True]), (3, [True, True, False])):
        manuscript = {**SMALL_RECIPE["manuscript"], "folder": "book", "others": {"tales": weight}}
        voice = write_voice(workspace, **{**SMALL_RECIPE, "manuscript": manuscript})
        if weight == 1:
            made(workspace)
        assert [is_current(asset, workspace, voice) for asset in DATA] == current
    assert json.loads((workspace.place(DATA[0], VOICE) / "provenance.json").read_text())["made_from"][
        "manuscripts"
    ].keys() == {
        "book",
        "tales",
    }
