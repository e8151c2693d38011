from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable

import pytest

from tests.every_question import RELATED, TODAY, Case, asked, cases, miscounted, misfits, unproved, unsaid_echoes
from wence import replies
from wence.answers import answer
from wence.asked import Question
from wence.claims import Claims
from wence.knowledge import OUTSIDER, load
from wence.nlu.subject_finder import SubjectFinder
from wence.replies import Status
from wence.settings import PROJECT
from wence.text import normalise

KNOWLEDGE = load(PROJECT / "knowledge")
CLAIMS = Claims(KNOWLEDGE)
FINDER = SubjectFinder(KNOWLEDGE)
FACETS = sorted(KNOWLEDGE.facets)
#: As many failing questions are shown as can be read.
SHOWN = 12


@pytest.fixture(scope="module", params=FACETS)
def asked_all(request: pytest.FixtureRequest) -> tuple[Case, ...]:
    """Every question of one facet; pytest runs all tests of a facet before the next."""
    return cases(KNOWLEDGE, request.param)


def _none(asked_all: tuple[Case, ...], problem: Callable[[Case], object]) -> None:
    found = [case.told(wrong) for case in asked_all if (wrong := problem(case))]
    assert not found, f"{len(found)} of {len(asked_all)}\n" + "\n".join(found[:SHOWN])


def test_every_fact_has_the_facet_and_subject_asked(asked_all: tuple[Case, ...]) -> None:
    _none(asked_all, lambda case: misfits(KNOWLEDGE, case))


def test_every_number_date_and_unit_stands_in_a_cited_quote(asked_all: tuple[Case, ...]) -> None:
    _none(asked_all, lambda case: [claim.text for claim in unproved(KNOWLEDGE, CLAIMS, case)])


def test_every_echoed_word_was_said(asked_all: tuple[Case, ...]) -> None:
    _none(asked_all, lambda case: unsaid_echoes(KNOWLEDGE, case))


def test_every_count_and_place_is_that_of_its_list(asked_all: tuple[Case, ...]) -> None:
    _none(asked_all, lambda case: miscounted(KNOWLEDGE, CLAIMS, case))


def test_no_false_premise_is_affirmed(asked_all: tuple[Case, ...]) -> None:
    def affirmed(case: Case) -> str:
        # What is affirmed may be that the subject named is on a list.
        listed = re.match(r"是的，[^。]*(?:都?在[^。]*里|写到了)", case.reply.text)
        return "affirmed" if case.reply.text.startswith("是的") and case.false and not listed else ""

    _none(asked_all, affirmed)


def test_every_reply_keeps_the_contract(asked_all: tuple[Case, ...]) -> None:
    _none(asked_all, _breach)


def _breach(case: Case) -> str:
    reply = case.reply
    if not reply.text or len(reply.text) > replies.MAX_TEXT:
        return f"{len(reply.text)} characters"
    if "{" in reply.text or "\n\n" in reply.text:
        return "a placeholder or a blank line"
    if reply.status is Status.ANSWERED and not (reply.facts and reply.citations):
        return "answered without fact or citation"
    if reply.status is Status.NOT_IN_SOURCE and KNOWLEDGE.contact_phone not in reply.text:
        return "not in source without telephone"
    if reply.status is Status.CLARIFY and len(reply.options) < 2:
        return "nothing to choose from"
    return ""


def test_every_option_is_a_plain_question_of_a_fact(asked_all: tuple[Case, ...]) -> None:
    questions = {fact.question for fact in KNOWLEDGE.facts.values()}

    def strange(case: Case) -> list[str]:
        payloads = [option.payload for option in case.reply.options]
        return [p for p in payloads if p not in questions or p.startswith(("/", "@")) or payloads.count(p) > 1]

    _none(asked_all, strange)


