"""The composition root of the live line: everything is made here, in order, and let go of in the opposite order.

Settings, sounds, Asterisk, journal, engine, runner, readers. Nothing here decides about a call.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from calls import SettingsError
from control import orders, status
from control.refusals import OrderRefused, Refusal
from engine import Line
from line1555.extras import require
from line1555.readers import room
from line1555.readers.exporter import start_exporter
from metrics import Calendar, LineState, offset_of
from records import Health, Journal, TailerProcess
from sites import Site, VersionError, Versions, callable_line
from sounds import VersionSounds, prompts
from telephony import AsteriskNode, Clock, Lag, NodeSettings, Runner, RunnerSettings, go_on, listen
from telephony.ami import AmiSettings
from telephony.asterisk import Asterisk

from . import erasing, privates, site_assets, survivable, switchover
from .accounts import Accounts
from .keeping import Keeping
from .privates import PrivateAsterisk
from .recovery import Recovery, recover
from .running import Ending, Options, Running

log = logging.getLogger(__name__)

VERSION = version("line1555")
AMI_USER = "line"
ASTERISK_PAUSE_S = 1.0
TAILER_STOP_S = 10.0
FIRST_KEEPING_S = 10.0
"""Seconds after the start at which what is over is let go of first: calls come before."""
TEND_S = 1.0
ANSWER_FIRST_S = 0.1
LOGIN_WITHIN_S = 60.0
"""Seconds for which the login at our Asterisk is tried: strangers may hold the places before its login for a while."""
MESSAGES = "messages"
"""The folder of what callers leave on the tape, in the run directory."""
CLOCK = "clock.json"
SIGNALS = {signal.SIGINT: Ending.BOTH, signal.SIGTERM: Ending.ENGINE, signal.SIGHUP: Ending.ENGINE}
"""Ctrl-C ends both. What systemd sends, or a terminal that closes, ends the engine alone."""


@contextlib.asynccontextmanager
async def running(site: Site, options: Options, progress: prompts.Progress | None = None) -> AsyncIterator[Running]:
    """The line, up for the length of the block. Everything is let go of at its end, whatever happened."""
    run_dir = options.run_dir
    run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    site_assets.broker_of(site)  # what cannot be read is told before anything starts
    if (site.settings.records.url or "").startswith("postgres"):
        require("postgres")
    sounds = await asyncio.to_thread(site_assets.build_sounds, site, run_dir, progress)
    async with contextlib.AsyncExitStack() as stack:
        private = await privates.start(site, run_dir, options.node, stack) if options.ami is None else {}
        journal = stack.enter_context(Journal(run_dir / "journal.db", node=options.node, on_trouble=_tell_operator))
        live = callable_line(site)
        recovery, last_now = await asyncio.to_thread(recover, journal, live, _fold(site), VERSION)
        version_sounds = await asyncio.to_thread(_version_sounds, site, run_dir, sounds, recovery.line)
        line = _assemble(site, options, recovery, last_now, version_sounds, private)
        await _start(line, stack)
        for node in private.values():
            _keep(line, node)
            stack.push_async_callback(node.keeper.close)
        yield line
        line.end(line.ending)  # leaving the block without an error ends both; after an error Asterisk lives on


def _keep(line: Running, node: PrivateAsterisk) -> None:
    """From now on Asterisk outlives a fault of ours, and is started again after one of its own."""
    node.asterisk.outlives = True
    first = line.options.node
    node.keeper.watch(
        node.asterisk,
        lambda: privates.settings_of(line.site, line.options.run_dir, first)[node.name],
        lambda: line.end(Ending.FAILED),
    )


def _fold(site: Site) -> LineState:
    calendar = Calendar(offset=offset_of(ZoneInfo(site.settings.zone)))
    return LineState(calendar, queues=site.line.queues, agents=site.line.agents)


def _assemble(
    site: Site,
    options: Options,
    recovery: Recovery,
    last_now: float,
    version_sounds: VersionSounds,
    private: Mapping[str, PrivateAsterisk],
) -> Running:
    runner = Runner(
        recovery.line,
        _clock(options.run_dir, recovery, last_now),
        recovery,
        RunnerSettings(options.node, VERSION, audit_s=options.audit_s),
        site_assets.services_of(site),
    )
    if options.ami is not None:
        runner.add(_node(site, options, options.node), options.ami, version_sounds.path)
    for node in private.values():
        accounts = _accounts(options, recovery, node)
        runner.add(
            _node(site, options, node.name),
            _own_ami(node.asterisk),
            version_sounds.path,
            mend=_mend(site, options, node),
            account=accounts,
        )
        runner.read(accounts.note)
    url = site.settings.records.url or f"sqlite:///{(options.run_dir / 'records.db').resolve()}"
    keep = site.settings.keep
    tailer = TailerProcess(
        options.run_dir / "journal.db", url, keep_days=keep.journal_days, on_damage=recovery.journal.suspect
    )
    return Running(
        site, options, runner, recovery, tailer, 0, version_sounds, Keeping(options.run_dir, url, keep), private
    )


def _node(site: Site, options: Options, name: str) -> NodeSettings:
    return NodeSettings(
        name,
        options.node,
        lease_s=site.settings.watch.lease_s,
        trunk_contact=survivable.trunk_contact(site),
        messages=(options.run_dir / MESSAGES).resolve(),
    )


def _mend(site: Site, options: Options, node: PrivateAsterisk) -> Callable[[], Awaitable[None]]:
    return lambda: node.asterisk.mend_login(privates.settings_of(site, options.run_dir, options.node)[node.name])


def _accounts(options: Options, recovery: Recovery, node: PrivateAsterisk) -> Accounts:
    """Asterisk's own account: only of one that is ours, since it is a file of its run directory."""
    journal, agents = options.run_dir / "journal.db", lambda: frozenset(recovery.line.view.agents.ids())
    return Accounts(node.run_dir, node.name, agents, journal=journal)


