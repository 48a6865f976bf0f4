"""More citizens than the line has room for, and floods: real SIP calls to a real Asterisk, and what became of them.

    python -m benchmarks.capacity rush  [--agents 140 --rate 7 --seconds 300 --ports 1000 --soft-limit 1024]
    python -m benchmarks.capacity flood [--agents 30 --flood 200 --seconds 60]

`rush`: every agent works, callers come faster than they are served. `flood`: one number calls all the time, other
citizens call once a second (as often as the agents can serve them). Exit status 1 where the line harms itself.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.processor import Shares
from control.status import NotRunning, ask
from simulator.sip import Behaviour, Farm, Identity, Results, SippCallers, SippGroup, keys
from simulator.sip.ports import LINE_SOUND
from tests.live.site import ROOT, make_site, share_sounds

TO_INSURANCE = keys("1111", 1.0)
"""Greek, e-EFKA, insurance, insured."""
READY_AGAIN_S = 30.0
CHANCE = random.Random(1555)
"""How long each agent talks; the same every time."""


@dataclass(slots=True)
class House:
    """A line in a process of its own, with the shipped prompts and so many seats."""

    folder: Path
    agents: int
    ports: int
    wrap_up_s: float
    process: subprocess.Popen[bytes] | None = None
    site: Path = field(init=False)
    run: Path = field(init=False)
    sip: int = 0
    metrics_port: int = 0

    def __post_init__(self) -> None:
        self.site, self.run = self.folder / "site", self.folder / "run"
        ports = make_site(self.site, agents=self.agents, ring_s=15, wrap_up_s=self.wrap_up_s)
        file, first = self.site / "site.yaml", LINE_SOUND[0]
        text = re.sub(r"rtp_last: \d+", f"rtp_last: {first + self.ports - 1}", file.read_text("utf-8"))
        file.write_text(re.sub(r"(?m)^limits: .*$", "", text), "utf-8")  # those of every site, not of tests
        self.sip, self.metrics_port = ports.sip, ports.metrics
        share_sounds(self.run)

    async def start(self, soft_limit: int | None) -> None:
        argv = [
            str(Path(sys.executable).with_name("line1555")),
            "up",
            "--plain",
            "--site",
            str(self.site),
            "--run",
            str(self.run),
        ]
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]

        def limit() -> None:
            if soft_limit is not None:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft_limit, hard))

        with (self.run / "out.log").open("wb") as out:
            self.process = subprocess.Popen(  # noqa: ASYNC220
                argv, stdout=out, stderr=out, cwd=ROOT, preexec_fn=limit, start_new_session=True
            )
        await until("the line is up", self._serves, 60.0)

    def _serves(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.run / "out.log").read_text()[-2000:]
        with contextlib.suppress(NotRunning, ValueError):
            return bool(self.status()["link"]["up"])
        return False

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # ends Asterisk as well
            self.process.wait(30)

    def status(self) -> dict[str, Any]:
        return ask(self.run)

    def by_state(self) -> Counter[str]:
        return Counter(self.status()["agents_by_state"])

    def metrics(self) -> dict[str, float]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=5) as answer:
            rows = [row.rpartition(" ") for row in answer.read().decode().splitlines() if not row.startswith("#")]
        return {name: float(value) for name, _, value in rows}

    def farm(self) -> Farm:
        secrets = json.loads((self.run / "secrets.json").read_text())["agents"]
        seats = {name: secrets[name] for name in sorted(secrets)[: self.agents]}
        return Farm(seats, "127.0.0.1", self.sip)

    async def log_in(self, farm: Farm) -> None:
        gate = asyncio.Semaphore(20)

        async def seat(agent: str) -> None:
            async with gate:
                for code in ("*11", "*13"):
                    for _ in range(3):
                        if await farm.phone(agent).code(code, 20):
                            break

        await asyncio.gather(*(seat(agent) for agent in farm.accounts))
        await until("all agents are ready", lambda: self.by_state()["ready"] == self.agents, 30.0)


async def until(what: str, holds: Callable[[], bool], within_s: float) -> float:
    """Waits until it holds; how long it took. Raises TimeoutError."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() > began + within_s:
            raise TimeoutError(f"not within {within_s:g} s: {what}")
        await asyncio.sleep(0.2)
    return time.monotonic() - began


