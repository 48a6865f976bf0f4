"""The composition root of the live line: everything is made here, in order, and let go of in the opposite order.

Settings, sounds, Asterisk, journal, engine, driver, readers. Nothing here decides about a call.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from calls import SettingsError
from engine import Line
from metrics import Calendar, LineState, offset_of
from records import Health, Journal, Tailer
from telephony import Clock, Driver, DriverSettings, Lag
from telephony.ami import AmiSettings
from telephony.asterisk import Asterisk, private_asterisk, read_launch

from . import fittings, orders, plant, promises, prompts, status, switchover
from .editions import Editions
from .exporter import start_exporter
from .memory import Memory, remember
from .mqtt import MqttPublisher
from .site import Site
from .versions import VersionError, Versions

log = logging.getLogger(__name__)

VERSION = version("line1555")
AMI_USER = "line"
ASTERISK_PAUSE_S = 1.0
AUDIT_S = 30.0
TAILER_STOP_S = 10.0
TEND_S = 1.0
MESSAGES = "messages"
"""The folder of what callers leave on the tape, in the run directory."""


@dataclass(frozen=True, slots=True)
class Options:
    """How this start differs from the site's files. ``ami``: an Asterisk that runs already, with its credentials."""

    run_dir: Path
    ami: AmiSettings | None = None
    node: str = "n1"
    audit_s: float = AUDIT_S


@dataclass(slots=True)
class Running:
    """The line that is up."""

    site: Site
    options: Options
    driver: Driver
    memory: Memory
    tailer: Tailer
    metrics_port: int
    editions: Editions
    asterisk: Asterisk | None = None
    mqtt: MqttPublisher | None = None
    failed: asyncio.Event = field(default_factory=asyncio.Event)
    switching: asyncio.Lock = field(default_factory=asyncio.Lock)

    def snapshot(self) -> dict[str, Any]:
        """The present state, JSON-ready, with the health of the parts around the engine."""
        health = self.memory.journal.health
        lag = self.tailer.lag()
        return {
            **self.memory.state.snapshot(self.driver.clock.now()),
            "journal": {
                "ok": health.ok,
                "detail": health.reason,
                "buffered": health.buffered,
                "dropped": health.dropped,
                "set_aside": health.damaged,
            },
            "records": {"behind_steps": lag.steps, "behind_s": round(lag.seconds, 3), "problem": self.tailer.problem},
            "mqtt": dict(self.mqtt.health()) if self.mqtt else None,
        }


@contextlib.asynccontextmanager
async def running(site: Site, options: Options, progress: prompts.Progress | None = None) -> AsyncIterator[Running]:
    """The line, up for the length of the block. Everything is let go of at its end, whatever happened."""
    run_dir = options.run_dir
    run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    fittings.broker_of(site)  # what cannot be read is told before anything starts
    sounds = await asyncio.to_thread(fittings.build_sounds, site, run_dir, progress)
    async with contextlib.AsyncExitStack() as stack:
        asterisk = None
        if options.ami is None:
            settings = fittings.asterisk_settings(site, run_dir)
            keeper = _Keeper(run_dir)
            asterisk = await stack.enter_async_context(
                private_asterisk(settings, read_launch(), run_dir.resolve(), keeper.gone)
            )
        journal = stack.enter_context(Journal(run_dir / "journal.db", node=options.node, on_trouble=_tell_operator))
        live = promises.callable_line(site)
        memory, last_now = await asyncio.to_thread(remember, journal, live, _fold(site), VERSION)
        editions = await asyncio.to_thread(_editions, site, run_dir, sounds, memory.line)
        line = _assemble(site, options, memory, last_now, editions, asterisk)
        await _start(line, stack)
        if asterisk is not None:
            keeper.watch(line)
        yield line


def _fold(site: Site) -> LineState:
    calendar = Calendar(offset=offset_of(ZoneInfo(site.settings.zone)))
    return LineState(calendar, queues=site.line.queues, agents=site.line.agents)


def _assemble(
    site: Site, options: Options, memory: Memory, last_now: float, editions: Editions, asterisk: Asterisk | None
) -> Running:
    watch = site.settings.watch
    driver = Driver(
        memory.line,
        Clock(memory.journal.anchor, last_now),
        options.ami or _own_ami(asterisk),
        editions.path,
        memory,
        settings=DriverSettings(
            options.node,
            VERSION,
            lease_s=watch.lease_s,
            audit_s=options.audit_s,
            trunk_contact=plant.trunk_contact(site),
            messages=(options.run_dir / MESSAGES).resolve(),
        ),
        services=fittings.services_of(site),
    )
    url = site.settings.records.url or f"sqlite:///{(options.run_dir / 'records.db').resolve()}"
    tailer = Tailer(options.run_dir / "journal.db", url, on_damage=memory.journal.suspect)
    return Running(site, options, driver, memory, tailer, 0, editions, asterisk)


def _editions(site: Site, run_dir: Path, sounds: Sequence[prompts.Sound], line: Line) -> Editions:
    """What is said: by the site, and to callers of before by the versions that they began with."""
    editions, newest = Editions(fittings.sounds_folder(run_dir).resolve()), site.line.menus.edition
    editions.add(newest, site.texts, sounds)
    versions = Versions(run_dir)
    for number in line.world.editions() - {newest}:
        try:
            old = versions.site(versions.card(number))
            editions.add(number, old.texts, fittings.needed_sounds(old), newest=False)
        except (SettingsError, VersionError) as error:
            log.warning("callers of version %d hear the present prompts: %s", number, error)
    return editions


