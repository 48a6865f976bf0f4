"""Which languages have words for numbers."""

from __future__ import annotations

from collections.abc import Mapping

from .english import English
from .greek import Greek
from .tongue import Tongue

TONGUES: Mapping[str, Tongue] = {"el": Greek(), "en": English()}


def tongue(language: str) -> Tongue | None:
    """Give the words of a language; None if there are none yet."""
    return TONGUES.get(language)
