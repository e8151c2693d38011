"""The way from WeChat to the dialogue, through the edge that every channel passes: `EdgeTurns`."""

from __future__ import annotations

from rasa.core.agent import Agent

from wence.channels.edge import Asked, Edge, Way
from wence.channels.to_rasa import forget_conversation
from wence.replies import Reply


class EdgeTurns:
    """Turns of one channel, as `wence.channels.wechat.service` wants them."""

    def __init__(self, channel: str, edge: Edge, agent: Agent, way: Way) -> None:
        self._channel = channel
        self._edge = edge
        self._agent = agent
        self._way = way

    async def answer(self, question: str, sender: str, message: str) -> Reply:
        """Return the reply to a message, however long it takes; the same for a message that came before."""
        turn = await self._edge.settle(Asked(self._channel, sender, question, message), self._way)
        return turn.reply

    async def forget(self, sender: str) -> None:
        """Forget the turns of a sender, and what Rasa remembers of him."""
        await self._edge.forget(sender)
        await forget_conversation(self._agent, sender)
