"""Citizens who call: SIPp processes from generated scenarios, one a group, and what became of each call.

SIPp cannot take a waiting time from a field: one group has one talk time and one set of keys. Several groups make a
mixture; a group of one call is cheap.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from .child import (
    LOCAL,
    PhonesError,
    end,
    last_words,
    private_folder,
    program,
    send,
    spawn,
    write_private,
)
from .ports import free_port, media_port
from .scenario import Dtmf, Press, Voice, citizen, citizens_in_turn, hang_up_now
from .sound import write_alaw, write_pcap

CAP_NET_RAW = 13
HANG_UP_S = 3.0  # how long a stopped group may take to hang up
TURN_MS = 2  # apart from each other SIPp starts the callers of a group in which each has their own time
PCAP_LIMIT_S = 1800.0  # beyond it a caller with RTP keys falls silent


@dataclass(frozen=True, slots=True)
class Identity:
    """The caller's identity: the user of From (the ANI) and the display name, used as they are."""

    user: str
    display: str = ""

    def __post_init__(self) -> None:
        if set(self.user + self.display) & set(";\r\n") or self.display.startswith("#"):
            raise ValueError(f"{self!r}: SIPp's CSV cannot hold ; or line ends")

    def row(self) -> str:
        """Gives the beginning of From, up to the @."""
        return f'"{self.display}" <sip:{self.user}' if self.display else f"<sip:{self.user}"


HOSTILE = (
    Identity("2101234567", r"O\"Brien\" <sip:1555@127.0.0.1>"),
    Identity("2101234567", "%0d%0aAction: Originate%0d%0aChannel: Local"),
    Identity("2101234567", "Παπαδόπουλος Γεώργιος ΐΰ"),
    Identity("2101234567", "${SHELL(id)} & $[1/0]"),
    Identity("6" * 900),
    Identity("%0d%0aX-Injected:1"),
    Identity("anonymous", "Anonymous"),
    Identity("'%20OR%201=1--"),
)


@dataclass(frozen=True, slots=True)
class TimedCaller:
    """One caller of a group in which each has their own time: ``at_s`` after the group's start, with their own keys
    and pauses."""

    caller: Identity
    at_s: float
    presses: tuple[Press, ...]


@dataclass(frozen=True, slots=True)
class SippGroup:
    """Callers of one kind. They stay `stay_s` after the last key (their patience, or the longest talk), then hang up.

    `rate`: new calls a second; `limit`: calls at the same time; `dtmf` None: RFC 4733 where SIPp may, else SIP INFO.
    `turns`: who comes when, all with equally many keys, in place of callers, presses, calls, rate and stay: they stay
    until they are told to hang up.
    """

    number: str = "1555"
    callers: tuple[Identity, ...] = (Identity("2101234567"),)
    presses: tuple[Press, ...] = ()
    stay_s: float = 30.0
    calls: int = 1
    rate: float = 1.0
    limit: int = 200
    dtmf: Dtmf | None = None
    voice: bool = True
    turns: tuple[TimedCaller, ...] = ()

    def __post_init__(self) -> None:
        if not self.number or set(self.number) - set("0123456789+*#"):
            raise ValueError(f"{self.number!r} cannot be dialled")
        if not self.callers or self.calls < 1 or not 0 < self.rate <= 500 or self.stay_s < 0:
            raise ValueError(f"no such group: {self!r}")
        if len({len(turn.presses) for turn in self.turns}) > 1:
            raise ValueError("a group's turns need equally many keys")


