"""Generated sound for phones: a quiet tone as WAV (baresip), as raw A-law (rtp_stream) and as RTP packets (pcap)."""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

RATE = 8000
FRAME = 160  # samples in 20 ms
_PERIOD = 20  # samples: 400 Hz, so one second holds whole periods and repeats without a click


def tone(level: int = 1500) -> list[int]:
    """Make one second of a 400 Hz tone, 16-bit samples."""
    return [round(level * math.sin(2 * math.pi * n / _PERIOD)) for n in range(RATE)]


def write_wav(path: Path, seconds: float) -> None:
    """Write the tone, for so long, as a WAV file: mono, 16 bits, ``RATE`` samples a second."""
    second = struct.pack(f"<{RATE}h", *tone())
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((second * math.ceil(seconds))[: int(seconds * RATE) * 2])


def alaw(sample: int) -> int:
    """Encode a 16-bit sample in A-law (ITU-T G.711)."""
    sign, size = (0x80, sample) if sample >= 0 else (0x00, -sample - 1)
    size = min(size, 32767) >> 4
    exponent = max(size.bit_length() - 4, 1)
    mantissa = (size >> (exponent if size >= 32 else 1)) & 0x0F
    return (sign | ((exponent - (size < 16)) << 4) | mantissa) ^ 0x55


def alaw_second() -> bytes:
    """Give one second of the tone as A-law (G.711), a byte a sample."""
    return bytes(alaw(sample) for sample in tone())


def write_alaw(path: Path) -> None:
    """Write one second as raw A-law, to be repeated."""
    path.write_bytes(alaw_second())


def write_pcap(path: Path, seconds: float) -> None:
    """Write RTP packets of A-law, 20 ms each, over Ethernet, IPv4 and UDP; SIPp sets its own addresses."""
    second = alaw_second()
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for number in range(math.ceil(seconds * 50)):
            start = number % 50 * FRAME
            packet = _packet(number, second[start : start + FRAME])
            file.write(struct.pack("<IIII", number // 50, number % 50 * 20000, len(packet), len(packet)) + packet)


def _packet(number: int, sound: bytes) -> bytes:
    rtp = struct.pack(">BBHII", 0x80, 8, number & 0xFFFF, number * FRAME & 0xFFFFFFFF, 0x1555) + sound
    udp = struct.pack(">HHHH", 6000, 6000, 8 + len(rtp), 0) + rtp
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, b"\x7f\0\0\1", b"\x7f\0\0\1") + udp
    return bytes(12) + b"\x08\x00" + ip
