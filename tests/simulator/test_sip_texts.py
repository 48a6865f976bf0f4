"""What phones and callers are told, as text, and by which ports: no phone is started here."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import time
import wave
import xml.etree.ElementTree as ET
from itertools import combinations
from pathlib import Path

import pytest

from simulator.sip import (
    HOSTILE,
    Demo,
    Dtmf,
    Identity,
    Manners,
    Odd,
    PhoneEventKind,
    PhonesError,
    Press,
    SippCallers,
    SippGroup,
    keys,
    ports,
    scripted,
)
from simulator.sip.baresip import BaresipFiles, account_rows, netstring
from simulator.sip.citizens import read_results
from simulator.sip.demo import Mood, draw
from simulator.sip.news import event_of
from simulator.sip.scenario import KEY_S, Voice, citizen, hang_up_now, odd_phone, registration
from simulator.sip.scripted import Orders
from simulator.sip.sound import FRAME, alaw, write_pcap, write_wav
from simulator.sip.streams import stream

VOICE = Voice("/v/voice.alaw", "/v/voice.pcap")


def steps(text: str) -> list[ET.Element]:
    return list(ET.fromstring(text.encode()))


def sent(text: str) -> list[str]:
    return [(step.text or "").split()[0] for step in steps(text) if step.tag == "send"]


def test_keys_by_info_are_one_request_each_with_rising_cseq() -> None:
    text = citizen("1555", keys("1*"), 5, Dtmf.INFO, VOICE)
    assert sent(text)[:2] == ["INVITE", "ACK"]
    assert [word for word in sent(text) if word in ("INFO", "BYE")] == ["INFO", "INFO", "BYE"]
    assert "CSeq: 2 INFO" in text and "CSeq: 3 INFO" in text and "CSeq: 4 BYE" in text
    assert "Signal=1\n" in text and "Signal=*\n" in text and 'rtp_stream="/v/voice.alaw,-1,8"' in text


def test_keys_by_rtp_are_not_closer_than_sipp_can_send_them() -> None:
    text = citizen("1555", keys("12", pause_s=0.1), 5, Dtmf.RTP, VOICE)
    waits = [step.get("timeout") for step in steps(text) if step.get("request") == "MESSAGE"]
    assert waits == ["100", f"{KEY_S * 1000:.0f}", f"{KEY_S * 1000:.0f}", "5000"]
    assert text.index('play_dtmf="2"') < text.index("play_pcap_audio")
    assert "[auto_media_port]" in text and "INFO" not in sent(text)


@pytest.mark.parametrize("dtmf", Dtmf)
def test_every_wait_of_a_citizen_takes_a_hang_up_of_the_line(dtmf: Dtmf) -> None:
    rows = steps(citizen("1555", keys("12"), 5, dtmf, VOICE))
    waits = [n for n, step in enumerate(rows) if step.get("ontimeout")]
    assert [rows[n + 1].get("request") for n in waits] == ["BYE"] * len(waits)
    labels = {step.get("id") for step in rows if step.tag == "label"}
    assert {step.get(name) for step in rows for name in ("next", "ontimeout")} - {None} <= labels


def test_a_silent_caller_plays_nothing() -> None:
    assert "exec" not in citizen("1555", (), 5, Dtmf.RTP)


@pytest.mark.parametrize("odd", Odd)
def test_odd_phones_are_well_formed_and_jump_to_labels_they_have(odd: Odd) -> None:
    rows = steps(odd_phone(odd, 0.2, 5))
    labels = {step.get("id") for step in rows if step.tag == "label"}
    assert {step.get(name) for step in rows for name in ("next", "ontimeout")} - {None} <= labels
    assert [row.get("request") for row in rows[:2]] == ["OPTIONS", "INVITE"]


def test_refusals_say_what_they_are() -> None:
    assert "SIP/2.0 486 Busy" in odd_phone(Odd.BUSY, 0, 0)
    assert "SIP/2.0 603 Decline" in odd_phone(Odd.DECLINES, 0, 0)
    assert "Contact: <sip:15999@" in odd_phone(Odd.MOVED, 0, 0, "15999")


def test_a_registration_keeps_to_passwords_that_sipp_can_hold() -> None:
    assert "[authentication username=agent001 password=s3cret]" in registration("agent001", "s3cret")
    with pytest.raises(ValueError, match="password"):
        registration("agent001", "a] [b")


def test_hang_up_now_names_the_call() -> None:
    assert b"Call-ID: 7-1@127.0.0.1\r\n" in hang_up_now("7-1@127.0.0.1")


@pytest.mark.parametrize("key", ["", "12", "E", "\n"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        Press(1, key)


def test_groups_refuse_what_cannot_be_called() -> None:
    for wrong in ({"number": "1555@evil"}, {"calls": 0}, {"rate": 0.0}, {"callers": ()}, {"stay_s": -1.0}):
        with pytest.raises(ValueError):
            SippGroup(**wrong)


def test_identities_go_into_one_row_of_the_csv() -> None:
    assert Identity("210", "Ελένη").row() == '"Ελένη" <sip:210'
    with pytest.raises(ValueError, match="CSV"):
        Identity("210;line")
    assert all("\n" not in hostile.row() for hostile in HOSTILE)


def test_the_dtmf_method_can_be_set() -> None:
    assert SippCallers(SippGroup(dtmf=Dtmf.INFO), "127.0.0.1", 5060).dtmf is Dtmf.INFO


def test_results_are_read_from_the_log_and_a_cut_row_is_left_out() -> None:
    log = ["100;1;1-9@h;invite", "104;1;1-9@h;answered", "200;2;2-9@h;invite", "230;2;2-9@h;refused 503"]
    log += ["300;3;3-9@h;invite", "310;3;3-9@h;answered", "5104;1;1-9@h;line", "5104;1;1-9@h;caller", "52"]
    results = read_results(log)
    assert (results.attempted, results.established, results.failed, results.lost) == (3, 2, 1, 1)
    first, second, third = results.calls
    assert first.answer_s == pytest.approx(0.004) and first.length_s == pytest.approx(5.004)
    assert [call.outcome for call in (first, second, third)] == ["line", "refused 503", "lost"]


def test_baresip_listens_on_loopback_only_and_plays_nothing() -> None:
    config = BaresipFiles(Path("/f"), 5070, 4444).config()
    assert "sip_listen 127.0.0.1:5070" in config and "ctrl_tcp_listen 127.0.0.1:4444" in config
    assert "audio_player" not in config and "audio_source aufile,/f/talk.wav" in config


def test_accounts_are_private_and_are_forgotten(tmp_path: Path) -> None:
    files = BaresipFiles(tmp_path, 5070, 4444)
    files.write({"agent001": "s3cret"}, "127.0.0.1", 5060)
    accounts = tmp_path / "accounts"
    assert accounts.stat().st_mode & 0o777 == 0o600
    assert accounts.read_text().startswith("<sip:agent001@127.0.0.1:5060>;auth_user=agent001;auth_pass=s3cret;")
    files.forget_passwords()
    assert not accounts.exists()


@pytest.mark.parametrize("password", ["", "a;b", "a\nb", "a>b"])
def test_a_password_that_would_be_read_as_an_option_is_refused(password: str) -> None:
    with pytest.raises(PhonesError, match="agent001"):
        account_rows({"agent001": password}, "127.0.0.1", 5060)


def test_netstrings_count_bytes() -> None:
    assert netstring({"a": 1}) == b'8:{"a": 1},'


def test_an_event_names_the_agent() -> None:
    message = {"type": "CALL_INCOMING", "accountaor": "sip:agent001@127.0.0.1:5060", "id": "x", "peeruri": "sip:1@h"}
    event = event_of(message)
    assert event is not None and (event.user, event.kind) == ("agent001", PhoneEventKind.RINGING)
    assert (event.call, event.peer) == ("x", "sip:1@h")
    assert event_of({**message, "type": "CALL_RTPESTAB"}) is None


def test_orders_of_scripted_agents_survive_the_way() -> None:
    orders = Orders("127.0.0.1", 5060, 7, {"agent001": "s"}, Manners(talk_s=(1.0, 2.0)))
    assert Orders.from_json(orders.to_json()) == orders


def test_streams_are_apart_and_repeat() -> None:
    draws = [stream(1, name).random() for name in ("a", "b", "a")]
    assert draws[0] == draws[2] != draws[1]


@pytest.mark.parametrize(("sample", "code"), [(0, 0xD5), (-1, 0x55), (32767, 0xAA), (-32768, 0x2A), (1000, 0xFA)])
def test_alaw_of_known_samples(sample: int, code: int) -> None:
    assert alaw(sample) == code


def test_sounds_have_the_length_asked_for(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", 2.5)
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getnframes(), file.getframerate(), file.getnchannels()) == (20000, 8000, 1)
    write_pcap(tmp_path / "a.pcap", 1)
    assert (tmp_path / "a.pcap").stat().st_size == 24 + 50 * (16 + 14 + 20 + 8 + 12 + FRAME)


def test_the_same_seed_brings_the_same_citizens_of_every_mood() -> None:
    def day(seed: int) -> list[object]:
        chance = random.Random(seed)
        return [draw(chance, ("1555", "11320")) for _ in range(200)]

    assert day(1) == day(1) != day(2)
    callers = [draw(random.Random(n), ("1555", "11320", "2106241888")) for n in range(300)]
    assert {caller.mood for caller in callers} == set(Mood)
    assert {caller.language for caller in callers} == {"el", "en"}
    assert {caller.group.number for caller in callers} == {"1555", "11320", "2106241888"}


def test_the_demo_tells_what_it_does_and_who_sits_where() -> None:
    agents = [f"agent{n:03}" for n in range(1, 26)]
    demo = Demo("127.0.0.1", 5060, dict.fromkeys(agents, "s"), agents)
    assert "25 agents take seats: 20 pyVoIP, 5 baresip" in demo.describe()[0]
    with pytest.raises(PhonesError, match="agent099"):
        Demo("127.0.0.1", 5060, {}, ["agent099"]).describe()


def test_who_starts_at_the_same_moment_gets_other_media_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIPp binds them only a moment later; until then they are free for whoever asks the system."""
    asked = [ports.media_port() for _ in range(15)]
    assert len(set(asked)) == 15
    other = subprocess.run(
        [sys.executable, "-c", f"from simulator.sip import ports; print(ports._claimed('media-{asked[0]}'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout == "False\n", "nor does another process get them"
    later = time.monotonic() + ports.BOUND_WITHIN_S + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert ports._claimed("again") and len(ports._claims) == 1
    ports._claims.pop("again")[0].close()


def test_many_phones_a_minute_find_media_ports() -> None:
    """As four files of tests side by side start them; and a large group keeps all of its own."""
    asked = [ports.media_port() for _ in range(200)]
    first = ports.media_port(300)
    many = range(first, first + 4 * 300)
    assert len(set(asked)) == 200 and not set(asked) & set(many)
    assert not any(ports._claimed(f"media-{slot}") for slot in many[:: ports.SLOT])
    while ports._claims:
        ports._claims.popitem()[1][0].close()


def test_our_ports_are_apart_from_those_that_the_kernel_gives_away() -> None:
    """And from each other's, and from those of a line as it is shipped."""
    kinds = {
        "signalling": ports.OURS,
        "farm": range(ports.FARM_SOUND[0], ports.FARM_SOUND[1] + 1),
        "line": range(ports.LINE_SOUND[0], ports.LINE_SOUND[1] + 1),
        "pyVoIP": range(scripted.RTP_FIRST, scripted.RTP_FIRST + scripted.LIMIT * scripted.RTP_EACH),
        "SIPp": ports.SIPP_SOUND,
        "the kernel": range(32768, 61000),  # Linux's default
        "the shipped line": range(10000, 15000),
    }
    for (one, mine), (other, theirs) in combinations(kinds.items(), 2):
        assert mine.stop <= theirs.start or theirs.stop <= mine.start, (one, other)


def test_a_claimed_port_is_nobody_else_s() -> None:
    asked = [ports.free_port(2) for _ in range(20)]
    pairs = {port for first in asked for port in (first, first + 1)}
    assert len(pairs) == 40 and pairs <= set(ports.OURS)
    argv = [sys.executable, "-c", f"from simulator.sip import ports; print(ports._claimed('port-{asked[0]}'))"]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_port_that_is_taken_by_tcp_alone_is_not_free() -> None:
    port = ports.free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert not ports.is_free(port)
    assert ports.is_free(port)


def test_a_phone_of_the_farm_listens_by_udp_alone_where_baresip_can(tmp_path: Path) -> None:
    config = BaresipFiles(tmp_path, 30001, 30003).config()
    assert "sip_transports udp\n" in config and "rtp_ports 16000-19999\n" in config
