"""Records what a real Asterisk says over AMI, byte for byte, into the .ami files beside this one.

    make asterisk && python -m tests.traces.record

A bare Asterisk of our own (Local channels only) is started in a temporary folder. The numbers and names are invented.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import tempfile
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from telephony.asterisk import Launch, read_launch

HERE = Path(__file__).resolve().parent
SECRET = "only-for-the-recording"
GREEK = "Μαρία Παπαδοπούλου"

MODULES = """\
res_timing_timerfd.so res_speech.so res_agi.so codec_ulaw.so
format_pcm.so format_sln.so format_wav.so bridge_simple.so bridge_softmix.so bridge_builtin_features.so
app_senddtmf.so app_userevent.so app_verbose.so func_channel.so func_callerid.so pbx_config.so
"""
FILES = {
    "modules.conf": "[modules]\nautoload = no\n" + "".join(f"load = {name}\n" for name in MODULES.split()),
    "manager.conf": f"""\
[general]
enabled = yes
bindaddr = 127.0.0.1
port = PORT
[line]
secret = {SECRET}
writetimeout = 5000
read = system,call,agi,dtmf,user,agent
write = system,call,agi,originate,agent,reporting,user
""",
    "extensions.conf": """\
[rec]
exten => citizen,1,Answer()
 same => n,Wait(1.2)
 same => n,SendDTMF(5)
 same => n,Wait(60)
exten => menu,1,Answer()
 same => n,AGI(agi:async)
 same => n,Wait(60)
exten => seat,1,Answer()
 same => n,Wait(60)
""",
    **dict.fromkeys(("logger.conf", "features.conf", "acl.conf", "udptl.conf", "ccss.conf", "indications.conf"), ""),
}


class Recorder:
    """One AMI connection that keeps all it hears."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._looked = 0
        self.heard = b""

    @property
    def peer(self) -> tuple[str, int]:
        host, port = self._writer.get_extra_info("peername")
        return host, port

    def say(self, *headers: str) -> None:
        self._writer.write("".join(f"{header}\r\n" for header in (*headers, "")).encode())

    async def until(self, *wanted: str) -> str:
        """Listen until a message, of those not looked at, holds every wanted text; that one, or nothing at the end."""
        while True:
            message, end, _ = self.heard[self._looked :].partition(b"\r\n\r\n")
            if end:
                self._looked += len(message) + len(end)
                if all(text in message.decode() for text in wanted):
                    return message.decode()
            elif data := await asyncio.wait_for(self._reader.read(65536), 10):
                self.heard += data
            else:
                return ""

    async def ask(self, action: str, *headers: str) -> str:
        self.say(f"Action: {action}", f"ActionID: rec/{action}", *headers)
        return await self.until("Response: ", f"ActionID: rec/{action}")

    async def log_in(self) -> None:
        await self.ask("Login", "Username: line", f"Secret: {SECRET}", "Events: on")

    async def call(self, extension: str) -> tuple[str, str]:
        """Set up a citizen's call to `extension`; the names of its two channels."""
        await self.ask(
            "Originate",
            f"Channel: Local/{extension}@rec/n",
            "Context: rec",
            "Exten: citizen",
            "Priority: 1",
            "Async: true",
            f"CallerID: {GREEK} <6900000000>",
        )
        event = await self.until("Event: OriginateResponse", "Response: Success")
        first = next(line.removeprefix("Channel: ") for line in event.split("\r\n") if line.startswith("Channel: "))
        return first, first[:-1] + "2"


async def login(rec: Recorder) -> None:
    await rec.log_in()
    await rec.ask("Ping")
    await rec.ask("Logoff")
    await rec.until("nothing more")


async def refusals(rec: Recorder) -> None:
    await rec.ask("Login", "Username: line", f"Secret: {SECRET}", "Events: off")
    await rec.ask("Καλημέρα")
    await rec.ask("NoSuchAction")
    await rec.ask("AGI", "Channel: Local/nobody@rec-00000000;1", "Command: ANSWER", "CommandID: rec/none")
    await rec.ask("Hangup", "Channel: Local/nobody@rec-00000000;1")
    await rec.ask("Getvar", "Variable: NOTHING_HERE")


async def wrong_secret(rec: Recorder) -> None:
    await rec.ask("Login", "Username: line", "Secret: wrong")
    await rec.until("nothing more")


async def greek(rec: Recorder) -> None:
    await rec.log_in()
    await rec.ask(
        "UserEvent", "UserEvent: Σύνταξη", "Text: Καλημέρα σας, ΕΦΚΑ — €uro 😀", "Content: kept", "Event: forged"
    )
    await rec.ask("Setvar", "Variable: ΧΑΙΡΕΤΕ", "Value: γειά")


