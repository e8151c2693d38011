"""The order of turns: one at a time for each conversation, a few at a time in all.

Named in endpoints.yml:

    lock_store:
      type: wence.state.lock_store.TurnLockStore

Rasa's own in-memory lock asks once a second whether the turn before has ended; here the next turn starts
at once. And where Rasa works on every message at the same time, so that under load all become slow
together, here the first come is answered first, and a turn that waited too long to be of use to anybody
is given up before it has cost anything.

One process only: several Rasa workers need a lock store that they share.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LockError, LockStore
from rasa.utils.endpoints import EndpointConfig

CONCURRENT_TURNS = 8
PATIENCE = 1.5  # seconds; what begins later would not end within the edge's time limit


@dataclass
class _Conversation:
    """The turns of one conversation that run or wait."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    turns: int = 0


class TurnLockStore(LockStore):
    """Locks of asyncio: fair, without polling, forgotten as soon as nobody waits."""

    def __init__(self, endpoint_config: EndpointConfig | None = None) -> None:
        options = endpoint_config.kwargs if endpoint_config else {}
        self._patience = float(options.get("patience", PATIENCE))
        self._slots = asyncio.Semaphore(int(options.get("concurrent_turns", CONCURRENT_TURNS)))
        self._conversations: dict[str, _Conversation] = {}

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = 0, wait_time_in_seconds: float = 0
    ) -> AsyncIterator[TicketLock]:
        """Wait for the conversation's turn; `LockError` when it does not come in time.

        The two times are of Rasa's interface: a lock here lives as long as its turn, which the limit on
        actions keeps short, and nothing is polled.
        """
        conversation = self._conversations.setdefault(conversation_id, _Conversation())
        conversation.turns += 1
        try:
            await self._enter(conversation)
            try:
                yield TicketLock(conversation_id)
            finally:
                self._leave(conversation)
        finally:
            conversation.turns -= 1
            if not conversation.turns:
                del self._conversations[conversation_id]

    async def _enter(self, conversation: _Conversation) -> None:
        if conversation.lock.locked() or self._slots.locked():
            try:
                await asyncio.wait_for(self._acquire(conversation), self._patience)
            except asyncio.TimeoutError:
                raise LockError(f"No turn came free within {self._patience} s.") from None
        else:
            await self._acquire(conversation)

    async def _acquire(self, conversation: _Conversation) -> None:
        await conversation.lock.acquire()
        try:
            await self._slots.acquire()
        except BaseException:
            conversation.lock.release()
            raise

    def _leave(self, conversation: _Conversation) -> None:
        self._slots.release()
        conversation.lock.release()
