"""What `gaea serve` starts: which model of a voice, under which names, on which port."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gaea_assets.base.encoder import Encoder
from gaea_assets.base.files import base_identity, read_json
from gaea_assets.base.prompt_format import prompt_format
from gaea_assets.config import VLLM_MAX_RANK, VoiceConfig, voice_names
from gaea_assets.errors import GaeaError
from gaea_assets.release.kept import folder_of, kept_settings
from gaea_assets.release.pointer import one_released_voice, released
from gaea_assets.resources import Workspace
from gaea_assets.serving.model_files import require_whole
from gaea_assets.store import folder_digest, read_provenance

Say = Callable[[str], None]


@dataclass(frozen=True)
class ServerPlan:
    """A server to be started."""

    name: str
    """The server's: what `gaea status` lists and `gaea stop` takes."""
    voice: VoiceConfig
    """Whose settings hold."""
    folder: Path
    """The model's files."""
    model: str
    """The name that the model is reached under."""
    port: int
    encoder: Encoder
    """Vocabulary and prompt format that the voice was trained with."""
    adapters: Mapping[str, Path] = field(default_factory=dict)
    """Adapters beside the model, by the name that each is reached under."""
    rank: int = 0
    """The largest rank among them."""
    template: Path | None = None
    """The prompt format that the model was saved with; None for a base, whose own is not that of the training."""
    content: str | None = None
    """Hash of the merged model's files; None for a base."""
    voices: Mapping[str, VoiceConfig] = field(default_factory=dict)
    """The voices that the adapters are of, by the same names."""

    @property
    def models(self) -> tuple[str, ...]:
        """All names that text can be asked of, those of adapters first: they are what one comes for."""
        return (*self.adapters, self.model)

    @property
    def otherwise_sampled(self) -> list[str]:
        """Voices on it that were judged with another sampling than its one default, in words."""
        ours = _sampling(self.voice)
        return [f"{name} ({_sampling(voice)})" for name, voice in self.voices.items() if _sampling(voice) != ours]


def tuned(workspace: Workspace, voice: VoiceConfig, say: Say = lambda _: None) -> ServerPlan:
    """The voice's merged model.

    Args:
        workspace: The project.
        voice: The voice.
        say: Takes a line before the model is read, which may take a minute.

    Raises:
        GaeaError: It has not been made, or is not whole.
    """
    folder = workspace.made("merged_model", voice.name)
    remedy = f"materialise merged_model of the voice {voice.name} again"
    require_whole(folder, remedy)
    return _tuned(f"{voice.name}-tuned", voice, folder, workspace.encoder(voice), _content(folder, remedy, say))


def base(workspace: Workspace, voice: VoiceConfig) -> ServerPlan:
    """The voice's base model, which speaks the prompt format of the training too.

    Raises:
        GaeaError: It is missing, gated, or not whole.
    """
    name = f"{voice.name}-base"
    return ServerPlan(name, voice, _base(workspace, voice), name, voice.serving.base_port, workspace.encoder(voice))


def adapted(workspace: Workspace, voices: Sequence[VoiceConfig]) -> ServerPlan:
    """One base with the adapters of several voices; the first voice's settings hold.

    Raises:
        GaeaError: An adapter has not been made, or was trained on another base or in another prompt format; or a voice
            has the name that the base goes by.
    """
    first = voices[0]
    base_name = f"{first.name}-base"
    if base_name in (voice.name for voice in voices):
        raise GaeaError(
            f"the voice {base_name} cannot be told from the base of {first.name}, which goes by that name: name another"
            f" voice first"
        )
    folder = _base(workspace, first)
    encoder = workspace.encoder(first)
    served = {"base": base_identity(folder, first.base.model), "prompt_format": encoder.marks.name}
    adapters = {}
    for voice in voices:
        adapter = workspace.made("qlora_adapter", voice.name)
        require_whole(adapter, f"materialise qlora_adapter of the voice {voice.name} again")
        _require_same(served, adapter, first.name)
        adapters[voice.name] = adapter
    return ServerPlan(
        f"{first.name}-adapters",
        first,
        folder,
        base_name,
        first.serving.tuned_port,
        encoder,
        adapters,
        max(_rank(adapter) for adapter in adapters.values()),
        voices={voice.name: voice for voice in voices},
    )


