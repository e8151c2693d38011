from __future__ import annotations

import http.server
import pathlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.wechat_platform import AES_KEY, AGENTID, APPID, CORPID, SECRET, TOKEN, Api, served_api
from wence import cli, settings
from wence.channels.wechat.channel import words_of
from wence.channels.wechat.check import Finding, findings
from wence.channels.wechat.gate import Gate
from wence.channels.wechat.menu import BUTTONS, MAX_BUTTON_BYTES, MAX_ENTRIES, MAX_ENTRY_BYTES, MAX_KEY_BYTES, menu_of
from wence.channels.wechat.messages import Pseudonyms
from wence.channels.wechat.settings import load_account, load_corporation
from wence.knowledge import Knowledge

MENU = "/cgi-bin/menu/create"
ACCOUNT = {"WECHAT_TOKEN": TOKEN, "WECHAT_AES_KEY": AES_KEY, "WECHAT_APPID": APPID}
CORPORATION = {"WECOM_TOKEN": TOKEN, "WECOM_AES_KEY": AES_KEY, "WECOM_CORPID": CORPID, "WECOM_AGENTID": AGENTID}

Answering = Callable[[dict[str, str]], tuple[int, str, dict[str, str]]]


@pytest.fixture
def api() -> Iterator[Api]:
    with served_api() as served:
        yield served


@contextmanager
def serving(answer: Answering) -> Iterator[int]:
    """A server on this machine that answers a verification in its own way; its port."""
    import urllib.parse

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
            status, body, headers = answer(query)
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def rightly(environment: dict[str, str]) -> Answering:
    account = load_account(environment) or load_corporation(environment)
    assert account is not None
    gate = Gate(account, Pseudonyms(b"key", "x"))
    return lambda query: (200, gate.echo(query)[0], {})


def found(port: int, environment: dict[str, str]) -> list[Finding]:
    return list(findings(settings.load({"PORT": str(port)}), environment))


def wrong(found: list[Finding]) -> list[str]:
    return [finding.words for finding in found if finding.is_right is False]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return min(int(probe.getsockname()[1]), settings.HIGHEST_PORT)


def test_everything_right_is_said_to_be(api: Api) -> None:
    environment = {**ACCOUNT, "WECHAT_APPSECRET": SECRET, "WECHAT_API": api.url}
    with serving(rightly(environment)) as port:
        seen = found(port, environment)
    assert wrong(seen) == []
    words = "\n".join(map(str, seen))
    assert "127.0.0.1、127.0.0.2" in words
    assert "https://您的域名/webhooks/wechat/webhook" in words
    assert not [secret for secret in (TOKEN, AES_KEY, SECRET) if secret in words]


def test_an_application_of_wecom_is_verified_by_its_encrypted_echo() -> None:
    with serving(rightly(CORPORATION)) as port:
        assert wrong(found(port, CORPORATION)) == []


def test_the_address_from_outside_is_tried_too() -> None:
    with serving(rightly(ACCOUNT)) as port:
        seen = found(port, {**ACCOUNT, "WENCE_URL": f"http://127.0.0.1:{port}"})
    assert any(finding.is_right and finding.words.startswith("从外面访问") for finding in seen)
    assert wrong(seen) == [f"WENCE_URL 的端口是 {port}，公众号只能访问 80 和 443"]


def test_without_settings_it_says_what_to_set() -> None:
    assert "WECHAT_TOKEN" in wrong(found(5005, {}))[0]


def test_a_setting_that_cannot_be_used_is_named() -> None:
    assert "WECHAT_AES_KEY" in wrong(found(5005, {**ACCOUNT, "WECHAT_AES_KEY": "x"}))[0]


def test_settings_of_both_kinds_are_looked_at_and_strange_signs_pointed_out() -> None:
    first, second = wrong(found(5005, {**ACCOUNT, "WECHAT_TOKEN": "abc １", **CORPORATION, "WECOM_CORPID": "x"}))[:2]
    assert "WECHAT_TOKEN=（5 个字符，第 4 个不是英文字母或数字，内容不显示）" in first
    assert "WECOM_CORPID=x" in second


def test_a_service_that_does_not_run_is_told() -> None:
    assert "没有程序在听" in wrong(found(free_port(), ACCOUNT))[0]


@pytest.mark.parametrize(
    ("status", "body", "headers", "told"),
    [
        (403, "-40001", {}, "Token"),
        (403, "-40001", {"Date": "Mon, 01 Jan 2001 00:00:00 GMT"}, "校时"),
        (404, "Not Found", {}, "没有这个网址"),
        (302, "", {"Location": "https://127.0.0.1/login"}, "被转到了别处"),
        (502, "Bad Gateway", {}, "反向代理后面的服务没有回答"),
        (200, "<html>登录</html>", {}, "登录页"),
    ],
)
def test_a_wrong_answer_is_explained(status: int, body: str, headers: dict[str, str], told: str) -> None:
    with serving(lambda _: (status, body, headers)) as port:
        assert told in wrong(found(port, ACCOUNT))[0]


