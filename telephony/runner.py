"""The live driver's runner: the monotonic clock and the journal around the pure engine, with Asterisk nodes under it.

It takes events to the engine, wakes it at its deadlines, writes each step into the journal before the commands it
caused are sent, and takes each command to its node. It decides nothing about calls.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, get_args

from calls import ContractError
from calls import commands as c
from calls import events as e
from calls import facts as f
from engine import Line, LineSettings

from .accounting import Source
from .ami import AmiSettings
from .background import Alarm, Background
from .clock import Clock
from .lookups import Lookups, Service
from .node import AsteriskNode, connect
from .parts import NodeSettings
from .routes import Routes
from .switch import PromptPath

log = logging.getLogger(__name__)

Reader = Callable[[float, Sequence[f.Fact]], None]
"""Takes the facts of one step, at once and without waiting."""

_FACTS: frozenset[type] = frozenset(get_args(f.Fact))
CHECKPOINT_STEPS = 5_000
CLOCK_STEP_S = 0.5
"""A wall clock that is off by less was not set."""


class Journal(Protocol):
    """Keeps steps. Neither call may raise or wait."""

    def append(self, now: float, event: e.Event | None, facts: Sequence[f.Fact]) -> object:
        """Keep one step: its facts, and its event; None if timers fired."""

    def checkpoint(self, now: float) -> object:
        """Keep the engine's whole state as of this step."""


@dataclass(frozen=True, slots=True)
class RunnerSettings:
    """Settings of the engine's run. Times in seconds."""

    name: str = "n1"
    """The engine's name, in the ids of what it makes."""
    version: str = ""
    heartbeat_s: float = 1.0
    audit_s: float = 30.0


@dataclass(slots=True)
class Lag:
    """Lateness of the runner itself: the longest step and the longest delay of a timer since the last look, seconds."""

    step_s: float = 0.0
    timer_s: float = 0.0


