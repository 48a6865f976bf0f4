"""What stands in packaging/: systemd takes the units, and the loop for hosts without it does what it says."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from configparser import RawConfigParser
from pathlib import Path

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
UNITS = PACKAGING / "systemd"


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """`verify` wants the program to be there: an empty one stands for it."""
    program = tmp_path / "line1555"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for unit in UNITS.iterdir():
        text = unit.read_text("utf-8").replace("/opt/line1555/bin/line1555", str(program))
        (tmp_path / unit.name).write_text(text)
    units = [str(tmp_path / unit.name) for unit in UNITS.iterdir()]
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False, timeout=60
    )
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


def service() -> dict[str, str]:
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(UNITS / "line1555.service")
    return dict(parser["Service"])


def test_asterisk_outlives_the_engine_and_the_engine_is_watched() -> None:
    unit = service()
    assert (unit["KillMode"], unit["OOMPolicy"]) == ("process", "continue")
    assert (unit["Type"], unit["WatchdogSec"], unit["Restart"]) == ("notify", "20", "on-failure")
    assert int(unit["LimitNOFILE"]) >= 16384


@contextlib.contextmanager
def loop(tmp_path: Path, program: str) -> Iterator[subprocess.Popen[bytes]]:
    """The loop around a Python program that notes each of its starts in ``starts``."""
    engine = tmp_path / "engine"
    starts = (
        f"from pathlib import Path\nhere = Path({str(tmp_path)!r})\n(here / 'starts').open('a').write('start\\n')\n"
    )
    engine.write_text(f"#!{sys.executable}\nimport signal, sys\n{starts}{program}\n")
    engine.chmod(0o755)
    argv = ["sh", str(PACKAGING / "line1555-loop.sh"), "up"]
    running = subprocess.Popen(
        argv,
        env={**os.environ, "LINE1555": str(engine)},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield running
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)  # the program as well
        running.wait()


def starts(tmp_path: Path) -> int:
    path = tmp_path / "starts"
    return len(path.read_text().splitlines()) if path.exists() else 0


@pytest.mark.services
def test_the_loop_starts_a_failed_engine_again(tmp_path: Path) -> None:
    with loop(tmp_path, "sys.exit(len((here / 'starts').read_text().split()) < 2)") as running:
        assert running.wait(20) == 0 and starts(tmp_path) == 2


WAITS = """
def told(number, _):
    (here / "told").write_text(str(number))
    sys.exit(0)
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, told)
(here / "ready").touch()
while True:
    signal.pause()
"""


@pytest.mark.services
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_the_loop_is_told_it_tells_the_engine(tmp_path: Path, number: signal.Signals) -> None:
    with loop(tmp_path, WAITS) as running:
        end = time.monotonic() + 20
        while not (tmp_path / "ready").exists():
            assert time.monotonic() < end, "not started"
            time.sleep(0.02)
        running.send_signal(number)
        assert running.wait(20) == 0
    assert starts(tmp_path) == 1 and (tmp_path / "told").read_text() == str(int(number))


def test_the_loop_is_plain_sh() -> None:
    assert shutil.which("sh")
    subprocess.run(["sh", "-n", str(PACKAGING / "line1555-loop.sh")], check=True)
