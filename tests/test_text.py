from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wence.knowledge import Knowledge
from wence.lexicon import COLLOQUIAL, ENGLISH
from wence.settings import PROJECT
from wence.text import clauses, normalise, squash, syllable, syllables

#: What citizens type: the characters of the sources, Latin letters, figures and punctuation.
PLAIN = "".join(sorted(set((PROJECT / "knowledge/sources/interpretation.txt").read_text("utf-8")) - set("\n")))
plain_text = st.text(alphabet=PLAIN + "abcdefghijklmnopqrstuvwxyz吗呢啥咋？！，。", max_size=60)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("５Ｇ基站", "5g基站"),
        ("ＩＤＣ是什么？", "idc是什么?"),
        ("第①条", "第1条"),
        ("1６项", "16项"),
        ("，。；：", ",。;:"),
    ],
)
def test_width_and_compatibility_forms_are_folded(text: str, normal: str) -> None:
    assert normalise(text) == normal


@pytest.mark.parametrize(
    ("text", "normal"),
    [("智慧社區", "智慧社区"), ("牽頭單位是誰", "牵头单位是谁"), ("甘棠政務", "甘棠政务"), ("視聯網", "视联网")],
)
def test_traditional_characters_become_simplified(text: str, normal: str) -> None:
    assert normalise(text) == normal


@pytest.mark.parametrize("mark", ["\u200b", "\u200d", "\ufeff", "\u2060", "\x00", "\x07", "\u202e", "\ue000"])
def test_invisible_and_control_characters_vanish(mark: str) -> None:
    assert normalise(f"智慧{mark}社区{mark}") == "智慧社区"


def test_brackets_and_quotation_marks_vanish() -> None:
    assert normalise("《工作方案》“智慧消防”【重点】（六）豫政办〔2020〕27号") == "工作方案智慧消防重点六豫政办202027号"


def test_spaces_between_chinese_characters_vanish_and_others_become_one() -> None:
    assert normalise("  智 慧\u3000社\n区  smart   home ") == "智慧社区smart home"


def test_english_words_of_a_question_become_chinese() -> None:
    assert normalise("請問「視聯網」的 lead unit 是邊個?") == "视联网的牵头单位是谁?"


def test_an_english_word_inside_another_stays() -> None:
    assert normalise("leadership") == "leadership"


@pytest.mark.parametrize("word", sorted(ENGLISH))
def test_every_english_word_is_replaced_in_any_case(word: str) -> None:
    expected = normalise(f"问{ENGLISH[word]}答")
    assert normalise(f"问{word}答") == expected
    assert normalise(f"问 {word.upper()} 答") == expected


@pytest.mark.parametrize(
    ("text", "normal"),
    [("啥时候", "什么时候"), ("为啥没采纳", "为什么没采纳"), ("咋回事", "怎么回事"), ("俩部门", "2个部门")],
)
def test_dialect_words_become_plain(text: str, normal: str) -> None:
    assert normalise(text) == normal


@pytest.mark.parametrize("word", sorted(COLLOQUIAL))
def test_a_replaced_dialect_word_stays_as_it_is(word: str) -> None:
    assert normalise(normalise(word)) == normalise(word)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("二〇二一年九月", "2021年9月"),
        ("二零二一年十二月八号", "2021年12月8号"),
        ("两零二一年", "2021年"),
        ("五到六月", "5到6月"),
        ("十六项任务", "16项任务"),
        ("二十九个单位", "29个单位"),
        ("七个方面", "7个方面"),
        ("六大系统", "6大系统"),
        ("第三部分", "第3部分"),
        ("第一条", "第1条"),
        ("两条意见", "2条意见"),
        ("八七〇号", "870号"),
        ("十项", "10项"),
        ("一百个单位", "100个单位"),
        ("一百零五个单位", "105个单位"),
    ],
)
def test_numerals_before_a_measure_word_become_figures(text: str, normal: str) -> None:
    assert normalise(text) == normal


@pytest.mark.parametrize("text", ["一般一起", "一个手机", "一条街", "十四五", "统一", "三门峡", "万一", "六六顺"])
def test_other_numerals_stay(text: str) -> None:
    assert normalise(text) == text


def test_a_letter_o_in_a_number_is_a_zero() -> None:
    assert normalise("2O2O年") == "2020年"


def test_syllables_of_speech_vanish() -> None:
    assert normalise("呃请问一下智慧社区") == "智慧社区"


@given(plain_text)
def test_a_normalised_question_is_normal(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def test_every_sentence_of_the_knowledge_normalises_once_for_all(knowledge: Knowledge) -> None:
    texts = [f.question for f in knowledge.facts.values()] + [f.say for f in knowledge.facts.values()]
    texts += [name for s in knowledge.subjects.values() for name in (s.name, s.listed, *s.aliases)]
    assert [t for t in texts if normalise(normalise(t)) != normalise(t)] == []


@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    normal = normalise(text)
    assert len(syllables(normal)) == len(normal)
    assert all(clauses(normal))
    squash(text)


@given(st.text(alphabet="零〇○一二三四五六七八九十百两年月日号个项条第到至和0123456789", max_size=12))
def test_no_row_of_numerals_makes_it_fail(text: str) -> None:
    normalise(text)


def test_a_very_long_text_is_normalised_in_time() -> None:
    assert len(normalise("智慧社区" * 250)) == 1000


@pytest.mark.parametrize(
    ("one", "other"),
    [("智慧成管", "智慧城管"), ("甘堂政务", "甘棠政务"), ("示犯市", "示范市"), ("缅池县", "渑池县"), ("采那", "采纳")],
)
def test_homophones_sound_the_same(one: str, other: str) -> None:
    assert syllables(one) == syllables(other)


@pytest.mark.parametrize(
    ("one", "other"), [("是", "四"), ("参", "餐"), ("中", "宗"), ("成", "陈"), ("京", "金"), ("放", "饭")]
)
def test_near_homophones_sound_the_same(one: str, other: str) -> None:
    assert syllable(one) == syllable(other)


@pytest.mark.parametrize(("one", "other"), [("城管", "交通"), ("棠", "堂主"), ("民", "名人")])
def test_other_sounds_differ(one: str, other: str) -> None:
    assert syllables(one) != syllables(other)


def test_what_is_no_chinese_character_sounds_as_it_is() -> None:
    assert syllables("5g是") == ["5", "g", "si"]


def test_clauses_are_the_parts_between_punctuation() -> None:
    assert clauses("智慧社区谁牵头?什么时候印发;谢谢") == ["智慧社区谁牵头", "什么时候印发", "谢谢"]


def test_a_particle_ends_a_clause_where_more_follows() -> None:
    assert clauses("采纳了吗那电话多少呢") == ["采纳了吗", "那电话多少呢"]


@given(plain_text)
def test_clauses_hold_nothing_but_the_text(text: str) -> None:
    normal = normalise(text)
    assert all(clause in normal for clause in clauses(normal))


def test_squash_folds_width_white_space_and_quotation_marks() -> None:
    assert squash("“ 各县（市、区）\n 政府”") == squash("各县(市、区)政府") == "各县(市、区)政府"


@given(plain_text)
def test_squash_is_idempotent(text: str) -> None:
    assert squash(squash(text)) == squash(text)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("七八月做了什么", "7-8月做了什么"),
        ("第三、第四条", "第3、第4条"),
        ("二十八月", "28月"),
        ("前三四个月", "前三4个月"),
    ],
)
def test_neighbouring_numerals_are_told_apart(text: str, normal: str) -> None:
    assert normalise(text) == normal
