"""A stand-in for WeChat's servers, on this machine: it sends messages as WeChat does, and can be called as WeChat is.

What it encrypts, decrypts and signs goes through wechatpy, never through our own code: two implementations that
agree with each other are right, or wrong in the same way by chance.
"""

from __future__ import annotations

import dataclasses
import http.client
import itertools
import json
import random
import threading
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import xmltodict
from wechatpy.crypto import WeChatCrypto
from wechatpy.enterprise.crypto import WeChatCrypto as WorkCrypto
from wechatpy.utils import WeChatSigner

TOKEN = "smxwence2021"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APPID = "wx2c2769f8efd9abc2"
SECRET = "0123456789abcdef0123456789abcdef"
CORPID = "ww2c2769f8efd9abc2"
AGENTID = "1000002"
OPENID = "oyORnuP8q7ou2gfYjqLzSIWZf0rs"
ORIGINAL_ID = "gh_10f6c3c3ac5a"
SUCCESS = "success"
PATIENCE = 5.0
TRIES = 3

_numbers = itertools.count(6054768590064713728 + int(time.time()) % 1_000_000 * 1_000)


def signature(*parts: str) -> str:
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


@dataclasses.dataclass(frozen=True)
class Sent:
    """One request, as it can be sent again and again."""

    query: Mapping[str, str]
    body: bytes

    def changed(self, body: bytes | None = None, **query: str) -> Sent:
        kept = {name: value for name, value in {**self.query, **query}.items() if value}
        return Sent(kept, self.body if body is None else body)


@dataclasses.dataclass(frozen=True)
class Answered:
    """What came back for a message: its text, and the tries and seconds that it took."""

    status: int
    body: str
    text: str
    tries: int
    seconds: float


class Silence(Exception):
    """None of the tries was answered: WeChat shows the citizen that the account is out of order."""


@dataclasses.dataclass
class WeChat:
    """The sending side: one account of WeChat, or an application of 企业微信, that calls one address."""

    address: str
    mode: str = "safe"
    token: str = TOKEN
    aes_key: str = AES_KEY
    receiver: str = APPID
    agent: str = ""
    patience: float = PATIENCE

    @property
    def crypto(self) -> Any:
        return (WorkCrypto if self.agent else WeChatCrypto)(self.token, self.aes_key, self.receiver)

    def message(self, kind: str = "text", openid: str = OPENID, number: int | None = None, **fields: Any) -> str:
        """The XML of a message."""
        if kind != "event":
            fields["MsgId"] = str(next(_numbers) if number is None else number)
        if self.agent:
            fields["AgentID"] = self.agent
        whole = {
            "ToUserName": self.receiver if self.agent else ORIGINAL_ID,
            "FromUserName": openid,
            "CreateTime": str(int(time.time())),
            "MsgType": kind,
            **fields,
        }
        return str(xmltodict.unparse({"xml": whole}, full_document=False))

    def envelope(self, message: str, timestamp: int | None = None, nonce: str = "") -> Sent:
        """A message as a request, in the mode of the account."""
        when = str(int(time.time()) if timestamp is None else timestamp)
        nonce = nonce or str(random.randrange(10**9, 2**31))
        query = {"signature": signature(self.token, when, nonce), "timestamp": when, "nonce": nonce}
        if not self.agent and "<FromUserName>" in message:
            query["openid"] = str(xmltodict.parse(message)["xml"]["FromUserName"])
        if self.mode == "plain":
            return Sent(query, message.encode())
        sealed = xmltodict.parse(self.crypto.encrypt_message(message, nonce, when))["xml"]
        query |= {"encrypt_type": "aes", "msg_signature": sealed["MsgSignature"]}
        outer = {"ToUserName": ORIGINAL_ID, "Encrypt": sealed["Encrypt"]}
        if self.mode == "compatible":
            outer = {**xmltodict.parse(message)["xml"], "Encrypt": sealed["Encrypt"]}
        return Sent(query, xmltodict.unparse({"xml": outer}, full_document=False).encode())

    def ask(self, text: str, openid: str = OPENID) -> str:
        """The text that answers a text."""
        return self.send(self.message(Content=text, openid=openid)).text

    def event(self, event: str, openid: str = OPENID, **fields: Any) -> Answered:
        return self.send(self.message("event", openid, Event=event, **fields))

    def send(self, message: str) -> Answered:
        """Send a message, and again when it is not answered in five seconds; three times in all."""
        return self.deliver(self.envelope(message))

    def deliver(self, sent: Sent) -> Answered:
        began = time.monotonic()
        for tries in range(1, TRIES + 1):
            try:
                status, body = self.post(sent)
            except (TimeoutError, OSError, http.client.HTTPException):
                continue
            return Answered(status, body, self.read(body), tries, time.monotonic() - began)
        raise Silence(f"{TRIES} tries")

    def post(self, sent: Sent) -> tuple[int, str]:
        """One try."""
        return self._request("POST", sent.query, sent.body)

    def verify(self, echo: str = "5939120383911432951", **changed: str) -> tuple[int, str]:
        """What the console does when an address is entered."""
        when, nonce = str(int(time.time())), str(random.randrange(10**9, 2**31))
        query = {"timestamp": when, "nonce": nonce, "echostr": echo}
        if self.agent:
            sealed = xmltodict.parse(self.crypto.encrypt_message(echo, nonce, when))["xml"]
            query |= {"echostr": sealed["Encrypt"], "msg_signature": sealed["MsgSignature"]}
        else:
            query["signature"] = signature(self.token, when, nonce)
        return self._request("GET", {**query, **changed}, None)

    def read(self, body: str) -> str:
        """The text of a reply, after all that WeChat checks about it."""
        if body in ("", SUCCESS):
            return ""
        if not body.startswith("<"):
            return ""
        reply = xmltodict.parse(body)["xml"]
        if "Encrypt" in reply:
            plain = self.crypto.decrypt_message(body, reply["MsgSignature"], reply["TimeStamp"], reply["Nonce"])
            reply = xmltodict.parse(plain)["xml"]
        elif self.mode == "safe":
            raise AssertionError("a reply in safe mode must be encrypted")
        assert reply["MsgType"] == "text"
        assert reply["FromUserName"] in (ORIGINAL_ID, self.receiver)
        assert len(reply["Content"].encode()) <= 2048
        return str(reply["Content"])

    def _request(self, method: str, query: Mapping[str, str], body: bytes | None) -> tuple[int, str]:
        parts = urllib.parse.urlsplit(self.address)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=self.patience)
        try:
            path = f"{parts.path}?{urllib.parse.urlencode(query)}"
            connection.request(method, path, body, {"Content-Type": "text/xml"})
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()


