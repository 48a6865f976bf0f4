"""The journal in real processes: killed in mid-stream, on a disk that takes no more, read while it is written."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from records import Journal, Reader
from records.upkeep import checkpoint_wal

pytestmark = pytest.mark.services

ROOT = Path(__file__).resolve().parents[2]

# Says each number only after `append` returned; dies by SIGKILL somewhere in the middle.
WRITER = """
import sys
from records import Journal
from calls.facts import LinkChanged
journal = Journal(sys.argv[1])
for n in range(journal.last_seq + 1, 10**9):
    journal.append(float(n), None, [LinkChanged(True, str(n))])
    if n % 500 == 0:
        journal.checkpoint(float(n), b"x" * 20_000, str(n))
    sys.stdout.write(f"{n}\\n")
    sys.stdout.flush()
"""

# Files may not grow beyond a limit: a real write error from the system, then room again. The limit is below what the
# file already holds, so that bringing the WAL in (which reopening does) makes no room either.
FULL = """
import resource, sys
from records import Journal
from calls.facts import LinkChanged
told = []
journal = Journal(sys.argv[1], on_trouble=told.append, buffer_rows=100)
def step(now):
    journal.append(now, None, [LinkChanged(True, "x" * 1000)])
for n in range(50):
    step(1.0)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 15, resource.RLIM_INFINITY))
while journal.health.ok:
    step(1.0)
written = journal.last_seq
for n in range(150):
    step(2.0 + n / 10)
assert not journal.health.ok and journal.health.buffered == 100 and journal.health.dropped == 51, journal.health
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
step(30.0)
assert journal.health.ok and [h.ok for h in told] == [False, True], told
assert journal.last_seq == written + 101, (journal.last_seq, written)
print(written, told[0].reason)
journal.close()
"""


def start(script: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, str(path)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_kill_nine_loses_nothing(tmp_path: Path) -> None:
    path, reached = tmp_path / "steps.db", 0
    for more in (300, 1200):
        writer = start(WRITER, path)
        assert writer.stdout is not None and writer.stderr is not None
        with writer, writer.stdout, writer.stderr:
            while reached < more:
                reached = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            said = [int(line) for line in writer.stdout if line.endswith("\n")]
        reached = max([reached, *said])
        with Reader(path) as reader:
            steps = reader.read(0, 10**9)
        assert [s.seq for s in steps] == list(range(1, len(steps) + 1)) and len(steps) >= reached
        assert all(s.now == s.seq for s in steps)
    with Journal(path) as journal:
        restored = journal.restore()
        assert restored.complete and restored.last_now == len(steps)
        assert len(list(restored.steps)) == len(steps) - int(restored.checkpoint_version)


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    path = tmp_path / "steps.db"
    with start(FULL, path) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    written = int(out.split()[0])
    with Reader(path) as reader:
        steps = reader.read(0, 10**6)
    (at,) = (n for n, s in enumerate(steps) if s.gap)
    gap = steps[at].gap
    assert gap is not None and (at, gap.rows) == (written, 52)


def test_read_and_checkpointed_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "steps.db"
    with Journal(path) as journal:
        done = threading.Event()

        def upkeep() -> None:
            while not done.is_set():
                with suppress(sqlite3.OperationalError):  # busy: the next round brings it in, as in the tailer
                    checkpoint_wal(path, threshold=1 << 18, limit=1 << 20)

        thread = threading.Thread(target=upkeep)
        thread.start()
        try:
            with Reader(path) as reader:
                seen = 0
                for n in range(5000):
                    journal.append(float(n), None, [])
                    if n % 100 == 0:
                        seen += len(reader.rows(seen, 10**6))
                seen += len(reader.rows(seen, 10**6))
        finally:
            done.set()
            thread.join()
        assert journal.health.ok and seen == journal.last_seq == 5000
        assert path.stat().st_size > 4096
