"""Calls that Asterisk answered while the engine was away, or that it had taken over: read from its own account.

The journal says which calls the engine has; what the account has beyond becomes an event. Each is told once: the fact
it makes stands in the journal, in the same step, so a crash while reading tells nothing twice and leaves nothing out.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import inf
from pathlib import Path

from calls import AgentId, CallId, Outcome
from calls import events as e
from calls import facts as f
from records import Reader
from records.person import Person
from telephony.account import Account, AccountedCall, read
from telephony.accounting import SETTLED_S
from telephony.names import call_id

log = logging.getLogger(__name__)

FILE = Path("log/cel-custom/account.csv")
MOST_BYTES = 256 << 10
"""A larger file is put aside when it was read; the one before it goes. Some 200 calls."""
MOST_KNOWN = 20_000
EARLIER_S = 7_200.0
"""Seconds before the first row of the account within which a call of it may have begun."""


class Accounts:
    """The account of one Asterisk. ``note`` hears the engine's facts; ``missing`` is what it should be told."""

    def __init__(
        self,
        run_dir: Path,
        node: str,
        agents: Callable[[], frozenset[AgentId]],
        wall: Callable[[], float] = time.time,
        journal: Path | None = None,
    ) -> None:
        """``run_dir`` is Asterisk's; ``journal`` is there where it stands elsewhere."""
        self._file, self._journal = run_dir / FILE, journal or run_dir / "journal.db"
        self._node, self._agents, self._wall = node, agents, wall
        self._known: dict[CallId, bool] = {}
        """Calls that are accounted for: True. False: the engine lost them, how they went on is still to be told."""
        self._unended: frozenset[str] = frozenset()
        self._remembered = False
        self._since = -inf
        """Epoch second; the journal knows nothing any more of calls that began before it."""

    def note(self, _now: float, facts: Sequence[f.Fact]) -> None:
        """A reader of the line's facts."""
        for fact in facts:
            match fact:
                case f.CallStarted(call=call) | f.Survived(call=call):
                    self._know(call, True)
                case f.CallEnded(call=call, outcome=Outcome.SURVIVED):
                    self._know(call, False)

    async def missing(self, living: frozenset[str] | None) -> list[e.CallSurvived]:
        """Calls that are over and not accounted for; ``living``: the channels that Asterisk has now. Never raises."""
        try:
            return await asyncio.to_thread(self._missing, living)
        except (OSError, sqlite3.Error, ValueError) as error:
            log.warning("Asterisk's own account cannot be read: %s", error)
            return []

    def unended(self, person: Person) -> list[CallId]:
        """Calls of a person that Asterisk has alone, or had when it died: the rows of their ends are still to come.

        Raises ``OSError``, ``sqlite3.Error``.
        """
        found = [told for told in self._read() if told.ended_at is None and person.pattern.fullmatch(told.ani)]
        self._remember_from(found)
        return [call_id(self._node, told.channel) for told in found if self._is_news(told)]

    # -- inside ---

    def _read(self) -> list[AccountedCall]:
        account = Account(self._agents())
        for part in (self._aside, self._file):
            with suppress(FileNotFoundError), part.open(encoding="utf-8", errors="replace", newline="") as text:
                account.enter(read(text))
        return list(account.calls.values())

    def _missing(self, living: frozenset[str] | None) -> list[e.CallSurvived]:
        answered = [told for told in self._read() if told.answered_at is not None]
        self._remember_from(answered)
        gone = {told.channel for told in answered if told.ended_at is None} - living if living is not None else set()
        events = [self._event(told) for told in answered if self._is_over(told, gone) and self._is_news(told)]
        if living is not None:
            self._unended = frozenset(gone)
        self._bound()
        return events

    def _is_over(self, told: AccountedCall, gone: set[str]) -> bool:
        """An end that nobody wrote is believed the second time: its row may be on its way."""
        if told.ended_at is None:
            return told.channel in gone and told.channel in self._unended
        return abs(self._wall() - told.ended_at) >= SETTLED_S  # a clock may have been set back meanwhile

    def _is_news(self, told: AccountedCall) -> bool:
        return told.began_at >= self._since and not self._known.get(call_id(self._node, told.channel), False)

    def _event(self, told: AccountedCall) -> e.CallSurvived:
        call = call_id(self._node, told.channel)
        ago_s = max(0.0, self._wall() - (told.ended_at or told.last_at))
        return e.CallSurvived(
            call, told.ani, told.dnis, told.queue, told.agent, told.wait_s, told.talk_s, told.total_s, ago_s, told.by,
            booked=call in self._known,
        )  # fmt: skip

    @property
    def _aside(self) -> Path:
        return self._file.with_name(self._file.name + ".1")

    def _bound(self) -> None:
        """Asterisk opens the file for each row: it goes on in a new one."""
        with suppress(FileNotFoundError):
            if self._file.stat().st_size > MOST_BYTES:
                self._file.replace(self._aside)

    def _know(self, call: CallId, whole: bool) -> None:
        self._known[call] = whole
        while len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]

    def _remember_from(self, calls: Sequence[AccountedCall]) -> None:
        """Once: what the engine had of the calls since these began, from the journal."""
        if self._remembered or not calls:
            return
        since = min(told.began_at for told in calls) - EARLIER_S
        told: dict[CallId, bool] = {}
        with Reader(self._journal) as reader:
            clock, first = reader.clock(), reader.first()
            self._since = -inf if first is None else clock.at(first)
            facts = [fact for text in reader.fates(clock.earliest(since)) for fact in json.loads(text)]
        for fact in facts:
            match fact:
                case {"type": "CallStarted" | "Survived", "call": call}:
                    told[CallId(call)] = True
                case {"type": "CallEnded", "call": call, "outcome": "survived"}:
                    told[CallId(call)] = False
        self._known = told | self._known
        self._remembered = True
