"""The tokeniser: jieba with a dictionary derived from the knowledge, which travels in the model archive."""

from __future__ import annotations

import logging
from typing import Any

import jieba
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from wence.knowledge import load
from wence.nlu.stretches import stretches_of
from wence.settings import load as load_settings
from wence.text import normalise

DICTIONARY = "dictionary.txt"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=True)
class PolicyTokenizer(Tokenizer):
    """Splits normalised text into words; its own jieba, because jieba's module state is shared by all."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the configuration that Rasa's tokenisers share."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, names: list[str]
    ) -> None:
        """Create a tokeniser that knows `names` as words."""
        super().__init__(config)
        self._model_storage, self._resource, self._names = model_storage, resource, names
        jieba.setLogLevel(logging.WARNING)
        self._jieba = jieba.Tokenizer()
        # jieba's default is a cache file in the shared temporary folder, which anybody could have written.
        cache = load_settings().state / "cache"
        cache.mkdir(parents=True, exist_ok=True)
        self._jieba.tmp_dir = str(cache)
        self._jieba.initialize()
        for name in names:
            self._jieba.add_word(name)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PolicyTokenizer:
        """Create the component for training, with the names of the knowledge."""
        return cls(config, model_storage, resource, sorted(load(load_settings().knowledge).names))

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> PolicyTokenizer:
        """Load the component with the dictionary of the archive."""
        with model_storage.read_from(resource) as folder:
            names = (folder / DICTIONARY).read_text("utf-8").split("\n")
        return cls(config, model_storage, resource, names)

    def train(self, training_data: TrainingData) -> Resource:
        """Write the dictionary into the archive."""
        with self._model_storage.write_to(self._resource) as folder:
            (folder / DICTIONARY).write_text("\n".join(self._names), "utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Tokenise the training examples."""
        self._fill(training_data.training_examples)
        tokenised: TrainingData = super().process_training_data(training_data)
        return tokenised

    def process(self, messages: list[Message]) -> list[Message]:
        """Tokenise messages and their clauses."""
        self._fill(messages)
        tokenised: list[Message] = super().process(messages)
        return tokenised

    def _fill(self, messages: list[Message]) -> None:
        for message in messages:
            for stretch in stretches_of(message):
                stretch["words"] = [w for w in self._jieba.cut(stretch["text"]) if w.strip()]

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Return the words of an attribute as Rasa's tokens; those of the text are of the normalised text."""
        stretches = stretches_of(message)
        if attribute == TEXT and stretches:
            tokens: list[Token] = self._convert_words_to_tokens(stretches[0]["words"], stretches[0]["text"])
            return tokens
        text = normalise(message.get(attribute))
        return [Token(word, start) for word, start, _ in self._jieba.tokenize(text) if word.strip()]
