"""A farm of agents' phones: one headless baresip, one account an agent, each with a behaviour of its own.

It knows SIP addresses and passwords, and nothing of queues or of the engine: an agent here is somebody who picks up,
talks, and hangs up. 140 phones in one process are fine (37 % of a core when all of them talk).
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import re
import shutil
import signal
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from .baresip import SOUND, BaresipFiles, Control
from .child import LOCAL, PhonesError, end, last_words, private_folder, program, send, spawn
from .ports import free_port
from .sound import write_wav

REGISTER_S = 20.0
TRIES = 3
IN_USE = "Address already in use"
RENEW = 0.8  # of the sound's length: baresip hangs up when its sound ends, so it is begun anew in time


class RingReaction(enum.Enum):
    """An agent's reaction when the phone rings."""

    ANSWER = "answer"
    IGNORE = "ignore"  # rings until the line gives up: RONA
    REJECT = "reject"  # refuses after `answer_after_s` (486)
    BUSY = "busy"  # refuses at once (486)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How an agent treats one call. Times in seconds; `talk_s` None: until the other side hangs up."""

    ring: RingReaction = RingReaction.ANSWER
    answer_after_s: float = 0.5
    talk_s: float | None = None
    hold_after_s: float | None = None
    hold_s: float = 5.0


class PhoneEventKind(enum.Enum):
    """What happened at a phone."""

    REGISTERED = "registered"
    REGISTER_FAILED = "register failed"
    RINGING = "ringing"  # a call came in
    ESTABLISHED = "established"
    CLOSED = "closed"
    TRANSFER_FAILED = "transfer failed"  # refused; baresip 1.0.0 then hangs up, without a CLOSED
    GONE = "gone"  # the process that holds all phones has ended


_KINDS = {
    "REGISTER_OK": PhoneEventKind.REGISTERED,
    "REGISTER_FAIL": PhoneEventKind.REGISTER_FAILED,
    "CALL_INCOMING": PhoneEventKind.RINGING,
    "CALL_ESTABLISHED": PhoneEventKind.ESTABLISHED,
    "CALL_CLOSED": PhoneEventKind.CLOSED,
    "TRANSFER_FAILED": PhoneEventKind.TRANSFER_FAILED,
}


@dataclass(frozen=True, slots=True)
class PhoneEvent:
    """`at`: monotonic second of reading; `call`: baresip's id of the call; `detail`: baresip's words."""

    user: str
    kind: PhoneEventKind
    call: str
    peer: str
    detail: str
    at: float


@dataclass(slots=True)
class PhoneCall:
    """A call that a phone has now."""

    id: str
    peer: str
    incoming: bool
    established_at: float | None = None


