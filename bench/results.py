"""What was measured, as a table (results.md) and a plot (results.svg).

A row holds what each repeat showed on both sides; shown are medians, with the smallest and the largest
repeat. Repeats of the two sides took turns, so a ratio is also given for each pair of repeats.
"""

from __future__ import annotations

import dataclasses
import pathlib
import statistics
from collections.abc import Callable, Mapping, Sequence

from bench.plot import Bars, plot
from bench.share import ONE_OF
from wence.evaluation.report import Share

OURS, REFERENCE, FLOOR = "问策", "参照", "BM25"
NOT_MEASURED = "未测"
ALL_FILES = "全部"


@dataclasses.dataclass(frozen=True)
class Target:
    """What a ratio is to reach: at least, or at most."""

    value: float
    at_most: bool = False

    def is_met_by(self, ratio: float) -> bool:
        """Whether a ratio reaches the target."""
        return ratio <= self.value if self.at_most else ratio >= self.value

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.value:g} 倍"


@dataclasses.dataclass(frozen=True)
class Row:
    """One quantity, on both sides, repeat by repeat."""

    title: str
    unit: str
    ours: Sequence[float]
    reference: Sequence[float]
    more_is_better: bool = False
    target: Target | None = None

    @property
    def ratio(self) -> float:
        """How many times better we are; for a target of at most, our share of the reference."""
        return self._ratio(statistics.median(self.ours), statistics.median(self.reference))

    @property
    def ratios(self) -> list[float]:
        """The ratio of each pair of repeats."""
        return [self._ratio(mine, other) for mine, other in zip(self.ours, self.reference, strict=False)]

    def _ratio(self, ours: float, reference: float) -> float:
        as_share = self.more_is_better or (self.target is not None and self.target.at_most)
        return ours / reference if as_share else reference / ours

    def line(self) -> str:
        """Return the row of the table."""
        if not self.ours or not self.reference:
            return f"| {self.title}({self.unit}) | {NOT_MEASURED} | {NOT_MEASURED} | | {self.target or ''} | |"
        ratio = f"{number(self.ratio)} 倍{span(self.ratios)}"
        met = "" if self.target is None else ("是" if self.target.is_met_by(self.ratio) else "否")
        return (
            f"| {self.title}({self.unit}) | {shown(self.ours)} | {shown(self.reference)} | {ratio} "
            f"| {self.target or ''} | {met} |"
        )


@dataclasses.dataclass
class Measured:
    """Everything that a run measured; what it left out is empty. By the title of the side."""

    machine: str
    training: Mapping[str, Sequence[float]] = dataclasses.field(default_factory=dict)
    start: Mapping[str, Sequence[float]] = dataclasses.field(default_factory=dict)
    memory: Mapping[str, Sequence[float]] = dataclasses.field(default_factory=dict)
    filled: Sequence[int] = ()
    latency: Mapping[str, Sequence[Sequence[float]]] = dataclasses.field(default_factory=dict)
    throughput: Mapping[str, Sequence[float]] = dataclasses.field(default_factory=dict)
    turns: Mapping[str, Sequence[Sequence[float]]] = dataclasses.field(default_factory=dict)
    answers: Mapping[str, Mapping[str, Share]] = dataclasses.field(default_factory=dict)
    unanswered: Mapping[str, int] = dataclasses.field(default_factory=dict)
    notes: Sequence[str] = ()

    def rows(self) -> list[Row]:
        """Return the quantities that are compared."""
        return [
            self._row("每条消息,中位数,1 个客户端", "毫秒", _each(self.latency, statistics.median), target=Target(6)),
            self._row("每条消息,95% 在此以内", "毫秒", _each(self.latency, high)),
            self._row("吞吐,32 个客户端", "条/秒", self.throughput, more_is_better=True, target=Target(8)),
            self._row("启动到第一个回答", "秒", self.start, target=Target(4)),
            self._row(
                f"内存,{self.filled[0] if self.filled else 1000} 条消息之后",
                "MB",
                {title: values[:1] for title, values in self.memory.items()},
                target=Target(0.6, at_most=True),
            ),
            self._row("训练", "秒", self.training, target=Target(4)),
        ]

    def _row(
        self,
        title: str,
        unit: str,
        values: Mapping[str, Sequence[float]],
        more_is_better: bool = False,
        target: Target | None = None,
    ) -> Row:
        return Row(title, unit, values.get(OURS, ()), values.get(REFERENCE, ()), more_is_better, target)

    def totals(self) -> dict[str, Share]:
        """Return the right answers in all files, by the title of the side."""
        found: dict[str, Share] = {}
        for shares in self.answers.values():
            for title, share in shares.items():
                before = found.get(title, Share(0, 0))
                found[title] = Share(before.some + share.some, before.all + share.all)
        return found


POINTS = 5.0
SLOWER_AT_MOST = 2.0


def write(measured: Measured, folder: pathlib.Path) -> None:
    """Write table and plot into a folder."""
    (folder / "results.md").write_text(table(measured), encoding="utf-8")
    (folder / "results.svg").write_text(_plot(measured), encoding="utf-8")


