"""The action server dead or hanging: the citizen is told at once whom to call, and nobody has to lend a hand."""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.assistant import Assistant
from tests.replies import Heard, breaches, say
from tests.test_processes import wait_for
from wence.knowledge import Knowledge

pytestmark = pytest.mark.live

QUESTION = "智慧社区由哪个单位牵头？"
FOLLOW_UP = "配合单位有哪些"
ACTIONS = "wence.action_server"
#: Two seconds in the server, and the way there and back on a busy machine.
TWO_SECONDS = 2.2
#: A dead action server is noticed and another one started; a hanging one is watched a little longer first.
BACK_AFTER_DEATH, BACK_AFTER_HANGING = 30, 60
SHORT_PAUSE = 3


@contextmanager
def within_two_seconds() -> Iterator[None]:
    began = time.perf_counter()
    yield
    assert time.perf_counter() - began < TWO_SECONDS


def is_disturbed(reply: Heard, knowledge: Knowledge) -> bool:
    return reply.status == "unavailable" and knowledge.contact_phone in reply.text and not breaches(reply, knowledge)


def answers(assistant: Assistant) -> bool:
    return say(assistant, uuid.uuid4().hex, QUESTION).status == "answered"


def test_killed_it_is_told_within_two_seconds_and_it_comes_back_by_itself(own: Assistant, knowledge: Knowledge) -> None:
    sender = uuid.uuid4().hex
    assert say(own, sender, QUESTION).status == "answered"
    killed = own.child(ACTIONS)
    os.kill(killed, signal.SIGKILL)
    with within_two_seconds():
        assert is_disturbed(say(own, sender, FOLLOW_UP), knowledge)

    wait_for(lambda: answers(own), BACK_AFTER_DEATH)
    assert own.child(ACTIONS) != killed
    # What was said before is remembered.
    assert "task.community.supporting" in say(own, sender, FOLLOW_UP).facts


def test_killed_again_and_again_it_comes_back_every_time(own: Assistant) -> None:
    for _ in range(3):
        os.kill(own.child(ACTIONS), signal.SIGKILL)
        wait_for(lambda: say(own, uuid.uuid4().hex, QUESTION).status == "unavailable")
        wait_for(lambda: answers(own), BACK_AFTER_DEATH)


def test_hanging_it_is_told_within_two_seconds_and_it_comes_back_by_itself(
    own: Assistant, knowledge: Knowledge
) -> None:
    sender = uuid.uuid4().hex
    assert say(own, sender, QUESTION).status == "answered"
    hanging = own.child(ACTIONS)
    os.kill(hanging, signal.SIGSTOP)
    for asking in (sender, sender, uuid.uuid4().hex):
        with within_two_seconds():
            assert is_disturbed(say(own, asking, FOLLOW_UP), knowledge)
    with within_two_seconds():
        assert say(own, sender, "/restart").status == "invalid"

    wait_for(lambda: answers(own), BACK_AFTER_HANGING)
    assert own.child(ACTIONS) != hanging
    assert "task.community.supporting" in say(own, sender, FOLLOW_UP).facts


def test_hanging_for_a_moment_only_it_goes_on_as_before(own: Assistant, knowledge: Knowledge) -> None:
    actions = own.child(ACTIONS)
    os.kill(actions, signal.SIGSTOP)
    assert is_disturbed(say(own, uuid.uuid4().hex, QUESTION), knowledge)
    time.sleep(SHORT_PAUSE)
    os.kill(actions, signal.SIGCONT)

    wait_for(lambda: answers(own))
    assert own.child(ACTIONS) == actions
