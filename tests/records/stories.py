"""Small stories of calls as facts, and what came of them as plain rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, inspect, select
from sqlalchemy.orm import Session

from calls import AgentId, AgentState, Attribute, CallId, CallStage, OfferId, OfferResult, Outcome, Party, QueueId
from calls import facts as f
from calls.facts import Fact
from records import Journal
from records.tables import AgentSpell, Anomaly, Base, CallRow, OfferRow, Segment

TABLES: tuple[type[Base], ...] = (CallRow, Segment, OfferRow, AgentSpell, Anomaly)
ANCHOR = 1_780_040_000.0
"""29 May 2026, 10:33:20 in Athens."""
Steps = list[tuple[float, list[Fact]]]

MARIA, NIKOS, PENSIONS = AgentId("maria"), AgentId("nikos"), QueueId("pensions")


def served(call: str = "n1-1", start: float = 0.0) -> Steps:
    """Language, topic, wait, one RONA, an answer, a hold, wrap-up."""
    c, one, two = CallId(call), OfferId(call + "-o1"), OfferId(call + "-o2")
    why = ("oldest call", (0.0, 5.0), 2, (MARIA, NIKOS), (f.Excluded("skill", 3, (AgentId("eleni"),)),))
    told: Steps = [
        (0.0, [f.CallStarted(c, "6941234567", "1555"), f.NodeEntered(c, "language")]),
        (2.0, [f.KeyTaken(c, "language", "1", "el"), f.AttributeSet(c, Attribute.LANGUAGE, "el")]),
        (2.0, [f.NodeEntered(c, "topic")]),
        (4.0, [f.InputMissed(c, "topic", "9", 1)]),
        (5.0, [f.KeyTaken(c, "topic", "2", "pensions"), f.AttributeSet(c, Attribute.TOPIC, "pensions")]),
        (5.0, [
            f.Queued(c, PENSIONS, "pensions", 0, 1, 2), f.OfferMade(one, c, MARIA, PENSIONS, 0.0, *why),
            f.AgentChanged(MARIA, AgentState.READY, AgentState.RINGING, "", 60.0),
        ]),
        (15.0, [
            f.OfferEnded(one, c, MARIA, PENSIONS, OfferResult.NO_ANSWER, 10.0, ""),
            f.AgentChanged(MARIA, AgentState.RINGING, AgentState.NOT_READY, "rona", 10.0),
            f.OfferMade(two, c, NIKOS, PENSIONS, 10.0, *why),
            f.AgentChanged(NIKOS, AgentState.READY, AgentState.RINGING, "", 60.0),
        ]),
        (18.0, [
            f.OfferEnded(two, c, NIKOS, PENSIONS, OfferResult.ANSWERED, 3.0, ""),
            f.AgentChanged(NIKOS, AgentState.RINGING, AgentState.TALKING, "", 3.0),
        ]),
        (18.1, [f.Connected(c, two, NIKOS, PENSIONS, 13.0, 3.0)]),
        (20.0, [f.AgentChanged(MARIA, AgentState.NOT_READY, AgentState.READY, "", 5.0)]),
        (48.1, [f.Held(c, NIKOS, True)]),
        (58.1, [f.Held(c, NIKOS, False)]),
        (78.1, [
            f.ConversationEnded(c, two, NIKOS, PENSIONS, 50.0, 10.0, Party.CALLER, True),
            f.AgentChanged(NIKOS, AgentState.TALKING, AgentState.WRAP_UP, "", 60.1),
            f.CallEnded(c, Outcome.HANDLED, CallStage.TALKING, Party.CALLER, 78.1),
        ]),
        (98.1, [
            f.WrapUpDone(c, NIKOS, PENSIONS, 20.0),
            f.AgentChanged(NIKOS, AgentState.WRAP_UP, AgentState.READY, "", 20.0),
        ]),
    ]  # fmt: skip
    return later(told, start)


def abandoned(call: str = "n1-2", start: float = 0.0, wait_s: float = 30.0) -> Steps:
    c = CallId(call)
    told: Steps = [
        (0.0, [f.CallStarted(c, "2101234567", "11320"), f.AttributeSet(c, Attribute.TOPIC, "insurance")]),
        (0.0, [f.AttributeSet(c, Attribute.NOTICE, "2026-12")]),
        (1.0, [f.Queued(c, QueueId("insurance"), "", 0, 1, 0)]),
        (1.0 + wait_s, [
            f.QueueLeft(c, QueueId("insurance"), Outcome.ABANDONED, wait_s),
            f.CallEnded(c, Outcome.ABANDONED, CallStage.WAITING, Party.CALLER, 1.0 + wait_s),
        ]),
    ]  # fmt: skip
    return later(told, start)


def cut_off(call: str = "n1-12", start: float = 0.0) -> Steps:
    """Nikos' phone dies in the talk; the caller waits again, talks to Maria, and is gone without hanging up."""
    c, one, two = CallId(call), OfferId(call + "-o1"), OfferId(call + "-o2")
    told: Steps = [
        (0.0, [
            f.CallStarted(c, "6941234567", "1555"), f.AttributeSet(c, Attribute.TOPIC, "pensions"),
            f.Queued(c, PENSIONS, "", 0, 1, 2),
        ]),
        (5.0, [f.Connected(c, one, NIKOS, PENSIONS, 5.0, 1.0)]),
        (30.0, [
            f.MediaLost(c, NIKOS), f.ConversationEnded(c, one, NIKOS, PENSIONS, 25.0, 0.0, Party.LOST_MEDIA, True),
        ]),
        (31.0, [f.Queued(c, PENSIONS, "", 0, 1, 1)]),
        (40.0, [f.Connected(c, two, MARIA, PENSIONS, 9.0, 1.0)]),
        (60.0, [
            f.MediaLost(c, AgentId("")),
            f.ConversationEnded(c, two, MARIA, PENSIONS, 20.0, 0.0, Party.LOST_MEDIA, True),
            f.CallEnded(c, Outcome.HANDLED, CallStage.TALKING, Party.LOST_MEDIA, 60.0),
        ]),
    ]  # fmt: skip
    return later(told, start)


