"""Merges additions over a knowledge: a complete knowledge folder, in which what officials added is proved like the rest.

Each answer of an official becomes part of a source of their own (one for a person and day); each proof becomes a
quote, each added fact a fact. What a fact answers is no longer among what is not stated.
"""

from __future__ import annotations

import datetime
import itertools
import pathlib
import re
import shutil
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from wence.additions._check import check
from wence.additions._errors import AdditionsDefectError, AdditionsFileError
from wence.additions._file import as_yaml
from wence.additions._types import ADDED, AddedFact, Additions, Quoted, StaffAnswer
from wence.claims import Claims
from wence.knowledge import FACETS_FILE, POLICY_FILE, Knowledge, load

SOURCES = "sources"


def merge(knowledge_folder: pathlib.Path, additions: Additions, target_folder: pathlib.Path) -> None:
    """Write the knowledge in a folder with additions merged over it into another folder.

    Raises AdditionsDefectError where the additions have a defect, AdditionsFileError where the folder cannot be
    written, and KnowledgeError where the knowledge itself is broken.
    """
    knowledge = load(knowledge_folder)
    found = check(additions, knowledge)
    if found:
        raise AdditionsDefectError(found)
    try:
        target_folder.mkdir(parents=True, exist_ok=True)
        for name in (POLICY_FILE, FACETS_FILE):
            shutil.copyfile(knowledge_folder / name, target_folder / name)
        shutil.copytree(knowledge_folder / SOURCES, target_folder / SOURCES, dirs_exist_ok=True)
        if not additions.facts:
            return
        text = (knowledge_folder / POLICY_FILE).read_text("utf-8")
        # Every scalar stays the text that it is written as, which is how the knowledge reads it back.
        content = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
        parts = Parts(knowledge, additions.facts)
        content["sources"].update(parts.sources)
        content["quotes"].update(parts.quotes)
        content["facts"].extend(parts.facts)
        content["not_stated"] = list(remaining(content["not_stated"], additions.facts))
        for file, answers in parts.files.items():
            (target_folder / file).write_bytes(answers.encode("utf-8"))
        (target_folder / POLICY_FILE).write_bytes(as_yaml(content).encode("utf-8"))
    except OSError as error:
        raise AdditionsFileError(f"合并后的知识写不进 {target_folder}:{error.strerror},请检查权限和空间") from error


def remaining(gaps: Iterable[dict[str, Any]], facts: Iterable[AddedFact]) -> Iterator[dict[str, Any]]:
    """Yield the entries of `not_stated` that added facts leave, without the subjects that they answer."""
    filled = {(fact.facet, subject) for fact in facts for subject in fact.subjects or ("",)}
    for gap in gaps:
        named = gap.get("subjects", ())
        left = [subject for subject in named if (gap["facet"], subject) not in filled]
        if named and left:
            yield {**gap, "subjects": left} if len(left) < len(named) else gap
        elif not named and (gap["facet"], "") not in filled:
            yield gap


class Parts:
    """The sources, quotes and facts that additions become, as `policy.yml` holds them, and the files of the sources."""

    def __init__(self, knowledge: Knowledge, facts: Iterable[AddedFact]) -> None:
        """Lay the facts out over a knowledge; they must have no defect."""
        self._knowledge, self._claims = knowledge, Claims(knowledge)
        self._names: dict[tuple[str, str], str] = {}
        self._ids: dict[tuple[str, str], str] = {(q.source, q.text): q.id for q in knowledge.quotes.values()}
        self.sources: dict[str, dict[str, Any]] = {}
        self.quotes: dict[str, dict[str, Any]] = {}
        self.files: dict[str, str] = {}
        self.facts = [self._fact(fact) for fact in facts]

    def _fact(self, fact: AddedFact) -> dict[str, Any]:
        names = self._units(fact)
        return {
            "id": fact.id,
            "facets": [fact.facet],
            "subjects": list(fact.subjects or self._general(fact)),
            "question": fact.question,
            "value": list(fact.value),
            **({"names": names} if names else {}),
            "added": "true",
            "say": fact.say,
            "proof": list(dict.fromkeys(self._quote(proof) for proof in fact.proof)),
        }

    def _general(self, fact: AddedFact) -> tuple[str, ...]:
        """What fills a gap that names no subject is about the plan."""
        return () if fact.facet == ADDED else (self._knowledge.plan,)

    def _units(self, fact: AddedFact) -> list[str]:
        """Return the units that are the answer of a fact: those whose names stand in its value."""
        found = [claim.value for value in fact.value for claim in self._claims.of(value)]
        units = [unit for held in found if isinstance(held, frozenset) and len(held) == 1 for unit in held]
        return [unit for unit in dict.fromkeys(units) if unit not in fact.subjects]

    def _quote(self, proof: Quoted | StaffAnswer) -> str:
        source = proof.source if isinstance(proof, Quoted) else self._source(proof)
        known = self._ids.get((source, proof.text))
        if known is None:
            known = self._free("added", (*self._knowledge.quotes, *self.quotes))
            self._ids[source, proof.text] = known
            self.quotes[known] = {"source": source, "text": proof.text}
            if isinstance(proof, StaffAnswer):
                file = self.sources[source]["file"]
                self.files[file] = self.files.get(file, "") + proof.text + "\n\n"
        return known

    def _source(self, proof: StaffAnswer) -> str:
        known = self._names.get((proof.name, proof.date))
        if known is None:
            taken = {*self._knowledge.sources, *self.sources}
            # Channels that started before it was published show the id itself: so it is one for people.
            ids = ((f"工作人员答复{proof.date}" + (f"-{n}" if n > 1 else ""), n) for n in itertools.count(1))
            known, number = next((name, n) for name, n in ids if name not in taken)
            self._names[proof.name, proof.date] = known
            day = datetime.date.fromisoformat(proof.date)
            title = f"工作人员答复（{proof.name}，{day.year}年{day.month}月{day.day}日）"
            self.sources[known] = {
                "file": f"{SOURCES}/staff-{proof.date}-{number}.txt",
                "title": title,
                "cited_as": title,
                "section": title,
                "date": proof.date,
                "staff": "true",
            }
        return known

    @staticmethod
    def _free(stem: str, taken: Iterable[str]) -> str:
        numbers = [int(m[1]) for name in taken if (m := re.fullmatch(rf"{re.escape(stem)}\.(\d+)", name))]
        return f"{stem}.{max(numbers, default=0) + 1}"
