"""From the parts of the YAML files to the model: nodes, choices, hours, terms. All of them have the right shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from calls import Attribute, QueueId
from calls.commands import Prompt

from . import schema
from . import schema_menus as parts
from .calendar import WEEK, Hours, Spans, Term
from .model import Assignments, Choice, DialOut, Enqueue, Goodbye, Menu, Node, Say
from .schema_hours import HOLIDAYS, HoursPart, TermPart

Terms = Mapping[str, Term]
"""From when until when a topic is there: it holds for every choice that sets the topic."""


def node(name: str, part: parts.NodePart, topics: Terms) -> Node:
    """One node of ``menus.yaml``."""
    made = _node(name, part, topics)
    return replace(made, term=term(part), instead=part.instead) if term(part) or part.instead else made


def _node(name: str, part: parts.NodePart, topics: Terms) -> Node:
    said = prompts(part.prompts)
    match part:
        case parts.SayPart():
            return Say(name, said, part.next)
        case parts.MenuPart():
            choices = {key: _choice(choice, topics) for key, choice in part.choices.items()}
            silence = _choice(part.silence, {}) if part.silence else None
            return Menu(name, said, choices, part.timeout_s, part.tries, silence)
        case parts.QueueNodePart():
            return Enqueue(name, QueueId(part.queue) if part.queue else None, said, part.closed)
        case parts.TransferPart():
            return DialOut(name, part.number, part.otherwise, part.confidential, said)
        case parts.GoodbyePart():
            return Goodbye(name, said)


def prompts(ids: Iterable[str]) -> tuple[Prompt, ...]:
    return tuple(Prompt(prompt) for prompt in ids)


def assignments(sets: schema.Sets) -> Assignments:
    given = ((attribute, getattr(sets, attribute.value)) for attribute in Attribute)
    return tuple((attribute, value) for attribute, value in given if value is not None)


def _choice(part: parts.ChoicePart, topics: Terms) -> Choice:
    """A choice is called by its ``meaning``, or by what it finds out, or by where it leads."""
    found_out = assignments(part.sets)
    meaning = part.meaning or (found_out[0][1] if found_out else part.goto)
    when = term(part) or topics.get(part.sets.topic or "")
    return Choice(meaning, part.goto, found_out, prompts(part.prompts), when)


# --- times ------------------------------------------------------------------------------------------------------------


def term(part: TermPart) -> Term | None:
    """None where the part is always there."""
    made = Term(_from(part.from_), _until(part.until), part.hours or "")
    return None if made.always else made


def _from(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


def _until(said: str | None) -> datetime | None:
    """A day counts to its end."""
    if said is None or "T" in said:
        return _from(said)
    return datetime.fromisoformat(said) + timedelta(days=1)


def hours(part: HoursPart) -> Hours:
    """Opening hours of ``line.yaml``."""
    dates = {date.fromisoformat(day): _spans(spans) for day, spans in part.dates.items()}
    closed = frozenset(date.fromisoformat(day) for day in part.closed if day != HOLIDAYS)
    return Hours(_week(part), HOLIDAYS in part.closed, closed, dates)


def _week(part: HoursPart) -> tuple[Spans, ...]:
    if part.week is None:
        return (((0, 24 * 60),),) * len(WEEK)
    spans: list[Spans] = [()] * len(WEEK)
    for days, said in part.week.items():
        first, *last = days.split("-")
        for day in range(WEEK.index(first), WEEK.index((last or [first])[0]) + 1):
            spans[day] = (*spans[day], *_spans(said))
    return tuple(spans)


def _spans(said: Iterable[str]) -> Spans:
    ends = (tuple(map(_minute, span.split("-"))) for span in said)
    return tuple((begins, until) for begins, until in ends)


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)
