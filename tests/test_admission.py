import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from wence.channels.admission import Refusal, admit
from wence.replies import COMMAND, EMPTY, MAX_CHARACTERS, NO_WORDS, TOO_LONG

UNSEEN = st.text(st.sampled_from(" \t\n\r\u3000\u00a0\u200b\u200d\u2060\ufeff\u202e\x00\x07\u3164\ufe0f\U000e0061"))
COMMANDS = ["/restart", "/ask_goal{bad", "@0.1", "/", "@", "／restart", "＠0.1", "/session_start", "/back"]


def refusal(raw: str) -> str:
    with pytest.raises(Refusal) as caught:
        admit(raw)
    return str(caught.value)


@pytest.mark.parametrize("raw", ["", " ", "\u3000\t\r\n", "\u200b\ufeff", "\x00\x01\x1b", "\ud800", "\u3164"])
def test_a_message_with_nothing_to_see_is_refused_as_empty(raw: str) -> None:
    assert refusal(raw) == EMPTY


@pytest.mark.parametrize(
    "raw",
    ["？", "……！！", "😀😀", "👨‍👩‍👧", "1️⃣", "🇨🇳", "---", "~~~", "(*^_^*)", "<b></b>", "<img src=x onerror=alert(1)>",
     "<script>alert(1)</script>", "<!-- 你好 -->", "&nbsp;&#123;", "<br/>？", "々", "\u0301"],
)  # fmt: skip
def test_a_message_of_symbols_only_is_refused(raw: str) -> None:
    assert refusal(raw) in (NO_WORDS, EMPTY)


@given(UNSEEN, st.sampled_from(COMMANDS), st.text(max_size=20))
def test_a_command_is_refused_whatever_is_hidden_before_it(before: str, command: str, after: str) -> None:
    assert refusal(before + command + after) == COMMAND


@pytest.mark.parametrize("raw", ["<b>/restart</b>", "<!-- -->@0.1", "<p> /ask_goal{bad</p>"])
def test_a_command_is_refused_behind_markup(raw: str) -> None:
    assert refusal(raw) == COMMAND


def test_as_many_characters_as_allowed_pass_and_one_more_does_not() -> None:
    assert admit("问" * MAX_CHARACTERS) == "问" * MAX_CHARACTERS
    assert refusal("问" * (MAX_CHARACTERS + 1)) == TOO_LONG


def test_white_space_around_a_question_does_not_make_it_too_long() -> None:
    assert admit("\n" * 1000 + "谁牵头？" + " " * 1000) == "谁牵头？"


def test_two_million_characters_are_refused_by_their_number_alone() -> None:
    assert refusal("<" * 2_000_000) == TOO_LONG


@pytest.mark.parametrize(
    "raw",
    ["智慧社区归谁管?", "29", "5G", "ok", "12345/", "我想问 @ 是什么", "第①项", "a<b 是什么意思", "如果<3个月>怎么办"],
)
def test_a_question_passes_as_it_is(raw: str) -> None:
    assert admit(raw) == raw


def test_markup_is_taken_off_a_question() -> None:
    assert admit("<p>智慧社区<br>归谁管</p>") == "智慧社区 归谁管"


def test_control_characters_and_half_characters_are_not_handed_on() -> None:
    assert admit("智慧\x00社区\ud83d归谁\r\n管") == "智慧 社区归谁  管"


@given(st.text(max_size=400) | st.text(st.sampled_from("</b>! -@/&#;1问\u200b\ud800"), max_size=60))
def test_what_passes_can_be_stored_and_read_and_is_never_executed(raw: str) -> None:
    try:
        text = admit(raw)
    except Refusal:
        return
    assert 0 < len(text) <= MAX_CHARACTERS
    assert text.encode("utf-8")
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in text)
    assert not text.startswith(("/", "@"))
    message = Message({TEXT: text})
    assert YAMLStoryReader.unpack_regex_message(message) is message
