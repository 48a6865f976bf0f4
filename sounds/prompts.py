"""Sound files of all prompts: texts spoken by espeak-ng, or a studio's recording where there is one.

    OUT/el/topic.choose.wav -> ../.spoken/3f9c....wav
    OUT/el/waiting.position.3.wav -> ...

A sound is named by what it was made from (text, voice, way of making), so an unchanged text is never spoken again, and
a sound that is playing is never changed. A prompt's file is a link to its sound, replaced in one step.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from calls import Problem, SettingsError
from calls.commands import Prompt
from ivr.texts import PromptText, Texts

from .recordings import LONGEST_S, SHORTEST_S, RecordingError, look, size_problem

VERSION = "2"
"""Part of every sound's name: another way of making them is another number."""

CACHE = ".spoken"
RATE = 8000
WORDS_PER_MINUTE = {"el": 150, "en": 155}
TOOL_TIMEOUT_S = 120.0

# Whatever the rate, the channels and the loudness: first the peak is set, so that a quiet recording comes out as a loud
# one would; then the level is made even, and the peak set again. Voices come out at -20 to -22 dB (their active parts),
# whether they come in at full scale or 36 dB below. No dither, so that equal text is equal sound.
LEVEL = [
    "norm",
    "-3",
    "channels",
    "1",
    "rate",
    str(RATE),
    "highpass",
    "100",
    "compand",
    "0.01,0.2",
    "-70,-70,-45,-30,-20,-14,0,-8",
    "norm",
    "-3",
]
# espeak-ng leaves silences of its own around a text: one short pause instead.
TRIM = ["silence", "1", "0.01", "0.1%", "reverse", "silence", "1", "0.01", "0.1%", "reverse", "pad", "0.05", "0.25"]

Progress = Callable[[int, int], None]
"""Called with how many sounds are done and how many there are."""


class PromptError(Exception):
    """The sounds cannot be made on this machine; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Built:
    """Counts of the files: spoken anew, recorded (converted anew), and kept from before."""

    spoken: int
    recorded: int
    kept: int


@dataclass(frozen=True, slots=True)
class Sound:
    """One prompt's file: ``name`` is what its sound is called; ``recording`` where there is one, else ``text``."""

    file: str
    name: str
    text: str
    voice: str
    language: str
    recording: Path | None = None


def prompt_file(texts: Texts, prompt: Prompt, language: str) -> str:
    """The sound of a prompt, relative to the sounds' folder and without ``.wav``: ``el/waiting.position.3``."""
    text = texts.get(prompt.id)
    number = text.clip(prompt.number) if text else prompt.number
    return f"{language}/{file_name(prompt.id, number)}"


def sounds_of(texts: Texts, languages: Iterable[str], recordings: Path | None = None) -> list[Sound]:
    """Every sound of these texts. Raises ``SettingsError`` for recordings that cannot be read or belong to nothing."""
    languages = tuple(languages)
    recorded = _recordings(texts, languages, recordings)
    return [
        _sound(text, number, language, recorded)
        for language in languages
        for text in texts.values()
        for number in text.variants()
    ]


def make(sounds: Sequence[Sound], out_dir: Path, progress: Progress | None = None) -> Built:
    """Make those that are not there yet, on all cores. No prompt sounds different for it before ``link``.

    Raises ``PromptError`` where espeak-ng or sox is missing or fails, ``SettingsError`` for recordings of no use.
    """
    kept = [sound for sound in sounds if _is_made(out_dir, sound)]
    wanted = {sound.name: sound for sound in sounds if not _is_made(out_dir, sound)}
    if wanted:
        _need("sox", *(("espeak-ng",) if any(not s.recording for s in wanted.values()) else ()))
    _make_all(out_dir, list(wanted.values()), progress)
    recorded = sum(1 for sound in wanted.values() if sound.recording)
    return Built(len(sounds) - len(kept) - recorded, recorded, len(kept))


def link(sounds: Iterable[Sound], out_dir: Path) -> None:
    """From now on every prompt's file is this sound: what Asterisk's own menu says, and who looks into the folder."""
    for sound in sounds:
        _link(out_dir, sound)


def place(name: str) -> str:
    """Give the place of the sound of that name, relative to the sounds' folder and without ``.wav``."""
    return f"{CACHE}/{name}"


# --- what is to be made -----------------------------------------------------------------------------------------------


def file_name(prompt: str, number: int | None) -> str:
    """The file of a prompt's text, or of its text for a number, without folder and ``.wav``."""
    return prompt if number is None else f"{prompt}.{number}"


def _sound(text: PromptText, number: int | None, language: str, recorded: dict[str, Path]) -> Sound:
    file, voice = f"{language}/{file_name(text.id, number)}", _voice(language)
    said, recording = text.text(language, number), recorded.get(file)
    made_from = recording.read_bytes() if recording else f"{voice}\0{_speed(language)}\0{said}".encode()
    name = hashlib.sha256(VERSION.encode() + b"\0" + made_from).hexdigest()[:24]
    return Sound(file, name, said, voice, language, recording)


