"""The tailer, started as a process of its own and watched: reports then cost the engine's process nothing.

It may die at any moment: it is started again, and goes on where the database says that it was.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from .lag import TailerLag, lag_of

log = logging.getLogger(__name__)

AGAIN_S = (1.0, 30.0)
"""The pause before it is started again: the first one, and the longest."""


class TailerProcess:
    """As ``Tailer``, whose work is done elsewhere. ``problem`` is empty while all is well."""

    def __init__(
        self,
        journal: Path,
        url: str,
        *,
        keep_days: float,
        on_damage: Callable[[str], None] | None = None,
        again_s: tuple[float, float] = AGAIN_S,
    ) -> None:
        self.problem = ""
        self._journal, self._url, self._keep_days = journal, url, keep_days
        self._on_damage = on_damage or (lambda _: None)
        self._again_s = again_s
        self._reached = 0
        self._child: subprocess.Popen[str] | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        """The process that does the work; None while there is none."""
        return self._child.pid if self._child is not None else None

    def start(self) -> None:
        """Begin to follow. Once per tailer."""
        self._thread = threading.Thread(target=self._watch, name="records-tailer", daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Let it finish the batch at hand and end, without waiting; what is left is done at the next start."""
        self._stopping.set()
        child = self._child
        if child is not None and child.stdin is not None:
            child.stdin.close()

    def stop(self, timeout_s: float = 10.0) -> None:
        """As ``leave``, and wait for its end."""
        self.leave()
        child = self._child
        if child is not None:
            try:
                child.wait(timeout_s)
            except subprocess.TimeoutExpired:
                child.kill()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def keep(self, days: float) -> None:
        """Prune steps that are older than so many days from now on."""
        if days != self._keep_days:
            self._keep_days = days
            self._tell({"keep_days": days})

    def lag(self) -> TailerLag:
        """From any thread; asks the journal, not the database."""
        return lag_of(self._journal, self._reached)

    # The thread that watches.

    def _watch(self) -> None:
        pause_s, longest = self._again_s
        while not self._stopping.is_set():
            self._run_once()
            if self._stopping.is_set():
                return
            self.problem = f"the process that fills the records ended: started again in {pause_s:g} s"
            log.error(self.problem)
            self._stopping.wait(pause_s)
            pause_s = min(2 * pause_s, longest)

    def _run_once(self) -> None:
        pipe = subprocess.PIPE
        argv = [sys.executable, "-P", "-m", "records.tailing"]  # -P: not what lies in the present folder
        with subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True) as child:
            self._child = child
            self._tell({"journal": str(self._journal), "url": self._url, "keep_days": self._keep_days})
            if child.stdout is not None:
                self._listen(child.stdout)
        self._child = None

    def _listen(self, said: IO[str]) -> None:
        for line in said:
            news = json.loads(line)
            if "damage" in news:
                self._on_damage(news["damage"])
            else:
                self._reached, self.problem = news["reached"], news["problem"]

    def _tell(self, what: dict[str, Any]) -> None:
        child = self._child
        if child is None or child.stdin is None:
            return
        try:
            child.stdin.write(json.dumps(what) + "\n")
            child.stdin.flush()
        except (OSError, ValueError):  # it has just ended: the next one is told all of it
            log.debug("the records' process does not listen")
