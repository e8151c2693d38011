"""Finds the subjects of the knowledge in a normalised text: by name, and by the sound of a name.

    SubjectFinder(knowledge).find(text)  → mentions, longest first, never overlapping

Names are matched by spaCy on characters, so that no word segmentation can hide one. What is left is
matched by sound (pinyin, near-homophones folded): 智慧成管 is 智慧城管, 缅池县 is 渑池县. Names of five and
more characters are also found with one wrong or missing sound.
"""

from __future__ import annotations

import dataclasses

import spacy
from spacy.matcher import PhraseMatcher

from wence.knowledge import Knowledge
from wence.text import normalise, syllables

EXACT, SOUNDED, SLIPPED = range(3)
MIN_SOUNDED = 3
MIN_SLIPPED = 5
#: A government of another level is not a misspelt one.
LEVELS = "省市县区"


@dataclasses.dataclass(frozen=True)
class Mention:
    """Where a subject is named: `subjects` are the candidates (an alias can be shared), by type of the first."""

    start: int
    end: int
    text: str
    subjects: tuple[str, ...]
    exact: bool


def _lacks_one(heard: list[str], name: list[str]) -> bool:
    """Say whether what is heard is a name without one of its sounds."""
    if len(heard) != len(name) - 1:
        return False
    same = next((i for i, (a, b) in enumerate(zip(heard, name, strict=False)) if a != b), len(heard))
    return heard[same:] == name[same + 1 :]


def _is_han(text: str) -> bool:
    return all("\u3400" <= c <= "\u9fff" for c in text)


class SubjectFinder:
    """All names of a knowledge, ready to be found in text."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._names = dict(knowledge.names)
        for unit in knowledge.of_type("unit"):
            for alias in (unit.name, *unit.aliases):
                short = normalise(alias).removeprefix("市")
                for prefix in ("市", knowledge.place, knowledge.place.removesuffix("市"), "我市"):
                    if unit.kind and unit.kind != "kind.county" and len(short) >= 3:
                        self._names.setdefault(normalise(prefix) + short, (unit.id,))
        # Not a name of anything, but hides 民政 in 人民政府.
        self._names.setdefault("人民政府", ())
        self._language = spacy.blank("zh")
        self._matcher = PhraseMatcher(self._language.vocab)
        self._matcher.add("SUBJECT", [self._language.make_doc(name) for name in self._names])
        self._heads: dict[tuple[str, ...], list[tuple[list[str], str]]] = {}
        self._tails: dict[tuple[str, ...], list[tuple[list[str], str]]] = {}
        # An opinion is named by what it says (把牵头单位…): one wrong sound makes that something else.
        whole = {name for o in knowledge.of_type("opinion") for name in map(normalise, o.aliases)}
        for name in self._names:
            if len(name) >= MIN_SOUNDED and _is_han(name) and name not in whole:
                sounds = syllables(name)
                self._heads.setdefault(tuple(sounds[:2]), []).append((sounds, name))
                if len(name) >= MIN_SLIPPED:
                    self._tails.setdefault(tuple(sounds[-2:]), []).append((sounds, name))

    def find(self, text: str) -> list[Mention]:
        """Return the mentions of subjects in a normalised text, in the order of the text."""
        doc = self._language.make_doc(text)
        matches = [doc[start:end] for _, start, end in self._matcher(doc)]
        spans = [(m.start_char, m.end_char, "".join(t.text for t in m), EXACT) for m in matches]
        return sorted(self._longest_first(spans + self._by_sound(text)), key=lambda m: m.start)

    def _longest_first(self, spans: list[tuple[int, int, str, int]]) -> list[Mention]:
        occupied: set[int] = set()
        hidden: set[int] = set()
        found = []
        for start, end, name, match in sorted(spans, key=lambda s: (s[3] == SLIPPED, s[0] - s[1], s[3], s[0])):
            place = range(start, end)
            if not occupied.isdisjoint(place) or (match != SLIPPED and not hidden.isdisjoint(place)):
                continue
            if self._names[name]:
                occupied.update(place)
                found.append(Mention(start, end, name, self._names[name], match == EXACT))
            else:
                hidden.update(place)
        return found

    def _by_sound(self, text: str) -> list[tuple[int, int, str, int]]:
        # One slip in five or more sounds leaves the first two or the last two whole: only there is compared.
        sounds, spans = syllables(text), []
        for i in range(len(sounds) - 1):
            pair = (sounds[i], sounds[i + 1])
            candidates = [(i, entry) for entry in self._heads.get(pair, ())]
            candidates += [(i + 2 - len(entry[0]), entry) for entry in self._tails.get(pair, ())]
            for start, (name_sounds, name) in candidates:
                if len(name_sounds) >= MIN_SLIPPED and _lacks_one(sounds[i : i + len(name_sounds) - 1], name_sounds):
                    spans.append((i, i + len(name_sounds) - 1, name, SLIPPED))
                end = start + len(name_sounds)
                if start < 0 or end > len(sounds):
                    continue
                slips = [k for k, sound in enumerate(name_sounds) if sounds[start + k] != sound]
                if not slips:
                    spans.append((start, end, name, SOUNDED))
                elif len(slips) == 1 and len(name_sounds) >= MIN_SLIPPED and text[start + slips[0]] not in LEVELS:
                    spans.append((start, end, name, SLIPPED))
        return spans
