"""Serves the custom actions: `python -m wence.action_server`, started by wence.run.

The same server as `rasa_sdk`'s own, for the package `actions`, at this machine's own address only.
"""

from __future__ import annotations

import gc
import logging

from wence import settings
from wence.quiet import silence_deprecations


def serve() -> None:
    """Serve until told to stop."""
    wanted = settings.load()
    gc.disable()
    silence_deprecations()
    from rasa_sdk import utils
    from rasa_sdk.endpoint import create_app

    utils.configure_colored_logging(wanted.log_level)
    utils.update_sanic_log_level()
    logging.getLogger("rasa_sdk").setLevel(wanted.log_level)
    app = create_app("actions", cors_origins=None)
    gc.collect()
    gc.freeze()
    gc.enable()
    app.run(settings.ACTION_HOST, wanted.action_port)


if __name__ == "__main__":
    serve()