def _clock(run_dir: Path, recovery: Recovery, last_now: float) -> Clock:
    """The line's time goes on. An engine that starts empty has no anchor of its own."""
    journal = recovery.journal
    anchor = recovery.line.view.anchor or journal.wall_anchor
    if anchor != journal.wall_anchor:
        journal.move_wall(anchor)
    return go_on(run_dir / CLOCK, journal.anchor, anchor, last_now)


def _version_sounds(site: Site, run_dir: Path, sounds: Sequence[prompts.Sound], line: Line) -> VersionSounds:
    """Collect the prompts: the site's, and for callers of before those of the versions that they began with."""
    version_sounds, newest = VersionSounds(site_assets.sounds_folder(run_dir).resolve()), site.line.menus.version
    version_sounds.add(newest, site.texts, sounds)
    versions = Versions(run_dir)
    for number in line.view.calls.menu_versions() - {newest}:
        try:
            old = versions.site(versions.card(number))
            version_sounds.add(number, old.texts, site_assets.needed_sounds(old), newest=False)
        except (SettingsError, VersionError) as error:
            log.warning("callers of version %d hear the present prompts: %s", number, error)
    return version_sounds


def _own_ami(asterisk: Asterisk) -> AmiSettings:
    host, port = asterisk.ami
    return AmiSettings(host, port, AMI_USER, asterisk.secrets.ami, start_within_s=LOGIN_WITHIN_S)


async def _start(line: Running, stack: contextlib.AsyncExitStack) -> None:
    """Readers first, then the runner: no fact is missed."""
    stack.push_async_callback(_stop_tailer, line)
    exporter = _exporter(line)
    line.metrics_port = exporter.port
    stack.push_async_callback(asyncio.to_thread, exporter.close)
    await _start_mqtt(line, stack)
    line.runner.read(line.followers.told)
    line.recovery.checkpoint(line.recovery.line.view.now)
    await _listen(line, stack)
    await line.runner.start()
    stack.push_async_callback(line.runner.stop)
    for promise in line.recovery.promised:
        line.runner.step(promise)
    line.tailer.start()  # not before the calls are taken over: it is a program of its own, and takes a second to load

    async def execute(order: Mapping[str, Any], user: str) -> Mapping[str, Any]:
        order, by = orders.signed(order, user)
        if order.get("order") == "stop":
            return _stop(line, order, by)
        number = switchover.wanted(order)
        if number is not None:
            return await switchover.switch_over(line, number, by)
        if (person := erasing.wanted(order)) is not None:
            return erasing.forget(line.recovery, line.runner.step, replace(person, by=by))
        return orders.execute(line.recovery.line, line.runner.step, line.wall(), order, by)

    tending = asyncio.create_task(_tend(line), name="journal")
    stack.callback(tending.cancel)
    keeping = asyncio.create_task(_let_go(line), name="keep")
    stack.callback(keeping.cancel)
    server = await status.serve(line.options.run_dir, line.snapshot, execute, line.followers.serve)
    stack.callback(server.close)
    stack.callback(line.followers.close)


async def _stop_tailer(line: Running) -> None:
    """An engine that ends alone has calls that wait for the next one: it does not wait for the reports."""
    if line.ending is Ending.ENGINE:
        line.tailer.leave()
    else:
        await asyncio.to_thread(line.tailer.stop, TAILER_STOP_S)


async def _listen(line: Running, stack: contextlib.AsyncExitStack) -> None:
    """Copies of SIP messages come to the UDP port that has AMI's number."""
    if line.asterisk is not None:
        network, now = line.asterisk.network, line.runner.clock.now
        copies = await listen(line.rejected, line.asterisk.secrets.ami, network.ami_address, network.ami_port, now)
        if copies is not None:
            stack.callback(copies.close)


async def _tend(line: Running) -> None:
    """Write what waits in memory as soon as the disk takes it, also while nobody calls; tell the log."""
    while True:
        await asyncio.sleep(TEND_S)
        now = line.runner.clock.now()
        line.recovery.journal.retry(now)
        for words in line.rejected.words(now):
            log.warning(words)


