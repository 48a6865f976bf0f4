"""An Asterisk that is none: it answers every action over AMI and tells what a real one told of a call (talk.ami).

    python -m benchmarks.feed.peer AGENTS

A program of its own, so that its cost is nobody else's. It prints its port, and takes lines: ``seat``: the agents dial
the codes to log in and to be ready; ``call RATE SECONDS``: so many citizens call. Each line is answered, when all of it
is over, by what came of it, as JSON. Whoever calls presses 1 1 1 1, a key a second; an agent picks up, and after the
talk the citizen hangs up.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

KEY_S, KEYS = 1.0, 4
PICK_UP_S, TALK_S = 0.3, 3.0
PROMPT_S = 5.0
CODES = ("*11", "*13")
END = "\r\n\r\n"

# Of the recording: who is who in it.
CALLER, TRUNK = "1796088057.3", "PJSIP/trunk-00000003"
OFFER, PHONE = "n1-o1796088054-1", "PJSIP/agent001-00000004"
SIP_CALL = "6ca596f44308e7f0da20f5516144eb0f"
HELD, TALK = "68451d7e-51f1-4a4f-823c-acf4f8bde560", "d3d00617-71a9-455d-a73e-4aa7da31ff1c"
COMMAND = re.compile(r"CommandId: \S*")
PARTS = {"arrival": 2, "key": 2, "keys": 6, "ring": 2, "answer": 3, "join": 5, "over": 4, "last": 1}
"""How many of the recorded events belong to each part of a call, in their order; of four equal keys one is used."""
GONE = "Response: Error\r\nMessage: No such channel"
ROW = (
    "Event: CoreShowChannel\r\nChannel: {name}\r\nChannelState: 6\r\nChannelStateDesc: Up\r\n"
    "CallerIDNum: 2101234567\r\nCallerIDName: <unknown>\r\nConnectedLineNum: <unknown>\r\n"
    "ConnectedLineName: <unknown>\r\nLanguage: el\r\nAccountCode: \r\nContext: {context}\r\nExten: s\r\n"
    "Priority: 2\r\nUniqueid: {channel}\r\nLinkedid: {channel}\r\nApplication: {application}\r\n"
    "ApplicationData: \r\nDuration: 00:00:09\r\nBridgeId: {bridge}"
)

Action = dict[str, str]


def recorded() -> dict[str, str]:
    """The parts of the call."""
    events = (Path(__file__).parent / "talk.ami").read_bytes().decode().split(END)[:-1]
    found = iter(events)
    return {name: "".join(text + END for text in itertools.islice(found, count)) for name, count in PARTS.items()}


@dataclass(slots=True)
class Leg:
    """A channel. ``other``: the one it speaks with; ``command``: what it plays."""

    channel: str
    name: str
    context: str
    bridge: str = ""
    command: str = ""
    peer: str = ""
    other: Leg | None = None
    keys: int = 0


@dataclass
class Street:
    """Everybody who calls, and the phones."""

    say: Callable[[str], None]
    parts: dict[str, str]
    legs: dict[str, Leg] = field(default_factory=dict)
    phones: dict[str, Leg] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(100))
    counts: Counter[str] = field(default_factory=Counter)

    def tell(self, part: str, caller: Leg | None = None, phone: Leg | None = None, command: str = "") -> None:
        """Say what Asterisk said, with other names."""
        text = self.parts[part]
        if caller is not None:
            text = text.replace(CALLER, caller.channel).replace(TRUNK, caller.name)
            text = text.replace(SIP_CALL, caller.channel.encode().hex().rjust(32, "0"))
        if phone is not None:
            text = text.replace(OFFER, phone.channel).replace(PHONE, phone.name)
            text = text.replace(HELD, "held").replace(TALK, f"talk-{phone.channel}")
        self.say(COMMAND.sub(f"CommandId: {command}", text) if command else text)

    # -- callers ---

    def arrives(self) -> None:
        number = next(self.numbers)
        leg = Leg(f"1796088057.{number}", f"PJSIP/trunk-{number:08x}", "line-agi")
        self.legs[leg.channel] = leg
        self.counts["called"] += 1
        self.tell("arrival", leg)
        asyncio.get_running_loop().call_later(KEY_S, self.presses, leg)

    def presses(self, leg: Leg) -> None:
        command, leg.command = leg.command, ""
        leg.keys += 1
        self.tell("key", leg, command=command)
        if leg.keys < KEYS:
            asyncio.get_running_loop().call_later(KEY_S, self.presses, leg)

    def played(self, leg: Leg, command: str) -> None:
        """A prompt has come to its end, if nothing has cut it."""
        if leg.command == command and leg.channel in self.legs:
            leg.command = ""
            self.say(self._result(leg, command, "200%20result%3D0%20endpos%3D8000%0A"))

    @staticmethod
    def _result(leg: Leg, command: str, result: str) -> str:
        where = f"Channel: {leg.name}\r\nContext: {leg.context}\r\nUniqueid: {leg.channel}"
        return f"Event: AsyncAGIExec\r\nPrivilege: agi,all\r\n{where}\r\nResult: {result}\r\nCommandId: {command}{END}"

    def talked(self, leg: Leg) -> None:
        """The caller hangs up; the phone's leg ends by itself."""
        phone = leg.other
        assert phone is not None
        self.tell("over", leg, phone)
        del self.legs[leg.channel], self.legs[phone.channel], self.phones[phone.name]
        self.counts["talked"] += 1
        asyncio.get_running_loop().call_later(0.001, self.tell, "last", leg, phone)

    # -- agents ---

    def dials(self, agent: str, code: str) -> None:
        number = next(self.numbers)
        leg = Leg(f"1796088050.{number}", f"PJSIP/{agent}-{number:08x}", "line-code")
        self.legs[leg.channel] = leg
        where = f"Channel: {leg.name}\r\nContext: line-code\r\nUniqueid: {leg.channel}"
        self.say(f"Event: Newchannel\r\n{where}{END}")
        self.say(f"Event: AsyncAGIStart\r\n{where}\r\nEnv: {quote(f'agi_dnid: {code}' + chr(10))}{END}")

    def answers(self, leg: Leg) -> None:
        if leg.channel in self.legs:
            leg.bridge = "held"
            self.tell("answer", phone=leg)

    # -- actions ---

    def originate(self, action: Action) -> str:
        leg = Leg(action["ChannelId"], f"{action['Channel']}-{next(self.numbers):08x}", "line-agent")
        self.legs[leg.channel] = self.phones[leg.name] = leg
        loop = asyncio.get_running_loop()
        loop.call_soon(self.tell, "ring", None, leg)
        loop.call_later(PICK_UP_S, self.answers, leg)
        return "Response: Success\r\nMessage: Originate successfully queued"

    def agi(self, action: Action) -> str:
        leg = self.legs.get(action["Channel"])
        if leg is None:
            return f"Response: Error\r\nMessage: Channel {action['Channel']} does not exist."
        leg.command = action["CommandID"]
        loop = asyncio.get_running_loop()
        playing_s = PROMPT_S if action["Command"].startswith("STREAM") and leg.context == "line-agi" else 0.002
        loop.call_later(playing_s, self.played, leg, leg.command)
        return "Response: Success\r\nMessage: Added AGI command to queue"

    def setvar(self, action: Action) -> str:
        if "Channel" in action:
            leg = self.legs.get(action["Channel"])
            if leg is None:
                return GONE
            if action["Variable"] == "LINE_PEER":
                leg.peer = action["Value"]
        return "Response: Success\r\nMessage: Variable Set"

    def redirect(self, action: Action) -> str:
        leg = self.legs.get(action["Channel"])
        phone = self.phones.get(leg.peer) if leg is not None else None
        if leg is None or phone is None:
            self.counts["redirected nowhere"] += 1
            return "Response: Error\r\nMessage: Channel does not exist: x"
        asyncio.get_running_loop().call_soon(self.joins, leg, phone)
        return "Response: Success\r\nMessage: Redirect successful"

    def joins(self, leg: Leg, phone: Leg) -> None:
        leg.other, leg.context = phone, "line-connect"
        leg.bridge = phone.bridge = f"talk-{phone.channel}"
        command, leg.command = leg.command, ""
        self.tell("join", leg, phone, command or "none")
        asyncio.get_running_loop().call_later(TALK_S, self.talked, leg)

    def hangup(self, action: Action) -> str:
        leg = self.legs.pop(action["Channel"], None)
        if leg is None:
            return GONE
        self.phones.pop(leg.name, None)
        self.counts[f"hung up in {leg.context}"] += 1
        where = f"Channel: {leg.name}\r\nContext: {leg.context}\r\nUniqueid: {leg.channel}"
        self.say(f"Event: Hangup\r\n{where}\r\nCause: 16\r\nCause-txt: Normal Clearing{END}")
        return "Response: Success\r\nMessage: Channel Hungup"

    def rows(self, agents: int) -> dict[str, list[str]]:
        """What a look shows: the channels, and the phones' states."""
        used = {leg.name.rpartition("-")[0] for leg in self.legs.values()}
        names = [f"PJSIP/agent{number:03}" for number in range(1, agents + 1)]
        states = [f"Device: {name}\r\nState: {'INUSE' if name in used else 'NOT_INUSE'}" for name in names]
        return {
            "CoreShowChannels": [_row(leg) for leg in self.legs.values()],
            "DeviceStateList": [f"Event: DeviceStateChange\r\n{state}" for state in states],
        }


