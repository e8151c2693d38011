import asyncio
import json
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.core.brokers.file import FileEventBroker
from rasa.core.tracker_store import FailSafeTrackerStore, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    AllSlotsReset,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

from wence.state.conversation_log import SECONDS_A_DAY, ConversationLog, StoredConversation
from wence.state.tracker_store import SqliteTrackerStore

NAME = "wence.state.tracker_store.SqliteTrackerStore"
DOMAIN = Domain.from_yaml("""
version: "3.1"
intents: [lead_unit, role, greet]
entities: [task]
slots:
  facet: {type: text, influence_conversation: true, mappings: [{type: custom}]}
  subjects: {type: list, influence_conversation: false, mappings: [{type: custom}]}
actions: [action_answer]
""")


def open_store(path: Path, broker: Any = None, **options: Any) -> SqliteTrackerStore:
    config = EndpointConfig.from_dict({"type": NAME, "path": str(path / "conversations.db"), **options})
    store = TrackerStore.create(config, event_broker=broker)
    assert isinstance(store, SqliteTrackerStore)
    store.domain = DOMAIN
    return store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path


def session_start(slots: dict[str, Any] | None = None) -> list[Event]:
    return [
        ActionExecuted(ACTION_SESSION_START_NAME),
        SessionStarted(),
        *(SlotSet(name, value) for name, value in (slots or {}).items()),
        ActionExecuted(ACTION_LISTEN_NAME),
    ]


def turn(text: str, intent: str = "lead_unit", **slots: Any) -> list[Event]:
    entities = [{"entity": "task", "start": 0, "end": 2, "value": text[:2], "extractor": "x"}]
    intent_data = {"name": intent, "confidence": 0.9}
    parse_data = {
        "text": text,
        "intent": intent_data,
        "entities": entities,
        "intent_ranking": [intent_data] * 10,
        "reading": {"facet": intent},
    }
    return [
        UserUttered(text, intent_data, entities, parse_data, input_channel="rest"),
        DefinePrevUserUtteredFeaturization(False),
        ActionExecuted("action_answer", policy="RulePolicy", confidence=1.0),
        BotUttered("市民政局。" * 50, metadata={"custom": {"status": "answered"}}),
        *(SlotSet(name, value) for name, value in slots.items()),
        ActionExecuted(ACTION_LISTEN_NAME),
    ]


def begin(sender: str = "s") -> DialogueStateTracker:
    tracker = DialogueStateTracker(sender, DOMAIN.slots)
    tracker.update_with_events(session_start(), DOMAIN)
    return tracker


async def take(store: TrackerStore, events: Sequence[Event], sender: str = "s") -> None:
    """One message, as Rasa takes it: retrieve, add what happened, save."""
    tracker = await store.retrieve(sender) or begin(sender)
    for event in events:
        tracker.update(event, DOMAIN)
    await store.save(tracker)


async def the_tracker(store: TrackerStore, sender: str = "s") -> DialogueStateTracker:
    tracker = await store.retrieve(sender)
    assert tracker is not None
    return tracker


def texts(tracker: DialogueStateTracker) -> list[str]:
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(scenario(), 20))


def assert_same_dialogue(stored: DialogueStateTracker, lived: DialogueStateTracker, turns: int) -> None:
    """What a policy or an action looks at is the same in a stored tracker as in one that was never stored."""
    assert stored.current_slot_values() == lived.current_slot_values()
    assert stored.latest_action_name == lived.latest_action_name
    assert stored.latest_message == lived.latest_message
    assert stored.followup_action == lived.followup_action
    assert stored.get_latest_input_channel() == lived.get_latest_input_channel()
    last = turns * 2  # a state before each action, of which a turn has two
    assert stored.past_states(DOMAIN)[-last:] == lived.past_states(DOMAIN)[-last:]


slot_values = st.fixed_dictionaries(
    {},
    optional={
        "facet": st.none() | st.text(max_size=5),
        "subjects": st.none() | st.lists(st.text(max_size=3), max_size=3),
    },
)
turns = st.tuples(st.text(min_size=1, max_size=8), st.sampled_from(["lead_unit", "role", "greet"]), slot_values)