class Runner:
    """One line on its Asterisk nodes. ``readers`` get every step's facts, ``services`` answer lookups."""

    def __init__(
        self,
        line: Line,
        clock: Clock,
        journal: Journal,
        settings: RunnerSettings | None = None,
        services: Mapping[str, Service] | None = None,
    ) -> None:
        self.line, self.clock, self.settings = line, clock, settings or RunnerSettings()
        self.nodes: dict[str, AsteriskNode] = {}
        self.routes = Routes(self.nodes)
        self.lookups = Lookups(services or {}, self._looked_up)
        self.lag = Lag()
        self._journal = journal
        self._readers: list[Reader] = []
        self._steps = 0
        self._background, self._alarm = Background(), Alarm(clock, self._due)

    def add(
        self,
        settings: NodeSettings,
        ami: AmiSettings,
        prompt_path: PromptPath,
        *,
        mend: Callable[[], Awaitable[None]] | None = None,
        account: Source | None = None,
    ) -> AsteriskNode:
        """Make a node under this line; it is connected by ``start``."""
        node = AsteriskNode(
            settings,
            self.line,
            self.clock,
            ami,
            prompt_path,
            self.step,
            self._background.spawn,
            mend=mend,
            account=account,
        )
        self.nodes[settings.name] = node
        return node

    # -- life ---

    async def start(self) -> None:
        """Connect and take over what is there. Raises ``AmiUnreachable`` or ``AmiLoginFailed``."""
        settings = self.settings
        self.step(e.LineStarted(settings.name, self.clock.anchor, settings.version, tuple(self.nodes)))
        self.beat()
        await connect(list(self.nodes.values()), self.step, self._background.spawn)
        self._background.every(self.settings.heartbeat_s, self.beat)
        self._background.every(self.settings.audit_s, self._audit)

    async def stop(self) -> None:
        """Let go of every Asterisk. Calls stay as they are; their leases end by themselves."""
        await self._background.close()
        self._alarm.cancel()
        await self.lookups.close()
        for node in self.nodes.values():
            await node.stop()
        self._journal.checkpoint(self.line.view.now)

    def publish(self, settings: LineSettings, by: str = "") -> None:
        """New menus, queues and agents, while calls go on."""
        self.step(e.SettingsPublished(self.line.library.add(settings), by))
        agents = frozenset(self.line.view.agents.ids())
        for node in self.nodes.values():
            node.parts.translator.agents = agents

    def tell_membership(self) -> None:
        """Tell every Asterisk's own queues who takes calls."""
        for node in self.nodes.values():
            node.tell_membership()

    def read(self, reader: Reader) -> None:
        """One more reader of facts, from now on."""
        self._readers.append(reader)

    # -- one step ---

    def step(self, event: e.Event | None) -> None:
        """One event (or, with None, the timers that are due) through the engine; journal, commands, readers."""
        now = max(self.clock.now(), self.line.view.now)
        try:
            out = self.line.handle(event, now) if event is not None else self.line.tick(now)
        except ContractError:
            log.exception("the engine refused %s; its state is untouched", type(event).__name__)
            return
        self._carry_out(now, event, out)
        self.lag.step_s = max(self.lag.step_s, self.clock.now() - now)

    def _carry_out(self, now: float, event: e.Event | None, out: Sequence[Any]) -> None:
        """The journal first, then the commands, then the readers."""
        facts = [output for output in out if type(output) in _FACTS]
        self._journal.append(now, event, facts)
        if len(facts) < len(out):
            for output in out:
                if type(output) not in _FACTS:
                    self._command(output)
        self._note(now, facts)
        self._alarm.set(self.line.next_deadline())

    def _command(self, command: Any) -> None:
        try:
            if isinstance(command, c.Lookup):
                self.lookups.ask(command)
            else:
                for node in self.routes.nodes(command):
                    self.nodes[node].carry_out(command)
        except ValueError as error:  # a value Asterisk must not see
            call, offer = getattr(command, "call", None), getattr(command, "offer", None)
            failed = e.CommandFailed(type(command).__name__, call, offer, str(error))
            asyncio.get_running_loop().call_soon(self.step, failed)

    def _looked_up(self, event: e.LookedUp | e.LookupFailed) -> None:
        """Tell the engine the answer, but for a caller who has hung up: that is no oddity."""
        if self.line.view.calls.has(event.call):
            self.step(event)

    def _note(self, now: float, facts: Sequence[f.Fact]) -> None:
        for fact in facts:
            if (type(fact) is f.Queued or type(fact) is f.AttributeSet) and (
                node := self.nodes.get(self.routes.of_call(fact.call))
            ):
                node.prepare_rescue(fact)
        for reader in self._readers:
            try:
                reader(now, facts)
            except Exception:
                log.exception("a reader of facts failed; the line goes on")
        self._steps += 1
        if self._steps % CHECKPOINT_STEPS == 0:
            self._journal.checkpoint(now)

    # -- the clock ---

    def _due(self, late_s: float) -> None:
        for node in self.nodes.values():
            node.stood_still()
        self.lag.timer_s = max(self.lag.timer_s, late_s)
        self.step(None)

    def beat(self) -> None:
        """Look at the wall clock, and show every Asterisk a sign of life.

        Somebody may have set the wall clock. Asterisk counts leases by it: all are renewed with this beat.
        """
        off_s = self.clock.off()
        if abs(off_s) >= CLOCK_STEP_S:
            log.warning("the wall clock was set by %+.1f s: opening hours, records and reports follow it", off_s)
            self.clock.anchor += off_s
            self.step(e.ClockMoved(self.clock.anchor))
            for node in self.nodes.values():
                node.leases.renew_all()
        for node in self.nodes.values():
            node.beat()

    def _audit(self) -> None:
        for node in self.nodes.values():
            node.audit.begin()


class NoJournal:
    """Keeps nothing; for runners that are only tried."""

    def append(self, now: float, event: e.Event | None, facts: Sequence[f.Fact]) -> None:
        """Nothing is kept."""

    def checkpoint(self, now: float) -> None:
        """Nothing is kept."""
