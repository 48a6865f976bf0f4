"""The engine's alarm clock, without a clock: what is due at which ``now``.

Order is law: by deadline, then kind (in the order of ``TimerKind``), then the order of setting. Announcements alone may
come late: they have a heap of their own, and those that are due are served a few at a time, so that no step takes long.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple, final


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


_KINDS: Final = len(TimerKind) + 1


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


@final
class Timer:
    """One timer: ``live`` until it fires, is cancelled or is set again."""

    def __init__(self, at: float, kind: TimerKind, sequence: int, subject: str) -> None:
        self.at = at
        self.kind = kind
        self.sequence = sequence
        self.subject = subject
        self.live: bool = True

    def before(self, other: Timer) -> bool:
        """Tell whether it fires first: by deadline, kind, order of setting."""
        if self.at != other.at:
            return self.at < other.at
        if self.kind is not other.kind:
            return self.kind < other.kind
        return self.sequence < other.sequence


class TimerHeap:
    """A binary heap of timers. The standard ``heapq`` would compare tuples, which would have to be made first."""

    def __init__(self) -> None:
        self.timers: list[Timer] = []

    def push(self, timer: Timer) -> None:
        """Add a timer."""
        timers = self.timers
        at = len(timers)
        timers.append(timer)
        while at > 0:
            above = (at - 1) >> 1
            if not timer.before(timers[above]):
                break
            timers[at] = timers[above]
            at = above
        timers[at] = timer

    def pop(self) -> Timer:
        """Take the first timer off. The heap must not be empty."""
        first, last = self.timers[0], self.timers.pop()
        if self.timers:
            self._sink(last, 0)
        return first

    def keep_live(self) -> None:
        """Remove the timers that are not live."""
        self.timers = [timer for timer in self.timers if timer.live]
        for at in range((len(self.timers) >> 1) - 1, -1, -1):
            self._sink(self.timers[at], at)

    def _sink(self, timer: Timer, at: int) -> None:
        """Put the timer at this place, or below it."""
        timers, size = self.timers, len(self.timers)
        below = 2 * at + 1
        while below < size:
            if below + 1 < size and timers[below + 1].before(timers[below]):
                below += 1
            if not timers[below].before(timer):
                break
            timers[at] = timers[below]
            at, below = below, 2 * below + 1
        timers[at] = timer


@final
class _Alarms:
    """At most one alarm per kind and subject; setting it again moves it."""

    def __init__(self) -> None:
        self.heap = TimerHeap()
        self.live: list[dict[str, Timer]] = [{} for _ in range(_KINDS)]
        """Those that are set, by kind and subject."""
        self.count: int = 0
        self.sequence: int = 0

    def kept(self) -> tuple[KeptTimer, ...]:
        """Give the timers that are set, in the order of setting; cancelled ones are forgotten."""
        timers = sorted([timer for named in self.live for timer in named.values()], key=lambda timer: timer.sequence)
        return tuple([KeptTimer(timer.kind, timer.subject, timer.sequence, timer.at) for timer in timers])

    @classmethod
    def restored(cls, kept: tuple[KeptTimer, ...], sequence: int) -> _Alarms:
        """Set the kept timers again. ``sequence``: the number of the last timer that was set."""
        alarms = cls()
        for timer in kept:
            alarms.sequence = timer.sequence - 1
            alarms.set(timer.kind, timer.subject, timer.at)
        alarms.sequence = sequence
        return alarms

    def set(self, kind: TimerKind, subject: str, at: float) -> None:
        """Set or move the timer. Those due at the same instant come by kind, then in the order they were set in."""
        self.cancel(kind, subject)
        self.sequence += 1
        self.count += 1
        timer = self.live[kind][subject] = Timer(at, kind, self.sequence, subject)
        self.heap.push(timer)
        if len(self.heap.timers) > 64 + 4 * self.count:
            self.heap.keep_live()  # else cancelled timers would pile up

    def cancel(self, kind: TimerKind, subject: str) -> None:
        """Cancel the timer; one that is not set changes nothing."""
        named = self.live[kind]
        if named:
            timer = named.pop(subject, None)
            if timer is not None:
                timer.live = False
                self.count -= 1

    def at(self, kind: TimerKind, subject: str) -> float | None:
        """Give when this timer is due; None if it is not set."""
        timer = self.live[kind].get(subject)
        return None if timer is None else timer.at

    def next_at(self) -> float | None:
        """Give the earliest deadline, and drop cancelled timers in front of it; None if nothing is set."""
        heap = self.heap
        while heap.timers:
            first = heap.timers[0]
            if first.live:
                return first.at
            heap.pop()
        return None

    def pop_due(self, now: float, *, also_at_now: bool) -> Timer | None:
        """Take off the next timer before ``now`` (with ``also_at_now`` also at it); None if none is due."""
        heap = self.heap
        while heap.timers:
            first = heap.timers[0]
            if first.at > now:
                return None  # the usual case; a cancelled timer in front changes nothing
            if not first.live:
                heap.pop()
            elif first.at == now and not also_at_now:
                return None
            else:
                heap.pop()
                self.cancel(first.kind, first.subject)
                return first
        return None


@final
class Timers:
    """All timers. At most one per (kind, subject); setting it again moves it."""

    def __init__(self) -> None:
        self._prompt = _Alarms()
        self._patient = _Alarms()
        """Announcements: they wait for whatever else there is to do."""

    def kept(self) -> KeptTimers:
        """Give the timers that are set; cancelled ones are forgotten."""
        prompt, patient = self._prompt, self._patient
        return KeptTimers(prompt.kept(), prompt.sequence, patient.kept(), patient.sequence)

    @classmethod
    def restored(cls, kept: KeptTimers) -> Timers:
        """Set them again, each in its turn."""
        timers = cls()
        timers._prompt = _Alarms.restored(kept.prompt, kept.prompt_set)
        timers._patient = _Alarms.restored(kept.patient, kept.patient_set)
        return timers

    def set(self, kind: TimerKind, subject: str, at: float) -> None:
        """Set the timer to the instant ``at``; an earlier one of this kind and subject is moved."""
        self._of(kind).set(kind, subject, at)

    def cancel(self, kind: TimerKind, subject: str) -> None:
        """Cancel the timer; one that is not set changes nothing."""
        self._of(kind).cancel(kind, subject)

    def at(self, kind: TimerKind, subject: str) -> float | None:
        """Give when this timer is due; None where it is not set."""
        return self._of(kind).at(kind, subject)

    def next_at(self) -> float | None:
        """Give the earliest deadline, also of an announcement that is late; None where nothing is set."""
        prompt, patient = self._prompt.next_at(), self._patient.next_at()
        if prompt is None or patient is None:
            return patient if prompt is None else prompt
        return min(prompt, patient)

    def pop_due(self, now: float, *, also_at_now: bool) -> Timer | None:
        """Take off the next timer before ``now`` (or at it); None where none is due but announcements."""
        return self._prompt.pop_due(now, also_at_now=also_at_now)

    def pop_announcement(self, now: float) -> str | None:
        """Take off the call whose announcement has been due for longest; None where none is due."""
        due = self._patient.pop_due(now, also_at_now=True)
        return None if due is None else due.subject

    def _of(self, kind: TimerKind) -> _Alarms:
        return self._patient if kind is TimerKind.ANNOUNCE else self._prompt
