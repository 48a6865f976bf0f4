"""Parts of the calls: they add up to the line, and what changes in each is told run by run."""

from __future__ import annotations

from math import nan
from pathlib import Path

import pytest

from simulator.ask import tables, vary
from simulator.ask.parts import COMPARED, parts
from simulator.run import runs
from simulator.run.measures import ConfidenceInterval
from simulator.run.runs import Result
from tests.simulator.made_up import result_of
from tests.simulator.scenarios import PLAIN, SITE, plan_of


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Result]:
    """A short morning of the line, and the same with twice the calls of DYPA."""
    plan = plan_of(tmp_path_factory.mktemp("line"), SITE.replace("hours: 10", "hours: 8"))
    plans = [vary.changed(plan, {"topic.dypa": factor}) for factor in (1, 2)]
    with runs.workers(1) as pool:
        before, after = runs.run_all(plans, runs.RunRequest(2, 1), pool, 1)
    return before, after


def test_queues_and_languages_add_up_to_the_line(pair: tuple[Result, Result]) -> None:
    line, *others = parts(pair[0])
    assert [part.name for part in others[-2:]] == ["el", "en"] and len(others) == 9
    for kind in ("queue", "language"):
        offered = sum(part.estimate(pair[0], "offered").mean for part in others if part.kind == kind)
        assert offered == pytest.approx(line.estimate(pair[0], "offered").mean)


def test_what_changes(pair: tuple[Result, Result]) -> None:
    """Of each part the mean of the runs' differences; most of the new calls are DYPA's."""
    by_name = {part.name: part for part in parts(pair[0])}
    more = {name: part.change(*pair, "offered").mean for name, part in by_name.items()}
    assert more["dypa"] > 0.8 * more[""] > 0 and by_name["dypa"].change(*pair, "mean_wait_s").mean > 0
    for part in by_name.values():
        for name in COMPARED:
            measure = part.measure(name)
            gaps = [measure(after) - measure(before) for before, after in zip(pair[0].runs, pair[1].runs, strict=True)]
            assert part.change(*pair, name).mean == pytest.approx(sum(gaps) / 2, nan_ok=True)
    plain = tables.plain_change(*pair)
    assert plain["queues"]["dypa"]["offered"]["mean"] == more["dypa"]
    assert list(plain["line"]) == list(plain["languages"]["en"]) == list(COMPARED)


def test_a_line_of_one_language_has_no_parts_by_language(tmp_path: Path) -> None:
    found = parts(result_of(plan_of(tmp_path, PLAIN), 0.9))
    assert [(part.kind, part.name) for part in found] == [("line", ""), ("queue", "sales")], "nobody asked for help"


@pytest.mark.parametrize(
    ("name", "of", "language", "said"),
    [
        ("service_level", ConfidenceInterval(0.0123, 0.004), "en", "+1.2 ±0.4"),
        ("service_level", ConfidenceInterval(-0.0123, 0.004), "el", "-1,2 ±0,4"),
        ("mean_wait_s", ConfidenceInterval(-2.25, nan), "en", "-2.2"),
        ("mean_wait_s", ConfidenceInterval(nan, nan), "en", "-"),
    ],
)
def test_gains_as_people_read_them(name: str, of: ConfidenceInterval, language: str, said: str) -> None:
    assert tables.gained(name, of, language) == said
