"""Reading the body of a request without letting it become a burden.

    check_length(request)   refuses, on every route, a Content-Length that is no number of bytes
    read_body(request)      the bytes, on a route with `stream=True`; `BadRequest` when they are too many
                            or too slow
    limit_discarded(request)   what an answer that needs no body asks of Sanic
    json_object(body)       the JSON object that they are; `BadRequest` when they are none

What is too large is neither kept nor decoded. Its rest is still taken off the wire, up to a point, because
a client that is cut off while sending never reads the answer.
"""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import Any

from sanic.exceptions import InvalidUsage
from sanic.http import Http
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

MAX_BODY_BYTES = 64 * 1024
MAX_DISCARDED_BYTES = 32 * 1024 * 1024
BODY_SECONDS = 10.0

TOO_LARGE = f"请求内容太大。请缩短到 {MAX_BODY_BYTES // 1024} KB 以内再发送。"
NO_LENGTH = "请求头 Content-Length 不是字节数。"
TOO_SLOW = "请求内容没有按时到达。请重新发送。"
NOT_UTF8 = "请求内容不是 UTF-8 编码。请用 UTF-8 编码发送 JSON。"
NOT_JSON = "请求内容不是有效的 JSON。请按接口说明发送一个 JSON 对象。"
NOT_AN_OBJECT = "请求内容应当是一个 JSON 对象。请按接口说明发送。"


class BadRequest(Exception):
    """A request that cannot be understood; `str()` says, in Chinese, what is wrong with it."""

    def __init__(self, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.status = status

    def response(self) -> HTTPResponse:
        """The error as JSON."""
        return json_response({"error": str(self)}, status=self.status)


async def check_length(request: Request) -> None:
    """Refuse a request, before Sanic looks for its body, whose Content-Length is no number of bytes.

    Sanic 21.12 believes a negative one, and reads for ever what is not there: the whole server stands still.
    """
    announced = request.headers.get("content-length", "0")
    if not (announced.isascii() and announced.isdecimal()):
        raise InvalidUsage(NO_LENGTH)


def limit_discarded(request: Request) -> None:
    """Limit what Sanic takes off the wire of a streaming route, which has no limit of its own, after the answer."""
    if request.stream is not None:
        request.stream.request_max_size = MAX_DISCARDED_BYTES


async def read_body(request: Request, limit: int = MAX_BODY_BYTES) -> bytes:
    """The body of a request to a streaming route, of at most `limit` bytes."""
    stream = request.stream
    if stream is None:
        return b""
    limit_discarded(request)
    if int(request.headers.get("content-length", "0")) > limit:
        raise BadRequest(TOO_LARGE, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        return await asyncio.wait_for(_read(stream, limit), BODY_SECONDS)
    except asyncio.TimeoutError:
        raise BadRequest(TOO_SLOW, HTTPStatus.REQUEST_TIMEOUT) from None


async def _read(stream: Http, limit: int) -> bytes:
    body = bytearray()
    async for chunk in stream:
        body += chunk
        if len(body) > limit:
            raise BadRequest(TOO_LARGE, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return bytes(body)


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object that a body is."""
    try:
        data = json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadRequest(NOT_UTF8) from None
    except (ValueError, RecursionError):
        raise BadRequest(NOT_JSON) from None
    if not isinstance(data, dict):
        raise BadRequest(NOT_AN_OBJECT)
    return data
