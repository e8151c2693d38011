"""The way from WeChat to the dialogue, through the edge that every channel passes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.lock_store import LockError

from wence.channels.edge import Busy, Edge
from wence.replies import Reply


class EdgeTurns:
    """Turns."""

    def __init__(self, phone: str, channel: str, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> None:
        self._edge = Edge(phone, 60.0)
        self._channel = channel
        self._on_new_message = on_new_message

    async def answer(self, question: str, sender: str, message: str) -> Reply:
        """Answer."""
        return await self._edge.answer(question, f"{self._channel}-{sender}", self._turn)

    async def forget(self, sender: str) -> None:
        """Forget."""

    async def _turn(self, text: str, sender: str) -> Sequence[Mapping[str, Any]]:
        output = CollectingOutputChannel()
        try:
            await self._on_new_message(UserMessage(text, output, sender, input_channel=self._channel))
        except LockError as error:
            raise Busy(str(error)) from error
        messages: list[dict[str, Any]] = output.messages
        return messages
