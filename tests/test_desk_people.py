"""The desk's people: how they get in, what they may, and what is written down about it."""

from __future__ import annotations

import pathlib

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from starlette.routing import compile_path

from tests.desk import ADDRESS, PASSWORD, Browser, Clock, add_person, desk_at, first_link, signed_in
from wence.desk import attempts, audit, sessions
from wence.desk.people import Role, Who
from wence.desk.routes import ROUTES
from wence.desk.tables import audit as audit_table
from wence.desk.tables import sessions as sessions_table
from wence.desk.tables import users
from wence.desk.visit import Desk
from wence.misses.tables import transaction


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(tmp_path: pathlib.Path, clock: Clock) -> Desk:
    return desk_at(tmp_path, clock)


def _records(desk: Desk) -> list[tuple[str, str, str]]:
    with transaction(desk.engine) as connection:
        found, _ = audit.find(connection, audit.Search(), 0, 100)
    return [(record.who, record.action, record.subject) for record in found]


def test_the_first_admin_sets_the_desk_up_by_a_link_that_works_once(desk: Desk) -> None:
    link, browser = first_link(desk), Browser(desk)
    assert "第一位管理员" in browser.get(link).text
    made = browser.post(link, link, name="张应洲", password=PASSWORD, again=PASSWORD)
    assert (made.status_code, made.headers["location"]) == (303, "/")
    assert "人员" in browser.get("/").text
    assert "已经用过" in Browser(desk).get(link).text


def test_a_link_for_the_first_admin_is_not_valid_once_there_is_one(desk: Desk) -> None:
    link = first_link(desk)
    add_person(desk, "管理员", Role.ADMIN)
    assert Browser(desk).get(link).status_code == 400


def test_a_link_expires_after_a_day(desk: Desk, clock: Clock) -> None:
    link = first_link(desk)
    clock.now += 24 * 3600 + 1
    assert Browser(desk).get(link).status_code == 400


@pytest.mark.parametrize(
    ("password", "again", "told"),
    [
        ("短短短", "短短短", "太短"),
        ("一句自己记得住的话吧", "另一句自己记得住的话", "不一样"),
        ("password123", "password123", "太常见"),
        ("张应洲的密码是一二三", "张应洲的密码是一二三", "自己的名字"),
    ],
)
def test_a_password_that_will_not_do_is_refused_with_the_reason(
    desk: Desk, password: str, again: str, told: str
) -> None:
    link = first_link(desk)
    refused = Browser(desk).post(link, link, name="张应洲", password=password, again=again)
    assert refused.status_code == 400
    assert told in refused.text


def test_a_wrong_password_and_an_unknown_name_are_told_the_same(desk: Desk) -> None:
    add_person(desk, "李红")
    wrong = Browser(desk).log_in("李红", "不是这个密码不是这个")
    unknown = Browser(desk).log_in("李蓝", "不是这个密码不是这个")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert wrong.text.replace("李红", "").count("不对") == unknown.text.replace("李蓝", "").count("不对") == 1


def test_a_name_is_locked_after_five_failures_and_an_admin_unlocks_it(desk: Desk) -> None:
    admin, user = signed_in(desk, "管理员", Role.ADMIN), add_person(desk, "李红")
    browser = Browser(desk)
    for _ in range(attempts.MOST_FOR_NAME):
        browser.log_in("李红", "不是这个密码不是这个")
    assert browser.log_in("李红").status_code == 429
    assert "已锁定" in admin.get("/people").text
    assert admin.post(f"/people/{user}/unlock").status_code == 303
    assert browser.log_in("李红").status_code == 303


def test_a_lock_ends_by_itself(desk: Desk, clock: Clock) -> None:
    add_person(desk, "李红")
    browser = Browser(desk)
    for _ in range(attempts.MOST_FOR_NAME):
        browser.log_in("李红", "不是这个密码不是这个")
    clock.now += attempts.WINDOW_SECONDS + 1
    assert browser.log_in("李红").status_code == 303


def test_a_session_ends_when_it_is_not_used(desk: Desk, clock: Clock) -> None:
    browser = signed_in(desk, "李红")
    clock.now += sessions.IDLE_SECONDS + sessions.NOTED_EVERY_SECONDS
    left = browser.get("/account")
    assert (left.status_code, left.headers["location"]) == (303, "/login?next=/account")


