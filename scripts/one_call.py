"""One real call followed by its id, from the SIP INVITE to its row in the database, written as docs/one-call.md.

    .venv/bin/python scripts/one_call.py [--page docs/one-call.md]

A private line with a real Asterisk, one agent at a baresip phone and one citizen by SIPp. SIP is what Asterisk's own
packet log holds; AMI, engine and journal are listened to where they meet. Needs what `make test` needs.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from calls import facts as f  # noqa: E402
from line1555.live.app import running  # noqa: E402
from line1555.live.running import Options, Running  # noqa: E402
from records.queries import Reports  # noqa: E402
from simulator.sip import Behaviour, Farm, Identity, SippCallers, SippGroup, keys  # noqa: E402
from sites import load_site  # noqa: E402
from telephony.names import channel_of  # noqa: E402
from telephony.switch import Switch  # noqa: E402
from telephony.translate import Translator  # noqa: E402
from tests.live.site import make_site, share_sounds  # noqa: E402

PAGE = ROOT / "docs" / "one-call.md"
ANI = "6912345678"
AGENT = "agent001"
HOST = "127.0.0.1"
KEYS = "1111"
QUIET = frozenset({"Setvar", "QueuePause", "Ping", "CoreShowChannels", "PJSIPShowContacts", "Getvar"})
"""Actions that keep things alive or prepare for the worst, and carry no step of the call."""
CITIZEN, ASTERISK, DRIVER, ENGINE, JOURNAL, PHONE, DATABASE = (
    "Citizen",
    "Asterisk",
    "Driver",
    "Engine",
    "Journal",
    "Phone",
    "Database",
)
LOOK_S = 0.02
LOG_PACKETS = (
    "module load res_pjsip_logger.so",
    "pjsip set logger on",
    "pjsip set logger verbose off",
    "pjsip set logger pcap {}",
)


@dataclass(frozen=True, slots=True)
class Happened:
    """One arrow: when (epoch seconds), from whom to whom, in few words, and what it carried."""

    at: float
    source: str
    target: str
    what: str
    detail: str = ""


@dataclass(slots=True)
class Tap:
    """What passed since the tap was opened."""

    seen: list[Happened] = field(default_factory=list)

    def note(self, source: str, target: str, what: str, detail: str = "") -> None:
        self.seen.append(Happened(time.time(), source, target, what, detail))

    def open(self, line: Running) -> None:
        """Listen where the parts meet. What they do is not changed."""
        parts, journal = next(iter(line.runner.nodes.values())).parts, line.recovery.journal
        client, translator, switch = parts.client, parts.translator, parts.switch
        parts.translator = cast(Translator, _Around(translator, translate=self._translate(translator)))
        parts.switch = cast(Switch, _Around(switch, carry_out=self._carry_out(switch)))
        setattr(client, "send", self._send(client.send))  # noqa: B010
        setattr(client, "send_agi", self._send_agi(client.send_agi))  # noqa: B010
        setattr(journal, "append", self._append(journal.append))  # noqa: B010

    def _translate(self, translator: Translator) -> Callable[..., Any]:
        def translate(message: Any) -> list[Any]:
            at = time.time()
            events = translator.translate(message)
            told = message.name in ("AsyncAGIExec",) or bool(events)
            if told:
                self.seen.append(Happened(at, ASTERISK, DRIVER, message.name, _headers(message)))
            for event in events:
                self.note(DRIVER, ENGINE, type(event).__name__, _plain(event))
            return events

        return translate

    def _carry_out(self, switch: Switch) -> Callable[..., None]:
        def carry_out(command: Any) -> None:
            self.note(ENGINE, DRIVER, type(command).__name__, _plain(command))
            switch.carry_out(command)

        return carry_out

    def _send(self, send: Callable[..., Any]) -> Callable[..., Any]:
        def sent(name: str, given: Mapping[str, Any] | None = None, **more: Any) -> Any:
            if name not in QUIET:
                what = " ".join(f"{k}={v}" for k, v in (given or {}).items() if k not in ("Variable", "CallerID"))
                self.note(DRIVER, ASTERISK, name, what)
            return send(name, given or {}, **more)

        return sent

    def _send_agi(self, send_agi: Callable[..., Any]) -> Callable[..., Any]:
        def sent(channel: str, command: str, **more: Any) -> Any:
            self.note(DRIVER, ASTERISK, "AGI " + " ".join(command.split()[:2]), f"Channel={channel} {command}")
            return send_agi(channel, command, **more)

        return sent

    def _append(self, append: Callable[..., None]) -> Callable[..., None]:
        def appended(now: float, event: Any, facts: Sequence[f.Fact]) -> None:
            append(now, event, facts)
            if event is not None or facts:
                names = ", ".join(dict.fromkeys(type(fact).__name__ for fact in facts)) or "no fact"
                cause = type(event).__name__ if event is not None else "timer"
                self.note(ENGINE, JOURNAL, names, f"step {cause}: " + "; ".join(_plain(fact) for fact in facts))

        return appended


class _Around:
    """An object with some of its methods replaced."""

    def __init__(self, inner: object, **methods: Callable[..., Any]) -> None:
        self.__dict__.update(methods, _inner=inner)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def _headers(message: Any) -> str:
    wanted = ("Uniqueid", "Channel", "Digit", "ChannelStateDesc", "BridgeTechnology", "Cause-txt", "Command", "Result")
    return " ".join(f"{name}={message.get(name).strip()}" for name in wanted if message.get(name))


def _plain(thing: Any) -> str:
    """A message of ours in one line, empty fields left out."""
    if not is_dataclass(thing):
        return str(thing)
    rows = ((row.name, getattr(thing, row.name)) for row in fields(thing))
    told = ", ".join(f"{name}={_value(value)}" for name, value in rows if value not in ("", None, ()))
    return f"{type(thing).__name__}({told})"


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, tuple):
        return "[" + ", ".join(_plain(one) if is_dataclass(one) else _value(one) for one in value) + "]"
    return str(value)


# -- SIP, from Asterisk's packet log ---


def sip_messages(pcap: bytes) -> Iterator[tuple[float, str]]:
    """Time and text of each SIP message over UDP and IPv4."""
    link = struct.unpack("<I", pcap[20:24])[0]
    skip = {1: 14, 101: 0}[link]
    at = 24
    while at + 16 <= len(pcap):
        seconds, micros, size, _ = struct.unpack("<IIII", pcap[at : at + 16])
        packet = pcap[at + 16 + skip : at + 16 + size]
        yield seconds + micros / 1e6, packet[(packet[0] & 15) * 4 + 8 :].decode(errors="replace")
        at += 16 + size


def sip_of_the_call(pcap: bytes, asterisk: int) -> list[Happened]:
    """The messages of the citizen's dialog and of the agent's, told apart by Call-ID.

    Who sends is told by Via, which names the one who asked; ``asterisk`` is its SIP port.
    """
    found: list[Happened] = []
    dialogs: dict[str, str] = {}
    for at, text in sip_messages(pcap):
        first = text.partition("\r\n")[0]
        asked = f":{asterisk};" in _header(text, "Via")
        call, method = _header(text, "Call-ID"), _header(text, "CSeq").split()[-1]
        if first.startswith("INVITE"):
            dialogs.setdefault(call, PHONE if asked else CITIZEN)
        other = dialogs.get(call)
        if other is None:
            continue
        answer = first.startswith("SIP/2.0")
        source, target = (ASTERISK, other) if asked != answer else (other, ASTERISK)
        what = f"{first[8:]} ({method})" if answer else method
        media = re.findall(r"^m=(.+?)\r?$", text, re.MULTILINE)
        found.append(Happened(at, source, target, what, f"Call-ID {call}" + "".join(f", m={m}" for m in media)))
    return found


def _header(text: str, name: str) -> str:
    found = re.search(rf"^{name}:\s*(.+?)\r?$", text, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


# -- the call ---


@dataclass(slots=True)
class Followed:
    call: str
    seen: list[Happened]
    journey: dict[str, Any]


async def follow(folder: Path) -> Followed:
    """Bring a line up, make one call, and keep all that was said about it."""
    ports = make_site(folder / "site", agents=2)
    share_sounds(folder / "run")
    pcap, tap = folder / "sip.pcap", Tap()
    loop = asyncio.get_running_loop()
    started: asyncio.Future[str] = loop.create_future()

    def read(_: float, facts: Sequence[f.Fact]) -> None:
        for fact in facts:
            if isinstance(fact, f.CallStarted) and not started.done():
                started.set_result(fact.call)

    async with running(load_site(folder / "site"), Options(folder / "run", audit_s=3600)) as line:
        assert line.asterisk is not None
        line.runner.read(read)
        async with Farm({AGENT: line.asterisk.secrets.agents[AGENT]}, HOST, ports.sip) as farm:
            farm.behave(AGENT, Behaviour(answer_after_s=0.5))
            for code in ("*11", "*13"):
                await farm.phone(AGENT).code(code)
            await asyncio.sleep(0.5)
            for command in LOG_PACKETS:
                await asyncio.to_thread(line.asterisk.command, command.format(pcap))
            tap.open(line)
            rows = asyncio.create_task(_database(line, tap, started))
            group = SippGroup("1555", (Identity(ANI),), keys(KEYS, 1.5), stay_s=5)
            async with SippCallers(group, HOST, ports.sip) as citizen, asyncio.timeout(60):
                await citizen.wait()
                call, journey = await started, await rows
            await asyncio.to_thread(line.asterisk.command, "pjsip set logger off")
    channels = {call, channel_of(call), *(str(offer["id"]) for offer in journey["offers"])}  # type: ignore[arg-type]
    sip = sip_of_the_call(pcap.read_bytes(), ports.sip)
    return Followed(call, sorted((*sip, *_about(tap.seen, channels)), key=lambda one: one.at), journey)


def _about(seen: Iterable[Happened], names: Iterable[str]) -> Iterator[Happened]:
    """What names the call, one of its channels, or its agent."""
    names = (*names, AGENT)
    return (one for one in seen if one.target == DATABASE or any(name in one.detail for name in names))


async def _database(line: Running, tap: Tap, started: asyncio.Future[str]) -> dict[str, Any]:
    """Look at the call's rows until its wrap-up is in them; note what came into them."""
    call = await started
    url = f"sqlite:///{(line.options.run_dir / 'records.db').resolve()}"
    with Reports(url) as reports:
        before: dict[str, Any] = {}
        while True:
            now = await asyncio.to_thread(reports.journey, call)
            if now is not None and now != before:
                new = [name for name, value in now.items() if value not in (None, [], before.get(name))]
                tap.note(JOURNAL, DATABASE, "row of the call" if not before else "row filled", ", ".join(new))
                before = now
                if now["wrap_up_s"] is not None and now["ended_at"] is not None:
                    return now
            await asyncio.sleep(LOOK_S)


