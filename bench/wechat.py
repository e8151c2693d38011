"""`python -m bench.wechat`: the passive reply of WeChat under load, with retries; writes bench/wechat.md.

--rate N       messages a second, 50
--seconds N    how long, 30
--port N       where the assistant is served, 6310
--out FOLDER   where the table is written, bench/

Messages are sent when their time has come, whether earlier ones are answered or not, as the platform sends them:
encrypted, each over a connection of its own, given up after five seconds and sent again, three times in all. Of
ten messages one is hung up on at once and comes again after five seconds, and one comes again as soon as it is
answered, as if the answer had been lost. Every message must be answered with one text, whatever the try, and
must have caused one turn.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import dataclasses
import datetime
import itertools
import os
import pathlib
import re
import shutil
import sqlite3
import sys
import time
import urllib.parse
import zoneinfo
from collections.abc import Mapping, Sequence

from bench.measures import single_questions
from bench.run import FOLDER, QUESTIONS
from bench.sides import HOST, Ours, SideError
from wence import settings
from wence.channels.wechat import crypto, xml
from wence.channels.wechat.crypto import MessageCrypto
from wence.evaluation.questions import read
from wence.replies import UNAVAILABLE

TOKEN = "measured"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APPID = "wx2c2769f8efd9abc2"
PATIENCE = 5.0
TRIES = 3
HANGS_UP_SECONDS = 0.02
WARM_UP_MESSAGES = 40
GOAL_SECONDS = 4.5


class Connected(Ours):
    """This project with an account, which may not send messages of its own accord."""

    def _environment(self) -> Mapping[str, str]:
        models = str(settings.load().models)
        account = {"WECHAT_TOKEN": TOKEN, "WECHAT_AES_KEY": AES_KEY, "WECHAT_APPID": APPID}
        return {**super()._environment(), **account, "WENCE_MODELS": models}

    @property
    def turns(self) -> collections.Counter[str]:
        """How many turns each message of WeChat has caused."""
        with sqlite3.connect(f"file:{self._folder / 'state' / 'turns.db'}?mode=ro", uri=True) as file:
            rows = file.execute("SELECT message_id FROM turns WHERE channel = 'wechat'").fetchall()
        file.close()
        return collections.Counter(str(message) for (message,) in rows)

    def clear(self) -> None:
        """Forget the runs before."""
        shutil.rmtree(self._folder / "state", ignore_errors=True)


@dataclasses.dataclass(frozen=True)
class Message:
    """One message, ready to be sent, and what the platform does about it."""

    id: str
    request: bytes
    hangs_up: bool = False
    loses_answer: bool = False


@dataclasses.dataclass
class Outcome:
    """What became of a message."""

    seconds: list[float] = dataclasses.field(default_factory=list)
    bodies: list[str] = dataclasses.field(default_factory=list)
    tries: int = 0
    texts: set[str] = dataclasses.field(default_factory=set)
    failures: list[str] = dataclasses.field(default_factory=list)


def messages(questions: Sequence[str], count: int, first: int) -> list[Message]:
    """Return so many messages, each of another citizen."""
    sealing = MessageCrypto(TOKEN, AES_KEY, APPID)
    made = []
    for number, question in zip(range(first, first + count), itertools.cycle(questions), strict=False):
        now, nonce = str(int(time.time())), crypto.new_nonce()
        plain = (
            f"<xml><ToUserName>gh_1</ToUserName><FromUserName>citizen-{number}</FromUserName><CreateTime>{now}"
            f"</CreateTime><MsgType>text</MsgType><Content><![CDATA[{question}]]></Content><MsgId>{number}</MsgId></xml>"
        )
        sealed = sealing.seal(plain.encode(), now, nonce)
        body = f"<xml><ToUserName>gh_1</ToUserName><Encrypt>{sealed.encrypted}</Encrypt></xml>".encode()
        query = urllib.parse.urlencode(
            {"timestamp": now, "nonce": nonce, "encrypt_type": "aes", "msg_signature": sealed.signature}
        )
        head = (
            f"POST /webhooks/wechat/webhook?{query} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n"
            f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append(Message(f"m{number}", head.encode() + body, number % 10 == 3, number % 10 == 7))
    return made


async def _deliver(message: Message, port: int) -> Outcome:
    """Send a message as the platform does."""
    outcome = Outcome()
    for number in range(TRIES):
        outcome.tries += 1
        began = time.perf_counter()
        patience = HANGS_UP_SECONDS if message.hangs_up and number == 0 else PATIENCE
        try:
            outcome.bodies.append(await asyncio.wait_for(_try(message, port), patience))
        except (asyncio.TimeoutError, OSError) as error:
            outcome.failures.append(str(error) or "超时")
            await asyncio.sleep(max(0.0, PATIENCE - (time.perf_counter() - began)))
            continue
        outcome.seconds.append(time.perf_counter() - began)
        if not (message.loses_answer and len(outcome.bodies) == 1):
            break
    return outcome


async def _try(message: Message, port: int) -> str:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(message.request)
        answer = await reader.read()
    finally:
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        raise OSError(head[9:12].decode("latin-1") or "没有内容")
    return body.decode()


async def _send(sent: Sequence[Message], port: int, rate: float) -> list[Outcome]:
    began, tasks = time.perf_counter(), []
    for number, message in enumerate(sent):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(_deliver(message, port)))
    return list(await asyncio.gather(*tasks))


def _read(outcomes: Sequence[Outcome]) -> None:
    """Open the answers, after the load, which this shall not disturb."""
    opening = MessageCrypto(TOKEN, AES_KEY, APPID)
    for outcome in outcomes:
        for body in outcome.bodies:
            fields = xml.read(body.encode())
            signed = (fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"])
            outcome.texts.add(xml.read(opening.open(fields["Encrypt"], *signed))["Content"])


def table(sent: Sequence[Message], outcomes: Sequence[Outcome], turns: Mapping[str, int], told: str) -> str:
    """Return what was measured."""
    seconds = sorted(second for outcome in outcomes for second in outcome.seconds)
    unavailable = re.compile(re.escape(UNAVAILABLE).replace(re.escape("{phone}"), ".*"))
    failures = collections.Counter(why for outcome in outcomes for why in outcome.failures)
    by_tries = collections.Counter(outcome.tries for outcome in outcomes)
    rows = [
        ("消息", str(len(sent))),
        ("尝试（含重发）", str(sum(outcome.tries for outcome in outcomes))),
        ("一次、两次、三次发完的消息", "、".join(str(by_tries[number]) for number in (1, 2, 3))),
        *((f"被动回复 {name}", f"{_at(seconds, share):.3f} 秒") for name, share in (("中位", 0.5), ("p95", 0.95))),
        (f"被动回复 p99（目标 {GOAL_SECONDS} 秒以内）", f"{_at(seconds, 0.99):.3f} 秒"),
        ("没有回答的尝试（含故意挂断的）", "、".join(f"{why} {count} 次" for why, count in failures.items()) or "0"),
        ("被动回复最长", f"{seconds[-1]:.3f} 秒"),
        ("没有得到回答的消息（目标 0）", str(sum(not outcome.texts for outcome in outcomes))),
        ("得到两种回答的消息（目标 0）", str(sum(len(outcome.texts) > 1 for outcome in outcomes))),
        ("多于一轮的消息（目标 0）", str(sum(turns[message.id] > 1 for message in sent))),
        ("没有记下轮次的消息", str(sum(turns[message.id] == 0 for message in sent))),
        ("回答是“服务暂时出了故障”的", str(sum(any(map(unavailable.match, o.texts)) for o in outcomes))),
    ]
    lines = "\n".join(f"| {name} | {value} |" for name, value in rows)
    return f"# 微信的被动回复\n\n{told}\n\n| 量什么 | 结果 |\n| --- | --- |\n{lines}\n"


def _at(ordered: Sequence[float], share: float) -> float:
    """The value that this share of all does not exceed."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and write the table; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.wechat", description="微信被动回复在负载下的用时")
    parser.add_argument("--rate", type=float, default=50.0, help="每秒消息数,默认 50")
    parser.add_argument("--seconds", type=float, default=30.0, help="多少秒,默认 30")
    parser.add_argument("--port", type=int, default=6310, help="助手的端口,默认 6310")
    parser.add_argument("--out", type=pathlib.Path, default=FOLDER, help="结果写到这个文件夹,默认 bench/")
    parsed = parser.parse_args(arguments)
    questions = single_questions(read(sorted(QUESTIONS.glob("*.jsonl"))))
    side = Connected(settings.load().state / "bench" / "wechat", parsed.port)
    side.clear()
    try:
        with side.serving():
            first = int(time.time()) * 100_000
            asyncio.run(_send(messages(questions, WARM_UP_MESSAGES, first), parsed.port, 10.0))
            sent = messages(questions, round(parsed.rate * parsed.seconds), first + WARM_UP_MESSAGES)
            load = os.getloadavg()[0]
            outcomes = asyncio.run(_send(sent, parsed.port, parsed.rate))
            turns = side.turns
    except SideError as error:
        print(error, file=sys.stderr)
        return 1
    _read(outcomes)
    today = datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M")
    told = (
        f"每秒 {parsed.rate:.0f} 条，{parsed.seconds:.0f} 秒，安全模式，{os.cpu_count()} 个处理器，"
        f"开始前的平均负载 {load:.1f}；{today}，`python -m bench.wechat`。"
        "十条里一条立即被挂断、五秒后重发，一条答完后又重发一次。"
    )
    made = table(sent, outcomes, turns, told)
    parsed.out.mkdir(parents=True, exist_ok=True)
    (parsed.out / "wechat.md").write_text(made, encoding="utf-8")
    print(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