def test_a_session_ends_after_twelve_hours_however_much_it_is_used(desk: Desk, clock: Clock) -> None:
    browser = signed_in(desk, "李红")
    for _ in range(int(sessions.LONGEST_SECONDS / 1200)):
        assert browser.get("/account").status_code == 200
        clock.now += 1200
    clock.now += 1
    assert browser.get("/account").status_code == 303


def test_the_database_holds_neither_a_cookie_nor_a_password(desk: Desk) -> None:
    browser = signed_in(desk, "李红")
    cookie = browser.client.cookies["wence-desk"]
    with transaction(desk.engine) as connection:
        rows = [*connection.execute(sa.select(sessions_table)), *connection.execute(sa.select(users))]
    assert cookie not in str(rows)
    assert PASSWORD not in str(rows)


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(desk: Desk) -> None:
    add_person(desk, "李红")
    said = Browser(desk).log_in("李红").headers["set-cookie"].lower()
    assert "httponly" in said
    assert "samesite=strict" in said


def test_logging_in_gives_another_cookie_than_the_form_had(desk: Desk) -> None:
    add_person(desk, "李红")
    browser = Browser(desk)
    browser.get("/login")
    before = browser.client.cookies["wence-desk"]
    browser.log_in("李红")
    assert browser.client.cookies["wence-desk"] != before


