"""Running the assistant: everything checked, trained where needed, started, watched and ended.

    run(settings)      from nothing to an assistant that answers, until somebody stops it

Two processes answer a question, Rasa and the action server. Both are started at once and are children of
this one, which says that the assistant is ready only after a real question has been answered. The action
server is started again when it dies or hangs; when Rasa ends, everything ends. A third one, started when
they are ready and again when it dies, stores the questions that were missed.
"""

from __future__ import annotations

import contextlib
import json
import pathlib
import signal
import string
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any, NoReturn

from wence import preflight
from wence.processes import REFUSED, Child, stop_all
from wence.publish import publishing
from wence.settings import PROJECT, Settings
from wence.state.turn_counts import START_MESSAGE_ID
from wence.training import TELL_EVERY_SECONDS

TEMPLATES = ("endpoints.yml", "credentials.yml")
RASA = "Rasa"
ACTIONS = "动作服务"
WRITER = "答漏写入"
DESK = "审核台"
START_SECONDS = 120.0
ANSWER_SECONDS = 2.5
CHECK_EVERY_SECONDS = 2.0
HANGING_CHECKS = 4
RESTART_WAIT_SECONDS = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)
SETTLED_SECONDS = 60.0
AGAIN_AFTER_SECONDS = 10.0
# The way to this machine's own servers leads through no proxy.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class RunError(Exception):
    """The assistant has ended by itself, or never answered; the message says why."""


class AlreadyTold(Exception):
    """The assistant refused to start and has said why."""


def run(settings: Settings) -> None:
    """Serve until told to stop.

    Raises SettingsError, StartError or AlreadyTold when it cannot start, RunError when it ends by itself.
    """
    preflight.check_ports(settings)
    preflight.check_folders(settings)
    preflight.check_accounts()
    assistant = _Assistant(settings)
    try:
        with _ended_by_signals():
            model = publishing.restored(settings, tell)
            preflight.check_model(model)
            write_configuration(settings)
            assistant.start(model)
            assistant.wait_for_answer()
            assistant.start_helpers()
            tell(welcome(settings, assistant.seconds, _first_link(settings)))
            assistant.watch()
    except _Stop:
        tell("正在停止……")
    finally:
        assistant.stop()


def tell(line: str) -> None:
    """Say something to whoever started us."""
    print(line, file=sys.stderr, flush=True)


def write_configuration(settings: Settings) -> None:
    """Write the files that Rasa reads, with the values of this run; Rasa itself knows no defaults in `${…}`."""
    settings.run_folder.mkdir(parents=True, exist_ok=True)
    for name in TEMPLATES:
        text = string.Template((PROJECT / name).read_text(encoding="utf-8")).safe_substitute(settings.environment())
        (settings.run_folder / name).write_text(text, encoding="utf-8")


