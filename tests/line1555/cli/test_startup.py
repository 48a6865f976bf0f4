"""Commands import what they need: counted in modules, which is the same on every machine; seconds are not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from line1555.cli.commands import COMMANDS

LIGHT, LINE, REPORTS, PLANNER = 620, 1050, 1150, 1450
BOUNDS = dict.fromkeys(COMMANDS, LINE) | {
    **dict.fromkeys(
        ("status", "follow", "backup", "restore", "call", "queue", "callback", "banner", "simulate"), LIGHT
    ),
    **dict.fromkeys(("report", "journey", "person"), REPORTS),
    **dict.fromkeys(("scenario", "staff", "replay", "load"), PLANNER),
}
"""Most modules that the help of each command may load: of the interpreter, of libraries, of ours."""
COUNT = """
import sys
from line1555.start import main
try:
    main()
except SystemExit:
    print("loaded", len(sys.modules))
"""
HEAVY = ("numpy", "scipy", "sqlalchemy", "yaml", "engine", "telephony", "sites")


def loaded(*argv: str, cwd: Path) -> int:
    done = subprocess.run([sys.executable, "-c", COUNT, *argv], cwd=cwd, capture_output=True, text=True, check=True)
    return int(done.stdout.rsplit("loaded", 1)[1])


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command(name: str, tmp_path: Path) -> None:
    assert loaded(name, "--help", cwd=tmp_path) <= BOUNDS[name]


@pytest.mark.parametrize("argv", [("--help",), ("--version",), ("status",)], ids=" ".join)
def test_what_is_asked_often(argv: tuple[str, ...], tmp_path: Path) -> None:
    """Under 0.4 s; a status that is answered loads the board besides."""
    assert loaded(*argv, cwd=tmp_path) <= 500


FIRST_LINE = f"""
import sys
from line1555.cli import options
from line1555.start import main

def told(text, **how):
    print("first line:", text)
    print("heavy:", [name for name in {HEAVY} if name in sys.modules], "loaded", len(sys.modules))
    sys.exit()

options.errors.print = told
main()
"""


def test_a_simulation_says_what_it_does_before_it_loads_what_computes(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FIRST_LINE, "simulate", "1555-week", "--runs", "3"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    line, heavy = done.stdout.splitlines()
    assert line == "first line: 1555-week: up to 3 replications, seed 1"
    assert heavy.startswith("heavy: []") and int(heavy.split()[-1]) <= LIGHT