def callers(count: int, prefix: str) -> tuple[Identity, ...]:
    return tuple(Identity(f"{prefix}{number:0{10 - len(prefix)}}") for number in range(count))


@dataclass(slots=True)
class Watch:
    """Figures of the line, looked at once a second: agents who talk, reasons for being out, most ports and files."""

    began: float = field(default_factory=time.monotonic)
    talking: list[tuple[float, int]] = field(default_factory=list)
    out: set[str] = field(default_factory=set)
    most: Counter[str] = field(default_factory=Counter)
    shares: Shares = field(default_factory=Shares)

    async def look(self, house: House) -> None:
        while True:
            await asyncio.sleep(1.0)
            with contextlib.suppress(NotRunning, ValueError, OSError):
                status, at = await asyncio.to_thread(house.status), time.monotonic() - self.began
                metrics = await asyncio.to_thread(house.metrics)
                self.talking.append((at, status["agents_by_state"].get("talking", 0)))
                self.out |= {f"{reason}" for reason in status["not_ready"]}
                for name in ("ports", "descriptors", "citizens"):
                    self.most[name] = max(self.most[name], int(metrics[f"line1555_room_{name}"]))
                if round(at) % 20 == 0:
                    print(f"  +{at:3.0f} s", _some(status["calls"]), _some(status["agents_by_state"]),
                          status["not_ready"], status["turned_away"], self.shares.look(), flush=True)  # fmt: skip

    def mean_talking(self, since_s: float, until_s: float) -> float:
        seen = [count for at, count in self.talking if since_s <= at < until_s]
        return statistics.fmean(seen) if seen else 0.0


def _some(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}


@contextlib.asynccontextmanager
async def line(house: House, behaviour: Callable[[], Behaviour], soft_limit: int | None) -> AsyncIterator[Watch]:
    """The line with all its agents ready, watched."""
    try:
        await house.start(soft_limit)
        async with house.farm() as farm:
            await house.log_in(farm)
            for agent in farm.accounts:
                farm.behave(agent, behaviour)
            watch = Watch()
            looking = asyncio.create_task(watch.look(house))
            try:
                yield watch
            finally:
                looking.cancel()
    finally:
        await asyncio.to_thread(house.stop)


