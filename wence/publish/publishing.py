"""Publishes a batch: checked, trained with, evaluated, judged by the gate, and made the active version.

    publish(settings, additions, who, tell, override)    → Report; who looks meanwhile reads progress.json
    roll_back(settings, number, who, tell)               an earlier version is active again, without a training
    restored(settings, tell)                             the model that `wence run` serves

Every step leaves the served version as it is until the last one, which replaces active.json. So a kill at any
moment loses the publication and nothing else; what was trained and measured by then is found again.
"""

from __future__ import annotations

import dataclasses
import pathlib
import time
from collections.abc import Mapping
from typing import Any

from wence import additions as a
from wence import training
from wence.activation import ActivationError, Active, active, servings
from wence.additions import OFF, Additions, AdditionsError
from wence.preflight import StartError, check_model, load_knowledge
from wence.publish import evaluating, gate, progress, versions
from wence.publish.errors import PublishError, VersionError
from wence.publish.outcomes import Outcome
from wence.publish.progress import Progress, Tell
from wence.publish.report import Change, Report, write_report
from wence.publish.versions import Version
from wence.settings import Settings

SERVED_WITHIN_SECONDS = 60.0


def publish(settings: Settings, additions: Additions, who: str, tell: Tell, override: str = "") -> Report:
    """Publish additions, or refuse to; an administrator overrides the gate with a reason.

    Raises BusyError and the other PublishErrors, AdditionsError, ActivationError, StartError (a training that
    failed), and OSError. Whatever is raised, what is served stays as it was.
    """
    with progress.alone(settings):
        return _Publication(settings, additions, who, tell, override).carried_out()


class _Publication:
    def __init__(self, settings: Settings, additions: Additions, who: str, tell: Tell, override: str) -> None:
        self._settings, self._additions = settings, additions
        self._who, self._override = who, override.strip()
        self._tell = tell
        self._progress = Progress(settings, tell)

    def carried_out(self) -> Report:
        report = Report(who=self._who, time=time.time(), override=self._override)
        try:
            report = self._judged(report)
        except Exception as error:
            self._progress.at(progress.DONE, 1, f"没有发布:{error}")
            raise
        self._progress.at(progress.DONE, 1, report.words())
        return self._kept(report)

    def _judged(self, report: Report) -> Report:
        self._progress.at(progress.CHECK, 0, "正在检查这一批……")
        versions.mend(self._settings)
        defects = a.check(self._additions, load_knowledge(self._settings))
        if defects:
            return dataclasses.replace(report, defects=tuple(defects))
        now = self._now()
        batch = self._batch(now)
        held = evaluating.held_by(self._settings, self._model(now), batch, self._within(progress.CHECK))
        report = dataclasses.replace(report, findings=tuple(gate.batch_findings(held)))
        if report.findings and not self._override:
            return report
        candidate = self._trained()
        report = self._evaluated(report, now, candidate)
        if report.findings and not self._override:
            return report
        return self._activated(report, candidate)

    def _now(self) -> Version:
        """The active version; the first time, version 0: what was served before."""
        now = active(self._settings)
        if now is not None:
            return versions.version(self._settings, now.version)
        published = a.published(self._settings)
        model = training.ensure_model(self._settings, self._within(progress.CHECK))
        report = Report(who="", time=time.time(), override="", published=True).as_dict()
        known = {found.number: found for found in versions.versions(self._settings)}
        first = known.get(0) or versions.add(self._settings, published, model.name, report, 0)
        versions.choose(self._settings, first)
        return first

    def _batch(self, now: Version) -> list[str]:
        """The examples that are new and filed under some topic."""
        before = set(now.additions().examples)
        return [e.text for e in self._additions.examples if e not in before and e.facet != OFF]

    def _model(self, of: Version) -> pathlib.Path:
        model = self._settings.models / of.model
        if not model.is_file():
            raise VersionError(f"第{of.number}版的模型 {model} 不在了,请先运行 wence train 或退回别的版本")
        return model

    def _trained(self) -> pathlib.Path:
        self._progress.at(progress.TRAIN, 0, "正在训练……")
        file = progress.folder_of(self._settings) / "candidate.yml"
        a.write(self._additions, file)
        return training.ensure_model(self._settings, self._within(progress.TRAIN), additions=file)

    def _evaluated(self, report: Report, now: Version, candidate: pathlib.Path) -> Report:
        tell = self._within(progress.EVALUATE)
        tell("正在测量现在的版本……")
        before = evaluating.outcomes_of(self._settings, self._model(now), now.additions(), tell)
        tell("正在测量新的版本……")
        after = evaluating.outcomes_of(self._settings, candidate, self._additions, tell)
        self._progress.at(progress.GATE, 0, "正在比较……")
        found = gate.findings(before, after, evaluating.golden())
        return dataclasses.replace(
            report,
            findings=(*report.findings, *found),
            newly_right=_changes(before, after, becomes=True),
            newly_wrong=_changes(before, after, becomes=False),
            unchanged=sum(before[n].passed == after[n].passed for n in after if n in before),
            before=_figures(before),
            after=_figures(after),
        )

    def _activated(self, report: Report, candidate: pathlib.Path) -> Report:
        self._progress.at(progress.ACTIVATE, 0, "正在启用……")
        number = versions.next_number(self._settings)
        report = dataclasses.replace(report, published=True, version=number, seconds=dict(self._progress.seconds))
        made = versions.add(self._settings, self._additions, candidate.name, report.as_dict(), number)
        versions.choose(self._settings, made)
        told = wait_until_served(self._settings, Active(number, made.model), self._within(progress.ACTIVATE))
        return dataclasses.replace(report, serving=told)

    def _within(self, step: str) -> Tell:
        """Tells words as they come, each a little further within a step."""
        began = time.monotonic()
        usual = {progress.CHECK: 20.0, progress.TRAIN: 240.0, progress.EVALUATE: 120.0, progress.ACTIVATE: 20.0}[step]
        return lambda words: self._progress.at(step, min((time.monotonic() - began) / usual, 0.99), words)

    def _kept(self, report: Report) -> Report:
        report = dataclasses.replace(report, seconds=dict(self._progress.seconds))
        write_report(self._settings, report)
        return report


