"""A voice: manuscript + base model + training recipe + gates, read from `configs/voices/<voice>.yaml`."""

import re
from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, Self, get_args

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from yaml.composer import ComposerError

from gaea_assets.errors import GaeaError
from gaea_assets.watching.webhook import fault_of

LEAST_CONTEXT = 256
# Ten times the widest context that a model is made for (Llama 4 Scout, 10 million tokens, 2025).
MOST_CONTEXT = 100_000_000
# What vLLM accepts as --max-lora-rank ends here (vllm/config/lora.py, MaxLoRARanks).
VLLM_MAX_RANK = 512
MOST_ALPHA = 16 * VLLM_MAX_RANK
# NumPy's and scikit-learn's seeds end here.
LARGEST_SEED = 2**32 - 1

NOT_SERVABLE = {
    "use_dora": "vLLM cannot serve DoRA adapters; leave it out",
    "modules_to_save": "vLLM cannot serve fully trained modules beside an adapter; leave it out",
}


def _number(given: Any) -> Any:
    # Python takes True for 1, and YAML reads yes and on as true.
    if isinstance(given, bool):
        raise ValueError(f"{given!r} given; a number is wanted")
    return given


class Section(BaseModel):
    """A part of the configuration: unknown fields are refused, values do not change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_value_for_a_number(cls, given: Any, info: ValidationInfo) -> Any:
        kind = cls.model_fields[str(info.field_name)].annotation
        return _number(given) if set(get_args(kind) or (kind,)) <= {int, float, NoneType} else given


class SceneGoal(Section):
    """Wanted shares of the chunks by scene type, in percent."""

    action: float = Field(30, ge=0, le=100, description="Mostly action.")
    dialogue: float = Field(25, ge=0, le=100, description="Mostly speech.")
    introspection: float = Field(25, ge=0, le=100, description="Mostly thought and feeling.")
    exposition: float = Field(20, ge=0, le=100, description="Mostly description and background.")

    @model_validator(mode="after")
    def _sums_to_100(self) -> Self:
        total = sum(self.model_dump().values())
        if abs(total - 100) > 0.5:
            raise ValueError(f"action, dialogue, introspection and exposition sum to {total:g}; make them sum to 100")
        return self


class Manuscript(Section):
    """The author's text, and how it is cut and split into chunks."""

    folder: str = Field(
        min_length=1,
        description="Folder of the manuscript (.docx, .md, .txt) or of its chunks (chunk_*.txt): a name under "
        "data/raw, or an absolute path.",
    )
    others: dict[str, Annotated[float, Field(gt=0, le=8), BeforeValidator(_number)]] = Field(
        {},
        description="Further manuscripts of the same author: folder, and its weight: how often an epoch shows one of "
        "its training examples (1: as often as one of `folder`; 0.5: only every second one).",
    )
    person: Literal["first", "second", "third"] = Field(
        "second", description="Grammatical person the author narrates in."
    )
    language: str = Field("en", pattern="^[a-z]{2}$", description="Language of the manuscript, as an ISO 639-1 code.")
    max_words: int = Field(2500, ge=200, le=20_000, description="A chunk above this many words is split.")
    min_words: int = Field(800, ge=50, description="No part of a scene that a document is cut into is shorter.")
    min_part_words: int = Field(600, ge=50, description="No part of a split chunk is shorter, in words.")

    scene_goal: SceneGoal = SceneGoal()

    @property
    def folders(self) -> dict[str, str]:
        """All folders of the author's, by the name that its chunks carry; the main one first."""
        return {Path(folder).name: folder for folder in (self.folder, *self.others)}

    @property
    def weights(self) -> dict[str, float]:
        """How often an epoch shows a training example, by the manuscript's name."""
        return {Path(self.folder).name: 1.0} | {Path(folder).name: weight for folder, weight in self.others.items()}

    @model_validator(mode="after")
    def _folders_can_be_told_apart(self) -> Self:
        for field, folders in (("folder", (self.folder,)), ("others", self.others)):
            for folder in folders:
                if not Path(folder).name or ".." in Path(folder).parts:
                    raise ValueError(
                        f"{field}: {folder!r} given, which leaves data/raw; give a name under it, or an absolute path"
                    )
        if len(self.folders) <= len(self.others):
            raise ValueError(
                f"others: two of the folders {', '.join((self.folder, *self.others))} have one name; rename one of them"
            )
        return self

    @model_validator(mode="after")
    def _parts_fit_in_a_chunk(self) -> Self:
        if self.min_words > self.max_words:
            raise ValueError(f"min_words: {self.min_words} must not be above max_words: {self.max_words}")
        if self.min_part_words * 2 > self.max_words:
            raise ValueError(
                f"min_part_words: {self.min_part_words} leaves no way to split a chunk just above "
                f"max_words: {self.max_words}; allowed is at most half of it"
            )
        return self


