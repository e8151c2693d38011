import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

from wence.channels.action_endpoint import ActionEndpoint, ActionTimeout, adopt

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
UNUSED_PORT = 9  # discard: nothing listens there


@asynccontextmanager
async def serving(handler: Handler, port: int = 0) -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_post("/webhook", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def endpoint_to(port: int, time_limit: float = 5.0) -> AsyncIterator[ActionEndpoint]:
    endpoint = ActionEndpoint(EndpointConfig(f"http://127.0.0.1:{port}/webhook"), time_limit)
    try:
        yield endpoint
    finally:
        await endpoint.close()


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(scenario(), 10))


async def act(endpoint: ActionEndpoint) -> list[Event]:
    action = RemoteAction("action_answer", endpoint)
    tracker = DialogueStateTracker.from_events("s", [])
    events: list[Event] = await action.run(
        CollectingOutputChannel(), TemplatedNaturalLanguageGenerator({}), tracker, Domain.empty()
    )
    return events


async def hang(_request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(60)
    return web.Response()


async def answer(_request: web.Request) -> web.StreamResponse:
    return web.json_response({"events": [], "responses": [{"text": "市民政局。"}]})


def test_an_action_runs_through_it_as_through_rasas_own() -> None:
    async def scenario() -> None:
        async with serving(answer) as port, endpoint_to(port) as endpoint:
            (uttered,) = await act(endpoint)
            assert uttered.as_dict()["text"] == "市民政局。"

    run(scenario)


def test_calls_share_their_connection() -> None:
    async def scenario() -> None:
        clients = set()

        async def remember(request: web.Request) -> web.StreamResponse:
            assert request.transport is not None
            clients.add(request.transport.get_extra_info("peername"))
            return await answer(request)

        async with serving(remember) as port, endpoint_to(port) as endpoint:
            for _ in range(5):
                await act(endpoint)
        assert len(clients) == 1

    run(scenario)


def test_a_hanging_action_server_is_given_up_in_time() -> None:
    async def scenario() -> None:
        async with serving(hang) as port, endpoint_to(port, time_limit=0.1) as endpoint:
            began = time.perf_counter()
            with pytest.raises(ActionTimeout):
                await endpoint.request(json={})
            with pytest.raises(RasaException):
                await act(endpoint)
            assert time.perf_counter() - began < 1

    run(scenario)


def test_a_dead_action_server_is_an_error_at_once() -> None:
    async def scenario() -> None:
        async with endpoint_to(UNUSED_PORT) as endpoint:
            began = time.perf_counter()
            with pytest.raises(RasaException):
                await act(endpoint)
            assert time.perf_counter() - began < 1

    run(scenario)


def test_an_action_server_that_comes_back_is_used_again() -> None:
    async def scenario() -> None:
        async with serving(answer) as port, endpoint_to(port) as endpoint:
            await act(endpoint)
        with pytest.raises(RasaException):
            await act(endpoint)
        async with serving(answer, port):
            assert await act(endpoint)
        await endpoint.close()

    run(scenario)


def test_a_connection_that_the_server_drops_when_it_is_used_again_is_replaced() -> None:
    async def scenario() -> None:
        calls = 0

        async def drop_the_second(request: web.Request) -> web.StreamResponse:
            nonlocal calls
            calls += 1
            if calls == 2:
                assert request.transport is not None
                request.transport.abort()
            return await answer(request)

        async with serving(drop_the_second) as port, endpoint_to(port) as endpoint:
            for _ in range(3):
                assert await act(endpoint)
        assert calls == 4

    run(scenario)


def test_an_action_that_refuses_to_run_still_says_so() -> None:
    async def refuse(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"action_name": "action_answer", "error": "no"}, status=400)

    async def scenario() -> None:
        async with serving(refuse) as port, endpoint_to(port) as endpoint:
            with pytest.raises(ActionExecutionRejection):
                await act(endpoint)

    run(scenario)


def test_an_agent_is_given_one_once_with_all_that_its_own_says() -> None:
    stock = EndpointConfig(
        "http://127.0.0.1:5055/webhook", headers={"X-A": "1"}, token="t", enable_selective_domain=True
    )
    agent = Agent(action_endpoint=stock)
    endpoint = adopt(agent)
    assert isinstance(endpoint, ActionEndpoint)
    assert endpoint == stock
    assert endpoint.kwargs == stock.kwargs
    assert agent.action_endpoint is endpoint
    assert adopt(agent) is endpoint


def test_an_agent_without_an_action_server_stays_as_it_is() -> None:
    agent = Agent()
    assert adopt(agent) is None
    assert agent.action_endpoint is None
