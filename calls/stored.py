"""Values that go to other processes: a compiled frozen dataclass cannot be unpickled by itself."""

from __future__ import annotations

from dataclasses import fields
from typing import Any


class Stored:
    """Base of frozen dataclasses in compiled files: pickled and copied by their fields."""

    def __reduce__(self) -> tuple[Any, ...]:
        kind: Any = type(self)
        known = {field.name: getattr(self, field.name) for field in fields(kind) if field.init}
        return _made_again, (kind, known)


def _made_again(kind: Any, known: dict[str, Any]) -> Any:
    return kind(**known)