class Base(Section):
    """The model that is fine-tuned."""

    model: str = Field(description="A folder (relative to the project, or absolute) or a model hub id.")
    revision: str | None = Field(None, description="Commit or tag on the model hub; a folder has none.")
    prompt_format: Literal["auto", "plain", "llama3", "chatml", "mistral"] = Field(
        "auto",
        description="How prompt and completion are marked for the model: `plain` (no marks) for a base "
        "model, the turn headers of its family for an instruct model; `auto` reads the tokenizer.",
    )


class Dataset(Section):
    """Prefix-completion examples."""

    prompt_share_min: float = Field(
        0.05, gt=0, lt=0.5, description="Least share of a chunk's words that is the prompt."
    )
    prompt_share_max: float = Field(
        0.10, gt=0, lt=0.5, description="Largest share of a chunk's words that is the prompt."
    )
    validation_share: float = Field(0.10, gt=0, le=0.5, description="Share of chunks held out from training.")
    max_tokens: int = Field(4096, ge=128, description="Every example has fewer tokens than this, marks included.")
    seed: int = Field(0, ge=0, le=LARGEST_SEED, description="Seed of the split into training and validation.")

    @model_validator(mode="after")
    def _shares_leave_room(self) -> Self:
        if self.prompt_share_min >= self.prompt_share_max:
            raise ValueError(
                f"prompt_share_min: {self.prompt_share_min} must be below prompt_share_max: {self.prompt_share_max}"
            )
        return self


def _checkpoint(given: Any) -> Any:
    if given in ("best", "last") or (isinstance(given, int) and not isinstance(given, bool) and given >= 1):
        return given
    raise ValueError(f"{given!r} given; best, last, or the step of a checkpoint is wanted")


CheckpointChoice = Annotated[int | Literal["best", "last"], PlainValidator(_checkpoint)]


def _recomputing(given: Any) -> Any:
    if given == "auto" or isinstance(given, bool):
        return given
    raise ValueError(f"{given!r} given; true, false or auto is wanted")


Recomputing = Annotated[bool | Literal["auto"], PlainValidator(_recomputing)]


