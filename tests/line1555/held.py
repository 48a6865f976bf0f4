"""A line that answers on its socket and shows what a test wants: its clock stands at the time it is given."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from control import status
from control.refusals import OrderRefused, Refusal


@contextmanager
def held(run: Path, shows: datetime, **more: Any) -> Iterator[None]:
    """``more``: what else its snapshot says."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    run.mkdir(parents=True, exist_ok=True)

    def snapshot() -> dict[str, Any]:
        return {"time": shows.isoformat(timespec="seconds"), **more}

    async def execute(_: Mapping[str, Any], by: str) -> Mapping[str, Any]:
        raise OrderRefused(Refusal.ORDER_UNKNOWN, "this line takes no orders")

    async def serve() -> None:
        server = await status.serve(run, snapshot, execute)
        ready.set()
        while not over.is_set():
            await asyncio.sleep(0.01)
        server.close()

    over = threading.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert ready.wait(10)
        yield
    finally:
        over.set()
        thread.join()
        loop.close()
