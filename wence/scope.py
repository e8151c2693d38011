"""Whether a question is about this policy at all.

Confidence alone does not tell: a classifier that has to choose among the facets of one policy is often sure
of something else. So four signs are combined: what the classifier says and how sure it is; how much of the
question is worded as questions about the policy are (pairs of sounds that occur in several in-scope
examples); whether another place is named; whether a piece of work is ordered (write, translate, play a role).
"""

from __future__ import annotations

import collections
import dataclasses
import itertools
import re
from collections.abc import Iterable

from wence.knowledge import Knowledge
from wence.places import elsewhere
from wence.reading import UNSURE, Part
from wence.text import syllables

OFF = "out_of_scope"
#: Facets in which another place is asked about rightly.
_PLACES_ALLOWED = ("unknown_other_pilots", "pilot_designation")
_ORDERS = re.compile(
    r"(?:帮|给|替|为|教)我?(?:们)?(?:再)?(?:写|编|画|翻译|起草|润色|作|算|唱|做[1一]?[个道]|讲个|取个|想个|生成)|写[1一][首篇封段个]|翻译成|"
    r"用.{2,8}(?:口吻|语气|第1?人称)|扮演|假装|忽略|无视.{0,6}(?:指令|规则|设定)|系统提示|ignore|prompt|jailbreak"
)
_TRANSLATE = re.compile(r"(?:英语|英文|日语|韩语|法语|俄语).{0,4}(?:怎么|说|讲|写)|翻译")
_ORIGIN = re.compile(r"(?:我|我们|本人|公司)是?(?:从|在|来自)?$|来自$|在$")
#: An example must share a pair of sounds with this many others for the pair to count as worded alike.
FAMILIAR_IN = 3
STRANGE, HALF_STRANGE, FAMILIAR = 0.58, 0.68, 0.85
#: Below this confidence a familiar question is not declined; long ones hold much that is not the question.
SURE, SURE_OF_LONG, LONG = 0.7, 0.85, 30


def pairs(text: str) -> set[str]:
    """Return the pairs of neighbouring sounds of a normalised text."""
    sounds = syllables(text)
    return {f"{first} {second}" for first, second in itertools.pairwise(sounds)}


def familiar_pairs(texts: Iterable[str]) -> frozenset[str]:
    """Return the pairs of sounds that occur in several of the normalised in-scope examples."""
    counts: collections.Counter[str] = collections.Counter()
    for text in texts:
        counts.update(pairs(text))
    return frozenset(pair for pair, count in counts.items() if count >= FAMILIAR_IN)


class Scope:
    """Judges parts of messages by a knowledge and the wording of its examples."""

    def __init__(self, knowledge: Knowledge, familiar: frozenset[str]) -> None:
        self._facets, self._familiar = knowledge.facets, familiar

    def familiarity(self, text: str) -> float:
        """Return which share of a normalised text is worded as in-scope examples are, between 0 and 1."""
        asked = pairs(text)
        return len(asked & self._familiar) / len(asked) if asked else 0.0

    def unknown(self, words: Iterable[str]) -> tuple[str, ...]:
        """Return the words of a normalised text that hold a pair of sounds which is not familiar."""
        return tuple(word for word in dict.fromkeys(words) if len(word) > 1 and pairs(word) - self._familiar)

    def judge(self, part: Part) -> Part:
        """Return a part with `out_of_scope` first where it is about something else, and last where it is not."""
        kind = self._facets[part.facet].kind
        familiarity = self.familiarity(part.text)
        if kind == "off":
            kept = (
                part.confidence < (SURE if len(part.text) < LONG else SURE_OF_LONG)
                and familiarity >= FAMILIAR
                and not self._about_elsewhere(part)
            )
            return _moved(part, last=True) if kept and not _ORDERS.search(part.text) else part
        if kind in ("smalltalk", "context"):
            work = _TRANSLATE.search(part.text) or (kind == "context" and _ORDERS.search(part.text))
            return _moved(part, last=False) if work else part
        strange = familiarity < (STRANGE if part.confidence >= UNSURE else HALF_STRANGE) and len(part.text) >= 4
        ordered = _ORDERS.search(part.text) is not None and familiarity < FAMILIAR
        return _moved(part, last=False) if strange or ordered or self._about_elsewhere(part) else part

    def _about_elsewhere(self, part: Part) -> bool:
        place = elsewhere(part.text)
        if not place or part.facet in _PLACES_ALLOWED or "三门峡" in part.text:
            return False
        return _ORIGIN.search(part.text[: part.text.index(place)]) is None


def _moved(part: Part, last: bool) -> Part:
    others = tuple(pair for pair in part.facets if pair[0] != OFF)
    if last:
        return dataclasses.replace(part, facets=(*others, (OFF, 0.0)))
    halved = tuple((facet, confidence / 2) for facet, confidence in others)
    return dataclasses.replace(part, facets=((OFF, 1 - sum(c for _, c in halved)), *halved))
