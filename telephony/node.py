"""One Asterisk under the engine: AMI events become events of the line, commands of the engine become AMI actions.

It keeps alive what must be: heartbeat, leases, audit, and a new look at Asterisk after each connect. It decides nothing
about calls.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from calls import Attribute
from calls import commands as c
from calls import events as e
from calls import facts as f
from engine import Line

from .accounting import Accounting, Source
from .ami import AmiClient, AmiError, AmiMessage, AmiSettings, AmiUnreachable
from .audit import Audit
from .clock import Clock
from .leases import Leases
from .legs import Legs
from .names import Names, channel_of
from .parts import NodeParts, NodeSettings
from .snapshot import SeenChannels, look
from .stock import take_stock
from .switch import DONE, PromptPath, Switch
from .translate import Translator

log = logging.getLogger(__name__)

AGAIN_S: Final = 2.0
"""The pause (s) between two tries to reach a node that was not there at the start."""
Spawn = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]


class AsteriskNode:
    """One Asterisk. ``parts`` is what its rooms share.

    ``mend``: what to do where an Asterisk of ours refuses the login (see ``AmiClient``). ``account``: its own account
    of calls.
    """

    def __init__(
        self,
        settings: NodeSettings,
        line: Line,
        clock: Clock,
        ami: AmiSettings,
        prompt_path: PromptPath,
        step: Callable[[e.Event], None],
        spawn: Spawn,
        *,
        mend: Callable[[], Awaitable[None]] | None = None,
        account: Source | None = None,
    ) -> None:
        client = AmiClient(ami, self.message, self._up, self._down, mend=mend)
        legs = Legs(Names(settings.name, settings.line or settings.name))
        told = partial(_told, step, settings.name)
        switch = Switch(client, legs, prompt_path, told, settings.trunk_contact, settings.messages)
        translator = Translator(frozenset(line.view.agents.ids()), legs, switch)
        self.parts = NodeParts(settings, line, clock, client, legs, switch, translator, told, spawn, [])
        self.leases = Leases(self.parts)
        self.accounting = Accounting(account, told, spawn)
        self.audit = Audit(self.parts, self.accounting)
        self._spawn = spawn
        self._resyncing: asyncio.Task[None] | None = None

    # -- life ---

    async def start(self) -> None:
        """Connect and take over what is there. Raises ``AmiUnreachable`` or ``AmiLoginFailed``."""
        await self.parts.client.start()

    async def stop(self) -> None:
        """Let go of Asterisk. Calls stay as they are; their leases end by themselves."""
        self.accounting.close()
        await self.parts.client.close()

    def beat(self) -> None:
        """Send the heartbeat, renew leases, tell who was turned away at the door."""
        if self.stood_still() or not self.parts.client.up:
            return
        self._tell_refused()
        self.leases.beat()

    def stood_still(self) -> bool:
        """Notice that this process stood still; a new look at Asterisk follows."""
        return self.leases.stood_still()

    # -- the engine speaks ---

    def carry_out(self, command: c.Command) -> None:
        """Raises ``ValueError``, with nothing done, for what Asterisk must not be told."""
        if isinstance(command, c.Ring):
            self.parts.translator.expect_offer(command.offer, command.agent)
        self.parts.switch.carry_out(command)

    def prepare_rescue(self, fact: f.Queued | f.AttributeSet) -> None:
        """Set what the survivable menu should know about a caller, should it have to take them.

        A callback that waits has no channel: it brings the same with it when the citizen is dialled.
        """
        switch, channel = self.parts.switch, channel_of(fact.call)
        if isinstance(fact, f.AttributeSet):
            if fact.attribute is Attribute.LANGUAGE:
                switch.set_variables(channel, {"LINE_LANG": fact.value})
        elif self.parts.legs.caller(fact.call) is not None:
            switch.set_variables(channel, {"LINE_QUEUE": fact.queue, DONE: ""})

    def tell_membership(self) -> None:
        """Tell Asterisk's own queues, after a restart of theirs or ours, who takes calls."""
        for agent in self.parts.line.view.agents.all():
            self.parts.switch.carry_out(c.Membership(agent.id, agent.serving))

    # -- Asterisk speaks ---

    def message(self, message: AmiMessage) -> None:
        """Take one AMI event."""
        if self.stood_still():
            return
        if self.parts.held is not None:
            self.parts.held.append(message)
            return
        if message.name == "Hangup":
            self.accounting.ended(message, message.get("Uniqueid") in self.parts.legs.callers)
        for event in self.parts.translator.translate(message):
            self.parts.step(event)
        if message.name == "AsyncAGIStart" and (leg := self.parts.legs.callers.get(message.get("Uniqueid"))):
            self.leases.give(leg)  # that of the dialplan is short

    def _up(self) -> None:
        self.parts.held = []
        self.leases.begin()
        self.beat()
        self.parts.step(e.LinkUp())
        self._resyncing = self._spawn(self._resync())

    def _down(self, reason: str) -> None:
        self.parts.held = []
        if self._resyncing is not None:
            self._resyncing.cancel()  # a look of before the loss, taken for the truth later, would end living calls
        self.parts.step(e.LinkDown(reason))

    async def _resync(self) -> None:
        while self.parts.client.up:
            try:
                seen = await look(self.parts.client, self.parts.legs.names, self.parts.translator.agents)
            except AmiError as error:
                log.warning("no snapshot of %s yet: %s", self.parts.name, error)
                await asyncio.sleep(self.parts.settings.resync_tries_s)
                continue
            await self.take_stock(seen)
            return

    async def take_stock(self, seen: SeenChannels) -> None:
        """Tell the engine what Asterisk has, then handle the events that came meanwhile."""
        await take_stock(self.parts, seen)
        held, self.parts.held = self.parts.held or [], None
        for message in held:
            self.message(message)
        self.tell_membership()
        self.beat()
        self.accounting.took_stock(seen.channels)

    def _tell_refused(self) -> None:
        refused = self.parts.translator.refused
        for event in refused.turned_away():
            self.parts.step(event)
        for words in refused.words(self.parts.clock.now()):
            log.warning("%s", words)


async def connect(nodes: Sequence[AsteriskNode], step: Callable[[e.Event], None], spawn: Spawn) -> None:
    """Connect to every node. Of several, one that cannot be reached yet is waited for in the background.

    Raises ``AmiUnreachable`` where none can be reached, ``AmiLoginFailed`` where one refuses us.
    """
    away = 0
    for node in nodes:
        try:
            await node.start()
        except AmiUnreachable as error:
            away += 1
            if away == len(nodes):
                raise
            step(e.LinkDown(str(error), node.parts.name))
            spawn(_until_connected(node))


async def _until_connected(node: AsteriskNode) -> None:
    while True:
        await asyncio.sleep(AGAIN_S)
        with contextlib.suppress(AmiUnreachable):
            await node.start()
            return


_OF_A_SWITCH: Final = (
    e.LinkUp | e.LinkDown | e.Snapshot | e.TrunkSeen | e.CallsTurnedAway | e.PhoneReachable | e.PhoneInUse
)
"""Events that name their node in a field; the others have it in the name of the call, leg or session."""


def _told(step: Callable[[e.Event], None], node: str, event: e.Event) -> None:
    step(replace(event, node=node) if isinstance(event, _OF_A_SWITCH) else event)
