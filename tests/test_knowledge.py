from __future__ import annotations

import pathlib

import pytest

from tests.small_knowledge import SmallKnowledge
from wence.knowledge import (
    Knowledge,
    KnowledgeFileError,
    KnowledgeSchemaError,
    lines,
    load,
)


def _defect(folder: pathlib.Path) -> str:
    with pytest.raises(KnowledgeSchemaError) as caught:
        load(folder)
    return str(caught.value)


def test_a_whole_knowledge_is_read(small: SmallKnowledge) -> None:
    knowledge = load(small.folder)
    assert list(knowledge.facts) == ["plan.title", "rounds", "counts", "tasks", "lead", "contact.phone"]
    assert knowledge.contact_phone == "0398-1234567"


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("    say: 电话是0398-1234567。\n", "", "facts[5]", "缺少字段「say」"),
        ("place: 甲市\n", "", "文件", "缺少字段「place」"),
        ("    say: 电话是0398-1234567。", "    say: 电话\n    sya: 电话", "facts[5].sya", "不认识的字段"),
        ("value: [0398-1234567]", "value: 0398-1234567", "facts[5].value", "应当是列表"),
        ("say: 电话是0398-1234567。", "say: [电话]", "facts[5].say", "应当是一段文字"),
        ("say: 电话是0398-1234567。", 'say: " "', "facts[5].say", "应当是一段文字"),
        ("  tasks: {source:", "  - {source:", "文件", "不是合法的 YAML"),
        ("complete: true", "complete: 是", "facts[3].complete", "应当是 true 或 false"),
        ("  - id: contact.phone", "  - id: counts", "facts[5].id", "事实「counts」出现了两次"),
        ("{id: unit.b, type", "{id: unit.a, type", "subjects[2]", "主题「unit.a」出现了两次"),
        (
            "    subjects: [task.water]",
            "    subjects: [task.steam]",
            "facts[4].subjects[0]",
            "没有这个主题:「task.steam」",
        ),
        ("names: [unit.b, unit.c]", "names: [unit.z]", "facts[1].names[0]", "没有这个主题:「unit.z」"),
        ("facets: [contact]", "facets: [fax]", "facts[5].facets[0]", "没有这个方面:「fax」"),
        ("    proof: [contact]", "    proof: [phone]", "facts[5].proof[0]", "没有这个引句:「phone」"),
        ("near: [tasks]", "near: [money]", "not_stated[1].near[0]", "没有这个事实:「money」"),
        ("contact: contact.phone", "contact: phone", "contact", "没有这个事实:「phone」"),
        ("type: task, name: 智慧供热", "type: job, name: 智慧供热", "subjects[5].type", "没有这个主题类别:「job」"),
        ('text: "电话:0398-1234567。"', 'text: "电话:0398-7654321。"', "quotes.contact.text", "引句不在来源「解读」里"),
        ("      rate: 采纳率", "      ratio: 采纳率", "facts[2].says.ratio", "不认识的问法"),
        ("percent: [5, 9]", "share: [5, 9]", "facts[2].derived[0].share", "不认识的字段"),
        ("{text: 约56%, percent: [5, 9]}", "{text: 约56%}", "facts[2].derived[0]", "须有 difference"),
        ("    complete: true", "    expires: 明年", "facts[3].expires", "应当是 年-月-日"),
        ("name: 智慧停车", "name: 智慧停车, ordinal: --3", "subjects[6].ordinal", "应当是整数"),
        ("from: 2021-09", "from: 九月", "subjects[7].from", "应当是 年-月"),
    ],
)
def test_a_defect_of_structure_is_told_with_file_line_and_field(
    small: SmallKnowledge, old: str, new: str, field: str, words: str
) -> None:
    told = _defect(small.broken(old, new))
    assert words in told
    assert told.startswith("policy.yml 第")
    if "YAML" not in words:
        assert f"行 {field}:" in told


def test_the_line_of_a_defect_is_the_line_in_the_file(small: SmallKnowledge) -> None:
    told = _defect(small.broken("value: [0398-1234567]", "value: 0398-1234567"))
    assert f"第{small.line('value: 0398-1234567')}行" in told


def test_a_field_written_twice_is_told(small: SmallKnowledge) -> None:
    told = _defect(small.broken("place: 甲市", "place: 甲市\nplace: 乙市"))
    assert f"第{small.line('place: 乙市')}行" in told
    assert "「place」出现了两次" in told


def test_a_defect_of_the_facets_names_their_file(small: SmallKnowledge) -> None:
    told = _defect(small.broken("kind: unknown", "kind: secret", "facets.yml"))
    assert (
        told == f"facets.yml 第{small.line('secret', 'facets.yml')}行 facets.unknown_money.kind:没有这个种类:「secret」"
    )


