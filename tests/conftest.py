"""What tests share. They run like what is served: in its environment, and without TensorFlow."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterator

import hypothesis
import pytest

from tests import assistant
from tests.assistant import Assistant
from tests.small_knowledge import SmallKnowledge
from wence import without_tensorflow
from wence.knowledge import Knowledge, load
from wence.quiet import silence_deprecations
from wence.settings import PROJECT, QUIET_AND_SMALL

os.environ.update(QUIET_AND_SMALL)
without_tensorflow.leave_out()
# Sanic, when imported, puts a filter of its own before those of pyproject.toml: so it comes before them.
silence_deprecations()

# The same examples on every machine, and no limit that a busy one misses.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """One served assistant for all tests that only ask it something."""
    served = assistant.wait_until_ready(assistant.start(tmp_path_factory.mktemp("live")))
    yield served
    served.stop()


@pytest.fixture
def own(tmp_path: pathlib.Path) -> Iterator[Assistant]:
    """A served assistant for one test that disturbs or ends it."""
    served = assistant.wait_until_ready(assistant.start(tmp_path))
    yield served
    if served.process.poll() is None:
        served.stop()


@pytest.fixture(scope="session")
def knowledge_folder() -> pathlib.Path:
    """Where the knowledge of the project is."""
    return PROJECT / "knowledge"


@pytest.fixture(scope="session")
def knowledge(knowledge_folder: pathlib.Path) -> Knowledge:
    """The knowledge of the project."""
    return load(knowledge_folder)


@pytest.fixture
def small(tmp_path: pathlib.Path) -> SmallKnowledge:
    """A small knowledge that a test can break."""
    return SmallKnowledge(tmp_path / "knowledge")
