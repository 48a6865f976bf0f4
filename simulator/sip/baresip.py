"""One headless baresip: the files it reads, and its control connection (JSON in netstrings over TCP).

An incoming call changes baresip's current account, so the commands of one order go out in one write behind a `uafind`:
baresip takes them in one turn of its loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import shutil
import signal
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .child import LOCAL, PhonesError, end, last_words, private_folder, program, send, spawn, write_private
from .ports import FARM_SOUND, free_port
from .sound import write_wav

MODULES = Path("/usr/lib/baresip/modules")
ANSWER_S = 5.0
SOUND = "talk.wav"
REGISTER_EVERY_S = 300
TRIES = 3
IN_USE = "Address already in use"
_CONFIG = """\
poll_method epoll
sip_listen {local}:{sip_port}
sip_transports udp
net_interface {local}
call_local_timeout 300
call_max_calls 2000
audio_source aufile,{sound}
ausrc_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_ports {sound_ports}
ringback_disabled yes
menu_bell no
module_path {modules}
module g711.so
module aufile.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {local}:{ctrl_port}
"""


@dataclass(frozen=True, slots=True)
class BaresipFiles:
    """What one baresip reads. No player is loaded: what a phone hears is received and thrown away."""

    folder: Path
    sip_port: int
    ctrl_port: int

    @property
    def sound(self) -> Path:
        return self.folder / SOUND

    def write(self, accounts: Mapping[str, str], host: str, port: int) -> None:
        """Write baresip's files, which only we may read: they hold passwords.

        ``accounts``: password by name. Raises PhonesError.
        """
        write_private(self.folder / "config", self.config())
        write_private(self.folder / "accounts", account_rows(accounts, host, port))
        write_private(self.folder / "contacts", "")

    def config(self) -> str:
        """Give the text of the file ``config``."""
        return _CONFIG.format(
            local=LOCAL,
            sip_port=self.sip_port,
            ctrl_port=self.ctrl_port,
            sound=self.sound,
            sound_ports=f"{FARM_SOUND[0]}-{FARM_SOUND[1]}",
            modules=MODULES,
        )

    def forget_passwords(self) -> None:
        """Removes the file of passwords: baresip has them in memory."""
        (self.folder / "accounts").unlink(missing_ok=True)


def account_rows(accounts: Mapping[str, str], host: str, port: int) -> str:
    """Writes a row for each account; raises PhonesError for a name or password that would be misread."""
    for user, password in accounts.items():
        if not user or not password or set(user + password) & set(";<>\"'@,\r\n \t"):
            raise PhonesError(f"{user!r}: a name or password that baresip's accounts file cannot hold")
    options = f"regint={REGISTER_EVERY_S};answermode=manual;audio_codecs=pcma"
    rows = (f"<sip:{u}@{host}:{port}>;auth_user={u};auth_pass={p};{options}\n" for u, p in accounts.items())
    return "".join(rows)


def netstring(message: Mapping[str, object]) -> bytes:
    """Write a message as baresip's control connection takes it: JSON in a netstring (``length:text,``)."""
    body = json.dumps(message).encode()
    return b"%d:%s," % (len(body), body)