class Training(Section):
    """The fine-tuning recipe."""

    method: Literal["qlora", "lora"] = Field(
        "qlora", description="`qlora`: base weights in 4-bit NF4; `lora`: base weights in 16 bit."
    )
    rank: int = Field(16, ge=1, le=VLLM_MAX_RANK, description="Rank of the adapter; vLLM serves none above 512.")
    alpha: int = Field(32, ge=1, le=MOST_ALPHA, description="LoRA alpha; the update is scaled by alpha / rank.")
    dropout: float = Field(0.05, ge=0, lt=1, description="Dropout on the adapter's input.")
    learning_rate: float = Field(2e-4, gt=0, le=0.1, description="Peak learning rate of AdamW.")
    epochs: float = Field(3, gt=0, le=100, description="Passes over the training examples.")
    warmup_share: float = Field(0.05, ge=0, lt=1, description="Share of the steps spent on warm-up.")
    micro_batch: int = Field(1, ge=1, le=1024, description="Times `accumulation`: the examples of an optimiser step.")
    accumulation: int = Field(8, ge=1, le=1024, description="Times `micro_batch`: the examples of an optimiser step.")
    tokens_a_micro_step: int | None = Field(
        None,
        ge=128,
        description="Most tokens computed at once; the examples of a step are packed up to it, each seeing only "
        "itself. Unset: 8,192 on a GPU, 4,096 on a CPU. Where memory ends, less is tried.",
    )
    weight_decay: float = Field(0.0, ge=0, lt=1, description="AdamW weight decay on the adapter.")
    rslora: bool = Field(
        False, description="Scale the update by alpha / sqrt(rank) instead of alpha / rank (Kalajdzievski 2023)."
    )
    lora_plus_ratio: float | None = Field(
        None,
        ge=1,
        le=64,
        description="LoRA+ (Hayou 2024): learning rate of the adapter's B matrices over that of its A matrices; "
        "unset: one rate for both.",
    )
    gradient_checkpointing: Recomputing = Field(
        "auto",
        description="Recompute activations in the backward pass: less memory, about 30 % more time. `auto`: only "
        "where memory asks for it.",
    )
    checkpoint: CheckpointChoice = Field(
        "best", description="The checkpoint that becomes the adapter: `best` (lowest held-out loss), `last`, or a step."
    )
    patience: int | None = Field(
        None,
        ge=1,
        description="Training stops after so many checkpoints (two an epoch) without a lower held-out loss; unset: "
        "it goes on to the last epoch.",
    )
    keep_checkpoints: int = Field(
        2, ge=1, le=100, description="Latest checkpoints kept; the best and the named one stay too."
    )
    seed: int = Field(0, ge=0, le=LARGEST_SEED, description="Seed of initialisation, order and dropout.")
    processes: int = Field(1, ge=1, le=64, description="Processes that train together, each on a GPU of its own.")
    trainer: Literal["local", "ray"] = Field(
        "local", description="Where the training process runs: on this machine, or as a job of a Ray cluster."
    )

    @model_validator(mode="before")
    @classmethod
    def _servable(cls, given: Any) -> Any:
        for field in NOT_SERVABLE.keys() & (given if isinstance(given, dict) else {}).keys():
            raise ValueError(f"{field}: {NOT_SERVABLE[field]}")
        return given

    @model_validator(mode="after")
    def _every_process_has_work(self) -> Self:
        examples = self.micro_batch * self.accumulation
        if self.processes > examples:
            raise ValueError(
                f"processes: {self.processes} is above the examples of an optimiser step (micro_batch x accumulation: "
                f"{examples}), so that some would never compute anything; lower it"
            )
        return self


class Evaluation(Section):
    """What is generated for the style report, and how it is sampled."""

    passage_words: int = Field(
        700, ge=100, description="Held-out chunks are cut into passages of about this many words."
    )
    prompt_words: int = Field(
        80, ge=5, description="The first words of a passage, up to a sentence end, are the prompt."
    )
    samples_per_prompt: int = Field(
        4, ge=1, le=64, description="Continuations a model writes for each held-out prompt."
    )
    max_new_tokens: int = Field(900, ge=16, description="Longest continuation, in tokens.")
    temperature: float = Field(0.8, ge=0, le=2, description="Sampling temperature; 0 is greedy.")
    top_p: float = Field(0.95, gt=0, le=1, description="Nucleus sampling: mass of the tokens kept.")
    seed: int = Field(0, ge=0, le=LARGEST_SEED, description="Seed of sampling and of the bootstrap.")
    prompts: tuple[Annotated[str, Field(pattern=r"\S")], ...] = Field(
        (), description="Openings of your own, continued by both models to be read side by side."
    )

    @model_validator(mode="after")
    def _prompt_is_shorter(self) -> Self:
        if self.prompt_words * 2 > self.passage_words:
            raise ValueError(
                f"prompt_words: {self.prompt_words} must be at most half of passage_words: {self.passage_words}"
            )
        return self


