"""Publishing from the batch to the active version: refused, overridden, rolled back, killed, and begun anew."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys

import pytest

from tests import publication
from tests.test_processes import wait_for
from wence import settings, training
from wence.activation import Active, active
from wence.additions import Additions, Example, published, write
from wence.preflight import StartError
from wence.publish import gate, progress, publishing, versions
from wence.publish.errors import VersionError
from wence.settings import PROJECT, Settings

GOOD = Additions(examples=(Example("社区这一块到底是谁在挑头呀", "lead_unit"),))
BETTER = Additions(examples=(*GOOD.examples, Example("方案啥时候不作数了嘞", "validity")))
WORSE = Additions(examples=(*GOOD.examples, Example("这句话一加进去别的就变差了", "validity")))
OFF_TOPIC = Additions(examples=tuple(Example(f"与政策无关的第{n}个问题", "validity") for n in "甲乙丙丁"))


@pytest.fixture
def wanted(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    publication.put_in_place(monkeypatch.setattr)
    monkeypatch.setattr(publishing, "check_model", lambda model: "")
    return settings.load({"WENCE_STATE": str(tmp_path)})


def test_a_batch_becomes_a_version_that_is_active(wanted: Settings) -> None:
    report = publication.publish(wanted, GOOD)
    now = active(wanted)
    assert now is not None
    assert (report.published, report.version, now.version) == (True, 1, 1)
    assert published(wanted) == GOOD
    assert (wanted.models / now.model).is_file()
    assert versions.version(wanted, 1).report()["who"] == "张三"


def test_what_was_served_before_the_first_publication_is_version_0(wanted: Settings) -> None:
    publication.publish(wanted, GOOD)
    assert [found.number for found in versions.versions(wanted)] == [0, 1]
    assert versions.version(wanted, 0).additions() == Additions.empty()


def test_a_batch_with_a_defect_is_refused_before_it_is_trained_with(wanted: Settings) -> None:
    report = publication.publish(wanted, Additions(examples=(Example("牵头单位是谁", "no_such_facet"),)))
    assert not report.published
    assert "牵头单位是谁" in report.defects[0]
    assert active(wanted) is None


def test_a_batch_of_off_topic_examples_is_refused_before_it_is_trained_with(wanted: Settings) -> None:
    report = publication.publish(wanted, OFF_TOPIC)
    assert [finding.kind for finding in report.findings] == [gate.SUSPICIOUS]
    assert active(wanted) == Active(0, versions.version(wanted, 0).model)
    assert len(list(wanted.models.glob("*.tar.gz"))) == 1


def test_examples_filed_as_off_topic_are_never_suspicious(wanted: Settings) -> None:
    off = Additions(examples=tuple(Example(example.text, "out_of_scope") for example in OFF_TOPIC.examples))
    assert publication.publish(wanted, off).published


def test_examples_that_were_published_before_are_not_judged_again(wanted: Settings) -> None:
    publication.publish(wanted, OFF_TOPIC, override="领导同意")
    both = Additions(examples=(*OFF_TOPIC.examples, *GOOD.examples))
    assert publication.publish(wanted, both).findings == ()


def test_a_candidate_that_is_worse_is_refused_and_the_active_version_stays(wanted: Settings) -> None:
    publication.publish(wanted, GOOD)
    report = publication.publish(wanted, WORSE)
    assert (report.published, [f.kind for f in report.findings]) == (False, [gate.WORSE])
    assert [change.question for change in report.newly_wrong] == ["试点目标是什么"]
    assert published(wanted) == GOOD
    assert [found.number for found in versions.versions(wanted)] == [0, 1]


def test_an_overridden_gate_is_kept_with_its_reason(wanted: Settings) -> None:
    publication.publish(wanted, GOOD)
    report = publication.publish(wanted, WORSE, override="原来的答案已经过时")
    kept = versions.version(wanted, 2).report()
    assert report.published
    assert kept["override"] == "原来的答案已经过时"
    assert [finding["kind"] for finding in kept["findings"]] == [gate.WORSE]


def test_a_blank_reason_overrides_nothing(wanted: Settings) -> None:
    assert not publication.publish(wanted, WORSE, override="  ").published


def test_the_last_report_and_the_progress_can_be_looked_at(wanted: Settings) -> None:
    publication.publish(wanted, GOOD)
    told = progress.read_progress(wanted)
    assert told is not None
    assert (told["step"], told["share"]) == (progress.DONE, 1.0)
    report = json.loads((wanted.state / "publish" / "report.json").read_text())
    assert set(report["seconds"]) == {"check", "train", "evaluate", "gate", "activate"}


def test_rolled_back_the_version_before_is_active_without_a_training(
    wanted: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication.publish(wanted, GOOD)
    publication.publish(wanted, BETTER)
    monkeypatch.delattr(training, "ensure_model")
    publishing.roll_back(wanted, None, "李四", lambda words: None)
    assert active(wanted) == Active(1, versions.version(wanted, 1).model)
    assert published(wanted) == GOOD
    publishing.roll_back(wanted, 0, "李四", lambda words: None)
    assert published(wanted) == Additions.empty()
    with pytest.raises(VersionError, match="没有更早的版本"):
        publishing.roll_back(wanted, None, "李四", lambda words: None)


def test_rolled_back_to_a_version_whose_model_is_gone_it_is_trained_again(wanted: Settings) -> None:
    publication.publish(wanted, GOOD)
    publication.publish(wanted, BETTER)
    (wanted.models / versions.version(wanted, 1).model).unlink()
    publishing.roll_back(wanted, 1, "李四", lambda words: None)
    now = active(wanted)
    assert now is not None
    assert (now.version, (wanted.models / now.model).is_file()) == (1, True)


def test_after_a_restart_the_active_version_is_served_trained_anew_where_an_upgrade_changed_it(
    wanted: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication.publish(wanted, GOOD)
    renewed = wanted.models / "ffff.tar.gz"
    monkeypatch.setattr(training, "ensure_model", lambda *_: renewed)
    assert publishing.restored(wanted, lambda words: None) == renewed
    assert active(wanted) == Active(1, "ffff.tar.gz")
    assert versions.version(wanted, 1).model == "ffff.tar.gz"


def test_where_the_training_after_an_upgrade_fails_the_last_good_model_serves(
    wanted: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication.publish(wanted, GOOD)
    now = active(wanted)
    told: list[str] = []

    def fail(*_: object) -> pathlib.Path:
        raise StartError("训练坏了")

    monkeypatch.setattr(training, "ensure_model", fail)
    assert now is not None
    assert publishing.restored(wanted, told.append) == wanted.models / now.model
    assert "训练坏了" in told[0]


@pytest.mark.parametrize(("step", "version"), [("train", 1), ("evaluate", 1), ("add", 1), ("chosen", 2)])
def test_killed_at_any_step_a_whole_version_stays_active_and_publishing_works_again(
    wanted: Settings, step: str, version: int, tmp_path: pathlib.Path
) -> None:
    publication.publish(wanted, GOOD)
    batch = tmp_path / "batch.yml"
    write(BETTER, batch)
    environment = {**os.environ, **wanted.environment(), "SLOW": step}
    with subprocess.Popen([sys.executable, "-m", "tests.publication", batch], cwd=PROJECT, env=environment) as killed:
        wait_for((wanted.state / "reached").exists, 30)
        assert progress.is_running(wanted)
        killed.send_signal(signal.SIGKILL)
    now = active(wanted)
    assert now is not None
    assert now.version == version
    assert (wanted.models / now.model).is_file()
    assert not progress.is_running(wanted)

    assert publication.publish(wanted, BETTER).published
    assert published(wanted) == BETTER
