"""The whole conversation in safe mode, with a served assistant: `wence run` on one side, the stand-in on the other."""

from __future__ import annotations

import os
import pathlib
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from tests import assistant
from tests.assistant import Assistant
from tests.test_wechat_channel import bench, eventually
from tests.wechat_platform import (
    AES_KEY,
    AGENTID,
    APPID,
    CORPID,
    OPENID,
    SECRET,
    SUCCESS,
    TOKEN,
    Api,
    WeChat,
    served_api,
)
from wence import replies, settings
from wence.channels.wechat.check import findings
from wence.channels.wechat.menu import menu_of
from wence.knowledge import Knowledge

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with served_api() as served:
        yield served


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory, api: Api) -> Iterator[Assistant]:
    """An assistant that is connected to the stand-in, and whose log tells more than usual."""
    served = assistant.start(
        tmp_path_factory.mktemp("wechat"),
        WECHAT_TOKEN=TOKEN,
        WECHAT_AES_KEY=AES_KEY,
        WECHAT_APPID=APPID,
        WECHAT_APPSECRET=SECRET,
        WECHAT_API=api.url,
        WECOM_TOKEN=TOKEN,
        WECOM_AES_KEY=AES_KEY,
        WECOM_CORPID=CORPID,
        WECOM_AGENTID=AGENTID,
        LOG_LEVEL="INFO",
    )
    yield assistant.wait_until_ready(served)
    served.stop()


@pytest.fixture(scope="module")
def wechat(connected: Assistant) -> WeChat:
    return WeChat(f"{connected.url}/webhooks/wechat/webhook")


def test_the_address_is_accepted_by_the_console(wechat: WeChat) -> None:
    assert wechat.verify() == (200, "5939120383911432951")


def test_the_check_finds_nothing_wrong(connected: Assistant, api: Api) -> None:
    environment = {"WECHAT_TOKEN": TOKEN, "WECHAT_AES_KEY": AES_KEY, "WECHAT_APPID": APPID}
    environment |= {"WECHAT_APPSECRET": SECRET, "WECHAT_API": api.url}
    seen = list(findings(settings.load({"PORT": connected.url.split(":")[-1]}), environment))
    assert [finding.words for finding in seen if finding.is_right is False] == []
    assert len(seen) >= 4


def test_a_citizen_subscribes_asks_chooses_and_leaves(wechat: WeChat, connected: Assistant) -> None:
    assert wechat.event("subscribe").text.startswith(replies.WECHAT_GREETING)
    lead = wechat.ask("智慧社区归哪个局管？")
    assert "市民政局" in lead
    assert "出处：" in lead
    assert "1. " in lead
    assert wechat.ask("那智慧交通呢？").startswith("公开的政策解读材料没有写")
    options = [line[3:] for line in wechat.ask("什么时候印发的？").splitlines() if line[:3] == "2. "]
    assert wechat.ask("②") == wechat.send(wechat.message(Content=options[0], openid="another")).text
    assert wechat.event("unsubscribe").body == SUCCESS
    assert "市民政局" not in wechat.ask("那牵头单位呢？")


def test_the_same_answer_comes_in_wechat_as_over_rest(wechat: WeChat, connected: Assistant) -> None:
    for question in ("试点目标是什么？", "这个项目一共花多少钱？", "社保卡丢了怎么补办？", "你是谁？", "/restart"):
        said = "".join(message.get("text", "") for message in connected.ask(question, f"rest-{question}"))
        assert wechat.ask(question, f"wechat-{question}").startswith(said.split("\n\n")[0][:200])


def test_every_entry_of_the_menu_is_answered(wechat: WeChat, knowledge: Knowledge) -> None:
    keys = [entry["key"] for button in menu_of(knowledge)["button"] for entry in button["sub_button"]]
    assert len(keys) > 8
    for key in keys:
        assert "出处：" in wechat.event("CLICK", f"clicks-{key}", EventKey=key).text


def test_a_voice_and_a_retry_of_it(wechat: WeChat, connected: Assistant) -> None:
    message = wechat.message("voice", "speaks", MediaId="m", Format="amr", Recognition="联系电话是多少？")
    first = wechat.send(message).text
    assert "0398-2260117" in first
    assert wechat.send(message).text == first


def test_a_server_that_stands_still_is_tried_again_and_answers_once(wechat: WeChat, connected: Assistant) -> None:
    rasa = connected.child("wence.server")
    os.kill(rasa, signal.SIGSTOP)
    going_on = threading.Timer(6.5, os.kill, (rasa, signal.SIGCONT))
    going_on.start()
    began = time.monotonic()
    answered = wechat.send(wechat.message(Content="方案的文号是什么？", openid="waits"))
    going_on.join()
    assert answered.tries == 2
    assert 6 < time.monotonic() - began < 10.5
    assert "三政办〔2021〕25号" in answered.text


def test_a_member_of_the_corporation_is_answered_in_wecom(connected: Assistant) -> None:
    wecom = WeChat(f"{connected.url}/webhooks/wecom/webhook", receiver=CORPID, agent=AGENTID)
    assert wecom.verify()[0] == 200
    assert "市民政局" in wecom.ask("智慧社区归哪个局管？", "zhangsan")
    assert "没有写" in wecom.ask("那智慧交通呢？", "zhangsan")


def test_with_the_platforms_true_patience_a_late_answer_is_sent(tmp_path: pathlib.Path) -> None:
    with bench(tmp_path, secret=SECRET) as late:
        answered = late.wechat.send(late.wechat.message(Content="等待"))
        assert (answered.body, answered.tries) == (SUCCESS, 1)
        assert answered.seconds < 4.5
        late.server.agent.release.set()
        eventually(lambda: late.api.texts() != [])
        assert late.said() == ["等待"]


def test_with_the_platforms_true_patience_the_third_try_asks_to_send_1(tmp_path: pathlib.Path) -> None:
    with bench(tmp_path) as late:
        answered = late.wechat.send(late.wechat.message(Content="等待"))
        assert (answered.text, answered.tries) == (replies.WECHAT_LATE, 3)
        assert 12.5 < answered.seconds < 14.5
        late.server.agent.release.set()
        assert late.wechat.ask("1").startswith("收到：等待")
        assert late.said() == ["等待"]


def test_forgeries_are_refused_and_nothing_is_processed(wechat: WeChat) -> None:
    sent = wechat.envelope(wechat.message(Content="方案的文号是什么？", openid="forger"))
    for changed in ({"msg_signature": "0" * 40}, {"timestamp": "1409735669"}, {"nonce": "1"}):
        assert wechat.deliver(sent.changed(**changed)).status == 403
    assert wechat.deliver(sent).status == 200


def test_neither_the_files_nor_the_log_know_the_citizen_or_a_secret(
    wechat: WeChat, connected: Assistant, tmp_path: pathlib.Path
) -> None:
    wechat.ask("我的手机是13812345678，谁牵头？", OPENID)
    time.sleep(0.5)
    stored = b"".join(file.read_bytes() for file in connected.state.rglob("*") if file.is_file())
    for secret in (OPENID, TOKEN, AES_KEY, SECRET, "13812345678"):
        assert secret.encode() not in stored
        assert secret not in connected.words()
