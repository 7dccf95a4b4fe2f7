"""Which model of a voice is served, under which names and on which port; and what is refused."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from gaea_assets.base.encoder import Encoder
from gaea_assets.base.files import base_identity
from gaea_assets.base.prompt_format import prompt_format
from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.release.kept import keep_model
from gaea_assets.release.pointer import Released, point_to
from gaea_assets.resources import Workspace
from gaea_assets.serving import server_plan
from gaea_assets.store import folder_digest, new_folder
from gaea_assets_tests.projects import BASE, VOICE, write_voice


def made(workspace: Workspace, asset: str, voice: str, made_from: dict[str, Any], **config: Any) -> Path:
    """A finished output with weights that are whole."""
    place = workspace.place(asset, voice)
    with new_folder(place, made_from) as folder:
        name = "adapter_model.safetensors" if asset == "qlora_adapter" else "model.safetensors"
        shutil.copyfile(BASE / "model.safetensors", folder / name)
        (folder / "adapter_config.json").write_text(json.dumps({"r": 16} | config))
        (folder / "chat_template.jinja").write_text("as it was merged")
    return place


def adapter(workspace: Workspace, voice: str, **config: Any) -> Path:
    return made(workspace, "qlora_adapter", voice, {"base": BASE_ID, "prompt_format": "plain"}, **config)


BASE_ID = base_identity(BASE, "")


def second_voice(workspace: Workspace, name: str = "other", **sections: Any) -> VoiceConfig:
    (workspace.voices / f"{name}.yaml").write_text(yaml.safe_dump({"extends": VOICE, **sections}))
    return workspace.voice(name)


def test_the_merged_model_is_the_tuned_one(workspace: Workspace, voice: VoiceConfig) -> None:
    folder = made(workspace, "merged_model", VOICE, {})
    plan = server_plan.tuned(workspace, voice)
    assert (plan.name, plan.folder, plan.models, plan.port) == ("pocket-tuned", folder, ("pocket-tuned",), 8002)
    assert plan.template == folder / "chat_template.jinja"


def test_before_a_model_is_read_it_is_said_how_much_that_is(workspace: Workspace, voice: VoiceConfig) -> None:
    folder, said = made(workspace, "merged_model", VOICE, {}), []
    with (folder / "more.bin").open("wb") as file:
        file.truncate(2**27)
    with pytest.raises(GaeaError, match="its files have changed"):
        server_plan.tuned(workspace, voice, said.append)
    assert said == [f"reading {folder} to check its hash: 0.1 GiB"]


def test_a_merged_model_that_is_missing_or_cut_off_names_what_to_do(workspace: Workspace, voice: VoiceConfig) -> None:
    with pytest.raises(GaeaError, match="not made yet; materialise merged_model of the voice pocket first"):
        server_plan.tuned(workspace, voice)
    path = made(workspace, "merged_model", VOICE, {}) / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(GaeaError, match=r"cut off: .*; materialise merged_model of the voice pocket again"):
        server_plan.tuned(workspace, voice)


def test_the_base_is_served_without_anything_made(workspace: Workspace, voice: VoiceConfig) -> None:
    plan = server_plan.base(workspace, voice)
    assert (plan.name, plan.folder, plan.models, plan.port) == ("pocket-base", BASE, ("pocket-base",), 8000)
    assert plan.template is None


def test_a_base_without_weights_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    shutil.copytree(BASE, tmp_path / "base", ignore=shutil.ignore_patterns("*.safetensors"))
    bare = second_voice(workspace, base={"model": str(tmp_path / "base")})
    with pytest.raises(GaeaError, match=r"base.model: .*: no \*.safetensors"):
        server_plan.base(workspace, bare)


def test_one_base_holds_the_adapters_of_several_voices(workspace: Workspace, voice: VoiceConfig) -> None:
    folders = {VOICE: adapter(workspace, VOICE), "other": adapter(workspace, "other", r=8, rank_pattern={"q": 48})}
    plan = server_plan.adapted(workspace, [voice, second_voice(workspace)])
    assert (plan.name, plan.folder, plan.port) == ("pocket-adapters", BASE, 8002)
    assert plan.models == ("pocket", "other", "pocket-base")
    assert (plan.adapters, plan.rank) == (folders, 48)
    assert plan.otherwise_sampled == []


def test_a_voice_that_is_named_as_the_base_is_refused(workspace: Workspace, voice: VoiceConfig) -> None:
    same = second_voice(workspace, "pocket-base")
    for one in (voice, same):
        adapter(workspace, one.name)
    with pytest.raises(GaeaError, match="the voice pocket-base cannot be told from the base of pocket"):
        server_plan.adapted(workspace, [voice, same])
    assert server_plan.adapted(workspace, [same, voice]).models == ("pocket-base", "pocket", "pocket-base-base")


def test_voices_that_were_judged_with_another_sampling_than_the_servers_are_named(
    workspace: Workspace, voice: VoiceConfig
) -> None:
    others = [second_voice(workspace), second_voice(workspace, "wild", evaluation={"temperature": 1.1})]
    for one in (voice, *others):
        adapter(workspace, one.name)
    plan = server_plan.adapted(workspace, [voice, *others])
    assert plan.otherwise_sampled == ["wild (temperature 1.1, top_p 0.95)"]


@pytest.mark.parametrize(
    ("trained", "what"),
    [
        ({"base": "another", "prompt_format": "plain"}, "trained with another base than that of the voice pocket"),
        ({"base": BASE_ID, "prompt_format": "llama3"}, "trained with another prompt format than that of the voice poc"),
        ({}, "trained with another base"),
    ],
)
def test_an_adapter_of_another_base_is_refused(
    workspace: Workspace, voice: VoiceConfig, trained: dict[str, str], what: str
) -> None:
    adapter(workspace, VOICE)
    made(workspace, "qlora_adapter", "other", trained)
    with pytest.raises(GaeaError, match=what) as fault:
        server_plan.adapted(workspace, [voice, second_voice(workspace)])
    assert str(workspace.place("qlora_adapter", "other")) in str(fault.value)


@pytest.mark.parametrize("config", [{"r": 1024}, {"r": 8, "rank_pattern": {"q": 513}}, {"r": 0}])
def test_a_rank_that_vllm_does_not_serve_is_refused(
    workspace: Workspace, voice: VoiceConfig, config: dict[str, Any]
) -> None:
    adapter(workspace, VOICE, **config)
    with pytest.raises(GaeaError, match="vLLM serves ranks from 1 to 512: serve the merged model"):
        server_plan.adapted(workspace, [voice])


def test_a_voice_without_an_adapter_is_named(workspace: Workspace, voice: VoiceConfig) -> None:
    with pytest.raises(GaeaError, match="materialise qlora_adapter of the voice pocket first"):
        server_plan.adapted(workspace, [voice])


def release(workspace: Workspace, name: str = VOICE) -> Path:
    """A model kept and released as a decision does it; what merged_model holds may have changed since."""
    merged = made(workspace, "merged_model", name, {"prompt_format": "plain"})
    for path in BASE.glob("tokenizer*"):
        shutil.copyfile(path, merged / path.name)
    model, data = folder_digest(merged), Path(workspace.data)
    voice = workspace.voice(name)
    kept = keep_model(data, merged, voice, model, voice.evaluation.model_dump(mode="json"))
    point_to(data, Released(name, model, "record.json", "2026-11-21T12:00:00+00:00"))
    return kept


def test_what_is_released_is_served_from_where_it_is_kept(workspace: Workspace) -> None:
    with pytest.raises(GaeaError, match=r"nothing is released in .*: decide with gaea release VOICE"):
        server_plan.released_model(workspace)
    kept = release(workspace)
    shutil.rmtree(workspace.place("merged_model", VOICE))
    plan = server_plan.released_model(workspace)
    assert (plan.name, plan.folder, plan.models, plan.port) == ("pocket-released", kept, ("pocket-tuned",), 8002)
    assert plan.content == folder_digest(kept)


def test_a_released_model_needs_neither_its_voices_file_nor_its_base(workspace: Workspace) -> None:
    voice = write_voice(workspace, evaluation={"temperature": 0.5}, serving={"tuned_port": 9002})
    release(workspace)
    write_voice(workspace, evaluation={"temperature": 1.1}, serving={"tuned_port": 9005}, base={"model": "/gone"})
    plan = server_plan.released_model(workspace)
    assert plan.port == 9005  # where it is served is today's matter
    assert plan.voice.evaluation == voice.evaluation  # how it writes is what was judged
    (workspace.voices / f"{VOICE}.yaml").unlink()
    plan = server_plan.released_model(workspace)
    assert plan.port == 9002
    assert plan.encoder.prompt_ids("You wait.") == workspace_encoder_ids("You wait.")


def workspace_encoder_ids(text: str) -> list[int]:
    """What the base's own vocabulary makes of a prompt."""
    return Encoder(BASE, prompt_format(BASE, "plain")).prompt_ids(text)


