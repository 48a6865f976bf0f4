"""What holds for all tests.

Generated examples are the same in each run: a build turns red by its change alone. `make prove` takes new ones.
Ctrl-C is as in a terminal: a build in the background is started to ignore it, and so would the programs under test.
"""

from __future__ import annotations

import os
import signal

from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.register_profile("new")
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
