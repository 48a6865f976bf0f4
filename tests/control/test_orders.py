"""Supervisors' orders: what becomes an event, what is refused, and the way through the socket."""

from __future__ import annotations

import asyncio
import json
import os
import pwd
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from calls import AgentAction, AgentId, CallId
from calls import commands as c
from calls import events as e
from calls import facts as f
from calls.codec import decode
from control import orders, status
from control.callback_requests import SiteClock, due
from control.refusals import OrderRefused, Refusal
from engine import CallbackRules, Line, Order
from line1555.cli.main import app
from line1555.live.checkpoint import freeze
from sites import Site, callable_line, load_site
from tests.line import GENERAL, Hand, menus, one, settings
from tests.sites.test_site import SHIPPED

ATHENS = ZoneInfo("Europe/Athens")
ANCHOR = datetime(2026, 11, 30, 12, 0, tzinfo=ATHENS).timestamp()


def wall(hand: Hand) -> SiteClock:
    """It was noon in Athens when the hand began."""
    return SiteClock(ATHENS, ANCHOR, lambda: hand.now)


def execute(hand: Hand, order: dict[str, Any]) -> dict[str, Any]:
    return orders.execute(hand.line, hand.do, wall(hand), order)


def refused(hand: Hand, order: dict[str, Any]) -> tuple[str, str]:
    """The id and the message of the refusal."""
    with pytest.raises(OrderRefused) as caught:
        execute(hand, order)
    plain = caught.value.answer["refused"]
    assert set(plain) == {"id", "message", "details"} and plain["message"] == str(caught.value)
    json.dumps(plain)
    return plain["id"], plain["message"]


def ask(number: str = "6941234567", queue: str = "general", at: str = "", language: str = "") -> dict[str, Any]:
    return {"order": "callback", "number": number, "queue": queue, "at": at, "language": language}


def for_agent(agent: str, action: str, reason: str = "") -> dict[str, Any]:
    return {"order": "agent", "agent": agent, "action": action, "reason": reason}


@pytest.fixture
def hand() -> Hand:
    """``c1`` waits in pensions, ``c2`` is in the menus; nobody is ready."""
    hand = Hand(Line(settings(menu=replace(menus(), banners=("emergency.strike",))))).open()
    hand.call("c1")
    hand.do(e.CallArrived(CallId("c2"), "2101234567", "1555"))
    return hand


def test_an_order_becomes_an_event(hand: Hand) -> None:
    answer = execute(hand, {"order": "move", "call": "c1", "queue": "general"})
    assert answer == {"done": True}
    assert hand.line._state.room.place(CallId("c1")).queue == GENERAL


@pytest.mark.parametrize(
    ("order", "event"),
    [
        ({"order": "priority", "call": "c1", "points": 60}, e.PrioritySet(CallId("c1"), 60.0)),
        ({"order": "withdraw", "call": "c1"}, e.CallWithdrawn(CallId("c1"))),
        ({"order": "switch", "queue": "general", "open": False}, e.QueueSwitched(GENERAL, False)),
        ({"order": "banner", "prompt": "emergency.strike"}, e.BannerSwitched("emergency.strike")),
        (ask(), e.CallbackAsked("6941234567", GENERAL, "el", None)),
        (ask("+30 694 123 4567", language="en"), e.CallbackAsked("6941234567", GENERAL, "en", None)),
        (ask(at="16:30"), e.CallbackAsked("6941234567", GENERAL, "el", 4.5 * 3600)),
        (ask(at="2026-12-01T12:00"), e.CallbackAsked("6941234567", GENERAL, "el", 24 * 3600)),
        (ask(at="2026-12-01T12:00+00:00"), e.CallbackAsked("6941234567", GENERAL, "el", 26 * 3600)),
    ],
)
def test_events(hand: Hand, order: dict[str, Any], event: e.Event) -> None:
    assert orders.event_of(hand.line, wall(hand), order) == event


LONG = "6" * 100
SHORT = "6" * 64 + "..."
R = Refusal


