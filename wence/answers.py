"""Looks the facts up and composes the reply: the last two steps of a turn.

    reply_to(knowledge, reading, memory, today)  → Reply and the memory after it

Each question becomes one Answer: by a rule of its facet where a list or a date must be computed, else from
the facts of its facet and subject, else by saying what the sources do not state.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Callable, Sequence

from wence import lists, replies
from wence import question as q
from wence.answer import Answer, from_fact
from wence.dialogue import Memory, Question, resolve
from wence.knowledge import OUTSIDER, Fact, Knowledge
from wence.options import ask_back, next_questions
from wence.reading import Reading
from wence.replies import Reply, Status
from wence.selection import related, selector
from wence.verdict import NO, YES, verdict

MAX_REMEMBERED = 4
MAX_CITATIONS = 12
_FORM_ORDER = ("whom", "how", "why", "who", "when")


def _worded(fact: Fact, question: Question) -> str:
    for form in _FORM_ORDER:
        if form in question.forms and form in fact.says:
            return fact.says[form]
    return fact.say


def _not_stated(
    knowledge: Knowledge,
    what: str,
    near: Sequence[Fact] = (),
    subjects: tuple[str, ...] = (),
    echoed: tuple[str, ...] = (),
) -> Answer:
    phone = knowledge.contact_phone
    text = replies.NOT_STATED.format(what=what, phone=phone)
    if near:
        text += replies.NOT_STATED_NEAR.format(near=near[0].say)
    quotes = [quote for f in near[:1] for quote in f.proof] + list(knowledge.facts[knowledge.contact].proof)
    return Answer(
        text, tuple(f.id for f in near[:1]), tuple(dict.fromkeys(quotes)), Status.NOT_IN_SOURCE, subjects, echoed
    )


def _gap(knowledge: Knowledge, question: Question) -> Answer:
    facet = knowledge.facets[question.facet]
    subject = question.subjects[0] if question.subjects else ""
    gap = knowledge.gap_for(facet.id, subject)
    name = knowledge.subjects[subject].name if subject else ""
    if gap is None:
        what = f"{name}的{facet.title}" if name else facet.title
        return _not_stated(knowledge, what, (), question.subjects, (name,))
    what = gap.what.format(subject=name or "有关单位")
    near = [knowledge.facts[f] for f in gap.near]
    return _not_stated(knowledge, what, near, question.subjects, (name,))


def _chosen(knowledge: Knowledge, question: Question, subject: str) -> Fact | None:
    """Choose the fact of a facet and subject: the plain one, or a detail that the question is closer to."""
    plain = next(iter(knowledge.facts_about(question.facet, subject)), None)
    details = [f for s in related(knowledge, (subject,)) for f in knowledge.facts_about(question.facet, s)]
    return selector(knowledge).best(question.text, list(dict.fromkeys(details)), plain)


def _from_facts(knowledge: Knowledge, question: Question) -> Answer | None:
    """Answer from the facts of the facet and its subjects."""
    found: list[Fact] = []
    for subject in question.subjects:
        fact = _chosen(knowledge, question, subject)
        if fact is not None and fact not in found:
            found.append(fact)
    facet = knowledge.facets[question.facet]
    if not found and facet.default and not facet.strict:
        fact = _chosen(knowledge, question, facet.default)
        found = [fact] if fact else []
    if not found:
        return None
    first = found[0]
    text = verdict(knowledge, first, question) + _worded(first, question)
    text += "".join(f.say for f in found[1:] if len(text) + len(f.say) <= 260)
    return from_fact(first, text, extra=found[1:], subjects=question.subjects)


def _validity(knowledge: Knowledge, question: Question, today: datetime.date) -> Answer | None:
    answer = _from_facts(knowledge, question)
    if answer is None:
        return None
    fact = knowledge.facts[answer.facts[0]]
    lapsed = fact.expires and today > datetime.date.fromisoformat(fact.expires)
    note = (replies.LAPSED if lapsed else replies.CURRENT).format(today=f"{today.year}年{today.month}月{today.day}日")
    return from_fact(fact, fact.say + note, subjects=question.subjects)


def _opinion_counts(knowledge: Knowledge, question: Question) -> Answer:
    fact = knowledge.facts["consultation.counts"]
    text = question.text
    if re.search(r"月|什么时候", text) and "when" in question.forms:
        units = knowledge.facts["consultation.units"]
        return from_fact(units, f"{units.say}{fact.say}", extra=(fact,))
    negative = re.search(r"[没未不]有?(?:被)?[采接同吸]|驳|否|拒|落选", text)
    positive = re.search(r"(?<![没未不])(?<!没被)(?<!未被)(?<!没有)采[纳那]|接受|吸收|听进", text)
    if re.search(r"率|比例|百分|几成|占|过半|一半", text):
        return from_fact(fact, fact.says["rate"])
    if re.search(r"全部?[都]?(?:给)?采|都(?:被|给)?采|一条(?:没|不)|全都|统统|照单全收|全数|全被|悉数", text):
        return from_fact(fact, fact.says["denial"])
    text, count = fact.say, 9
    if negative and not positive:
        text, count = fact.says["rejected"], 4
    elif positive and not negative:
        text, count = fact.says["adopted"], 5
    claimed = [number for number, _ in q.numbers(question.text)]
    lead = "" if not claimed or "yesno" not in question.forms else YES if set(claimed) == {count} else NO
    return from_fact(fact, lead + text)


def _adopted_opinions(knowledge: Knowledge, question: Question) -> Answer:
    if re.search(r"剩|其余|余下|[没未]被?采", question.text):
        return from_fact(knowledge.facts["opinions.rejected"])
    if {"count"} & question.forms and not re.search(r"什么|内容|哪|谁|具体", question.text):
        return _opinion_counts(knowledge, question)
    return _gap(knowledge, question)


def _without_opinion(knowledge: Knowledge, question: Question) -> Answer | None:
    """Correct the belief that a unit without one made an opinion that was rejected."""
    if question.facet == "rejected_opinions" and re.search(r"针对|哪些地方|哪[1一]?页", question.text):
        return _proposal(knowledge, dataclasses.replace(question, facet="proposal_place"))
    units = [s for s in question.subjects if knowledge.subjects[s].type == "unit"]
    if any(knowledge.facts_about(question.facet, s) for s in question.subjects):
        return None
    others = [s for s in units if knowledge.subjects[s].kind or s.startswith(OUTSIDER)]
    if others:
        fact = knowledge.facts["opinions.rejected"]
        names = [knowledge.subjects[s].name for s in others]
        return from_fact(
            fact, f"没有{'、'.join(names)}提的：{fact.say}", echoed=tuple(names), subjects=question.subjects
        )
    return None


def _about_opinions(knowledge: Knowledge, question: Question) -> Answer | None:
    """Answer about rejected opinions: not of other units, and of the detail where one is named."""
    return _without_opinion(knowledge, question) or _proposal(knowledge, question)


def _process_event(knowledge: Knowledge, question: Question) -> Answer | None:
    if not question.subjects:
        if q.dates(question.text):
            date = q.dates(question.text)[0]
            when = "".join((f"{date.year}年" if date.year else "", f"{date.month}月" if date.month else ""))
            return _not_stated(knowledge, f"{when}的情况", (), (), (when,))
        return from_fact(knowledge.facts["process.overview"])
    events = [f for s in question.subjects for f in knowledge.facts_about("process_event", s)]
    if len(events) > 3:
        return from_fact(knowledge.facts["process.overview"], extra=())
    if len(events) < 2:
        return None
    texts, total = [], 0
    for event in events:
        if total + len(event.say) <= 300:
            texts.append(event.say)
            total += len(event.say)
    return from_fact(events[0], "".join(texts), extra=events[1 : len(texts)], subjects=question.subjects)


def _consultation_round(knowledge: Knowledge, question: Question) -> Answer | None:
    rounds = [s for s in question.subjects if s in ("stage.september", "stage.november")]
    if not rounds or len(rounds) > 1 or "compare" in question.forms:
        return from_fact(knowledge.facts["process.rounds"], subjects=tuple(rounds) or ("stage.november",))
    fact = _chosen(knowledge, question, rounds[0])
    if fact is None:
        return None
    claimed = [s for s in question.mentioned if knowledge.subjects[s].type == "unit"]
    if claimed and "yesno" in question.forms and not all(c in fact.names for c in claimed):
        names = "、".join(knowledge.subjects[c].name for c in claimed if c not in fact.names)
        return from_fact(fact, f"没有点名{names}：{fact.say}", echoed=(names,), subjects=tuple(rounds))
    lead = "是的，" if claimed and "yesno" in question.forms else verdict(knowledge, fact, question)
    return from_fact(fact, lead + fact.say, subjects=tuple(rounds))


def _lead_unit(knowledge: Knowledge, question: Question) -> Answer | None:
    if not question.subjects:
        if re.search(r"每|各项|都(?:有|写|明)|谁牵头谁配合", question.text):
            return from_fact(knowledge.facts["leads.in_plan"])
        listed = question.facet == "lead_unit" and question.forms & {"list", "count"}
        return from_fact(knowledge.facts["leads.known"]) if listed else None
    answers = [
        _from_facts(knowledge, Question(question.facet, (s,), question.text, question.forms, 0, question.mentioned))
        for s in question.subjects[:3]
    ]
    known = [a for a in answers if a]
    missing = [s for s, a in zip(question.subjects, answers, strict=False) if not a]
    if known and missing:
        names = "、".join(knowledge.subjects[s].name for s in missing)
        text = "".join(a.text for a in known) + f"{names}的{knowledge.facets[question.facet].title}没有写。"
        return Answer(
            text,
            tuple(f for a in known for f in a.facts),
            tuple(x for a in known for x in a.quotes),
            subjects=question.subjects,
            echoed=(names,),
        )
    if len(known) > 1:
        return Answer(
            "".join(a.text for a in known),
            tuple(f for a in known for f in a.facts),
            tuple(x for a in known for x in a.quotes),
            subjects=question.subjects,
        )
    return None


def _unit_tasks(knowledge: Knowledge, question: Question) -> Answer | None:
    if not question.subjects:
        return from_fact(knowledge.facts["leads.known"])
    return None


def _unit_role(knowledge: Knowledge, question: Question) -> Answer | None:
    if re.search(r"除.{0,8}(?:以外|之外|外|的)(?:的)?(?:部门|单位)", question.text):
        return from_fact(knowledge.facts["unit.other_departments.role"])
    units = tuple(s for s in question.subjects if knowledge.subjects[s].type in ("unit", "unit_kind"))
    if units and units != question.subjects:
        return _from_facts(knowledge, Question(question.facet, units, question.text, question.forms)) or _gap(
            knowledge, Question(question.facet, units, question.text, question.forms)
        )
    return None


def _proposal(knowledge: Knowledge, question: Question) -> Answer | None:
    detailed = [s for s in question.subjects if knowledge.subjects[s].type in ("opinion", "topic")]
    if detailed and tuple(detailed) != question.subjects:
        return _from_facts(knowledge, Question(question.facet, tuple(detailed), question.text, question.forms))
    if question.facet == "proposal_place" and question.subjects == ("doc.plan",):
        return from_fact(knowledge.facts["opinions.places"])
    if not question.subjects:
        plain = knowledge.facts["opinions.rejected"]
        details = [f for f in knowledge.facts.values() if question.facet in f.facets and f.cues]
        return from_fact(selector(knowledge).best(question.text, details, plain) or plain)
    return None


def _adoption_check(knowledge: Knowledge, question: Question) -> Answer | None:
    if not question.subjects:
        name = lists.asked_name(question.text)
        if name and "建议" not in name and "意见" not in name:
            return lists.membership(knowledge, knowledge.facts["plan.tasks"], (), [name], "16项重点任务")
        return _opinion_counts(knowledge, question)
    tasks = [s for s in question.subjects if knowledge.subjects[s].type == "task"]
    if tasks and tasks[0] != "task.community":
        return lists.membership(knowledge, knowledge.facts["plan.tasks"], tasks, (), "16项重点任务")
    return _proposal(knowledge, question)


_MEASURES = re.compile(r"指标|分数线|打分(?:标准|指标|细则|表)|评分|多少分|奖补|奖金|奖励|给不给钱|补助")


def _assessment(knowledge: Knowledge, question: Question) -> Answer | None:
    """Say that measures and rewards of the evaluation are not stated, where they are asked."""
    if _MEASURES.search(question.text):
        return _gap(knowledge, dataclasses.replace(question, facet="unknown_result"))
    return None


def _term(knowledge: Knowledge, question: Question) -> Answer | None:
    """Compare two tasks, or say that the origin of a name is not stated."""
    tasks = [s for s in question.mentioned if knowledge.subjects[s].type == "task"]
    if len(tasks) > 1 and lists.SAME.search(question.text):
        compared = lists.of_list(knowledge, dataclasses.replace(question, facet="tasks"))
        if compared:
            return compared
    return None


_ORIGIN_OF_NAME = re.compile(r"为什么叫|为什么(?:要)?这么[起叫]|怎么叫|由来|来历|起名|名字怎么来|得名|取名")


def _origin(knowledge: Knowledge, question: Question) -> Answer | None:
    """Say that the origin of a name is not stated, where that is asked."""
    tasks = [s for s in question.mentioned if knowledge.subjects[s].type == "task"]
    if not tasks or not _ORIGIN_OF_NAME.search(question.text):
        return None
    name = knowledge.subjects[tasks[0]].name
    return _not_stated(knowledge, f"{name}这个名字的由来", (), tuple(tasks), (name,))


def _contact(knowledge: Knowledge, question: Question) -> Answer | None:
    """Say that office hours are not stated, where they are asked."""
    if re.search(r"周[末六日]|上班|几点|节假日|有人接|24小时|晚上|中午", question.text):
        return _gap(knowledge, dataclasses.replace(question, facet="unknown_address"))
    return None


def _detail(knowledge: Knowledge, question: Question) -> Answer | None:
    """Name the departments that the sources do name, where they are asked."""
    if re.search(r"点名|点到名|写了名字|列了名字|提到名字|写出名字", question.text) and not re.search(
        r"[没未]|其余|其他|剩|另外", question.text
    ):
        return _consultation_round(knowledge, question)
    return None


def _certification(knowledge: Knowledge, question: Question) -> Answer | None:
    if _MEASURES.search(question.text):
        return _gap(knowledge, dataclasses.replace(question, facet="unknown_result"))
    fact = knowledge.facts["evaluation.outcome"]
    if re.search(r"自动|直接|印发了|不用评|就算|就是示范市|现在.*(?:是|算)|板上|肯定能|一定", question.text):
        return from_fact(fact, fact.says["denial"])
    if re.search(r"没通过|不通过|没过|通不过|不合格|失败|落选|没评上|评不上|过不了", question.text):
        return from_fact(fact, fact.says["failure"])
    return _from_facts(knowledge, question)


def _basis(knowledge: Knowledge, question: Question) -> Answer | None:
    """Answer the plan's basis where a document is named that is part of it."""
    fact = knowledge.facts["plan.basis"]
    if set(question.subjects) <= set(fact.items) and re.search(r"方案|制定|份|哪[个几]", question.text):
        return from_fact(fact)
    return None


