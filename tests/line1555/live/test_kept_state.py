"""States that older code wrote are taken up: callers in every stage stay where they were, and go on to their end."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from calls import AgentState, CallId, CallStage, ContractError, Named, SessionId
from calls import events as e
from calls import facts as f
from engine import KeptState, OfferState
from engine.state import EngineState
from line1555.live.checkpoint import CODEC, WIRED, Checkpoint, freeze, thaw
from line1555.live.recovery import recover
from line1555.live.upgrades import UPGRADES
from metrics import KeptFold, LineState, view
from records import Journal, StateCodec
from records.state_codec import MAGIC, replaced
from tests.line import GENERAL, PENSIONS, Hand, only

from .kept_story import GONE, KEPT, Story, Texts, named, second

FORMATS = sorted(KEPT.glob("format-*"), key=lambda folder: int(folder.name.removeprefix("format-")))
NEWEST = FORMATS[-1]
each_format = pytest.mark.parametrize("folder", FORMATS, ids=lambda folder: folder.name)

MENU, WAITING, TALKING, TRANSFERRING = CallStage.MENU, CallStage.WAITING, CallStage.TALKING, CallStage.TRANSFERRING
LEAVING, PROMISED = CallStage.LEAVING, CallStage.PROMISED
PLACES = {
    "n1-survey": (MENU, "how", 1, "el", PENSIONS),
    "n1-cut_off": (LEAVING, "", 1, "el", PENSIONS),
    "n1-sent_on": (TRANSFERRING, "", 1, "el", PENSIONS),
    "n1-held": (TALKING, "", 1, "el", PENSIONS),
    "n1-colleague": (TALKING, "", 1, "el", PENSIONS),
    "n1-asked": (WAITING, "", 1, "en", GENERAL),
    "n1-gone_queue": (WAITING, "", 1, "el", GONE),
    "n1-cb1700000000-8": (PROMISED, "", 1, "el", PENSIONS),
    "n1-cb1700000000-10": (PROMISED, "", 1, "en", GENERAL),
    "n1-cb1700000000-11": (PROMISED, "", 1, "el", PENSIONS),
    "n1-cb1700000000-12": (CallStage.DIALLING, "", 1, "el", PENSIONS),
    "n1-connecting": (CallStage.CONNECTING, "", 1, "el", PENSIONS),
    "n1-ringing": (WAITING, "", 1, "el", PENSIONS),
    "n1-waiting": (WAITING, "", 1, "en", GENERAL),
    "n1-listening": (MENU, "topic", 1, "el", None),
    "n1-typing": (MENU, "ticket", 1, "el", None),
    "n1-checked": (MENU, "ticket", 1, "el", None),
    "n1-looked_up": (MENU, "case", 1, "el", None),
    "n1-recorded": (MENU, "tape", 1, "el", None),
    "n1-outside": (TRANSFERRING, "sos", 1, "el", None),
    "n1-goodbye": (LEAVING, "", 1, "el", None),
    "n1-new_menus": (MENU, "topic", 2, "en", None),
}
"""Stage, node, version of the menus, language and queue of each call."""


def bytes_of(folder: Path) -> bytes:
    return (folder / "checkpoint").read_bytes()


def thawed(folder: Path) -> Hand:
    """The line goes on at the instant that was kept."""
    hand = Hand(thaw(bytes_of(folder), Texts(folder)))
    hand.now = hand.line.view.now
    return hand


def nameless(data: bytes, library: Texts) -> bytes | None:
    """The same with versions in the place of digests: these change with the text of the settings."""
    versions = {digest: f"version {known.menus.version}" for digest, known in library.known.items()}
    return replaced(data, lambda text: versions.get(text, text))


def places(hand: Hand) -> dict[str, tuple[CallStage, str, int, str, str | None]]:
    calls = hand.line._state.calls.values()
    nodes = {call.id: call.walk.node if call.visit else "" for call in calls}
    return {
        call.id: (call.stage, nodes[call.id], call.menus.version, call.work.language, call.work.queue) for call in calls
    }


def test_the_newest_format_is_kept_as_well() -> None:
    """If you raise the format, run ``kept_story``, and commit what it writes."""
    assert [folder.name for folder in FORMATS] == [f"format-{n}" for n in range(1, CODEC.format + 1)]


def test_nothing_is_forgotten() -> None:
    """What is not kept is made again of something else: of the code, of the settings, of what is kept."""
    settings = {"settings", "call_moves", "offer_moves", "estimates", "local_minute"}
    made_again = settings | {"out", "reads", "explains", "tells_walks"}
    held = {
        n for n in dir(Story().line._state) if not n.startswith("_") and not callable(getattr(EngineState, n, None))
    }
    assert held - {one.name for one in fields(KeptState)} == made_again
    folded = {"calendar", "rules", "tracker", "_counts"}
    assert vars(LineState()).keys() - {one.name for one in fields(KeptFold)} == folded


def test_the_story_has_everything() -> None:
    state = Story().line._state
    assert {call.stage for call in state.calls.values()} == set(CallStage)
    assert {offer.state for offer in state.offers.values()} == set(OfferState)
    assert {agent.state for agent in state.roster} == set(AgentState)
    assert {call.menus.version for call in state.calls.values()} == {1, 2}
    assert state.consults and state.banner and state.closed and state.wrap_ups and GONE in state.settings.queues
    assert any(call.asked for call in state.calls.values()) and any(call.work.aside for call in state.calls.values())


@each_format
def test_callers_are_where_they_were(folder: Path) -> None:
    hand = thawed(folder)
    state = hand.line._state
    assert places(hand) == PLACES
    assert [place.item for place in state.room] == [name for name, known in PLACES.items() if name in state.room.places]
    typed = {name: call.walk.typed for name, call in state.calls.items() if call.visit and call.walk.typed}
    assert typed == {"n1-typing": "4", "n1-checked": "12"}
    assert state.banner == "emergency.strike" and state.closed == {GENERAL}
    assert not CODEC.decode(bytes_of(folder)).ignored


@each_format
def test_every_format_thaws_to_the_same(folder: Path) -> None:
    """The upgrades lead to what today's code has after the same story."""
    story = Story()
    assert nameless(freeze(thawed(folder).line), Texts(folder)) == nameless(freeze(story.line), story.library)


