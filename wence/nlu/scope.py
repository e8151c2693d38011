"""The scope judge: decides whether a question is about this policy, and hands the reading to the dialogue."""

from __future__ import annotations

import pathlib
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from wence.knowledge import Knowledge, load
from wence.nlu import policy_folder
from wence.nlu.facets import report
from wence.nlu.settled import Settled, is_settled
from wence.nlu.stretches import Stretch, mentions_of, stretches_of
from wence.nlu.subjects import DIGEST
from wence.privacy import Masker
from wence.reading import READING, Part, Reading
from wence.scope import Scope, familiar_pairs, pairs
from wence.settings import load as load_settings

WORDING_FILE, SETTLED_FILE = "wording.txt", "settled.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ScopeJudge(GraphComponent):
    """Turns facets and subjects into the reading of a message, and what is about something else out of scope."""

    def __init__(
        self,
        knowledge: Knowledge,
        folder: pathlib.Path,
        model_storage: ModelStorage,
        resource: Resource,
        familiar: frozenset[str],
        settled: Settled,
    ) -> None:
        """Create a judge with a knowledge that was read from `folder`, the wording of its examples, what is settled."""
        self._settled = settled
        self._knowledge, self._folder = knowledge, folder
        self._model_storage, self._resource = model_storage, resource
        self._scope = Scope(knowledge, familiar)
        self._mask = Masker.of(knowledge)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ScopeJudge:
        """Create the component for training."""
        folder = load_settings().knowledge
        return cls(load(folder), folder, model_storage, resource, frozenset(), Settled({}))

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ScopeJudge:
        """Load the component with the knowledge and the wording of the archive."""
        with model_storage.read_from(resource) as folder:
            familiar = frozenset((folder / WORDING_FILE).read_text("utf-8").split("\n"))
            settled = Settled.loads((folder / SETTLED_FILE).read_text("utf-8"))
            return cls(load(folder), folder, model_storage, resource, familiar, settled)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the wording of the in-scope examples and what is settled; write both and the knowledge down."""
        facets = self._knowledge.facets
        inside = [
            e
            for e in training_data.intent_examples
            if stretches_of(e) and facets[e.get(INTENT)].kind in ("policy", "unknown")
        ]
        familiar = familiar_pairs(stretches_of(e)[0]["text"] for e in inside)
        # Settled examples are few: what one of them says need not be said by others as well.
        familiar = familiar.union(*(pairs(stretches_of(e)[0]["text"]) for e in inside if is_settled(e)))
        with self._model_storage.write_to(self._resource) as folder:
            policy_folder.copy(self._folder, folder)
            wording = sorted(pair for pair in familiar if "\n" not in pair)
            (folder / WORDING_FILE).write_text("\n".join(wording), "utf-8")
            settled = Settled.learn(training_data.intent_examples)
            (folder / SETTLED_FILE).write_text(settled.dumps(), "utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Judge messages and set their readings."""
        for message in messages:
            stretches = stretches_of(message)
            if not stretches:
                continue
            judged = [self._scope.judge(_part(stretch)) for stretch in stretches]
            texts = [message.get(TEXT), *(part.text for part in judged[1:])]
            parts = tuple(self._settled(part, text) for part, text in zip(judged, texts, strict=True))
            unknown = () if parts[0].settled else self._unknown(message, stretches[0]["words"])
            message.set(READING, Reading(message.get(DIGEST), parts, unknown).as_dict(), add_to_output=True)
            report(message, [list(pair) for pair in parts[0].facets])
        return messages

    def _unknown(self, message: Message, words: list[str]) -> tuple[str, ...]:
        """The unknown words of a message; none where it came past the edge and holds a personal number.

        A word is a piece of a text, and a piece of a number is not seen to be one by whoever masks the reading.
        """
        text = message.get(TEXT) or ""
        return self._scope.unknown(words) if self._mask(text) == text else ()


def _part(stretch: Stretch) -> Part:
    return Part(
        stretch["text"],
        tuple((str(facet), float(confidence)) for facet, confidence in stretch["facets"]),
        tuple(m.subjects for m in mentions_of(stretch)),
        tuple((str(fact), float(confidence)) for fact, confidence in stretch["facts"]),
    )
