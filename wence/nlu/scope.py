"""The scope judge: decides whether a question is about this policy, and hands the reading to the dialogue."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message

from wence.nlu.facets import report
from wence.nlu.stretches import Stretch, mentions_of, stretches_of
from wence.nlu.subjects import DIGEST
from wence.reading import READING, Part, Reading


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ScopeJudge(GraphComponent):
    """Turns facets and subjects into the reading of a message."""

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource,
        execution_context: ExecutionContext,
    ) -> ScopeJudge:
        """Create the component."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Judge messages and set their readings."""
        for message in messages:
            stretches = stretches_of(message)
            if not stretches:
                continue
            reading = Reading(message.get(DIGEST), tuple(_part(stretch) for stretch in stretches))
            message.set(READING, reading.as_dict(), add_to_output=True)
            report(message, [list(pair) for pair in reading.whole.facets])
        return messages


def _part(stretch: Stretch) -> Part:
    facets = tuple((str(facet), float(confidence)) for facet, confidence in stretch["facets"])
    return Part(stretch["text"], facets, tuple(m.subjects for m in mentions_of(stretch)))
