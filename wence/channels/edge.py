"""The one edge that every message passes on its way in, and every reply on its way out.

    edge = Edge(contact_phone, mask, record, capture)
    turn = await edge.answer(Asked("web", sender, text, message_id), way)

`way` is the channel's way of handing a message to Rasa; it returns the messages that Rasa sent. Whatever
the text, and whatever becomes of it, the citizen gets a turn with a reply:

    what cannot be a question               `invalid`, with what to do; Rasa never sees it
    what is not answered in time            `unavailable`, with whom to call
    what breaks, or says nothing            `unavailable`, too
    what was sent before, by its id         the turn that it was then, also while that one still runs, and also
                                            in another process that shares the record

Personal numbers are masked before anything else sees the text, and the turn is recorded; one whose question
was missed is written down before its reply leaves. How the question was understood comes from the action
with the reply (`wence.misses.understood`); it stays here. A turn that was
begun is finished, also when its client hangs up or its time is over: one cut off in the middle would
leave its conversation in a state that nobody foresaw.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from wence.channels.admission import Refusal, admit, excerpt
from wence.misses.capture import Capture
from wence.misses.understood import UNDERSTOOD
from wence.privacy import Masker
from wence.replies import UNAVAILABLE, Option, Reply, Status
from wence.state.turns import Turn, TurnRecord

TIME_LIMIT = 2.0

_STATUSES = frozenset(status.value for status in Status)

Way = Callable[[str, str], Awaitable[Sequence[Mapping[str, Any]]]]
"""Hands a text and its sender to Rasa; returns Rasa's messages."""

logger = logging.getLogger(__name__)


class Busy(Exception):
    """A turn was not begun, because too many others came before it."""


class MessageIdReusedError(Exception):
    """A client gave the id of one message to another."""


@dataclasses.dataclass(frozen=True)
class Asked:
    """A message as a channel brings it; with an id of the client's, it is answered once only."""

    channel: str
    sender: str
    text: str
    message_id: str | None = None


