"""``line1555 staff``: seats, a week's shifts, lessons, in both languages and as files; wrong use has a way out."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from textwrap import dedent

import pytest
from typer.testing import CliRunner

from line1555.cli.main import app

runner = CliRunner()
WIDE = {"COLUMNS": "200"}

SMALL = """
    about: {en: one short queue}
    hours: 1
    warm_up_min: 0
    line:
      queues:
        sales: {label: Sales, requires: {k.sales: 1}}
        help: {label: Help, requires: {k.help: 1}}
      agents: [{count: 3, skills: {k.help: 5}}, {count: 3, skills: {k.sales: 5, k.help: 5}}]
    demand: {topics: {help: {per_hour: {"00:00": 60}}, sales: {per_hour: {"00:00": 10}}}}
    callers:
      talk_s: {all: {exponential: {mean: 120}}}
      patience_s: {all: {exponential: {mean: 180}}}
"""
QUICK = "shifts: {start_every_h: 8, latest_h: 22, earliest_h: 6, gap: 0.2, time_limit_s: 10}\n"


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    file = tmp_path / "small.yaml"
    file.write_text(dedent(SMALL), encoding="utf-8")
    return str(file)


def test_help() -> None:
    result = runner.invoke(app, ["staff", "--help"], env=WIDE)
    assert result.exit_code == 0 and "no-wait 95" in result.output


def test_seats_as_json_and_csv(scenario: str, tmp_path: Path) -> None:
    out = tmp_path / "seats.csv"
    options = ["--runs", "3", "--rounds", "1", "--jobs", "1", "--json", "--csv", str(out), "--target", "90/10"]
    result = runner.invoke(app, ["staff", scenario, *options])
    assert result.exit_code == 0, result.output
    plain = json.loads(result.stdout)
    assert plain["target"] == "90/10" and plain["checked"]["runs"] == 6
    rows = list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))
    assert [int(row["seats"]) for row in rows] == [each["seats"] for each in plain["half_hours"]]
    assert {row["verdict"] for row in rows} <= {"holds", "open", "fails", "few"}


def test_seats_in_words(scenario: str) -> None:
    """The scenario's own target where none is named; the service level's formula stands beside it."""
    english = runner.invoke(app, ["staff", scenario, "--rounds", "0"], env=WIDE)
    assert "80 % of calls answered within 20 s" in english.output and "By Erlang A" in english.output
    greek = runner.invoke(
        app, ["staff", scenario, "--runs", "2", "--rounds", "1", "--jobs", "1", "--language", "el"], env=WIDE
    )
    assert greek.exit_code == 0 and "Διορθωμένες με προσομοίωση" in greek.output and "Δευ 00:30" in greek.output


def test_a_week_for_some_people(scenario: str, tmp_path: Path) -> None:
    out, rules = tmp_path / "plan.csv", tmp_path / "rules.yaml"
    rules.write_text(QUICK)
    options = ["--rounds", "0", "--people", "12", "--plan", str(out), "--rules", str(rules)]
    result = runner.invoke(app, ["staff", scenario, *options, "--json"], env=WIDE)
    assert result.exit_code == 0, result.output
    week = json.loads(result.stdout)["week"]
    assert week["people"] == 12 and week["violations"] == [] and week["from"] == "2026-11-23"
    assert len(week["half_hours"]) == 336 and week["missing_hours"] > 0
    rows = list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))
    assert len(rows) == 12 * 5 and len({row["agent"] for row in rows}) == 12
    assert {row["from"] for row in rows} <= {"06:00", "14:00", "22:00"}
    assert all(row["breaks"].count("-") == 3 and "lang.el=10" in row["skills"] for row in rows)


def test_a_week_is_simulated(tmp_path: Path) -> None:
    """A quiet line, so that a week is quick."""
    quiet, rules = tmp_path / "quiet.yaml", tmp_path / "rules.yaml"
    quiet.write_text(dedent(SMALL).replace('"00:00": 60', '"00:00": 1').replace('"00:00": 10', '"00:00": 1'))
    rules.write_text(QUICK)
    options = [
        "--runs",
        "2",
        "--rounds",
        "1",
        "--people",
        "12",
        "--rules",
        str(rules),
        "--jobs",
        "1",
        "--language",
        "el",
    ]
    result = runner.invoke(app, ["staff", str(quiet), *options], env=WIDE)
    assert result.exit_code == 0, result.output
    assert "Προσομοίωση με αυτά τα άτομα (4 επαναλήψεις)" in result.output and "23/11/2026" in result.output
    assert "Κανένας εργατικός κανόνας" in result.output


def test_lessons(scenario: str) -> None:
    options = ["staff", scenario, "--teach", "2", "--runs", "2", "--jobs", "1"]
    plain = json.loads(runner.invoke(app, [*options, "--json"]).stdout)
    assert [lesson["skill"] for lesson in plain["skills"]] == ["k.sales"]
    shown = runner.invoke(app, [*options, "--language", "el"], env=WIDE)
    assert shown.exit_code == 0 and "k.sales" in shown.output and "δεξιότητα" in shown.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--target", "80"], "expected a share such as '80/20'"),
        (["--language", "fr"], "expected one of en, el"),
        (["--plan", "plan.csv"], "--people N"),
        (["--teach", "1", "--people", "5"], "another question"),
        (["--csv", "/nonexistent/seats.csv"], "a folder that exists"),
        (["--rounds", "0", "--people", "1", "--rules", "/nonexistent.yaml"], "a file that can be read"),
    ],
)
def test_wrong_use_has_a_way_out(scenario: str, options: list[str], said: str) -> None:
    result = runner.invoke(app, ["staff", scenario, *options], env=WIDE)
    assert result.exit_code == 2 and said in result.output and "Traceback" not in result.output


def test_no_such_scenario() -> None:
    result = runner.invoke(app, ["staff", "moon"], env=WIDE)
    assert result.exit_code == 2 and "no scenario moon" in result.output
