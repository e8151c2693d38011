"""A small knowledge, whole and proved, that a test breaks in one place."""

from __future__ import annotations

import pathlib

SOURCE = """《甲市智慧方案》解读

一、过程

2021年5-6月,市甲局起草了《甲市智慧方案》。2021年7-8月,市甲局修改了方案。
2021年9月,向10个部门征求意见。2021年11月,向市乙局、市丙局等11个部门征求意见,共9条意见,采纳5条。

二、任务

方案(甲政〔2021〕3号)有智慧水务、智慧供热、智慧停车三项任务,智慧水务由市甲局牵头。

三、联系

电话:0398-1234567。
"""

POLICY = """schema: 1
version: "2021-12-27"
place: 甲市
contact: contact.phone
plan: doc.plan
sources:
  paper:
    file: sources/paper.txt
    title: 《甲市智慧方案》解读
    cited_as: 解读
    date: "2021-12-27"
quotes:
  title: {source: paper, text: "《甲市智慧方案》解读"}
  draft: {source: paper, text: "2021年5-6月,市甲局起草了《甲市智慧方案》。"}
  revision: {source: paper, text: "2021年7-8月,市甲局修改了方案。"}
  september: {source: paper, text: "2021年9月,向10个部门征求意见。"}
  november: {source: paper, text: "2021年11月,向市乙局、市丙局等11个部门征求意见,共9条意见,采纳5条。"}
  tasks: {source: paper, text: "方案(甲政〔2021〕3号)有智慧水务、智慧供热、智慧停车三项任务,智慧水务由市甲局牵头。"}
  contact: {source: paper, text: "电话:0398-1234567。"}
silent:
  - {source: paper, text: "一、过程", reason: 标题}
  - {source: paper, text: "二、任务", reason: 标题}
  - {source: paper, text: "三、联系", reason: 标题}
subjects:
  - {id: doc.plan, type: document, name: 《甲市智慧方案》, aliases: [智慧方案]}
  - {id: unit.a, type: unit, name: 市甲局, aliases: [甲局那边]}
  - {id: unit.b, type: unit, name: 市乙局}
  - {id: unit.c, type: unit, name: 市丙局}
  - {id: task.water, type: task, name: 智慧水务系统, listed: 智慧水务}
  - {id: task.heating, type: task, name: 智慧供热}
  - {id: task.parking, type: task, name: 智慧停车}
  - {id: stage.autumn, type: stage, from: 2021-09, to: 2021-09, name: 2021年9月}
absent_units: [市戊局]
facts:
  - id: plan.title
    facets: [document_title]
    subjects: [doc.plan]
    question: 方案叫什么？
    value: [甲市智慧方案]
    say: 叫《甲市智慧方案》，2021年5-6月由市甲局起草，7-8月修改。
    proof: [title, draft, revision]
  - id: rounds
    facets: [consultation_round]
    subjects: [stage.autumn]
    question: 两次各征求了多少部门？
    value: [10个部门, 11个部门]
    names: [unit.b, unit.c]
    derived: [{text: 多1个, difference: [11, 10]}, {text: 隔了2个月, difference: [9, 11]}]
    say: 2021年9月是10个部门，11月是市乙局、市丙局等十一个部门，多1个，隔了2个月。
    proof: [september, november]
  - id: counts
    facets: [opinion_counts]
    subjects: [doc.plan]
    question: 采纳了几条意见？
    value: [采纳5条]
    derived:
      - {text: 约56%, percent: [5, 9]}
      - {text: 前后7个月, months: [2021-05, 2021-11]}
      - {text: 比三项任务多, count: tasks}
    say: 一共九条意见，采纳5条。
    says:
      rate: 采纳率约56%，前后7个月，比三项任务多。
    proof: [november, draft]
  - id: tasks
    facets: [tasks]
    subjects: [doc.plan]
    question: 有哪些任务？
    value: [智慧水务、智慧供热、智慧停车三项任务]
    complete: true
    items: [task.water, task.heating, task.parking]
    say: 甲政〔2021〕3号有三项任务：智慧水务、智慧供热、智慧停车；这3项任务这份解读里都有。
    proof: [tasks]
  - id: lead
    facets: [lead_unit]
    subjects: [task.water]
    question: 智慧水务谁牵头？
    value: [智慧水务由市甲局牵头]
    say: 智慧水务由市甲局牵头。
    proof: [tasks]
  - id: contact.phone
    facets: [contact]
    subjects: [doc.plan]
    question: 电话是多少？
    value: [0398-1234567]
    say: 电话是0398-1234567。
    proof: [contact]
not_stated:
  - {id: leads, facet: lead_unit, subjects: [task.heating, task.parking], what: "{subject}的牵头单位"}
  - {id: money, facet: unknown_money, what: 资金, near: [tasks]}
"""

FACETS = """schema: 1
groups:
  document: {who: lead_unit, what: tasks}
  unknown: {}
facets:
  document_title: {title: 名称, group: document, takes: [document], default: doc.plan}
  consultation_round: {title: 征求意见, group: document, takes: [stage]}
  opinion_counts: {title: 意见数, group: document, takes: [], default: doc.plan}
  tasks: {title: 任务, group: document, takes: [], default: doc.plan}
  lead_unit: {title: 牵头单位, group: document, takes: [task]}
  contact: {title: 电话, group: document, takes: [], default: doc.plan}
  unknown_money: {title: 资金, group: unknown, kind: unknown}
"""


class SmallKnowledge:
    """The small knowledge in a folder of its own; `broken` changes one place of one file."""

    def __init__(self, folder: pathlib.Path) -> None:
        """Write the whole knowledge."""
        self.folder = folder
        (folder / "sources").mkdir(parents=True)
        self.policy, self.facets = folder / "policy.yml", folder / "facets.yml"
        self.source = folder / "sources" / "paper.txt"
        self.policy.write_text(POLICY, "utf-8")
        self.facets.write_text(FACETS, "utf-8")
        self.source.write_text(SOURCE, "utf-8")

    def broken(self, old: str, new: str, file: str = "policy.yml") -> pathlib.Path:
        """Replace a text that stands once in a file; returns the folder."""
        path = self.folder / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{old} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), "utf-8")
        return self.folder

    def line(self, text: str, file: str = "policy.yml") -> int:
        """Return the line in which a text stands first."""
        before, found, _ = (self.folder / file).read_text("utf-8").partition(text)
        assert found, text
        return before.count("\n") + 1