@pytest.mark.parametrize("fact", sorted(KNOWLEDGE.facts))
def test_every_question_of_a_fact_is_answered_by_it(fact: str) -> None:
    found = KNOWLEDGE.facts[fact]
    lost = []
    for facet in found.facets:
        takes = KNOWLEDGE.facets[facet].takes
        for subject in found.subjects:
            if KNOWLEDGE.subjects[subject].type in takes or KNOWLEDGE.facets[facet].default == subject:
                case = asked(KNOWLEDGE, facet, (subject,), found.question)
                if fact not in case.reply.facts:
                    lost.append(case.told(facet))
    assert not lost, "\n".join(lost)


@pytest.mark.parametrize("fact", sorted(KNOWLEDGE.facts))
def test_every_button_is_answered_by_its_fact_once_its_facet_is_heard(fact: str) -> None:
    found = KNOWLEDGE.facts[fact]
    subjects = tuple(mention.subjects for mention in FINDER.find(normalise(found.question)))
    case = asked(KNOWLEDGE, found.facets[0], subjects, found.question)
    assert fact in case.reply.facts, case.told(found.facets[0])


@pytest.mark.parametrize("fact", sorted(KNOWLEDGE.facts))
def test_every_fact_can_be_asked_for(fact: str) -> None:
    found = KNOWLEDGE.facts[fact]
    ways = [
        (facet, subject)
        for facet in found.facets
        for subject in found.subjects
        if KNOWLEDGE.subjects[subject].type in KNOWLEDGE.facets[facet].takes
        or KNOWLEDGE.facets[facet].default == subject
    ]
    by_rule = {other for facts in RELATED.values() for other in facts}
    by_rule |= {near for gap in KNOWLEDGE.gaps for near in gap.near}
    assert ways or fact in by_rule


def _says(facet: str, subjects: Iterable[str], text: str) -> str:
    return asked(KNOWLEDGE, facet, tuple(subjects), text).reply.text


@pytest.mark.parametrize("unit", KNOWLEDGE.facts["consultation.units"].items)
def test_each_unit_that_was_asked_is_on_the_list(unit: str) -> None:
    name = KNOWLEDGE.subjects[unit].name
    assert _says("consulted_units", [unit], f"征求过{name}的意见吗").startswith("是的，")


@pytest.mark.parametrize("unit", [s.id for s in KNOWLEDGE.subjects.values() if s.id.startswith(OUTSIDER)])
def test_each_other_unit_is_not_on_the_list(unit: str) -> None:
    name = KNOWLEDGE.subjects[unit].name
    told = _says("consulted_units", [unit], f"征求过{name}的意见吗")
    assert told.startswith("不在，")
    assert name in told


@pytest.mark.parametrize("task", KNOWLEDGE.facts["plan.tasks"].items)
def test_each_task_is_on_the_list(task: str) -> None:
    name = KNOWLEDGE.subjects[task].name
    for facet in ("task_membership", "tasks"):
        assert _says(facet, [task], f"{name}在不在重点任务里").startswith("是的，")


@pytest.mark.parametrize("name", ["区块链平台", "智慧水务", "智慧旅游", "数字乡村"])
def test_another_task_is_not_on_the_list(name: str) -> None:
    told = _says("task_membership", [], f"{name}在不在重点任务里")
    assert told.startswith("不在，")
    assert name in told


@pytest.mark.parametrize(
    "task", [t for t in KNOWLEDGE.facts["plan.tasks"].items if t not in KNOWLEDGE.facts["leads.known"].items]
)
@pytest.mark.parametrize("text", ["{}的牵头单位是谁", "{}是市财政局牵头吗", "谁牵头{}，哪些单位配合"])
def test_a_lead_unit_that_is_not_stated_is_not_answered(task: str, text: str) -> None:
    case = asked(KNOWLEDGE, "lead_unit", (task,), text.format(KNOWLEDGE.subjects[task].name))
    assert case.reply.status is Status.NOT_IN_SOURCE
    assert KNOWLEDGE.subjects[task].name in case.reply.text
    assert case.reply.facts == ()


@pytest.mark.parametrize("place", range(1, 17))
def test_each_task_is_told_by_its_place(place: int) -> None:
    item = KNOWLEDGE.subjects[KNOWLEDGE.facts["plan.tasks"].items[place - 1]]
    assert f"第{place}个是{item.short}" in _says("tasks", [], f"第{place}个任务是什么")


