"""The whole line for a live test, in this process: site, Asterisk, engine, records; and looks at what it did."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

from calls import facts as f
from line1555.live.app import running
from line1555.live.running import Ending, Options, Running
from simulator.sip import Behaviour, Farm
from sites import load_site
from telephony import AsteriskNode
from tests.live.site import Ports, make_site, share_sounds

T = TypeVar("T")


class Stage:
    """A running line and its facts so far."""

    def __init__(self, line: Running, ports: Ports) -> None:
        self.line, self.ports = line, ports
        self.facts: list[tuple[float, f.Fact]] = []
        self._news = asyncio.Condition()
        line.runner.read(self._read)

    def _read(self, now: float, facts: object) -> None:
        self.facts += [(now, fact) for fact in facts]  # type: ignore[attr-defined]
        asyncio.get_running_loop().create_task(self._wake())

    async def _wake(self) -> None:
        async with self._news:
            self._news.notify_all()

    @property
    def node(self) -> AsteriskNode:
        """The only Asterisk of the line."""
        (node,) = self.line.runner.nodes.values()
        return node

    def all(self, kind: type[T], since: int = 0) -> list[T]:
        return [fact for _, fact in self.facts[since:] if isinstance(fact, kind)]

    async def see(self, kind: type[T], holds: Callable[[T], bool] = lambda _: True, since: int = 0, s: float = 20) -> T:
        """The first such fact from number ``since`` on; raises TimeoutError."""

        def found() -> T | None:
            return next((fact for fact in self.all(kind, since) if holds(fact)), None)

        async with asyncio.timeout(s), self._news:
            fact = await self._news.wait_for(found)
        assert fact is not None
        return fact

    def password(self, agent: str) -> str:
        assert self.line.asterisk is not None
        return self.line.asterisk.secrets.agents[agent]

    @contextlib.asynccontextmanager
    async def seats(self, *agents: str, behaviour: Behaviour | None = None, ready: bool = True) -> AsyncIterator[Farm]:
        """Registered phones of these agents, logged in and ready by feature codes."""
        async with Farm({agent: self.password(agent) for agent in agents}, "127.0.0.1", self.ports.sip) as farm:
            for agent in agents:
                farm.behave(agent, behaviour or Behaviour())
                for code in ("*11", "*13") if ready else ():
                    await farm.phone(agent).code(code)
            yield farm

    def settled(self) -> bool:
        """Nobody is on the line, no offer lives, no agent is busy."""
        world = self.line.runner.line._state
        busy = [a for a in world.roster if a.state in ("ringing", "talking")]
        return not world.calls and not world.offers and not busy

    async def until_settled(self, s: float = 20) -> None:
        end = time.monotonic() + s
        while not self.settled():
            assert time.monotonic() < end, (self.line.runner.line._state.calls, self.line.runner.line._state.offers)
            await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def stage(folder: Path, **site: float) -> AsyncIterator[Stage]:
    """A line of its own below ``folder``; ``site`` as ``make_site`` takes it."""
    ports = make_site(folder / "site", **site)  # type: ignore[arg-type]
    share_sounds(folder / "run")
    async with running(load_site(folder / "site"), Options(folder / "run", audit_s=5.0)) as line:
        try:
            yield Stage(line, ports)
        finally:
            line.end(Ending.BOTH)
