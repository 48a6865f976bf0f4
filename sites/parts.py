"""Converts parts of the YAML files into the model: nodes, choices, hours, conditions. They are validated already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from calls import Attribute, QueueId
from calls.commands import Prompt
from ivr import (
    Assignments,
    Banner,
    Branch,
    Case,
    Choice,
    Collect,
    DialOut,
    Enqueue,
    Fragment,
    Goodbye,
    Hours,
    Lookup,
    Menu,
    Node,
    QueueState,
    Return,
    Say,
    Survey,
    Validity,
    Voicemail,
    When,
)
from ivr.calendar import WEEK, Spans
from ivr.digits import LENGTHS
from ivr.digits import DigitsKind as Digits

from . import nodes as parts
from . import schema
from .schema_hours import HOLIDAYS, HoursPart, ValidityPart

MOST_DIGITS = 20
SILENT = (parts.BranchPart, parts.BannerPart, parts.FragmentPart, parts.ReturnPart)
"""Parts of nodes without prompts of their own."""

Validities = Mapping[str, Validity]
"""Validity of topics: it holds for every choice that sets the topic."""


def node(name: str, part: parts.NodePart, topics: Validities) -> Node:
    """Make one node of ``menus.yaml``."""
    made = _node(name, part, topics)
    return replace(made, validity=validity(part), fallback=part.instead) if validity(part) or part.instead else made


def _node(name: str, part: parts.NodePart, topics: Validities) -> Node:
    said = () if isinstance(part, SILENT) else prompts(part.prompts)
    match part:
        case parts.SayPart():
            return Say(name, said, part.next)
        case parts.MenuPart():
            choices = {key: _choice(choice, topics) for key, choice in part.choices.items()}
            silence = _way(part.silence) if part.silence else None
            return Menu(name, said, choices, part.timeout_s, part.tries, silence)
        case parts.DigitsPart():
            return _collect(name, said, part)
        case parts.QueueNodePart():
            return Enqueue(name, QueueId(part.queue) if part.queue else None, said, part.closed)
        case parts.TransferPart():
            return DialOut(name, part.number, part.otherwise, part.confidential, said)
        case parts.GoodbyePart():
            return Goodbye(name, said)
        case parts.CallbackPart():
            return Enqueue(name, QueueId(part.queue) if part.queue else None, said, part.closed, callback=True)
        case parts.SurveyPart():
            return Survey(name, said, part.next, part.timeout_s, part.tries)
        case parts.VoicemailPart():
            return Voicemail(name, part.box, part.next, said, part.max_s)
        case parts.FragmentPart():
            return Fragment(name, part.start, part.next)
        case parts.ReturnPart():
            return Return(name)
        case parts.LookupPart():
            send, values = tuple(part.send.items()), tuple(part.values.items())
            return Lookup(name, part.lookup, part.next, part.otherwise, send, values, said, part.within_s)
        case parts.BannerPart():
            return Banner(name, part.next)
        case parts.BranchPart():
            cases = (Case(_when(case.when), case.goto, assignments(case.sets)) for case in part.cases)
            return Branch(name, tuple(cases), part.otherwise)


def _collect(name: str, said: tuple[Prompt, ...], part: parts.DigitsPart) -> Collect:
    kind = Digits(part.kind)
    length = LENGTHS.get(kind)
    least, most = (length, length) if length else (part.min or 1, part.max or MOST_DIGITS)
    return Collect(
        name, said, kind, part.into, part.next, part.otherwise, least, most, part.timeout_s, part.tries, part.confirm
    )


def prompts(ids: Iterable[str]) -> tuple[Prompt, ...]:
    return tuple(Prompt(prompt) for prompt in ids)


def assignments(sets: schema.Sets) -> Assignments:
    given = ((attribute, getattr(sets, attribute.value)) for attribute in Attribute)
    found_out = tuple((attribute, value) for attribute, value in given if value is not None)
    return (*found_out, *sets.variables.items())


def _choice(part: parts.ChoicePart, topics: Validities) -> Choice:
    return replace(
        _way(part), prompts=prompts(part.prompts), validity=validity(part) or topics.get(part.sets.topic or "")
    )


def _way(part: parts.ChoicePart | parts.SilencePart) -> Choice:
    """Make a choice, named by its ``meaning``, by the values it sets, or by the node it leads to."""
    found_out = assignments(part.sets)
    attribute = next((value for name, value in found_out if isinstance(name, Attribute)), part.goto)
    meaning = part.meaning or attribute
    return Choice(meaning, part.goto, found_out)


# --- conditions -------------------------------------------------------------------------------------------------------


def _when(part: parts.WhenPart) -> When:
    given = ((Attribute.LANGUAGE, part.language), (Attribute.TOPIC, part.topic), (Attribute.ROLE, part.role))
    return When(
        callers=tuple(part.caller),
        anonymous=part.anonymous,
        dialled=tuple(part.dialled),
        attributes=tuple((attribute, tuple(values)) for attribute, values in given if values),
        variables=tuple((name, tuple(values)) for name, values in part.variables.items()),
        validity=validity(part),
        closed=part.closed or "",
        queue=_queue_state(part.queue) if part.queue else None,
        banner=part.banner,
        called_within_s=None if part.called_within_h is None else part.called_within_h * 3600.0,
    )


def _queue_state(part: parts.QueueStatePart) -> QueueState:
    queue = QueueId(part.name) if part.name else None
    return QueueState(queue, part.waiting, part.agents_in, part.expected_wait_s)


# --- times ------------------------------------------------------------------------------------------------------------


def validity(part: ValidityPart) -> Validity | None:
    """Make a validity; None if the part is always there."""
    made = Validity(_from(part.from_), _until(part.until), part.hours or "")
    return None if made.always else made


def _from(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


def _until(said: str | None) -> datetime | None:
    """Give the instant of an ``until``: a day counts to its end."""
    if said is None or "T" in said:
        return _from(said)
    return datetime.fromisoformat(said) + timedelta(days=1)


def hours(part: HoursPart) -> Hours:
    """Make opening hours of ``line.yaml``."""
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
