from __future__ import annotations

import pathlib

import pytest

from tests.small_knowledge import SmallKnowledge
from wence import knowledge_commands
from wence.cli import main
from wence.knowledge import Knowledge
from wence.proof import MAX_QUOTE, check


def _only(folder: pathlib.Path) -> str:
    defects = check(folder)
    assert len(defects) == 1, [str(defect) for defect in defects]
    return str(defects[0])


def test_the_knowledge_of_the_project_is_proved(knowledge_folder: pathlib.Path) -> None:
    assert check(knowledge_folder) == []


def test_the_small_knowledge_is_proved(small: SmallKnowledge) -> None:
    assert check(small.folder) == []


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        # what is stated stands in a quote
        ("value: [采纳5条]", "value: [采纳6条]", "facts.counts.value.0", "「采纳6条」不在它的引句里"),
        ("市丙局等十一个部门", "市丙局等十二个部门", "facts.rounds.say", "数字「十二」不在它的引句里"),
        ("市丙局等十一个部门", "市丙局等12个部门", "facts.rounds.say", "数字「12」不在它的引句里"),
        ("say: 一共九条意见", "say: 一共两条意见", "facts.counts.say", "数字「两」不在它的引句里"),
        ("rate: 采纳率约56%", "rate: 采纳率约56%，有六个单位提", "facts.counts.says.rate", "数字「六」不在它的引句里"),
        ("起草，7-8月修改", "起草，7-9月修改", "facts.plan.title.say", "日期「2021年9月」不在它的引句里"),
        ("say: 2021年9月是", "say: 2020年9月是", "facts.rounds.say", "日期「2020年9月」不在它的引句里"),
        ("say: 2021年9月是", "say: 2021年9月8日是", "facts.rounds.say", "日期「2021年9月8日」不在它的引句里"),
        ("say: 2021年9月是", "say: 2021年底是", "facts.rounds.say", "日期「2021年底」不在它的引句里"),
        ("say: 甲政〔2021〕3号", "say: 甲政〔2021〕4号", "facts.tasks.say", "文号「甲政〔2021〕4号」不在它的引句里"),
        ("say: 甲政〔2021〕3号", "say: 乙政〔2021〕3号", "facts.tasks.say", "文号「乙政〔2021〕3号」不在它的引句里"),
        ("say: 甲政〔2021〕3号", "say: 4号文", "facts.tasks.say", "文号「4号」不在它的引句里"),
        ("say: 电话是0398-1234567", "say: 电话是0398-1234568", "facts.contact.phone.say", "电话「0398-1234568」"),
        ("say: 智慧水务由市甲局", "say: 智慧水务由市乙局", "facts.lead.say", "单位「市乙局」不在它的引句里"),
        ("say: 智慧水务由市甲局", "say: 智慧水务由市戊局", "facts.lead.say", "单位「市戊局」不在它的引句里"),
        ("say: 智慧水务由市甲局", "say: 智慧水务由丁水利局", "facts.lead.say", "单位「丁水利局」不在它的引句里"),
        (
            "say: 叫《甲市智慧方案》",
            "say: 叫《甲市智慧城市总体方案》",
            "facts.plan.title.say",
            "文件名「《甲市智慧城市总体方案》」",
        ),
        ("这3项任务", "第4项任务", "facts.tasks.say", "序号「第4」不在它的引句里"),
        ("这份解读里都有", "这两份材料里都有", "facts.tasks.say", "数字「两」不在它的引句里"),
        # who and what is named stands in a quote
        ("names: [unit.b, unit.c]", "names: [unit.b, unit.a]", "facts.rounds.names.1", "引句里没有「市甲局」"),
        ("task.parking]\n    say", "stage.autumn]\n    say", "facts.tasks.items.2", "引句里没有「2021年9月」"),
        # what is computed is computed again
        (
            "多1个, difference: [11, 10]",
            "多1个, difference: [11, 9]",
            "facts.rounds.derived.0.text",
            "「多1个」应当是2",
        ),
        ("difference: [9, 11]", "difference: [13, 11]", "facts.rounds.derived.1.difference", "「13」不在它的引句里"),
        ("percent: [5, 9]", "percent: [4, 9]", "facts.counts.derived.0.percent", "「4」不在它的引句里"),
        ("[2021-05, 2021-11]", "[2021-06, 2021-11]", "facts.counts.derived.1.text", "「前后7个月」应当是6"),
        ("count: tasks", "count: title", "facts.counts.derived.2.count", "这个算式算不出来"),
        ("percent: [5, 9]", "percent: [五, 九]", "facts.counts.derived.0.percent", "不在它的引句里"),
        ("，多1个，", "，", "facts.rounds.derived.0.text", "「多1个」不在答句里"),
        # every question, name and gap is one
        ("question: 有哪些任务？", "question: 方案叫什么", "facts.tasks.question", "与事实「plan.title」的问句相同"),
        ("name: 市丙局}", "name: 市丙局, aliases: [市乙局]}", "subjects.unit.c.aliases.0", "也是「unit.b」的名称"),
        ("[市戊局]", "[市戊局, 市甲局]", "absent_units.1", "「市甲局」也是「unit.a」的名称"),
        (
            "[task.heating, task.parking], what",
            "[task.heating, task.water], what",
            "not_stated.leads.subjects.1",
            "有事实「lead」",
        ),
        ("{id: money, facet", "{id: leads, facet", "not_stated.leads.id", "这个 id 出现了两次"),
    ],
)
def test_a_defect_of_content_is_told_with_its_field(
    small: SmallKnowledge, old: str, new: str, field: str, words: str
) -> None:
    told = [str(defect) for defect in check(small.broken(old, new))]
    assert any(f"行 {field}:" in line and words in line for line in told), told


