"""Rasa's own command line in the environment of this project: `python -m wence.rasa_command data validate`.

What `rasa` does, with the environment of the served assistant and without TensorFlow, which takes half the time.
"""

from __future__ import annotations

import os

from wence import settings, without_tensorflow
from wence.quiet import silence_deprecations

if __name__ == "__main__":
    # Rasa shows its progress bars when its log level is INFO, and they are for a terminal.
    level = "INFO" if os.isatty(1) else "WARNING"
    os.environ.update({**settings.QUIET_AND_SMALL, "LOG_LEVEL": level})
    without_tensorflow.leave_out()
    silence_deprecations()
    from rasa.__main__ import main

    main()
