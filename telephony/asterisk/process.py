"""Starts Asterisk as a child, tells when it ends, stops it, starts it again; takes over one that outlived its parent.

If we are killed with -9 or end by SIGTERM, Asterisk must go on (citizens are talking): it has a session of its own and
needs no pipe to us. The next start finds it by its pid file and adopts it, however long it takes to answer: one that
lives is never killed at a start. With Ctrl-C (SIGINT), or where the caller says so, it ends with us.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from . import descriptors, found
from .render import Launch, render, texts
from .secrets import Secrets, write_private
from .settings import AsteriskSettings, Network

log = logging.getLogger(__name__)

PATIENCE_S = 60.0
"""Seconds an Asterisk may take to answer: one that starts, and one that lives already."""
ASK_S = 10.0
LOOK_S = 0.1
STOP_S = 5.0
LOG_LIMIT = 5_000_000  # bytes of one log file
LOG_KEEP = 3  # older files kept
LOG_LOOK_S = 60.0
RELOADS = (
    "module reload res_pjsip.so",
    "module reload res_rtp_asterisk.so",
    "dialplan reload",
    "queue reload all",
    "manager reload",
)


class AsteriskError(RuntimeError):
    """Asterisk does not start, or cannot be taken over; the text names the cause and the way out."""


class PortInUseError(AsteriskError):
    """An address that Asterisk needs is taken by another program."""


@dataclass(slots=True)
class Asterisk:
    """A running Asterisk of ours. `adopted`: it was running before us. `ended` is set when it is gone, however.

    `outlives`: whether it goes on after the block of `private_asterisk`.
    """

    pid: int
    run_dir: Path
    network: Network
    secrets: Secrets
    launch: Launch
    adopted: bool
    ended: asyncio.Event
    outlives: bool
    _pidfd: int
    _child: subprocess.Popen[bytes] | None
    _lock: IO[str]
    _on_exit: Callable[[int | None], None] | None = None
    _stopping: bool = False

    @property
    def ami(self) -> tuple[str, int]:
        """Give the manager interface's address and port."""
        return self.network.ami_address, self.network.ami_port

    def command(self, text: str) -> str:
        """Gives a command to Asterisk's console and returns what it said; blocks up to 10 s, for upkeep and tests."""
        argv = found.console(self.launch, self.run_dir, text)
        return subprocess.run(argv, capture_output=True, text=True, timeout=ASK_S).stdout

    def reload(self, settings: AsteriskSettings) -> None:
        """Writes its files anew and has it read them, while calls go on; blocks like `command`.

        Its addresses stay those it was started with. Raises AsteriskSettingsError with nothing written.
        """
        descriptors.allow_running(self.pid, settings.door.descriptors)
        self.secrets = render(settings, self.launch, self.run_dir, self.secrets)
        for command in RELOADS:
            self.command(command)

    async def mend_login(self, settings: AsteriskSettings) -> None:
        """Make an Asterisk that refuses our login read our secret, by its control socket. Raises nothing."""
        log.warning("Asterisk refuses the engine's login: it is given the secret anew")
        files = texts(settings, self.launch, self.run_dir, self.secrets)
        await asyncio.to_thread(write_private, self.run_dir / "etc" / "manager.conf", files["manager.conf"])
        await self.tell("manager reload")

    async def tell(self, text: str) -> None:
        """`command` for one that may not answer: the log then says so."""
        try:
            await asyncio.to_thread(self.command, text)
        except (OSError, subprocess.SubprocessError) as error:
            log.error("Asterisk was not told `%s`: %s", text, error)

    async def revive(self, settings: AsteriskSettings) -> None:
        """Starts it again after it has ended by itself. Raises as `start` does."""
        self.secrets = render(settings, self.launch, self.run_dir, self.secrets)
        check_ports(self.network)
        await _run(self)

    async def stop(self, deadline_s: float = STOP_S) -> None:
        """Ends Asterisk and its calls: SIGTERM (its `core stop now`), after `deadline_s` SIGKILL. May be repeated."""
        self._stopping = True
        await _end(self._pidfd, self.ended, deadline_s)
        (self.run_dir / found.PID_FILE).unlink(missing_ok=True)
        self._lock.close()

    def release(self) -> None:
        """Lets go of it without stopping it, so that another supervisor can adopt it."""
        if not self.ended.is_set():
            self._unwatch()
        self._lock.close()

    async def let_go(self) -> None:
        """The end of our time with it: it goes on, or ends with us."""
        if self.outlives and not self.ended.is_set():
            log.info("Asterisk (pid %d) goes on with its calls", self.pid)
            self.release()
        else:
            await self.stop()

    def rotate_logs(self) -> None:
        """Bounds the log: rotates a large one, removes all but the newest LOG_KEEP older ones."""
        log = self.run_dir / "log" / "messages.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            self.command("logger rotate")
        older = sorted(log.parent.glob("messages.log.*"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in older[LOG_KEEP:]:
            path.unlink(missing_ok=True)

    def _unwatch(self) -> None:
        asyncio.get_running_loop().remove_reader(self._pidfd)
        os.close(self._pidfd)

    def _gone(self) -> None:
        """The process has ended: the only place where this is noticed, for a child and for an adopted one."""
        self._unwatch()
        self.ended.set()
        code = self._child.wait() if self._child else None
        if self._on_exit and not self._stopping:
            self._on_exit(code)


async def start(
    settings: AsteriskSettings,
    launch: Launch,
    run_dir: Path,
    on_exit: Callable[[int | None], None] | None = None,
    patience_s: float = PATIENCE_S,
) -> Asterisk:
    """Renders the files and starts Asterisk, or adopts the one already running in `run_dir`; returns when it is ready.

    `on_exit(code)` is called each time it ends without being asked to (code None: adopted, nobody can know).
    Raises AsteriskSettingsError, PortInUseError, AsteriskError; one that was running before us then runs on.
    """
    secrets = render(settings, launch, run_dir)
    lock = _lock(run_dir)
    try:
        running = await _adopt(settings.network, launch, run_dir, secrets, lock, patience_s)
        if running is None:
            descriptors.allow(settings.door.descriptors)
        else:
            descriptors.allow_running(running.pid, settings.door.descriptors)
        asterisk = running or await _spawn(settings.network, launch, run_dir, secrets, lock, patience_s)
    except BaseException:
        lock.close()
        raise
    asterisk._on_exit = on_exit
    return asterisk


@contextlib.asynccontextmanager
async def private_asterisk(
    settings: AsteriskSettings,
    launch: Launch,
    run_dir: Path,
    on_exit: Callable[[int | None], None] | None = None,
) -> AsyncIterator[Asterisk]:
    """`start` around a block; at its end Asterisk stops, or is let go where it `outlives`: one that was adopted does.

    SIGTERM and SIGINT cancel the block's task; SIGTERM lets Asterisk go on.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    if task is None:
        raise RuntimeError("private_asterisk needs a task that a signal can cancel")
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        asterisk = await start(settings, launch, run_dir, on_exit)
        for number, outlives in ((signal.SIGTERM, True), (signal.SIGINT, False)):
            loop.add_signal_handler(number, _part, task, asterisk, outlives)
        upkeep = asyncio.create_task(_look_after(asterisk))
        try:
            yield asterisk
        finally:
            upkeep.cancel()
            await asyncio.shield(asterisk.let_go())
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def _part(task: asyncio.Task[object], asterisk: Asterisk, outlives: bool) -> None:
    asterisk.outlives = outlives
    task.cancel()


async def _look_after(asterisk: Asterisk) -> None:
    while True:
        await asyncio.sleep(LOG_LOOK_S)
        with contextlib.suppress(OSError, subprocess.SubprocessError):  # it may just be starting again
            await asyncio.to_thread(asterisk.rotate_logs)


def _lock(run_dir: Path) -> IO[str]:
    """Two supervisors on one run directory would fight; the lock ends with our process, however it ends."""
    lock = (run_dir / "supervisor.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise AsteriskError(
            f"{run_dir} is in use by another line1555: stop that one, or choose another --run"
        ) from error
    return lock


async def _spawn(
    network: Network, launch: Launch, run_dir: Path, secrets: Secrets, lock: IO[str], patience_s: float
) -> Asterisk:
    check_ports(network)
    asterisk = Asterisk(0, run_dir, network, secrets, launch, False, asyncio.Event(), False, -1, None, lock)
    await _run(asterisk, patience_s)
    return asterisk


async def _run(asterisk: Asterisk, patience_s: float = PATIENCE_S) -> None:
    """A new process for it, until that is ready."""
    run_dir = asterisk.run_dir
    argv = [*asterisk.launch.argv, "-C", str(run_dir / "etc/asterisk.conf"), "-f"]
    (run_dir / "run" / "asterisk.ctl").unlink(missing_ok=True)  # of one that was killed
    with (run_dir / "log" / "console.log").open("wb") as console:
        child = subprocess.Popen(  # noqa: ASYNC220  (a fork takes a moment, once)
            argv, stdin=subprocess.DEVNULL, stdout=console, stderr=console, cwd=run_dir, start_new_session=True
        )
    asterisk.adopted = False
    _watch(asterisk, child.pid, child)
    try:
        found.note(run_dir, child.pid, asterisk.network)
        await _until_ready(asterisk, patience_s)
    except BaseException:
        asterisk._stopping = True
        await _end(asterisk._pidfd, asterisk.ended, 0.5)
        raise
    finally:
        asterisk._stopping = False


def _watch(asterisk: Asterisk, pid: int, child: subprocess.Popen[bytes] | None) -> None:
    """A pidfd tells the end of any process, ours or adopted, and never means another one with the same number."""
    asterisk.pid, asterisk._child, asterisk._pidfd = pid, child, os.pidfd_open(pid)
    asterisk.ended.clear()
    asyncio.get_running_loop().add_reader(asterisk._pidfd, asterisk._gone)


async def _until_ready(asterisk: Asterisk, patience_s: float) -> None:
    """Until it says by its control socket that it is fully booted. Raises AsteriskError; nothing is ended here."""
    began, told_at = time.monotonic(), 0.0
    while not await found.booted(asterisk.launch, asterisk.run_dir, min(ASK_S, patience_s)):
        waited = time.monotonic() - began
        if asterisk.ended.is_set():
            raise AsteriskError(f"Asterisk ended while it started; its last words:\n{_last_words(asterisk.run_dir)}")
        if waited > patience_s:
            raise AsteriskError(_silent(asterisk, patience_s))
        if waited - told_at > ASK_S / 2:
            told_at = waited
            log.warning("Asterisk (pid %d) has not answered for %.0f s: waiting", asterisk.pid, waited)
        await asyncio.sleep(LOOK_S)


def _silent(asterisk: Asterisk, patience_s: float) -> str:
    if not asterisk.adopted:
        return f"Asterisk is not ready after {patience_s:.0f} s:\n{_last_words(asterisk.run_dir)}"
    return (
        f"Asterisk (pid {asterisk.pid}) lives and has not answered for {patience_s:.0f} s; it was left alone, with"
        " whoever talks there. Start again to wait longer; if nobody can be helped any more, end it (its calls end too)"
        f" with: kill -9 {asterisk.pid}"
    )


def _last_words(run_dir: Path) -> str:
    logs = [run_dir / "log" / name for name in ("console.log", "messages.log")]
    rows = [row for log in logs if log.exists() for row in log.read_text(errors="replace").splitlines()]
    return "\n".join(f"  {row}" for row in rows[-8:]) or f"  (none; see {run_dir / 'log'})"


async def _adopt(
    network: Network, launch: Launch, run_dir: Path, secrets: Secrets, lock: IO[str], patience_s: float
) -> Asterisk | None:
    """The Asterisk that still runs in `run_dir`, if there is one. It is never ended here, whatever it answers."""
    told = found.find(run_dir)
    if told is None:
        return None
    if told.listens not in ("", found.listens(network)):
        raise AsteriskError(
            f"an Asterisk of this run directory (pid {told.pid}) listens on {told.listens}, not on"
            f" {found.listens(network)}: put the old addresses back, or end it (its calls end too) with:"
            f" kill {told.pid}"
        )
    asterisk = Asterisk(told.pid, run_dir, network, secrets, launch, True, asyncio.Event(), True, -1, None, lock)
    try:
        _watch(asterisk, told.pid, None)
        await _until_ready(asterisk, patience_s)
        found.note(run_dir, told.pid, network)
        await asterisk.tell("core reload")  # the files may say something new
    except ProcessLookupError:  # it ended at this moment
        return None
    except BaseException as error:
        if asterisk.ended.is_set() and isinstance(error, AsteriskError):
            return None
        asterisk.release()
        raise
    return asterisk


async def end_left_behind(run_dir: Path) -> int | None:
    """Ends the Asterisk that goes on in `run_dir` without an engine, and its calls. Its pid; None: there is none."""
    lock = _lock(run_dir)
    try:
        told = found.find(run_dir)
        if told is None:
            return None
        pidfd, ended = os.pidfd_open(told.pid), asyncio.Event()
        asyncio.get_running_loop().add_reader(pidfd, ended.set)
        try:
            await _end(pidfd, ended, STOP_S)
        finally:
            asyncio.get_running_loop().remove_reader(pidfd)
            os.close(pidfd)
        (run_dir / found.PID_FILE).unlink(missing_ok=True)
        return told.pid
    finally:
        lock.close()


async def _end(pidfd: int, ended: asyncio.Event, deadline_s: float) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if ended.is_set():
            return
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, number)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), deadline_s)


def check_ports(network: Network) -> None:
    """Raises PortInUseError when an address that Asterisk needs is taken, or is none of this machine's."""
    for kind, host, port, name in (
        (socket.SOCK_DGRAM, network.bind, network.sip_port, "sip.port"),
        (socket.SOCK_STREAM, network.ami_bind, network.ami_port, "ami.port"),
    ):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(
                    socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
                )  # as Asterisk does: old connections may linger
            try:
                probe.bind((host, port))
            except OSError as error:
                raise PortInUseError(
                    f"{host}:{port} ({name}) cannot be used: {error.strerror}."
                    f" Set another {name} in site.yaml, or find who has it with: ss -lnp 'sport = :{port}'"
                ) from error
