"""A copy of this project with a share of its examples, so that both sides can be trained in an hour.

The reference needs hours to learn from all of them: its features grow with the data, and each of its hundred
epochs goes through all of it. What is left out is left out on both sides, the same examples every time.
"""

from __future__ import annotations

import pathlib
import shutil
from typing import Any

import yaml

from wence.settings import PROJECT

#: Of so many examples of each intent one is kept.
ONE_OF = 7
#: What a copy of the project needs to train and to serve.
PARTS = ("wence", "actions", "knowledge", "widget/dist", "widget/demo")
FILES = ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml", "requirements.lock")


def lay_out(folder: pathlib.Path, one_of: int = ONE_OF) -> None:
    """Copy the project into a folder with one of `one_of` examples of each intent."""
    shutil.rmtree(folder, ignore_errors=True)
    for part in PARTS:
        shutil.copytree(PROJECT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copyfile(PROJECT / name, folder / name)
    for path in sorted((PROJECT / "data").rglob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for entry in content.get("nlu") or ():
            entry["examples"] = thinned(entry["examples"], one_of)
        write(folder / path.relative_to(PROJECT), content)


def thinned(examples: str, one_of: int) -> str:
    """Return every so manieth line of the examples of an intent, the first among them."""
    return "\n".join(examples.splitlines()[::one_of]) + "\n"


def write(path: pathlib.Path, content: Any) -> None:
    """Write a YAML file, with the folders that it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