def _changes(before: Mapping[str, Outcome], after: Mapping[str, Outcome], becomes: bool) -> tuple[Change, ...]:
    return tuple(
        Change(name, after[name].question, before[name].reply, after[name].reply)
        for name in after
        if name in before and before[name].passed != after[name].passed and after[name].passed is becomes
    )


def _figures(outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    return {"asked": len(outcomes), "right": sum(o.passed for o in outcomes.values())}


def wait_until_served(settings: Settings, wanted: Active, tell: Tell) -> dict[str, str]:
    """Wait until every serving process serves a version or says why not; returns by port what it says."""
    deadline = time.monotonic() + SERVED_WITHIN_SECONDS
    while True:
        found = servings(settings)
        open_ports = [port for port, s in found.items() if s.model != wanted.model and not s.error]
        if not open_ports or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    told = {str(port): s.error or ("" if s.model == wanted.model else "还没有换") for port, s in found.items()}
    for port, error in told.items():
        if error:
            tell(f"端口{port}没有启用第{wanted.version}版:{error}")
    return told


def roll_back(settings: Settings, number: int | None, who: str, tell: Tell) -> Report:
    """Make an earlier version the active one; without a number, the one before the active one.

    Trains only where the model of that version is gone. Raises as `publish` does.
    """
    with progress.alone(settings):
        began = time.time()
        chosen = _earlier(settings, number)
        model = settings.models / chosen.model
        if not model.is_file():
            tell(f"第{chosen.number}版的模型不在了,重新训练……")
            model = training.ensure_model(settings, tell, additions=chosen.folder / versions.ADDITIONS)
            chosen = versions.retrained(settings, chosen, model.name)
        check_model(model)
        versions.choose(settings, chosen)
        tell(f"已退回第{chosen.number}版")
        served = wait_until_served(settings, Active(chosen.number, chosen.model), tell)
        report = Report(who, began, "", published=True, version=chosen.number, rolled_back=True, serving=served)
        write_report(settings, report)
        return report


def _earlier(settings: Settings, number: int | None) -> Version:
    if number is not None:
        return versions.version(settings, number)
    now = active(settings)
    before = [v for v in versions.versions(settings) if now is None or v.number < now.version]
    if not before:
        raise VersionError("没有更早的版本可以退回,wence versions 列出现有的版本")
    return before[-1]


def restored(settings: Settings, tell: Tell) -> pathlib.Path:
    """Return the model to serve: of the active version, trained anew where an upgrade changed code or data.

    Where that fails, the last good model is served, if it is whole. Raises StartError.
    """
    try:
        versions.mend(settings)
        now = active(settings)
    except (ActivationError, AdditionsError, PublishError, OSError) as error:
        raise StartError(f"启用的版本读不出来:{error}") from error
    if now is None:
        return training.ensure_model(settings, tell)
    last = settings.models / now.model
    try:
        model = training.ensure_model(settings, tell)
    except (StartError, AdditionsError, OSError) as error:
        check_model(last)
        tell(f"第{now.version}版没有能重新训练,先用原来的模型服务:{error}")
        return last
    if model.name != now.model:
        try:
            with progress.alone(settings):
                renewed = versions.retrained(settings, versions.version(settings, now.version), model.name)
                versions.choose(settings, renewed)
        except (PublishError, AdditionsError, OSError) as error:
            raise StartError(f"重新训练的模型没有能启用:{error}") from error
    return model
