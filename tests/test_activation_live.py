"""Another version is served while citizens ask: no reply fails, none is mixed, and a broken model changes nothing."""

from __future__ import annotations

import os
import pathlib
import shutil
import signal
import threading
import uuid

import pytest

from tests import assistant
from tests.assistant import Assistant
from tests.test_processes import wait_for
from wence import activation, settings
from wence.activation import Active, Serving
from wence.additions import Additions
from wence.publish import versions
from wence.settings import Settings

pytestmark = pytest.mark.live

QUESTION = "智慧社区由哪个单位牵头？"
OTHER, BROKEN = "0123456789abcdef.tar.gz", "fedcba9876543210.tar.gz"


@pytest.fixture
def served(tmp_path: pathlib.Path) -> tuple[Assistant, Settings]:
    """An assistant with models of its own, and the settings that it runs with."""
    models = tmp_path / "models"
    shutil.copytree(settings.load({}).models, models)
    started = assistant.wait_until_ready(assistant.start(tmp_path, WENCE_MODELS=str(models)))
    port = started.url.rpartition(":")[2]
    yield started, settings.load({"WENCE_STATE": str(started.state), "WENCE_MODELS": str(models), "PORT": port})
    if started.process.poll() is None:
        started.stop()


def serving(wanted: Settings) -> Serving:
    return activation.servings(wanted)[wanted.port]


def test_under_load_another_model_is_served_and_no_reply_fails(served: tuple[Assistant, Settings]) -> None:
    live, wanted = served
    first = serving(wanted)
    shutil.copy(wanted.models / first.model, wanted.models / OTHER)
    expected = live.ask(QUESTION)[0]["text"]
    stop, replies = threading.Event(), []

    def ask() -> None:
        while not stop.is_set():
            replies.append(live.ask(QUESTION, uuid.uuid4().hex)[0]["text"])
            stop.wait(0.1)

    citizens = [threading.Thread(target=ask) for _ in range(3)]
    for citizen in citizens:
        citizen.start()
    try:
        for version, model in ((1, OTHER), (2, first.model)):
            activation.activate(wanted, Active(version, model))
            wait_for(lambda version=version: serving(wanted).version == version, 200)
            assert (serving(wanted).model, serving(wanted).error) == (model, "")
    finally:
        stop.set()
        for citizen in citizens:
            citizen.join()
    assert set(replies) == {expected}


def test_a_broken_model_is_told_once_and_the_old_one_goes_on(served: tuple[Assistant, Settings]) -> None:
    live, wanted = served
    first = serving(wanted)
    (wanted.models / BROKEN).write_bytes((wanted.models / first.model).read_bytes()[:100_000])
    activation.activate(wanted, Active(1, BROKEN))
    wait_for(lambda: bool(serving(wanted).error), 100)
    assert serving(wanted).model == first.model
    since = serving(wanted).since
    assert live.status(QUESTION) == "answered"
    threading.Event().wait(3)
    assert serving(wanted).since == since
    assert live.words().count("没有启用") == 1


def test_killed_while_it_loads_the_assistant_serves_the_last_good_version_again(
    served: tuple[Assistant, Settings], tmp_path: pathlib.Path
) -> None:
    live, wanted = served
    shutil.copy(wanted.models / serving(wanted).model, wanted.models / OTHER)
    versions.choose(wanted, versions.add(wanted, Additions.empty(), OTHER, {"who": "张三", "time": 1.0}, 1))
    os.kill(live.child("wence.server"), signal.SIGKILL)
    assert live.process.wait(30) == 1
    again = assistant.wait_until_ready(assistant.start(tmp_path, WENCE_MODELS=str(wanted.models)))
    try:
        assert again.status(QUESTION) == "answered"
        (now,) = activation.servings(wanted).values()
        assert now.version == 1
    finally:
        again.stop()
