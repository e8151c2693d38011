"""The knowledge inside a model archive: written when a model is trained, read when it is loaded.

A model answers from the knowledge that it was trained with, also while a newer one is being activated. At
load the knowledge is laid out once under its digest in the state folder, where the action server finds it.
"""

from __future__ import annotations

import pathlib
import shutil
import tempfile

from wence.knowledge import FACETS_FILE, POLICY_FILE, Knowledge, load

SOURCES = "sources"


def copy(source: pathlib.Path, target: pathlib.Path) -> None:
    """Copy the files of a knowledge from one folder into another."""
    target.mkdir(parents=True, exist_ok=True)
    for name in (POLICY_FILE, FACETS_FILE):
        shutil.copyfile(source / name, target / name)
    shutil.copytree(source / SOURCES, target / SOURCES, dirs_exist_ok=True)


def lay_out(knowledge: Knowledge, folder: pathlib.Path, state: pathlib.Path) -> None:
    """Make the knowledge in `folder` available under its digest in the state folder, whole or not at all."""
    target = state / "knowledge" / knowledge.digest
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    building = pathlib.Path(tempfile.mkdtemp(prefix=".building-", dir=target.parent))
    copy(folder, building)
    try:
        building.rename(target)
    except OSError:
        shutil.rmtree(building)
        if not target.exists():
            raise


def load_version(state: pathlib.Path, digest: str) -> Knowledge:
    """Load the knowledge that a model with this digest was trained with."""
    return load(state / "knowledge" / digest)
