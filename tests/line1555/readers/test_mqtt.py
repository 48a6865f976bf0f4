"""The publisher against a real, private Mosquitto: events, retained state, and every way a broker can be away."""

from __future__ import annotations

import asyncio
import getpass
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiomqtt import Client

from calls import (
    AgentId,
    AgentState,
    Attribute,
    CallId,
    OfferResult,
    QueueId,
    SettingsError,
    facts,
)
from control.hiding import Confidential
from line1555.cli.default_site import DEFAULT_SITE as SHIPPED
from line1555.live.site_assets import broker_of
from line1555.readers import mqtt
from line1555.readers.mqtt import Broker, MqttPublisher
from metrics import LineState
from sites import Site, load_site

Q, A, C = QueueId("pensions"), AgentId("a/1"), CallId("n1-1")
ANCHOR = 1_772_400_000.0


class Mosquitto:
    """A broker of our own on a loopback port, with its own settings, that keeps nothing on disk."""

    def __init__(self, folder: Path, *settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.config = folder / "mosquitto.conf"
        lines = [
            f"user {getpass.getuser()}",  # as root it would become another user, who cannot read our folder
            f"listener {self.port} 127.0.0.1",
            "persistence false",
            *(settings or ["allow_anonymous true"]),
        ]
        self.config.write_text("\n".join(lines) + "\n")
        self._log = folder / "mosquitto.log"
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self._launch()
        await until(self._listens)

    def _launch(self) -> None:
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
        assert program, "mosquitto is missing: apt install mosquitto"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([program, "-c", str(self.config)], stdout=log, stderr=log)

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2):
            return True
        return False

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait(10)
            self._process = None


async def until(true: Callable[[], bool], within_s: float = 15.0) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.02)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    mosquitto = Mosquitto(tmp_path)
    yield mosquitto
    mosquitto.kill()


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "BACKOFF_S", (0.05, 0.2))
    monkeypatch.setattr(mqtt, "STATE_EVERY_S", 0.05)


@pytest.fixture
def state() -> LineState:
    line = LineState(queues=[Q, QueueId("general")], agents=[A, AgentId("a2")])
    line.apply(0.0, facts.LineOpened("n1", ANCHOR, "0.1"))
    return line


def published_to(port: int, state: LineState, **more: Any) -> MqttPublisher:
    return MqttPublisher(Broker("127.0.0.1", port), state, lambda: 100.0, node="n1", **more)


Tell = Callable[..., None]


@asynccontextmanager
async def running(publisher: MqttPublisher, state: LineState) -> AsyncIterator[Tell]:
    """The publisher at work; the value tells facts to fold and publisher, as the line does."""

    def tell(*told: facts.Fact) -> None:
        for fact in told:
            state.apply(50.0, fact)
        publisher.publish(50.0, told)

    publisher.start()
    try:
        yield tell
    finally:
        await publisher.close()


class Heard:
    """What a subscriber got: ``last`` by topic (JSON decoded where it is JSON), ``events`` in order."""

    def __init__(self) -> None:
        self.last: dict[str, Any] = {}
        self.retained: set[str] = set()
        self.events: list[dict[str, Any]] = []

    async def listen(self, client: Client) -> None:
        async for message in client.messages:
            topic, text = str(message.topic), bytes(message.payload).decode()
            self.last[topic] = json.loads(text) if text.startswith("{") else text
            if message.retain:
                self.retained.add(topic)
            if "/event/" in topic:
                self.events.append(self.last[topic])


@asynccontextmanager
async def subscriber(port: int) -> AsyncIterator[Heard]:
    heard = Heard()
    async with Client("127.0.0.1", port) as client:
        await client.subscribe("line1555/#", qos=1)
        listening = asyncio.create_task(heard.listen(client))
        yield heard
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


WAITING: list[facts.Fact] = [
    facts.CallStarted(C, "6941234567", "1555"),
    facts.AttributeSet(C, Attribute.TOPIC, "pensions"),
    facts.Queued(C, Q, "el", 0, 1, 3),
]


def waiting_in(heard: Heard, queue: str = "pensions") -> Any:
    return heard.last.get(f"line1555/n1/state/queue/{queue}", {}).get("waiting")


pytestmark = pytest.mark.timeout(60)


