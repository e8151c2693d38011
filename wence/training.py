"""The model: what it is made of, and how it is made when that has changed.

    model = ensure_model(settings, tell)    the model for the files as they are, trained if there is none
    fingerprint(settings)                   the name of that model

A model is made of the training data, the domain, the pipeline, the knowledge, the code that the pipeline
consists of, and the versions of the libraries. Its name is the hash of all these, so that an old model
is never taken for a new one, and going back to a former state finds its model again. What officials added is
part of it by what it says, not by the file that it stands in; where nothing is added, nothing of it counts.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import fcntl
import hashlib
import pathlib
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from wence.preflight import StartError, check_folders, load_knowledge
from wence.processes import REFUSED, Child, last_line, stop_all
from wence.publish.versions import models_kept
from wence.settings import PROJECT, Settings

if TYPE_CHECKING:
    from wence.additions import Additions

TRACKED_FILES = ("domain.yml", "config.yml", "requirements.lock")
DATA_FOLDER = "data"
COMPONENTS_PACKAGE = "wence.nlu"
#: What the additions become depends on this code as well, and on nothing where there are none.
ADDITIONS_MODULE = "wence.training_additions"
ADDITIONS_NAME = "additions.yml"
MODELS_KEPT = 5
TELL_EVERY_SECONDS = 5.0
NOTHING_SAID = "没有留下记录"
_STEP = re.compile(rb"Starting to train component '(\w+)'")

Tell = Callable[[str], None]


class TrainingError(StartError):
    """The model could not be trained; the message says why, and how to mend it or where the log is."""


def fingerprint(settings: Settings, project: pathlib.Path = PROJECT, additions: pathlib.Path | None = None) -> str:
    """The hash of everything that the model is made of, with the additions in a file or the published ones.

    Raises TrainingError.
    """
    added = _read(settings, additions)
    return _fingerprint(inputs(settings, project, with_additions=bool(added)), project, added)


def _fingerprint(files: list[pathlib.Path], project: pathlib.Path, added: Additions | None) -> str:
    parts = [
        (str(path.relative_to(project) if path.is_relative_to(project) else path.name), path.read_bytes())
        for path in files
    ]
    if added:
        from wence.additions import as_text

        parts.append((ADDITIONS_NAME, as_text(added).encode()))
    digest = hashlib.sha256()
    for name, content in parts:
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def _read(settings: Settings, file: pathlib.Path | None) -> Additions | None:
    """Return the additions in a file, or the published ones; None where there are none."""
    # The process that the user started stays small without these.
    from wence.additions import AdditionsError, published, read

    try:
        return (published(settings) if file is None else read(file)) or None
    except AdditionsError as error:
        raise TrainingError(f"补充读不出来,无法训练模型,请恢复或删除这个文件:{error}") from error


def inputs(settings: Settings, project: pathlib.Path = PROJECT, *, with_additions: bool = False) -> list[pathlib.Path]:
    """The files that the model is made of, in a fixed order; raises TrainingError where one is missing."""
    found = [project / name for name in TRACKED_FILES]
    for folder in (project / DATA_FOLDER, settings.knowledge):
        found += sorted(path for path in folder.rglob("*") if path.is_file())
    behind = _modules_behind(COMPONENTS_PACKAGE, project)
    found += sorted(behind | _modules_behind(ADDITIONS_MODULE, project) if with_additions else behind)
    missing = [path for path in found if not path.is_file()]
    if missing:
        raise TrainingError(f"缺少文件 {missing[0]},无法训练模型:请从版本库恢复它")
    return found


def _modules_behind(package: str, project: pathlib.Path) -> set[pathlib.Path]:
    """The files of a package or module and of every module of this project that they import, directly or not."""
    top = package.partition(".")[0]
    waiting = list((project / package.replace(".", "/")).rglob("*.py")) or [project / f"{package.replace('.', '/')}.py"]
    found: set[pathlib.Path] = set()
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        for name in _imported_names(path):
            if name.partition(".")[0] == top:
                stem = project / name.replace(".", "/")
                waiting += [file for file in (stem.with_suffix(".py"), stem / "__init__.py") if file.is_file()]
    return found


def _imported_names(path: pathlib.Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ensure_model(
    settings: Settings, tell: Tell, *, anew: bool = False, additions: pathlib.Path | None = None
) -> pathlib.Path:
    """The model for the files as they are, with the additions in a file or the published ones.

    It is trained first if there is none, or if `anew`. Raises TrainingError.
    """
    model = settings.model_file(fingerprint(settings, additions=additions))
    if model.is_file() and not anew:
        return model
    check_folders(settings)
    with _alone(settings.models / "training.lock", tell):
        if model.is_file() and not anew:
            return model
        with _materials(settings, additions, model, tell) as materials:
            _train(materials.settings, materials.examples, model, tell)
        _forget_old_models(settings, model)
    return model


@dataclasses.dataclass(frozen=True)
class _Materials:
    """What a training is given: settings that name the knowledge, and files of examples besides the project's."""

    settings: Settings
    examples: tuple[pathlib.Path, ...] = ()


