"""What officials added is answered in every form of question, and nothing is said that it makes false."""

from __future__ import annotations

import dataclasses
import pathlib

import pytest

from tests.every_question import TODAY
from wence import proof
from wence.additions import AddedFact, Additions, StaffAnswer, check, merge, write
from wence.answers import reply_to
from wence.asked import Memory
from wence.knowledge import Knowledge, load
from wence.loaded import Published
from wence.nlu.subject_finder import SubjectFinder
from wence.privacy import Masker
from wence.reading import Part, Reading
from wence.replies import Reply, Status
from wence.text import normalise

LEAD = AddedFact(
    "transport.lead",
    "lead_unit",
    ("task.transport",),
    "智慧交通系统归谁牵头？",
    "智慧交通系统由市交通运输局牵头。",
    (StaffAnswer("张三", "2026-11-25", "智慧交通系统由市交通运输局牵头。"),),
    ("市交通运输局",),
)
MONEY = AddedFact(
    "money.total",
    "unknown_money",
    (),
    "一共安排了多少资金？",
    "一共安排了500万元。",
    (StaffAnswer("张三", "2026-11-25", "一共安排了500万元。"),),
    ("500万元",),
)
GRID_MONEY = AddedFact(
    "money.grid",
    "unknown_money",
    ("task.grid",),
    "全域网格管理系统花多少钱？",
    "全域网格管理系统安排了80万元。",
    (StaffAnswer("李四", "2026-11-24", "全域网格管理系统安排了80万元。"),),
)
PARKING = AddedFact(
    "parking.card",
    "added",
    (),
    "停车卡在哪里办？",
    "停车卡在一楼大厅办。",
    (StaffAnswer("李四", "2026-11-25", "停车卡在一楼大厅办。"),),
)
ADDITIONS = Additions((), (LEAD, MONEY, GRID_MONEY, PARKING))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, knowledge_folder: pathlib.Path) -> pathlib.Path:
    """The knowledge of the project with additions merged over it."""
    merged = tmp_path_factory.mktemp("merged")
    merge(knowledge_folder, ADDITIONS, merged)
    return merged


@pytest.fixture(scope="module")
def merged(folder: pathlib.Path) -> Knowledge:
    """That knowledge, loaded."""
    return load(folder)


def _reply(
    merged: Knowledge,
    text: str,
    facet: str,
    *others: tuple[str, float],
    facts: tuple[tuple[str, float], ...] = (),
    memory: Memory | None = None,
) -> tuple[Reply, Memory]:
    found = tuple(mention.subjects for mention in SubjectFinder(merged).find(text))
    part = Part(normalise(text), ((facet, 0.85), *others), found, facts)
    return reply_to(merged, Reading(merged.digest, (part,)), memory or Memory(), TODAY)


def test_the_merged_knowledge_is_proved(folder: pathlib.Path) -> None:
    assert proof.check(folder) == []


def test_a_question_of_its_own_is_accepted_without_a_subject(knowledge: Knowledge) -> None:
    assert check(Additions((), (PARKING,)), knowledge) == []


@pytest.mark.parametrize(
    ("text", "facet", "said"),
    [
        ("智慧交通谁牵头", "lead_unit", "智慧交通系统由市交通运输局牵头。"),
        ("智慧交通是不是交通局牵头", "lead_unit", "是的，智慧交通系统由市交通运输局牵头。"),
        ("智慧交通是公安局牵头吗", "lead_unit", "不是，智慧交通系统由市交通运输局牵头。"),
        ("智慧交通和智慧应急分别谁牵头", "lead_unit", "智慧交通系统由市交通运输局牵头。智慧应急系统的牵头单位没有写。"),
        ("交通局牵头哪些任务", "unit_tasks", "智慧交通系统由市交通运输局牵头。"),
        ("交通局牵头智慧交通吗", "unit_tasks", "是的，智慧交通系统由市交通运输局牵头。"),
        ("交通局负责什么", "unit_role", "智慧交通系统由市交通运输局牵头。"),
        ("一共安排多少钱", "unknown_money", "一共安排了500万元。"),
        ("网格花多少钱", "unknown_money", "全域网格管理系统安排了80万元。"),
    ],
)
def test_a_filled_gap_is_answered(merged: Knowledge, text: str, facet: str, said: str) -> None:
    reply, _ = _reply(merged, text, facet)

    assert (reply.status, reply.text) == (Status.ANSWERED, said)
    assert any("工作人员答复" in citation["section"] for citation in reply.citations)