@pytest.mark.services
async def test_events_and_state_arrive(broker: Mosquitto, state: LineState) -> None:
    await broker.start()
    publisher = published_to(broker.port, state)
    async with subscriber(broker.port) as heard, running(publisher, state) as tell:
        await until(lambda: publisher.health()["connected"] == 1)
        tell(*WAITING, facts.AgentChanged(A, AgentState.NOT_READY, AgentState.READY, "", 5.0))
        await until(lambda: len(heard.events) == 4 and waiting_in(heard) == 1)
        await until(lambda: heard.last["line1555/n1/state/agent/a_1"]["state"] == "ready")
    assert heard.events[0] == {
        "time": "2026-03-01T21:20:50+00:00",
        "type": "CallStarted",
        "call": C,
        "ani": "694****567",
        "dnis": "1555",
    }
    assert [event["type"] for event in heard.events] == ["CallStarted", "AttributeSet", "Queued", "AgentChanged"]
    assert heard.last["line1555/n1/event/Queued"]["queue"] == Q
    assert heard.last["line1555/n1/state/line"]["calls"]["waiting"] == 1
    assert publisher.health()["dropped_total"] == 0


@pytest.mark.services
async def test_who_comes_later_gets_the_retained_state(broker: Mosquitto, state: LineState) -> None:
    await broker.start()
    async with running(published_to(broker.port, state), state) as tell:
        tell(*WAITING)
        await asyncio.sleep(0.5)
        async with subscriber(broker.port) as heard:
            await until(lambda: waiting_in(heard) == 1 and waiting_in(heard, "general") == 0)
            await until(lambda: "line1555/n1/state/agent/a2" in heard.retained)
        assert heard.last["line1555/n1/status"] == "online" and not heard.events
    async with subscriber(broker.port) as later:
        await until(lambda: later.last.get("line1555/n1/status") == "offline")


@pytest.mark.services
async def test_a_broker_killed_and_started_again_gets_the_present_state(broker: Mosquitto, state: LineState) -> None:
    await broker.start()
    publisher = published_to(broker.port, state)
    async with running(publisher, state) as tell:
        tell(*WAITING)
        await until(lambda: publisher.health()["pending"] == 0 and publisher.health()["connected"] == 1)
        broker.kill()
        await until(lambda: publisher.health()["connected"] == 0)
        tell(facts.Queued(CallId("n1-2"), Q, "el", 0, 2, 3), facts.Queued(CallId("n1-3"), Q, "el", 0, 3, 3))
        await broker.start()  # it kept nothing: all it can know comes from us now
        async with subscriber(broker.port) as heard:
            await until(lambda: waiting_in(heard) == 3 and waiting_in(heard, "general") == 0)
            await until(lambda: heard.last.get("line1555/n1/status") == "online")
            await until(lambda: publisher.health()["pending"] == 0)
        assert publisher.health()["connects_total"] == 2 and publisher.health()["dropped_total"] == 0


@pytest.mark.services
async def test_a_broker_away_from_the_start(
    broker: Mosquitto, state: LineState, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mqtt, "EVENTS_KEPT", 2)
    publisher = published_to(broker.port, state)
    async with running(publisher, state) as tell:
        tell(*WAITING)
        await until(lambda: "refused" in publisher.last_error)
        await asyncio.sleep(0.5)
        assert publisher.health() == {
            "connected": 0, "pending": 2, "connects_total": 0, "published_total": 0, "dropped_total": 1,
        }  # fmt: skip
        assert len([r for r in caplog.records if r.name == mqtt.__name__]) == 1, "one warning, not one per attempt"
        await broker.start()
        async with subscriber(broker.port) as heard:
            await until(lambda: waiting_in(heard) == 1)


A_LINE = """
import asyncio, sys
from line1555.live.site_assets import broker_of
from line1555.readers.mqtt import Broker, MqttPublisher
from metrics import LineState

async def main():
    MqttPublisher(Broker("127.0.0.1", int(sys.argv[1])), LineState(), lambda: 1.0, node="n1").start()
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.services
async def test_a_line_that_dies_is_offline_by_its_last_will(broker: Mosquitto) -> None:
    await broker.start()
    async with subscriber(broker.port) as heard:
        line = await asyncio.create_subprocess_exec(sys.executable, "-c", A_LINE, str(broker.port))
        try:
            await until(lambda: heard.last.get("line1555/n1/status") == "online")
        finally:
            line.kill()
            await line.wait()
        await until(lambda: heard.last.get("line1555/n1/status") == "offline")


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that wants the user ``line`` with the password ``s3cret``."""
    subprocess.run(["mosquitto_passwd", "-b", "-c", tmp_path / "users", "line", "s3cret"], check=True, timeout=20)
    mosquitto = Mosquitto(tmp_path, "allow_anonymous false", f"password_file {tmp_path / 'users'}")
    yield mosquitto
    mosquitto.kill()


