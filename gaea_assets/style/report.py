"""Write a scorecard out: a page that an author enjoys reading, and a short form for Dagster's page."""

# ruff: noqa: RUF001 - typographic quotes and dashes are what this is about

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from gaea_assets import charts
from gaea_assets.style.measure import Measure
from gaea_assets.style.remedies import remedies
from gaea_assets.style.scorecard import Scorecard

TITLES: Mapping[str, str] = {
    "transfer": "Transfer score",
    "vocabulary": "Vocabulary",
    "structure": "Sentence structure",
    "markers": "Style markers",
    "pov": "POV consistency",
}
METHODS: Mapping[str, str] = {
    "transfer": (
        "Windows of the text are compared with the profile of the training chunks on frequent words (Cosine "
        "Delta), character 3-grams and punctuation, proper names masked; what differs between books of one "
        "author is damped, and the three are combined as fitted on other authors. Shown are log-odds of "
        "being by the author. Score = 100 x (tuned - base) / (author - base), where the author is text held "
        "out from training."
    ),
    "vocabulary": (
        "Jensen-Shannon divergence over the frequent words, and Craig's Zeta: words that author and base "
        "model use where the other does not, found on the other half of the prompts. The two weigh by how "
        "clearly they tell author and base apart."
    ),
    "structure": (
        "Lengths of sentences and paragraphs (Wasserstein distance of logarithms), rhythm (how the length "
        "of a sentence follows from the one before), commas, first words, share of dialogue, each against "
        "the training chunks."
    ),
    "markers": (
        "For each habit, 100 x max(0, 1 - |ln tuned/author| / |ln base/author|): the author's rate gives "
        "100, the base model's 0, and overdoing it is as wrong as missing it. Rates in a thousand words of "
        "narration. Habits that do not tell author and base apart do not count."
    ),
    "pov": (
        "Share of windows of 300 words of narration (speech and italic thoughts left out) in the declared "
        "person, of those that can be decided."
    ),
}
TABLES: Mapping[str, tuple[str, str]] = {
    "markers": ("Habits of the voice", "in 1,000 words of narration"),
    "pov": ("Person of narration", "% of the windows of 300 words"),
}
"""Measures whose parts an author wants to see at once: heading, and unit of the figures."""
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


def verdict(card: Scorecard) -> str:
    """The outcome in a sentence or two."""
    failed = {gate.name: f"{gate.name}: {gate.reason}" for gate in card.gates if not gate.passed}
    withheld = {name for m in card.measures if m.gated for name in m.gated.split(", ")}
    if withheld:
        return (
            f"No verdict on the voice, because a gate failed ({'; '.join(failed[n] for n in failed if n in withheld)})."
        )
    missed = [TITLES[m.name].lower() for m in card.measures if not m.passed and not m.undefined]
    open_ones = [TITLES[m.name].lower() for m in card.measures if m.undefined]
    transfer = card.measure("transfer")
    way = (
        f"The tuned model has gone {round(transfer.score)} % of the way from the base model to the author"
        if transfer.score is not None
        else "How far the tuned model has gone towards the author cannot be said"
    )
    if card.passed:
        return f"{way}, and every target is met: it writes in this voice."
    rest = [f"below target: {', '.join(missed)}"] * bool(missed)
    rest += [f"undefined: {', '.join(open_ones)}"] * bool(open_ones)
    return f"{way}. Not there yet ({'; '.join([*rest, *failed.values()])})."


def render_html(scorecard: Scorecard, samples: Sequence[Mapping[str, str]], context: Mapping[str, Any]) -> str:
    """Render the self-contained page.

    Args:
        scorecard: The result.
        samples: Rows to show side by side: `prompt`, and any of `author`, `base`, `tuned`.
        context: `title` if wanted; everything else is listed as facts at the end.

    Returns:
        One HTML document without outside references.
    """
    facts = {key: value for key, value in context.items() if key != "title"}
    details = scorecard.details
    page = _ENVIRONMENT.get_template("report.html.j2").render(
        title=context.get("title", "Does it write like you?"),
        card=scorecard,
        verdict=verdict(scorecard),
        measures=[_shown(m) for m in scorecard.measures],
        advice=remedies(scorecard),
        curves=_curves(details),
        words=details.get("words"),
        coined=details.get("coined_terms"),
        pairs=[_highlighted(row, scorecard) for row in samples],
        facts=facts,
    )
    return page