@settings(max_examples=40, deadline=None)
@given(st.lists(turns, min_size=1, max_size=9), st.integers(min_value=1, max_value=5))
def test_a_stored_dialogue_goes_on_as_if_it_had_never_been_stored(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[str, str, dict[str, Any]]], keep_turns: int
) -> None:
    async def scenario() -> None:
        store = open_store(tmp_path_factory.mktemp("store"), keep_turns=keep_turns)
        lived = begin()
        for text, intent, slots in history:
            events = turn(text, intent, **slots)
            await take(store, events)
            for event in events:
                lived.update(event, DOMAIN)
            stored = await the_tracker(store)
            assert_same_dialogue(stored, lived, min(keep_turns, len(texts(stored))))
        store.close()

    run(scenario)


def test_rasa_takes_the_store_as_it_is_without_a_warning(path: Path, recwarn: pytest.WarningsRecorder) -> None:
    open_store(path).close()
    assert not [warning for warning in recwarn if issubclass(warning.category, FutureWarning)]


def test_a_conversation_that_nobody_knows_is_none(path: Path) -> None:
    async def scenario() -> None:
        store = open_store(path)
        assert await store.retrieve("nobody") is None
        assert not await store.exists("nobody")

    run(scenario)


def test_a_conversation_is_still_there_after_a_restart(path: Path) -> None:
    async def scenario() -> None:
        store = open_store(path)
        await take(store, turn("智慧社区归谁管", facet="lead_unit"))
        store.close()
        again = open_store(path)
        tracker = await the_tracker(again)
        assert texts(tracker) == ["智慧社区归谁管"]
        assert tracker.get_slot("facet") == "lead_unit"

    run(scenario)


def test_the_hundredth_turn_is_no_longer_than_the_tenth(path: Path) -> None:
    async def scenario() -> None:
        store, lengths = open_store(path, keep_turns=10), []
        for number in range(100):
            await take(store, turn(f"第{number}问"))
            lengths.append(len((await the_tracker(store)).events))
        assert max(lengths) == lengths[9] == lengths[99]
        assert texts(await the_tracker(store)) == [f"第{number}问" for number in range(90, 100)]

    run(scenario)


def test_slots_outlive_the_turns_that_set_them(path: Path) -> None:
    async def scenario() -> None:
        store = open_store(path, keep_turns=2)
        await take(store, turn("一", facet="lead_unit", subjects=["a"]))
        await take(store, turn("二", subjects=["b"]))
        for number in range(5):
            await take(store, turn(f"第{number}问"))
        tracker = await the_tracker(store)
        assert (tracker.get_slot("facet"), tracker.get_slot("subjects")) == ("lead_unit", ["b"])

    run(scenario)


def test_slots_that_were_reset_stay_reset(path: Path) -> None:
    async def scenario() -> None:
        store = open_store(path, keep_turns=1)
        await take(store, turn("一", facet="lead_unit"))
        await take(store, [*turn("二"), AllSlotsReset()])
        await take(store, turn("三"))
        assert (await the_tracker(store)).get_slot("facet") is None

    run(scenario)


def test_a_clock_set_back_loses_no_turn(path: Path) -> None:
    async def scenario() -> None:
        store, now = open_store(path), time.time()
        for number in range(5):
            events = turn(f"第{number}问")
            for event in events:
                event.timestamp = now - 3600 * number
            await take(store, events)
        assert texts(await the_tracker(store)) == [f"第{number}问" for number in range(5)]

    run(scenario)


def test_a_new_session_begins_anew_with_the_slots_it_takes_over(path: Path) -> None:
    async def scenario() -> None:
        store = open_store(path)
        await take(store, turn("旧的", facet="lead_unit", subjects=["a"]))
        await take(store, [*session_start({"facet": "lead_unit"}), *turn("新的")])
        tracker = await the_tracker(store)
        assert texts(tracker) == ["新的"]
        assert (tracker.get_slot("facet"), tracker.get_slot("subjects")) == ("lead_unit", None)

    run(scenario)


