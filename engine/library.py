"""Settings by their digests: an event names them, so a journal can be replayed across a publication."""

from __future__ import annotations

from typing import Protocol

from .settings import LineSettings


class Library(Protocol):
    """Kept beside the journal, or in memory."""

    def add(self, settings: LineSettings) -> str:
        """Keep them; returns the digest that a ``SettingsPublished`` names them by."""

    def get(self, digest: str) -> LineSettings | None:
        """The settings; None where nobody has added them."""


class Shelf:
    """In memory, for lines without a journal: a digest is the place on the shelf."""

    def __init__(self) -> None:
        self._kept: list[LineSettings] = []

    def add(self, settings: LineSettings) -> str:
        self._kept.append(settings)
        return str(len(self._kept) - 1)

    def get(self, digest: str) -> LineSettings | None:
        return self._kept[int(digest)] if digest.isdigit() and int(digest) < len(self._kept) else None
