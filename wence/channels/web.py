"""The web channel, for the widget on a page: JSON in, JSON out, under `/webhooks/web/`.

Named in credentials.yml:

    wence.channels.web.WebChannel:
      session_per_minute: 30      # messages of one session a minute, on average (default 30)
      address_per_minute: 300     # messages of one client address a minute, on average (default 300)

docs/web.md describes it for those who call it. A sender is a session, and a session is known by its signed
token only; so nobody reads or continues a conversation by naming it. An error is `{"error", "code"}`: a
sentence for the citizen, and a word for the program.
"""

from __future__ import annotations

import datetime
import logging
import math
import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from rasa.core.channels.channel import InputChannel
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, empty
from sanic.response import json as json_response

from wence import loaded, settings
from wence.channels.about import about
from wence.channels.addresses import Proxies
from wence.channels.body import BadRequest, json_object, limit_discarded, read_body
from wence.channels.edge import Asked, MessageIdReusedError
from wence.channels.origins import Origins
from wence.channels.rate_limit import RateLimit
from wence.channels.serving import edge_of, prepare_rasa
from wence.channels.session_tokens import LIFETIME_SECONDS, SessionTokens
from wence.channels.to_rasa import OnNewMessage, forget_conversation, way_to_rasa
from wence.local_time import LOCAL_TIME
from wence.state.keys import KeyFileError, KeyRing
from wence.state.turns import Turn

PREFIX = "/webhooks/web/"
MAX_REASON = 200
ABOUT_SECONDS = 300
SESSION_PER_MINUTE = 30.0
ADDRESS_PER_MINUTE = 300.0
# Reading the history and rating replies cost little: so many times as often as asking.
LIGHT = 4
BURST_SECONDS = 40

ORIGIN_NOT_ALLOWED = "这个网页没有获准使用问答服务。请网站管理员联系服务方开通。"
SESSION_EXPIRED = "对话已过期。请刷新页面，开始新的对话。"
TOO_MANY = "您发送得太快了。请稍等{seconds}秒再试。"
NO_MESSAGE = "请求缺少 message，或者它不是字符串。"
BAD_MESSAGE_ID = "message_id 应当是 8 到 64 个字母、数字、下划线或连字符。"
MESSAGE_ID_REUSED = "这个 message_id 已用于另一条消息。请换一个再发送。"
BAD_AFTER = "after 应当是不小于 0 的整数。"
BAD_FEEDBACK = "请求应当有 reply_id（字符串）和 helpful（true 或 false）。"
LONG_REASON = f"理由请写成{MAX_REASON}字以内的文字，也可以不写。"
UNKNOWN_REPLY = "没有找到这个回答。它可能已被删除或过期。"
NOT_STORED = "服务暂时出了故障。请稍后再试。"

_MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_SEQUENCE = re.compile(r"[0-9]{1,18}", re.ASCII)
_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)
_CODES = {HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large"}

logger = logging.getLogger(__name__)

Handler = Callable[[Request], Coroutine[Any, Any, HTTPResponse]]


class WebError(Exception):
    """A request that is refused: the status, the word for the program, the sentence for the citizen."""

    def __init__(self, status: HTTPStatus, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})


@dataclass(frozen=True)
class Limits:
    """How often one session and one address may ask, and do what costs little."""

    session: RateLimit
    address: RateLimit
    light_session: RateLimit
    light_address: RateLimit

    @classmethod
    def of(cls, session_per_minute: float, address_per_minute: float) -> Limits:
        """Return limits of so many messages a minute; for a short time more may come at once."""

        def limit(per_minute: float) -> RateLimit:
            return RateLimit(per_minute, max(1, round(per_minute * BURST_SECONDS / 60)))

        return cls(
            limit(session_per_minute),
            limit(address_per_minute),
            limit(LIGHT * session_per_minute),
            limit(LIGHT * address_per_minute),
        )