@pytest.mark.services
async def test_a_password_is_read_from_its_file(guarded: Mosquitto, tmp_path: Path, state: LineState) -> None:
    await guarded.start()
    secret = tmp_path / "secret"
    broker = Broker("127.0.0.1", guarded.port, "line", secret)
    publisher = MqttPublisher(broker, state, lambda: 1.0, node="n1")
    async with running(publisher, state):
        await until(lambda: "FileNotFoundError" in publisher.last_error)
        secret.write_text("wrong\n")
        await until(lambda: "uthor" in publisher.last_error)
        secret.write_text("s3cret\n")
        await until(lambda: publisher.health()["connected"] == 1)


@asynccontextmanager
async def silent_broker(answer: Callable[[asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[int]:
    """A broker that accepts, perhaps answers the first packet, and then neither reads nor speaks."""

    async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await answer(writer)

    writers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=16)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await server.wait_closed()


async def welcome(writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x20\x02\x00\x00")  # CONNACK, accepted


async def nothing(_: asyncio.StreamWriter) -> None:
    """Not even a CONNACK."""


@pytest.mark.parametrize("answer", [welcome, nothing])
async def test_a_stuck_broker_costs_a_bounded_queue(
    state: LineState, monkeypatch: pytest.MonkeyPatch, answer: Callable[[asyncio.StreamWriter], Awaitable[None]]
) -> None:
    monkeypatch.setattr(mqtt, "ANSWER_WITHIN_S", 0.3)
    monkeypatch.setattr(mqtt, "EVENTS_KEPT", 100)
    long = facts.Discrepancy("x" * 100_000, "", "", "")
    async with silent_broker(answer) as port:
        publisher = published_to(port, state)
        async with running(publisher, state) as tell:
            for _ in range(500):
                tell(long)
                await asyncio.sleep(0)
            await until(lambda: "timed out" in publisher.last_error)
            health = publisher.health()
            assert health["pending"] <= 100 and health["dropped_total"] >= 300
            tell(*WAITING)  # still takes facts, still does not raise


async def test_close_without_start_and_twice(state: LineState) -> None:
    publisher = published_to(1, state)
    await publisher.close()
    publisher.start()
    publisher.publish(1.0, WAITING)
    await publisher.close()
    await publisher.close()


HIDDEN: list[facts.Fact] = [
    facts.NodeEntered(C, "sos"),
    facts.KeyTaken(C, "topic", "9", "sos"),
    facts.KeyTaken(C, "sos", "1", "yes"),
    facts.InputMissed(C, "sos", "", 1),
    facts.AttributeSet(C, Attribute.TOPIC, "sos"),
    facts.TransferStarted(C, "", True),
]


@pytest.mark.services
async def test_confidential_steps_are_told_to_nobody(broker: Mosquitto, state: LineState) -> None:
    await broker.start()
    publisher = published_to(broker.port, state, confidential=Confidential(["sos"]))
    async with subscriber(broker.port) as heard, running(publisher, state) as tell:
        tell(facts.NodeEntered(C, "topic"), *HIDDEN, facts.NodeEntered(C, "bye"))
        await until(lambda: len(heard.events) == 2)
        await asyncio.sleep(0.1)
    assert [event["node"] for event in heard.events] == ["topic", "bye"]


def test_a_citizen_not_reached_changes_his_queue(state: LineState) -> None:
    told: list[facts.Fact] = [
        facts.CallbackPromised(C, None, Q, "6941234567", "el", 0.0, None),
        facts.CallbackMissed(C, A, OfferResult.BUSY, "17", 1, 900.0),
    ]
    for fact in told:
        state.apply(1.0, fact)
    publisher = published_to(1, state)
    publisher.publish(1.0, told[1:])
    assert {("line",), ("queue", Q), ("agent", A)} == publisher._changed


# TLS, as site.yaml sets it.


def openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True, timeout=30)


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, a broker's certificate for 127.0.0.1, a client's, and another authority that signed nothing."""
    folder = tmp_path_factory.mktemp("papers")
    for name in ("ca", "stranger"):
        words = f"req -x509 -newkey rsa:2048 -nodes -days 2 -keyout {name}.key -out {name}.pem -subj /CN={name}"
        openssl(folder, *words.split())
    (folder / "san").write_text("subjectAltName=IP:127.0.0.1\n")
    for name, extra in (("broker", " -extfile san"), ("line", "")):
        openssl(folder, *f"req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}".split())
        signed = f"x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out {name}.pem{extra}"
        openssl(folder, *signed.split())
    return folder


@pytest.fixture
def encrypted(tmp_path: Path, papers: Path) -> Iterator[Mosquitto]:
    """A broker that speaks TLS only, and only with those whose certificate its authority signed."""
    files = ("cafile ca.pem", "certfile broker.pem", "keyfile broker.key")
    settings = (f"{word} {papers / name}" for word, name in (one.split() for one in files))
    mosquitto = Mosquitto(tmp_path, *settings, "require_certificate true", "allow_anonymous true")
    yield mosquitto
    mosquitto.kill()


def site_with(tmp_path: Path, papers: Path, mqtt_settings: str) -> Site:
    """The shipped site with these settings of ``mqtt``, certificates beside its files."""
    folder = tmp_path / "site"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("tests"))
    for paper in papers.glob("*.*"):
        shutil.copy(paper, folder)
    (folder / "site.yaml").write_text(f'external_numbers: ["15900"]\nmqtt: {mqtt_settings}\n')
    return load_site(folder)


BOTH = "ca: ca.pem, cert: line.pem, key: line.key"


@pytest.mark.services
@pytest.mark.parametrize(
    ("host", "tls", "heard"),
    [
        ("127.0.0.1", BOTH, ""),
        ("127.0.0.1", "cert: line.pem, key: line.key", "certificate verify failed"),
        ("127.0.0.1", BOTH.replace("ca.pem", "stranger.pem"), "certificate verify failed"),
        ("localhost", BOTH, "Hostname mismatch"),
        ("localhost", f"{BOTH}, verify: false", ""),
        ("127.0.0.1", "ca: ca.pem", "Error"),
    ],
    ids=["signed", "unknown authority", "wrong authority", "wrong name", "not verified", "no certificate of ours"],
)
# Of a handshake that fails paho 2.1 leaves the socket to the garbage collector.
@pytest.mark.filterwarnings("ignore:.*SSLSocket:pytest.PytestUnraisableExceptionWarning")
async def test_tls(
    encrypted: Mosquitto, papers: Path, tmp_path: Path, state: LineState, host: str, tls: str, heard: str
) -> None:
    await encrypted.start()
    broker = broker_of(site_with(tmp_path, papers, f"{{host: {host}, port: {encrypted.port}, tls: {{{tls}}}}}"))
    assert broker is not None and broker.tls is not None
    publisher = MqttPublisher(broker, state, lambda: 1.0, node="n1")
    async with running(publisher, state):
        await until(lambda: heard in publisher.last_error if heard else publisher.health()["connected"] == 1)
        assert publisher.health()["connected"] == (0 if heard else 1)


@pytest.mark.parametrize(
    ("told", "port", "user"),
    [("{host: b}", 1883, None), ("{host: b, tls: {}}", 8883, None), ("{host: b, port: 99, user: me}", 99, "me")],
)
def test_the_address_of_the_settings(tmp_path: Path, papers: Path, told: str, port: int, user: str | None) -> None:
    broker = broker_of(site_with(tmp_path, papers, told))
    assert broker is not None and (broker.host, broker.port, broker.username) == ("b", port, user)


def test_a_certificate_that_cannot_be_read_is_told_at_the_start(tmp_path: Path, papers: Path) -> None:
    site = site_with(tmp_path, papers, "{host: b, tls: {ca: gone.pem}}")
    with pytest.raises(SettingsError, match=r"site\.yaml.*mqtt\.tls.*gone\.pem"):
        broker_of(site)


def test_a_certificate_without_its_key_is_refused(tmp_path: Path, papers: Path) -> None:
    with pytest.raises(SettingsError, match=r"site\.yaml:2.*mqtt\.tls.*cert and key together"):
        site_with(tmp_path, papers, "{host: b, tls: {cert: line.pem}}")
