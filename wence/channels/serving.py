"""What every channel asks of the Rasa server that it runs in.

prepare_rasa(blueprint)    the patches are put in place before a model is loaded, the agent gets the short
                           way to the action server, no request gets in that has no end, and the edge
                           stands ready
edge_of(request)           the one edge of this server, which all its channels share
"""

from __future__ import annotations

from asyncio import AbstractEventLoop

from rasa.shared.exceptions import RasaException
from sanic import Blueprint, Sanic
from sanic.request import Request

from wence import loaded, rasa_patch, settings
from wence.channels.action_endpoint import ActionEndpoint, adopt
from wence.channels.body import check_length
from wence.channels.edge import Edge
from wence.state.database import DatabaseError
from wence.state.keys import KeyFileError
from wence.state.turns import TurnRecord


def prepare_rasa(blueprint: Blueprint) -> None:
    """Fit out the server that `blueprint` becomes a part of; several channels may each do so."""
    rasa_patch.install()

    async def open_edge(app: Sanic, _loop: AbstractEventLoop) -> None:
        if not hasattr(app.ctx, "edge"):
            app.ctx.edge = make_edge()

    async def fit_out(app: Sanic, _loop: AbstractEventLoop) -> None:
        adopt(app.ctx.agent)

    async def close(app: Sanic, _loop: AbstractEventLoop) -> None:
        if hasattr(app.ctx, "edge"):
            await app.ctx.edge.close()
            del app.ctx.edge
        endpoint = app.ctx.agent.action_endpoint
        if isinstance(endpoint, ActionEndpoint):
            await endpoint.close()

    blueprint.signal("http.lifecycle.request")(check_length)
    blueprint.listener(open_edge, "before_server_start")
    blueprint.listener(fit_out, "after_server_start")
    blueprint.listener(close, "before_server_stop")


def make_edge() -> Edge:
    """Make the edge as the settings and the knowledge have it; RasaException when that is impossible."""
    wanted = settings.load()
    try:
        mask = loaded.masker()
        return Edge(loaded.knowledge_in(wanted.knowledge).contact_phone, mask, TurnRecord(wanted.turns_file, mask.key))
    except (DatabaseError, KeyFileError) as error:
        raise RasaException(str(error)) from error


def edge_of(request: Request) -> Edge:
    """Return the edge of the server that got a request."""
    edge: Edge = request.app.ctx.edge
    return edge
