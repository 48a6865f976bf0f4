"""INVITEs that Asterisk itself refuses: by cause, with their Request-URI, masked, bounded."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.hep import MOST_URIS, REMEMBERED, Rejected, Sip, shown, unpack

LINE, TRUNK = 5060, 5080
NUMBER = "sip:+302101234567;npdi;rn=+302100000000@10.0.0.1"


def pack(text: str, key: str = "k", ports: tuple[int, int] = (TRUNK, LINE)) -> bytes:
    chunks = [
        (7, struct.pack("!H", ports[0])),
        (8, struct.pack("!H", ports[1])),
        (14, key.encode()),
        (15, text.encode()),
    ]
    body = b"".join(struct.pack("!HHH", 0, kind, 6 + len(value)) + value for kind, value in chunks)
    return b"HEP3" + struct.pack("!H", 6 + len(body)) + body


def invite(call: str, uri: str = NUMBER, to: str = "<sip:1555@x>") -> Sip:
    return Sip(f"INVITE {uri} SIP/2.0\r\nTo: {to}\r\nCall-ID: {call}\r\nCSeq: 1 INVITE\r\n\r\n", TRUNK, LINE)


def answer(call: str, status: int, method: str = "INVITE") -> Sip:
    return Sip(f"SIP/2.0 {status} X\r\nCall-ID: {call}\r\nCSeq: 1 {method}\r\n\r\n", LINE, TRUNK)


def seen(*messages: Sip, at: float = 0.0) -> Rejected:
    rejected = Rejected(LINE)
    for message in messages:
        rejected.see(message, at)
    return rejected


@pytest.mark.parametrize(
    ("status", "cause"),
    [(404, "number"), (488, "codecs"), (420, "extension"), (403, "sign_in"), (503, "full"), (400, "other")],
)
def test_every_refusal_has_its_cause(status: int, cause: str) -> None:
    rejected = seen(invite("a"), answer("a", 100), answer("a", status))
    assert rejected.figures(0.0)[f"{cause}_total"] == 1 and sum(rejected.figures(0.0).values()) == 1
    (words,) = rejected.words(0.0)
    assert f"{status} sip:+302******567;npdi;rn=+302******000@10.0.0.1 (1)" in words
    assert "2101234567" not in words


@pytest.mark.parametrize("status", [200, 487, 180])
def test_who_is_served_or_gives_up_is_not_refused(status: int) -> None:
    assert not seen(invite("a"), answer("a", status)).counts


def test_what_is_within_a_call_or_no_call_is_not_counted() -> None:
    assert not seen(invite("a", to="<sip:1555@x>;tag=1"), answer("a", 488)).counts
    assert not seen(answer("a", 404, "OPTIONS")).counts
    assert not seen(Sip(invite("a").text, LINE, TRUNK), Sip(answer("a", 486).text, TRUNK, LINE)).counts


def test_a_phone_that_is_asked_for_its_password_is_refused_where_it_has_none() -> None:
    known = seen(invite("a"), answer("a", 401), invite("a"), answer("a", 200))
    assert sum(known.figures(60.0).values()) == 0
    unknown = seen(invite("a"), answer("a", 401))
    assert unknown.figures(4.0)["sign_in_total"] == 0 and unknown.figures(6.0)["sign_in_total"] == 1


def test_the_log_is_bounded() -> None:
    rejected = Rejected(LINE)
    for n in range(5 * REMEMBERED):
        rejected.see(invite(f"open{n}"), 0.0)
        rejected.see(invite(f"c{n}", f"sip:x{n}@h"), 0.0)
        rejected.see(answer(f"c{n}", 404), 0.0)
    assert len(rejected._asked) <= REMEMBERED and len(rejected._minute) <= MOST_URIS + 1
    assert len(list(rejected.words(0.0))) == 1
    rejected.see(invite("z"), 1.0)
    rejected.see(answer("z", 404), 1.0)
    assert list(rejected.words(59.0)) == [] and len(list(rejected.words(61.0))) == 1


def test_a_hostile_uri_is_one_harmless_word() -> None:
    assert shown("sip:1555\x1b[2J\n@h 1") == "sip:1555[2J@h1"
    assert len(shown("x" * 9000)) == 200


def test_a_packet_is_read() -> None:
    assert unpack(pack("INVITE x"), "k") == Sip("INVITE x", TRUNK, LINE)
    assert unpack(pack("INVITE x", key="other"), "k") is None


@given(st.binary(max_size=200), st.integers(0, 80))
def test_whatever_comes_is_read_or_left(noise: bytes, cut: int) -> None:
    packet = pack("INVITE x")
    for data in (noise, b"HEP3" + noise, packet[:cut] + noise, packet[: len(packet) - cut]):
        unpack(data, "k")