def test_of_several_released_voices_one_is_named(workspace: Workspace) -> None:
    release(workspace)
    second_voice(workspace)
    kept = release(workspace, "other")
    with pytest.raises(
        GaeaError, match=r"models of 2 voices are released \(other, pocket\): name one, `gaea serve VOIC"
    ):
        server_plan.released_model(workspace)
    said: list[str] = []
    plan = server_plan.released_model(workspace, "other", said.append)
    assert said == [f"reading {plan.folder} to check its hash: 0.0 GiB"]
    assert (plan.name, plan.folder, plan.models) == ("other-released", kept, ("other-tuned",))
    with pytest.raises(GaeaError, match=r"no model of the voice nobody is released"):
        server_plan.released_model(workspace, "nobody")


def test_weights_that_were_written_over_in_their_place_are_not_served(workspace: Workspace) -> None:
    release(workspace)
    weights = workspace.place("merged_model", VOICE) / "model.safetensors"  # the kept one is a hard link to it
    with weights.open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x01")
    with pytest.raises(GaeaError, match="not the model that was released"):
        server_plan.released_model(workspace)
    with pytest.raises(GaeaError, match="its files have changed since it was made; materialise merged_model"):
        server_plan.tuned(workspace, workspace.voice(VOICE))


def test_a_model_made_anew_while_it_loads_is_noticed(workspace: Workspace, voice: VoiceConfig) -> None:
    made(workspace, "merged_model", VOICE, {})
    plan = server_plan.tuned(workspace, voice)
    server_plan.require_loaded(plan)
    made(workspace, "merged_model", VOICE, {}, r=32)
    with pytest.raises(GaeaError, match="merged_model/pocket: was made anew while it was loading; start it again"):
        server_plan.require_loaded(plan)
    server_plan.require_loaded(server_plan.base(workspace, voice))


def test_a_kept_model_that_is_not_the_released_one_is_refused(workspace: Workspace) -> None:
    kept = release(workspace)
    with new_folder(kept, {}) as folder:
        shutil.copyfile(BASE / "config.json", folder / "config.json")
    with pytest.raises(GaeaError, match=r"not the model that was released at 2026-11-21.* --rollback"):
        server_plan.released_model(workspace)
    shutil.rmtree(kept)
    with pytest.raises(GaeaError, match="not the model that was released"):
        server_plan.released_model(workspace)
