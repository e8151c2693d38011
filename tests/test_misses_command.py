from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.misses import MISS, NOW, SENDER, miss, wanted
from wence import cli
from wence.misses.store import MissStore, Search, StoredMiss
from wence.misses.why import WORDS, Why

NOT_HELPFUL = miss(why=Why.NOT_HELPFUL, time=NOW + 5, reason="不准")


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WENCE_STATE", str(tmp_path))
    return tmp_path


@pytest.fixture
def store(state: Path) -> Iterator[MissStore]:
    opened = MissStore(wanted(state))
    yield opened
    opened.close()


def listed(capsys: pytest.CaptureFixture[str], *more: str) -> list[dict[str, Any]]:
    assert cli.main(["misses", "list", "--json", *more]) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def all_kept(store: MissStore) -> list[StoredMiss]:
    return store.find(Search())


def test_a_list_for_programs_tells_all_that_is_kept(store: MissStore, capsys: pytest.CaptureFixture[str]) -> None:
    store.add([MISS, NOT_HELPFUL])
    assert listed(capsys) == [
        {
            "id": MISS.id,
            "time": "2026-09-21T22:13:20+08:00",
            "channel": "web",
            "sender": SENDER,
            "why": ["asked_back", "not_helpful"],
            "message": "社保卡\n归谁管",
            "status": "clarify",
            "reply": "您想问的是哪一个？",
            "facts": ["a.b"],
            "confidence": 0.41,
            "readings": [{"facet": "lead_unit", "confidence": 0.41}, {"facet": "unit_role", "confidence": 0.2}],
            "likely_facts": [{"fact": "a.b", "confidence": 0.3}],
            "subjects": ["task.community"],
            "unknown": ["社保卡"],
            "feedback": "不准",
            "model": "27696af0",
            "knowledge": "45632d",
            "before": None,
        }
    ]


def test_nothing_missed_is_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(capsys) == []


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ((), ["new", MISS.id]),
        (("--limit", "1"), ["new"]),
        (("--why", "asked_back"), [MISS.id]),
        (("--since", "2026-09-21T22:13:25"), ["new"]),
        (("--since", "2026-09-21T22:13:25+08:00"), ["new"]),
        (("--since", "2026-09-21"), ["new", MISS.id]),
        (("--since", "2026-09-22"), []),
        (("--since", "1s"), []),
        (("--since", "99999d"), ["new", MISS.id]),
    ],
)
def test_a_list_can_be_narrowed(
    store: MissStore, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], found: list[str]
) -> None:
    store.add([MISS, miss(id="new", asked=NOW + 5, why=Why.UNSURE)])
    assert [each["id"] for each in listed(capsys, *more)] == found


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "--since", "昨天"),
        ("list", "--since", "2026-13-01"),
        ("list", "--why", "bored"),
        ("list", "--limit", "0"),
        ("list", "--limit", "x"),
        ("forget",),
        ("forget", "--sender-hash", "me"),
        ("forget", "--older-than", "0"),
        ("forget", "--older-than", "99999"),
        ("forget", "--older-than", "1", "--sender-hash", SENDER),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["misses", *arguments])
    assert caught.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_list_for_people_is_a_line_each(store: MissStore, capsys: pytest.CaptureFixture[str]) -> None:
    store.add([MISS, miss(id="new", asked=NOW + 1, message="长" * 100)])
    cli.main(["misses", "list"])
    first, second, last = capsys.readouterr().out.splitlines()
    assert first.startswith("2026-09-21 22:13  反问")
    assert "长…" in first
    assert first.split()[-1] == "new"
    assert "社保卡 归谁管" in second
    assert last == "共2个"


def test_one_is_shown_with_all_that_is_kept(store: MissStore, capsys: pytest.CaptureFixture[str]) -> None:
    store.add([MISS, NOT_HELPFUL])
    assert cli.main(["misses", "show", MISS.id]) == 0
    told = capsys.readouterr().out
    kept = (MISS.reply, "lead_unit 0.41", "a.b 0.30", "task.community", "社保卡", SENDER, "27696af0", "45632d", "不准")
    assert [each for each in (*kept, WORDS[Why.ASKED_BACK]) if each not in told] == []


def test_one_that_is_not_there_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["misses", "show", "nothing"]) == 1
    assert "nothing" in capsys.readouterr().err


def test_what_a_sender_asked_is_deleted(store: MissStore, capsys: pytest.CaptureFixture[str]) -> None:
    store.add([MISS, miss(id="other", sender="f" * 32)])
    assert cli.main(["misses", "forget", "--sender-hash", SENDER]) == 0
    assert "1 个" in capsys.readouterr().out
    assert [found.id for found in all_kept(store)] == ["other"]


@pytest.mark.parametrize(("days", "removed"), [(("1",), 1), ((), 0)])
def test_old_texts_are_removed_by_days_or_as_set(
    store: MissStore,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    days: tuple[str],
    removed: int,
) -> None:
    monkeypatch.setattr("time.time", lambda: NOW + 100 * 86_400)
    store.add([MISS])
    cli.main(["misses", "forget", "--older-than", *days])
    assert f"{removed} 个" in capsys.readouterr().out
    assert len(all_kept(store)) == 1 - removed


def test_a_database_that_cannot_be_used_is_one_line_and_exit_code_2(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (state / "misses.db").write_bytes(b"no database" * 1000)
    assert cli.main(["misses", "list"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "misses.db" in line
