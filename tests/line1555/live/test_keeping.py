"""What is kept goes when its time is over, on both databases; what is younger stays."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from calls import SettingsError
from line1555.cli.default_site import DEFAULT_SITE
from line1555.live.keeping import AGAIN_S, DAY_S, Keeping
from metrics import PART_SUMS, STAY_SUMS
from records.database import opened, upgrade
from records.tables import Anomaly, CallRow, Segment, Stay, StayAgent
from sites import load_site
from sites.keep import KeepSettings
from tests.records.conftest import NewDatabase, new_database, postgres  # noqa: F401  fixtures

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
NUMBER = "6941234567"


@pytest.fixture
def url(new_database: NewDatabase) -> str:  # noqa: F811
    return new_database()


FILES = {
    "messages/a/old.wav": 31,
    "messages/a/new.wav": 29,
    "log/old.log": 31,
    "log/new.log": 1,
    "journal.db.damaged-1": 15,
    "journal.db.damaged-1-wal": 15,
    "journal.db.damaged-2": 3,
}
"""And how old they are, in days."""


def call(name: str, days: float, **more: object) -> CallRow:
    at = NOW - timedelta(days=days)
    plain = {"node": "n1", "started_at": at, "offers": 0, "segments": 1, "exact": True, "confidential": False}
    return CallRow(id=name, callback=False, **{**plain, "ani": "+30" + NUMBER, **more})


def stays(name: str, days: float) -> list[Stay | StayAgent]:
    at = NOW - timedelta(days=days)
    stay = Stay(
        call_id=name, number=1, queue="pensions", topic="", dnis="1555", offering=1, first=True, callback=False,
        offered_at=at, entered_at=at, place_at=at, served=True, settled=True, wait_s=1.0, line_wait_s=1.0,
        **dict.fromkeys(STAY_SUMS, 0),
    )  # fmt: skip
    return [stay, StayAgent(call_id=name, number=1, agent="a1", **dict.fromkeys(PART_SUMS, 0))]


@pytest.fixture
def run(tmp_path: Path, url: str) -> Path:
    with opened(url) as engine:
        upgrade(engine)
        with Session(engine) as session, session.begin():
            session.add_all([call("ancient", 900), call("old", 200), call("older", 201), call("young", 10)])
            session.add(call("unknown", 300, ani=""))
            session.flush()
            session.add_all([*stays("ancient", 900), *stays("young", 10)])
            begun = NOW - timedelta(days=200)
            session.add(Segment(call_id="old", seq=1, kind="transfer", name=NUMBER, started_at=begun, tries=0))
            session.add(Segment(call_id="old", seq=2, kind="waiting", name="pensions", started_at=begun, tries=0))
            odd = Anomaly(journal="j", seq=1, number=1, at=begun, kind="lost", subject="old", detail=f"to {NUMBER}")
            session.add(odd)
    for name, days in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
        then = (NOW - timedelta(days=days)).timestamp()
        os.utime(file, (then, then))
    return tmp_path


def test_what_is_over_goes(run: Path, url: str) -> None:
    keeping = Keeping(run, url, KeepSettings(records_days=800))
    assert keeping.apply(NOW) == DAY_S
    left = [name for name in sorted(FILES) if (run / name).exists()]
    assert left == ["journal.db.damaged-2", "log/new.log", "messages/a/new.wav"]
    with opened(url) as engine, Session(engine) as session:
        numbers = {name: ani or "" for name, ani in session.execute(select(CallRow.id, CallRow.ani))}
        assert numbers["young"] == "+30" + NUMBER and numbers["unknown"] == "" and "ancient" not in numbers
        assert numbers["old"] == numbers["older"] and numbers["old"].startswith("+30") and NUMBER not in numbers["old"]
        names = list(session.scalars(select(Segment.name).order_by(Segment.seq)))
        assert names[0] != NUMBER and names[1] == "pensions"
        assert NUMBER not in session.scalars(select(Anomaly.detail)).one()
        for table in (Stay, StayAgent):
            assert session.scalars(select(table.call_id)).all() == ["young"]
    told = keeping.told()
    assert told["last"] == "2026-12-01T12:00:00+00:00" and told["numbers_days"] == 180 and not told["problem"]
    assert told["gone"] == {"numbers": 5, "calls": 1, "messages": 1, "logs": 1, "journals": 1}
    keeping.apply(NOW)
    assert not any(keeping.told()["gone"].values()), "once is enough"


def test_a_database_that_is_away_is_told_and_tried_again(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path, f"sqlite:///{tmp_path}", KeepSettings())
    assert keeping.apply(NOW) == AGAIN_S and "unable to open" in keeping.told()["problem"]


def test_the_settings(tmp_path: Path) -> None:
    assert load_site(DEFAULT_SITE).settings.keep == KeepSettings()
    shutil.copytree(DEFAULT_SITE, tmp_path / "site")
    file = tmp_path / "site" / "site.yaml"
    file.write_text(file.read_text().replace("numbers_days: 180", "numbers_days: 0"))
    with pytest.raises(SettingsError, match=r"site\.yaml.*keep\.numbers_days"):
        load_site(tmp_path / "site")
