"""Doors of the line that anybody may stand in: the server of ``/metrics`` and the status socket.

Whoever connects and says nothing is put out after a while, and at once where others come and there is no room: the
newest is always let in, so a scrape gets through a thousand idle connections.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Callable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler

from prometheus_client.exposition import ThreadingWSGIServer

log = logging.getLogger(__name__)

MOST_OPEN = 32
IDLE_S = 10.0
TOLD_EVERY_S = 600.0
LOOK_S = 0.1
"""Seconds within which the server of ``/metrics`` notices that it is to end: calls wait for the next engine."""


class Crowd:
    """The connections of one door, the oldest first, at most ``most``; ``put_out`` counts those closed for others."""

    def __init__(self, door: str, most: int = MOST_OPEN) -> None:
        self.put_out = 0
        self._door, self._most = door, most
        self._inside: dict[Any, Callable[[], None]] = {}
        self._lock = threading.Lock()
        self._told_at = float("-inf")

    def __len__(self) -> int:
        return len(self._inside)

    def enter(self, guest: Any, close: Callable[[], None]) -> None:
        """Let one in; the oldest go where there is no room."""
        gone = []
        with self._lock:
            while len(self._inside) >= self._most:
                gone.append(self._inside.pop(next(iter(self._inside))))
            self._inside[guest] = close
            self.put_out += len(gone)
        for shut in gone:
            shut()
        if gone:
            self._tell()

    def leave(self, guest: Any) -> None:
        """Forget the connection; one that is not inside changes nothing."""
        with self._lock:
            self._inside.pop(guest, None)

    def _tell(self) -> None:
        if (now := time.monotonic()) >= self._told_at + TOLD_EVERY_S:
            self._told_at = now
            log.warning("%s: %d connections at once, the idlest are closed: who opens them?", self._door, self._most)


class _Handler(WSGIRequestHandler):
    """Logs no requests; a connection on which nothing comes is over."""

    timeout = IDLE_S

    def log_message(self, format: str, *args: Any) -> None:
        pass


class MetricsServer(ThreadingWSGIServer):
    """One thread per request, a bounded number of them."""

    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: Any) -> None:
        self.crowd = Crowd("metrics")
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.crowd.enter(request, lambda: _shut(request))
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.crowd.leave(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller who was put out, or went: nothing of ours."""


def _shut(request: socket.socket) -> None:
    """Its own thread closes it: it reads the end now."""
    try:
        request.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def serve_metrics(app: Any, host: str, port: int) -> tuple[MetricsServer, threading.Thread]:
    """The server and its thread. Raises ``OSError`` where the address cannot be had."""
    server = MetricsServer((host, port), _Handler)
    server.set_app(app)
    thread = threading.Thread(target=server.serve_forever, args=(LOOK_S,), name="metrics", daemon=True)
    thread.start()
    return server, thread


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]


def bounded(talk: Talk, crowd: Crowd, within_s: float) -> Talk:
    """A conversation whose answer has to be taken within ``within_s``; it ends where others need the room."""

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        crowd.enter(writer, writer.transport.abort)
        try:
            await talk(reader, writer)
            writer.close()
            async with asyncio.timeout(within_s):
                await writer.wait_closed()
        except (OSError, TimeoutError):
            return
        finally:
            writer.transport.abort()  # also where the talk was cancelled; one that is closed takes no harm
            crowd.leave(writer)

    return guarded
