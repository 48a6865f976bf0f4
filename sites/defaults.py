"""Defaults of what the YAML may leave out: those of the core's settings, defined only there."""

from __future__ import annotations

from dataclasses import fields
from typing import Any


def default_of(kind: type, name: str) -> Any:
    """Give the default of a field of the core's settings. Raises ``StopIteration`` if there is no such field."""
    return next(field.default for field in fields(kind) if field.name == name)
