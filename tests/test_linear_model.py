from __future__ import annotations

import pathlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wence.nlu.linear_model import Analyser, Analysis, LinearModel
from wence.nlu.subject_finder import Mention

TYPES = {"task.water": "task", "unit.a": "unit"}
EXAMPLES = {
    "lead_unit": ["智慧水务谁牵头", "谁负责牵头", "牵头单位是谁", "智慧水务归谁管", "哪个单位牵头"],
    "document_date": ["什么时候印发", "哪天发布的", "印发日期", "方案是几月发的", "印发的时间"],
    "contact": ["电话多少", "联系电话", "打哪个电话咨询", "有没有联系方式", "咨询电话是多少"],
}


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return Analyser(TYPES)


def _analyse(analyser: Analyser, text: str) -> Analysis:
    start = text.find("智慧水务")
    mentions = [Mention(start, start + 4, "智慧水务", ("task.water",), True)] if start >= 0 else []
    return analyser(text, list(text), mentions)


def _train(analyser: Analyser, seed: int = 7) -> LinearModel:
    rows = [(facet, _analyse(analyser, text)) for facet, texts in EXAMPLES.items() for text in texts]
    return LinearModel.train([analysis for _, analysis in rows], [facet for facet, _ in rows], seed)


@pytest.fixture(scope="module")
def model(analyser: Analyser) -> LinearModel:
    return _train(analyser)


def test_every_example_is_ranked_first_for_its_facet(model: LinearModel, analyser: Analyser) -> None:
    for facet, texts in EXAMPLES.items():
        assert [model.rank(_analyse(analyser, text))[0][0] for text in texts] == [facet] * len(texts)


@pytest.mark.parametrize(
    ("text", "facet"), [("水务是谁在牵头", "lead_unit"), ("几号印发的呀", "document_date"), ("电话号码", "contact")]
)
def test_other_wording_is_ranked_by_what_it_asks(model: LinearModel, analyser: Analyser, text: str, facet: str) -> None:
    assert model.rank(_analyse(analyser, text))[0][0] == facet


def test_confidences_sum_to_one_best_first(model: LinearModel, analyser: Analyser) -> None:
    confidences = [confidence for _, confidence in model.rank(_analyse(analyser, "谁牵头"))]
    assert sum(confidences) == pytest.approx(1)
    assert confidences == sorted(confidences, reverse=True)
    assert len(confidences) == len(EXAMPLES)


def test_a_text_without_known_features_is_ranked_all_the_same(model: LinearModel, analyser: Analyser) -> None:
    assert sum(confidence for _, confidence in model.rank(analyser("", [], []))) == pytest.approx(1)
    assert len(model.rank(analyser("zzz", ["zzz"], []))) == len(EXAMPLES)


def test_the_same_data_give_the_same_model(analyser: Analyser) -> None:
    one, other = _train(analyser), _train(analyser)
    for texts in EXAMPLES.values():
        for text in texts:
            analysis = _analyse(analyser, text)
            assert np.array_equal(one.margins(analysis), other.margins(analysis))


def test_the_same_data_give_the_same_file(analyser: Analyser, tmp_path: pathlib.Path) -> None:
    arrays = []
    for name in ("one.npz", "other.npz"):
        _train(analyser).save(tmp_path / name)
        with np.load(tmp_path / name) as data:
            arrays.append({key: data[key].tolist() for key in data.files})
    assert arrays[0] == arrays[1]


def test_a_model_read_back_ranks_the_same(model: LinearModel, analyser: Analyser, tmp_path: pathlib.Path) -> None:
    model.save(tmp_path / "facets.npz")
    read = LinearModel.load(tmp_path / "facets.npz")
    assert read.labels == model.labels
    for texts in EXAMPLES.values():
        for text in texts:
            ours, theirs = (dict(m.rank(_analyse(analyser, text))) for m in (model, read))
            # Weights are stored in half precision.
            assert theirs == pytest.approx(ours, abs=0.01)


def test_a_model_read_back_ranks_the_same_as_itself_read_again(
    model: LinearModel, analyser: Analyser, tmp_path: pathlib.Path
) -> None:
    model.save(tmp_path / "one.npz")
    once = LinearModel.load(tmp_path / "one.npz")
    once.save(tmp_path / "two.npz")
    twice = LinearModel.load(tmp_path / "two.npz")
    assert once.rank(_analyse(analyser, "谁牵头")) == twice.rank(_analyse(analyser, "谁牵头"))


def test_a_subject_is_masked_by_its_type(analyser: Analyser) -> None:
    water = analyser("智慧水务谁牵头", ["智慧水务", "谁", "牵头"], [Mention(0, 4, "智慧水务", ("task.water",), True)])
    unit = analyser("市甲局谁牵头", ["市甲局", "谁", "牵头"], [Mention(0, 3, "市甲局", ("unit.a",), True)])
    assert water.features["masked"] != unit.features["masked"]
    assert not any("智慧" in name for name in water.features["masked"])
    assert {name[1:] for name in water.features["masked"] if "谁" in name} & {
        name[1:] for name in unit.features["masked"] if "谁" in name
    }


@given(st.text(max_size=40))
def test_no_text_makes_it_fail(text: str) -> None:
    analysis = Analyser(TYPES)(text, text.split(), [])
    assert all(analysis.features[block] is not None for block in ("letters", "sounds", "concepts"))