# -- the page ---


HEAD = """# One call, from the INVITE to the row in the database

Written by `scripts/one_call.py` from one real call: a real Asterisk, a citizen played by SIPp, an agent's phone played
by baresip, the engine and its records as `line1555 up` runs them, all on one machine and over loopback. Run it again
and the page is new. Numbers of people are masked. Times are milliseconds since the citizen's INVITE reached Asterisk;
SIP by Asterisk's packet log, everything else by the engine's process at the moment it passed. The database is looked
at every {look} ms. Load average of the machine's {processors} processors at that time: {load:.1f}.

The call is **`{call}`**: the node, and the id of the caller's channel in Asterisk. The offer to the agent is
`{offer}`, which is the id of its channel.

## In short

{short}

Between 200 and `AsyncAGIStart` Asterisk's `Answer` waits for the caller's first sound, at most half a second; this
citizen sends none before the first key. The tailer brings the journal into the database every half second.

## The picture

Sound is not drawn. "Phone" is the agent's.

```mermaid
sequenceDiagram
{picture}
```

## The row

{rows}

## Step by step

{steps}
"""


def page(followed: Followed) -> str:
    zero = next(one.at for one in followed.seen if one.what == "INVITE")
    done = max(one.at for one in followed.seen if one.target == DATABASE)
    seen = [one for one in followed.seen if zero <= one.at <= done]
    offers = followed.journey["offers"]
    return HEAD.format(
        look=round(LOOK_S * 1000),
        processors=os.cpu_count(),
        load=os.getloadavg()[0],
        call=followed.call,
        offer=offers[0]["id"],
        short=_short(seen, zero),
        picture="\n".join(_picture(seen, zero)),
        rows=_rows(followed.journey),
        steps=_steps(seen, zero),
    )


