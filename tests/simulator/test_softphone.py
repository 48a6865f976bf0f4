"""A pyVoIP phone against a registrar that does what upset pyVoIP: OPTIONS first, answers too late or twice, or none."""

from __future__ import annotations

import contextlib
import random
import re
import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # pyVoIP imports audioop
    from simulator.sip.softphone import Client, Phone

from simulator.sip import PhonesError

HOST = "127.0.0.1"
OPTIONS = (
    "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:1;branch=z9hG4bKo\r\nFrom: <sip:line@127.0.0.1>;tag=o\r\n"
    "To: <sip:a@127.0.0.1>\r\nCall-ID: options\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)
CHALLENGE = 'WWW-Authenticate: Digest realm="line",nonce="n",algorithm=MD5\r\n'
Script = Callable[[str, int], list[str]]


def answer(request: str, status: str, more: str = "") -> str:
    """A response to this request."""
    rows = [row for row in request.split("\r\n") if re.match(r"(Via|From|To|Call-ID|CSeq):", row)]
    rows = [f"{row};tag=far" if row.startswith("To:") else row for row in rows]
    return "\r\n".join([f"SIP/2.0 {status}", *rows, f"{more}Content-Length: 0\r\n\r\n"])


def polite(request: str, _: int) -> list[str]:
    """What a registrar says to a request: a challenge, then yes."""
    if "Authorization:" not in request:
        return [answer(request, "401 Unauthorized", CHALLENGE)]
    return [answer(request, "100 Trying" if request.startswith("INVITE") else "200 OK")]


@contextlib.contextmanager
def registrar(script: Script) -> Iterator[tuple[int, list[str]]]:
    """Answers as the script says, told the request and how many came before; gives its port and all that it heard."""
    heard: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as port:
        port.bind((HOST, 0))

        def serve() -> None:
            while True:
                data, sender = port.recvfrom(8192)
                heard.append(data.decode())
                if data == b"end":
                    return
                if not data.startswith((b"SIP/2.0", b"ACK")):
                    for said in script(data.decode(), len(heard) - 1):
                        port.sendto(said.encode(), sender)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield port.getsockname()[1], heard
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"end", port.getsockname())
            thread.join(5)


@contextlib.contextmanager
def phone(port: int) -> Iterator[Any]:
    first = random.randrange(33000, 39000)
    made: Any = Phone(HOST, port, "agent001", "secret", range(first, first + 8))
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Client, "answer_s", 1.0)
    monkeypatch.setattr(Client, "leave_s", 0.1)
    monkeypatch.setattr(Client, "t1_s", 0.05)


def optional_first(request: str, before: int) -> list[str]:
    return [OPTIONS, *polite(request, before)]


def twice(request: str, before: int) -> list[str]:
    return polite(request, before) * 2


def deaf_at_first(request: str, before: int) -> list[str]:
    return polite(request, before) if before % 2 else []


def with_nonsense(request: str, before: int) -> list[str]:
    return ["\0\0\0\0", "NOTIFY sip:a SIP/2.0\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n", *polite(request, before)]


@pytest.mark.parametrize("script", [polite, optional_first, twice, deaf_at_first, with_nonsense])
def test_it_registers_and_dials_whatever_else_comes(script: Script, capfd: pytest.CaptureFixture[str]) -> None:
    with registrar(script) as (port, heard), phone(port) as made:
        made.start()
        call = made.call("*11")
        assert call.call_id in made.calls
        assert made.get_status().name == "REGISTERED"
        made.stop()
    assert "Expires: 0" in [text for text in heard if text.startswith("REGISTER")][-1]
    assert capfd.readouterr().out == ""


def test_an_options_is_answered() -> None:
    with registrar(optional_first) as (port, heard), phone(port) as made:
        made.start()
    answers = [text for text in heard if text.startswith("SIP/2.0 200 OK")]
    assert answers and "CSeq: 1 OPTIONS" in answers[0]


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (lambda request, _: [], "no answer within 1 s to REGISTER"),
        (lambda request, _: [answer(request, "401 Unauthorized", CHALLENGE)], "cannot register: 401"),
        (lambda request, _: [answer(request, "403 Forbidden")], "cannot register: 403"),
    ],
)
def test_a_registrar_that_says_no_or_nothing_is_told(script: Script, why: str) -> None:
    with registrar(script) as (port, _), phone(port) as made, pytest.raises(PhonesError, match=why):
        made.start()


def test_a_refused_call_is_told_and_acknowledged() -> None:
    def busy(request: str, before: int) -> list[str]:
        signed = "Authorization:" in request and request.startswith("INVITE")
        return [answer(request, "486 Busy Here")] if signed else polite(request, before)

    with registrar(busy) as (port, heard), phone(port) as made:
        made.start()
        with pytest.raises(PhonesError, match="486 Busy Here"):
            made.call("*11")
        made.stop()
    assert [text.split()[0] for text in heard[2:6]] == ["INVITE", "ACK", "INVITE", "ACK"]


def test_a_call_refused_after_it_was_tried_is_over() -> None:
    def later(request: str, before: int) -> list[str]:
        said = polite(request, before)
        return [*said, answer(request, "480 Temporarily Unavailable")] if "100 Trying" in said[0] else said

    with registrar(later) as (port, heard), phone(port) as made:
        made.start()
        made.call("*11")
        made.stop()
    assert sum(text.startswith("ACK") for text in heard) == 2


def test_no_port_for_sound_is_told() -> None:
    with registrar(polite) as (port, _), phone(port) as made, contextlib.ExitStack() as held:
        for number in range(made.rtpPortLow, made.rtpPortHigh + 1):
            holder = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            holder.bind((HOST, number))
        made.start()
        with pytest.raises(PhonesError, match="for sound are all in use"):
            made.call("*11")
