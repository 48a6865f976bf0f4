"""A pyVoIP phone with reliable signalling: every wait ends, every answer reaches the request it belongs to.

pyVoIP 1.6.8 reads its one socket from several threads and takes whatever comes for the answer to what it sent last. An
OPTIONS, by which Asterisk asks whether a phone is there, thus upset a registration; a lost or unlucky answer made a
thread wait for ever with a lock in its hand, and an answer left over was printed on stdout. Here one thread reads, and
answers are told by Call-ID and CSeq (RFC 3261, 17.1.3). pyVoIP writes and reads the messages, and does calls and sound.
"""

from __future__ import annotations

import contextlib
import queue
import random
import re
import socket
import threading
import time
import traceback
from typing import Any

import pyVoIP.VoIP  # noqa: F401  (first: its parts import each other in a circle)
from pyVoIP import SIP
from pyVoIP.VoIP import CallState, PhoneStatus, VoIPPhone

from .child import LOCAL, PhonesError
from .ports import is_free

RENEW_EARLY_S = 20.0


def transaction(message: bytes) -> tuple[bytes, bytes]:
    """Call-ID and CSeq, by which an answer is told; empty where there is none."""
    found = (re.search(rb"(?im)^" + name + rb"\s*:\s*(.*?)\s*$", message) for name in (rb"call-id", rb"cseq"))
    call_id, cseq = (match[1] if match else b"" for match in found)
    return call_id, cseq


def here(options: bytes) -> bytes:
    """Make the 200 to an OPTIONS, with the header lines that a response repeats."""
    repeated = (b"via:", b"from:", b"to:", b"call-id:", b"cseq:")
    lines = [line for line in options.split(b"\r\n") if line.lower().startswith(repeated)]
    return b"\r\n".join([b"SIP/2.0 200 OK", *lines, b"Content-Length: 0", b"", b""])


