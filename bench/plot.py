"""A plot of bars, as SVG written by hand: no fonts and no library that a viewer or a checkout would need."""

from __future__ import annotations

import dataclasses
import html
import statistics
from collections.abc import Mapping, Sequence

WIDTH = 820
LEFT = 76
BAR_WIDTH = 470
BAR_HEIGHT = 16
GAP = 5
HEADING = 24
BETWEEN = 20
TOP = 54
COLOURS = ("#1f6f8b", "#b8b8b8", "#dedede")
INK = "#222222"
FAINT = "#666666"


@dataclasses.dataclass(frozen=True)
class Bars:
    """One quantity: the repeats of each side, and what their comparison says."""

    title: str
    values: Mapping[str, Sequence[float]]
    verdict: str


def plot(title: str, groups: Sequence[Bars]) -> str:
    """Return an SVG with a group of bars for each quantity; each group has a scale of its own."""
    drawn, top = [], TOP
    for group in groups:
        drawn.append(_group(group, top))
        top += HEADING + len(group.values) * (BAR_HEIGHT + GAP) + BETWEEN
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}" '
            f'role="img" font-family="sans-serif" font-size="13">',
            f"<title>{html.escape(title)}</title>",
            f'<rect width="{WIDTH}" height="{top}" fill="#ffffff"/>',
            _text(16, 30, title, size=18),
            *drawn,
            "</svg>",
            "",
        )
    )


def _group(group: Bars, top: int) -> str:
    longest = max(max(values) for values in group.values.values()) or 1.0
    lines = [
        _text(16, top + 14, group.title),
        _text(WIDTH - 16, top + 14, group.verdict, anchor="end"),
    ]
    for place, (side, values) in enumerate(group.values.items()):
        y = top + HEADING + place * (BAR_HEIGHT + GAP)
        middle = statistics.median(values)
        length = BAR_WIDTH * middle / longest
        lines.append(_text(LEFT - 8, y + 13, side, anchor="end", colour=FAINT))
        lines.append(
            f'<rect x="{LEFT}" y="{y}" width="{max(length, 1):.1f}" height="{BAR_HEIGHT}" fill="{COLOURS[place]}"/>'
        )
        low, high = (LEFT + BAR_WIDTH * value / longest for value in (min(values), max(values)))
        if high - low >= 1:
            lines.append(f'<path d="M{low:.1f} {y + 8}H{high:.1f}" stroke="{INK}" stroke-width="2"/>')
        lines.append(_text(max(LEFT + length, high) + 8, y + 13, _number(middle), colour=FAINT))
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def _text(x: float, y: float, words: str, anchor: str = "start", colour: str = INK, size: int = 13) -> str:
    return (
        f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}" fill="{colour}" font-size="{size}">'
        f"{html.escape(words)}</text>"
    )