@pytest.mark.parametrize(
    ("order", "refusal", "why"),
    [
        ({"order": "dance"}, R.ORDER_UNKNOWN, "not an order"),
        ({}, R.ORDER_UNKNOWN, "not an order"),
        ({"order": ["move"]}, R.ORDER_UNKNOWN, "not an order"),
        (
            {"order": "callback", "number": "6941234567"},
            R.ORDER_MALFORMED,
            "not an order: callback has number, queue, at, language",
        ),
        (
            {"order": "priority", "call": ["c1"], "points": 1},
            R.ORDER_MALFORMED,
            "not an order: priority has call, points",
        ),
        ({"order": "calls", "all": True}, R.ORDER_MALFORMED, "not an order: calls has nothing else"),
        (
            {"order": "move", "call": "c1", "queue": "nowhere"},
            R.QUEUE_UNKNOWN,
            "no queue nowhere: one of pensions, general",
        ),
        ({"order": "move", "call": "c2", "queue": "general"}, R.CALL_NOT_WAITING, "c2 does not wait: menu"),
        (
            {"order": "withdraw", "call": "c9"},
            R.CALL_UNKNOWN,
            "c9 does not wait: no such call (`line1555 calls` lists them)",
        ),
        (
            {"order": "withdraw", "call": ""},
            R.CALL_UNKNOWN,
            " does not wait: no such call (`line1555 calls` lists them)",
        ),
        (
            {"order": "withdraw", "call": LONG},
            R.CALL_UNKNOWN,
            f"{SHORT} does not wait: no such call (`line1555 calls` lists them)",
        ),
        (
            {"order": "withdraw", "call": "\x1b[2J\udc80"},
            R.CALL_UNKNOWN,
            "\ufffd[2J\ufffd does not wait: no such call (`line1555 calls` lists them)",
        ),
        (
            {"order": "priority", "call": "c1", "points": float("inf")},
            R.POINTS_OUT_OF_RANGE,
            "inf points: expected -86400 to 86400",
        ),
        (
            {"order": "priority", "call": "c1", "points": float("nan")},
            R.POINTS_OUT_OF_RANGE,
            "nan points: expected -86400 to 86400",
        ),
        (
            {"order": "priority", "call": "c1", "points": int("6" * 400)},
            R.POINTS_OUT_OF_RANGE,
            f"{SHORT} points: expected -86400 to 86400",
        ),
        (for_agent("a9", "log_out"), R.AGENT_UNKNOWN, "no agent a9 (`line1555 agents --all` lists them)"),
        (
            for_agent("a1", "dance"),
            R.ACTION_UNKNOWN,
            "dance: one of log_in, log_out, ready, not_ready, end_wrap_up",
        ),
        (for_agent("a1", "log_out"), R.AGENT_NOT_POSSIBLE, "a1 is logged_out: log_out is not possible"),
        (for_agent("a1", "not_ready"), R.REASON_UNKNOWN, "no reason: one of break (codes in agents.yaml)"),
        (for_agent("a1", "not_ready", "x"), R.REASON_UNKNOWN, "x: one of break (codes in agents.yaml)"),
        (for_agent("a1", "ready", "break"), R.REASON_UNKNOWN, "break: one of break (codes in agents.yaml)"),
        (
            {"order": "banner", "prompt": "emergency"},
            R.BANNER_UNKNOWN,
            "no banner emergency: one of emergency.strike (banners in line.yaml)",
        ),
        ({"order": "banner", "prompt": ""}, R.BANNER_UNCHANGED, "the banner is off already"),
        (
            ask("100"),
            R.NUMBER_NOT_DIALLED,
            "100 may not be dialled: expected one of 2#########, 69######## (callbacks in line.yaml)",
        ),
        (
            ask("+4930901820"),
            R.NUMBER_NOT_DIALLED,
            "+4930901820 may not be dialled: expected one of 2#########, 69######## (callbacks in line.yaml)",
        ),
        (ask(queue="nowhere"), R.QUEUE_UNKNOWN, "no queue nowhere: one of pensions, general"),
        (ask(language="fr"), R.LANGUAGE_UNKNOWN, "no language fr: one of el, en"),
        (
            ask(at="soon"),
            R.TIME_UNREADABLE,
            "soon: expected HH:MM, or a day with it such as 2026-12-01T12:00",
        ),
        (
            ask(at="25:00"),
            R.TIME_UNREADABLE,
            "25:00: expected HH:MM, or a day with it such as 2026-12-01T12:00",
        ),
        (
            ask(at="12:00"),
            R.TIME_PAST,
            "12:00 is past (it is 12:00): expected a time to come, or a day with it: 2026-12-01T12:00",
        ),
        (
            ask(at="2026-11-29T18:00"),
            R.TIME_PAST,
            "2026-11-29T18:00 is past (it is 12:00): expected a time to come",
        ),
        (ask(at="2026-12-14T12:01"), R.TIME_TOO_FAR, "2026-12-14T12:01: expected a time within 14 days"),
    ],
)
def test_refusals_change_nothing(hand: Hand, order: dict[str, Any], refusal: Refusal, why: str) -> None:
    before = freeze(hand.line)
    assert refused(hand, order) == (refusal, why)
    assert freeze(hand.line) == before


