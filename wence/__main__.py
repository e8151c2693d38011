"""`python -m wence` is `wence`."""

import sys

from wence.cli import main

sys.exit(main())