def test_a_unit_is_not_said_to_lead_what_nobody_added(merged: Knowledge) -> None:
    reply, _ = _reply(merged, "交通局牵头智慧城管吗", "unit_tasks")

    assert reply.text == "智慧交通系统由市交通运输局牵头。"


def test_what_is_added_in_general_is_not_said_of_one_task(merged: Knowledge) -> None:
    reply, _ = _reply(merged, "智慧交通花多少钱", "unknown_money")

    assert reply.status is Status.NOT_IN_SOURCE
    assert "一共安排了500万元。" in reply.text


def test_a_gap_that_stays_is_still_not_stated(merged: Knowledge) -> None:
    reply, _ = _reply(merged, "智慧应急谁牵头", "lead_unit")

    assert reply.status is Status.NOT_IN_SOURCE


@pytest.mark.parametrize(
    ("text", "facet"),
    [
        ("哪些任务写明了牵头单位", "lead_unit"),
        ("每项任务都明确了牵头单位吗", "lead_unit"),
        ("哪个单位牵头哪些任务", "unit_tasks"),
    ],
)
def test_a_list_of_lead_units_holds_the_added_one(merged: Knowledge, text: str, facet: str) -> None:
    reply, _ = _reply(merged, text, facet)

    assert "3项任务" in reply.text
    assert "智慧交通系统由市交通运输局牵头。" in reply.text
    assert "智慧社区的牵头单位是市民政局。" in reply.text
    assert "只写" not in reply.text


def test_a_follow_up_goes_on_to_what_was_added(merged: Knowledge) -> None:
    _, memory = _reply(merged, "智慧社区谁牵头", "lead_unit")
    reply, _ = _reply(merged, "智慧交通呢", "followup", memory=memory)

    assert reply.text == "智慧交通系统由市交通运输局牵头。"


def test_an_added_question_is_answered_when_its_fact_is_likely(merged: Knowledge) -> None:
    reply, _ = _reply(merged, "停车卡到哪里去办", "added", facts=(("parking.card", 0.8),))

    assert (reply.status, reply.facts) == (Status.ANSWERED, ("parking.card",))


def test_an_added_question_without_a_likely_fact_is_left_to_the_next_facet(merged: Knowledge) -> None:
    reply, _ = _reply(merged, "智慧社区是哪个单位牵头", "added", ("lead_unit", 0.1), facts=(("parking.card", 0.2),))

    assert reply.facts == ("task.community.lead",)


def test_an_added_question_without_a_likely_fact_and_another_facet_is_asked_back(merged: Knowledge) -> None:
    reply, _ = _reply(merged, "月票怎么退", "added", facts=(("parking.card", 0.2),))

    assert reply.status is Status.CLARIFY


def test_a_follow_up_of_an_added_question_is_never_guessed(merged: Knowledge) -> None:
    _, memory = _reply(merged, "停车卡到哪里去办", "added", facts=(("parking.card", 0.8),))
    reply, _ = _reply(merged, "什么时候呢", "followup", memory=memory)

    assert "parking.card" not in reply.facts


def test_without_additions_nobody_is_answered_with_the_facet_of_additions(knowledge: Knowledge) -> None:
    reply, _ = _reply(knowledge, "智慧社区是哪个单位牵头", "added", ("lead_unit", 0.1))

    assert reply.facts == ("task.community.lead",)


def test_the_telephone_of_an_added_fact_is_public_as_soon_as_it_is_published(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "published.yml"
    mask = Masker(Published(frozenset(), file))
    asked = "0398-2345678是谁的电话"
    assert mask(asked) != asked

    said = "停车卡的电话是0398-2345678。"
    fact = dataclasses.replace(PARKING, say=said, proof=(StaffAnswer("李四", "2026-11-25", said),))
    write(Additions((), (fact,)), file)
    assert mask(asked) == asked

    write(Additions.empty(), file)
    assert mask(asked) != asked


def test_a_published_file_that_cannot_be_read_makes_nothing_public(tmp_path: pathlib.Path) -> None:
    (tmp_path / "published.yml").write_text("[0398-2345678", "utf-8")

    assert "0398-2345678" not in Masker(Published(frozenset(), tmp_path / "published.yml"))("0398-2345678")