def confided(call: str = "n1-3", start: float = 0.0) -> Steps:
    """To the line 15900, after some menus."""
    c = CallId(call)
    told: Steps = [
        (0.0, [f.CallStarted(c, "6977777777", "1555"), f.NodeEntered(c, "language")]),
        (
            1.0,
            [
                f.KeyTaken(c, "language", "2", "en"),
                f.AttributeSet(c, Attribute.LANGUAGE, "en"),
                f.NodeEntered(c, "topic"),
            ],
        ),
        (2.0, [f.KeyTaken(c, "topic", "7", "sos"), f.AttributeSet(c, Attribute.TOPIC, "sos"), f.NodeEntered(c, "sos")]),
        (2.0, [f.TransferStarted(c, "", True)]),
        (9.0, [f.CommandLost("Transfer", c, "no route to 15900 for 6977777777", "back to the menu")]),
        (9.0, [f.TransferEnded(c, False, 0.0), f.AttributeSet(c, Attribute.TOPIC, "sos"), f.NodeEntered(c, "topic")]),
        (10.0, [f.CallEnded(c, Outcome.LEFT_IN_MENU, CallStage.MENU, Party.CALLER, 10.0)]),
    ]
    return later(told, start)


def called_back(call: str = "n1-5", start: float = 0.0, *, reached: bool = True) -> Steps:
    """Waits, accepts a callback and hangs up; the second attempt reaches them, or is the last one."""
    c, back = CallId(call), CallId(f"{call}-cb")
    told: Steps = [
        (0.0, [
            f.CallStarted(c, "6941234567", "11320"), f.AttributeSet(c, Attribute.TOPIC, "pensions"),
            f.CallbackOffered(c, PENSIONS, "length", 5.0), f.Queued(c, PENSIONS, "", 0, 6, 2),
        ]),
        (8.0, [
            f.Overflowed(c, PENSIONS, "length", 5.0, "callback", ""), f.QueueLeft(c, PENSIONS, Outcome.OVERFLOWED, 8.0),
            f.CallbackPromised(back, c, PENSIONS, "6941234567", "el", 8.0, None), f.Queued(back, PENSIONS, "", 0, 6, 2),
        ]),
        (12.0, [f.CallEnded(c, Outcome.OVERFLOWED, CallStage.WAITING, Party.LINE, 12.0)]),
        (100.0, [*_offered(back, "o1", 100.0), f.AgentChanged(NIKOS, AgentState.READY, AgentState.RINGING, "", 60.0)]),
        (103.0, [*_taken(back, "o1")]),
        (133.0, [
            f.CallbackMissed(back, NIKOS, OfferResult.BUSY, "17", 1, 900.0),
            f.AgentChanged(NIKOS, AgentState.TALKING, AgentState.READY, "", 30.0),
        ]),
        (1033.0, [
            *_offered(back, "o2", 1033.0), f.AgentChanged(NIKOS, AgentState.READY, AgentState.RINGING, "", 900.0),
        ]),
        (1036.0, [*_taken(back, "o2")]),
    ]  # fmt: skip
    return later([*told, *(_reached(back) if reached else _given_up(back))], start)