async def call(rec: Recorder) -> None:
    await rec.log_in()
    citizen, menu = await rec.call("menu")
    await rec.until("Event: AsyncAGIStart")
    rec.say("Action: Events", "ActionID: rec/Events", "EventMask: call,agi,dtmf,user")
    for command in ("SET VARIABLE TOPIC σύνταξη", "GET VARIABLE TOPIC", "WAIT FOR DIGIT 5000", "STREAM FILE tone 5"):
        await _agi(rec, menu, command)
    await _agi(rec, menu, "NO SUCH COMMAND")
    _, seat = await rec.call("seat")
    await rec.ask("Bridge", f"Channel1: {menu}", f"Channel2: {seat}")
    await rec.until("Event: BridgeEnter")
    await rec.ask("Hangup", f"Channel: {citizen}", "Cause: 16")
    await rec.until("Event: Hangup\r", f"Channel: {menu}")


async def _agi(rec: Recorder, channel: str, command: str) -> None:
    rec.say(
        "Action: AGI",
        "ActionID: rec/AGI",
        f"Channel: {channel}",
        f"Command: {command}",
        f"CommandID: rec/{command[:3]}",
    )
    await rec.until("Event: AsyncAGIExec", f"CommandId: rec/{command[:3]}")


async def channels(rec: Recorder) -> None:
    other = Recorder(*await asyncio.open_connection(*rec.peer))
    await other.log_in()
    for _ in range(3):
        await other.call("menu")
    await rec.log_in()
    rec.say("Action: CoreShowChannels", "ActionID: rec/list")
    await rec.until("Event: CoreShowChannelsComplete")


SCENES: tuple[Callable[[Recorder], Awaitable[None]], ...] = (login, wrong_secret, refusals, greek, call, channels)


def write_site(run: Path, launch: Launch, port: int) -> None:
    for folder in ("etc", "var", "spool", "run", "log", "sounds/en"):
        (run / folder).mkdir(parents=True)
    own = {"astetcdir": "etc", "astvarlibdir": "var", "astdbdir": "var", "astspooldir": "spool", "astrundir": "run"}
    folders = {name: run / folder for name, folder in own.items()} | {"astlogdir": run / "log"}
    folders |= {"astmoddir": launch.modules, "astdatadir": run}
    text = "[directories]\n" + "".join(f"{name} => {folder}\n" for name, folder in folders.items())
    for name, content in {"asterisk.conf": text, **FILES}.items():
        (run / "etc" / name).write_text(content.replace("PORT", str(port)))
    (run / "documentation").symlink_to(launch.data / "documentation")
    with wave.open(str(run / "sounds/en/tone.wav"), "wb") as tone:
        tone.setparams((1, 2, 8000, 0, "NONE", ""))
        tone.writeframes(bytes(4000))


@asynccontextmanager
async def asterisk(run: Path, port: int) -> AsyncIterator[None]:
    launch = read_launch()
    write_site(run, launch, port)
    child = await asyncio.create_subprocess_exec(
        *launch.argv, "-C", str(run / "etc/asterisk.conf"), "-f", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(20):
            while not await _booted(port):
                await asyncio.sleep(0.2)
        yield
    finally:
        child.terminate()
        await child.wait()


async def _booted(port: int) -> bool:
    try:
        rec = Recorder(*await asyncio.open_connection("127.0.0.1", port))
    except OSError:
        return False
    rec.say("Action: Login", "Username: line", f"Secret: {SECRET}", "Events: on")
    return bool(await rec.until("Event: FullyBooted"))


async def record(scene: Callable[[Recorder], Awaitable[None]]) -> None:
    """A fresh Asterisk for each scene: its names and numbers start from the beginning."""
    with tempfile.TemporaryDirectory(prefix="rec") as folder, socket.create_server(("127.0.0.1", 0)) as free:
        run, port = Path(folder), free.getsockname()[1]
        free.close()
        async with asterisk(run, port):
            rec = Recorder(*await asyncio.open_connection("127.0.0.1", port))
            await scene(rec)
            (HERE / f"{scene.__name__}.ami").write_bytes(rec.heard)
            print(f"{scene.__name__}: {len(rec.heard)} bytes, {rec.heard.count(b'Event: ')} events")


async def main() -> None:
    for scene in SCENES:
        await record(scene)


if __name__ == "__main__":
    asyncio.run(main())