def keys(text: str, pause_s: float = 1.0) -> tuple[Press, ...]:
    """Gives keys pressed at an even pace."""
    return tuple(Press(pause_s, key) for key in text)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call; seconds since its SIPp process started. `outcome`: line or caller (who hung up), refused CODE, or
    lost (neither an end nor a refusal was seen: it runs, or broke)."""

    number: int
    call_id: str
    invited_at: float
    answered_at: float | None = None
    ended_at: float | None = None
    outcome: str = "lost"

    @property
    def answer_s(self) -> float | None:
        """Gives the seconds from INVITE to 200."""
        return None if self.answered_at is None else self.answered_at - self.invited_at

    @property
    def length_s(self) -> float | None:
        """Gives the seconds from INVITE to the first BYE."""
        return None if self.ended_at is None else self.ended_at - self.invited_at


@dataclass(frozen=True, slots=True)
class Results:
    """What became of the calls of a group, so far."""

    calls: tuple[CallRecord, ...]

    @property
    def attempted(self) -> int:
        return len(self.calls)

    @property
    def established(self) -> int:
        """Count the calls that were answered."""
        return sum(call.answered_at is not None for call in self.calls)

    @property
    def failed(self) -> int:
        """Counts calls never answered (or not yet)."""
        return self.attempted - self.established

    @property
    def lost(self) -> int:
        """Counts answered calls without an end: still going on, or broken."""
        return sum(call.outcome == "lost" and call.answered_at is not None for call in self.calls)


def read_results(rows: Iterable[str]) -> Results:
    """Reads what the scenario logged: `milliseconds;call number;Call-ID;what`. A row cut off is left out."""
    calls: dict[int, CallRecord] = {}
    for row in rows:
        parts = row.strip().split(";")
        if len(parts) == 4 and parts[0].isdigit() and parts[1].isdigit():
            _note(calls, int(parts[0]) / 1000, int(parts[1]), parts[2], parts[3])
    return Results(tuple(calls.values()))


def _note(calls: dict[int, CallRecord], at: float, number: int, call_id: str, what: str) -> None:
    old = calls.get(number) or CallRecord(number, call_id, at)
    if what == "answered":
        calls[number] = CallRecord(number, call_id, old.invited_at, at)
    elif what == "invite":
        calls[number] = old
    elif old.ended_at is None:
        calls[number] = CallRecord(number, call_id, old.invited_at, old.answered_at, at, what)


def may_send_raw() -> bool:
    """Tells whether SIPp may open raw sockets, which RFC 4733 keys need."""
    rows = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    mask = next((int(row.split()[1], 16) for row in rows if row.startswith("CapEff:")), 0)
    sipp = shutil.which("sipp")
    given = sipp is not None and "security.capability" in os.listxattr(sipp)  # setcap cap_net_raw+ep
    return os.geteuid() == 0 or bool(mask >> CAP_NET_RAW & 1) or given


def sipp_command(scenario: Path, host: str, port: int, sip_port: int, control_port: int, calls: int = 1) -> list[str]:
    """Gives the common command of all SIPp processes: loopback only, no keyboard, logs in the given folder.

    `-aa`: what the line asks within a call (UPDATE, OPTIONS) is answered; SIPp would else end the call.
    """
    argv = [program("sipp", "sip-tester"), f"{host}:{port}", "-sf", str(scenario), "-i", LOCAL, "-mi", LOCAL]
    argv += [
        "-ci",
        LOCAL,
        "-cp",
        str(control_port),
        "-p",
        str(sip_port),
        "-mp",
        str(media_port(calls)),
        "-aa",
        "-nostdin",
        "-skip_rlimit",
        "-f",
        "3600",
    ]
    return [*argv, "-trace_err", "-error_file", str(scenario.parent / "errors")]


@dataclass(slots=True)
class SippCallers:
    """One group that calls host:port. `start`, then `wait` or `stop`; `results` at any time."""

    group: SippGroup
    host: str
    port: int
    below: Path | None = None
    _folder: Path | None = None
    _process: asyncio.subprocess.Process | None = None
    _sip_port: int = field(default_factory=free_port)
    _control_port: int = field(default_factory=free_port)
    _rows: Sequence[str] = field(default_factory=tuple)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def _presses(self) -> bool:
        return bool(self.group.presses) or any(turn.presses for turn in self.group.turns)

    @property
    def dtmf(self) -> Dtmf:
        """Gives the method in use for keys."""
        return self.group.dtmf or (Dtmf.RTP if may_send_raw() else Dtmf.INFO)

    async def start(self) -> None:
        """Begin to call; raises PhonesError when SIPp cannot be run, or cannot press keys as the group wants."""
        if self.dtmf is Dtmf.RTP and self._presses and not may_send_raw():
            raise PhonesError("SIPp presses RFC 4733 keys by raw sockets only: as root, or setcap cap_net_raw+ep sipp")
        self._folder = folder = private_folder("citizens", self.below)
        try:
            voice = await asyncio.to_thread(self._voice, folder)
            group = self.group
            if group.turns:
                text = citizens_in_turn(group.number, len(group.turns[0].presses), self.dtmf, voice)
                rows = [_turn(turn, n) for n, turn in enumerate(group.turns)]
            else:
                text = citizen(group.number, group.presses, group.stay_s, self.dtmf, voice)
                rows = [f"{identity.row()};" for identity in group.callers]
            write_private(folder / "scenario.xml", text)
            write_private(folder / "callers.csv", "\n".join(["SEQUENTIAL", *rows, ""]))
            self._process = await spawn(self._command(folder), folder / "words")
        except BaseException:
            await self.stop()
            raise

    async def wait(self, limit_s: float | None = None) -> Results:
        """Waits until every call of the group is over; raises TimeoutError, and PhonesError when SIPp never called."""
        if self._process:
            code = await asyncio.wait_for(self._process.wait(), limit_s)
            if code not in (0, 1) and not self.results().attempted and self._folder:
                raise PhonesError(f"SIPp ended with {code}:\n{last_words(self._folder / 'words')}")
        return self.results()

    async def stop(self) -> Results:
        """Stops new calls, hangs up the others, ends the process and removes its folder. May be repeated."""
        if self._process:
            await self._hang_up(self._process)
            await end(self._process)
        results = self.results()
        if self._folder:
            self._rows = self._read()
            await asyncio.to_thread(shutil.rmtree, self._folder, True)
            self._folder = None
        return results

    def hang_up(self, *numbers: int) -> None:
        """Hangs up these callers now (by CallRecord.number; without numbers all), wherever they are.

        Not in the few milliseconds between a key by SIP INFO and its answer: there SIPp breaks the call off.
        """
        going = (call for call in self.results().calls if call.ended_at is None)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as boss:
            for call in going:
                if not numbers or call.number in numbers:
                    boss.sendto(hang_up_now(call.call_id), (LOCAL, self._sip_port))

    def results(self) -> Results:
        """Read what became of the calls so far; also after the end."""
        return read_results(self._read() if self._folder else self._rows)

    def _read(self) -> list[str]:
        log = self._folder / "calls" if self._folder else None
        return log.read_text(errors="replace").splitlines() if log and log.exists() else []

    async def _hang_up(self, process: asyncio.subprocess.Process) -> None:
        """USR1 makes SIPp end after the present calls; these hang up."""
        send(process, signal.SIGUSR1)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HANG_UP_S):
                while process.returncode is None:
                    self.hang_up()
                    await asyncio.sleep(0.2)

    def _voice(self, folder: Path) -> Voice | None:
        if not self.group.voice:
            return None
        voice = Voice(str(folder / "voice.alaw"), str(folder / "voice.pcap"))
        if self.dtmf is Dtmf.INFO:
            write_alaw(Path(voice.alaw))
        else:
            write_pcap(Path(voice.pcap), min(self.group.stay_s + 1, PCAP_LIMIT_S))
        return voice

    def _command(self, folder: Path) -> list[str]:
        group = self.group
        calls = len(group.turns) or group.calls
        ports = self._sip_port, self._control_port
        argv = sipp_command(folder / "scenario.xml", self.host, self.port, *ports, calls)
        argv += ["-inf", str(folder / "callers.csv"), "-m", str(calls), "-l", str(max(calls, group.limit))]
        period_ms = TURN_MS if group.turns else 20 if calls == 1 else max(round(1000 / group.rate), 1)
        # the first call comes after one period
        argv += ["-r", "1", "-rp", str(period_ms)]
        return [*argv, "-trace_logs", "-log_file", str(folder / "calls")]


def _turn(turn: TimedCaller, number: int) -> str:
    """SIPp begins one call after the other, TURN_MS apart, and each then waits for its time."""
    wait_ms = max(1, round(turn.at_s * 1000) - TURN_MS * (number + 1))
    pressed = "".join(f"{round(press.pause_s * 1000)};{press.key};" for press in turn.presses)
    return f"{turn.caller.row()};{wait_ms};{pressed}"
