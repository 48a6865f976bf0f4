"""One private Asterisk for all live tests: a small site on free loopback ports, stopped at the end."""

from __future__ import annotations

import asyncio
import math
import shutil
import struct
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.sip.ports import LINE_SOUND, free_port
from simulator.sip.sound import write_alaw
from sounds import music
from telephony.asterisk import (
    Asterisk,
    AsteriskMissingError,
    AsteriskSettings,
    EntryNumber,
    Language,
    Launch,
    Member,
    Network,
    Survivable,
    SurvivableQueue,
    SurvivableTopic,
    read_launch,
    start,
)

AGENTS = tuple(f"agent{number:03}" for number in range(1, 9))
PROMPTS = ("invalid", "connecting", "waiting", "goodbye", "lang-el", "lang-en", "t-insurance", "t-pensions", "t-sos")


def speak_tones(sounds: Path) -> None:
    """A beep of half a second for each prompt: the tests need that something is heard, not what."""
    samples = (int(8000 * math.sin(2 * math.pi * 500 * n / 8000)) for n in range(4000))
    tone = b"".join(struct.pack("<h", sample) for sample in samples)
    for path in (sounds / code / f"{prompt}.wav" for code in ("el", "en") for prompt in PROMPTS):
        path.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(tone)


def small_site(folder: Path, trunk_contact: str = "") -> AsteriskSettings:
    """Eight agents, three topics, two languages, two survivable queues; prompts and music below `folder`."""
    speak_tones(folder / "sounds")
    music.build(folder)
    write_alaw(folder / "music" / "calm.alaw")  # what SIPp plays
    network = Network(
        sip_port=free_port(),
        ami_port=free_port(),
        rtp_first=LINE_SOUND[0],
        rtp_last=LINE_SOUND[1],
        trunk_contact=trunk_contact or f"127.0.0.1:{free_port()}",
    )
    topics = (
        SurvivableTopic("insurance", "1", "t-insurance", "efka"),
        SurvivableTopic("pensions", "2", "t-pensions", "efka-pensions"),
        SurvivableTopic("sos", "9", "t-sos", transfer="15900"),
        SurvivableTopic("here", "3", "lang-el", "efka-pensions", since="202107290000", until="209901010000"),
        SurvivableTopic("later", "4", "lang-en", "efka-pensions", since="209901010000"),
        SurvivableTopic("over", "5", "goodbye", "efka-pensions", until="202107290000"),
    )
    queues = (
        SurvivableQueue("efka", tuple(Member(agent) for agent in AGENTS)),
        SurvivableQueue("efka-pensions", (Member(AGENTS[0]), Member(AGENTS[1], 1))),
    )
    languages = (Language("el", "1", "lang-el"), Language("en", "2", "lang-en"))
    entries = (EntryNumber("1555"), EntryNumber("11320", "pensions"), EntryNumber("2106241888", "insurance"))
    alone = Survivable(languages, topics, queues, "efka", key_s=2)
    return AsteriskSettings(
        network,
        entries,
        AGENTS,
        alone,
        folder / "sounds",
        folder / "music",
        transfers=("15900",),
        agent_rtp_timeout_s=5,
        first_lease_s=6,  # no engine renews it in the tests of the dialplan alone
        qualify_s=0,  # SIPp as a phone does not answer OPTIONS
    )


@pytest.fixture(scope="session")
def launch() -> Launch:
    """The Asterisk to run. Its absence is a failure: a live suite that skips proves nothing."""
    try:
        return read_launch()
    except AsteriskMissingError as error:
        pytest.fail(f"the live tests need a real Asterisk: {error}")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> AsteriskSettings:
    return small_site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def asterisk(site: AsteriskSettings, launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asterisk]:
    """A running Asterisk: `.ami` is its address, `.secrets` the passwords, `.network` where it listens."""
    run_dir = tmp_path_factory.mktemp("ast")
    with asyncio.Runner() as runner:
        running = runner.run(start(site, launch, run_dir))
        shutil.copy(run_dir / "log" / "messages.log", run_dir / "log" / "boot.log")  # before any test adds to it
        yield running
        runner.run(running.stop())
