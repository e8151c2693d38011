"""The versions on the disk: WENCE_STATE/versions/<n>/ with additions.yml, model and report.json.

    versions(settings)                 all of them, oldest first
    add(settings, …)                   one more, whole or not at all; it is not active yet
    choose(settings, version)          makes one the active version
    mend(settings)                     the published additions are those of the active version
    models_kept(settings)              the models that must stay

A version is made in a folder of another name and renamed. Then active.json is replaced: that is the step by
which it is published. published.yml follows; where a kill came between the two, `mend` brings it along.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import shutil
import tempfile
from collections.abc import Mapping
from typing import Any

from wence.activation import Active, activate, active
from wence.additions import Additions, AdditionsError, published_file, read, write
from wence.durable import settle, write_text
from wence.publish.errors import VersionError
from wence.settings import Settings

ADDITIONS, MODEL, REPORT = "additions.yml", "model", "report.json"
#: So many versions keep their models.
KEPT = 10
_BUILDING = ".building-"


@dataclasses.dataclass(frozen=True)
class Version:
    """One version: its number, its folder, and the name of its model file."""

    number: int
    folder: pathlib.Path
    model: str

    def additions(self) -> Additions:
        """Return what it was made with; raises AdditionsError."""
        return read(self.folder / ADDITIONS)

    def report(self) -> dict[str, Any]:
        """Return the report of its publication; raises VersionError."""
        try:
            report: dict[str, Any] = json.loads((self.folder / REPORT).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise VersionError(f"第{self.number}版的报告读不出来:{self.folder / REPORT}") from error
        return report


def folder_of(settings: Settings) -> pathlib.Path:
    """Return the folder of the versions."""
    return settings.state / "versions"


def versions(settings: Settings) -> list[Version]:
    """Return the versions, oldest first; what is not one is left out."""
    found = []
    for folder in folder_of(settings).glob("[0-9]*"):
        file = folder / MODEL
        if folder.name.isdecimal() and file.is_file() and (folder / ADDITIONS).is_file():
            found.append(Version(int(folder.name), folder, file.read_text(encoding="utf-8").strip()))
    return sorted(found, key=lambda version: version.number)


def version(settings: Settings, number: int) -> Version:
    """Return one version; raises VersionError."""
    for found in versions(settings):
        if found.number == number:
            return found
    raise VersionError(f"没有第{number}版,wence versions 列出现有的版本")


def add(settings: Settings, additions: Additions, model: str, report: Mapping[str, Any], number: int) -> Version:
    """Write a version down, whole or not at all; raises OSError and AdditionsError."""
    top = folder_of(settings)
    top.mkdir(parents=True, exist_ok=True)
    for left in top.glob(f"{_BUILDING}*"):
        shutil.rmtree(left, ignore_errors=True)
    building = pathlib.Path(tempfile.mkdtemp(prefix=_BUILDING, dir=top))
    write(additions, building / ADDITIONS)
    write_text(building / MODEL, model)
    write_text(building / REPORT, json.dumps({**report, "version": number}, ensure_ascii=False, indent=1))
    target = top / str(number)
    building.rename(target)
    settle(top)
    return Version(number, target, model)


def next_number(settings: Settings) -> int:
    """Return the number of the next version; 0 is what is served before anything was published."""
    # Also the number of a folder that is none: it must not be overwritten.
    taken = [int(folder.name) for folder in folder_of(settings).glob("[0-9]*") if folder.name.isdecimal()]
    return max(taken, default=0) + 1


def choose(settings: Settings, chosen: Version) -> None:
    """Make a version the active one; raises OSError and AdditionsError."""
    additions = chosen.additions()
    activate(settings, Active(chosen.number, chosen.model))
    write(additions, published_file(settings))


def retrained(settings: Settings, chosen: Version, model: str) -> Version:
    """Give a version the model that it was trained to anew; raises OSError."""
    write_text(chosen.folder / MODEL, model)
    return dataclasses.replace(chosen, model=model)


def mend(settings: Settings) -> None:
    """Make the published additions those of the active version.

    Raises VersionError, AdditionsError and ActivationError.
    """
    now = active(settings)
    if now is None:
        return
    wanted, file = version(settings, now.version).additions(), published_file(settings)
    try:
        same = read(file) == wanted
    except AdditionsError:
        same = False
    if not same:
        write(wanted, file)


def models_kept(settings: Settings) -> set[str]:
    """Return the names of the models that rolling back needs: of the active version and the newest ones."""
    kept = {found.model for found in versions(settings)[-KEPT:]}
    now = active(settings)
    return kept | {now.model} if now else kept
