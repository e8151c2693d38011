"""The custom menu of an account, derived from the knowledge: `menu_of(knowledge)`.

Three buttons, each over up to five facets. An entry shows the facet's title, and its key is a question that the
knowledge answers: a click is a question like any other, and the menu cannot offer what the assistant does not
know. A facet that the knowledge has no plain answer to is left out.
"""

from __future__ import annotations

from typing import Any

from wence.knowledge import Fact, Knowledge

BUTTONS = {
    "政策内容": ("work_goal", "tasks", "demo_field", "validity", "document_number"),
    "制定过程": ("basis", "process", "consulted_units", "opinion_counts", "rejected_opinions"),
    "单位电话": ("contact", "lead_unit", "unit_role", "assessment", "certification"),
}
MAX_ENTRIES = 5
MAX_BUTTON_BYTES = 16
MAX_ENTRY_BYTES = 60
MAX_KEY_BYTES = 128


def menu_of(knowledge: Knowledge) -> dict[str, Any]:
    """Return the menu as the platform wants it."""
    entries = {
        name: [*filter(None, (_entry(knowledge, facet) for facet in facets))] for name, facets in BUTTONS.items()
    }
    return {"button": [{"name": name, "sub_button": chosen} for name, chosen in entries.items() if chosen]}


def _entry(knowledge: Knowledge, facet: str) -> dict[str, str] | None:
    fact = _plain_fact(knowledge, facet)
    if fact is None:
        return None
    title = knowledge.facets[facet].title
    if len(title.encode()) > MAX_ENTRY_BYTES or len(fact.question.encode()) > MAX_KEY_BYTES:
        return None
    return {"type": "click", "name": title, "key": fact.question}


def _plain_fact(knowledge: Knowledge, facet: str) -> Fact | None:
    """The first fact that answers a facet as it is usually asked."""
    return next((fact for fact in knowledge.facts.values() if fact.facets[0] == facet and not fact.cues), None)
