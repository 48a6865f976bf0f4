"""Music for those who wait, and a beep. Made here, so nobody's rights are touched and no file needs to be shipped.

Slow broken chords of soft plucked notes; the end runs into the beginning, so it can loop for ever. The same samples
every time.
"""

from __future__ import annotations

import math
import sys
import wave
from array import array
from functools import cache
from operator import add
from pathlib import Path

RATE = 8000
FOLDER = "music"
BEAT_S = 0.5
RING_S = 3.0
PAUSE_S = 0.35
PEAK = 0.25
"""Part of full scale: music stays below the voice that interrupts it."""

# C, a, F, G and their neighbours, as steps from A4 (440 Hz); each chord is played twice, up and down.
CHORDS = ((-21, -9, -5, -2), (-24, -12, -9, -5), (-28, -16, -12, -9), (-26, -14, -10, -7)) * 2
CHORDS_VARIED = (*CHORDS[:4], (-21, -9, -2, 3), (-24, -12, -5, 0), (-28, -12, -9, -4), (-26, -10, -7, -2))
PATTERN = (0, 1, 2, 3, 2, 1, 2, 1) * 2


def build(out_dir: Path) -> tuple[Path, Path]:
    """``music/calm.wav`` (a folder of its own, as music on hold wants) and ``beep.wav``, made where missing.

    So are ``pause.wav``, the silence between groups of digits, and ``silence/silence.wav``, the music that is none.
    """
    music, beep, pause = out_dir / FOLDER / "calm.wav", out_dir / "beep.wav", out_dir / "pause.wav"
    if not music.is_file():
        _write(music, melody())
    if not beep.is_file():
        _write(beep, _note(880.0, 0.25, 0.3))
    silence = out_dir / "silence" / "silence.wav"
    if not silence.is_file():
        _write(silence, [0.0] * (10 * RATE))
    if not pause.is_file():
        _write(pause, [0.0] * int(PAUSE_S * RATE))
    return music, beep


def melody() -> list[float]:
    """The samples of one round, -1 to 1."""
    steps = [chord[place] for chord in CHORDS_VARIED for place in PATTERN]
    samples = [0.0] * int(len(steps) * BEAT_S * RATE)
    notes = {step: _note(440.0 * 2 ** (step / 12), RING_S, 1.0) for step in set(steps)}
    for beat, step in enumerate(steps):
        _add(samples, notes[step], int(beat * BEAT_S * RATE))
    loudest = max(map(abs, samples))
    return [sample * PEAK / loudest for sample in samples]


def _note(hertz: float, seconds: float, strength: float) -> list[float]:
    """A tone with a little of the octave above."""
    turn = 2 * math.pi * hertz / RATE
    shape = _shape(int(seconds * RATE))
    return [strength * e * (math.sin(turn * i) + 0.2 * math.sin(2 * turn * i)) for i, e in enumerate(shape)]


@cache
def _shape(count: int) -> list[float]:
    """A soft attack, a long fall, an end without a click."""
    return [min(1.0, i / 80) * math.exp(-3.5 * i / count) * min(1.0, (count - i) / 400) / 1.2 for i in range(count)]


def _add(samples: list[float], note: list[float], at: int) -> None:
    """Mix a note in; what rings on beyond the end is heard at the beginning."""
    fits = len(samples) - at
    samples[at : at + len(note)] = map(add, samples[at : at + len(note)], note)
    if fits < len(note):
        _add(samples, note[fits:], 0)


def _write(path: Path, samples: list[float]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    values = array("h", (round(sample * 32767) for sample in samples))
    if sys.byteorder == "big":
        values.byteswap()
    fresh = path.with_name(f".{path.name}.new")
    with wave.open(str(fresh), "wb") as sound:
        sound.setparams((1, 2, RATE, 0, "NONE", "not compressed"))
        sound.writeframes(values.tobytes())
    fresh.replace(path)
