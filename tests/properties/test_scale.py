"""The whole house, 140 agents and 2,000 calls at more than it can take: it ends clean, and the same way twice."""

from __future__ import annotations

from hashlib import sha256

from calls import Outcome
from engine import Line, Output
from tests.line import settings

from .checks import check
from .ledger import Ledger
from .smallsim import SmallSim

AGENTS, CALLS, PER_SECOND, EVERY = 140, 2_000, 1.5, 211


def run(seed: int) -> tuple[SmallSim, Ledger, str]:
    """One run: the simulator at its end, the books, and a fingerprint of all outputs. Checks every ``EVERY`` steps."""
    line, ledger, print_ = Line(settings(AGENTS)), Ledger(), sha256()
    steps = 0

    def watch(outputs: list[Output], now: float) -> None:
        nonlocal steps
        steps += 1
        ledger.take(outputs, now)
        print_.update(repr(outputs).encode())
        if steps % EVERY == 0:
            check(line, ledger)

    sim = SmallSim(line, seed, watch)
    sim.open()
    sim.arrivals(CALLS, PER_SECOND)
    sim.run()
    return sim, ledger, print_.hexdigest()


def test_a_busy_house_ends_clean() -> None:
    sim, ledger, first = run(1555)
    w = sim.line.world
    check(sim.line, ledger)
    assert not (w.calls or w.offers or w.wrap_ups or w.room.places or ledger.calls or sim.legs)
    assert {agent.state.value for agent in w.roster} <= {"ready", "not_ready"}
    assert ledger.offered == sum(ledger.ended.values()) > CALLS // 2
    assert ledger.ended[Outcome.HANDLED] > CALLS // 2
    assert sim.line.next_deadline() is None
    assert run(1555)[2] == first
