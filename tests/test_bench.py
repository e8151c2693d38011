from __future__ import annotations

import pathlib
import subprocess
import sys
import xml.etree.ElementTree

import pytest
import yaml

from bench.bm25 import Bm25
from bench.memory import family, memory_mb, parent_of, pss_kib
from bench.plot import Bars, plot
from bench.reference.project import annotated, names
from bench.results import OURS, REFERENCE, Measured, Row, Target, table
from bench.share import ONE_OF, lay_out, thinned
from wence.evaluation.judge import MAX_QUOTE
from wence.evaluation.report import Share
from wence.knowledge import load
from wence.settings import PROJECT
from wence.text import squash

ROLLUP = "55d0-7ffe ---p 0 00:00 0 [rollup]\nRss:  4096 kB\nPss:  2048 kB\nPss_Anon:  1024 kB\nSwapPss:  0 kB\n"


def process(proc: pathlib.Path, pid: int, parent: int, name: str = "python") -> None:
    folder = proc / str(pid)
    folder.mkdir(parents=True)
    (folder / "stat").write_text(f"{pid} ({name}) S {parent} {pid} 0\n")
    (folder / "smaps_rollup").write_text(ROLLUP)


def test_the_proportional_size_is_read_and_nothing_that_begins_like_it() -> None:
    assert pss_kib(ROLLUP) == 2048


def test_a_process_that_has_ended_holds_nothing() -> None:
    assert pss_kib("") == 0


def test_a_parent_is_read_behind_a_name_with_brackets_and_spaces() -> None:
    assert parent_of("12 (a) S (b c) S 7 12 12 0") == 7


def test_the_memory_of_a_side_is_that_of_its_processes_and_all_that_these_started(tmp_path: pathlib.Path) -> None:
    for pid, parent in ((10, 1), (11, 10), (12, 11), (20, 1)):
        process(tmp_path, pid, parent)
    assert family(10, proc=tmp_path) == {10, 11, 12}
    assert memory_mb(10, proc=tmp_path) == pytest.approx(6.0)


@pytest.mark.skipif(not pathlib.Path("/proc/self/smaps_rollup").exists(), reason="这个系统没有 /proc/self/smaps_rollup")
def test_the_memory_of_a_real_process_is_found() -> None:
    code = "held = b'x' * 50_000_000; print('ready', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert 47 < memory_mb(child.pid) < 150
        child.communicate(b"\n")


def test_a_name_is_annotated_where_the_longest_one_stands() -> None:
    types = {"智慧社区系统": "aspect", "智慧社区": "task"}
    assert annotated("- 智慧社区系统归谁管\n", types) == "- [智慧社区系统](aspect)归谁管\n"


def test_a_share_of_the_examples_is_the_same_every_time_and_begins_with_the_first() -> None:
    assert thinned("- 一\n- 二\n- 三\n- 四\n- 五\n", 2) == "- 一\n- 三\n- 五\n"


def test_a_copy_with_a_share_of_the_examples_keeps_every_intent(tmp_path: pathlib.Path) -> None:
    lay_out(tmp_path / "copy")
    own, copied = (yaml.safe_load((root / "data" / "nlu.yml").read_text()) for root in (PROJECT, tmp_path / "copy"))
    assert [entry["intent"] for entry in copied["nlu"]] == [entry["intent"] for entry in own["nlu"]]
    assert all(entry["examples"].strip() for entry in copied["nlu"])
    assert sum(len(e["examples"]) for e in copied["nlu"]) < sum(len(e["examples"]) for e in own["nlu"]) / (ONE_OF - 1)


def test_names_come_longest_first() -> None:
    lengths = [len(name) for name in names(load(PROJECT / "knowledge"))]
    assert lengths == sorted(lengths, reverse=True)


def test_the_floor_answers_with_a_sentence_of_the_sources() -> None:
    knowledge = load(PROJECT / "knowledge")
    _, message = Bm25(knowledge).say("someone", "文件时效到什么时候")
    quote = message["custom"]["citations"][0]["quote"]
    assert len(quote) <= MAX_QUOTE
    assert squash(quote) in squash("".join(source.text for source in knowledge.sources.values()))


def test_a_shorter_time_is_a_ratio_above_one() -> None:
    assert Row("启动", "秒", [5.0], [20.0]).ratio == pytest.approx(4)


def test_more_messages_a_second_are_a_ratio_above_one() -> None:
    assert Row("吞吐", "条/秒", [80.0], [10.0], more_is_better=True).ratio == pytest.approx(8)


def test_memory_is_given_as_a_share_that_must_stay_below_its_target() -> None:
    row = Row("内存", "MB", [300.0], [1000.0], target=Target(0.6, at_most=True))
    assert row.ratio == pytest.approx(0.3)
    assert row.line().endswith("| 是 |")


def test_a_target_that_is_missed_is_shown_as_missed() -> None:
    assert Row("启动", "秒", [10.0], [20.0], target=Target(4)).line().endswith("| 否 |")


def test_what_was_left_out_is_shown_as_not_measured() -> None:
    assert "未测" in table(Measured(machine="两个处理器"))


def test_the_table_gives_right_answers_by_file_and_in_all() -> None:
    shares = {OURS: Share(9, 10), REFERENCE: Share(6, 10), "BM25": Share(1, 10)}
    text = table(Measured(machine="", answers={"citizens": shares, "tricky": shares}))
    assert "| 全部 | 18/20 = 90.0% | 12/20 = 60.0% | 2/20 = 10.0% |" in text
    assert "+30.0 分" in text


def test_the_plot_is_well_formed_whatever_the_words() -> None:
    svg = plot("问策 & 参照", [Bars("延迟 <毫秒>", {OURS: [1.0, 2.0], REFERENCE: [9.0]}, "≥ 6 倍")])
    assert xml.etree.ElementTree.fromstring(svg).tag.endswith("svg")
