"""Charts, drawn on the server as SVG, each with its numbers in a table beneath.

    columns(name, title, labels, series)   a column for each label, its series one upon the other
    bars(name, title, rows)                a bar for each row, longest as wide as the chart

Series differ by pattern as well as by colour, and each is named in a legend; a chart says in `title` and `desc`
what it shows. `name` makes the ids of a chart unique on its page. Colours stand in the desk's style sheet
(classes `series-0` …), so that a page needs no inline style; so do those of forced colours and of print.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from markupsafe import Markup

#: Patterns that differ: full, oblique lines, dots, level lines, crossed lines.
MOST_SERIES = 5
_WIDTH, _HEIGHT = 720, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 28, 12, 28
_MOST_LABELS = 8
_TICKS = 4
_BAR_HEIGHT, _BAR_LABEL, _BAR_VALUE = 30, 230, 110
_MARKS = (
    "",
    '<path class="mark" d="M0 8 8 0"/>',
    '<circle class="mark" cx="4" cy="4" r="1.6"/>',
    '<path class="mark" d="M0 4h8"/>',
    '<path class="mark" d="M0 8 8 0M0 0l8 8"/>',
)


@dataclasses.dataclass(frozen=True)
class Series:
    """One kind of what is counted, with a number for each label."""

    title: str
    values: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Row:
    """One bar: what it is, its number, and how the number is read out when that is more than the number."""

    label: str
    value: int
    shown: str = ""

    @property
    def words(self) -> str:
        """The number as a person reads it."""
        return self.shown or f"{self.value:,}"


def columns(name: str, title: str, labels: Sequence[str], series: Sequence[Series]) -> Markup:
    """Draw columns; ValueError for more series than there are patterns."""
    if len(series) > MOST_SERIES:
        raise ValueError(f"{len(series)} series, at most {MOST_SERIES}")
    sums = [sum(one.values[place] for one in series) for place in range(len(labels))]
    top = _round_top(max(sums, default=0))
    body = Markup("").join((_grid(top), _stacks(name, labels, series, top), _labels(labels)))
    told = _told(labels, sums)
    head = Markup("").join(_head(one, number, name) for number, one in enumerate(series))
    table = _table(
        ("", *(one.title for one in series), "合计"),
        [
            (label, *(f"{one.values[place]:,}" for one in series), f"{sums[place]:,}")
            for place, label in enumerate(labels)
        ],
    )
    return _figure(
        name, title, told, _svg(name, title, told, _HEIGHT, _patterns(name, len(series)) + body), head, table
    )


def bars(name: str, title: str, rows: Sequence[Row], heading: str = "", unit: str = "次") -> Markup:
    """Draw bars."""
    most = max((row.value for row in rows), default=0) or 1
    room = _WIDTH - _BAR_LABEL - _BAR_VALUE
    body = Markup("").join(
        Markup(
            '<text class="name" x="{end}" y="{middle}">{label}</text>'
            '<rect class="series-0" x="{start}" y="{y}" width="{width:.1f}" height="{height}"/>'
            '<text x="{after:.1f}" y="{middle}">{words}</text>'
        ).format(
            end=_BAR_LABEL - 8,
            start=_BAR_LABEL,
            y=place * _BAR_HEIGHT + 5,
            middle=place * _BAR_HEIGHT + 20,
            width=room * row.value / most,
            height=_BAR_HEIGHT - 10,
            after=_BAR_LABEL + room * row.value / most + 6,
            label=_short(row.label),
            words=row.words,
        )
        for place, row in enumerate(rows)
    )
    told = "；".join(f"{row.label} {row.words}" for row in rows) or "这段时间没有。"
    height = max(len(rows), 1) * _BAR_HEIGHT
    table = _table((heading, unit), [(row.label, row.words) for row in rows])
    return _figure(name, title, told, _svg(name, title, told, height, body), Markup(""), table)


def _figure(name: str, title: str, told: str, svg: Markup, legend: Markup, table: Markup) -> Markup:
    shown = Markup('<ul class="legend">{}</ul>').format(legend) if legend else legend
    return Markup(
        '<figure class="chart"><figcaption>{title}</figcaption>{shown}{svg}'
        '<details><summary>{title}：看数字</summary><div class="table" tabindex="0" role="region"'
        ' aria-label="{title}的数字">{table}</div></details></figure>'
    ).format(title=title, shown=shown, svg=svg, table=table)


def _svg(name: str, title: str, told: str, height: int, body: Markup) -> Markup:
    return Markup(
        '<svg role="img" viewBox="0 0 {width} {height}" aria-labelledby="{name}-title {name}-told">'
        '<title id="{name}-title">{title}</title><desc id="{name}-told">{told}</desc>{body}</svg>'
    ).format(width=_WIDTH, height=height, name=name, title=title, told=told, body=body)


def _patterns(name: str, number: int) -> Markup:
    made = (
        Markup(
            '<pattern id="{name}-{place}" width="8" height="8" patternUnits="userSpaceOnUse">'
            '<rect class="series-{place}" width="8" height="8"/>{mark}</pattern>'
        ).format(name=name, place=place, mark=Markup(_MARKS[place]))
        for place in range(number)
    )
    return Markup("<defs>{}</defs>").format(Markup("").join(made))


def _head(series: Series, place: int, name: str) -> Markup:
    return Markup(
        '<li><svg class="swatch" aria-hidden="true" viewBox="0 0 16 16">'
        '<rect class="outline" width="16" height="16" fill="url(#{name}-{place})"/></svg>{title} {sum:,}</li>'
    ).format(name=name, place=place, title=series.title, sum=sum(series.values))


def _grid(top: int) -> Markup:
    lines = (
        Markup(
            '<path class="grid" d="M{left} {y:.1f}H{right}"/><text class="name" x="{end}" y="{text:.1f}">{value:,}</text>'
        ).format(left=_LEFT, right=_WIDTH - _RIGHT, y=y, end=_LEFT - 6, text=y + 4, value=value)
        for value, y in ((top * tick // _TICKS, _y(top * tick // _TICKS, top)) for tick in range(_TICKS + 1))
    )
    return Markup("").join(lines)


def _stacks(name: str, labels: Sequence[str], series: Sequence[Series], top: int) -> Markup:
    step = (_WIDTH - _LEFT - _RIGHT) / max(len(labels), 1)
    width = step * 0.8
    drawn = []
    for place in range(len(labels)):
        below = 0
        for number, one in enumerate(series):
            value = one.values[place]
            if value:
                drawn.append(
                    Markup(
                        '<rect class="outline" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
                        ' fill="url(#{name}-{number})"/>'
                    ).format(
                        x=_LEFT + step * place + step * 0.1,
                        y=_y(below + value, top),
                        width=width,
                        height=_y(below, top) - _y(below + value, top),
                        name=name,
                        number=number,
                    )
                )
            below += value
    return Markup("").join(drawn)


def _labels(labels: Sequence[str]) -> Markup:
    step = (_WIDTH - _LEFT - _RIGHT) / max(len(labels), 1)
    every = math.ceil(len(labels) / _MOST_LABELS) or 1
    # Counted from the end: the last day is the one that is looked for.
    return Markup("").join(
        Markup('<text class="day" x="{x:.1f}" y="{y}">{label}</text>').format(
            x=_LEFT + step * (place + 0.5), y=_HEIGHT - 8, label=label
        )
        for place, label in enumerate(labels)
        if (len(labels) - 1 - place) % every == 0
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    top = Markup("").join(
        Markup('<th scope="col">{}</th>').format(cell) if cell else Markup("<td></td>") for cell in head
    )
    body = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            row[0], Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row[1:])
        )
        for row in rows
    )
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(top, body)


def _told(labels: Sequence[str], sums: Sequence[int]) -> str:
    if not any(sums):
        return "这段时间没有。"
    most = max(range(len(sums)), key=sums.__getitem__)
    return f"从{labels[0]}到{labels[-1]}，共{sum(sums):,}，最多的是{labels[most]}，{sums[most]:,}。"


def _round_top(most: int) -> int:
    """The least number from `most` on that divides well into the lines of the grid."""
    if most <= _TICKS:
        return _TICKS
    unit: int = 10 ** max(len(str(most)) - 2, 0)
    return math.ceil(most / (unit * _TICKS)) * unit * _TICKS


def _y(value: float, top: int) -> float:
    return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - value / top)


def _short(label: str) -> str:
    return label if len(label) <= 14 else f"{label[:13]}…"
