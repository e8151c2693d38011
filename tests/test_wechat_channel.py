from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import re
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator

import pytest

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
    Silence,
    WeChat,
    served_api,
)
from tests.wechat_server import PHONE, ChannelServer
from wence import replies
from wence.channels.wechat.channel import WeChatChannel, WeComChannel
from wence.channels.wechat.service import PASSIVE_SECONDS, Words
from wence.channels.wechat.settings import Account, Mode
from wence.replies import Option

WORDS = Words({"s": "《方案》解读"}, (Option("试点目标是什么？", "试点目标是什么？"),), PHONE)
PASSIVE = 0.4
PATIENCE = 0.6

Connect = Callable[..., WeChat]


@dataclasses.dataclass
class Bench:
    """A served channel and the platform that calls it."""

    server: ChannelServer
    wechat: WeChat
    api: Api
    state: pathlib.Path

    def said(self) -> list[str]:
        return self.server.agent.texts


def account(mode: str = "safe", secret: str = "", api: str = "https://api.weixin.qq.com", **more: object) -> Account:
    return Account(APPID, Mode(mode), api, TOKEN, "" if mode == "plain" else AES_KEY, secret, **more)  # type: ignore[arg-type]


@contextlib.contextmanager
def bench(
    state: pathlib.Path, mode: str = "safe", secret: str = "", seconds: float = PASSIVE_SECONDS, patience: float = 5.0
) -> Iterator[Bench]:
    with served_api() as api:
        channel = WeChatChannel(account(mode, secret, api.url), state, WORDS, seconds)
        server = ChannelServer(channel, state)
        try:
            yield Bench(server, WeChat(server.address, mode, patience=patience), api, state)
        finally:
            server.stop()


@pytest.fixture(scope="module", params=["plain", "compatible", "safe"])
def each_mode(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp(request.param), request.param) as made:
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("safe")) as made:
        yield made


@pytest.fixture
def safe(shared: Bench) -> Bench:
    shared.server.agent.messages.clear()
    return shared


_openids = (f"oyORnuP8q7ou2gfYjqLz{number:08d}" for number in range(10**6))


@pytest.fixture
def openid() -> str:
    return next(_openids)


# The address


def test_the_console_gets_its_echo(each_mode: Bench) -> None:
    assert each_mode.wechat.verify() == (200, "5939120383911432951")


@pytest.mark.parametrize(
    "changed",
    [
        {"signature": "0" * 40},
        {"signature": ""},
        {"timestamp": "1409735669"},
        {"timestamp": "now"},
        {"nonce": "1"},
        {"nonce": ""},
        {"echostr": ""},
        {"echostr": "<script>alert(1)</script>"},
    ],
)
def test_a_verification_that_is_not_the_consoles_is_refused(safe: Bench, changed: dict[str, str]) -> None:
    status, body = safe.wechat.verify(**changed)
    assert (status, body[:3]) == (403, "-40")


# Messages


def test_a_question_is_answered_in_each_mode(each_mode: Bench, openid: str) -> None:
    assert each_mode.wechat.ask("谁牵头", openid) == (
        "收到：谁牵头。\n\n出处：《方案》解读“一、背景”\n\n还可以问（回复数字）：\n1. 选项甲\n2. 选项乙\n3. 选项丙"
    )


def test_a_number_chooses_among_the_options_of_the_last_answer(safe: Bench, openid: str) -> None:
    safe.wechat.ask("谁牵头", openid)
    assert safe.wechat.ask("②", openid).startswith("收到：问题乙。")


def test_a_number_before_any_answer_is_a_question_of_its_own(safe: Bench, openid: str) -> None:
    assert safe.wechat.ask("2", openid).startswith("收到：2。")


def test_nobody_chooses_from_the_options_of_another(safe: Bench, openid: str) -> None:
    safe.wechat.ask("谁牵头", openid)
    assert safe.wechat.ask("2", next(_openids)).startswith("收到：2。")


def test_a_long_answer_is_read_page_by_page(safe: Bench, openid: str) -> None:
    pages = [safe.wechat.ask("很长", openid)]
    while pages[-1].endswith(replies.WECHAT_MORE):
        assert len(pages[-1].encode()) <= 2000
        pages.append(safe.wechat.ask("继续", openid))
    assert len(pages) > 1
    whole = "".join(pages)
    assert [number for number in range(1, 90) if f"第{number}句话" not in whole] == []
    assert pages[-1].endswith("3. 选项丙")
    assert safe.wechat.ask("继续", openid) == replies.WECHAT_NOTHING_MORE
    assert safe.said() == ["很长"]


