"""What every channel asks of the Rasa server that it runs in: `prepare_rasa(blueprint)`.

The patches are put in place before a model is loaded, the agent gets the short way to the action server, and
no request gets in that has no end.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop

from sanic import Blueprint, Sanic

from wence import rasa_patch
from wence.channels.action_endpoint import ActionEndpoint, adopt
from wence.channels.body import check_length


def prepare_rasa(blueprint: Blueprint) -> None:
    """Fit out the server that `blueprint` becomes a part of; several channels may each do so."""
    rasa_patch.install()

    async def fit_out(app: Sanic, _loop: AbstractEventLoop) -> None:
        adopt(app.ctx.agent)

    async def close(app: Sanic, _loop: AbstractEventLoop) -> None:
        endpoint = app.ctx.agent.action_endpoint
        if isinstance(endpoint, ActionEndpoint):
            await endpoint.close()

    blueprint.signal("http.lifecycle.request")(check_length)
    blueprint.listener(fit_out, "after_server_start")
    blueprint.listener(close, "before_server_stop")