def _offered(call: CallId, offer: str, waited_s: float) -> list[Fact]:
    why = ("oldest call", (0.0, 5.0), 1, (NIKOS,), ())
    return [f.OfferMade(OfferId(f"{call}-{offer}"), call, NIKOS, PENSIONS, waited_s, *why)]


def _taken(call: CallId, offer: str) -> list[Fact]:
    return [
        f.OfferEnded(OfferId(f"{call}-{offer}"), call, NIKOS, PENSIONS, OfferResult.ANSWERED, 3.0, ""),
        f.AgentChanged(NIKOS, AgentState.RINGING, AgentState.TALKING, "", 3.0),
    ]


def _reached(back: CallId) -> Steps:
    offer = OfferId(f"{back}-o2")
    return [
        (1044.0, [f.Connected(back, offer, NIKOS, PENSIONS, 1036.0, 3.0)]),
        (1104.0, [
            f.ConversationEnded(back, offer, NIKOS, PENSIONS, 60.0, 0.0, Party.CALLER, True),
            f.AgentChanged(NIKOS, AgentState.TALKING, AgentState.WRAP_UP, "", 68.0),
            f.CallEnded(back, Outcome.HANDLED, CallStage.TALKING, Party.CALLER, 1096.0),
        ]),
        (1124.0, [
            f.WrapUpDone(back, NIKOS, PENSIONS, 20.0),
            f.AgentChanged(NIKOS, AgentState.WRAP_UP, AgentState.READY, "", 20.0),
        ]),
    ]  # fmt: skip


def _given_up(back: CallId) -> Steps:
    return [
        (1066.0, [
            f.CallbackMissed(back, NIKOS, OfferResult.NO_ANSWER, "19", 2, None),
            f.AgentChanged(NIKOS, AgentState.TALKING, AgentState.READY, "", 30.0),
            f.QueueLeft(back, PENSIONS, Outcome.UNREACHED, 1066.0),
            f.CallEnded(back, Outcome.UNREACHED, CallStage.PROMISED, Party.UNKNOWN, 1058.0),
        ]),
    ]  # fmt: skip


def later(steps: Steps, start: float) -> Steps:
    return [(start + now, facts) for now, facts in steps]


def merged(*stories: Steps) -> Steps:
    return sorted((step for story in stories for step in story), key=lambda step: step[0])


def journal_of(path: Path, steps: Iterable[tuple[float, Sequence[Fact]]]) -> Path:
    with Journal(path, node="n1", wall=lambda: ANCHOR) as journal:
        for now, facts in steps:
            journal.append(now, None, facts)
    return path


def plain(row: Base) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}


def stored(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, in order of its key; the journal's random name left out."""
    with Session(engine) as session:
        return {
            table.__tablename__: [
                {**plain(row), "journal": ""}
                for row in session.scalars(select(table).order_by(*table.__table__.primary_key))
            ]
            for table in TABLES
        }
