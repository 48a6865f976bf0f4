"""What one call costs the engine alone: menu keys, queue, offer, answer, conversation, end, wrap-up.

    .venv/bin/python benchmarks/engine.py [--agents 140] [--calls 5000] [--waiting 0] [--json]

Processor time, no I/O, no journal. ``--waiting`` callers of another class stand in the line all the time, so that depth
shows. Memory is measured in a second, shorter run, because measuring it slows the rest down. Exit 0.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
import tracemalloc
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from calls import AgentAction, AgentState, CallId, CallStage, OfferId
from calls import commands as c
from calls import events as e
from engine import Line, Output
from line1555.live.checkpoint import freeze
from tests.line import settings

IN_TALK = 0.9
"""So many of the agents speak at the same time; the others are free, so every choice has candidates."""


class Bench:
    """Runs calls one after the other through a house where most agents are always busy; times each step."""

    def __init__(self, agents: int, waiting: int) -> None:
        self.line, self.now, self.number = Line(settings(agents)), 0.0, 0
        self.spent: list[int] = []
        self.talking: list[tuple[CallId, OfferId]] = []
        self._open()
        self._fill(waiting)
        serving = sum(agent.state is AgentState.READY for agent in self.line.view.agents.all())
        self.most_talking = max(1, int(serving * IN_TALK))

    def _open(self) -> None:
        agents = self.line.view.agents.ids()
        self.line.handle(e.LineStarted("n1", 1_700_000_000.0, "bench"), 0.0)
        self.line.handle(e.Snapshot((), (), agents, (), final=True), 0.0)
        for agent in agents:
            self.line.handle(e.AgentAsked(agent, AgentAction.LOG_IN), 0.0)
            self.line.handle(e.AgentAsked(agent, AgentAction.READY), 0.0)

    def _fill(self, waiting: int) -> None:
        """Callers in English for whom no agent is logged in."""
        for agent in self.line.view.settings.agents.values() if waiting else ():
            if "lang.en" in agent.skills:
                self.line.handle(e.AgentAsked(agent.id, AgentAction.LOG_OUT), 0.0)
        for n in range(waiting):
            call = CallId(f"w{n}")
            for event in (e.CallArrived(call, "", "1555"), e.KeyPressed(call, "2"), e.KeyPressed(call, "0")):
                self.line.handle(event, 0.0)

    def tell(self, event: e.Event) -> list[Output]:
        began = time.thread_time_ns()
        out = self.line.handle(event, self.now)
        self.spent.append(time.thread_time_ns() - began)
        return out

    def until(self, now: float) -> None:
        """Fire the timers up to here."""
        while (at := self.line.next_deadline()) is not None and at <= now:
            began = time.thread_time_ns()
            self.line.tick(max(at, self.now))
            self.spent.append(time.thread_time_ns() - began)
            self.now = max(at, self.now)
        self.now = now

    def call(self) -> None:
        """One call comes in and is answered; the longest conversation ends when the house is full."""
        self.number += 1
        call = CallId(f"c{self.number}")
        self.tell(e.CallArrived(call, "6941234567", "1555"))
        self.tell(e.KeyPressed(call, "1"))
        out = self.tell(e.KeyPressed(call, "1"))
        (play,) = (o for o in out if isinstance(o, c.Play))
        out = self.tell(e.PromptEnded(call, play.play))
        (ring,) = (o for o in out if isinstance(o, c.Ring))
        self.until(self.now + 0.2)
        self.tell(e.OfferRang(ring.offer))
        self.tell(e.OfferAnswered(ring.offer))
        self.tell(e.Bridged(call, ring.offer))
        self.talking.append((call, ring.offer))
        if len(self.talking) >= self.most_talking:
            self._end(*self.talking.pop(0))

    def _end(self, call: CallId, offer: OfferId) -> None:
        live = self.line.view.agents.offer(offer)
        assert live is not None, f"{offer} is over"
        self.tell(e.CallerLeft(call))
        self.tell(e.AgentLeft(offer))
        self.tell(e.AgentAsked(live.agent, AgentAction.END_WRAP_UP))


def timed(agents: int, calls: int, waiting: int) -> dict[str, float]:
    bench = Bench(agents, waiting)
    for _ in range(bench.most_talking):
        bench.call()
    bench.spent.clear()
    gc.collect()
    for _ in range(calls):
        bench.call()
    spent, total = sorted(bench.spent), sum(bench.spent) / 1e9
    return {
        "agents": agents,
        "calls": calls,
        "waiting": waiting,
        "steps": len(spent),
        "steps_per_s": len(spent) / total,
        "call_us": total / calls * 1e6,
        "step_p50_us": spent[len(spent) // 2] / 1e3,
        "step_p99_us": spent[len(spent) * 99 // 100] / 1e3,
        "step_p999_us": spent[len(spent) * 999 // 1000] / 1e3,
        "core_percent_at_5_calls_per_s": total / calls * 5 * 100,
    }


def memory(agents: int, calls: int, waiting: int) -> dict[str, float]:
    """Peak of what Python holds, and the size of a checkpoint with its cost."""
    tracemalloc.start()
    bench = Bench(agents, waiting)
    for _ in range(calls):
        bench.call()
        bench.spent.clear()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    began = time.thread_time()
    size = len(freeze(bench.line))
    return {
        "peak_mb": peak / 1e6,
        "checkpoint_kb": size / 1e3,
        "checkpoint_ms": (time.thread_time() - began) * 1e3,
    }


def link_up(agents: int, waiting: int) -> dict[str, float]:
    """The switch comes back with so many waiting and nobody free: the longest single step there is."""
    bench = Bench(agents, waiting)
    seen = tuple(e.SeenCall(call.id, CallStage.MENU) for call in bench.line.view.calls.all())
    phones = bench.line.view.agents.ids()
    bench.tell(e.LinkDown("bench"))
    bench.tell(e.Snapshot(seen, (), phones, (), final=True))
    return {"link_up_ms": bench.spent[-1] / 1e6}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--agents", type=int, default=140)
    parser.add_argument("--calls", type=int, default=5_000)
    parser.add_argument("--waiting", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    figures = timed(wanted.agents, wanted.calls, wanted.waiting)
    figures |= memory(wanted.agents, min(wanted.calls, 1_000), wanted.waiting)
    figures |= link_up(wanted.agents, wanted.waiting)
    if wanted.json:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name:32} {figure:12,.2f}" for name, figure in figures.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
