"""One replication: everybody is accounted for, the same seed gives the same figures, and callers do what they do."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from calls import facts as f
from calls.commands import Prompt
from ivr import Banner, Branch, Case, Collect, Digits, Enqueue, Hours, Lookup, Node, QueueState, Say, Validity, When
from queues import OverflowAction, OverflowRule, OverflowTrigger
from simulator.ask import vary
from simulator.run import runs
from simulator.run.figures import ReplicationFigures
from simulator.run.measures import MEASURES, estimate, pooled
from simulator.run.replication import Replication, replicate
from simulator.scenario import Plan
from tests.simulator.scenarios import PLAIN, SHORT, SITE, plan_of


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> ReplicationFigures:
    return replicate(plan_of(tmp_path_factory.mktemp("line"), SITE), 1, 0)


def same(one: ReplicationFigures | None, two: ReplicationFigures | None) -> bool:
    if one is None or two is None:
        return one is two
    names = [f.name for f in fields(ReplicationFigures) if f.name not in ("spoken", "stays")]
    inside = same(one.spoken, two.spoken) and same(one.stays, two.stays)
    return inside and all(np.array_equal(getattr(one, n), getattr(two, n)) for n in names)


def test_everybody_is_accounted_for(tmp_path: Path) -> None:
    figures = replicate(plan_of(tmp_path), 1, 0)
    assert figures.offered.sum() > 400
    assert (figures.offered == figures.handled + figures.abandoned + figures.elsewhere).all()
    assert figures.waits.sum() == figures.queue_waits.sum() == figures.offered.sum()
    assert figures.totals["redials"] > 0 and figures.spoken is None
    assert (figures.in_time <= figures.handled).all() and (figures.short <= figures.abandoned).all()


def test_the_line_with_its_menus(morning: ReplicationFigures) -> None:
    figures = morning
    received, totals = MEASURES["received"](figures), figures.totals
    left = totals["served_in_menus"] + totals["lost_in_menus"]
    assert left / received == pytest.approx(0.07, abs=0.02)
    assert figures.offered.sum() == pytest.approx(received - left, abs=5)
    assert set(figures.offered.sum(axis=0).nonzero()[0]) == set(range(7)), "every queue has calls"
    assert totals["rona"] > 0


def test_no_more_are_let_in_than_fit(morning: ReplicationFigures, tmp_path: Path) -> None:
    plan = plan_of(tmp_path, SITE)
    assert morning.totals.get("turned_away", 0) == 0, "the shipped ports are enough for this morning"
    full = replicate(replace(plan, settings=replace(plan.settings, most_calls=20)), 1, 0)
    away = MEASURES["turned_away"](full)
    assert away > 100 and full.offered.sum() + away <= MEASURES["received"](full) + 5


def test_languages_are_parts_of_the_whole(morning: ReplicationFigures) -> None:
    """All calls, once more, by what their callers speak; a line that speaks one language has no parts."""
    spoken = morning.spoken
    assert spoken is not None and spoken.queues == ("el", "en")
    for name in ("offered", "handled", "abandoned", "elsewhere", "in_time", "short", "wait_s", "answer_s"):
        assert getattr(spoken, name).sum() == pytest.approx(getattr(morning, name).sum()), name
    assert spoken.offered[0, 1] / spoken.offered.sum() == pytest.approx(0.05, abs=0.02)
    assert (spoken.queue_waits.sum(axis=0) == morning.waits.sum(axis=0)).all()


def test_nobody_works_outside_his_shift(morning: ReplicationFigures) -> None:
    figures = morning
    present = figures.staff.sum(axis=1) / 1800
    assert present[2:12].max() <= 20 and present[16] > 80
    assert present.max() < 100.001, "seats"


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    assert same(replicate(plan, 1, 0), replicate(plan, 1, 0))
    assert not np.array_equal(replicate(plan, 2, 0).offered, replicate(plan, 1, 0).offered)


def with_reader(plan: Plan) -> ReplicationFigures:
    """The figures of a replication whose messages somebody reads: they are made, and handed on one by one."""
    return Replication(plan, 1, 0, reader=lambda *_: None).run()


def test_a_reader_changes_no_figure(morning: ReplicationFigures, tmp_path: Path) -> None:
    """Without one no message is made, and nothing is worked out that nobody reads."""
    assert same(with_reader(plan_of(tmp_path, SITE)), morning)


@pytest.mark.parametrize("seeds", [1, 2])
def test_a_reader_changes_no_figure_where_callers_are_sent_on(tmp_path: Path, seeds: int) -> None:
    plan = plan_of(
        tmp_path, SHORT.replace("redial:", "sent_on: 0.5\n      redial:").replace("count: 6", f"count: {seeds}")
    )
    assert same(with_reader(plan), replicate(plan, 1, 0))


def test_waits_are_learnt_where_something_asks_for_an_estimate(tmp_path: Path) -> None:
    """A limit on expected waits sends callers away: the figures are those of a line that has learnt from the start."""
    plan = plan_of(tmp_path, SHORT.replace("count: 6", "count: 2"))
    sent_away = OverflowRule(OverflowTrigger.EXPECTED_WAIT, OverflowAction.MESSAGE, "queue.full", 60.0)
    queues = {name: replace(queue, overflow=(sent_away,)) for name, queue in plan.settings.queues.items()}
    limited = replace(plan, settings=replace(plan.settings, queues=queues))
    figures = replicate(limited, 1, 0)
    assert same(with_reader(limited), figures) and figures.elsewhere.sum() > 10
    assert not replicate(plan, 1, 0).elsewhere.sum()


def test_jobs_change_nothing(tmp_path: Path) -> None:
    plan, order = plan_of(tmp_path), runs.RunRequest(3, 1)
    with runs.workers(1) as here, runs.workers(2) as there:
        one, two = runs.run(plan, order, here, 1), runs.run(plan, order, there, 4)
    assert all(same(*pair) for pair in zip(one.runs, two.runs, strict=True))


def test_a_narrow_interval_stops_the_rest(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    told: list[float] = []
    with runs.workers(1) as pool:
        result = runs.run(plan, runs.RunRequest(50, 1, precision=0.5), pool, 2, told.append)
    assert len(result.runs) == runs.FEWEST and told[-1] == 50, "what it spared counts as done"


def test_common_random_numbers_narrow_a_difference(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    order = runs.RunRequest(8, 1)
    with runs.workers(1) as pool:
        few, more = (runs.run(vary.changed(plan, {"aht": factor}), order, pool, 1) for factor in (1.0, 1.05))
    gap = more.against(few, "mean_wait_s")
    apart = (more["mean_wait_s"].half_width ** 2 + few["mean_wait_s"].half_width ** 2) ** 0.5
    assert gap.mean > 0 and gap.half_width < 0.7 * apart


def test_more_agents_wait_less(tmp_path: Path) -> None:
    text = PLAIN.replace("        - {count: 6, skills: {k.sales: 5}}\n", "").replace(
        "skills: {k.sales: 5, k.help: 5}", "skills: {k.sales: 5, k.help: 5}"
    )
    plan = plan_of(tmp_path, text)
    few, more = (replicate(vary.changed(plan, {"seats": seats}), 1, 0) for seats in (7, 12))
    assert more.wait_s.sum() < few.wait_s.sum()


def test_a_ratio_of_sums_is_not_the_mean_of_ratios(tmp_path: Path) -> None:
    """As if all replications were one; where they differ little the interval is about the usual one."""
    runs_ = [replicate(plan_of(tmp_path), 1, n) for n in range(4)]
    level = pooled(runs_, MEASURES["service_level"])
    met, of = (sum(float(getattr(one, name).sum()) for one in runs_) for name in ("in_time", "offered"))
    assert level.mean == pytest.approx(met / (of - sum(float(one.short.sum()) for one in runs_)))
    offered = MEASURES["offered"]
    assert pooled(runs_, offered).mean == sum(map(offered, runs_))
    usual = estimate([MEASURES["service_level"](one) for one in runs_])
    assert level.half_width == pytest.approx(usual.half_width, rel=0.3)


def test_menus_that_decide_ask_and_look_up(tmp_path: Path) -> None:
    """Citizens type numbers that are right, services have no answer, and branches lead on by what the engine finds."""
    plan = plan_of(tmp_path, SITE.replace("hours: 10", "hours: 1"))
    known = plan.settings.menus
    busy, at_night = When(queue=QueueState(waiting=1)), When(validity=Validity(hours="night"))
    own: list[Node] = [
        Banner("agent", "typed"),
        Collect("typed", (Prompt("x"),), Digits.AFM, "afm", "asked", "last", 9, 9),
        Lookup("asked", "cases", "last", "decide", (("afm", "afm"),)),
        Branch("decide", (Case(busy, "last"), Case(at_night, "say")), "last"),
        Say("say", (Prompt("x"),), "last"),
        Enqueue("last", closed="welcome"),
    ]
    hours = {"night": Hours(week=(((0, 480),),) * 7)}
    menus = replace(known, nodes={**known.nodes, **{node.id: node for node in own}}, hours=hours)
    told: list[object] = []
    changed = replace(plan, settings=replace(plan.settings, menus=menus))
    run = Replication(changed, 1, 0, reader=lambda _, outputs: told.extend(outputs))
    figures = run.run()
    totals = figures.totals
    left = totals["served_in_menus"] + totals["lost_in_menus"]
    assert figures.offered.sum() == pytest.approx(MEASURES["received"](figures) - left, abs=5)
    typed = [fact for fact in told if isinstance(fact, f.DigitsTaken)]
    failed = [fact for fact in told if isinstance(fact, f.LookupEnded)]
    assert len(typed) == len(failed) > 50 and {fact.tries for fact in typed} == {1}
    assert not [fact for fact in told if isinstance(fact, f.InputMissed)]
