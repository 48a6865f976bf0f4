"""List what the studio has to record: each text, its file, about how long it is, and what is there already."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sites import Site

from . import recordings
from .prompts import file_name
from .recordings import RecordingError, StudioRecording

_PACE = {"el": (0.062, 0.38), "en": (0.052, 0.45)}
"""Seconds a character and a pause. Fitted to the 254 sounds that espeak-ng makes of the shipped site at the pace
of ``prompts.WORDS_PER_MINUTE``: 0.13 s (Greek) and 0.18 s (English) off on average. A calm speaker takes as long."""

_PAUSES = ".,;:!?·"
COLUMNS = ("language", "file", "seconds", "state", "text")


@dataclass(frozen=True, slots=True)
class Take:
    """One file to record. ``recording`` where it is there and good, ``wrong`` where it is there and broken."""

    language: str
    file: str
    text: str
    seconds: float
    recording: StudioRecording | None = None
    wrong: str = ""

    @property
    def state(self) -> str:
        """Tell whether it is recorded, with its doubts, or broken, and why, or still to record."""
        if self.recording is not None:
            return "; ".join(("recorded", *self.recording.doubts))
        return f"broken: {self.wrong}" if self.wrong else "to record"

    def row(self) -> dict[str, object]:
        """By ``COLUMNS``; the length is that of the recording where there is one."""
        seconds = self.recording.seconds if self.recording else self.seconds
        return dict(zip(COLUMNS, (self.language, self.file, round(seconds, 1), self.state, self.text), strict=True))


def takes(site: Site) -> list[Take]:
    """Everything the line says, in the order of ``prompts.yaml``, language by language."""
    return [
        _take(site.recordings, language, file_name(text.id, number), text.text(language, number))
        for language in site.line.menus.languages
        for text in site.texts.values()
        for number in text.variants()
    ]


def estimated_s(text: str, language: str) -> float:
    """About how long it takes to say it."""
    character, pause = _PACE.get(language, _PACE["el"])
    return character * len(text) + pause * sum(text.count(mark) for mark in _PAUSES)


def write_csv(file: Path, of: Iterable[Take]) -> None:
    """For a spreadsheet; with the mark that makes Excel read it as UTF-8."""
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictWriter(stream, COLUMNS)
        rows.writeheader()
        rows.writerows(take.row() for take in of)


def _take(folder: Path, language: str, name: str, text: str) -> Take:
    file = f"{language}/{name}.wav"
    recording, wrong = None, ""
    if (folder / file).exists():
        try:
            recording = recordings.look(folder / file)
        except RecordingError as error:
            wrong = str(error)
    return Take(language, file, text, estimated_s(text, language), recording, wrong)
