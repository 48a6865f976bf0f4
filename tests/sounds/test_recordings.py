"""What is said of a studio's WAV files, good and broken."""

from __future__ import annotations

import contextlib
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sounds.recordings import RecordingError, look, recording, size_problem
from tests.sounds.wavs import EXTENSIBLE, FLOAT, PCM, interleaved, riff, tone, wav

RATES, WIDTHS = (8000, 16000, 44100, 48000), (8, 16, 24, 32)
GOOD = tone(0.2, 8000)
HEADERS = tuple(wav(tone(0.06, 8000), 8000, bits, 2, kind) for bits, kind in ((16, PCM), (24, EXTENSIBLE), (32, FLOAT)))


@pytest.mark.parametrize(("rate", "bits", "channels"), list(product(RATES, WIDTHS, (1, 2))))
def test_any_rate_width_and_number_of_channels(rate: int, bits: int, channels: int) -> None:
    found = recording(wav(tone(0.2, rate), rate, bits, channels))
    assert (found.rate, found.bits, found.channels) == (rate, bits, channels)
    assert found.seconds == pytest.approx(0.2)
    assert found.peak_db == pytest.approx(-6.0, abs=0.2)
    assert found.doubts == ()


@pytest.mark.parametrize(("bits", "kind"), [(24, EXTENSIBLE), (16, EXTENSIBLE), (32, FLOAT)])
def test_the_other_ways_to_write_it(bits: int, kind: int) -> None:
    found = recording(wav(GOOD, 8000, bits, kind=kind))
    assert found.bits == bits
    assert found.peak_db == pytest.approx(-6.0, abs=0.2)


@pytest.mark.parametrize("bits", WIDTHS)
@pytest.mark.parametrize("channels", [1, 2])
def test_clipped_is_a_doubt(bits: int, channels: int) -> None:
    found = recording(wav(tone(0.1, 8000, peak=2.0, hertz=100), 8000, bits, channels))
    assert found.clipped == 20 * channels
    assert found.doubts == (f"clipped in {20 * channels} place(s): recorded too loud",)


def test_as_loud_as_can_be_is_not_clipped() -> None:
    assert recording(wav(tone(1, 44100, peak=0.99999), 44100)).clipped == 0


def test_very_quiet_is_a_doubt() -> None:
    (doubt,) = recording(wav(tone(0.2, 8000, peak=0.01), 8000)).doubts
    assert "very quiet (peak -40 dB)" in doubt


CUT = wav(GOOD, 8000)[:-1000]
SHAPE = (8000, 16, 1, PCM)
BROKEN = {
    "empty": (b"", "no WAV file"),
    "text": (b"no sound", "no WAV file"),
    "an MP3": (b"ID3\x04" + bytes(100), "an MP3 file"),
    "a header alone": (wav(GOOD, 8000)[:12], "does not say how it is written"),
    "no sound": (wav(GOOD, 8000)[:36], "without sound in it"),
    "cut off": (CUT, "cut off: 2,200 of 3,200 bytes"),
    "a lie about the length": (riff(*SHAPE, b"\1\2" * 900, 99_999), "cut off: 1,800 of 99,999 bytes"),
    "silent": (wav([0.0] * 2000, 8000), "silence"),
    "noise nobody hears": (wav(tone(0.2, 8000, peak=0.001), 8000), "silence"),
    "silent in 8 bits": (wav([0.0] * 2000, 8000, 8), "silence"),
    "channels against each other": (interleaved([GOOD, [-v for v in GOOD]], 8000), "cancel each other out"),
    "too short": (wav(tone(0.01, 8000), 8000), "a sound of 0.01 s"),
    "no samples": (wav([], 8000), "a sound of 0.00 s"),
    "too long": (riff(*SHAPE, b"\1\2" * 8000 * 181), "a sound of 181.00 s"),
    "six channels": (interleaved([GOOD] * 6, 8000), "6 channels"),
    "a telephone's own": (riff(8000, 8, 1, 7, bytes(2000)), "kind 7 with 8 bits"),
    "12 bits": (riff(8000, 12, 1, PCM, bytes(2000)), "12 bits"),
    "too few samples": (wav(GOOD, 4000), "4,000 samples a second"),
    "no numbers": (riff(8000, 32, 1, FLOAT, b"\0\0\xc0\x7f" * 2000), "no numbers"),
}


@pytest.mark.parametrize(("raw", "said"), BROKEN.values(), ids=BROKEN)
def test_broken(raw: bytes, said: str) -> None:
    with pytest.raises(RecordingError, match=said):
        recording(raw)


def test_a_file_cut_anywhere_is_told_or_used() -> None:
    raw = wav(tone(0.06, 8000), 8000, 24, 2)
    for length in range(len(raw)):
        with pytest.raises(RecordingError):
            recording(raw[:length])


def test_written_into_a_pipe_goes_to_its_end() -> None:
    assert recording(riff(*SHAPE, wav(GOOD, 8000)[-3200:], 0xFFFFFFFF)).seconds == pytest.approx(0.2)


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RecordingError, match="No such file"):
        look(tmp_path / "x.wav")
    with pytest.raises(RecordingError, match="Is a directory"):
        look(tmp_path)
    monkeypatch.setattr("sounds.recordings.LARGEST_BYTES", 10)
    (tmp_path / "x.wav").write_bytes(wav(GOOD, 8000))
    with pytest.raises(RecordingError, match="a file of 0 MB: at most 0 MB"):
        look(tmp_path / "x.wav")


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 255)), min_size=1, max_size=4), st.sampled_from(HEADERS))
def test_whatever_stands_in_its_header(changes: list[tuple[int, int]], raw: bytes) -> None:
    """Used or refused in words."""
    changed = bytearray(raw)
    for at, value in changes:
        changed[at] = value
    with contextlib.suppress(RecordingError):
        assert recording(bytes(changed)).seconds > 0


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    """140 MB (a sparse file): told with its size and the limit, by whoever looks and by what lists the recordings."""
    file = tmp_path / "el" / "welcome.wav"
    file.parent.mkdir()
    with file.open("wb") as handle:
        handle.truncate(140_000_000)
    assert size_problem(file) == "a file of 140 MB: at most 40 MB (48 kHz, mono, 16 bits are enough for a telephone)"
    with pytest.raises(RecordingError, match="140 MB: at most 40 MB"):
        look(file)
