"""Lays out the Rasa project of the reference: the same data, with what its pipeline needs besides.

That pipeline finds subjects by lookup tables, and Rasa uses a table only for entities that are annotated in
some example. So the names of the knowledge become tables, and are annotated where they stand in the examples.
What the classifier is not sure of is declined, as what is out of scope.
"""

from __future__ import annotations

import pathlib
import re
import shutil
from collections.abc import Mapping
from typing import Any

import yaml

from wence.knowledge import Knowledge
from wence.settings import PROJECT

CONFIG = pathlib.Path(__file__).with_name("config.yml")
FALLBACK_RULE = {
    "version": "3.1",
    "rules": [{"rule": "没有把握", "steps": [{"intent": "nlu_fallback"}, {"action": "action_decline"}]}],
}


def lay_out(folder: pathlib.Path, knowledge: Knowledge, examples: pathlib.Path, epochs: int | None = None) -> None:
    """Write config, domain and the data of `examples` into a folder; `epochs` in the place of the configured ones."""
    shutil.rmtree(folder, ignore_errors=True)
    data = folder / "data"
    data.mkdir(parents=True)
    shutil.copyfile(PROJECT / "domain.yml", folder / "domain.yml")
    _write(folder / "config.yml", _config(epochs))
    types = names(knowledge)
    _write(data / "fallback.yml", FALLBACK_RULE)
    _write(data / "lookup.yml", {"version": "3.1", "nlu": _lookup_tables(types)})
    for path in sorted(examples.rglob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for entry in content.get("nlu") or ():
            entry["examples"] = annotated(entry["examples"], types)
        target = data / path.relative_to(examples)
        target.parent.mkdir(exist_ok=True)
        _write(target, content)


def names(knowledge: Knowledge) -> dict[str, str]:
    """Return every name of a subject as it is written, with the type of the subject, longest first."""
    found: dict[str, str] = {}
    for subject in knowledge.subjects.values():
        for name in (subject.name, subject.listed, *subject.aliases):
            if len(name) >= 2 and not re.search(r"[\[\](){}]", name):
                found.setdefault(name, subject.type)
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


def annotated(examples: str, types: Mapping[str, str]) -> str:
    """Return examples in which names of subjects are marked as entities."""
    pattern = re.compile("|".join(map(re.escape, types)))
    return pattern.sub(lambda match: f"[{match[0]}]({types[match[0]]})", examples)


def _lookup_tables(types: Mapping[str, str]) -> list[dict[str, str]]:
    tables: dict[str, str] = {}
    for name, kind in types.items():
        tables[kind] = tables.get(kind, "") + f"- {name}\n"
    return [{"lookup": kind, "examples": examples} for kind, examples in tables.items()]


def _config(epochs: int | None) -> Any:
    config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    for component in config["pipeline"]:
        if epochs and "epochs" in component:
            component["epochs"] = epochs
    return config


def _write(path: pathlib.Path, content: object) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