def _short(seen: Sequence[Happened], zero: float) -> str:
    """The delays that people notice, and those they never should."""

    def after(start: Happened | None, what: str, source: str = "", detail: str = "") -> Happened | None:
        at = start.at if start else zero
        fits = (o for o in seen if o.at >= at and o.what.startswith(what) and source in ("", o.source))
        return next((one for one in fits if detail in one.detail), None)

    def row(name: str, start: Happened | None, end: Happened | None) -> str:
        return f"| {name} | {1000 * (end.at - start.at):.1f} |" if start and end else f"| {name} | - |"

    invite, arrived = seen[0], after(None, "CallArrived")
    pressed = [one for one in seen if one.what == "DTMFEnd"]
    queued = next((o for o in seen if o.target == JOURNAL and "Queued" in o.what), None)
    ring = after(queued, "Ring", ENGINE)
    picked = next((o for o in seen if o.source == PHONE and o.what.startswith("200") and "INVITE" in o.what), None)
    ended = next((o for o in seen if o.target == JOURNAL and "CallEnded" in o.what), None)
    in_row = next((o for o in seen if o.target == DATABASE and "ended_at" in o.detail), None)
    found = [
        "| from - to | ms |\n| --- | ---: |",
        row("INVITE - 200 to the citizen", invite, after(invite, "200 OK (INVITE)", ASTERISK)),
        row("INVITE - the engine knows the call", invite, arrived),
        row("the engine knows the call - the first prompt is ordered", arrived, after(arrived, "AGI STREAM")),
        *(
            row(f"key {n} at the driver - the next prompt is ordered", one, after(one, "AGI STREAM"))
            for n, one in enumerate(pressed, 1)
        ),
        row("in the queue - an agent is chosen", queued, ring),
        row("an agent is chosen - INVITE to the phone", ring, after(ring, "INVITE", ASTERISK)),
        row("the agent's 200 - both are in one bridge, the engine knows", picked, after(picked, "Bridged")),
        row("the citizen's BYE - CallEnded in the journal", after(None, "BYE", CITIZEN), ended),
        row("CallEnded in the journal - in the database", ended, in_row),
    ]
    return "\n".join(found)


