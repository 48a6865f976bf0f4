"""For programs under libfaketime 0.9.10 with a real monotonic clock: their `time.sleep` fails (EINVAL).

It takes an absolute monotonic time for one of the faked wall clock. `select` sleeps by a duration.
"""

from __future__ import annotations

import select
import time
from typing import SupportsIndex


def _sleep(seconds: float | SupportsIndex) -> None:
    select.select((), (), (), float(seconds))


time.sleep = _sleep
