import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gaea_assets import lineage
from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.release import actions
from gaea_assets.release.kept import folder_of, is_whole, kept_models
from gaea_assets.release.pointer import history, place_of, released
from gaea_assets.release.records import read_records
from gaea_assets.resources import Workspace
from gaea_assets.store import new_folder, read_provenance
from gaea_assets_tests.projects import VOICE, put, scene, write_chunks, write_voice
from gaea_assets_tests.release.voices import (
    RISING,
    gate,
    log,
    put_asset,
    put_blind,
    put_report,
    put_trained,
    report,
    variation,
    write,
)


@pytest.fixture
def data(workspace: Workspace) -> Path:
    return Path(workspace.data)


@pytest.fixture
def unread(workspace: Workspace) -> VoiceConfig:
    """The voice, which may be released without readers."""
    return write_voice(workspace, release={"blind": "optional", "switch_back": True})


def release_new(workspace: Workspace, voice: VoiceConfig, seed: int) -> str:
    """Train the voice again and release what came out; the model's hash."""
    model = put_trained(workspace, voice, seed=seed)
    assert actions.release(workspace, voice.name).decision.outcome == "released"
    return model


def test_a_positive_decision_keeps_the_model_and_moves_the_pointer(
    workspace: Workspace, unread: VoiceConfig, data: Path
) -> None:
    model = put_trained(workspace, unread)
    done = actions.release(workspace, VOICE)
    now = released(data, VOICE)
    assert now is not None
    assert (now.voice, now.model, now.decision) == (VOICE, model, done.record.path.name)
    assert done.switched == now
    assert is_whole(folder_of(data, VOICE, model), model)
    record = json.loads(done.record.path.read_text("utf-8"))
    assert (record["schema"], record["outcome"], record["model"]) == (1, "released", model)
    assert len(record["gates"]) == 12
    assert record["made_from"]["style_report"]["merged_model"] == model
    assert record["made_from"]["qlora_adapter"]["training"]["rank"] == 16
    assert all(gate["passed"] and gate["figures"] for gate in record["gates"])
    assert record["recipe"]["training"]["rank"] == 16


def test_the_last_gate_is_the_readers(workspace: Workspace, voice: VoiceConfig, data: Path) -> None:
    model = put_trained(workspace, voice)
    assert actions.release(workspace, VOICE).record.outcome == "waiting"
    put_blind(workspace, VOICE, model, "not_yet_shown", more_votes=30)
    assert actions.release(workspace, VOICE).record.outcome == "waiting"
    assert released(data, VOICE) is None
    put_blind(workspace, VOICE, model, "proved")
    assert actions.release(workspace, VOICE).record.outcome == "released"
    assert [record.outcome for record in read_records(data)] == ["waiting", "waiting", "released"]


def test_a_failing_gate_releases_nothing_and_the_record_says_what_to_change(
    workspace: Workspace, unread: VoiceConfig, data: Path
) -> None:
    put_trained(workspace, unread, report({"transfer": 41.0}))
    done = actions.release(workspace, VOICE)
    assert released(data, VOICE) is None
    assert kept_models(data, VOICE) == []
    content = json.loads(done.record.path.read_text("utf-8"))
    assert content["outcome"] == "not_released"
    assert {change["field"]: change["after"] for change in content["next_recipe"]["changes"]} == {
        "training.epochs": 5, "training.rank": 32, "training.alpha": 64,
    }  # fmt: skip
    page = done.record.path.with_suffix(".md").read_text("utf-8")
    assert page.startswith("# pocket: not released\n\n1 of 12 gates fail: transfer is 41.0, not above 60.")
    assert "| transfer | style_report | FAILED | 41.0 (35.0 to 47.0), target > 60 |" in page
    _, change = page.split("## What to change\n\n")
    assert change.splitlines() == [
        "- the next recipe: `training.epochs: 5` (was 3), `training.rank: 32` (was 16), `training.alpha: 64` (was 32); "
        "`gaea remedy pocket` writes it as a voice file. It is to mend: too low: transfer 41.0 (> 60); the held-out "
        "loss was still falling at the last checkpoint (2.400 at epoch 3)",
        "- transfer: Where there are few chunks, add more manuscript.",
    ]


