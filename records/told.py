"""The facts of journal rows, fit to be stored anywhere, and the rows of the reporting tables that they speak about."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from calls import ContractError, decode, facts

from .steps import Gap, Row, intact

TEXT_LIMIT = 250
_UNSTORABLE = dict.fromkeys([0, *range(0xD800, 0xE000)], "\ufffd")


@dataclass(frozen=True, slots=True)
class StepFacts:
    """The facts of one step, fit to be stored anywhere: see ``tell``."""

    seq: int
    now: float
    facts: tuple[facts.Fact, ...]
    gap: Gap | None


def tell(row: Row) -> StepFacts:
    """The facts of a journal row. Raises ``ContractError`` for a row that this version does not understand.

    Text is cut to ``TEXT_LIMIT`` characters (an index entry of PostgreSQL ends at 2.7 kB), NUL and lone surrogates
    become U+FFFD, and floats are finite: no caller can send what a database refuses.
    """
    if not intact(row):
        raise ContractError(f"journal row {row[0]} is damaged")
    seq, _, now, _, text, gap, _ = row
    try:
        plain = _storable(json.loads(text))
        return StepFacts(seq, now, tuple(map(decode, plain)), None if gap is None else Gap(**json.loads(gap)))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ContractError(f"journal row {seq} cannot be read: {error}") from error


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() and "\0" not in value and len(value) <= TEXT_LIMIT else _plain_text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else _finite(value)
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {key: _storable(item) for key, item in value.items()}
    return value


def _plain_text(text: str) -> str:
    return text[:TEXT_LIMIT].translate(_UNSTORABLE)


def _finite(value: float) -> float:
    return 0.0 if math.isnan(value) else math.copysign(sys.float_info.max, value)


@dataclass(frozen=True, slots=True)
class Needs:
    """Rows that a batch of steps speaks about, to be fetched at once. ``open``: all that still go on."""

    calls: frozenset[str]
    agents: frozenset[str]
    open: bool = False


_NAMING = ("call", "callback", "subject")


def needs(steps: Iterable[StepFacts]) -> Needs:
    """The calls (also those named as the subject of an anomaly) and agents that ``steps`` may change."""
    told = [fact for step in steps for fact in step.facts]
    calls = {name for fact in told for key in _NAMING if (name := getattr(fact, key, None))}
    agents = frozenset(fact.agent for fact in told if isinstance(fact, facts.AgentChanged))
    return Needs(frozenset(calls), agents, any(isinstance(fact, facts.ClockSet) for fact in told))
