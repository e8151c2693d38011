"""Which version is active, and what is served, as files."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

import pytest

from wence import activation, settings
from wence.activation import ActivationError, Active, Serving
from wence.settings import Settings

MODEL = "0123456789abcdef.tar.gz"


@pytest.fixture
def wanted(tmp_path: pathlib.Path) -> Settings:
    return settings.load({"WENCE_STATE": str(tmp_path), "PORT": "6145"})


def test_before_the_first_publication_no_version_is_active(wanted: Settings) -> None:
    assert activation.active(wanted) is None


def test_what_is_made_active_is_active(wanted: Settings) -> None:
    activation.activate(wanted, Active(3, MODEL))
    activation.activate(wanted, Active(2, MODEL))
    assert activation.active(wanted) == Active(2, MODEL)
    assert [file.name for file in wanted.state.iterdir()] == ["active.json"]


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '{"version": 1}', '{"version": "1", "model": "a.tar.gz"}']
    + [json.dumps({"version": 1, "model": name}) for name in ("../a.tar.gz", "/etc/passwd", "", "a.tar.gz/..", 5)]
    + [json.dumps({"version": number, "model": MODEL}) for number in (-1, True, 1.5, None)],
)
def test_a_file_that_names_no_version_is_refused(wanted: Settings, content: str) -> None:
    activation.active_file(wanted).write_text(content)
    with pytest.raises(ActivationError, match="wence versions rollback"):
        activation.active(wanted)


def test_what_living_processes_serve_is_known_by_port(wanted: Settings) -> None:
    note = Serving(os.getpid(), 3, MODEL, 1.5, "坏了")
    activation.note_serving(wanted, note)
    assert activation.servings(wanted) == {6145: note}


def test_what_a_dead_process_served_does_not_count(wanted: Settings) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    activation.note_serving(wanted, Serving(ended.pid, 3, MODEL, 1.5))
    assert activation.servings(wanted) == {}
