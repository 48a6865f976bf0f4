"""Steer what one channel under AsyncAGI plays, with at most one command outstanding.

Commands still queued on a channel are not dropped by a ``Redirect``, they run first on re-entry (docs/asterisk.md). So
there is never more than one, and what runs is cut short by redirecting the channel to the AsyncAGI extension itself. A
file that a key has just cut is left to end by itself: its result is on its way.

A file that Asterisk cannot play (or record) ends AsyncAGI itself: -1, AsyncAGIEnd, and the dialplan sends the channel
back. That return is our own as well; what was left is said then, without that file.
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
    """The part of the switch that steering needs."""

    def send_agi(self, channel: str, command: str, *, timeout_s: float | None) -> asyncio.Future[AgiResult]:
        """Send an AGI command. ``timeout_s``: seconds to its result; None waits while the channel is in AsyncAGI."""

    def interrupt(self, channel: str) -> None:
        """Send the channel back into AsyncAGI, ending whatever it plays."""


@dataclass(frozen=True, slots=True)
class PlayFiles:
    """Play these one after the other; a key of ``keys`` cuts them. ``number`` names the play in what comes back."""

    number: int
    names: tuple[str, ...]
    keys: str


@dataclass(frozen=True, slots=True)
class PlayMusic:
    """Play music on hold until something else is wanted."""

    kind: str


@dataclass(frozen=True, slots=True)
class MessageRecording:
    """Record into ``file`` (without its ending) until ``#``, a silence, or ``max_s``."""

    number: int
    file: str
    max_s: float


Wanted = PlayFiles | PlayMusic | MessageRecording | None

SILENCE = "silence"
"""The class of music that is none."""

QUIET_S = 1.0
"""Seconds of nothing before silence is sent: most keys come sooner, and then nothing has to be stopped."""

SILENCE_S = 5
"""Seconds of silence that end a recording."""


STRIKES = 3
"""Times a file may end AsyncAGI without a result before it is left out."""


class PlayEnd(StrEnum):
    """End of a play, where anybody has to know it."""

    HEARD = "heard"
    FAILED = "failed"
    UNPLAYABLE = "unplayable"
    """One of its files cannot be played; the others are, and then it is heard."""


