"""The settings of every version, kept in the journal once per digest."""

from __future__ import annotations

from collections.abc import Iterable

from engine import Library, LineSettings
from records import Journal
from sites import settings_digest, settings_from_text, settings_to_text


class Copied:
    """The settings that a copy of the line needs, in memory, so that it can be tried in any thread."""

    def __init__(self, library: Library, digests: Iterable[str]) -> None:
        self._known = {digest: library.get(digest) for digest in digests}

    def add(self, settings: LineSettings) -> str:
        """Take settings for the time of the trial."""
        digest = f"tried {len(self._known)}"
        self._known[digest] = settings
        return digest

    def get(self, digest: str) -> LineSettings | None:
        return self._known.get(digest)


class JournalLibrary:
    """The engine's ``Library``. What was read or added stays in memory."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._known: dict[str, LineSettings] = {}

    def add(self, settings: LineSettings) -> str:
        """Keep them, unless they are there. Never raises."""
        text = settings_to_text(settings)
        digest = settings_digest(text)
        self._known[digest] = settings
        self._journal.keep_settings(digest, text)
        return digest

    def get(self, digest: str) -> LineSettings | None:
        """The settings. Raises ``ContractError`` for those of another version of this code."""
        if digest not in self._known and (text := self._journal.settings(digest)) is not None:
            self._known[digest] = settings_from_text(text)
        return self._known.get(digest)
