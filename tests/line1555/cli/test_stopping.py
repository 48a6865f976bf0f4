"""Ctrl-C in the middle of a simulation: it ends at once, workers included, and shows what it has."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from typer.testing import CliRunner

from line1555.cli.main import app
from simulator.run import runs
from simulator.run.figures import ReplicationFigures
from simulator.run.progress import STEPS
from tests.simulator.made_up import MadeUp
from tests.simulator.scenarios import PLAIN, SHORT, one_group, plan_of

LONG = PLAIN.replace("hours: 4", "hours: 600")


def test_a_bar_moves_within_a_replication(tmp_path: Path) -> None:
    plan, order, told = plan_of(tmp_path, SHORT), runs.RunRequest(2, 1), list[float]()
    with runs.workers(1) as here:
        runs.run(plan, order, here, 1, told.append)
    assert told == sorted(told) and told[-1] == 2
    assert len(set(told)) > STEPS and {0.5, 1.0, 1.5} <= {round(done, 2) for done in told}


@pytest.mark.timeout(120)
def test_it_moves_across_processes(tmp_path: Path) -> None:
    told = list[float]()
    with runs.workers(2) as there:
        runs.run(plan_of(tmp_path, LONG), runs.RunRequest(2, 1), there, 2, told.append)
    assert told == sorted(told) and told[-1] == 2 and any(done % 1 for done in told)


class Impatient(MadeUp):
    """Somebody presses Ctrl-C when the third replication is asked for."""

    def submit(self, function: Callable[..., ReplicationFigures], /, plan: object, seed: int, run: int) -> object:  # type: ignore[override]
        if run == 2:
            raise KeyboardInterrupt
        return super().submit(function, plan, seed, run)  # type: ignore[arg-type]


def test_a_key_is_not_lost_while_a_replication_is_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with runs.workers(2) as pool:
        assert isinstance(pool, runs._Processes)
        usual, begun = pool.pool.submit, list[str]()

        def pressed(function: Callable[..., object], *args: object) -> object:
            os.kill(os.getpid(), signal.SIGINT)
            done = usual(function, *args)
            begun.append("all of it")
            return done

        monkeypatch.setattr(pool.pool, "submit", pressed)
        with pytest.raises(KeyboardInterrupt):
            pool.submit(abs, -1)
        assert begun, "not in the middle"
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert not signal.pthread_sigmask(signal.SIG_BLOCK, ())
        assert usual(abs, -2).result(30) == 2


def test_what_is_done_is_kept(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, SHORT)
    with pytest.raises(runs.Stopped) as stopped:
        runs.run_all([plan, plan], runs.RunRequest(5, 1), Impatient(lambda seats, growth: 0.8), 1)
    (result,) = stopped.value.results
    assert result.stopped and len(result.runs) == 2


@pytest.mark.timeout(180)
def test_ctrl_c_ends_it_with_its_workers(tmp_path: Path) -> None:
    """In a terminal, so that the bar is seen; the key goes to all processes of the group, as a terminal sends it."""
    file = tmp_path / "long.yaml"
    file.write_text(dedent(LONG), "utf-8")
    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        "-c",
        "from line1555.cli.main import app; app()",
        "simulate",
        str(file),
        "--runs",
        "1000",
        "--jobs",
        "2",
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=theirs, start_new_session=True, cwd=Path(__file__).parents[3]
    ) as process:  # fmt: skip
        os.close(theirs)
        try:
            _until(ours, r"\b[2-9]/1000")
            pressed = time.monotonic()
            os.killpg(process.pid, signal.SIGINT)
            printed, _ = process.communicate(timeout=60)
            took_s = time.monotonic() - pressed
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)  # else it works on beside the tests that follow
            raise
    os.close(ours)
    assert process.returncode == 130
    assert b"STOPPED" in printed and b"service level" in printed
    until = time.monotonic() + 10
    while (left := _running(process.pid)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not left
    assert took_s < 20, "a second where nothing else runs; never the rest of a replication"


def _running(group: int) -> list[str]:
    """What runs in a group of processes, from /proc."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = file.read_text().rpartition(")")
        except OSError:
            continue
        state, _, its_group = rest.split()[:3]
        if int(its_group) == group and state != "Z":
            found.append(name)
    return found


def _until(terminal: int, wanted: str) -> None:
    seen = ""
    while not re.search(wanted, seen):
        seen += os.read(terminal, 4096).decode(errors="replace")


def test_nothing_to_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pressed(*_: object) -> None:
        raise KeyboardInterrupt

    file = tmp_path / "short.yaml"
    file.write_text(dedent(one_group(10, SHORT)), "utf-8")
    monkeypatch.setattr("simulator.run.runs.replicate", pressed)
    for command, said in (("simulate", "nothing to show"), ("staff", "--rounds 0")):
        result = CliRunner().invoke(app, [command, str(file), "--jobs", "1"], env={"COLUMNS": "200"})
        assert result.exit_code == 130 and said in result.stderr
