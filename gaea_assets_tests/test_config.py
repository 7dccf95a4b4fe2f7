"""Voice files: what is read from them, and what each fault is told as."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gaea_assets.config import VoiceConfig, load_voice, voice_names
from gaea_assets.errors import GaeaError

SHIPPED = Path(__file__).parents[1] / "configs" / "voices"
LEAST = "manuscript:\n  folder: mine\nbase:\n  model: some/base\n"


def voice(folder: Path, text: str | bytes, name: str = "mine") -> VoiceConfig:
    path = folder / f"{name}.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_voice(name, folder)


def fault(folder: Path, text: str | bytes, name: str = "mine") -> str:
    """The message, without the file that it must begin with."""
    with pytest.raises(GaeaError) as error:
        voice(folder, text, name)
    message = str(error.value)
    assert message.startswith(f"{folder / name}.yaml: ")
    assert "\n" not in message
    return message.removeprefix(f"{folder / name}.yaml: ")


@pytest.mark.parametrize("name", voice_names(SHIPPED))
def test_every_voice_that_ships_is_valid(name: str) -> None:
    assert load_voice(name, SHIPPED).name == name


def test_the_voices_that_the_design_names_ship() -> None:
    assert set(voice_names(SHIPPED)) >= {"pocket", "visions_of_gaea", "visions_of_gaea_lora", "visions_of_gaea_qwen"}


def test_manuscript_and_base_are_enough_and_the_rest_has_the_wanted_defaults(tmp_path: Path) -> None:
    made = voice(tmp_path, LEAST)
    assert made.name == "mine"
    assert made.training.method == "qlora"
    assert (made.training.rank, made.training.alpha, made.training.dropout) == (16, 32, 0.05)
    assert (made.training.learning_rate, made.training.epochs) == (2e-4, 3)
    assert (made.training.micro_batch, made.training.accumulation) == (1, 8)
    assert (made.dataset.prompt_share_min, made.dataset.prompt_share_max) == (0.05, 0.10)
    assert (made.dataset.validation_share, made.dataset.max_tokens) == (0.10, 4096)
    targets = {"transfer": 60, "vocabulary": 70, "structure": 65, "markers": 50, "pov": 80}
    assert made.gates.model_dump(exclude={"abilities"}) == targets
    assert made.gates.abilities.model_dump() == {"general_prose": 5, "instructions": 10, "loops": 5, "unfinished": 10}
    assert (made.serving.base_port, made.serving.tuned_port) == (8000, 8002)


def test_every_field_says_what_it_is() -> None:
    def check(model: type) -> None:
        for name, field in model.model_fields.items():  # type: ignore[attr-defined]
            if hasattr(field.annotation, "model_fields"):
                check(field.annotation)
            else:
                assert field.description and field.description.endswith("."), f"{model.__name__}.{name}"

    check(VoiceConfig)


def test_values_do_not_change_after_loading(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        voice(tmp_path, LEAST).training.rank = 8  # type: ignore[misc]


def test_number_with_an_exponent_but_no_dot_is_a_number(tmp_path: Path) -> None:
    # YAML 1.1 reads 1e-3 as a string.
    assert voice(tmp_path, LEAST + "training:\n  learning_rate: 1e-3\n").training.learning_rate == 0.001


def test_unknown_field_is_named_with_those_allowed_beside_it(tmp_path: Path) -> None:
    assert fault(tmp_path, LEAST + "gates:\n  transfr: 50\n") == (
        "gates.transfr: no such field; allowed here: transfer, vocabulary, structure, markers, pov, abilities"
    )
    assert fault(tmp_path, LEAST + "trainig: {}\n") == (
        "trainig: no such field; allowed here: manuscript, base, dataset, training, evaluation, gates, serving, "
        "blind, release, watching"
    )


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("training:\n  rank: 0", "training.rank: 0 given; should be greater than or equal to 1"),
        ("training:\n  rank: 513", "training.rank: 513 given; should be less than or equal to 512"),
        ("training:\n  alpha: 8193", "training.alpha: 8193 given; should be less than or equal to 8192"),
        ("training:\n  dropout: 1", "training.dropout: 1 given; should be less than 1"),
        ("training:\n  epochs: -1", "training.epochs: -1 given; should be greater than 0"),
        ("training:\n  epochs: .inf", "training.epochs: inf given; should be a finite number"),
        (
            "training:\n  accumulation: 4\n  processes: 5",
            "training.processes: 5 is above the examples of an optimiser step (micro_batch x accumulation: 4), so that "
            "some would never compute anything; lower it",
        ),
        (
            "training:\n  gradient_checkpointing: maybe",
            "training.gradient_checkpointing: 'maybe' given; true, false or auto is wanted",
        ),
        (
            "training:\n  gradient_checkpointing: 1",
            "training.gradient_checkpointing: 1 given; true, false or auto is wanted",
        ),
        ("gates:\n  transfer: .nan", "gates.transfer: nan given; should be a finite number"),
        ("gates:\n  pov: .inf", "gates.pov: inf given; should be a finite number"),
        ("dataset:\n  max_tokens: 127", "dataset.max_tokens: 127 given; should be greater than or equal to 128"),
        (
            "dataset:\n  validation_share: 0.6",
            "dataset.validation_share: 0.6 given; should be less than or equal to 0.5",
        ),
        ("serving:\n  base_port: 80", "serving.base_port: 80 given; should be greater than or equal to 1024"),
        ("training:\n  method: full", "training.method: 'full' given; should be 'qlora' or 'lora'"),
        (
            "training:\n  checkpoint: frist",
            "training.checkpoint: 'frist' given; best, last, or the step of a checkpoint is wanted",
        ),
        (
            "training:\n  checkpoint: 0",
            "training.checkpoint: 0 given; best, last, or the step of a checkpoint is wanted",
        ),
        (
            "training:\n  rank: many",
            "training.rank: 'many' given; should be a valid integer, unable to parse string as an integer",
        ),
        ("evaluation:\n  prompts: [1]", "evaluation.prompts.0: 1 given; should be a valid string"),
        ("evaluation:\n  prompts: [' ']", r"evaluation.prompts.0: ' ' given; String should match pattern '\S'"),
        ("gates:\n  transfer: 101", "gates.transfer: 101 given; should be less than or equal to 100"),
        ("gates:\n  abilities: {loops: -1}", "gates.abilities.loops: -1 given; should be greater than or equal to 0"),
        (
            "serving:\n  url: localhost:8000",
            r"serving.url: 'localhost:8000' given; String should match pattern '^https?://\S+$'",
        ),
        (
            "release:\n  keep: 1\n  switch_back: true",
            "release.keep: 1 with switch_back: true leaves no model to switch back to; keep 2 or more",
        ),
    ],
)
def test_value_out_of_range_is_named_with_what_is_allowed(tmp_path: Path, fields: str, message: str) -> None:
    assert fault(tmp_path, f"{LEAST}{fields}\n") == message


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("others: {tales: 0}", "others.tales: 0 given; should be greater than 0"),
        (
            "others: {../tales: 1}",
            "others: '../tales' given, which leaves data/raw; give a name under it, or an absolute path",
        ),
        (
            "others: {a/tales: 1, b/tales: 2}",
            "others: two of the folders book, a/tales, b/tales have one name; rename one of them",
        ),
        (
            "scene_goal: {action: 50}",
            "scene_goal.action, dialogue, introspection and exposition sum to 120; make them sum to 100",
        ),
    ],
)
def test_faults_of_further_manuscripts_and_goals_are_named(tmp_path: Path, fields: str, message: str) -> None:
    text = f"manuscript:\n  folder: book\n  {fields}\nbase:\n  model: org/base\n"
    assert fault(tmp_path, text) == f"manuscript.{message}"


@pytest.mark.parametrize("section", ["training", "dataset", "evaluation", "blind"])
def test_a_seed_that_numpy_does_not_take_is_refused(tmp_path: Path, section: str) -> None:
    assert getattr(voice(tmp_path, f"{LEAST}{section}: {{seed: {2**32 - 1}}}\n"), section).seed == 2**32 - 1
    assert fault(tmp_path, f"{LEAST}{section}: {{seed: {2**32}}}\n") == (
        f"{section}.seed: 4294967296 given; should be less than or equal to 4294967295"
    )


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("training.rank", "yes"),
        ("training.epochs", "true"),
        ("training.seed", "off"),
        ("training.patience", "on"),
        ("training.lora_plus_ratio", "true"),
        ("gates.transfer", "yes"),
        ("serving.memory_share", "true"),
    ],
)
def test_a_truth_value_is_no_number(tmp_path: Path, field: str, given: str) -> None:
    section, name = field.split(".")
    read = yaml.safe_load(given)
    assert fault(tmp_path, f"{LEAST}{section}: {{{name}: {given}}}\n") == f"{field}: {read} given; a number is wanted"


def test_a_truth_value_is_no_weight_of_a_manuscript(tmp_path: Path) -> None:
    text = "manuscript: {folder: book, others: {tales: yes}}\nbase: {model: org/base}\n"
    assert fault(tmp_path, text) == "manuscript.others.tales: True given; a number is wanted"


@pytest.mark.parametrize("given", ["true", "false", "auto", "yes", "no"])
def test_activations_are_recomputed_always_never_or_where_memory_asks_for_it(tmp_path: Path, given: str) -> None:
    made = voice(tmp_path, f"{LEAST}training: {{gradient_checkpointing: {given}}}\n")
    assert made.training.gradient_checkpointing == yaml.safe_load(given)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("training:\n  rank: 4\n  rank: 8\n", "rank is there twice, first in line 6, line 7, column 3"),
        ("training: {rank: 4}\ntraining: {}\n", "training is there twice, first in line 5, line 6, column 1"),
        ("training: {rank: 4, 'rank': 4}\n", "rank is there twice, first in line 5, line 5, column 21"),
        (f"x: {{{'https://hooks.example.com/hunter2'}: 1, {'https://hooks.example.com/hunter2'}: 2}}\n", "a field is "),
    ],
)
def test_a_field_that_stands_twice_is_refused_with_both_places(tmp_path: Path, text: str, message: str) -> None:
    assert fault(tmp_path, LEAST + text).startswith(f"not valid YAML: {message}")


def test_a_merge_key_does_not_make_a_field_stand_twice(tmp_path: Path) -> None:
    below = "training: &few {rank: 4, alpha: 8}\n"
    assert fault(tmp_path, f"{LEAST}{below}gates: {{<<: *few, rank: 8}}\n").startswith("gates.rank: no such field")


def test_section_that_is_no_mapping_is_named(tmp_path: Path) -> None:
    assert fault(tmp_path, LEAST + "training: 5\n").startswith("training: 5 given; should be a valid dictionary")


def test_section_whose_fields_are_all_commented_out_is_named(tmp_path: Path) -> None:
    line = fault(tmp_path, LEAST + "training:\n#  rank: 4\n")
    assert line == "training: nothing stands under it; write its fields there, further in, or leave it out"


def test_missing_fields_are_named_all_at_once(tmp_path: Path) -> None:
    assert fault(tmp_path, "manuscript: {}\n") == (
        "manuscript.folder: missing; it has no default; base: missing; it has no default"
    )


@pytest.mark.parametrize("field", ["use_dora", "modules_to_save"])
def test_what_vllm_cannot_serve_is_refused_before_any_gpu_time(tmp_path: Path, field: str) -> None:
    message = fault(tmp_path, f"{LEAST}training:\n  {field}: true\n")
    assert message.startswith(f"training.{field}: vLLM cannot serve ")
    assert message.endswith("; leave it out")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            "dataset: {prompt_share_min: 0.1, prompt_share_max: 0.1}",
            "dataset.prompt_share_min: 0.1 must be below prompt_share_max: 0.1",
        ),
        (
            "manuscript: {folder: mine, max_words: 1000}",
            "manuscript.min_part_words: 600 leaves no way to split a chunk just above max_words: 1000; "
            "allowed is at most half of it",
        ),
        (
            "serving: {base_port: 9000, tuned_port: 9000}",
            "serving.tuned_port: 9000 is base_port too; give each model its own",
        ),
        (
            "evaluation: {max_new_tokens: 5000}",
            "evaluation.max_new_tokens: 5000 must be below serving.max_model_len: 4096, which holds the prompt too",
        ),
        (
            "manuscript: {folder: ../mine}",
            "manuscript.folder: '../mine' given, which leaves data/raw; give a name under it, or an absolute path",
        ),
        (
            "evaluation: {passage_words: 100, prompt_words: 51}",
            "evaluation.prompt_words: 51 must be at most half of passage_words: 100",
        ),
    ],
)
def test_fields_that_contradict_each_other_are_both_named(tmp_path: Path, fields: str, message: str) -> None:
    voice(tmp_path, LEAST, "parent")
    assert fault(tmp_path, f"extends: parent\n{fields}\n") == message


def test_a_name_of_its_own_and_several_parents_are_refused(tmp_path: Path) -> None:
    assert fault(tmp_path, f"{LEAST}name: other\n") == "name: 'other' given; a voice is named by its file: leave it out"
    assert fault(tmp_path, "extends: [a, b]\n") == "extends: a list given; the name of one voice is wanted"


@pytest.mark.parametrize(
    "text",
    [
        "manuscript: [",
        "a: b: c",
        b"manuscript:\n  folder: caf\xe9\n",
        "a: 2024-99-99\n",
        "\tmanuscript: {}",
        "? [a]\n: b",
    ],
)
def test_file_that_is_not_yaml_is_named(tmp_path: Path, text: str | bytes) -> None:
    assert fault(tmp_path, text).startswith("not valid YAML: ")


WEBHOOK = "https://hooks.example.com/T0/hunter2"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"watching:\n  webhook: {WEBHOOK}: x\n", "mapping values are not allowed here, line 6, column 48"),
        (f'watching:\n  webhook: "{WEBHOOK}\n', "found unexpected end of stream, line 7, column 1"),
        (
            f"watching:\n  webhook: !{WEBHOOK} x\n",
            "could not determine a constructor for the tag ..., line 6, column 12",
        ),
        (f"watching:\n  webhook: *{WEBHOOK}\n", "not valid YAML: "),
        (f"watching: {{webhook: [{WEBHOOK}\n", "not valid YAML: "),
        (f"watching:\n\twebhook: {WEBHOOK}\n", "found character '\\t' that cannot start any token, line 6, column 1"),
        (f"watching: {WEBHOOK}\n", "watching: a value that is not shown given; should be a valid dictionary"),
        (f"watching: [{WEBHOOK}]\n", "watching: a value that is not shown given; should be a valid dictionary"),
        (f"watching: {{webhook: {{url: {WEBHOOK}}}}}\n", "watching.webhook: a text is wanted"),
        (f"watching: {{webhook: [{WEBHOOK}]}}\n", "watching.webhook: a text is wanted"),
        (f"watching: {{{WEBHOOK}}}\n", "watching.(an address): no such field; allowed here: webhook"),
        (f"webhook: {WEBHOOK}\n", "webhook: no such field"),
        (f"serving: {WEBHOOK}\n", "serving: an address given; should be a valid dictionary"),
        (f"serving: [{{webhook: {WEBHOOK}}}]\n", "serving: a list given; should be a valid dictionary"),
        (f"serving: {{host: {WEBHOOK}}}\n", "serving.host: an address given; an IP address"),
        (f"serving: {{max_model_len: {{webhook: {WEBHOOK}}}}}\n", "serving.max_model_len: a mapping given; a number"),
        (f"name: {{webhook: {WEBHOOK}}}\n", "name: a mapping given; a voice is named by its file"),
        (f"extends: {{webhook: {WEBHOOK}}}\n", "extends: a mapping given; the name of one voice is wanted"),
    ],
)
def test_no_message_tells_a_webhooks_address_wherever_it_stands(tmp_path: Path, text: str, told: str) -> None:
    found = fault(tmp_path, LEAST + text)
    assert told in found
    assert "hunter2" not in found


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words\n", "# nothing\n"])
def test_file_without_fields_is_refused(tmp_path: Path, text: str) -> None:
    assert fault(tmp_path, text) == f"a mapping of fields is wanted; see the other files in {tmp_path}"


def test_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    assert voice(tmp_path, b"\xef\xbb\xbf" + LEAST.encode()).manuscript.folder == "mine"


def test_extending_voice_changes_only_what_it_names(tmp_path: Path) -> None:
    parent = voice(tmp_path, LEAST + "training:\n  rank: 8\n  alpha: 64\n", "parent")
    child = voice(tmp_path, "extends: parent\ntraining:\n  rank: 4\n", "child")
    assert (child.training.rank, child.training.alpha) == (4, 64)
    assert child.model_dump(exclude={"name", "training"}) == parent.model_dump(exclude={"name", "training"})
    assert child.name == "child"


def test_lists_are_replaced_not_joined(tmp_path: Path) -> None:
    voice(tmp_path, LEAST + "evaluation:\n  prompts: [a, b]\n", "parent")
    assert voice(tmp_path, "extends: parent\nevaluation:\n  prompts: [c]\n").evaluation.prompts == ("c",)


def test_extends_over_several_generations(tmp_path: Path) -> None:
    voice(tmp_path, LEAST + "training: {rank: 1, alpha: 1}\n", "a")
    voice(tmp_path, "extends: a\ntraining: {rank: 2}\n", "b")
    made = voice(tmp_path, "extends: b\ngates: {pov: 90}\n", "c")
    assert (made.training.rank, made.training.alpha, made.gates.pov) == (2, 1, 90)


@pytest.mark.parametrize("circle", [["mine"], ["mine", "two"], ["mine", "two", "three"]])
def test_extends_in_a_circle_is_told_with_the_way_round(tmp_path: Path, circle: list[str]) -> None:
    for name, parent in zip(circle, [*circle[1:], circle[0]], strict=True):
        (tmp_path / f"{name}.yaml").write_text(f"extends: {parent}\n")
    with pytest.raises(GaeaError) as error:
        load_voice("mine", tmp_path)
    way = " -> ".join([*circle, "mine"])
    assert str(error.value) == f"{tmp_path}/mine.yaml: `extends` goes in a circle: {way}; remove one of them"


def test_missing_parent_is_told_with_the_file_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("extends: gone\n")
    with pytest.raises(GaeaError) as error:
        load_voice("mine", tmp_path)
    assert str(error.value) == (
        f"{tmp_path}/gone.yaml: no such voice (named by `extends` in mine.yaml); the voices here are: mine"
    )


def test_unknown_voice_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(LEAST)
    (tmp_path / "a.yaml").write_text(LEAST)
    with pytest.raises(GaeaError) as error:
        load_voice("mine", tmp_path)
    assert str(error.value) == f"{tmp_path}/mine.yaml: no such voice; the voices here are: a, b"


def test_no_folder_of_voices_has_no_voices(tmp_path: Path) -> None:
    assert voice_names(tmp_path / "none") == []
    with pytest.raises(GaeaError, match="the voices here are: none"):
        load_voice("mine", tmp_path / "none")


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.dates()
FIELDS = ["manuscript", "base", "training", "gates", "evaluation", "name", "rank", "pov", "prompts", "folder", "model"]
CONTENT = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(FIELDS) | st.integers() | st.booleans(), inner, max_size=4)
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS) | st.integers(), CONTENT, max_size=5))
def test_no_content_makes_anything_but_a_voice_or_a_clear_fault(
    tmp_path_factory: pytest.TempPathFactory, content
) -> None:
    folder = tmp_path_factory.mktemp("voices")
    (folder / "mine.yaml").write_text(yaml.safe_dump(content), "utf-8")
    try:
        load_voice("mine", folder)
    except GaeaError as error:
        assert str(error).startswith(str(folder))


@settings(deadline=None)
@given(st.text("ab:-#[]{}&*!|>'\" \n1.e%@`,?", max_size=40))
def test_no_text_makes_anything_but_a_voice_or_a_clear_fault(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.mktemp("voices")
    (folder / "mine.yaml").write_text(text, "utf-8")
    with pytest.raises(GaeaError):
        load_voice("mine", folder)
