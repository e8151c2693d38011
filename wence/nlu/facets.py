"""The facet classifier: a Rasa intent classifier around `wence.nlu.linear_model`.

Two models read the same analysis of a text: one says which facet it asks for, the other, learnt from the
examples that name a fact in their metadata (`data/nlu/facts.yml`), which fact would answer it best. The
second finds what is asked by description, in words that neither the facet's examples nor the fact hold;
it also learns what no fact answers, or what depends on the subject, and then ranks a facet in its place.
"""

from __future__ import annotations

import itertools
import multiprocessing
import pathlib
from collections.abc import Mapping
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from wence.knowledge import load
from wence.nlu.linear_model import Analyser, Analysis, LinearModel
from wence.nlu.settled import fact_of, weights
from wence.nlu.stretches import Stretch, mentions_of, stretches_of
from wence.settings import load as load_settings

MODEL_FILE = "facets.npz"
FACTS_FILE = "facts.npz"
TYPES_FILE = "types.txt"
#: Of so many examples of these kinds of facets the model of the facts learns from one: enough to know them by.
FEWER, FEWER_OF = 3, ("policy", "smalltalk")
#: Kinds of facets whose examples no fact answers.
WITHOUT_FACTS = ("unknown", "off", "smalltalk")


#: An analysed text, its label and its weight.
Row = tuple[Analysis, str, float]


class LearningError(RasaException):
    """One of the two models could not be learnt; the log holds the cause."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FacetClassifier(GraphComponent):
    """Ranks the facets and the facts of every stretch; the first facet of the whole text is the intent."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the defaults: how many facets and facts are reported, the seed, and the cost of an error."""
        return {"ranking_length": 5, "facts_length": 12, "random_state": 7, "cost": 1.0}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        analyser: Analyser,
        facets: LinearModel | None = None,
        facts: LinearModel | None = None,
        without_fact: Mapping[str, str] | None = None,
    ) -> None:
        """Create a classifier; its models are None until they are trained.

        `without_fact` are the facets, with their kinds, whose examples no one fact answers: none does, or that of
        their subject.
        """
        self._without_fact = without_fact or {}
        self._config, self._model_storage, self._resource = config, model_storage, resource
        self._analyser, self._facets, self._facts = analyser, facets, facts

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
        without_fact = {f.id: f.kind for f in knowledge.facets.values() if f.kind in WITHOUT_FACTS or f.takes}
        return cls(config, model_storage, resource, analyser, without_fact=without_fact)

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
            facets, facts = (LinearModel.load(folder / name) for name in (MODEL_FILE, FACTS_FILE))
            return cls(config, model_storage, resource, Analyser(types), facets, facts)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn facets and facts from the training examples and write the models into the archive."""
        examples = [e for e in training_data.intent_examples if stretches_of(e)]
        analyses = [self._analyse(stretches_of(e)[0]) for e in examples]
        rows = list(zip(analyses, [e.get(INTENT) for e in examples], weights(examples), strict=True))
        answered = [self._answered_with(e) for e in examples]
        labelled = [(row[0], label, row[2]) for row, label in zip(rows, answered, strict=True) if label]
        many = [self._without_fact.get(label) in FEWER_OF and weight == 1.0 for _, label, weight in labelled]
        known = [row for row, of_many in zip(labelled, many, strict=True) if not of_many]
        known += list(itertools.compress(labelled, many))[::FEWER]
        with self._model_storage.write_to(self._resource) as folder:
            self._learn(rows, known, folder)
            types = "\n".join(f"{subject}\t{kind}" for subject, kind in self._analyser.types.items())
            (folder / TYPES_FILE).write_text(types, "utf-8")
        return self._resource

    def _learn(self, rows: list[Row], known: list[Row], folder: pathlib.Path) -> None:
        """Learn facets and facts at the same time and write both models into a folder; raises LearningError."""
        # Another process and no thread: liblinear draws its random numbers from one place of a process.
        facts = multiprocessing.get_context("fork").Process(target=self._learn_one, args=(known, folder / FACTS_FILE))
        facts.start()
        try:
            self._learn_one(rows, folder / MODEL_FILE)
        finally:
            facts.join()
        if facts.exitcode:
            raise LearningError("学习事实的问法没有成功")

    def _learn_one(self, rows: list[Row], file: pathlib.Path) -> None:
        analyses, labels, heavy = zip(*rows, strict=True)
        LinearModel.train(analyses, labels, self._config["random_state"], self._config["cost"], heavy).save(file)

    def _answered_with(self, example: Message) -> str:
        """Return the fact that answers an example, its facet where no one fact does, or nothing where it is not known."""
        facet = str(example.get(INTENT))
        return fact_of(example) or (facet if facet in self._without_fact else "")

    def _analyse(self, stretch: Stretch) -> Analysis:
        return self._analyser(stretch["text"], stretch["words"], mentions_of(stretch))

    def process(self, messages: list[Message]) -> list[Message]:
        """Rank the facets and the facts of messages and their clauses."""
        for message in messages:
            for stretch in stretches_of(message):
                analysis = self._analyse(stretch)
                stretch["facets"] = _ranked(self._facets, analysis, self._config["ranking_length"])
                stretch["facts"] = _ranked(self._facts, analysis, self._config["facts_length"])
            if stretches_of(message):
                report(message, stretches_of(message)[0]["facets"])
        return messages


def _ranked(model: LinearModel | None, analysis: Analysis, length: int) -> list[list[Any]]:
    return [list(pair) for pair in model.rank(analysis)[:length]] if model else []


def report(message: Message, facets: list[list[Any]]) -> None:
    """Set the intent and the intent ranking of a message from ranked facets."""
    ranking = [{INTENT_NAME_KEY: facet, PREDICTED_CONFIDENCE_KEY: confidence} for facet, confidence in facets]
    message.set(INTENT, ranking[0], add_to_output=True)
    message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