def test_broken_yaml_is_told_with_its_line(small: SmallKnowledge) -> None:
    told = _defect(small.broken("schema: 1\nversion", "schema: [1\nversion"))
    assert told.startswith("policy.yml 第")
    assert "不是合法的 YAML" in told


def test_a_list_as_a_key_is_told(small: SmallKnowledge) -> None:
    assert "policy.yml 第" in _defect(small.broken("place: 甲市", "? [a, b]\n: 甲市"))


@pytest.mark.parametrize("content", ["", "# 只有注释\n"])
def test_an_empty_file_is_told(small: SmallKnowledge, content: str) -> None:
    small.policy.write_text(content, "utf-8")
    assert _defect(small.folder) == "policy.yml:文件是空的"


@pytest.mark.parametrize("content", ["- 一\n- 二\n", "一句话\n"])
def test_a_file_of_another_shape_is_told(small: SmallKnowledge, content: str) -> None:
    small.policy.write_text(content, "utf-8")
    assert "policy.yml 第1行 文件:应当是「名称: 值」的对照表" in _defect(small.folder)


@pytest.mark.parametrize("name", ["policy", "facets", "source"])
def test_a_missing_file_is_told_by_name(small: SmallKnowledge, name: str) -> None:
    path: pathlib.Path = getattr(small, name)
    path.unlink()
    with pytest.raises(KnowledgeFileError, match=path.name):
        load(small.folder)


@pytest.mark.parametrize("name", ["policy", "facets", "source"])
def test_a_file_that_is_not_utf_8_is_told_by_name(small: SmallKnowledge, name: str) -> None:
    path: pathlib.Path = getattr(small, name)
    path.write_bytes(path.read_text("utf-8").encode("gb18030"))
    with pytest.raises(KnowledgeFileError, match=f"{path.name} 不是 UTF-8"):
        load(small.folder)


def test_a_quote_is_found_whatever_its_white_space(small: SmallKnowledge) -> None:
    knowledge = load(small.broken('text: "电话:0398-1234567。"', 'text: "电话: 0398 -1234567。"'))
    assert knowledge.quotes["contact"].section == "三、联系"


def test_a_quote_is_cited_with_source_and_section(small: SmallKnowledge) -> None:
    assert load(small.folder).citation("tasks") == {
        "source": "paper",
        "section": "二、任务",
        "quote": "方案(甲政〔2021〕3号)有智慧水务、智慧供热、智慧停车三项任务,智慧水务由市甲局牵头。",
    }


def test_the_digest_changes_with_every_file(small: SmallKnowledge) -> None:
    digests = {load(small.folder).digest}
    for path in (small.policy, small.facets, small.source):
        path.write_text(path.read_text("utf-8") + "\n", "utf-8")
        digests.add(load(small.folder).digest)
    assert len(digests) == 4


def test_facts_are_found_by_facet_and_subject(small: SmallKnowledge) -> None:
    knowledge = load(small.folder)
    assert [fact.id for fact in knowledge.facts_about("lead_unit", "task.water")] == ["lead"]
    assert knowledge.facts_about("lead_unit", "task.heating") == ()


def test_a_gap_is_found_by_its_subject_before_the_general_one(small: SmallKnowledge) -> None:
    general = "not_stated:\n  - {id: other, facet: lead_unit, what: 其他的牵头单位}"
    knowledge = load(small.broken("not_stated:", general))
    found = [knowledge.gap_for("lead_unit", subject) for subject in ("task.heating", "doc.plan")]
    assert [gap.id for gap in found if gap] == ["leads", "other"]


def test_units_on_no_list_are_subjects_without_facts(small: SmallKnowledge) -> None:
    knowledge = load(small.folder)
    assert knowledge.absent_units == ("市戊局",)
    assert knowledge.names["戊局"] == ("outsider.0",)


def test_every_place_of_the_files_has_its_line(small: SmallKnowledge) -> None:
    found = lines(small.folder)
    assert found["facts", "plan.title", "say"] == ("policy.yml", small.line("say: 叫《"))
    assert found["subjects", "task.heating"] == ("policy.yml", small.line("{id: task.heating"))
    assert found["facets", "lead_unit", "takes", "0"] == ("facets.yml", small.line("lead_unit: {title", "facets.yml"))


def test_the_real_knowledge_names_its_contact(knowledge: Knowledge) -> None:
    assert knowledge.contact_phone == "0398-2260117"
    assert len(knowledge.facts["consultation.units"].items) == 29
    assert len(knowledge.facts["plan.tasks"].items) == 16
