"""Numbers of citizens in the reporting tables: erased for one person, replaced for everybody after their time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, delete, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from metrics import view

from .person import Person, new_token
from .tables import AgentSpell, Anomaly, CallRow, OfferRow, Segment, Stay, StayAgent

Column = InstrumentedAttribute[Any]

TEXTS: tuple[Column, ...] = (
    CallRow.ani,
    CallRow.dnis,
    Stay.dnis,
    Segment.name,
    Segment.detail,
    OfferRow.detail,
    Anomaly.subject,
    Anomaly.detail,
)
"""Columns in which a number may stand."""

BATCH = 1000


def erase_person(engine: Engine, person: Person, token: str) -> int:
    """The token in the place of the person's number, wherever it stands; how many rows. Raises ``SQLAlchemyError``."""
    return sum(
        _change(engine, column, column.contains(person.core), lambda text: person.replaced(text, token))
        for column in TEXTS
    )


def calls_of(engine: Engine, person: Person) -> list[str]:
    """The calls in which the person's number stands, the oldest first. Raises ``SQLAlchemyError``."""
    asked = select(CallRow.id, CallRow.ani).where(CallRow.ani.contains(person.core)).order_by(CallRow.started_at)
    with Session(engine) as session:
        return [name for name, ani in session.execute(asked) if ani and person.pattern.search(ani)]


def retire_numbers(engine: Engine, before: datetime) -> int:
    """Tokens in the place of the numbers of calls that began before; how many rows. Calls of one number that are
    retired together keep one token. Raises ``SQLAlchemyError``."""
    tokens: dict[str, str] = {}

    def token(number: str) -> str:
        return tokens.setdefault(number, new_token(number)) if number.lstrip("+").isdigit() else number

    called = _change(engine, CallRow.ani, (CallRow.started_at < before) & _ends_with_digit(CallRow.ani), token)
    outside = (Segment.started_at < before) & (Segment.kind == "transfer") & _ends_with_digit(Segment.name)
    sent_on = _change(engine, Segment.name, outside, lambda name: token(name) if len(name) >= 10 else name)
    odd = (Anomaly.at < before) & or_(*(Anomaly.detail.contains(digit) for digit in "0123456789"))
    return called + sent_on + _change(engine, Anomaly.detail, odd, view.hide_numbers)


def forget(engine: Engine, before: datetime) -> int:
    """Delete what began before; how many calls. Raises ``SQLAlchemyError``."""
    old = select(CallRow.id).where(CallRow.started_at < before)
    with engine.begin() as connection:
        for table in (Segment, OfferRow, StayAgent, Stay):
            connection.execute(delete(table).where(table.call_id.in_(old)))
        found = connection.execute(delete(CallRow).where(CallRow.started_at < before)).rowcount
        connection.execute(delete(AgentSpell).where(AgentSpell.until < before))
        connection.execute(delete(Anomaly).where(Anomaly.at < before))
    return int(found)


def _ends_with_digit(column: Column) -> ColumnElement[bool]:
    """A token ends with a letter."""
    return or_(*(column.endswith(digit) for digit in "0123456789"))


def _change(engine: Engine, column: Column, where: ColumnElement[bool], fresh: Callable[[str], str]) -> int:
    table: Any = column.class_
    keys = [getattr(table, key.name) for key in table.__table__.primary_key]
    changed = 0
    with engine.connect() as connection:
        found = connection.execute(select(column, *keys).where(where)).all()
    for rows in _parts([row for row in found if fresh(row[0]) != row[0]]):
        with engine.begin() as connection:
            for text, *key in rows:
                same = [one == value for one, value in zip(keys, key, strict=True)]
                connection.execute(update(table).where(*same).values({column: fresh(text)}))
                changed += 1
    return changed


def _parts(rows: list[Any]) -> Iterator[list[Any]]:
    for first in range(0, len(rows), BATCH):
        yield rows[first : first + BATCH]
