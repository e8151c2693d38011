"""The first component: normalises the text once, for training and for use."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from wence.nlu.stretches import split


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class Normaliser(GraphComponent):
    """Lays out the normalised text of each message and its clauses (`wence.nlu.stretches`)."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Normaliser:
        """Create the component."""
        return cls()

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Normalise the training examples, each as a whole."""
        for example in training_data.training_examples:
            if example.get(TEXT):
                split(example, with_clauses=False)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Normalise messages and split them into clauses."""
        for message in messages:
            split(message, with_clauses=True)
        return messages