def _document_order(knowledge: Knowledge, question: Question) -> Answer | None:
    if {"doc.plan", "doc.interpretation"} & set(question.subjects) and not {"doc.guideline", "doc.notice"} & set(
        question.subjects
    ):
        plan, interpretation = knowledge.facts["plan.date"], knowledge.facts["interpretation.date"]
        return from_fact(plan, f"《工作方案》在先：{plan.say}{interpretation.say}", extra=(interpretation,))
    return from_fact(knowledge.facts["documents.order"])


_BOTH = re.compile(r"先|还是|同一天|同时|哪个[先早]|先后|和|跟|与|分别|各")


def _documents(knowledge: Knowledge, question: Question) -> Answer | None:
    """Answer a facet of several documents one by one; the name of a task is asked like that of a document."""
    tasks = [s for s in question.mentioned if knowledge.subjects[s].type == "task"]
    if question.facet == "document_title" and tasks and not question.named:
        return from_fact(
            knowledge.facts["plan.tasks"],
            f"叫{knowledge.subjects[tasks[0]].name}，是16项重点任务之一。",
            subjects=tuple(tasks),
        )
    if (
        question.subjects == ("doc.interpretation",)
        and _BOTH.search(question.text)
        and re.search(r"方案(?!的?政?策?解读)", question.text)
    ):
        return _documents(knowledge, dataclasses.replace(question, subjects=("doc.plan", "doc.interpretation")))
    if len(question.subjects) < 2:
        return None
    answers = [_from_facts(knowledge, Question(question.facet, (s,), question.text)) for s in question.subjects[:3]]
    known = [a for a in answers if a]
    if len(known) < 2:
        return None
    return Answer(
        "".join(a.text for a in known),
        tuple(f for a in known for f in a.facts),
        tuple(dict.fromkeys(x for a in known for x in a.quotes)),
        subjects=question.subjects,
    )