def _own_ami(asterisk: Asterisk | None) -> AmiSettings:
    if asterisk is None:
        raise ValueError("neither an Asterisk of ours nor the address of another")
    host, port = asterisk.ami
    return AmiSettings(host, port, AMI_USER, asterisk.secrets.ami)


async def _start(line: Running, stack: contextlib.AsyncExitStack) -> None:
    """Readers first, then the driver: no fact is missed."""
    line.tailer.start()
    stack.push_async_callback(asyncio.to_thread, line.tailer.stop, TAILER_STOP_S)
    exporter = _exporter(line)
    line.metrics_port = exporter.port
    stack.push_async_callback(asyncio.to_thread, exporter.close)
    await _start_mqtt(line, stack)
    line.memory.checkpoint(line.memory.line.world.now)
    await line.driver.start()
    stack.push_async_callback(line.driver.stop)
    for promise in line.memory.promised:
        line.driver.step(promise)
    clock = line.driver.clock
    wall = promises.Wall(ZoneInfo(line.site.settings.zone), clock.anchor, clock.now)

    async def obey(order: Mapping[str, Any]) -> Mapping[str, Any]:
        number = switchover.wanted(order)
        if number is not None:
            return await switchover.switch_over(line, number)
        return orders.obey(line.memory.line, line.driver.step, wall, order)

    tending = asyncio.create_task(_tend(line), name="journal")
    stack.callback(tending.cancel)
    server = await status.serve(line.options.run_dir, line.snapshot, obey)
    stack.callback(server.close)


async def _tend(line: Running) -> None:
    """What waits in memory is written as soon as the disk takes it, also while nobody calls."""
    while True:
        await asyncio.sleep(TEND_S)
        line.memory.journal.retry(line.driver.clock.now())


def _exporter(line: Running) -> Any:
    where = line.site.settings.metrics
    sources: dict[str, Callable[[], Mapping[str, float]]] = {
        "journal": lambda: journal_figures(line.memory.journal.health),
        "ami": lambda: {f"{name}_total": n for name, n in asdict(line.driver.client.counters).items()},
        "driver": lambda: _lag(line.driver),
    }
    if line.site.settings.mqtt.host:
        sources["mqtt"] = lambda: line.mqtt.health() if line.mqtt else {}
    return start_exporter(line.memory.state, line.driver.clock.now, where.host, where.port, sources)


def journal_figures(health: Health) -> dict[str, float]:
    """What /metrics says of the journal."""
    return {
        "ok": float(health.ok),
        "buffered": health.buffered,
        "dropped_total": health.dropped,
        "damaged_total": health.spoiled,
    }


def _lag(driver: Driver) -> dict[str, float]:
    """How late the call path was at worst since the last look, which this one is."""
    lag, driver.lag = driver.lag, Lag()
    return {"longest_step_seconds": lag.step_s, "longest_timer_delay_seconds": lag.timer_s}


async def _start_mqtt(line: Running, stack: contextlib.AsyncExitStack) -> None:
    broker = fittings.broker_of(line.site)
    if broker is None:
        return
    if broker.tls is not None and not broker.tls.verify:
        log.warning("mqtt: the broker at %s may be anybody: mqtt.tls.verify is false", broker.host)
    state, now, node = line.memory.state, line.driver.clock.now, line.options.node
    base, hidden = line.site.settings.mqtt.prefix, fittings.hidden(line.site)
    line.mqtt = MqttPublisher(broker, state, now, node=node, base_topic=base, hidden=hidden)
    line.driver.read(line.mqtt.publish)
    line.mqtt.start()
    stack.push_async_callback(line.mqtt.close)


def _tell_operator(health: Health) -> None:
    if health.ok:
        damaged = f"; what was damaged is kept as {health.damaged}" if health.damaged else ""
        log.warning("the journal takes steps again, %d were lost%s", health.dropped, damaged)
    else:
        told = "THE JOURNAL CANNOT BE WRITTEN (%s): calls go on, %d steps wait in memory, %d are lost"
        log.error(told, health.reason, health.buffered, health.dropped)


class _Keeper:
    """What to do when our Asterisk dies: say so and end, so that whoever supervises us starts both anew.

    The journal has every step; the calls themselves died with Asterisk.
    """

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self._line: Running | None = None

    def watch(self, line: Running) -> None:
        self._line = line

    def gone(self, code: int | None) -> None:
        log.error("Asterisk ended by itself (%s): see %s/log", code, self._run_dir)
        if self._line is not None:
            self._line.failed.set()


async def until_stopped(line: Running) -> bool:
    """Wait for SIGINT or SIGTERM; False where Asterisk died. Raises ``AmiLoginFailed`` where it refuses us by now."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    refused = line.driver.client.wait_closed()  # ends by itself only where Asterisk refuses us on the way back
    waits = [asyncio.create_task(wait) for wait in (stop.wait(), line.failed.wait(), refused)]
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in waits:
            task.cancel()
    return not line.failed.is_set()
