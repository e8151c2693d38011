"""The facet classifier as a Rasa component: both models are learnt, in two processes, and few settled examples count."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import METADATA, METADATA_INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from wence.nlu.facets import FacetClassifier, LearningError
from wence.nlu.stretches import split, stretches_of

DATES = ["印发日期是哪天", "哪天印发的", "几号发布", "发布时间是什么时候", "什么时候印发的方案", "印发时间"]
LEADS = ["社区谁牵头", "哪个单位牵头", "牵头单位是谁", "谁来牵头", "归谁管", "由哪家负责"]
PHONES = ["咨询电话是多少", "电话号码", "打哪个电话咨询", "联系方式有没有", "联系电话多少", "怎么打电话问"]


def _message(text: str, facet: str, fact: str = "", **metadata: object) -> Message:
    message = Message.build(text, facet)
    message.set(METADATA, {METADATA_INTENT: {"fact": fact, **metadata}})
    split(message, with_clauses=False)
    for stretch in stretches_of(message):
        stretch.update(words=list(stretch["text"]), mentions=[])
    return message


def _trained(folder: pathlib.Path, *examples: Message) -> FacetClassifier:
    storage = LocalModelStorage(folder)
    parts: tuple[Any, ...] = (storage, Resource("facets"), ExecutionContext(GraphSchema({})))
    config = FacetClassifier.get_default_config()
    FacetClassifier.create(config, *parts).train(TrainingData(list(examples)))
    return FacetClassifier.load(config, *parts)


def _read(classifier: FacetClassifier, text: str) -> tuple[str, str]:
    (message,) = classifier.process([_message(text, "")])
    (stretch,) = stretches_of(message)
    return stretch["facets"][0][0], stretch["facts"][0][0]


BASE = [
    *(_message(text, "document_date", "plan.date") for text in DATES),
    *(_message(text, "contact", "contact.phone") for text in PHONES),
    *(_message(text, "lead_unit", "task.community.lead") for text in LEADS),
]


def test_facets_and_facts_are_both_learnt(tmp_path: pathlib.Path) -> None:
    classifier = _trained(tmp_path, *BASE)

    assert _read(classifier, "方案哪天印发") == ("document_date", "plan.date")
    assert _read(classifier, "电话多少") == ("contact", "contact.phone")


def test_two_settled_examples_are_enough_to_know_their_words_again(tmp_path: pathlib.Path) -> None:
    settled = [_message(text, "basis", "qa.card", settled=True) for text in ("敬老卡怎么换新", "换敬老卡去哪里")]

    assert _read(_trained(tmp_path, *BASE, *settled), "敬老卡坏了要换") == ("basis", "qa.card")


def test_a_model_that_cannot_be_learnt_is_an_error(tmp_path: pathlib.Path) -> None:
    facets = {"document_date": DATES, "contact": PHONES, "lead_unit": LEADS}
    one_fact = [_message(text, facet, "plan.date") for facet, texts in facets.items() for text in texts]

    with pytest.raises(LearningError, match="没有成功"):
        _trained(tmp_path, *one_fact)
