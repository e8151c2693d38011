"""The file of additions and their check: whatever a person typed comes back as data, and every defect is told."""

from __future__ import annotations

import dataclasses
import pathlib
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wence.additions import AddedFact, Additions, AdditionsError, Example, Quoted, StaffAnswer, check, read, write
from wence.knowledge import Knowledge

ANSWER = StaffAnswer("张三", "2026-11-25", "智慧交通系统由市交通运输局牵头。")
LEAD = AddedFact(
    "transport.lead",
    "lead_unit",
    ("task.transport",),
    "智慧交通系统归谁牵头？",
    "智慧交通系统由市交通运输局牵头。",
    (ANSWER,),
    ("市交通运输局",),
)
ASKED = Example("交通这块归谁管", "lead_unit", "transport.lead")
TEXTS = st.text(st.characters(blacklist_categories=("Cs",))) | st.sampled_from(
    [
        "- intent: x",
        "a\n- b",
        "{}",
        "!!python/object:os.system",
        "\u2028- intent: y",
        "\x85",
        "${HOME}",
        "[x](y)",
        "null",
    ]
)


@given(text=TEXTS)
def test_any_text_comes_back_as_it_was_typed(text: str) -> None:
    fact = dataclasses.replace(LEAD, question=text, say=text, proof=(Quoted("s", text), ANSWER), value=(text,))
    additions = Additions((Example(text, text, text),), (fact,))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "additions.yml"
        write(additions, path)
        assert read(path) == additions


def test_additions_without_a_defect_have_none(knowledge: Knowledge) -> None:
    assert check(Additions((ASKED,), (LEAD,)), knowledge) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"facet": "no_such"}, "没有「no_such」这个方面"),
        ({"subjects": ("task.none",)}, "没有「task.none」这个主题"),
        ({"subjects": ("task.community",)}, "文件里已经写了"),
        ({"value": ("市公安局",)}, "「市公安局」不在所附的原句或答复里"),
        ({"say": "智慧交通系统由市公安局牵头。"}, "答句里的单位「市公安局」"),
        ({"say": "长" * 501}, "答句有501字"),
        ({"proof": ()}, "没有出处"),
        ({"proof": (Quoted("interpretation", "原文里没有的话"),)}, "要一字不差地复制"),
        ({"id": "plan.title"}, "已经有了"),
    ],
)
def test_a_defect_of_a_fact_is_told(knowledge: Knowledge, changed: dict[str, object], told: str) -> None:
    fact = dataclasses.replace(LEAD, **changed)

    assert any(told in message for message in check(Additions((), (fact,)), knowledge))


@pytest.mark.parametrize(
    ("example", "told"),
    [
        (Example(" ", "out_of_scope"), "是空的"),
        (Example("长" * 301, "out_of_scope"), "有301字"),
        (Example("我的手机13812345678谁能接", "out_of_scope"), "个人号码"),
        (Example("交通归哪个局", "lead_unit", "gone"), "没有「gone」这个事实"),
        (Example("请问交通这块归谁管呢？", "out_of_scope"), "同样的问法已经归到"),
    ],
)
def test_a_defect_of_an_example_is_told(knowledge: Knowledge, example: Example, told: str) -> None:
    assert any(told in message for message in check(Additions((ASKED, example), (LEAD,)), knowledge))


@pytest.mark.parametrize(
    "text", ["", "[]", "schema: 1", "schema: 2\nexamples: []\nfacts: []", "a: [", "!!python/name:os.system"]
)
def test_a_file_that_is_laid_out_otherwise_is_refused(tmp_path: pathlib.Path, text: str) -> None:
    path = tmp_path / "additions.yml"
    path.write_text(text, "utf-8")

    with pytest.raises(AdditionsError, match=r"additions\.yml"):
        read(path)
