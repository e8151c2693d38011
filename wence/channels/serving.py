"""What every channel asks of the Rasa server that it runs in.

    prepare_rasa(blueprint)    the patches are put in place before a model is loaded, the agent gets the short
                               way to the action server and follows the active version, no request gets in that
                               has no end, the edge stands ready, and only we say which pages may ask
    edge_of(request)           the one edge of this server, which all its channels share

Several channels may each ask for it.
"""

from __future__ import annotations

import pathlib
from asyncio import AbstractEventLoop
from collections.abc import Callable

from rasa.shared.exceptions import RasaException
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic_cors.core import SANIC_CORS_EVALUATED

from wence import loaded, private_log, rasa_patch, settings
from wence.channels.action_endpoint import ActionEndpoint, adopt
from wence.channels.activating import Follower
from wence.channels.body import check_length
from wence.channels.edge import Edge
from wence.misses.capture import Capture
from wence.misses.spool import Spool
from wence.state.database import DatabaseError
from wence.state.keys import KeyFileError
from wence.state.turns import TurnRecord


def prepare_rasa(blueprint: Blueprint) -> None:
    """Fit out the server that `blueprint` becomes a part of; several channels may each do so."""
    rasa_patch.install()

    async def open_edge(app: Sanic, _loop: AbstractEventLoop) -> None:
        if not hasattr(app.ctx, "edge"):
            app.ctx.edge = make_edge(lambda: _model(app))

    async def fit_out(app: Sanic, _loop: AbstractEventLoop) -> None:
        adopt(app.ctx.agent)
        if app.ctx.agent.is_ready() and not hasattr(app.ctx, "follower"):
            app.ctx.follower = Follower(lambda: app.ctx.agent, settings.load())
            app.ctx.follower.start()

    async def close(app: Sanic, _loop: AbstractEventLoop) -> None:
        if hasattr(app.ctx, "follower"):
            await app.ctx.follower.stop()
            del app.ctx.follower
        if hasattr(app.ctx, "edge"):
            await app.ctx.edge.close()
            del app.ctx.edge
        endpoint = app.ctx.agent.action_endpoint
        if isinstance(endpoint, ActionEndpoint):
            await endpoint.close()

    async def take_over(app: Sanic, _loop: AbstractEventLoop) -> None:
        if silence_rasas_cors not in app.request_middleware:
            app.request_middleware.appendleft(silence_rasas_cors)

    blueprint.signal("http.lifecycle.request")(check_length)
    blueprint.listener(take_over, "before_server_start")
    blueprint.listener(open_edge, "before_server_start")
    blueprint.listener(fit_out, "after_server_start")
    blueprint.listener(close, "before_server_stop")


def silence_rasas_cors(request: Request) -> None:
    """Keep Rasa's sanic-cors out of an answer: it would allow credentials, and who may ask is said by us."""
    setattr(request.ctx, SANIC_CORS_EVALUATED, "1")


def _model(app: Sanic) -> str:
    """The name of the model that a server has loaded: the fingerprint of what it was made of."""
    processor = app.ctx.agent.processor
    return pathlib.Path(processor.model_filename).name.partition(".")[0] if processor else ""


def make_edge(model: Callable[[], str]) -> Edge:
    """Make the edge as the settings and the knowledge have it; RasaException when that is impossible.

    `model` names the model that is being served. With it, personal numbers are kept out of the log of the process.
    """
    wanted = settings.load()
    try:
        mask = loaded.masker()
        private_log.install(mask)
        return Edge(
            loaded.knowledge_in(wanted.knowledge).contact_phone,
            mask,
            TurnRecord(wanted.turns_file, mask.key),
            capture=Capture(Spool(wanted.spool_folder), mask.key, model),
        )
    except (DatabaseError, KeyFileError) as error:
        raise RasaException(str(error)) from error


def edge_of(request: Request) -> Edge:
    """Return the edge of the server that got a request."""
    edge: Edge = request.app.ctx.edge
    return edge
