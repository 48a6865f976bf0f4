"""Reports: the figures of the tables are the board's figures (both use `metrics`), on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from alembic import command

from calls import CallId, CallStage, Outcome, Party, QueueId
from calls import facts as f
from metrics import Calendar, LineState, offset_of, view
from records.database import alembic_config, opened, upgrade
from records.queries import Reports
from records.tailer import Tailer

from .stories import ANCHOR, Steps, abandoned, called_back, confided, cut_off, journal_of, later, merged, served

pytestmark = pytest.mark.services

START = datetime.fromtimestamp(ANCHOR, UTC)
END = START + timedelta(hours=2)


def overflowed(call: str, start: float) -> Steps:
    c, first, second = CallId(call), QueueId("first"), QueueId("second")
    return later([
        (0.0, [f.CallStarted(c, "1", "1555"), f.Queued(c, first, "", 0, 1, 0)]),
        (60.0, [f.QueueLeft(c, first, Outcome.OVERFLOWED, 60.0), f.Queued(c, second, "", 0, 1, 0)]),
        (70.0, [
            f.QueueLeft(c, second, Outcome.ABANDONED, 10.0),
            f.CallEnded(c, Outcome.ABANDONED, CallStage.WAITING, Party.CALLER, 70.0),
        ]),
    ], start)  # fmt: skip


STORY = merged(
    served(), abandoned(start=3.0), abandoned("n1-4", 10.0, wait_s=3.0), confided(start=4.0), served("n1-7", 2000.0),
    overflowed("n1-9", 2100.0), abandoned("n1-8", 2500.0)[:3], called_back(start=300.0),
    called_back("n1-6", start=310.0, reached=False)[:-1], called_back("n1-10", 2300.0)[:4],
    called_back("n1-11", 1500.0, reached=False),
)  # fmt: skip


def filled(url: str, journal: Path, story: Steps) -> Reports:
    tailer = Tailer(journal_of(journal, story), url)
    tailer.sync_once()
    tailer.stop()
    return Reports(url)


@pytest.fixture
def reports(url: str, tmp_path: Path) -> Iterator[Reports]:
    with filled(url, tmp_path / "steps.db", STORY) as reports:
        yield reports


def shown(story: Steps) -> dict[str, dict[str, Any]]:
    """What the live board shows after the same facts."""
    state = LineState(Calendar(1800, offset_of(ZoneInfo("Europe/Athens"))))
    state.apply(0.0, f.LineOpened("n1", ANCHOR, "v"))
    for now, facts in story:
        for fact in facts:
            state.apply(now, fact)
    return view.snapshot(state, 2600.0)


@pytest.fixture(scope="module")
def board() -> dict[str, dict[str, Any]]:
    return shown(STORY)


def test_totals_are_the_boards(reports: Reports, board: dict[str, dict[str, object]]) -> None:
    totals = reports.totals(*reports.day(START.astimezone(reports.zone).date()))
    today = {key: value for key, value in board["today"].items() if key not in ("since", "occupancy")}
    assert {key: totals[key] for key in today} == today
    assert (totals["offered"], totals["handled"], totals["abandoned"]) == (10, 2, 3)
    assert (totals["callbacks"], totals["called_back"], totals["unreached"]) == (4, 1, 1)
    assert totals["service_level"] == round(2 / (10 - 1), 4) and totals["service_level_rule"]["t_s"] == 20.0


@pytest.mark.parametrize(("group", "ask"), [("queues", Reports.by_queue), ("topics", Reports.by_topic)])
def test_groups_are_the_boards(
    reports: Reports, board: dict[str, dict[str, dict[str, object]]], group: str,
    ask: Callable[[Reports, datetime, datetime], dict[str, dict[str, object]]],
) -> None:  # fmt: skip
    for name, figures in ask(reports, START, END).items():
        shown = board[group][name]
        shown = shown.get("today", shown)  # type: ignore[assignment]
        known = [key for key in figures if key in shown]
        assert len(known) > 15 and {key: figures[key] for key in known} == {key: shown[key] for key in known}


def test_by_agent_is_the_boards(reports: Reports, board: dict[str, dict[str, dict[str, object]]]) -> None:
    at = START + timedelta(seconds=2600)
    found = reports.by_agent(START - timedelta(hours=20), END, at)
    for name, figures in found.items():
        assert figures == board["agents"][name]["today"]
    assert found["nikos"]["handled"] == 3 and found["maria"]["rona"] == 2


def test_conversations_that_a_lost_phone_cut_off(url: str, tmp_path: Path) -> None:
    """Line, queue and topic count all of them; an agent those in which the phone was the agent's own."""
    story = merged(cut_off(), served(start=100.0), cut_off("n1-13", 300.0)[:3])
    board = shown(story)
    with filled(url, tmp_path / "steps.db", story) as reports:
        assert reports.totals(START, END)["lost_media"] == board["today"]["lost_media"] == 3
        assert reports.by_queue(START, END)["pensions"]["lost_media"] == 3
        assert board["queues"]["pensions"]["today"]["lost_media"] == 3
        assert reports.by_topic(START, END)["pensions"]["lost_media"] == board["topics"]["pensions"]["lost_media"] == 3
        assert reports.by_entry_number(START, END)["1555"]["lost_media"] == 3
        agents = {name: figures["lost_media_agent"] for name, figures in reports.by_agent(START, END).items()}
        assert agents == {"nikos": 2, "maria": 0}
        assert {name: board["agents"][name]["today"]["lost_media_agent"] for name in agents} == agents
        journey = reports.journey("n1-12")
    assert journey is not None and journey["hung_up_by"] == "lost_media"
    talks = [(s["agent"], s["result"], s["detail"]) for s in journey["segments"] if s["kind"] == "conversation"]
    assert talks == [("nikos", "lost_media", "agent"), ("maria", "lost_media", "caller")]