def test_the_record_advises_from_the_voices_own_recipe_and_nothing_against_it(workspace: Workspace) -> None:
    sections = {"training": {"rank": 32, "alpha": 64, "epochs": 5}, "release": {"blind": "optional"}}
    unlike = write_voice(workspace, **sections)
    put_trained(workspace, unlike, report({"vocabulary": 60.0}, [gate("memorisation", False)]))
    page = actions.release(workspace, VOICE).record.path.with_suffix(".md").read_text("utf-8")
    _, change = page.split("## What to change\n\n")
    recipe, other, *beside = change.splitlines()
    assert "`training.epochs: 3.5` (was 5), `training.rank: 16` (was 32)" in recipe
    assert other.startswith("- not mended by it: too low: vocabulary 60.0 (> 70)")
    assert len(beside) == 2
    assert not any("training." in line for line in beside)


def test_where_no_recipe_is_left_the_record_says_so_once(workspace: Workspace) -> None:
    sections = {"training": {"rank": 128, "epochs": 20, "learning_rate": 5e-3}, "release": {"blind": "optional"}}
    put_trained(workspace, write_voice(workspace, **sections), report({"transfer": 41.0}))
    page = actions.release(workspace, VOICE).record.path.with_suffix(".md").read_text("utf-8")
    assert page.count("there is no recipe to propose") == 1
    assert page.count("add more manuscript") == 1


@pytest.mark.parametrize("missing", ["style_report", "merged_model", "qlora_adapter"])
def test_nothing_is_released_while_something_is_missing(
    workspace: Workspace, unread: VoiceConfig, data: Path, missing: str
) -> None:
    put_trained(workspace, unread)
    place = workspace.place(missing, VOICE)
    place.rename(place.with_name("gone"))
    done = actions.release(workspace, VOICE)
    assert done.record.outcome == "not_released"
    assert f"materialise {missing}" in done.record.reason
    assert released(data, VOICE) is None


def test_a_decision_made_twice_is_two_records_and_one_release(
    workspace: Workspace, unread: VoiceConfig, data: Path
) -> None:
    put_trained(workspace, unread)
    first, second = actions.release(workspace, VOICE), actions.release(workspace, VOICE)
    assert first.record.path != second.record.path
    assert second.switched is None
    assert history(data, VOICE) == []
    now = released(data, VOICE)
    assert now is not None
    assert now.decision == first.record.path.name


def test_a_new_release_replaces_the_one_before_which_comes_back_on_request(
    workspace: Workspace, unread: VoiceConfig, data: Path
) -> None:
    first, second, third = (release_new(workspace, unread, seed) for seed in range(3))
    assert [past.released.model for past in history(data, VOICE)] == [first, second]
    assert actions.roll_back(data).model == second
    assert actions.roll_back(data).model == first  # and not to the third, which was taken back
    with pytest.raises(GaeaError, match=r"no model released before pocket .* is kept whole"):
        actions.roll_back(data)
    now = released(data, VOICE)
    assert now is not None
    assert now.model == first
    assert is_whole(folder_of(data, VOICE, first), first)
    assert third not in (past.released.model for past in history(data, VOICE) if past.event == "replaced")


def test_there_must_be_something_to_take_back(data: Path) -> None:
    with pytest.raises(GaeaError, match="nothing is released in"):
        actions.roll_back(data)


def test_a_damaged_model_is_not_gone_back_to(workspace: Workspace, unread: VoiceConfig, data: Path) -> None:
    first, second, _ = (release_new(workspace, unread, seed) for seed in range(3))
    damaged = next(kept for kept in kept_models(data, VOICE) if kept.model == second)
    (damaged.folder / "config.json").unlink()
    assert actions.roll_back(data).model == first


def test_the_released_model_failing_again_raises_an_alarm_and_switches_back(
    workspace: Workspace, unread: VoiceConfig, data: Path
) -> None:
    first, second = release_new(workspace, unread, 1), release_new(workspace, unread, 2)
    assert actions.watch(workspace, VOICE) == (None, None)
    put_report(workspace, unread, report({"transfer": 44.0}))
    alarm, back = actions.watch(workspace, VOICE)
    assert alarm is not None
    assert alarm.told == f"the released model pocket ({second[:12]}) no longer passes: transfer is 44.0, not above 60"
    assert back is not None
    assert back.model == first
    assert released(data, VOICE) == back
    assert history(data, VOICE)[-1].reason == alarm.told
    assert actions.watch(workspace, VOICE) == (None, None)  # the model in data/merged_model is not the released one


