"""Everything that can be asked of the desk, and who may: the one table of routes."""

from __future__ import annotations

from wence.desk import audit_pages, entrance, files, missed_pages, people_pages
from wence.desk.people import Who
from wence.desk.route import Route

ROUTES = (
    Route.get("/", missed_pages.show, Who.REVIEWER, "答漏"),
    Route.get("/people", people_pages.show, Who.ADMIN, "人员"),
    Route.post("/people", people_pages.add, Who.ADMIN),
    Route.post("/people/{user:int}/role", people_pages.set_role, Who.ADMIN),
    Route.post("/people/{user:int}/active", people_pages.set_active, Who.ADMIN),
    Route.post("/people/{user:int}/link", people_pages.reset, Who.ADMIN),
    Route.post("/people/{user:int}/unlock", people_pages.unlock, Who.ADMIN),
    Route.get("/audit", audit_pages.show, Who.ADMIN, "操作记录"),
    Route.get("/account", entrance.show_account, Who.REVIEWER),
    Route.post("/account/password", entrance.change_password, Who.REVIEWER),
    Route.post("/account/elsewhere", entrance.log_out_elsewhere, Who.REVIEWER),
    Route.get("/login", entrance.ask, Who.PUBLIC),
    Route.post("/login", entrance.log_in, Who.PUBLIC),
    Route.post("/logout", entrance.log_out, Who.REVIEWER),
    Route.get("/link/{token}", entrance.show_link, Who.PUBLIC),
    Route.post("/link/{token}", entrance.use_link, Who.PUBLIC),
    Route.get("/static/{name}", files.static, Who.PUBLIC, counts_as_use=False),
)
