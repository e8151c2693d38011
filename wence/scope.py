"""Whether a question is about this policy at all.

Confidence alone does not tell: a classifier that has to choose among the facets of one policy is often sure
of something else. So four signs are combined: what the classifier says, whether another place is named,
whether a piece of work is ordered (write, translate, play a role), and how much of what is said occurs in
any fact of the policy.
"""

from __future__ import annotations

import re

from wence.knowledge import Knowledge
from wence.places import elsewhere
from wence.reading import Part
from wence.selection import selector

OFF = "out_of_scope"
#: Facets in which another place is asked about rightly.
_PLACES_ALLOWED = ("unknown_other_pilots", "pilot_designation")
_ORDERS = re.compile(
    r"(?:帮|给|替|为|教)我?(?:们)?(?:再)?(?:写|编|画|翻译|起草|润色|作|算|唱|做[1一]?[个道]|讲个|取个|想个|生成)|写[1一][首篇封段个]|翻译成|"
    r"用.{2,8}(?:口吻|语气|第1?人称)|扮演|假装|忽略|无视.{0,6}(?:指令|规则|设定)|从现在(?:开始|起)|系统提示|ignore|prompt|jailbreak|角色"
)
_LOW_CONFIDENCE = 0.62
_LOW_COVERAGE = 0.12
_LONG_ENOUGH = 12


def _is_off(knowledge: Knowledge, part: Part) -> bool:
    facet = knowledge.facets[part.facet]
    if facet.kind in ("off", "smalltalk", "context"):
        return False
    if elsewhere(part.text) and facet.id not in _PLACES_ALLOWED:
        return True
    if _ORDERS.search(part.text) and part.confidence < 0.9:
        return True
    named = [c for c in part.subjects if c and knowledge.subjects[c[0]].type not in ("place", "stage")]
    if facet.kind != "policy" or named or part.confidence >= _LOW_CONFIDENCE or len(part.text) < _LONG_ENOUGH:
        return False
    return selector(knowledge).coverage(part.text)[1] < _LOW_COVERAGE


def judge(knowledge: Knowledge, part: Part) -> Part:
    """Return a part of a message with `out_of_scope` before its facets where it is about something else."""
    if not _is_off(knowledge, part):
        return part
    others = tuple((facet, confidence / 2) for facet, confidence in part.facets if facet != OFF)
    return Part(part.text, ((OFF, 1 - sum(c for _, c in others)), *others), part.subjects)