class AbilityMargins(Section):
    """Most of the base model's abilities that training may cost."""

    general_prose: float = Field(5, ge=0, description="Rise of the bits per byte of general prose, in percent.")
    instructions: float = Field(
        10, ge=0, le=100, description="Fall of the share of instructions followed, in points; for instruct bases."
    )
    loops: float = Field(
        5, ge=0, le=100, description="Rise of the share of continuations that loop or are empty, in points."
    )
    unfinished: float = Field(
        10, ge=0, le=100, description="Rise of the share of continuations that end inside a sentence, in points."
    )


class Gates(Section):
    """Least scores, in percent of the way from the base model (0) to the author (100), and margins."""

    transfer: float = Field(60, ge=0, le=100, description="Transfer score.")
    vocabulary: float = Field(70, ge=0, le=100, description="Vocabulary.")
    structure: float = Field(65, ge=0, le=100, description="Sentence structure.")
    markers: float = Field(50, ge=0, le=100, description="Style markers.")
    pov: float = Field(80, ge=0, le=100, description="Share of narrative windows in the declared person, in percent.")
    abilities: AbilityMargins = AbilityMargins()


def _context(given: Any) -> Any:
    if given == "auto" or (isinstance(given, int) and LEAST_CONTEXT <= given <= MOST_CONTEXT):
        return given
    allowed = f"a number of tokens from {LEAST_CONTEXT} to {MOST_CONTEXT:,} is wanted, or auto"
    raise ValueError(f"{given!r} given; {allowed}")


Context = Annotated[int | Literal["auto"], PlainValidator(_context)]


class Serving(Section):
    """The engine that generates text, and where vLLM listens."""

    engine: Literal["auto", "vllm", "transformers"] = Field(
        "auto", description="`auto`: vLLM where it is installed, else transformers in process."
    )
    url: str | None = Field(
        None,
        pattern=r"^https?://\S+$",
        description="Address of a vLLM server that was started elsewhere. Nobody knows whose weights it holds: what it "
        "writes can be read, but no model is released on it.",
    )
    base_port: int = Field(8000, ge=1024, le=65_535, description="Port for the base model.")
    tuned_port: int = Field(8002, ge=1024, le=65_535, description="Port for the tuned model.")
    max_model_len: Context = Field(
        4096,
        description="Context of the server, in tokens; `auto`: the model's whole context, or as much as fits.",
    )
    host: str = Field(
        "127.0.0.1",
        description="Address that `gaea serve` listens on; any but a loopback address needs a key in GAEA_API_KEY.",
    )
    memory_share: float = Field(
        0.9, gt=0, lt=1, description="Share of the GPU's memory that vLLM may take; no effect on CPU."
    )
    start_timeout: float = Field(600, gt=0, description="Seconds until a starting server is given up.")

    @field_validator("host")
    @classmethod
    def _is_address(cls, given: str) -> str:
        try:
            address = ip_address("127.0.0.1" if given == "localhost" else given)
        except ValueError:
            raise ValueError(f"{given!r} given; an IP address of this machine is wanted") from None
        if isinstance(address, IPv6Address) and address.scope_id:  # no address in a URL can name an interface
            raise ValueError(f"{given!r} given; an IP address without an interface (%{address.scope_id}) is wanted")
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None  # a server listens on the IPv4 one
        return str(mapped or address)

    @model_validator(mode="after")
    def _ports_differ(self) -> Self:
        if self.base_port == self.tuned_port:
            raise ValueError(f"tuned_port: {self.tuned_port} is base_port too; give each model its own")
        return self


class Release(Section):
    """When a model is released, and how many stay on disk."""

    blind: Literal["required", "optional"] = Field(
        "required",
        description="`required`: nothing is released before readers have judged blind; `optional`: their verdict "
        "counts where there is one.",
    )
    switch_back: bool = Field(
        False, description="Whether a failing re-evaluation of the released model brings the one before it back."
    )
    keep: int = Field(
        3, ge=1, description="Models of this voice that stay on disk: the released one, then those before it."
    )

    @model_validator(mode="after")
    def _keeps_one_to_go_back_to(self) -> Self:
        if self.switch_back and self.keep < 2:
            raise ValueError(
                f"keep: {self.keep} with switch_back: true leaves no model to switch back to; keep 2 or more"
            )
        return self


