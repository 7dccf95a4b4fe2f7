import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save

from gaea_assets.checks.gates import GATES, LOGIT_TOLERANCE, gates_of, require_passed
from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.manuscript.examples import Example, write_jsonl
from gaea_assets.resources import Workspace
from gaea_assets.store import new_folder, read_provenance
from gaea_assets.verdict import Verdict
from gaea_assets_tests.projects import VOICE, put, scene, write_voice

Find = Callable[[str, str], Verdict]


@pytest.fixture
def find(workspace: Workspace) -> Find:
    """Run one gate on what lies in the project."""

    def run(asset: str, name: str) -> Verdict:
        (gate,) = (gate for gate in gates_of(asset) if gate.name == name)
        return gate.find(workspace, workspace.voice(VOICE))

    return run


GERMAN = (
    "Der Wald war dunkel und still. Niemand ging den Weg, der zu dem alten Haus am Fluss hinunter führte, und auch "
    "der Hund blieb vor dem Tor liegen. Im Fenster stand eine Lampe, die seit Jahren nicht mehr gebrannt hatte. "
) * 4
FIRST_PERSON = (
    "I went down to the river and I waited. My hands were cold. I had told nobody where I was going, and I did not "
    "know myself what I would do there. I counted the boats, and I thought of my brother. "
) * 8


def put_table(workspace: Workspace, asset: str, rows: list[dict[str, Any]]) -> None:
    with new_folder(workspace.place(asset, VOICE), {}) as folder:
        pd.DataFrame(rows).to_parquet(folder / "chunks.parquet", index=False)


def put_raw(workspace: Workspace, *texts: str) -> None:
    put_table(
        workspace,
        "raw_chunks",
        [
            {
                "chunk": f"00{i}",
                "manuscript": "book",
                "source": f"chunk_00{i}.txt",
                "chapter": "",
                "text": text,
                "words": len(text.split()),
                "scene_type": ("action", "dialogue", "introspection", "exposition")[i % 4],
            }
            for i, text in enumerate(texts, start=1)
        ],
    )


def put_parts(workspace: Workspace, *parts: tuple[str, str, str, int]) -> None:
    put_table(
        workspace,
        "split_chunks",
        [{"part": part, "chunk": chunk, "text": text, "tokens": tokens} for part, chunk, text, tokens in parts],
    )


def example(name: str, prompt_words: int = 7, words: int = 100) -> Example:
    """An example whose prompt is one sentence of so many words, which are its own."""
    sentence = "You " + f"count{name} " * (prompt_words - 2) + "lamps."
    rest = " Then you" + f" walk{name}" * (words - prompt_words - 3) + " home."
    return Example(name, name.rstrip("ab"), sentence, rest, True, 1)


def put_dataset(workspace: Workspace, train: list[Example], validation: list[Example]) -> Path:
    place = workspace.place("prefix_completion_dataset", VOICE)
    with new_folder(place, {}) as folder:
        write_jsonl(train, folder / "train.jsonl")
        write_jsonl(validation, folder / "validation.jsonl")
    return place


def put_adapter(
    workspace: Workspace, losses: list[float], heldout: list[float], base: float, dataset: str = "", step: int = 0
) -> None:
    """An adapter from the checkpoint of that step, else from the best."""
    best = 1 + heldout.index(min(heldout)) if heldout else 0
    log = {
        "adapter_step": step or best,
        "best_step": best,
        "heldout_loss": heldout[(step or best) - 1] if heldout else math.nan,
        "history": [{"step": i + 1, "loss": loss} for i, loss in enumerate(losses)],
        "checkpoints": [{"step": i + 1, "heldout_loss": loss} for i, loss in enumerate(heldout)],
        "base_heldout_loss": base,
    }
    put(workspace, "qlora_adapter", {"training_log.json": log}, {"prefix_completion_dataset": dataset})


