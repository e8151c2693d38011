"""A channel's ways to Rasa.

    way_to_rasa(on_new_message, channel)    hands it the messages of a channel
    forget_conversation(agent, sender)      makes it forget a conversation

The one is a turn, the other stands between two turns.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.lock_store import LockError

from wence.channels.edge import Busy, Way

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]


def way_to_rasa(on_new_message: OnNewMessage, channel: str) -> Way:
    """Return what gives a text of a sender to Rasa, under the channel's own name, and brings its messages."""

    async def way(text: str, sender: str) -> Sequence[Mapping[str, Any]]:
        output = CollectingOutputChannel()
        try:
            await on_new_message(UserMessage(text, output, sender, input_channel=channel))
        except LockError as error:
            raise Busy(str(error)) from error
        messages: list[dict[str, Any]] = output.messages
        return messages

    return way


async def forget_conversation(agent: Agent, sender: str) -> bool | None:
    """Delete what Rasa remembers of a sender, between two turns; whether there was anything, None when that failed."""
    # Rasa knows no deletion: the store below the one with which it guards against failures does.
    store = getattr(agent.tracker_store, "_tracker_store", agent.tracker_store)
    try:
        async with agent.lock_store.lock(sender):
            return await store.delete(sender) if hasattr(store, "delete") else None
    except LockError:
        return None