def test_a_time_that_the_clock_leaves_out() -> None:
    before = datetime(2026, 3, 28, 12, 0, tzinfo=ATHENS).timestamp()
    with pytest.raises(OrderRefused, match="not on the clock that day") as caught:
        due("2026-03-29T03:30", SiteClock(ATHENS, before, lambda: 0.0))
    assert caught.value.told.id == Refusal.TIME_SKIPPED
    assert due("2026-03-29T04:30", SiteClock(ATHENS, before, lambda: 0.0)) == 15.5 * 3600


def test_one_promise_for_a_number(hand: Hand) -> None:
    made = execute(hand, ask(at="13:00"))
    assert made == {"done": True, "call": hand.line.view.calls.callback_requests()[0].call}
    again = refused(hand, ask("+306941234567"))
    assert again == (Refusal.NUMBER_PROMISED, f"694****567 is promised a call already: {made['call']}")


def test_nobody_is_called_back_where_no_number_may_be_dialled(hand: Hand) -> None:
    known = hand.line._state.settings
    hand.publish(replace(known, callbacks=CallbackRules(numbers=())))
    refusal, why = refused(hand, ask())
    assert refusal == Refusal.CALLBACKS_OFF and "calls nobody back" in why


def test_the_list_of_callbacks(hand: Hand) -> None:
    assert execute(hand, {"order": "callbacks"}) == {"callbacks": [], "now": "2026-11-30T12:00:00+02:00"}
    first = execute(hand, ask())["call"]
    hand.wait(60.0)
    second = execute(hand, ask("2101234567", at="16:30"))["call"]
    assert execute(hand, {"order": "callbacks"})["callbacks"] == [
        {
            "call": first, "number": "694****567", "queue": "general", "state": "promised",
            "since": "2026-11-30T12:00:00+02:00", "due": None, "attempts": 0,
        },
        {
            "call": second, "number": "210****567", "queue": "general", "state": "promised",
            "since": "2026-11-30T12:01:00+02:00", "due": "2026-11-30T16:30:00+02:00", "attempts": 0,
        },
    ]  # fmt: skip


@pytest.mark.parametrize("at", ["", "16:30"])
def test_orders_for_a_callback(hand: Hand, at: str) -> None:
    back = execute(hand, ask(at=at))["call"]
    assert execute(hand, {"order": "move", "call": back, "queue": "pensions"}) == {"done": True}
    assert execute(hand, {"order": "priority", "call": back, "points": 60}) == {"done": True}
    assert hand.line.view.calls.callback_requests()[0].queue == "pensions"
    assert execute(hand, {"order": "withdraw", "call": back}) == {"done": True}
    assert not hand.line.view.calls.callback_requests()


def test_a_callback_whose_citizen_is_being_rung_is_left_alone(hand: Hand) -> None:
    hand.ready("a1")
    hand.do(e.OfferAnswered(hand.all(c.Ring)[-1].offer))
    hand.ready("a2")
    back = execute(hand, ask())["call"]
    hand.do(e.OfferAnswered(hand.all(c.Ring)[-1].offer))
    found = refused(hand, {"order": "withdraw", "call": back})
    assert found == (Refusal.CALL_NOT_WAITING, f"{back} does not wait: dialling")


def site_with(contact: str | None) -> Site:
    site = load_site(SHIPPED)
    trunk = site.settings.trunk.model_copy(update={"contact": contact})
    return replace(site, settings=site.settings.model_copy(update={"trunk": trunk}))


def test_without_a_trunk_nobody_is_promised_a_call() -> None:
    assert callable_line(site_with("sip:192.0.2.10:5060")).callbacks == CallbackRules()
    assert callable_line(site_with(None)).callbacks == CallbackRules(numbers=())


def door(hand: Hand) -> status.Execute:
    async def answer(order: Mapping[str, Any], by: str) -> Mapping[str, Any]:
        return orders.execute(hand.line, hand.do, wall(hand), order, by)

    return answer


@pytest.fixture
async def run(hand: Hand, tmp_path: Path) -> AsyncIterator[Path]:
    """A line that answers on its socket."""
    server = await status.serve(tmp_path, dict, door(hand))
    yield tmp_path
    server.close()


