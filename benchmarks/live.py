"""The whole line under load: a real Asterisk, real SIP phones, the engine as a process of its own.

    .venv/bin/python -m benchmarks.live [--rates 1,5,20] [--seconds 30] [--agents 140] [--busy 20] [--json]

What is measured, by which clock, and what the figures were: README.md beside this file. Exit 1 where a call was lost.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import signal
import statistics
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks import probe
from benchmarks.watch import Watch, watching
from calls import AgentState
from calls import events as e
from calls import facts as f
from control import status
from records import Reader, Step
from simulator.sip import Behaviour, Dtmf, Farm, Identity, PhoneEventKind, SippCallers, SippGroup, keys
from telephony.asterisk import keep_secrets
from telephony.names import channel_of
from tests.live.site import Ports, make_site, share_sounds

HOST = "127.0.0.1"
WRAP_UP_S = 1.0
TALK_S = 3.0
PICK_UP_S = 0.3
KEYS = keys("1111", 1.0)  # Greek, e-EFKA, insurance, insured
STAY_S = 60.0
WARM_UP_S = 10.0
DRAIN_S = 60.0
START_S = 60.0
PROBE = "probe.json"
AT_ONCE = 20  # agents who dial a feature code at the same time
BUSY_RATE = 8.0
TICK = os.sysconf("SC_CLK_TCK")
HEARD = ("DTMFEnd", "AGIExecStart", "Newchannel", "Newstate", "BridgeEnter")
TO_WALL = time.time() - time.monotonic()


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of one kind of delay."""

    n: int
    p50: float
    p95: float
    longest: float

    @classmethod
    def of(cls, seconds: Iterable[float]) -> Times:
        ms = sorted(1000 * s for s in seconds)
        if not ms:
            return cls(0, float("nan"), float("nan"), float("nan"))
        return cls(len(ms), statistics.median(ms), ms[min(len(ms) - 1, len(ms) * 95 // 100)], ms[-1])

    def __str__(self) -> str:
        return f"{self.p50:8.1f} {self.p95:8.1f} {self.longest:8.1f} {self.n:6}"


@dataclass(slots=True)
class Round:
    """One round of calls and what was seen of it. ``cpu``: per cent of one core by process."""

    name: str
    placed: int
    established: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    times: dict[str, Times] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    counters: dict[str, float] = field(default_factory=dict)
    steps: dict[str, float] = field(default_factory=dict)
    started: int = 0
    most_at_once: int = 0
    load: tuple[float, ...] = ()

    @property
    def lost(self) -> int:
        """Calls that did not end as handled."""
        return self.placed - self.outcomes.get("handled", 0)


# -- the processes ---


@dataclass(slots=True)
class Line:
    """The engine's process with its Asterisk."""

    run_dir: Path
    ports: Ports
    process: asyncio.subprocess.Process
    accounts: dict[str, str]

    def asterisk_pid(self) -> int:
        return int(json.loads((self.run_dir / "asterisk.pid").read_text("utf-8"))["pid"])

    async def steps(self) -> dict[str, float]:
        """The engine's steps since the last look: how many, and the processor time of most of them."""
        seen = await probe.look(self.process, self.run_dir.parent / PROBE)
        return {name: seen[name] for name in ("steps", "step_p50_us", "step_p99_us")}

    def metrics(self) -> dict[str, float]:
        """The counters of journal, AMI and driver."""
        with urllib.request.urlopen(f"http://{HOST}:{self.ports.metrics}/metrics", timeout=10) as answer:
            rows = re.findall(r"^line1555_((?:journal|ami|driver)_\w+) (\S+)$", answer.read().decode(), re.MULTILINE)
        return {name: float(figure) for name, figure in rows}


@contextlib.asynccontextmanager
async def line_up(folder: Path, agents: int) -> AsyncIterator[Line]:
    """``line1555 up --plain`` on a site of its own."""
    ports = make_site(folder / "site", agents=agents, wrap_up_s=WRAP_UP_S)
    run_dir = folder / "run"
    share_sounds(run_dir)
    argv = [*probe.program(folder / PROBE), "up", "--plain", "--site", str(folder / "site"), "--run", str(run_dir)]
    with (folder / "words").open("wb") as words:
        process = await asyncio.create_subprocess_exec(*argv, stdout=words, stderr=words)
    try:
        end = time.monotonic() + START_S
        while not _answers(run_dir):
            if process.returncode is not None or time.monotonic() > end:
                raise RuntimeError("the line does not come up:\n" + (folder / "words").read_text(errors="replace"))
            await asyncio.sleep(0.2)
        names = [f"agent{n:03}" for n in range(1, agents + 1)]
        yield Line(run_dir, ports, process, dict(keep_secrets(run_dir, names).agents))
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)  # SIGTERM would leave Asterisk to the next engine
        await asyncio.wait_for(process.wait(), 30)


def _answers(run_dir: Path) -> bool:
    try:
        status.ask(run_dir)
    except status.NotRunning:
        return False
    return True


def spent(pid: int, main_only: bool = False) -> float:
    """Processor seconds of a process, or of its first thread alone."""
    file = Path(f"/proc/{pid}/task/{pid}/stat" if main_only else f"/proc/{pid}/stat")
    words = file.read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / TICK


class Cpu:
    """Measure who uses the processors between two looks."""

    def __init__(self, line: Line, farm: Farm) -> None:
        self._pids = {"engine": line.process.pid, "asterisk": line.asterisk_pid(), "phones": farm.pid or 0}
        self._pids["bench"] = os.getpid()
        self._since, self._before = time.monotonic(), self._look()

    def _look(self) -> dict[str, float]:
        main = {"engine loop": spent(self._pids["engine"], main_only=True)}
        words = Path("/proc/stat").read_text().split()
        machine = {"whole machine": sum(map(int, words[1:4])) / TICK, "stolen by the host": int(words[8]) / TICK}
        return {name: spent(pid) for name, pid in self._pids.items()} | main | machine

    def percent(self) -> dict[str, float]:
        s, now = time.monotonic() - self._since, self._look()
        return {name: 100 * (now[name] - before) / s for name, before in self._before.items()}


# -- rounds of calls ---


async def seat(farm: Farm, agents: Sequence[str]) -> None:
    """These agents log in and are ready, by feature codes."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(agent: str) -> None:
        farm.behave(agent, Behaviour(answer_after_s=PICK_UP_S, talk_s=TALK_S))
        async with turn:
            for code in ("*11", "*13"):
                await farm.phone(agent).code(code, 30)

    await asyncio.gather(*(one(agent) for agent in agents))


@dataclass(frozen=True, slots=True)
class Street:
    """Where the rounds are run. ``voice_up_to``: calls/s up to which callers send sound.

    Sound costs more than all else. To a caller who sends none Asterisk looks only every 100 ms for its next order.
    """

    line: Line
    farm: Farm
    watch: Watch
    voice_up_to: float


async def call(street: Street, name: str, rate: float, seconds: float) -> Round:
    """Citizens call at this rate for so long; returns when all is over and everything about it is read."""
    line, farm, watch = street.line, street.farm, street.watch
    with contextlib.closing(Reader(line.run_dir / "journal.db")) as journal:
        after, _ = journal.last()
    watch.clear()
    before = line.metrics()
    seen = Round(name, max(1, round(rate * seconds)))
    people = tuple(Identity(f"69{n:08}") for n in range(1, 51))
    limit, voice = max(200, round(rate * (STAY_S + 10))), rate <= street.voice_up_to
    group = SippGroup(
        "1555", people, KEYS, STAY_S, calls=seen.placed, rate=rate, limit=limit, dtmf=Dtmf.INFO, voice=voice
    )
    async with SippCallers(group, HOST, line.ports.sip) as citizens:
        warm = min(WARM_UP_S, seconds / 3)
        await asyncio.sleep(warm)
        await line.steps()
        cpu = Cpu(line, farm)
        await asyncio.sleep(seconds - warm)
        seen.steps = await line.steps()
        seen.cpu, seen.load = cpu.percent(), tuple(round(load, 2) for load in os.getloadavg())
        results = await citizens.wait(DRAIN_S + STAY_S)
    seen.established = results.established
    await settled(line)
    after_all = line.metrics()
    seen.counters = {name: n - (before[name] if name.endswith("_total") else 0) for name, n in after_all.items()}
    with contextlib.closing(Reader(line.run_dir / "journal.db")) as journal:
        steps = [step for batch in _batches(journal, after) for step in batch]
        anchor = journal.meta.anchor
    _count(seen, steps)
    _measure(seen, steps, anchor, watch, farm)
    say(table([seen]))
    return seen


def _batches(journal: Reader, after: int) -> Iterable[list[Step]]:
    while batch := journal.read(after):
        yield batch
        after = batch[-1].seq


async def settled(line: Line) -> None:
    """Until nobody is on the line and every agent's wrap-up is over."""
    await asyncio.sleep(WRAP_UP_S + 1)
    end = time.monotonic() + DRAIN_S
    while time.monotonic() < end:
        state = await asyncio.to_thread(status.ask, line.run_dir)
        agents = state["agents_by_state"]
        if not sum(state["calls"].values()) and not any(agents.get(name) for name in ("ringing", "talking", "wrap_up")):
            return
        await asyncio.sleep(0.5)


# -- what the events say ---


def _count(seen: Round, steps: Sequence[Step]) -> None:
    outcomes: Counter[str] = Counter()
    now = 0
    for step in steps:
        for fact in step.facts:
            if isinstance(fact, f.CallStarted):
                now += 1
                seen.started += 1
                seen.most_at_once = max(seen.most_at_once, now)
            elif isinstance(fact, f.CallEnded):
                now -= 1
                outcomes[fact.outcome.value] += 1
            elif isinstance(fact, f.Unexpected | f.Discrepancy | f.CommandLost):
                outcomes[type(fact).__name__] += 1
    seen.outcomes = dict(outcomes)


def _measure(seen: Round, steps: Sequence[Step], anchor: float, watch: Watch, farm: Farm) -> None:
    freed = list(_freed(steps))
    rings: dict[str, list[float]] = {}
    for event in farm.news.events:
        if event.kind is PhoneEventKind.RINGING:
            rings.setdefault(event.user, []).append(event.at + TO_WALL)
    made = {event["Uniqueid"]: at for at, event in watch.events if event["Event"] == "Newchannel"}
    rung = [_next(rings.get(agent, []), anchor + step) - (anchor + due) for due, step, agent, _ in freed]
    invited = [made[offer] - (anchor + due) for due, _, _, offer in freed if offer in made]
    times = {
        "key to next prompt": Times.of(_key_to_prompt(watch)),
        "  key to engine": Times.of(_key_to_engine(watch, steps, anchor)),
        "agent free to ring": Times.of(s for s in rung if s < float("inf")),
        "  free to engine's step": Times.of(step - due for due, step, _, _ in freed),
        "  free to INVITE": Times.of(invited),
        "answer to conversation": Times.of(_answer_to_talk(watch, steps)),
    }
    seen.times = {name: found for name, found in times.items() if found.n}


def _key_to_prompt(watch: Watch) -> Iterable[float]:
    """From DTMFEnd to the next STREAM FILE begun on that channel."""
    pressed: dict[str, float] = {}
    for at, event in watch.events:
        channel = event.get("Uniqueid", "")
        if event["Event"] == "DTMFEnd" and event["Direction"] == "Received":
            pressed[channel] = at
        elif event["Event"] == "AGIExecStart" and event["Command"].startswith("STREAM") and channel in pressed:
            yield at - pressed.pop(channel)


def _key_to_engine(watch: Watch, steps: Sequence[Step], anchor: float) -> Iterable[float]:
    """From DTMFEnd to the engine's step; the n-th key of a channel is the n-th of its call."""
    told: dict[str, list[float]] = {}
    for step in steps:
        if isinstance(step.event, e.KeyPressed):
            told.setdefault(channel_of(step.event.call), []).append(anchor + step.now)
    for at, event in watch.events:
        if event["Event"] == "DTMFEnd" and event["Direction"] == "Received" and told.get(event["Uniqueid"]):
            yield told[event["Uniqueid"]].pop(0) - at


def _freed(steps: Sequence[Step]) -> Iterable[tuple[float, float, str, str]]:
    """Wrap-ups that ended while calls waited: when it was due, when the engine took the step, agent, offer."""
    since: dict[str, float] = {}
    for step in steps:
        offers = {fact.agent: fact.offer for fact in step.facts if isinstance(fact, f.OfferMade)}
        for fact in step.facts:
            if not isinstance(fact, f.AgentChanged):
                continue
            if fact.new is AgentState.WRAP_UP:
                since[fact.agent] = step.now
            elif fact.old is AgentState.WRAP_UP and fact.agent in offers and fact.agent in since:
                yield since.pop(fact.agent) + WRAP_UP_S, step.now, fact.agent, offers[fact.agent]


def _next(instants: Sequence[float], since: float) -> float:
    return next((at for at in instants if at >= since - 0.005), float("inf"))


def _answer_to_talk(watch: Watch, steps: Sequence[Step]) -> Iterable[float]:
    """Measure from the agent's 200 (their channel is up) to both of them in one bridge."""
    up: dict[str, float] = {}
    joined: dict[str, float] = {}
    for at, event in watch.events:
        if event["Event"] == "Newstate" and event["ChannelState"] == "6":
            up[event["Uniqueid"]] = at
        elif event["Event"] == "BridgeEnter" and event["BridgeTechnology"] != "holding_bridge":
            joined[event["Uniqueid"]] = at
    for step in steps:
        for fact in step.facts:
            if isinstance(fact, f.Connected):
                both = (joined.get(fact.offer), joined.get(channel_of(fact.call)))
                if fact.offer in up and both[0] is not None and both[1] is not None:
                    yield max(both[0], both[1]) - up[fact.offer]


# -- the command ---


async def measure(agents: int, busy: int, rates: Sequence[float], seconds: float, voice_up_to: float) -> list[Round]:
    stop_when_told()
    with tempfile.TemporaryDirectory(prefix="line1555-bench-") as folder:
        async with (
            line_up(Path(folder), agents) as line,
            watching(line.run_dir, HOST, line.ports.ami, HEARD) as watch,
            Farm(line.accounts, HOST, line.ports.sip) as farm,
        ):
            people, street = list(line.accounts), Street(line, farm, watch, voice_up_to)
            await seat(farm, people[:busy])
            say(f"{busy} agents, more calls than they can take")
            rounds = [await call(street, "all busy", BUSY_RATE, busy * 6 / BUSY_RATE)]
            await seat(farm, people[busy:])
            for rate in rates:
                say(f"{agents} agents, {rate:g} calls/s")
                rounds.append(await call(street, f"{rate:g} calls/s", rate, seconds))
            return rounds


def stop_when_told() -> None:
    """SIGTERM ends the block around the processes, and so each of them."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def table(rounds: Sequence[Round]) -> str:
    rows: list[str] = []
    for one in rounds:
        rows.append(f"{one.name}: {one.placed} calls, {one.established} set up, {one.started} came to the engine,")
        rows.append(f"  outcomes {one.outcomes}, most at once {one.most_at_once}, load average {one.load}")
        rows.append("  core %: " + ", ".join(f"{name} {percent:.1f}" for name, percent in one.cpu.items()))
        rows.append("  engine: " + ", ".join(f"{name} {figure:g}" for name, figure in one.steps.items()))
        rows.append(f"  {'milliseconds':28}{'p50':>8} {'p95':>8} {'longest':>8} {'n':>6}")
        rows += [f"  {name:28}{times}" for name, times in one.times.items()]
        rows.append("  counted: " + ", ".join(f"{name} {n:g}" for name, n in one.counters.items() if n))
    return "\n".join(rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rates", default="1,5,20", help="calls a second, one round each")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long calls come in each round")
    parser.add_argument("--agents", type=int, default=140)
    parser.add_argument("--busy", type=int, default=20, help="agents in the first round, in which all are busy")
    parser.add_argument("--voice-up-to", type=float, default=10.0, help="calls/s up to which callers send sound")
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    rates = [float(rate) for rate in wanted.rates.split(",") if rate]
    before = os.getloadavg()
    rounds = asyncio.run(
        measure(wanted.agents, min(wanted.busy, wanted.agents), rates, wanted.seconds, wanted.voice_up_to)
    )
    if wanted.json:
        machine = {"processors": os.cpu_count(), "load_before": before, "python": sys.version.split()[0]}
        print(json.dumps({"machine": machine, "rounds": [asdict(one) for one in rounds]}))
    else:
        print(f"{os.cpu_count()} processors, load average before {before}\n{table(rounds)}")
    return 1 if any(one.lost for one in rounds) else 0


if __name__ == "__main__":
    sys.exit(main())
