from __future__ import annotations

import itertools
import json
import pathlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wence.evaluation.asking import NoAssistantError, Result, ask, over_rest
from wence.evaluation.cross_validation import deal, near_copies
from wence.evaluation.judge import MAX_QUOTE, Judge, Verdict, leads
from wence.evaluation.questions import Conversation, QuestionFileError, from_json, read
from wence.evaluation.report import Figures, Share, failing_row, tables
from wence.replies import MAX_TEXT, Status
from wence.settings import PROJECT

JUDGE = Judge("牵头单位:市民政局。时效:2023年底前。")
RIGHT = "智慧社区由市民政局牵头。"


def conversation(**changes: Any) -> Conversation:
    line = {
        "id": "q-1",
        "turns": ["智慧社区谁牵头"],
        "kind": "fact",
        "topic": "lead",
        "noise": "clean",
        "status": ["answered"],
        "all": ["市民政局"],
        "any": [],
        "none": [],
    }
    return from_json({**line, **changes})


def reply(text: str = RIGHT, status: str = "answered", quotes: tuple[str, ...] = ("牵头单位:市民政局",)) -> list[Any]:
    citations = [{"source": "interpretation", "section": "", "quote": quote} for quote in quotes]
    return [{"text": text}, {"custom": {"status": status, "facts": [], "citations": citations}}]


def reasons(messages: list[Any], **changes: Any) -> tuple[str, ...]:
    return JUDGE.judge(conversation(**changes), messages).reasons


def result(kind: str, status: str, accepted: str, passed: bool = True, text: str = RIGHT) -> Result:
    verdict = Verdict(() if passed else ("状态不对",), status, text)
    name = f"{kind}-{status}-{passed}-{text}"
    return Result(conversation(id=name, kind=kind, status=[accepted]), verdict, (0.01,))


def test_a_reply_that_holds_everything_is_right() -> None:
    assert reasons(reply()) == ()


def test_white_space_quotation_marks_and_width_do_not_count() -> None:
    assert reasons(reply(text="智慧社区由“市 民政局”牵头，２０２３年底前"), all=["市民政局", "2023年底前"]) == ()


def test_a_reply_without_what_is_needed_is_wrong() -> None:
    assert "市民政局" in reasons(reply(text="由市公安局牵头"))[0]


def test_one_of_each_group_is_enough() -> None:
    assert reasons(reply(), all=[], any=[["民政局", "民政"], ["牵头", "负责"]]) == ()


def test_a_group_without_any_of_its_words_is_missed() -> None:
    assert len(reasons(reply(), all=[], any=[["公安局", "公安"], ["牵头"]])) == 1


def test_an_empty_group_asks_for_nothing() -> None:
    assert reasons(reply(), all=[], any=[[]]) == ()


def test_what_must_not_be_said_is_found() -> None:
    assert len(reasons(reply(), none=["牵头"])) == 1


def test_another_status_than_those_accepted_is_wrong() -> None:
    assert len(reasons(reply(status="out_of_scope"))) == 1


def test_a_status_that_nobody_knows_is_wrong_twice() -> None:
    assert len(reasons(reply(status="fine"))) == 2


def test_a_reply_without_a_status_is_wrong() -> None:
    assert len(reasons([{"text": RIGHT}])) == 2


def test_two_messages_with_a_status_are_wrong() -> None:
    assert len(reasons([*reply(), *reply()])) == 1


def test_a_reply_without_text_is_wrong() -> None:
    assert "没有文字" in reasons(reply(text=""))


def test_a_reply_of_too_many_characters_is_wrong() -> None:
    longest = RIGHT + "长" * (MAX_TEXT - len(RIGHT))
    assert reasons(reply(text=longest)) == ()
    assert len(reasons(reply(text=f"{longest}长"))) == 1


def test_asking_back_where_that_is_accepted_needs_none_of_the_words() -> None:
    assert reasons(reply("哪一个?", "clarify", ()), status=["answered", "clarify"]) == ()


def test_asking_back_where_that_is_accepted_still_must_not_say_what_is_forbidden() -> None:
    assert len(reasons(reply("哪一个?", "clarify", ()), status=["clarify"], none=["哪一个"])) == 1


def test_an_answer_without_a_citation_is_wrong() -> None:
    assert reasons(reply(quotes=())) == ("回答没有出处",)


def test_a_refusal_needs_no_citation() -> None:
    assert reasons(reply("没有写", "not_in_source", ()), status=["not_in_source"], all=[]) == ()


def test_a_quote_that_no_source_holds_is_wrong() -> None:
    assert len(reasons(reply(quotes=("牵头单位:市公安局",)))) == 1


def test_an_empty_quote_is_wrong() -> None:
    assert len(reasons(reply(quotes=("",)))) == 1


def test_a_quote_of_too_many_characters_is_wrong() -> None:
    text = "引" * (MAX_QUOTE + 1)
    judge = Judge(text)
    assert judge.judge(conversation(), reply(quotes=(text[:-1],))).reasons == ()
    assert len(judge.judge(conversation(), reply(quotes=(text,))).reasons) == 1


def test_an_answer_leads_when_it_says_within_the_first_characters_what_was_asked() -> None:
    assert leads(conversation(), RIGHT)
    assert not leads(conversation(), "详" * 120 + RIGHT)


