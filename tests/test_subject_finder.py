from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small_knowledge import SmallKnowledge
from wence.knowledge import load
from wence.nlu.subject_finder import SubjectFinder
from wence.settings import PROJECT
from wence.text import normalise

KNOWLEDGE = load(PROJECT / "knowledge")
FINDER = SubjectFinder(KNOWLEDGE)
NAMES = sorted(
    (subject.id, name)
    for subject in KNOWLEDGE.subjects.values()
    for name in {subject.name, subject.listed, *subject.aliases}
    if len(normalise(name)) >= 2
)
#: Texts as citizens write them: names, pieces of names and other words in a row.
talk = st.lists(
    st.one_of(
        st.sampled_from([name for _, name in NAMES]),
        st.sampled_from([name[1:] for _, name in NAMES]),
        st.text(alphabet="的是谁和吗呢市县局政务智慧社区5gG 年月0129", max_size=6),
        st.text(max_size=4),
    ),
    max_size=6,
).map("".join)


def _found(text: str) -> list[tuple[str, ...]]:
    return [mention.subjects for mention in FINDER.find(normalise(text))]


def test_every_name_and_alias_finds_its_subject() -> None:
    wrong = [(subject, name) for subject, name in NAMES if not any(subject in found for found in _found(name))]
    assert wrong == []


@pytest.mark.parametrize("frame", ["请问{}是什么", "问下{}的事", "和{}有关吗", "{}"])
def test_every_name_is_found_inside_a_question(frame: str) -> None:
    texts = [(subject, frame.format(name)) for subject, name in NAMES]
    assert [text for subject, text in texts if not any(subject in found for found in _found(text))] == []


def test_a_name_is_told_with_its_place() -> None:
    (mention,) = FINDER.find("那智慧交通呢")
    assert (mention.start, mention.end, mention.text, mention.exact) == (1, 5, "智慧交通", True)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("智慧成管", "task.city_management"),
        ("甘堂政务", "task.gantang"),
        ("智慧教通", "task.transport"),
        ("全域网个", "task.grid"),
        ("缅池县", "unit.mianchi"),
        ("市明政局", "unit.civil_affairs"),
        ("消防就援支队", "unit.fire"),
        ("张应州", "person.interpreter"),
        ("智慧社曲", "task.community"),
    ],
)
def test_a_homophone_of_a_name_is_found(text: str, subject: str) -> None:
    (mention,) = FINDER.find(normalise(text))
    assert subject in mention.subjects
    assert not mention.exact


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("城市运作指挥中心", "task.operation_centre"),
        ("时空大数居中台", "task.spatiotemporal"),
        ("政务服务和大数据处理局", "unit.big_data"),
        ("自然资源与规划局", "unit.natural_resources"),
        ("火灾分析资料库", "topic.fire_database"),
    ],
)
def test_a_slip_in_a_long_name_is_found(text: str, subject: str) -> None:
    assert any(subject in found for found in _found(text)), _found(text)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("城市运行指挥中", "task.operation_centre"),
        ("政务服务大数据管理局", "unit.big_data"),
        ("市消防救支队", "unit.fire"),
    ],
)
def test_a_missing_sound_in_a_long_name_is_found(text: str, subject: str) -> None:
    assert any(subject in found for found in _found(text)), _found(text)


def test_one_wrong_sound_anywhere_in_a_long_name_is_found() -> None:
    lost = []
    for subject, name in NAMES:
        plain = normalise(name)
        if len(plain) < 5 or not all("\u3400" <= c <= "\u9fff" for c in plain):
            continue
        if KNOWLEDGE.subjects[subject].type == "opinion" and name != KNOWLEDGE.subjects[subject].name:
            continue  # named by what it says: 「了牵头单位」 must not be 「把牵头单位」
        for place in range(len(plain)):
            slipped = plain[:place] + "猫" + plain[place + 1 :]
            # A shorter name that stands there exactly, or another name as near, is found as well.
            if not FINDER.find(slipped):
                lost.append((subject, slipped))
    assert lost == []


@pytest.mark.parametrize(
    "text", ["你好", "今天天气怎么样", "交通违章怎么处理", "社区团购", "应急灯", "人民政府", "洛宁县人民政府"]
)
def test_other_words_name_no_subject(text: str) -> None:
    assert _found(text) == []


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("市政府办公室", ["unit.gov_office"]),
        ("网络安全运营中心", ["task.security_centre"]),
        ("时空大数据平台", ["task.spatiotemporal"]),
        ("城乡一体化示范区管委会", ["unit.demo_zone"]),
        ("市政务服务和大数据管理局", ["unit.big_data"]),
    ],
)
def test_the_longest_name_is_found(text: str, subjects: list[str]) -> None:
    assert [found[0] for found in _found(text)] == subjects


def test_several_subjects_are_found_in_the_order_of_the_text() -> None:
    assert [found[0] for found in _found("智慧社区和智慧城管分别归民政局还是城管局")] == [
        "task.community",
        "task.city_management",
        "unit.civil_affairs",
        "unit.city_management",
    ]


def test_a_name_that_two_types_bear_finds_both() -> None:
    ((first, second),) = _found("甘棠政务系统")
    assert {first, second} == {"task.gantang", "aspect.gantang"}


@pytest.mark.parametrize("prefix", ["市", "三门峡市", "三门峡", "我市"])
def test_a_unit_is_found_with_the_place_before_it(prefix: str) -> None:
    (mention,) = FINDER.find(f"{prefix}财政局")
    assert (mention.start, mention.subjects) == (0, ("unit.finance",))


@settings(max_examples=300, deadline=None)
@given(talk)
def test_mentions_lie_inside_the_text_in_order_and_never_overlap(text: str) -> None:
    normal = normalise(text)
    end = 0
    for mention in FINDER.find(normal):
        assert end <= mention.start < mention.end <= len(normal)
        assert mention.subjects
        assert all(subject in KNOWLEDGE.subjects for subject in mention.subjects)
        end = mention.end


def test_the_finder_of_another_knowledge_knows_its_names_only(small: SmallKnowledge) -> None:
    finder = SubjectFinder(load(small.folder))
    assert [mention.subjects for mention in finder.find("智慧水务和智慧社区")] == [("task.water",)]