def _row(leg: Leg) -> str:
    application = {"line-agent": "BridgeWait", "line-connect": "Bridge"}.get(leg.context, "AGI")
    return ROW.format(
        name=leg.name, channel=leg.channel, context=leg.context, application=application, bridge=leg.bridge
    )


class Peer(asyncio.Protocol):
    """One connection."""

    def __init__(self, agents: int, made: asyncio.Future[Street]) -> None:
        self._agents, self._made = agents, made
        self._buffer = ""
        self.actions: Counter[str] = Counter()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._street = Street(lambda text: transport.write(text.encode()), recorded())
        transport.write(b"Asterisk Call Manager/11.0.0\r\n")

    def data_received(self, data: bytes) -> None:
        *whole, self._buffer = (self._buffer + data.decode()).split(END)
        for text in whole:
            self._take(dict(line.split(": ", 1) for line in text.split("\r\n")))

    def _take(self, action: Action) -> None:
        name, street = action["Action"], self._street
        street.counts[f"{name} {action.get('Variable', '')}".strip() if name == "Setvar" else name] += 1
        known = {
            "Originate": street.originate, "AGI": street.agi, "Setvar": street.setvar, "Redirect": street.redirect,
            "Hangup": street.hangup,
        }  # fmt: skip
        answer = known[name](action) if name in known else "Response: Success\r\nPing: Pong"
        tail = f"\r\nActionID: {action.get('ActionID', '')}"
        head, _, rest = answer.partition("\r\n")
        self._transport.write(f"{head}{tail}\r\n{rest}{END}".encode())
        if name in ("CoreShowChannels", "DeviceStateList"):
            rows = [*street.rows(self._agents)[name], f"Event: {name}Complete"]
            self._transport.write("".join(f"{row}{tail}{END}" for row in rows).encode())
        if name == "Login":
            street.say(f"Event: FullyBooted\r\nStatus: Fully Booted{END}")
            if not self._made.done():
                self._made.set_result(street)


async def seat(street: Street, agents: int) -> None:
    """Every agent logs in and is ready."""
    for code in CODES:
        for number in range(1, agents + 1):
            street.dials(f"agent{number:03}", code)
            await asyncio.sleep(0.005)
        await _over(street)


async def call(street: Street, rate: float, seconds: float) -> None:
    """Citizens come at this rate; ends when the last one is gone."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in range(round(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
        street.arrives()
    await _over(street)


async def _over(street: Street) -> None:
    while street.legs:  # noqa: ASYNC110
        await asyncio.sleep(0.1)


async def main(agents: int) -> None:
    loop = asyncio.get_running_loop()
    made: asyncio.Future[Street] = loop.create_future()
    server = await loop.create_server(lambda: Peer(agents, made), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    street = await made
    while words := (await asyncio.to_thread(sys.stdin.readline)).split():
        street.counts.clear()
        if words[0] == "seat":
            await seat(street, agents)
        else:
            await call(street, float(words[1]), float(words[2]))
        print(json.dumps(street.counts), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
