"""What `wence.rasa_patch` changes for training gives exactly what Rasa gives."""

from __future__ import annotations

import ast
import copy
import hashlib
import inspect
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import rasa.engine.storage.local_model_storage as storage
import rasa.shared.importers.utils as importers
from hypothesis import given
from hypothesis import strategies as st
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.training.hooks import TrainingHook
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from tarsafe import TarSafe

from tests.test_rasa_patch import source_of
from wence import rasa_patch

FINGERPRINTS = {
    "Message.__hash__": (Message, "__hash__", "a1fe7cdf1e0cb497"),
    "Message.__eq__": (Message, "__eq__", "b48cc32ec7bc65ce"),
    "Message.__init__": (Message, "__init__", "993ee1d6a7282952"),
    "TrainingData.sanitize_examples": (TrainingData, "sanitize_examples", "171ea3c5a9c1d5bb"),
    "TrainingData.merge": (TrainingData, "merge", "e090e55f08f3d482"),
    "LocalModelStorage.create_model_package": (LocalModelStorage, "create_model_package", "91d17820bf4f3ab4"),
}
FUNCTIONS = {
    "training_data_from_paths": (importers.training_data_from_paths, "aad66935bd39434b"),
    "load_data": (load_data, "5037eeb10efb2432"),
}
STOCK_HASH, STOCK_READER = Message.__hash__, importers.training_data_from_paths
MESSAGES = st.lists(
    st.builds(
        Message.build,
        st.sampled_from("甲乙"),
        st.sampled_from("xy "),
        intent_metadata=st.none() | st.just({"fact": "f"}),
    ),
    max_size=8,
)


@pytest.fixture(autouse=True)
def patched() -> Iterator[None]:
    """Put the patches in place, and take them away again."""
    before, after = TrainingHook.on_before_node, TrainingHook.on_after_node
    rasa_patch.install_for_training()
    yield
    TrainingHook.on_before_node, TrainingHook.on_after_node = before, after
    Message.__hash__ = STOCK_HASH
    del Message.__deepcopy__
    importers.training_data_from_paths, storage.TarSafe = STOCK_READER, TarSafe


def _digest(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()[:16]


@pytest.mark.parametrize(("owner", "name", "fingerprint"), FINGERPRINTS.values(), ids=FINGERPRINTS)
def test_rasa_is_still_what_the_patches_were_written_for(owner: type, name: str, fingerprint: str) -> None:
    assert _digest(source_of(owner, name)) == fingerprint


@pytest.mark.parametrize(("function", "fingerprint"), FUNCTIONS.values(), ids=FUNCTIONS)
def test_rasa_still_reads_as_it_did(function: Callable[..., Any], fingerprint: str) -> None:
    assert _digest(ast.unparse(ast.parse(inspect.getsource(function)))) == fingerprint


@given(messages=MESSAGES)
def test_the_examples_that_are_there_twice_are_those_that_rasa_drops(messages: list[Message]) -> None:
    kept = TrainingData.sanitize_examples(messages)
    Message.__hash__ = STOCK_HASH
    try:
        stock = TrainingData.sanitize_examples(messages)
    finally:
        Message.__hash__ = rasa_patch.hash_of_example

    assert [id(message) for message in kept] == [id(message) for message in stock]


@given(messages=MESSAGES)
def test_a_copy_is_equal_and_changes_alone(messages: list[Message]) -> None:
    copies = copy.deepcopy(messages)
    assert copies == messages
    assert [vars(twin) for twin in copies] == [vars(message) for message in messages]
    before = [message.fingerprint() for message in messages]
    for twin in copies:
        twin.set("text", "别的", add_to_output=True)
        twin.features.append(object())
        twin.data["metadata"] = {**(twin.get("metadata") or {}), "more": 1}

    assert [message.fingerprint() for message in messages] == before


def test_a_file_is_read_once_as_rasa_reads_it(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "nlu.yml"
    file.write_text('version: "3.1"\nnlu:\n- intent: x\n  examples: |\n    - 甲\n', "utf-8")
    read = importers.training_data_from_paths([str(file)], "zh")

    assert importers.training_data_from_paths([str(file)], "en") is read
    assert read.training_examples == STOCK_READER([str(file)], "en").training_examples != []


def test_an_archive_holds_what_was_put_into_it(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a").write_text("甲" * 1000, "utf-8")
    with storage.TarSafe.open(tmp_path / "model.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "a", arcname="a")
    with TarSafe.open(tmp_path / "model.tar.gz", "r:gz") as tar:
        tar.extractall(tmp_path / "out")

    assert (tmp_path / "out" / "a").read_text("utf-8") == "甲" * 1000
