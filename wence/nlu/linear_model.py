"""What a text asks for, learnt by a linear model from letters, sounds and concepts: its facet, or one fact.

    LinearModel.train(analyses, labels, seed)     learns (seeded: the same data give the same model)
    model.rank(analysis)                          labels with confidence, best first

A text is described by six kinds of features: its letters (1 to 4 in a row), its letters with each subject
replaced by the type of the subject, its sounds, its words, its concepts (alone and in pairs), and the subjects.
Each kind has the same weight whatever the length of the text.
"""

from __future__ import annotations

import collections
import dataclasses
import itertools
import math
import pathlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.svm import LinearSVC

from wence.knowledge import SUBJECT_TYPES
from wence.nlu.concepts import ConceptFinder
from wence.nlu.subject_finder import Mention
from wence.text import syllables

#: One private-use character stands for a subject of each type.
TYPE_MARKS = {name: chr(0xE000 + i) for i, name in enumerate(SUBJECT_TYPES)}
BLOCKS = {"letters": 1.0, "masked": 1.0, "sounds": 1.0, "words": 0.7, "subjects": 0.7, "concepts": 1.0, "pairs": 1.0}
MIN_TEXTS = 3
SHARPNESS = 4.0
#: A coarser solution than the default of 1e-4: a quarter of the time, the same answers.
TOLERANCE = 1e-2


@dataclasses.dataclass(frozen=True)
class Analysis:
    """A normalised text and its features by kind."""

    text: str
    features: Mapping[str, Mapping[str, int]]


class Analyser:
    """Turns normalised text into features; `types` gives the type of every subject."""

    def __init__(self, types: Mapping[str, str]) -> None:
        self.types = dict(types)
        self._concepts = ConceptFinder()

    def __call__(self, text: str, words: Sequence[str], mentions: Sequence[Mention]) -> Analysis:
        """Analyse a normalised text with its words and its subjects, in the order of the text."""
        masked = text
        for mention in reversed(mentions):
            masked = masked[: mention.start] + self._mark(mention) + masked[mention.end :]
        marks = [self._mark(m) for m in mentions]
        concepts = list(dict.fromkeys(self._concepts.find(masked)))
        features = {
            "letters": collections.Counter(_grams(f" {text} ", 4)),
            "masked": collections.Counter(_grams(f" {masked} ", 4)),
            "sounds": collections.Counter(_row_grams(syllables(text), 3)),
            "words": collections.Counter(_row_grams(words, 2)),
            "subjects": collections.Counter([*marks, *(m.subjects[0] for m in mentions)] or ["-"]),
            "concepts": collections.Counter(concepts or ["-"]),
            "pairs": collections.Counter(
                [
                    *("&".join(pair) for pair in itertools.combinations(concepts, 2)),
                    *("&".join(pair) for pair in itertools.product(sorted(set(marks)), concepts)),
                ]
                or ["-"]
            ),
        }
        return Analysis(text, features)

    def _mark(self, mention: Mention) -> str:
        return TYPE_MARKS[self.types[mention.subjects[0]]]


def _grams(text: str, longest: int) -> Iterable[str]:
    for length in range(1, longest + 1):
        for start in range(len(text) - length + 1):
            yield text[start : start + length]


def _row_grams(row: Sequence[str], longest: int) -> Iterable[str]:
    for length in range(1, longest + 1):
        for start in range(len(row) - length + 1):
            yield " ".join(row[start : start + length])


