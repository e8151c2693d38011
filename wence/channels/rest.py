"""The plain REST channel, for measuring and for programs: `POST /webhooks/rest/webhook`.

Named in credentials.yml:

    wence.channels.rest.RestChannel:
      contact_phone: ...        # whom to call when the service is disturbed

A request is `{"sender": "…", "message": "…"}`; the answer is Rasa's list of messages, one with text and
buttons, one with `custom`. Without a sender every request is a conversation of its own. What is no such
request gets `{"error": "…"}`, in Chinese, with 400; a body that is too large gets 413 before any of it is
decoded.

Rasa's own channel answers some of these with 500, lets all who name no sender share one conversation, and
takes the client's word for its channel and metadata; this one does not. It knows no `stream=true`.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.channels.rest import RestInput
from rasa.core.lock_store import LockError
from rasa.shared.exceptions import RasaException
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from wence.channels.body import BadRequest, read_body
from wence.channels.edge import Busy, Edge
from wence.channels.serving import prepare_rasa
from wence.replies import Reply

MAX_SENDER_CHARACTERS = 128

NOT_UTF8 = "请求内容不是 UTF-8 编码。请用 UTF-8 编码发送 JSON。"
NOT_JSON = '请求内容不是有效的 JSON。请发送 {"sender": "…", "message": "…"}。'
NOT_AN_OBJECT = '请求内容应当是 JSON 对象，例如 {"sender": "…", "message": "…"}。'
NO_MESSAGE = "请求缺少 message，或者它不是字符串。请把问题写成字符串，放在 message 里。"
BAD_SENDER = f"sender 应当是不超过 {MAX_SENDER_CHARACTERS} 个可见字符的字符串，也可以不写。"
NO_PHONE = "credentials.yml 的 wence.channels.rest.RestChannel 缺少 contact_phone：请写明联系电话。"

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]


@dataclass(frozen=True)
class Asked:
    """A well-formed request."""

    sender: str
    message: str


def parse(body: bytes) -> Asked:
    """Return what a request asks; `BadRequest` when it is none."""
    try:
        data = json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadRequest(NOT_UTF8) from None
    except (ValueError, RecursionError):
        raise BadRequest(NOT_JSON) from None
    if not isinstance(data, dict):
        raise BadRequest(NOT_AN_OBJECT)
    message = data.get("message")
    if not isinstance(message, str):
        raise BadRequest(NO_MESSAGE)
    return Asked(_sender(data.get("sender")), message)


def _sender(sender: object) -> str:
    if sender is None or sender == "":
        return uuid.uuid4().hex
    if not isinstance(sender, str) or len(sender) > MAX_SENDER_CHARACTERS:
        raise BadRequest(BAD_SENDER)
    if not sender.isprintable() or sender.isspace():
        raise BadRequest(BAD_SENDER)
    return sender


def as_messages(reply: Reply, sender: str) -> list[dict[str, Any]]:
    """Return a reply as Rasa's REST channel sends it."""
    words: dict[str, Any] = {"recipient_id": sender, "text": reply.text}
    if reply.options:
        words["buttons"] = [option.as_dict() for option in reply.options]
    return [words, {"recipient_id": sender, "custom": reply.custom()}]


class RestChannel(RestInput):
    """Rasa's REST channel behind the edge."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    @classmethod
    def from_credentials(cls, credentials: Mapping[str, Any] | None) -> RestChannel:
        """Make the channel that credentials.yml describes."""
        phone = (credentials or {}).get("contact_phone")
        if not phone:
            raise RasaException(NO_PHONE)
        return cls(Edge(str(phone)))

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Return the routes: the health of the channel, and its webhook."""
        blueprint = Blueprint("wence_rest")
        prepare_rasa(blueprint)

        async def turn(text: str, sender: str) -> Sequence[Mapping[str, Any]]:
            output = CollectingOutputChannel()
            try:
                await on_new_message(UserMessage(text, output, sender, input_channel=self.name()))
            except LockError as error:
                raise Busy(str(error)) from error
            messages: list[dict[str, Any]] = output.messages
            return messages

        @blueprint.get("/")
        async def health(_request: Request) -> HTTPResponse:
            return json_response({"status": "ok"})

        @blueprint.post("/webhook", stream=True)
        async def receive(request: Request) -> HTTPResponse:
            try:
                asked = parse(await read_body(request))
            except BadRequest as error:
                return error.response()
            reply = await self._edge.answer(asked.message, asked.sender, turn)
            return json_response(as_messages(reply, asked.sender))

        return blueprint
