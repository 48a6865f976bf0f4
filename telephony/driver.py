"""The live driver: a real Asterisk and the monotonic clock around the pure engine.

It turns AMI events into engine events, wakes the engine at its deadlines, writes each step into the journal before the
commands it caused are sent, and keeps alive what must be: heartbeat, leases, audit. It decides nothing about calls.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, get_args

from calls import AgentId, Attribute, CallStage, ContractError, OfferResult
from calls import commands as c
from calls import events as e
from calls import facts as f
from engine import Line, LineSettings

from .accounting import Accounting, Source
from .ami import AmiClient, AmiError, AmiMessage, AmiSettings
from .clock import Clock
from .legs import NEVER, DialledLeg, Legs, call_id, channel_of, is_callback
from .lookups import Lookups, Service
from .snapshot import Channel, SeenChannels, look
from .switch import DONE, PromptPath, Switch
from .translate import Translator

log = logging.getLogger(__name__)

Reader = Callable[[float, Sequence[f.Fact]], None]
"""Takes the facts of one step, at once and without waiting."""

_FACTS = get_args(f.Fact)
CHECKPOINT_STEPS = 5_000
RENEWALS = 7
"""Renewals of a lease within its length: after a kill nearly all of it is left for the restart."""
UNHEARD = (CallStage.DIALLING, CallStage.PROMISED, None)
"""Stages of a callback whose citizen has just answered: they have heard nothing yet, and nothing of it can be cut."""
CLOCK_STEP_S = 0.5
"""A wall clock that is off by less was not set."""
STANDSTILL_BEATS = 2.5
"""Heartbeats overdue from which on the process is taken to have stood still."""


class Journal(Protocol):
    """Keeps steps. Neither call may raise or wait."""

    def append(self, now: float, event: e.Event | None, facts: Sequence[f.Fact]) -> object: ...

    def checkpoint(self, now: float) -> object:
        """Keep the engine's whole state as of this step."""


@dataclass(frozen=True, slots=True)
class DriverSettings:
    """Times in seconds. ``lease_s``: so long a caller stays ours without a sign of life from this process.

    ``trunk_contact``: HOST:PORT where citizens are called back; empty: nowhere. ``messages``: where recordings go.
    """

    node: str = "n1"
    version: str = ""
    lease_s: float = 6.0
    heartbeat_s: float = 1.0
    audit_s: float = 30.0
    resync_tries_s: float = 1.0
    trunk_contact: str = ""
    messages: Path | None = None


@dataclass(slots=True)
class DriverLag:
    """Lateness of the driver itself: the longest step and the longest delay of a timer since the last look, seconds."""

    step_s: float = 0.0
    timer_s: float = 0.0