def test_a_released_model_that_fails_after_the_voice_has_gone_on_goes_back_too(
    workspace: Workspace, unread: VoiceConfig, data: Path
) -> None:
    first, second = release_new(workspace, unread, 1), release_new(workspace, unread, 2)
    put_trained(workspace, unread, seed=3)  # style_report is of a model that is not released
    put(workspace, "released_report", {"report.json": json.dumps(report())}, {"merged_model": second})
    assert actions.watch(workspace, VOICE, "released_report") == (None, None)
    failing = json.dumps(report({"transfer": 44.0}))
    put(workspace, "released_report", {"report.json": failing}, {"merged_model": second})
    alarm, back = actions.watch(workspace, VOICE, "released_report")
    assert alarm is not None
    assert alarm.told == f"the released model pocket ({second[:12]}) no longer passes: transfer is 44.0, not above 60"
    assert back is not None
    assert back.model == first
    assert actions.watch(workspace, VOICE, "released_report") == (None, None)  # that report is of the one taken back


@pytest.mark.parametrize("fault", ["missing", "edited", "unverified"])
def test_a_report_that_says_nothing_of_the_released_model_raises_no_alarm(
    workspace: Workspace, unread: VoiceConfig, data: Path, fault: str
) -> None:
    release_new(workspace, unread, 1)
    second = release_new(workspace, unread, 2)
    if fault != "missing":
        writer = {"tuned": {"by": "http://127.0.0.1:9", "verified": fault != "unverified"}}
        failing = json.dumps(report({"transfer": 44.0}) | {"generated_by": writer})
        put(workspace, "released_report", {"report.json": failing}, {"merged_model": second})
    if fault == "edited":
        (workspace.place("released_report", VOICE) / "report.json").write_text(failing + " ")
    assert actions.watch(workspace, VOICE, "released_report") == (None, None)


def test_without_leave_to_switch_or_a_model_to_go_back_to_the_alarm_alone_is_raised(
    workspace: Workspace, data: Path
) -> None:
    for switch_back, models in ((False, 2), (True, 1)):
        voice = write_voice(workspace, release={"blind": "optional", "switch_back": switch_back})
        model = [release_new(workspace, voice, 10 * switch_back + seed) for seed in range(models)][-1]
        for past in (data / "release").glob("*/history.jsonl"):
            if switch_back:
                past.unlink()
        put_report(workspace, voice, report({"transfer": 44.0}))
        alarm, back = actions.watch(workspace, VOICE)
        assert alarm is not None
        assert back is None
        now = released(data, VOICE)
        assert now is not None
        assert now.model == model


def test_an_alarm_is_told_too_where_the_model_to_go_back_to_is_damaged(
    workspace: Workspace, unread: VoiceConfig, data: Path
) -> None:
    first, second = release_new(workspace, unread, 1), release_new(workspace, unread, 2)
    damaged = next(kept for kept in kept_models(data, VOICE) if kept.model == first)
    (damaged.folder / "config.json").unlink()
    put_report(workspace, unread, report({"transfer": 44.0}))
    alarm, back = actions.watch(workspace, VOICE)
    assert alarm is not None
    assert back is None
    now = released(data, VOICE)
    assert now is not None
    assert now.model == second


def test_deciding_again_on_a_released_model_that_fails_raises_the_alarm_too(
    workspace: Workspace, unread: VoiceConfig, data: Path
) -> None:
    first = release_new(workspace, unread, 1)
    release_new(workspace, unread, 2)
    put_report(workspace, unread, report({"pov": 20.0}))
    done = actions.release(workspace, VOICE)
    assert done.record.outcome == "not_released"
    assert done.alarm is not None
    assert done.switched is not None
    assert done.switched.model == first


def test_a_new_model_that_fails_says_nothing_of_the_released_one(
    workspace: Workspace, unread: VoiceConfig, data: Path
) -> None:
    model = release_new(workspace, unread, 1)
    put_trained(workspace, unread, report({"transfer": 1.0}), log(RISING), seed=2)
    done = actions.release(workspace, VOICE)
    assert (done.record.outcome, done.alarm, done.switched) == ("not_released", None, None)
    now = released(data, VOICE)
    assert now is not None
    assert now.model == model


