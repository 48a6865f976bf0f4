"""A scripted SIP phone without manners of its own: whatever is odd about it (URI, headers, a key) a test says.

It sends silence as A-law, 50 packets a second, counts what comes back, and answers what is asked of it with 200.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

LOCAL = "127.0.0.1"
CODECS = {"8": "PCMA/8000", "18": "G729/8000", "101": "telephone-event/8000"}
KEYS = "0123456789*#"
ALAW_SILENCE = b"\xd5" * 160


def _header(message: str, name: str) -> str:
    found = re.search(rf"(?im)^{name}\s*:\s*(.*?)\s*$", message)
    return found[1] if found else ""


def status(message: str) -> int:
    """The status of a response; 0 where nothing came."""
    return int(message.split()[1]) if message else 0


class Sound(asyncio.DatagramProtocol):
    """The RTP of one call. ``heard`` counts packets from the line."""

    transport: asyncio.DatagramTransport

    def __init__(self) -> None:
        self.heard, self.to, self.stamp, self.keying = 0, (LOCAL, 9), 0, False
        self._sequence, self._source = 0, secrets.token_bytes(4)

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.heard += 1

    def packet(self, payload: bytes, kind: int, stamp: int, *, marker: bool = False) -> None:
        self._sequence += 1
        head = struct.pack("!BBHI", 0x80, kind | marker << 7, self._sequence & 0xFFFF, stamp)
        self.transport.sendto(head + self._source + payload, self.to)

    async def stream(self) -> None:
        while True:
            if not self.keying:
                self.packet(ALAW_SILENCE, 8, self.stamp)
            self.stamp += 160
            await asyncio.sleep(0.02)

    def event(self, key: str, samples: int, stamp: int, *, end: bool = False, marker: bool = False) -> None:
        """One packet of RFC 4733: this key has been down for so many samples since ``stamp``."""
        payload = struct.pack("!BBH", KEYS.index(key), 0x80 * end | 10, samples)
        self.packet(payload, 101, stamp, marker=marker)

    async def press(self, key: str, ms: int = 100, ends: int = 3) -> None:
        """A key as RFC 4733 wants it."""
        self.keying, stamp, steps = True, self.stamp, max(1, ms // 20)
        for step in range(1, steps + 1):
            self.event(key, 160 * step, stamp, marker=step == 1)
            await asyncio.sleep(min(ms, 20) / 1000)
        for _ in range(ends):
            self.event(key, 8 * ms, stamp, end=True)
        self.keying = False


@dataclass
class Talk:
    """A call, answered where ``status`` is 200."""

    phone: Handset
    uri: str
    ani: str = "6941234567"
    call_id: str = field(default_factory=lambda: secrets.token_hex(8))
    tag: str = field(default_factory=lambda: secrets.token_hex(4))
    number: int = 1
    status: int = 0
    to: str = "<sip:1555@line.example>"
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    sound: Sound = field(default_factory=Sound)
    _streaming: asyncio.Task[None] | None = None

    @property
    def head(self) -> str:
        return f"From: <sip:{self.ani}@{LOCAL}>;tag={self.tag}\r\nTo: {self.to}\r\nCall-ID: {self.call_id}\r\n"

    async def dial(self, headers: str, codecs: str) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self.sound, local_addr=(LOCAL, 0))
        port = self.sound.transport.get_extra_info("sockname")[1]
        maps = "".join(f"a=rtpmap:{codec} {CODECS[codec]}\r\n" for codec in codecs.split())
        body = (
            f"v=0\r\no=- 1 1 IN IP4 {LOCAL}\r\ns=-\r\nc=IN IP4 {LOCAL}\r\nt=0 0\r\nm=audio {port} RTP/AVP {codecs}\r\n"
        )
        answer = await self.ask("INVITE", "application/sdp", body + maps, headers)
        self.status, self.to = status(answer), _header(answer, "To") or self.to
        self.phone.say(f"ACK {self.uri} SIP/2.0\r\n{self.phone.via()}{self.head}CSeq: {self.number} ACK\r\n")
        if self.status == 200:
            found = re.search(r"m=audio (\d+)", answer)
            assert found
            self.sound.to = (self.phone.host, int(found[1]))
            self.uri = _header(answer, "Contact").strip("<>")
            self._streaming = asyncio.create_task(self.sound.stream())

    async def ask(self, method: str, kind: str = "", body: str = "", headers: str = "", within_s: float = 3) -> str:
        """A request within the call; the final response, empty where none came."""
        self.number += method != "INVITE"
        headers += f"Contact: <sip:x@{LOCAL}:{self.phone.port}>\r\n" + (f"Content-Type: {kind}\r\n" if kind else "")
        head = f"{method} {self.uri} SIP/2.0\r\n{self.phone.via()}{self.head}CSeq: {self.number} {method}\r\n"
        return await self.phone.ask(head + headers, body, f"{self.call_id} {self.number} {method}", within_s)

    async def info(self, key: str) -> None:
        """The key by SIP INFO."""
        answer = await self.ask("INFO", "application/dtmf-relay", f"Signal={key}\r\nDuration=160\r\n")
        assert status(answer) == 200

    async def hang_up(self) -> None:
        if self._streaming is not None:
            self._streaming.cancel()
        if self.status == 200 and not self.ended.is_set():
            self.ended.set()
            await self.ask("BYE")
        self.sound.transport.close()


class Handset(asyncio.DatagramProtocol):
    """One SIP port of 127.0.0.1; ``server`` is the port of the line, at the address ``host``."""

    transport: asyncio.DatagramTransport

    def __init__(self, server: int, host: str = LOCAL) -> None:
        self.server, self.host, self.port = server, host, 0
        self._awaited: dict[str, asyncio.Future[str]] = {}
        self._talks: dict[str, Talk] = {}

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport, self.port = transport, transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: object) -> None:
        message = data.decode(errors="replace")
        call_id = _header(message, "Call-ID")
        if not message.startswith("SIP/2.0"):
            self._asked(message, self._talks.get(call_id))
        elif status(message) >= 200:
            awaited = self._awaited.pop(f"{call_id} {_header(message, 'CSeq')}", None)
            if awaited is not None and not awaited.done():
                awaited.set_result(message)

    def _asked(self, message: str, talk: Talk | None) -> None:
        kept = [
            row
            for row in message.split("\r\n")
            if row.lower().startswith(("via:", "from:", "to:", "call-id:", "cseq:"))
        ]
        if not message.startswith("ACK"):
            self.say("\r\n".join(["SIP/2.0 200 OK", *kept, ""]))
        if message.startswith("BYE") and talk is not None:
            talk.ended.set()

    def via(self) -> str:
        return (
            f"Via: SIP/2.0/UDP {LOCAL}:{self.port};branch=z9hG4bK{secrets.token_hex(6)};rport\r\nMax-Forwards: 70\r\n"
        )

    def say(self, head: str, body: str = "") -> None:
        self.transport.sendto(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode(), (self.host, self.server))

    async def ask(self, head: str, body: str, key: str, within_s: float) -> str:
        awaited = self._awaited[key] = asyncio.get_running_loop().create_future()
        self.say(head, body)
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(awaited, within_s)
        return ""

    async def stays(self, ani: str, call_id: str = "") -> Talk:
        """A call that nobody ends but the test, or the end of this phone."""
        talk = Talk(self, f"sip:1555@{self.host}:{self.server}", ani)
        talk.call_id = call_id or talk.call_id
        return await self._dial(talk, "", "8 101")

    async def _dial(self, talk: Talk, headers: str, codecs: str) -> Talk:
        self._talks[talk.call_id] = talk
        await talk.dial(headers, codecs)
        return talk

    async def close(self) -> None:
        for talk in self._talks.values():
            await talk.hang_up()
        self.transport.close()

    @contextlib.asynccontextmanager
    async def call(
        self, uri: str = "sip:1555@HOST", headers: str = "", codecs: str = "8 101", ani: str = Talk.ani
    ) -> AsyncIterator[Talk]:
        """``HOST`` in the URI stands for the line's address."""
        talk = await self._dial(Talk(self, uri.replace("HOST", f"{self.host}:{self.server}"), ani), headers, codecs)
        try:
            yield talk
        finally:
            await talk.hang_up()


@contextlib.asynccontextmanager
async def handset(server: int, host: str = LOCAL) -> AsyncIterator[Handset]:
    """A phone of its own at the trunk's address."""
    loop = asyncio.get_running_loop()
    _, phone = await loop.create_datagram_endpoint(lambda: Handset(server, host), local_addr=(LOCAL, 0))
    try:
        yield phone
    finally:
        await phone.close()
