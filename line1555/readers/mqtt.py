"""MQTT for wallboards and other systems: events as they happen, the present state retained (docs/mqtt.md).

``publish`` only appends to a bounded queue; one background task does the rest. Whatever the broker does, nothing here
blocks, grows or raises into the call path: events that find no room are dropped (the oldest first) and counted, and of
the state only the newest matters, so it is rendered when it is sent and sent whole after every reconnect.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import ssl
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiomqtt import Client, MqttError, Will

from calls import encode, facts
from control.hiding import Confidential, masked
from metrics import LineState, view

log = logging.getLogger(__name__)

EVENTS_KEPT = 5_000
STATE_EVERY_S = 0.5
"""Changes within this time are told as one."""
REFRESH_S = 30.0
"""The whole state is told again so often: waits grow and intervals turn without a fact."""
BACKOFF_S = (0.5, 30.0)
"""First and longest pause before the next attempt to connect."""
ANSWER_WITHIN_S = 5.0

Topic = tuple[str, ...]
"""Rest of a topic behind ``<base>/<node>/state``: ``("line",)``, ``("queue", name)`` or ``("agent", name)``."""

LINE: Topic = ("line",)


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificates: the broker's proof (``ca``: None is the machine's own authorities), and ours where it asks."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    verify: bool = True

    def context(self) -> ssl.SSLContext:
        """TLS 1.2 or newer. Raises ``OSError`` (``ssl.SSLError``) where a file cannot be read or is none."""
        context = ssl.create_default_context(cafile=self.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if not self.verify:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if self.cert is not None:
            context.load_cert_chain(self.cert, self.key)
        return context


@dataclass(frozen=True, slots=True)
class Broker:
    """Address of the broker. Password and certificates are read from their files at every connect."""

    host: str
    port: int = 1883
    username: str | None = None
    password_file: Path | None = None
    tls: Tls | None = None

    def client(self, identifier: str, will: Will) -> Client:
        """A client for one connection. Raises ``OSError`` where a file cannot be read."""
        password = self.password_file.read_text("utf-8").strip() if self.password_file else None
        return Client(
            self.host,
            self.port,
            username=self.username,
            password=password,
            identifier=identifier,
            will=will,
            keepalive=15,
            timeout=ANSWER_WITHIN_S,
            tls_context=self.tls.context() if self.tls else None,
        )


class MqttPublisher:
    """Tells a broker what happens. ``start`` and ``publish`` are called in the engine's event loop.

    ``confidential``: steps of callers that are told to nobody.
    """

    def __init__(
        self,
        broker: Broker,
        state: LineState,
        clock: Callable[[], float],
        *,
        node: str,
        base_topic: str = "line1555",
        confidential: Confidential | None = None,
    ) -> None:
        self._broker, self._state, self._clock = broker, state, clock
        self._confidential = confidential or Confidential()
        self._identifier = f"{base_topic}-{node}"
        self._root = f"{base_topic}/{_segment(node)}"
        self._events: deque[tuple[float, facts.Fact]] = deque(maxlen=EVENTS_KEPT)
        self._changed: set[Topic] = set()
        self._event_came, self._state_changed, self._closing = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._connected = False
        self._connects = self._published = self._dropped = 0
        self.last_error = ""

    def publish(self, now: float, told: Iterable[facts.Fact]) -> None:
        """Take the facts of a step, after the fold has them. Never waits and never fails."""
        at = self._state.anchor + now
        for fact in told:
            self._dropped += len(self._events) == EVENTS_KEPT
            self._events.append((at, fact))
            self._changed.update(_touched(fact))
            if isinstance(fact, facts.CallbackMissed) and (call := self._state.calls.get(fact.callback)):
                self._changed.update([("queue", call.queue)] if call.queue else [])
        self._event_came.set()
        self._state_changed.set()

    def start(self) -> None:
        """Begin to connect, in the background."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="mqtt")

    async def close(self, within_s: float = 3.0) -> None:
        """Say that we are offline and leave; a broker that does not listen is left after ``within_s``."""
        if self._task is None:
            return
        self._closing.set()
        await asyncio.wait({self._task}, timeout=within_s)
        self._task.cancel()
        await asyncio.wait({self._task}, timeout=within_s)
        self._task = None

    def health(self) -> Mapping[str, float]:
        """Figures for ``/metrics`` and the board."""
        return {
            "connected": self._connected,
            "pending": len(self._events),
            "connects_total": self._connects,
            "published_total": self._published,
            "dropped_total": self._dropped,
        }

    # the background task

    async def _run(self) -> None:
        pause_s, longest_s = BACKOFF_S
        while not self._closing.is_set():
            connects = self._connects
            try:
                await self._session()
            except Exception as error:  # a broker, its TLS and its password file can fail in any way
                self._failed(error)
            if self._connects > connects:
                pause_s = BACKOFF_S[0]
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), pause_s)
            pause_s = min(pause_s * 2, longest_s)

    def _failed(self, error: Exception) -> None:
        text = f"{type(error).__name__}: {error}"
        if text != self.last_error:  # once per kind, not once per attempt
            log.warning("mqtt: %s:%s: %s", self._broker.host, self._broker.port, text)
        self.last_error = text

    async def _session(self) -> None:
        """One connection, from online to its loss (raises) or to ``close``."""
        will = Will(f"{self._root}/status", "offline", qos=1, retain=True)
        async with self._broker.client(self._identifier, will) as client:
            self._connected, self._connects, self.last_error = True, self._connects + 1, ""
            try:
                await self._until_closing(client)
                await self._say(client, "status", "offline")
            finally:
                self._connected = False

    async def _until_closing(self, client: Client) -> None:
        parts = (self._tell_state(client), self._tell_events(client), _watch(client), self._closing.wait())
        tasks = [asyncio.ensure_future(part) for part in parts]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()

    async def _tell_events(self, client: Client) -> None:
        while True:
            await self._event_came.wait()
            self._event_came.clear()
            while self._events:
                at, fact = self._events[0]
                if not self._confidential.hides(fact):
                    await client.publish(
                        f"{self._root}/event/{type(fact).__name__}", _event_text(self._state.calendar.label(at), fact)
                    )
                    self._published += 1
                if self._events and self._events[0][1] is fact:  # else it was dropped meanwhile
                    self._events.popleft()

    async def _tell_state(self, client: Client) -> None:
        while True:
            await self._say(client, "status", "online")
            self._changed = {
                LINE,
                *(("queue", q) for q in self._state.queues),
                *(("agent", a) for a in self._state.agents),
            }
            refresh_at = asyncio.get_running_loop().time() + REFRESH_S
            while await self._changes(refresh_at):
                changed, self._changed = self._changed, set()
                for topic, state in self._states(changed):
                    await self._say(client, "/".join(("state", *map(_segment, topic))), _json(state))
                await asyncio.sleep(STATE_EVERY_S)

    async def _changes(self, until: float) -> bool:
        """Wait for a change of state; False where it is time to tell everything again."""
        if not self._changed:
            self._state_changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(until):
                    await self._state_changed.wait()
        return asyncio.get_running_loop().time() < until

    def _states(self, changed: Collection[Topic]) -> Iterator[tuple[Topic, dict[str, Any]]]:
        """The changed states as they are now, one by one: a state is never older than its sending."""
        self._state.settle(self._clock())
        for topic in sorted(changed):
            at = self._state.anchor + self._clock()
            state = _state(self._state, topic, at)
            if state is not None:
                yield topic, {"time": self._state.calendar.label(at), **state}

    async def _say(self, client: Client, topic: str, payload: str) -> None:
        await client.publish(f"{self._root}/{topic}", payload, qos=1, retain=True)
        self._published += 1


async def _watch(client: Client) -> None:
    """Notice a lost connection at once, also when there is nothing to tell. We subscribe to nothing."""
    async for _ in client.messages:
        pass
    raise MqttError("the broker closed the connection")


def _state(state: LineState, topic: Topic, at: float) -> dict[str, Any] | None:
    match topic:
        case ("queue", name):
            return view.queues(state, at).get(name)
        case ("agent", name):
            return next((view.agent(state, agent, at) for agent in state.agents if agent == name), None)
    return view.line(state, at)


def _touched(fact: facts.Fact) -> Iterator[Topic]:
    """The states a fact may change."""
    yield LINE
    for kind in ("queue", "agent"):
        name = getattr(fact, kind, None)
        if name:
            yield kind, name


def _event_text(time: str, fact: facts.Fact) -> str:
    return _json({"time": time, **encode(masked(fact))})


def _segment(name: str) -> str:
    """A name as one level of a topic: ``/``, ``+`` and ``#`` have a meaning there."""
    return re.sub(r"[/+#\0]", "_", name)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
