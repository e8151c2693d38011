"""Checks additions against the knowledge that they are to be merged over: every defect in one sentence."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Iterator

from wence import settled
from wence.additions._types import (
    ADDED,
    MAX_EXAMPLE,
    MAX_NAME,
    MAX_QUESTION,
    MAX_QUOTE,
    MAX_SAY,
    OFF,
    AddedFact,
    Additions,
    Example,
    Quoted,
    StaffAnswer,
)
from wence.claims import Claims, Evidence
from wence.knowledge import Knowledge
from wence.privacy import IDENTITY_CARD, Masker, mask

SHORTEST_EXAMPLE = 2
_ID = re.compile(r"[a-z0-9][a-z0-9_.\-]{0,59}")


@dataclasses.dataclass(frozen=True)
class Defect:
    """What is wrong with one example or one added fact."""

    subject: Example | AddedFact
    message: str


def check(additions: Additions, knowledge: Knowledge) -> list[str]:
    """Return every defect of additions to a knowledge as a Chinese sentence; none where all is well."""
    return [defect.message for defect in defects(additions, knowledge)]


def defects(additions: Additions, knowledge: Knowledge) -> list[Defect]:
    """Return every defect with what it is a defect of."""
    claims, masker = Claims(knowledge), Masker.of(knowledge)
    found = [
        Defect(fact, f"补充「{_shown(fact.question or fact.id)}」:{message}")
        for place, fact in enumerate(additions.facts)
        for message in (
            *_identity(fact, additions.facts[:place], knowledge),
            *_place(fact, knowledge),
            *_words(fact, masker),
            *_proof(fact, knowledge, claims),
        )
    ]
    seen: dict[str, Example] = {}
    for example in additions.examples:
        messages = [*_example(example, additions, knowledge, masker), *_contradiction(example, seen)]
        found += [Defect(example, f"问法「{_shown(example.text)}」:{message}") for message in messages]
    return found


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 30 else f"{line[:29]}…"


def _identity(fact: AddedFact, before: tuple[AddedFact, ...], knowledge: Knowledge) -> Iterator[str]:
    if not _ID.fullmatch(fact.id):
        yield f"编号「{fact.id}」要用小写字母、数字和 . _ - 写成,最多60个"
    if fact.id in knowledge.facts or any(fact.id == other.id for other in before):
        yield f"编号「{fact.id}」已经有了,请换一个"
    asked = settled.key(fact.question)
    others = [(known.id, known.question) for known in knowledge.facts.values()]
    others += [(other.id, other.question) for other in before]
    for identity, question in others:
        if asked and settled.key(question) == asked and identity != fact.id:
            yield f"已经有一个同样的问题(事实「{identity}」),请改那一个,或换一个问法"


def _place(fact: AddedFact, knowledge: Knowledge) -> Iterator[str]:
    facet = knowledge.facets.get(fact.facet)
    if facet is None or facet.kind not in ("policy", "unknown"):
        yield f"没有「{fact.facet}」这个方面,请选一个政策的方面,或作为新的问答"
        return
    unknown = [subject for subject in fact.subjects if subject not in knowledge.subjects]
    for subject in unknown:
        yield f"没有「{subject}」这个主题,请从名单里选"
    if unknown or fact.facet == ADDED:
        return
    for subject in fact.subjects or ("",):
        name = knowledge.subjects[subject].name if subject else "这个方面"
        gap = knowledge.gap_for(fact.facet, subject)
        if subject and knowledge.facts_about(fact.facet, subject):
            yield f"「{name}」的{facet.title}文件里已经写了,不用再补"
        elif gap is None:
            yield f"「{name}」的{facet.title}不在“没有写的”名单里,请作为新的问答来加"
        elif not subject and gap.subjects:
            yield f"{facet.title}要说明是谁的,请选一个主题"


def _words(fact: AddedFact, masker: Masker) -> Iterator[str]:
    for what, text, most in (("问题", fact.question, MAX_QUESTION), ("答句", fact.say, MAX_SAY)):
        if not text.strip():
            yield f"{what}是空的,请写上"
        elif len(text) > most:
            yield f"{what}有{len(text)}字,最多{most}字,请缩短"
        if not text.isprintable():
            yield f"{what}里有换行或看不见的符号,请写成一行"
        if IDENTITY_CARD in mask(text):
            yield f"{what}里有身份证号,请去掉"
    if fact.question.strip() and not settled.key(fact.question):
        yield "问题里没有能读懂的文字,请重写"
    if masker(fact.question) != fact.question:
        yield "问题里有像个人号码的数字,请去掉"


def _proof(fact: AddedFact, knowledge: Knowledge, claims: Claims) -> Iterator[str]:
    if not fact.proof:
        yield "没有出处,请附上文件的原句,或写明是谁的答复"
    for proof in fact.proof:
        yield from _quoted(proof, knowledge) if isinstance(proof, Quoted) else _staff_answer(proof)
    evidence = Evidence(claims, [proof.text for proof in fact.proof])
    for value in fact.value:
        if not value.strip() or not evidence.stands(value):
            yield f"「{_shown(value)}」不在所附的原句或答复里,要一字不差"
    if fact.proof:
        for claim in evidence.lacks(fact.say):
            yield f"答句里的{claim.kind}「{claim.text}」在所附的原句或答复里找不到"


def _quoted(proof: Quoted, knowledge: Knowledge) -> Iterator[str]:
    source = knowledge.sources.get(proof.source)
    if source is None:
        yield f"没有「{proof.source}」这份来源,请从来源里选"
    elif not proof.text.strip():
        yield "引句是空的,请从原文里复制"
    elif source.find(proof.text) is None:
        yield f"引句「{_shown(proof.text)}」不在《{source.cited_as}》里,要一字不差地复制"
    if len(proof.text) > MAX_QUOTE:
        yield f"引句有{len(proof.text)}字,最多{MAX_QUOTE}字,请只留有用的一段"


def _staff_answer(proof: StaffAnswer) -> Iterator[str]:
    if not proof.name.strip() or not proof.name.isprintable() or len(proof.name) > MAX_NAME:
        yield f"请写明是谁答复的(最多{MAX_NAME}字)"
    try:
        datetime.date.fromisoformat(proof.date)
    except ValueError:
        yield f"答复的日期「{_shown(proof.date)}」要写成 2026-11-25 的样子"
    if not proof.text.strip():
        yield "答复是空的,请写上"
    elif len(proof.text) > MAX_QUOTE:
        yield f"答复有{len(proof.text)}字,最多{MAX_QUOTE}字,请缩短"
    if IDENTITY_CARD in mask(proof.text):
        yield "答复里有身份证号,请去掉"


def _example(example: Example, additions: Additions, knowledge: Knowledge, masker: Masker) -> Iterator[str]:
    text = " ".join(example.text.split())
    if not text:
        yield "是空的,请写上"
    elif len(settled.key(text)) < SHORTEST_EXAMPLE:
        yield "太短,看不出问的是什么"
    if len(text) > MAX_EXAMPLE:
        yield f"有{len(text)}字,最多{MAX_EXAMPLE}字,请缩短"
    if masker(text) != text:
        yield "里面有像个人号码的数字,请去掉"
    facet = knowledge.facets.get(example.facet)
    if facet is None or facet.kind == "context":
        yield f"没有「{example.facet}」这个方面,请重新选"
        return
    facets = _facets_of(example.fact, additions, knowledge)
    if example.fact and not facets:
        yield f"没有「{example.fact}」这个事实,它可能已经改名或删去"
    elif example.fact and example.facet not in facets:
        yield f"事实「{example.fact}」不回答「{facet.title}」这个方面,请重新选"
    elif not example.fact and example.facet == ADDED:
        yield "没有说明由哪个补充的问答回答,请选一个"


def _facets_of(fact: str, additions: Additions, knowledge: Knowledge) -> tuple[str, ...]:
    if fact in knowledge.facts:
        return knowledge.facts[fact].facets
    return tuple(added.facet for added in additions.facts if added.id == fact)


def _contradiction(example: Example, seen: dict[str, Example]) -> Iterator[str]:
    asked = settled.key(example.text)
    other = seen.setdefault(asked, example)
    if asked and (other.facet, other.fact) != (example.facet, example.fact):
        told = "无关的问题" if OFF in (other.facet, example.facet) else "另一个答案"
        yield f"同样的问法已经归到{told},两个里只能留一个"