def test_the_line_of_a_defect_is_the_line_in_the_file(small: SmallKnowledge) -> None:
    told = _only(small.broken("say: 电话是0398-1234567", "say: 电话是0398-1234568"))
    line = small.line("say: 电话")
    assert told == f"policy.yml 第{line}行 facts.contact.phone.say:电话「0398-1234568」不在它的引句里"


def test_a_value_may_differ_in_white_space_and_quotation_marks(small: SmallKnowledge) -> None:
    assert check(small.broken("value: [采纳5条]", "value: [“采纳 5条”]")) == []


def test_a_number_of_the_listed_items_needs_no_quote(small: SmallKnowledge) -> None:
    folder = small.broken("智慧停车三项任务]", "智慧停车三项]")
    assert check(folder) == []


def test_a_quote_is_at_most_320_characters(small: SmallKnowledge) -> None:
    sentence = f"市甲局{'很' * MAX_QUOTE}忙。"
    small.broken("电话:0398-1234567。", f"{sentence}\n电话:0398-1234567。", "sources/paper.txt")
    small.broken("silent:", f'  long: {{source: paper, text: "{sentence}"}}\nsilent:')
    told = _only(small.broken("    proof: [contact]", "    proof: [contact, long]"))
    assert f"quotes.long.text:引句有{MAX_QUOTE + 5}字,最多320字" in told


def test_a_quote_that_no_fact_uses_is_told(small: SmallKnowledge) -> None:
    told = list(map(str, check(small.broken("    proof: [contact]", "    proof: [tasks]"))))
    assert any("quotes.contact:没有事实引用这句" in line for line in told)


def test_a_sentence_of_the_source_that_nothing_quotes_is_told_with_its_line(small: SmallKnowledge) -> None:
    small.broken("三、联系", "本方案由市甲局解释。\n\n三、联系", "sources/paper.txt")
    line = small.line("本方案", "sources/paper.txt")
    told = _only(small.folder)
    assert f"sources.paper.file:原文第{line}行「本方案由市甲局解释。」没有事实引用" in told


def test_a_stretch_inside_a_quoted_line_is_told_alone(small: SmallKnowledge) -> None:
    small.broken("向10个部门征求意见。", "向10个部门征求意见。多数回复了。", "sources/paper.txt")
    told = _only(small.folder)
    assert "「多数回复了。」" in told


def test_punctuation_and_white_space_need_no_quote(small: SmallKnowledge) -> None:
    small.broken("三、联系", "——\n　* * *\n三、联系", "sources/paper.txt")
    assert check(small.folder) == []


def test_a_silent_sentence_that_is_not_in_its_source_is_told(small: SmallKnowledge) -> None:
    told = list(map(str, check(small.broken('text: "三、联系"', 'text: "四、联系"'))))
    assert any("silent.2.text:这句不在来源「解读」里" in line for line in told)
    assert any("「三、联系」没有事实引用" in line for line in told)


def test_a_facet_that_no_fact_answers_is_told(small: SmallKnowledge) -> None:
    facet = "  contact: {title: 电话, group: document, takes: [], default: doc.plan}\n"
    told = _only(small.broken(facet, facet + "  drafter: {title: 起草, group: document}\n", "facets.yml"))
    assert told.startswith(f"facets.yml 第{small.line('drafter', 'facets.yml')}行 facets.drafter:没有事实回答")


def test_check_tells_what_was_proved(small: SmallKnowledge, capsys: pytest.CaptureFixture[str]) -> None:
    assert knowledge_commands.check(small.folder) == 0
    assert capsys.readouterr().out.startswith("通过:6个事实,7条引句")


def test_check_tells_the_defects_and_fails(small: SmallKnowledge, capsys: pytest.CaptureFixture[str]) -> None:
    assert knowledge_commands.check(small.broken("value: [采纳5条]", "value: [采纳6条]")) == 1
    assert "facts.counts.value.0" in capsys.readouterr().err


def test_the_command_line_checks_the_knowledge_of_the_project(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["knowledge", "check"]) == 0
    assert capsys.readouterr().out.startswith("通过:")


def test_gaps_name_each_subject(knowledge: Knowledge) -> None:
    told = list(knowledge_commands.gaps(knowledge))
    assert "leads.rest\t智慧交通系统的牵头单位" in told
    assert sum(line.startswith("leads.rest\t") for line in told) == 15
    assert not any("{" in line for line in told)


def test_facts_are_listed_by_a_text_that_they_depend_on(knowledge: Knowledge) -> None:
    told = "\n".join(knowledge_commands.facts(knowledge, "0398-2260117"))
    assert "contact.phone\t咨询电话是多少？\tvalue、say、引句 contact" in told
    assert "plan.title" not in told


def test_without_a_text_all_facts_are_listed(knowledge: Knowledge) -> None:
    assert list(knowledge_commands.facts(knowledge, ""))[-1] == f"共{len(knowledge.facts)}个事实"
