"""The engine's alarm clock, without a clock: what is due at which ``now``.

Order is law: by deadline, then kind (in the order of ``TimerKind``), then the order of setting. Announcements alone may
come late: they have a heap of their own, and those that are due are served a few at a time, so that no step takes long.
"""

from __future__ import annotations

from enum import IntEnum
from heapq import heapify, heappop, heappush
from typing import NamedTuple, final


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
    """One timer: ``live`` until it fires, is cancelled or is set again. ``more``: the next one of its subject."""

    def __init__(self, at: float, kind: TimerKind, sequence: int, subject: str, more: Timer | None) -> None:
        self.at = at
        self.kind = kind
        self.sequence = sequence
        self.subject = subject
        self.more = more
        self.live: bool = True


_Entry = tuple[float, TimerKind, int, Timer]
"""A timer in a heap. Two have never the same sequence, so timers themselves are not compared."""


@final
class Timers:
    """All timers. At most one per kind and subject; setting it again moves it."""

    def __init__(self) -> None:
        self._prompt: list[_Entry] = []
        self._patient: list[_Entry] = []
        """Announcements: they wait for whatever else there is to do."""
        self._first: dict[str, Timer] = {}
        """The first timer that is set of each subject, which leads to the others: they are few, most are cancelled, and
        nearly all of a subject at once."""
        self._count: int = 0
        self._prompt_set: int = 0
        self._patient_set: int = 0
        """How often any was set."""

    def kept(self) -> KeptTimers:
        """Give the timers that are set, in the order of setting; cancelled ones are forgotten."""
        timers = sorted([timer for subject in self._first for timer in self._of(subject)], key=_sequence_of)
        kept = [KeptTimer(timer.kind, timer.subject, timer.sequence, timer.at) for timer in timers]
        prompt = tuple([timer for timer in kept if timer.kind is not TimerKind.ANNOUNCE])
        patient = tuple([timer for timer in kept if timer.kind is TimerKind.ANNOUNCE])
        return KeptTimers(prompt, self._prompt_set, patient, self._patient_set)

    @classmethod
    def restored(cls, kept: KeptTimers) -> Timers:
        """Set them again, each in its turn."""
        timers = cls()
        for timer in (*kept.prompt, *kept.patient):
            timers._prompt_set = timers._patient_set = timer.sequence - 1
            timers.set(timer.kind, timer.subject, timer.at)
        timers._prompt_set, timers._patient_set = kept.prompt_set, kept.patient_set
        return timers

    def set(self, kind: TimerKind, subject: str, at: float) -> None:
        """Set the timer to the instant ``at``; an earlier one of this kind and subject is moved.

        Those due at the same instant come by kind, then in the order they were set in.
        """
        self.cancel(kind, subject)
        if kind is TimerKind.ANNOUNCE:
            self._patient_set = sequence = self._patient_set + 1
            heap = self._patient
        else:
            self._prompt_set = sequence = self._prompt_set + 1
            heap = self._prompt
        timer = self._first[subject] = Timer(at, kind, sequence, subject, self._first.get(subject))
        self._count += 1
        heappush(heap, (at, kind, sequence, timer))
        if len(heap) > 64 + 4 * self._count:
            heap[:] = [entry for entry in heap if entry[3].live]  # else cancelled timers would pile up
            heapify(heap)

    def cancel(self, kind: TimerKind, subject: str) -> None:
        """Cancel the timer; one that is not set changes nothing."""
        before: Timer | None = None
        timer = self._first.get(subject)
        while timer is not None and timer.kind is not kind:
            before, timer = timer, timer.more
        if timer is None:
            return
        timer.live = False
        self._count -= 1
        if before is not None:
            before.more = timer.more
        elif timer.more is not None:
            self._first[subject] = timer.more
        else:
            del self._first[subject]

    def cancel_those(self, kinds: frozenset[TimerKind], subject: str) -> None:
        """Cancel the subject's timers of these kinds."""
        timer = self._first.get(subject)
        while timer is not None:
            following = timer.more
            if timer.kind in kinds:
                self.cancel(timer.kind, subject)
            timer = following

    def forget(self, subject: str) -> None:
        """Cancel all timers of a subject that is no more."""
        timer = self._first.pop(subject, None)
        while timer is not None:
            timer.live = False
            self._count -= 1
            timer = timer.more

    def at(self, kind: TimerKind, subject: str) -> float | None:
        """Give when this timer is due; None if it is not set."""
        timer = self._first.get(subject)
        while timer is not None and timer.kind is not kind:
            timer = timer.more
        return None if timer is None else timer.at

    def _of(self, subject: str) -> list[Timer]:
        found = []
        timer = self._first.get(subject)
        while timer is not None:
            found.append(timer)
            timer = timer.more
        return found

    def next_at(self) -> float | None:
        """Give the earliest deadline, also of an announcement that is late; None where nothing is set."""
        prompt, patient = _front(self._prompt), _front(self._patient)
        if prompt is None or patient is None:
            first = patient if prompt is None else prompt
            return None if first is None else first.at
        return min(prompt.at, patient.at)

    def pop_due(self, now: float, *, also_at_now: bool) -> Timer | None:
        """Take off the next timer before ``now`` (with ``also_at_now`` also at it); None if none is due but
        announcements."""
        return self._taken(self._prompt, now, also_at_now)

    def pop_announcement(self, now: float) -> str | None:
        """Take off the call whose announcement has been due for longest; None where none is due."""
        due = self._taken(self._patient, now, True)
        return None if due is None else due.subject

    def _taken(self, heap: list[_Entry], now: float, also_at_now: bool) -> Timer | None:
        if not heap or heap[0][0] > now:
            return None  # the usual case; a cancelled timer in front changes nothing
        first = _front(heap)
        if first is None or first.at > now or (first.at == now and not also_at_now):
            return None
        heappop(heap)
        self.cancel(first.kind, first.subject)
        return first


def _front(heap: list[_Entry]) -> Timer | None:
    """Give the first timer that is live, and drop the cancelled ones before it."""
    while heap:
        timer = heap[0][3]
        if timer.live:
            return timer
        heappop(heap)
    return None


def _sequence_of(timer: Timer) -> int:
    return timer.sequence