class LinearModel:
    """A trained model; `labels` are its classes."""

    def __init__(
        self,
        labels: Sequence[str],
        vocabulary: Mapping[str, int],
        idf: npt.NDArray[np.float32],
        weights: npt.NDArray[np.float32],
        bias: npt.NDArray[np.float32],
    ) -> None:
        self.labels = tuple(labels)
        self._vocabulary, self._idf, self._weights, self._bias = dict(vocabulary), idf, weights, bias

    @classmethod
    def train(
        cls,
        analyses: Sequence[Analysis],
        labels: Sequence[str],
        seed: int,
        cost: float = 1.0,
        weights: Sequence[float] | None = None,
    ) -> LinearModel:
        """Learn from analysed texts and their labels; `weights` say how much each text counts, 1 where there are none."""
        seen: collections.Counter[str] = collections.Counter()
        known: set[str] = set()
        weights = weights or [1.0] * len(analyses)
        for analysis, weight in zip(analyses, weights, strict=True):
            names_of = [f"{block}:{name}" for block, names in analysis.features.items() for name in names]
            seen.update(names_of)
            if weight >= MIN_TEXTS:
                known.update(names_of)
        known.update(name for name, count in seen.items() if count >= MIN_TEXTS)
        vocabulary = {name: i for i, name in enumerate(sorted(known))}
        idf = np.ones(len(vocabulary), dtype=np.float32)
        for name, index in vocabulary.items():
            idf[index] = math.log((1 + len(analyses)) / (1 + seen[name])) + 1
        model = cls((), vocabulary, idf, np.zeros((0, 0), np.float32), np.zeros(0, np.float32))
        rows = [model._row(analysis) for analysis in analyses]
        indptr = np.cumsum([0] + [len(indices) for indices, _ in rows])
        matrix = sparse.csr_matrix(
            (np.concatenate([v for _, v in rows]), np.concatenate([i for i, _ in rows]), indptr),
            shape=(len(rows), len(vocabulary)),
        )
        machine = LinearSVC(C=cost, random_state=seed, tol=TOLERANCE).fit(matrix, list(labels), list(weights))
        model.labels = tuple(str(name) for name in machine.classes_)
        model._weights = np.ascontiguousarray(machine.coef_.T, dtype=np.float32)
        model._bias = machine.intercept_.astype(np.float32)
        return model

    def _row(self, analysis: Analysis) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        indices: list[int] = []
        values: list[npt.NDArray[np.float32]] = []
        for block, names in analysis.features.items():
            found = [
                (self._vocabulary[key], count)
                for name, count in names.items()
                if (key := f"{block}:{name}") in self._vocabulary
            ]
            if found:
                places = [index for index, _ in found]
                counts = np.array([1 + math.log(count) for _, count in found], dtype=np.float32)
                weighted = counts * self._idf[places]
                values.append(weighted * (BLOCKS[block] / max(float(np.linalg.norm(weighted)), 1e-6)))
                indices += places
        joined = np.concatenate(values) if values else np.zeros(0, np.float32)
        return np.array(indices, dtype=np.int32), joined.astype(np.float32)

    def margins(self, analysis: Analysis) -> npt.NDArray[np.float32]:
        """Return the distance from each label's boundary, in the order of `labels`."""
        indices, values = self._row(analysis)
        found: npt.NDArray[np.float32] = values @ self._weights[indices] + self._bias
        return found

    def rank(self, analysis: Analysis) -> list[tuple[str, float]]:
        """Return all labels with confidences that sum to 1, best first."""
        margins = self.margins(analysis) * SHARPNESS
        shares = np.exp(margins - margins.max())
        shares /= shares.sum()
        order = np.argsort(-shares, kind="stable")
        return [(self.labels[i], float(shares[i])) for i in order]

    def save(self, path: pathlib.Path) -> None:
        """Write the model to one file, without pickle."""
        np.savez(
            path,
            idf=self._idf,
            weights=self._weights.astype(np.float16),
            bias=self._bias,
            labels=np.array(self.labels),
            vocabulary=np.array("\0".join(self._vocabulary)),
        )

    @classmethod
    def load(cls, path: pathlib.Path) -> LinearModel:
        """Read back what `save` wrote."""
        with np.load(path, allow_pickle=False) as data:
            names = str(data["vocabulary"]).split("\0")
            return cls(
                [str(label) for label in data["labels"]],
                {name: i for i, name in enumerate(names)},
                data["idf"],
                data["weights"].astype(np.float32),
                data["bias"],
            )