@contextlib.contextmanager
def _materials(settings: Settings, file: pathlib.Path | None, model: pathlib.Path, tell: Tell) -> Iterator[_Materials]:
    """Lay out what a training with additions reads, for as long as it takes."""
    added = _read(settings, file)
    if added is None:
        yield _Materials(settings)
        return
    from wence.additions import AdditionsError
    from wence.training_additions import laid_out

    folder = settings.state / "build" / model.name.partition(".")[0]
    try:
        try:
            made = laid_out(load_knowledge(settings), settings.knowledge, added, folder, tell)
        except (AdditionsError, OSError) as error:
            raise TrainingError(f"补充没有能并进知识,无法训练模型:{error}") from error
        yield _Materials(dataclasses.replace(settings, knowledge=made.knowledge), made.examples)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _train(settings: Settings, examples: tuple[pathlib.Path, ...], model: pathlib.Path, tell: Tell) -> None:
    settings.log_folder.mkdir(parents=True, exist_ok=True)
    log = settings.log_folder / "training.log"
    unfinished = model.with_name(f"unfinished-{model.name}")
    command = [sys.executable, "-m", "wence.training_process", *map(str, examples), str(unfinished)]
    # One hash seed and one set of inputs give one model.
    environment = {**settings.child_environment(), "PYTHONHASHSEED": "0", "LOG_LEVEL": "WARNING"}
    tell("正在训练模型……")
    child = Child("训练", command, environment, PROJECT, log)
    told = child.started
    try:
        while (code := child.poll()) is None:
            time.sleep(0.1)
            if time.monotonic() - told >= TELL_EVERY_SECONDS:
                told = time.monotonic()
                tell(f"正在训练模型……{told - child.started:.0f} 秒{_current_step(log)}")
        if code == REFUSED:
            raise TrainingError(last_line(log, NOTHING_SAID))
        if code != 0:
            raise TrainingError(f"训练模型没有成功:{last_line(log, NOTHING_SAID)}(完整记录见 {log})")
        unfinished.replace(model)
    finally:
        stop_all([child])
        unfinished.unlink(missing_ok=True)
    tell(f"模型训练完成,用时 {time.monotonic() - child.started:.0f} 秒")


def _current_step(log: pathlib.Path) -> str:
    steps = _STEP.findall(log.read_bytes())
    return f",正在训练 {steps[-1].decode()}" if steps else ""


@contextlib.contextmanager
def _alone(lock: pathlib.Path, tell: Tell) -> Iterator[None]:
    """Let one process train at a time; others wait and then find its model."""
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("另一个程序正在训练模型,等它结束……")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _forget_old_models(settings: Settings, newest: pathlib.Path) -> None:
    kept = {newest.name, *models_kept(settings)}
    models = sorted(settings.models.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in models[MODELS_KEPT:]:
        if old.name not in kept:
            old.unlink(missing_ok=True)