def released_model(workspace: Workspace, named: str | None = None, say: Say = lambda _: None) -> ServerPlan:
    """The model that the last positive decision on a voice named, from what was kept with it.

    Where and how it is served (`serving:`) is said by the voice's file of today, if there is one; prompt format and
    sampling are those that it was released with, and neither that file nor the base model is needed.

    Args:
        workspace: The project.
        named: The voice; it need not be named where the models of only one are released.
        say: As for `tuned`.

    Raises:
        GaeaError: Nothing is released, it is not clear of which voice, or the model kept is not the one that was.
    """
    data = Path(workspace.data)
    name = one_released_voice(data, named, "`gaea serve VOICE --released`")
    now = released(data, name)
    assert now is not None  # noqa: S101 - it has just been seen
    folder = folder_of(data, name, now.model)
    remedy = f"release it again with gaea release {name}, or go back with gaea release {name} --rollback"
    if not folder.is_dir() or _digest(folder, say) != now.model:
        raise GaeaError(f"{folder}: not the model that was released at {now.at} ({now.decision}); {remedy}")
    require_whole(folder, remedy)
    voice, marks = kept_settings(folder)
    if name in voice_names(workspace.voices):
        voice = voice.model_copy(update={"serving": workspace.voice(name).serving})
    encoder = Encoder(folder, prompt_format(folder, marks))
    return _tuned(f"{name}-released", voice, folder, encoder, now.model)


def require_loaded(plan: ServerPlan) -> None:
    """Refuse a server whose model was made anew while it was loading.

    Raises:
        GaeaError: Its folder holds another model by now.
    """
    found = read_provenance(plan.folder) if plan.content else None
    if plan.content != (found and found.content):
        raise GaeaError(f"{plan.folder}: was made anew while it was loading; start it again")


def _content(folder: Path, remedy: str, say: Say) -> str:
    """Hash of a merged model's files, read anew: it is what a server goes by."""
    provenance, found = read_provenance(folder), _digest(folder, say)
    if provenance is None or provenance.content != found:
        raise GaeaError(f"{folder}: its files have changed since it was made; {remedy}")
    return found


def _digest(folder: Path, say: Say) -> str:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    say(f"reading {folder} to check its hash: {size / 2**30:.1f} GiB")
    return folder_digest(folder)


def _tuned(name: str, voice: VoiceConfig, folder: Path, encoder: Encoder, content: str) -> ServerPlan:
    saved = folder / "chat_template.jinja"
    return ServerPlan(
        name,
        voice,
        folder,
        f"{voice.name}-tuned",
        voice.serving.tuned_port,
        encoder,
        template=saved if saved.is_file() else None,
        content=content,
    )


def _base(workspace: Workspace, voice: VoiceConfig) -> Path:
    folder = workspace.base(voice, weights=True)
    require_whole(folder, "copy or download the base model again")
    return folder


def _require_same(served: Mapping[str, str], adapter: Path, first: str) -> None:
    provenance = read_provenance(adapter)
    trained = provenance.made_from if provenance else {}
    for what, value in served.items():
        if trained.get(what) != value:
            raise GaeaError(
                f"{adapter}: trained with another {what.replace('_', ' ')} than that of the voice {first}, so one "
                f"server cannot hold both; serve it by itself, or materialise qlora_adapter again"
            )


def _sampling(voice: VoiceConfig) -> str:
    return f"temperature {voice.evaluation.temperature:g}, top_p {voice.evaluation.top_p:g}"


def _rank(adapter: Path) -> int:
    config = read_json(adapter, "adapter_config.json")
    rank = max([config.get("r", 0), *(config.get("rank_pattern") or {}).values()])
    if not 1 <= rank <= VLLM_MAX_RANK:
        raise GaeaError(f"{adapter}: rank {rank}; vLLM serves ranks from 1 to {VLLM_MAX_RANK}: serve the merged model")
    return rank