def put_merged(
    workspace: Workspace,
    *without: str,
    relative_rms: float = 0.008,
    size: int = 100,
    more: Mapping[str, Any] | None = None,
) -> Path:
    log = {
        "relative_rms": relative_rms,
        "largest_difference": 0.2,
        "same_first_choice": 0.99,
        "weights": "sixteen_bit",
        "bytes": size,
        "base_bytes": 100,
    }
    names = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json")
    files = {
        "merge_log.json": log,
        "model.safetensors": save({"weight": np.ones((8, 8), np.float32)}),
        **{name: {} for name in names},
        **(more or {}),
    }
    return put(workspace, "merged_model", {name: value for name, value in files.items() if name not in without})


def put_report(workspace: Workspace, measure: dict[str, Any] | None = None, gate: dict[str, Any] | None = None) -> None:
    measures = [
        {
            "name": name,
            "base": 0.1,
            "tuned": 0.8,
            "author": 0.9,
            "score": 87.5,
            "low": 80.0,
            "high": None,
            "target": 60,
            "passed": True,
            "undefined": None,
            "gated": None,
            **(measure or {}),
        }
        for name in ("transfer", "vocabulary", "structure", "markers", "pov")
    ]
    gates = [
        {"name": name, "passed": True, "reason": "nothing found", "figures": {"longest_run": 5}, **(gate or {})}
        for name in ("memorisation", "repetition")
    ]
    put(workspace, "style_report", {"report.json": {"measures": measures, "gates": gates}})


OF_A_REPORT = (
    "transfer",
    "vocabulary",
    "structure",
    "markers",
    "pov",
    "memorisation",
    "repetition",
    "abilities",
)


def test_every_gate_of_the_issue_stands_after_its_asset_and_blocks_where_it_should() -> None:
    assert {(gate.asset, gate.name, gate.blocking) for gate in GATES} == {
        ("raw_chunks", "readable", True),
        ("raw_chunks", "not_empty", True),
        ("raw_chunks", "no_duplicates", True),
        ("raw_chunks", "no_editing_notes", True),
        ("raw_chunks", "no_bracketed_notes", False),
        ("raw_chunks", "no_front_matter", False),
        ("raw_chunks", "no_near_duplicates", False),
        ("raw_chunks", "all_chunks_read", False),
        ("raw_chunks", "chunk_sizes", False),
        ("raw_chunks", "language", False),
        ("raw_chunks", "person", False),
        ("raw_chunks", "scene_balance", False),
        ("split_chunks", "nothing_lost", True),
        ("split_chunks", "within_token_budget", True),
        ("prefix_completion_dataset", "below_token_limit", True),
        ("prefix_completion_dataset", "prompts_well_cut", True),
        ("prefix_completion_dataset", "no_system_message", True),
        ("prefix_completion_dataset", "sides_apart", True),
        ("prefix_completion_dataset", "no_leakage", True),
        ("prefix_completion_dataset", "fits_device", True),
        ("qlora_adapter", "heldout_loss_fell", True),
        ("qlora_adapter", "made_from_this_dataset", True),
        ("merged_model", "logits_match", True),
        ("merged_model", "complete_files", True),
        ("merged_model", "size", True),
        *((report, name, False) for report in ("style_report", "released_report") for name in OF_A_REPORT),
        ("blind_evaluation", "preferred", False),
    }


def test_undamaged_different_chunks_pass_the_gates_on_raw_chunks(workspace: Workspace, find: Find) -> None:
    put_raw(workspace, scene(1), scene(2))
    verdicts = {gate.name: find("raw_chunks", gate.name) for gate in gates_of("raw_chunks")}
    assert [name for name, verdict in verdicts.items() if not verdict.passed] == ["chunk_sizes", "scene_balance"]
    assert "action: 0 % of 2 chunks, wanted are 30 %" in verdicts["scene_balance"].summary()
    assert verdicts["not_empty"].figures == {"chunks": 2, "words": len((scene(1) + " " + scene(2)).split())}
    assert verdicts["no_duplicates"].figures["different_texts"] == 2