def test_old_models_go_beyond_the_number_kept_but_never_the_released_one(workspace: Workspace, data: Path) -> None:
    voice = write_voice(workspace, release={"blind": "optional", "keep": 2})
    models = [release_new(workspace, voice, seed) for seed in range(4)]
    assert {kept.model for kept in kept_models(data, VOICE)} == set(models[-2:])
    actions.roll_back(data)
    assert [folder.name for folder in actions.prune(workspace, 0)] == [models[-1][:12]]
    assert is_whole(folder_of(data, VOICE, models[-2]), models[-2])


def test_what_was_taken_back_goes_before_what_may_be_gone_back_to(workspace: Workspace, data: Path) -> None:
    voice = write_voice(workspace, release={"blind": "optional", "keep": 2})
    good, bad = release_new(workspace, voice, 1), release_new(workspace, voice, 2)
    actions.roll_back(data)
    newest = release_new(workspace, voice, 3)
    assert {kept.model for kept in kept_models(data, VOICE)} == {good, newest}
    assert actions.roll_back(data).model == good
    assert bad not in {kept.model for kept in kept_models(data, VOICE)}


def test_one_to_switch_back_to_is_not_pruned_away(workspace: Workspace, unread: VoiceConfig, data: Path) -> None:
    release_new(workspace, unread, 1)
    release_new(workspace, unread, 2)
    with pytest.raises(GaeaError, match=r"pocket: release\.switch_back: true needs a model to switch back to; keep 2"):
        actions.prune(workspace, 1)
    assert actions.prune(workspace, 2) == []


def test_releasing_a_voice_leaves_the_models_of_others(workspace: Workspace, data: Path) -> None:
    write_voice(workspace, release={"blind": "optional", "keep": 1})
    first, second = (
        release_new(workspace, variation(workspace, name), seed) for seed, name in enumerate(("one", "two"))
    )
    newest = release_new(workspace, workspace.voice("two"), seed=9)
    assert [model.model for model in kept_models(data, "one")] == [first]
    assert [model.model for model in kept_models(data, "two")] == [newest]
    assert [(now.voice, now.model) for name in ("one", "two") if (now := released(data, name))] == [
        ("one", first), ("two", newest),
    ]  # fmt: skip
    with pytest.raises(GaeaError, match="name one, `gaea release VOICE --rollback`"):
        actions.roll_back(data)
    with pytest.raises(GaeaError, match=r"no model released before two .* is kept whole"):
        actions.roll_back(data, "two")
    assert second not in {model.model for model in kept_models(data, "two")}


def test_a_lucky_report_does_not_bring_back_what_was_taken_back(
    workspace: Workspace, unread: VoiceConfig, data: Path
) -> None:
    first, second = release_new(workspace, unread, 1), release_new(workspace, unread, 2)
    put_report(workspace, unread, report({"transfer": 44.0}))
    assert actions.watch(workspace, VOICE)[1] is not None
    put_report(workspace, unread, report())
    done = actions.release(workspace, VOICE)
    assert done.record.outcome == "not_released"
    assert "but it was taken back before (" in done.record.reason
    assert "no longer passes: transfer is 44.0" in done.record.reason
    assert done.decision.changes == ("a person may let it return: `gaea release pocket --again`",)
    now = released(data, VOICE)
    assert now is not None
    assert now.model == first
    put_report(workspace, unread, report({"transfer": 44.0}))
    assert actions.release(workspace, VOICE, again=True).record.outcome == "not_released"  # it must pass all the same
    put_report(workspace, unread, report())
    assert actions.release(workspace, VOICE, again=True).switched is not None
    assert actions.release(workspace, VOICE).record.outcome == "released"  # it has returned: nothing more to allow
    now = released(data, VOICE)
    assert now is not None
    assert now.model == second


def test_what_was_taken_back_does_not_return_as_another_voice(
    workspace: Workspace, unread: VoiceConfig, data: Path
) -> None:
    release_new(workspace, unread, 1)
    model = release_new(workspace, unread, 2)
    actions.roll_back(data)
    same = variation(workspace, "same")
    assert put_trained(workspace, same, seed=2) == model
    assert "taken back before" in actions.release(workspace, "same").record.reason


