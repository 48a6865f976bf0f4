"""Runs files of tests side by side, a pytest for each, the longest first: they mostly wait for phones and clocks.

    side_by_side.py WORKERS REPORTS FILE... [-- ARGUMENTS OF PYTEST]

REPORTS gets one JUnit report a file, live-<name>.xml, and how long each took orders the next run; a file that has not
run yet counts by its size. A file that passed is one line; what the others said stands at the end. Exit status 1 where
one failed.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

TOGETHER = ("test_demo", "test_load", "test_phones")
"""pyVoIP's ports for sound are fixed: these run one after the other, as one."""
BYTES_A_SECOND = 100
"""Of a file's tests, for one that has not run yet."""
NO_TESTS = 5
"""pytest's exit status where all tests of a file are left out."""


@dataclass
class Runner:
    reports: Path
    arguments: list[str]
    running: set[subprocess.Popen[str]] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)

    def run(self, files: list[Path]) -> None:
        name, begun = files[0].stem.removeprefix("test_"), time.monotonic()
        report = f"--junitxml={self.reports / f'live-{name}.xml'}"
        argv = [sys.executable, "-m", "pytest", "-q", report, *self.arguments, *map(str, files)]
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.running.add(process)
        said, _ = process.communicate()
        self.running.discard(process)
        *rows, last = said.rstrip().splitlines() or [""]
        print(f"--- {name}: {time.monotonic() - begun:.0f} s, {last}", flush=True)
        if process.returncode not in (0, NO_TESTS):
            self.failed.append("\n".join((f"--- {name} failed", *rows, last)))

    def stop(self) -> None:
        for process in list(self.running):
            process.terminate()


def units(files: list[Path], reports: Path) -> list[list[Path]]:
    """Files that run in one process each, or together where they must; the longest first."""
    together = [file for file in files if file.stem in TOGETHER]
    found = [[file] for file in files if file not in together] + ([together] if together else [])
    return sorted(found, key=lambda unit: -seconds(unit, reports))


def seconds(unit: list[Path], reports: Path) -> float:
    """How long it took, or most likely takes."""
    report = reports / f"live-{unit[0].stem.removeprefix('test_')}.xml"
    try:
        return sum(float(suite.get("time", 0)) for suite in ElementTree.parse(report).iter("testsuite"))
    except (OSError, ElementTree.ParseError):
        return sum(file.stat().st_size for file in unit) / BYTES_A_SECOND


def main(argv: list[str]) -> int:
    options = argv[argv.index("--") + 1 :] if "--" in argv else []
    workers, reports, *names = argv[: argv.index("--")] if "--" in argv else argv
    known = units(sorted(map(Path, names)), Path(reports))
    for old in Path(reports).glob("live-*.xml"):
        old.unlink()
    runner = Runner(Path(reports), options)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    pool = ThreadPoolExecutor(int(workers))
    try:
        list(pool.map(runner.run, known))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        runner.stop()
    print(*runner.failed, sep="\n")
    return 1 if runner.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