def test_options_can_still_be_chosen_after_reading_on(safe: Bench, openid: str) -> None:
    safe.wechat.ask("很长", openid)
    safe.wechat.ask("“继续”", openid)
    assert safe.wechat.ask("1", openid).startswith("收到：问题甲。")


@pytest.mark.parametrize(
    ("kind", "fields", "answer"),
    [
        ("image", {"PicUrl": "http://127.0.0.1/x", "MediaId": "m"}, replies.WECHAT_IMAGE),
        ("voice", {"MediaId": "m", "Format": "amr"}, replies.WECHAT_VOICE),
        ("voice", {"MediaId": "m", "Format": "amr", "Recognition": ""}, replies.WECHAT_VOICE),
        ("video", {"MediaId": "m", "ThumbMediaId": "t"}, replies.WECHAT_VIDEO),
        ("shortvideo", {"MediaId": "m", "ThumbMediaId": "t"}, replies.WECHAT_VIDEO),
        (
            "location",
            {"Location_X": "34.7", "Location_Y": "111.2", "Scale": "20", "Label": "x"},
            replies.WECHAT_LOCATION,
        ),
        ("link", {"Title": "t", "Description": "d", "Url": "http://127.0.0.1/"}, replies.WECHAT_LINK),
        ("miniprogrampage", {"Title": "t"}, replies.WECHAT_OTHER),
    ],
)
def test_what_is_no_text_is_answered_politely(
    safe: Bench, openid: str, kind: str, fields: dict[str, str], answer: str
) -> None:
    assert safe.wechat.send(safe.wechat.message(kind, openid, **fields)).text == answer
    assert safe.said() == []


def test_a_voice_that_was_recognised_is_a_question(safe: Bench, openid: str) -> None:
    message = safe.wechat.message("voice", openid, MediaId="m", Format="amr", Recognition="谁牵头")
    assert safe.wechat.send(message).text.startswith("收到：谁牵头。")


@pytest.mark.parametrize("message", ["/restart", "  /ask_goal", "@0.1", "？！", "问" * 301, "[微笑]" * 100])
def test_what_cannot_be_a_question_passes_the_same_edge_as_on_the_web(safe: Bench, openid: str, message: str) -> None:
    assert safe.wechat.ask(message, openid)
    assert safe.said() == []


def test_a_turn_that_fails_is_told_with_the_telephone(safe: Bench, openid: str) -> None:
    assert PHONE in safe.wechat.ask("出错", openid)


def test_a_message_that_finds_no_turn_free_is_queued_again(tmp_path: pathlib.Path) -> None:
    with bench(tmp_path) as busy:
        thread, outcome = in_background(lambda: busy.wechat.ask("排队"))
        eventually(lambda: len(busy.said()) > 2)
        busy.server.agent.release.set()
        thread.join()
        assert str(outcome[0]).startswith("收到：排队")


# Events


def test_who_subscribes_is_greeted_with_what_can_be_asked(safe: Bench, openid: str) -> None:
    text = safe.wechat.event("subscribe", openid, EventKey="qrscene_123").text
    assert text.startswith(replies.WECHAT_GREETING)
    assert "1. 试点目标是什么？" in text
    assert safe.wechat.ask("1", openid).startswith("收到：试点目标是什么？。")


def test_who_scans_again_is_greeted(safe: Bench, openid: str) -> None:
    assert safe.wechat.event("SCAN", openid, EventKey="123", Ticket="t").text.startswith(replies.GREETING)


def test_a_click_in_the_menu_is_a_question(safe: Bench, openid: str) -> None:
    assert safe.wechat.event("CLICK", openid, EventKey="联系电话是多少？").text.startswith("收到：联系电话是多少？。")


def rows_of(state: pathlib.Path, *tables: str) -> int:
    count = 0
    for table in tables:
        name, _, part = table.partition(".")
        with contextlib.closing(sqlite3.connect(state / f"{name}.db")) as file:
            count += file.execute(f"SELECT count(*) FROM {part}").fetchone()[0]
    return count