def test_a_place_after_the_last_names_no_item() -> None:
    assert "第17个是" not in _says("tasks", [], "第17个任务是什么")


@pytest.mark.parametrize(
    ("facet", "subjects", "text", "lead"),
    [
        ("lead_unit", ["task.community", "unit.civil_affairs"], "智慧社区是市民政局牵头吗", "是的，"),
        ("lead_unit", ["task.community", "unit.big_data"], "智慧社区是市大数据局牵头吗", "不是，"),
        ("lead_unit", ["task.community", f"{OUTSIDER}0"], "智慧社区是市教育局牵头吗", "不是，"),
        ("tasks", [], "重点任务是16项吗", "是的，"),
        ("tasks", [], "重点任务是15项吗", "不是，"),
        ("document_date", ["doc.plan"], "工作方案是2021年12月印发的吗", "是的，"),
        ("document_date", ["doc.plan"], "工作方案是2021年11月印发的吗", "不是，"),
        ("document_date", ["doc.plan"], "工作方案是2021年12月9日印发的吗", "不是，"),
        ("document_issuer", ["doc.plan", "unit.finance"], "方案是市财政局印发的吗", "不是，"),
        ("opinion_counts", [], "是不是采纳了5条", "是的，"),
        ("opinion_counts", [], "采纳了6条对吗", "不是，"),
        ("opinion_counts", [], "意见是不是都采纳了", "不是全部采纳"),
        ("finalisation", [], "是2021年11月定稿的吗", "是的，"),
        ("finalisation", [], "是2021年10月定稿的吗", "不是，"),
        ("consultation_round", ["stage.september", "unit.police"], "9月征求过市公安局的意见吗", "是的，"),
        (
            "consultation_round",
            ["stage.september", "unit.finance"],
            "9月征求过市财政局的意见吗",
            "那一轮没有点名市财政局",
        ),
        ("adoption_check", ["topic.smart_fire"], "智慧消防写进方案了吗", "没有写进方案"),
        ("certification", [], "现在就是示范市了吧", "不是自动的"),
        ("aspects", [], "是8个方面吗", "不是，"),
        ("aspects", [], "是七个方面吗", "是的，"),
        ("requirements", [], "是不是四个要求", "不是，"),
        ("plan_structure", [], "方案分四个部分吗", "不是，"),
        ("systems", [], "是五大系统吗", "不是，"),
        ("demo_field", ["task.city_management"], "示范领域是智慧城管吗", "是的，"),
        ("demo_field", ["task.transport"], "示范领域是智慧交通吗", "不是，"),
        ("rejected_opinions", ["unit.finance"], "市财政局的意见是不是没采纳", "没有市财政局提的"),
        ("rejection_reason", ["unit.finance"], "市财政局的意见为什么没采纳", "没有市财政局提的"),
        ("proposal_place", ["unit.finance"], "市财政局的意见针对第几页", "没有市财政局提的"),
        ("proposal_grounds", ["unit.finance"], "市财政局提意见的理由是什么", "没有市财政局提的"),
    ],
)
def test_yes_or_no_comes_first_and_is_right(facet: str, subjects: list[str], text: str, lead: str) -> None:
    assert _says(facet, subjects, text).startswith(lead)


@pytest.mark.parametrize(
    ("facet", "subjects", "text"),
    [
        ("document_number", ["doc.plan"], "文号是三政办〔2021〕26号吗"),
        ("document_number", ["doc.guideline"], "是豫政办〔2020〕28号吗"),
        ("document_title", ["doc.community_opinion"], "三发〔2020〕3号文件是不是叫示范市工作方案"),
        ("basis", ["doc.plan"], "制定依据是9月的文件吗"),
        ("process", [], "制定用了10个月吗"),
        ("aspects", [], "七个方面有12项任务对吗"),
        ("consulted_units", ["kind.county"], "征求了5个县市区政府对吗"),
        ("consulted_units", ["kind.telecom"], "运营商是不是只有2家"),
        ("consulted_units", [], "征求了30个单位的意见对吗"),
        ("proposal_place", ["opinion.1"], "是针对第6页吗"),
        ("interpreter", ["person.interpreter"], "解读人的电话是0398-2260118吗"),
    ],
)
def test_a_wrong_number_or_date_is_never_affirmed(facet: str, subjects: list[str], text: str) -> None:
    assert not _says(facet, subjects, text).startswith("是的")


