"""The way from WeChat to the dialogue, through the edge that every channel passes: `EdgeTurns`.

Where a web page gives a message up that waited too long for its turn, WeChat queues it again: it takes an answer
for more than four seconds, and a late one after that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from rasa.core.agent import Agent

from wence.channels.edge import Asked, Busy, Edge, Way
from wence.channels.to_rasa import forget_conversation
from wence.replies import Reply

QUEUE_SECONDS = 7.0  # with the turn itself less than a claim in the record of turns lasts
PAUSE_SECONDS = 0.05


class EdgeTurns:
    """Turns of one channel, as `wence.channels.wechat.service` wants them."""

    def __init__(self, channel: str, edge: Edge, agent: Agent, way: Way) -> None:
        self._channel = channel
        self._edge = edge
        self._agent = agent
        self._way = way

    async def answer(self, question: str, sender: str, message: str) -> Reply:
        """Return the reply to a message, however long it takes; the same for a message that came before."""
        turn = await self._edge.settle(Asked(self._channel, sender, question, message), self._queue)
        return turn.reply

    async def forget(self, sender: str) -> None:
        """Forget the turns of a sender, and what Rasa remembers of him."""
        await self._edge.forget(sender)
        await forget_conversation(self._agent, sender)

    async def _queue(self, text: str, sender: str) -> Sequence[Mapping[str, Any]]:
        loop = asyncio.get_running_loop()
        ends = loop.time() + QUEUE_SECONDS
        while True:
            try:
                return await self._way(text, sender)
            except Busy:
                if loop.time() >= ends:
                    raise
                await asyncio.sleep(PAUSE_SECONDS)