def test_who_leaves_is_forgotten(tmp_path: pathlib.Path) -> None:
    stored = ("turns.turns", "turns.claims", "wechat.messages", "wechat.shelves")
    with bench(tmp_path) as left:
        left.wechat.ask("谁牵头")
        assert rows_of(tmp_path, *stored) == 3
        assert left.wechat.event("unsubscribe").body == SUCCESS
        assert rows_of(tmp_path, *stored) == 0
        assert left.wechat.ask("2").startswith("收到：2。")


def test_who_leaves_while_a_turn_runs_is_forgotten_after_it(tmp_path: pathlib.Path) -> None:
    with bench(tmp_path) as left:
        thread, _ = in_background(lambda: left.wechat.ask("等待"))
        eventually(lambda: left.said() == ["等待"])
        leaving, outcome = in_background(lambda: left.wechat.event("unsubscribe").body)
        time.sleep(0.2)
        left.server.agent.release.set()
        thread.join()
        leaving.join()
        assert outcome == [SUCCESS]
        assert rows_of(tmp_path, "turns.turns", "wechat.messages", "wechat.shelves") == 0


@pytest.mark.parametrize("event", ["VIEW", "LOCATION", "TEMPLATESENDJOBFINISH", "something_new"])
def test_other_events_are_taken_note_of_in_silence(safe: Bench, openid: str, event: str) -> None:
    assert safe.wechat.event(event, openid, EventKey="http://127.0.0.1/").body == SUCCESS
    assert safe.said() == []


def test_two_events_of_one_second_are_two(safe: Bench, openid: str) -> None:
    for key in ("问题甲", "问题乙"):
        safe.wechat.event("CLICK", openid, EventKey=key)
    assert safe.said() == ["问题甲", "问题乙"]


# Retries and forgeries


def test_a_retry_gets_the_stored_answer_and_causes_no_second_turn(safe: Bench, openid: str) -> None:
    message = safe.wechat.message(Content="谁牵头", openid=openid)
    first, second = safe.wechat.send(message), safe.wechat.send(message)
    assert first.text == second.text
    assert safe.said() == ["谁牵头"]


def test_a_retry_of_an_event_gets_the_stored_answer(safe: Bench, openid: str) -> None:
    event = safe.wechat.message("event", openid, Event="CLICK", EventKey="问题甲")
    assert safe.wechat.send(event).text == safe.wechat.send(event).text
    assert safe.said() == ["问题甲"]


def test_a_retry_of_a_number_means_what_it_meant_first(safe: Bench, openid: str) -> None:
    safe.wechat.ask("谁牵头", openid)
    message = safe.wechat.message(Content="2", openid=openid)
    first = safe.wechat.send(message).text
    assert (safe.wechat.send(message).text, safe.said()) == (first, ["谁牵头", "问题乙"])


def test_a_retry_of_reading_on_turns_no_second_page(safe: Bench, openid: str) -> None:
    safe.wechat.ask("很长很长", openid)
    message = safe.wechat.message(Content="继续", openid=openid)
    assert safe.wechat.send(message).text == safe.wechat.send(message).text


def test_the_same_request_again_is_a_retry(safe: Bench, openid: str) -> None:
    sent = safe.wechat.envelope(safe.wechat.message(Content="谁牵头", openid=openid))
    assert safe.wechat.deliver(sent).text == safe.wechat.deliver(sent).text
    assert safe.said() == ["谁牵头"]


def test_another_message_under_the_same_nonce_is_refused(each_mode: Bench, openid: str) -> None:
    wechat, when = each_mode.wechat, int(time.time())
    first = wechat.envelope(wechat.message(Content="谁牵头", openid=openid), when, "1320562132")
    other = wechat.envelope(wechat.message(Content="谁配合", openid=openid), when, "1320562132")
    assert wechat.deliver(first).status == 200
    assert (wechat.deliver(other).status, wechat.deliver(other).body) == (403, "-40001")
    assert "谁配合" not in each_mode.said()


def test_the_signature_of_a_verification_lets_no_message_in(tmp_path: pathlib.Path) -> None:
    with bench(tmp_path, "plain") as plain:
        sent = plain.wechat.envelope(plain.wechat.message(Content="谁牵头"))
        echo = {**sent.query, "echostr": "123"}
        assert plain.wechat._request("GET", echo, None)[0] == 200
        assert plain.wechat.deliver(sent).status == 403
        assert plain.said() == []


