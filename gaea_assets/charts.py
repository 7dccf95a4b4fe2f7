"""Small SVG drawings: a score's bar, the curves of three writers, histograms."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

import numpy as np

WIDTH = 520
COLOURS: Mapping[str, str] = {"author": "#1b6e5a", "base": "#9a9a9a", "tuned": "#b4532a"}
PALETTE = (COLOURS["base"], COLOURS["author"], COLOURS["tuned"])


def score_bar(score: float | None, low: float | None, high: float | None, target: float, *, passed: bool) -> str:
    """A bar from the base model (0) to the author (100), with the interval and the target.

    Args:
        score: In percent; nothing is drawn on the bar without one.
        low: Lower end of the interval.
        high: Upper end of the interval.
        target: Drawn as a line.
        passed: Whether it counts as a success; a score above the target does not where a gate failed.

    Returns:
        An SVG element. What lies outside -20..130 is drawn at the edge.
    """
    height, top, thick = 46, 12, 14
    parts = [f'<rect x="{_x(0):.0f}" y="{top}" width="{_x(100) - _x(0):.0f}" height="{thick}" fill="#e9e4da" rx="3"/>']
    if score is not None:
        colour = COLOURS["author"] if passed else COLOURS["tuned"]
        left, right = sorted((_x(0), _x(score)))
        parts.append(
            f'<rect x="{left:.1f}" y="{top}" width="{right - left:.1f}" height="{thick}" fill="{colour}" rx="3"/>'
        )
        if low is not None and high is not None:
            y = top + thick / 2
            parts.append(f'<path d="M{_x(low):.1f} {y}H{_x(high):.1f}" stroke="#222" stroke-width="1.5"/>')
            parts += [f'<path d="M{_x(e):.1f} {y - 5}v10" stroke="#222" stroke-width="1.5"/>' for e in (low, high)]
    parts.append(
        f'<path d="M{_x(target):.1f} {top - 6}v{thick + 12}" stroke="#222" stroke-dasharray="3 2"/>'
        f'<text x="{_x(target):.1f}" y="{top - 2}" dx="3" font-size="9">target {target:g}</text>'
        f'<text x="{_x(0):.1f}" y="{height - 4}" font-size="9" text-anchor="middle">base</text>'
        f'<text x="{_x(100):.1f}" y="{height - 4}" font-size="9" text-anchor="middle">author</text>'
    )
    return _svg(WIDTH, height, "".join(parts), "score bar")


def _x(value: float) -> float:
    clipped = min(max(value, -20.0), 130.0)
    return 8 + (clipped + 20) / 150 * (WIDTH - 16)


def curves(series: Mapping[str, Sequence[float]], labels: Sequence[str], caption: str) -> str:
    """Curves of several writers over the same classes.

    Args:
        series: Writer to shares, one a class.
        labels: Names of the classes; some are left out when there are many.
        caption: What is on the horizontal axis.

    Returns:
        An SVG element.
    """
    height, left, bottom = 190, 10, 34
    top = max((max(values, default=0) for values in series.values()), default=0) or 1
    step = (WIDTH - 2 * left) / max(len(labels) - 1, 1)
    parts = []
    for number, (name, values) in enumerate(series.items()):
        points = " ".join(
            f"{left + i * step:.1f},{(height - bottom) * (1 - v / top) + 6:.1f}" for i, v in enumerate(values)
        )
        colour = COLOURS.get(name, "#444")
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{WIDTH - 60}" y="{16 + 13 * number}" font-size="11" fill="{colour}">{name}</text>')
    every = max(1, len(labels) // 10)
    parts += [
        f'<text x="{left + i * step:.1f}" y="{height - 18}" font-size="9" text-anchor="middle">{label}</text>'
        for i, label in enumerate(labels)
        if i % every == 0
    ]
    parts.append(f'<text x="{WIDTH / 2}" y="{height - 4}" font-size="10" text-anchor="middle">{caption}</text>')
    return _svg(WIDTH, height, "".join(parts), caption)


def lines(series: Mapping[str, Sequence[tuple[float, float]]], caption: str) -> str:
    """Values over steps.

    Args:
        series: Name to points (step, value), in order of the steps; at least one point in all.
        caption: What is on the horizontal axis.

    Returns:
        An SVG element; each point tells its step and value when pointed at.
    """
    height, left, top, bottom = 230, 40, 18, 34
    points = np.array([point for values in series.values() for point in values if np.all(np.isfinite(point))])
    (x_low, y_low), (x_high, y_high) = points.min(0), points.max(0)
    wide, tall = WIDTH - left - 14, height - top - bottom
    parts = [f'<path d="M{left} {top}V{top + tall}H{WIDTH - 10}" stroke="#888" fill="none"/>']
    parts += [
        f'<text x="{left - 4}" y="{y + 4}" font-size="9" text-anchor="end">{value:.3g}</text>'
        for value, y in ((y_high, top), (y_low, top + tall))
    ]
    parts += [
        f'<text x="{x}" y="{top + tall + 12}" font-size="9" text-anchor="{anchor}">{value:g}</text>'
        for value, x, anchor in ((x_low, left, "start"), (x_high, WIDTH - 14, "end"))
    ]
    for number, (name, values) in enumerate(series.items()):
        colour = PALETTE[number % len(PALETTE)]
        placed = [
            (
                left + wide * (x - x_low) / ((x_high - x_low) or 1),
                top + tall * (1 - (y - y_low) / ((y_high - y_low) or 1)),
                f"{name}: {y:.4f} at {x:g}",
            )
            for x, y in values
            if np.isfinite(y)
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in placed)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"><title>{_escape(told)}</title></circle>'
            for x, y, told in placed
        ]
        parts.append(
            f'<text x="{left + 8 + 130 * number}" y="11" font-size="11" fill="{colour}">{_escape(name)}</text>'
        )
    parts.append(f'<text x="{WIDTH / 2}" y="{height - 4}" font-size="10" text-anchor="middle">{caption}</text>')
    return _svg(WIDTH, height, "".join(parts), caption)


def grouped_bars(series: Mapping[str, Sequence[float]], labels: Sequence[str], caption: str) -> str:
    """Bars of several writers side by side, one group a class, each class scaled by its greatest value."""
    height, left = 150, 10
    slot = (WIDTH - 2 * left) / max(len(labels), 1)
    wide = slot * 0.8 / max(len(series), 1)
    parts = []
    for column, label in enumerate(labels):
        top = max(values[column] for values in series.values()) or 1
        for number, (name, values) in enumerate(series.items()):
            tall = values[column] / top * 100
            x = left + column * slot + number * wide
            colour = COLOURS.get(name, "#444")
            parts.append(
                f'<rect x="{x:.1f}" y="{110 - tall:.1f}" width="{wide:.1f}" height="{tall:.1f}" fill="{colour}">'
                f"<title>{name}: {values[column]:.2f}</title></rect>"
            )
        parts.append(
            f'<text x="{left + (column + 0.4) * slot:.1f}" y="124" font-size="12" text-anchor="middle">{_escape(label)}</text>'  # noqa: E501
        )
    parts.append(f'<text x="{WIDTH / 2}" y="{height - 6}" font-size="10" text-anchor="middle">{caption}</text>')
    return _svg(WIDTH, height, "".join(parts), caption)


def histogram(series: Mapping[str, Sequence[float]], caption: str, mark: float | None = None, bins: int = 16) -> str:
    """How often each of several sets has a value of each size, as bars side by side.

    Args:
        series: Name to values; at least one value in all.
        caption: What is on the horizontal axis.
        mark: A limit, drawn as a line.
        bins: Classes of equal width from the least value to the greatest.

    Returns:
        An SVG element; each bar tells its range and count when pointed at.
    """
    height, left, bottom, top = 210, 34, 34, 18
    values = np.concatenate([np.asarray(v, float) for v in series.values()] + [np.asarray([mark] if mark else [])])
    edges = np.histogram_bin_edges(values, bins)
    counts = {name: np.histogram(v, edges)[0] for name, v in series.items()}
    most = max(int(count.max()) for count in counts.values()) or 1
    slot, floor = (WIDTH - left - 10) / bins, height - bottom
    wide = 0.86 * slot / len(series)
    parts = [f'<path d="M{left} {top}V{floor}H{WIDTH - 10}" stroke="#888" fill="none"/>']
    parts += [
        f'<text x="{left - 4}" y="{y}" font-size="9" text-anchor="end">{count}</text>'
        for count, y in ((most, top + 8), (0, floor))
    ]
    for number, (name, count) in enumerate(counts.items()):
        colour = PALETTE[number % len(PALETTE)]
        parts.append(
            f'<text x="{left + 8 + 110 * number}" y="11" font-size="11" fill="{colour}">{_escape(name)}</text>'
        )
        for place, many in enumerate(count):
            tall = (floor - top) * int(many) / most
            said = f"{name}: {many} of {edges[place]:,.0f} to {edges[place + 1]:,.0f}"
            parts.append(
                f'<rect x="{left + 2 + place * slot + number * wide:.1f}" y="{floor - tall:.1f}" width="{wide:.1f}" '
                f'height="{tall:.1f}" fill="{colour}"><title>{_escape(said)}</title></rect>'
            )
    scale = (WIDTH - left - 10) / (edges[-1] - edges[0])
    parts += [
        f'<text x="{left + (edge - edges[0]) * scale:.1f}" y="{floor + 12}" font-size="9" text-anchor="middle">'
        f"{edge:,.0f}</text>"
        for edge in edges[:: max(1, bins // 8)]
    ]
    if mark is not None:
        x = left + (mark - edges[0]) * scale
        parts.append(
            f'<path d="M{x:.1f} {top - 4}V{floor}" stroke="#222" stroke-dasharray="3 2"/>'
            f'<text x="{x - 3:.1f}" y="{top + 4}" font-size="9" text-anchor="end">limit {mark:,.0f}</text>'
        )
    parts.append(f'<text x="{WIDTH / 2}" y="{height - 4}" font-size="10" text-anchor="middle">{caption}</text>')
    return _svg(WIDTH, height, "".join(parts), caption)


def data_url(svg: str) -> str:
    """The drawing as an address that Markdown and HTML show as an image."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _svg(width: int, height: int, body: str, label: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="Georgia, serif" role="img" aria-label="{_escape(label)}">{body}</svg>'
    )
