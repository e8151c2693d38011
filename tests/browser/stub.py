"""A stand-in for the web channel, for what a real assistant does only by accident: faults, delays, odd answers.

    stub = Stub(); stub.start()
    stub.faults.append(Fault(500))       the next questions meet these, one each
    stub.answer = answer("文字")          what every question is answered

It keeps to the contract of the web channel. `Page` serves one host page under another origin.
"""

from __future__ import annotations

import dataclasses
import functools
import http.server
import json
import threading
import time
from typing import Any

from wence.settings import PROJECT

DIST = PROJECT / "widget" / "dist"
DEMO = PROJECT / "widget" / "demo"
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
STRICT = (
    "default-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'; object-src 'none'"
)
PHONE = "0398-2260117"
ABOUT = {
    "title": "问策",
    "policy": {
        "name": "三门峡市创建省级新型智慧城市示范市工作方案",
        "number": "三政办〔2021〕25号",
        "date": "2021年12月8日",
        "validity": "2023年底前",
    },
    "greeting": "您好，我是问策，回答这份工作方案的问题，比如目标、任务、时间、牵头单位、意见采纳情况。",
    "notice": "回答由程序自动生成，以官方文件为准。",
    "privacy": "提问会保存30天，用来接着回答您和改进服务；电话、证件号等个人信息会先遮盖，请不要填写。您可以随时删除对话。",
    "phone": PHONE,
    "max_characters": 300,
    "starters": [
        {"title": "试点目标是什么？", "payload": "试点目标是什么？"},
        {"title": "智慧社区由谁牵头？", "payload": "智慧社区由谁牵头？"},
        {"title": "意见采纳了几条？", "payload": "意见采纳了几条？"},
    ],
    "sources": {
        "interpretation": {"name": "《工作方案》政策解读材料", "published": "2021年12月27日", "number": ""},
        "plan_notice": {"name": "工作方案公开信息摘录", "number": "三政办〔2021〕25号", "published": "2021年12月8日"},
    },
}
CITATION = {
    "source": "interpretation",
    "section": "三、意见征集和采纳情况",
    "quote": "智慧社区建设总体上应由民政部门牵头。",
}


@dataclasses.dataclass(frozen=True)
class Fault:
    """What one question meets instead of, or before, its answer."""

    status: int = 200
    seconds: float = 0.0
    retry_after: int = 0
    code: str = "unavailable"
    lost: bool = False  # answered and recorded, but the reply breaks off


def answer(text: str, **custom: Any) -> dict[str, Any]:
    """A reply as the channel gives it."""
    buttons = custom.pop("buttons", [])
    return {"text": text, "buttons": buttons, "custom": {"status": "answered", "facts": [], "citations": [], **custom}}


class Server(http.server.ThreadingHTTPServer):
    """A server on a free port of this machine, in a thread of its own."""

    daemon_threads = True

    def __init__(self, handler: Any) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server_port}"

    def start(self) -> None:
        threading.Thread(target=functools.partial(self.serve_forever, 0.05), daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that leaves in the middle of a reply is no error."""


class Page(Server):
    """Host pages: their texts by path, their headers for all."""

    def __init__(self, pages: dict[str, str], headers: dict[str, str] | None = None) -> None:
        self.pages, self.headers = pages, headers or {}
        super().__init__(_PageHandler)


class Stub(Server):
    """The web channel and its static files."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.answer = answer("智慧社区的牵头单位是市民政局。", citations=[CITATION])
        self.about: dict[str, Any] = ABOUT
        self.turns: list[dict[str, Any]] = []
        self.asked: list[str] = []  # the message ids that arrived
        self.feedback: list[dict[str, Any]] = []
        self.sessions = 0
        self.expired: set[str] = set()
        self.origins: set[str] = set()
        self.headers = {"Content-Security-Policy": STRICT}
        super().__init__(_StubHandler)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing on the terminal."""

    def reply(self, status: int, body: bytes, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        usual = {"Content-Type": f"{kind}; charset=utf-8", "Content-Length": str(len(body))}
        for name, value in {**usual, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class _PageHandler(_Handler):
    server: Page

    def do_GET(self) -> None:
        text = self.server.pages.get(self.path)
        kind = TYPES.get(self.path[self.path.rfind(".") :], "text/html")
        self.reply(200 if text is not None else 404, (text or "").encode(), kind, self.server.headers)


class _StubHandler(_Handler):
    server: Stub

    def do_OPTIONS(self) -> None:
        self.json({})

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path == "/webhooks/web/about":
            self.json(self.server.about)
        elif path == "/webhooks/web/history":
            if self.in_session():
                self.json({"turns": self.server.turns})
        else:
            self.static(path)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        if self.path == "/webhooks/web/session":
            self.server.sessions += 1
            self.json({"token": f"token{self.server.sessions}", "expires": "2099-01-01T00:00:00+08:00"})
        elif not self.in_session():
            return
        elif self.path == "/webhooks/web/feedback":
            self.server.feedback.append(body)
            self.json({"ok": True})
        else:
            self.ask(body)

    def do_DELETE(self) -> None:
        self.server.turns = []
        self.json({"deleted": 0})

    def ask(self, body: dict[str, str]) -> None:
        server = self.server
        server.asked.append(body["message_id"])
        fault = server.faults.pop(0) if server.faults else Fault()
        time.sleep(fault.seconds)
        if fault.status != 200:
            error = {"error": "服务出了故障，请稍后再试。", "code": fault.code}
            self.json(error, fault.status, {"Retry-After": str(fault.retry_after)} if fault.retry_after else {})
            return
        turn = next((turn for turn in server.turns if turn["message_id"] == body["message_id"]), None)
        if turn is None:
            number = len(server.turns) + 1
            turn = {
                "sequence": number,
                "message_id": body["message_id"],
                "reply_id": f"r{number}",
                "time": "2026-11-25T16:46:21+08:00",
                "message": body["message"],
                "feedback": None,
                **server.answer,
            }
            server.turns.append(turn)
        if fault.lost:
            self.close_connection = True
            self.reply(200, b"{", "application/json", {"Content-Length": "999"})
            return
        self.json(turn)

    def in_session(self) -> bool:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token and token not in self.server.expired:
            return True
        self.json({"error": "会话已过期。", "code": "session_expired"}, 401)
        return False

    def json(self, content: object, status: int = 200, headers: dict[str, str] | None = None) -> None:
        origin = self.headers.get("Origin")
        allowed = {}
        if origin and origin in self.server.origins:
            allowed = {
                "Access-Control-Allow-Origin": origin,
                "Access-Control-Allow-Headers": "authorization, content-type",
                "Access-Control-Allow-Methods": "GET, POST, DELETE",
                "Access-Control-Expose-Headers": "Retry-After",
            }
        elif origin and origin != self.server.url:
            content, status = {"error": "本网页还没有获准使用问策。", "code": "origin_not_allowed"}, 403
        body = json.dumps(content, ensure_ascii=False).encode()
        self.reply(status, body, "application/json", {**allowed, **(headers or {})})

    def static(self, path: str) -> None:
        name = "index.html" if path == "/" else path[1:]
        file = next((folder / name for folder in (DIST, DEMO) if (folder / name).is_file()), None)
        if file is None:
            self.reply(404, b"", "text/plain", {})
            return
        headers = {
            **self.server.headers,
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        self.reply(200, file.read_bytes(), TYPES[file.suffix], headers)
