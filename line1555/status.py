"""The present state for whoever may read the run directory: ``line1555 status`` asks the running line by a socket.

One connection, one JSON document, nothing is taken in. The socket is the owner's alone (0600).
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

FILE = "line.sock"
ANSWER_WITHIN_S = 5.0


class NotRunning(Exception):
    """No line answers in this run directory; the text says what to do."""


async def serve(run_dir: Path, snapshot: Callable[[], Mapping[str, Any]]) -> asyncio.Server:
    """Answer every connection with the snapshot of that moment."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(json.dumps(snapshot(), ensure_ascii=False).encode())
        writer.close()

    path = run_dir / FILE
    path.unlink(missing_ok=True)
    server = await asyncio.start_unix_server(answer, path)
    path.chmod(0o600)
    return server


def ask(run_dir: Path) -> dict[str, Any]:
    """The snapshot of the line that runs in ``run_dir``. Raises ``NotRunning``."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_WITHIN_S)
            connection.connect(str(run_dir / FILE))
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
    except OSError as error:
        raise NotRunning(
            f"no line runs in {run_dir} ({error.strerror or error}): start it with `line1555 up`"
        ) from error
    found: dict[str, Any] = json.loads(answer)
    return found
