"""The periodic audit: whatever no event told of, Asterisk is asked for."""

from __future__ import annotations

import logging
from dataclasses import replace

from calls import AgentId

from .accounting import Accounting
from .ami import AmiError
from .parts import NodeParts
from .snapshot import look

log = logging.getLogger(__name__)


class Audit:
    """Compares the book of channels with what Asterisk has."""

    def __init__(self, node: NodeParts, accounting: Accounting) -> None:
        self._node, self._accounting = node, accounting
        self._strangers: frozenset[str] = frozenset()

    def begin(self) -> None:
        """Compare in the background, if the book of channels is up to date."""
        if self._node.trusted:
            self._node.spawn(self.compare())

    async def compare(self) -> None:
        """Look at Asterisk once, and tell the engine what it has. Events go on meanwhile."""
        node = self._node
        before = node.legs.existing()
        node.translator.heard.clear()
        try:
            seen = await look(node.client, node.legs.names, node.translator.agents)
        except AmiError as error:
            log.warning("no audit of %s: %s", node.name, error)
            return
        if node.held is not None:
            return
        for channel in before - seen.channels:
            for event in node.translator.gone(channel):
                node.step(event)
        self._accounting.read(seen.channels)
        self._adopt({ch: seen.others[ch] for ch in seen.others.keys() - before - node.legs.existing()})
        # Which phones are in use, or came and went during the look, by our book: the look may not have it yet.
        contacts = node.translator.contacts_after(seen.contacts)
        known = replace(seen, others=dict(node.legs.others), contacts=contacts)
        node.step(known.snapshot(node.legs.names, final=False))
        for event in node.translator.trunk_seen(seen.trunk):
            node.step(event)

    def _adopt(self, strangers: dict[str, AgentId]) -> None:
        """Calls of agents' phones that no event told us of, the second time they are seen."""
        for channel in strangers.keys() & self._strangers:
            for event in self._node.translator.other_call(channel, strangers[channel]):
                self._node.step(event)
        self._strangers = frozenset(strangers)