def test_by_interval_and_entry_number(reports: Reports) -> None:
    intervals = reports.by_interval(START, END)
    assert [(at, row["offered"], row["arrived"]) for at, row in intervals.items()] == [
        ("2026-05-29T10:30:00+03:00", 6, 7),
        ("2026-05-29T11:00:00+03:00", 4, 4),
    ]
    numbers = reports.by_entry_number(START, END)
    assert {number: row["arrived"] for number, row in numbers.items()} == {"11320": 7, "1555": 4}
    assert numbers["11320"]["callbacks"] == 4


def test_a_journey(reports: Reports) -> None:
    journey = reports.journey("n1-1")
    assert journey is not None and journey["outcome"] == "handled" and journey["ani"] == "6941234567"
    assert [s["kind"] for s in journey["segments"]] == [
        "menu", "menu", "waiting", "ringing", "ringing", "conversation", "hold",
    ]  # fmt: skip
    assert [o["result"] for o in journey["offers"]] == ["no_answer", "answered"]
    assert journey["started_at"] == datetime.fromtimestamp(ANCHOR, reports.zone).isoformat(timespec="milliseconds")
    assert reports.journey("nobody' OR 1=1 --") is None


def test_the_journey_of_a_callback(reports: Reports) -> None:
    journey = reports.journey("n1-5-cb")
    assert journey is not None and journey["callback"] and journey["callback_of"] == "n1-5"
    assert (journey["attempts"], journey["ani"]) == (1, "6941234567")
    assert [(s["kind"], s["result"]) for s in journey["segments"] if s["kind"] == "dialling"] == [
        ("dialling", "busy"), ("dialling", "answered"),
    ]  # fmt: skip


def test_tables_of_the_first_version_are_taken_over(url: str) -> None:
    with opened(url) as engine:
        upgrade(engine)
        with engine.begin() as db:
            command.downgrade(alembic_config(db), "0001")
            db.exec_driver_sql(
                'INSERT INTO "call" (id, node, started_at, offers, segments, exact, confidential)'
                " VALUES ('n1-1', 'n1', '2026-05-29 07:33:20', 0, 0, true, false)"
            )
        upgrade(engine)
    with Reports(url) as reports:
        journey = reports.journey("n1-1")
        assert journey is not None and (journey["callback"], journey["attempts"]) == (False, None)


def test_calls_of_an_older_version_get_their_stays(url: str, tmp_path: Path) -> None:
    """From their journeys: the figures of before, where no call was sent on."""
    at = START + timedelta(seconds=2600)

    def figures(reports: Reports) -> list[dict[str, Any]]:
        asked = (Reports.totals, Reports.by_queue, Reports.by_topic, Reports.by_interval)
        return [*(ask(reports, START, END) for ask in asked), reports.by_agent(START, END, at)]

    story = merged(STORY, cut_off(start=2400.0)[:3])
    with filled(url, tmp_path / "steps.db", story) as reports:
        before = figures(reports)
    with opened(url) as engine:
        with engine.begin() as db:
            command.downgrade(alembic_config(db), "0003")
        upgrade(engine)
    with Reports(url) as reports:
        assert figures(reports) == before


def test_oddities_and_progress(reports: Reports) -> None:
    assert [o["kind"] for o in reports.anomalies(START, END)] == ["command_lost"]
    assert [p["seq"] for p in reports.progress()] == [len(STORY)]


def test_a_day_of_summer_time_has_its_hours(reports: Reports) -> None:
    def hours(day: date) -> float:
        start, end = reports.day(day)
        return (end - start) / timedelta(hours=1)

    assert [hours(date(2026, 3, 29)), hours(date(2026, 10, 25)), hours(date(2026, 6, 1))] == [23, 25, 24]
