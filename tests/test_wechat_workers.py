"""Two workers that share nothing but the files: a message that is tried again may reach the other one."""

from __future__ import annotations

import asyncio
import dataclasses
import pathlib
import threading
import time
from collections.abc import Iterator

import pytest

from tests.test_wechat_channel import PASSIVE, PATIENCE, WORDS, account, eventually, in_background
from tests.wechat_platform import SECRET, SUCCESS, Api, Sent, WeChat, served_api
from tests.wechat_server import ChannelServer
from wence import replies
from wence.channels.wechat.channel import WeChatChannel
from wence.replies import Reply, Status
from wence.state.turns import CLAIM_SECONDS, Turn, TurnRecord


@dataclasses.dataclass
class Pair:
    first: ChannelServer
    second: ChannelServer
    api: Api

    def wechat(self, server: ChannelServer) -> WeChat:
        return WeChat(server.address, patience=PATIENCE)

    def try_at(self, server: ChannelServer, sent: Sent) -> str | None:
        """One try; None when it was not answered in time."""
        try:
            return self.wechat(server).post(sent)[1]
        except TimeoutError:
            return None

    @property
    def turns(self) -> int:
        return len(self.first.agent.messages) + len(self.second.agent.messages)

    def release(self) -> None:
        self.first.agent.release.set()
        self.second.agent.release.set()


def pair_of(state: pathlib.Path, secret: str) -> Iterator[Pair]:
    with served_api() as api:
        servers = [
            ChannelServer(WeChatChannel(account(secret=secret, api=api.url), state, WORDS, PASSIVE), state)
            for _ in range(2)
        ]
        yield Pair(*servers, api)
        for server in servers:
            server.stop()


@pytest.fixture
def pair(tmp_path: pathlib.Path) -> Iterator[Pair]:
    yield from pair_of(tmp_path, "")


@pytest.fixture
def sending_pair(tmp_path: pathlib.Path) -> Iterator[Pair]:
    yield from pair_of(tmp_path, SECRET)


def message(pair: Pair, text: str) -> Sent:
    wechat = pair.wechat(pair.first)
    return wechat.envelope(wechat.message(Content=text))


def test_a_retry_at_the_other_worker_gets_the_stored_answer(pair: Pair) -> None:
    sent = message(pair, "谁牵头")
    read = pair.wechat(pair.first).read
    assert read(pair.try_at(pair.first, sent) or "") == read(pair.try_at(pair.second, sent) or "")
    assert pair.turns == 1


def test_options_are_chosen_at_the_other_worker(pair: Pair) -> None:
    pair.wechat(pair.first).ask("谁牵头")
    assert pair.wechat(pair.second).ask("2").startswith("收到：问题乙")


def test_a_retry_at_the_other_worker_waits_for_the_turn_that_runs_here(pair: Pair) -> None:
    sent = message(pair, "等待")
    assert pair.try_at(pair.first, sent) is None
    thread, outcome = in_background(lambda: pair.try_at(pair.second, sent))
    time.sleep(0.1)
    pair.release()
    thread.join()
    assert pair.wechat(pair.second).read(str(outcome[0])).startswith("收到：等待")
    assert pair.turns == 1


def test_three_tries_at_two_workers_take_one_turn_and_1_fetches_its_answer_anywhere(pair: Pair) -> None:
    sent = message(pair, "等待")
    assert pair.try_at(pair.first, sent) is None
    assert pair.try_at(pair.second, sent) is None
    assert pair.wechat(pair.first).read(pair.try_at(pair.first, sent) or "") == replies.WECHAT_LATE
    pair.release()
    time.sleep(0.3)
    assert pair.wechat(pair.second).ask("1").startswith("收到：等待")
    assert pair.turns == 1


def test_two_workers_that_both_wait_send_one_late_answer(sending_pair: Pair) -> None:
    sent = message(sending_pair, "等待")
    assert sending_pair.try_at(sending_pair.first, sent) == SUCCESS
    assert sending_pair.try_at(sending_pair.second, sent) == SUCCESS
    sending_pair.release()
    eventually(lambda: sending_pair.api.texts() != [])
    time.sleep(0.5)
    assert len(sending_pair.api.texts()) == 1
    assert sending_pair.turns == 1


def test_a_nonce_that_one_worker_has_seen_the_other_refuses_for_another_message(pair: Pair) -> None:
    wechat, when = pair.wechat(pair.first), int(time.time())
    first, other = (wechat.envelope(wechat.message(Content=text), when, "77") for text in ("谁牵头", "谁配合"))
    assert pair.try_at(pair.first, first) != "-40001"
    assert pair.try_at(pair.second, other) == "-40001"


# The record of turns, which decides


def record(folder: pathlib.Path, clock: object = time.time) -> TurnRecord:
    return TurnRecord(folder / "turns.db", b"key", clock=clock, patience=None)  # type: ignore[arg-type]


def turn(status: Status = Status.ANSWERED) -> Turn:
    return Turn("wechat", "s", "谁牵头", Reply(status, "市民政局。"), "m1")


def test_the_first_to_claim_a_message_takes_its_turn_and_the_other_waits_for_it(tmp_path: pathlib.Path) -> None:
    async def both() -> None:
        first, second = record(tmp_path), record(tmp_path)
        assert await first.claim("s", "m1") is None
        waiting = asyncio.create_task(second.claim("s", "m1"))
        await asyncio.sleep(0.15)
        assert not waiting.done()
        await first.add(turn())
        claimed = await waiting
        assert claimed is not None
        assert claimed.reply.text == "市民政局。"
        first.close()
        second.close()

    asyncio.run(both())


def test_a_turn_that_came_to_nothing_may_be_taken_again_at_once(tmp_path: pathlib.Path) -> None:
    async def both() -> None:
        first, second = record(tmp_path), record(tmp_path)
        await first.claim("s", "m1")
        await first.add(turn(Status.UNAVAILABLE))
        assert await asyncio.wait_for(second.claim("s", "m1"), 1) is None
        first.close()
        second.close()

    asyncio.run(both())


def test_the_claim_of_a_process_that_has_ended_lapses(tmp_path: pathlib.Path) -> None:
    async def both() -> None:
        moment = [1_000_000.0]
        first, second = record(tmp_path, lambda: moment[0]), record(tmp_path, lambda: moment[0])
        await first.claim("s", "m1")
        first.close()
        waiting = asyncio.create_task(second.claim("s", "m1"))
        await asyncio.sleep(0.15)
        assert not waiting.done()
        moment[0] += CLAIM_SECONDS
        assert await waiting is None
        second.close()

    asyncio.run(both())


def test_many_workers_at_once_take_one_turn(tmp_path: pathlib.Path) -> None:
    claims: list[object] = []

    def claim() -> None:
        async def run() -> None:
            mine = record(tmp_path)
            claimed = await mine.claim("s", "m1")
            claims.append(claimed)
            if claimed is None:
                await mine.add(turn())
            mine.close()

        asyncio.run(run())

    threads = [threading.Thread(target=claim) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [claimed for claimed in claims if claimed is None] == [None]