_POST = re.compile(r"职务|职位|级别|领导|年龄|多大|几岁|主任|局长|科长|处长|当官|什么官|头衔|履历")


def _fulltext(knowledge: Knowledge, question: Question) -> Answer | None:
    """Tell where the public information stands, where the website is asked."""
    if re.search(r"网站|栏目|门户|来源|公开信息", question.text):
        source = "interpretation.source" if "来源" in question.text else "public_pages"
        return from_fact(knowledge.facts[source])
    return None


def _other_pilots(knowledge: Knowledge, question: Question) -> Answer | None:
    """Correct the belief that there is one pilot city only."""
    if re.search(r"只有|就(?:只|是)?(?:有)?(?:我们|三门峡)|唯[一1]|独[一1]|光", question.text):
        return from_fact(knowledge.facts["pilot.one_of_many"])
    return None


def _money(knowledge: Knowledge, question: Question) -> Answer | None:
    """Tell which requirement is about money, where that is asked."""
    if re.search(r"要求|哪[1一]?[条个项]", question.text) and "多少" not in question.text:
        return from_fact(knowledge.facts["requirement.3.content"])
    return None


def _official(knowledge: Knowledge, question: Question) -> Answer | None:
    """Tell who the interpreter is, where not his post is asked."""
    if "person.interpreter" in question.mentioned and not _POST.search(question.text):
        return from_fact(knowledge.facts["contact.person"])
    return None


