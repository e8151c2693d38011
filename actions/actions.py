"""Custom actions: each hands the reading and the memory of the conversation to `wence.answers`."""

from __future__ import annotations

import asyncio
import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from wence.answers import reply_to
from wence.asked import Memory
from wence.knowledge import Knowledge
from wence.local_time import LOCAL_TIME
from wence.misses.understood import UNDERSTOOD, Understood
from wence.nlu.policy_folder import load_version
from wence.reading import READING, Reading
from wence.settings import load as load_settings

#: The versions of the knowledge that were asked for, the one asked for last at the end.
_versions: dict[str, Knowledge] = {}
MOST_VERSIONS = 4


async def knowledge_of(digest: str) -> Knowledge:
    """Return the knowledge that the model which understood the message was trained with.

    A new version is read in a thread: meanwhile the former ones go on answering.
    """
    known = _versions.pop(digest, None)
    if known is None:
        known = await asyncio.to_thread(load_version, load_settings().state, digest)
    _versions[digest] = known
    while len(_versions) > MOST_VERSIONS:
        del _versions[next(iter(_versions))]
    return known


def today() -> datetime.date:
    """Return today's date where the policy holds."""
    return datetime.datetime.now(LOCAL_TIME).date()


class Answer(Action):
    """Answers, declines, asks back or talks, as the reading of the last message has it."""

    def name(self) -> str:
        """Return the name under which the domain knows the action."""
        return "action_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Send one reply and remember what it was about."""
        reading = Reading.from_dict(tracker.latest_message[READING])
        memory = Memory(
            tracker.get_slot("facet") or "",
            tuple(tracker.get_slot("subjects") or ()),
            tuple(tracker.get_slot("facts") or ()),
        )
        reply, remembered = reply_to(await knowledge_of(reading.knowledge), reading, memory, today())
        buttons = [option.as_dict() for option in reply.options]
        # For the edge, which keeps it with the turn; it is no part of what citizens get.
        custom = {**reply.custom(), UNDERSTOOD: Understood.of(reading).as_dict()}
        dispatcher.utter_message(text=reply.text, buttons=buttons, json_message=custom)
        return [
            SlotSet("facet", remembered.facet),
            SlotSet("subjects", list(remembered.subjects)),
            SlotSet("facts", list(remembered.facts)),
            # One reply ends the turn; without this Rasa predicts once more only to find that out.
            FollowupAction("action_listen"),
        ]


class Decline(Answer):
    """Declines what is about something else."""

    def name(self) -> str:
        """Return the name under which the domain knows the action."""
        return "action_decline"


class Talk(Answer):
    """Answers greetings, thanks and questions about the assistant itself."""

    def name(self) -> str:
        """Return the name under which the domain knows the action."""
        return "action_talk"
