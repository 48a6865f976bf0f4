"""Typed values as plain data and back, by their annotations: what a checkpoint is made of.

A dataclass, a named tuple or a plain class that declares fields becomes a mapping by their names, an enum its value, a
mapping a mapping, every other collection a list (a set in order). A plain class declares in its body what is kept: what
has no default there is given to its ``__init__`` by name, the rest is set afterwards. What ``__init__`` works out is
annotated there, and not kept. Only the classes that the annotations name are ever made of plain data:

    Offer(id="o1", state=OfferState.RINGING, ...)   <->   {"id": "o1", "state": "ringing", ...}

How a class is written and read is worked out once. What the writer of the bytes takes as it is, is handed on untouched.
"""

from __future__ import annotations

import types
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from calls import ContractError, annotations_of, required_of

Convert = Callable[[Any], Any]
Wired = Mapping[tuple[type, str], Callable[[], Any]]
"""Fields that are not written, by class and name: what makes the value that stands there until the reader's owner puts
the right one in its place."""

AS_IT_IS: tuple[Any, ...] = (str, int, float, bool, bytes, type(None))


class Form(NamedTuple):
    """How values of one annotation are written and read; None: as they are."""

    write: Convert | None = None
    read: Convert | None = None


class Forms:
    """The forms of all annotations. ``ignored``: fields that were read and that no class has, as ``Class.field``."""

    def __init__(self, wired: Wired) -> None:
        self.ignored: set[str] = set()
        self._wired = wired
        self._known: dict[Any, Form] = {}

    def of(self, hint: Any) -> Form:
        """Give the form. Raises ``TypeError`` for an annotation that has none."""
        hint = getattr(hint, "__supertype__", hint)
        if hint not in self._known:
            self._known[hint] = self._made(hint)
        return self._known[hint]

    def _made(self, hint: Any) -> Form:
        origin, inner = get_origin(hint), get_args(hint)
        if hint in AS_IT_IS or origin is Literal:
            return Form()
        if origin in (Union, types.UnionType):
            return self._optional([one for one in inner if one is not type(None)], hint)
        if origin is tuple and inner[-1] is not Ellipsis:
            return _fixed([self.of(one) for one in inner])
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return _mapping(self.of(inner[0]), self.of(inner[1]))
        if isinstance(origin, type) and issubclass(origin, Collection):
            return _collection(origin, self.of(inner[0]))
        if isinstance(hint, type) and issubclass(hint, Enum):
            return Form(None, hint)
        if isinstance(hint, type) and annotations_of(hint):
            return self._record(hint)
        raise TypeError(f"{hint} cannot be written")

    def _optional(self, kinds: list[Any], hint: Any) -> Form:
        forms = {self.of(kind) for kind in kinds}
        if len(forms) != 1:
            raise TypeError(f"{hint} cannot be written: it could be several things")
        write, read = forms.pop()
        return Form(_unless_none(write), _unless_none(read))

    def _record(self, kind: Any) -> Form:
        hints, forms, made = annotations_of(kind), {}, {}
        for name, maxlen in _names(kind).items():
            if (kind, name) in self._wired:
                made[name] = self._wired[kind, name]
            else:
                form = self.of(hints[name])
                forms[name] = form if maxlen is None else Form(form.write, _at_most(form.read, maxlen))
        whole = is_dataclass(kind) and not made and all(form.write is None for form in forms.values())
        return Form(None if whole else _writer(forms), self._reader(kind, forms, made))

    def _reader(self, kind: Any, forms: dict[str, Form], made: dict[str, Callable[[], Any]]) -> Convert:
        def read(plain: Any) -> Any:
            values = {name: make() for name, make in made.items()}
            for name, value in _items(plain, kind):
                if name not in forms:
                    self.ignored.add(f"{kind.__name__}.{name}")
                    continue
                convert = forms[name].read
                try:
                    values[name] = value if convert is None else convert(value)
                except (KeyError, TypeError, ValueError) as error:
                    raise ContractError(f"{kind.__name__}.{name}: {error}") from error
            try:
                return make_whole(values)
            except TypeError as error:
                raise ContractError(f"{kind.__name__}: {error}") from error

        make_whole = _maker(kind)
        return read


def _names(kind: Any) -> dict[str, int | None]:
    """List the fields that are written; of a bounded deque with its bound."""
    if not is_dataclass(kind):
        return dict.fromkeys(annotations_of(kind))
    return {one.name: _bound(one.default_factory) for one in fields(kind) if one.init}


def _maker(kind: Any) -> Callable[[dict[str, Any]], Any]:
    """Give what makes an object of all its fields; those left out keep their defaults."""
    if is_dataclass(kind) or hasattr(kind, "_fields"):
        return lambda values: kind(**values)
    required = required_of(kind)

    def make(values: dict[str, Any]) -> Any:
        made = kind(**{name: value for name, value in values.items() if name in required})
        for name, value in values.items():
            if name not in required:
                setattr(made, name, value)
        return made

    return make


def _bound(factory: Any) -> int | None:
    default = None if factory is MISSING else factory()
    return default.maxlen if isinstance(default, deque) else None


def _items(plain: Any, kind: Any) -> Collection[tuple[str, Any]]:
    if not isinstance(plain, dict):
        raise ContractError(f"{kind.__name__}: {type(plain).__name__} where its fields were expected")
    return plain.items()


def _writer(forms: dict[str, Form]) -> Convert:
    writes = [(name, form.write) for name, form in forms.items()]

    def write(value: Any) -> Any:
        plain = {}
        for name, convert in writes:
            inner = getattr(value, name)
            plain[name] = inner if convert is None else convert(inner)
        return plain

    return write


def _unless_none(convert: Convert | None) -> Convert | None:
    return None if convert is None else lambda value: None if value is None else convert(value)


def _fixed(forms: list[Form]) -> Form:
    writes, reads = [form.write or _same for form in forms], [form.read or _same for form in forms]
    untouched = all(form.write is None for form in forms)
    return Form(
        None if untouched else lambda value: [write(one) for write, one in zip(writes, value, strict=True)],
        lambda plain: tuple([read(one) for read, one in zip(reads, plain, strict=True)]),
    )


def _mapping(keys: Form, values: Form) -> Form:
    write, read_key, read = values.write, keys.read or _same, values.read or _same
    if keys.write is not None:
        raise TypeError("a mapping's keys must be written as they are")
    return Form(
        None if write is None else lambda value: {key: write(one) for key, one in value.items()},
        lambda plain: {read_key(key): read(one) for key, one in plain.items()},
    )


def _collection(origin: type, item: Form) -> Form:
    make = list if issubclass(list, origin) else origin
    write, read = item.write or _same, item.read or _same
    ordered: Convert = sorted if issubclass(origin, set | frozenset) else _same
    untouched = item.write is None and issubclass(origin, list | tuple)
    return Form(
        None if untouched else lambda value: ordered([write(one) for one in value]),
        lambda plain: make([read(one) for one in plain]),
    )


def _at_most(read: Convert | None, maxlen: int) -> Convert:
    return lambda plain: deque((read or _same)(plain), maxlen)


def _same(value: Any) -> Any:
    return value
