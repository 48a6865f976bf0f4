"""Messages as plain JSON values and back: what the journal stores, MQTT sends and a replay reads.

``{"type": "CallArrived", "call": "n1-1", ...}``. Field order is the dataclass's, so equal messages give equal text.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import partial
from typing import Any, Union, get_args, get_origin

from . import commands, events, facts
from .annotations import annotations_of
from .errors import ContractError

Decoder = Callable[[Any], Any]


def encode(message: object) -> dict[str, Any]:
    """The message as JSON-ready values."""
    if not is_dataclass(message):
        raise ContractError(f"not a message: {message!r}")
    return {"type": type(message).__name__, **_plain_fields(message)}


def decode(plain: dict[str, Any]) -> Any:
    """The message again. Raises ``ContractError`` for an unknown type or fields that do not fit."""
    try:
        kind = _KINDS[plain["type"]]
        return _build(kind, {k: v for k, v in plain.items() if k != "type"})
    except (KeyError, TypeError, ValueError) as error:
        raise ContractError(f"not a message of this version: {plain!r} ({error})") from error


def _plain_fields(message: Any) -> dict[str, Any]:
    return {name: _plain(getattr(message, name)) for name in _names(type(message))}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return _plain_fields(value)


_NAMES: dict[type, tuple[str, ...]] = {}


def _names(kind: type) -> tuple[str, ...]:
    if kind not in _NAMES:
        _NAMES[kind] = tuple(f.name for f in fields(kind))
    return _NAMES[kind]


_DECODERS: dict[type, dict[str, Decoder]] = {}


def _build(kind: type, plain: dict[str, Any]) -> Any:
    if kind not in _DECODERS:
        _DECODERS[kind] = {name: _decoder(hint) for name, hint in annotations_of(kind).items()}
    decoders = _DECODERS[kind]
    return kind(**{name: decoders[name](value) for name, value in plain.items()})


def _decoder(hint: Any) -> Decoder:
    hint = getattr(hint, "__supertype__", hint)
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        (inner,) = (_decoder(a) for a in get_args(hint) if a is not type(None))
        return lambda value: None if value is None else inner(value)
    if origin is tuple:
        item = _decoder(get_args(hint)[0])
        return lambda value: tuple(item(v) for v in value)
    if isinstance(hint, type) and is_dataclass(hint):
        return partial(_build, hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint
    return lambda value: value


def _kinds(*unions: Any) -> dict[str, type]:
    return {kind.__name__: kind for union in unions for kind in get_args(union)}


_KINDS = _kinds(events.Event, facts.Fact, commands.Command)
