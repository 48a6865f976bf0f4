"""The engine's alarm clock, without a clock: what is due at which ``now``.

Order is law: by deadline, then kind (in the order of ``TimerKind``), then the order of setting. Announcements alone may
come late: they have a heap of their own, and those that are due are served a few at a time, so that no step takes long.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from heapq import heapify, heappop, heappush
from typing import NamedTuple


class TimerKind(IntEnum):
    """Why the engine wants to be woken. ``subject`` is a call, an offer, an agent, a node or a number."""

    SILENCE = 1
    ANNOUNCE = 2
    RING = 3
    CONNECT = 4
    CLOSE = 5
    LEAVE = 6
    WRAP_UP = 7
    RELAX = 8
    PREFERRED = 9
    OVERFLOW = 10
    RING_AHEAD = 11
    HOLDBACK = 12
    ASKED = 13
    CALLBACK = 14
    DIAL = 15
    LOOKUP = 16
    REST = 17
    PHONE_LOST = 18
    PHONE_AWAY = 19
    SILENT = 20
    NODE_LOST = 21
    PLACE_KEPT = 22

    __hash__ = int.__hash__


Timer = tuple[float, TimerKind, int, str]


class KeptTimer(NamedTuple):
    """A timer that is set: the ``sequence``-th of its clock."""

    kind: TimerKind
    subject: str
    sequence: int
    at: float


class KeptTimers(NamedTuple):
    """What is kept of the timers: those that are set, and how often any was set, by clock."""

    prompt: tuple[KeptTimer, ...]
    prompt_set: int
    patient: tuple[KeptTimer, ...]
    patient_set: int


@dataclass(slots=True)
class _Alarms:
    """At most one alarm per (kind, subject); setting it again moves it."""

    _heap: list[Timer] = field(default_factory=list)
    _live: dict[tuple[TimerKind, str], tuple[int, float]] = field(default_factory=dict)
    _sequence: int = 0

    def kept(self) -> tuple[KeptTimer, ...]:
        """Give the timers that are set; cancelled ones are forgotten."""
        return tuple(KeptTimer(kind, subject, *live) for (kind, subject), live in self._live.items())

    @classmethod
    def restored(cls, kept: tuple[KeptTimer, ...], sequence: int) -> _Alarms:
        """Set the kept timers again. ``sequence``: the number of the last timer that was set."""
        heap = [(timer.at, timer.kind, timer.sequence, timer.subject) for timer in kept]
        heapify(heap)
        return cls(heap, {(timer.kind, timer.subject): (timer.sequence, timer.at) for timer in kept}, sequence)

    def set(self, kind: TimerKind, subject: str, at: float) -> None:
        """Set or move the timer. Those due at the same instant come by kind, then in the order they were set in."""
        self._sequence += 1
        self._live[kind, subject] = (self._sequence, at)
        heappush(self._heap, (at, kind, self._sequence, subject))
        if len(self._heap) > 64 + 4 * len(self._live):
            self._sweep()

    def cancel(self, kind: TimerKind, subject: str) -> None:
        """Cancel the timer; one that is not set changes nothing."""
        self._live.pop((kind, subject), None)

    def at(self, kind: TimerKind, subject: str) -> float | None:
        """Give when this timer is due; None if it is not set."""
        live = self._live.get((kind, subject))
        return live[1] if live else None

    def next_at(self) -> float | None:
        """Give the earliest deadline, and drop cancelled timers in front of it; None if nothing is set."""
        heap, live = self._heap, self._live
        while heap:
            at, kind, sequence, subject = heap[0]
            known = live.get((kind, subject))
            if known is not None and known[0] == sequence:
                return at
            heappop(heap)
        return None

    def pop_due(self, now: float, *, also_at_now: bool) -> tuple[TimerKind, str] | None:
        """Take off the next timer before ``now`` (with ``also_at_now`` also at it); None if none is due."""
        if not self._heap or self._heap[0][0] > now:
            return None  # the usual case; a cancelled timer in front changes nothing
        at = self.next_at()
        if at is None or at > now or (at == now and not also_at_now):
            return None
        _, kind, _, subject = heappop(self._heap)
        del self._live[kind, subject]
        return kind, subject

    def _is_live(self, timer: Timer) -> bool:
        at, kind, sequence, subject = timer
        return self._live.get((kind, subject)) == (sequence, at)

    def _sweep(self) -> None:
        """Remove cancelled timers, so that they do not pile up in the heap."""
        self._heap = [timer for timer in self._heap if self._is_live(timer)]
        heapify(self._heap)


@dataclass(slots=True)
class Timers:
    """All timers. At most one per (kind, subject); setting it again moves it."""

    _prompt: _Alarms = field(default_factory=_Alarms)
    _patient: _Alarms = field(default_factory=_Alarms)
    """Announcements: they wait for whatever else there is to do."""

    def kept(self) -> KeptTimers:
        """Give the timers that are set; cancelled ones are forgotten."""
        prompt, patient = self._prompt, self._patient
        return KeptTimers(prompt.kept(), prompt._sequence, patient.kept(), patient._sequence)

    @classmethod
    def restored(cls, kept: KeptTimers) -> Timers:
        """Set them again, each in its turn."""
        return cls(_Alarms.restored(kept.prompt, kept.prompt_set), _Alarms.restored(kept.patient, kept.patient_set))

    def set(self, kind: TimerKind, subject: str, at: float) -> None:
        """Set the timer to the instant ``at``; an earlier one of this kind and subject is moved."""
        self._of(kind).set(kind, subject, at)

    def cancel(self, kind: TimerKind, subject: str) -> None:
        """Cancel the timer; one that is not set changes nothing."""
        self._of(kind).cancel(kind, subject)

    def at(self, kind: TimerKind, subject: str) -> float | None:
        """When this timer is due; None where it is not set."""
        return self._of(kind).at(kind, subject)

    def next_at(self) -> float | None:
        """The earliest deadline, also of an announcement that is late; None where nothing is set."""
        prompt, patient = self._prompt.next_at(), self._patient.next_at()
        if prompt is None or patient is None:
            return patient if prompt is None else prompt
        return min(prompt, patient)

    def pop_due(self, now: float, *, also_at_now: bool) -> tuple[TimerKind, str] | None:
        """The next timer before ``now`` (or at it), taken off; None where none is due but announcements."""
        return self._prompt.pop_due(now, also_at_now=also_at_now)

    def pop_announcement(self, now: float) -> str | None:
        """The call whose announcement has been due for longest, taken off; None where none is due."""
        due = self._patient.pop_due(now, also_at_now=True)
        return due[1] if due is not None else None

    def _of(self, kind: TimerKind) -> _Alarms:
        return self._patient if kind is TimerKind.ANNOUNCE else self._prompt