def test_only_what_the_dialogue_needs_is_stored(path: Path) -> None:
    async def scenario() -> None:
        store = open_store(path)
        await take(store, turn("智慧社区归谁管"))
        store.close()
        ((content,),) = sqlite3.connect(path / "conversations.db").execute("SELECT turns FROM conversations")
        assert "智慧社区归谁管".encode() in content
        for word in ("市民政局", "intent_ranking", "reading", "answered"):
            assert word.encode() not in content

    run(scenario)


@pytest.mark.parametrize("text", ["\ud800", "一\n二\r三\u2028四", "'; DROP TABLE conversations; --", '"\\\x00'])
def test_any_text_is_stored_as_it_is(path: Path, text: str) -> None:
    async def scenario() -> None:
        store = open_store(path)
        await take(store, turn(text))
        await take(store, turn("二"))
        assert texts(await the_tracker(store)) == [text, "二"]

    run(scenario)


def test_a_deleted_conversation_is_gone_and_others_stay(path: Path) -> None:
    async def scenario() -> None:
        store = open_store(path)
        await take(store, turn("一"), "a")
        await take(store, turn("二"), "b")
        assert await store.delete("a")
        assert not await store.delete("a")
        assert await store.retrieve("a") is None
        assert list(await store.keys()) == ["b"]

    run(scenario)


def test_a_turn_that_ends_after_its_conversation_was_deleted_brings_back_nothing_of_it(path: Path) -> None:
    async def scenario() -> None:
        store = open_store(path)
        await take(store, turn("删掉的", facet="lead_unit"))
        tracker = await the_tracker(store)
        tracker.update_with_events(turn("新的"), DOMAIN)
        await store.delete("s")
        await store.save(tracker)
        after = await the_tracker(store)
        assert texts(after) == ["新的"]
        assert after.get_slot("facet") is None

    run(scenario)


def test_two_writers_of_a_conversation_lose_no_turn(path: Path) -> None:
    async def scenario() -> None:
        one, other = open_store(path), open_store(path)
        await take(one, turn("一"))
        first, second = await the_tracker(one), await the_tracker(other)
        first.update_with_events(turn("二"), DOMAIN)
        second.update_with_events(turn("三"), DOMAIN)
        await one.save(first)
        await other.save(second)
        assert texts(await the_tracker(one)) == ["一", "二", "三"]

    run(scenario)


def test_an_abandoned_conversation_expires(path: Path) -> None:
    now = 1_000_000_000.0
    log = ConversationLog(path / "c.db", keep_turns=10, days=30, clock=lambda: now)
    log.append("old", [[{"event": "user"}]])
    now += 29 * SECONDS_A_DAY
    log.append("young", [[{"event": "user"}]])
    assert sorted(log.senders()) == ["old", "young"]
    now += 2 * SECONDS_A_DAY
    assert log.read("old") is None
    assert log.senders() == ["young"]
    log.append("another", [[{"event": "user"}]])
    ((rows,),) = log._connection.execute("SELECT count(*) FROM conversations")
    assert rows == 2


def test_an_expired_conversation_that_is_continued_begins_anew(path: Path) -> None:
    now = 1_000_000_000.0
    log = ConversationLog(path / "c.db", keep_turns=10, days=30, clock=lambda: now)
    log.append("s", [[{"event": "slot", "name": "a", "value": 1}]])
    now += 31 * SECONDS_A_DAY
    log.append("s", [[{"event": "user"}]])
    assert log.read("s") == StoredConversation(1, {}, (b'[{"event":"user"}]',))


