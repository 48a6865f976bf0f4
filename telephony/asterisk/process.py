"""Starts Asterisk as a child, tells when it ends, stops it; and takes over one that outlived its parent.

If we are killed with -9, Asterisk must go on (citizens are talking): it has a session of its own and needs no pipe to
us. The next start finds it by its pid file and adopts it. If we are asked to end (SIGTERM, SIGINT), it ends with us.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from .render import Launch, render
from .secrets import Secrets, write_private
from .settings import AsteriskSettings, Network

AMI_USER = "line"
READY_S = 30.0
STOP_S = 5.0
LOG_LIMIT = 5_000_000  # bytes of one log file
LOG_KEEP = 3  # older files kept
LOG_LOOK_S = 60.0
RELOADS = ("module reload res_pjsip.so", "dialplan reload", "queue reload all")


class AsteriskError(RuntimeError):
    """Asterisk does not start, or cannot be taken over; the text names the cause and the way out."""


class PortInUseError(AsteriskError):
    """An address that Asterisk needs is taken by another program."""


@dataclass(slots=True)
class Asterisk:
    """A running Asterisk of ours. `adopted`: it was running before us. `ended` is set when it is gone, however."""

    pid: int
    run_dir: Path
    network: Network
    secrets: Secrets
    launch: Launch
    adopted: bool
    ended: asyncio.Event
    _pidfd: int
    _child: subprocess.Popen[bytes] | None
    _lock: IO[str]
    _on_exit: Callable[[int | None], None] | None = None
    _stopping: bool = False

    @property
    def ami(self) -> tuple[str, int]:
        return self.network.bind, self.network.ami_port

    def command(self, text: str) -> str:
        """Gives a command to Asterisk's console and returns what it said; blocks up to 10 s, for upkeep and tests."""
        argv = [*self.launch.argv, "-C", str(self.run_dir / "etc/asterisk.conf"), "-rx", text]
        return subprocess.run(argv, capture_output=True, text=True, timeout=10).stdout

    def reload(self, settings: AsteriskSettings) -> None:
        """Writes its files anew and has it read them, while calls go on; blocks like `command`.

        Addresses and ports stay those it was started with. Raises AsteriskSettingsError with nothing written.
        """
        self.secrets = render(settings, self.launch, self.run_dir)
        for command in RELOADS:
            self.command(command)

    async def stop(self, deadline_s: float = STOP_S) -> None:
        """Ends Asterisk and its calls: SIGTERM (its `core stop now`), after `deadline_s` SIGKILL. May be repeated."""
        self._stopping = True
        await _end(self._pidfd, self.ended, deadline_s)
        (self.run_dir / "asterisk.pid").unlink(missing_ok=True)
        self._lock.close()

    def release(self) -> None:
        """Lets go of it without stopping it, so that another supervisor can adopt it."""
        self._unwatch()
        self._lock.close()

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
) -> Asterisk:
    """Renders the files and starts Asterisk, or adopts the one already running in `run_dir`; returns when it is ready.

    `on_exit(code)` is called once if it ends without being asked to (code None: adopted, nobody can know).
    Raises AsteriskSettingsError, PortInUseError, AsteriskError.
    """
    secrets = render(settings, launch, run_dir)
    lock = _lock(run_dir)
    try:
        running = await _adopt(settings.network, launch, run_dir, secrets, lock)
        asterisk = running or await _spawn(settings.network, launch, run_dir, secrets, lock)
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
    """`start` and `stop` around a block. SIGTERM and SIGINT cancel the block's task, so Asterisk ends with us."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None  # noqa: S101
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        asterisk = await start(settings, launch, run_dir, on_exit)
        upkeep = asyncio.create_task(_look_after(asterisk))
        try:
            yield asterisk
        finally:
            upkeep.cancel()
            await asyncio.shield(asterisk.stop())
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def _look_after(asterisk: Asterisk) -> None:
    while not asterisk.ended.is_set():
        await asyncio.sleep(LOG_LOOK_S)
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


async def _spawn(network: Network, launch: Launch, run_dir: Path, secrets: Secrets, lock: IO[str]) -> Asterisk:
    check_ports(network)
    argv = [*launch.argv, "-C", str(run_dir / "etc/asterisk.conf"), "-f"]
    with (run_dir / "log" / "console.log").open("wb") as console:
        child = subprocess.Popen(  # noqa: ASYNC220  (a fork takes a moment, once)
            argv, stdin=subprocess.DEVNULL, stdout=console, stderr=console, cwd=run_dir, start_new_session=True
        )
    asterisk = _watched(child.pid, child, network, launch, run_dir, secrets, lock)
    try:
        write_private(run_dir / "asterisk.pid", json.dumps(asdict(_PidFile(child.pid, _listens(network)))) + "\n")
        await _until_ready(asterisk)
    except BaseException:
        await asterisk.stop(0.5)
        raise
    return asterisk


def _watched(
    pid: int,
    child: subprocess.Popen[bytes] | None,
    network: Network,
    launch: Launch,
    run_dir: Path,
    secrets: Secrets,
    lock: IO[str],
) -> Asterisk:
    """A pidfd tells the end of any process, ours or adopted, and never means another one with the same number."""
    pidfd = os.pidfd_open(pid)
    asterisk = Asterisk(pid, run_dir, network, secrets, launch, child is None, asyncio.Event(), pidfd, child, lock)
    asyncio.get_running_loop().add_reader(pidfd, asterisk._gone)
    return asterisk


async def _until_ready(asterisk: Asterisk) -> None:
    deadline = time.monotonic() + READY_S
    while not await ami_answers(asterisk.ami, asterisk.secrets.ami):
        if asterisk.ended.is_set():
            raise AsteriskError(f"Asterisk ended while it started; its last words:\n{_last_words(asterisk.run_dir)}")
        if time.monotonic() > deadline:
            raise AsteriskError(f"Asterisk is not ready after {READY_S:.0f} s:\n{_last_words(asterisk.run_dir)}")
        await asyncio.sleep(0.05)


def _last_words(run_dir: Path) -> str:
    logs = [run_dir / "log" / name for name in ("console.log", "messages.log")]
    rows = [row for log in logs if log.exists() for row in log.read_text(errors="replace").splitlines()]
    return "\n".join(f"  {row}" for row in rows[-8:]) or f"  (none; see {run_dir / 'log'})"


async def ami_answers(address: tuple[str, int], secret: str, limit_s: float = 3.0) -> bool:
    """Whether an Asterisk that is fully booted and knows our secret listens there."""
    try:
        async with asyncio.timeout(limit_s):
            reader, writer = await asyncio.open_connection(*address)
            try:
                return await _greets(reader, writer, secret)
            finally:
                writer.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False


async def _greets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, secret: str) -> bool:
    if not (await reader.readline()).startswith(b"Asterisk Call Manager"):
        return False
    writer.write(f"Action: Login\r\nUsername: {AMI_USER}\r\nSecret: {secret}\r\n\r\n".encode())
    while line := await reader.readline():
        if line.startswith(b"Event: FullyBooted"):
            return True
        if line.startswith(b"Response: Error"):
            return False
    return False


async def _adopt(network: Network, launch: Launch, run_dir: Path, secrets: Secrets, lock: IO[str]) -> Asterisk | None:
    """The Asterisk that still runs in `run_dir`, if there is one. One that lives but no longer answers is ended."""
    told = _pid_file(run_dir)
    if not told or not _is_ours(told.pid, run_dir):
        return None
    if told.listens != _listens(network):
        raise AsteriskError(
            f"an Asterisk of this run directory (pid {told.pid}) listens on {told.listens}, not on {_listens(network)}:"
            f" put the old addresses back, or end it (its calls end too) with: kill {told.pid}"
        )
    asterisk = _watched(told.pid, None, network, launch, run_dir, secrets, lock)
    if not await _ever_answers(asterisk):
        await _end(asterisk._pidfd, asterisk.ended, STOP_S)
        return None
    await asyncio.to_thread(asterisk.command, "core reload")  # the files may say something new
    return asterisk


async def _ever_answers(asterisk: Asterisk) -> bool:
    for _ in range(3):
        if await ami_answers(asterisk.ami, asterisk.secrets.ami):
            return True
        await asyncio.sleep(0.5)
    return False


@dataclass(frozen=True, slots=True)
class _PidFile:
    pid: int
    listens: str


def _pid_file(run_dir: Path) -> _PidFile | None:
    try:
        return _PidFile(**json.loads((run_dir / "asterisk.pid").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _is_ours(pid: int, run_dir: Path) -> bool:
    """Whether that process really is the Asterisk of this run directory: numbers are given again."""
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return str(run_dir / "etc/asterisk.conf").encode() in words and any(b"asterisk" in word for word in words)
    return False


async def _end(pidfd: int, ended: asyncio.Event, deadline_s: float) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if ended.is_set():
            return
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, number)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), deadline_s)


def _listens(network: Network) -> str:
    return f"udp {network.bind}:{network.sip_port} and tcp {network.bind}:{network.ami_port}"


def check_ports(network: Network) -> None:
    """Raises PortInUseError when an address that Asterisk needs is taken, or is none of this machine's."""
    for kind, port, name in (
        (socket.SOCK_DGRAM, network.sip_port, "sip.port"),
        (socket.SOCK_STREAM, network.ami_port, "ami.port"),
    ):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(
                    socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
                )  # as Asterisk does: old connections may linger
            try:
                probe.bind((network.bind, port))
            except OSError as error:
                raise PortInUseError(
                    f"{network.bind}:{port} ({name}) cannot be used: {error.strerror}."
                    f" Set another {name} in site.yaml, or find who has it with: ss -lnp 'sport = :{port}'"
                ) from error
