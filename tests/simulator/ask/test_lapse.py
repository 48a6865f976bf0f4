"""A stretch of a scenario, small and quick: the same people on another scale."""

from __future__ import annotations

from functools import cache

import pytest

from line1555.cli.scenario_files import DIALPLANS, SHIPPED, load_scenario
from simulator.ask.lapse import Lapse, LapsePeriod, lapse
from simulator.model.citizens import draw
from simulator.model.paths import LISTEN
from simulator.model.streams import Streams
from simulator.scenario import Plan

HALF_PAST_TEN_S = 10.5 * 3600


@cache
def week() -> Plan:
    return load_scenario(SHIPPED / "1555-week.yaml", DIALPLANS)


def stretch(agents: int = 14, minutes: float = 3.0, speed: float = 10.0, load: float = 1.0) -> Lapse:
    return lapse(week(), LapsePeriod(agents, HALF_PAST_TEN_S, minutes, speed, load), 7)


def test_the_very_callers_of_the_scenario_ten_times_as_fast() -> None:
    """With all seats it is the scenario's own half hour, without who is served or lost in the menus."""
    drawn, plan = draw(week(), Streams(7, 0)), week()
    begins = plan.warm_s + HALF_PAST_TEN_S
    here = [n for n, at in enumerate(drawn.at) if begins <= at < begins + 1800 and drawn.fate[n] >= 0.02]
    found = stretch(agents=140).citizens
    assert found.at == [(drawn.at[n] - begins) / 10 for n in here] and len(here) > 500
    for name in ("talk_s", "wrap_up_s", "patience_s", "key_s"):
        assert getattr(found, name) == [getattr(drawn, name)[n] / 10 for n in here]
    assert found.topic == [drawn.topic[n] for n in here]


def test_a_part_of_the_agents_has_that_part_of_the_callers() -> None:
    all_of_it, tenth = stretch(agents=140), stretch(agents=14)
    assert len(tenth.citizens.at) == pytest.approx(len(all_of_it.citizens.at) / 10, abs=25)
    assert len(tenth.staff.agents) == 14 == tenth.staff.seats
    assert len(stretch(load=2.0).citizens.at) == pytest.approx(2 * len(tenth.citizens.at), rel=0.3)


def test_what_a_caller_presses_and_when() -> None:
    found = stretch()
    prompt_s = week().scenario.callers.prompt_s / 10
    for row in range(len(found.citizens.at)):
        path, pressed = found.path(row), found.presses(row)
        assert [key for _, key in pressed] == [step for step in path if step != LISTEN]
        whole_s = sum(pause_s for pause_s, _ in pressed)
        heard = sum(step == LISTEN for step in path)
        assert whole_s == pytest.approx(heard * prompt_s + len(pressed) * found.citizens.key_s[row])


def test_everybody_is_counted_and_moved_arrivals_change_little() -> None:
    found = stretch(load=1.2)
    plain, moved = found.simulated(), found.simulated(1)
    assert plain.keys() == moved.keys() == set(range(len(found.citizens.at)))
    assert plain == found.simulated() != moved
    waits = [sum(wait for wait, _ in waits.values()) / len(waits) for waits in (plain, moved)]
    assert waits[0] == pytest.approx(waits[1], abs=1.5)


def test_nobody_calls() -> None:
    with pytest.raises(ValueError, match="nobody calls"):
        stretch(load=1e-9)