@pytest.mark.parametrize(
    ("gate", "second", "said"),
    [
        ("readable", "A caf\ufffd.", "chunk_002.txt: line 1: a character lost in decoding (U+FFFD)"),
        ("readable", "One.\n\nTwo\0.", "chunk_002.txt: line 3: "),
        ("no_editing_notes", "One.\n\nTODO: the ship's name", "chunk_002.txt: line 3: "),
        ("no_bracketed_notes", "One.\n\n[insert the name of the ship]", "chunk_002.txt: line 3: "),
        ("no_front_matter", "Copyright 2024 by A. Author. All rights reserved.", "chunk_002.txt: line 1: "),
        ("no_near_duplicates", scene(1).replace("will", "shall"), "chunk_002.txt: line 1"),
        ("chunk_sizes", "One.", "chunk_002.txt: line 1: 1 words, a fragment, below 800"),
        ("language", GERMAN, "chunk_002.txt"),
        ("person", FIRST_PERSON, "chunk_002.txt"),
        ("not_empty", "  \n ", "chunk_002.txt: holds no words; remove it"),
        (
            "no_duplicates",
            scene(1).upper().replace("\n\n", " \n"),
            "chunk_001.txt and chunk_002.txt hold the same text",
        ),
    ],
)
def test_a_bad_chunk_fails_its_gate_by_the_name_of_its_file(
    workspace: Workspace, find: Find, gate: str, second: str, said: str
) -> None:
    put_raw(workspace, scene(1), second)
    verdict = find("raw_chunks", gate)
    assert not verdict.passed
    assert said in verdict.summary()
    assert verdict.figures["chunks"] == 2


def test_parts_that_give_their_chunks_back_lose_nothing(workspace: Workspace, find: Find) -> None:
    put_raw(workspace, "One.\n\nTwo.", "Three.")
    put_parts(workspace, ("001a", "001", "One.\n\n", 9), ("001b", "001", "Two.", 9), ("002", "002", "Three.", 9))
    verdict = find("split_chunks", "nothing_lost")
    assert verdict.passed
    assert verdict.figures == {"chunks": 2, "parts": 3}


@pytest.mark.parametrize(
    "parts",
    [
        [("001a", "001", "One.\n", 9), ("001b", "001", "Two.", 9)],
        [("001b", "001", "Two.", 9), ("001a", "001", "One.\n\n", 9)],
        [("002", "002", "One.\n\nTwo.", 9)],
    ],
    ids=["a line end lost", "parts out of order", "chunk gone"],
)
def test_a_lost_character_fails(workspace: Workspace, find: Find, parts: list[tuple[str, str, str, int]]) -> None:
    put_raw(workspace, "One.\n\nTwo.")
    put_parts(workspace, *parts)
    verdict = find("split_chunks", "nothing_lost")
    assert not verdict.passed
    assert "chunk 001: its parts do not give the chunk back" in verdict.summary()


@pytest.mark.parametrize(("tokens", "passes"), [(4095, True), (4096, False)])
def test_a_part_must_stay_below_the_token_budget(workspace: Workspace, find: Find, tokens: int, passes: bool) -> None:
    put_parts(workspace, ("001a", "001", "One.", tokens))
    verdict = find("split_chunks", "within_token_budget")
    assert verdict.passed is passes
    assert verdict.figures == {"parts": 1, "max_tokens": tokens, "limit": 4096}
    assert passes or "part 001a: 4096 tokens, 4096 or more; lower manuscript.max_words" in verdict.summary()


def test_well_made_examples_pass_the_gates_on_the_dataset(workspace: Workspace, voice: VoiceConfig, find: Find) -> None:
    put_dataset(workspace, [example("001a"), example("001b")], [example("002")])
    verdicts = {
        gate.name: find("prefix_completion_dataset", gate.name) for gate in gates_of("prefix_completion_dataset")
    }
    assert all(verdict.passed for verdict in verdicts.values()), verdicts
    assert verdicts["sides_apart"].figures == {"train": 2, "validation": 1}
    require_passed("prefix_completion_dataset", workspace, voice)


