"""Ports of 127.0.0.1 for phones, and for lines that tests and `line1555 load` start: each kind in a block of its own.

    16000-19999  baresip: sound            31000-32599  pyVoIP: sound (scripted.py)
    20000-29999  Asterisk: sound           61000-65399  SIPp: sound; of large groups from 50000 on
    30000-30999  everything else: SIP, AMI, /metrics, orders to phones

All but the largest groups are apart from what the kernel gives away to anybody who asks for no port in particular
(32768-60999): a port that was free a moment ago may be such a connection's the next. A claim keeps it from our own.
"""

from __future__ import annotations

import atexit
import secrets
import socket
import time
from collections.abc import Iterable, Sequence

from .child import LOCAL, PhonesError

OURS = range(30_000, 31_000)
FARM_SOUND = (16_000, 19_999)
LINE_SOUND = (20_000, 29_999)
SIPP_SOUND, SIPP_SOUND_OF_MANY = range(61_000, 65_400), range(50_000, 65_000)
SLOT = 20
"""Number of SIPp's ports claimed together: enough for five calls."""
BOUND_WITHIN_S = 60.0
"""Seconds a program may take, on a busy machine, until it has bound what was claimed for it."""
MANY_FOR_S = 3600.0
"""Seconds that ports of many calls are kept: most of them are bound call by call, not at the start."""

Claim = tuple[socket.socket, float]


def free_port(count: int = 1) -> int:
    """Claim adjacent ports that are free by UDP and TCP, and give the first. Raises PhonesError."""
    for first in _shuffled(range(OURS.start, OURS.stop - count + 1)):
        wanted = range(first, first + count)
        if all(map(is_free, wanted)) and all(_claimed(f"port-{port}") for port in wanted):
            return first
    raise PhonesError(f"no {count} free ports between {OURS.start} and {OURS.stop}")


def media_port(calls: int = 1) -> int:
    """Claim the ports for sound of a SIPp with this many calls; returns the first.

    SIPp binds the first and the third, and gives up when it cannot. Each of its calls has ports of its own, four above
    those of the one before (the first ones again after 10,000): past 65535 a call would be refused with 488.
    """
    need = min(4 * calls, 10_000)
    keep_s = BOUND_WITHIN_S if need <= SLOT else MANY_FOR_S
    for block in (SIPP_SOUND, SIPP_SOUND_OF_MANY):
        for first in _shuffled(range(block.start, block.stop - need, SLOT)):
            slots = [f"media-{slot}" for slot in range(first, first + need, SLOT)]
            if is_free(first) and is_free(first + 2) and _all_claimed(slots, keep_s):
                return first
    raise PhonesError(f"no free ports for sound between {SIPP_SOUND_OF_MANY.start} and {SIPP_SOUND.stop}")


def is_free(port: int) -> bool:
    """Tell whether this port of 127.0.0.1 is free, UDP and TCP."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((LOCAL, port))
            except OSError:
                return False
    return True


def _shuffled(numbers: Sequence[int]) -> Iterable[int]:
    """Go round once from a random start, so that two programs seldom try the same port first."""
    start = secrets.randbelow(len(numbers)) if numbers else 0
    return (*numbers[start:], *numbers[:start])


def _claimed(name: str, keep_s: float = BOUND_WITHIN_S) -> bool:
    """Claim a slot for some seconds; returns whether that worked. Until it is bound, others would find it free too.

    A name in Linux's abstract sockets belongs to one process of the machine, and to none when that is gone.
    """
    now = time.monotonic()
    for known, (claim, until) in list(_claims.items()):
        if until < now:
            claim.close()
            del _claims[known]
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        claim.bind(f"\0line1555-{name}")
    except OSError:
        claim.close()
        return False
    _claims[name] = claim, now + keep_s
    return True


def _all_claimed(names: Sequence[str], keep_s: float) -> bool:
    """Claim all slots or none. Returns whether that worked."""
    for count, name in enumerate(names):
        if not _claimed(name, keep_s):
            for taken in names[:count]:
                _claims.pop(taken)[0].close()
            return False
    return True


_claims: dict[str, Claim] = {}


@atexit.register
def _release() -> None:
    while _claims:
        _claims.popitem()[1][0].close()