class WebChannel(InputChannel):
    """The channel of the widget."""

    def __init__(self, tokens: SessionTokens, limits: Limits, origins: Origins, proxies: Proxies) -> None:
        self._tokens = tokens
        self._limits = limits
        self._origins = origins
        self._proxies = proxies

    @classmethod
    def name(cls) -> str:
        """Return the name of the channel, which is also its path."""
        return "web"

    @classmethod
    def from_credentials(cls, credentials: Mapping[str, Any] | None) -> WebChannel:
        """Make the channel as credentials.yml and the settings have it; RasaException when that is impossible."""
        given, wanted = credentials or {}, settings.load()
        try:
            tokens = SessionTokens(KeyRing(wanted.secrets_folder, LIFETIME_SECONDS))
        except KeyFileError as error:
            raise RasaException(str(error)) from error
        limits = Limits.of(
            _rate(given, "session_per_minute", SESSION_PER_MINUTE),
            _rate(given, "address_per_minute", ADDRESS_PER_MINUTE),
        )
        return cls(tokens, limits, Origins(wanted.web_origins), Proxies(wanted.proxies))

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Return the routes of the channel."""
        blueprint = Blueprint("wence_web")
        prepare_rasa(blueprint)
        way = way_to_rasa(on_new_message, self.name())
        wanted = settings.load()
        told = about(loaded.knowledge_in(wanted.knowledge), wanted.keep_days)

        async def health(_request: Request) -> HTTPResponse:
            return json_response({"status": "ok"})

        async def tell(request: Request) -> HTTPResponse:
            self._check_rate(self._limits.light_address, self._proxies.client(request))
            return _json(told, headers={"Cache-Control": f"public, max-age={ABOUT_SECONDS}"})

        async def begin(request: Request) -> HTTPResponse:
            self._check_rate(self._limits.address, self._proxies.client(request))
            await read_body(request)
            token = self._tokens.issue(self._session(request) or "")
            return json_response({"token": token.text, "expires": _local(token.expires)})

        async def ask(request: Request) -> HTTPResponse:
            sender = self._sender(request, self._limits.address, self._limits.session)
            asked = _asked(json_object(await read_body(request)), self.name(), sender)
            try:
                turn = await edge_of(request).answer(asked, way)
            except MessageIdReusedError:
                raise WebError(HTTPStatus.CONFLICT, "message_id_reused", MESSAGE_ID_REUSED) from None
            return _json(_as_json(turn, asked.message_id))

        async def history(request: Request) -> HTTPResponse:
            sender = self._sender(request, self._limits.light_address, self._limits.light_session)
            after = request.args.get("after", "0")
            if not _SEQUENCE.fullmatch(after):
                raise WebError(HTTPStatus.BAD_REQUEST, "bad_request", BAD_AFTER)
            turns = _stored(await edge_of(request).history(sender, int(after)))
            return _json({"turns": [_as_json(turn, turn.message_id) for turn in turns]})

        async def forget(request: Request) -> HTTPResponse:
            sender = self._sender(request, self._limits.light_address, self._limits.light_session)
            deleted = _stored(await edge_of(request).forget(sender))
            _stored(await forget_conversation(request.app.ctx.agent, sender))
            return json_response({"deleted": deleted})

        async def rate(request: Request) -> HTTPResponse:
            sender = self._sender(request, self._limits.light_address, self._limits.light_session)
            reply_id, helpful, reason = _feedback(json_object(await read_body(request)))
            if not _stored(await edge_of(request).rate(sender, reply_id, helpful, reason)):
                raise WebError(HTTPStatus.NOT_FOUND, "unknown_reply", UNKNOWN_REPLY)
            return json_response({"ok": True})

        blueprint.add_route(self._guarded(health), "/", methods=["GET"], name="health")
        blueprint.add_route(self._guarded(tell), "/about", methods=["GET"], name="about")
        blueprint.add_route(self._guarded(begin), "/session", methods=["POST"], name="session", stream=True)
        blueprint.add_route(self._guarded(ask), "/webhook", methods=["POST"], name="webhook", stream=True)
        blueprint.add_route(self._guarded(history), "/history", methods=["GET"], name="history")
        blueprint.add_route(self._guarded(forget), "/history", methods=["DELETE"], name="forget")
        blueprint.add_route(self._guarded(rate), "/feedback", methods=["POST"], name="feedback", stream=True)

        async def come_first(app: Sanic, _loop: object) -> None:
            # Rasa's sanic-cors would answer every OPTIONS itself, and allow nothing.
            app.request_middleware.appendleft(self._preflight)

        blueprint.listener(come_first, "before_server_start")
        return blueprint

    def _guarded(self, handler: Handler) -> Handler:
        """A handler for allowed origins only, whose errors are JSON and whose answers nobody keeps."""

        async def guarded(request: Request) -> HTTPResponse:
            limit_discarded(request)
            try:
                headers = Origins.headers(self._origin(request))
                response = await handler(request)
            except WebError as error:
                if error.code == "origin_not_allowed":
                    headers = {"Vary": "Origin"}
                response = json_response(
                    {"error": str(error), "code": error.code}, status=error.status, headers=error.headers
                )
            except SanicException:
                raise
            except BadRequest as error:
                code = _CODES.get(error.status, "bad_request")
                response = json_response({"error": str(error), "code": code}, status=error.status)
            except Exception:
                logger.exception("网页接口出错。")
                status = HTTPStatus.INTERNAL_SERVER_ERROR
                response = json_response({"error": NOT_STORED, "code": "unavailable"}, status=status)
            response.headers.update(headers)
            response.headers.setdefault("Cache-Control", "no-store")
            response.headers["X-Content-Type-Options"] = "nosniff"
            return response

        return guarded

    def _preflight(self, request: Request) -> HTTPResponse | None:
        if request.method != "OPTIONS" or not request.path.startswith(PREFIX):
            return None
        try:
            return empty(headers=Origins.preflight(self._origin(request)))
        except WebError as error:
            return json_response(
                {"error": str(error), "code": error.code}, status=error.status, headers={"Vary": "Origin"}
            )

    def _origin(self, request: Request) -> str:
        origin = str(request.headers.get("origin", "")).lower()
        if not self._origins.allows(origin, self._proxies.host(request)):
            raise WebError(HTTPStatus.FORBIDDEN, "origin_not_allowed", ORIGIN_NOT_ALLOWED)
        return origin

    def _check_rate(self, limit: RateLimit, name: str) -> None:
        seconds = math.ceil(limit.wait(name))
        if seconds:
            raise WebError(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too_many",
                TOO_MANY.format(seconds=seconds),
                {"Retry-After": str(seconds)},
            )

    def _session(self, request: Request) -> str | None:
        match = _BEARER.fullmatch(str(request.headers.get("authorization", "")))
        return self._tokens.session_of(match[1]) if match else None

    def _sender(self, request: Request, by_address: RateLimit, by_session: RateLimit) -> str:
        """Return whose conversation a request belongs to, if they may go on now."""
        self._check_rate(by_address, self._proxies.client(request))
        session = self._session(request)
        if session is None:
            raise WebError(HTTPStatus.UNAUTHORIZED, "session_expired", SESSION_EXPIRED)
        self._check_rate(by_session, session)
        return f"{self.name()}-{session}"


def _rate(given: Mapping[str, Any], name: str, default: float) -> float:
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise RasaException(f"credentials.yml 的 {name} 应当是大于 0 的数，现在是 {value}。")
    return float(value)


def _asked(data: Mapping[str, Any], channel: str, sender: str) -> Asked:
    message, message_id = data.get("message"), data.get("message_id")
    if not isinstance(message, str):
        raise WebError(HTTPStatus.BAD_REQUEST, "bad_request", NO_MESSAGE)
    if not isinstance(message_id, str) or not _MESSAGE_ID.fullmatch(message_id):
        raise WebError(HTTPStatus.BAD_REQUEST, "bad_request", BAD_MESSAGE_ID)
    return Asked(channel, sender, message, message_id)


def _feedback(data: Mapping[str, Any]) -> tuple[str, bool, str | None]:
    reply_id, helpful, reason = data.get("reply_id"), data.get("helpful"), data.get("reason")
    if not isinstance(reply_id, str) or not isinstance(helpful, bool):
        raise WebError(HTTPStatus.BAD_REQUEST, "bad_request", BAD_FEEDBACK)
    if reason is not None and (not isinstance(reason, str) or len(reason) > MAX_REASON):
        raise WebError(HTTPStatus.BAD_REQUEST, "bad_request", LONG_REASON)
    return reply_id, helpful, reason


def _stored(result: Any) -> Any:
    """Return what the record or the tracker store brought; an error when it failed."""
    if result is None:
        raise WebError(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", NOT_STORED)
    return result


def _json(content: dict[str, Any], headers: dict[str, str] | None = None) -> HTTPResponse:
    """An answer in Chinese characters, not in the twice as long escapes of them."""
    return json_response(content, headers=headers, ensure_ascii=False)


def _as_json(turn: Turn, message_id: str | None) -> dict[str, Any]:
    return {
        "sequence": turn.sequence,
        "message_id": message_id,
        "reply_id": turn.reply_id,
        "time": _local(turn.created),
        "message": turn.message,
        "text": turn.reply.text,
        "buttons": [option.as_dict() for option in turn.reply.options],
        "feedback": turn.helpful,
        "custom": turn.reply.custom(),
    }


def _local(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(int(seconds), LOCAL_TIME).isoformat()
