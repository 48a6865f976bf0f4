"""WAV files made by hand, byte by byte: any rate, width and number of channels, and every way to be broken."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

Samples = Sequence[float]
"""-1 to 1."""

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE


def tone(seconds: float, rate: int, peak: float = 0.5, hertz: float = 440.0) -> list[float]:
    return [peak * math.sin(2 * math.pi * hertz * n / rate) for n in range(int(seconds * rate))]


def syllables(seconds: float, rate: int, peak: float = 0.5) -> list[float]:
    """Louder and softer four times a second, like a voice."""
    tones = tone(seconds, rate, peak, 330.0)
    return [value * abs(math.sin(2 * math.pi * 2 * n / rate)) for n, value in enumerate(tones)]


def wav(samples: Samples, rate: int, bits: int = 16, channels: int = 1, kind: int = PCM) -> bytes:
    """The same sound in every channel."""
    return interleaved([samples] * channels, rate, bits, kind)


def interleaved(channels: Sequence[Samples], rate: int, bits: int = 16, kind: int = PCM) -> bytes:
    floats = kind == FLOAT
    data = b"".join(_sample(value, bits, floats) for frame in zip(*channels, strict=True) for value in frame)
    return riff(rate, bits, len(channels), kind, data)


def riff(rate: int, bits: int, channels: int, kind: int, data: bytes, length: int | None = None) -> bytes:
    """The file around the sound; ``length`` where it lies about it. An odd chunk comes before the sound."""
    block = bits // 8 * channels
    shape = struct.pack("<HHIIHH", kind, channels, rate, rate * block, block, bits)
    if kind == EXTENSIBLE:
        shape += struct.pack("<HHIH", 22, bits, 0, PCM) + bytes.fromhex("000000001000800000aa00389b71")
    body = b"WAVE" + chunk(b"fmt ", shape) + chunk(b"LIST", b"odd") + chunk(b"data", data, length)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def chunk(name: bytes, data: bytes, length: int | None = None) -> bytes:
    return name + struct.pack("<I", len(data) if length is None else length) + data + b"\0" * (len(data) % 2)


def _sample(value: float, bits: int, floats: bool) -> bytes:
    if floats:
        return struct.pack("<f", value)
    whole = max(-(2 ** (bits - 1)), min(2 ** (bits - 1) - 1, round(value * 2 ** (bits - 1))))
    return bytes([whole + 128]) if bits == 8 else whole.to_bytes(bits // 8, "little", signed=True)
