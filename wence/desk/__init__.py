"""The review desk: where officials see what the assistant missed, and make it better.

A process of its own, `python -m wence.desk`, started by `wence run`; Starlette, Jinja2, htmx, SQLAlchemy Core.

    routes      the table of everything that can be asked, and who may
    guard       what stands before every handler: session, Origin, CSRF token, role
    pages       what a handler uses: `person`, `form`, `field`, `transaction`, `render`, `redirect`, `notice`, `paging`
    audit       `record(connection, who, action, subject, before, after)`, in the transaction of the change
    app         the application

A new page is a handler, a template in `templates/` that extends `base.html`, and a line in the table of routes:

    def show(request: Request) -> Response:
        with pages.transaction(request) as connection:
            rows = find(connection)
        return pages.render(request, "rows.html", title="…", rows=rows)

    Route.get("/rows", show, Who.REVIEWER, "…")          # with a title it stands in the navigation

A handler that changes something is a `Route.post`; its form holds `{{ csrf_field }}`; it ends with `redirect`, after
`notice`. `RefusedError` with a Chinese sentence becomes a page that says it.
"""
