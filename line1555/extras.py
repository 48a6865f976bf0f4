"""Packages that only some lines need are installed when asked for, e.g. ``pip install 'line1555[plan]'``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

EXTRAS = {
    "plan": ("numpy", "scipy", "matplotlib"),
    "cluster": ("distributed",),
    "demo": ("pyVoIP", "audioop"),
    "postgres": ("psycopg",),
    "mqtt": ("aiomqtt",),
}
"""The modules of each (``pyproject.toml`` has the distributions)."""


class MissingExtra(Exception):
    """A part of the product that is not installed; the text says how to get it."""


@contextmanager
def needs(extra: str) -> Iterator[None]:
    """The block imports what belongs to the extra. Raises ``MissingExtra`` where that is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        module = (error.name or "").split(".")[0]
        if module not in EXTRAS[extra]:
            raise
        raise MissingExtra(_words(module, extra)) from error


def require(extra: str) -> None:
    """Raises ``MissingExtra`` where one of its modules is not installed."""
    for module in EXTRAS[extra]:
        if find_spec(module) is None:
            raise MissingExtra(_words(module, extra))


def _words(module: str, extra: str) -> str:
    return f"{module} is not installed: pip install 'line1555[{extra}]'"
