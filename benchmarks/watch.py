"""An ear of its own at Asterisk: a second AMI user for the length of a measurement, with Asterisk's own clock.

The engine's connection is not touched. What changes for it: every event it reads is one header (Timestamp) longer.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import subprocess
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from telephony.asterisk import read_launch

USER = "watch"
_SECTION = """
[{user}]
secret = {secret}
deny = 0.0.0.0/0.0.0.0
permit = 127.0.0.1/255.255.255.255
writetimeout = 5000
read = call,agi,dtmf
write = call
{filters}
"""

Event = dict[str, str]


class Watch:
    """The events asked for, in order, each with the epoch second that Asterisk put on it."""

    def __init__(self) -> None:
        self.events: list[tuple[float, Event]] = []

    def clear(self) -> None:
        self.events.clear()

    async def read(self, reader: asyncio.StreamReader) -> None:
        while True:
            block = (await reader.readuntil(b"\r\n\r\n")).decode(errors="replace")
            event = dict(row.split(": ", 1) for row in block.split("\r\n") if ": " in row)
            if "Timestamp" in event:
                self.events.append((float(event["Timestamp"]), event))


def console(run_dir: Path, text: str) -> str:
    """Give a command to the Asterisk of this run directory; what it said."""
    argv = [*read_launch().argv, "-C", str((run_dir / "etc" / "asterisk.conf").resolve()), "-rx", text]
    return subprocess.run(argv, capture_output=True, text=True, timeout=10).stdout


@contextlib.asynccontextmanager
async def watching(run_dir: Path, host: str, port: int, names: Iterable[str]) -> AsyncIterator[Watch]:
    """Hear these events of the Asterisk that runs in ``run_dir`` for the length of the block."""
    secret = secrets.token_hex(16)
    await asyncio.to_thread(_add_user, run_dir, secret, names)
    reader, writer = await asyncio.open_connection(host, port, limit=1 << 20)
    writer.write(f"Action: Login\r\nUsername: {USER}\r\nSecret: {secret}\r\n\r\n".encode())
    await reader.readline()
    answer = await reader.readuntil(b"\r\n\r\n")
    if b"Success" not in answer:
        raise RuntimeError("Asterisk refuses the second AMI user")
    watch = Watch()
    reading = asyncio.create_task(watch.read(reader))
    try:
        yield watch
    finally:
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError, asyncio.IncompleteReadError):
            await reading
        writer.close()


def _add_user(run_dir: Path, secret: str, names: Iterable[str]) -> None:
    file = run_dir / "etc" / "manager.conf"
    text = file.read_text("utf-8").replace("timestampevents = no", "timestampevents = yes")
    filters = "\n".join(f"eventfilter(action(include),name({name})) =" for name in names)
    file.write_text(text + _SECTION.format(user=USER, secret=secret, filters=filters), "utf-8")
    console(run_dir, "manager reload")
