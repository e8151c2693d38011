from __future__ import annotations

import subprocess
import sys

import pytest

from wence import without_tensorflow
from wence.settings import PROJECT

LEAVE_OUT = "import sys; from wence import without_tensorflow; without_tensorflow.leave_out(); "


def run(code: str) -> str:
    """What a Python of its own prints; a process that has imported Rasa cannot do so again."""
    command = [sys.executable, "-W", "ignore", "-c", code]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("module", ["rasa.core.run", "rasa.model_training"])
def test_rasa_serves_and_trains_without_importing_tensorflow(module: str):
    recipe = "from rasa.engine.recipes.default_recipe import DefaultV1Recipe; DefaultV1Recipe()"

    assert run(f"{LEAVE_OUT} import {module}; {recipe}; print('tensorflow' in sys.modules)") == "False"


def test_stand_ins_take_the_place_of_every_name_that_rasa_takes_from_a_real_module():
    # Fails when a newer Rasa asks for more, or has moved a module.
    names = without_tensorflow.HELPERS | without_tensorflow.COMPONENTS
    code = f"import importlib; [getattr(importlib.import_module(m), c) for m, cs in {names!r}.items() for c in cs]"

    run(code)


def test_a_process_that_has_tensorflow_keeps_it():
    code = (
        "import sys; sys.modules['tensorflow'] = sys; from wence import without_tensorflow as w; print(w.leave_out())"
    )

    assert run(code) == "False"


@pytest.mark.parametrize("use", ["DIETClassifier()", "DIETClassifier.create({}, None, None, None)"])
def test_using_what_was_left_out_says_so(use: str):
    code = f"""{LEAVE_OUT}
from rasa.nlu.classifiers.diet_classifier import DIETClassifier
try:
    {use}
except without_tensorflow.TensorFlowLeftOut as error:
    print(error)"""

    assert run(code) == "DIETClassifier needs TensorFlow, which this process has left out"


@pytest.mark.parametrize("text", ["- name: DIETClassifier", '"uses": "rasa.core.policies.ted_policy.TEDPolicy"'])
def test_a_pipeline_with_a_tensorflow_component_is_seen(text: str):
    assert without_tensorflow.names_tensorflow(text)


def test_this_projects_own_pipeline_needs_no_tensorflow():
    assert not without_tensorflow.names_tensorflow((PROJECT / "config.yml").read_text(encoding="utf-8"))