@each_format
def test_they_go_on_to_their_end(folder: Path) -> None:
    hand = thawed(folder)
    goes_on(hand)
    everybody_leaves(hand)
    assert not only(f.Unexpected, hand.out) and not hand.line._state.calls and not hand.line._state.offers
    assert len(hand.all(f.CallEnded)) >= len(PLACES)


def goes_on(hand: Hand) -> None:
    """Whatever each of them waits for happens: keys, answers, a talk, an agent's end of it."""
    state = hand.line._state
    offers = {offer.call: offer.id for offer in state.offers.values()}
    back = CallId("n1-cb1700000000-12")
    for call, key in (("survey", "5"), ("listening", "1"), ("typing", "#"), ("checked", "1"), ("new_menus", "0")):
        hand.do(e.KeyPressed(named(call), key))
    hand.do(e.KeyPressed(named("asked"), "1"))
    looked = named("looked_up")
    hand.do(e.LookedUp(looked, state.calls[looked].lookups, (Named("status", "open"),)))
    hand.do(e.PromptEnded(named("recorded"), state.calls[named("recorded")].playback.number))
    hand.do(e.CallerBack(named("outside")))
    hand.do(e.CallerBack(named("cut_off")))
    hand.do(e.CallerBack(named("sent_on")))
    hand.do(e.HoldChanged(offers[named("held")], False))
    hand.do(e.ConsultEnded(SessionId("s1")))
    hand.do(e.Bridged(named("connecting"), offers[named("connecting")]))
    hand.do(e.CallbackAnswered(back))
    hand.do(e.Bridged(back, offers[back]))
    hand.do(e.OfferAnswered(offers[named("ringing")]))
    hand.do(e.Bridged(named("ringing"), offers[named("ringing")]))
    hand.do(e.AgentLeft(offers[named("closing")]))
    hand.wait(20.0)


def everybody_leaves(hand: Hand) -> None:
    """Channels go, then legs, then promises; what rings is given up by the time."""
    state = hand.line._state
    for _ in range(10):
        for call in list(state.calls.values()):
            gone = call.stage in (CallStage.PROMISED, CallStage.DIALLING)
            hand.do(e.CallWithdrawn(call.id) if gone else e.CallerLeft(call.id))
        for offer in list(state.offers):
            hand.do(e.AgentLeft(offer))
        hand.wait(60.0)


