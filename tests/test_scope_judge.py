"""The scope judge as a Rasa component: what it learns travels in the model archive and is honoured there."""

from __future__ import annotations

import pathlib

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, METADATA, METADATA_INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from wence.knowledge import Knowledge
from wence.nlu.scope import ScopeJudge
from wence.nlu.stretches import split, stretches_of
from wence.nlu.subjects import DIGEST
from wence.reading import READING, Reading

STRANGE = "敬老卡蓬荜生辉怎么换"


def _message(text: str, facet: str, confidence: float = 0.9, **metadata: object) -> Message:
    message = Message.build(text, facet)
    message.set(METADATA, {METADATA_INTENT: metadata})
    message.set(DIGEST, "digest")
    split(message, with_clauses=True)
    for stretch in stretches_of(message):
        stretch.update(words=list(stretch["text"]), mentions=[], facets=[[facet, confidence]], facts=[])
    return message


@pytest.fixture(scope="module")
def judge(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> ScopeJudge:
    """A judge that was trained, written down and read back."""
    storage = LocalModelStorage(tmp_path_factory.mktemp("model") / "storage")
    (pathlib.Path(storage._storage_path)).mkdir(exist_ok=True)
    parts = (storage, Resource("judge"), ExecutionContext(GraphSchema({})))
    examples = [
        _message(STRANGE, "contact", settled=True, fact="contact.phone"),
        _message("咨询电话是多少", "out_of_scope", settled=True),
        *(_message(f"印发日期是哪天{n}", "document_date") for n in range(5)),
    ]
    ScopeJudge.create({}, *parts).train(TrainingData(examples))
    return ScopeJudge.load({}, *parts)


def _read(judge: ScopeJudge, text: str, facet: str) -> tuple[Reading, str]:
    (message,) = judge.process([_message(text, facet)])
    return Reading.from_dict(message.get(READING)), message.get(INTENT)["name"]


def test_a_settled_question_of_strange_words_is_in_scope(judge: ScopeJudge) -> None:
    reading, intent = _read(judge, f"请问{STRANGE}呢?", "out_of_scope")

    assert (reading.whole.settled, reading.whole.facts, intent) == (True, (("contact.phone", 1.0),), "contact")
    assert reading.unknown == ()


def test_a_settled_question_that_is_off_topic_is_so_however_familiar(judge: ScopeJudge) -> None:
    reading, intent = _read(judge, "咨询电话是多少", "contact")

    assert (reading.whole.settled, reading.whole.facts, intent) == (True, (), "out_of_scope")


def test_other_words_of_a_settled_question_are_familiar(judge: ScopeJudge) -> None:
    reading, intent = _read(judge, "蓬荜生辉敬老卡怎么换", "contact")

    assert (reading.whole.settled, intent) == (False, "contact")


def test_what_nobody_settled_and_nothing_is_like_is_off_topic(judge: ScopeJudge) -> None:
    reading, intent = _read(judge, "麻辣火锅底料哪里买", "contact")

    assert (reading.whole.settled, intent) == (False, "out_of_scope")
