"""Questions to web services on behalf of a caller in the menus, over HTTP, with a time limit and retries.

The addresses are the site's alone: what a caller typed is only ever an encoded value behind the ``?``. An answer is a
JSON object; of it only the values that were asked for come back, as short texts.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from calls import Named
from calls import commands as c
from calls import events as e

MOST_BYTES = 65_536
MOST_LETTERS = 100
"""Characters of one value."""
PAUSE_S = 0.2
"""Seconds before a second try."""
MOST_AT_ONCE = 50

for _name in ("httpx", "httpcore"):  # they would log whole addresses, and with them what callers typed
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Service:
    """One web service. ``timeout_s`` is the limit of one try."""

    url: str
    timeout_s: float = 2.0
    retries: int = 1
    token: str = ""


class NoAnswer(Exception):
    """No answer that can be used; the text says why, and holds nothing of the caller."""


class Lookups:
    """The services of a site. ``report`` takes what came of a question, once per question."""

    def __init__(self, services: Mapping[str, Service], report: Callable[[e.LookedUp | e.LookupFailed], None]) -> None:
        self._services, self._report = services, report
        self._client: httpx.AsyncClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, services: Mapping[str, Service]) -> None:
        """Other services from now on; questions under way go on."""
        self._services = services

    def ask(self, command: c.Lookup) -> None:
        """Ask, in the background. Raises ``ValueError`` where there is no such service, or too much is asked."""
        service = self._services.get(command.name)
        if service is None:
            raise ValueError(f"no lookup {command.name} in site.yaml")
        if len(self._tasks) >= MOST_AT_ONCE:
            raise ValueError(f"{MOST_AT_ONCE} lookups are under way already")
        task = asyncio.get_running_loop().create_task(self._ask(service, command))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Forget all questions."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    async def _ask(self, service: Service, command: c.Lookup) -> None:
        try:
            values = await self._answer(service, command)
        except NoAnswer as error:
            self._report(e.LookupFailed(command.call, command.number, str(error)))
        else:
            self._report(e.LookedUp(command.call, command.number, values))

    async def _answer(self, service: Service, command: c.Lookup) -> tuple[Named, ...]:
        tries = service.retries + 1
        for left in reversed(range(tries)):
            try:
                async with asyncio.timeout(service.timeout_s):
                    return _values(await self._get(service, command), command.wanted)
            except (TimeoutError, httpx.TransportError, _TryAgain) as error:
                if not left:
                    raise NoAnswer(_said(error, tries)) from None
                await asyncio.sleep(PAUSE_S)
        raise NoAnswer("never asked")

    async def _get(self, service: Service, command: c.Lookup) -> Any:
        if self._client is None:
            self._client = httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=httpx.Timeout(None))
        headers = {"Authorization": f"Bearer {service.token}"} if service.token else {}
        query = {pair.name: pair.value for pair in command.send}
        async with self._client.stream("GET", service.url, params=query, headers=headers) as response:
            if response.status_code >= 500:
                raise _TryAgain(f"HTTP {response.status_code}")
            if response.status_code != 200:
                raise NoAnswer(f"HTTP {response.status_code}")
            return await _read(response)


class _TryAgain(Exception):
    """The service has trouble of its own."""


def _said(error: Exception, tries: int) -> str:
    """An httpx error may hold the address, and with it what was typed."""
    why = str(error) if isinstance(error, _TryAgain) else type(error).__name__
    return f"{why}, {tries} tries" if tries > 1 else why


async def _read(response: httpx.Response) -> Any:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > MOST_BYTES:
            raise NoAnswer(f"an answer of more than {MOST_BYTES:,} bytes")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise NoAnswer("an answer that is no JSON") from None


def _values(answer: Any, wanted: tuple[str, ...]) -> tuple[Named, ...]:
    if not isinstance(answer, dict):
        raise NoAnswer("an answer that is no JSON object")
    return tuple(Named(name, _text(name, answer.get(name))) for name in wanted)


def _text(name: str, value: Any) -> str:
    """``true`` and numbers as JSON has them; what is missing or null is empty."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value)
    if isinstance(value, dict | list) or len(text) > MOST_LETTERS or not text.isprintable():
        raise NoAnswer(f"a value for {name} that is no short text")
    return text