_RULES: dict[str, Callable[[Knowledge, Question], Answer | None]] = {
    "consulted_units": lists.consulted_units,
    "tasks": lists.of_list,
    "systems": lists.of_list,
    "infrastructure_tasks": lists.of_list,
    "aspects": lists.of_list,
    "task_membership": lists.of_list,
    "pilot_tasks": lists.of_list,
    "task_aspect": lists.task_aspect,
    "opinion_counts": _opinion_counts,
    "adopted_opinions": _adopted_opinions,
    "rejected_opinions": _without_opinion,
    "process_event": _process_event,
    "consultation_round": _consultation_round,
    "lead_unit": _lead_unit,
    "supporting_units": _lead_unit,
    "unit_tasks": _unit_tasks,
    "unit_role": _unit_role,
    "proposal": _proposal,
    "adoption_check": _adoption_check,
    "rejection_reason": _about_opinions,
    "proposal_place": _about_opinions,
    "proposal_grounds": _without_opinion,
    "basis": _basis,
    "contact": _contact,
    "assessment": _assessment,
    "term_definition": _term,
    "unknown_detail": _detail,
    "unknown_official": _official,
    "unknown_fulltext": _fulltext,
    "unknown_other_pilots": _other_pilots,
    "unknown_money": _money,
    "certification": _certification,
    "document_order": _document_order,
    "document_date": _documents,
    "document_number": _documents,
    "document_issuer": _documents,
    "document_title": _documents,
    "document_content": _documents,
}


