"""Publishes as `wence publish` does, with a training and an evaluation that take the seconds they are told to.

    python -m tests.publication <additions.yml>      WENCE_STATE as usual; SLOW names the step that lasts

The trained model is a small file, the evaluation finds everything right; all that is published, kept and activated
is what is always published, kept and activated.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import sys
import time
from collections.abc import Sequence
from typing import Any

from wence import additions as a
from wence import settings, training
from wence.additions import Additions
from wence.publish import evaluating, progress, publishing, versions
from wence.publish.outcomes import Held, Outcome
from wence.publish.progress import Tell
from wence.publish.report import Report
from wence.settings import Settings


def _linger(step: str) -> None:
    if os.environ.get("SLOW") == step:
        (settings.load().state / "reached").touch()
        time.sleep(60)


def train(wanted: Settings, tell: Tell, *, anew: bool = False, additions: pathlib.Path | None = None) -> pathlib.Path:
    """Make a model of additions at once: a file that holds their digest."""
    text = additions.read_bytes() if additions else b""
    model = wanted.model_file(hashlib.sha256(text).hexdigest()[:16])
    _linger("train")
    model.parent.mkdir(parents=True, exist_ok=True)
    model.write_bytes(text)
    return model


def outcomes(wanted: Settings, model: pathlib.Path, additions: Additions, tell: Tell) -> dict[str, Outcome]:
    """Find one question right; a model of a batch that holds 变差 has it wrong."""
    _linger("evaluate")
    worse = any("变差" in example.text for example in additions.examples)
    one = Outcome("g-001", "golden.jsonl", "fact", "试点目标是什么", not worse, "answered", "回答")
    return {one.id: one}


def held(wanted: Settings, model: pathlib.Path, batch: Sequence[str], tell: Tell) -> list[Held]:
    """Hold for off topic what says so."""
    return [Held(text, 0.9 if "无关" in text else 0.1, 0.5) for text in batch]


def put_in_place(patch: Any = setattr) -> None:
    """Put training and evaluation in the place of the real ones."""
    patch(training, "ensure_model", train)
    patch(evaluating, "outcomes_of", outcomes)
    patch(evaluating, "held_by", held)
    patch(evaluating, "golden", lambda: frozenset({"g-001"}))
    for step, module, name in (("add", versions, "settle"), ("chosen", versions, "activate")):
        patch(module, name, _then_lingering(step, getattr(module, name)))


def _then_lingering(step: str, work: Any) -> Any:
    def both(*arguments: Any) -> None:
        work(*arguments)
        _linger(step)

    return both


def publish(wanted: Settings, additions: Additions, **more: str) -> Report:
    """Publish for 张三."""
    return publishing.publish(wanted, additions, "张三", lambda words: None, **more)


if __name__ == "__main__":
    put_in_place()
    publishing.publish(settings.load(), a.read(pathlib.Path(sys.argv[1])), "张三", print)
    print(progress.read_progress(settings.load()))
