"""``line1555 replay``: a journal's day on other settings, limits that break, and what a user may get wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from line1555.cli.default_site import DEFAULT_SITE
from line1555.cli.main import app
from tests.line1555.mornings import journal_of, morning


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    journal_of(folder / "journal.db", morning())
    return folder


def replay(run: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["replay", *words, "--run", str(run)])
    return done.exit_code, done.output


def test_the_same_settings(run: Path) -> None:
    status, said = replay(run, str(DEFAULT_SITE), "--json")
    told = json.loads(said)
    assert status == 0 and told["calls"] == 3
    assert told["ways"]["changed settings"] == told["ways"]["recorded settings"]
    assert not told["longer"] and not told["broken"]


def test_a_limit_that_breaks(run: Path) -> None:
    status, said = replay(run, str(DEFAULT_SITE), "--least-within", "0.99")
    assert status == 1 and "answered within 20 s" in said and "at least 99.0%" in said


def test_agents_who_are_gone_are_named(run: Path, tmp_path: Path) -> None:
    changed = shutil.copytree(DEFAULT_SITE, tmp_path / "changed")
    file = changed / "agents.yaml"
    file.write_text(file.read_text("utf-8").replace("agent071-agent090", "agent171-agent190"), "utf-8")
    status, said = replay(run, str(changed))
    assert status == 0 and "agent071" in said


def test_a_day_kept_as_csv_is_replayed_like_its_journal(run: Path, tmp_path: Path) -> None:
    status, said = replay(run, str(DEFAULT_SITE), "--json", "--save", str(tmp_path / "day"))
    from_journal = json.loads(said)
    assert status == 0
    status, said = replay(tmp_path, str(DEFAULT_SITE), "--json", "--day", str(tmp_path / "day"))
    from_files = json.loads(said)
    assert status == 0 and from_files["calls"] == from_journal["calls"] == 3
    assert from_files["recorded_within"] == from_journal["recorded_within"]
    assert [way["offered"] for way in from_files["ways"].values()] == [2, 2]


def test_a_broken_day_ends_like_a_broken_dialplan(run: Path, tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text("at\n", "utf-8")
    done = CliRunner().invoke(app, ["replay", str(DEFAULT_SITE), "--day", str(tmp_path)], catch_exceptions=True)
    assert done.exit_code != 0 and "calls.csv:1:1: number: found no such column" in f"{done.output}{done.exception}"


def test_a_date_is_for_a_journal(run: Path) -> None:
    status, said = replay(run, str(DEFAULT_SITE), "--day", str(run), "--date", "2026-11-24")
    assert status == 2 and "without --day" in said


def test_a_day_without_calls(run: Path) -> None:
    status, said = replay(run, str(DEFAULT_SITE), "--date", "1999-01-01")
    assert status == 1 and "1999-01-01" in said


def test_no_journal(tmp_path: Path) -> None:
    status, said = replay(tmp_path, str(DEFAULT_SITE))
    assert status == 1 and "--run" in said


def test_broken_settings(run: Path, tmp_path: Path) -> None:
    changed = shutil.copytree(DEFAULT_SITE, tmp_path / "changed")
    (changed / "queues.yaml").write_text("queues: 7\n", "utf-8")
    done = CliRunner().invoke(app, ["replay", str(changed), "--run", str(run)], catch_exceptions=True)
    assert done.exit_code != 0 and "queues.yaml" in f"{done.output}{done.exception}"