class Driver:
    """One line on one Asterisk. ``readers`` get every step's facts, ``services`` answer lookups.

    ``mend``: what to do where an Asterisk of ours refuses the login (see ``AmiClient``).
    """

    def __init__(
        self,
        line: Line,
        clock: Clock,
        ami: AmiSettings,
        prompt_path: PromptPath,
        journal: Journal,
        readers: Sequence[Reader] = (),
        settings: DriverSettings | None = None,
        services: Mapping[str, Service] | None = None,
        mend: Callable[[], Awaitable[None]] | None = None,
        account: Source | None = None,
    ) -> None:
        self.line, self.clock, self.settings = line, clock, settings or DriverSettings()
        self.client = AmiClient(ami, self._message, self._up, self._down, mend=mend)
        self.legs = Legs()
        self.switch = Switch(
            self.client, self.legs, prompt_path, self.step, self.settings.trunk_contact, self.settings.messages
        )
        agents = frozenset(line.view.agent_ids())
        self.translator = Translator(self.settings.node, agents, self.legs, self.switch)
        self.lookups = Lookups(services or {}, self._looked_up)
        self.lag = DriverLag()
        self._journal, self._readers = journal, list(readers)
        self._held: list[AmiMessage] | None = []
        self._timer: asyncio.TimerHandle | None = None
        self._steps = 0
        self._accounting = Accounting(account, self.step, self._spawn)
        self._beat_at = clock.now()
        self._tasks: set[asyncio.Task[None]] = set()
        self._resyncing: asyncio.Task[None] | None = None
        self._strangers: frozenset[str] = frozenset()

    # -- life ---

    async def start(self) -> None:
        """Connect and take over what is there. Raises ``AmiUnreachable`` or ``AmiLoginFailed``."""
        self.step(e.LineStarted(self.settings.node, self.clock.anchor, self.settings.version))
        self._watch_wall()
        await self.client.start()
        self._spawn(self._every(self.settings.heartbeat_s, self._beat))
        self._spawn(self._every(self.settings.audit_s, self._audit))

    async def stop(self) -> None:
        """Let go of Asterisk. Calls stay as they are; their leases end by themselves."""
        self._accounting.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._timer is not None:
            self._timer.cancel()
        await self.lookups.close()
        await self.client.close()
        self._journal.checkpoint(self.line.view.now)

    def publish(self, settings: LineSettings, by: str = "") -> None:
        """New menus, queues and agents, while calls go on."""
        self.step(e.SettingsPublished(self.line.library.add(settings), by))
        self.translator.agents = frozenset(self.line.view.agent_ids())

    def tell_membership(self) -> None:
        """Asterisk's own queues must know, after a restart of theirs or ours, who takes calls."""
        for agent in self.line.view.agents():
            self.switch.carry_out(c.Membership(agent.id, agent.serving))

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
        facts = [output for output in out if isinstance(output, _FACTS)]
        self._journal.append(now, event, facts)
        for output in out:
            if not isinstance(output, _FACTS):
                self._command(output)
        self._note(now, facts)
        self._schedule()

    def _command(self, command: Any) -> None:
        if isinstance(command, c.Ring):
            self.translator.expect_offer(command.offer, command.agent)
        try:
            if isinstance(command, c.Lookup):
                self.lookups.ask(command)
            else:
                self.switch.carry_out(command)
        except ValueError as error:  # a value Asterisk must not see
            call, offer = getattr(command, "call", None), getattr(command, "offer", None)
            failed = e.CommandFailed(type(command).__name__, call, offer, str(error))
            asyncio.get_running_loop().call_soon(self.step, failed)

    def _looked_up(self, event: e.LookedUp | e.LookupFailed) -> None:
        """Tell the engine the answer, but for a caller who has hung up: that is no oddity."""
        if self.line.view.has_call(event.call):
            self.step(event)

    def _note(self, now: float, facts: Sequence[f.Fact]) -> None:
        for fact in facts:
            self._prepare_rescue(fact)
        for reader in self._readers:
            try:
                reader(now, facts)
            except Exception:
                log.exception("a reader of facts failed; the line goes on")
        self._steps += 1
        if self._steps % CHECKPOINT_STEPS == 0:
            self._journal.checkpoint(now)

    def _prepare_rescue(self, fact: f.Fact) -> None:
        """Set what the survivable menu should know about a caller, should it have to take them.

        A callback that waits has no channel: it brings the same with it when the citizen is dialled.
        """
        match fact:
            case f.Queued(call=call, queue=queue) if self.legs.caller(call) is not None:
                self.switch.set_variable(channel_of(call), "LINE_QUEUE", queue)
                self.switch.mark_done(channel_of(call), False)
            case f.AttributeSet(call=call, attribute=Attribute.LANGUAGE, value=value):
                self.switch.set_variable(channel_of(call), "LINE_LANG", value)

    def _schedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        deadline = self.line.next_deadline()
        if deadline is not None:
            delay = max(0.0, deadline - self.clock.now())
            self._timer = asyncio.get_running_loop().call_later(delay, self._wake, deadline)

    def _wake(self, deadline: float) -> None:
        self._notice_standstill()
        self.lag.timer_s = max(self.lag.timer_s, self.clock.now() - deadline)
        # A loop may wake a hair early: the engine's clock must then be at the deadline, not before it.
        if self.clock.now() < deadline:
            self._schedule()
        else:
            self.step(None)

    # -- Asterisk speaks ---

    def _message(self, message: AmiMessage) -> None:
        if self._notice_standstill():
            return
        if self._held is not None:
            self._held.append(message)
            return
        if message.name == "Hangup":
            self._accounting.ended(message, message.get("Uniqueid") in self.legs.callers)
        for event in self.translator.translate(message):
            self.step(event)
        if message.name == "AsyncAGIStart":
            self._renew_leases()  # the dialplan gives a caller who comes a short one

    def _up(self) -> None:
        self._held, self._beat_at = [], self.clock.now()
        self._beat()
        self.step(e.LinkUp())
        self._resyncing = self._spawn(self._resync())

    def _down(self, reason: str) -> None:
        self._held = []
        if self._resyncing is not None:
            self._resyncing.cancel()  # a look of before the loss, taken for the truth later, would end living calls
        self.step(e.LinkDown(reason))

    async def _resync(self) -> None:
        """Take stock, tell the engine, then let the events that came meanwhile through."""
        while self.client.up:
            try:
                seen = await look(self.client, self.settings.node, self.translator.agents)
            except AmiError as error:
                log.warning("no snapshot yet: %s", error)
                await asyncio.sleep(self.settings.resync_tries_s)
                continue
            await self._take_stock(seen)
            return

    async def _take_stock(self, seen: SeenChannels) -> None:
        snapshot = seen.snapshot(self.settings.node, final=True)
        reached = self._reached(seen)
        self._rebuild(seen)
        self.step(snapshot)
        self._trunk(seen)
        self._settle_dialled()
        await self._greet_unknown(seen)
        held, self._held = self._held or [], None
        for message in held:
            if message.name != "AsyncAGIStart" or message.get("Uniqueid") not in reached:
                self._message(message)
        self.tell_membership()
        self._beat()
        self._accounting.took_stock(seen.channels)

    def _rebuild(self, seen: SeenChannels) -> None:
        """Write the book of channels anew, as the switch has them. What a caller hears is cut: steering starts anew."""
        legs, translator = self.legs, self.translator
        legs.clear()
        translator.forget_contacts()
        for offer, channel in seen.offers.items():
            live = self.line.view.offer(offer)
            agent = live.agent if live is not None else seen.handed.get(offer)
            if agent is not None:
                translator.expect_offer(offer, agent)
                leg = legs.offers[offer]
                leg.name, leg.answered = channel.name, channel.state == "6"
                leg.held = live is not None and live.on_hold
            legs.enter_bridge(channel.bridge, channel.id)
        legs.others.update(seen.others)
        for rung in seen.dialled:
            legs.dialled[rung] = DialledLeg(call_id(self.settings.node, rung), rung, seen=True)
        for caller in seen.callers.values():
            self._adopt(caller, seen.stage(caller) is CallStage.TRANSFERRING)

    def _adopt(self, caller: Channel, transferring: bool) -> None:
        if caller.context.startswith("line-survive"):
            return
        leg = self.translator.adopt(caller.id)
        if caller.bridge:
            self.legs.enter_bridge(caller.bridge, caller.id)
        elif is_callback(caller.id) and self.line.view.stage(leg.call) in UNHEARD:
            leg.steering.entered()
        elif caller.context in ("line-agi", "line-lease"):
            leg.steering.interrupted = True
            self.switch.interrupt(caller.id)
        leg.transferring = transferring

    def _reached(self, seen: SeenChannels) -> set[str]:
        """Citizens who answered unseen. The look tells it: ``AsyncAGIStart`` among the held events is then old news."""
        node = self.settings.node
        return {ch for ch in seen.callers if is_callback(ch) and self.line.view.stage(call_id(node, ch)) in UNHEARD}

    def _settle_dialled(self) -> None:
        """Phones that ring for nobody are stilled; a callback whose channel is gone has failed."""
        wanted = {call.id for call in self.line.view.calls() if call.stage is CallStage.DIALLING}
        for leg in list(self.legs.dialled.values()):
            if leg.call not in wanted:
                self.switch.carry_out(c.HangUp(leg.call))
        there = {leg.call for leg in self.legs.dialled.values()}
        for call in sorted(call for call in wanted - there if self.legs.caller(call) is None):
            self.step(e.CallbackFailed(call, OfferResult.FAILED, "gone while not watched"))

    async def _greet_unknown(self, seen: SeenChannels) -> None:
        """Callers who came while nobody watched."""
        for channel, caller in seen.callers.items():
            leg = self.legs.callers.get(channel)
            if leg is None or self.line.view.has_call(leg.call) or caller.bridge or leg.transferring:
                continue
            if is_callback(channel):
                self.step(e.CallbackAnswered(leg.call))
                continue
            try:
                dnis, done = [await self._variable(channel, name) for name in ("LINE_DNIS", DONE)]
            except AmiError:
                continue  # gone in the meantime: its Hangup is among the held events
            if done:  # an engine of before has served them; nobody is rung a second time
                self.switch.carry_out(c.HangUp(leg.call))
            else:
                self.step(e.CallArrived(leg.call, caller.ani, dnis))

    async def _variable(self, channel: str, name: str) -> str:
        """A variable of a channel, empty where it has none. Raises ``AmiError``."""
        return (await self.client.action("Getvar", {"Channel": channel, "Variable": name})).get("Value")

    # -- kept alive ---

    def _beat(self) -> None:
        """Send the heartbeat, and renew the lease of every caller whose last renewal is getting old.

        Not before stock was taken: a lease given to a caller whom Asterisk's own menu has by now would cut them off.
        """
        self._watch_wall()
        if self._notice_standstill() or not self.client.up:
            return
        self._beat_at = self.clock.now()
        self._tell_refused()
        self.switch.heartbeat(1 + self.clock.now())
        self._renew_leases()

    def _tell_refused(self) -> None:
        refused = self.translator.refused
        for event in refused.turned_away():
            self.step(event)
        for words in refused.words(self.clock.now()):
            log.warning("%s", words)

    def _watch_wall(self) -> None:
        """Somebody may have set the wall clock. Asterisk counts leases by it: all are renewed with this beat."""
        off_s = self.clock.off()
        if abs(off_s) < CLOCK_STEP_S:
            return
        log.warning(
            "the wall clock was set by %+.1f s: opening hours, records and reports follow it from now on", off_s
        )
        self.clock.anchor += off_s
        self.step(e.ClockMoved(self.clock.anchor))
        for leg in self.legs.callers.values():
            leg.lease_at = NEVER

    def _renew_leases(self) -> None:
        now = self.clock.now()
        for leg in self.legs.callers.values() if self._held is None else ():
            if leg.steering.controlled and now - leg.lease_at > self.settings.lease_s / RENEWALS:
                if leg.lease_at == NEVER:
                    self.switch.take(leg)
                leg.lease_at = now
                self.switch.renew_lease(leg, self.settings.lease_s)

    def _notice_standstill(self) -> bool:
        """Notice that this process stood still until leases may have ended (what is unread on the connection is old).

        Asterisk's own menu may have callers whom we believe to be ours, and a lease renewed there would cut them off:
        nothing is sent to any of them before a new look at Asterisk.
        """
        gap = self.clock.now() - self._beat_at
        if not self.client.up or gap < max(self.settings.lease_s / 2, STANDSTILL_BEATS * self.settings.heartbeat_s):
            return False
        self.client.drop(f"the engine stood still for {gap:.1f} s")
        return True

    def _audit(self) -> None:
        if self.client.up and self._held is None:
            self._spawn(self._compare())

    async def _compare(self) -> None:
        before = self.legs.existing()
        self.translator.heard.clear()
        try:
            seen = await look(self.client, self.settings.node, self.translator.agents)
        except AmiError as error:
            log.warning("no audit: %s", error)
            return
        if self._held is not None:
            return
        for channel in before - seen.channels:
            for event in self.translator.gone(channel):
                self.step(event)
        self._accounting.read(seen.channels)
        self._adopt_strangers({ch: seen.others[ch] for ch in seen.others.keys() - before - self.legs.existing()})
        # Which phones are in use, or came and went during the look, by our book: the look may not have it yet.
        known = replace(seen, others=dict(self.legs.others), contacts=self.translator.contacts_after(seen.contacts))
        self.step(known.snapshot(self.settings.node, final=False))
        self._trunk(seen)

    def _trunk(self, seen: SeenChannels) -> None:
        for event in self.translator.trunk_seen(seen.trunk):
            self.step(event)

    def _adopt_strangers(self, strangers: dict[str, AgentId]) -> None:
        """Calls of agents' phones that no event told us of, the second time they are seen."""
        for channel in strangers.keys() & self._strangers:
            for event in self.translator.other_call(channel, strangers[channel]):
                self.step(event)
        self._strangers = frozenset(strangers)

    async def _every(self, seconds: float, action: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(seconds)
            action()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


class NoJournal:
    """Keeps nothing; for drivers that are only tried."""

    def append(self, now: float, event: e.Event | None, facts: Sequence[f.Fact]) -> None:
        """Nothing is kept."""

    def checkpoint(self, now: float) -> None:
        """Nothing is kept."""
