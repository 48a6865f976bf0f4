"""Calls that never become one: INVITEs that Asterisk itself refuses, by cause and by Request-URI.

Most of them make no channel, so neither dialplan nor AMI knows of them, and some (420) are not even in Asterisk's log.
But ``res_hep_pjsip`` sends a copy of every SIP message, as HEPv3 over UDP, to an address of this machine: here. What is
kept is bounded; numbers are masked where they are told.
"""

from __future__ import annotations

import asyncio
import logging
import re
import struct
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from calls import mask

log = logging.getLogger(__name__)

FROM_PORT, TO_PORT, KEY, PAYLOAD = 0x07, 0x08, 0x0E, 0x0F
"""Chunks of HEPv3 (draft "HEP/EEP", chapter 4) that are looked at."""
CAUSES: Mapping[int, str] = {
    404: "number",
    484: "number",
    488: "codecs",
    415: "codecs",
    606: "codecs",
    401: "sign_in",
    403: "sign_in",
    407: "sign_in",
    420: "extension",
    421: "extension",
    503: "full",
}
OTHER = "other"
NOT_REFUSED = frozenset({487, 491})
"""The caller has given up; two re-INVITEs have met."""
AGAIN_S = 5.0
"""Seconds a phone may take to answer the question for its password (401)."""
REMEMBERED, MOST_URIS = 2000, 500
LOG_S = 60.0
LOGGED = 3
"""Request-URIs named a minute: those that were refused most."""


@dataclass(frozen=True, slots=True)
class Sip:
    """One SIP message, and the ports it went between."""

    text: str
    from_port: int
    to_port: int


def unpack(packet: bytes, key: str) -> Sip | None:
    """The message of a HEPv3 packet; None where it is none, or not by an Asterisk that knows ``key``."""
    if packet[:4] != b"HEP3" or len(packet) < 6 or int.from_bytes(packet[4:6]) > len(packet):
        return None
    found, at, end = {}, 6, int.from_bytes(packet[4:6])
    while at + 6 <= end:
        vendor, kind, length = struct.unpack_from("!HHH", packet, at)
        if length < 6 or at + length > end:
            return None
        if vendor == 0:
            found[kind] = packet[at + 6 : at + length]
        at += length
    if found.get(KEY, b"").decode("latin-1") != key or PAYLOAD not in found:
        return None
    ports = [int.from_bytes(found.get(kind, b"")) for kind in (FROM_PORT, TO_PORT)]
    return Sip(found[PAYLOAD].decode("utf-8", "replace"), *ports)


def shown(uri: str) -> str:
    """A Request-URI that a log may hold: one line, no numbers in full."""
    plain = "".join(letter for letter in uri[:200] if letter.isprintable() and letter != " ")
    return re.sub(r"\d{7,}", lambda number: mask(number[0]), plain)


@dataclass(slots=True)
class Rejected:
    """Calls that Asterisk has refused. ``sip_port``: where it listens; ``now`` are monotonic seconds."""

    sip_port: int
    counts: Counter[str] = field(default_factory=Counter)
    """By cause, since the start."""
    _asked: OrderedDict[str, str] = field(default_factory=OrderedDict)
    """The Request-URIs of INVITEs that have no final answer, by Call-ID."""
    _unproved: dict[str, tuple[float, str]] = field(default_factory=dict)
    """The phones that were asked for a password: since when, and the Request-URI."""
    _minute: Counter[tuple[int, str]] = field(default_factory=Counter)
    _told_at: float | None = None

    def see(self, sip: Sip, now: float) -> None:
        """One message that came or went."""
        if sip.text.startswith("INVITE ") and sip.to_port == self.sip_port:
            self._came(sip.text)
        elif sip.text.startswith("SIP/2.0 ") and sip.from_port == self.sip_port:
            self._went(sip.text, now)

    def figures(self, now: float) -> dict[str, float]:
        """By cause, all of them."""
        self._give_up(now)
        return {f"{cause}_total": float(self.counts[cause]) for cause in (*dict.fromkeys(CAUSES.values()), OTHER)}

    def words(self, now: float) -> Iterator[str]:
        """Give the line for the log that is due: at most one a minute."""
        self._give_up(now)
        if not self._minute or (self._told_at is not None and now - self._told_at < LOG_S):
            return
        counts, self._minute, self._told_at = self._minute, Counter(), now
        most = ", ".join(f"{status} {uri} ({n})" for (status, uri), n in counts.most_common(LOGGED))
        yield f"calls refused by Asterisk itself: {counts.total()}, most of them {most}"

    def _came(self, text: str) -> None:
        call_id = _header(text, "Call-ID", "i")
        if ";tag=" in _header(text, "To", "t"):
            return  # within a call
        self._unproved.pop(call_id, None)
        self._asked[call_id] = text.split(" ", 2)[1]
        if len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)

    def _went(self, text: str, now: float) -> None:
        status = text[8:11]
        if status < "200" or not _header(text, "CSeq", "CSeq").endswith("INVITE"):
            return
        call_id = _header(text, "Call-ID", "i")
        uri = self._asked.pop(call_id, None)
        if uri is None or status < "300" or not status.isdigit() or int(status) in NOT_REFUSED:
            return
        if status in ("401", "407") and len(self._unproved) < REMEMBERED:
            self._unproved[call_id] = (now, uri)
        else:
            self._count(int(status), uri)

    def _give_up(self, now: float) -> None:
        """Count those who have not answered the question for a password by now: they have none."""
        for call_id, (asked_at, uri) in list(self._unproved.items()):
            if now - asked_at > AGAIN_S:
                del self._unproved[call_id]
                self._count(401, uri)

    def _count(self, status: int, uri: str) -> None:
        self.counts[CAUSES.get(status, OTHER)] += 1
        name = (status, shown(uri))
        self._minute[name if name in self._minute or len(self._minute) < MOST_URIS else (status, "others")] += 1


def _header(text: str, name: str, short: str) -> str:
    found = re.search(rf"(?im)^(?:{name}|{short})\s*:\s*(.*?)\s*$", text)
    return found[1] if found else ""


class Listener(asyncio.DatagramProtocol):
    """Takes Asterisk's copies in."""

    def __init__(self, rejected: Rejected, key: str, clock: Callable[[], float]) -> None:
        self._rejected, self._key, self._clock = rejected, key, clock

    def datagram_received(self, data: bytes, addr: object) -> None:
        sip = unpack(data, self._key)
        if sip is not None:
            self._rejected.see(sip, self._clock())


async def listen(
    rejected: Rejected, key: str, host: str, port: int, clock: Callable[[], float]
) -> asyncio.DatagramTransport | None:
    """Take copies in at this UDP port; None, and a warning, where it is taken: the line goes on without."""
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.create_datagram_endpoint(
            lambda: Listener(rejected, key, clock), local_addr=(host, port)
        )
    except OSError as error:
        log.warning("calls that Asterisk itself refuses are not counted: UDP %s:%s: %s", host, port, error)
        return None
    return transport
