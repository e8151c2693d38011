from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from wence import private_log
from wence.privacy import Masker

NUMBER = "13812345678"


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    before = logging.getLogRecordFactory()
    private_log.install(Masker())
    yield
    logging.setLogRecordFactory(before)


def test_a_message_and_what_it_is_given_are_masked(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("rasa.test").error("%s said %r", "he", {"text": NUMBER})
    assert "he said {'text': '[手机号]'}" in caplog.text


@pytest.mark.parametrize("before", ["三", "😀", "\u0001", "\ud83d"])
def test_a_number_in_json_is_masked_whatever_escape_stands_before_it(
    caplog: pytest.LogCaptureFixture, before: str
) -> None:
    logging.getLogger("rasa.test").error(json.dumps({"text": f"{before}{NUMBER}，{before}"}))
    assert "[手机号]，" in caplog.text
    assert NUMBER not in caplog.text


def test_a_traceback_is_masked(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError(NUMBER)
    except ValueError:
        logging.getLogger("rasa.test").exception("broken")
    assert "ValueError: [手机号]" in caplog.text
    assert NUMBER not in caplog.text


def test_a_percent_sign_in_a_message_harms_nothing(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("rasa.test").error("100%% of %s", "them")
    logging.getLogger("rasa.test").error("100%")
    assert caplog.messages == ["100% of them", "100%"]


def test_a_message_that_does_not_fit_its_arguments_is_masked_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("rasa.test").error("%d of them", NUMBER)
    assert "[手机号]" in caplog.text
    assert NUMBER not in caplog.text


def test_installing_twice_masks_once(caplog: pytest.LogCaptureFixture) -> None:
    private_log.install(Masker(frozenset({NUMBER})))
    logging.getLogger("rasa.test").error(NUMBER)
    assert NUMBER in caplog.text