@dataclass(slots=True)
class Farm:
    """Phones of `accounts` (name: password) that register with host:port. Use `start` and `stop`, or `async with`.

    `on_event(event)` is called for every event. `sound_s`: length of the sound that a talking phone sends (it is begun
    anew before it ends); baresip keeps 16 kB of it a second and call in memory.
    """

    accounts: Mapping[str, str]
    host: str
    port: int
    on_event: Callable[[PhoneEvent], None] | None = None
    sound_s: float = 60.0
    below: Path | None = None
    events: list[PhoneEvent] = field(default_factory=list)
    registered: set[str] = field(default_factory=set)
    _behaviours: dict[str, Callable[[], Behaviour]] = field(default_factory=dict)
    _calls: dict[str, dict[str, PhoneCall]] = field(default_factory=dict)
    _acting: dict[str, set[asyncio.Task[None]]] = field(default_factory=dict)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _process: asyncio.subprocess.Process | None = None
    _control: Control | None = None
    _reading: asyncio.Task[None] | None = None
    _folder: Path | None = None
    _notices: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self, deadline_s: float = REGISTER_S) -> None:
        """Returns when every phone is registered; raises PhonesError naming those that are not, and why."""
        self._folder = private_folder("farm", self.below)
        log = self._folder / "log"
        try:
            self._control = await self._launch(self._folder, log)
            self._reading = asyncio.create_task(self._read(self._control))
            await self._missed(await self._control.order(("reginfo", "")))
            await self._until_registered(deadline_s, log)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Hangs up, unregisters, ends the process, removes its folder. May be repeated."""
        self._rest()
        if self._process:
            await end(self._process)
        if self._reading:
            await self._reading
        if self._control:
            self._control.close()
        self._control = None
        if self._folder:
            await asyncio.to_thread(shutil.rmtree, self._folder, True)

    def kill(self) -> None:
        """Kills all phones at once: no BYE, no unregister."""
        if self._process:
            send(self._process, signal.SIGKILL)

    def behave(self, user: str, how: Behaviour | Callable[[], Behaviour] | None) -> None:
        """Sets how this phone treats calls from now on; a function is called for each call. None: it only rings."""
        self._check(user)
        if how is None:
            self._behaviours.pop(user, None)
        else:
            self._behaviours[user] = how if callable(how) else lambda: how

    def calls(self, user: str) -> tuple[PhoneCall, ...]:
        """Gives the calls that this phone has now, oldest first."""
        self._check(user)
        return tuple(self._calls.get(user, {}).values())

    async def dial(self, user: str, number: str) -> None:
        """Starts a call; it ends by the far side's hang-up, or by `hangup`."""
        await self._order(user, ("dial", f"sip:{number}@{self.host}:{self.port}"))

    async def code(self, user: str, code: str, limit_s: float = 15.0) -> bool:
        """Dials a feature code and waits for its end; True if somebody answered. Raises TimeoutError."""
        since = time.monotonic()
        await self.dial(user, code)
        closed = await self.see(user, PhoneEventKind.CLOSED, since, limit_s, f"sip:{code}@")
        told = (event for event in self.events if event.call == closed.call)
        return any(event.kind is PhoneEventKind.ESTABLISHED for event in told)

    async def answer(self, user: str) -> None:
        """Answers the call that rings; a call in progress there is put on hold."""
        await self._order(user, ("accept", ""))

    async def hangup(self, user: str, call: str = "") -> None:
        """Ends a call, or refuses it (486) while it rings. Without an id: the only, or the newest one."""
        await self._order(user, *self._pick(user, call), ("hangup", ""))

    async def hold(self, user: str, call: str = "") -> None:
        await self._order(user, *self._pick(user, call), ("hold", ""))

    async def resume(self, user: str, call: str = "") -> None:
        await self._order(user, *self._pick(user, call), ("resume", ""))

    async def transfer(self, user: str, to: str, call: str = "") -> None:
        """Asks the line to send the other side on (SIP REFER): to a number or name, or a whole address in <>.

        A phone that is refused hangs up: to see a conversation go on after that take ``Odd.SENDS_ON``.
        """
        address = to if to.startswith("<") else f"sip:{to}@{self.host}:{self.port}"
        await self._order(user, *self._pick(user, call), ("transfer", address))

    async def press(self, user: str, keys: str) -> None:
        """Sends keys (RFC 4733) in the current call."""
        for key in keys:
            await self._order(user, ("sndcode", key))
            await self._order(user, ("sndcode", "\x04"))

    async def see(
        self, user: str, kind: PhoneEventKind, since: float = 0.0, limit_s: float = 15.0, peer: str = ""
    ) -> PhoneEvent:
        """Waits for the first such event since then (monotonic seconds); raises TimeoutError."""

        def wanted() -> Iterator[PhoneEvent]:
            return (e for e in self.events if e.user == user and e.kind is kind and e.at >= since and peer in e.peer)

        async with asyncio.timeout(limit_s), self._news:
            await self._news.wait_for(lambda: any(wanted()))
        return next(wanted())

    # ---- inside ----------------------------------------------------------------------------------------------------

    def _check(self, user: str) -> None:
        if user not in self.accounts:
            raise PhonesError(f"{user!r} has no phone in this farm")

    def _pick(self, user: str, call: str) -> tuple[tuple[str, str], ...]:
        ids = self._calls.get(user, {})
        if not ids or (call and call not in ids):
            raise PhonesError(f"{user} has no such call")
        return (("callfind", call or list(ids)[-1]),)

    async def _order(self, user: str, *commands: tuple[str, str]) -> None:
        self._check(user)
        if self._control is None:
            raise PhonesError("the farm does not run")
        await self._control.order(("uafind", f"sip:{user}@{self.host}:{self.port}"), *commands)

    async def _launch(self, folder: Path, log: Path) -> Control:
        """baresip 1.0.0 takes its SIP port by UDP and TCP and the next one for TLS, whatever `sip_transports` says.

        A stranger may have taken one of them meanwhile: it is tried again with others.
        """
        baresip, tries = program("baresip", "baresip-core"), iter(range(TRIES - 1))
        await asyncio.to_thread(write_wav, folder / SOUND, self.sound_s)
        while True:
            files = BaresipFiles(folder, free_port(2), free_port())
            files.write(self.accounts, self.host, self.port)
            process = self._process = await spawn([baresip, "-4", "-f", str(folder)], log)
            try:
                return await self._connect(process, files.ctrl_port, log)
            except PhonesError:
                await end(process)
                if next(tries, None) is None or IN_USE not in last_words(log, 50):
                    raise
            finally:
                files.forget_passwords()

    async def _connect(self, process: asyncio.subprocess.Process, port: int, log: Path) -> Control:
        for _ in range(500):
            with contextlib.suppress(OSError):
                return Control(*await asyncio.open_connection(LOCAL, port))
            if process.returncode is not None:
                break
            await asyncio.sleep(0.02)
        raise PhonesError(f"baresip does not start; its last words:\n{last_words(log)}")

    async def _missed(self, reginfo: str) -> None:
        """Takes the registrations from before there was a control connection."""
        for user, state in re.findall(r"sip:([^@\s]+)@\S+\s+(?:\x1b\[[\d;]*m)?(OK|ERR)", reginfo):
            kind, why = (
                (PhoneEventKind.REGISTERED, "") if state == "OK" else (PhoneEventKind.REGISTER_FAILED, "refused")
            )
            if user not in self.registered:
                await self._take(PhoneEvent(user, kind, "", "", why, time.monotonic()))

    async def _until_registered(self, deadline_s: float, log: Path) -> None:
        wanted = set(self.accounts)

        def settled() -> bool:
            return wanted <= self.registered or bool(self._failures()) or self._is_gone()

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(deadline_s), self._news:
                await self._news.wait_for(settled)
        if self._is_gone():
            raise PhonesError(f"baresip ended; its last words:\n{last_words(log)}")
        if missing := sorted(wanted - self.registered):
            why = "; ".join(self._failures()) or f"no answer from {self.host}:{self.port} within {deadline_s:.0f} s"
            raise PhonesError(f"{len(missing)} of {len(wanted)} phones not registered ({missing[0]}, ...): {why}")

    def _failures(self) -> list[str]:
        failed = [event for event in self.events if event.kind is PhoneEventKind.REGISTER_FAILED]
        return [f"{event.user}: {event.detail}" for event in failed if event.user not in self.registered]

    def _is_gone(self) -> bool:
        return any(event.kind is PhoneEventKind.GONE for event in self.events)

    async def _read(self, control: Control) -> None:
        async for message in control.events():
            if kind := _KINDS.get(str(message.get("type"))):
                await self._take(event_of(message, kind))
        self._rest()
        await self._take(PhoneEvent("", PhoneEventKind.GONE, "", "", "", time.monotonic()))

    async def _take(self, event: PhoneEvent) -> None:
        self._remember(event)
        self.events.append(event)
        if self.on_event:
            self.on_event(event)
        async with self._news:
            self._news.notify_all()

    def _remember(self, event: PhoneEvent) -> None:
        calls = self._calls.setdefault(event.user, {})
        if event.kind is PhoneEventKind.REGISTERED:
            self.registered.add(event.user)
        elif event.kind is PhoneEventKind.RINGING:
            calls[event.call] = PhoneCall(event.call, event.peer, True)
            if how := self._behaviours.get(event.user):
                self._begin(event.call, self._treat(event.user, event.call, how()))
        elif event.kind is PhoneEventKind.ESTABLISHED:
            call = calls.setdefault(event.call, PhoneCall(event.call, event.peer, False))
            call.established_at = event.at
            self._begin(event.call, self._keep_talking(event.user, event.call))
        elif event.kind in (PhoneEventKind.CLOSED, PhoneEventKind.TRANSFER_FAILED):
            calls.pop(event.call, None)
            for task in self._acting.pop(event.call, ()):
                task.cancel()
        elif event.kind is PhoneEventKind.GONE:
            self._calls.clear()

    def _begin(self, call: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._unless_gone(work))
        task.add_done_callback(lambda _: work.close())  # a call that ends at once never lets it begin
        self._acting.setdefault(call, set()).add(task)

    @staticmethod
    async def _unless_gone(work: Coroutine[Any, Any, None]) -> None:
        """Ignores a call that ended between the decision and the command."""
        with contextlib.suppress(PhonesError):
            await work

    async def _treat(self, user: str, call: str, how: Behaviour) -> None:
        if how.ring is RingReaction.IGNORE:
            return
        await asyncio.sleep(0 if how.ring is RingReaction.BUSY else how.answer_after_s)
        if how.ring is not RingReaction.ANSWER:
            await self.hangup(user, call)
            return
        await self.answer(user)
        if how.hold_after_s is not None:
            self._begin(call, self._pause_talk(user, call, how.hold_after_s, how.hold_s))
        if how.talk_s is not None:
            await asyncio.sleep(how.talk_s)
            await self.hangup(user, call)

    async def _pause_talk(self, user: str, call: str, after_s: float, hold_s: float) -> None:
        await asyncio.sleep(after_s)
        await self.hold(user, call)
        await asyncio.sleep(hold_s)
        await self.resume(user, call)

    async def _keep_talking(self, user: str, call: str) -> None:
        while self._folder:
            await asyncio.sleep(self.sound_s * RENEW)
            await self._order(user, *self._pick(user, call), ("ausrc", f"aufile,{self._folder / 'talk.wav'}"))

    def _rest(self) -> None:
        for tasks in self._acting.values():
            for task in tasks:
                task.cancel()
        self._acting.clear()


def event_of(message: Mapping[str, object], kind: PhoneEventKind) -> PhoneEvent:
    """Reads one message of baresip; the user is the part of the account's address before the @."""
    user = re.match(r"sip:([^@;]*)@", str(message.get("accountaor", "")))
    texts = (str(message.get(name, "")) for name in ("id", "peeruri", "param"))
    call, peer, detail = texts
    return PhoneEvent(user[1] if user else "", kind, call, peer, detail, time.monotonic())
