"""Odd phones and outside parties, by SIPp: they refuse, redirect, never answer, die. One process each.

As an agent's phone an odd phone registers first; as an outside party (the number behind a transfer, the SOS line) it
only listens, at the address the trunk dials.
"""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from .child import PhonesError, end, last_words, private_folder, spawn, write_private
from .citizens import sipp_command
from .ports import free_port
from .scenario import Odd, odd_phone, registration

REGISTER_S = 10.0


@dataclass(slots=True)
class OddPhone:
    """A phone that treats every call in one odd way. `user` and `password`: register as this agent first."""

    odd: Odd
    host: str
    port: int
    user: str = ""
    password: str = ""
    ring_s: float = 0.5
    talk_s: float = 30.0
    moved_to: str = "15901"
    sip_port: int = field(default_factory=free_port)
    below: Path | None = None
    _process: asyncio.subprocess.Process | None = None
    _folder: Path | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Registers if it is to, then listens; raises PhonesError when Asterisk refuses the registration."""
        self._folder = folder = private_folder("odd", self.below)
        try:
            if self.user:
                await self._register(folder)
            write_private(folder / "phone.xml", odd_phone(self.odd, self.ring_s, self.talk_s, self.moved_to))
            self._process = await spawn(self._command(folder / "phone.xml"), folder / "words")
            await self._until_listening(folder)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Goes away at once and without a BYE, as phones do. May be repeated."""
        if self._process:
            await end(self._process, 0)  # asked to end, SIPp would wait for its calls
        if self._folder:
            await asyncio.to_thread(shutil.rmtree, self._folder, True)

    async def _register(self, folder: Path) -> None:
        scenario = folder / "register.xml"
        write_private(scenario, registration(self.user, self.password))
        process = await spawn([*self._command(scenario, echo=False), "-m", "1"], folder / "words")
        try:
            code = await asyncio.wait_for(process.wait(), REGISTER_S)
        except TimeoutError:
            code = -1
        finally:
            await end(process, 0)
            scenario.unlink()
        if code:
            words = last_words(folder / "errors")
            raise PhonesError(f"{self.user} cannot register with {self.host}:{self.port} ({code}):\n{words}")

    async def _until_listening(self, folder: Path) -> None:
        """Waits until SIPp has opened the port, within a few milliseconds."""
        for _ in range(250):
            if _taken(self.sip_port):
                return
            if not self.running:
                break
            await asyncio.sleep(0.02)
        raise PhonesError(f"SIPp does not listen on port {self.sip_port}:\n{last_words(folder / 'words')}")

    def _command(self, scenario: Path, echo: bool = True) -> list[str]:
        argv = sipp_command(scenario, self.host, self.port, self.sip_port, free_port())
        return [*argv, "-rtp_echo"] if echo and self.odd in (Odd.ANSWERS, Odd.SENDS_ON) else argv


def _taken(port: int) -> bool:
    """Tells whether this UDP port of 127.0.0.1 is open."""
    return f" 0100007F:{port:04X} " in Path("/proc/net/udp").read_text(encoding="ascii")
