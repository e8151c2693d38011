"""What the citizen sees when something does not go well: nothing typed is lost, nothing is asked twice."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import NewContext, Open
from tests.browser.stub import PHONE, Fault, Stub, answer


def test_a_failed_question_is_sent_again_with_the_same_id(stub: Stub, visit: Open) -> None:
    stub.faults.append(Fault(500))
    chat = visit(stub.url).open()
    chat.write("智慧社区由谁牵头？")
    expect(chat.trouble).to_contain_text("没有发出去")
    expect(chat.panel.locator(".question")).to_have_text("您问：智慧社区由谁牵头？")
    chat.button("重新发送").click()
    expect(chat.answer).to_contain_text("市民政局")
    assert len(stub.asked) == 2
    assert len(set(stub.asked)) == 1


def test_a_reply_that_got_lost_is_fetched_without_a_second_turn(stub: Stub, visit: Open) -> None:
    stub.faults.append(Fault(lost=True))
    chat = visit(stub.url).open()
    chat.write("智慧社区由谁牵头？")
    chat.button("重新发送").click()
    expect(chat.answer).to_contain_text("市民政局")
    assert len(stub.turns) == 1


def test_a_failed_question_comes_back_to_be_changed(stub: Stub, visit: Open) -> None:
    stub.faults.append(Fault(500))
    chat = visit(stub.url).open()
    chat.write("智慧社区由谁牵头？")
    chat.button("取回修改").click()
    expect(chat.input).to_have_value("智慧社区由谁牵头？")
    expect(chat.input).to_be_focused()
    expect(chat.trouble).to_have_count(0)


def test_what_is_being_written_survives_a_failure_and_a_reload(stub: Stub, visit: Open) -> None:
    stub.faults += [Fault(500)]
    chat = visit(stub.url).open()
    chat.write("第一个问题")
    chat.input.fill("还没有写完")
    expect(chat.trouble).to_be_visible()
    chat.page.reload()
    chat.open()
    expect(chat.input).to_have_value("还没有写完")
    expect(chat.trouble).to_contain_text("没有发出去")
    chat.button("重新发送").click()
    expect(chat.answer).to_be_visible()
    assert len(set(stub.asked)) == 1


def test_a_question_under_way_at_a_reload_is_answered_once(stub: Stub, visit: Open) -> None:
    stub.faults.append(Fault(seconds=1.0))
    chat = visit(stub.url).open()
    chat.write("智慧社区由谁牵头？")
    expect(chat.panel.locator(".searching")).to_contain_text("正在查找")
    chat.page.reload()
    chat.open()
    expect(chat.answer).to_contain_text("市民政局")
    expect(chat.answers).to_have_count(1)
    assert len(stub.turns) == 1


def test_an_unavailable_answer_is_a_failure_with_somebody_to_call(stub: Stub, visit: Open) -> None:
    good = stub.answer
    stub.answer = answer(f"现在答不上来，请稍后再问，或拨打{PHONE}。", status="unavailable")
    chat = visit(stub.url).open()
    chat.write("智慧社区由谁牵头？")
    expect(chat.trouble.get_by_role("link")).to_have_attribute("href", f"tel:{PHONE}")
    stub.turns.clear()
    stub.answer = good
    chat.button("重新发送").click()
    expect(chat.answer).to_contain_text("市民政局")
    assert len(set(stub.asked)) == 1


def test_an_expired_session_is_renewed_in_silence(stub: Stub, visit: Open) -> None:
    chat = visit(stub.url).open()
    chat.ask("第一个问题")
    stub.expired.add("token1")
    chat.ask("第二个问题")
    assert stub.sessions == 2
    expect(chat.trouble).to_have_count(0)


def test_too_many_questions_wait_and_go_by_themselves(stub: Stub, visit: Open) -> None:
    stub.faults.append(Fault(429, retry_after=2, code="too_many"))
    chat = visit(stub.url).open()
    chat.write("智慧社区由谁牵头？")
    expect(chat.trouble).to_contain_text("请稍等 2 秒")
    expect(chat.answer).to_contain_text("市民政局")
    assert len(set(stub.asked)) == 1


def test_an_id_that_was_used_already_is_replaced(stub: Stub, visit: Open) -> None:
    stub.faults.append(Fault(409, code="message_id_reused"))
    chat = visit(stub.url).open()
    chat.ask("智慧社区由谁牵头？")
    assert len(set(stub.asked)) == 2


def test_offline_is_said_and_the_question_goes_out_when_back(stub: Stub, visit: Open) -> None:
    chat = visit(stub.url).open()
    chat.page.context.set_offline(True)
    expect(chat.panel.locator(".banner")).to_contain_text("网络断开了")
    chat.write("智慧社区由谁牵头？")
    expect(chat.trouble).to_contain_text("联网后自动发出")
    chat.page.context.set_offline(False)
    expect(chat.answer).to_contain_text("市民政局")
    expect(chat.panel.locator(".banner")).to_have_count(0)
    assert len(stub.turns) == 1


def test_opened_without_a_network_it_says_so_and_comes_back(stub: Stub, visit: Open) -> None:
    chat = visit(stub.url)
    chat.page.context.set_offline(True)
    chat.launcher.click()
    expect(chat.trouble).to_contain_text("连不上问策服务")
    chat.page.context.set_offline(False)
    expect(chat.panel.locator(".welcome")).to_contain_text("隐私说明")


def test_a_double_click_sends_once(stub: Stub, visit: Open) -> None:
    chat = visit(stub.url).open()
    chat.input.fill("智慧社区由谁牵头？")
    chat.button("发送").dblclick()
    expect(chat.answers).to_have_count(1)
    chat.button("试点目标是什么？").dblclick()
    expect(chat.answers).to_have_count(2)
    chat.page.wait_for_timeout(300)
    assert len(stub.asked) == 2


def test_a_second_question_waits_for_the_first_and_stays_written(stub: Stub, visit: Open) -> None:
    stub.faults.append(Fault(seconds=0.7))
    chat = visit(stub.url).open()
    chat.write("第一个问题")
    chat.write("第二个问题")
    expect(chat.input).to_have_value("第二个问题")
    expect(chat.answers).to_have_count(1)
    assert len(stub.asked) == 1


def test_a_long_question_is_counted_and_not_sent(stub: Stub, visit: Open) -> None:
    chat = visit(stub.url).open()
    count = chat.panel.locator(".count")
    chat.input.fill("字" * 249)
    expect(count).to_be_empty()
    chat.input.fill("字" * 290)
    expect(count).to_have_text("还可以写 10 个字")
    chat.write("𠮷" * 302)
    expect(count).to_contain_text("超出 2 个字")
    expect(chat.button("发送")).to_have_attribute("aria-disabled", "true")
    assert stub.asked == []


def test_composing_with_an_input_method_sends_nothing(stub: Stub, visit: Open) -> None:
    chat = visit(stub.url).open()
    chat.input.fill("zhihui")
    chat.input.dispatch_event("keydown", {"key": "Enter", "keyCode": 229, "bubbles": True})
    chat.input.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    chat.page.wait_for_timeout(200)
    assert stub.asked == []


def test_without_storage_it_works_and_remembers_nothing(stub: Stub, new_context: NewContext, visit: Open) -> None:
    context = new_context()
    context.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, {get() { throw new Error('blocked') }})"
    )
    chat = visit(stub.url, context.new_page()).open()
    chat.ask("智慧社区由谁牵头？")
    chat.ask("试点目标是什么？")
    assert stub.sessions == 1


def test_long_lists_fold(stub: Stub, visit: Open) -> None:
    units = "、".join(f"第{number}个单位" for number in range(1, 60))
    buttons = [{"title": f"第{number}个问题", "payload": f"问{number}"} for number in range(1, 10)]
    stub.answer = answer(f"征求了这些单位的意见：{units}。", buttons=buttons)
    chat = visit(stub.url).open()
    chat.ask("征求了谁的意见？")
    expect(chat.answer).not_to_contain_text("第59个单位")
    chat.button("展开全文").click()
    expect(chat.answer).to_contain_text("第59个单位")
    expect(chat.button("第9个问题")).to_have_count(0)
    chat.button("还有 5 个").click()
    expect(chat.button("第9个问题")).to_be_visible()


def test_the_masked_question_is_what_stays(stub: Stub, visit: Open) -> None:
    chat = visit(stub.url).open()
    stub.answer = {**answer("好的。"), "message": "我的电话是[手机号]"}
    chat.ask("我的电话是13800000000")
    expect(chat.panel.locator(".question")).to_have_text(re.compile("手机号"))


def test_nothing_is_asked_of_the_server_before_it_is_opened(stub: Stub, new_context: NewContext, visit: Open) -> None:
    page = new_context().new_page()
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url))
    chat = visit(stub.url, page)
    expect(chat.launcher).to_be_visible()
    assert [url for url in calls if "/webhooks/" in url] == []
    assert {url.split("/")[2] for url in calls} == {stub.url.split("/")[2]}
    chat.open()
    assert stub.sessions == 0


def test_an_answer_that_could_not_be_recorded_stays_in_sight(stub: Stub, visit: Open) -> None:
    chat = visit(stub.url).open()
    stub.answer["sequence"] = None
    chat.ask("智慧社区由谁牵头？")
    stub.turns.clear()
    chat.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    chat.page.wait_for_timeout(300)
    expect(chat.answers).to_have_count(1)


def test_deleting_waits_for_the_question_under_way(stub: Stub, visit: Open) -> None:
    stub.faults.append(Fault(seconds=0.8))
    chat = visit(stub.url).open()
    chat.write("智慧社区由谁牵头？")
    chat.button("显示与更多").click()
    chat.button("删除对话").click()
    chat.button("确认删除").click()
    expect(chat.panel.locator(".forget")).to_contain_text("对话已删除")
    assert stub.turns == []
    expect(chat.panel.locator(".turn")).to_have_count(0)


def test_feedback_that_did_not_arrive_is_said(stub: Stub, visit: Open) -> None:
    chat = visit(stub.url).open()
    chat.ask("智慧社区由谁牵头？")
    chat.page.context.set_offline(True)
    chat.button("有帮助").click()
    expect(chat.answer).to_contain_text("没有记下")
    expect(chat.button("有帮助")).to_have_attribute("aria-pressed", "false")