def test_another_token_at_the_service_is_told() -> None:
    other = rightly({**ACCOUNT, "WECHAT_TOKEN": "another"})

    def answer(query: dict[str, str]) -> tuple[int, str, dict[str, str]]:
        try:
            return other(query)
        except Exception:
            return 403, "-40001", {}

    with serving(answer) as port:
        assert "Token" in wrong(found(port, ACCOUNT))[0]


@pytest.mark.parametrize(
    ("code", "told"), [(40013, "AppID"), (40125, "AppSecret"), (40164, "IP 白名单"), (45009, "次数已用完")]
)
def test_what_the_platform_says_is_explained(api: Api, code: int, told: str) -> None:
    environment = {**ACCOUNT, "WECHAT_APPSECRET": SECRET, "WECHAT_API": api.url}
    api.refusals["/cgi-bin/stable_token"] = [{"errcode": code, "errmsg": "invalid ip 203.0.113.7"}] * 3
    with serving(rightly(environment)) as port:
        (said,) = wrong(found(port, environment))
    assert told in said
    assert f"{code} invalid ip 203.0.113.7" in said


def test_a_platform_that_cannot_be_reached_is_told() -> None:
    environment = {**ACCOUNT, "WECHAT_APPSECRET": SECRET, "WECHAT_API": "http://127.0.0.1:9"}
    with serving(rightly(environment)) as port:
        assert "连不上" in wrong(found(port, environment))[0]


def connect(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def test_check_ends_with_1_when_something_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    connect(monkeypatch, {**ACCOUNT, "PORT": str(free_port())})
    assert cli.main(["wechat", "check"]) == 1
    assert "有1处不对" in capsys.readouterr().out


def test_check_ends_with_0_when_nothing_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(rightly(ACCOUNT)) as port:
        connect(monkeypatch, {**ACCOUNT, "PORT": str(port)})
        assert cli.main(["wechat", "check"]) == 0
    assert "没有发现问题" in capsys.readouterr().out


def test_the_menu_is_pushed_to_each_account(
    api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], knowledge: Knowledge
) -> None:
    connect(monkeypatch, {**ACCOUNT, "WECHAT_APPSECRET": SECRET, "WECHAT_API": api.url})
    connect(monkeypatch, {**CORPORATION, "WECOM_SECRET": "s" * 43, "WECOM_API": api.url})
    assert cli.main(["wechat", "menu", "push"]) == 0
    assert api.sent(MENU) == [menu_of(knowledge)] * 2
    assert capsys.readouterr().out.count("菜单已推送") == 2


def test_a_menu_that_is_refused_is_told_with_the_number(
    api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    connect(monkeypatch, {**ACCOUNT, "WECHAT_APPSECRET": SECRET, "WECHAT_API": api.url})
    api.refusals[MENU] = [48001]
    assert cli.main(["wechat", "menu", "push"]) == 1
    assert "48001" in capsys.readouterr().err


def test_a_menu_without_a_secret_is_not_pushed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["wechat", "menu", "push"]) == cli.MENDABLE
    assert "WECHAT_APPSECRET" in capsys.readouterr().err


def test_the_menu_can_be_looked_at_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["wechat", "menu", "show"]) == 0
    assert "联系电话" in capsys.readouterr().out


def test_every_facet_of_the_menu_gives_an_entry_that_the_platform_takes(knowledge: Knowledge) -> None:
    buttons = menu_of(knowledge)["button"]
    assert [button["name"] for button in buttons] == list(BUTTONS)
    for button, facets in zip(buttons, BUTTONS.values(), strict=True):
        assert len(button["name"].encode()) <= MAX_BUTTON_BYTES
        assert len(button["sub_button"]) == len(facets) <= MAX_ENTRIES
        for entry in button["sub_button"]:
            assert len(entry["name"].encode()) <= MAX_ENTRY_BYTES
            assert len(entry["key"].encode()) <= MAX_KEY_BYTES


def test_the_words_of_the_channel_come_from_the_knowledge(knowledge: Knowledge) -> None:
    words = words_of(knowledge)
    assert words.phone == knowledge.contact_phone
    assert set(words.sources) == set(knowledge.sources)
    assert len(words.starters) >= 3


def test_settings_of_an_account_that_cannot_be_used_stop_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    connect(monkeypatch, {**ACCOUNT, "WECHAT_TOKEN": "x", "WENCE_STATE": str(tmp_path), "PORT": str(free_port())})
    assert cli.main(["run"]) == cli.MENDABLE
    assert "WECHAT_TOKEN" in capsys.readouterr().err
