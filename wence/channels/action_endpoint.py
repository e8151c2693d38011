"""The way to the action server: connections are kept open, and no action may take for ever.

Rasa's `EndpointConfig` opens a connection for every call and waits five minutes for an answer, while
the conversation stays locked. A call through `ActionEndpoint` needs no new connection, and ends,
answered or not, before the edge gives the turn up: so the next message of the same conversation finds
it free, and a dead or hanging action server costs a citizen two seconds, not five minutes.

    adopt(agent)        give a loaded agent such an endpoint in the place of its own
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from rasa.core.agent import Agent
from rasa.utils.endpoints import EndpointConfig

ACTION_TIME_LIMIT = 1.8
IDLE_CONNECTION_SECONDS = 3.0  # the action server closes an idle connection after 5 seconds; be first


class ActionTimeout(aiohttp.ClientConnectionError):
    """The action server took the call but did not answer in time."""


class ActionEndpoint(EndpointConfig):
    """An action endpoint that keeps its connections open and its waiting short."""

    def __init__(self, stock: EndpointConfig, time_limit: float = ACTION_TIME_LIMIT) -> None:
        super().__init__(
            url=stock.url,
            params=stock.params,
            headers=stock.headers,
            basic_auth=stock.basic_auth,
            token=stock.token,
            token_name=stock.token_name,
            cafile=stock.cafile,
            type=stock.type,
            **stock.kwargs,
        )
        self._time_limit = time_limit
        self._kept: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def session(self) -> AsyncIterator[aiohttp.ClientSession]:
        """The one session, opened at the first call, which `request` must not close."""
        if self._kept is None or self._kept.closed:
            self._kept = aiohttp.ClientSession(
                headers=self.headers,
                auth=aiohttp.BasicAuth(**self.basic_auth) if self.basic_auth else None,
                connector=aiohttp.TCPConnector(keepalive_timeout=IDLE_CONNECTION_SECONDS),
            )
        yield self._kept

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """Call the action server; `ActionTimeout` when it does not answer within the limit."""
        kwargs["timeout"] = aiohttp.ClientTimeout(total=self._time_limit)
        try:
            try:
                return await super().request(*args, **kwargs)
            except aiohttp.ServerDisconnectedError:
                # A kept connection died while it lay idle (a restart of the server): a new one may do.
                return await super().request(*args, **kwargs)
        except asyncio.TimeoutError as error:
            raise ActionTimeout(f"no answer within {self._time_limit} s") from error

    async def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        if self._kept is not None:
            await self._kept.close()


def adopt(agent: Agent, time_limit: float = ACTION_TIME_LIMIT) -> ActionEndpoint | None:
    """Give `agent` an `ActionEndpoint` for its own endpoint; None when it has none.

    A model that the agent loads later gets the same endpoint from the agent.
    """
    stock = agent.action_endpoint
    if stock is None or isinstance(stock, ActionEndpoint):
        return stock
    endpoint = ActionEndpoint(stock, time_limit)
    agent.action_endpoint = endpoint
    if agent.processor is not None:
        agent.processor.action_endpoint = endpoint
    return endpoint