@pytest.mark.parametrize(
    "changed",
    [
        {"timestamp": str(int(time.time()) - 400)},
        {"timestamp": str(int(time.time()) + 1_000)},
        {"timestamp": "1409735669"},
        {"timestamp": ""},
        {"nonce": "2"},
        {"nonce": ""},
        {"nonce": "1" * 200},
        {"msg_signature": "0" * 40, "signature": "0" * 40},
        {"msg_signature": "", "signature": "签名"},
        {"msg_signature": "", "signature": ""},
    ],
)
def test_a_forged_signature_is_refused_and_nothing_processed(
    each_mode: Bench, openid: str, changed: dict[str, str]
) -> None:
    wechat = each_mode.wechat
    before = len(each_mode.said())
    if each_mode.wechat.mode == "plain" and "msg_signature" in changed:
        changed = {**changed, "signature": changed["signature"] or "0"}
    sent = wechat.envelope(wechat.message(Content="谁牵头", openid=openid)).changed(**changed)
    assert wechat.deliver(sent).status == 403
    assert len(each_mode.said()) == before


@pytest.mark.parametrize("age", [301, -330])
def test_a_well_signed_message_of_another_time_is_refused(safe: Bench, openid: str, age: int) -> None:
    sent = safe.wechat.envelope(safe.wechat.message(Content="谁牵头", openid=openid), int(time.time()) - age)
    assert safe.wechat.deliver(sent).body == "-40001"
    assert safe.said() == []


def test_a_message_for_another_account_is_refused(safe: Bench, openid: str) -> None:
    other = dataclasses.replace(safe.wechat, receiver="wxffffffffffffffff")
    assert other.deliver(other.envelope(other.message(Content="谁牵头"))).body == "-40005"
    assert safe.said() == []


def test_a_message_under_another_key_is_refused(safe: Bench) -> None:
    other = dataclasses.replace(safe.wechat, aes_key="Z" * 42 + "A")
    assert other.deliver(other.envelope(other.message(Content="谁牵头"))).status == 403
    assert safe.said() == []


@pytest.mark.parametrize("mode", ["plain", "safe"])
def test_in_safe_mode_a_body_without_encryption_is_refused(safe: Bench, openid: str, mode: str) -> None:
    other = dataclasses.replace(safe.wechat, mode="plain")
    sent = other.envelope(other.message(Content="谁牵头", openid=openid))
    if mode == "safe":
        sent = sent.changed(msg_signature="0" * 40, encrypt_type="aes")
    assert other.deliver(sent).body == "-40002"
    assert safe.said() == []


def test_in_compatible_mode_the_encrypted_message_counts(tmp_path: pathlib.Path) -> None:
    with bench(tmp_path, "compatible") as both:
        sent = both.wechat.envelope(both.wechat.message(Content="谁牵头"))
        forged = sent.changed(body=sent.body.replace("谁牵头".encode(), "谁配合".encode()))
        assert both.wechat.deliver(forged).text.startswith("收到：谁牵头")


def test_an_encrypted_message_to_an_account_in_plain_mode_tells_the_log_what_to_set(
    tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture
) -> None:
    with bench(tmp_path, "plain") as plain:
        other = dataclasses.replace(plain.wechat, mode="safe")
        assert other.deliver(other.envelope(other.message(Content="谁牵头"))).status == 403
    assert "WECHAT_AES_KEY" in caplog.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<xml>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Content>&a;</Content></xml>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Content>&a;</Content></xml>',
        b"<xml>" + b"<a>" * 5_000 + b"</a>" * 5_000 + b"</xml>",
        b"<xml><MsgType>text</MsgType></xml>",
        b"<xml><FromUserName>a</FromUserName><ToUserName>b</ToUserName><CreateTime>1</CreateTime>"
        b"<MsgType>text</MsgType><Content>c</Content></xml>",
    ],
    ids=["nothing", "half", "entity", "external entity", "deep", "no sender", "no number"],
)
def test_a_hostile_body_with_a_right_signature_is_refused(tmp_path: pathlib.Path, body: bytes) -> None:
    with bench(tmp_path, "plain") as plain:
        sent = plain.wechat.envelope("<xml/>").changed(body=body)
        assert plain.wechat.deliver(sent).body == "-40002"
        assert plain.said() == []
        assert plain.wechat.ask("谁牵头").startswith("收到")