class _Stop(BaseException):
    """Somebody asked us to stop."""


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let the signals that end a program raise `_Stop`; after that, and after the block, nothing disturbs our end."""

    def set_all(handler: Any) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, handler)

    def stop(*_: object) -> None:
        set_all(signal.SIG_IGN)
        raise _Stop

    set_all(stop)
    try:
        yield
    finally:
        set_all(signal.SIG_IGN)


class _Assistant:
    """The two processes that answer, the one that stores what they missed, and the one where that is reviewed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._started = time.monotonic()
        self._children: dict[str, Child] = {}
        self._restarts = 0
        self._helpers = {WRITER: "wence.misses.writer", **({DESK: "wence.desk"} if settings.desk else {})}

    @property
    def seconds(self) -> float:
        """How long it has been there."""
        return time.monotonic() - self._started

    def start(self, model: pathlib.Path) -> None:
        """Start both processes and do not wait."""
        tell("正在启动……")
        self._started = time.monotonic()
        self._start_actions()
        files = (self._settings.endpoints_file, self._settings.credentials_file)
        self._children[RASA] = self._child(RASA, ["-m", "wence.server", str(model), *map(str, files)])

    def start_helpers(self) -> None:
        """Start the processes that store missed questions and serve the review desk; nobody waits for them."""
        for title, module in self._helpers.items():
            self._children[title] = self._child(title, ["-m", module])

    def stop(self) -> None:
        """End all processes and wait until they have ended."""
        stop_all(self._children.values())

    def wait_for_answer(self) -> None:
        """Return as soon as a real question has been answered; RunError when that fails."""
        told = time.monotonic()
        citizen = _FirstCitizen(self._settings.url)
        while self.seconds < START_SECONDS:
            self._keep_alive()
            # Before the actions are there, asking would only use up what one session may ask.
            if _is_healthy(self._settings.action_url) and citizen.is_answered():
                citizen.leave()
                return
            time.sleep(0.1)
            if time.monotonic() - told >= TELL_EVERY_SECONDS:
                told = time.monotonic()
                tell(f"正在启动……{self.seconds:.0f} 秒")
        raise RunError(f"启动后 {START_SECONDS:.0f} 秒仍不能回答问题:请看上面的记录")

    def watch(self) -> NoReturn:
        """Keep the assistant answering until somebody stops it; RunError when it ends by itself."""
        silent_checks = 0
        while True:
            self._keep_alive()
            self._keep_helpers()
            time.sleep(CHECK_EVERY_SECONDS)
            silent_checks = 0 if _is_healthy(self._settings.action_url) else silent_checks + 1
            if silent_checks >= HANGING_CHECKS:
                tell("动作服务没有反应,重新启动它。")
                self._children[ACTIONS].kill()
                silent_checks = 0

    def _keep_alive(self) -> None:
        code = self._children[RASA].poll()
        if code == REFUSED:
            raise AlreadyTold
        if code is not None:
            raise RunError(f"Rasa 意外结束(退出码 {code}),服务已停止:请看上面的记录,再重新启动")
        actions = self._children[ACTIONS]
        code = actions.poll()
        if code is None:
            return
        if time.monotonic() - actions.started > SETTLED_SECONDS:
            self._restarts = 0
        wait = RESTART_WAIT_SECONDS[min(self._restarts, len(RESTART_WAIT_SECONDS) - 1)]
        if time.monotonic() - actions.started >= wait:
            self._restarts += 1
            tell(f"动作服务意外结束(退出码 {code}),重新启动它。")
            self._start_actions()

    def _keep_helpers(self) -> None:
        for title, module in self._helpers.items():
            code = self._children[title].poll()
            if code is not None and time.monotonic() - self._children[title].started >= AGAIN_AFTER_SECONDS:
                tell(f"{title}意外结束(退出码 {code}),重新启动它。")
                self._children[title] = self._child(title, ["-m", module])

    def _start_actions(self) -> None:
        self._children[ACTIONS] = self._child(ACTIONS, ["-m", "wence.action_server"])

    def _child(self, title: str, arguments: list[str]) -> Child:
        return Child(title, [sys.executable, *arguments], self._settings.child_environment(), PROJECT)


class _FirstCitizen:
    """Asks as a page would, so that it finds out whether citizens get answers, and leaves nothing behind."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/webhooks/web"
        self._token = ""

    def is_answered(self) -> bool:
        """Whether a real question gets a real answer."""
        if not self._token:
            self._token = (self._call("POST", "session") or {}).get("token", "")
        if not self._token:
            return False
        turn = (
            self._call("POST", "webhook", {"message_id": START_MESSAGE_ID, "message": preflight.FIRST_QUESTION}) or {}
        )
        return bool((turn.get("custom") or {}).get("status") == "answered")

    def leave(self) -> None:
        """Delete the conversation."""
        self._call("DELETE", "history")

    def _call(self, method: str, route: str, content: object = None) -> dict[str, Any] | None:
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        body = json.dumps(content).encode() if content else None
        answer = _ask(urllib.request.Request(f"{self._url}/{route}", body, headers, method=method))
        return answer if isinstance(answer, dict) else None


def _is_healthy(url: str) -> bool:
    return _ask(urllib.request.Request(f"{url}/health")) is not None


def _ask(request: urllib.request.Request) -> Any:
    try:
        with _OPENER.open(request, timeout=ANSWER_SECONDS) as answer:
            return json.load(answer)
    except (OSError, ValueError):
        return None


def _first_link(settings: Settings) -> str:
    """The one-time address at which the first admin of the review desk sets it up; nothing when there is one."""
    if not settings.desk:
        return ""
    from wence.desk import accounts, links, tables
    from wence.misses.errors import MissesError
    from wence.misses.tables import transaction

    try:
        with transaction(tables.open_database(settings), writes=True) as connection:
            if accounts.has_admin(connection):
                return ""
            return f"{settings.desk_url}{links.PATH}{links.for_first_admin(connection, time.time())}"
    except MissesError as error:
        tell(f"审核台用不了数据库:{error}")
        return ""


def welcome(settings: Settings, seconds: float, first_link: str = "") -> str:
    """What to open, what to try and how to end it."""
    lines = [f"问策已就绪,启动用时 {seconds:.1f} 秒。", f"在浏览器里打开演示页面:{settings.url}/"]
    if settings.desk:
        lines.append(f"审核台:{settings.desk_url}/")
    if first_link:
        lines.append(f"审核台还没有管理员,请打开这个链接设置第一位(只能用一次,一天之内有效):\n  {first_link}")
    if settings.rest:
        question = json.dumps({"sender": "me", "message": preflight.FIRST_QUESTION}, ensure_ascii=False)
        lines += ["或在这台机器上问:", f"  curl -s {settings.url}/webhooks/rest/webhook -d '{question}'"]
    return "\n".join((*lines, "按 Ctrl-C 停止。"))
