"""The files that pages consist of: styles, scripts, nothing else."""

from __future__ import annotations

import mimetypes

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from wence.desk import pages

_FOR_GOOD = "public, max-age=31536000, immutable"


def static(request: Request) -> Response:
    """Return one of the files in static/; its address changes with its content, so a browser keeps it."""
    name = str(request.path_params["name"])
    path = pages.STATIC / name
    if path.parent != pages.STATIC or path.suffix not in (".css", ".js", ".svg") or not path.is_file():
        raise HTTPException(404)
    return FileResponse(path, media_type=mimetypes.guess_type(name)[0], headers={"Cache-Control": _FOR_GOOD})
