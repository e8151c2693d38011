"""Serves the assistant: `python -m wence.server <model> <endpoints> <credentials>`, started by wence.run.

The same server as `rasa run`, through Rasa's own `rasa.run`, with three differences:

- TensorFlow stays out when the model uses none of it (wence.without_tensorflow);
- what stock Rasa passes over in silence ends the start, with one line that says how to mend it: a model
  that does not load, a tracker store, lock store, event broker or channel that cannot be found;
- what was loaded is put out of the garbage collector's sight, which would look through it again and again.
"""

from __future__ import annotations

import gc
import os
import pathlib
import sys
import warnings
from asyncio import AbstractEventLoop
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import yaml

from wence import knowledge, settings, without_tensorflow
from wence.training import ModelError, check_model

if TYPE_CHECKING:
    from sanic import Sanic

BUILT_IN_STORES = {
    "tracker_store": ("InMemory", "sql", "mongod", "redis", "dynamo"),
    "lock_store": ("in_memory", "redis"),
    "event_broker": ("pika", "sql", "file", "kafka"),
}


class StartError(Exception):
    """Something that the assistant needs is not there; the message says what, and how to mend it."""


def serve(model: pathlib.Path, endpoints: pathlib.Path, credentials: pathlib.Path) -> None:
    """Serve `model` until told to stop; raises StartError, ModelError or KnowledgeError instead of starting."""
    wanted = settings.load()
    os.environ["CONTACT_PHONE"] = knowledge.load(wanted.knowledge).contact_phone
    if not without_tensorflow.names_tensorflow(check_model(model)):
        without_tensorflow.leave_out()
    # Rasa 3.6 warns about its own use of libraries, which nobody here can act on.
    warnings.filterwarnings("ignore", category=DeprecationWarning)

    import rasa
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.io import configure_colored_logging
    from rasa.utils.log_utils import configure_structlog

    configure_logging_and_warnings()
    configure_colored_logging(wanted.log_level)
    configure_structlog()
    check_classes(endpoints, credentials)
    outcome = _Outcome(model)
    rasa.run(
        model=str(model),
        endpoints=str(endpoints),
        credentials=str(credentials),
        interface=wanted.host,
        port=wanted.port,
        enable_api=False,
        server_listeners=[(outcome.settle, "after_server_start")],
    )
    if outcome.failed:
        raise ModelError(outcome.failed)


def check_classes(endpoints: pathlib.Path, credentials: pathlib.Path) -> None:
    """Import every class that the two files name; StartError for the first that cannot be."""
    from rasa.core.channels import BUILTIN_CHANNELS
    from rasa.shared.utils.common import class_from_module_path

    for file, field, name in _named_classes(endpoints, credentials, BUILTIN_CHANNELS):
        try:
            class_from_module_path(name)
        except (ImportError, AttributeError, ValueError) as error:
            raise StartError(f"{file} 的 {field} 写的是 {name},找不到它({error}):请检查拼写") from error


def _named_classes(
    endpoints: pathlib.Path, credentials: pathlib.Path, channels: dict[str, Any]
) -> Iterator[tuple[str, str, str]]:
    services = yaml.safe_load(endpoints.read_text(encoding="utf-8")) or {}
    for field, built_in in BUILT_IN_STORES.items():
        name = (services.get(field) or {}).get("type")
        if name and name not in built_in:
            yield "endpoints.yml", field, name
    for name in yaml.safe_load(credentials.read_text(encoding="utf-8")) or {}:
        if name not in channels:
            yield "credentials.yml", "渠道", name


class _Outcome:
    """Whether the model was loaded, which Rasa's server would not tell."""

    def __init__(self, model: pathlib.Path) -> None:
        self._model = model
        self.failed = ""

    async def settle(self, app: Sanic, _loop: AbstractEventLoop) -> None:
        """End the server when its model is not ready; else settle down to serve it."""
        if not app.ctx.agent.is_ready():
            self.failed = f"模型文件 {self._model} 不能载入:请删除它再启动,会自动重新训练"
            app.stop()
            return
        gc.collect()
        gc.freeze()


if __name__ == "__main__":
    try:
        serve(*(pathlib.Path(argument) for argument in sys.argv[1:]))
    except (StartError, ModelError, knowledge.KnowledgeError, settings.SettingsError) as error:
        print(f"启动失败:{error}", file=sys.stderr)
        sys.exit(2)
