"""The line as one pure object: its whole behaviour, without I/O and without a clock.

    handle(event, now) -> outputs      something happened outside
    tick(now) -> outputs               fire every timer that is due
    next_deadline() -> now | None      when it wants to be woken

Outputs are commands and facts in the order they were decided. ``now`` is float seconds on a monotonic scale.
"""

from __future__ import annotations

from typing import Any, Final

from calls import ContractError
from calls import events as e

from . import offers
from .alarms import fire
from .doors import take, take_values
from .kept import KeptState, kept, restored
from .library import Library, Shelf
from .publication import take_settings
from .settings import LineSettings
from .stages import CALL_MOVES, OFFER_MOVES
from .state import EngineState, Output, Reads
from .timers import TimerKind
from .view import LineView

MOST_ANNOUNCED: Final = 50
"""Announcements of one tick: some milliseconds, in which nobody else is served."""


class Line:
    """The engine; one instance is one line."""

    def __init__(
        self,
        settings: LineSettings,
        reads: Reads | None = None,
        library: Library | None = None,
        *,
        estimates: bool = True,
    ) -> None:
        """``reads``: who is told of each kind of command and fact that is read, at once and with its values; None: all
        are made as messages, with their explanations.

        ``library`` has the settings that may be published, by digest. ``estimates``: whether waits are learnt; without,
        a step that needs an estimate raises ``NotEstimatedError``, and the line is of no more use.
        """
        self.library: Library = library if library is not None else Shelf()
        self._take_up(EngineState.empty(settings, CALL_MOVES, OFFER_MOVES, reads))
        self._state.estimates = estimates

    # -- the three doors ---

    def handle(self, event: e.Event, now: float) -> list[Output]:
        """Take one event. Timers due before ``now`` fire first, those at ``now`` after it (by ``tick``).

        Raises ``ContractError``, with nothing changed, if ``now`` goes backwards.
        """
        self._advance(now)
        self._fire(also_at_now=False)
        if isinstance(event, e.SettingsPublished):
            self._publish(event)
        else:
            take(self._state, event)
        return self._outputs()

    def do(self, kind: type, subject: str, value: Any, now: float) -> list[Output]:
        """Take what happened to a call, an offer or an agent, as ``handle`` does, without a message of it.

        ``value``: for ``CallArrived`` the caller's number and the one dialled, for ``KeyPressed`` the key, for
        ``PromptEnded`` the number of the play, for ``CallerLeft`` and ``AgentLeft`` whether their sound was lost, for
        ``AgentAsked`` the action and its reason; for others None, where their actions need nothing more.
        """
        self._advance(now)
        self._fire(also_at_now=False)
        take_values(self._state, kind, subject, value)
        return self._outputs()

    def tick(self, now: float) -> list[Output]:
        """Fire every timer due at or before ``now``, and then the announcements that are due, at most so many."""
        self._advance(now)
        self._fire(also_at_now=True)
        self._announce()
        return self._outputs()

    def next_deadline(self) -> float | None:
        """When ``tick`` has something to do: now, where announcements are late; None where nothing is planned."""
        at = self._state.timers.next_at()
        return None if at is None else max(at, self._state.now)

    # -- keeping and changing ---

    def freeze(self) -> KeptState:
        """Give what a checkpoint keeps of the state. It shares objects with the line: write it before the next step."""
        return kept(self._state, self.library)

    @classmethod
    def thaw(cls, known: KeptState, library: Library, unpublished: LineSettings | None = None) -> Line:
        """Restore the engine as it was; ``known`` is its own from now on.

        ``unpublished``: the settings that the line was made with, where it kept none or has callers who began under
        them. Raises ``ContractError`` for settings that nobody has.
        """
        state = restored(known, library, unpublished)
        line = cls(state.settings, library=library)
        line._take_up(state)
        return line

    # -- inside ---

    def _take_up(self, state: EngineState) -> None:
        self._state, self.view = state, LineView(state)

    def _publish(self, event: e.SettingsPublished) -> None:
        settings = self.library.get(event.digest)
        if settings is None:
            raise ContractError(f"no settings {event.digest}")
        take_settings(self._state, settings, event)

    def _advance(self, now: float) -> None:
        if now < self._state.now:
            raise ContractError(f"time went back from {self._state.now} to {now}")
        self._state.now = now

    def _outputs(self) -> list[Output]:
        w = self._state
        offers.distribute(w)
        out, w.out = w.out, []
        return out

    def _fire(self, *, also_at_now: bool) -> None:
        w = self._state
        while (due := w.timers.pop_due(w.now, also_at_now=also_at_now)) is not None:
            fire(w, due.kind, due.subject)
            offers.distribute(w)

    def _announce(self) -> None:
        w = self._state
        for _ in range(MOST_ANNOUNCED):
            if (call := w.timers.pop_announcement(w.now)) is None:
                return
            fire(w, TimerKind.ANNOUNCE, call)
            offers.distribute(w)
