"""Bad scenarios through the command: file, line, key, found, expected; exit status 2; nothing on stdout."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest
from typer.testing import CliRunner

from line1555.cli.main import app
from tests.simulator.scenarios import PLAIN, SITE
from tests.simulator.test_scenario_check import COMPLAINTS, CSV, bad

runner = CliRunner()
SHIFT = 'from: "07:30", to: "15:30"'

NEGATIVE = bad(PLAIN, '"00:00": 80', '"00:00": -80')
FEWER_THAN_NONE = bad(SITE, "per_day: 6000", "per_day: -1")
UNSKILLED = bad(PLAIN, "k.sales: 5, k.help: 5", "k.sales: 5")
TALKS = "callers.talk_s.all.empirical"
FILE, COLUMN = f"scenario.yaml:17:30: {TALKS}.file", f"scenario.yaml:17:47: {TALKS}.column"
BAD: dict[str, tuple[str, str | None, str, str, str]] = {
    "a negative rate": (
        NEGATIVE, None, "scenario.yaml:14:24: demand.topics.sales.per_hour.00:00", "-80", "at least 0",
    ),
    "a negative demand": (FEWER_THAN_NONE, None, "scenario.yaml:7:3: demand.per_day", "-1", "more than 0"),
    "nobody is skilled": (
        UNSKILLED, None, "scenario.yaml:15:5: demand.topics.help", "a topic nobody is skilled for in 'el'",
        "somebody at work with k.help>=1",
    ),
    "a shift that ends after 24 h": (
        bad(SITE, SHIFT, 'from: "07:30", to: "31:30"'), None, "scenario.yaml:34:34: people.shifts.2.to", "'31:30'",
        'a time of day in quotes: "07:30"',
    ),
    "a shift told by its length": (
        bad(SITE, SHIFT, 'from: "07:30", to: "15:30", hours: 25'), None, "scenario.yaml:34:47: people.shifts.2.hours",
        "an unknown key", "one of count, days, from, to, breaks",
    ),
    "no CSV": (CSV, None, FILE, "talks.csv: No such file or directory", "a CSV file that can be read"),
    "an empty CSV": (CSV, "", FILE, "talks.csv: an empty file", "names of columns, and rows below them"),
    "a CSV without rows": (CSV, "talk_s\n", FILE, "talks.csv with 0 values", "at least 2 rows below the names"),
    "a CSV without the column": (
        CSV, "call,talk\n1,2\n", COLUMN, "no column 'talk_s' in talks.csv, which is separated by commas",
        "one of call, talk",
    ),
    "a CSV with a negative time": (
        CSV, "talk_s\n12\n-3\n", "talks.csv:3:1: talk_s", "'-3'", "seconds (143.5 or 143,5), or a duration",
    ),
    "an empty file": ("", None, "scenario.yaml:1:1: (file)", "an empty file", "settings"),
}  # fmt: skip


def refused(folder: Path, text: str, content: str | None, command: str) -> list[str]:
    """The lines that the command ends with."""
    file = folder / "scenario.yaml"
    file.write_text(dedent(text), encoding="utf-8")
    if content is not None:
        (folder / "talks.csv").write_text(content, encoding="utf-8")
    result = runner.invoke(app, [command, str(file)])
    assert result.exit_code == 2 and result.stdout == "" and "Traceback" not in result.stderr
    first, *lines = result.stderr.splitlines()
    if command != "simulate":
        return [first, *lines]
    assert first.startswith(f"{file}: up to 10 replications")  # it says what it does before it reads anything
    return lines


@pytest.mark.parametrize("command", ["simulate", "staff", "scenario"])
@pytest.mark.parametrize("name", BAD)
def test_where_what_and_what_instead(tmp_path: Path, name: str, command: str) -> None:
    text, content, place, found, expected = BAD[name]
    (line,) = refused(tmp_path, text, content, command)
    assert line.startswith(f"{tmp_path}/{place}: found {found}, expected {expected}"), line


@pytest.mark.parametrize("name", COMPLAINTS)
def test_every_complaint_ends_the_command(tmp_path: Path, name: str) -> None:
    (line,) = refused(tmp_path, COMPLAINTS[name][0], None, "simulate")
    assert re.fullmatch(r".*scenario\.yaml:\d+:\d+: \S+: found .+, expected .+", line), line


def test_all_at_once(tmp_path: Path) -> None:
    text = bad(CSV, '"00:00": 80', '"00:00": -80', "hours: 4", "hours: -4")
    said = refused(tmp_path, text, "", "simulate")
    assert [line.split(": ")[1] for line in said] == [
        "hours", "demand.topics.sales.per_hour.00:00", "callers.talk_s.all.empirical.file",
    ]  # fmt: skip
