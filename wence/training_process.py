"""Trains one model and ends: `python -m wence.training_process [<examples.yml> …] <model.tar.gz>`, by wence.training.

Rasa's cache of trained components is off: it does not see a changed knowledge behind an unchanged
configuration, and writing it costs more than it saves.
"""

from __future__ import annotations

import logging
import os
import pathlib
import sys
import tempfile
from collections.abc import Sequence

from wence import preflight, settings, without_tensorflow
from wence.processes import REFUSED
from wence.quiet import silence_deprecations
from wence.training import DATA_FOLDER

CACHE_OFF = {"RASA_MAX_CACHE_SIZE": "0"}


def train(target: pathlib.Path, examples: Sequence[str] = ()) -> int:
    """Train the model of this project, with further files of examples, into `target`; returns the exit code."""
    try:
        preflight.load_knowledge(settings.load())
    except preflight.StartError as error:
        print(error)
        return REFUSED
    config = settings.PROJECT / "config.yml"
    if not without_tensorflow.names_tensorflow(config.read_text(encoding="utf-8")):
        without_tensorflow.leave_out()
    os.environ.update(CACHE_OFF)
    silence_deprecations()

    import rasa.model_training
    from rasa.shared.exceptions import RasaException
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    from wence import rasa_patch

    rasa_patch.install_for_training()
    configure_logging_and_warnings()
    configure_structlog()
    logging.getLogger("rasa.engine.training.hooks").setLevel(logging.INFO)  # which component it is at
    with tempfile.TemporaryDirectory() as cache:
        os.environ["RASA_CACHE_DIRECTORY"] = cache
        try:
            result = rasa.model_training.train(
                domain=str(settings.PROJECT / "domain.yml"),
                config=str(config),
                training_files=[str(settings.PROJECT / DATA_FOLDER), *examples],
                output=str(target.parent),
                fixed_model_name=target.name,
                force_training=True,
            )
        except RasaException as error:
            print(f"{type(error).__name__}: {error}".replace("\n", " "))
            return 1
    return int(result.code)


if __name__ == "__main__":
    sys.exit(train(pathlib.Path(sys.argv[-1]), sys.argv[1:-1]))
