"""Real calls on a line of its own: SIPp calls, a farm of phones answers, and all do what was drawn for them.

The engine runs here, in front of a private Asterisk. What its facts tell decides when somebody hangs up: a caller whose
patience or talk is over, an agent whose talk or whose notes are.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import Any

from calls import AgentAction, AgentId, CallId, Outcome
from calls import events as e
from calls import facts as f
from simulator.ask.agreement import Waits
from simulator.ask.lapse import Lapse
from simulator.run.collector import Collector
from simulator.sip import (
    Behaviour,
    Dtmf,
    Farm,
    Identity,
    Manners,
    PhonesError,
    Press,
    Scripted,
    SippCallers,
    SippGroup,
    TimedCaller,
)
from simulator.sip.child import LOCAL
from simulator.sip.ports import LINE_SOUND, free_port
from sites import Site
from sites.limits import LimitsSettings
from sites.site import MetricsSettings
from sites.switches import AmiSettings, SipSettings
from sounds import Progress

from .app import running
from .running import Options, Running

LEAD_S = 3.0
"""Seconds before the first call at which every caller's program is started."""
DRAIN_S = 300.0
READY_S = 60.0
NEVER_S = 36_000.0


class Phones(StrEnum):
    """Programs that play the agents' phones."""

    BARESIP = "baresip"
    PYVOIP = "pyvoip"


@dataclass(slots=True)
class RehearsalResult:
    """Outcome of the calls. ``lost``: how those ended who were neither handled nor gave up. ``oddities``: what
    should not happen."""

    waits: Waits
    lost: Counter[str]
    oddities: Counter[str]


def rehearsal_site(site: Site, lapse: Lapse) -> Site:
    """The site with the agents of the stretch, on ports of loopback that nobody has, without outside systems."""
    first, last = LINE_SOUND
    settings = site.settings.model_copy(
        update={
            "sip": SipSettings(port=free_port(), rtp_first=first, rtp_last=last),
            "ami": AmiSettings(port=free_port()),
            "metrics": MetricsSettings(port=free_port()),
            "limits": LimitsSettings(per_second=1000, caller_at_once=1000, caller_per_minute=1000),
            **{name: type(getattr(site.settings, name))() for name in ("trunk", "records", "mqtt")},
        }
    )
    line = lapse.plan.settings
    there = {code: name for code, name in site.short_codes.items() if name in line.queues or name in line.agents}
    return replace(site, line=line, settings=settings, short_codes=there)


@dataclass(frozen=True, slots=True)
class RehearsalOptions:
    """``voice``: callers send sound. ``told``: how many calls are over. ``prompts``: how many are spoken."""

    phones: Phones
    voice: bool
    told: Callable[[int], None]
    prompts: Progress | None = None


async def play(site: Site, lapse: Lapse, run_dir: Path, how: RehearsalOptions) -> RehearsalResult:
    """The stretch with real phones. Raises ``PhonesError``, and what ``running`` does."""
    async with (
        running(rehearsal_site(site, lapse), Options(run_dir), how.prompts) as line,
        _seated(line, lapse, how.phones) as agents,
        contextlib.AsyncExitStack() as stack,
    ):
        people = _People(line, lapse, agents)
        stage = _Stage(lapse, people, how.told)
        await people.all_ready()
        await stage.begin(stack, how.voice)
        await stage.all_over()
        return stage.played()


@contextlib.asynccontextmanager
async def _seated(line: Running, lapse: Lapse, phones: Phones) -> AsyncIterator[Farm | None]:
    """Every agent at a registered phone that picks up by itself. A farm's phones can be told to hang up."""
    assert line.asterisk is not None  # noqa: S101 - a rehearsal has an Asterisk of its own
    secrets, port = line.asterisk.secrets.agents, line.site.settings.sip.port
    accounts = {str(agent): secrets[agent] for agent in lapse.staff.agents}
    if phones is Phones.PYVOIP:
        ring_s = (lapse.pick_up_s, lapse.pick_up_s)
        manners = Manners(ring_s, hangs_up=0.0, patience_s=NEVER_S, wrap_up_s=(NEVER_S, NEVER_S))
        async with Scripted(accounts, LOCAL, port, manners=manners):
            yield None
        return
    async with Farm(accounts, LOCAL, port) as farm:
        for agent in accounts:
            farm.behave(agent, Behaviour(answer_after_s=lapse.pick_up_s))
        yield farm


