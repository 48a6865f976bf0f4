"""Random lines end with the same figures everywhere: board = ``/metrics`` = report = simulator, to the last call.

The outside world is that of ``test_walks``: every overflow rule, transfers, callbacks, refusals, restarts, and whatever
can happen out of order. What must hold after each step is checked there; here the readers are read at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import get_args

import pytest

from calls import AgentAction, AgentId, CallId, CallStage, Party
from calls import events as e
from calls import facts as f
from engine import Output
from line1555.live.checkpoint import freeze, thaw
from queues import OverflowTrigger
from tests import counted
from tests.line import GENERAL, PENSIONS

from .conftest import SEED
from .driver import RULES, Driver, Input, feed, house
from .test_walks import FAILURES, Walk

FACTS = get_args(f.Fact)
ACTS = 700
WALKS = 3 * len(RULES)


class Told(Driver):
    """Only takes steps and remembers them."""

    def take(self, given: Input) -> list[Output]:
        out = feed(self.line, given, self.now)
        self.record.append((self.now, given, out))
        self.switch.execute(out)
        return out

    def tell(self, event: e.Event) -> list[Output]:
        return self.take(event)

    def thaw(self) -> None:
        self.line = thaw(freeze(self.line), self.library, self.first)

    def check_clean(self) -> None:
        assert not self.line._state.calls


class Outside(Walk):
    """The outside world of the walks, with a die in place of a search."""

    def start(self, rules: int) -> None:
        self.law, self.d, self.recent = rules, Told(house(5, 2, rules)), []
        self.s, self.restarts = self.d.switch, set[int]()
        self.old = self.s.snapshot(final=False)

    def restart_line(self, _: int) -> None:
        self.d.thaw()
        self.restarts.add(len(self.d.record))

    def all_go_home(self, _: int) -> None:
        for agent in self.agents():
            self.tell(e.AgentAsked(agent, AgentAction.LOG_OUT))

    def asterisk_alone(self, n: int) -> None:
        queue, agent = (PENSIONS, AgentId("a1")) if n % 3 else (None, None)
        told = (queue, agent, 3.0, 20.0, 40.0, 30.0, Party.CALLER)
        self.d.tell(e.CallSurvived(CallId(f"alone{len(self.d.record)}"), "", "1555", *told))

    def trouble_acts(self) -> list[Callable[[int], None]]:
        """What need not happen, where it can."""
        queues = ("pensions", "general")
        possible: list[tuple[object, Callable[[int], None]]] = [
            (self.calls_in(CallStage.TALKING), self.agent_sends_him_on),
            (self.calls_in(CallStage.TALKING), self.agent_hands_him_over),
            (self.calls_in(CallStage.TRANSFERRING), self.outside_party_answers),
            (self.s.channels, self.caller_hangs_up),
            (self.s.channels, self.rescue_menu_takes),
            (self.s.channels, self.caller_comes_back),
            (self.s.legs, self.agents_leg_goes),
            (self.unanswered(), lambda n: self.phone_does_not_take_it(n, FAILURES[n % len(FAILURES)])),
            (self.s.dialling, lambda n: self.citizen_is_not_reached(n, FAILURES[n % len(FAILURES)])),
            (self.in_line(), lambda n: self.supervisor_moves(n, queues[n % 2])),
            (self.in_line(), self.supervisor_withdraws),
            (len(self.w.promised) < 8, lambda n: self.supervisor_promises(n, queues[n % 2], "el", 10.0)),
            (True, lambda n: self.queue_switched(queues[n % 2], n % 3 > 0)),
            (True, lambda _: self.link_comes_back()),
            (self.recent, self.doubled),
            (True, self.restart_line),
            (True, self.all_go_home),
            (True, self.asterisk_alone),
            (True, lambda n: self.time_passes((1.0, 5.0, 15.0, 60.0)[n % 4])),
        ]
        return [act for able, act in possible if able]


def life_of(number: int) -> Outside:
    """A line that was busy for some hours, and whose calls are all over."""
    dice, outside = Random(f"{SEED} {number}"), Outside()
    outside.start(number % len(RULES))
    for agent in range(5):
        outside.agent_starts_work(agent)
    for _ in range(ACTS):
        acts = outside.trouble_acts() if dice.random() < 0.15 else outside.owed()
        dice.choice(acts)(dice.randrange(256))
        outside.d.pass_time(dice.choice((0.0, 0.25, 1.0, 3.0)))
    outside.d.clear(seen=number % 2 == 0)
    return outside


@pytest.fixture(scope="module")
def lives() -> list[Outside]:
    return [life_of(number) for number in range(WALKS)]


def steps_of(outside: Outside) -> counted.Steps:
    return [(now, [out for out in outputs if isinstance(out, FACTS)]) for now, _, outputs in outside.d.record]


@pytest.mark.parametrize("number", range(WALKS))
def test_the_same_figures_everywhere(lives: list[Outside], number: int, tmp_path: Path) -> None:
    outside, steps = lives[number], steps_of(lives[number])
    state = counted.folded(steps, restarts=outside.restarts.__contains__)
    board = counted.board(state, outside.d.now)
    counted.all_agree(board, counted.exported(state, outside.d.now), "/metrics")
    counted.all_agree(board, counted.simulated(steps, (PENSIONS, GENERAL)), "simulator")
    batch = 1 + len(steps) // (1 + len(outside.restarts))
    counted.all_agree(board, counted.reported(steps, tmp_path, batch), "report")
    for row in (board.line, *board.queues.values(), *board.topics.values()):
        assert row["offered"] == (row["handled"] or 0) + sum(row[way] or 0 for way in counted.WAYS)


def test_enough_has_happened(lives: list[Outside]) -> None:
    """Every way out of a queue, each limit, each kind of transfer, callbacks both ways."""
    facts = [fact for outside in lives for _, told in steps_of(outside) for fact in told]
    found = Counter(type(fact).__name__ for fact in facts)
    found.update(f"left {fact.outcome}" for fact in facts if isinstance(fact, f.QueueLeft))
    found.update(f"limit {fact.limit}" for fact in facts if isinstance(fact, f.Overflowed))
    wanted = {f"limit {limit}" for limit in OverflowTrigger if limit is not OverflowTrigger.OFFERED}
    wanted |= {f"left {way}" for way in ("abandoned", "overflowed", "refused", "survived", "unreached")}
    wanted |= {"Connected", "SentOn", "HandedOver", "TransferEnded", "PlaceChanged", "Survived", "CallbackMissed"}
    assert not {name: found[name] for name in wanted if found[name] < 3}
    assert found["Connected"] > 200
