"""The whole house, 140 agents and 2,000 calls at more than it can take: it ends clean, and the same way twice."""

from __future__ import annotations

from hashlib import sha256

from calls import Outcome
from engine import Line, Output
from queues import OverflowAction, OverflowRule, OverflowTrigger
from tests.line import changed, settings

from .checks import check
from .ledger import Ledger
from .smallsim import SmallSim

ASK = OverflowRule(OverflowTrigger.LENGTH, OverflowAction.CALLBACK, at=20)
AGENTS, CALLS, PER_SECOND, EVERY = 140, 2_000, 1.5, 499


class Watch:
    """Keeps the books, checks everything at every ``EVERY``-th step, and takes a fingerprint of all outputs."""

    def __init__(self, *, checks: bool) -> None:
        house = changed(settings(AGENTS), pensions={"overflow": (ASK,)})
        self.line, self.ledger, self.checks = Line(house), Ledger(codec=False), checks
        self.steps, self.outputs = 0, sha256()
        self.sim = SmallSim(self.line, 1555, self.step)
        self.sim.open()
        self.sim.arrivals(CALLS, PER_SECOND)
        self.sim.run()

    def step(self, outputs: list[Output], now: float) -> None:
        self.steps += 1
        self.outputs.update(repr(outputs).encode())
        if self.checks:
            self.ledger.take(outputs, now)
            if self.steps % EVERY == 0:
                check(self.line, self.ledger)


def test_a_busy_house_ends_clean() -> None:
    run = Watch(checks=True)
    w, ledger = run.line._state, run.ledger
    check(run.line, ledger)
    assert not (w.calls or w.offers or w.wrap_ups or w.room.places or ledger.calls or run.sim.legs)
    assert {agent.state.value for agent in w.roster} <= {"ready", "not_ready"}
    assert ledger.offered == sum(ledger.ended.values()) > CALLS // 2
    assert ledger.ended[Outcome.HANDLED] > CALLS // 2
    assert ledger.ended[Outcome.OVERFLOWED] > 100, "called back instead"
    assert ledger.ended[Outcome.UNREACHED] and not w.promised
    assert run.line.next_deadline() is None
    assert run.outputs.digest() == Watch(checks=False).outputs.digest()