def table(measured: Measured) -> str:
    """Return results.md."""
    parts = [
        "# 测速结果",
        f"由 `make bench` 写成。两边用同样的数据训练:每个意图每 {ONE_OF} 条例句取 1 条,因为参照用全部例句要训练几个小时。"
        "在同一次运行里同时服务、轮流测量;"
        "数字是各次的中位数,括号里是最小和最大的一次。",
        measured.machine,
        "\n".join(
            [
                "| 量什么 | 问策 | 参照 | 比值 | 目标 | 达到 |",
                "| --- | --- | --- | --- | --- | --- |",
                *(row.line() for row in measured.rows()),
                *_answers_line(measured),
                *_turns_line(measured),
                *_growth_line(measured),
            ]
        ),
        *_answers_table(measured),
        "\n".join(
            [
                "- 问策:`make run` 的样子,对话存盘,动作服务在内。",
                "- 参照:Rasa 文档给出的中文流水线(`bench/reference/config.yml`),同样的意图、实体、动作和知识;"
                "Rasa 自带的 REST 渠道、SQLite 对话存储和动作服务。",
                "- BM25:原文里最相近的一句当作回答。",
                "- 内存:全部进程的 PSS 之和,每条消息一段新对话,测量时另一边不在运行。",
                *(f"- {note}" for note in _notes(measured)),
            ]
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _answers_line(measured: Measured) -> list[str]:
    totals = measured.totals()
    if not totals:
        return [f"| 答对(%) | {NOT_MEASURED} | {NOT_MEASURED} | | ≥ +{POINTS:g} 分 | |"]
    ours, reference = totals[OURS], totals[REFERENCE]
    points = ours.percent - reference.percent
    met = "是" if points >= POINTS else "否"
    return [
        f"| 答对,{ours.all} 段对话(%) | {ours.percent:.1f} | {reference.percent:.1f} | {points:+.1f} 分 "
        f"| ≥ +{POINTS:g} 分 | {met} |"
    ]


def _turns_line(measured: Measured) -> list[str]:
    if not measured.turns:
        return []
    slower = {title: _slower(pairs) for title, pairs in measured.turns.items()}
    cells = []
    for title in (OURS, REFERENCE):
        first, last = (statistics.median(values) for values in zip(*measured.turns[title], strict=True))
        cells.append(f"{number(first)} → {number(last)},{slower[title]:.1f} 倍")
    met = "是" if slower[OURS] <= SLOWER_AT_MOST else "否"
    return [
        f"| 同一段对话,第 1 轮 → 第 100 轮(毫秒) | {cells[0]} | {cells[1]} | | 问策 ≤ {SLOWER_AT_MOST:g} 倍 | {met} |"
    ]


def _slower(pairs: Sequence[Sequence[float]]) -> float:
    first, last = (statistics.median(values) for values in zip(*pairs, strict=True))
    return float(last / first)


def _growth_line(measured: Measured) -> list[str]:
    if not measured.memory or len(measured.filled) < 2:
        return []
    cells = [f"{measured.memory[title][-1] - measured.memory[title][0]:+.1f}" for title in (OURS, REFERENCE)]
    first, last = measured.filled[0], measured.filled[-1]
    return [f"| 内存增长,{first} → {last} 段对话(MB) | {cells[0]} | {cells[1]} | | | |"]


def _answers_table(measured: Measured) -> list[str]:
    if not measured.answers:
        return []
    titles = (OURS, REFERENCE, FLOOR)
    lines = ["| 题目 | " + " | ".join(titles) + " |", "| --- | --- | --- | --- |"]
    for name, shares in {**measured.answers, ALL_FILES: measured.totals()}.items():
        lines.append(f"| {name} | " + " | ".join(str(shares[title]) for title in titles) + " |")
    return ["\n".join(["答对的对话:", "", *lines])]


def _notes(measured: Measured) -> list[str]:
    unanswered = [f"{title} {count} 条" for title, count in measured.unanswered.items() if count]
    return [*measured.notes, *([f"测量中没有答上:{'、'.join(unanswered)}。"] if unanswered else [])]


def _plot(measured: Measured) -> str:
    bars = [
        Bars(
            f"{row.title}({row.unit})",
            {OURS: row.ours, REFERENCE: row.reference},
            f"{number(row.ratio)} 倍" + (f"(目标 {row.target})" if row.target else ""),
        )
        for row in measured.rows()
        if row.ours and row.reference
    ]
    totals = measured.totals()
    if totals:
        bars.append(
            Bars(
                "答对(%)",
                {title: [share.percent] for title, share in totals.items()},
                f"{totals[OURS].percent - totals[REFERENCE].percent:+.1f} 分(目标 ≥ +{POINTS:g} 分)",
            )
        )
    return plot("问策与参照", bars)


def _each(
    values: Mapping[str, Sequence[Sequence[float]]], summed_up: Callable[[Sequence[float]], float]
) -> dict[str, list[float]]:
    return {title: [summed_up(block) for block in blocks] for title, blocks in values.items()}


def high(values: Sequence[float]) -> float:
    """Return what 95 % of the values do not exceed."""
    highest: float = sorted(values)[int(0.95 * (len(values) - 1))]
    return highest


def number(value: float) -> str:
    """Return a number with as many places as matter."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def shown(values: Sequence[float]) -> str:
    """Return the median and the range of some repeats."""
    return f"{number(statistics.median(values))}{span(values)}"


def span(values: Sequence[float]) -> str:
    """Return the range of some repeats; nothing for a single one."""
    return f"({number(min(values))}–{number(max(values))})" if len(values) > 1 else ""
