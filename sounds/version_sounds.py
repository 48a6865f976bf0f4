"""Sounds of the prompts in each edition of the menus: a caller who began with one hears it to the end of the call."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

from calls.commands import Prompt
from ivr import BEEP, PAUSE
from ivr.texts import Texts

from .prompts import Sound, place, prompt_file

MOST_PATHS: Final = 10_000
"""Paths that are remembered: prompts say numbers, and there are many."""


class VersionSounds:
    """The sounds of every edition that somebody may still hear; the driver's ``PromptPath`` is ``path``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[int, tuple[Texts, Mapping[str, str]]] = {}
        self._newest = 0
        self._paths: dict[tuple[Prompt, str, int | None], str] = {}

    def add(self, version: int, texts: Texts, sounds: Iterable[Sound], *, newest: bool = True) -> None:
        """Another edition."""
        self._paths.clear()
        self._known[version] = texts, {sound.file: sound.name for sound in sounds}
        if newest:
            self._newest = version

    def keep(self, used: Collection[int]) -> None:
        """Forget the editions that nobody hears any more; the newest stays."""
        self._paths.clear()
        self._known = {number: known for number, known in self._known.items() if number in {*used, self._newest}}

    def path(self, prompt: Prompt, language: str, version: int | None = None) -> str:
        """The sound of a prompt as the edition has it; what it does not have sounds as in the newest.

        A message or banner that came later may be said to callers of an older edition.
        """
        wanted = prompt, language, version
        path = self._paths.get(wanted)
        if path is None:
            if len(self._paths) >= MOST_PATHS:
                self._paths.clear()
            path = self._paths[wanted] = self._path(prompt, language, version)
        return path

    def _path(self, prompt: Prompt, language: str, version: int | None) -> str:
        if prompt in (PAUSE, BEEP):
            return f"{self._folder}/{prompt.id}"
        known = self._known.get(self._newest if version is None else version)
        texts, names = known if known and prompt.id in known[0] else self._known[self._newest]
        file = prompt_file(texts, prompt, language)
        return f"{self._folder}/{place(names[file]) if file in names else file}"
