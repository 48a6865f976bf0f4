"""Sound files from texts. The tools are played by a fake, but for the last tests, which speak for real."""

import math
import struct
import wave
from operator import sub
from pathlib import Path

import pytest

from calls import SettingsError
from calls.commands import Prompt
from ivr.texts import Numbered, PromptText, Texts
from sounds import Progress, PromptError, music, prompts
from sounds.prompts import Built, link, make, prompt_file, sounds_of
from tests.sounds import wavs

TEXTS = {
    "hello": PromptText("hello", plain={"el": "Γεια σας.", "en": "Hello."}),
    "place": PromptText(
        "place", numbered={"el": Numbered("Θέση {n}.", "Πολλοί."), "en": Numbered("{n}", "Many")}, upto=2
    ),
}
FILES = {f"{language}/{name}.wav" for language in ("el", "en") for name in ("hello", "place.1", "place.2", "place.3")}


def wav(path: Path, seconds: float = 0.5, rate: int = 8000, channels: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    tone = (int(9000 * math.sin(i / 4)) for i in range(int(seconds * rate)))
    with wave.open(str(path), "wb") as sound:
        sound.setparams((channels, 2, rate, 0, "NONE", "not compressed"))
        sound.writeframes(b"".join(struct.pack("<h", value) * channels for value in tone))
    return path


def build(
    texts: Texts,
    out: Path,
    languages: tuple[str, ...],
    progress: Progress | None = None,
    recordings: Path | None = None,
) -> Built:
    """Everything that is missing is made, and every prompt has its sound."""
    sounds = sounds_of(texts, languages, recordings)
    built = make(sounds, out, progress)
    link(sounds, out)
    return built


class Tools:
    """espeak-ng and sox as far as they matter: what was spoken, and a sound in its place."""

    def __init__(self) -> None:
        self.spoken: list[tuple[str, str]] = []
        self.converted: list[str] = []
        self.fails = ""

    def run(self, *command: str) -> None:
        if command[0] == self.fails:
            raise PromptError(f"{command[0]} failed (1): no voice")
        if command[0] == "espeak-ng":
            text, target = command[command.index("-f") + 1], command[command.index("-w") + 1]
            self.spoken.append((command[command.index("-v") + 1], Path(text).read_text(encoding="utf-8")))
            wav(Path(target))
        else:
            files = [part for part in command if part.endswith((".wav", "made.wav"))]
            self.converted.append(files[0])
            Path(files[1]).write_bytes(Path(files[0]).read_bytes())


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> Tools:
    fake = Tools()
    monkeypatch.setattr(prompts, "_run", fake.run)
    monkeypatch.setattr(prompts, "_need", lambda *_: None)
    monkeypatch.setattr(prompts, "_voice", lambda language: language)
    return fake


def made(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.glob("*/*.wav") if path.parent.name != ".spoken"}


def test_every_text_and_number_in_every_language(tmp_path: Path, tools: Tools) -> None:
    steps: list[tuple[int, int]] = []
    assert build(TEXTS, tmp_path, ("el", "en"), lambda *step: steps.append(step)) == Built(8, 0, 0)
    assert made(tmp_path) == FILES
    assert ("el", "Θέση δύο.") in tools.spoken
    assert ("en", "Many") in tools.spoken
    assert steps == [(n, 8) for n in range(1, 9)]


def test_an_unchanged_text_is_not_spoken_again(tmp_path: Path, tools: Tools) -> None:
    build(TEXTS, tmp_path, ("el",))
    assert build(TEXTS, tmp_path, ("el",)) == Built(0, 0, 4)
    changed = TEXTS | {"hello": PromptText("hello", plain={"el": "Χαίρετε."})}
    tools.spoken.clear()
    assert build(changed, tmp_path, ("el",)) == Built(1, 0, 3)
    assert tools.spoken == [("el", "Χαίρετε.")]


def test_hostile_text_is_only_text(tmp_path: Path, tools: Tools) -> None:
    text = "--help; $(touch x) `id` | \"'\n-w /etc/passwd"
    build({"x": PromptText("x", plain={"en": text})}, tmp_path, ("en",))
    assert tools.spoken == [("en", text)]


def test_a_recording_takes_the_place_of_the_text(tmp_path: Path, tools: Tools) -> None:
    out, studio = tmp_path / "out", tmp_path / "studio"
    build(TEXTS, out, ("el",))
    before = (out / "el/hello.wav").resolve()
    recording = wav(studio / "el/hello.wav", seconds=0.7)
    assert build(TEXTS, out, ("el",), recordings=studio) == Built(0, 1, 3)
    assert tools.converted[-1] == str(recording)
    assert (out / "el/hello.wav").resolve() != before
    assert before.is_file(), "a call may be hearing it"
    recording.unlink()
    assert build(TEXTS, out, ("el",), recordings=studio) == Built(0, 0, 4)
    assert (out / "el/hello.wav").resolve() == before


def test_recordings_that_are_misnamed_or_no_sound(tmp_path: Path, tools: Tools) -> None:
    wav(tmp_path / "el/helo.wav")
    with pytest.raises(SettingsError, match=r"helo\.wav:1:1: \(recording\): found a recording no prompt is called by"):
        build(TEXTS, tmp_path / "out", ("el",), recordings=tmp_path)
    (tmp_path / "el/helo.wav").rename(tmp_path / "el/hello.wav")
    (tmp_path / "el/place.1.wav").write_text("no sound")
    with pytest.raises(SettingsError, match=r"place\.1\.wav.*found no WAV file"):
        build(TEXTS, tmp_path / "out", ("el",), recordings=tmp_path)


def test_a_tool_that_fails_leaves_no_file(tmp_path: Path, tools: Tools) -> None:
    tools.fails = "espeak-ng"
    with pytest.raises(PromptError, match="no voice"):
        build(TEXTS, tmp_path, ("el",))
    assert made(tmp_path) == set()


def test_missing_tools_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PromptError, match=r"not installed: sox, espeak-ng \(Debian: apt install sox espeak-ng\)"):
        build(TEXTS, tmp_path, ("el",))