@pytest.mark.parametrize("address", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:1"])
def test_a_login_leads_to_no_other_site(desk: Desk, address: str) -> None:
    add_person(desk, "李红")
    browser = Browser(desk)
    gone = browser.post("/login", "/login", name="李红", password=PASSWORD, next=address)
    assert gone.headers["location"] == "/"


def test_somebody_disabled_is_out_at_once(desk: Desk) -> None:
    admin, browser = signed_in(desk, "管理员", Role.ADMIN), signed_in(desk, "李红")
    with transaction(desk.engine) as connection:
        user = connection.execute(sa.select(users.c.id).where(users.c.name == "李红")).scalar_one()
    admin.post(f"/people/{user}/active", active="no")
    assert browser.get("/account").status_code == 303
    assert Browser(desk).log_in("李红").status_code == 401


def test_the_last_admin_stays_one(desk: Desk) -> None:
    admin = signed_in(desk, "管理员", Role.ADMIN)
    for path, fields in (("/people/1/role", {"role": "reviewer"}), ("/people/1/active", {"active": "no"})):
        refused = admin.post(path, **fields)
        assert refused.status_code == 400
        assert "最后一位" in refused.text


def test_changing_the_password_needs_the_old_one_and_ends_other_logins(desk: Desk) -> None:
    browser, other = signed_in(desk, "李红"), Browser(desk)
    other.log_in("李红")
    new = "另一句自己记得住的话"
    wrong = browser.post("/account/password", old="不是这个密码不是这个", password=new, again=new)
    assert wrong.status_code == 400
    assert browser.post("/account/password", old=PASSWORD, password=new, again=new).status_code == 303
    assert browser.get("/account").status_code == 200
    assert other.get("/account").status_code == 303
    assert Browser(desk).log_in("李红", new).status_code == 303


def test_an_expired_session_shows_what_was_typed_but_no_password(desk: Desk, clock: Clock) -> None:
    admin = signed_in(desk, "管理员", Role.ADMIN)
    token = admin.csrf("/people")
    clock.now += sessions.IDLE_SECONDS * 2
    data = {"csrf": token, "name": "王五", "role": "reviewer", "password": "这是密码不能显示"}
    lost = admin.client.post("/people", data=data, headers={"Origin": ADDRESS})
    assert lost.status_code == 401
    assert "王五" in lost.text
    assert "这是密码不能显示" not in lost.text


def test_what_is_done_is_recorded_and_can_be_found(desk: Desk) -> None:
    admin = signed_in(desk, "管理员", Role.ADMIN)
    admin.post("/people", "/people", name="王五", role="reviewer")
    assert ("管理员", "添加人员", "王五") in _records(desk)
    page = admin.get("/audit?action=添加人员&words=王五").text
    assert "王五" in page
    assert "没有符合条件的记录" in admin.get("/audit?words=没有这样的").text


@pytest.mark.parametrize("change", [sa.delete(audit_table), sa.update(audit_table).values(who="别人")])
def test_the_database_refuses_to_change_what_was_recorded(desk: Desk, change: sa.sql.Executable) -> None:
    add_person(desk, "李红")
    with pytest.raises(SQLAlchemyError, match="only be added"), desk.engine.begin() as connection:
        connection.execute(change)
    assert _records(desk)


def test_what_people_type_is_shown_as_text(desk: Desk) -> None:
    shown = Browser(desk).log_in('"><script>alert(1)</script>', "x")
    assert "<script>alert" not in shown.text
    assert "&lt;script&gt;alert" in shown.text


def test_every_answer_forbids_what_is_inline_or_from_elsewhere(desk: Desk) -> None:
    for path in ("/login", "/nowhere", "/static/desk.css"):
        policy = Browser(desk).get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_another_host_name_is_refused(desk: Desk) -> None:
    assert Browser(desk).client.get("/login", headers={"Host": "evil.example"}).status_code == 400


def test_no_file_outside_the_static_ones_is_served(desk: Desk) -> None:
    browser = Browser(desk)
    assert browser.get("/static/desk.css").status_code == 200
    for path in ("/static/..%2fapp.py", "/static/app.py", "/static/htmx-LICENSE.txt", "/static/%2e%2e"):
        assert browser.get(path).status_code == 404


#: Who must be let in where; a route that is added without a line here fails.
RULES = {
    ("GET", "/"): Who.REVIEWER,
    ("GET", "/people"): Who.ADMIN,
    ("POST", "/people"): Who.ADMIN,
    ("POST", "/people/{user:int}/role"): Who.ADMIN,
    ("POST", "/people/{user:int}/active"): Who.ADMIN,
    ("POST", "/people/{user:int}/link"): Who.ADMIN,
    ("POST", "/people/{user:int}/unlock"): Who.ADMIN,
    ("GET", "/audit"): Who.ADMIN,
    ("GET", "/account"): Who.REVIEWER,
    ("POST", "/account/password"): Who.REVIEWER,
    ("POST", "/account/elsewhere"): Who.REVIEWER,
    ("GET", "/login"): Who.PUBLIC,
    ("POST", "/login"): Who.PUBLIC,
    ("POST", "/logout"): Who.REVIEWER,
    ("GET", "/link/{token}"): Who.PUBLIC,
    ("POST", "/link/{token}"): Who.PUBLIC,
    ("GET", "/static/{name}"): Who.PUBLIC,
}


def test_every_route_has_a_rule() -> None:
    assert {(route.method, route.path): route.who for route in ROUTES} == RULES


def _address(path: str) -> str:
    format_, converters = compile_path(path)[1:]
    return format_.format(**dict.fromkeys(converters, "1"))


@pytest.mark.parametrize(("method", "path"), [key for key, who in RULES.items() if who is not Who.PUBLIC])
def test_a_route_lets_in_only_those_whom_its_rule_names(desk: Desk, method: str, path: str) -> None:
    who, address = RULES[method, path], _address(path)
    nobody, reviewer, admin = Browser(desk), signed_in(desk, "李红"), signed_in(desk, "管理员", Role.ADMIN)

    def status(browser: Browser, page: str) -> int:
        if method == "GET":
            return int(browser.get(address).status_code)
        return int(browser.post(address, page).status_code)

    assert status(nobody, "/login") in (303, 401)
    assert (status(reviewer, "/account") == 403) == (who is Who.ADMIN)
    assert status(admin, "/account") not in (401, 403)


@pytest.mark.parametrize("path", [path for method, path in RULES if method == "POST"])
def test_a_change_needs_our_token_and_our_origin(desk: Desk, path: str) -> None:
    admin, address = signed_in(desk, "管理员", Role.ADMIN), _address(path)
    token, before = admin.csrf("/account"), _records(desk)
    for fields, origin in (
        ({}, ADDRESS),
        ({"csrf": "0" * 64}, ADDRESS),
        ({"csrf": token}, "https://evil.example"),
        ({"csrf": token}, "null"),
    ):
        refused = admin.client.post(address, data=fields, headers={"Origin": origin})
        assert refused.status_code == 403, (fields, origin)
    assert admin.client.post(address, data={"csrf": token}).status_code == 403
    assert _records(desk) == before