def _picture(seen: Sequence[Happened], zero: float) -> Iterator[str]:
    for name in (CITIZEN, ASTERISK, DRIVER, ENGINE, JOURNAL, PHONE, DATABASE):
        yield f"    participant {name}"
    for one in seen:
        text = re.sub(r"[;#:]", " ", one.what)
        yield f"    {one.source}->>{one.target}: {1000 * (one.at - zero):.1f} {text}"


def _steps(seen: Sequence[Happened], zero: float) -> str:
    rows = ["| ms | from | to | what | with |\n| ---: | --- | --- | --- | --- |"]
    rows += [
        f"| {1000 * (one.at - zero):.1f} | {one.source} | {one.target} | {one.what} | {_clean(one.detail)} |"
        for one in seen
    ]
    return "\n".join(rows)


def _rows(journey: Mapping[str, Any]) -> str:
    """The call's row, then its segments and offers, each as a table."""
    plain = {name: value for name, value in journey.items() if not isinstance(value, list)}
    parts = ["| `call` | |\n| --- | --- |\n" + "\n".join(f"| {k} | {_cell(v)} |" for k, v in plain.items())]
    for name in ("segments", "offers"):
        rows = journey[name]
        columns = [column for column in rows[0] if any(row[column] not in (None, "") for row in rows)]
        columns = [column for column in columns if column != "call_id"]
        head = "| " + " | ".join(columns) + " |\n|" + " --- |" * len(columns)
        body = "\n".join("| " + " | ".join(_cell(row[column]) for column in columns) + " |" for row in rows)
        parts.append(f"Its {name}:\n\n{head}\n{body}")
    return "\n\n".join(parts)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return _clean("" if value is None else str(value))


def _clean(text: str) -> str:
    """Without people's numbers, passwords, or where this machine keeps its files; safe in a table."""
    text = unquote(text).replace(ANI, f"{ANI[:2]}xxxxxx{ANI[-2:]}")
    text = re.sub(r"/[\w./+-]*/sounds/", "sounds/", text)
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;").strip()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--page", type=Path, default=PAGE)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="line1555-call-") as folder:
        followed = asyncio.run(follow(Path(folder)))
    wanted.page.write_text(page(followed), "utf-8")
    print(f"{wanted.page}: call {followed.call}, {len(followed.seen)} steps")
    return 0


if __name__ == "__main__":
    sys.exit(main())
