"""The files of the web page."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channel_server import Server
from wence.channels.site import CONTENT_SECURITY_POLICY, Site

FILES = {
    "demo/index.html": "<!doctype html><title>演示</title>",
    "demo/demo.css": "body{}",
    "dist/wence.js": "console.log('问策');" * 100,
    "dist/wence.css": ":host{}",
}


@pytest.fixture(scope="module")
def widget(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("widget")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def server(widget: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    served = Server([Site(widget)], tmp_path_factory.mktemp("site"))
    yield served
    served.stop()


@pytest.mark.parametrize(
    ("path", "file", "content_type"),
    [
        ("/", "demo/index.html", "text/html; charset=utf-8"),
        ("/demo.css", "demo/demo.css", "text/css; charset=utf-8"),
        ("/wence.js", "dist/wence.js", "text/javascript; charset=utf-8"),
        ("/wence.css", "dist/wence.css", "text/css; charset=utf-8"),
    ],
)
def test_each_file_is_served_as_what_it_is(server: Server, path: str, file: str, content_type: str) -> None:
    answer = server.request("GET", path)
    assert (answer.status, answer.body.decode()) == (200, FILES[file])
    assert answer.headers["content-type"] == content_type
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_demo_page_comes_in_the_place_of_rasas_greeting_under_a_strict_policy(server: Server) -> None:
    answer = server.request("GET", "/?from=wechat")
    assert "演示" in answer.body.decode()
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", ["/wence.js", "/wence.css"])
def test_the_script_and_its_style_may_be_used_by_pages_of_any_site(server: Server, path: str) -> None:
    headers = server.request("GET", path, headers={"Origin": "https://anywhere.example"}).headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["Cache-Control"] == "public, max-age=300"
    assert "Access-Control-Allow-Credentials" not in headers


def test_a_file_comes_packed_to_who_can_unpack_it(server: Server) -> None:
    answer = server.request("GET", "/wence.js", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.body).decode() == FILES["dist/wence.js"]
    assert len(answer.body) < len(FILES["dist/wence.js"])


@pytest.mark.parametrize("path", ["/", "/wence.js"])
def test_a_file_that_a_browser_has_is_not_sent_again(server: Server, path: str) -> None:
    tag = server.request("GET", path).headers["ETag"]
    answer = server.request("GET", path, headers={"If-None-Match": f'"other", {tag}'})
    assert (answer.status, answer.body) == (304, b"")
    assert answer.headers["ETag"] == tag


@pytest.mark.parametrize("path", ["/", "/wence.js"])
def test_its_head_can_be_asked_for(server: Server, path: str) -> None:
    answer = server.request("HEAD", path)
    assert (answer.status, answer.body) == (200, b"")
    assert "ETag" in answer.headers


def test_a_changed_file_is_read_again(server: Server, widget: Path) -> None:
    before = server.request("GET", "/demo.css")
    (widget / "demo/demo.css").write_text("body{color:red}", encoding="utf-8")
    after = server.request("GET", "/demo.css")
    assert after.body == b"body{color:red}"
    assert after.headers["ETag"] != before.headers["ETag"]


def test_a_missing_file_is_said_in_words_and_logged_once(
    server: Server, widget: Path, caplog: pytest.LogCaptureFixture
) -> None:
    os.rename(widget / "dist/wence.css", widget / "away")
    answers = [server.request("GET", "/wence.css") for _ in range(3)]
    os.rename(widget / "away", widget / "dist/wence.css")
    assert [answer.status for answer in answers] == [404] * 3
    assert "widget/dist/wence.css 不存在" in answers[0].json["error"]
    assert len([record for record in caplog.records if "不存在" in record.getMessage()]) == 1
    assert server.request("GET", "/wence.css").status == 200


@pytest.mark.parametrize("path", ["/index.html", "/../pyproject.toml", "/dist/wence.js", "/%2e%2e/README.md"])
def test_nothing_else_is_served(server: Server, path: str) -> None:
    assert server.request("GET", path).status == 404


def test_only_reading_is_allowed(server: Server) -> None:
    assert server.request("POST", "/", b"x").status == 405
