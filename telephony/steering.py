"""What one channel under AsyncAGI is to play, and how to get there with at most one command outstanding.

Commands still queued on a channel are not dropped by a ``Redirect``, they run first on re-entry (asterisk.md). So there
is never more than one, and what runs is cut short by redirecting the channel to the AsyncAGI extension itself. A file
that a key has just cut is left to end by itself: its result is on its way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from .ami import AgiEnded, AgiResult, AmiDisconnected, AmiError

COMMAND_S = 90.0
"""No prompt is longer; a command without a result for so long is lost."""


class Remote(Protocol):
    """What steering needs of the switch."""

    def send_agi(self, channel: str, command: str, *, timeout_s: float | None) -> asyncio.Future[AgiResult]: ...

    def interrupt(self, channel: str) -> None:
        """Send the channel back into AsyncAGI, ending whatever it plays."""


@dataclass(frozen=True, slots=True)
class Files:
    """Play these one after the other; a key of ``keys`` cuts them. ``number`` names the play in what comes back."""

    number: int
    names: tuple[str, ...]
    keys: str


@dataclass(frozen=True, slots=True)
class Music:
    kind: str


Wanted = Files | Music | None


class Ended(StrEnum):
    """How a play ended, where anybody has to know."""

    HEARD = "heard"
    FAILED = "failed"


class Steering:
    """One channel. ``told(number, how, error)`` when a wanted play was heard to its end or failed."""

    def __init__(self, channel: str, remote: Remote, told: Callable[[int, Ended, str], None]) -> None:
        self._channel, self._remote, self._told = channel, remote, told
        self._wanted: Wanted = None
        self._left: list[str] = []
        self._running: asyncio.Future[AgiResult] | None = None
        self._cuttable = ""
        self._cut = False
        self._music = False
        self.controlled = False
        self.interrupted = False

    # -- what is wanted ---

    def want(self, wanted: Wanted) -> None:
        """From now on this, whatever was before."""
        self._wanted = wanted
        self._left = list(wanted.names) if isinstance(wanted, Files) else []
        if self._running is None:
            self._go_on()
        elif self._cuttable and not self._cut:
            self.interrupted = True
            self._remote.interrupt(self._channel)

    def release(self) -> None:
        """The channel is being sent elsewhere: nothing more is wanted here."""
        self._wanted, self._left, self.controlled, self._music = None, [], False, False

    # -- what happens ---

    def entered(self) -> bool:
        """The channel is in AsyncAGI (again). True where we sent it there ourselves, to cut a prompt."""
        ours, self.interrupted = self.interrupted, False
        self.controlled, self._music = True, False
        if self._running is None:
            self._go_on()
        return ours

    def ended(self) -> None:
        """The channel left AsyncAGI: what ran has ended with it."""
        self.controlled = False

    def key(self, key: str) -> None:
        """A key was pressed: the file that is running ends by it, if it may."""
        self._cut = self._cut or bool(key and key in self._cuttable)

    # -- inside ---

    def _go_on(self) -> None:
        if not self.controlled:
            return
        match self._wanted:
            case Files(_, _, keys) if self._left:
                self._run(f'STREAM FILE {self._left[0]} "{keys}"', cuttable=keys or "-")
            case Music(kind) if not self._music:
                self._music = True
                self._run(f"SET MUSIC ON {kind}")

    def _run(self, command: str, cuttable: str = "") -> None:
        if cuttable and self._music:
            self._music = False
            command, cuttable = "SET MUSIC OFF", ""
        self._cuttable, self._cut = cuttable, False
        self._running = self._remote.send_agi(self._channel, command, timeout_s=COMMAND_S)
        wanted = self._wanted
        self._running.add_done_callback(lambda done: self._done(done, wanted, command.startswith("STREAM")))

    def _done(self, done: asyncio.Future[AgiResult], wanted: Wanted, played: bool) -> None:
        cut, self._running, self._cuttable, self._cut = self._cut, None, "", False
        error = None if done.cancelled() else done.exception()
        if wanted is self._wanted and played:
            self._played(done, error, cut)
        if isinstance(error, AmiError) and not isinstance(error, AgiEnded):
            return
        self._go_on()

    def _played(self, done: asyncio.Future[AgiResult], error: BaseException | None, cut: bool) -> None:
        """The wanted play's present file is over: the next one, or the news that it was heard.

        Of a key by SIP INFO, Asterisk tells at once, and lets it end only a tenth of a second later (main/channel.c:
        DTMF emulation). By then it may end a file that was begun because of it: that file is played again.
        """
        wanted = self._wanted
        if not isinstance(wanted, Files):
            return
        if error is not None or done.cancelled():
            if not isinstance(error, AgiEnded | AmiDisconnected):  # after a loss of the link all is said anew
                self._finish(wanted, Ended.FAILED, str(error))
            return
        result = done.result()
        if result.digit:
            self._left = [] if cut else self._left  # cut by a key: what comes next is decided by the key
        elif result.ok:
            self._left.pop(0)
            if not self._left:
                self._finish(wanted, Ended.HEARD, "")
        elif result.result == "-1" and result.code == 200:
            self._finish(wanted, Ended.FAILED, result.raw)
        else:
            self._finish(wanted, Ended.FAILED, result.raw)

    def _finish(self, wanted: Files, how: Ended, error: str) -> None:
        self._wanted, self._left = None, []
        self._told(wanted.number, how, error)
