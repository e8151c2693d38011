"""Builds a reading from Rasa's intents and entities and hands it to `wence.answers`, as actions/ does."""

from __future__ import annotations

import datetime
import functools
import zoneinfo
from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from wence.answers import reply_to
from wence.asked import Memory
from wence.knowledge import Knowledge, load
from wence.reading import Part, Reading
from wence.settings import load as load_settings
from wence.text import normalise

LOCAL_TIME = zoneinfo.ZoneInfo("Asia/Shanghai")
FALLBACK = "nlu_fallback"
OUT_OF_SCOPE = "out_of_scope"
RANKED = 5


@functools.lru_cache(maxsize=1)
def knowledge() -> Knowledge:
    """Return the knowledge of the project."""
    return load(load_settings().knowledge)


def reading_of(message: Mapping[str, Any], known: Knowledge) -> Reading:
    """Return what the reference understood a message to be."""
    ranking = message["intent_ranking"][:RANKED]
    facets = tuple((_facet(intent["name"]), float(intent["confidence"])) for intent in ranking)
    return Reading(known.digest, (Part(normalise(message["text"]), facets, _subjects(message["entities"], known)),))


def _facet(intent: str) -> str:
    return OUT_OF_SCOPE if intent == FALLBACK else intent


def _subjects(entities: list[Mapping[str, Any]], known: Knowledge) -> tuple[tuple[str, ...], ...]:
    """Return the subjects named, in the order of the text; of names that overlap, the longest."""
    taken: set[int] = set()
    found: list[tuple[int, tuple[str, ...]]] = []
    for entity in sorted(entities, key=lambda e: e["start"] - e["end"]):
        places = range(entity["start"], entity["end"])
        subjects = known.names.get(normalise(entity["value"]))
        if subjects and taken.isdisjoint(places):
            taken.update(places)
            found.append((entity["start"], subjects))
    return tuple(subjects for _, subjects in sorted(found))


class ReferenceAnswer(Action):
    """Answers, declines, asks back or talks."""

    def name(self) -> str:
        """Return the name under which the domain knows the action."""
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Send one reply and remember what it was about."""
        memory = Memory(
            tracker.get_slot("facet") or "",
            tuple(tracker.get_slot("subjects") or ()),
            tuple(tracker.get_slot("facts") or ()),
        )
        reading = reading_of(tracker.latest_message, knowledge())
        today = datetime.datetime.now(LOCAL_TIME).date()
        reply, remembered = reply_to(knowledge(), reading, memory, today)
        buttons = [option.as_dict() for option in reply.options]
        dispatcher.utter_message(text=reply.text, buttons=buttons, json_message=reply.custom())
        return [
            SlotSet("facet", remembered.facet),
            SlotSet("subjects", list(remembered.subjects)),
            SlotSet("facts", list(remembered.facts)),
        ]


class ReferenceDecline(ReferenceAnswer):
    """Declines what is about something else."""

    def name(self) -> str:
        """Return the name under which the domain knows the action."""
        return "action_decline"


class ReferenceTalk(ReferenceAnswer):
    """Answers greetings, thanks and questions about the assistant itself."""

    def name(self) -> str:
        """Return the name under which the domain knows the action."""
        return "action_talk"
