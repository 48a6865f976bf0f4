"""A recorded day is replayed as it was where nothing changed, and differs where something did."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from calls import facts as f
from engine import LineSettings, Output
from simulator.days.recorded import Recorded, recorded
from simulator.days.replay import compare, replay
from simulator.run.replication import Replication
from tests.simulator.scenarios import SITE, plan_of

FACTS = get_args(f.Fact)
BUSY = (
    SITE.replace("hours: 10", "hours: 8").replace("per_day: 6000", "per_day: 4000").replace("seats: 100", "seats: 70")
)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recorded, LineSettings]:
    """What the journal of a simulated morning tells, with too few agents."""
    plan = plan_of(tmp_path_factory.mktemp("day"), BUSY)
    steps: list[tuple[float, list[f.Fact]]] = []

    def read(now: float, outputs: list[Output]) -> None:
        steps.append((now, [output for output in outputs if isinstance(output, FACTS)]))

    run = Replication(plan, 1, 0, reader=read)
    run.run()
    return recorded(steps, anchor=plan.anchor), replace(plan.settings, agents=run.staff.agents)


def test_the_same_settings_give_about_the_same_day(day: tuple[Recorded, LineSettings]) -> None:
    """Callers, talk and people are the recorded ones; who picked up how fast, and who missed a ring, is not."""
    recording, settings = day
    again = replay(recording, settings, 1)
    offered = sum(call.queued_at is not None for call in recording.calls)
    assert len(again.waits) == pytest.approx(offered, abs=3)
    assert again.within(20) == pytest.approx(recording.within(20), abs=0.05)
    assert not again.missing


def test_a_replay_is_the_same_again(day: tuple[Recorded, LineSettings]) -> None:
    recording, settings = day
    assert replay(recording, settings, 7).waits == replay(recording, settings, 7).waits


def test_fewer_agents_and_who_waits_longer(day: tuple[Recorded, LineSettings]) -> None:
    recording, settings = day
    half = {agent: known for number, (agent, known) in enumerate(settings.agents.items()) if number % 2}
    change = compare(replay(recording, settings, 1), replay(recording, replace(settings, agents=half), 1))
    assert change.after.missing and len(change.longer) > 50 > change.shorter
    assert change.after.within(20) < change.before.within(20)
    assert change.longer[0][2] - change.longer[0][1] >= change.longer[-1][2] - change.longer[-1][1]


def test_shifts_and_breaks_are_read_back(day: tuple[Recorded, LineSettings]) -> None:
    recording, _ = day
    assert any(duty.breaks for duty in recording.duties)
    early = [duty for duty in recording.duties if 6 * 3600 <= duty.begins < 6.2 * 3600]
    assert len(early) > 30
    assert 0 < recording.pick_up_s < 10 and 0 < recording.misses < 0.1


def test_nothing_recorded() -> None:
    with pytest.raises(ValueError, match="no call"):
        recorded([])
