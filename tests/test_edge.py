import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from wence.channels.edge import Busy, Edge
from wence.replies import Option, Reply, Status

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


def answer(turns: Turns, raw: str = "智慧社区归谁管", time_limit: float = 1.0) -> Reply:
    return asyncio.run(Edge(PHONE, time_limit).answer(raw, "s", turns))


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
        return await edge.answer("谁牵头", "s", broken), await edge.answer("谁牵头", "s", Turns())

    first, second = asyncio.run(both())
    assert (first.status, second.status) == (Status.UNAVAILABLE, Status.ANSWERED)
    assert PHONE in first.text


def test_a_turn_that_takes_too_long_is_unavailable_in_time_and_finished_all_the_same() -> None:
    async def ask() -> None:
        turns = Turns(seconds=0.3)
        began = time.perf_counter()
        reply = await Edge(PHONE, time_limit=0.1).answer("谁牵头", "s", turns)
        assert reply.status is Status.UNAVAILABLE
        assert time.perf_counter() - began < 0.25
        await asyncio.sleep(0.4)
        assert turns.finished == 1

    asyncio.run(ask())


def test_a_client_that_hangs_up_does_not_cut_its_turn_off() -> None:
    async def ask() -> None:
        turns = Turns(seconds=0.1)
        waiting = asyncio.create_task(Edge(PHONE).answer("谁牵头", "s", turns))
        await asyncio.sleep(0.02)
        waiting.cancel()
        await asyncio.sleep(0.2)
        assert (waiting.cancelled(), turns.finished) == (True, 1)

    asyncio.run(ask())