def test_the_file_of_a_prompt() -> None:
    assert prompt_file(TEXTS, Prompt("hello"), "el") == "el/hello"
    assert prompt_file(TEXTS, Prompt("hello", 3), "el") == "el/hello"
    assert [prompt_file(TEXTS, Prompt("place", n), "en") for n in (0, 2, 99)] == [
        "en/place.1",
        "en/place.2",
        "en/place.3",
    ]
    assert prompt_file(TEXTS, Prompt("unknown"), "en") == "en/unknown"


@pytest.mark.services
def test_music_is_calm_long_and_always_the_same(tmp_path: Path) -> None:
    calm, beep = music.build(tmp_path)
    with wave.open(str(calm), "rb") as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 1, 2)
        assert sound.getnframes() / sound.getframerate() == 64
        samples = memoryview(sound.readframes(sound.getnframes())).cast("h")
    assert 7000 < max(samples) < 9000, "a quarter of full scale"
    assert max(map(sub, samples[1:], samples)) < 4000, "no clicks"
    assert abs(samples[0] - samples[-1]) < 1000, "the end runs into the beginning"
    assert beep.stat().st_size > 3000
    assert music.build(tmp_path) == (calm, beep)


@pytest.mark.services
@pytest.mark.parametrize("written", [(8000, 8, 1), (16000, 16, 1), (44100, 24, 2), (48000, 16, 2), (48000, 32, 1)])
def test_recordings_of_any_shape_and_loudness_come_out_equally_loud(
    tmp_path: Path, written: tuple[int, int, int]
) -> None:
    """What a caller hears differs by less than half a dB between a recording at full scale and one 24 dB below."""
    rate, bits, channels = written
    levels = []
    for peak in (0.9, 0.9 / 16):
        studio, out = tmp_path / f"studio{peak}", tmp_path / f"out{peak}"
        voice = wavs.wav(wavs.syllables(1.5, rate, peak), rate, bits, channels)
        (studio / "en").mkdir(parents=True)
        (studio / "en" / "hello.wav").write_bytes(voice)
        texts = {"hello": TEXTS["hello"]}
        assert build(texts, out, ("en",), recordings=studio) == Built(0, 1, 0)
        with wave.open(str(out / "en/hello.wav"), "rb") as sound:
            assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 1, 2)
            samples = memoryview(sound.readframes(sound.getnframes())).cast("h")
        assert 1.4 < len(samples) / 8000 < 1.6
        assert 20_000 < max(map(abs, samples)) < 25_000, "-3 dB"
        levels.append(10 * math.log10(sum(value * value for value in samples) / len(samples) / 32768**2))
    assert abs(levels[0] - levels[1]) < (0.5 if bits > 8 else 1.5), levels


@pytest.mark.services
def test_real_speech_is_8_khz_mono_and_as_loud_as_a_recording(tmp_path: Path) -> None:
    studio = tmp_path / "studio"
    wav(studio / "en/hello.wav", seconds=1, rate=44100, channels=2)
    assert build(TEXTS, tmp_path / "out", ("el", "en"), recordings=studio) == Built(7, 1, 0)
    for name in FILES:
        with wave.open(str(tmp_path / "out" / name), "rb") as sound:
            assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 1, 2)
            samples = memoryview(sound.readframes(sound.getnframes())).cast("h")
        assert 0.3 < len(samples) / 8000 < 3
        assert 20_000 < max(map(abs, samples)) < 25_000, "-3 dB"


@pytest.mark.services
def test_a_voice_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="espeak-ng failed"):
        build({"x": PromptText("x", plain={"qq": "qq"})}, tmp_path, ("qq",))
