"""A small AMI server on loopback: it greets, logs in, answers Ping and Logoff; the test says everything else."""

from __future__ import annotations

import asyncio
from types import TracebackType

GREETING = b"Asterisk Call Manager/11.0.0\r\n"
BOOTED = "Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\n"
SECRET = "s3cret"

Headers = dict[str, list[str]]


class FakeAmi:
    """`heard` is every action but the routine ones, in order; `answers` are canned responses by action name."""

    def __init__(self, greeting: bytes = GREETING) -> None:
        self.greeting = greeting
        self.secret = SECRET
        self.boots = True
        self.pongs = True
        self.answers: dict[str, str] = {}
        self.logins = 0
        self.logged_in = asyncio.Event()
        self.heard: list[Headers] = []
        self._news: asyncio.Queue[Headers] = asyncio.Queue()
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> FakeAmi:
        await self.listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self.vanish()

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def vanish(self) -> None:
        """Nobody listens any more, and every connection is cut."""
        if self._server is not None:
            self._server.close()
            self.cut()
            await self._server.wait_closed()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def say(self, text: str | bytes) -> None:
        """To every client."""
        for writer in self._writers:
            writer.write(text.encode() if isinstance(text, str) else text)

    def reply(self, action: Headers, text: str = "Response: Success") -> None:
        self.say(f"{text}\r\nActionID: {action['ActionID'][0]}\r\n\r\n")

    async def next(self, name: str) -> Headers:
        """Wait for the next action heard, which must be this one."""
        action = await asyncio.wait_for(self._news.get(), 2)
        assert action["Action"] == [name]
        return action

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        writer.write(self.greeting)
        try:
            while True:
                raw = await reader.readuntil(b"\r\n\r\n")
                self._hear(_headers(raw.decode()))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _hear(self, action: Headers) -> None:
        name = action["Action"][0]
        if name == "Login":
            self._log_in(action)
        elif name == "Ping":
            if self.pongs:
                self.reply(action, "Response: Success\r\nPing: Pong")
        elif name == "Logoff":
            self.cut()
        else:
            self.heard.append(action)
            self._news.put_nowait(action)
            if name in self.answers:
                self.reply(action, self.answers[name])

    def _log_in(self, action: Headers) -> None:
        self.logins += 1
        self.logged_in.set()
        if action["Secret"] != [self.secret]:
            self.reply(action, "Response: Error\r\nMessage: Authentication failed")
            return
        self.reply(action)
        if self.boots:
            self.say(BOOTED)


def _headers(text: str) -> Headers:
    headers: Headers = {}
    for line in text.strip().split("\r\n"):
        name, _, value = line.partition(": ")
        headers.setdefault(name, []).append(value)
    return headers