def test_a_passage_on_both_sides_leaks_and_names_both_examples(workspace: Workspace, find: Find) -> None:
    whole = Example("001", "001", "You wait.", " " + scene(1), True, 1)
    part = Example("002", "002", "You wait.", " " + scene(2) + "\n\n" + scene(1)[:400], True, 1)
    put_dataset(workspace, [whole], [part])
    verdict = find("prefix_completion_dataset", "no_leakage")
    assert not verdict.passed
    assert "002" in verdict.summary() and "001" in verdict.summary()
    assert verdict.figures["longest_shared_run"] >= 20


def test_tokens_are_counted_again_so_a_wrong_number_in_the_file_hides_nothing(workspace: Workspace, find: Find) -> None:
    put_dataset(workspace, [example("001", words=6000, prompt_words=400)], [example("002")])
    verdict = find("prefix_completion_dataset", "below_token_limit")
    assert not verdict.passed
    assert "part 001: " in verdict.summary()
    assert verdict.figures["max_tokens"] >= 4096


def test_the_token_limit_is_the_voices_own_and_excluded(workspace: Workspace, find: Find) -> None:
    long = example("001", words=400, prompt_words=28)
    put_dataset(workspace, [long], [example("002")])
    encoder = workspace.encoder(workspace.voice(VOICE))
    tokens = encoder.count_example(long.prompt, long.completion, ends_scene=True)
    write_voice(workspace, dataset={"max_tokens": tokens})
    assert not find("prefix_completion_dataset", "below_token_limit").passed
    write_voice(workspace, dataset={"max_tokens": tokens + 1})
    assert find("prefix_completion_dataset", "below_token_limit").passed


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (example("001", prompt_words=4), "example 001: the prompt is 4.0% of the words, not 5% to 10%"),
        (example("001", prompt_words=15), "example 001: the prompt is 15.0% of the words"),
        (
            Example("001", "001", "You count the lamps on", " the wall" + " and walk" * 40 + " home.", True, 1),
            "example 001: the prompt ends inside a sentence: ...'You count the lamps on'",
        ),
    ],
)
def test_a_badly_cut_prompt_fails(workspace: Workspace, find: Find, bad: Example, said: str) -> None:
    put_dataset(workspace, [bad], [example("002")])
    verdict = find("prefix_completion_dataset", "prompts_well_cut")
    assert not verdict.passed
    assert said in verdict.summary()
    assert set(verdict.figures) == {"least_share", "largest_share"}


def test_a_system_message_fails(workspace: Workspace, find: Find) -> None:
    place = put_dataset(workspace, [example("001")], [example("002")])
    row = example("003").as_row()
    row["messages"].insert(0, {"role": "system", "content": "Continue this story."})
    put(workspace, place.parent.name, {"train.jsonl": row, "validation.jsonl": example("002").as_row()})
    verdict = find("prefix_completion_dataset", "no_system_message")
    assert "example 003: roles are ['system', 'user', 'assistant']" in verdict.summary()
    assert verdict.figures == {"examples": 2}


def test_parts_of_one_chunk_on_both_sides_fail(workspace: Workspace, voice: VoiceConfig, find: Find) -> None:
    put_dataset(workspace, [example("001a"), example("002")], [example("001b")])
    assert "chunk 001 is in training and in validation" in find("prefix_completion_dataset", "sides_apart").summary()
    with pytest.raises(GaeaError, match="prefix_completion_dataset did not pass its gate sides_apart: chunk 001 is in"):
        require_passed("prefix_completion_dataset", workspace, voice)


def test_a_held_out_loss_below_the_bases_passes(workspace: Workspace, find: Find) -> None:
    put_adapter(workspace, [3.0, 2.5], [2.9, 2.8], base=3.1)
    verdict = find("qlora_adapter", "heldout_loss_fell")
    assert verdict.passed
    assert verdict.figures == {"heldout_loss": 2.8, "base_heldout_loss": 3.1, "adapter_step": 2}


