"""What every channel asks of the Rasa server that it runs in.

prepare_rasa(blueprint)     before the first message: the patch, and the short way to the action server
"""

from __future__ import annotations

from asyncio import AbstractEventLoop

from sanic import Blueprint, Sanic

from wence import rasa_patch
from wence.channels.action_endpoint import ActionEndpoint, adopt


def prepare_rasa(blueprint: Blueprint) -> None:
    """Fit out the server that `blueprint` becomes a part of; several channels may each do so."""
    rasa_patch.install()

    async def fit_out(app: Sanic, _loop: AbstractEventLoop) -> None:
        adopt(app.ctx.agent)

    async def close(app: Sanic, _loop: AbstractEventLoop) -> None:
        endpoint = app.ctx.agent.action_endpoint
        if isinstance(endpoint, ActionEndpoint):
            await endpoint.close()

    blueprint.listener(fit_out, "after_server_start")
    blueprint.listener(close, "before_server_stop")