class Watching(Section):
    """Who is told of failed gates and fallen scores, besides the log of the sensor `watched_checks`."""

    webhook: SecretStr | None = Field(
        None,
        description="Address that each alarm is posted to as JSON (http or https). Who knows it can write there: in a "
        "file that others see, leave it out and set GAEA_WEBHOOK in the environment.",
    )

    days: int = Field(
        9, ge=1, le=365, description="A released model that has not been evaluated for so many days is told of."
    )

    @field_validator("webhook", mode="before")
    @classmethod
    def _is_an_address(cls, given: Any) -> Any:
        # Never repeated in a message, unlike the values of other fields.
        if given is not None and (fault := fault_of(given) if isinstance(given, str) else "a text is wanted"):
            raise ValueError(fault)
        return given


class Blind(Section):
    """The blind reading: people compare what the base and the tuned model wrote, not knowing which is which."""

    votes: int = Field(
        60, ge=10, le=10_000, description="Votes on pairs that open the result; may be raised later, never lowered."
    )
    target: float = Field(
        60, ge=0, lt=100, description="The tuned model is preferred in more of the votes, in percent."
    )
    words: int = Field(
        200, ge=50, le=2000, description="Longest text shown, in words; both of a pair are cut to one length."
    )
    checks: float = Field(
        0.15,
        ge=0,
        le=0.5,
        description="Attention checks (the author's text beside itself, or shuffled), as a share of the pairs.",
    )
    repeats: float = Field(
        0.1, ge=0, le=0.5, description="Pairs shown once more with sides swapped, as a share of the pairs."
    )
    seed: int = Field(
        0, ge=0, le=LARGEST_SEED, description="Seed of pairs, sides and excerpts; another one is another reading."
    )


class VoiceConfig(Section):
    """One voice: everything that decides what its assets hold."""

    name: str = Field(description="The voice's name: the file's name, and the partition key.")
    manuscript: Manuscript
    base: Base
    dataset: Dataset = Dataset()
    training: Training = Training()
    evaluation: Evaluation = Evaluation()
    gates: Gates = Gates()
    serving: Serving = Serving()
    blind: Blind = Blind()
    release: Release = Release()
    watching: Watching = Watching()

    @model_validator(mode="after")
    def _continuations_fit_the_server(self) -> Self:
        context = self.serving.max_model_len
        if context != "auto" and self.evaluation.max_new_tokens >= context:
            raise ValueError(
                f"evaluation.max_new_tokens: {self.evaluation.max_new_tokens} must be below serving.max_model_len: "
                f"{context}, which holds the prompt too"
            )
        return self


def voice_names(folder: Path) -> list[str]:
    """Names of the voices that have a file in `folder`, sorted."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load_voice(name: str, folder: Path) -> VoiceConfig:
    """Read and validate `<folder>/<name>.yaml`, following `extends:`.

    Args:
        name: The voice.
        folder: The folder of voice files.

    Raises:
        GaeaError: There is no such file, it is not YAML, or a field is unknown or out of range.
    """
    fields = _read(name, folder, seen=())
    if "name" in fields:
        raise GaeaError(
            f"{folder / name}.yaml: name: {_shown(fields['name'])} given; a voice is named by its file: leave it out"
        )
    try:
        return VoiceConfig.model_validate({**fields, "name": name})
    except ValidationError as error:
        lines = "; ".join(_explain(detail) for detail in error.errors())
        raise GaeaError(f"{folder / name}.yaml: {lines}") from None


class _EachFieldOnce(yaml.SafeLoader):
    """YAML in which no field stands twice; PyYAML itself lets the last one count, in silence."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        first: dict[str, yaml.Node] = {}
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and first.setdefault(key.value, key) is not key:
                name = "a field" if "://" in key.value else key.value
                line = first[key.value].start_mark.line + 1
                raise ComposerError(None, None, f"{name} is there twice, first in line {line}", key.start_mark)
        return node