def test_the_loss_that_counts_is_that_of_the_step_the_adapter_was_taken_from(workspace: Workspace, find: Find) -> None:
    put_adapter(workspace, [3.0, 2.5], [2.8, 3.3], base=3.1, step=2)
    verdict = find("qlora_adapter", "heldout_loss_fell")
    assert verdict.faults == [
        "held-out loss 3.3000 of the adapter, from step 2, is not below the base's 3.1000; set training.checkpoint: "
        "best, which is step 1 with 2.8000"
    ]
    assert verdict.figures["heldout_loss"] == 3.3


@pytest.mark.parametrize(
    ("losses", "heldout", "base", "said"),
    [
        (
            [3.0, 2.5],
            [3.1, 3.2],
            3.1,
            "held-out loss 3.1000 of the adapter, from step 1, is not below the base's 3.1000; `gaea remedy pocket`",
        ),
        ([3.0, math.nan], [2.8], 3.1, "the loss is not finite; lower training.learning_rate"),
        ([3.0, math.inf], [2.8], 3.1, "the loss is not finite"),
        ([3.0, 2.5], [math.nan], 3.1, "the loss is not finite"),
        ([3.0, 2.5], [2.8, math.nan], 3.1, "the loss is not finite"),
        ([3.0, 2.5], [2.8], math.nan, "the loss is not finite"),
        ([3.0, 2.5], [], 3.1, "the loss is not finite"),
        ([], [2.8], 3.1, "the loss is not finite"),
    ],
)
def test_a_loss_that_did_not_fall_or_is_no_number_fails(
    workspace: Workspace, find: Find, losses: list[float], heldout: list[float], base: float, said: str
) -> None:
    put_adapter(workspace, losses, heldout, base)
    verdict = find("qlora_adapter", "heldout_loss_fell")
    assert not verdict.passed
    assert said in verdict.summary()


def test_an_adapter_of_another_dataset_fails(workspace: Workspace, find: Find) -> None:
    place = put_dataset(workspace, [example("001")], [example("002")])
    provenance = read_provenance(place)
    assert provenance
    put_adapter(workspace, [3.0], [2.8], 3.1, dataset=provenance.content)
    verdict = find("qlora_adapter", "made_from_this_dataset")
    assert verdict.passed
    assert verdict.figures == {"trained_on": provenance.content, "dataset": provenance.content}

    put_dataset(workspace, [example("003")], [example("002")])
    verdict = find("qlora_adapter", "made_from_this_dataset")
    assert f"the adapter was trained on dataset {provenance.content[:12]}, now it is" in verdict.summary()


@pytest.mark.parametrize(("relative_rms", "passes"), [(0.008, True), (0.021, False), (math.nan, False)])
def test_logits_of_the_merged_model_must_match(
    workspace: Workspace, find: Find, relative_rms: float, passes: bool
) -> None:
    put_merged(workspace, relative_rms=relative_rms)
    verdict = find("merged_model", "logits_match")
    assert verdict.passed is passes
    assert verdict.figures["tolerance"] == LOGIT_TOLERANCE
    assert verdict.figures["weights"] == "sixteen_bit"
    assert passes or "logits of the merged model differ from base + adapter" in verdict.summary()


def test_a_complete_merged_model_passes(workspace: Workspace, voice: VoiceConfig, find: Find) -> None:
    put_merged(workspace)
    assert find("merged_model", "complete_files").passed
    require_passed("merged_model", workspace, voice)


@pytest.mark.parametrize("name", ["config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"])
def test_a_merged_model_without_one_of_its_files_fails(workspace: Workspace, find: Find, name: str) -> None:
    place = put_merged(workspace, name)
    assert (
        f"{place / name} is missing; materialise merged_model again" in find("merged_model", "complete_files").summary()
    )


def test_a_merged_model_without_weights_fails(workspace: Workspace, find: Find) -> None:
    place = put_merged(workspace, "model.safetensors")
    assert f"no weights (*.safetensors) in {place}" in find("merged_model", "complete_files").summary()


