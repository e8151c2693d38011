"""Every combination of facet and subject, asked in the ways people ask, with what was answered and why it may be.

cases(knowledge, facet)   every question of a facet with its answer and its reply
misfits(…)                facts of an answer that are about something else than was asked
unproved(…)               claims of a text that neither its citations nor its composition prove
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterator, Sequence

from wence import proof, replies
from wence.answer import Answer
from wence.answers import answer, reply_to
from wence.asked import Memory, Question
from wence.claims import NUMBER, ORDINAL, Claim, Claims, Evidence
from wence.dialogue import resolve
from wence.knowledge import OUTSIDER, Facet, Fact, Knowledge, Subject
from wence.reading import Part, Reading
from wence.replies import Reply, Status
from wence.selection import related
from wence.text import normalise, squash

TODAY = datetime.date(2024, 5, 6)

#: What is asked of a subject: plain, by each question word, by yes and no, with a false premise, by place.
FRAMES = (
    "{name}的{title}是什么",
    "{name}的{title}",
    "{name}的{title}是谁，什么时候，为什么，怎么做",
    "{name}的{title}一共有几个，有哪些",
    "{name}的{title}是市财政局吗",
    "{name}的{title}是30个吗，有没有12项",
    "{name}的{title}是2022年3月吗",
    "{name}的{title}第2个是什么",
    "{name}的{title}最后一个是哪个",
    "{name}的{title}里带“中心”的有几个，比9月多吗",
    "{name}没有{title}吧，是不是都采纳了",
)
#: Those that assert what no source says.
FALSE = (5, 6, 9)
#: Of a subject that the facet does not take, fewer ways say as much.
FEW = (0, 4, 7)
#: A second subject that the question names beside the one it is about.
PREMISE = "unit.finance"

#: Facts that an answer about any subject of a facet may state: the lists that it is computed from, what is
#: known instead where nothing is, and what corrects a false premise.
RELATED: dict[str, tuple[str, ...]] = {
    "consulted_units": ("consultation.units", "plan.drafter"),
    "tasks": ("plan.tasks",),
    "systems": ("plan.systems", "plan.tasks"),
    "infrastructure_tasks": ("plan.infrastructure", "plan.tasks"),
    "aspects": ("plan.aspects", "plan.tasks"),
    "pilot_tasks": ("pilot.tasks",),
    "task_membership": ("plan.tasks", "plan.systems", "plan.aspects", "plan.infrastructure", "pilot.tasks"),
    "task_aspect": ("plan.aspects", "plan.tasks"),
    "adoption_check": ("plan.tasks", "consultation.counts", "consultation.units"),
    "proposal_grounds": ("opinions.rejected",),
    "opinion_counts": ("consultation.units",),
    "document_title": ("plan.tasks",),
    "adopted_opinions": ("consultation.counts", "opinions.rejected"),
    "rejected_opinions": ("opinions.rejected", "consultation.counts", "opinions.places"),
    "rejection_reason": ("opinions.rejected", "opinions.reasons"),
    "proposal": ("opinions.rejected", "consultation.counts"),
    "proposal_place": ("opinions.rejected", "opinions.places"),
    "basis": ("plan.basis",),
    "process_event": ("process.overview",),
    "consultation_round": ("process.rounds",),
    "lead_unit": ("leads.known",),
    "unit_tasks": ("leads.known",),
    "document_order": ("documents.order", "plan.date", "interpretation.date"),
    "certification": ("evaluation.outcome",),
    "unknown_fulltext": ("public_pages", "interpretation.source"),
    "unknown_other_pilots": ("pilot.one_of_many",),
    "unknown_money": ("requirement.3.content",),
    "unknown_official": ("contact.person",),
}
#: Facts about the outcome of an opinion, or about an aspect, stand beside a list that its topic is not in.
BESIDE_A_LIST = ("adoption_check", "infrastructure_tasks", "aspects")
#: Facets that have one answer; a subject is named only to ask whether it is that (示范领域是智慧交通吗).
PREMISED = ("pilot_tasks", "demo_field", "government_review", "assessment", "work_goal")
#: Who asks for the background of the interpretation asks for that of the plan which it interprets.
STANDS_FOR = {"doc.interpretation": "doc.plan"}
OF_THE_PLAN = ("basis", "background", "purpose")


@dataclasses.dataclass(frozen=True)
class Case:
    """One question with what it was resolved to, what was answered and what the citizen gets."""

    text: str
    subject: str
    questions: tuple[Question, ...]
    found: tuple[Answer | None, ...]
    reply: Reply
    false: bool = False

    @property
    def answers(self) -> list[Answer]:
        """The answers to the questions that have one."""
        return [found for found in self.found if found]

    def told(self, problem: object) -> str:
        """Describe the case and a problem of it in one line."""
        asked = "、".join(f"{q.facet}({','.join(q.subjects)})" for q in self.questions)
        return f"{self.text}[{self.subject}] → {asked} → {self.reply.text} ({','.join(self.reply.facts)}) :: {problem}"


def asked(
    knowledge: Knowledge,
    facet: str,
    mentions: Sequence[str | tuple[str, ...]],
    text: str,
    memory: Memory | None = None,
) -> Case:
    """Ask a question whose facet is read without doubt; a mention is a subject, or the candidates for one."""
    memory = memory or Memory()
    candidates = tuple((mention,) if isinstance(mention, str) else mention for mention in mentions)
    part = Part(normalise(text), ((facet, 0.99),), candidates)
    reading = Reading(knowledge.digest, (part,))
    questions = tuple(resolve(knowledge, reading, memory))
    found = tuple(answer(knowledge, question, TODAY) for question in questions)
    reply, _ = reply_to(knowledge, reading, memory, TODAY)
    return Case(text, ",".join("/".join(c) for c in candidates), questions, found, reply)


def subjects(knowledge: Knowledge) -> list[Subject | None]:
    """Return every subject, one unit that stands on no list, and none."""
    known = [s for s in knowledge.subjects.values() if not s.id.startswith(OUTSIDER)]
    return [None, *known, knowledge.subjects[f"{OUTSIDER}0"]]


def cases(knowledge: Knowledge, facet_id: str) -> tuple[Case, ...]:
    """Ask a facet of every subject in every way, alone and after another subject was talked about."""
    return tuple(_cases(knowledge, knowledge.facets[facet_id]))


def _cases(knowledge: Knowledge, facet: Facet) -> Iterator[Case]:
    for subject in subjects(knowledge):
        named = (subject.id,) if subject else ()
        name = subject.name if subject else ""
        takes = subject is None or subject.type in facet.takes
        for place, frame in enumerate(FRAMES):
            if not takes and place not in FEW:
                continue
            text = frame.format(name=name, title=facet.title).removeprefix("的")
            premise = (PREMISE,) if "财政局" in frame and subject and subject.id != PREMISE else ()
            case = asked(knowledge, facet.id, (*named, *premise), text)
            yield dataclasses.replace(case, false=place in FALSE)
        if subject:
            remembered = Memory(facet.id, (facet.default,) if facet.default else (), ())
            yield asked(knowledge, "followup", named, f"那{name}呢", remembered)
    taken = [subject for subject in subjects(knowledge) if subject and subject.type in facet.takes]
    for one, other, third in zip(taken, taken[1:], taken[2:], strict=False):
        names = f"{one.name}、{other.name}和{third.name}"
        yield asked(knowledge, facet.id, (one.id, other.id, third.id), f"{names}的{facet.title}分别是什么")
        yield asked(knowledge, facet.id, (one.id, other.id), f"{one.name}和{other.name}都有{facet.title}吗")


def misfits(knowledge: Knowledge, case: Case) -> list[str]:
    """Return the facts of a reply that are about something else than was asked."""
    return [
        fact
        for question, found in zip(case.questions, case.found, strict=True)
        for fact in (found.facts if found else ())
        if not fits(knowledge, knowledge.facts[fact], question)
    ]


def fits(knowledge: Knowledge, fact: Fact, question: Question) -> bool:
    """Say whether a fact answers a question, or stands in a documented relation to it."""
    facet = knowledge.facets[question.facet]
    wanted = set(related(knowledge, question.subjects)) if question.subjects else {facet.default}
    if facet.id in OF_THE_PLAN:
        wanted |= {STANDS_FOR[subject] for subject in question.subjects if subject in STANDS_FOR}
    if facet.id in PREMISED:
        wanted.add(facet.default)
    if facet.id in fact.facets and wanted & set(fact.subjects):
        return True
    if set(BESIDE_A_LIST) & set(fact.facets) and {*wanted, *question.mentioned} & {*fact.subjects, *fact.items}:
        return True
    if facet.id == "consultation_round" and facet.id in fact.facets and set(question.mentioned) & set(fact.names):
        return True
    if fact.id in RELATED.get(facet.id, ()):
        return True
    return any(fact.id in gap.near for gap in knowledge.gaps if gap.facet == facet.id)


def unproved(knowledge: Knowledge, claims: Claims, case: Case) -> list[Claim]:
    """Return the claims of a reply's text that nothing proves."""
    if case.reply.status in (Status.SMALLTALK, Status.OUT_OF_SCOPE, Status.CLARIFY):
        allowed = {*replies.PUBLIC_NUMBERS, knowledge.contact_phone}
        return [c for c in claims.of(case.reply.text) if c.kind != "单位" and c.text not in allowed]
    text = case.reply.text
    for fact in map(knowledge.facts.__getitem__, case.reply.facts):
        text = proof.unproved_part(knowledge, fact, text)
    for word in sorted({word for found in case.answers for word in found.echoed if word}, key=len, reverse=True):
        text = text.replace(word, "")
    for note in (replies.LAPSED, replies.CURRENT):
        text = text.replace(note.format(today=f"{TODAY.year}年{TODAY.month}月{TODAY.day}日"), "")
    evidence = Evidence(claims, [citation["quote"] for citation in case.reply.citations])
    computed = _computed(knowledge, case)
    return [c for c in evidence.lacks(text) if c.kind not in (NUMBER, ORDINAL) or c.value not in computed]


