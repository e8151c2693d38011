"""The knowledge with additions merged over it: whole, proved, and without the gaps that they fill."""

from __future__ import annotations

import dataclasses
import pathlib

import pytest

from tests.small_knowledge import SmallKnowledge
from wence import proof
from wence.additions import AddedFact, Additions, AdditionsDefectError, Quoted, StaffAnswer, merge
from wence.evaluation.questions import Conversation
from wence.knowledge import load
from wence.publish.evaluating import fills_gap
from wence.replies import Reply, Status

ANSWER = StaffAnswer("张三", "2026-11-25", "智慧供热由市乙局牵头,2026年3月\n开工。")
HEATING = AddedFact(
    "heating.lead",
    "lead_unit",
    ("task.heating",),
    "智慧供热谁牵头？",
    "智慧供热由市乙局牵头。",
    (ANSWER,),
    ("市乙局",),
)
MONEY = AddedFact(
    "money.total",
    "unknown_money",
    (),
    "一共投多少钱？",
    "一共投500万元。",
    (StaffAnswer("李四", "2026-11-25", "一共投500万元。"),),
)


def _merged(small: SmallKnowledge, *facts: AddedFact) -> pathlib.Path:
    target = small.folder.parent / "merged"
    merge(small.folder, Additions((), facts), target)
    return target


def test_a_merged_knowledge_is_proved_like_any_other(small: SmallKnowledge) -> None:
    assert proof.check(_merged(small, HEATING, MONEY)) == []


def test_the_answer_of_an_official_is_cited_verbatim_with_name_and_date(small: SmallKnowledge) -> None:
    merged = load(_merged(small, HEATING, MONEY))
    citation = merged.citation(merged.facts["heating.lead"].proof[0])

    assert citation["section"] == "工作人员答复（张三，2026年11月25日）"
    assert citation["quote"] == ANSWER.text
    assert ANSWER.text in merged.sources[citation["source"]].text
    assert merged.sources[citation["source"]].staff
    assert "李四" in merged.citation(merged.facts["money.total"].proof[0])["section"]


def test_a_fact_that_a_source_proves_adds_no_source(small: SmallKnowledge) -> None:
    quoted = Quoted("paper", "2021年9月,向10个部门征求意见。")
    fact = dataclasses.replace(MONEY, say="向10个部门征求意见。", proof=(quoted,))
    merged = load(_merged(small, fact))

    assert set(merged.sources) == {"paper"}
    assert merged.facts[MONEY.id].proof == ("september",)


def test_what_is_filled_is_no_longer_among_what_is_not_stated(small: SmallKnowledge) -> None:
    merged = load(_merged(small, HEATING, MONEY))

    assert [(gap.facet, gap.subjects) for gap in merged.gaps] == [("lead_unit", ("task.parking",))]


def test_the_names_of_an_added_fact_follow_from_its_value(small: SmallKnowledge) -> None:
    assert load(_merged(small, HEATING)).facts["heating.lead"].names == ("unit.b",)


def test_everything_else_stays_what_it_was(small: SmallKnowledge) -> None:
    base, merged = load(small.folder), load(_merged(small, HEATING))

    assert [dataclasses.asdict(merged.facts[name]) for name in base.facts] == [
        dataclasses.asdict(fact) for fact in base.facts.values()
    ]
    assert {name: dataclasses.asdict(s) for name, s in merged.subjects.items()} == {
        name: dataclasses.asdict(s) for name, s in base.subjects.items()
    }


def test_without_facts_the_knowledge_keeps_its_digest(small: SmallKnowledge) -> None:
    assert load(_merged(small)).digest == load(small.folder).digest


def test_additions_with_a_defect_are_not_merged(small: SmallKnowledge) -> None:
    with pytest.raises(AdditionsDefectError, match="要一字不差"):
        _merged(small, dataclasses.replace(HEATING, value=("市丙局",)))

    assert not (small.folder.parent / "merged").exists()


def test_every_official_and_day_has_a_source_of_their_own_with_an_id_for_people(small: SmallKnowledge) -> None:
    sources = load(_merged(small, HEATING, MONEY)).sources

    assert list(sources) == ["paper", "工作人员答复2026-11-25", "工作人员答复2026-11-25-2"]


def test_the_gate_takes_a_question_whose_gap_was_filled_for_right_but_no_other(small: SmallKnowledge) -> None:
    own = load(_merged(small, HEATING))
    gap, stated = (
        Conversation(str(number), ("智慧供热谁牵头",), "unknown", "", statuses=frozenset([status]))
        for number, status in enumerate((Status.NOT_IN_SOURCE, Status.OUT_OF_SCOPE))
    )
    added = Reply(Status.ANSWERED, HEATING.say, (HEATING.id,))
    other = Reply(Status.ANSWERED, "…", (next(iter(own.facts)),))
    assert fills_gap(gap, added, own)
    assert not fills_gap(stated, added, own)
    assert not fills_gap(gap, other, own)
    assert not fills_gap(gap, Reply(Status.OUT_OF_SCOPE, "…"), own)
