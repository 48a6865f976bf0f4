"""Equal callers for every rule, counts that add up, and what the command prints."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from math import isnan
from pathlib import Path

import pytest

from benchmarks.routing.__main__ import main
from benchmarks.routing.case import Case, checksum, draw
from benchmarks.routing.cases import ALL, COMPARED, equal, simple_msk
from benchmarks.routing.contest import Job, rules, run
from benchmarks.routing.figures import Tally, figures, half_width, percentile
from benchmarks.routing.floor import Floor


def short(case: Case) -> Case:
    return replace(case, day_s=900.0, warm_s=300.0)


def test_every_rule_meets_the_same_callers() -> None:
    """Drawn anew for each rule, they are equal; and no run changes them."""
    sums = set()
    for make in rules().values():
        case = short(equal())
        callers = draw(case, 1, 0)
        before = checksum(callers)
        Floor(case.pooled().staff(), callers, make(case.pooled())).run()
        sums |= {before, checksum(callers)}
    assert len(sums) == 1


@pytest.mark.parametrize("name", COMPARED)
def test_every_rule_is_offered_the_same(name: str) -> None:
    counted = [run(Job(name, rule, 1, 0, 0.05)) for rule in ("pooled", "longest_idle", "aq_rrmemory")]
    offered = [[len(tally.handled) + len(tally.abandoned) + tally.waiting for tally in d.classes] for d in counted]
    assert offered[0] == offered[1] == offered[2]
    assert sum(offered[0]) > 0


@pytest.mark.parametrize("change", [{"seed": 2}, {"day": 1}])
def test_another_seed_or_day_brings_other_callers(change: dict[str, int]) -> None:
    usual = {"seed": 1, "day": 0}
    case = short(equal())
    assert checksum(draw(case, **usual)) != checksum(draw(case, **(usual | change)))


def test_more_callers_of_one_class_leave_the_others_as_they_are() -> None:
    case = short(equal())
    more = replace(case, classes=(replace(case.classes[0], per_hour=900.0), *case.classes[1:]))
    usual, changed = (
        [entry for entry in zip(c.at, c.kind, c.patience_s, c.work, strict=True) if entry[1] > 0]
        for c in (draw(case, 1, 0), draw(more, 1, 0))
    )
    assert usual == changed


@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
def test_a_case_holds_together(make: Callable[[], Case]) -> None:
    """Every class has its agents, every agent knows something, the load of the compared ones is near the seats."""
    case = make()
    assert all(case.levels(kind) for kind in range(len(case.classes)))
    assert all(seat.skills for seat in case.seats)
    if case.name in COMPARED and case.name != "deadline_day":
        assert len(case.seats) == 140
        assert 0.94 <= case.erlang() / 140 <= 0.97


def test_periods_are_shifts() -> None:
    """12, 18, 9 agents: the last of 18 works the second period only."""
    seats = simple_msk().seats
    assert (seats[0].shifts[0][0], len(seats[0].shifts)) == (0.0, 1)
    assert seats[11].shifts == ((0.0, 14_400.0),)
    assert seats[17].shifts == ((7_200.0, 14_400.0),)


def test_figures_of_a_tally() -> None:
    tally = Tally()
    tally.handled.extend([0.0, 10.0, 30.0])
    tally.abandoned.extend([5.0, 55.0])
    found = figures(tally)
    assert (found.offered, found.handled, found.abandoned) == (5, 3, 2)
    assert (found.wait, found.p50, found.within, found.service_level) == (20.0, 10.0, 2 / 5, 2 / 4)
    assert found.asa == pytest.approx(40 / 3)


def test_small_statistics() -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.5
    assert isnan(percentile([], 0.5))
    assert isnan(half_width([1.0]))
    assert half_width([1.0, 3.0]) == pytest.approx(12.706)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "figures.json"
    words = ["--cases", "rare_skill", "--rules", "pooled,longest_idle", "--days", "2", "--hours", "0.1"]
    assert main([*words, "--jobs", "1", "--json", str(file)]) == 0
    assert "longest_idle" in capsys.readouterr().out
    assert set(json.loads(file.read_text())["rare_skill"]) == {"pooled", "longest_idle"}


def test_a_wrong_name_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rules", "nobody"]) == 2
    assert "nobody" in capsys.readouterr().err
