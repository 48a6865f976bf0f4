"""Judge a studio's WAV file: its shape, how loud it is, and whether anybody should hear it.

Looks at the bytes only; ``prompts`` turns a good one into what Asterisk plays. Python's ``wave`` is not asked: it knows
no WAVE_FORMAT_EXTENSIBLE before 3.12, which is what studios deliver for 24 bits, no floats, and no file cut off.

Format: Multimedia Programming Interface and Data Specifications 1.0 (IBM, Microsoft, 1991), and Microsoft's "Multiple
Channel Audio Data and WAVE Files" for the extensible one.
"""

from __future__ import annotations

import math
import re
import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from operator import add
from pathlib import Path

LARGEST_BYTES = 40_000_000
"""180 s of 48 kHz, stereo, 16 bits. A running line looks at what is published: it must not be busy."""
SHORTEST_S, LONGEST_S = 0.05, 180.0
RATES = (8_000, 192_000)
SILENT_DB, QUIET_DB = -50.0, -35.0
"""Peaks: below the first nobody hears anything, below the second the noise comes up with the voice."""
CLIPPED_SAMPLES = 4
"""Samples in a row at full scale that tell clipping. A file made as loud as can be has one or two."""

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_UNKNOWN_LENGTH = 0xFFFFFFFF
_FULL = re.compile(rb"(?:\xff\x7f){%d,}|(?:\x00\x80|\x01\x80){%d,}" % (CLIPPED_SAMPLES, CLIPPED_SAMPLES))


class RecordingError(Exception):
    """A recording nobody can or should hear; the message says what was found."""


@dataclass(frozen=True, slots=True)
class StudioRecording:
    """A recording that can be used. ``clipped``: how often it was cut at full scale. ``peak_db``: 0 is full scale."""

    rate: int
    bits: int
    channels: int
    seconds: float
    peak_db: float
    clipped: int = 0

    @property
    def doubts(self) -> tuple[str, ...]:
        """Say what the studio should know; the recording is used all the same."""
        clipped = f"clipped in {self.clipped} place(s): recorded too loud" if self.clipped else ""
        quiet = f"very quiet (peak {self.peak_db:.0f} dB): its noise will be heard" if self.peak_db < QUIET_DB else ""
        return tuple(filter(None, (clipped, quiet)))


def look(file: Path) -> StudioRecording:
    """The recording in a file. Raises ``RecordingError`` where it is broken, silent or no WAV file."""
    try:
        if too_large := size_problem(file):
            raise RecordingError(too_large)
        return recording(file.read_bytes())
    except OSError as error:
        raise RecordingError(error.strerror or str(error)) from error


def size_problem(file: Path) -> str:
    """Say what is wrong with its size, in words; empty where nothing is. Nothing is read. Raises ``OSError``."""
    size, most = file.stat().st_size / 1_000_000, LARGEST_BYTES / 1_000_000
    way_out = "48 kHz, mono, 16 bits are enough for a telephone"
    return f"a file of {size:.0f} MB: at most {most:.0f} MB ({way_out})" if size > most else ""


def recording(raw: bytes) -> StudioRecording:
    """The same of the bytes of a file."""
    chunks = dict(_chunks(raw))
    shape = _Shape.of(chunks.get(b"fmt "))
    data = chunks.get(b"data")
    if data is None:
        raise RecordingError("a WAV file without sound in it")
    frames = len(data) // shape.frame
    seconds = frames / shape.rate
    if not SHORTEST_S < seconds < LONGEST_S:
        raise RecordingError(f"a sound of {seconds:.2f} s")
    channels = [shape.samples(data[: frames * shape.frame], channel) for channel in range(shape.channels)]
    peak_db = _heard(channels)
    clipped = sum(_cuts(samples) for samples in channels)
    return StudioRecording(shape.rate, shape.bits, shape.channels, seconds, peak_db, clipped)


# --- the container ----------------------------------------------------------------------------------------------------

_OTHERS = {
    b"ID3": "an MP3",
    b"\xff\xfb": "an MP3",
    b"OggS": "an Ogg",
    b"fLaC": "a FLAC",
    b"FORM": "an AIFF",
    b"RF64": "an RF64",
}
"""Beginnings of files that are often given the name of a WAV file."""


