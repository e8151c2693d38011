from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from tests.misses import NOW, miss, wanted
from wence.desk.excel.reading import read
from wence.desk.excel.sheets import workbook
from wence.desk.overview.numbers import Period, numbers, reported
from wence.desk.overview.told import charts, shares, sheets, topics_of
from wence.knowledge import Knowledge
from wence.misses.store import MissStore
from wence.misses.tables import connect
from wence.misses.why import Why
from wence.replies import Status
from wence.state.turn_counts import Changes, TurnCount

DAY = datetime.date(2026, 9, 21)
WEEK = Period.ending(DAY, 7)
COUNTS = (
    TurnCount("2026-09-21", "web", "answered", "lead_unit", 6, 1, 2),
    TurnCount("2026-09-21", "wechat", "not_in_source", "unknown_money", 3, 0, 0),
    TurnCount("2026-09-15", "web", "out_of_scope", "unit_role", 1, 0, 0),
    TurnCount("2026-09-21", "web", "smalltalk", "greet", 50, 0, 0),
    TurnCount("2026-09-14", "web", "answered", "lead_unit", 99, 0, 0),
)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    store = MissStore(wanted(tmp_path))
    store.copy_counts(Changes("a", 1, COUNTS))
    store.copy_counts(Changes("b", 1, COUNTS[:1]))
    report = {"why": Why.NOT_HELPFUL, "reason": "答错了"}
    store.add([miss(**report), miss(id="old", time=NOW - 30 * 86400, asked=NOW - 30 * 86400, **report)])
    store.close()
    engine = connect(wanted(tmp_path))
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def test_small_talk_is_no_question_and_machines_are_added_up(connection: Connection) -> None:
    found = numbers(connection, WEEK)
    assert found.asked == 16
    assert found.of_day(DAY, "web") == 12
    assert found.by_status[Status.SMALLTALK] == 50
    assert (found.helpful, found.not_helpful) == (2, 4)


def test_topics_are_those_of_questions_that_were_on_topic(connection: Connection, knowledge: Knowledge) -> None:
    assert topics_of(numbers(connection, WEEK), knowledge) == [("牵头单位", 12), ("资金数额", 3)]


def test_shares_are_of_the_questions(connection: Connection) -> None:
    told = {row.label: row.words for row in shares(numbers(connection, WEEK))}
    assert told["答了"] == "12（75.0%）"
    assert told["没能回答"] == "0（0.0%）"
    assert told["评为没用"] == "4（25.0%）"


def test_a_period_without_questions_is_told_all_the_same(connection: Connection, knowledge: Knowledge) -> None:
    empty = numbers(connection, Period.ending(datetime.date(2020, 1, 1), 90))
    assert all("这段时间没有" in chart for chart in charts(empty, knowledge)[::2])


def test_what_was_marked_not_helpful_in_the_period_comes_with_its_reason(connection: Connection) -> None:
    assert [(one.miss, one.words) for one in reported(connection, WEEK, 20)] == [("reply-1", "答错了")]


def test_what_has_lost_its_texts_is_not_shown(connection: Connection, tmp_path: Path) -> None:
    store = MissStore(wanted(tmp_path))
    store.remove_texts(NOW + 1)
    store.close()
    assert reported(connection, WEEK, 20) == []
    assert numbers(connection, WEEK).asked == 16


@pytest.mark.parametrize("today", ["2026-09-21", "2026-09-23", "2026-09-27"])
def test_the_week_before_is_the_last_full_one(today: str) -> None:
    week = Period.week_before(datetime.date.fromisoformat(today))
    assert (week.first.isoformat(), week.last.isoformat()) == ("2026-09-14", "2026-09-20")
    assert len(week.days) == 7


def test_the_workbook_has_the_same_numbers(connection: Connection, knowledge: Knowledge) -> None:
    rows = read(workbook(sheets(numbers(connection, WEEK), knowledge)))
    assert rows["每天的问题"][-1].cells == ("2026-09-21", "12", "3")
    assert rows["问得最多的方面"][1].cells == ("牵头单位", "12")