def test_a_right_count_of_units_is_not_denied() -> None:
    told = _says("consulted_units", [], "征求了29个单位的意见对吗")
    assert not told.startswith("不")
    assert "29个单位" in told


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (datetime.date(2023, 12, 30), "还在这个时间之内"),
        (datetime.date(2023, 12, 31), "还在这个时间之内"),
        (datetime.date(2024, 1, 1), "这个时间已经过了"),
        (TODAY, "按今天（2024年5月6日）看"),
    ],
)
def test_validity_is_told_in_relation_to_today(today: datetime.date, words: str) -> None:
    found = answer(KNOWLEDGE, Question("validity", ("doc.plan",), "有效期到什么时候"), today)
    assert found is not None
    assert found.text.startswith("《工作方案》的时效是2023年底前。")
    assert words in found.text


@pytest.mark.parametrize(
    ("subject", "words"),
    [("doc.guideline", "27号"), ("doc.notice", "870号"), ("doc.community_opinion", "3号"), ("doc.plan", "25号")],
)
def test_each_document_has_its_own_number(subject: str, words: str) -> None:
    assert words in _says("document_number", [subject], f"{KNOWLEDGE.subjects[subject].name}的文号")


def test_several_lead_units_are_all_told() -> None:
    told = _says("lead_unit", ["task.community", "task.gantang"], "智慧社区和甘棠政务分别谁牵头")
    assert "市民政局" in told
    assert "市政务服务和大数据管理局" in told


def test_a_known_and_an_unknown_lead_unit_are_both_told() -> None:
    told = _says("lead_unit", ["task.community", "task.transport"], "智慧社区和智慧交通分别谁牵头")
    assert "市民政局" in told
    assert "智慧交通系统的牵头单位没有写" in told


@pytest.mark.parametrize("text", ["着火了", "有人晕倒怎么办", "家里煤气泄漏"])
def test_an_emergency_is_sent_to_its_number(text: str) -> None:
    told = _says("out_of_scope", [], text)
    assert all(number in told for number in ("110", "119", "120"))


def test_what_is_out_of_scope_is_declined_with_the_city_line() -> None:
    case = asked(KNOWLEDGE, "out_of_scope", (), "社保卡怎么补办")
    assert case.reply.status is Status.OUT_OF_SCOPE
    assert "12345" in case.reply.text
    assert len(case.reply.options) >= 2


def test_who_asks_about_another_place_is_sent_to_its_own_line() -> None:
    assert "当地12345" in _says("out_of_scope", [], "洛阳的智慧交通是哪个局牵头的")


@pytest.mark.parametrize("facet", [f.id for f in KNOWLEDGE.facets.values() if f.kind == "smalltalk"])
def test_talk_is_answered_by_a_fixed_sentence(facet: str) -> None:
    reply = asked(KNOWLEDGE, facet, (), "你好").reply
    assert reply.status is Status.SMALLTALK
    fixed = [value for name, value in vars(replies).items() if name.isupper() and isinstance(value, str)]
    assert reply.text in [sentence.replace("{phone}", KNOWLEDGE.contact_phone) for sentence in fixed]


@pytest.mark.parametrize("text", ["什么时候", "谁", "为什么", "牵头单位"])
def test_a_bare_question_word_is_asked_back_with_options(text: str) -> None:
    facet = "lead_unit" if text == "牵头单位" else "followup"
    case = asked(KNOWLEDGE, facet, (), normalise(text))
    assert case.reply.status is Status.CLARIFY
    assert 2 <= len(case.reply.options) <= 4
