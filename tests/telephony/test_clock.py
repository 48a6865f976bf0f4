"""The line's time: it goes on over restarts, and whoever sets the wall clock moves nothing but the anchor."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest

from calls import events as e
from calls import facts as f
from engine import Line
from telephony import Clock, NoJournal, Runner, go_on
from telephony.clock import BOOT_ID
from tests.line import settings

NOON = 1_796_000_000.0
DAY = 86_400.0


class Machine:
    """A machine's two clocks; people set ``wall_at``, nobody sets ``up_s``."""

    def __init__(self) -> None:
        self.wall_at, self.up_s = NOON, 500.0

    def after(self, seconds: float) -> Machine:
        self.wall_at, self.up_s = self.wall_at + seconds, self.up_s + seconds
        return self

    def start(self, kept: Path, anchor: float, last_now: float) -> Clock:
        return go_on(kept, NOON, anchor, last_now, lambda: self.wall_at, lambda: self.up_s)

    def clock(self) -> Clock:
        return Clock(self.wall_at, 0.0, lambda: self.wall_at, lambda: self.up_s)


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.mark.parametrize("step_s", [5.0, 3_600.0, 3 * DAY, -5.0, -3_600.0, -3 * DAY])
def test_a_clock_that_is_set_between_two_starts_costs_no_second(
    machine: Machine, tmp_path: Path, step_s: float
) -> None:
    kept = tmp_path / "clock.json"
    first = machine.start(kept, NOON, 0.0)
    assert (first.now(), first.off()) == (0.0, 0.0)
    machine.after(60.0).wall_at += step_s
    second = machine.start(kept, NOON, 50.0)
    assert (second.now(), second.off()) == (60.0, step_s)


def test_after_a_boot_the_wall_clock_tells_how_long_it_was(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boot, kept = tmp_path / "boot_id", tmp_path / "clock.json"
    boot.write_text("one\n")
    monkeypatch.setattr("telephony.clock.BOOT_ID", boot)
    machine.start(kept, NOON, 0.0)
    boot.write_text("two\n")
    machine.after(600.0).up_s = 10.0
    assert machine.start(kept, NOON, 100.0).now() == 600.0
    boot.write_text("three\n")
    machine.wall_at -= 3 * DAY  # a clock without a battery
    back = machine.start(kept, NOON, 700.0)
    assert (back.now(), back.off()) == (700.0, 500.0 - 600.0 - 3 * DAY)


@pytest.mark.parametrize("text", ["", "{}", '{"journal": 1, "boot": "x", "zero": "y"}', "[1]"])
def test_what_is_kept_may_be_damaged(machine: Machine, tmp_path: Path, text: str) -> None:
    kept = tmp_path / "clock.json"
    kept.write_text(text)
    assert machine.after(60.0).start(kept, NOON, 50.0).now() == 60.0


def test_the_machine_tells_its_boots_apart() -> None:
    assert len(BOOT_ID.read_text()) > 30


@pytest.mark.parametrize(("step_s", "told"), [(0.3, False), (-0.3, False), (5.0, True), (-3 * DAY, True)])
async def test_the_runner_notices_and_tells(machine: Machine, step_s: float, told: bool) -> None:
    line, facts = Line(settings()), list[f.Fact]()
    runner = Runner(line, machine.clock(), NoJournal())
    runner.read(lambda now, more: facts.extend(more))
    runner.step(e.LineStarted("n1", runner.clock.anchor, "test"))
    machine.after(1.0).wall_at += step_s
    runner.beat()
    runner.beat()
    runner.step(None)
    sets = [fact for fact in facts if isinstance(fact, f.ClockSet)]
    assert [fact.by_s for fact in sets] == pytest.approx([step_s] if told else [])
    assert line._state.local().replace(tzinfo=UTC).timestamp() == pytest.approx(machine.wall_at, abs=0.5)


async def test_small_steps_add_up(machine: Machine) -> None:
    line = Line(settings())
    runner = Runner(line, machine.clock(), NoJournal())
    runner.step(e.LineStarted("n1", runner.clock.anchor, "test"))
    for _ in range(20):
        machine.after(1.0).wall_at += 0.2
        runner.beat()
        runner.step(None)
        assert abs(line._state.local().replace(tzinfo=UTC).timestamp() - machine.wall_at) < 0.5
