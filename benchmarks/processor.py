"""What takes the processor in a load: shares of one core by the name of the program."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field

import psutil

NAMES = ("asterisk", "baresip", "sipp")
"""Programs told by name; other processes below ours are the line's, and ours are the load's own Python."""


@dataclass(slots=True)
class Shares:
    """Shares since the last look, of this process and of all below it: {"asterisk": 0.9} is 90 % of one core."""

    at: float = field(default_factory=time.monotonic)
    spent: dict[int, float] = field(default_factory=dict)

    def look(self) -> dict[str, float]:
        now, shares, spent = time.monotonic(), defaultdict[str, float](float), dict[int, float]()
        here = psutil.Process()
        for process in (here, *here.children(recursive=True)):
            try:
                times, name = process.cpu_times(), self._name(process, here)
            except psutil.Error:  # it has just ended
                continue
            spent[process.pid] = times.user + times.system
            shares[name] += spent[process.pid] - self.spent.get(process.pid, 0.0)
        took, self.at, self.spent = now - self.at, now, spent
        return {name: round(share / took, 2) for name, share in sorted(shares.items())}

    @staticmethod
    def _name(process: psutil.Process, here: psutil.Process) -> str:
        if process.pid == here.pid:
            return "load"
        words = " ".join(process.cmdline())
        return next((name for name in NAMES if name in words.split(" -C ")[0]), "line")