def test_every_event_is_published_once(path: Path) -> None:
    async def scenario() -> None:
        broker = FileEventBroker(str(path / "events.log"))
        store = open_store(path, broker)
        history = [turn("一"), turn("二"), turn("三")]
        for events in history:
            await take(store, events)
        lines = (path / "events.log").read_text().splitlines()
        published = [json.loads(line)["event"] for line in lines]
        lived = [event.type_name for event in [*session_start(), *(event for events in history for event in events)]]
        assert published == lived

    run(scenario)


class TestDisturbedDatabase:
    def held_by_another(self, path: Path) -> sqlite3.Connection:
        other = sqlite3.connect(path / "conversations.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        return other

    def test_a_failing_save_neither_raises_nor_falls_back_to_memory(
        self, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def scenario() -> None:
            store = open_store(path)
            safe = FailSafeTrackerStore(store)
            await take(safe, turn("一"))
            other = self.held_by_another(path)
            await take(safe, turn("二"))
            other.execute("ROLLBACK")
            assert safe._fallback_tracker_store is None
            await take(safe, turn("三"))
            assert texts(await the_tracker(safe)) == ["一", "三"]

        with caplog.at_level(logging.WARNING):
            run(scenario)
        said = [record.getMessage() for record in caplog.records if record.name.startswith("wence")]
        assert len(said) == 2
        assert "对话数据库读写失败" in said[0]
        assert "恢复" in said[1]

    def test_a_broken_table_neither_raises_nor_falls_back_to_memory(self, path: Path) -> None:
        async def scenario() -> None:
            store = open_store(path)
            safe = FailSafeTrackerStore(store)
            await take(safe, turn("一"))
            other = sqlite3.connect(path / "conversations.db")
            other.execute("DROP TABLE conversations")
            other.commit()
            await take(safe, turn("二"))
            assert await safe.retrieve("s") is None
            assert list(await safe.keys()) == []
            assert safe._fallback_tracker_store is None

        run(scenario)

    def test_an_event_that_cannot_be_stored_does_not_raise(self, path: Path) -> None:
        async def scenario() -> None:
            store = open_store(path)
            await take(store, turn("一", facet=object()))
            assert await store.retrieve("s") is None

        run(scenario)

    def test_a_broker_that_fails_does_not_keep_a_turn_from_being_stored(self, path: Path) -> None:
        class Failing(FileEventBroker):
            def publish(self, event: dict[str, Any]) -> None:
                raise ConnectionError

        async def scenario() -> None:
            store = open_store(path, Failing(str(path / "events.log")))
            await take(store, turn("一"))
            assert texts(await the_tracker(store)) == ["一"]

        run(scenario)

    def test_the_event_loop_goes_on_while_the_database_waits(self, path: Path) -> None:
        async def scenario() -> None:
            store = open_store(path)
            await take(store, turn("一"))
            other = self.held_by_another(path)
            saving = asyncio.create_task(take(store, turn("二")))
            longest, before = 0.0, time.perf_counter()
            while not saving.done():
                await asyncio.sleep(0.005)
                longest, before = max(longest, time.perf_counter() - before), time.perf_counter()
            other.close()
            assert longest < 0.3

        run(scenario)


class TestUnusableFile:
    def test_a_missing_path_stops_the_start_and_says_so(self) -> None:
        with pytest.raises(RasaException, match="缺少 path"):
            TrackerStore.create(EndpointConfig.from_dict({"type": NAME}))

    def test_a_file_that_is_no_database_stops_the_start_and_says_which(self, path: Path) -> None:
        (path / "conversations.db").write_bytes(b"something else" * 1000)
        with pytest.raises(RasaException, match=r"conversations\.db 无法使用"):
            open_store(path)

    def test_a_folder_that_cannot_be_made_stops_the_start_and_says_which(self, path: Path) -> None:
        (path / "file").write_text("")
        with pytest.raises(RasaException, match="无法使用"):
            open_store(path / "file")

    def test_a_file_of_another_version_stops_the_start(self, path: Path) -> None:
        other = sqlite3.connect(path / "conversations.db")
        other.execute("PRAGMA user_version = 99")
        other.close()
        with pytest.raises(RasaException, match="版本是 99"):
            open_store(path)
