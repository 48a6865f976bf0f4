"""One formula per measure (docs/design.md section 6; docs/measures.md tells them in words). Durations in seconds.

A measure that is not defined (0/0: nothing was offered, nothing was handled) is ``None``, never 0 or 1.
"""

from __future__ import annotations


def ratio(part: float, whole: float) -> float | None:
    """``part / whole``; ``None`` where there is no whole."""
    return part / whole if whole > 0 else None


def service_level(handled_within_t: int, offered: int, abandoned_within_t: int) -> float | None:
    """Share of calls served in time: ``handled within T / (offered - abandoned within T)``, in 0..1.

    Callers who left within T could not have been served in time by anybody, so they do not count.
    """
    return ratio(handled_within_t, offered - abandoned_within_t)


def asa(wait_s: float, handled: int) -> float | None:
    """Average speed of answer: ``sum of the waits of handled calls / handled``, in seconds."""
    return ratio(wait_s, handled)


def aht(talk_s: float, hold_s: float, wrap_up_s: float, handled: int) -> float | None:
    """Average handle time: ``(talk + hold + wrap-up) / handled``, in seconds; handled here by calling back as well."""
    return ratio(talk_s + hold_s + wrap_up_s, handled)


def occupancy(talk_and_hold_s: float, wrap_up_s: float, ring_s: float, ready_s: float) -> float | None:
    """Share of the serving time spent on calls: ``(talk + hold + wrap-up + ring) / (those + ready)``, in 0..1."""
    busy_s = talk_and_hold_s + wrap_up_s + ring_s
    return ratio(busy_s, busy_s + ready_s)


def abandon_share(abandoned: int, short_abandoned: int, offered: int) -> float | None:
    """``(abandoned - short abandons) / (offered - short abandons)``, in 0..1.

    A short abandon (hung up before the threshold) says nothing about the waiting, so it counts on neither side.
    """
    return ratio(abandoned - short_abandoned, offered - short_abandoned)


def rona_share(rona: int, offers: int) -> float | None:
    """``offers that rang without an answer / offers``, in 0..1."""
    return ratio(rona, offers)
