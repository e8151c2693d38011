"""`wence misses`: lists missed questions, shows one, and removes what is not to be kept.

    wence misses list      newest first; --json for programs, --since, --why, --limit
    wence misses show ID   all that is kept of one
    wence misses forget    --sender-hash, all that a citizen asked; --older-than, texts of so many days ago

What a command needs is imported when it runs: the command line itself stays quick.
"""

from __future__ import annotations

import argparse
import datetime
import json
import re
import sys
import time
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from wence.local_time import LOCAL_TIME
from wence.misses.why import WORDS, Why
from wence.settings import MOST_KEEP_DAYS
from wence.settings import load as load_settings

if TYPE_CHECKING:
    from wence.misses.store import MissStore, StoredMiss

LIMIT = 1000
_ROW_WIDTH = 40
_AGO = re.compile(r"(\d{1,6})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_SENDER = re.compile(r"[0-9a-f]{32}")
_BY_SETTING = 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `wence misses` takes."""
    commands = parser.add_subparsers(dest="action", required=True, metavar="动作")
    listing = commands.add_parser("list", help="列出答漏的问题,从新到旧")
    listing.add_argument("--json", action="store_true", help="印成 JSON,给程序看")
    listing.add_argument(
        "--since", type=_since, metavar="时间", help="从何时起:2026-11-25、2026-11-25T10:00,或 30m、2h、7d"
    )
    listing.add_argument("--why", type=Why, choices=tuple(Why), metavar="原因", help=_reasons())
    listing.add_argument("--limit", type=_number, default=LIMIT, metavar="个数", help=f"最多几个,默认 {LIMIT}")
    show = commands.add_parser("show", help="看一个答漏的问题的全部内容")
    show.add_argument("id", metavar="编号")
    forget = commands.add_parser("forget", help="删去一个发送者的,或移去旧的文字")
    what = forget.add_mutually_exclusive_group(required=True)
    what.add_argument("--sender-hash", type=_sender, metavar="假名", help="删去这个发送者的全部")
    what.add_argument(
        "--older-than",
        type=_days,
        nargs="?",
        const=_BY_SETTING,
        metavar="天数",
        help="移去这么多天以前的文字,只留计数;不写天数就照设置 WENCE_KEEP_DAYS",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run one of the commands on the database of the settings; returns the exit code."""
    from wence.misses.store import MissStore

    store = MissStore(load_settings())
    try:
        return {"list": _list, "show": _show, "forget": _forget}[arguments.action](store, arguments)
    finally:
        store.close()


def _list(store: MissStore, arguments: argparse.Namespace) -> int:
    from wence.misses.store import Search

    found = store.find(Search(arguments.since, arguments.why, arguments.limit))
    if arguments.json:
        print(json.dumps([as_json(miss) for miss in found], ensure_ascii=False, indent=1))
    else:
        print("\n".join(_table(found)))
    return 0


def _show(store: MissStore, arguments: argparse.Namespace) -> int:
    miss = store.get(arguments.id)
    if miss is None:
        print(f"没有编号是 {arguments.id} 的答漏的问题", file=sys.stderr)
        return 1
    print("\n".join(_told(miss)))
    return 0


def _forget(store: MissStore, arguments: argparse.Namespace) -> int:
    now = time.time()
    if arguments.sender_hash:
        print(f"已删去 {store.forget(arguments.sender_hash, now)} 个答漏的问题")
    else:
        days = arguments.older_than or load_settings().keep_days
        print(f"已移去 {store.remove_texts(now - days * _SECONDS['d'])} 个答漏的问题的文字")
    return 0


def as_json(miss: StoredMiss) -> dict[str, Any]:
    """Return a missed question as programs get it."""
    understood = miss.understood
    return {
        "id": miss.id,
        "time": local(miss.asked),
        "channel": miss.channel,
        "sender": miss.sender,
        "why": [reason.why.value for reason in miss.reasons],
        "message": miss.message,
        "status": miss.status,
        "reply": miss.reply,
        "facts": list(miss.facts),
        "confidence": understood.confidence if understood else None,
        "readings": _ranked("facet", understood.readings if understood else ()),
        "likely_facts": _ranked("fact", understood.facts if understood else ()),
        "subjects": list(understood.subjects) if understood else [],
        "unknown": list(understood.unknown) if understood else [],
        "feedback": next((reason.words for reason in miss.reasons if reason.words), None),
        "model": miss.model,
        "knowledge": miss.knowledge,
        "before": _before(miss),
    }


def _before(miss: StoredMiss) -> dict[str, str] | None:
    before = miss.before
    if before is None:
        return None
    return {
        "time": local(before.time),
        "message": before.message,
        "status": before.status,
        "reply": before.reply,
    }


def _ranked(name: str, ranked: tuple[tuple[str, float], ...]) -> list[dict[str, Any]]:
    return [{name: what, "confidence": confidence} for what, confidence in ranked]


def local(seconds: float) -> str:
    """Return a time as it is where the policy holds."""
    return datetime.datetime.fromtimestamp(int(seconds), LOCAL_TIME).isoformat()


def _table(found: list[StoredMiss]) -> Iterator[str]:
    for miss in found:
        when = local(miss.asked)[:16].replace("T", " ")
        why = "、".join(WORDS[reason.why] for reason in miss.reasons)
        yield "  ".join((when, _padded(why, 20), _padded(" ".join(miss.message.split()), _ROW_WIDTH), miss.id))
    yield f"共{len(found)}个"


def _padded(text: str, width: int) -> str:
    """Cut or fill a text to a width at which a Chinese character counts two."""
    kept, taken = "", 0
    for character in text:
        wide = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if taken + wide > width - 1:
            return f"{kept}…{' ' * (width - taken - 1)}"
        kept, taken = kept + character, taken + wide
    return kept + " " * (width - taken)


def _told(miss: StoredMiss) -> Iterator[str]:
    understood = miss.understood
    yield f"编号    {miss.id}"
    yield f"时间    {local(miss.asked)}"
    yield f"渠道    {miss.channel}"
    for reason in miss.reasons:
        yield f"原因    {WORDS[reason.why]}({reason.why.value}){':' + reason.words if reason.words else ''}"
    if miss.before:
        yield f"上一问  {miss.before.message}"
        yield f"上一答  {miss.before.reply}"
    yield f"问      {miss.message}"
    yield f"答      {miss.reply}"
    yield f"状态    {miss.status}"
    yield f"事实    {'、'.join(miss.facts) or '无'}"
    if understood:
        yield f"把握    {understood.confidence:.2f}"
        yield f"方面    {_shown(understood.readings)}"
        yield f"像事实  {_shown(understood.facts)}"
        yield f"主题    {'、'.join(understood.subjects) or '无'}"
        yield f"生词    {'、'.join(understood.unknown) or '无'}"
    yield f"发送者  {miss.sender}"
    yield f"模型    {miss.model}"
    yield f"知识    {miss.knowledge}"


def _shown(ranked: tuple[tuple[str, float], ...]) -> str:
    return "、".join(f"{name} {confidence:.2f}" for name, confidence in ranked) or "无"


def _reasons() -> str:
    return "只要这种原因的:" + "、".join(f"{why.value}({WORDS[why]})" for why in Why)


def _since(text: str) -> float:
    ago = _AGO.fullmatch(text)
    if ago:
        return time.time() - int(ago[1]) * _SECONDS[ago[2]]
    try:
        moment = datetime.datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=LOCAL_TIME)).timestamp()
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text} 不是时间,要写 2026-11-25、2026-11-25T10:00,或 30m、2h、7d") from None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise argparse.ArgumentTypeError(f"{text} 不是大于 0 的整数")
    return int(text)


def _days(text: str) -> int:
    days = _number(text)
    if days > MOST_KEEP_DAYS:
        raise argparse.ArgumentTypeError(f"天数最多 {MOST_KEEP_DAYS}")
    return days


def _sender(text: str) -> str:
    if not _SENDER.fullmatch(text):
        raise argparse.ArgumentTypeError("假名是 32 个十六进制数字,wence misses show 会印出来")
    return text
