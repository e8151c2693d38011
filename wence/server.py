"""Serves the assistant: `python -m wence.server <model> <endpoints> <credentials>`, started by wence.run.

The same server as `rasa run`, through Rasa's own `rasa.run`, with three differences:

- TensorFlow stays out when the model uses none of it (wence.without_tensorflow);
- what stock Rasa passes over in silence ends the start, with one line that says how to mend it: a model
  that does not load, a tracker store, lock store, event broker or channel that cannot be found;
- the garbage collector looks neither at what is being loaded nor, later, again and again at what was.
"""

from __future__ import annotations

import gc
import logging
import pathlib
import sys
import warnings
from asyncio import AbstractEventLoop
from typing import TYPE_CHECKING

from wence import preflight, settings, without_tensorflow
from wence.processes import REFUSED
from wence.quiet import silence_deprecations

if TYPE_CHECKING:
    from sanic import Sanic


LOGGERS_OF_A_FAILED_START = ("rasa.core.agent", "sanic.error")


def serve(model: pathlib.Path, endpoints: pathlib.Path, credentials: pathlib.Path) -> None:
    """Serve `model` until told to stop; raises StartError instead of starting."""
    wanted = settings.load()
    preflight.load_masker(wanted)
    if not without_tensorflow.names_tensorflow(preflight.check_model(model)):
        without_tensorflow.leave_out()
    # What an import makes stays: looking through it for garbage is a tenth of the start.
    gc.disable()
    silence_deprecations()

    import rasa
    from rasa.shared.exceptions import RasaException
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.io import configure_colored_logging
    from rasa.utils.log_utils import configure_structlog

    configure_logging_and_warnings()
    configure_colored_logging(wanted.log_level)
    configure_structlog()
    preflight.check_classes(endpoints, credentials)
    outcome = _Outcome(model)
    if wanted.log_level != "DEBUG":
        outcome.speak_alone()
    try:
        rasa.run(
            model=str(model),
            endpoints=str(endpoints),
            credentials=str(credentials),
            interface=wanted.host,
            port=wanted.port,
            enable_api=False,
            server_listeners=[(outcome.settle, "after_server_start")],
        )
    except RasaException as error:
        raise preflight.StartError(str(error).replace("\n", " ")) from error
    if outcome.failed:
        raise preflight.StartError(outcome.failed)


class _Outcome:
    """Whether the model was loaded, which Rasa's server would not tell."""

    def __init__(self, model: pathlib.Path) -> None:
        self._model = model
        self.failed = ""
        self._cause: BaseException | None = None

    def speak_alone(self) -> None:
        """Keep the tracebacks of a failed start out of the log: one line will say what they say."""
        for name in LOGGERS_OF_A_FAILED_START:
            logging.getLogger(name).addFilter(self._muted)
        warnings.filterwarnings("ignore", message="coroutine 'Loop.create_server'", category=RuntimeWarning)

    def _muted(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            self._cause = record.exc_info[1]
        return False

    async def settle(self, app: Sanic, _loop: AbstractEventLoop) -> None:
        """End the server when its model is not ready; else settle down to serve it."""
        if not app.ctx.agent.is_ready():
            self.failed = preflight.broken_model(self._model, self._cause)
            app.stop()
            return
        for name in LOGGERS_OF_A_FAILED_START:
            logging.getLogger(name).removeFilter(self._muted)
        gc.collect()
        gc.freeze()
        gc.enable()


if __name__ == "__main__":
    try:
        serve(*(pathlib.Path(argument) for argument in sys.argv[1:]))
    except (preflight.StartError, settings.SettingsError) as error:
        print(f"启动失败:{error}", file=sys.stderr)
        sys.exit(REFUSED)
