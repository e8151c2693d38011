"""Cross-validation of the intents: learnt on four fifths of the examples, tried on the rest, five times.

    examples = load_examples(settings)     every training example, prepared as training prepares it
    guesses = cross_validate(examples)     each example with the facets that the pipeline gives it when it has
                                           learnt from neither it nor a near copy of it

Near copies (Jaccard similarity of the pairs of neighbouring letters at least 0.7) are tried together:
otherwise an example would be recognised by its twin, and the figure would say nothing about new questions.

The components are those of config.yml. What stands before the classifier learns nothing from examples and
works once for all; the classifier and what follows it are trained anew for each fold.
"""

from __future__ import annotations

import collections
import concurrent.futures
import copy
import dataclasses
import math
import multiprocessing
import os
import pathlib
import random
import tempfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import yaml

from wence import without_tensorflow
from wence.evaluation.report import Share
from wence.quiet import silence_deprecations
from wence.settings import PROJECT, Settings
from wence.training import DATA_FOLDER

SIMILAR = 0.7
PROCESSES = 2
LIKELIEST = 2
SEED = 7
CLASSIFIER = "wence.nlu.facets.FacetClassifier"

Ranking = tuple[tuple[str, float], ...]
#: What Rasa asks for and these components do not use.
_NOTHING: Any = None


@dataclasses.dataclass(frozen=True)
class Example:
    """A training example: its words, its normalised words, its facet, and Rasa's message of it."""

    text: str
    normalised: str
    facet: str
    message: Any


@dataclasses.dataclass(frozen=True)
class Guess:
    """An example and its likeliest facets, best first, by a pipeline that does not know it.

    `classified` is what the classifier alone holds for likeliest, before the scope is judged.
    """

    example: Example
    likeliest: Ranking
    classified: str

    @property
    def is_right(self) -> bool:
        """Whether the likeliest facet is the example's."""
        return self.likeliest[0][0] == self.example.facet


def load_examples(settings: Settings) -> list[Example]:
    """Read the training data and let the components before the classifier prepare it."""
    os.environ.update(settings.child_environment())
    without_tensorflow.leave_out()
    silence_deprecations()

    from rasa.shared.nlu.constants import INTENT, TEXT
    from rasa.shared.nlu.training_data.loading import load_data
    from rasa.shared.nlu.training_data.training_data import TrainingData

    from wence.nlu.stretches import stretches_of

    data = TrainingData().merge(*(load_data(str(path)) for path in sorted((PROJECT / DATA_FOLDER).glob("nlu*"))))
    for component, config in _components()[0]:
        data = component.create(config, _NOTHING, _NOTHING, _NOTHING).process_training_data(data)
    return [
        Example(message.get(TEXT), stretches_of(message)[0]["text"], message.get(INTENT), message)
        for message in data.intent_examples
        if stretches_of(message)
    ]


def _components() -> tuple[list[tuple[Any, dict[str, Any]]], list[tuple[Any, dict[str, Any]]]]:
    """Return the components of config.yml with their configurations: before the classifier, and from it on."""
    from rasa.shared.utils.common import class_from_module_path

    found: tuple[list[tuple[Any, dict[str, Any]]], list[tuple[Any, dict[str, Any]]]] = ([], [])
    for entry in yaml.safe_load((PROJECT / "config.yml").read_text(encoding="utf-8"))["pipeline"]:
        component = class_from_module_path(entry["name"])
        learns = bool(found[1]) or entry["name"] == CLASSIFIER
        found[learns].append((component, {**component.get_default_config(), **entry}))
    return found