def test_a_body_over_64_kb_is_refused(safe: Bench) -> None:
    sent = safe.wechat.envelope(safe.wechat.message(Content="问" * 30_000))
    assert safe.wechat.deliver(sent).status == 413


def test_no_refusal_tells_a_secret_or_a_name(tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture) -> None:
    with bench(tmp_path) as safe:
        sent = safe.wechat.envelope(safe.wechat.message(Content="谁牵头"))
        for changed in ({"nonce": "1"}, {"timestamp": "1"}, {"msg_signature": "0"}, {"timestamp": ""}):
            safe.wechat.deliver(sent.changed(**changed))
    assert caplog.text.count("-40001") == 4
    assert not re.search(f"{TOKEN}|{AES_KEY}|{OPENID}|谁牵头", caplog.text)


# Five seconds


def in_background(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    outcome: list[object] = []

    def run() -> None:
        try:
            outcome.append(work())
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_with_a_secret_a_late_answer_comes_as_a_message_and_only_once(tmp_path: pathlib.Path) -> None:
    with bench(tmp_path, secret=SECRET, seconds=PASSIVE, patience=PATIENCE) as late:
        answered = late.wechat.send(late.wechat.message(Content="等待"))
        assert (answered.body, answered.tries) == (SUCCESS, 1)
        assert late.api.texts() == []
        late.server.agent.release.set()
        eventually(lambda: late.api.texts() != [])
        ((openid, text),) = late.api.texts()
        assert (openid, text[:5]) == (OPENID, "收到：等待")
        assert late.said() == ["等待"]
        assert late.wechat.ask("2").startswith("收到：问题乙")


def test_a_retry_of_a_message_that_is_answered_later_gets_no_second_answer(tmp_path: pathlib.Path) -> None:
    with bench(tmp_path, secret=SECRET, seconds=PASSIVE, patience=PATIENCE) as late:
        message = late.wechat.message(Content="等待")
        assert late.wechat.send(message).body == SUCCESS
        late.server.agent.release.set()
        eventually(lambda: late.api.texts() != [])
        assert late.wechat.send(message).body == SUCCESS
        assert (len(late.api.texts()), late.said()) == (1, ["等待"])


def test_without_a_secret_a_late_answer_is_given_to_the_second_try(tmp_path: pathlib.Path) -> None:
    with bench(tmp_path, seconds=PASSIVE, patience=PATIENCE) as late:
        thread, outcome = in_background(lambda: late.wechat.send(late.wechat.message(Content="等待")))
        time.sleep(PATIENCE + PASSIVE / 2)
        late.server.agent.release.set()
        thread.join()
        (answered,) = outcome
        assert (answered.tries, answered.text[:5]) == (2, "收到：等待")  # type: ignore[attr-defined]
        assert late.said() == ["等待"]
        assert late.api.calls == []


def test_without_a_secret_the_third_try_asks_to_send_1_and_1_fetches_the_answer(tmp_path: pathlib.Path) -> None:
    with bench(tmp_path, seconds=PASSIVE, patience=PATIENCE) as late:
        answered = late.wechat.send(late.wechat.message(Content="等待"))
        assert (answered.tries, answered.text) == (3, replies.WECHAT_LATE)
        assert PHONE in late.wechat.ask("1")
        late.server.agent.release.set()
        time.sleep(0.2)
        assert late.wechat.ask("１").startswith("收到：等待")
        assert late.wechat.ask("1").startswith("收到：问题甲")
        assert late.said() == ["等待", "问题甲"]


def test_no_try_is_answered_with_nothing_because_that_would_be_the_last(tmp_path: pathlib.Path) -> None:
    with bench(tmp_path, seconds=PASSIVE, patience=PATIENCE) as late:
        sent = late.wechat.envelope(late.wechat.message(Content="等待"))
        for _ in range(2):
            with pytest.raises(TimeoutError):
                late.wechat.post(sent)
        assert late.wechat.read(late.wechat.post(sent)[1]) == replies.WECHAT_LATE


def test_an_account_that_turns_out_to_have_no_right_to_send_goes_on_without(tmp_path: pathlib.Path) -> None:
    with bench(tmp_path, secret=SECRET, seconds=PASSIVE, patience=PATIENCE) as late:
        late.api.refusals["/cgi-bin/message/custom/send"] = [48001]
        assert late.wechat.send(late.wechat.message(Content="等待")).body == SUCCESS
        late.server.agent.release.set()
        eventually(lambda: len(late.api.sent("/cgi-bin/message/custom/send")) == 1)
        late.server.agent.release.clear()
        time.sleep(0.1)
        assert late.wechat.send(late.wechat.message(Content="等待")).text == replies.WECHAT_LATE


def test_the_platform_hanging_up_in_the_middle_does_not_cancel_the_turn(tmp_path: pathlib.Path) -> None:
    with bench(tmp_path, seconds=PASSIVE, patience=0.2) as late:
        sent = late.wechat.envelope(late.wechat.message(Content="等待"))
        with pytest.raises(TimeoutError):
            late.wechat.post(sent)
        late.server.agent.release.set()
        time.sleep(0.2)
        assert late.wechat.read(late.wechat.post(sent)[1]).startswith("收到：等待")
        assert late.said() == ["等待"]


# 企业微信


@pytest.fixture(scope="module")
def corporation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with served_api() as api:
        made = Account(CORPID, Mode.SAFE, api.url, TOKEN, AES_KEY, "s" * 43, AGENTID)
        state = tmp_path_factory.mktemp("wecom")
        server = ChannelServer(WeComChannel(made, state, WORDS, PASSIVE), state)
        wechat = WeChat(server.address, receiver=CORPID, agent=AGENTID)
        yield Bench(server, wechat, api, state)
        server.stop()


def test_the_console_of_wecom_gets_the_decrypted_echo(corporation: Bench) -> None:
    assert corporation.wechat.verify() == (200, "5939120383911432951")


def test_an_echo_for_another_corporation_is_refused(corporation: Bench) -> None:
    other = dataclasses.replace(corporation.wechat, receiver="wwffffffffffffffff")
    assert other.verify() == (403, "-40005")


def test_a_member_of_the_corporation_is_answered(corporation: Bench) -> None:
    assert corporation.wechat.ask("谁牵头", "zhangsan").startswith("收到：谁牵头。")


def test_a_message_to_another_application_is_refused(corporation: Bench) -> None:
    other = dataclasses.replace(corporation.wechat, agent="1000003")
    assert other.deliver(other.envelope(other.message(Content="谁牵头"))).body == "-40005"


def test_a_member_gets_a_late_answer_as_a_message_of_the_application(corporation: Bench) -> None:
    assert corporation.wechat.send(corporation.wechat.message(Content="等待", openid="lisi")).body == SUCCESS
    corporation.server.agent.release.set()
    eventually(lambda: corporation.api.texts() != [])
    (sent,) = corporation.api.sent("/cgi-bin/message/send")
    assert (sent["touser"], sent["agentid"], sent["text"]["content"][:5]) == ("lisi", int(AGENTID), "收到：等待")


# Privacy and settings


def test_no_openid_is_in_anything_that_is_stored_or_logged(
    tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"), bench(tmp_path, secret=SECRET, seconds=PASSIVE, patience=PATIENCE) as late:
        late.wechat.ask("谁牵头")
        late.wechat.ask("2")
        late.wechat.event("subscribe")
        late.wechat.send(late.wechat.message(Content="等待"))
        late.server.agent.release.set()
        eventually(lambda: late.api.texts() != [])
        senders = {message.sender_id for message in late.server.agent.messages}
        assert len(senders) == 1
        stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert OPENID not in "".join(senders)
    assert OPENID.encode() not in stored
    assert OPENID not in "".join(record.getMessage() for record in caplog.records if "wence" in record.name)


def test_without_an_account_the_channel_does_not_exist(tmp_path: pathlib.Path) -> None:
    server = ChannelServer(WeChatChannel(None, tmp_path / "none", WORDS), tmp_path)
    try:
        wechat = WeChat(server.address)
        assert wechat.verify()[0] == 404
        assert wechat.deliver(wechat.envelope(wechat.message(Content="谁牵头"))).status == 404
        assert not (tmp_path / "none").exists()
    finally:
        server.stop()


def test_silence_is_what_the_stand_in_says_when_nobody_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody, pytest.raises(Silence):
        WeChat(f"http://127.0.0.1:{nobody.getsockname()[1]}/x", patience=0.05).ask("谁牵头")
