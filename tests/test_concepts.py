from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wence.nlu.concepts import CONCEPTS, ConceptFinder
from wence.text import normalise

FINDER = ConceptFinder()


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        ("智慧社区谁牵头", {"ask_who", "lead", "community"}),
        ("啥时候印发的", {"ask_when", "issue"}),
        ("为什么没采纳", {"ask_why", "reject"}),
        ("一共几条意见", {"ask_count", "opinion"}),
        ("电话多少", {"contact"}),
        ("花了多少钱", {"money"}),
    ],
)
def test_concepts_are_found_by_their_words(text: str, concepts: set[str]) -> None:
    assert concepts <= set(FINDER.find(normalise(text)))


@pytest.mark.parametrize(
    ("text", "concept"), [("采那了吗", "adopt"), ("千头单位", "lead"), ("定搞", "final"), ("印法", "issue")]
)
def test_concepts_are_found_by_sound(text: str, concept: str) -> None:
    assert concept in FINDER.find(text)


def test_one_character_is_found_by_its_writing_only() -> None:
    assert "choice" in FINDER.find("或")
    assert "choice" not in FINDER.find("货")


@pytest.mark.parametrize("concept", sorted(CONCEPTS))
def test_every_phrase_finds_its_concept(concept: str) -> None:
    assert [p for p in CONCEPTS[concept].split() if concept not in FINDER.find(normalise(p))] == []


def test_every_concept_has_phrases_that_are_words_of_questions() -> None:
    assert [name for name, phrases in CONCEPTS.items() if not phrases.split()] == []
    assert [p for phrases in CONCEPTS.values() for p in phrases.split() if not normalise(p)] == []


@pytest.mark.parametrize("concept", sorted(CONCEPTS))
def test_no_phrase_stands_twice_in_a_concept(concept: str) -> None:
    phrases = CONCEPTS[concept].split()
    assert [p for p in set(phrases) if phrases.count(p) > 1] == []


@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    assert set(FINDER.find(normalise(text))) <= set(CONCEPTS)


@given(st.text(alphabet="智慧社区谁牵头没采纳为什么几条", max_size=12), st.text(alphabet="的了呢吗", max_size=3))
def test_what_a_text_says_is_also_said_in_a_longer_one(text: str, tail: str) -> None:
    assert set(FINDER.find(text)) <= set(FINDER.find(text + tail))
