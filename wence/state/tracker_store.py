"""Where Rasa keeps its conversations: `SqliteTrackerStore`, named in endpoints.yml.

    tracker_store:
      type: wence.state.tracker_store.SqliteTrackerStore
      path: var/conversations.db
      keep_turns: 10        # turns a conversation keeps (default 10)
      days: 30              # days after which an abandoned conversation is gone (default 30)

A message costs one read and one write of one row, both off the event loop, and the tracker that Rasa
replays several times a message holds the last turns only. What the dialogue does not need is not stored:
what the assistant said (the record of turns holds it), the losing intents, the model's name on every
event.

Rasa wraps every tracker store so that an exception of `save` silently continues in memory and publishes
each conversation again. So nothing here raises once the file is open: a failure is logged, once when it
begins and once when it is over, and the reply goes out all the same.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

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

from wence.state.conversation_log import ConversationLog, ConversationLogError, StoredConversation

KEEP_TURNS = 10
DAYS = 30.0

_PARSE_DATA_KEPT = ("text", "intent", "entities")
_EVENT_DATA_DROPPED = ("metadata", "message_id")

logger = logging.getLogger(__name__)
_Result = TypeVar("_Result")


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
        super().__init__(domain, event_broker, **kwargs)
        try:
            self._log = ConversationLog(Path(path), int(keep_turns), float(days))
        except ConversationLogError as error:
            raise RasaException(str(error)) from error
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="conversations")
        self._failing = False

    async def retrieve(self, sender_id: str) -> StoredTracker | None:
        """The tracker with the last turns of a conversation; None when it is new."""
        stored = await self._in_thread(lambda: self._log.read(sender_id), None)
        return None if stored is None else self._rebuild(sender_id, stored)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Publish and store what happened since the tracker was retrieved."""
        known = tracker.stored_events if isinstance(tracker, StoredTracker) else 0
        new = list(islice(tracker.events, known, None))
        if not new:
            return
        await self._publish(tracker.sender_id, new)
        anew, turns = _split(new)
        if anew is None and not known:
            anew = {}
        await self._in_thread(lambda: self._log.append(tracker.sender_id, turns, anew), None)
        if isinstance(tracker, StoredTracker):
            tracker.stored_events = len(tracker.events)

    async def stream_events(self, tracker: DialogueStateTracker) -> None:
        """Do nothing: `save` publishes the new events, which it knows without reading the old ones."""

    async def delete(self, sender_id: str) -> bool:
        """Forget a conversation; whether there was one."""
        return await self._in_thread(lambda: self._log.delete(sender_id), False)

    async def keys(self) -> Iterable[str]:
        """The senders of all conversations."""
        return await self._in_thread(self._log.senders, [])

    def close(self) -> None:
        """Finish what is being written and close the file."""
        self._thread.submit(self._log.close).result()
        self._thread.shutdown()

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

    async def _in_thread(self, work: Callable[[], _Result], otherwise: _Result) -> _Result:
        """What `work` returns, from the thread of the file; `otherwise` when the file fails."""
        try:
            result = await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except Exception as error:
            if not self._failing:
                logger.error("对话数据库读写失败，暂时记不住上文，回复不受影响：%r", error)
            self._failing = True
            return otherwise
        if self._failing:
            logger.warning("对话数据库已恢复正常。")
        self._failing = False
        return result


def _session_start(slots: Mapping[str, Any], timestamp: float | None) -> list[Event]:
    """The events with which Rasa begins a session that takes its slots over from the one before."""
    return [
        ActionExecuted(ACTION_SESSION_START_NAME, timestamp=timestamp),
        SessionStarted(timestamp=timestamp),
        *(SlotSet(name, value, timestamp=timestamp) for name, value in slots.items()),
        ActionExecuted(ACTION_LISTEN_NAME, timestamp=timestamp),
    ]


def _split(events: list[Event]) -> tuple[dict[str, Any] | None, list[list[dict[str, Any]]]]:
    """The turns in new events, and the slots at the start of the session if one starts among them."""
    slots: dict[str, Any] | None = None
    turns: list[list[dict[str, Any]]] = []
    in_turn = False
    for event in events:
        if isinstance(event, SessionStarted):
            slots, turns, in_turn = {}, [], False
        elif isinstance(event, UserUttered):
            in_turn = True
            turns.append([_compact(event)])
        elif isinstance(event, BotUttered):
            continue
        elif in_turn:
            turns[-1].append(_compact(event))
        elif slots is None:
            turns.append([_compact(event)])
            in_turn = True
        elif isinstance(event, SlotSet):
            slots[event.key] = event.value
    return slots, turns


def _compact(event: Event) -> dict[str, Any]:
    """An event as Rasa serialises it, without what no later turn looks at."""
    data = {key: value for key, value in event.as_dict().items() if key not in _EVENT_DATA_DROPPED}
    if isinstance(event, UserUttered):
        parse_data = event.parse_data
        data["parse_data"] = {key: parse_data[key] for key in _PARSE_DATA_KEPT if key in parse_data}
    return data
