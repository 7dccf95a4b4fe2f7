"""What both models write, and how near it is to the author."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import dagster as dg

from gaea_assets.assets.common import ACCELERATOR, VOICES, faults_in_one_line, materialised
from gaea_assets.assets.dataset import prefix_completion_dataset
from gaea_assets.assets.model import merged_model
from gaea_assets.base.encoder import Encoder
from gaea_assets.checks.gates import require_passed
from gaea_assets.config import VoiceConfig
from gaea_assets.errors import GaeaError
from gaea_assets.lineage import CODE_VERSION, content, made_from, require_current
from gaea_assets.manuscript.examples import read_jsonl
from gaea_assets.recorded import MEASURED_WITH, require_same_settings
from gaea_assets.release.measured_with import keep, measuring_basis
from gaea_assets.resources import Workspace
from gaea_assets.serving.continuations import (
    Continuation,
    Prompt,
    continue_all,
    heldout_prompts,
    openings,
    read_continuations,
    write_continuations,
)
from gaea_assets.serving.generator import Generator, ModelPlace, Origin, Sampling, open_generator, origin
from gaea_assets.serving.live import live_server
from gaea_assets.serving.server_state import ServerState
from gaea_assets.store import new_folder, read_provenance
from gaea_assets.style.abilities import Abilities, abilities_gate, bits_per_byte, degeneration, general_prose
from gaea_assets.style.instructions import INSTRUCTIONS, followed
from gaea_assets.style.report import render_html, render_markdown
from gaea_assets.style.scorecard import Sample, Scorecard, score_voice

ABILITIES = "abilities.json"
ORIGIN = "origin.json"
ANSWER_TOKENS = 256
"""Longest answer to an instruction; the longest asked for has 120 words."""


@dg.asset(
    deps=[prefix_completion_dataset],
    partitions_def=VOICES,
    kinds={"vllm"},
    pool=ACCELERATOR,
    code_version=CODE_VERSION["baseline_metrics"],
)
def baseline_metrics(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    """What the base model writes from the held-out prompts before any training, and its measures."""
    with faults_in_one_line():
        voice = workspace.voice(context.partition_key)
        require_current("prefix_completion_dataset", workspace, voice)
        require_passed("prefix_completion_dataset", workspace, voice)
        inputs = made_from("baseline_metrics", workspace, voice)
        texts, abilities, source = _generate(
            context,
            workspace,
            voice,
            "base",
            workspace.base(voice, weights=True),
            voice.serving.base_port,
            prompts_of(workspace, voice),
        )
        card = scorecard(workspace, voice, base=texts, tuned=texts)
        figures = {measure.name: {"base": measure.base, "author": measure.author} for measure in card.measures}
        with new_folder(workspace.place("baseline_metrics", voice.name), inputs) as folder:
            write_continuations(texts, folder / "continuations.jsonl")
            (folder / "metrics.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
            (folder / ABILITIES).write_text(json.dumps(abilities.to_dict(), indent=1) + "\n", "utf-8")
            (folder / ORIGIN).write_text(json.dumps(asdict(source)) + "\n", "utf-8")
        numbers = {
            f"{name}_{arm}": value for name, pair in figures.items() for arm, value in pair.items() if value is not None
        } | {"bits_per_byte": abilities.bits_per_byte}
        sample = dg.MetadataValue.md(_sample(texts[0]))
        return materialised(
            "baseline_metrics",
            workspace,
            voice.name,
            {"continuations": len(texts), "words": _words(texts), "sample": sample, **numbers},
        )


@dg.asset(
    deps=[merged_model, baseline_metrics],
    partitions_def=VOICES,
    kinds={"vllm"},
    pool=ACCELERATOR,
    code_version=CODE_VERSION["style_report"],
)
def style_report(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    """What the tuned model writes from the same prompts, measured between base model (0) and author (100).

    A model is measured with what it was made from, also where the manuscript or the recipe has changed since.
    """
    with faults_in_one_line():
        voice = workspace.voice(context.partition_key)
        basis = measuring_basis(workspace, voice.name)
        require_same_settings(workspace, basis, voice)
        require_passed("merged_model", workspace, voice)
        baseline = basis.made("baseline_metrics", voice.name)
        used = _contents(workspace, basis, voice.name)
        inputs = made_from("style_report", workspace, voice) | {"baseline_metrics": used["baseline_metrics"]}
        base = read_continuations(baseline / "continuations.jsonl")
        merged = workspace.made("merged_model", voice.name)
        name = f"{voice.name}-tuned"
        live = live_server(Path(workspace.data), name, inputs["merged_model"], context.log.warning)
        tuned, abilities, source = _generate(
            context, workspace, voice, "tuned", merged, voice.serving.tuned_port, prompts_of(basis, voice), live
        )
        sources = {"base": _read_origin(baseline), "tuned": asdict(source)}
        card = scorecard_with_abilities(basis, voice, tuned, abilities)
        report = {"voice": voice.name, "base_model": voice.base.model, "generated_by": sources, **card.to_dict()}
        with new_folder(workspace.place("style_report", voice.name), inputs) as folder:
            write_continuations(tuned, folder / "continuations.jsonl")
            (folder / ABILITIES).write_text(json.dumps(abilities.to_dict(), indent=1) + "\n", "utf-8")
            (folder / "report.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
            page = render_html(
                card, _side_by_side(basis, voice, base, tuned), _facts(inputs, workspace, voice, sources)
            )
            (folder / "report.html").write_text(page, "utf-8")
            if _contents(workspace, basis, voice.name) != used:
                raise GaeaError(
                    f"the model of {voice.name}, or what it is measured with, was made anew while it was measured; "
                    f"materialise style_report again"
                )
            keep(workspace, basis, voice.name, inputs["merged_model"])
        path = workspace.place("style_report", voice.name) / "report.html"
        scores = {f"{m.name}_score": m.score for m in card.measures if m.score is not None}
        return materialised(
            "style_report",
            workspace,
            voice.name,
            {
                **scores,
                "passed": card.passed,
                "words": _words(tuned),
                "summary": dg.MetadataValue.md(render_markdown(card)),
                "report": dg.MetadataValue.path(str(path)),
            },
        )


def _generate(
    context: dg.AssetExecutionContext,
    workspace: Workspace,
    voice: VoiceConfig,
    name: str,
    model: Path,
    port: int,
    prompts: Sequence[Prompt],
    live: ServerState | None = None,
) -> tuple[list[Continuation], Abilities, Origin]:
    """Continuations of the held-out prompts and of the user's own openings, what else the model can do, and by whom."""
    encoder = workspace.encoder(voice)
    server_log = workspace.place("logs", voice.name) / f"vllm_{name}.log"
    place = ModelPlace(model, f"{voice.name}-{name}", port, server_log, Path(workspace.data))
    source = origin(voice.serving, live)
    if not source.verified:
        context.log.warning(f"{source.by}: nobody knows whose weights it holds, so no model is released on its texts")
    texts, abilities = written_by(
        place, encoder, voice, [*prompts, *openings(voice.evaluation)], live, context.log.info
    )
    return texts, abilities, source