async def told(run: Path, *arguments: str) -> Any:
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, [*arguments, "--run", str(run)]))


async def test_the_command(run: Path, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    empty = await told(run, "callback", "--list")
    assert (empty.exit_code, empty.output.strip()) == (0, "no callback is promised")
    made = await told(run, "callback", "694 123 4567", "--queue", "general", "--at", "16:30", "--language", "en")
    (promise,) = hand.line.view.calls.callback_requests()
    assert (made.exit_code, made.output.strip()) == (0, f"done: {promise.call}")
    monkeypatch.setenv("COLUMNS", "80")
    shown = (await told(run, "callback", "--list")).output
    assert shown.splitlines()[1].split() == [promise.call, "694****567", "general", "promised", "12:00", "16:30", "0"]
    hand.wait(86_400.0)  # the day is left out by the line's clock, not by the machine's
    shown = (await told(run, "callback", "--list")).output
    assert shown.splitlines()[1].split()[4:] == ["11-30", "12:00", "11-30", "16:30", "0"]
    (one,) = json.loads((await told(run, "callback", "--list", "--json")).output)
    assert (one["call"], one["due"], one["attempts"]) == (promise.call, "2026-11-30T16:30:00+02:00", 0)
    gone = await told(run, "call", promise.call, "--withdraw")
    assert gone.exit_code == 0 and not hand.line.view.calls.callback_requests()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["callback"], 2, "expected a NUMBER and --queue QUEUE, or --list"),
        (["callback", "6941234567"], 2, "expected a NUMBER and --queue QUEUE, or --list"),
        (["callback", "100", "--queue", "general"], 1, "100 may not be dialled"),
        (["callback", "6941234567", "--queue", "general", "--at", "11:00"], 1, "11:00 is past"),
    ],
)
async def test_the_command_refuses(run: Path, hand: Hand, arguments: list[str], code: int, said: str) -> None:
    result = await told(run, *arguments)
    assert result.exit_code == code and said in result.output
    assert not hand.line.view.calls.callback_requests()


def test_no_line_runs(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["callback", "--list", "--run", str(tmp_path)])
    assert result.exit_code == 1 and "no line runs" in result.output


EVERY_ORDER: dict[str, dict[str, Any]] = {
    "move": {"order": "move", "call": "c1", "queue": "general"},
    "priority": {"order": "priority", "call": "c1", "points": 60},
    "withdraw": {"order": "withdraw", "call": "c1"},
    "switch": {"order": "switch", "queue": "general", "open": False},
    "banner": {"order": "banner", "prompt": "emergency.strike"},
    "callback": ask(),
    "agent": for_agent("a1", "log_in"),
}


@pytest.mark.parametrize("name", EVERY_ORDER)
async def test_every_order_carries_who_gave_it(run: Path, hand: Hand, name: str) -> None:
    """The kernel says who is at the other end of the socket; what somebody types as ``by`` counts for nothing."""
    me = pwd.getpwuid(os.getuid()).pw_name
    done = await asyncio.to_thread(status.ask, run, {**EVERY_ORDER[name], "by": "somebody"})
    assert done["done"] is True
    fact = one(f.Ordered, hand.out)
    assert (fact.order, fact.by) == (name, me) and "6941234567" not in repr(fact)
    assert [event.by for _, event, _ in hand.steps if isinstance(event, Order)] == [me]


def test_an_old_journal_names_nobody_and_replays_to_the_same_facts(hand: Hand) -> None:
    old = decode({"type": "CallMoved", "call": "c1", "queue": "general"})
    assert old == e.CallMoved(CallId("c1"), GENERAL, "")
    hand.do(old)
    assert not hand.all(f.Ordered) and hand.all(f.PlaceChanged)


def test_publishing_is_told_with_who_did_it(hand: Hand) -> None:
    known = hand.line._state.settings
    (told,) = hand.publish(replace(known, menus=replace(known.menus, version=7)), "maria")
    assert told == f.EditionTaken(7, "maria")


@pytest.mark.parametrize("short", ["n1-17.12", "n1-17", "12", ".12"])
def test_a_call_is_named_by_what_is_enough_of_its_id(hand: Hand, short: str) -> None:
    hand.call("n1-17.12", ani="2101234567")
    assert orders.event_of(hand.line, wall(hand), {"order": "withdraw", "call": short}) == e.CallWithdrawn(
        CallId("n1-17.12")
    )