def _recordings(texts: Texts, languages: tuple[str, ...], folder: Path | None) -> dict[str, Path]:
    """``<language>/<prompt>`` -> its recording. A file no prompt is called by is most likely misnamed: refused."""
    if folder is None or not folder.is_dir():
        return {}
    known = {
        f"{language}/{file_name(text.id, number)}"
        for language in languages
        for text in texts.values()
        for number in text.variants()
    }
    found = {path.relative_to(folder).with_suffix("").as_posix(): path for path in sorted(folder.rglob("*.wav"))}
    unknown = [_bad(path, "a recording no prompt is called by") for name, path in found.items() if name not in known]
    unusable = [_bad(path, why) for path in found.values() if (why := _unusable(path))]
    if unknown or unusable:
        raise SettingsError(unknown + unusable)
    return found


def _unusable(path: Path) -> str:
    readable = path.is_file() and os.access(path, os.R_OK)
    return size_problem(path) if readable else "a file that cannot be read"


def _bad(recording: Path, found: str) -> Problem:
    return Problem(str(recording), 1, 1, "(recording)", found, "<language>/<prompt id>.wav, a sound of a prompt")


def _speed(language: str) -> int:
    return WORDS_PER_MINUTE.get(language, 150)


_MBROLA = {"el": "gr2", "en": "en1"}
_ESPEAK = {"en": "en-gb"}


@cache
def _voice(language: str) -> str:
    """The better mbrola voice where it is installed, else espeak-ng's own."""
    mbrola = _MBROLA.get(language)
    if mbrola and shutil.which("mbrola") and Path("/usr/share/mbrola", mbrola, mbrola).is_file():
        return f"mb-{mbrola}"
    return _ESPEAK.get(language, language)


# --- making -----------------------------------------------------------------------------------------------------------


def _cached(out: Path, sound: Sound) -> Path:
    return out / f"{place(sound.name)}.wav"


def _is_made(out: Path, sound: Sound) -> bool:
    return _cached(out, sound).is_file()


def _need(*tools: str) -> None:
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        raise PromptError(f"not installed: {', '.join(missing)} (Debian: apt install {' '.join(missing)})")


def _make_all(out: Path, sounds: list[Sound], progress: Progress | None) -> None:
    (out / CACHE).mkdir(parents=True, exist_ok=True)
    bad: list[Problem] = []
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        jobs = [pool.submit(_make, out, sound) for sound in sounds]
        try:
            for done, job in enumerate(as_completed(jobs), 1):
                bad += job.result()
                if progress:
                    progress(done, len(jobs))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    if bad:
        raise SettingsError(bad)


def _make(out: Path, sound: Sound) -> list[Problem]:
    """Make one sound beside its place, look at it, then put it there. Returns what is wrong with a recording."""
    with tempfile.TemporaryDirectory(dir=out / CACHE) as folder:
        made = Path(folder, "made.wav")
        try:
            if sound.recording:
                look(sound.recording)
                _sox(sound.recording, made, LEVEL)
            else:
                _sox(_speak(sound, Path(folder)), made, TRIM + LEVEL)
            _look_at(made)
        except (PromptError, RecordingError) as error:
            if sound.recording:
                return [_bad(sound.recording, str(error))]
            raise
        made.replace(_cached(out, sound))
    return []


def _speak(sound: Sound, folder: Path) -> Path:
    """The text goes in by a file: nothing in it is ever an option or a command."""
    text, spoken = folder / "text", folder / "spoken.wav"
    text.write_text(sound.text, encoding="utf-8")
    speed = str(_speed(sound.language))
    _run("espeak-ng", "-v", sound.voice, "-s", speed, "-b", "1", "-f", str(text), "-w", str(spoken))
    return spoken


def _sox(source: Path, target: Path, effects: list[str]) -> None:
    wav = ["-t", "wav", str(source), "-t", "wav", "-e", "signed-integer", "-b", "16", "-c", "1", "-r", str(RATE)]
    _run("sox", "-V1", "-R", "-D", *wav, str(target), *effects)


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, timeout=TOOL_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        raise PromptError(f"{command[0]} did not end within {TOOL_TIMEOUT_S:g} s") from None
    except OSError as error:
        raise PromptError(f"{command[0]} could not be started: {error.strerror}") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise PromptError(" ".join([f"{command[0]} failed ({done.returncode}):", *said]))


def _look_at(made: Path) -> None:
    try:
        with wave.open(str(made), "rb") as sound:
            seconds = sound.getnframes() / sound.getframerate()
    except (wave.Error, EOFError, OSError) as error:
        raise PromptError(f"no sound came of it: {error}") from error
    if not SHORTEST_S < seconds < LONGEST_S:
        raise PromptError(f"a sound of {seconds:.2f} s")


def _link(out: Path, sound: Sound) -> None:
    """The prompt's file, replaced in one step where it is not yet this sound."""
    target, points_to = out / f"{sound.file}.wav", f"../{place(sound.name)}.wav"
    if target.is_symlink() and str(target.readlink()) == points_to:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(points_to)
    fresh.replace(target)
