"""Training with what officials added: another name for another content, and only what fits is learnt."""

from __future__ import annotations

import dataclasses
import pathlib
import sys
from collections.abc import Callable

import pytest

from tests.test_additions import ASKED, LEAD
from wence import settings, training
from wence.additions import Additions, Example, StaffAnswer, published_file, write
from wence.knowledge import Knowledge, load
from wence.settings import Settings
from wence.training import TrainingError
from wence.training_additions import fitting, laid_out

BOTH = Additions((ASKED, Example("今天天气怎么样", "out_of_scope")), (LEAD,))
#: Copies what it was given beside the model that it makes.
RECIPE = """
import os, pathlib, shutil, sys
target = pathlib.Path(sys.argv[-1])
target.write_text("model")
shutil.copytree(os.environ["WENCE_KNOWLEDGE"], target.with_name("knowledge"), dirs_exist_ok=True)
for file in sys.argv[1:-1]:
    shutil.copyfile(file, target.with_name("nlu.yml"))
"""


@pytest.fixture
def state(tmp_path: pathlib.Path) -> Settings:
    """The settings of a run of this project that writes elsewhere."""
    return settings.load({"WENCE_STATE": str(tmp_path / "var")})


@pytest.fixture
def file(tmp_path: pathlib.Path) -> pathlib.Path:
    """A file of additions that is not published."""
    write(BOTH, tmp_path / "candidate.yml")
    return tmp_path / "candidate.yml"


@pytest.fixture
def instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a training take no time."""

    class Instant(training.Child):
        def __init__(self, title, command, environment, folder, log):
            super().__init__(title, [sys.executable, "-c", RECIPE, *command[3:]], environment, folder, log)

    monkeypatch.setattr(training, "Child", Instant)


def _nothing(_: str) -> None:
    """Take what is told."""


@pytest.mark.parametrize("change", [lambda p: None, lambda p: write(Additions.empty(), p)], ids=["absent", "empty"])
def test_where_nothing_is_added_the_model_is_that_of_the_project(
    state: Settings, tmp_path: pathlib.Path, change: Callable[[pathlib.Path], None]
) -> None:
    plain = training._fingerprint(training.inputs(state), settings.PROJECT, None)
    change(published_file(state))

    assert training.fingerprint(state) == plain


def test_the_same_additions_name_the_same_model_wherever_they_stand(state: Settings, file: pathlib.Path) -> None:
    plain = training.fingerprint(state)
    candidate = training.fingerprint(state, additions=file)
    write(BOTH, published_file(state))

    assert training.fingerprint(state) == candidate != plain


def test_other_additions_name_another_model(state: Settings, file: pathlib.Path) -> None:
    before = training.fingerprint(state, additions=file)
    write(dataclasses.replace(BOTH, examples=BOTH.examples[:1]), file)

    assert training.fingerprint(state, additions=file) != before


def test_the_code_that_merges_additions_counts_only_with_them(state: Settings) -> None:
    without, with_them = (
        {path.name for path in training.inputs(state, with_additions=given)} for given in (False, True)
    )

    assert {"_merge.py", "training_additions.py"} <= with_them - without
    assert without < with_them


@pytest.mark.usefixtures("instant")
def test_the_training_is_given_the_merged_knowledge_and_the_examples(state: Settings, file: pathlib.Path) -> None:
    model = training.ensure_model(state, _nothing, additions=file)

    assert LEAD.id in load(model.with_name("knowledge")).facts
    assert ASKED.text in model.with_name("nlu.yml").read_text("utf-8")
    assert not list((state.state / "build").iterdir())


@pytest.mark.usefixtures("instant")
def test_published_additions_are_learnt_without_being_named(state: Settings) -> None:
    write(BOTH, published_file(state))
    model = training.ensure_model(state, _nothing)

    assert LEAD.id in load(model.with_name("knowledge")).facts


@pytest.mark.usefixtures("instant")
def test_where_nothing_fits_the_project_alone_is_learnt(state: Settings, file: pathlib.Path) -> None:
    write(Additions((Example("问法", "lead_unit", "gone"),)), file)
    model = training.ensure_model(state, _nothing, additions=file)

    assert not model.with_name("nlu.yml").exists()


def test_a_file_that_is_no_additions_is_told(state: Settings) -> None:
    published_file(state).parent.mkdir(parents=True)
    published_file(state).write_text("schema: 9", "utf-8")

    with pytest.raises(TrainingError, match=r"补充读不出来.*published\.yml"):
        training.ensure_model(state, _nothing)


def test_what_fits_no_longer_is_left_out_with_its_examples_and_told(knowledge: Knowledge) -> None:
    gone = dataclasses.replace(LEAD, id="gone.lead", subjects=("task.none",), question="另一个问题归谁管")
    unproved = dataclasses.replace(LEAD, proof=(StaffAnswer("张三", "昨天", ""),), id="two", question="再一个问题")
    added = Additions((ASKED, Example("问那个的", "lead_unit", "gone.lead")), (LEAD, gone, unproved))
    told: list[str] = []

    assert fitting(added, knowledge, told.append) == Additions((ASKED,), (LEAD,))
    assert len(told) == 3
    assert all(line.startswith("有一条补充不再合用") for line in told)


def test_what_does_not_fit_stays_in_the_file(
    state: Settings, knowledge: Knowledge, file: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    added = Additions((ASKED, Example("问法", "lead_unit", "gone")), (LEAD,))
    write(added, file)
    before = file.read_bytes()
    made = laid_out(knowledge, state.knowledge, added, tmp_path / "build", _nothing)

    assert file.read_bytes() == before
    assert "gone" not in made.examples[0].read_text("utf-8")
