"""Defaults: what the core's settings begin with is what the YAML may leave out, and stands there alone."""

from __future__ import annotations

from dataclasses import fields
from typing import Any


def default_of(kind: type, name: str) -> Any:
    """The default of a field of the core's settings. Raises ``StopIteration`` where there is no such field."""
    return next(field.default for field in fields(kind) if field.name == name)
