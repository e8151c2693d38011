"""The command `wence evaluate`: measure the answers, or cross-validate the intents.

Exit code 0; 1 when the score is below `--floor`; 2 when nothing could be measured.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from wence import settings as wence_settings
from wence.settings import PROJECT, Settings

if TYPE_CHECKING:
    from wence.evaluation.asking import Result
    from wence.evaluation.judge import Judge
    from wence.evaluation.questions import Conversation

QUESTIONS = PROJECT / "tests" / "eval"
FAILURES = "failures.jsonl"
WRONG_GUESSES = "cross_validation.jsonl"
TELL_EVERY_SECONDS = 2.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `wence evaluate`."""
    parser.add_argument("files", nargs="*", type=pathlib.Path, help="题目文件,默认 tests/eval/*.jsonl")
    parser.add_argument("--url", help="运行中的助手的地址;不写就在本进程里载入模型来答")
    parser.add_argument("--floor", type=float, default=0.0, help="得分(百分数)低于它时退出码为 1")
    parser.add_argument("--show", type=int, default=0, help="印出这么多条没通过的")
    parser.add_argument("--failures", type=pathlib.Path, help="没通过的写到这里,默认在 var/evaluation/")
    parser.add_argument("--cross-validate", action="store_true", help="改为对意图作交叉验证")
    parser.add_argument("--folds", type=int, help="交叉验证的份数,默认 5")


def evaluate(arguments: argparse.Namespace) -> int:
    """Do what the arguments say; returns the exit code."""
    settings = wence_settings.load()
    # Some libraries read these when they are first imported.
    os.environ.update(settings.child_environment())
    if arguments.cross_validate or arguments.folds:
        return _cross_validate(arguments, settings)
    return _measure(arguments, settings)


def _measure(arguments: argparse.Namespace, settings: Settings) -> int:
    from wence.evaluation import report
    from wence.evaluation.asking import NoAssistantError
    from wence.evaluation.judge import Judge
    from wence.evaluation.questions import QuestionFileError, read

    try:
        conversations = read(arguments.files or sorted(QUESTIONS.glob("*.jsonl")))
        if not conversations:
            raise QuestionFileError(f"{QUESTIONS} 里没有题目文件(*.jsonl)")
        judge = Judge.of_sources(settings.knowledge / "sources")
        answering = _answered(conversations, judge, settings, arguments.url)
        results = list(_with_progress(answering, len(conversations)))
    except (QuestionFileError, NoAssistantError) as error:
        return _fail(str(error), 2)
    failures = arguments.failures or settings.state / "evaluation" / FAILURES
    report.write_failures(results, failures)
    for result in [r for r in results if not r.passed][: arguments.show]:
        _show(result)
    figures = report.Figures.of(results)
    print(report.tables(results), *figures.lines(), sep="\n")
    print(f"没通过的写在 {failures}")
    if figures.passed.percent < arguments.floor:
        return _fail(f"得分低于 {arguments.floor:g}%", 1)
    return 0


def _answered(
    conversations: Sequence[Conversation], judge: Judge, settings: Settings, url: str | None
) -> Iterator[Result]:
    from wence import training
    from wence.evaluation.asking import ask_all, over_rest

    if url:
        yield from ask_all(conversations, over_rest(url.rstrip("/")), judge)
        return
    from wence.evaluation.in_process import Assistant

    model = training.ensure_model(settings, _tell)
    _tell("正在载入模型……")
    with Assistant.load(settings, model) as assistant:
        yield from ask_all(conversations, assistant.say, judge, clients=1)


def _cross_validate(arguments: argparse.Namespace, settings: Settings) -> int:
    from wence.evaluation import cross_validation, report

    folds = arguments.folds or 5
    if folds < 2:
        return _fail(f"--folds {folds} 不能用:至少分 2 份", 2)
    _tell("正在准备例句……")
    examples = cross_validation.load_examples(settings)
    guesses = cross_validation.cross_validate(examples, folds, _tell)
    failures = arguments.failures or settings.state / "evaluation" / WRONG_GUESSES
    report.write_rows(cross_validation.failing_rows(guesses), failures)
    print(cross_validation.summary(guesses))
    print(f"认错的写在 {failures}")
    if cross_validation.accuracy(guesses).percent < arguments.floor:
        return _fail(f"准确率低于 {arguments.floor:g}%", 1)
    return 0


def _with_progress(results: Iterator[Result], total: int) -> Iterator[Result]:
    told = time.monotonic()
    for done, result in enumerate(results, 1):
        yield result
        if time.monotonic() - told >= TELL_EVERY_SECONDS:
            told = time.monotonic()
            _tell(f"已答 {done}/{total}")


def _show(result: Result) -> None:
    conversation, verdict = result.conversation, result.verdict
    print(f"{conversation.id} [{conversation.kind}/{conversation.noise}] {' → '.join(conversation.turns)}")
    print(f"   {';'.join(verdict.reasons)}")
    print(f"   {verdict.status}:{verdict.text[:160]!r}")


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _fail(line: str, code: int) -> int:
    _tell(line)
    return code
