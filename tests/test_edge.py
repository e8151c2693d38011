import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from wence.channels.edge import Asked, Busy, Edge, MessageIdReusedError, Way
from wence.privacy import Masker
from wence.replies import Option, Reply, Status
from wence.state.turns import Turn, TurnRecord

PHONE = "0398-2260117"
ANSWER: list[dict[str, Any]] = [
    {"recipient_id": "s", "text": "市民政局。", "buttons": [{"title": "电话", "payload": "联系电话多少"}]},
    {"recipient_id": "s", "custom": {"status": "answered", "facts": ["a"], "citations": [{"quote": "q"}]}},
]


class Turns:
    """A way to Rasa that sends given messages, and remembers what it was asked."""

    def __init__(self, messages: Sequence[Mapping[str, Any]] = ANSWER, seconds: float = 0) -> None:
        self.messages = messages
        self.seconds = seconds
        self.begun: list[tuple[str, str]] = []
        self.finished = 0

    async def __call__(self, text: str, sender: str) -> Sequence[Mapping[str, Any]]:
        self.begun.append((text, sender))
        await asyncio.sleep(self.seconds)
        self.finished += 1
        return self.messages


async def ask(edge: Edge, way: Way, raw: str = "谁牵头") -> Reply:
    return (await edge.answer(Asked("rest", "s", raw), way)).reply


def answer(turns: Turns, raw: str = "智慧社区归谁管", time_limit: float = 1.0) -> Reply:
    return asyncio.run(ask(Edge(PHONE, time_limit=time_limit), turns, raw))


def test_a_reply_carries_what_rasa_sent() -> None:
    assert answer(Turns()) == Reply(
        Status.ANSWERED, "市民政局。", ("a",), ({"quote": "q"},), (Option("电话", "联系电话多少"),)
    )


def test_a_text_that_rasa_cut_at_its_blank_lines_is_joined_again() -> None:
    reply = answer(Turns([{"text": "一"}, {"text": "二"}, {"custom": {"status": "smalltalk"}}]))
    assert (reply.text, reply.status) == ("一\n\n二", Status.SMALLTALK)


def test_rasa_gets_the_text_without_what_the_edge_took_off_and_the_sender() -> None:
    turns = Turns()
    answer(turns, " <b>谁牵头</b>\x00")
    assert turns.begun == [("谁牵头", "s")]


@pytest.mark.parametrize("raw", ["", "😀", "/restart", "问" * 301])
def test_what_cannot_be_a_question_never_reaches_rasa(raw: str) -> None:
    turns = Turns()
    reply = answer(turns, raw)
    assert reply.custom() == {"status": "invalid", "facts": [], "citations": []}
    assert reply.text
    assert turns.begun == []


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"text": "只有文字"}],
        [{"custom": {"status": "answered"}}],
        [{"text": "一"}, {"custom": {"facts": []}}],
        [{"text": "一"}, {"custom": {"status": "unheard_of"}}],
        [{"text": "一"}, {"custom": {"status": ["answered"]}}],
    ],
)
def test_a_turn_without_a_complete_reply_is_unavailable(messages: list[dict[str, Any]]) -> None:
    reply = answer(Turns(messages))
    assert reply.status is Status.UNAVAILABLE
    assert PHONE in reply.text


@pytest.mark.parametrize("error", [RuntimeError("boom"), ValueError(), asyncio.TimeoutError(), Busy("busy")])
def test_a_turn_that_breaks_is_unavailable_and_the_next_one_works(error: Exception) -> None:
    async def broken(text: str, sender: str) -> Sequence[Mapping[str, Any]]:
        raise error

    async def both() -> tuple[Reply, Reply]:
        edge = Edge(PHONE)
        return await ask(edge, broken), await ask(edge, Turns())

    first, second = asyncio.run(both())
    assert (first.status, second.status) == (Status.UNAVAILABLE, Status.ANSWERED)
    assert PHONE in first.text


def test_a_turn_that_takes_too_long_is_unavailable_in_time_and_finished_all_the_same() -> None:
    async def scenario() -> None:
        turns = Turns(seconds=0.3)
        began = time.perf_counter()
        reply = await ask(Edge(PHONE, time_limit=0.1), turns)
        assert reply.status is Status.UNAVAILABLE
        assert time.perf_counter() - began < 0.25
        await asyncio.sleep(0.4)
        assert turns.finished == 1

    asyncio.run(scenario())


def test_a_client_that_hangs_up_does_not_cut_its_turn_off() -> None:
    async def scenario() -> None:
        turns = Turns(seconds=0.1)
        waiting = asyncio.create_task(ask(Edge(PHONE), turns))
        await asyncio.sleep(0.02)
        waiting.cancel()
        await asyncio.sleep(0.2)
        assert (waiting.cancelled(), turns.finished) == (True, 1)

    asyncio.run(scenario())


def test_personal_numbers_are_masked_before_rasa_sees_the_text() -> None:
    turns = Turns()
    answer(turns, "１３８１２３４５６７８是我的电话")
    assert turns.begun == [("[手机号]是我的电话", "s")]


