"""Let go of what is kept when its time is over: at the start and once a day, by ``keep`` in site.yaml.

Old steps of the journal are the tailer's (``records/upkeep.py``), which alone knows what the reports have.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from records.damage import aside, remove_aside
from sites.keep import KeepSettings

log = logging.getLogger(__name__)

DAY_S = 86_400.0
AGAIN_S = 600.0
"""Seconds after a try that failed, the database being away."""


@dataclass(slots=True)
class Gone:
    """Counts of what went: numbers and calls of the records, files of messages and logs, damaged journals."""

    numbers: int = 0
    calls: int = 0
    messages: int = 0
    logs: int = 0
    journals: int = 0


class Keeping:
    """Applies the settings; ``told`` is for ``status``. ``run_dir`` is the line's, ``url`` its reporting database."""

    def __init__(self, run_dir: Path, url: str, settings: KeepSettings) -> None:
        self.settings = settings
        self._run_dir, self._url = run_dir, url
        self._last: datetime | None = None
        self._gone = Gone()
        self._problem = ""

    def told(self) -> dict[str, Any]:
        """JSON-ready: the settings, when they were last applied, what went then, and what stood in the way."""
        last = None if self._last is None else self._last.isoformat(timespec="seconds")
        return {**self.settings.model_dump(), "last": last, "gone": asdict(self._gone), "problem": self._problem}

    def apply(self, now: datetime | None = None) -> float:
        """Let go of what is over at ``now``; seconds until the next time. Never raises; may wait for the database."""
        from sqlalchemy.exc import SQLAlchemyError  # here: a line that takes its calls over has no time to load it

        now = now or datetime.now(UTC)
        gone, self._problem = Gone(), ""
        try:
            self._files(now, gone)
            self._records(now, gone)
        except (SQLAlchemyError, OSError) as error:
            self._problem = f"{type(error).__name__}: {error}".splitlines()[0]
            log.warning("what is over could not be let go of (%s): tried again in %d s", self._problem, AGAIN_S)
            return AGAIN_S
        self._last, self._gone = now, gone
        if any(asdict(gone).values()):
            log.info("let go of what is over: %s", ", ".join(f"{n} {what}" for what, n in asdict(gone).items() if n))
        return DAY_S

    def _files(self, now: datetime, gone: Gone) -> None:
        keep = self.settings
        for file in _older(self._run_dir / "messages", now, keep.messages_days):
            file.unlink(missing_ok=True)
            with suppress(OSError):
                file.parent.rmdir()
            gone.messages += 1
        for file in _older(self._run_dir / "log", now, keep.logs_days):
            file.unlink(missing_ok=True)
            gone.logs += 1
        for file in aside(self._run_dir / "journal.db"):
            if _is_older(file, now, keep.journal_days):
                remove_aside(file)
                gone.journals += 1

    def _records(self, now: datetime, gone: Gone) -> None:
        from records.database import opened, upgrade
        from records.numbers import forget, retire_numbers

        keep = self.settings
        with opened(self._url) as engine:
            upgrade(engine)
            gone.numbers = retire_numbers(engine, now - timedelta(days=keep.numbers_days))
            if keep.records_days is not None:
                gone.calls = forget(engine, now - timedelta(days=keep.records_days))


def _older(folder: Path, now: datetime, days: int) -> Iterator[Path]:
    return (file for file in list(folder.rglob("*")) if file.is_file() and _is_older(file, now, days))


def _is_older(file: Path, now: datetime, days: int) -> bool:
    with suppress(FileNotFoundError):
        return file.lstat().st_mtime < now.timestamp() - days * DAY_S
    return False
