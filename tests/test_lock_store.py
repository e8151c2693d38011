import asyncio
from collections.abc import Awaitable, Callable

import pytest
from rasa.core.lock_store import LockError, LockStore
from rasa.utils.endpoints import EndpointConfig

from wence.state.lock_store import TurnLockStore

NAME = "wence.state.lock_store.TurnLockStore"


def store(patience: float = 5.0, concurrent_turns: int = 4) -> TurnLockStore:
    config = EndpointConfig.from_dict({"type": NAME, "patience": patience, "concurrent_turns": concurrent_turns})
    made = LockStore.create(config)
    assert isinstance(made, TurnLockStore)
    return made


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(scenario(), 10))


def test_the_turns_of_a_conversation_are_taken_one_at_a_time_in_the_order_of_their_coming() -> None:
    async def scenario() -> None:
        locks, taken = store(), []

        async def turn(number: int) -> None:
            async with locks.lock("a"):
                taken.append(("begin", number))
                await asyncio.sleep(0.001)
                taken.append(("end", number))

        await asyncio.gather(*(turn(number) for number in range(20)))
        assert taken == [(step, number) for number in range(20) for step in ("begin", "end")]

    run(scenario)


def test_conversations_do_not_wait_for_each_other_while_there_are_slots() -> None:
    async def scenario() -> None:
        locks = store(concurrent_turns=2)
        async with locks.lock("a"), locks.lock("b"):
            pass

    run(scenario)


def test_no_more_turns_run_at_a_time_than_there_are_slots() -> None:
    async def scenario() -> None:
        locks, running, most = store(concurrent_turns=3), 0, 0

        async def turn(number: int) -> None:
            nonlocal running, most
            async with locks.lock(str(number)):
                running += 1
                most = max(most, running)
                await asyncio.sleep(0.002)
                running -= 1

        await asyncio.gather(*(turn(number) for number in range(30)))
        assert most == 3

    run(scenario)


def test_a_turn_that_waited_too_long_is_given_up_and_the_next_one_finds_the_way_free() -> None:
    async def scenario() -> None:
        locks = store(patience=0.05)
        async with locks.lock("a"):
            with pytest.raises(LockError):
                async with locks.lock("a"):
                    pytest.fail("two turns of a conversation at a time")
        async with locks.lock("a"):
            pass

    run(scenario)


def test_a_turn_that_fails_leaves_the_way_free() -> None:
    async def scenario() -> None:
        locks = store(concurrent_turns=1)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                async with locks.lock("a"):
                    raise ZeroDivisionError

    run(scenario)


def test_a_turn_cancelled_while_it_waits_takes_nothing_with_it() -> None:
    async def scenario() -> None:
        locks = store(concurrent_turns=1)

        async def turn() -> None:
            async with locks.lock("a"):
                pass

        async with locks.lock("a"):
            waiting = asyncio.create_task(turn())
            await asyncio.sleep(0.01)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        await turn()

    run(scenario)


def test_a_conversation_is_forgotten_as_soon_as_nobody_waits() -> None:
    async def scenario() -> None:
        locks = store()
        for number in range(100):
            async with locks.lock(str(number)):
                assert len(locks._conversations) == 1
        assert locks._conversations == {}

    run(scenario)
