"""Which version is active, and what each serving process serves: two small files that are read by all.

    active(settings)              the version that is to be served; None before the first publication
    activate(settings, active)    makes another version the active one, in one step
    note_serving(settings, note)  a serving process says what it serves
    servings(settings)            what the processes that live now serve

WENCE_STATE/active.json holds `version` and `model`, the name of the model file; it is replaced as a whole, and
only by publishing, rolling back, and `wence run` after an upgrade. WENCE_STATE/run/<port>/serving.json is
written by the process that serves at that port.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import re
from collections.abc import Mapping
from typing import Any

from wence.durable import write_text
from wence.settings import Settings

_MODEL = re.compile(r"[0-9a-f]{1,64}\.tar\.gz")


class ActivationError(Exception):
    """The file that names the active version cannot be used; the message, in Chinese, says what to do."""


@dataclasses.dataclass(frozen=True)
class Active:
    """The version that is to be served, and the name of its model file."""

    version: int
    model: str


@dataclasses.dataclass(frozen=True)
class Serving:
    """What one process serves since when (seconds since 1970), and why it serves nothing newer, if it failed to."""

    pid: int
    version: int
    model: str
    since: float
    error: str = ""


def active_file(settings: Settings) -> pathlib.Path:
    """Return the file that names the active version."""
    return settings.state / "active.json"


def active(settings: Settings) -> Active | None:
    """Return the active version, None where none was published; raises ActivationError."""
    file = active_file(settings)
    try:
        return active_in(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ActivationError(
            f"{file} 读不出来({type(error).__name__}):请用 wence versions rollback 选一个版本重新启用"
        ) from error


def active_in(text: str) -> Active:
    """Read the content of the file; raises ValueError, TypeError or KeyError."""
    data = json.loads(text)
    version, model = data["version"], data["model"]
    # The name becomes a path: it must not lead anywhere else.
    if type(version) is not int or version < 0 or not isinstance(model, str) or not _MODEL.fullmatch(model):
        raise ValueError(text)
    return Active(version, model)


def activate(settings: Settings, chosen: Active) -> None:
    """Make a version the active one; whoever reads sees the old one or the new one. Raises OSError."""
    write_text(active_file(settings), json.dumps(dataclasses.asdict(chosen)))


def serving_file(settings: Settings) -> pathlib.Path:
    """Return where the process that serves at the port of the settings says what it serves."""
    return settings.run_folder / "serving.json"


def note_serving(settings: Settings, note: Serving) -> None:
    """Write down what this process serves; raises OSError."""
    write_text(serving_file(settings), json.dumps(dataclasses.asdict(note), ensure_ascii=False))


def servings(settings: Settings) -> dict[int, Serving]:
    """Return what is served at each port by the processes that live now; what cannot be read is left out."""
    found: dict[int, Serving] = {}
    for file in sorted((settings.state / "run").glob("*/serving.json")):
        try:
            note = _serving_in(json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError):
            continue
        if file.parent.name.isdecimal() and _lives(note.pid):
            found[int(file.parent.name)] = note
    return found


def _serving_in(data: Mapping[str, Any]) -> Serving:
    return Serving(int(data["pid"]), int(data["version"]), str(data["model"]), float(data["since"]), str(data["error"]))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
