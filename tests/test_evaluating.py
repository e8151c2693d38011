"""What a model made of the questions is kept, and how long that holds."""

from __future__ import annotations

import pathlib

import pytest

from wence.publish import evaluating


def test_what_was_kept_of_a_model_holds_no_longer_when_the_code_that_answers_has_changed(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "wence" / "rules.py"
    module.parent.mkdir()
    monkeypatch.setattr(evaluating, "PROJECT", tmp_path)
    module.write_text("ONE = 1\n")
    order = {"model": "m.tar.gz", "settled": [], "batch": []}
    before, again = evaluating._digest(order), evaluating._digest(order)
    module.write_text("ONE = 2\n")
    assert before == again
    assert evaluating._digest(order) != before