class TestRecordedEdge:
    """The edge with a record of turns; each scenario gets a fresh one."""

    def run(self, path: Path, scenario: Callable[[Edge], Awaitable[None]], time_limit: float = 1.0) -> None:
        async def whole() -> None:
            edge = Edge(PHONE, Masker(), TurnRecord(path / "turns.db", b"key", patience=None), time_limit)
            await scenario(edge)
            await edge.close()

        asyncio.run(asyncio.wait_for(whole(), 20))

    async def say(self, edge: Edge, way: Way, text: str, message_id: str | None = "12345678") -> Turn:
        return await edge.answer(Asked("web", "s", text, message_id), way)

    async def history(self, edge: Edge) -> list[Turn]:
        await asyncio.sleep(0.05)
        history = await edge.history("s")
        assert history is not None
        return history

    def test_every_turn_is_recorded_with_its_reply_masked(self, tmp_path: Path) -> None:
        async def scenario(edge: Edge) -> None:
            said = await self.say(edge, Turns(), "我是13812345678，谁牵头")
            (recorded,) = await self.history(edge)
            assert recorded == said
            assert (said.sequence, said.message, said.reply.text) == (1, "我是[手机号]，谁牵头", "市民政局。")

        self.run(tmp_path, scenario)

    def test_a_message_without_an_id_is_recorded_too(self, tmp_path: Path) -> None:
        async def scenario(edge: Edge) -> None:
            turns = Turns()
            for _ in range(2):
                await self.say(edge, turns, "谁牵头", None)
            assert len(turns.begun) == 2
            assert [turn.message for turn in await self.history(edge)] == ["谁牵头"] * 2

        self.run(tmp_path, scenario)

    @pytest.mark.parametrize("raw", ["", "/restart 13812345678", "@0.1", "😀", "问" * 295 + "13812345678" * 9])
    def test_a_refused_message_is_recorded_masked_and_short(self, tmp_path: Path, raw: str) -> None:
        async def scenario(edge: Edge) -> None:
            said = await self.say(edge, Turns(), raw)
            assert said.reply.status is Status.INVALID
            assert await self.history(edge) == [said]
            assert "138" not in said.message
            assert len(said.message) <= 301

        self.run(tmp_path, scenario)

    def test_a_repeated_message_gets_the_same_turn_and_causes_no_second_one(self, tmp_path: Path) -> None:
        async def scenario(edge: Edge) -> None:
            turns = Turns()
            first = await self.say(edge, turns, "谁牵头")
            assert await self.say(edge, turns, " 谁牵头 ") == first
            assert len(turns.begun) == 1

        self.run(tmp_path, scenario)

    def test_a_message_repeated_while_it_runs_waits_for_the_same_turn(self, tmp_path: Path) -> None:
        async def scenario(edge: Edge) -> None:
            turns = Turns(seconds=0.1)
            same = await asyncio.gather(*(self.say(edge, turns, "谁牵头") for _ in range(5)))
            assert len(turns.begun) == 1
            assert len({turn.reply_id for turn in same}) == 1

        self.run(tmp_path, scenario)

    @pytest.mark.parametrize("seconds", [0, 0.1])
    def test_an_id_given_to_another_message_is_refused(self, tmp_path: Path, seconds: float) -> None:
        async def scenario(edge: Edge) -> None:
            turns = Turns(seconds=seconds)
            first = asyncio.create_task(self.say(edge, turns, "一"))
            await asyncio.sleep(0.05)
            with pytest.raises(MessageIdReusedError):
                await self.say(edge, turns, "二")
            assert (await first).message == "一"
            assert len(turns.begun) == 1

        self.run(tmp_path, scenario)

    def test_a_failed_turn_is_taken_again_when_the_message_is_repeated(self, tmp_path: Path) -> None:
        async def scenario(edge: Edge) -> None:
            assert (await self.say(edge, Turns([]), "谁牵头")).reply.status is Status.UNAVAILABLE
            assert await self.history(edge) == []
            assert (await self.say(edge, Turns(), "谁牵头")).reply.status is Status.ANSWERED
            assert len(await self.history(edge)) == 1

        self.run(tmp_path, scenario)

    def test_a_late_turn_answers_the_message_when_it_is_repeated(self, tmp_path: Path) -> None:
        async def scenario(edge: Edge) -> None:
            turns = Turns(seconds=0.25)
            assert (await self.say(edge, turns, "谁牵头")).reply.status is Status.UNAVAILABLE
            assert (await self.say(edge, turns, "谁牵头")).reply.status is Status.UNAVAILABLE
            await asyncio.sleep(0.2)
            late = await self.say(edge, turns, "谁牵头")
            assert late.reply.status is Status.ANSWERED
            assert len(turns.begun) == 1
            assert await self.history(edge) == [late]

        self.run(tmp_path, scenario, time_limit=0.1)

    def test_a_conversation_that_is_forgotten_stays_so_though_a_turn_of_it_still_ran(self, tmp_path: Path) -> None:
        async def scenario(edge: Edge) -> None:
            running = asyncio.create_task(self.say(edge, Turns(seconds=0.1), "谁牵头"))
            await asyncio.sleep(0.02)
            assert await edge.forget("s") == 1
            assert await self.history(edge) == []
            await running

        self.run(tmp_path, scenario)

    def test_a_broken_record_changes_no_reply(self, tmp_path: Path) -> None:
        async def scenario(edge: Edge) -> None:
            other = sqlite3.connect(tmp_path / "turns.db")
            other.execute("DROP TABLE turns")
            other.commit()
            said = await self.say(edge, Turns(), "谁牵头")
            assert (said.reply.status, said.sequence) == (Status.ANSWERED, None)

        self.run(tmp_path, scenario)

    def test_a_reason_is_masked_before_it_is_kept(self, tmp_path: Path) -> None:
        async def scenario(edge: Edge) -> None:
            said = await self.say(edge, Turns(), "谁牵头")
            assert await edge.rate("s", said.reply_id, False, "打13812345678找我")
            ((reason,),) = sqlite3.connect(tmp_path / "turns.db").execute("SELECT reason FROM turns")
            assert reason == "打[手机号]找我"

        self.run(tmp_path, scenario)
