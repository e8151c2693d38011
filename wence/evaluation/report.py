"""What many judged replies say together: figures, tables and the failing rows.

figures = Figures.of(results)      the counts that the project is held to
tables(results)                    passed of all by kind and by noise, as text
write_failures(results, path)      one line of JSON for each conversation that failed
"""

from __future__ import annotations

import collections
import dataclasses
import json
import pathlib
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from wence.evaluation.asking import Result
from wence.evaluation.judge import LEAD, leads
from wence.evaluation.questions import KINDS, NOISES
from wence.replies import Status

#: A group of conversations may fail in this share, or once.
TOLERATED = 0.08


@dataclasses.dataclass(frozen=True)
class Share:
    """Some of all."""

    some: int
    all: int

    @property
    def percent(self) -> float:
        """The share in percent; 100 of nothing."""
        return 100 * self.some / self.all if self.all else 100.0

    def __str__(self) -> str:
        return f"{self.some}/{self.all} = {self.percent:.1f}%"


@dataclasses.dataclass(frozen=True)
class Figures:
    """The figures of an evaluation.

    `fabricated` were answered and should have been declined; `direct` are the right answers that say it at
    once; `off_topic` are the off-topic questions recognised as such; `confused` are the questions about
    something else told that the sources do not say, and the other way round.
    """

    passed: Share
    fabricated: int
    direct: Share
    off_topic: Share
    confused: Share
    seconds: tuple[float, ...]
    lengths: tuple[int, ...]

    @classmethod
    def of(cls, results: Sequence[Result]) -> Figures:
        """Count results."""
        answered = [r for r in results if r.verdict.status == Status.ANSWERED.value]
        judged = [r for r in answered if r.passed and (r.conversation.needed or r.conversation.needed_one_of)]
        declined = [r for r in results if r.conversation.kind in ("oos", "unknown")]
        off_topic = [r for r in results if r.conversation.kind == "oos"]
        return cls(
            passed=_share(results, [r.passed for r in results]),
            fabricated=sum(Status.ANSWERED not in r.conversation.statuses for r in answered),
            direct=_share(judged, [leads(r.conversation, r.verdict.text) for r in judged]),
            off_topic=_share(off_topic, [r.verdict.status == Status.OUT_OF_SCOPE.value for r in off_topic]),
            confused=_share(declined, [_is_confused(r) for r in declined]),
            seconds=tuple(sorted(s for r in results for s in r.seconds)),
            lengths=tuple(sorted(len(r.verdict.text) for r in answered)),
        )

    def lines(self) -> list[str]:
        """Return the figures in words."""
        lines = [
            f"该婉拒却作了回答:{self.fabricated}",
            f"无关问题认作无关:{self.off_topic}",
            f"“无关”与“未写明”混淆:{self.confused}",
            f"答对且开门见山(前 {LEAD} 字):{self.direct}",
        ]
        if self.lengths:
            lines.append(f"回答字数:中位数 {statistics.median(self.lengths):.0f},95% 在 {_high(self.lengths)} 以内")
        if self.seconds:
            middle, high = 1000 * statistics.median(self.seconds), 1000 * _high(self.seconds)
            lines.append(f"每条消息毫秒:中位数 {middle:.1f},95% 在 {high:.1f} 以内")
        return [*lines, f"得分:{self.passed}"]


def tables(results: Sequence[Result]) -> str:
    """Return passed of all, by kind and by noise; an arrow points at groups that fail too often."""
    by_kind = _table("按类型", results, {r.conversation.id: r.conversation.kind for r in results}, KINDS)
    by_noise = _table("按说法", results, {r.conversation.id: r.conversation.noise for r in results}, NOISES)
    return f"{by_kind}\n{by_noise}"


def failing_row(result: Result) -> dict[str, Any]:
    """Return what is worth knowing about a failed conversation, as JSON can carry it."""
    conversation, verdict = result.conversation, result.verdict
    return {
        "id": conversation.id,
        "turns": list(conversation.turns),
        "kind": conversation.kind,
        "topic": conversation.topic,
        "noise": conversation.noise,
        "wanted": sorted(status.value for status in conversation.statuses),
        "got": verdict.status,
        "reasons": list(verdict.reasons),
        "reply": verdict.text,
    }


def write_failures(results: Sequence[Result], path: pathlib.Path) -> None:
    """Write the conversations that failed, one line of JSON each; an empty file when none did."""
    write_rows([failing_row(result) for result in results if not result.passed], path)


def write_rows(rows: Sequence[Mapping[str, Any]], path: pathlib.Path) -> None:
    """Write rows as lines of JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _share(of: Sequence[Result], hits: Sequence[bool]) -> Share:
    return Share(sum(hits), len(of))


def _is_confused(result: Result) -> bool:
    other = {"oos": Status.NOT_IN_SOURCE, "unknown": Status.OUT_OF_SCOPE}[result.conversation.kind]
    return result.verdict.status == other.value


def _table(title: str, results: Sequence[Result], groups: Mapping[str, str], words: Mapping[str, str]) -> str:
    counted: dict[str, list[bool]] = collections.defaultdict(list)
    for result in results:
        counted[groups[result.conversation.id]].append(result.passed)
    lines = [title]
    for name in words:
        if name in counted:
            share = Share(sum(counted[name]), len(counted[name]))
            failed = share.all - share.some
            mark = "  ←" if failed > max(1, TOLERATED * share.all) else ""
            lines.append(f"  {_padded(words[name])} {share.some:>4}/{share.all:<4} {share.percent:5.1f}%{mark}")
    return "\n".join(lines)


def _padded(words: str) -> str:
    return words.ljust(5, "\N{IDEOGRAPHIC SPACE}")


def _high(values: Sequence[Any]) -> Any:
    return values[int(0.95 * (len(values) - 1))]
