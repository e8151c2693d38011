"""What a publication or a rollback came to, as it is kept and shown.

Report.words()                  one sentence for whoever published
Report.lines()                  everything, for the command line
write_report(settings, report)  WENCE_STATE/publish/report.json: the last one, published or refused
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any

from wence.durable import write_text
from wence.publish.gate import Finding
from wence.publish.progress import folder_of
from wence.settings import Settings

SHOWN = 20


@dataclasses.dataclass(frozen=True)
class Change:
    """A question that is judged otherwise now, with the old and the new reply."""

    id: str
    question: str
    before: str
    after: str


@dataclasses.dataclass(frozen=True)
class Report:
    """Who did what when (seconds since 1970); why it was refused, or which version it became; what changed."""

    who: str
    time: float
    override: str
    published: bool = False
    version: int | None = None
    rolled_back: bool = False
    defects: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    newly_right: tuple[Change, ...] = ()
    newly_wrong: tuple[Change, ...] = ()
    unchanged: int = 0
    before: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    after: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    seconds: Mapping[str, float] = dataclasses.field(default_factory=dict)
    serving: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can carry it."""
        return dataclasses.asdict(self)

    def words(self) -> str:
        """Return what it came to, in one sentence."""
        if self.rolled_back:
            return f"已退回第{self.version}版"
        if self.defects:
            return f"没有发布:这一批有{len(self.defects)}处要改"
        if not self.published:
            return "没有发布:" + ";".join(finding.words for finding in self.findings)
        told = f"已发布第{self.version}版:新答对{len(self.newly_right)}个,新答错{len(self.newly_wrong)}个"
        return f"{told}(越过了门槛:{self.override})" if self.findings else told

    def lines(self) -> Iterator[str]:
        """Return everything a person wants to know, line by line."""
        yield self.words()
        yield from (f"  - {defect}" for defect in self.defects)
        for finding in self.findings:
            yield f"门槛:{finding.words}"
            yield from (f"  - {question}" for question in finding.questions[:SHOWN])
        for title, changes in (("新答对", self.newly_right), ("新答错", self.newly_wrong)):
            for change in changes[:SHOWN]:
                yield f"{title}:{change.question}"
                yield f"  原来:{_line(change.before)}"
                yield f"  现在:{_line(change.after)}"
        for port, error in self.serving.items():
            if error:
                yield f"端口{port}还没有启用:{error}"


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:99]}…"


def write_report(settings: Settings, report: Report) -> None:
    """Keep the last report for whoever looks; raises OSError."""
    write_text(folder_of(settings) / "report.json", json.dumps(report.as_dict(), ensure_ascii=False, indent=1))
