"""What officials add as Rasa's training data: read by Rasa itself, it is text and never a mark."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from rasa.shared.nlu.constants import ENTITIES, INTENT, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.message import Message

from tests.test_additions import ASKED, LEAD, TEXTS
from wence.additions import Additions, Example
from wence.settled import key
from wence.training_additions import examples_text

MARKED = st.lists(
    st.sampled_from(
        ["[", "]", "(x)", '{"entity": "y"}', "$", "${HOME}", "智慧", "\\u4e00", "\n- ", "|", "#", '"', "归谁管"]
    )
).map("".join)


def _read(additions: Additions) -> list[Message]:
    return RasaYAMLReader().reads(examples_text(additions)).training_examples


@given(text=TEXTS | MARKED)
@example("[交通](task:路)归谁管${HOME}")
@example("plain ascii \\u4e00 ${PATH}")
def test_whatever_a_person_typed_is_one_example_without_entities(text: str) -> None:
    messages = _read(Additions((Example(f"问{text}", "lead_unit"), Example("第二句", "basis"))))

    assert [(m.get(INTENT), m.get(ENTITIES)) for m in messages] == [("lead_unit", None), ("basis", None)]
    assert messages[1].get(TEXT) == "第二句"


@given(text=MARKED)
def test_its_wording_stays_the_same(text: str) -> None:
    (message,) = _read(Additions((Example(f"问{text}", "lead_unit"),)))

    assert key(message.get(TEXT)) == key(f"问{text}")


def test_examples_and_questions_of_facts_name_the_fact_and_are_settled() -> None:
    messages = _read(Additions((ASKED, Example("今天天气", "out_of_scope")), (LEAD,)))

    assert [(m.get(TEXT), m.get(METADATA)[METADATA_INTENT]) for m in messages] == [
        (LEAD.question, {"settled": True, "fact": LEAD.id}),
        (ASKED.text, {"settled": True, "fact": LEAD.id}),
        ("今天天气", {"settled": True}),
    ]
