"""Bytes to messages: recordings of a real Asterisk cut at every byte, and bytes nobody would send."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import settings as rounds
from hypothesis import strategies as st

from telephony.ami import AgiResult, AmiCounters, AmiMessage, AmiSettings
from telephony.ami.framer import Framer
from telephony.ami.protocol import Protocol

TRACES = {path.stem: path.read_bytes() for path in (Path(__file__).resolve().parents[2] / "traces").glob("*.ami")}
END = b"\r\n\r\n"
GREETING = b"Asterisk Call Manager/11.0.0\r\n"
SMALL = 64


class Ear(Protocol):
    """A protocol without a connection that keeps every message."""

    def __init__(self, max_message: int = 1 << 20) -> None:
        self.messages: list[AmiMessage] = []
        self.ended = ""
        settings = AmiSettings("", 0, "", "", max_message=max_message)
        super().__init__(settings, AmiCounters(), self.messages.append, Mock())
        self.connection_made(Mock())

    def handle_message(self, message: AmiMessage) -> None:
        self.messages.append(message)

    def hear(self, *chunks: bytes) -> list[AmiMessage]:
        for chunk in chunks:
            self.data_received(chunk)
        heard, self.messages = self.messages, []
        return heard


class TextEar(Ear):
    """Keeps the texts before they are parsed."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def _take(self, text: str) -> None:
        self.texts.append(text)


def single_bytes(data: bytes) -> Iterator[bytes]:
    return (data[at : at + 1] for at in range(len(data)))


@pytest.mark.parametrize("trace", TRACES)
async def test_byte_by_byte_is_the_same(trace: str) -> None:
    data = TRACES[trace]
    messages = Ear().hear(data)
    assert Ear().hear(*single_bytes(data)) == messages
    assert len(messages) == data.count(END)


@pytest.mark.parametrize("trace", TRACES)
async def test_cut_in_two_at_every_byte_is_the_same(trace: str) -> None:
    """Nothing is held back between two messages, so a cut concerns the one it is in; the text makes the message."""
    ear = TextEar()
    ear.hear(GREETING)
    for text in TRACES[trace].removeprefix(GREETING).split(END)[:-1]:
        data = text + END
        for cut in range(len(data)):
            ear.hear(data[:cut], data[cut:])
        assert ear.texts == [text.decode()] * len(data)
        assert len(ear._framer) == 0
        ear.texts.clear()


@pytest.mark.parametrize("cut", range(1, len(GREETING) + 30))
async def test_cut_in_the_greeting(cut: int) -> None:
    data = GREETING + b"Response: Success\r\nMessage: Authentication accepted" + END
    ear = Ear()
    (message,) = ear.hear(data[:cut], data[cut:])
    assert message.ok and ear._framer.version == "11.0.0" and ear.greeted.done()


async def test_what_asterisk_said_in_greek() -> None:
    (event,) = (message for message in Ear().hear(TRACES["greek"]) if message.name == "UserEvent")
    assert event.get("UserEvent") == "Σύνταξη"
    assert event.get("text") == "Καλημέρα σας, ΕΦΚΑ — €uro 😀"
    assert event.get("Content") == "kept"
    assert event.all("Event") == ("UserEvent", "forged")


async def test_what_asterisk_said_in_a_call() -> None:
    messages = Ear().hear(TRACES["call"])
    assert "Μαρία Παπαδοπούλου" in {message.get("CallerIDName") for message in messages}
    results = [message.get("Result") for message in messages if message.name == "AsyncAGIExec"]
    assert results == [
        "200 result=1",
        "200 result=1 (σύνταξη)",
        "200 result=53",
        "200 result=0 endpos=2000",
        "510 Invalid or unknown command",
    ]


# -- bytes nobody would send

pieces = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([END, b"\r\n", b"\r", b"\n", b": ", b"Event: ", b"Response: ", b"ActionID: x", b"\xce", b"x" * 90]),
)


@rounds(max_examples=100, deadline=None)
@given(st.lists(pieces, max_size=30), st.lists(st.integers(0, 500), max_size=10))
def test_framer_any_bytes_any_cut_bounded(parts: list[bytes], cuts: list[int]) -> None:
    data = GREETING + b"".join(parts)
    whole, cut, single = Framer(SMALL), Framer(SMALL), Framer(SMALL)
    texts = whole.feed(data)
    edges = sorted({0, len(data), *(at for at in cuts if at < len(data))})
    assert [text for start, end in pairwise(edges) for text in cut.feed(data[start:end])] == texts
    heard = []
    for byte in single_bytes(data):
        heard += single.feed(byte)
        assert len(single) <= max(SMALL + len(END), len(GREETING))
    assert heard == texts
    assert single.dropped == whole.dropped == cut.dropped
    assert all(len(text) <= SMALL for text in texts)


