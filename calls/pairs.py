"""A name with a value, as a service is asked for it or answers it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Named:
    """``value`` may name a person: no text of this object shows it."""

    name: str
    value: str = field(repr=False)
