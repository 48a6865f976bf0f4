"""Settings by their digests: an event names them, so a journal can be replayed across a publication."""

from __future__ import annotations

from typing import Protocol

from .settings import LineSettings


class Library(Protocol):
    """Stores settings by digest, beside the journal or in memory."""

    def add(self, settings: LineSettings) -> str:
        """Store settings. Returns the digest by which a ``SettingsPublished`` names them."""

    def get(self, digest: str) -> LineSettings | None:
        """Return the settings; None if they were never added."""


class Shelf:
    """Stores settings in memory, for lines without a journal; the digest is the position in the list."""

    def __init__(self) -> None:
        self._kept: list[LineSettings] = []

    def add(self, settings: LineSettings) -> str:
        self._kept.append(settings)
        return str(len(self._kept) - 1)

    def get(self, digest: str) -> LineSettings | None:
        return self._kept[int(digest)] if digest.isdigit() and int(digest) < len(self._kept) else None