class Edge:
    """Judges and masks messages, limits the time of turns, records them, and always has a reply."""

    def __init__(
        self,
        contact_phone: str,
        mask: Masker | None = None,
        record: TurnRecord | None = None,
        time_limit: float = TIME_LIMIT,
        capture: Capture | None = None,
    ) -> None:
        self._unavailable = Reply(Status.UNAVAILABLE, UNAVAILABLE.format(phone=contact_phone))
        self._mask = mask or Masker()
        self._record = record
        self._capture = capture
        self._time_limit = time_limit
        # The event loop alone does not keep a task alive.
        self._running: dict[asyncio.Task[Any], str] = {}
        self._by_id: dict[tuple[str, str | None], asyncio.Task[Turn]] = {}

    async def answer(self, asked: Asked, way: Way) -> Turn:
        """Return the turn that answers a message; raises MessageIdReusedError."""
        text, refusal = self._admitted(asked.text)
        task = self._begin(asked, text, refusal, way)
        # Unlike wait_for, wait leaves the task alone when the time is over or the client is gone.
        await asyncio.wait({task}, timeout=self._time_limit)
        if not task.done():
            logger.warning("一次对话超过 %s 秒没有完成。", self._time_limit)
            late = Turn(asked.channel, asked.sender, text, self._unavailable)
            self._keep(asyncio.create_task(self._recorded(late)), asked.sender)
            return late
        turn = task.result()
        if turn.message != text:
            raise MessageIdReusedError
        return turn

    async def settle(self, asked: Asked, way: Way) -> Turn:
        """Return the turn that answers a message, however late, for a channel that can answer later.

        Raises MessageIdReusedError.
        """
        text, refusal = self._admitted(asked.text)
        turn = await asyncio.shield(self._begin(asked, text, refusal, way))
        if turn.message != text:
            raise MessageIdReusedError
        return turn

    async def forget(self, sender: str) -> int | None:
        """Delete the recorded turns of a sender, those that still run included; None when that failed."""
        running = {task for task, owner in self._running.items() if owner == sender}
        if running:
            await asyncio.wait(running, timeout=self._time_limit)
        if self._capture:
            self._capture.forget(sender)
        return await self._record.forget(sender) if self._record else 0

    async def history(self, sender: str, after: int = 0) -> list[Turn] | None:
        """Return the last recorded turns of a sender; None when that failed."""
        return await self._record.history(sender, after) if self._record else []

    async def rate(self, sender: str, reply_id: str, helpful: bool, reason: str | None) -> bool | None:
        """Keep a sender's feedback on a reply; whether it is theirs, None when that failed."""
        if self._record is None:
            return False
        masked = self._mask(reason) if reason else None
        kept = await self._record.rate(sender, reply_id, helpful, masked)
        if kept and self._capture and (turn := await self._record.replied(sender, reply_id)):
            self._capture.rated(turn, helpful, masked or "")
        return kept

    async def close(self) -> None:
        """Let the turns that run come to their end, and close the record."""
        if self._running:
            await asyncio.wait(set(self._running), timeout=self._time_limit)
        if self._record:
            self._record.close()
        if self._capture:
            self._capture.close()

    def _begin(self, asked: Asked, text: str, refusal: str, way: Way) -> asyncio.Task[Turn]:
        """Begin the turn of a message, or find it begun; in one step, so that of two alike only one begins."""
        key = (asked.sender, asked.message_id)
        if asked.message_id and key in self._by_id:
            return self._by_id[key]
        task = asyncio.create_task(self._take(asked, text, refusal, way))
        self._keep(task, asked.sender)
        if asked.message_id:
            self._by_id[key] = task
            task.add_done_callback(lambda _: self._by_id.pop(key))
        return task

    def _admitted(self, raw: str) -> tuple[str, str]:
        """The masked text, and why it is refused, if it is."""
        try:
            return self._mask(admit(raw)), ""
        except Refusal as refusal:
            return self._mask(excerpt(raw)), str(refusal)

    def _keep(self, task: asyncio.Task[Any], sender: str) -> None:
        self._running[task] = sender
        task.add_done_callback(self._running.pop)

    async def _take(self, asked: Asked, text: str, refusal: str, way: Way) -> Turn:
        if asked.message_id and self._record:
            before = await self._record.claim(asked.sender, asked.message_id)
            if before is not None:
                # Written down again, because its process may have ended between recording it and this.
                return self._captured(before)
        reply, understood = (Reply(Status.INVALID, refusal), None) if refusal else await _ask(way, text, asked.sender)
        reply = reply or self._unavailable
        turn = Turn(asked.channel, asked.sender, text, reply, asked.message_id, understood=understood)
        if asked.message_id:
            return self._captured(await self._recorded(turn))
        # Nobody will ask for it again by an id: so nobody waits for it to be recorded.
        self._keep(asyncio.create_task(self._recorded(turn)), asked.sender)
        return self._captured(turn)

    def _captured(self, turn: Turn) -> Turn:
        """A turn that is written down if it was missed: from here on its reply may leave."""
        if self._capture:
            self._capture.turn(turn)
        return turn

    async def _recorded(self, turn: Turn) -> Turn:
        return await self._record.add(turn) if self._record else turn


async def _ask(way: Way, text: str, sender: str) -> tuple[Reply | None, Mapping[str, Any] | None]:
    """Take a turn: its reply, None when it gave none for whatever reason; and how the question was understood."""
    try:
        reply, understood = _reply_in(await way(text, sender))
    except Busy as error:
        logger.warning("一次对话排队太久，没有开始：%s", error)
        return None, None
    except Exception:
        logger.exception("一次对话中途出错。")
        return None, None
    if reply is None:
        logger.error("一次对话没有得到带状态的回复。")
    return reply, understood


def _reply_in(messages: Iterable[Mapping[str, Any]]) -> tuple[Reply | None, Mapping[str, Any] | None]:
    """Find the reply in the messages of a turn: all texts, all buttons, the last status; and what goes with it.

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
        return None, None
    reply = Reply(
        Status(custom["status"]),
        "\n\n".join(texts),
        tuple(custom.get("facts") or ()),
        tuple(custom.get("citations") or ()),
        tuple(options),
    )
    return reply, custom.get(UNDERSTOOD)


def _has_status(custom: object) -> bool:
    return isinstance(custom, Mapping) and custom.get("status") in _STATUSES
