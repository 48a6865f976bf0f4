"""The studio's list: what is to be recorded, and what came back."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from line1555.cli.default_site import DEFAULT_SITE
from line1555.cli.main import app
from sites import load_site
from sounds.studio import estimated_s, takes
from tests.sounds.wavs import tone, wav

runner = CliRunner()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The shipped site with one good recording, one that is too loud, and one that is broken."""
    folder = Path(shutil.copytree(DEFAULT_SITE, tmp_path / "site"))
    for name, raw in {
        "el/common.goodbye": wav(tone(2, 44100), 44100, 24, 2),
        "en/common.goodbye": wav(tone(1, 8000, peak=3), 8000),
        "el/common.invalid": wav(tone(2, 8000), 8000)[:500],
    }.items():
        file = folder / "recordings" / f"{name}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(raw)
    return folder


def test_every_text_of_every_language_has_a_file(site: Path) -> None:
    loaded = load_site(site)
    listed = takes(loaded)
    variants = sum(len(text.variants()) for text in loaded.texts.values())
    assert len({take.file for take in listed}) == len(listed) == 2 * variants
    by_file = {take.file: take for take in listed}
    assert by_file["el/waiting.minutes.21.wav"].text == "Ο χρόνος αναμονής είναι το πολύ είκοσι ένα λεπτά."
    states = {file: by_file[file].state for file in ("el/common.goodbye.wav", "en/common.goodbye.wav")}
    assert states["el/common.goodbye.wav"] == "recorded"
    assert states["en/common.goodbye.wav"].startswith("recorded; clipped in ")
    assert by_file["el/common.invalid.wav"].state.startswith("broken: a file that was cut off")
    assert by_file["el/topic.choose.wav"].state == "to record"


def test_lengths_are_about_right() -> None:
    """What espeak-ng needs for these two: 3.6 s and 2.1 s."""
    assert 3 < estimated_s("Ο χρόνος αναμονής είναι το πολύ είκοσι ένα λεπτά.", "el") < 4.2
    assert 1.6 < estimated_s("Thank you for calling. Goodbye.", "en") < 2.9


def test_the_command(site: Path, tmp_path: Path) -> None:
    table = tmp_path / "texts.csv"
    result = runner.invoke(app, ["prompts", "list", "--site", str(site), "--csv", str(table)])
    assert result.exit_code == 1, "one recording is broken"
    assert table.read_bytes().startswith(b"\xef\xbb\xbflanguage,file,seconds,state,text\r\n")
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["language"] for row in rows} == {"el", "en"} and len(rows) == len(takes(load_site(site)))
    (goodbye,) = [row for row in rows if row["file"] == "el/common.goodbye.wav"]
    assert (goodbye["seconds"], goodbye["state"]) == ("2.0", "recorded")


def test_only_what_is_missing_in_a_language(site: Path) -> None:
    (site / "recordings/el/common.invalid.wav").unlink()
    command = ["prompts", "list", "--site", str(site), "--language", "el", "--missing", "--json"]
    result = runner.invoke(app, command)
    rows = json.loads(result.output)
    assert result.exit_code == 0
    assert {row["language"] for row in rows} == {"el"}
    assert "el/common.goodbye.wav" not in {row["file"] for row in rows}
    assert "el/topic.choose.wav" in runner.invoke(app, command[:-1]).output
