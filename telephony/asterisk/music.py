"""Music on hold of our own: a calm loop of soft chords, made once by sox, free of anybody's rights."""

from __future__ import annotations

import subprocess
from pathlib import Path

CHORDS = ("C3 G3 E4 B4", "A2 E3 C4 G4", "F2 C3 A3 E4", "G2 D3 B3 D4")
CHORD_S = 6


class MusicError(RuntimeError):
    """sox is missing or failed."""


def make_music(folder: Path) -> None:
    """Makes `calm.wav` and `calm.alaw` (8 kHz mono) in `folder` unless they are there; raises MusicError.

    A-law is what the trunk speaks: a hundred waiting callers then cost no transcoding.
    """
    wanted = [folder / "calm.wav", folder / "calm.alaw"]
    if all(path.exists() for path in wanted):
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    chords = [_chord(folder / f".chord{number}.wav", notes) for number, notes in enumerate(CHORDS)]
    for path in wanted:
        fresh = folder / f".new{path.suffix}"
        kind = ("-t", "al") if path.suffix == ".alaw" else ("-t", "wav", "-e", "signed", "-b", "16")
        _sox(*map(str, chords), "-r", "8000", "-c", "1", *kind, str(fresh), "reverb", "30", "norm", "-14")
        fresh.replace(path)
    for chord in chords:
        chord.unlink()


def _chord(path: Path, notes: str) -> Path:
    """One chord: each further tone is mixed into the ones before it; it swells and fades, so that chords flow."""
    first, *more = map(_hertz, notes.split())
    tones = [*_tone(first), *(word for note in more for word in _tone(note, "mix"))]
    _sox(
        "-n",
        "-r",
        "8000",
        "-c",
        "1",
        "-b",
        "16",
        str(path),
        *tones,
        "fade",
        "q",
        "1.5",
        str(CHORD_S),
        "2",
        "gain",
        "-12",
    )
    return path


def _tone(hertz: str, *mix: str) -> tuple[str, ...]:
    return ("synth", str(CHORD_S), "sine", *mix, hertz)


def _hertz(note: str) -> str:
    semitones = {"C": -9, "D": -7, "E": -5, "F": -4, "G": -2, "A": 0, "B": 2}[note[0]]
    return f"{440 * 2 ** ((semitones + 12 * (int(note[1]) - 4)) / 12):.2f}"


def _sox(*words: str) -> None:
    try:
        done = subprocess.run(["sox", "-q", *words], capture_output=True, text=True)
    except OSError as error:
        raise MusicError("sox is missing: run `make packages`") from error
    if done.returncode:
        raise MusicError(f"sox could not make the music on hold: {done.stderr.strip()}")
