"""Rules about the names of tasks: whether two are the same, and where a name comes from."""

from __future__ import annotations

import dataclasses
import re

from wence import lists
from wence.answer import Answer
from wence.asked import Question
from wence.knowledge import Knowledge
from wence.rules.stated import not_stated


def term(knowledge: Knowledge, question: Question) -> Answer | None:
    """Compare two tasks, or say that the origin of a name is not stated."""
    tasks = [s for s in question.mentioned if knowledge.subjects[s].type == "task"]
    if len(tasks) > 1 and lists.SAME.search(question.text):
        compared = lists.of_list(knowledge, dataclasses.replace(question, facet="tasks"))
        if compared:
            return compared
    return None


_ORIGIN_OF_NAME = re.compile(r"为什么叫|为什么(?:要)?这么[起叫]|怎么叫|由来|来历|起名|名字怎么来|得名|取名")


def origin(knowledge: Knowledge, question: Question) -> Answer | None:
    """Say that the origin of a name is not stated, where that is asked."""
    tasks = [s for s in question.mentioned if knowledge.subjects[s].type == "task"]
    if not tasks or not _ORIGIN_OF_NAME.search(question.text):
        return None
    name = knowledge.subjects[tasks[0]].name
    return not_stated(knowledge, f"{name}这个名字的由来", (), tuple(tasks), (name,))
