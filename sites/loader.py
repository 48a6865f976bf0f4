"""Loads YAML files into the model: reads, validates, and reports all errors at once, each with its place.

``load`` works for any file of a site with a model of ``schema.py``'s kind. A part that is wrong (one node, one queue)
is left out, so that the rest can still be judged in the same run; ``Loaded.broken`` remembers what was left out.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from calls import Problem, QueueId
from ivr import CommonKeys, Entry, Menus
from ivr.texts import Numbered, PromptText, Texts

from . import parts, schema, schema_line, schema_menus
from .findings import Finding
from .yamlfile import MAX_PROBLEMS, Document, Keys, described, read

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Loaded(Generic[Model]):
    """One file: what could be read, its problems, and the parts that were left out."""

    file: str
    model: Model | None
    document: Document | None
    problems: tuple[Problem, ...] = ()
    broken: frozenset[Keys] = field(default=frozenset())

    def broken_names(self, section: str) -> frozenset[str]:
        """Give the names under ``section`` that are in the file but could not be read."""
        return frozenset(str(keys[1]) for keys in self.broken if len(keys) > 1 and keys[0] == section)

    def problem(self, keys: Keys, found: str, expected: str) -> Problem:
        """Make a problem at the place of these keys; without a line number if the file could not be read."""
        document = self.document or Document(self.file, None, {})
        return document.problem(keys, found, expected)


def load(path: Path, model: type[Model]) -> Loaded[Model]:
    """Read and validate one file. Never raises for its content: the problems are in the result."""
    document, problems = read(path)
    if document is None:
        return Loaded(str(path), None, None, tuple(problems))
    try:
        return Loaded(str(path), model.model_validate(document.value), document, tuple(problems))
    except ValidationError as error:
        details = error.errors(include_url=False)
    problems += [_explain(document, model, detail) for detail in details[:MAX_PROBLEMS]]
    if len(details) > MAX_PROBLEMS:
        problems.append(document.problem((), f"{len(details):,} problems", "the first ones put right"))
    broken = frozenset(_keys(document.value, detail["loc"])[:2] for detail in details)
    return Loaded(str(path), _without(model, document.value, broken), document, tuple(problems), broken)


def problems_of(findings: Iterable[Finding], files: Mapping[str, Loaded[Any]]) -> list[Problem]:
    """Turn the checker's findings into problems with places."""
    return [files[finding.file].problem(finding.keys, finding.found, finding.expected) for finding in findings]


_MARKS = ("[key]", schema.TEXT, schema.MAPPING)
"""Marks in pydantic's locations that are not in the file."""

# --- pydantic's complaints in our words -------------------------------------------------------------------------------

_EXPECTED = {
    "missing": "this key",
    "string_type": 'text (numbers need quotes: "15")',
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
    "literal_error": "{expected}",
    "enum": "{expected}",
    "union_tag_invalid": "{expected_tags}",
    "union_tag_not_found": "a key type, e.g. type: say",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "greater_than": "more than {gt}",
    "less_than": "less than {lt}",
    "too_short": "at least {min_length}",
    "too_long": "at most {max_length}",
    "expected": "{expected}",
}


_IN_YAML = {"True": "true", "False": "false"}


def _explain(document: Document, model: type[BaseModel], error: ErrorDetails) -> Problem:
    loc = tuple(part for part in error["loc"] if part not in _MARKS)
    keys = _keys(document.value, loc)
    if error["type"] == "extra_forbidden":
        known = _known_keys(model, loc[:-1])
        return document.problem(keys, "an unknown key", f"one of {', '.join(known)}" if known else "no such key")
    if error["type"] == "union_tag_invalid":
        keys = (*keys, "type")
    known_type = _EXPECTED.get(error["type"])  # pydantic's own words may have braces of the file in them
    expected = known_type.format(**error.get("ctx", {})) if known_type else error["msg"]
    expected = _IN_YAML.get(expected, expected)
    missing = error["type"] in ("missing", "union_tag_not_found")
    said = error.get("ctx", {}).get("found")  # our words, if the value itself would say nothing
    return document.problem(keys, "nothing" if missing else said or described(_found(error)), expected)


def _found(error: ErrorDetails) -> object:
    if error["type"] == "union_tag_invalid":
        return error["ctx"]["tag"]
    return error["input"]