def _shown(measure: Measure) -> dict[str, Any]:
    bar = charts.score_bar(measure.score, measure.low, measure.high, measure.target, passed=measure.passed)
    title, unit = TABLES.get(measure.name, ("", ""))
    return {
        "title": TITLES[measure.name],
        "open": title if measure.parts else "",
        "unit": unit,
        "told": told(measure),
        "method": METHODS[measure.name],
        "bar": Markup(bar),  # noqa: S704 - drawn from numbers only
        "parts": [
            {name: getattr(part, name) for name in ("name", "base", "tuned", "author", "score", "undefined")}
            | {"ends": _ends(part.low, part.high)}
            for part in measure.parts
        ],
    }


def told(measure: Measure) -> str:
    """A measure's score in words."""
    if measure.undefined or measure.score is None:
        return f"undefined: {measure.undefined}"
    state = "met" if measure.passed else f"withheld: {measure.gated} failed" if measure.gated else "not met"
    return f"{measure.score:.0f} ({_ends(measure.low, measure.high)}), target {measure.target:g}: {state}"


def _ends(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    return f"{'...' if low is None else format(low, '.0f')} to {'...' if high is None else format(high, '.0f')}"


def _curves(details: Mapping[str, Any]) -> list[Markup]:
    out = []
    for key in ("sentence_lengths", "paragraph_lengths"):
        if key in details:
            out.append(charts.curves(details[key]["series"], details[key]["labels"], details[key]["caption"]))
    if "punctuation" in details:
        found = details["punctuation"]
        out.append(charts.grouped_bars(found["series"], found["labels"], found["caption"]))
    return [Markup(chart) for chart in out]  # noqa: S704 - drawn here, labels escaped


def _highlighted(row: Mapping[str, str], card: Scorecard) -> dict[str, Any]:
    """A row of samples with its memorised passages marked in the tuned text."""
    shown: dict[str, Any] = dict(row)
    text = str(escape(row.get("tuned", "")))
    for finding in card.gate("memorisation").findings:
        place = _find_words(row.get("tuned", ""), finding.text)
        if place:
            inside = str(escape(place))
            text = text.replace(inside, f"<mark>{inside}</mark>")
    shown["tuned"] = Markup(text)  # noqa: S704 - escaped above
    return shown


def _find_words(text: str, words: str) -> str | None:
    """The stretch of `text` whose words are `words`, whatever its case and punctuation."""
    import re

    pattern = r"[\W_]+".join(re.escape(word).replace("'", "['’]") for word in words.split(" "))
    match = re.search(pattern, text, re.IGNORECASE)
    return match.group() if match else None


def render_markdown(scorecard: Scorecard) -> str:
    """Render the short form: verdict, one row a measure with a small inline chart, gates, advice."""
    rows = ["| measure | score | 95 % | target | | |", "|---|---:|---|---:|---|---|"]
    for m in scorecard.measures:
        score = "undefined" if m.score is None else f"{m.score:.0f}"
        state = "met" if m.passed else (m.undefined or (f"withheld ({m.gated})" if m.gated else "not met"))
        chart = charts.score_bar(m.score, m.low, m.high, m.target, passed=m.passed)
        cells = (TITLES[m.name], score, _ends(m.low, m.high), f"{m.target:g}", state, f"![]({charts.data_url(chart)})")
        rows.append(f"| {' | '.join(cells)} |")
    gates = [f"- **{g.name}**: {'passed' if g.passed else 'FAILED'}, {g.reason}" for g in scorecard.gates]
    advice = [f"- {name}: {text}" for name, text in remedies(scorecard).items()]
    blocks = [f"**{verdict(scorecard)}**", "\n".join(rows), "\n".join(gates)]
    if advice:
        blocks.append("**What to change**\n\n" + "\n".join(advice))
    if scorecard.warnings:
        blocks.append("\n".join(f"> {warning}" for warning in scorecard.warnings))
    return "\n\n".join(blocks) + "\n"


def _figure(value: Any, digits: int = 2) -> str:
    return "" if value is None else f"{float(value):.{digits}f}"


def _plain(value: float) -> str:
    return f"{value:g}" if isinstance(value, int) else f"{value:.3f}"


_ENVIRONMENT.filters["figure"] = _figure
_ENVIRONMENT.filters["plain"] = _plain
