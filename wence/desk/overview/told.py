"""The numbers of a period as charts, and as the sheets of a workbook, in Chinese."""

from __future__ import annotations

from markupsafe import Markup

from wence.desk.charts import Row, Series, bars, columns
from wence.desk.excel.sheets import Column, Sheet
from wence.desk.overview.numbers import NO_QUESTIONS, Numbers
from wence.knowledge import Knowledge
from wence.replies import Status

CHANNELS = {"web": "网页", "rest": "接口", "wechat": "公众号", "wecom": "企业微信"}
STATUSES = {
    Status.ANSWERED: "答了",
    Status.NOT_IN_SOURCE: "文件没有写",
    Status.CLARIFY: "反问",
    Status.OUT_OF_SCOPE: "当作无关",
    Status.UNAVAILABLE: "没能回答",
}
NOT_HELPFUL = "评为没用"
TOPICS = 10


def charts(numbers: Numbers, knowledge: Knowledge) -> tuple[Markup, Markup, Markup]:
    """Return what was asked each day, how it was answered, and about what."""
    days = numbers.period.days
    asked = [
        Series(CHANNELS.get(channel, channel), tuple(numbers.of_day(day, channel) for day in days))
        for channel in numbers.channels
    ]
    labels = [f"{day.month}月{day.day}日" for day in days]
    topics = [Row(title, number) for title, number in topics_of(numbers, knowledge)[:TOPICS]]
    return (
        columns("days", "每天的问题", labels, asked),
        bars("shares", "怎样回答的", shares(numbers), "怎样回答的"),
        bars("topics", "问得最多的方面", topics, "方面"),
    )


def shares(numbers: Numbers) -> list[Row]:
    """Return how many of the questions were answered in which way, and marked not helpful."""
    known = [(title, numbers.by_status.get(status, 0)) for status, title in STATUSES.items()]
    all_of_them = numbers.asked
    return [
        Row(title, number, f"{number:,}（{number / all_of_them:.1%}）" if all_of_them else "0")
        for title, number in (*known, (NOT_HELPFUL, numbers.not_helpful))
    ]


def topics_of(numbers: Numbers, knowledge: Knowledge) -> list[tuple[str, int]]:
    """Return what was asked about by its title, most first; a facet that is no more keeps its name."""
    facets = knowledge.facets
    return [(facets[facet].title if facet in facets else facet, n) for facet, n in numbers.by_facet.items()]


def sheets(numbers: Numbers, knowledge: Knowledge) -> list[Sheet]:
    """Return the same as the sheets of a workbook."""
    by_channel: list[tuple[str | int, ...]] = [
        (day.isoformat(), *(numbers.of_day(day, channel) for channel in numbers.channels))
        for day in numbers.period.days
    ]
    titles = tuple(Column(CHANNELS.get(channel, channel), 12) for channel in numbers.channels)
    others = sum(numbers.by_status.get(status, 0) for status in NO_QUESTIONS)
    ways = [(row.label, row.value) for row in shares(numbers)]
    return [
        Sheet("每天的问题", (Column("日期", 14), *titles), by_channel),
        Sheet(
            "怎样回答的", (Column("怎样回答的", 24), Column("次数", 12)), [*ways, ("招呼和不成问题的（另计）", others)]
        ),
        Sheet("问得最多的方面", (Column("方面", 30), Column("次数", 12)), topics_of(numbers, knowledge)),
    ]
