"""Which site a command means where nobody says so, and whose clock it goes by."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from line1555.cli.current import folder_of, local_now, site_of
from line1555.cli.default_site import DEFAULT_SITE
from line1555.cli.main import app
from records.database import upgrade
from sites import Versions
from sounds import prompts
from tests.line1555.held import held
from tests.sites.test_versions import SHIPPED, change

ATHENS = ZoneInfo("Europe/Athens")
LONG_AGO = datetime(2024, 2, 29, 0, 30, tzinfo=ATHENS)
"""In UTC it is the day before."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An admin's folder: their own site, published once; nothing is spoken."""
    monkeypatch.setattr(prompts, "make", lambda *_: None)
    monkeypatch.setenv("LINE1555_RUN", str(tmp_path / "run"))
    shutil.copytree(SHIPPED, tmp_path / "mine", ignore=shutil.ignore_patterns("recordings"))
    change(tmp_path / "mine", "Europe/Athens", "Asia/Tokyo", "site.yaml")
    assert says("publish", "--site", str(tmp_path / "mine"), "--why", "ours").exit_code == 0
    return tmp_path


def says(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def test_without_a_site_one_s_own_is_meant(home: Path) -> None:
    change(home / "mine")
    assert "+    timeout_s: 6" in says("diff").output and "-  zone" not in says("diff").output
    assert "+    timeout_s: 6" in says("publish", "--why", "slower people").output
    versions = Versions(home / "run")
    newest = versions.newest()
    assert newest is not None and newest.number == 2 and Path(newest.source) == home / "mine"
    assert versions.site(newest).settings.zone == "Asia/Tokyo"
    assert says("rollback").exit_code == 0 and folder_of(None, home / "run") == home / "mine"
    assert f"{home / 'mine'}: fine" in says("check").output.replace("\n", "")


def test_what_is_said_is_meant(home: Path) -> None:
    assert folder_of(SHIPPED, home / "run") == SHIPPED
    assert site_of(SHIPPED, home / "run").settings.zone == "Europe/Athens"
    assert folder_of(None, home / "another run") == DEFAULT_SITE


def test_a_report_is_of_what_runs_and_not_of_what_is_being_changed(home: Path) -> None:
    change(home / "mine", "Asia/Tokyo", "Europe/Rome", "site.yaml")
    assert site_of(None, home / "run").settings.zone == "Asia/Tokyo"


def test_a_folder_that_is_gone_is_named(home: Path) -> None:
    (home / "mine").rename(home / "moved")
    told = says("publish", "--why", "x")
    assert told.exit_code == 1 and "is gone: name the folder (--site DIR)" in told.output.replace("\n", " ")


def test_today_is_the_line_s(home: Path) -> None:
    """Both where the machine's date is another, and where its zone is."""
    upgrade(f"sqlite:///{home / 'run' / 'records.db'}")
    with held(home / "run", LONG_AGO):
        assert "2024-02-29 by total" in says("report").output
        assert local_now(home / "run", ZoneInfo("Asia/Tokyo")).hour == 7


def test_times_of_versions_are_the_line_s(home: Path) -> None:
    (version,) = Versions(home / "run").all()
    at = datetime.fromisoformat(version.at).astimezone(ZoneInfo("Asia/Tokyo"))
    assert f"{at:%Y-%m-%d %H:%M}" in says("versions").output
