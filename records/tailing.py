"""The tailer in a process of its own: ``python -m records.tailing``, told by lines of JSON on its standard input.

First ``{"journal": PATH, "url": URL, "keep_days": N}`` (the URL may hold a password, and the arguments of a process are
everybody's to read), then ``{"keep_days": N}`` whenever that changes. It says ``{"reached": SEQ, "problem": TEXT}`` on
its standard output when either has changed, and ``{"damage": TEXT}`` for a damaged journal. It ends when its standard
input does: with whoever started it, however that ends.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from typing import Any

from .tailer import Tailer

TELL_S = 0.1
"""Seconds between two looks at whether there is anything to tell."""
NICE = 5
"""Reports can wait; calls cannot."""


def main() -> None:
    """Follow the journal until the standard input ends."""
    for number in (signal.SIGINT, signal.SIGTERM):  # a terminal's Ctrl-C is for the line, which ends this in its turn
        signal.signal(number, signal.SIG_IGN)
    os.nice(NICE)
    told = json.loads(sys.stdin.readline())
    tailer = Tailer(told["journal"], told["url"], keep_days=told["keep_days"], on_damage=lambda why: say(damage=why))
    threading.Thread(target=_report, args=(tailer,), name="report", daemon=True).start()
    tailer.start()
    for line in sys.stdin:
        tailer.keep_days = json.loads(line)["keep_days"]
    tailer.stop()


def say(**what: Any) -> None:
    """One line to whoever started this."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _report(tailer: Tailer) -> None:
    known: tuple[int, str] | None = None
    while True:
        now = tailer.reached, tailer.problem
        if now != known:
            known = now
            say(reached=now[0], problem=now[1])
        time.sleep(TELL_S)


if __name__ == "__main__":
    main()