def test_a_shard_that_the_index_names_must_be_there(workspace: Workspace, find: Find) -> None:
    shards = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    weights = save({"a": np.ones(4, np.float32)})
    more = {"model.safetensors.index.json": {"weight_map": shards}, shards["a"]: weights}
    place = put_merged(workspace, "model.safetensors", more=more)
    assert f"{place / shards['b']} is missing" in find("merged_model", "complete_files").summary()
    put_merged(workspace, "model.safetensors", more={**more, shards["b"]: weights})
    assert find("merged_model", "complete_files").passed


def test_truncated_weights_fail(workspace: Workspace, find: Find) -> None:
    place = put_merged(workspace)
    path = place / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    verdict = find("merged_model", "complete_files")
    assert not verdict.passed
    assert verdict.summary().startswith(f"{path} does not load (")


@pytest.mark.parametrize(("size", "passes"), [(104, True), (96, True), (106, False), (50, False)])
def test_the_merged_model_has_about_the_bases_size(workspace: Workspace, find: Find, size: int, passes: bool) -> None:
    put_merged(workspace, size=size)
    verdict = find("merged_model", "size")
    assert verdict.passed is passes
    assert verdict.figures == {"size_ratio": size / 100, "bytes": size}
    assert passes or f"has {size / 100:.2f} times the size of the base" in verdict.summary()


MEASURES = ("transfer", "vocabulary", "structure", "markers", "pov")


@pytest.mark.parametrize("name", MEASURES)
def test_a_score_above_its_target_passes_and_shows_its_figures(workspace: Workspace, find: Find, name: str) -> None:
    put_report(workspace)
    verdict = find("style_report", name)
    assert verdict.passed
    # `high` is not known, and left out.
    assert verdict.figures == {"base": 0.1, "tuned": 0.8, "author": 0.9, "score": 87.5, "low": 80.0, "target": 60}


@pytest.mark.parametrize("name", MEASURES)
def test_a_score_below_its_target_fails_and_shows_its_figures(workspace: Workspace, find: Find, name: str) -> None:
    put_report(workspace, {"score": 41.24, "passed": False})
    verdict = find("style_report", name)
    assert verdict.summary() == f"{name} is 41.2, not above 60"
    assert verdict.figures["score"] == 41.24


def test_an_undefined_measure_fails_and_says_why(workspace: Workspace, find: Find) -> None:
    put_report(workspace, {"score": None, "passed": False, "undefined": "author and base do not differ"})
    verdict = find("style_report", "transfer")
    assert verdict.summary() == "transfer is undefined: author and base do not differ"
    assert "score" not in verdict.figures


def test_a_score_does_not_count_while_a_gate_fails(workspace: Workspace, find: Find) -> None:
    put_report(workspace, {"passed": False, "gated": "memorisation"}, {"passed": False, "reason": "30 words copied"})
    assert find("style_report", "transfer").summary() == "transfer does not count while a gate fails: memorisation"
    assert find("style_report", "memorisation").summary() == "memorisation: 30 words copied"


@pytest.mark.parametrize("name", ["memorisation", "repetition"])
def test_the_gates_beside_the_score_pass_and_fail_with_their_figures(
    workspace: Workspace, find: Find, name: str
) -> None:
    put_report(workspace)
    assert find("style_report", name) == Verdict([], {"longest_run": 5})
    put_report(workspace, gate={"passed": False, "reason": "found", "figures": {"longest_run": 40}})
    assert find("style_report", name) == Verdict([f"{name}: found"], {"longest_run": 40})


def test_a_failed_style_gate_refuses_nothing_downstream(workspace: Workspace, voice: VoiceConfig) -> None:
    put_report(workspace, {"passed": False, "score": 1.0})
    require_passed("style_report", workspace, voice)


def test_a_gate_on_an_asset_that_was_never_made_names_it(find: Find) -> None:
    with pytest.raises(GaeaError, match="not made yet; materialise qlora_adapter of the voice pocket first"):
        find("qlora_adapter", "heldout_loss_fell")
