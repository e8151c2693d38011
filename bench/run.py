"""`make bench`: trains and serves both sides, measures them in turns, writes bench/results.md and bench/results.svg.

--quick            one epoch and few repeats: whether everything works, not how fast it is
--epochs N         train the reference for so many epochs, not for the 100 of its configuration
--reuse            take the models of the last run, with the training times noted then
--skip PART …      leave parts out: start (and memory) latency throughput turns answers
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import os
import pathlib
import platform
import sys
import time
import zoneinfo
from collections.abc import Sequence

from bench import measures, results
from bench.bm25 import Bm25
from bench.measures import QUICK, Extent
from bench.results import Measured
from bench.sides import Ours, Reference, Side, SideError
from wence import knowledge, settings
from wence.evaluation.questions import Conversation, read
from wence.settings import PROJECT

FOLDER = pathlib.Path(__file__).parent
QUESTIONS = PROJECT / "tests" / "eval"
#: The development set of the mission lies beside the repository, where it is at all.
DEVELOPMENT_SET = PROJECT.parent / "shared" / "eval" / "dev.jsonl"
PARTS = ("start", "latency", "throughput", "turns", "answers")
QUICK_EPOCHS = 1
OUR_PORT, REFERENCE_PORT = 5905, 5705


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write what came of it; returns the exit code."""
    parsed = _arguments().parse_args(arguments)
    began = time.monotonic()
    try:
        measured = _measure(parsed)
    except SideError as error:
        _tell(str(error))
        return 1
    target = parsed.out or (settings.load().state / "bench" if parsed.quick else FOLDER)
    target.mkdir(parents=True, exist_ok=True)
    results.write(measured, target)
    print(results.table(measured))
    _tell(f"用时 {(time.monotonic() - began) / 60:.0f} 分钟,写在 {target}")
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="与 Rasa 文档给出的中文流水线并排测速")
    parser.add_argument("--quick", action="store_true", help="只看能不能跑通:训练 1 轮,各测一小会儿")
    parser.add_argument("--epochs", type=int, help="参照的 DIET 训练这么多轮,默认 100")
    parser.add_argument("--reuse", action="store_true", help="用上一次训练的模型和当时的训练用时")
    parser.add_argument("--skip", nargs="*", choices=PARTS, default=[], help="不测这些")
    parser.add_argument("--out", type=pathlib.Path, help="结果写到这个文件夹,默认 bench/;--quick 时 var/bench/")
    return parser


def _measure(parsed: argparse.Namespace) -> Measured:
    wanted = settings.load()
    known = knowledge.load(wanted.knowledge)
    folder = wanted.state / "bench"
    extent = QUICK if parsed.quick else Extent()
    ours = Ours(folder / "ours", OUR_PORT)
    epochs = parsed.epochs or (QUICK_EPOCHS if parsed.quick else None)
    reference = Reference(folder / "reference", REFERENCE_PORT, known, epochs)
    sides = (ours, reference)
    files = [*sorted(QUESTIONS.glob("*.jsonl")), *([DEVELOPMENT_SET] if DEVELOPMENT_SET.exists() else [])]
    conversations = read(files)
    questions = measures.single_questions(conversations)
    measured = Measured(machine=_machine())
    measured.training = _trained(ours, reference, parsed)
    if parsed.reuse:
        measured.notes = ["训练用时是上一次运行时量的。"]
    if epochs:
        measured.notes = [*measured.notes, f"参照的 DIET 只训练了 {epochs} 轮,不是 100 轮:它的训练用时是下限。"]
    if parsed.quick:
        measured.notes = [*measured.notes, "这是试跑(--quick),数字不作数。"]
    if "start" not in parsed.skip:
        measured.start, measured.memory = measures.starts_and_memory(sides, questions, extent, _tell)
        measured.filled = extent.filled
    with contextlib.ExitStack() as running:
        for side in sides:
            running.enter_context(side.serving())
        _measure_both(measured, sides, extent, parsed.skip, questions, conversations)
        if "answers" not in parsed.skip:
            floor = Bm25(known)
            measured.answers = measures.right_answers(sides, floor, wanted.knowledge / "sources", files, _tell)
    return measured


def _trained(ours: Side, reference: Side, parsed: argparse.Namespace) -> dict[str, list[float]]:
    """Train what has to be trained, the sides taking turns; returns the seconds."""
    found: dict[str, list[float]] = {ours.title: [], reference.title: []}
    turns = (ours, reference, ours) if not parsed.quick else (ours, reference)
    for side in (ours, reference) if parsed.reuse else turns:
        seconds = side.trained_seconds if parsed.reuse else None
        if seconds is None:
            seconds = side.train(_tell)
        _tell(f"{side.title} 训练 {seconds:.0f} 秒")
        found[side.title].append(seconds)
    return found


def _measure_both(
    measured: Measured,
    sides: Sequence[Side],
    extent: Extent,
    skipped: Sequence[str],
    questions: Sequence[str],
    conversations: Sequence[Conversation],
) -> None:
    facts = measures.single_questions([c for c in conversations if c.kind == "fact"])
    unanswered = dict.fromkeys((side.title for side in sides), 0)

    def counted(found: dict[str, measures.Repeats]) -> dict[str, list[list[float]]]:
        for title, repeats in found.items():
            unanswered[title] += repeats.unanswered
        return {title: repeats.values for title, repeats in found.items()}

    if "latency" not in skipped:
        measured.latency = counted(measures.latency(sides, questions, extent, _tell))
    if "throughput" not in skipped:
        loads = counted(measures.throughput(sides, questions, extent, _tell))
        measured.throughput = {title: [value for (value,) in values] for title, values in loads.items()}
    if "turns" not in skipped:
        measured.turns = counted(measures.long_conversations(sides, facts, extent, _tell))
    measured.unanswered = unanswered


def _machine() -> str:
    today = datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Shanghai")).date()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{today.isoformat()},{os.cpu_count()} 个处理器,{memory:.0f} GB 内存,Python {platform.python_version()};"
        f"开始时的系统负载 {load:.1f}。"
    )


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