class Api:
    """The side that is called: what was asked of it stands in `calls`, what it refuses in `refusals`."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Mapping[str, str], Any]] = []
        self.refusals: dict[str, list[Any]] = {}
        self.token = "token-1"
        self.hangs = threading.Event()
        self.url = ""

    def sent(self, path: str) -> list[Any]:
        return [body for called, _, body in self.calls if called == path]

    def texts(self) -> list[tuple[str, str]]:
        """Who was sent what by customer-service message."""
        paths = ("/cgi-bin/message/custom/send", "/cgi-bin/message/send")
        return [(b["touser"], b["text"]["content"]) for path, _, b in self.calls if path in paths]

    def answer(self, path: str, query: Mapping[str, str], body: Any) -> Any:
        self.calls.append((path, query, body))
        waiting = self.refusals.get(path)
        if waiting:
            refusal = waiting.pop(0)
            return {"errcode": refusal, "errmsg": f"refused rid: {path}"} if isinstance(refusal, int) else refusal
        if path == "/cgi-bin/stable_token":
            if body != {**body, "grant_type": "client_credential", "appid": APPID, "secret": SECRET}:
                return {"errcode": 40125, "errmsg": "invalid appsecret"}
            return {"access_token": self.token, "expires_in": 7200}
        if path == "/cgi-bin/gettoken":
            return {"errcode": 0, "errmsg": "ok", "access_token": self.token, "expires_in": 7200}
        if query.get("access_token") != self.token:
            return {"errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest"}
        if path == "/cgi-bin/getcallbackip":
            return {"ip_list": ["127.0.0.1", "127.0.0.2"]}
        return {"errcode": 0, "errmsg": "ok"}


@contextmanager
def served_api() -> Iterator[Api]:
    """Serve the side that is called on 127.0.0.1."""
    api = Api()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            parts = urllib.parse.urlsplit(self.path)
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            query = dict(urllib.parse.parse_qsl(parts.query))
            if api.hangs.is_set():
                time.sleep(1)
            answer = json.dumps(api.answer(parts.path, query, json.loads(content) if content else None)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
