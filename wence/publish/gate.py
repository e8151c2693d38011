"""The gate: what a candidate must not make worse, and what a batch must not hold.

    suspicious(held)                      whether an example looks off topic to the active model
    batch_findings(batch)                 why a batch is not even trained with
    findings(before, after, golden)       why a candidate is not activated

Nothing here looks at the topic under which an example was filed: a batch is refused for every topic, or for none.
The thresholds come from measurements, docs/adr/0018.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from wence.publish.outcomes import IN_SCOPE, OFF_TOPIC, SETTLED, Held, Outcome

#: An example is suspicious that is off topic with this confidence and less familiar than that, or off topic for certain.
OFF_TOPIC_FROM, FAMILIAR_FROM, CERTAIN = 0.7, 0.9, 0.95
#: A batch may hold so many suspicious examples, or this share of it.
FEW, FEW_SHARE = 3, 0.4
#: So many points (of 100) the share of right answers may fall.
TOLERATED_POINTS = 0.5

WORSE, LOWER, ACCEPTED, SUSPICIOUS, UNSETTLED = "worse", "lower", "accepted", "suspicious", "unsettled"


@dataclasses.dataclass(frozen=True)
class Finding:
    """One reason to refuse: its kind, the words for it, and the questions that it is about."""

    kind: str
    words: str
    questions: tuple[str, ...] = ()


def suspicious(held: Held) -> bool:
    """Whether the active model holds an example for off topic, sure of it, in words that it hardly knows."""
    return held.off_topic >= (OFF_TOPIC_FROM if held.familiarity < FAMILIAR_FROM else CERTAIN)


def batch_findings(batch: Sequence[Held]) -> list[Finding]:
    """Return why a batch of new examples, none of them filed as off topic, is refused; nothing when it is not."""
    found = [held for held in batch if suspicious(held)]
    if len(found) <= max(FEW, FEW_SHARE * len(batch)):
        return []
    words = (
        f"这批{len(batch)}句新的问法里,有{len(found)}句像是与政策无关的问题(最多可以有"
        f"{max(FEW, int(FEW_SHARE * len(batch)))}句)。请把真正无关的改归“无关”,再发布"
    )
    named = (
        f"{held.text}(有{held.off_topic:.0%}的把握是无关的,说法只有{held.familiarity:.0%}是熟悉的)" for held in found
    )
    return [Finding(SUSPICIOUS, words, tuple(named))]


def findings(before: Mapping[str, Outcome], after: Mapping[str, Outcome], golden: frozenset[str]) -> list[Finding]:
    """Return why a candidate is refused, compared with the active version; nothing when it is not."""
    found: list[Finding] = []
    both = [name for name in after if name in before]
    worse = [
        name
        for name in both
        if (name in golden or after[name].kind == SETTLED) and before[name].passed and not after[name].passed
    ]
    if worse:
        words = f"有{len(worse)}个必须答对的问题,原来答对,现在答错了"
        found.append(Finding(WORSE, words, tuple(after[name].question for name in worse)))
    unsettled = [o for name, o in after.items() if o.kind == SETTLED and name not in before and not o.passed]
    if unsettled:
        words = f"有{len(unsettled)}个这次处理的问题,新版本仍没有照处理的来答"
        found.append(Finding(UNSETTLED, words, tuple(o.question for o in unsettled)))
    asked = [name for name in both if name not in golden]
    was, becomes = (percent([of[n] for n in asked if of[n].kind in IN_SCOPE]) for of in (before, after))
    if was - becomes > TOLERATED_POINTS:
        words = f"该答的问题,答对的从{was:.1f}%降到{becomes:.1f}%,超过了容许的{TOLERATED_POINTS}个百分点"
        lost = (after[n].question for n in asked if before[n].passed and not after[n].passed)
        found.append(Finding(LOWER, words, tuple(lost)))
    off = [name for name in both if after[name].kind == OFF_TOPIC]
    many, more = (sum(not of[name].passed for name in off) for of in (before, after))
    if more > many:
        words = f"无关的问题没有婉拒的,从{many}个增加到{more}个"
        newly = (after[n].question for n in off if before[n].passed and not after[n].passed)
        found.append(Finding(ACCEPTED, words, tuple(newly)))
    return found


def percent(outcomes: Sequence[Outcome]) -> float:
    """Return how many of 100 are right; 100 of nothing."""
    return 100 * sum(o.passed for o in outcomes) / len(outcomes) if outcomes else 100.0
