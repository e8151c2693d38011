from __future__ import annotations

from xml.etree import ElementTree

import pytest

from wence.desk.charts import MOST_SERIES, Row, Series, bars, columns

LABELS = ("9-1", "9-2")
SERIES = (Series("网页", (3, 0)), Series("微信", (1, 1200)))


def parsed(chart: str) -> ElementTree.Element:
    return ElementTree.fromstring(chart)


def test_a_chart_says_in_words_what_it_shows() -> None:
    svg = parsed(columns("days", "每天的问题", LABELS, SERIES)).find("svg")
    assert svg is not None
    named = [svg.find(f"*[@id='{one}']") for one in svg.attrib["aria-labelledby"].split()]
    assert [one.text for one in named if one is not None] == [
        "每天的问题",
        "从9-1到9-2，共1,204，最多的是9-2，1,200。",
    ]


def test_every_number_of_a_chart_stands_in_its_table() -> None:
    rows = parsed(columns("days", "每天的问题", LABELS, SERIES)).findall(".//tbody/tr")
    assert [[cell.text for cell in row] for row in rows] == [["9-1", "3", "1", "4"], ["9-2", "0", "1,200", "1,200"]]


def test_series_differ_by_more_than_colour() -> None:
    chart = parsed(columns("c", "t", LABELS, [Series(str(n), (1, 1)) for n in range(MOST_SERIES)]))
    marks = [ElementTree.tostring(pattern[1]) if len(pattern) > 1 else b"" for pattern in chart.iter("pattern")]
    assert len(set(marks)) == MOST_SERIES


def test_more_series_than_patterns_are_refused() -> None:
    with pytest.raises(ValueError, match="series"):
        columns("c", "t", LABELS, [Series("s", (1, 1))] * (MOST_SERIES + 1))


@pytest.mark.parametrize("labels", [(), LABELS])
def test_nothing_to_show_is_said(labels: tuple[str, ...]) -> None:
    assert "这段时间没有" in columns("c", "t", labels, [Series("s", (0,) * len(labels))])
    assert "这段时间没有" in columns("c", "t", labels, [])
    assert "这段时间没有" in bars("c", "t", [])


def test_what_a_chart_is_given_is_text_and_nothing_else() -> None:
    evil = "<script>&\"'"
    parts = bars("c", evil, [Row(evil, 1, evil)]) + columns("d", evil, (evil,), [Series(evil, (1,))])
    assert "<script" not in parts


def test_a_chart_needs_no_inline_style() -> None:
    assert "style=" not in columns("c", "t", LABELS, SERIES) + bars("d", "t", [Row("a", 1)])