@rounds(max_examples=50, deadline=None)
@given(st.lists(pieces, max_size=30), st.booleans())
async def test_protocol_takes_any_bytes(parts: list[bytes], greets: bool) -> None:
    ear = Ear(SMALL)
    for part in [GREETING, *parts] if greets else parts:
        ear.data_received(part)
        assert len(ear._framer) <= 200 + SMALL


async def test_what_is_not_utf8_is_replaced() -> None:
    (message,) = Ear().hear(GREETING + b"Event: Newchannel\r\nCallerIDName: \xff\xce" + END)
    assert message.get("CallerIDName") == "\ufffd\ufffd"


async def test_too_long_a_message_is_skipped_and_counted() -> None:
    ear = Ear(SMALL)
    long, short = b"Event: Long\r\nText: " + b"x" * 500, b"Event: Short"
    (message,) = ear.hear(GREETING, long[:100], long[100:] + END + short + END)
    assert message.name == "Short"
    ear.hear(b"neither: event" + END)
    counters = ear._counters
    assert (counters.dropped, counters.garbled) == (1, 1)


# -- what a message says


def parse(text: str) -> AmiMessage:
    message = AmiMessage.parse(text)
    assert message is not None
    return message


def test_headers() -> None:
    message = parse("Event: Newchannel\r\nChanVariable: A=1\r\nchanvariable: B=2\r\nChanVariable: C=3\r\nEmpty: ")
    assert message.all("ChanVariable") == ("A=1", "C=3", "B=2")
    assert (message.get("chanVARIABLE"), message.get("Empty"), message.get("Missing")) == ("A=1", "", "")
    assert message.all("Missing") == ()
    assert message.headers()["empty"] == ("",)


@pytest.mark.parametrize("trace", TRACES)
async def test_every_header_is_the_same_whether_it_is_looked_up_or_split(trace: str) -> None:
    for message in Ear().hear(TRACES[trace]):
        names = [*message.headers(), "Missing", "ActionID", "CommandID"]
        fresh = (
            Ear().hear(GREETING + message._text.removeprefix("\r\n").encode() + END)[0] if message._text else message
        )
        for name in (*names, *map(str.title, names), *map(str.upper, names)):
            assert fresh.get(name) == (message.all(name) or ("",))[0], name
        assert (fresh.name, fresh.action_id) == (message.get("Event"), message.get("ActionID"))


def test_a_message_does_not_show_its_values() -> None:
    message = parse("Event: Newchannel\r\nCallerIDNum: 6900000000")
    assert repr(message) == "<AmiMessage Newchannel: event, calleridnum>"


def test_a_message_is_a_value() -> None:
    one, same = parse("Event: A\r\nX: 1"), parse("Event: A\r\nX: 1")
    assert one == same and hash(one) == hash(same) and one != parse("Event: A") and one != "A"


def test_the_body_of_an_old_response_is_kept() -> None:
    message = parse("Response: Follows\r\nPrivilege: Command\r\nsome text")
    assert message.get("Content") == "some text"


@dataclass(frozen=True)
class Agi:
    """A raw result and what it means."""

    raw: str
    code: int = 200
    result: str = ""
    data: str = ""
    endpos: int | None = None
    digit: str = ""
    ok: bool = True


@pytest.mark.parametrize(
    "case",
    [
        Agi("200 result=0\n", result="0"),
        Agi("200 result=1 (σύνταξη)\n", result="1", data="σύνταξη"),
        Agi("200 result=1 (a (b) c)\n", result="1", data="a (b) c"),
        Agi("200 result=1 (hangup)\n", result="1", data="hangup"),
        Agi("200 result=1 ()\n", result="1"),
        Agi("200 result=1 (two\nlines)\n", result="1", data="two\nlines"),
        Agi("200 result=50 endpos=1600\n", result="50", endpos=1600, digit="2"),
        Agi("200 result=42 endpos=0", result="42", endpos=0, digit="*"),
        Agi("200 result=35", result="35", digit="#"),
        Agi("200 result=123 (timeout)", result="123", data="timeout"),
        Agi("200 result= (timeout)", data="timeout"),
        Agi("200 result=-1 endpos=800", result="-1", endpos=800, ok=False),
        Agi("510 Invalid or unknown command\n", code=510, ok=False),
        Agi("511 Command Not Permitted on a dead channel or intercept routine\n", code=511, ok=False),
        Agi("520-Invalid command syntax.  Proper usage follows:\nx\n520 End of proper usage.\n", code=520, ok=False),
        Agi("", code=0, ok=False),
        Agi("HANGUP", code=0, ok=False),
    ],
    ids=lambda case: case.raw.strip(),
)
def test_agi_result(case: Agi) -> None:
    result = AgiResult.parse(case.raw)
    assert (result.code, result.result, result.data) == (case.code, case.result, case.data)
    assert (result.endpos, result.digit, result.ok) == (case.endpos, case.digit, case.ok)
    assert result.raw == case.raw


def test_the_recordings_are_there() -> None:
    assert set(TRACES) == {"login", "wrong_secret", "refusals", "greek", "call", "channels"}