async def _let_go(line: Running) -> None:
    """Let go of what is over: soon after the start, then once a day, in a thread that may wait."""
    await asyncio.sleep(FIRST_KEEPING_S)
    while True:
        line.tailer.keep(line.keeping.settings.journal_days)
        await asyncio.sleep(await asyncio.to_thread(line.keeping.apply))


def _stop(line: Running, order: Mapping[str, Any], by: str) -> dict[str, Any]:
    """`line1555 down`: ``{"order": "stop", "asterisk": true}``."""
    both = order.get("asterisk") is True
    if both and line.asterisk is None:
        why = "the Asterisk is not ours: `line1555 down --engine-only` ends the engine"
        raise OrderRefused(Refusal.ASTERISK_NOT_OURS, why)
    log.warning("told to end by %s: %s", by, "the engine and Asterisk with its calls" if both else "the engine alone")
    asyncio.get_running_loop().call_later(ANSWER_FIRST_S, line.end, Ending.BOTH if both else Ending.ENGINE)
    return {"done": True}


def _exporter(line: Running) -> Any:
    where = line.site.settings.metrics
    sources: dict[str, Callable[[], Mapping[str, float]]] = {
        "journal": lambda: journal_figures(line.recovery.journal.health),
        "ami": lambda: _ami(line.runner.nodes.values()),
        "driver": lambda: _lag(line.runner),
        "line": lambda: {"too_quiet": float(line.too_quiet())},
        "asterisk": lambda: {"restarts_total": sum(node.keeper.restarts for node in line.privates.values())},
        "room": lambda: _room(line),
        "follow": line.followers.figures,
        "sip_rejected": lambda: line.rejected.figures(line.runner.clock.now()),
    }
    if line.site.settings.mqtt.host:
        sources["mqtt"] = lambda: line.mqtt.health() if line.mqtt else {}
    return start_exporter(line.recovery.state, line.runner.clock.now, where.host, where.port, sources)


def journal_figures(health: Health) -> dict[str, float]:
    """Give the figures of the journal for /metrics."""
    return {
        "ok": float(health.ok),
        "buffered": health.buffered,
        "dropped_total": health.dropped,
        "damaged_total": health.spoiled,
    }


def _room(line: Running) -> dict[str, float]:
    parts = [node.parts for node in line.runner.nodes.values()]
    callers, signins = sum(len(part.legs.callers) for part in parts), [p.translator.refused.signins for p in parts]
    return room.figures(line.site, callers, sum(signins), line.asterisk.pid if line.asterisk is not None else None)


def _ami(nodes: Iterable[AsteriskNode]) -> dict[str, float]:
    """Add up the counters of all connections."""
    told = Counter[str]()
    for node in nodes:
        told.update(asdict(node.parts.client.counters))
    return {f"{name}_total": float(n) for name, n in told.items()}


def _lag(runner: Runner) -> dict[str, float]:
    """Give the greatest lateness of the call path since the last look, which this one is."""
    lag, runner.lag = runner.lag, Lag()
    return {"longest_step_seconds": lag.step_s, "longest_timer_delay_seconds": lag.timer_s}


async def _start_mqtt(line: Running, stack: contextlib.AsyncExitStack) -> None:
    broker = site_assets.broker_of(line.site)
    if broker is None:
        return
    from line1555.readers.mqtt import MqttPublisher

    if broker.tls is not None and not broker.tls.verify:
        log.warning("mqtt: the broker at %s may be anybody: mqtt.tls.verify is false", broker.host)
    state, now, node = line.recovery.state, line.runner.clock.now, line.options.node
    base = line.site.settings.mqtt.prefix
    line.mqtt = MqttPublisher(broker, state, now, node=node, base_topic=base, confidential=line.confidential)
    line.runner.read(line.mqtt.publish)
    line.mqtt.start()
    stack.push_async_callback(line.mqtt.close)


def _tell_operator(health: Health) -> None:
    if health.ok:
        damaged = f"; what was damaged is kept as {health.damaged}" if health.damaged else ""
        log.warning("the journal takes steps again, %d were lost%s", health.dropped, damaged)
    else:
        told = "THE JOURNAL CANNOT BE WRITTEN (%s): calls go on, %d steps wait in memory, %d are lost"
        log.error(told, health.reason, health.buffered, health.dropped)


async def until_stopped(line: Running) -> Ending:
    """Wait for a signal, `line1555 down`, or an Asterisk that dies again and again.

    Raises ``AmiLoginFailed`` where an Asterisk that is not ours refuses us by now.
    """
    loop = asyncio.get_running_loop()
    for number, how in SIGNALS.items():
        loop.add_signal_handler(number, line.end, how)
    # A connection ends by itself only where Asterisk refuses us on the way back.
    refused = [node.parts.client.wait_closed() for node in line.runner.nodes.values()]
    waits = [asyncio.create_task(wait) for wait in (line.stopping.wait(), *refused)]
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in waits:
            task.cancel()
    return line.ending
