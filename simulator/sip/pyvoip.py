"""The child process of scripted agents: pyVoIP phones and the people at them. `python -m simulator.sip.pyvoip`.

Its orders come as one row of JSON on stdin; it says `ready` on stdout when all agents have logged in, and ends cleanly
at SIGTERM.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import socket
import sys
import threading
import time
import types
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pyVoIP.VoIP import CallState, PhoneStatus, VoIPPhone
from pyVoIP.VoIP.VoIP import SIP  # type: ignore[attr-defined]

from .child import LOCAL, PhonesError, free_port
from .scripted import CODE_S, END_WRAP_UP, LIMIT, LOG_IN, START_S, Orders
from .sound import tone
from .streams import stream

TICK_S = 0.1
RTP_FIRST, RTP_EACH = 31000, 80  # below the ports the kernel gives away, apart from our other phones'


class AnsweringSocket(socket.socket):
    """pyVoIP does not know OPTIONS, by which Asterisk asks whether a phone is there, and takes one for the answer to
    whatever it has just sent. Here they are answered before it sees them."""

    def recv(self, size: int, flags: int = 0) -> bytes:
        while True:
            data, sender = self.recvfrom(size, flags)
            if not data.startswith(b"OPTIONS "):
                return data
            self.sendto(_here(data), sender)


def _here(options: bytes) -> bytes:
    """200 to an OPTIONS: the header lines that a response repeats."""
    repeated = (b"via:", b"from:", b"to:", b"call-id:", b"cseq:")
    lines = [line for line in options.split(b"\r\n") if line.lower().startswith(repeated)]
    return b"\r\n".join([b"SIP/2.0 200 OK", *lines, b"Content-Length: 0", b"", b""])


setattr(SIP, "socket", types.SimpleNamespace(**{**vars(socket), "socket": AnsweringSocket}))  # noqa: B010


class Agent:
    """One pyVoIP phone and the person at it. One thread a call; `leaving` ends them all.

    pyVoIP makes its Via branches from a counter that begins at 1 in each phone: two phones that dial at the same time
    would send the same branch, and Asterisk takes the second call for a repetition of the first. So each counter
    begins elsewhere.
    """

    def __init__(self, orders: Orders, user: str, leaving: threading.Event) -> None:
        self.user, self.manners, self.leaving = user, orders.manners, leaving
        self.chance: random.Random = stream(orders.seed, f"agent/{user}")
        self.sound = bytes((sample >> 8) + 128 for sample in tone())
        low = RTP_FIRST + list(orders.accounts).index(user) % LIMIT * RTP_EACH
        self.phone: Any = VoIPPhone(
            orders.host,
            orders.port,
            user,
            orders.accounts[user],
            myIP=LOCAL,
            sipPort=free_port(),
            rtpPortLow=low,
            rtpPortHigh=low + RTP_EACH - 1,
            callCallback=self.take,
        )
        client: Any = self.phone.sip
        client.callCallback = heeding_cancel(self.phone)
        client.gen_ack = acknowledgement(client.gen_ack)
        client.callID = type(client.callID)(self.chance.randrange(1 << 48))

    def register(self) -> None:
        """Raises PhonesError when it takes longer than START_S."""
        self.phone.start()
        deadline = time.monotonic() + START_S
        while self.phone.get_status() is not PhoneStatus.REGISTERED:
            if time.monotonic() > deadline or self.phone.get_status() is PhoneStatus.FAILED:
                raise PhonesError(f"{self.user} cannot register: {self.phone.get_status()}")
            time.sleep(TICK_S)

    def dial(self, code: str) -> None:
        """A feature code: the far side hangs up, and if it does not, we do."""
        call = self.phone.call(code)
        deadline = time.monotonic() + CODE_S
        while call.call_id in self.phone.calls and time.monotonic() < deadline:
            self.leaving.wait(TICK_S)
        self.hang_up(call)

    def take(self, call: Any) -> None:
        """An incoming call, in a thread of its own (pyVoIP starts it 1 s after the INVITE)."""
        manners, chance = self.manners, self.chance
        ring_s, talk_s = chance.uniform(*manners.ring_s), chance.uniform(*manners.talk_s)
        stays_s = talk_s if chance.random() < manners.hangs_up else manners.patience_s
        if self.leaving.wait(max(ring_s - 1, 0)) or call.state is not CallState.RINGING:
            return
        with contextlib.suppress(Exception):  # pyVoIP raises whatever it meets when the caller is already gone
            call.answer()
            self.talk(call, stays_s)
        self.hang_up(call)
        if not self.leaving.wait(chance.uniform(*manners.wrap_up_s)):
            self.dial(END_WRAP_UP)

    def talk(self, call: Any, stays_s: float) -> None:
        deadline = time.monotonic() + stays_s
        while call.state is CallState.ANSWERED and time.monotonic() < deadline and not self.leaving.is_set():
            call.write_audio(self.sound)
            self.leaving.wait(1.0)

    def hang_up(self, call: Any) -> None:
        with contextlib.suppress(Exception):
            call.hangup()

    def leave(self) -> None:
        with contextlib.suppress(Exception):
            self.phone.stop()


def heeding_cancel(phone: Any) -> Callable[[Any], None]:
    """pyVoIP goes on ringing after a CANCEL: here the call is refused, which ends it for both sides.

    Not by its deny(), which stops sound that never started, and raises.
    """

    def callback(message: Any) -> None:
        taken_back = getattr(message, "method", "") == "CANCEL"  # an answer has no method
        call = phone.calls.get(message.headers["Call-ID"]) if taken_back else None
        if call is None:
            phone.callback(message)
        elif call.state is CallState.RINGING:
            call.state = CallState.ENDED
            del phone.calls[call.call_id]
            phone.sip.out.sendto(phone.sip.gen_busy(call.request).encode(), (phone.server, phone.port))

    return callback


def acknowledgement(plain: Callable[[Any], str]) -> Callable[[Any], str]:
    """pyVoIP's ACK with the tag of the far side, without which Asterisk repeats its 200 and never sends a BYE."""

    def ack(message: Any) -> str:
        return re.sub(r"(?<=\r\n)(To: [^\r]*;tag=)[^\r]*", rf"\g<1>{message.headers['To']['tag']}", plain(message))

    return ack


def work(orders: Orders, leaving: threading.Event) -> None:
    """Registers all, logs all in, then waits for SIGTERM."""
    agents = [Agent(orders, user, leaving) for user in orders.accounts]
    try:
        _each(agents, Agent.register)
        for code in LOG_IN:
            _each(agents, lambda agent, code=code: agent.dial(code))
        print("ready", flush=True)
        leaving.wait()
    finally:
        leaving.set()
        _each(agents, Agent.leave)


def _each(agents: Sequence[Agent], what: Any) -> None:
    """The same for all agents at once; the first exception is raised when all are done."""
    with ThreadPoolExecutor(len(agents)) as pool:
        list(pool.map(what, agents))


def main() -> None:
    leaving = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: leaving.set())
    work(Orders.from_json(sys.stdin.readline()), leaving)
    os._exit(0)  # pyVoIP's threads are no daemons and may wait for ever


if __name__ == "__main__":
    main()
