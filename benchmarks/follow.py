"""What followers cost the line's loop: facts of so many calls a second, told to so many connections.

    .venv/bin/python benchmarks/follow.py [--followers 20] [--calls-per-s 20] [--seconds 10] [--json]

The facts are those of real calls through the real engine, made beforehand, and told at their pace on a real socket.
Processor time of this process, and of the part of it that a step of the engine waits for; the followers read in another
one. A round without followers, with one, and with all. Exit 1 where a follower was put out or missed a step.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.engine import Bench
from calls import events as e
from calls import facts as f
from control import floor, status
from control.callback_requests import SiteClock
from control.follow import Followers
from control.hiding import Confidential
from engine import Output
from metrics import LineState

FACTS = get_args(f.Fact)
Steps = list[tuple[float, list[f.Fact]]]
READERS = """
import asyncio, json, sys
async def read(path):
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(b'{"follow":{}}\\n')
    size, last = 0, b""
    while some := await reader.read(1 << 20):
        size, last = size + len(some), (last + some)[-4096:]
    return size, json.loads(last.splitlines()[-1])["step"]
async def main():
    print(json.dumps(await asyncio.gather(*(read(sys.argv[1]) for _ in range(int(sys.argv[2]))))))
asyncio.run(main())
"""


class Life(Bench):
    """Keeps the facts of each step."""

    def __init__(self, agents: int) -> None:
        self.steps: Steps = []
        super().__init__(agents, 0)

    def tell(self, event: e.Event) -> list[Output]:
        out = super().tell(event)
        self.steps.append((self.now, [output for output in out if isinstance(output, FACTS)]))
        return out


def life(agents: int, calls: int) -> tuple[Life, Steps]:
    """A full house, and the steps of so many calls in it."""
    bench = Life(agents)
    for _ in range(bench.most_talking):
        bench.call()
    bench.steps.clear()
    for _ in range(calls):
        bench.call()
    return bench, bench.steps


async def measured(bench: Life, steps: Steps, followers: int, seconds: float) -> dict[str, Any]:
    """One round: share of a core, what was sent, and the longest time in which the loop did nothing else."""
    fold, wall = LineState(), SiteClock(ZoneInfo("Europe/Athens"), 1_700_000_000.0, lambda: bench.now)
    told = Followers(
        0, lambda: wall, lambda: floor.present(bench.line, fold, bench.now, Confidential()), lambda _: False
    )

    async def execute(order: Mapping[str, Any], user: str) -> Mapping[str, Any]:
        return {}

    with tempfile.TemporaryDirectory() as folder:
        server = await status.serve(Path(folder), dict, execute, told.serve)
        argv = [sys.executable, "-c", READERS, f"{folder}/{status.FILE}", str(followers)]
        process = subprocess.Popen(argv, stdout=subprocess.PIPE)  # noqa: ASYNC220
        while told.figures()["followers"] < followers:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        cost_s, step_s, late_s = await _feed(told, steps, seconds)
        await asyncio.sleep(0.2)
        put_out = told.figures()["put_out_total"]
        told.close()
        server.close()
        out, _ = await asyncio.to_thread(process.communicate)
    read = json.loads(out)
    whole = not put_out and all(step == told.step for _, step in read)
    return {
        "followers": followers,
        "core_percent": cost_s / seconds * 100,
        "step_us": step_s / len(steps) * 1e6,
        "longest_delay_ms": late_s * 1e3,
        "kb_per_s_each": sum(size for size, _ in read) / 1e3 / seconds / max(followers, 1),
        "whole": whole,
    }


async def _feed(told: Followers, steps: Steps, seconds: float) -> tuple[float, float, float]:
    """Tell the steps in so many seconds. Returns processor time, that of the steps, and the worst delay of the loop."""
    loop, step_s, late_s = asyncio.get_running_loop(), 0.0, 0.0
    began, cpu = loop.time(), time.process_time()
    for number, (now, facts) in enumerate(steps):
        due = began + seconds * number / len(steps)
        if (pause_s := due - loop.time()) > 0:
            await asyncio.sleep(pause_s)
        late_s = max(late_s, loop.time() - due)
        before = time.thread_time()
        told.told(now, facts)
        step_s += time.thread_time() - before
    return time.process_time() - cpu, step_s, late_s


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--agents", type=int, default=140)
    parser.add_argument("--followers", type=int, default=20)
    parser.add_argument("--calls-per-s", type=float, default=20.0)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    bench, steps = life(wanted.agents, int(wanted.calls_per_s * wanted.seconds))
    rounds = [asyncio.run(measured(bench, steps, n, wanted.seconds)) for n in (0, 1, wanted.followers)]
    facts = sum(len(facts) for _, facts in steps) / wanted.seconds
    if wanted.json:
        print(json.dumps({"facts_per_s": facts, "steps_per_s": len(steps) / wanted.seconds, "rounds": rounds}))
    else:
        print(f"{len(steps) / wanted.seconds:.0f} steps/s, {facts:.0f} facts/s")
        for one in rounds:
            print("  ".join(f"{name} {figure:,.1f}" for name, figure in one.items()))
    return 0 if all(one["whole"] for one in rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
