"""Whole conversations over HTTP, and the two files that hold them.

`conversations/test_stories.yml` is what `rasa test core` plays: each turn with its text, the subjects in it
marked as they must be found, its intent and the action that follows. Rasa runs no action there, so the same
conversations stand a second time in `conversations/expected.yml`, with what the citizen gets: the status, the
facts and the beginning of the text. Rasa compares predicted with marked subjects by place, type and value, and
an unmarked subject that is found fails the story as well as a marked one that is not.
"""

from __future__ import annotations

import functools
import pathlib
import uuid
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.core.generator import TrainingDataGenerator
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.nlu.training_data.entities_parser import replace_entities

from tests.assistant import Assistant
from tests.replies import LEADS_ON, Heard, breaches, say, told
from wence.knowledge import Knowledge
from wence.settings import PROJECT
from wence.text import normalise

FOLDER = pathlib.Path(__file__).parent / "conversations"
STORIES = FOLDER / "test_stories.yml"
FEWEST, FEWEST_WITH_FOLLOW_UPS = 70, 45
GREETING = "你好"
DEPTH = 2
#: A shorter text (你好, 谁牵头) is anybody's.
SHORT = 8


@functools.lru_cache(maxsize=2)
def conversations(name: str) -> tuple[Mapping[str, Any], ...]:
    """Return the conversations of a file in the folder."""
    content = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return tuple(content["stories" if name == STORIES.name else "conversations"])


EXPECTED = [pytest.param(conversation, id=conversation["story"]) for conversation in conversations("expected.yml")]


def texts_of(conversation: Mapping[str, Any]) -> list[str]:
    """Return what the citizen says in a conversation of `expected.yml`."""
    return [turn["user"] for turn in conversation["turns"]]


def texts_of_story(story: Mapping[str, Any]) -> list[str]:
    """Return what the citizen says in a story, without the marks of its subjects."""
    return [replace_entities(step["user"].strip()) for step in story["steps"] if "user" in step]


def mistakes(turn: Mapping[str, Any], reply: Heard) -> list[str]:
    """Return what a reply lacks of what is expected of it."""
    found = []
    if reply.status != turn["status"]:
        found.append(f"{reply.status} in the place of {turn['status']}")
    if missing := set(turn.get("facts", ())) - set(reply.facts):
        found.append(f"facts {sorted(missing)} are not among {list(reply.facts)}")
    if not reply.text.startswith(turn["starts"]):
        found.append(f"does not begin with {turn['starts']}")
    return found


@pytest.mark.live
@pytest.mark.parametrize("conversation", EXPECTED)
def test_a_conversation_goes_as_it_should(
    live: Assistant, knowledge: Knowledge, conversation: Mapping[str, Any]
) -> None:
    sender = uuid.uuid4().hex
    problems = []
    for turn in conversation["turns"]:
        reply = say(live, sender, turn["user"])
        problems += [
            f"{turn['user']} → {reply.text[:80]}: {problem}"
            for problem in (*mistakes(turn, reply), *breaches(reply, knowledge))
        ]

    assert not problems, told(problems)


@pytest.mark.live
@pytest.mark.parametrize("conversation", EXPECTED)
def test_every_button_of_a_conversation_is_answered_with_the_fact_whose_question_it_sends(
    live: Assistant, knowledge: Knowledge, conversation: Mapping[str, Any]
) -> None:
    facts = {fact.question: fact.id for fact in knowledge.facts.values()}
    texts = texts_of(conversation)
    problems = []
    for length in range(1, len(texts) + 1):
        for payload in say(live, uuid.uuid4().hex, *texts[:length]).payloads:
            reply = say(live, uuid.uuid4().hex, *texts[:length], payload)
            if reply.status not in LEADS_ON or facts[payload] not in reply.facts:
                problems.append(f"{texts[:length]} + {payload} → {reply.status} {reply.facts} {reply.text[:60]}")

    assert not problems, told(problems)


@pytest.mark.live
def test_every_way_of_buttons_from_the_greeting_is_answered(live: Assistant, knowledge: Knowledge) -> None:
    problems = []
    ways: list[tuple[str, ...]] = [(GREETING,)]
    for depth in range(DEPTH + 1):
        onward = []
        for way in ways:
            reply = say(live, uuid.uuid4().hex, *way)
            if reply.status not in LEADS_ON or breaches(reply, knowledge):
                problems.append(f"{way} → {reply.status} {reply.text[:60]} {breaches(reply, knowledge)}")
            onward += [(*way, payload) for payload in reply.payloads]
        assert onward or depth == DEPTH, ways
        ways = onward

    assert not problems, told(problems)


@pytest.mark.live
def test_a_new_conversation_knows_nothing_of_another(live: Assistant) -> None:
    assert say(live, uuid.uuid4().hex, "智慧社区由谁牵头").status == "answered"
    assert say(live, uuid.uuid4().hex, "为什么呢").status == "clarify"


def test_both_files_hold_the_same_conversations() -> None:
    stories = {story["story"]: texts_of_story(story) for story in conversations(STORIES.name)}
    expected = {conversation["story"]: texts_of(conversation) for conversation in conversations("expected.yml")}

    assert stories == expected
    assert len(stories) == len(conversations(STORIES.name)) == len(conversations("expected.yml"))


def test_there_are_enough_conversations_and_most_have_follow_ups() -> None:
    lengths = [len(texts_of(conversation)) for conversation in conversations("expected.yml")]

    assert len(lengths) >= FEWEST
    assert sum(length > 1 for length in lengths) >= FEWEST_WITH_FOLLOW_UPS


def test_every_turn_of_a_story_has_its_text_its_intent_and_the_action_that_follows() -> None:
    for story in conversations(STORIES.name):
        steps = story["steps"]
        assert [set(step) for step in steps] == [{"user", "intent"}, {"action"}] * (len(steps) // 2), story["story"]


def test_rasa_plays_every_story_and_drops_none_as_the_double_of_another() -> None:
    domain = Domain.from_file(str(PROJECT / "domain.yml"))
    steps = YAMLStoryReader(domain).read_from_file(STORIES)
    generator = TrainingDataGenerator(StoryGraph(steps), domain, use_story_concatenation=False, augmentation_factor=0)
    played = {tracker.sender_id for tracker in generator.generate_story_trackers()}

    assert {story["story"] for story in conversations(STORIES.name)} - played == set()


def test_every_fact_that_is_expected_is_one_of_the_knowledge(knowledge: Knowledge) -> None:
    expected = Counter(
        fact
        for conversation in conversations("expected.yml")
        for turn in conversation["turns"]
        for fact in turn.get("facts", ())
    )

    assert expected.keys() - knowledge.facts.keys() == set()


def test_no_text_of_a_conversation_is_a_training_example(knowledge: Knowledge) -> None:
    examples = {
        normalise(line.lstrip()[2:])
        for path in (PROJECT / "data").rglob("*.yml")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.lstrip().startswith("- ")
    }
    buttons = {fact.question for fact in knowledge.facts.values()}
    texts = {text for conversation in conversations("expected.yml") for text in texts_of(conversation)} - buttons

    assert {text for text in texts if len(text) > SHORT and normalise(text) in examples} == set()
