"""Additions in the tracked files: as few lines as there are changes, and a person's text stays a text."""

from __future__ import annotations

import dataclasses
import difflib
import pathlib
import subprocess
import tempfile

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small_knowledge import SmallKnowledge
from wence import cli, proof
from wence.additions import AddedFact, Additions, AdditionsError, Example, StaffAnswer, as_diff, changes, merge, write
from wence.knowledge import load

HEATING = AddedFact(
    "heating.lead",
    "lead_unit",
    ("task.heating",),
    "智慧供热谁牵头？",
    "智慧供热由市乙局牵头。",
    (StaffAnswer("张三", "2026-11-25", "智慧供热由市乙局牵头。"),),
    ("市乙局",),
)
MONEY = AddedFact(
    "money.total",
    "unknown_money",
    (),
    "一共投多少钱？",
    "一共投500万元。",
    (StaffAnswer("张三", "2026-11-25", "一共投500万元。"),),
)
ADDITIONS = Additions((Example("供热归谁管", "lead_unit", "heating.lead"),), (HEATING, MONEY))
TEXTS = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=40) | st.sampled_from(
    [
        "- id: x",
        "a\n- b",
        '"}',
        "]}",
        "# x",
        "\u2028- id: y",
        "\x85",
        "a: b",
        "${HOME}",
        "!!python/name:os",
        "\r\n#",
        "null",
    ]
)


def _written(small: SmallKnowledge, additions: Additions) -> None:
    for path, (_, text) in changes(small.folder.parent, small.folder, additions).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))


def test_an_export_is_what_merging_makes(small: SmallKnowledge) -> None:
    target = small.folder.parent / "merged"
    merge(small.folder, ADDITIONS, target)
    _written(small, ADDITIONS)
    exported, merged = load(small.folder), load(target)

    assert proof.check(small.folder) == []
    assert [dataclasses.asdict(f) for f in exported.facts.values()] == [
        dataclasses.asdict(f) for f in merged.facts.values()
    ]
    assert (exported.sources, exported.quotes, exported.gaps) == (merged.sources, merged.quotes, merged.gaps)


def test_an_export_leaves_every_other_line_and_its_comment_alone(small: SmallKnowledge) -> None:
    small.broken("facts:\n", "# 事实,每个一次。\nfacts:\n")
    small.broken("not_stated:\n", "\n# 没有写的。\nnot_stated:\n")
    before = small.policy.read_text("utf-8").splitlines()
    _written(small, ADDITIONS)
    changed = list(difflib.ndiff(before, small.policy.read_text("utf-8").splitlines()))

    assert [line[2:] for line in changed if line.startswith("- ")] == [
        '  - {id: leads, facet: lead_unit, subjects: [task.heating, task.parking], what: "{subject}的牵头单位"}',
        "  - {id: money, facet: unknown_money, what: 资金, near: [tasks]}",
    ]
    assert len([line for line in changed if line.startswith("+ ")]) == 1 + 2 + 9 + 8 + 1


def test_the_project_s_own_knowledge_can_be_exported_to(knowledge_folder: pathlib.Path) -> None:
    lead = dataclasses.replace(
        HEATING,
        id="transport.lead",
        subjects=("task.transport",),
        question="智慧交通归谁牵头？",
        say="智慧交通由市交通运输局牵头。",
        proof=(StaffAnswer("张三", "2026-11-25", "智慧交通由市交通运输局牵头。"),),
        value=("市交通运输局",),
    )
    texts = changes(knowledge_folder.parent, knowledge_folder, Additions((), (lead,)))
    before, after = texts[knowledge_folder / "policy.yml"]
    gone = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line.startswith("- ")]

    assert len(gone) == 1
    assert "leads.rest" in gone[0]


def test_the_diff_can_be_applied(small: SmallKnowledge) -> None:
    project = small.folder.parent
    texts = changes(project, small.folder, ADDITIONS)
    (project / "change.diff").write_text(as_diff(project, texts), "utf-8")
    subprocess.run(["git", "apply", "change.diff"], cwd=project, check=True)

    assert {path: path.read_bytes().decode("utf-8") for path in texts} == {
        path: new for path, (_, new) in texts.items()
    }


def test_examples_are_added_once(small: SmallKnowledge) -> None:
    examples = Additions((Example("今天吃什么", "out_of_scope"), Example("供热归谁管", "lead_unit")), ())
    small.broken(
        "  unknown_money: {",
        "  out_of_scope: {title: 无关, group: unknown, kind: 'off'}\n  unknown_money: {",
        "facets.yml",
    )
    _written(small, examples)

    assert changes(small.folder.parent, small.folder, examples) == {}
    content = yaml.safe_load((small.folder.parent / "data/nlu/settled.yml").read_text("utf-8"))
    assert [intent["intent"] for intent in content["nlu"]] == ["out_of_scope", "lead_unit"]


@settings(max_examples=60)
@given(text=TEXTS, name=TEXTS)
def test_a_person_s_text_never_becomes_structure(text: str, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        small = SmallKnowledge(pathlib.Path(folder) / "knowledge")
        fact = dataclasses.replace(
            MONEY,
            question=f"问{text}",
            say=f"说{text}",
            proof=(StaffAnswer(name, "2026-11-25", f"说{text}"),),
            value=(),
        )
        additions = Additions((Example(f"怎么问{text}", "unknown_money", MONEY.id),), (fact,))
        try:
            texts = changes(small.folder.parent, small.folder, additions)
        except AdditionsError:
            return
        for path, (_, new) in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(new.encode("utf-8"))
        written = load(small.folder).facts[MONEY.id]
        assert (written.question, written.say) == (fact.question, fact.say)
        assert len(load(small.folder).facts) == 7


def test_the_command_prints_a_diff_and_changes_nothing(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], knowledge_folder: pathlib.Path
) -> None:
    file = tmp_path / "additions.yml"
    write(Additions((Example("郑州的地铁几点开", "out_of_scope"),), ()), file)
    before = (knowledge_folder / "policy.yml").read_bytes()

    assert cli.main(["additions", "export", "--file", str(file)]) == 0
    assert "+++ b/data/nlu/settled.yml" in capsys.readouterr().out
    assert (knowledge_folder / "policy.yml").read_bytes() == before


def test_the_command_tells_every_defect(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "additions.yml"
    write(Additions((Example("x", "no_such"),), ()), file)

    assert cli.main(["additions", "check", "--file", str(file)]) == 1
    assert "没有通过:2处" in capsys.readouterr().err


def test_the_command_lists_what_was_added(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "additions.yml"
    write(ADDITIONS, file)

    assert cli.main(["additions", "list", "--file", str(file)]) == 0
    assert "共2个事实,1个问法" in capsys.readouterr().out