def written_by(
    place: ModelPlace,
    encoder: Encoder,
    voice: VoiceConfig,
    prompts: Sequence[Prompt],
    live: ServerState | None,
    log: Callable[[str], None],
) -> tuple[list[Continuation], Abilities]:
    """What a model writes from the prompts, and what else it can do."""
    with open_generator(place, encoder, voice.serving, log, live) as generator:
        texts = continue_all(prompts, generator, encoder, voice.evaluation)
        return texts, abilities_of(generator, encoder, texts)


def _contents(workspace: Workspace, basis: Workspace, voice: str) -> dict[str, str]:
    """Hashes of all that a measurement reads."""
    return {asset: content(asset, basis, voice) for asset in MEASURED_WITH} | {
        "merged_model": content("merged_model", workspace, voice)
    }


def _read_origin(baseline: Path) -> dict[str, Any]:
    path = baseline / ORIGIN
    if not path.is_file():  # made before it was written down
        return asdict(Origin("not written down", verified=False))
    return json.loads(path.read_text("utf-8"))


def abilities_of(generator: Generator, encoder: Encoder, texts: Sequence[Continuation]) -> Abilities:
    """Loss on general prose, instructions followed (by a base with marks for turns), how the continuations end."""
    prose = general_prose()
    losses = generator.log_likelihoods([encoder.passage_ids(passage) for passage in prose])
    follows = None
    if encoder.marks.name != "plain":
        prompts = [encoder.prompt_ids(item.prompt) for item in INSTRUCTIONS]
        answers = generator.generate(prompts, Sampling(ANSWER_TOKENS, temperature=0, top_p=1, seed=0))
        follows = followed({item.id: answer.text for item, answer in zip(INSTRUCTIONS, answers, strict=True)})
    ends = degeneration([c.text for c in texts], [c.ended for c in texts])
    return Abilities(bits_per_byte(losses, prose), follows, ends)