def test_an_author_who_goes_on_writing_keeps_a_model_that_is_released_and_watched(
    workspace: Workspace, unread: VoiceConfig, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release_new(workspace, unread, 1)
    model = put_trained(workspace, unread, seed=2)
    write_chunks(workspace, {f"chunk_00{n}.txt": scene(n + 50) for n in range(1, 6)})
    for asset in lineage.CODE_VERSION:
        monkeypatch.setitem(lineage.CODE_VERSION, asset, "99")
    for asset in ("raw_chunks", "split_chunks", "prefix_completion_dataset"):
        put_asset(workspace, unread, asset, {"made.txt": "the next book"})
    done = actions.release(workspace, VOICE)
    assert (done.record.outcome, done.record.model) == ("released", model)
    page = done.record.path.with_suffix(".md").read_text("utf-8")
    assert "What would be made otherwise today: baseline_metrics (code), qlora_adapter (code)" in page
    with new_folder(workspace.place("style_report", VOICE), report_inputs(workspace)) as folder:
        write(folder, {"report.json": report({"transfer": 44.0})})
    alarm, back = actions.watch(workspace, VOICE)
    assert alarm is not None
    assert back is not None


def report_inputs(workspace: Workspace) -> dict[str, Any]:
    """What the report that lies there was made from."""
    found = read_provenance(workspace.place("style_report", VOICE))
    assert found is not None
    return found.made_from


def test_the_project_may_move(workspace: Workspace, unread: VoiceConfig, data: Path, tmp_path: Path) -> None:
    first = release_new(workspace, unread, 1)
    release_new(workspace, unread, 2)
    moved = tmp_path / "moved"
    data.rename(moved)
    assert actions.roll_back(moved).model == first
    assert str(data) not in "".join(path.read_text("utf-8") for path in moved.glob("release/*/*.json"))


CHANGES_THE_DISK = {"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "shutil.copyfile"}


def die_at(number: int, work: Callable[..., Any], *arguments: Any) -> None:
    """Run in a process of its own: kill -9 right before its nth change of the disk."""
    seen = 0

    def count(event: str, details: tuple[Any, ...]) -> None:
        nonlocal seen
        writes = event == "open" and isinstance(details[1], str) and set(details[1]) & set("wxa+")
        if event in CHANGES_THE_DISK or writes:
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    work(*arguments)


def survives(number: int, work: Callable[..., Any], *arguments: Any) -> bool:
    process = multiprocessing.get_context("fork").Process(target=die_at, args=(number, work, *arguments))
    process.start()
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode == 0


@pytest.mark.slow
def test_kill_9_at_any_step_leaves_the_old_release_or_the_new_one_and_whole_folders(
    workspace: Workspace, unread: VoiceConfig, data: Path
) -> None:
    old, new = release_new(workspace, unread, 1), put_trained(workspace, unread, seed=2)
    moved_at = None
    for number in range(1, 200):
        done = survives(number, actions.release, workspace, VOICE)
        now = released(data, VOICE)
        assert now is not None
        assert now.model in (old, new)
        assert is_whole(folder_of(data, VOICE, now.model), now.model)
        assert all(is_whole(kept.folder, kept.model) for kept in kept_models(data, VOICE))
        assert all(record.outcome == "released" for record in read_records(data))
        assert json.loads((place_of(data, VOICE) / now.decision).read_text("utf-8"))["model"] == now.model
        if now.model == new and moved_at is None:
            moved_at = number
        if done:
            break
        if moved_at is not None:
            assert now.model == new  # once moved it stays
    assert done
    assert moved_at is not None
    assert moved_at > 10
    assert actions.roll_back(data).model == old
    left = {path.name for path in (data / "release" / VOICE / "models").iterdir()}
    assert left == {model[:12] for model in (old, new)}


@pytest.mark.slow
def test_kill_9_at_any_step_of_going_back_leaves_one_of_the_two(
    workspace: Workspace, unread: VoiceConfig, data: Path
) -> None:
    old, new = release_new(workspace, unread, 1), release_new(workspace, unread, 2)
    for number in range(1, 50):
        done = survives(number, actions.roll_back, data)
        now = released(data, VOICE)
        assert now is not None
        assert is_whole(folder_of(data, VOICE, now.model), now.model)
        if now.model == old:
            break
        assert now.model == new
        assert not done
    assert number > 2
