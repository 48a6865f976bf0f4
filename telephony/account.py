"""Asterisk's own account of calls (CEL rows in a file, asterisk-config/cel_custom.conf.j2): what each citizen's was.

Pure: rows in, calls out. It does not know which of them the engine has seen.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from calls import AgentId, Party, QueueId

from .names import is_callback
from .translate import digits, entry_number

TRUNK = "PJSIP/trunk-"
FIELDS = 9


@dataclass(slots=True)
class AccountedCall:
    """One citizen's call. Instants are epoch seconds by Asterisk's clock; None where it did not come to that.

    ``ended_at`` None: it goes on, or nobody wrote its end (Asterisk died).
    """

    channel: str
    name: str
    began_at: float
    ani: str = ""
    dnis: str = ""
    answered_at: float | None = None
    queue: QueueId | None = None
    queued_at: float | None = None
    agent: AgentId | None = None
    leg: str = ""
    talk_at: float | None = None
    talk_s: float = 0.0
    ended_at: float | None = None
    last_at: float = 0.0
    by: Party = Party.UNKNOWN

    @property
    def wait_s(self) -> float:
        """From the queue (where there was one) to the agent, or to the end."""
        if self.queued_at is None:
            return 0.0
        end = self.talk_at if self.talk_at is not None else self.ended_at or self.last_at
        return max(0.0, end - self.queued_at)

    @property
    def total_s(self) -> float:
        """Seconds from the answer (or the beginning) to the end, or to the last row."""
        return max(0.0, (self.ended_at or self.last_at) - (self.answered_at or self.began_at))


@dataclass(slots=True)
class Account:
    """Calls as the rows tell them, entered in order."""

    agents: frozenset[AgentId]
    calls: dict[str, AccountedCall] = field(default_factory=dict)
    _legs: dict[str, AgentId] = field(default_factory=dict)
    _bridges: dict[str, set[str]] = field(default_factory=dict)

    def enter(self, rows: Iterable[list[str]]) -> None:
        """Take rows in; those that are no rows of ours are passed over."""
        for row in rows:
            try:
                kind, at, *more = row
                self._enter(kind, float(at), *more)
            except (ValueError, TypeError, KeyError):
                continue  # half a row, or another version's: the others tell enough

    def _enter(
        self, kind: str, at: float, channel: str, linked: str, name: str, ani: str, dnis: str, data: str, extra: str
    ) -> None:
        if kind == "CHAN_START":
            self._starts(at, channel, linked, name)
        call = self.calls.get(channel)
        if call is not None:
            call.last_at = at
            call.ani, call.dnis = digits(ani) or call.ani, entry_number(dnis) or call.dnis
        match kind:
            case "ANSWER" if call is not None:
                call.answered_at = call.answered_at or at
            case "APP_START" if call is not None:
                call.queue, call.queued_at = QueueId(data.split(",")[0].removeprefix("q-")), at
            case "BRIDGE_ENTER":
                self._meets(at, channel, json.loads(extra))
            case "HANGUP":
                self._ends(at, channel, json.loads(extra or "{}"))

    def _starts(self, at: float, channel: str, linked: str, name: str) -> None:
        agent = AgentId(name.removeprefix("PJSIP/").rsplit("-", 1)[0])
        if agent in self.agents:
            self._legs[channel] = agent
        elif name.startswith(TRUNK) and channel == linked and not is_callback(channel):
            self.calls[channel] = AccountedCall(channel, name, at)

    def _meets(self, at: float, channel: str, extra: dict[str, str]) -> None:
        if extra["bridge_technology"] == "holding_bridge":
            return
        members = self._bridges.setdefault(extra["bridge_id"], set())
        members.add(channel)
        call = next((self.calls[member] for member in members if member in self.calls), None)
        leg = next((member for member in members if member in self._legs), None)
        if call is not None and leg is not None and call.leg != leg:
            call.agent, call.leg = self._legs[leg], leg
            call.talk_at = call.talk_at or at

    def _ends(self, at: float, channel: str, extra: dict[str, str]) -> None:
        call = self.calls.get(channel) or next((c for c in self.calls.values() if c.leg == channel), None)
        for bridge in [bridge for bridge, members in self._bridges.items() if channel in members]:
            self._bridges[bridge].discard(channel)
            if not self._bridges[bridge]:
                del self._bridges[bridge]
        self._legs.pop(channel, None)
        if call is None or call.ended_at is not None:
            return
        if call.talk_at is not None and not call.talk_s:
            call.talk_s = at - call.talk_at
        if call.channel == channel:
            call.ended_at, source = at, extra.get("hangupsource", "")
            call.by = Party.CALLER if source == call.name else Party.AGENT if source and call.agent else Party.LINE


def read(text: Iterable[str]) -> Iterator[list[str]]:
    """The rows of a file; half a row at its end is left out."""
    return (row for row in csv.reader(line.replace("\0", "") for line in text) if len(row) == FIELDS)
