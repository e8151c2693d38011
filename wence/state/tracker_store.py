"""Where Rasa keeps its conversations: `SqliteTrackerStore`, named in endpoints.yml.

    tracker_store:
      type: wence.state.tracker_store.SqliteTrackerStore
      path: var/conversations.db
      keep_turns: 10        # turns a conversation keeps (default 10)
      days: 30              # days after which an abandoned conversation is gone (default 30)

A message costs one read and one write of one row, both off the event loop, and the tracker that Rasa
replays several times a message holds the last turns only. What the dialogue does not need is not stored:
what the assistant said (the record of turns holds it), the losing intents, the model's name on every
event. Personal numbers are masked in what is stored and in what is published, whatever way a message came:
the edge masks what channels bring, Rasa's HTTP API passes by it.

Rasa wraps every tracker store so that an exception of `save` silently continues in memory and publishes
each conversation again. So nothing here raises once the file is open: a failure is logged, once when it
begins and once when it is over, and the reply goes out all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException

from wence.loaded import masker
from wence.privacy import Masker
from wence.state.conversation_log import TITLE, ConversationLog, StoredConversation
from wence.state.database import DatabaseError, DatabaseThread
from wence.state.masked_broker import MaskedBroker

KEEP_TURNS = 10
DAYS = 30.0

_PARSE_DATA_KEPT = ("text", "intent", "entities")
_EVENT_DATA_DROPPED = ("metadata", "message_id")

logger = logging.getLogger(__name__)


class StoredTracker(DialogueStateTracker):
    """A tracker that came from the store and knows how much of it did."""

    stored_events = 0


class SqliteTrackerStore(TrackerStore):
    """Rasa's conversations in an SQLite file, through a thread of its own."""

    def __init__(
        self,
        domain: Domain | None = None,
        event_broker: EventBroker | None = None,
        path: str | None = None,
        keep_turns: int = KEEP_TURNS,
        days: float = DAYS,
        **kwargs: Any,
    ) -> None:
        """Open the file at `path`; `RasaException` when that is impossible."""
        if not path:
            raise RasaException("endpoints.yml 的 tracker_store 缺少 path：请写明对话数据库的位置。")
        self._mask = masker()
        # Also for Rasa, which takes the broker from here when it goes on in memory.
        super().__init__(domain, MaskedBroker(event_broker, self._mask) if event_broker else None, **kwargs)
        try:
            self._log = ConversationLog(Path(path), int(keep_turns), float(days))
        except DatabaseError as error:
            raise RasaException(str(error)) from error
        self._thread = DatabaseThread(TITLE, "暂时记不住上文，回复不受影响")

    async def retrieve(self, sender_id: str) -> StoredTracker | None:
        """The tracker with the last turns of a conversation; None when it is new."""
        stored = await self._thread.run(lambda: self._log.read(self._mask.sender(sender_id)), None, reads=True)
        return None if stored is None else self._rebuild(sender_id, stored)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Publish and store what happened since the tracker was retrieved."""
        known = tracker.stored_events if isinstance(tracker, StoredTracker) else 0
        new = list(islice(tracker.events, known, None))
        if not new:
            return
        await self._publish(tracker.sender_id, new)
        sender = self._mask.sender(tracker.sender_id)
        anew, turns = _split(new, self._mask)
        if anew is None and not known:
            anew = {}
        await self._thread.run(lambda: self._log.append(sender, turns, anew), None)
        if isinstance(tracker, StoredTracker):
            tracker.stored_events = len(tracker.events)

    async def stream_events(self, tracker: DialogueStateTracker) -> None:
        """Do nothing: `save` publishes the new events, which it knows without reading the old ones."""

    async def delete(self, sender_id: str) -> bool | None:
        """Forget a conversation; whether there was one, None when the file fails."""
        return await self._thread.run(lambda: self._log.delete(self._mask.sender(sender_id)), None)

    async def keys(self) -> Iterable[str]:
        """The senders of all conversations."""
        return await self._thread.run(self._log.senders, [], reads=True)

    def close(self) -> None:
        """Finish what is being written and close the file."""
        self._thread.close(self._log.close)

    def _rebuild(self, sender_id: str, stored: StoredConversation) -> StoredTracker:
        events = stored.events()
        began = events[0]["timestamp"] if events else None
        tracker = StoredTracker(sender_id, self.domain.slots)
        for event in _session_start(stored.slots, began):
            tracker.update(event)
        for data in events:
            event = Event.from_parameters(data)
            if event is not None:
                tracker.update(event)
        tracker.stored_events = len(tracker.events)
        return tracker

    async def _publish(self, sender_id: str, events: list[Event]) -> None:
        if self.event_broker is None:
            return
        try:
            await self._stream_new_events(self.event_broker, events, sender_id)
        except Exception:
            logger.exception("对话事件未能发布到消息代理，回复不受影响。")


def _session_start(slots: Mapping[str, Any], timestamp: float | None) -> list[Event]:
    """The events with which Rasa begins a session that takes its slots over from the one before."""
    return [
        ActionExecuted(ACTION_SESSION_START_NAME, timestamp=timestamp),
        SessionStarted(timestamp=timestamp),
        *(SlotSet(name, value, timestamp=timestamp) for name, value in slots.items()),
        ActionExecuted(ACTION_LISTEN_NAME, timestamp=timestamp),
    ]


def _split(events: list[Event], mask: Masker) -> tuple[dict[str, Any] | None, list[list[dict[str, Any]]]]:
    """The turns in new events, and the slots at the start of the session if one starts among them; masked."""
    slots: dict[str, Any] | None = None
    turns: list[list[dict[str, Any]]] = []
    in_turn = False
    for event in events:
        if isinstance(event, SessionStarted):
            slots, turns, in_turn = {}, [], False
        elif isinstance(event, UserUttered):
            in_turn = True
            turns.append([mask.within(_compact(event))])
        elif isinstance(event, BotUttered):
            continue
        elif in_turn:
            turns[-1].append(mask.within(_compact(event)))
        elif slots is None:
            turns.append([mask.within(_compact(event))])
            in_turn = True
        elif isinstance(event, SlotSet):
            slots[event.key] = mask.within(event.value)
    return slots, turns


def _compact(event: Event) -> dict[str, Any]:
    """An event as Rasa serialises it, without what no later turn looks at."""
    data = {key: value for key, value in event.as_dict().items() if key not in _EVENT_DATA_DROPPED}
    if isinstance(event, UserUttered):
        parse_data = event.parse_data
        data["parse_data"] = {key: parse_data[key] for key in _PARSE_DATA_KEPT if key in parse_data}
    return data