@dataclass(slots=True)
class Control:
    """The one control connection that baresip serves."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    _answers: dict[str, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _over: bool = False

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """Gives every event until baresip is gone; answers go to their commands."""
        try:
            while True:
                size = int((await self.reader.readuntil(b":"))[:-1])
                message = json.loads((await self.reader.readexactly(size + 1))[:-1])
                self._acknowledge()
                if "event" in message:
                    yield message
                else:
                    self._answered(message)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._give_up()

    async def order(self, *commands: tuple[str, str]) -> str:
        """Gives commands that are taken together; returns what the last one said. Raises PhonesError at a refusal.

        One order at a time: baresip 1.0.0 loses its way in a netstring that arrives in two reads, as bursts do.
        """
        async with self._turn:
            return await self._order(commands)

    async def _order(self, commands: Sequence[tuple[str, str]]) -> str:
        if self._over:
            raise PhonesError("baresip is gone")
        loop = asyncio.get_running_loop()
        tokens = [f"t{next(self._numbers)}" for _ in commands]
        answers = [self._answers.setdefault(token, loop.create_future()) for token in tokens]
        rows = zip(commands, tokens, strict=True)
        self.writer.write(b"".join(netstring({"command": c, "params": p, "token": t}) for (c, p), t in rows))
        try:
            async with asyncio.timeout(ANSWER_S):
                said = [await answer for answer in answers]
        except TimeoutError as error:
            raise PhonesError(f"baresip does not answer to {commands[-1][0]}") from error
        for (command, params), answer in zip(commands, said, strict=True):
            if not answer.get("ok"):
                raise PhonesError(f"baresip refused {command} {params}: {answer.get('data', '')}".strip())
        return str(said[-1].get("data", ""))

    def close(self) -> None:
        self.writer.close()

    def _acknowledge(self) -> None:
        """Acknowledges at once: else baresip holds back its next small write, 40 ms by default."""
        self.writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def _answered(self, message: dict[str, Any]) -> None:
        answer = self._answers.pop(str(message.get("token")), None)
        if answer and not answer.done():  # the request may have been cancelled
            answer.set_result(message)

    def _give_up(self) -> None:
        self._over = True
        for token in list(self._answers):
            self._answered({"token": token, "data": "baresip is gone"})


@dataclass(slots=True)
class Baresip:
    """One baresip in a folder of its own: its process, its control connection, and its end."""

    folder: Path
    _process: asyncio.subprocess.Process | None = None
    _control: Control | None = None

    @classmethod
    def below(cls, folder: Path | None) -> Baresip:
        """Makes a folder for one, there or where temporary files are."""
        return cls(private_folder("farm", folder))

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def sound(self) -> Path:
        """The sound that a talking phone sends."""
        return self.folder / SOUND

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def last_words(self, rows: int = 5) -> str:
        """Gives the end of what it said."""
        return last_words(self._log, rows)

    async def launch(self, accounts: Mapping[str, str], host: str, port: int, sound_s: float) -> None:
        """Starts it. baresip 1.0.0 takes its SIP port by UDP and TCP and the next one for TLS, whatever
        `sip_transports` says: a stranger may have taken one of them meanwhile, and it is tried again with others.
        """
        program_file, tries = program("baresip", "baresip-core"), iter(range(TRIES - 1))
        await asyncio.to_thread(write_wav, self.sound, sound_s)
        while True:
            files = BaresipFiles(self.folder, free_port(2), free_port())
            files.write(accounts, host, port)
            process = self._process = await spawn([program_file, "-4", "-f", str(self.folder)], self._log)
            try:
                self._control = await self._connected(process, files.ctrl_port)
                return
            except PhonesError:
                await end(process)
                if next(tries, None) is None or IN_USE not in self.last_words(50):
                    raise
            finally:
                files.forget_passwords()

    async def _connected(self, process: asyncio.subprocess.Process, port: int) -> Control:
        for _ in range(500):
            with contextlib.suppress(OSError):
                return Control(*await asyncio.open_connection(LOCAL, port))
            if process.returncode is not None:
                break
            await asyncio.sleep(0.02)
        raise PhonesError(f"baresip does not start; its last words:\n{self.last_words()}")

    async def order(self, *commands: tuple[str, str]) -> str:
        """Gives commands that are taken together; returns what the last one said. Raises PhonesError."""
        if self._control is None:
            raise PhonesError("baresip does not run")
        return await self._control.order(*commands)

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """Gives every event until it is gone."""
        if self._control is not None:
            async for message in self._control.events():
                yield message

    def kill(self) -> None:
        """Send SIGKILL, if there is a process: it neither hangs up nor unregisters."""
        if self._process:
            send(self._process, signal.SIGKILL)

    async def end(self) -> None:
        """Lets it hang up and unregister. May be repeated."""
        if self._process:
            await end(self._process)

    async def remove(self) -> None:
        """Closes the connection and removes the folder. May be repeated."""
        if self._control:
            self._control.close()
        self._control = None
        await asyncio.to_thread(shutil.rmtree, self.folder, True)
