from __future__ import annotations

import os
import pathlib
import sys
import threading
import time

import pytest

from wence import settings, training
from wence.settings import Settings
from wence.training import TrainingError

CONTENTS = {
    "domain.yml": "intents: []",
    "config.yml": "pipeline: []",
    "requirements.lock": "rasa==3.6.21",
    "data/nlu.yml": "nlu: []",
    "data/nlu/more.yml": "nlu: []",
    "knowledge/policy.yml": "facts: {}",
    "wence/nlu/facets.py": "from wence.text import normalise",
    "wence/text.py": "import wence.lexicon",
    "wence/lexicon.py": "",
    "wence/channels/rest.py": "",
    "README.md": "",
}


@pytest.fixture
def project(tmp_path: pathlib.Path) -> pathlib.Path:
    """A project that is made of the same parts as this one."""
    for name, text in CONTENTS.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def state(project: pathlib.Path) -> Settings:
    """The settings of a run of that project."""
    return settings.load({"WENCE_STATE": str(project / "var"), "WENCE_KNOWLEDGE": str(project / "knowledge")})


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The models that are made, by a command that makes them at once."""
    models: list[str] = []

    class Instant(training.Child):
        def __init__(self, title, command, environment, folder, log):
            target = command[-1]
            models.append(pathlib.Path(target).name)
            super().__init__(title, [sys.executable, "-c", _RECIPE, target], environment, folder, log)

    monkeypatch.setattr(training, "Child", Instant)
    return models


_RECIPE = "import sys; open(sys.argv[1], 'w').write('model')"


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, project: pathlib.Path) -> None:
    """Makes that project the one that `ensure_model` looks at."""
    monkeypatch.setattr(training, "fingerprint", lambda given, **more: FINGERPRINT(given, project, **more))


FINGERPRINT = training.fingerprint


@pytest.mark.parametrize("name", [name for name in CONTENTS if name not in ("README.md", "wence/channels/rest.py")])
def test_a_change_of_what_the_model_is_made_of_names_another_model(project: pathlib.Path, state: Settings, name: str):
    before = training.fingerprint(state, project)
    (project / name).write_text(CONTENTS[name] + "\n", encoding="utf-8")

    assert training.fingerprint(state, project) != before


@pytest.mark.parametrize("name", ["README.md", "wence/channels/rest.py"])
def test_a_change_elsewhere_names_the_same_model(project: pathlib.Path, state: Settings, name: str):
    before = training.fingerprint(state, project)
    (project / name).write_text("changed", encoding="utf-8")

    assert training.fingerprint(state, project) == before


def test_a_renamed_file_names_another_model(project: pathlib.Path, state: Settings):
    before = training.fingerprint(state, project)
    (project / "data/nlu/more.yml").rename(project / "data/nlu/other.yml")

    assert training.fingerprint(state, project) != before


def test_the_place_of_the_project_does_not_matter(project: pathlib.Path, state: Settings, tmp_path_factory):
    before = training.fingerprint(state, project)
    moved = tmp_path_factory.mktemp("moved") / "project"
    project.rename(moved)

    assert training.fingerprint(settings.load({"WENCE_KNOWLEDGE": str(moved / "knowledge")}), moved) == before


def test_a_missing_part_is_named(project: pathlib.Path, state: Settings):
    (project / "domain.yml").unlink()

    with pytest.raises(TrainingError, match=r"缺少文件 .*domain\.yml"):
        training.fingerprint(state, project)


def test_this_project_has_all_parts_of_its_model():
    names = {path.name for path in training.inputs(settings.load({}))}

    assert {"domain.yml", "config.yml", "nlu.yml", "rules.yml", "policy.yml", "text.py", "_load.py"} <= names


@pytest.mark.usefixtures("here")
def test_a_model_is_made_once(state: Settings, made: list[str]):
    first = training.ensure_model(state, lambda line: None)
    second = training.ensure_model(state, lambda line: None)

    assert first == second
    assert first.read_text() == "model"
    assert len(made) == 1


@pytest.mark.usefixtures("here")
def test_a_former_state_finds_its_model_again(project: pathlib.Path, state: Settings, made: list[str]):
    former = training.ensure_model(state, lambda line: None)
    (project / "domain.yml").write_text("changed", encoding="utf-8")
    training.ensure_model(state, lambda line: None)
    (project / "domain.yml").write_text(CONTENTS["domain.yml"], encoding="utf-8")

    assert training.ensure_model(state, lambda line: None) == former
    assert len(made) == 2


@pytest.mark.usefixtures("here")
def test_a_model_is_made_anew_when_asked_for(state: Settings, made: list[str]):
    training.ensure_model(state, lambda line: None)
    training.ensure_model(state, lambda line: None, anew=True)

    assert len(made) == 2


@pytest.mark.usefixtures("here", "made")
def test_a_failed_training_leaves_no_model_and_says_why(state: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(f"{__name__}._RECIPE", "import sys; print('没有例句'); sys.exit(1)")

    with pytest.raises(TrainingError, match="没有例句"):
        training.ensure_model(state, lambda line: None)
    assert not list(state.models.glob("*.tar.gz"))


@pytest.mark.usefixtures("here")
def test_two_starts_at_once_train_once(state: Settings, made: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(f"{__name__}._RECIPE", "import time; time.sleep(0.5); " + _RECIPE)
    threads = [threading.Thread(target=training.ensure_model, args=(state, lambda line: None)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 1


@pytest.mark.usefixtures("here", "made")
def test_a_long_training_tells_how_it_goes(state: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(training, "TELL_EVERY_SECONDS", 0.2)
    step = "print(\"Starting to train component 'FacetClassifier'.\", flush=True)"
    monkeypatch.setattr(f"{__name__}._RECIPE", f"import time; {step}; time.sleep(0.7); {_RECIPE}")
    told: list[str] = []
    training.ensure_model(state, told.append)

    assert any("FacetClassifier" in line for line in told)


@pytest.mark.usefixtures("here", "made")
def test_only_the_newest_models_are_kept(state: Settings):
    state.models.mkdir(parents=True)
    for number in range(8):
        file = state.models / f"old{number}.tar.gz"
        file.touch()
        os.utime(file, (time.time() - 1000 + number,) * 2)
    newest = training.ensure_model(state, lambda line: None)

    kept = {path.name for path in state.models.glob("*.tar.gz")}
    assert kept == {newest.name, "old7.tar.gz", "old6.tar.gz", "old5.tar.gz", "old4.tar.gz"}