async def rush(args: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="capacity-", dir=ROOT / "run") as folder:
        house, count = House(Path(folder), args.agents, args.ports, 0.5), int(args.rate * args.seconds)
        group = _citizens(count, args.rate, 240.0)
        talk = (args.talk - 12, args.talk + 13)
        async with line(house, lambda: _agent(talk), args.soft_limit) as watch:
            citizens = SippCallers(group, "127.0.0.1", house.sip)
            await citizens.start()
            await asyncio.sleep(args.seconds)
            results = await citizens.stop()
            back_s = await _all_ready(house)
            metrics = house.metrics()
        since_s = min(60, args.seconds // 2)
        talking = watch.mean_talking(since_s, args.seconds)
        print(f"{results.attempted} calls at {args.rate:g}/s to {args.agents} agents, {args.ports} ports for sound:")
        print(f"  talking on average from second {since_s} on: {talking:.1f}")
        print(f"  answered {results.established}, ends as SIPp saw them {_ends(results)}")
        print(f"  turned away: {_away(metrics)}; most at once: {dict(watch.most)}, room: {_room(metrics)}")
        refused = {how: count for how, count in _ends(results).items() if how.startswith("refused")}
        print(f"  turned away without a word: {refused or 'nobody'}")
        return _verdict(talking >= 135 / 140 * args.agents and not refused, watch, back_s)


def _citizens(count: int, rate: float, stay_s: float) -> SippGroup:
    """Other people, each with a number of their own, on the way to an agent."""
    return SippGroup(
        callers=callers(count, "21"),
        presses=TO_INSURANCE,
        stay_s=stay_s,
        calls=count,
        rate=rate,
        limit=count,
        voice=False,
    )


def _ends(results: Results) -> dict[str, int]:
    return dict(Counter(call.outcome for call in results.calls))


def _away(metrics: dict[str, float]) -> dict[str, int]:
    return {why: int(metrics[f'line1555_calls_turned_away_total{{why="{why}"}}']) for why in ("full", "caller", "rate")}


def _verdict(enough: bool, watch: Watch, back_s: float | None) -> int:
    """Exit status: whether nobody was put out, enough were served, and all were ready again soon."""
    after = f"NOT within {READY_AGAIN_S:g} s" if back_s is None else f"{back_s:.1f} s"
    print(f"  reasons for not ready: {sorted(watch.out) or 'none'}; all ready {after} after the end")
    well = enough and not watch.out and back_s is not None
    print("well" if well else "NOT WELL")
    return 0 if well else 1


async def _all_ready(house: House) -> float | None:
    with contextlib.suppress(TimeoutError):
        return await until("all ready again", lambda: house.by_state()["ready"] == house.agents, READY_AGAIN_S)
    return None


def _room(metrics: dict[str, float]) -> dict[str, int]:
    return {name: int(metrics[f"line1555_room_{name}_size"]) for name in ("ports", "descriptors", "citizens")}


def _agent(talk_s: tuple[float, float]) -> Behaviour:
    return Behaviour(answer_after_s=CHANCE.uniform(0.3, 1.0), talk_s=CHANCE.uniform(*talk_s))


async def flood(args: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="capacity-", dir=ROOT / "run") as folder:
        house, calls = House(Path(folder), args.agents, args.ports, 0.5), round(args.flood * args.seconds)
        others = _citizens(round(args.rate * args.seconds), args.rate, args.talk + 60.0)  # the survey included
        one = SippGroup(
            callers=(Identity("6955555555"),), stay_s=20, calls=calls, rate=args.flood, limit=calls, voice=False
        )
        talk = (args.talk - 1, args.talk + 1)
        async with line(house, lambda: _agent(talk), args.soft_limit) as watch:
            citizens, attacker = (SippCallers(group, "127.0.0.1", house.sip) for group in (others, one))
            await attacker.start()
            await citizens.start()
            results = await citizens.wait(args.seconds + args.talk + 90)
            hostile = await attacker.stop()
            back_s = await _all_ready(house)
            metrics = house.metrics()
        # An agent ends each talk: a citizen who was served is hung up by the line.
        served = sum(call.outcome == "line" for call in results.calls)
        share = served / max(1, results.attempted)
        print(f"{hostile.attempted} calls of one number at {args.flood:g}/s: {_ends(hostile)}")
        print(f"  of {results.attempted} others served: {served} ({share:.0%}), {_ends(results)}")
        print(f"  turned away: {_away(metrics)}")
        return _verdict(share >= 0.9, watch, back_s)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ways = parser.add_subparsers(required=True)
    for name, way, agents, rate, seconds, talk in (
        ("rush", rush, 140, 7.0, 300, 75.0),
        ("flood", flood, 30, 1.0, 60, 8.0),
    ):
        one = ways.add_parser(name)
        one.set_defaults(way=way)
        one.add_argument("--agents", type=int, default=agents)
        one.add_argument("--rate", type=float, default=rate, help="citizens a second")
        one.add_argument("--seconds", type=int, default=seconds)
        one.add_argument("--ports", type=int, default=1000, help="ports for sound")
        one.add_argument("--soft-limit", type=int, default=1024, help="of open files, before the start")
        one.add_argument("--talk", type=float, default=talk, help="mean seconds of a talk")
        one.add_argument("--flood", type=float, default=200.0, help="calls a second of one number (flood)")
    args = parser.parse_args(argv)
    return int(asyncio.run(args.way(args)))


if __name__ == "__main__":
    sys.exit(main())
