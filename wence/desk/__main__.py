"""Serves the review desk until told to stop: `python -m wence.desk`, started by wence.run."""

from __future__ import annotations

import logging
import sys

from wence import settings
from wence.desk.app import create
from wence.misses.errors import MissesError
from wence.processes import REFUSED

LOG_FORMAT = "%(asctime)s %(levelname)-8s %(name)s  - %(message)s"
END_SECONDS = 3


def serve() -> None:
    """Serve the desk of the settings; raises SettingsError, or MissesError when its database cannot be used."""
    import uvicorn

    wanted = settings.load()
    logging.basicConfig(level=wanted.log_level, format=LOG_FORMAT)
    uvicorn.run(
        create(wanted),
        host=wanted.desk_host,
        port=wanted.desk_port,
        log_config=None,
        # Not used; and what Rasa's Sanic wants of websockets is too old for uvicorn.
        ws="none",
        # Addresses hold what people search for.
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=END_SECONDS,
    )


if __name__ == "__main__":
    try:
        serve()
    except (settings.SettingsError, MissesError) as error:
        print(f"审核台启动失败:{error}", file=sys.stderr)
        sys.exit(REFUSED)
