"""The suite passes on any day: the quick tests once more, at moments when dates and clocks are about to change.

Without the random walks and the benchmarks: what they run has no clock (ruff sees to that), and takes longest.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MOMENTS = {
    "the last minutes of a year": datetime(2026, 12, 31, 21, 58, tzinfo=UTC),
    "a leap day": datetime(2028, 2, 29, 21, 58, tzinfo=UTC),
    "the hour that comes twice, first": datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    "the hour that comes twice, again": datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    "the hour that is left out": datetime(2027, 3, 28, 0, 58, tzinfo=UTC),
}
FILE_TIMES = "not test_lock and not stale"
"""Tests that look at the times of files, which libfaketime changes."""


@pytest.mark.prove
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("moment", MOMENTS)
def test_the_quick_suite_passes(moment: str) -> None:
    env = {
        **os.environ,
        "TZ": "Europe/Athens",
        "FAKETIME_FMT": "%s",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # libfaketime and condition variables: who waits on one waits for ever
        "PYTHONPATH": str(ROOT / "tests/faked_clock"),
    }
    wanted = ["-q", "-p", "no:cacheprovider", "-m", "not live and not services and not prove", "-k", FILE_TIMES]
    wanted += [f"--ignore=tests/{folder}" for folder in ("properties", "benchmarks", "live")]
    at = f"@{int(MOMENTS[moment].timestamp())}"
    argv = ["faketime", "-f", at, sys.executable, "-m", "pytest", *wanted, "tests"]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True)
    print(f"{moment}: {done.stdout.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
