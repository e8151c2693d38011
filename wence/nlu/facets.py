"""The facet classifier: a Rasa intent classifier around `wence.nlu.facet_model`."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from wence.knowledge import load
from wence.nlu.facet_model import Analyser, Analysis, FacetModel
from wence.nlu.stretches import Stretch, mentions_of, stretches_of
from wence.settings import load as load_settings

MODEL_FILE = "facets.npz"
TYPES_FILE = "types.txt"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FacetClassifier(GraphComponent):
    """Ranks the facets of every stretch; the first of the whole text is the intent."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the defaults: how many facets are reported, the seed, and the cost of an error."""
        return {"ranking_length": 5, "random_state": 7, "cost": 1.0}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        analyser: Analyser,
        model: FacetModel | None,
    ) -> None:
        """Create a classifier; `model` is None until it is trained."""
        self._config, self._model_storage, self._resource = config, model_storage, resource
        self._analyser, self._model = analyser, model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> FacetClassifier:
        """Create the component for training."""
        knowledge = load(load_settings().knowledge)
        analyser = Analyser({s.id: s.type for s in knowledge.subjects.values()})
        return cls(config, model_storage, resource, analyser, None)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> FacetClassifier:
        """Load the trained component."""
        with model_storage.read_from(resource) as folder:
            types = dict(line.split("\t") for line in (folder / TYPES_FILE).read_text("utf-8").splitlines())
            return cls(config, model_storage, resource, Analyser(types), FacetModel.load(folder / MODEL_FILE))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the facets from the training examples and write the model into the archive."""
        examples = [e for e in training_data.intent_examples if stretches_of(e)]
        analyses = [self._analyse(stretches_of(e)[0]) for e in examples]
        self._model = FacetModel.train(
            analyses, [e.get(INTENT) for e in examples], self._config["random_state"], self._config["cost"]
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder / MODEL_FILE)
            types = "\n".join(f"{subject}\t{kind}" for subject, kind in self._analyser.types.items())
            (folder / TYPES_FILE).write_text(types, "utf-8")
        return self._resource

    def _analyse(self, stretch: Stretch) -> Analysis:
        return self._analyser(stretch["text"], stretch["words"], mentions_of(stretch))

    def process(self, messages: list[Message]) -> list[Message]:
        """Rank the facets of messages and their clauses."""
        for message in messages:
            for stretch in stretches_of(message):
                ranked = self._model.rank(self._analyse(stretch)) if self._model else []
                stretch["facets"] = [list(pair) for pair in ranked[: self._config["ranking_length"]]]
            if stretches_of(message):
                report(message, stretches_of(message)[0]["facets"])
        return messages


def report(message: Message, facets: list[list[Any]]) -> None:
    """Set the intent and the intent ranking of a message from ranked facets."""
    ranking = [{INTENT_NAME_KEY: facet, PREDICTED_CONFIDENCE_KEY: confidence} for facet, confidence in facets]
    message.set(INTENT, ranking[0], add_to_output=True)
    message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