@dataclass(slots=True)
class _People:
    """The callers and the agents: what they can do, and what they will do later. ``agents``: phones that hang up."""

    line: Running
    lapse: Lapse
    agents: Farm | None
    groups: dict[int, tuple[SippCallers, int]] = field(default_factory=dict)
    """The program that plays each caller, and their place in it."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def all_ready(self) -> None:
        """Every agent is in reach, logged in and ready."""
        runner = self.line.runner
        async with asyncio.timeout(READY_S):
            while not all(agent.reachable for agent in runner.line.view.agents.all()):  # noqa: ASYNC110
                await asyncio.sleep(0.1)  # the roster tells nobody
        # In this order they have been idle, as in the simulation: phones that log in by themselves have another one.
        for agent in sorted(self.lapse.staff.agents):
            for action in (AgentAction.LOG_IN, AgentAction.NOT_READY, AgentAction.READY):
                runner.step(e.AgentAsked(agent, action))

    async def call(self, stack: contextlib.AsyncExitStack, voice: bool) -> None:
        """Start the callers. Those with one number and as many keys are one group, one SIPp: each comes in turn."""
        kinds: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        for row, number in enumerate(self.lapse.citizens.number):
            kinds[number, len(self.lapse.presses(row))].append(row)
        started, port = time.monotonic(), self.line.site.settings.sip.port
        for (number, _), rows in kinds.items():
            ahead_s = LEAD_S - (time.monotonic() - started)
            turns = tuple(self._turn(row, ahead_s) for row in rows)
            citizens = SippCallers(SippGroup(number, dtmf=Dtmf.INFO, voice=voice, turns=turns), LOCAL, port)
            self.groups |= {row: (citizens, place) for place, row in enumerate(rows, 1)}
            await stack.enter_async_context(citizens)

    def _turn(self, row: int, ahead_s: float) -> TimedCaller:
        presses = tuple(Press(pause_s, key) for pause_s, key in self.lapse.presses(row))
        return TimedCaller(Identity(_ani(row)), ahead_s + self.lapse.citizens.at[row], presses)

    def later(self, after_s: float, work: Coroutine[Any, Any, None]) -> None:
        """Do this after so many seconds, if it is possible then."""

        async def wait() -> None:
            await asyncio.sleep(after_s)
            with contextlib.suppress(PhonesError):  # the other side was quicker
                await work

        task = asyncio.create_task(wait())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        task.add_done_callback(lambda _: work.close())

    def rest(self) -> None:
        """Nobody does anything any more."""
        for task in self.tasks:
            task.cancel()

    async def caller_hangs_up(self, row: int) -> None:
        """Hang up the call of the caller in this row."""
        citizens, number = self.groups[row]
        citizens.hang_up(number)

    async def agent_hangs_up(self, agent: AgentId) -> None:
        """Hang up at the agent's phone; nothing happens where the phones are not ours to steer."""
        if self.agents is not None:
            await self.agents.phone(agent).hangup()

    async def notes_done(self, agent: AgentId, call: CallId) -> None:
        """The agent ends the wrap-up of this call, if it is not over."""
        if self.line.runner.line.view.agents.wrapped_up_call(agent) == call:
            self.line.runner.step(e.AgentAsked(agent, AgentAction.END_WRAP_UP))