def _chunks(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    if raw[:4] != b"RIFF" or raw[8:12] != b"WAVE":
        other = next((name for magic, name in _OTHERS.items() if raw.startswith(magic)), "no WAV")
        raise RecordingError(f"{other} file")
    at = 12
    while at + 8 <= len(raw):
        name, length = raw[at : at + 4], int.from_bytes(raw[at + 4 : at + 8], "little")
        at += 8
        left = len(raw) - at
        if name == b"data" and length == _UNKNOWN_LENGTH:  # written into a pipe: to the end
            length = left
        if length > left and name == b"data":
            raise RecordingError(f"a file that was cut off: {left:,} of {length:,} bytes of sound")
        yield name, raw[at : at + length]
        at += length + length % 2


@dataclass(frozen=True, slots=True)
class _Shape:
    """Form in which samples are written."""

    rate: int
    bits: int
    channels: int
    floats: bool

    @classmethod
    def of(cls, chunk: bytes | None) -> _Shape:
        """Read the ``fmt`` chunk of a WAV file.

        Raises ``RecordingError`` for none, and unless it is PCM of 8 to 32 bits or float of 32, mono or stereo, at a
        rate (Hz) within ``RATES``.
        """
        if chunk is None or len(chunk) < 16:
            raise RecordingError("a WAV file that does not say how it is written")
        kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", chunk[:16])
        if kind == _EXTENSIBLE and len(chunk) >= 26:
            kind = int.from_bytes(chunk[24:26], "little")
        widths = {_PCM: (8, 16, 24, 32), _FLOAT: (32,)}.get(kind, ())
        if bits not in widths:
            raise RecordingError(f"a WAV file of kind {kind} with {bits} bits: expected PCM, 8 to 32 bits")
        if channels not in (1, 2):
            raise RecordingError(f"{channels} channels: expected mono or stereo")
        if not RATES[0] <= rate <= RATES[1]:
            raise RecordingError(f"{rate:,} samples a second: expected {RATES[0]:,} to {RATES[1]:,}")
        return cls(rate, bits, channels, kind == _FLOAT)

    @property
    def frame(self) -> int:
        """Bytes of one sample of all channels."""
        return self.bits // 8 * self.channels

    def samples(self, data: bytes, channel: int) -> array[int]:
        """One channel in 16 bits: what is cut off below is nothing a telephone lets through."""
        if self.floats:
            return _sixteen_of_floats(data, self.channels, channel)
        width, start = self.bits // 8, self.bits // 8 * channel
        both = bytearray(len(data) // self.frame * 2)
        if width == 1:  # unsigned, the others are signed; full scale is to be full scale
            both[0::2] = data[start :: self.frame].translate(_FULL_OF_EIGHT)
            both[1::2] = data[start :: self.frame].translate(_SIGNED)
        else:
            both[0::2] = data[start + width - 2 :: self.frame]
            both[1::2] = data[start + width - 1 :: self.frame]
        return _native(bytes(both))


_FULL_OF_EIGHT = bytes(255 if value == 255 else 0 for value in range(256))
_SIGNED = bytes((value + 128) % 256 for value in range(256))


def _native(little: bytes) -> array[int]:
    samples = array("h", little)
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def _sixteen_of_floats(data: bytes, channels: int, channel: int) -> array[int]:
    values = array("f", data)
    if sys.byteorder == "big":
        values.byteswap()
    mine = values[channel::channels]
    if not all(map(math.isfinite, mine)):
        raise RecordingError("samples that are no numbers")
    return array("h", (int(max(-1.0, min(1.0, value)) * 32767) for value in mine))


# --- the sound --------------------------------------------------------------------------------------------------------


def _heard(channels: list[array[int]]) -> float:
    """The peak in dB of what a telephone plays: the channels together."""
    peak = _peak(channels[0]) if len(channels) == 1 else _peak(list(map(add, *channels))) / 2
    silent = 32768 * 10 ** (SILENT_DB / 20)
    if peak <= silent:
        cancelled = any(_peak(samples) > silent * 4 for samples in channels)
        raise RecordingError("two channels that cancel each other out" if cancelled else "silence")
    return 20 * math.log10(peak / 32768)


def _peak(samples: array[int] | list[int]) -> int:
    return max(max(samples), -min(samples))


def _cuts(samples: array[int]) -> int:
    little = array("h", samples)
    if sys.byteorder == "big":
        little.byteswap()
    return sum(1 for run in _FULL.finditer(little.tobytes()) if run.start() % 2 == 0)