def answer(knowledge: Knowledge, question: Question, today: datetime.date) -> Answer | None:
    """Return the answer to one question; None where it cannot be told what is asked about."""
    facet = knowledge.facets[question.facet]
    if facet.kind == "smalltalk":
        return Answer(_talk(facet.id, question.text, knowledge.contact_phone), (), (), Status.SMALLTALK)
    if facet.kind == "off":
        return Answer(decline(question.text), (), (), Status.OUT_OF_SCOPE)
    origin = _origin(knowledge, question)
    if origin is not None:
        return origin
    if question.pinned:
        return from_fact(knowledge.facts[question.pinned])
    if facet.kind == "unknown":
        rule = _RULES.get(facet.id)
        return (rule(knowledge, question) if rule else None) or _gap(knowledge, question)
    if facet.id == "validity":
        return _validity(knowledge, question, today) or _gap(knowledge, question)
    rule = _RULES.get(facet.id)
    found = rule(knowledge, question) if rule else None
    found = found or _from_facts(knowledge, question)
    if found is None and (question.subjects or knowledge.gap_for(facet.id)):
        if not question.subjects and facet.takes and not facet.default:
            return None
        return _gap(knowledge, question)
    return found


def _talk(facet: str, text: str, phone: str) -> str:
    if facet == "courtesy":
        if re.search(r"谢|辛苦|麻烦你|有劳", text):
            return replies.THANKS
        return (
            replies.ACKNOWLEDGE
            if re.search(r"^(?:好|嗯|行|哦|知道|明白|了解|收到|懂|晓得|中|ok)", text)
            else replies.PRAISE
        )
    return replies.SMALLTALK[facet].format(phone=phone)