def kept_in(journal: Journal, folder: Path) -> None:
    """The journal of a line of that time."""
    for digest, text in Texts(folder).texts.items():
        journal.keep_settings(digest, text)
    journal.checkpoint(73.0, bytes_of(folder), "0.0.7")


@each_format
def test_a_start_takes_it_up(folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Journal(tmp_path / "journal.db") as journal, caplog.at_level(logging.WARNING):
        kept_in(journal, folder)
        again, last = recover(journal, second(), LineState(), "1.0.0")
    assert f"a state of version 0.0.7 (format {folder.name[7:]}) is taken up by 1.0.0" in caplog.text
    assert "starting empty" not in caplog.text and last == 73.0 and not again.promised
    assert places(Hand(again.line)) == PLACES
    shown, expected = view.snapshot(again.state, last), view.snapshot(Story().board, last)
    figures = ("today", "queues", "topics", "agents", "calls", "banner")  # what is a notice changes with the code
    assert [shown[what] for what in figures] == [expected[what] for what in figures]


def test_the_board_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    story = Story()
    with Journal(tmp_path / "journal.db") as journal:
        kept_in(journal, NEWEST)
        again, _ = recover(journal, second(), LineState(), "1.0.0")
    since = len(story.steps)
    goes_on(story)
    everybody_leaves(story)
    for now, _, out in story.steps[since:]:
        for fact in out:
            if isinstance(fact, get_args(f.Fact)):
                story.board.apply(now, fact)
                again.state.apply(now, fact)
    assert view.snapshot(again.state, story.now) == view.snapshot(story.board, story.now)


def changed(change: Callable[[Any], None]) -> bytes:
    """The newest kept state, as code with other fields would have written it."""
    header = msgspec.msgpack.decode(bytes_of(NEWEST)[len(MAGIC) :])
    change(header["state"]["engine"]["calls"])
    return MAGIC + msgspec.msgpack.encode(header)


def test_a_field_that_is_new_has_its_default_and_one_that_is_gone_is_told() -> None:
    def change(calls: Any) -> None:
        for call in calls.values():
            del call["transfer_at"]
            call["horoscope"] = "lion"

    found = CODEC.decode(changed(change))
    assert found.ignored == ("Call.horoscope",)
    assert freeze(thaw(changed(change), Texts(NEWEST))) == freeze(thawed(NEWEST).line)


def test_a_field_that_is_renamed_needs_an_upgrade() -> None:
    def change(calls: Any) -> None:
        for call in calls.values():
            call["came_at"] = call.pop("arrived_at")

    def upgrade(checkpoint: Any) -> Any:
        for call in checkpoint["engine"]["calls"].values():
            call["arrived_at"] = call.pop("came_at")
        return checkpoint

    with pytest.raises(
        ContractError, match=rf"format {CODEC.format}, written by version 0.0.7, cannot be read.*Call.*arrived_at"
    ):
        CODEC.decode(changed(change))
    later = StateCodec(Checkpoint, {**UPGRADES, CODEC.format: upgrade}, WIRED)
    found = later.decode(changed(change))
    assert (found.format, found.ignored, later.format) == (CODEC.format, (), CODEC.format + 1)
    assert [call.arrived_at for call in found.state.engine.calls.values()] == [
        call.arrived_at for call in thawed(NEWEST).line._state.calls.values()
    ]


def test_a_word_that_nobody_knows_is_refused_with_its_field() -> None:
    def change(calls: Any) -> None:
        calls["n1-held"]["stage"] = "flying"

    with pytest.raises(ContractError, match=r"Call.stage: 'flying' is not a valid CallStage"):
        CODEC.decode(changed(change))


def test_settings_that_nobody_has(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="no settings"):
        thaw(bytes_of(NEWEST), Texts())


def test_an_upgrade_keeps_callers_though_the_journal_was_pruned(tmp_path: Path) -> None:
    """Settings are not steps: they stay as long as the file."""
    with Journal(tmp_path / "journal.db") as journal:
        kept_in(journal, NEWEST)
        journal.prune(journal.last_seq, 0.0)
        again, _ = recover(journal, second(), LineState(), "1.0.0")
    assert places(Hand(again.line)) == PLACES
    with closing(sqlite3.connect(tmp_path / "journal.db")) as db:
        assert db.execute("SELECT count(*) FROM settings").fetchone()[0] >= 2
