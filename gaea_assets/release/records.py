"""Decision records: one JSON file and one page for each decision, never overwritten."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gaea_assets.errors import GaeaError
from gaea_assets.release.decision import Decision, GateResult
from gaea_assets.release.pointer import place_of
from gaea_assets.release.remedy import Proposal
from gaea_assets.store import write_whole

SCHEMA = 1
TITLES = {"released": "released", "not_released": "not released", "waiting": "waiting for readers"}


@dataclass(frozen=True)
class Record:
    """A decision as it was written down."""

    path: Path
    """The JSON file; the page lies beside it with the ending .md."""
    voice: str
    outcome: str
    reason: str
    at: str
    """ISO 8601 in UTC."""
    model: str | None


def write_record(data: Path, decision: Decision, recipe: Mapping[str, Any], proposal: Proposal | None) -> Record:
    """Write a decision down.

    Args:
        data: The project's data folder.
        decision: The decision.
        recipe: The voice's settings.
        proposal: The next recipe, where there is one to propose.

    Returns:
        The record, both of whose files are on disk.
    """
    evidence = decision.evidence
    at = datetime.now(UTC)
    name = f"{at:%Y%m%dT%H%M%S.%fZ}-{decision.outcome}"
    path = place_of(data, evidence.voice) / f"{name}.json"
    content = {
        "schema": SCHEMA,
        "voice": evidence.voice,
        "outcome": decision.outcome,
        "reason": decision.reason,
        "at": at.isoformat(),
        "model": evidence.model,
        "style_report": evidence.report,
        "gates": [asdict(gate) for gate in evidence.gates],
        "blind": asdict(evidence.blind) if evidence.blind else None,
        "blind_fault": evidence.blind_fault,
        "made_from": dict(evidence.made_from),
        "changed_since": list(evidence.changed_since),
        "changes": list(decision.changes),
        "next_recipe": proposal.to_dict() if proposal else None,
        "recipe": dict(recipe),
    }
    if path.exists():
        raise GaeaError(f"{path}: is there already, and no record is overwritten; is the clock right? decide again")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path.with_suffix(".md"), render(decision, proposal, at))
    write_whole(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return Record(path, evidence.voice, decision.outcome, decision.reason, at.isoformat(), evidence.model)


def render(decision: Decision, proposal: Proposal | None, at: datetime) -> str:
    """The decision as a page in markdown."""
    evidence = decision.evidence
    model = evidence.model[:12] if evidence.model else "none"
    blocks = [
        f"# {evidence.voice}: {TITLES[decision.outcome]}",
        f"{_sentence(decision.reason)}",
        f"Model {model}, decided {at:%Y-%m-%d %H:%M:%S} UTC.",
    ]
    if evidence.gates:
        blocks.append(_table(evidence.gates))
    if evidence.blind:
        blocks.append(f"Blind reading: {evidence.blind.verdict.replace('_', ' ')}; {evidence.blind.told}.")
    if evidence.model and evidence.changed_since:
        changed = ", ".join(evidence.changed_since)
        blocks.append(f"The model is judged as it was made. What would be made otherwise today: {changed}.")
    if changes := [*(_next_recipe(proposal) if proposal else []), *decision.changes]:
        blocks.append("## What to change\n\n" + "\n".join(f"- {change}" for change in changes))
    return "\n\n".join(blocks) + "\n"


def read_records(data: Path, voice: str | None = None) -> list[Record]:
    """The records of a voice, or of all, oldest first.

    Raises:
        GaeaError: One of them cannot be read.
    """
    found = []
    for path in (data / "release").glob(f"{voice or '*'}/*Z-*.json"):
        try:
            content = json.loads(path.read_text("utf-8"))
            found.append(Record(path, *(content[key] for key in ("voice", "outcome", "reason", "at", "model"))))
        except (OSError, ValueError, TypeError, KeyError):
            raise GaeaError(f"{path}: not readable as a decision record; take it out of the folder") from None
    return sorted(found, key=lambda record: record.path.name)


def _next_recipe(proposal: Proposal) -> list[str]:
    """The recipe, what it is to mend, and what it leaves: the same that `gaea remedy` writes."""
    recipe = ", ".join(f"`{change.field}: {change.after}` (was {change.was})" for change in proposal.changes)
    written = f"`gaea remedy {proposal.extends}` writes it as a voice file"
    return [
        f"the next recipe: {recipe}; {written}. It is to mend: {proposal.problem}",
        *(f"not mended by it: {other}" for other in proposal.others),
    ]


def _table(gates: tuple[GateResult, ...]) -> str:
    rows = ["| gate | of | | figure | what is wrong |", "|---|---|---|---|---|"]
    for gate in gates:
        cells = (gate.name, gate.asset, "passed" if gate.passed else "FAILED", gate.figure, gate.fault)
        rows.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join(rows)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
