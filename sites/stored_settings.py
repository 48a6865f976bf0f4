"""The engine's settings as text and back: the journal keeps the text of each version once, by its digest.

Every value says what it is, so the text can be read without the site's folder, and only the classes that
``LineSettings`` is made of are ever made of it:

    {"": "QueueSettings", "id": "pensions", ...}    an object by its fields
    {"": "dict", "items": [[key, value], ...]}      also: "set"
    {"": "AgentAction", "value": "log_in"}          an enum's member
    [...]                                            a tuple; everything else is as JSON has it
"""

from __future__ import annotations

import hashlib
import json
import types
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, Union, get_args, get_origin

from calls import ContractError, annotations_of
from engine import LineSettings
from ivr.nodes import NODES, Node

KIND = ""
"""The key that says what an object is; no field has this name."""


def settings_digest(text: str) -> str:
    """Give the digest of settings: SHA-256 of their text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def settings_to_text(settings: LineSettings) -> str:
    """Serialise settings as ASCII JSON; equal settings give equal text. Raises ``TypeError`` for an unknown type."""
    return json.dumps(_plain(settings), separators=(",", ":"))


def settings_from_text(text: str) -> LineSettings:
    """Restore settings. Raises ``ContractError`` for what this version does not understand."""
    try:
        made = _made(json.loads(text))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ContractError(f"not settings of this version ({type(error).__name__}: {error})") from error
    if not isinstance(made, LineSettings):
        raise ContractError(f"not settings, but a {type(made).__name__}")
    return made


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return {KIND: type(value).__name__, "value": value.value}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, date):
        return {KIND: "datetime" if isinstance(value, datetime) else "date", "value": value.isoformat()}
    if isinstance(value, Mapping):
        return {KIND: "dict", "items": [[_plain(key), _plain(item)] for key, item in value.items()]}
    if isinstance(value, frozenset):
        return {KIND: "set", "items": [_plain(item) for item in sorted(value)]}
    if is_dataclass(value) or hasattr(value, "_fields"):
        return {KIND: type(value).__name__, **{name: _plain(getattr(value, name)) for name in _names(type(value))}}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    raise TypeError(f"settings hold a {type(value).__name__}")


def _made(plain: Any) -> Any:
    if isinstance(plain, list):
        return tuple([_made(item) for item in plain])
    if not isinstance(plain, dict):
        return plain
    match plain.pop(KIND):
        case "dict":
            return {_made(key): _made(item) for key, item in plain["items"]}
        case "set":
            return frozenset([_made(item) for item in plain["items"]])
        case "date":
            return date.fromisoformat(plain["value"])
        case "datetime":
            return datetime.fromisoformat(plain["value"])
        case name:
            kind = KINDS[name]
            if issubclass(kind, Enum):
                return kind(plain["value"])
            return kind(**{field: _made(value) for field, value in plain.items()})


def _names(kind: Any) -> tuple[str, ...]:
    """List the fields that the constructor takes, in its order: those by keyword only come last."""
    if is_dataclass(kind):
        return tuple(field.name for field in sorted(fields(kind), key=lambda field: bool(field.kw_only)) if field.init)
    return tuple(kind._fields)


def _kinds(hint: Any, seen: set[Any]) -> Iterator[type]:
    """List every class of ours that a value of this type may hold."""
    for inner in NODES if hint is Node else get_args(hint):
        yield from _kinds(inner, seen)
    if get_origin(hint) in (Union, types.UnionType) or not isinstance(hint, type) or hint in seen:
        return
    seen.add(hint)
    if hint is Node:
        return  # every node is of one of its types
    if issubclass(hint, Enum):
        yield hint
    elif is_dataclass(hint) or hasattr(hint, "_fields"):
        yield hint
        hints = annotations_of(hint)
        for name in _names(hint):
            yield from _kinds(hints[name], seen)


KINDS: dict[str, type] = {kind.__name__: kind for kind in _kinds(LineSettings, set())}
"""The closed set of classes in settings, by their names in the text; a renamed class keeps its name there."""
