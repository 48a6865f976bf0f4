"""Figures of the line's room, kept and used, for ``/metrics``: citizens, ports for sound, open files."""

from __future__ import annotations

from sites import Site
from telephony.asterisk import descriptors


def figures(site: Site, citizens: int, signins: int, pid: int | None) -> dict[str, float]:
    """By name, as they are now. ``citizens``: on the line; ``signins``: refused so far; ``pid``: of our Asterisk."""
    room, sip = site.room, site.settings.sip
    told = {
        "citizens": float(citizens),
        "citizens_size": float(room.citizens),
        "ports_size": float(room.ports),
        "signins_refused_total": float(signins),
    }
    if pid is not None:
        told["ports"] = descriptors.ports_used(pid, sip.rtp_first, sip.rtp_last)
        told["descriptors"], told["descriptors_size"] = descriptors.used(pid)
    return told