def test_a_name_for_two_calls_is_refused(hand: Hand) -> None:
    for name in ("n1-17.12", "n1-17.112"):
        hand.call(name)
    found = refused(hand, {"order": "withdraw", "call": "12"})
    assert found == (Refusal.CALL_AMBIGUOUS, "12 is not one call: n1-17.112, n1-17.12")
    assert execute(hand, {"order": "withdraw", "call": "n1-17.12"}) == {"done": True}


async def test_who_waits_who_works(run: Path, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")  # no figure is cut, however narrow
    hand.wait(130.0)
    hand.call("n1-1764500000.1234", ani="2101234567")
    hand.do(e.QueueSwitched(GENERAL, False))
    hand.ready("a1")
    hand.talk("c1")
    hand.ask("a2", AgentAction.LOG_IN)
    hand.ask("a2", AgentAction.NOT_READY, "break")
    hand.do(e.PhoneReachable(AgentId("a2"), False), 70.0)
    shown = (await told(run, "calls", "--all")).output.splitlines()
    rows = {row.split()[0]: " ".join(row.split()[1:]) for row in shown[1:-1]}
    assert rows["n1-1764500000.1234"] == "210****567 pensions 1 1:12 el pensions - waiting -"
    assert rows["c1"].endswith("talking a1") and rows["c2"].endswith("menu -")
    assert shown[-1] == "general (General): closed (`line1555 queue NAME --open`)"
    found = json.loads((await told(run, "calls", "--json")).output)
    assert [row["call"] for row in found["calls"]] == ["n1-1764500000.1234"]
    assert {row["queue"]: row["state"] for row in found["queues"]} == {"pensions": "open", "general": "closed"}
    people = (await told(run, "agents")).output.splitlines()
    assert [row.split()[:5] for row in people[1:]][-1] == ["a2", "Agent", "2", "not_ready", "break"]
    assert "unreachable" in people[-1]
    everybody = json.loads((await told(run, "agents", "--all", "--json")).output)["agents"]
    assert [(row["agent"], row["state"]) for row in everybody][-1] == ("a3", "logged_out")


async def test_an_order_for_an_agent(run: Path, hand: Hand) -> None:
    assert (await told(run, "agent", "a1", "--log-in")).output == "a1 is not_ready (login)\n"
    assert (await told(run, "agent", "a1", "--ready")).output == "a1 is ringing\n"
    assert (await told(run, "agent", "a1", "--log-out")).output == "a1 is ringing, log_out after the call\n"
    assert (await told(run, "agent", "a1")).exit_code == 2
    assert (await told(run, "agent", "a2", "--ready", "--log-out")).exit_code == 2
    refused = await told(run, "agent", "a2", "--ready")
    assert refused.exit_code == 1 and "a2 is logged_out: ready is not possible" in refused.output
    assert (await told(run, "agent", "a2", "--log-in")).exit_code == 0
    assert (await told(run, "agent", "a2", "--not-ready", "break", "--json")).output.split() == [
        "{", '"state":', '"not_ready",', '"reason":', '"break"', "}",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "order",
    [("call", "c9", "--withdraw"), ("queue", "x", "--open"), ("banner", "off"), ("agent", "a9", "--log-in"),
     ("callback", "100", "--queue", "general")],
    ids=lambda order: order[0],
)  # fmt: skip
async def test_a_refusal_as_words_and_as_it_came(run: Path, order: tuple[str, ...]) -> None:
    words, whole = await told(run, *order), await told(run, *order, "--json")
    refusal = json.loads(whole.stdout)["refused"]
    assert words.exit_code == whole.exit_code == 1 and refusal["id"] in list(Refusal)
    assert " ".join(words.output.split()) == " ".join(refusal["message"].split())


async def test_an_order_that_is_carried_out_as_json(run: Path, hand: Hand) -> None:
    done = await told(run, "call", "c1", "--priority", "5", "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"done": True})


async def test_through_the_socket(hand: Hand, tmp_path: Path) -> None:
    server = await status.serve(tmp_path, lambda: {"well": True}, door(hand))
    order = {"order": "withdraw", "call": "c1"}
    assert await asyncio.to_thread(status.ask, tmp_path, order) == {"done": True}
    assert await asyncio.to_thread(status.ask, tmp_path, order) == {
        "refused": {
            "id": "call.not_waiting",
            "message": "c1 does not wait: leaving",
            "details": {"call": "c1", "stage": "leaving"},
        }
    }
    assert await asyncio.to_thread(status.ask, tmp_path) == {"well": True}
    server.close()
