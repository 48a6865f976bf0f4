"""The demo of `make run`: agents log in, answer and talk; citizens call, wait, talk, give up, press wrong keys.

It needs a line at host:port and the passwords of its agents, nothing else. All that is random comes from named
streams: the same seed brings the same citizens. No process outlives the one that runs the demo.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import functools
import random
from collections import Counter
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from .child import PhonesError
from .citizens import Identity, SippCallers, SippGroup
from .farm import Farm
from .news import PhoneEvent, PhoneEventKind
from .scenario import Dtmf, Press
from .scripted import END_WRAP_UP, LOG_IN, Manners, Scripted
from .scripted import LIMIT as SCRIPTED_LIMIT
from .seat import Behaviour
from .streams import stream

CALLERS_AT_ONCE = 40
TROUBLES_KEPT = 20
_TOPICS = ("11{}", "12{}", "2{}", "3{}", "4{}", "51{}")  # keys behind the language; {} is the caller's role
_WRONG = "678"


class Mood(enum.Enum):
    """What a citizen does."""

    PATIENT = "waits, talks, hangs up in the end if the agent does not"
    LEAVES_MENU = "gives up in the menus"
    LEAVES_QUEUE = "gives up while waiting"
    WRONG_KEYS = "presses a wrong key"


SHARES = {Mood.PATIENT: 66, Mood.LEAVES_MENU: 10, Mood.LEAVES_QUEUE: 14, Mood.WRONG_KEYS: 10}


@dataclass(frozen=True, slots=True)
class Caller:
    """One citizen, drawn before the call."""

    mood: Mood
    language: str
    group: SippGroup


def draw(chance: random.Random, numbers: Sequence[str]) -> Caller:
    """Draws a citizen: mood, language, path through the menus, patience."""
    mood = chance.choices(list(SHARES), list(SHARES.values()))[0]
    language = chance.choices(["el", "en"], [0.85, 0.15])[0]
    number = chance.choices(numbers, [10, *[1] * (len(numbers) - 1)])[0]
    role = str(chance.randint(1, 3))
    path = chance.choice(_TOPICS).format(role) if number == numbers[0] else role
    pressed = ("1" if language == "el" else "2") + path
    presses = tuple(Press(chance.uniform(1.2, 3.5), key) for key in _spoil(chance, mood, pressed))
    ani = Identity(chance.choice(["210", "2310", "694", "697"]) + str(chance.randrange(10**6, 10**7)))
    group = SippGroup(number, (ani,), presses, _stay_s(chance, mood), dtmf=Dtmf.INFO)
    return Caller(mood, language, group)


def _spoil(chance: random.Random, mood: Mood, pressed: str) -> str:
    if mood is Mood.LEAVES_MENU:
        return pressed[: chance.randint(0, 1)]
    if mood is Mood.WRONG_KEYS:
        at = chance.randint(1, len(pressed))
        return pressed[:at] + chance.choice(_WRONG) + pressed[at:]
    return pressed


def _stay_s(chance: random.Random, mood: Mood) -> float:
    if mood is Mood.LEAVES_MENU:
        return chance.uniform(1, 6)
    return chance.uniform(8, 30) if mood is Mood.LEAVES_QUEUE else chance.uniform(60, 150)


@dataclass(slots=True)
class Demo:
    """`secrets`: passwords of the agents; `agents`: who of them take seats; `numbers`: the line's, the main one first.

    Up to `scripted` agents are pyVoIP phones (at most 20), the others baresip. `every_s`: mean time between calls.
    """

    sip_host: str
    sip_port: int
    secrets: Mapping[str, str]
    agents: Sequence[str]
    numbers: Sequence[str] = ("1555", "11320", "2106241888")
    seed: int = 1555
    every_s: float = 5.0
    scripted: int = SCRIPTED_LIMIT
    manners: Manners = field(default_factory=Manners)
    placed: Counter[Mood] = field(default_factory=Counter)
    answered: int = 0
    troubles: list[str] = field(default_factory=list)
    _people: list[Scripted | Farm] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def describe(self) -> list[str]:
        """Describes what the demo does, in words."""
        here, there = self._seats()
        numbers, names = ", ".join(self.numbers), ", ".join(self.agents)
        return [
            f"{len(self.agents)} agents take seats: {len(here)} pyVoIP, {len(there)} baresip ({names})",
            f"they answer, talk {_span(self.manners.talk_s)}, write notes {_span(self.manners.wrap_up_s)}",
            f"citizens dial {numbers} by SIPp, one about every {self.every_s:g} s, in Greek and English",
            "some give up in the menus or in the queue, some press wrong keys",
            f"seed {self.seed}: the same seed brings the same citizens",
        ]

    async def start(self) -> None:
        """Returns when all agents are registered and have logged in; citizens call from then on."""
        here, there = self._seats()
        try:
            if here:
                await self._seat(Scripted(here, self.sip_host, self.sip_port, self.seed, self.manners))
            if there:
                await self._seat_farm(there)
        except BaseException:
            await self.stop()
            raise
        self._begin(self._arrive())

    async def stop(self) -> None:
        """Citizens and agents hang up and are gone. May be repeated."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(people.stop() for people in self._people))
        self._people.clear()

    def _seats(self) -> tuple[dict[str, str], dict[str, str]]:
        if missing := [agent for agent in self.agents if agent not in self.secrets]:
            raise PhonesError(f"no password for {', '.join(missing)}")
        limit = min(self.scripted, SCRIPTED_LIMIT)
        here, there = self.agents[:limit], self.agents[limit:]
        return {agent: self.secrets[agent] for agent in here}, {agent: self.secrets[agent] for agent in there}

    async def _seat(self, people: Scripted | Farm) -> None:
        self._people.append(people)
        await people.start()

    async def _seat_farm(self, accounts: Mapping[str, str]) -> None:
        farm = Farm(accounts, self.sip_host, self.sip_port)
        chances = {agent: stream(self.seed, f"agent/{agent}") for agent in accounts}
        farm.on_event = lambda event: self._wrap_up(farm, event, chances[event.user]) if event.user else None
        await self._seat(farm)
        for agent in accounts:
            farm.behave(agent, functools.partial(self._behaviour, chances[agent]))
        for code in LOG_IN:
            await asyncio.gather(*(farm.phone(agent).code(code) for agent in accounts))

    def _behaviour(self, chance: random.Random) -> Behaviour:
        talk_s = chance.uniform(*self.manners.talk_s)
        ends = chance.random() < self.manners.hangs_up
        after_s = chance.uniform(*self.manners.ring_s)
        return Behaviour(answer_after_s=after_s, talk_s=talk_s if ends else self.manners.patience_s)

    def _wrap_up(self, farm: Farm, event: PhoneEvent, chance: random.Random) -> None:
        """After a conversation a baresip agent writes notes, then ends the wrap-up by its code."""
        talked = event.kind is PhoneEventKind.CLOSED and any(
            e.kind is PhoneEventKind.ESTABLISHED and e.call == event.call and "sip:*" not in e.peer
            for e in farm.news.events
        )
        if talked:
            self._begin(self._end_wrap_up(farm, event.user, chance.uniform(*self.manners.wrap_up_s)))

    async def _end_wrap_up(self, farm: Farm, agent: str, after_s: float) -> None:
        await asyncio.sleep(after_s)
        with self._noting(agent):
            await farm.phone(agent).code(END_WRAP_UP)

    async def _arrive(self) -> None:
        arrivals, people = stream(self.seed, "demo/arrivals"), stream(self.seed, "demo/callers")
        while True:
            await asyncio.sleep(arrivals.expovariate(1 / self.every_s))
            caller = draw(people, self.numbers)
            if len(self._tasks) <= CALLERS_AT_ONCE:
                self._begin(self._call(caller))

    async def _call(self, caller: Caller) -> None:
        self.placed[caller.mood] += 1
        with self._noting("a citizen"):
            async with SippCallers(caller.group, self.sip_host, self.sip_port) as citizen:
                self.answered += (await citizen.wait()).established

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @contextlib.contextmanager
    def _noting(self, who: str) -> Iterator[None]:
        """Notes a phone's failure, which does not end the demo; the last ones are kept."""
        try:
            yield
        except (PhonesError, TimeoutError, OSError) as error:
            self.troubles = [*self.troubles, f"{who}: {error or type(error).__name__}"][-TROUBLES_KEPT:]


def _span(seconds: tuple[float, float]) -> str:
    return f"{seconds[0]:g}-{seconds[1]:g} s"
