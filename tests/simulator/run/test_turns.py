"""What callers bring to a second call or a second wait, and hours in which nobody is there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ivr import Hours
from queues import OverflowAction, OverflowRule, OverflowTrigger
from simulator.ask import answer, vary
from simulator.model.draws import ROW, CallDraw
from simulator.run import runs
from simulator.run.figures import WAIT_BINS, quantile
from simulator.run.measures import MEASURES
from simulator.run.replication import Replication, replicate
from simulator.run.runs import RunRequest
from simulator.scenario import Plan
from simulator.staffing import StaffingTarget, Trust
from simulator.staffing.needs import offered_of, requirement_of
from simulator.staffing.seats import SeatsRequest, find_seats
from simulator.staffing.trial import Where
from tests.simulator.scenarios import PLAIN, SHORT, SITE, plan_of

SENT_ON = SHORT.replace("redial:", "sent_on: 0.9\n      redial:").replace(
    "patience_s: {all: {exponential: {mean: 180}}}", "patience_s: {all: {constant: 60}}"
)


def test_callers_who_are_sent_on_keep_their_patience(tmp_path: Path) -> None:
    """Two agents for ten: nobody waits longer than a minute, the second time as the first."""
    plan = plan_of(tmp_path, SENT_ON.replace("count: 6", "count: 1"))
    figures = replicate(plan, 1, 0)
    assert figures.totals["sent_on"] > 10 and figures.totals["answered_again"] > 0
    assert figures.waits.sum(axis=0)[WAIT_BINS > 60].sum() == 0 < figures.abandoned.sum()
    assert figures.offered.sum() == figures.handled.sum() + figures.abandoned.sum() + figures.elsewhere.sum()


def test_never_are_more_answered_than_came(tmp_path: Path) -> None:
    """Everybody is sent on, and the queue runs over the end: who is answered twice counts once."""
    text = (
        SENT_ON.replace("sent_on: 0.9", "sent_on: 1")
        .replace("count: 6", "count: 12")
        .replace("constant: 60", "never: true")
    )
    figures = replicate(plan_of(tmp_path, text.replace("{constant: never: true}", "{never: true}")), 1, 0)
    assert 0.99 < MEASURES["answered_of_received"](figures) <= 1


def values(of: CallDraw) -> tuple[float, ...]:
    return tuple(getattr(of, name) for name in ROW)


def turns(plan: Plan) -> dict[tuple[str, int, int], CallDraw]:
    """What each call brought, by topic, place in the topic, and number of the redial."""
    found: dict[tuple[str, int, int], CallDraw] = {}

    def read(_: float, __: object) -> None:
        for citizen in run.callers.on_line.values():
            if not citizen.talk_again:
                place = run.drawn.topic[: citizen.row].count(run.drawn.topic[citizen.row])
                found.setdefault((run.drawn.topic[citizen.row], place, citizen.redials), citizen.own)

    run = Replication(plan, 1, 0, reader=read)
    run.run()
    return found


def test_a_redial_draws_anew_and_the_same_in_two_scenarios(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, SHORT.replace("count: 6", "count: 2"))
    one, two = turns(plan), turns(vary.changed(plan, {"topic.sales": 1.3}))
    again = [key for key in one if key[2] and key[0] == "help"]
    assert len(again) > 5
    for topic, place, redials in again:
        first, second = one[topic, place, 0], one[topic, place, redials]
        assert first.patience_s != second.patience_s and first.talk_s != second.talk_s
    both = [key for key in again if key in two]
    assert len(both) > 3 and all(values(one[key]) == values(two[key]) for key in both)


def test_waits_beyond_two_hours(tmp_path: Path) -> None:
    waits = np.linspace(10_000.0, 40_000.0, 3001)
    histogram = np.bincount(np.searchsorted(WAIT_BINS, waits, side="right") - 1, minlength=len(WAIT_BINS))
    for share in (0.5, 0.95, 0.99):
        assert quantile(histogram, share) == pytest.approx(10_000 + 30_000 * share, rel=0.005)
    night = PLAIN.replace("hours: 4", "hours: 12").replace("exponential: {mean: 180}", "never: true")
    night = night.replace("count: 6", 'by_time: {"00:00": 0, "08:00": 6}').replace('"02:00": 60', '"02:00": 0')
    figures = replicate(plan_of(tmp_path, night), 1, 0)
    assert MEASURES["p99_s"](figures) > MEASURES["mean_wait_s"](figures) > 2 * 3600


@pytest.mark.parametrize("ring", ["", "pick_up_s: {constant: 3}"])
def test_without_patience_a_free_agent_is_enough(tmp_path: Path, ring: str) -> None:
    """A loss system: with 100 agents nobody is lost, whatever the phones ring; with none everybody is."""
    text = SITE.replace("exponential: {mean: 240}", "constant: 0").replace(
        "pick_up_s: {lognormal: {mean: 3, cv: 0.5}}", ring
    )
    text = (
        text.replace("hours: 10", "hours: 1")
        .replace("per_day: 6000", "per_day: 600")
        .replace("misses: 0.01", "misses: 0")
    )
    text = text[: text.index("      shifts:")]
    figures = replicate(plan_of(tmp_path, text), 1, 0)
    assert figures.offered.sum() > 15 and figures.abandoned.sum() <= 1
    lost = replicate(plan_of(tmp_path, text + '      shifts: [{count: 60, from: "06:00", to: "14:00"}]\n'), 1, 0)
    assert lost.handled.sum() == 0


NO_CALLS = SHORT.replace("80,", "0,").replace('"02:00": 60', '"02:00": 0').replace('"00:00": 40', '"00:00": 0')
NOBODY_STAYS = SHORT.replace("exponential: {mean: 180}", "constant: 1").replace(
    "count: 6", "by_time: {'00:00': 0, '23:00': 1}"
)


@pytest.mark.parametrize(
    ("text", "runs_", "said"),
    [(NO_CALLS, 2, "Nobody called"), (NOBODY_STAYS, 2, "all gave up"), (SHORT, 1, "one replication alone")],
)
def test_what_is_said_where_nothing_is_known(tmp_path: Path, text: str, runs_: int, said: str) -> None:
    with runs.workers(1) as pool:
        result = runs.run(plan_of(tmp_path, text), RunRequest(runs_, 1), pool, 1)
    assert said in answer.sentence(result, "en")
    assert " - " not in answer.sentence(result, "el")


OFFICE = Hours(week=(((480, 960),),) * 7)


def closed(plan: Plan, *overflow: OverflowRule) -> Plan:
    """Help is open from 08:00 to 16:00, then its calls go ``overflow``."""
    (_, sales), (name, queue) = plan.settings.queues.items()
    queues = {sales.id: sales, name: replace(queue, overflow=overflow)}
    return replace(plan, settings=replace(plan.settings, queues=queues, queue_hours={name: OFFICE}))


@pytest.mark.parametrize("rounds", [0, 2])
def test_no_seats_for_a_closed_queue(tmp_path: Path, rounds: int) -> None:
    """Whoever calls then hears so; where they go to another queue, or wait, seats are needed."""
    text = PLAIN.replace("hours: 4", "hours: 10").replace('"00:00": 80, "02:00": 60', '"00:00": 0')
    plan = plan_of(tmp_path, text.replace("count: 6", "count: 2"))
    shut = closed(plan, OverflowRule(OverflowTrigger.CLOSED, OverflowAction.MESSAGE, "queue.nobody"))
    with runs.workers(1) as pool:
        seats = find_seats(
            shut, SeatsRequest(StaffingTarget(0.8, 20.0), Trust(runs=2), rounds), RunRequest(2, 1), Where(pool)
        )
    assert (seats.seats[:16] == 0).all() and (seats.seats[16:] > 0).all()
    elsewhere = closed(plan, OverflowRule(OverflowTrigger.CLOSED, OverflowAction.QUEUE, "sales"))
    for kept in (elsewhere, closed(plan)):
        assert (offered_of(kept).calls.sum(axis=(1, 2)) > 0).all()
    assert (requirement_of(elsewhere, StaffingTarget(0.8, 20.0), 1)[1].seats > 0).all()
