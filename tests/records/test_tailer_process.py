"""The tailer as a process of its own: it may be killed, it ends with its line, and it tells how far it is."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from records import TailerProcess
from records.database import opened

from .stories import abandoned, journal_of, merged, served, stored

pytestmark = pytest.mark.services
STORY = merged(served(), abandoned(start=3.0), served("n1-7", start=200.0))
SECRET = "?password=hunter2"


def until(holds: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return journal_of(tmp_path / "journal.db", STORY)


@pytest.fixture
def tailer(journal: Path, tmp_path: Path) -> Iterator[TailerProcess]:
    made = TailerProcess(journal, f"sqlite:///{tmp_path / 'records.db'}", keep_days=14.0, again_s=(0.05, 0.2))
    made.start()
    yield made
    made.stop()


def ended(tmp_path: Path) -> set[object]:
    with opened(f"sqlite:///{tmp_path / 'records.db'}") as engine:
        return {row["id"] for row in stored(engine)["call"] if row["ended_at"]}


def test_it_follows_the_journal_and_says_how_far(tailer: TailerProcess, tmp_path: Path) -> None:
    until(lambda: tailer.lag().steps == 0)
    assert ended(tmp_path) == {"n1-1", "n1-2", "n1-7"} and tailer.problem == ""


def test_one_that_is_killed_is_started_again(tailer: TailerProcess, tmp_path: Path) -> None:
    until(lambda: tailer.lag().steps == 0)
    first = tailer.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    until(lambda: tailer.pid not in (None, first))
    until(lambda: tailer.problem == "" and tailer.lag().steps == 0)
    assert ended(tmp_path) == {"n1-1", "n1-2", "n1-7"}


def test_it_ends_with_its_line(tailer: TailerProcess) -> None:
    until(lambda: tailer.pid is not None)
    pid = tailer.pid
    assert pid is not None
    tailer.stop()
    assert is_gone(pid)


def test_the_address_of_the_database_is_nobodys_to_read(journal: Path, tmp_path: Path) -> None:
    made = TailerProcess(journal, f"sqlite:///{tmp_path / 'records.db'}{SECRET}", keep_days=14.0)
    made.start()
    try:
        until(lambda: made.pid is not None)
        for part in ("cmdline", "environ"):
            assert b"hunter2" not in Path(f"/proc/{made.pid}/{part}").read_bytes()
    finally:
        made.stop()


def test_a_database_that_is_away_is_told(journal: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    made = TailerProcess(journal, f"sqlite:///{tmp_path}/file/records.db", keep_days=14.0)
    made.start()
    try:
        until(lambda: made.problem)
        assert made.lag().steps == len(STORY)
    finally:
        made.stop()
