"""Asks a model everything: `python -m wence.publish.evaluating <order.json>`, in a niced process of its own.

    outcomes_of(settings, model, additions, tell)    every question of tests/eval, and every settled one
    held_by(settings, model, batch, tell)            how a model holds the examples of a batch

What a model made of the questions is kept in WENCE_STATE/publish/evaluated/, by the model, the questions and
the code that answers and judges, and not asked again. The order and the answer are files of JSON, so that nothing of Rasa is loaded into the publisher.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import pathlib
import sys
import tarfile
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from wence import preflight
from wence.additions import OFF, Additions
from wence.durable import write_text
from wence.evaluation.judge import Judge
from wence.evaluation.questions import Conversation, QuestionFileError, read
from wence.knowledge import ADDED
from wence.processes import Child, last_line, stop_all
from wence.publish.errors import EvaluationError
from wence.publish.outcomes import SETTLED, Held, Outcome, Settled, settled_in
from wence.publish.progress import Tell, folder_of
from wence.replies import Reply, Status
from wence.settings import PROJECT, Settings, load
from wence.state.turns import Turn

if TYPE_CHECKING:
    from wence.evaluation.in_process import Assistant
    from wence.knowledge import Knowledge
    from wence.scope import Scope

QUESTIONS = PROJECT / "tests" / "eval"
#: In a folder of its own: the model answers these already, so they measure nothing but what was lost.
GOLDEN = QUESTIONS / "golden" / "golden.jsonl"
NICE = 15
KEPT = 12
TELL_EVERY_SECONDS = 2.0
_WORDING = "wording.txt"


def outcomes_of(settings: Settings, model: pathlib.Path, additions: Additions, tell: Tell) -> dict[str, Outcome]:
    """Return what a model makes of every question, those that additions settle included; raises EvaluationError."""
    settled = [dataclasses.asdict(question) for question in settled_in(additions)]
    data = _answered(settings, {"model": str(model), "settled": settled, "batch": []}, tell)
    return {row["id"]: Outcome.from_dict(row) for row in data["outcomes"]}


def held_by(settings: Settings, model: pathlib.Path, batch: Sequence[str], tell: Tell) -> list[Held]:
    """Return how a model holds the examples of a batch; raises EvaluationError."""
    if not batch:
        return []
    data = _answered(settings, {"model": str(model), "settled": [], "batch": list(batch)}, tell)
    return [Held(**row) for row in data["held"]]


def _answered(settings: Settings, order: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """The answer to an order: what was kept of it, or else what is found out now."""
    folder = folder_of(settings) / "evaluated"
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{pathlib.Path(order['model']).name.partition('.')[0]}-{_digest(order)}"
    answer = folder / f"{name}.json"
    if not answer.is_file():
        request = folder / f"{name}.order"
        write_text(request, json.dumps(order, ensure_ascii=False))
        _ask_all(settings, request, folder / f"{name}.log", tell)
        request.unlink(missing_ok=True)
    try:
        data: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        answer.unlink(missing_ok=True)
        raise EvaluationError(f"测量的结果 {answer} 读不出来,请再发布一次") from error
    _forget_old(folder)
    return data


def _digest(order: dict[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(order, sort_keys=True).encode())
    # What a model makes of a question depends on the rules and the judge as well, which an upgrade changes.
    for path in (*question_files(), *sorted((PROJECT / "wence").rglob("*.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _ask_all(settings: Settings, request: pathlib.Path, log: pathlib.Path, tell: Tell) -> None:
    command = [sys.executable, "-m", "wence.publish.evaluating", str(request)]
    child = Child("测量", command, {**settings.child_environment(), "LOG_LEVEL": "ERROR"}, PROJECT, log)
    told = child.started
    try:
        while (code := child.poll()) is None:
            time.sleep(0.1)
            if time.monotonic() - told >= TELL_EVERY_SECONDS:
                told = time.monotonic()
                tell(last_line(log))
        if code != 0:
            raise EvaluationError(f"测量没有成功:{last_line(log)}(完整记录见 {log})")
    finally:
        stop_all([child])


def _forget_old(folder: pathlib.Path) -> None:
    for kind in ("json", "log", "order"):
        files = sorted(folder.glob(f"*.{kind}"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in files[KEPT:]:
            old.unlink(missing_ok=True)


def question_files() -> list[pathlib.Path]:
    """Return the files of questions that every model is asked."""
    return [*sorted(QUESTIONS.glob("*.jsonl")), GOLDEN]


def golden() -> frozenset[str]:
    """Return the ids of the golden questions; raises EvaluationError."""
    try:
        return frozenset(conversation.id for conversation in read([GOLDEN]))
    except QuestionFileError as error:
        raise EvaluationError(str(error)) from error


# --- in the process of its own


def carry_out(request: pathlib.Path) -> None:
    """Ask a model what an order says, and write the answer beside it."""
    os.nice(NICE)
    order, settings = json.loads(request.read_text(encoding="utf-8")), load()
    model = pathlib.Path(order["model"])
    from wence.evaluation.in_process import Assistant
    from wence.scope import Scope

    with Assistant.load(settings, model) as assistant:
        own = _knowledge_of(assistant, settings)
        settled = [Settled(**row) for row in order["settled"]]
        scope = Scope(own, frozenset(wording(model)))
        held = [_held(assistant, scope, text) for text in order["batch"]]
        outcomes = [] if held else list(_outcomes(assistant, own, settled))
    content = {"outcomes": list(map(dataclasses.asdict, outcomes)), "held": list(map(dataclasses.asdict, held))}
    write_text(request.with_suffix(".json"), json.dumps(content, ensure_ascii=False))


def _knowledge_of(assistant: Assistant, settings: Settings) -> Knowledge:
    """The knowledge that a model was trained with, which loading it has laid out."""
    from wence.evaluation.asking import new_sender
    from wence.nlu.policy_folder import load_version

    understood = assistant.take_turn(new_sender(), preflight.FIRST_QUESTION).understood
    if understood is None:
        raise EvaluationError("模型没有说明它怎样理解问题,不能测量")
    return load_version(settings.state, str(understood["knowledge"]))


def _outcomes(assistant: Assistant, own: Knowledge, settled: Sequence[Settled]) -> Iterator[Outcome]:
    from wence.channels.rest import as_messages
    from wence.evaluation.asking import new_sender

    judge = Judge.of_texts(source.text for source in own.sources.values())
    asked = [(path.name, c) for path in question_files() for c in read([path])]
    total, told = len(asked) + len(settled), time.monotonic()
    for done, (file, conversation) in enumerate(asked, 1):
        turn = _last_turn(assistant, conversation)
        verdict = judge.judge(conversation, as_messages(turn.reply, new_sender()))
        question = " → ".join(conversation.turns)
        reasons = () if fills_gap(conversation, turn.reply, own) else verdict.reasons
        yield Outcome(
            conversation.id, file, conversation.kind, question, not reasons, verdict.status, verdict.text, reasons
        )
        if time.monotonic() - told >= TELL_EVERY_SECONDS:
            told = time.monotonic()
            print(f"已答 {done}/{total}", flush=True)
    for wanted in settled:
        turn = assistant.take_turn(new_sender(), wanted.text)
        reasons = tuple(_unsettled(turn, wanted, own))
        yield Outcome(
            wanted.id, "", SETTLED, wanted.text, not reasons, turn.reply.status.value, turn.reply.text, reasons
        )


def fills_gap(conversation: Conversation, reply: Reply, own: Knowledge) -> bool:
    """Whether a question that the sources do not answer gets nothing but what officials have added for it since."""
    told = [own.facts[fact] for fact in reply.facts]
    is_added = bool(told) and all(fact.added and ADDED not in fact.facets for fact in told)
    return is_added and Status.NOT_IN_SOURCE in conversation.statuses


def _last_turn(assistant: Assistant, conversation: Conversation) -> Turn:
    from wence.evaluation.asking import new_sender

    sender = new_sender()
    return [assistant.take_turn(sender, text) for text in conversation.turns][-1]


def _unsettled(turn: Turn, wanted: Settled, own: Knowledge) -> Iterator[str]:
    """Why a reply is not what was settled."""
    status = turn.reply.status
    if wanted.facet == OFF:
        if status is not Status.OUT_OF_SCOPE:
            yield f"没有当作无关:{status.value}"
    elif wanted.fact:
        if wanted.fact not in turn.reply.facts:
            yield f"没有用事实 {wanted.fact} 来答"
    else:
        facets = {facet for name in turn.reply.facts if name in own.facts for facet in own.facts[name].facets}
        readings = (turn.understood or {}).get("readings") or [("", 0.0)]
        if wanted.facet not in (*facets, readings[0][0]):
            yield f"没有当作{own.facets[wanted.facet].title if wanted.facet in own.facets else wanted.facet}来答"


def _held(assistant: Assistant, scope: Scope, text: str) -> Held:
    stretch = assistant.stretch(text)
    if stretch is None:
        return Held(text, 0.0, 1.0)
    off_topic = next((float(confidence) for facet, confidence in stretch["facets"] if facet == OFF), 0.0)
    return Held(text, off_topic, scope.familiarity(stretch["text"]))


def wording(model: pathlib.Path) -> list[str]:
    """Return the pairs of sounds that are familiar to a model."""
    with tarfile.open(model) as archive:
        member = next(found for found in archive if found.name.endswith(_WORDING))
        content = archive.extractfile(member)
        return content.read().decode("utf-8").split("\n") if content else []


if __name__ == "__main__":
    carry_out(pathlib.Path(sys.argv[1]))
