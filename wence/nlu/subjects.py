"""The subject extractor: spaCy patterns derived from the knowledge, which travels in the model archive."""

from __future__ import annotations

import pathlib
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    EXTRACTOR,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from wence.knowledge import Knowledge, load
from wence.nlu import policy_folder
from wence.nlu.stretches import mentions_of, stretches_of
from wence.nlu.subject_finder import SubjectFinder
from wence.settings import load as load_settings

DIGEST = "knowledge"


@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR],
    is_trainable=True,
)
class SubjectExtractor(GraphComponent):
    """Finds subjects in every stretch of a message and reports those of the whole text as entities."""

    def __init__(
        self, knowledge: Knowledge, folder: pathlib.Path, model_storage: ModelStorage, resource: Resource
    ) -> None:
        """Create an extractor for a knowledge that was read from `folder`."""
        self._knowledge, self._folder = knowledge, folder
        self._model_storage, self._resource = model_storage, resource
        self._finder = SubjectFinder(knowledge)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SubjectExtractor:
        """Create the component for training, with the knowledge of the settings."""
        folder = load_settings().knowledge
        return cls(load(folder), folder, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SubjectExtractor:
        """Load the component with the knowledge of the archive, and lay that out for the action server."""
        with model_storage.read_from(resource) as folder:
            knowledge = load(folder)
            policy_folder.lay_out(knowledge, folder, load_settings().state)
            return cls(knowledge, folder, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Write the knowledge into the archive."""
        with self._model_storage.write_to(self._resource) as folder:
            policy_folder.copy(self._folder, folder)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Find the subjects of the training examples."""
        self._fill(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Find the subjects of messages and report them as entities."""
        self._fill(messages)
        for message in messages:
            stretches = stretches_of(message)
            entities = [self._entity(m) for m in mentions_of(stretches[0])] if stretches else []
            message.set(ENTITIES, [*(message.get(ENTITIES) or []), *entities], add_to_output=True)
            message.set(DIGEST, self._knowledge.digest, add_to_output=True)
        return messages

    def _fill(self, messages: list[Message]) -> None:
        for message in messages:
            for stretch in stretches_of(message):
                stretch["mentions"] = [
                    [m.start, m.end, m.text, list(m.subjects), m.exact] for m in self._finder.find(stretch["text"])
                ]

    def _entity(self, mention: Any) -> dict[str, Any]:
        return {
            ENTITY_ATTRIBUTE_TYPE: self._knowledge.subjects[mention.subjects[0]].type,
            ENTITY_ATTRIBUTE_START: mention.start,
            ENTITY_ATTRIBUTE_END: mention.end,
            ENTITY_ATTRIBUTE_VALUE: mention.subjects[0],
            EXTRACTOR: type(self).__name__,
        }
