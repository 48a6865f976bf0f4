"""Questions over real HTTP to a small server of our own: answers, troubles, limits, and what is never told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from calls import CallId, Named
from calls import commands as c
from calls import events as e
from telephony.lookups import MOST_AT_ONCE, MOST_BYTES, Lookups, Service

C1 = CallId("c1")
AFM = "123456783"
ASKED = c.Lookup(C1, 7, "tickets", (Named("afm", AFM), Named("odd", "a&b=c d/é")), ("state", "count"))


class Server:
    """Answers each request with the next of ``answers`` (status and body); None: never."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, bytes] | None] = []
        self.asked: list[tuple[str, dict[str, list[str]], str]] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (head := await reader.readuntil(b"\r\n\r\n")).strip():
            lines = head.decode().split("\r\n")
            target = urlsplit(lines[0].split()[1])
            token = next((line for line in lines if line.lower().startswith("authorization:")), "")
            self.asked.append((target.path, parse_qs(target.query), token))
            answer = self.answers.pop(0)
            if answer is None:
                await asyncio.sleep(60)
            status, body = answer or (200, b"")
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            await writer.drain()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await made.serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        made.port = listening.sockets[0].getsockname()[1]
        yield made
        listening.close()


async def asked(server: Server, *answers: tuple[int, bytes] | None, **how: object) -> e.LookedUp | e.LookupFailed:
    told: asyncio.Queue[e.LookedUp | e.LookupFailed] = asyncio.Queue()
    server.answers = list(answers)
    timeout_s = 0.5 if None in answers else 10.0
    service = Service(f"http://127.0.0.1:{server.port}/tickets", **{"timeout_s": timeout_s, "retries": 0, **how})  # type: ignore[arg-type]
    lookups = Lookups({"tickets": service}, told.put_nowait)
    try:
        lookups.ask(ASKED)
        return await asyncio.wait_for(told.get(), 30)
    finally:
        await lookups.close()
        assert told.empty()


async def test_an_answer(server: Server) -> None:
    body = '{"state": "ανοιχτό", "count": 3, "name": "nobody asked"}'.encode()
    told = await asked(server, (200, body), token="s3cret")
    assert told == e.LookedUp(C1, 7, (Named("state", "ανοιχτό"), Named("count", "3")))
    assert server.asked == [("/tickets", {"afm": [AFM], "odd": ["a&b=c d/é"]}, "Authorization: Bearer s3cret")]


@pytest.mark.parametrize(
    ("body", "values"),
    [(b"{}", ("", "")), (b'{"state": null, "count": true}', ("", "true")), (b'{"state": 1.5}', ("1.5", ""))],
)
async def test_values_are_texts(server: Server, body: bytes, values: tuple[str, str]) -> None:
    told = await asked(server, (200, body))
    assert isinstance(told, e.LookedUp) and tuple(pair.value for pair in told.values) == values


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((404, b"{}"), "HTTP 404"),
        ((302, b""), "HTTP 302"),
        ((200, b"<html>"), "an answer that is no JSON"),
        ((200, b"\xff"), "an answer that is no JSON"),
        ((200, b"[" * 60_000), "an answer that is no JSON"),
        ((200, b"[1]"), "an answer that is no JSON object"),
        ((200, b'{"state": {}}'), "a value for state that is no short text"),
        ((200, b'{"state": "a\\u0000"}'), "a value for state that is no short text"),
        ((200, b'{"state": "' + b"x" * 101 + b'"}'), "a value for state that is no short text"),
        ((200, b" " * (MOST_BYTES + 1)), "an answer of more than 65,536 bytes"),
        ((500, b""), "HTTP 500"),
        (None, "TimeoutError"),
    ],
)
async def test_what_is_no_answer(server: Server, answer: tuple[int, bytes] | None, error: str) -> None:
    assert await asked(server, answer) == e.LookupFailed(C1, 7, error)


@pytest.mark.parametrize("trouble", [(503, b""), None])
async def test_it_is_tried_again(server: Server, trouble: tuple[int, bytes] | None) -> None:
    timeout_s = 1.0 if trouble is None else 10.0
    assert isinstance(await asked(server, trouble, (200, b"{}"), retries=1, timeout_s=timeout_s), e.LookedUp)
    assert len(server.asked) == 2


async def test_not_for_ever_and_not_what_will_not_change(server: Server) -> None:
    assert await asked(server, *[(500, b"")] * 3, retries=2) == e.LookupFailed(C1, 7, "HTTP 500, 3 tries")
    assert await asked(server, (403, b""), retries=2) == e.LookupFailed(C1, 7, "HTTP 403")


async def test_nobody_there() -> None:
    server = Server()
    server.port = 9
    told = await asked(server)
    assert isinstance(told, e.LookupFailed) and told.error == "ConnectError"


async def test_no_log_has_what_was_typed(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await asked(server, (200, b"{}"))
        told = await asked(server, None)
    assert AFM not in caplog.text and AFM not in repr(told) and AFM not in repr(ASKED)


@pytest.mark.parametrize(
    ("name", "many", "why"), [("weather", 0, "no lookup weather"), ("tickets", MOST_AT_ONCE, "50")]
)
async def test_what_is_refused(server: Server, name: str, many: int, why: str) -> None:
    server.answers = [None] * many
    lookups = Lookups({"tickets": Service(f"http://127.0.0.1:{server.port}/")}, lambda _: None)
    for _ in range(many):
        lookups.ask(ASKED)
    with pytest.raises(ValueError, match=why):
        lookups.ask(c.Lookup(C1, 1, name, (), ()))
    await lookups.close()
