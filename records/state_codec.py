"""State as bytes, with the number of its format: what a journal keeps as a checkpoint. No bytes are ever run.

MessagePack: a mapping of ``format``, ``by`` (the version that wrote it) and ``state``, in which every record has the
names of its fields (``plain``). So a field that is new with a default, or gone, needs nothing; for all else an upgrade
brings the plain data of one format to the next. A format that is newer than this version is refused in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from calls import ContractError

from .plain import Forms, Wired

T = TypeVar("T")
Upgrade = Callable[[Any], Any]
"""Takes the plain state of one format and gives that of the next."""

MAGIC = b"1555 state\n"


class Decoded(NamedTuple, Generic[T]):
    """A state that was read. ``by`` wrote it, in ``format``; ``ignored``: fields that no class has any more."""

    state: T
    by: str
    format: int
    ignored: tuple[str, ...]


class StateCodec(Generic[T]):
    """Writes and reads states of one class. ``upgrades[n]`` makes format ``n + 1`` of ``n``; the newest is written."""

    def __init__(self, kind: type[T], upgrades: Mapping[int, Upgrade], wired: Wired) -> None:
        self.format = max(upgrades, default=0) + 1
        self._upgrades, self._forms = upgrades, Forms(wired)
        self._form = self._forms.of(kind)

    def encode(self, state: T, by: str) -> bytes:
        """Serialise a state; equal states give equal bytes."""
        plain = state if self._form.write is None else self._form.write(state)
        return _packed(_Whole(self.format, by, plain))

    def decode(self, data: bytes) -> Decoded[T]:
        """Restore a state. Raises ``ContractError`` for what this version cannot read, in words."""
        found, by, plain = msgspec.structs.astuple(_unpacked(data))
        where = f"a state in format {found}, written by version {by}"
        if found > self.format:
            raise ContractError(f"{where}: this version reads up to {self.format}")
        self._forms.ignored.clear()
        try:
            state = self._read(plain, found)
        except (AttributeError, ContractError, IndexError, KeyError, TypeError, ValueError) as error:
            raise ContractError(f"{where}, cannot be read: {type(error).__name__}: {error}") from error
        return Decoded(state, by, found, tuple(sorted(self._forms.ignored)))

    def _read(self, plain: Any, found: int) -> T:
        for number in range(found, self.format):
            plain = self._upgrades[number](plain)
        state: T = plain if self._form.read is None else self._form.read(plain)
        return state


def replaced(data: bytes, replace: Callable[[str], str]) -> bytes | None:
    """Give the same state with every text replaced; None where nothing differs. Raises ``ContractError``."""
    whole = _unpacked(data)
    after = _texts(whole.state, replace)
    return _packed(_Whole(whole.format, whole.by, after)) if after != whole.state else None


def is_state(data: bytes) -> bool:
    """Tell whether these bytes are a state as it is written here, of any format."""
    return data.startswith(MAGIC)


class _Whole(msgspec.Struct):
    """What the bytes hold."""

    format: int
    by: str
    state: Any


def _packed(whole: _Whole) -> bytes:
    try:
        return MAGIC + msgspec.msgpack.encode(whole)
    except UnicodeEncodeError:  # a lone surrogate, from outside: no encoding has it
        return MAGIC + msgspec.msgpack.encode(_texts(msgspec.to_builtins(whole), _storable))


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _unpacked(data: bytes) -> _Whole:
    if not is_state(data):
        raise ContractError("not a state of this kind: a version before the first format wrote it, or it is damaged")
    try:
        return msgspec.msgpack.decode(data[len(MAGIC) :], type=_Whole)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ContractError(f"a damaged state: {error}") from error


def _texts(plain: Any, replace: Callable[[str], str]) -> Any:
    if isinstance(plain, str):
        return replace(plain)
    if isinstance(plain, dict):
        return {_texts(key, replace): _texts(value, replace) for key, value in plain.items()}
    if isinstance(plain, list | tuple):
        return [_texts(value, replace) for value in plain]
    return plain
