"""The one edge that every message passes on its way in, and every reply on its way out.

    edge = Edge(contact_phone="0398-2260117")
    reply = await edge.answer(raw_text, sender, turn)

`turn` is the channel's way of handing a message to Rasa; it returns the messages that Rasa sent. Whatever
the text, and whatever becomes of the turn, the citizen gets a `Reply`:

    what cannot be a question               `invalid`, with what to do; Rasa never sees it
    what is not answered in time            `unavailable`, with whom to call
    what breaks, or says nothing            `unavailable`, too

A turn that was begun is finished, also when its client hangs up or its time is over: one cut off in the
middle would leave its conversation in a state that nobody foresaw.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from wence.channels.admission import Refusal, admit
from wence.replies import Option, Reply, Status

TIME_LIMIT = 2.0

UNAVAILABLE = "抱歉，服务暂时出了故障，没能回答您的问题。请稍后再试，或拨打政策解读联系电话{phone}咨询。"

_STATUSES = frozenset(status.value for status in Status)

Turn = Callable[[str, str], Awaitable[Sequence[Mapping[str, Any]]]]
"""Hands a text and its sender to Rasa; returns Rasa's messages."""

logger = logging.getLogger(__name__)


class Busy(Exception):
    """A turn was not begun, because too many others came before it."""


class Edge:
    """Judges messages, limits the time of turns, and always has a reply."""

    def __init__(self, contact_phone: str, time_limit: float = TIME_LIMIT) -> None:
        self._unavailable = Reply(Status.UNAVAILABLE, UNAVAILABLE.format(phone=contact_phone))
        self._time_limit = time_limit
        # The event loop alone does not keep a task alive.
        self._running: set[asyncio.Task[Reply | None]] = set()

    async def answer(self, raw: str, sender: str, turn: Turn) -> Reply:
        """Return the reply to a message of `sender`."""
        try:
            text = admit(raw)
        except Refusal as refusal:
            return Reply(Status.INVALID, str(refusal))
        task = asyncio.create_task(_take(turn, text, sender))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        # Unlike wait_for, wait leaves the task alone when the time is over or the client is gone.
        await asyncio.wait({task}, timeout=self._time_limit)
        if not task.done():
            logger.warning("一次对话超过 %s 秒没有完成。", self._time_limit)
            return self._unavailable
        return task.result() or self._unavailable


async def _take(turn: Turn, text: str, sender: str) -> Reply | None:
    """Take a turn; None when it gave no reply, for whatever reason."""
    try:
        reply = _reply_in(await turn(text, sender))
    except Busy as error:
        logger.warning("一次对话排队太久，没有开始：%s", error)
        return None
    except Exception:
        logger.exception("一次对话中途出错。")
        return None
    if reply is None:
        logger.error("一次对话没有得到带状态的回复。")
    return reply


def _reply_in(messages: Iterable[Mapping[str, Any]]) -> Reply | None:
    """Find the reply in the messages of a turn: all texts, all buttons, the last status.

    Rasa cuts a text at its blank lines into several messages; they are joined again. Without a text or
    without a status there is no reply.
    """
    texts: list[str] = []
    options: list[Option] = []
    custom: Mapping[str, Any] | None = None
    for message in messages:
        if message.get("text"):
            texts.append(message["text"])
        options += (Option(button["title"], button["payload"]) for button in message.get("buttons") or ())
        if _has_status(message.get("custom")):
            custom = message["custom"]
    if not texts or custom is None:
        return None
    return Reply(
        Status(custom["status"]),
        "\n\n".join(texts),
        tuple(custom.get("facts") or ()),
        tuple(custom.get("citations") or ()),
        tuple(options),
    )


def _has_status(custom: object) -> bool:
    return isinstance(custom, Mapping) and custom.get("status") in _STATUSES