def _computed(knowledge: Knowledge, case: Case) -> set[str]:
    """Return the numbers that are lengths of lists which the reply's facts give, or places in them."""
    numbers = {str(len(knowledge.facts[fact].items)) for fact in case.reply.facts}
    for found in case.answers:
        numbers |= {str(number) for number, _ in found.counted}
        numbers |= {str(place) for place in found.positions}
    return numbers


def unsaid_echoes(knowledge: Knowledge, case: Case) -> list[str]:
    """Return the echoed words that are neither of the question nor the name of what it was answered for."""
    heard = squash(normalise(case.text))
    for question in case.questions:
        for subject in (*question.subjects, *question.mentioned):
            heard += squash(knowledge.subjects[subject].name) + squash(knowledge.subjects[subject].short)
    heard += "".join(squash(knowledge.subjects[s].name) for found in case.answers for s in found.subjects)
    words = {echo for found in case.answers for echo in found.echoed if echo and squash(echo) not in heard}
    return [part for word in words for part in word.split("、") if squash(part) not in heard]


def miscounted(knowledge: Knowledge, claims: Claims, case: Case) -> list[object]:
    """Return the counts and places of an answer that its list does not bear out."""
    wrong: list[object] = []
    evidence = Evidence(claims, [citation["quote"] for citation in case.reply.citations])
    for found in case.answers:
        for number, names in found.counted:
            if number != len(names) or not all(map(evidence.stands, names)):
                wrong.append((number, names))
        items = [knowledge.facts[fact].items for fact in found.facts if knowledge.facts[fact].items]
        for place in found.positions:
            if not any(knowledge.subjects[i[place - 1]].short in found.text for i in items if len(i) >= place):
                wrong.append(place)
    return wrong