class Steering:
    """One channel. ``told(number, how, error)`` when a wanted play was heard to its end, failed, or lacks a file.

    ``error`` is then the file's name.
    """

    def __init__(self, channel: str, remote: Remote, told: Callable[[int, PlayEnd, str], None]) -> None:
        self._channel, self._remote, self._told = channel, remote, told
        self._wanted: Wanted = None
        self._left: list[str] = []
        self._running: asyncio.Future[AgiResult] | None = None
        self._cuttable = ""
        self._cut = False
        self._music = ""
        self._quiet: asyncio.TimerHandle | None = None
        self.controlled = False
        self.interrupted = False
        self.leaving = False
        self._fell_out = False
        self._missing: Wanted = None
        self._ran: tuple[Wanted, bool] = (None, False)
        self._strikes = 0

    # -- what is wanted ---

    def want(self, wanted: Wanted) -> None:
        """From now on this, whatever was before."""
        self._wanted = wanted
        self._left = list(wanted.names) if isinstance(wanted, PlayFiles) else []
        if isinstance(wanted, MessageRecording):
            self._left = [wanted.file]
        if self._running is None:
            self._go_on()
        elif self._cuttable and not self._cut:
            self.interrupted = True
            self._remote.interrupt(self._channel)

    def release(self) -> None:
        """The channel is being sent elsewhere: nothing more is wanted here.

        Until it is seen there (``arrived``) it may still be told that it entered AsyncAGI: by an interruption that was
        under way. Whoever took that for its return would give a lease to a conversation, which ends it.
        """
        self.leaving = True
        self._wanted, self._left, self.controlled, self._music = None, [], False, ""
        self._fell_out, self._missing = False, None

    def arrived(self) -> None:
        """The channel is where it was sent, or could not be sent there."""
        self.leaving = False

    # -- what happens ---

    def entered(self) -> bool:
        """The channel is in AsyncAGI (again). True where we know why: to cut a prompt, or by a file that failed."""
        if self.leaving:
            self.interrupted = False
            return True
        self._catch_up()
        ours, self.interrupted, self._fell_out = self.interrupted or self._fell_out, False, False
        self.controlled, self._music = True, ""
        missing, self._missing = self._missing, None
        if isinstance(missing, PlayFiles) and missing is self._wanted:
            self._go_without(missing)
        if self._running is None:
            self._go_on()
        return ours

    def ended(self) -> None:
        """The channel left AsyncAGI: what ran has ended with it."""
        self._catch_up()
        self.controlled = False

    def key(self, key: str) -> None:
        """A key was pressed: the file that is running ends by it, if it may."""
        self._cut = self._cut or bool(key and key in self._cuttable)

    # -- inside ---

    def _catch_up(self) -> None:
        """A result that came in the same read as what follows it: its callback would run too late."""
        running, ran = self._running, self._ran
        if running is not None and running.done():
            self._done(running, *ran)

    def _go_on(self) -> None:
        if not self.controlled:
            return
        match self._wanted:
            case PlayFiles(_, _, keys) if self._left:
                self._run(f'STREAM FILE {self._left[0]} "{keys}"', cuttable=keys or "-")
            case MessageRecording(_, file, max_s) if self._left:
                order = f'RECORD FILE {file} wav "#" {round(max_s * 1000)} s={SILENCE_S}'
                self._run(order, cuttable="#", within_s=max_s + COMMAND_S)
            case PlayMusic(kind) if self._music != kind:
                self._play_music(kind)
            case None if not self._music and self._quiet is None:
                self._quiet = asyncio.get_running_loop().call_later(QUIET_S, self._send_silence)

    def _play_music(self, kind: str) -> None:
        self._music = kind
        self._run(f"SET MUSIC ON {kind}")

    def _send_silence(self) -> None:
        """While nothing is said Asterisk sends nothing, ``transmit_silence`` or not, and some trunks cut such calls."""
        self._quiet = None
        if self.controlled and self._running is None and self._wanted is None and not self._music:
            self._play_music(SILENCE)

    def _run(self, command: str, cuttable: str = "", within_s: float = COMMAND_S) -> None:
        if cuttable and self._music:
            self._music = ""
            command, cuttable = "SET MUSIC OFF", ""
        self._cuttable, self._cut = cuttable, False
        self._running = self._remote.send_agi(self._channel, command, timeout_s=within_s)
        self._ran = ran = (self._wanted, command.startswith(("STREAM", "RECORD")))
        self._running.add_done_callback(lambda done: self._done(done, *ran))

    def _done(self, done: asyncio.Future[AgiResult], wanted: Wanted, played: bool) -> None:
        if done is not self._running:
            return  # caught up with
        cut, self._running, self._cuttable, self._cut = self._cut, None, "", False
        error = None if done.cancelled() else done.exception()
        if error is None and not done.cancelled() and _ends_agi(done.result()):
            # Being sent elsewhere ends a file with the same -1: only a channel that should still be here fell out.
            self.controlled, self._fell_out = False, self.controlled and not self.interrupted
        if wanted is self._wanted and played:
            self._played(done, error, cut)
        if isinstance(error, AmiError) and not isinstance(error, AgiEnded):
            return
        if self._running is None:  # else who was told has wanted the next thing already
            self._go_on()

    def _played(self, done: asyncio.Future[AgiResult], error: BaseException | None, cut: bool) -> None:
        """The wanted play's present file is over: the next one, or the news that it was heard.

        Of a key by SIP INFO, Asterisk tells at once, and lets it end only a tenth of a second later (main/channel.c:
        DTMF emulation). By then it may end a file that was begun because of it: that file is played again.
        """
        wanted = self._wanted
        if not isinstance(wanted, PlayFiles | MessageRecording):
            return
        if error is not None or done.cancelled():
            self._not_played(wanted, error)
            return
        result = done.result()
        if isinstance(wanted, MessageRecording):
            self._finish(wanted, PlayEnd.HEARD if result.ok else PlayEnd.FAILED, result.raw)
        elif result.digit:
            self._left = [] if cut else self._left  # cut by a key: what comes next is decided by the key
        elif result.ok:
            self._played_one(wanted)
        elif _ends_agi(result):
            self._missing = wanted  # or the caller is gone: then nobody comes back
        else:
            self._finish(wanted, PlayEnd.FAILED, result.raw)

    def _played_one(self, wanted: PlayFiles) -> None:
        self._strikes = 0
        self._left.pop(0)
        if not self._left:
            self._finish(wanted, PlayEnd.HEARD, "")

    def _go_without(self, wanted: PlayFiles) -> None:
        """The present file cannot be played: that is told, and it counts as heard."""
        file = self._left[0]
        self._told(wanted.number, PlayEnd.UNPLAYABLE, file)
        if wanted is self._wanted:  # else who was told has wanted something else
            self._played_one(wanted)

    def _not_played(self, wanted: PlayFiles | MessageRecording, error: BaseException | None) -> None:
        """After a loss of the link, or of AsyncAGI, all is said anew, but not for ever where a file ends AsyncAGI."""
        if isinstance(error, AgiEnded) and not self.interrupted:
            self._strikes += 1
            if self._strikes >= STRIKES and isinstance(wanted, PlayFiles):
                self._go_without(wanted)
        elif not isinstance(error, AgiEnded | AmiDisconnected):
            self._finish(wanted, PlayEnd.FAILED, str(error))

    def _finish(self, wanted: PlayFiles | MessageRecording, how: PlayEnd, error: str) -> None:
        self._wanted, self._left = None, []
        self._told(wanted.number, how, error)


def _ends_agi(result: AgiResult) -> bool:
    """A file that is not there, cannot be read or written (Asterisk 22.10, res_agi.c), or a caller who is gone."""
    return result.code == 200 and result.result == "-1"