def prompts_of(workspace: Workspace, voice: VoiceConfig) -> list[Prompt]:
    """The beginnings of the held-out passages.

    Raises:
        GaeaError: There is none.
    """
    dataset = workspace.made("prefix_completion_dataset", voice.name)
    prompts = heldout_prompts(read_jsonl(dataset / "validation.jsonl"), voice.evaluation)
    if not prompts:
        raise GaeaError(
            "evaluation.passage_words: the held-out chunks give no passage to continue; lower it, or hold out "
            "more under dataset.validation_share"
        )
    return prompts


def scorecard_with_abilities(
    basis: Workspace, voice: VoiceConfig, tuned: Sequence[Continuation], abilities: Abilities
) -> Scorecard:
    """Score a model's continuations and abilities against the baseline's.

    Args:
        basis: Where the dataset and the baseline lie that the model is measured with.
        voice: Settings.
        tuned: What the model wrote.
        abilities: What else it can do.
    """
    baseline = basis.made("baseline_metrics", voice.name)
    before = Abilities.from_dict(json.loads((baseline / ABILITIES).read_text("utf-8")))
    card = scorecard(basis, voice, base=read_continuations(baseline / "continuations.jsonl"), tuned=tuned)
    return replace(card, gates=(*card.gates, abilities_gate(before, abilities, voice.gates.abilities.model_dump())))


def scorecard(
    workspace: Workspace, voice: VoiceConfig, base: Sequence[Continuation], tuned: Sequence[Continuation]
) -> Scorecard:
    """Score the continuations of the held-out prompts; the user's openings are only read."""
    prompts = prompts_of(workspace, voice)
    train = read_jsonl(workspace.made("prefix_completion_dataset", voice.name) / "train.jsonl")
    heldout_ids = {prompt.id for prompt in prompts}

    def samples(continuations: Sequence[Continuation]) -> list[Sample]:
        return [Sample(c.prompt_id, c.text) for c in continuations if c.prompt_id in heldout_ids]

    return score_voice(
        train=list({example.id: example.text for example in train}.values()),  # weights repeat some
        heldout=[Sample(prompt.id, prompt.reference or "") for prompt in prompts],
        base=samples(base),
        tuned=samples(tuned),
        person=voice.manuscript.person,
        targets=voice.gates.model_dump(exclude={"abilities"}),
        seed=voice.evaluation.seed,
    )


def _side_by_side(
    workspace: Workspace, voice: VoiceConfig, base: Sequence[Continuation], tuned: Sequence[Continuation]
) -> list[dict[str, str]]:
    """One row a prompt: the author's continuation where there is one, and the first of each model."""
    first_base = {c.prompt_id: c.text for c in reversed(base)}
    first_tuned = {c.prompt_id: c.text for c in reversed(tuned)}
    return [
        {
            "prompt": prompt.text,
            "base": first_base[prompt.id],
            "tuned": first_tuned[prompt.id],
            **({"author": prompt.reference} if prompt.reference else {}),
        }
        for prompt in [*openings(voice.evaluation), *prompts_of(workspace, voice)]
    ]


def _facts(
    inputs: Mapping[str, Any], workspace: Workspace, voice: VoiceConfig, sources: Mapping[str, Mapping[str, Any]]
) -> dict[str, str]:
    adapter = read_provenance(workspace.made("qlora_adapter", voice.name))
    recipe = adapter.made_from.get("training", {}) if adapter else {}  # the voice's file may say otherwise by now
    unverified = {False: " (UNVERIFIED: nobody knows whose weights it holds)", True: ""}
    return {
        "title": f"Style report: {voice.name}",
        "voice": voice.name,
        "base model": voice.base.model,
        "method": ", ".join(f"{key} {recipe[key]}" for key in ("method", "rank", "epochs") if key in recipe),
        "merged model": inputs["merged_model"][:12],
        "baseline": inputs["baseline_metrics"][:12],
        **{f"{arm} written by": source["by"] + unverified[source["verified"]] for arm, source in sources.items()},
    }


def _sample(continuation: Continuation) -> str:
    return f"> {continuation.prompt}\n\n{continuation.text.strip()[:800]}"


def _words(continuations: Sequence[Continuation]) -> int:
    return sum(len(c.text.split()) for c in continuations)
