"""Agents who sit at real phones for a whole module, citizens who call them, and looks at how it ended."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agents import Agent
from calls import AgentAction, AgentId, AgentState
from calls import events as e
from calls import facts as f
from records.queries import Reports
from simulator.sip import Behaviour, Dtmf, Farm, Odd, OddPhone, SippCallers, SippGroup, keys
from simulator.sip.citizens import may_send_raw
from tests.live.lineup import Stage, stage

HOST = "127.0.0.1"
STAY_S = 60.0
OVER_RTP = Dtmf.RTP if may_send_raw() else Dtmf.INFO
"""Keys by RFC 4733, which SIPp can send as root only; who has the suite as an ordinary user has INFO in their place."""
needs_raw = pytest.mark.skipif(not may_send_raw(), reason="needs CAP_NET_RAW; test_asterisk_keys.py does without")
SEATS = ("agent001", "agent002", "agent003")
ODD_SEAT = "agent008"
"""No phone of the farm has this seat: odd phones take it."""


@dataclass
class Floor:
    """A running line and its people."""

    up: Stage
    farm: Farm

    # -- agents ---

    def agent(self, name: str) -> Agent:
        return self.up.line.runner.line._state.roster[AgentId(name)]

    def ask(self, name: str, action: AgentAction, reason: str = "") -> None:
        """What an agent wants, said at a desk."""
        self.up.line.runner.step(e.AgentAsked(AgentId(name), action, reason))

    async def ready(self, *names: str) -> None:
        """These agents take calls from now on, the last one as the longest idle one of none."""
        for name in names:
            await self.until(lambda name=name: self.agent(name).reachable)  # type: ignore[misc]
            if self.agent(name).state is AgentState.LOGGED_OUT:
                self.ask(name, AgentAction.LOG_IN)
            self.ask(name, AgentAction.READY)

    async def at_rest(self) -> None:
        """Everybody is off the line, and no agent takes calls."""
        await self.up.until_settled()
        for agent in list(self.up.line.runner.line._state.roster):
            if agent.state is not AgentState.LOGGED_OUT:
                self.ask(agent.id, AgentAction.NOT_READY, "break")

    def odd(self, odd: Odd, **how: Any) -> OddPhone:
        """An odd phone at its seat; start and stop it with ``async with``."""
        return OddPhone(odd, HOST, self.up.ports.sip, ODD_SEAT, self.up.password(ODD_SEAT), **how)

    # -- callers ---

    def citizen(
        self, pressed: str = "0", number: str = "1555", stay_s: float = STAY_S, pause_s: float = 0.3, **more: Any
    ) -> SippCallers:
        """Make a caller who presses keys by SIP INFO; ``async with`` starts and ends them. ``0``: to the operators."""
        how = {"dtmf": Dtmf.INFO, **more}
        return SippCallers(
            SippGroup(number, presses=keys(pressed, pause_s), stay_s=stay_s, **how), HOST, self.up.ports.sip
        )

    def outside(self, odd: Odd, **how: Any) -> OddPhone:
        """The party behind the numbers that the line dials."""
        return OddPhone(odd, HOST, self.up.ports.sip, sip_port=self.up.ports.outside, **how)

    # -- looks ---

    @property
    def since(self) -> int:
        return len(self.up.facts)

    async def until(self, holds: Callable[[], object], s: float = 15) -> None:
        async with asyncio.timeout(s):
            while not holds():
                await asyncio.sleep(0.01)

    def odd_facts(self, since: int = 0) -> list[f.Fact]:
        """What should not be: differences, lost commands, events out of place."""
        kinds = (f.Unexpected, f.Discrepancy, f.CommandLost)
        return [fact for _, fact in self.up.facts[since:] if isinstance(fact, kinds)]

    async def audit_twice(self) -> None:
        """What the first audit suspects the second one tells."""
        for _ in range(2):
            await self.up.node.audit.compare()

    async def journey(self, call: str) -> dict[str, Any]:
        """The call as the reports have it, once they have all."""
        await self.until(lambda: not self.up.line.tailer.lag().steps)
        url = f"sqlite:///{(self.up.line.options.run_dir / 'records.db').resolve()}"
        with Reports(url) as reports:
            found = reports.journey(call)
        assert found is not None, call
        return found


@contextlib.asynccontextmanager
async def floor(folder: Path, *seats: str, log_in: bool = True, **site: float) -> AsyncIterator[Floor]:
    """A line with phones at these seats, logged in by the feature code, not ready."""
    async with stage(folder, **site) as up:
        accounts = {seat: up.password(seat) for seat in seats or SEATS}
        async with Farm(accounts, HOST, up.ports.sip) as farm:
            if log_in:
                await asyncio.gather(*(farm.phone(seat).code("*11") for seat in accounts))
            for seat in accounts:
                farm.behave(seat, Behaviour(answer_after_s=0.2))
            yield Floor(up, farm)


async def ended(line: Floor, since: int, s: float = 20) -> f.CallEnded:
    """How the next call ended; then nothing may be left of it."""
    fact = await line.up.see(f.CallEnded, since=since, s=s)
    await line.up.until_settled()
    return fact


def one(facts: list[Any]) -> Any:
    """The only one of them."""
    assert len(facts) == 1, facts
    return facts[0]


def only_digits(ani: str) -> bool:
    return re.fullmatch(r"\+?[0-9]{0,20}", ani) is not None


async def both(first: Awaitable[Any], second: Awaitable[Any], offset_s: float) -> None:
    """Two things at almost the same time: the second ``offset_s`` after (or, below zero, before) the first."""

    async def later(work: Awaitable[Any], after_s: float) -> None:
        await asyncio.sleep(max(after_s, 0))
        await work

    await asyncio.gather(later(first, -offset_s), later(second, offset_s))
