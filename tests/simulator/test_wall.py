"""Days of 23 and 25 hours: the clock on the wall, and everything that goes by it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.model import demand
from simulator.model.people import staff
from simulator.model.streams import Streams
from simulator.run import runs
from simulator.scenario.wall import DAY_S, epoch, wall_of
from simulator.staffing.needs import offered_of

from .scenarios import SITE, plan_of

ATHENS = ZoneInfo("Europe/Athens")


def _last_sunday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


CHANGES = [_last_sunday(year, month) for year in range(2000, 2038) for month in (3, 10)]
"""All days of Athens with 23 or 25 hours."""


@pytest.mark.parametrize("day", CHANGES, ids=str)
def test_every_second_is_what_the_zone_says(day: date) -> None:
    """From two days before to two after, at uneven seconds, and back again."""
    begins = epoch(day - timedelta(days=2), ATHENS)
    wall = wall_of("Europe/Athens", begins, 7200.0, 5 * DAY_S)
    for at in np.arange(-7200.0, 4.9 * DAY_S, 1751.0).tolist():
        local = datetime.fromtimestamp(begins + at, UTC).astimezone(ATHENS)
        assert wall.at(7200.0 + at) == local.replace(tzinfo=None)
        shown = wall.shown(np.array([7200.0 + at]))
        assert 7200.0 + at in wall.moments(shown)
        assert len(wall.moments(shown)) == 1 + (local.astimezone(UTC) != local.replace(fold=1 - local.fold))
        assert wall.first(float(shown[0])) == 7200.0 + at - (3600.0 if local.fold else 0.0)


@given(st.sampled_from(CHANGES), st.integers(0, 47))
def test_a_time_that_is_left_out_is_the_change(day: date, half: int) -> None:
    wall = wall_of("Europe/Athens", epoch(day, ATHENS), 0.0, 2 * DAY_S)
    at = wall.first(half * 1800.0)
    skipped = day.month == 3 and half in (6, 7)
    assert wall.of_day(np.array([at]))[0] == (4 * 3600.0 if skipped else half * 1800.0)


def week(starts: str, text: str = SITE, days: int = 3) -> str:
    """Some days from there, nobody late or absent."""
    text = text.replace("hours: 10", f'days: {days}\n    starts: "{starts}"')
    return text.replace("shrinkage: 0.05", "shrinkage: 0").replace("late_s: {exponential: {mean: 60}}", "")


@pytest.mark.parametrize(("starts", "hours"), [("2026-10-24", 73), ("2027-03-27", 71), ("2026-11-07", 72)])
def test_demand_people_and_half_hours_go_by_the_wall(tmp_path: Path, starts: str, hours: int) -> None:
    """Rates of 08:00 are those of 08:00 after the change too, and the early shift comes at 06:00."""
    curve = f"per_day: 6000\n      curve: [{', '.join(['0.1'] * 16 + ['0.5'] * 16 + ['0.2'] * 16)}]"
    plan = plan_of(tmp_path, week(starts).replace("per_day: 6000", curve))
    assert plan.length_s == hours * 3600 and plan.half_hours == 2 * hours
    of = demand.rates(plan, "insurance")
    middles = (of.edges[:-1] + of.edges[1:]) / 2
    busy = of.rate > of.rate.max() / 2
    assert {plan.at(at).hour for at in middles[busy].tolist()} == set(range(8, 16))
    assert offered_of(plan).calls.shape[0] == 2 * hours
    duties = staff(plan, Streams(1, 0)).duties
    inside = [duty for duty in duties if duty.begins > 0 and duty.ends < plan.ends_at]
    assert {plan.at(duty.begins).strftime("%H:%M") for duty in inside} == {"06:00", "07:30", "22:00"}
    lengths = {duty.ends - duty.begins for duty in inside if plan.at(duty.begins).hour == 22}
    assert {3600.0 * (8 + hours - 72), 8 * 3600.0} == lengths


def test_people_by_half_hour_go_by_the_wall_or_in_order(tmp_path: Path) -> None:
    """48 numbers are of every day; as many as the scenario has half hours are those."""
    from simulator.model.people import staffed

    plan = plan_of(tmp_path, week("2026-10-25", days=2))
    daily = [1] * 16 + [5] * 16 + [1] * 16
    for numbers in (daily, [*daily[:6], *daily[6:8] * 2, *daily[8:], *daily]):
        duties = staff(staffed(plan, numbers), Streams(1, 0)).duties
        most = [duty for duty in duties if duty.ends < plan.ends_at]
        assert {(plan.at(d.begins).hour, plan.at(d.ends).hour) for d in most} == {(8, 16)}


OFFICE = """
    about: {en: calls and people from 08 to 16}
    site: office
    starts: "STARTS"
    days: 3
    warm_up_min: 0
    demand:
      topics:
        insurance: {per_hour: {"00:00": 0, "08:00": 60, "16:00": 0}}
      languages: {el: 1}
    callers:
      patience_s: {all: {exponential: {mean: 600}}}
      talk_s: {all: {constant: 120}}
      wrap_up_s: {all: {constant: 10}}
    people:
      seats: 10
      shifts: [{count: 8, from: "08:00", to: "16:30", who: {topic.insurance: 5}}]
"""


@pytest.fixture(scope="module")
def dialplans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped line, whose insurance is open from 08:00 to 16:00 and turns everybody away else."""
    import shutil

    from line1555.cli.scenario_files import DIALPLANS

    folder = tmp_path_factory.mktemp("dialplans")
    shutil.copytree(DIALPLANS / "1555", folder / "office")
    line, queues = folder / "office" / "line.yaml", folder / "office" / "queues.yaml"
    hours = 'hours:\n  office:\n    week: {mon-sun: ["08:00-16:00"]}\n\noperator_queue:'
    line.write_text(line.read_text("utf-8").replace("operator_queue:", hours, 1), "utf-8")
    said, place = queues.read_text("utf-8"), "    label: e-ΕΦΚΑ ασφάλιση\n"
    assert place in said
    closed = said.replace(place, f"{place}    hours: office\n")
    first = "      - {when: nobody, queue: general}\n"
    queues.write_text(closed.replace(first, "      - {when: closed, message: queue.nobody}\n" + first, 1), "utf-8")
    return folder


def test_a_change_of_the_clocks_turns_nobody_away(tmp_path: Path, dialplans: Path) -> None:
    """The same office a week before, over 25 October 2026, and over 28 March 2027: equal but for chance."""
    from textwrap import dedent

    from line1555.cli.scenario_files import load_scenario

    answered = []
    with runs.workers(1) as pool:
        for starts in ("2026-10-17", "2026-10-24", "2027-03-27"):
            file = tmp_path / "office.yaml"
            file.write_text(dedent(OFFICE.replace("STARTS", starts)), "utf-8")
            result = runs.run(load_scenario(file, dialplans), runs.RunRequest(2, 7), pool, 1)
            answered.append(result["answered_of_received"].mean)
    assert min(answered) > 0.985 and max(answered) - min(answered) < 0.01
