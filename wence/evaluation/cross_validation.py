"""Cross-validation of the intents: learnt on four fifths of the examples, tried on the rest, five times.

    examples = load_examples(settings)         every training example, analysed as training analyses it
    outcome = cross_validate(examples, ...)    each example with the facets that a model gives it which has
                                               neither seen it nor a near copy of it

Near copies (Jaccard similarity of the pairs of neighbouring letters at least 0.7) are tried together:
otherwise an example would be recognised by its twin, and the figure would say nothing about new questions.
"""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import math
import multiprocessing
import os
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import yaml

from wence import without_tensorflow
from wence.evaluation.report import Share
from wence.nlu.facet_model import Analysis, FacetModel
from wence.quiet import silence_deprecations
from wence.settings import PROJECT, Settings
from wence.training import DATA_FOLDER

SIMILAR = 0.7
PROCESSES = 2
RANKED = 2
CLASSIFIER = "FacetClassifier"


@dataclasses.dataclass(frozen=True)
class Example:
    """A training example: its words, its facet, and what the facet model sees of it."""

    text: str
    facet: str
    analysis: Analysis


@dataclasses.dataclass(frozen=True)
class Guess:
    """An example and the likeliest facets, best first, by a model that does not know it."""

    example: Example
    likeliest: tuple[tuple[str, float], ...]

    @property
    def is_right(self) -> bool:
        """Whether the likeliest facet is the example's."""
        return self.likeliest[0][0] == self.example.facet


def load_examples(settings: Settings) -> list[Example]:
    """Read the training data and let the pipeline's own components prepare it, up to the classifier."""
    os.environ.update(settings.child_environment())
    without_tensorflow.leave_out()
    silence_deprecations()

    from rasa.shared.nlu.constants import INTENT, TEXT
    from rasa.shared.nlu.training_data.loading import load_data
    from rasa.shared.nlu.training_data.training_data import TrainingData

    from wence.knowledge import load
    from wence.nlu.facet_model import Analyser
    from wence.nlu.normaliser import Normaliser
    from wence.nlu.stretches import mentions_of, stretches_of
    from wence.nlu.subjects import SubjectExtractor
    from wence.nlu.tokenizer import PolicyTokenizer

    data = TrainingData().merge(*(load_data(str(path)) for path in sorted((PROJECT / DATA_FOLDER).glob("nlu*"))))
    nowhere: Any = None  # nothing is stored
    for component in (Normaliser, PolicyTokenizer, SubjectExtractor):
        created = component.create(component.get_default_config(), nowhere, nowhere, nowhere)
        data = created.process_training_data(data)
    analyser = Analyser({s.id: s.type for s in load(settings.knowledge).subjects.values()})
    examples = []
    for message in data.intent_examples:
        if message.get(TEXT) and stretches_of(message):
            stretch = stretches_of(message)[0]
            analysis = analyser(stretch["text"], stretch["words"], mentions_of(stretch))
            examples.append(Example(message.get(TEXT), message.get(INTENT), analysis))
    return examples


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


def classifier_settings() -> tuple[int, float]:
    """Return the seed and the cost that config.yml gives the classifier, or its defaults."""
    from wence.nlu.facets import FacetClassifier

    config = yaml.safe_load((PROJECT / "config.yml").read_text(encoding="utf-8"))
    given = next(entry for entry in config["pipeline"] if entry["name"].endswith(CLASSIFIER))
    chosen = {**FacetClassifier.get_default_config(), **given}
    return int(chosen["random_state"]), float(chosen["cost"])


def cross_validate(
    examples: Sequence[Example], folds: int, seed: int, cost: float, tell: Callable[[str], None]
) -> list[Guess]:
    """Guess the facet of every example by a model trained without its fold, in the order of the examples."""
    groups = near_copies([example.analysis.text for example in examples])
    tell(f"{len(examples)} 条例句,{len(set(groups))} 组互不相近,分 {folds} 份")
    fold_of = deal(groups, [example.facet for example in examples], folds, seed)
    guesses: dict[int, tuple[tuple[str, float], ...]] = {}
    # Forked workers find the examples in memory; only what they guessed is sent back.
    with concurrent.futures.ProcessPoolExecutor(
        PROCESSES, multiprocessing.get_context("fork"), _share_with_worker, (examples, fold_of, seed, cost)
    ) as pool:
        for fold, found in enumerate(pool.map(_guess_fold, range(folds)), 1):
            guesses.update(found)
            right = sum(ranked[0][0] == examples[index].facet for index, ranked in found)
            tell(f"第 {fold} 份:{Share(right, len(found))}")
    return [Guess(example, guesses[index]) for index, example in enumerate(examples)]


_shared: tuple[Sequence[Example], Sequence[int], int, float]


def _share_with_worker(examples: Sequence[Example], fold_of: Sequence[int], seed: int, cost: float) -> None:
    global _shared
    _shared = (examples, fold_of, seed, cost)


def _guess_fold(fold: int) -> list[tuple[int, tuple[tuple[str, float], ...]]]:
    examples, fold_of, seed, cost = _shared
    known = [example for example, its in zip(examples, fold_of, strict=True) if its != fold]
    model = FacetModel.train([e.analysis for e in known], [e.facet for e in known], seed, cost)
    return [
        (index, tuple(model.rank(example.analysis)[:RANKED]))
        for index, example in enumerate(examples)
        if fold_of[index] == fold
    ]


def summary(guesses: Sequence[Guess], worst: int = 20) -> str:
    """Return the accuracy by facet, worst first, the commonest confusions, and the accuracy in all."""
    by_facet: dict[str, list[bool]] = collections.defaultdict(list)
    for guess in guesses:
        by_facet[guess.example.facet].append(guess.is_right)
    shares = {facet: Share(sum(right), len(right)) for facet, right in by_facet.items()}
    confusions = collections.Counter(
        (guess.example.facet, guess.likeliest[0][0]) for guess in guesses if not guess.is_right
    )
    total = Share(sum(guess.is_right for guess in guesses), len(guesses))
    return "\n".join(
        (
            "按意图(从低到高)",
            *(f"  {facet:<22} {share}" for facet, share in sorted(shares.items(), key=lambda item: item[1].percent)),
            "最常见的混淆",
            *(f"  {count:>4}  {facet} → {guessed}" for (facet, guessed), count in confusions.most_common(worst)),
            f"意图准确率:{total}",
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
