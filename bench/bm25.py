"""The floor: BM25 over the sentences of the sources; the best one is the answer, with itself as citation."""

from __future__ import annotations

import collections
import logging
import math
import re
from collections.abc import Sequence
from typing import Any

import jieba

from wence.evaluation.judge import MAX_QUOTE
from wence.knowledge import Knowledge

SATURATION = 1.5
LENGTH = 0.75
_SENTENCE_END = re.compile(r"(?<=[。;?!])|\n")


class Bm25:
    """Finds the sentence of the sources that shares most with a question."""

    def __init__(self, knowledge: Knowledge) -> None:
        jieba.setLogLevel(logging.WARNING)
        self._sentences = [
            (name, sentence.strip()[:MAX_QUOTE])
            for name, source in knowledge.sources.items()
            for sentence in _SENTENCE_END.split(source.text)
            if sentence.strip()
        ]
        self._words = [collections.Counter(jieba.cut(sentence)) for _, sentence in self._sentences]
        self._mean = sum(words.total() for words in self._words) / len(self._words)
        self._holding = collections.Counter(word for words in self._words for word in words)

    def say(self, _sender: str, text: str) -> Sequence[dict[str, Any]]:
        """Return the best sentence as a reply; only the last message of a conversation counts."""
        scores = [self._score(words, list(jieba.cut(text))) for words in self._words]
        source, sentence = self._sentences[max(range(len(scores)), key=scores.__getitem__)]
        citation = {"source": source, "section": "", "quote": sentence}
        return [{"text": sentence}, {"custom": {"status": "answered", "facts": [], "citations": [citation]}}]

    def _score(self, words: collections.Counter[str], asked: Sequence[str]) -> float:
        length = 1 - LENGTH + LENGTH * words.total() / self._mean
        return sum(
            self._rarity(word) * words[word] * (SATURATION + 1) / (words[word] + SATURATION * length)
            for word in asked
            if word in words
        )

    def _rarity(self, word: str) -> float:
        holding = self._holding[word]
        return math.log(1 + (len(self._words) - holding + 0.5) / (holding + 0.5))