class Client(SIP.SIPClient):
    """The signalling of one phone. Its threads are daemons."""

    answer_s = 10.0
    leave_s = 2.0
    t1_s = 0.5  # RFC 3261: the first repetition of a request

    s: socket.socket
    out: socket.socket

    def start(self) -> None:
        """Registers, and from then on again in time; raises PhonesError when that fails."""
        self._awaited: dict[tuple[bytes, bytes], queue.SimpleQueue[Any]] = {}
        self._gone = threading.Event()
        self.NSD = True
        self.s = self.out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.s.bind((LOCAL, 0))
        self.myPort = self.s.getsockname()[1]
        threading.Thread(target=self._listen, name=f"{self.username} listens", daemon=True).start()
        self.register()
        threading.Thread(target=self._stay_registered, name=f"{self.username} stays", daemon=True).start()

    def stop(self) -> None:
        """Unregisters, waiting `leave_s` for each answer. May be repeated."""
        if not self.NSD:
            return
        self._gone.set()
        with contextlib.suppress(PhonesError, OSError):
            self._register(expires=False, within_s=self.leave_s)
        self.NSD = False
        self.s.close()

    def register(self) -> bool:
        """Register once; returns True. Raises PhonesError when Asterisk refuses or says nothing."""
        self._register()
        self.phone._status = PhoneStatus.REGISTERED
        return True

    def invite(self, number: str, ms: Any, sendtype: Any) -> tuple[Any, str, int]:
        """Dials; returns as soon as Asterisk tries, raises PhonesError when it refuses or says nothing."""
        call_id, session = self.gen_call_id(), self.sessID.next()
        plain = self.gen_invite(number, str(session), ms, sendtype, self.gen_branch(), call_id)
        sent, answer = plain, self._ask(plain)
        if answer.status is SIP.SIPStatus.UNAUTHORIZED:
            self.say(self.gen_ack(answer))
            again = self.gen_invite(number, str(session), ms, sendtype, self.gen_branch(), call_id)
            sent = again.replace("\r\nContent-Length", f"\r\n{self._authorization(answer)}\r\nContent-Length")
            answer = self._ask(sent)
        if int(answer.status) >= 300:
            self.say(self.gen_ack(answer))
            raise PhonesError(f"{self.username} dials {number}: {answer.status}")
        return SIP.SIPMessage(sent.encode()), call_id, session

    def gen_ack(self, message: Any) -> str:
        """Make an ACK with the tag of the far side; without it Asterisk repeats its 200 and never sends a BYE."""
        tag = message.headers["To"]["tag"]
        return re.sub(r"(?<=\r\n)(To: [^\r]*;tag=)[^\r]*", rf"\g<1>{tag}", super().gen_ack(message))

    def say(self, message: str) -> None:
        """Send one SIP message to Asterisk, by UDP."""
        self.out.sendto(message.encode(), (self.server, self.port))

    # -- our requests ---

    def _register(self, *, expires: bool = True, within_s: float = 0) -> None:
        answer = self._ask(self.gen_first_response(deregister=not expires), within_s)
        if answer.status is SIP.SIPStatus.UNAUTHORIZED:
            answer = self._ask(self.gen_register(answer, deregister=not expires), within_s)
        if answer.status is not SIP.SIPStatus.OK:
            raise PhonesError(f"{self.username} cannot register: {answer.status}")

    def _stay_registered(self) -> None:
        while not self._gone.wait(self.default_expires - RENEW_EARLY_S):
            try:
                self._register()
            except PhonesError:
                traceback.print_exc()  # Asterisk may be back by the next time

    def _authorization(self, answer: Any) -> str:
        realm, nonce = answer.authentication["realm"], answer.authentication["nonce"]
        response = self.gen_authorization(answer).decode()
        return (
            f'Authorization: Digest username="{self.username}",realm="{realm}",nonce="{nonce}",'
            f'uri="sip:{self.server};transport=UDP",response="{response}",algorithm=MD5'
        )

    def _ask(self, request: str, within_s: float = 0) -> Any:
        """Wait for the first answer to a request, which is repeated by RFC 3261; raises PhonesError when none comes."""
        answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        key = transaction(request.encode())
        self._awaited[key] = answers
        within_s = within_s or self.answer_s
        deadline, patience_s = time.monotonic() + within_s, self.t1_s
        try:
            while (left_s := deadline - time.monotonic()) > 0:
                self.say(request)
                with contextlib.suppress(queue.Empty):
                    return answers.get(timeout=min(patience_s, left_s))
                patience_s *= 2
        finally:
            self._awaited.pop(key, None)
        raise PhonesError(f"{self.username}: no answer within {within_s:g} s to {request.splitlines()[0]}")

    # -- what comes ---

    def _listen(self) -> None:
        while self.NSD:
            try:
                data, sender = self.s.recvfrom(8192)
                self._take(data, sender)
            except Exception:  # pyVoIP raises whatever it meets in a message: the next one is another
                if self.NSD:
                    traceback.print_exc()

    def _take(self, data: bytes, sender: tuple[str, int]) -> None:
        if data.startswith(b"OPTIONS "):
            self.s.sendto(here(data), sender)
        elif not data.startswith(b"SIP/2.0 "):
            self.parse_message(SIP.SIPMessage(data))
        else:
            self._take_answer(SIP.SIPMessage(data), transaction(data))

    def _take_answer(self, message: Any, key: tuple[bytes, bytes]) -> None:
        """Take an answer: the first goes to its request; of later ones only those to an INVITE matter."""
        invited = key[1].endswith(b"INVITE")
        if int(message.status) < 200 and not invited:
            return
        if answers := self._awaited.pop(key, None):
            answers.put(message)
        elif int(message.status) < 300:
            self.parse_message(message)
        elif invited:
            self.phone.calls.pop(message.headers["Call-ID"], None)
            self.say(self.gen_ack(message))


class Phone(VoIPPhone):
    """A phone of 127.0.0.1 with such a client."""

    def __init__(self, host: str, port: int, user: str, secret: str, rtp: range, **more: Any) -> None:
        super().__init__(host, port, user, secret, myIP=LOCAL, rtpPortLow=rtp[0], rtpPortHigh=rtp[-1], **more)
        self.sip: Any = Client(host, port, user, secret, phone=self, myIP=LOCAL, callCallback=self.callback)

    def callback(self, request: Any) -> None:
        """Refuse a cancelled call, which ends it for both sides: pyVoIP would ring on after a CANCEL.

        Not by its deny(), which stops sound that never started, and raises.
        """
        taken_back = getattr(request, "method", "") == "CANCEL"  # an answer has no method
        call = self.calls.get(request.headers["Call-ID"]) if taken_back else None
        if call is None:
            super().callback(request)
        elif call.state is CallState.RINGING:
            call.state = CallState.ENDED
            del self.calls[call.call_id]
            self.sip.say(self.sip.gen_busy(call.request))

    def request_port(self, blocking: bool = True) -> int:
        """Give a free port for sound, unused by other programs too; raises PhonesError when there is none."""
        for attempt in range(2):
            if attempt:
                self.release_ports()
            ports = [port for port in range(self.rtpPortLow, self.rtpPortHigh + 1) if port not in self.assignedPorts]
            for port in random.sample(ports, len(ports)):
                if is_free(port):
                    self.assignedPorts.append(port)
                    return port
        raise PhonesError(f"{self.username}: ports {self.rtpPortLow}-{self.rtpPortHigh} for sound are all in use")