def test_a_request_that_fails_is_a_reply_that_fails() -> None:
    def say(_sender: str, _text: str) -> list[Any]:
        raise OSError("connection refused")

    assert ask(conversation(), say, JUDGE).verdict.status == "error"


def test_a_conversation_keeps_its_sender_and_only_its_last_reply_counts() -> None:
    senders = []

    def say(sender: str, text: str) -> list[Any]:
        senders.append(sender)
        return reply() if text == "二" else []

    assert ask(conversation(turns=["一", "二"]), say, JUDGE).passed
    assert len(senders) == 2
    assert len(set(senders)) == 1


def test_where_nobody_answers_that_is_said() -> None:
    with pytest.raises(NoAssistantError, match=r"127\.0\.0\.1:9"):
        over_rest("http://127.0.0.1:9")


def test_an_answer_that_should_have_been_a_refusal_counts_as_fabricated() -> None:
    results = [result("unknown", "answered", "not_in_source", passed=False), result("fact", "answered", "answered")]
    assert Figures.of(results).fabricated == 1


def test_something_else_and_not_stated_are_confused_in_both_directions() -> None:
    results = [
        result("oos", "not_in_source", "out_of_scope"),
        result("unknown", "out_of_scope", "not_in_source"),
        result("oos", "out_of_scope", "out_of_scope"),
        result("unknown", "answered", "not_in_source"),
        result("fact", "not_in_source", "answered"),
    ]
    assert Figures.of(results).confused == Share(2, 4)


def test_only_right_answers_can_be_direct() -> None:
    results = [
        result("fact", "answered", "answered"),
        result("fact", "answered", "answered", text="详" * 120 + RIGHT),
        result("fact", "answered", "answered", passed=False),
    ]
    assert Figures.of(results).direct == Share(1, 2)


def test_a_group_that_fails_once_gets_no_arrow_and_one_that_fails_twice_does() -> None:
    failed = result("fact", "clarify", "answered", passed=False)
    assert "←" not in tables([failed, result("fact", "answered", "answered")])
    assert "←" in tables([failed, result("fact", "not_in_source", "answered", passed=False)])


def test_a_failing_row_says_what_was_asked_wanted_and_got() -> None:
    row = failing_row(result("fact", "clarify", "answered", passed=False))
    assert (row["turns"], row["wanted"], row["got"]) == (["智慧社区谁牵头"], ["answered"], "clarify")


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"id": "x"}', json.dumps({"id": "x", "turns": [], "kind": "fact", "status": ["answered"]})],
)
def test_a_line_that_is_no_conversation_is_named(tmp_path: pathlib.Path, line: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(QuestionFileError, match=r"questions\.jsonl 第 2 行"):
        read([file])


def test_an_id_is_used_once(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "questions.jsonl"
    line = json.dumps({"id": "x", "turns": ["问"], "kind": "fact", "status": ["answered"]})
    file.write_text(f"{line}\n{line}\n", encoding="utf-8")
    with pytest.raises(QuestionFileError, match="第 2 行的 id x"):
        read([file])


def test_the_projects_own_questions_are_many_and_can_be_read() -> None:
    conversations = read(sorted((PROJECT / "tests" / "eval").glob("*.jsonl")))
    assert len(conversations) >= 300
    assert {Status.ANSWERED, Status.NOT_IN_SOURCE, Status.OUT_OF_SCOPE} <= {
        s for c in conversations for s in c.statuses
    }


def brute_force(texts: list[str]) -> list[set[int]]:
    """Join near copies by comparing each text with each."""
    pairs = [{text[i : i + 2] for i in range(len(text) - 1)} or {text} for text in texts]
    groups = [{index} for index in range(len(texts))]
    for one, other in itertools.combinations(range(len(texts)), 2):
        if len(pairs[one] & pairs[other]) / len(pairs[one] | pairs[other]) >= 0.7:
            joined = groups[one] | groups[other]
            for index in joined:
                groups[index] = joined
    return groups


@settings(deadline=None)
@given(st.lists(st.text("智慧社区谁", min_size=1, max_size=9), max_size=12))
def test_near_copies_are_found_as_by_comparing_each_with_each(texts: list[str]) -> None:
    numbers = near_copies(texts)
    assert [{i for i, n in enumerate(numbers) if n == number} for number in numbers] == brute_force(texts)


def test_texts_that_differ_in_one_letter_are_near_copies_and_others_are_not() -> None:
    one, copy, other = near_copies(
        ["智慧社区的牵头单位是哪个部门", "智慧社区的牵头单位是哪个部门呢", "方案什么时候到期"]
    )
    assert one == copy
    assert one != other


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from("ab")), max_size=40), st.integers(2, 5))
def test_a_group_stays_in_one_fold(examples: list[tuple[int, str]], folds: int) -> None:
    groups = [group for group, _ in examples]
    dealt = deal(groups, [facet for _, facet in examples], folds, seed=7)
    assert all(len({fold for fold, g in zip(dealt, groups, strict=True) if g == group}) == 1 for group in set(groups))


def test_each_facet_is_spread_over_all_folds() -> None:
    facets = ["lead_unit"] * 10 + ["greet"] * 10
    dealt = deal(list(range(20)), facets, 5, seed=7)
    for facet in set(facets):
        folds = [fold for fold, its in zip(dealt, facets, strict=True) if its == facet]
        assert sorted(folds) == sorted([*range(5)] * 2)