def _read(name: str, folder: Path, seen: tuple[str, ...]) -> dict[str, Any]:
    """The fields of one voice file laid over those of the voice it extends."""
    path = folder / f"{name}.yaml"
    if name in seen:
        raise GaeaError(f"{path}: `extends` goes in a circle: {' -> '.join([*seen, name])}; remove one of them")
    if not path.is_file():
        known = ", ".join(voice_names(folder)) or "none"
        via = f" (named by `extends` in {seen[-1]}.yaml)" if seen else ""
        raise GaeaError(f"{path}: no such voice{via}; the voices here are: {known}")
    try:
        fields = yaml.load(path.read_text("utf-8"), Loader=_EachFieldOnce)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, ValueError) as error:  # ValueError: not UTF-8, or a date that does not exist
        raise GaeaError(f"{path}: not valid YAML: {_without_content(error)}") from None
    if not isinstance(fields, dict):
        raise GaeaError(f"{path}: a mapping of fields is wanted; see the other files in {folder}")
    parent = fields.pop("extends", None)
    if parent is None:
        return fields
    if not isinstance(parent, str):
        raise GaeaError(f"{path}: extends: {_shown(parent)} given; the name of one voice is wanted")
    return _laid_over(_read(parent, folder, (*seen, name)), fields)


def _without_content(error: yaml.YAMLError | ValueError) -> str:
    """What is wrong with a file and where, without the lines PyYAML quotes: a webhook's address may stand there."""
    if not isinstance(error, yaml.MarkedYAMLError) or not error.problem_mark:
        return re.sub(r"'[^']*'", "...", " ".join(str(error).split()))
    # Quoted is one mark, the name of a token, or what the file holds.
    problem = re.sub(r"'(?!<|\\?.')[^']*'", "...", " ".join((error.problem or "").split()))
    return f"{problem or 'not readable'}, line {error.problem_mark.line + 1}, column {error.problem_mark.column + 1}"


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _laid_over(merged[key], value) if both else value
    return merged


def _explain(detail: ErrorDetails) -> str:
    """One fault in the user's words: field, what was given, what is allowed."""
    field = ".".join("(an address)" if "://" in str(part) else str(part) for part in detail["loc"])
    match detail["type"]:
        case "extra_forbidden":
            return f"{field}: no such field; allowed here: {', '.join(_fields_beside(detail['loc']))}"
        case "missing":
            return f"{field}: missing; it has no default"
        case "model_type" if detail["input"] is None:
            return f"{field}: nothing stands under it; write its fields there, further in, or leave it out"
        case "value_error":
            message = str(detail["ctx"]["error"]).replace(repr(detail["input"]), _shown(detail["input"]))
            # A validator of a whole section names its field in its message.
            return f"{field}{'.' if _section(detail['loc']) else ': '}{message}" if field else message
        case _:
            given = "a value that is not shown" if "watching" in detail["loc"] else _shown(detail["input"])
            return f"{field}: {given} given; {detail['msg'].removeprefix('Input ')}"


def _shown(given: Any) -> str:
    """A value that is repeated in a message; what may hold a webhook's address in a wrong place is not."""
    if isinstance(given, (dict, list)):
        return "a mapping" if isinstance(given, dict) else "a list"
    return "an address" if isinstance(given, str) and "://" in given else repr(given)


def _fields_beside(location: Sequence[int | str]) -> list[str]:
    model = _section(location[:-1]) or VoiceConfig
    return [name for name in model.model_fields if model is not VoiceConfig or name != "name"]


def _section(location: Sequence[int | str]) -> type[BaseModel] | None:
    """The section that stands at a place of the file; None where it is a field."""
    model: type[BaseModel] = VoiceConfig
    for part in location:
        found = model.model_fields.get(str(part))
        section = found.annotation if found else None
        if not (isinstance(section, type) and issubclass(section, BaseModel)):
            return None
        model = section
    return model