def _keys(value: Any, loc: tuple[str | int, ...]) -> Keys:
    """Pydantic's location without what is not in the file: the names of union members, the mark of a key."""
    keys: list[str | int] = []
    for index, part in enumerate(loc):
        inside = isinstance(value, dict) and part in value
        inside = inside or (isinstance(value, list) and isinstance(part, int) and part < len(value))
        if inside:
            value = value[part]
        elif part == "[key]" or index < len(loc) - 1:
            continue
        keys.append(part)
    return tuple(keys)


def _known_keys(kind: Any, loc: tuple[str | int, ...]) -> list[str]:
    """List the keys that a mapping at ``loc`` may have, from the models."""
    for part in loc:
        kind = _inside(_bare(kind), part)
    kind = _bare(kind)
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return []
    own = kind.__annotations__  # the keys of this part first, then those of all such parts
    inherited = {known.alias or name for name, known in kind.model_fields.items() if name not in own}
    return sorted(_by_key(kind), key=inherited.__contains__)


def _by_key(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Give a model's fields by their keys in a file, such as ``from``, which cannot be a Python name."""
    return {known.alias or name: known for name, known in model.model_fields.items()}


def _inside(kind: Any, part: str | int) -> Any:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        known = _by_key(kind).get(str(part))
        return known.annotation if known else None
    if get_origin(kind) in (Union, types.UnionType):
        return next((m for m in get_args(kind) if _tag(m) == part), None)
    return (get_args(kind) or (None,))[-1]


def _bare(kind: Any) -> Any:
    """Give the type without ``Annotated`` and ``| None``."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in (Union, types.UnionType):
        members = [m for m in get_args(kind) if m is not type(None)]
        return _bare(members[0]) if len(members) == 1 else kind
    return kind


def _tag(member: type[BaseModel]) -> str:
    (tag,) = get_args(member.model_fields["type"].annotation)
    return str(tag)


def _without(model: type[Model], value: object, broken: Iterable[Keys]) -> Model | None:
    """Make the model without the broken parts; None if that is not possible."""
    if not isinstance(value, dict):
        return None
    rest = {key: dict(part) if isinstance(part, dict) else part for key, part in value.items()}
    for keys in broken:
        section = rest.get(str(keys[0])) if keys else None
        if len(keys) == 2 and isinstance(section, dict):
            section.pop(str(keys[1]), None)
        elif keys:
            rest.pop(str(keys[0]), None)
    try:
        return model.model_validate(rest)
    except ValidationError:
        return None


# --- from the files' models to ours -----------------------------------------------------------------------------------


def menus(line: schema_line.LineFile, tree: schema_menus.MenusFile) -> Menus:
    """Make the menus of ``line.yaml`` and ``menus.yaml``. Not checked yet: see ``checker.check``."""
    topics = {name: part for name, part in line.topics.items() if isinstance(part, schema_line.TopicPart)}
    validities = {name: validity for name, part in topics.items() if (validity := parts.validity(part))}
    return Menus(
        entries={n: Entry(n, part.start, parts.assignments(part.sets)) for n, part in line.numbers.items()},
        nodes={name: part.node(name, validities) for name, part in tree.nodes.items()},
        languages=tuple(line.languages),
        topics={name: QueueId(part if isinstance(part, str) else part.queue) for name, part in line.topics.items()},
        operator_queue=QueueId(line.operator_queue),
        keys=CommonKeys(line.keys.repeat, line.keys.back, line.keys.operator),
        after_call=line.after_call,
        banners=tuple(line.banners),
        hours={name: parts.hours(part) for name, part in line.hours.items()},
        topic_validity=validities,
        silent_s=line.silent_s,
    )


def texts(prompts: schema.PromptsFile) -> Texts:
    """Make the texts of ``prompts.yaml``, by prompt id."""
    plain = {name: PromptText(name, plain=dict(said)) for name, said in prompts.prompts.items()}
    return plain | {name: _numbered(name, part) for name, part in prompts.numbered.items()}


def _numbered(name: str, part: schema.NumberedPart) -> PromptText:
    said = {
        language: Numbered(text.each, text.more, {int(n): special for n, special in text.only.items()})
        for language, text in part.texts.items()
    }
    return PromptText(name, numbered=said, upto=part.upto)