def near_copies(texts: Sequence[str], similar: float = SIMILAR) -> list[int]:
    """Number the texts so that those joined by a chain of near copies have the same number."""
    pairs = [_letter_pairs(text) for text in texts]
    how_common = collections.Counter(pair for found in pairs for pair in found)
    parent = list(range(len(texts)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    # Two sets that are similar enough share one of their rarest members: only those need be looked up.
    seen: dict[str, list[int]] = collections.defaultdict(list)
    for index, found in enumerate(pairs):
        rarest = sorted(found, key=lambda pair: (how_common[pair], pair))
        rarest = rarest[: len(found) - math.ceil(similar * len(found)) + 1]
        for other in {other for pair in rarest for other in seen[pair]}:
            if _similarity(found, pairs[other]) >= similar:
                parent[root(index)] = root(other)
        for pair in rarest:
            seen[pair].append(index)
    return [root(index) for index in range(len(texts))]


def _letter_pairs(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 2] for i in range(len(text) - 1)) or frozenset({text})


def _similarity(one: frozenset[str], other: frozenset[str]) -> float:
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def deal(groups: Sequence[int], facets: Sequence[str], folds: int, seed: int) -> list[int]:
    """Give each example a fold: a group stays together, and each facet is spread over all folds."""
    facet_of = dict(zip(reversed(groups), reversed(facets), strict=True))
    order = sorted(facet_of)
    random.Random(seed).shuffle(order)
    order.sort(key=lambda group: facet_of[group])
    fold_of = {group: place % folds for place, group in enumerate(order)}
    return [fold_of[group] for group in groups]


def cross_validate(examples: Sequence[Example], folds: int, tell: Callable[[str], None]) -> list[Guess]:
    """Guess the facet of every example by a pipeline trained without its fold, in the order of the examples."""
    groups = near_copies([example.normalised for example in examples])
    tell(f"{len(examples)} 条例句,{len(set(groups))} 组互不相近,分 {folds} 份")
    fold_of = deal(groups, [example.facet for example in examples], folds, SEED)
    guesses: dict[int, Guess] = {}
    # Forked workers find the examples in memory; only what they guessed is sent back.
    with concurrent.futures.ProcessPoolExecutor(
        PROCESSES, multiprocessing.get_context("fork"), _share_with_worker, (examples, fold_of)
    ) as pool:
        for fold, found in enumerate(pool.map(_guess_fold, range(folds)), 1):
            for index, likeliest, classified in found:
                guesses[index] = Guess(examples[index], likeliest, classified)
            right = [guesses[index].is_right for index, *_ in found]
            tell(f"第 {fold} 份:{Share(sum(right), len(right))}")
    return [guesses[index] for index in range(len(examples))]


_shared: tuple[Sequence[Example], Sequence[int]]


def _share_with_worker(examples: Sequence[Example], fold_of: Sequence[int]) -> None:
    global _shared
    _shared = (examples, fold_of)


def _guess_fold(fold: int) -> list[tuple[int, Ranking, str]]:
    from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY

    examples, fold_of = _shared
    known = [example.message for example, its in zip(examples, fold_of, strict=True) if its != fold]
    tried = [index for index, its in enumerate(fold_of) if its == fold]
    messages = [_unlabelled(examples[index].message) for index in tried]
    classified: list[str] = []
    for component in _trained_on(known):
        messages = component.process(messages)
        classified = classified or [message.get(INTENT)[INTENT_NAME_KEY] for message in messages]
    rankings = [
        tuple((str(r[INTENT_NAME_KEY]), float(r[PREDICTED_CONFIDENCE_KEY])) for r in message.get(INTENT_RANKING_KEY))
        for message in messages
    ]
    return [
        (index, ranking[:LIKELIEST], first) for index, ranking, first in zip(tried, rankings, classified, strict=True)
    ]


def _unlabelled(message: Any) -> Any:
    """Return a copy of a message that does not tell its intent, for the components to write to."""
    from rasa.shared.nlu.constants import INTENT
    from rasa.shared.nlu.training_data.message import Message

    return Message(copy.deepcopy({name: value for name, value in message.data.items() if name != INTENT}))


def _trained_on(messages: Sequence[Any]) -> list[Any]:
    """Return the classifier and what follows it, trained on messages and loaded as a server loads them."""
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource
    from rasa.shared.nlu.training_data.training_data import TrainingData

    data, loaded = TrainingData(list(messages)), []
    with tempfile.TemporaryDirectory() as folder:
        storage = LocalModelStorage.create(pathlib.Path(folder))
        for component, config in _components()[1]:
            resource = Resource(component.__name__)
            created = component.create(config, storage, resource, _NOTHING)
            if hasattr(created, "train"):
                created.train(data)
            loaded.append(component.load(config, storage, resource, _NOTHING))
    return loaded


def accuracy(guesses: Sequence[Guess]) -> Share:
    """Return how many examples were held for what they are."""
    return Share(sum(guess.is_right for guess in guesses), len(guesses))


def summary(guesses: Sequence[Guess], worst: int = 20) -> str:
    """Return the accuracy by facet, worst first, the commonest confusions, and the accuracy in all."""
    by_facet: dict[str, list[bool]] = collections.defaultdict(list)
    for guess in guesses:
        by_facet[guess.example.facet].append(guess.is_right)
    shares = {facet: Share(sum(right), len(right)) for facet, right in by_facet.items()}
    confusions = collections.Counter(
        (guess.example.facet, guess.likeliest[0][0]) for guess in guesses if not guess.is_right
    )
    alone = Share(sum(guess.classified == guess.example.facet for guess in guesses), len(guesses))
    return "\n".join(
        (
            "按意图(从低到高)",
            *(f"  {facet:<22} {share}" for facet, share in sorted(shares.items(), key=lambda item: item[1].percent)),
            "最常见的混淆",
            *(f"  {count:>4}  {facet} → {guessed}" for (facet, guessed), count in confusions.most_common(worst)),
            f"只看分类器:{alone}",
            f"意图准确率:{accuracy(guesses)}",
        )
    )


def failing_rows(guesses: Iterable[Guess]) -> list[dict[str, Any]]:
    """Return the wrong guesses with their likeliest facets, as JSON can carry them."""
    return [
        {
            "text": guess.example.text,
            "facet": guess.example.facet,
            "likeliest": [[facet, round(confidence, 3)] for facet, confidence in guess.likeliest],
        }
        for guess in guesses
        if not guess.is_right
    ]