_EMERGENCY = re.compile(
    r"着火|起火|火灾了|失火|救命|报警|打人|抢劫|杀|晕倒|昏迷|急救|煤气泄漏|被困|自杀|车祸|溺水|心梗|中毒"
)


def decline(text: str) -> str:
    """Return the words that decline a question about something else; emergencies are sent to their numbers."""
    return replies.OUT_OF_SCOPE_EMERGENCY if _EMERGENCY.search(text) else replies.OUT_OF_SCOPE


def _compose(knowledge: Knowledge, answers: Sequence[Answer], questions: Sequence[Question]) -> Reply:
    kept: list[Answer] = []
    for found in answers:
        if sum(len(k.text) for k in kept) + len(found.text) <= replies.MAX_TEXT and found.text not in [
            k.text for k in kept
        ]:
            kept.append(found)
    statuses = [k.status for k in kept]
    status = Status.ANSWERED if Status.ANSWERED in statuses else statuses[0]
    quotes = list(dict.fromkeys(quote for k in kept for quote in k.quotes))
    facts = tuple(dict.fromkeys(f for k in kept for f in k.facts))
    return Reply(
        status=status,
        text="\n".join(k.text for k in kept),
        facts=facts,
        citations=tuple(knowledge.citation(quote) for quote in quotes[:MAX_CITATIONS]),
        options=next_questions(knowledge, status, facts, questions),
    )


def reply_to(knowledge: Knowledge, reading: Reading, memory: Memory, today: datetime.date) -> tuple[Reply, Memory]:
    """Answer one message and return what the conversation remembers after it."""
    questions = resolve(knowledge, reading, memory)
    answers = [answer(knowledge, question, today) for question in questions]
    known = [a for a in answers if a is not None]
    if not known:
        return ask_back(knowledge, reading, questions), memory
    reply = _compose(knowledge, known, questions)
    last = questions[-1]
    if knowledge.facets[last.facet].kind in ("smalltalk", "off"):
        return reply, memory
    stated = [knowledge.facts[f] for f in reply.facts[:2]]
    opinions = [s for f in stated for s in f.subjects if knowledge.subjects[s].type == "opinion"]
    documents = [s for f in stated for s in f.names if knowledge.subjects[s].type == "document"]
    subjects = tuple(
        dict.fromkeys(
            (*documents, *opinions[:1], *last.subjects, *(s for a in known for s in a.subjects), *memory.subjects)
        )
    )
    return reply, Memory(last.facet, subjects[:MAX_REMEMBERED], reply.facts)
