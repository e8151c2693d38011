"""Asking an assistant: over REST, or any other way that takes a text and gives messages.

    ask_all(conversations, over_rest(url), judge)     → Result for each, in order

Every conversation has a sender of its own. A request that fails is a reply that fails.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import json
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Sequence

from wence.evaluation.judge import FAILED, Judge, Message, Verdict
from wence.evaluation.questions import Conversation

TIMEOUT_SECONDS = 60.0
CLIENTS = 4
PROBE = "你好"

#: Sends a text of a sender and returns the messages of the reply.
Say = Callable[[str, str], Sequence[Message]]
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class NoAssistantError(Exception):
    """Nothing answers where an assistant was expected."""


@dataclasses.dataclass(frozen=True)
class Result:
    """A conversation, the verdict about its last reply, and the seconds that each turn took."""

    conversation: Conversation
    verdict: Verdict
    seconds: tuple[float, ...]

    @property
    def passed(self) -> bool:
        """Whether the last reply is right."""
        return not self.verdict.reasons


def over_rest(url: str) -> Say:
    """Return the way to the assistant at an address; raises NoAssistantError when none answers there."""

    def say(sender: str, text: str) -> Sequence[Message]:
        body = json.dumps({"sender": sender, "message": text}).encode()
        request = urllib.request.Request(
            f"{url}/webhooks/rest/webhook", data=body, headers={"Content-Type": "application/json"}
        )
        with _OPENER.open(request, timeout=TIMEOUT_SECONDS) as response:
            messages: list[Message] = json.load(response)
        return messages

    try:
        say(new_sender(), PROBE)
    except (OSError, ValueError) as error:
        raise NoAssistantError(f"{url} 没有助手应答({error}):请先运行 make run,或改正 --url") from error
    return say


def new_sender() -> str:
    """Return a sender that nobody else is."""
    return f"evaluation-{uuid.uuid4().hex}"


def ask(conversation: Conversation, say: Say, judge: Judge) -> Result:
    """Hold one conversation and judge its last reply."""
    sender, seconds = new_sender(), []
    messages: Sequence[Message] = ()
    try:
        for turn in conversation.turns:
            started = time.perf_counter()
            messages = say(sender, turn)
            seconds.append(time.perf_counter() - started)
        verdict = judge.judge(conversation, messages)
    except (OSError, ValueError, KeyError) as error:
        verdict = Verdict((f"请求失败:{error}",), FAILED, "")
    return Result(conversation, verdict, tuple(seconds))


def ask_all(conversations: Sequence[Conversation], say: Say, judge: Judge, clients: int = CLIENTS) -> Iterator[Result]:
    """Hold all conversations, `clients` at a time, and give the results in order."""
    if clients == 1:
        yield from (ask(conversation, say, judge) for conversation in conversations)
        return
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        yield from pool.map(lambda conversation: ask(conversation, say, judge), conversations)
