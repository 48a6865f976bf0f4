"""Doors that anybody may stand in: a thousand idle connections keep nobody out and cost a bounded number of threads."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import threading
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from control import doors, status
from line1555.readers.exporter import start_exporter
from metrics import LineState

pytestmark = pytest.mark.services


def test_idle_connections_keep_no_scrape_out() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4096), hard), hard))
    before = threading.active_count()
    with closing(start_exporter(LineState(), lambda: 1.0, port=0)) as it, ExitStack() as stack:
        idle = [stack.enter_context(socket.create_connection(("127.0.0.1", it.port), 20)) for _ in range(1008)]
        with urllib.request.urlopen(f"http://127.0.0.1:{it.port}/metrics", timeout=20) as answer:
            text = answer.read().decode()
        assert "line1555_engine_responding 1.0" in text
        assert threading.active_count() - before <= doors.MOST_OPEN + 2
        assert idle[0].recv(1) == b"", "the oldest was put out"
        counted = next(line for line in text.splitlines() if line.startswith("line1555_metrics_put_out_total"))
        assert float(counted.split()[1]) >= 1008 - doors.MOST_OPEN
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_who_says_nothing_is_put_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors._Handler, "timeout", 0.1)
    with closing(start_exporter(LineState(), lambda: 1.0, port=0)) as it:
        with socket.create_connection(("127.0.0.1", it.port), 20) as idle:
            assert idle.recv(1) == b""
        with socket.create_connection(("127.0.0.1", it.port), 20) as half:
            half.sendall(b"GET /metr")
            assert half.recv(1) == b""


async def test_the_status_socket_is_bounded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "ANSWER_WITHIN_S", 2.0)

    async def execute(order: Mapping[str, Any], by: str) -> Mapping[str, Any]:
        return {}

    server = await status.serve(tmp_path, lambda: {"big": "x" * 5_000_000}, execute)
    idle = [await asyncio.open_unix_connection(tmp_path / status.FILE) for _ in range(200)]
    deaf_reader, deaf = await asyncio.open_unix_connection(tmp_path / status.FILE)
    deaf.write(json.dumps({}).encode() + b"\n")
    answer = await asyncio.to_thread(status.ask, tmp_path)
    assert len(answer["big"]) == 5_000_000
    assert await idle[0][0].read(1) == b""
    deaf_reader._transport.pause_reading()  # type: ignore[attr-defined]
    async with asyncio.timeout(15):
        late = json.loads(await idle[-1][0].read())
    assert late["error"]["id"] == "question.late", "who asks nothing is put out in time, and told"
    for _, writer in [*idle, (None, deaf)]:
        writer.transport.abort()
    server.close()