@dataclass(slots=True)
class _Stage:
    """The play: which calls are on the line, and what their facts make people do."""

    lapse: Lapse
    people: _People
    told: Callable[[int], None]
    collector: Collector = field(init=False)
    begins: float = 0.0
    rows: dict[CallId, int] = field(default_factory=dict)
    queued: set[CallId] = field(default_factory=set)
    over: dict[int, f.CallEnded] = field(default_factory=dict)
    oddities: Counter[str] = field(default_factory=Counter)
    all_done: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        plan = self.lapse.plan
        queues = tuple(plan.settings.queues)
        self.collector = Collector(queues, 0.0, plan.ends_at + DRAIN_S, plan.scenario.target.within_s)
        self.collector.who = self.rows

    async def begin(self, stack: contextlib.AsyncExitStack, voice: bool) -> None:
        """Read the facts, and let the callers come."""
        runner = self.people.line.runner
        self.begins = runner.clock.now()
        runner.read(self.read)
        await self.people.call(stack, voice)

    async def all_over(self) -> None:
        """Until the last call has ended; what has not by then is lost."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LEAD_S + self.lapse.citizens.at[-1] + DRAIN_S):
                await self.all_done.wait()
        self.people.rest()

    def played(self) -> RehearsalResult:
        """Give the waits, the ends that are neither HANDLED nor ABANDONED, and what was odd."""
        ends = Counter(self._end(row) for row in range(len(self.lapse.citizens.at)))
        for well in (Outcome.HANDLED, Outcome.ABANDONED):
            del ends[well]
        return RehearsalResult(self.collector.waits(), ends, self.oddities)

    def _end(self, row: int) -> str:
        if row in self.over:
            return self.over[row].outcome
        return "not over" if row in self.rows.values() else "never came to the line"

    # -- what the facts tell ---

    def read(self, now: float, facts: Iterable[f.Fact]) -> None:
        """Take the facts of one step: count them, and let people do what they do next."""
        for fact in facts:
            self.collector.take(now - self.begins, fact)
            match fact:
                case f.CallStarted(call, ani) if (row := _row(ani, len(self.lapse.citizens.at))) is not None:
                    self.rows[call] = row
                case f.Queued(call) if call in self.rows:
                    self._queued(fact)
                case f.Connected(call) if call in self.rows:
                    self._connected(fact)
                case f.ConversationEnded(call) if call in self.rows:
                    notes_s = self.lapse.citizens.wrap_up_s[self.rows[call]]
                    self.people.later(notes_s, self.people.notes_done(fact.agent, call))
                case f.CallEnded(call) if call in self.rows:
                    self._ended(fact)
                case f.Unexpected() | f.Discrepancy() | f.CommandLost():
                    self.oddities[type(fact).__name__] += 1

    def _queued(self, fact: f.Queued) -> None:
        row = self.rows[fact.call]
        patience_s = self.lapse.citizens.patience_s[row]
        if fact.call not in self.queued and isfinite(patience_s):
            self.people.later(patience_s, self._gives_up(fact.call))
        self.queued.add(fact.call)

    async def _gives_up(self, call: CallId) -> None:
        if call in self.collector.rows:  # neither connected nor over
            await self.people.caller_hangs_up(self.rows[call])

    def _connected(self, fact: f.Connected) -> None:
        row, drawn, people = self.rows[fact.call], self.lapse.citizens, self.people
        by_caller = people.agents is None or drawn.hangs_up[row] < self.lapse.plan.scenario.callers.hangs_up_first
        people.later(drawn.talk_s[row], people.caller_hangs_up(row) if by_caller else people.agent_hangs_up(fact.agent))

    def _ended(self, fact: f.CallEnded) -> None:
        self.over[self.rows[fact.call]] = fact
        self.told(len(self.over))
        if len(self.over) == len(self.lapse.citizens.at):
            self.all_done.set()


def _ani(row: int) -> str:
    """A number that tells the row, and that the line may not dial: nobody here is promised a callback."""
    return f"7{row:06}"


def _row(ani: str, count: int) -> int | None:
    row = int(ani[1:]) if len(ani) == 7 and ani.isdigit() and ani[0] == "7" else count
    return row if row < count else None
