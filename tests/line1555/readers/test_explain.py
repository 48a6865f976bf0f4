"""A call's story from its journal, and the command that tells it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from calls import AgentId, CallId, CallStage, OfferId, OfferResult, Outcome, Party, QueueId
from calls import facts as f
from line1555.cli.main import app
from line1555.cli.routing_words import tell_story
from line1555.live import journalled
from line1555.readers.explain import Missed, OverflowStep, Story, explain
from line1555.screen import Screen
from records import Journal
from tests.line import Hand
from tests.line1555.mornings import FIRST, SECOND, THIRD, journal_of, morning, told

runner = CliRunner()
PENSIONS = QueueId("pensions")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    journal_of(folder / "journal.db", morning())
    return folder


@pytest.fixture(scope="module")
def story() -> Story:
    steps = ((now, facts) for now, _, facts in told(morning()))
    return explain(SECOND, steps, lambda now: f"{now:g}")


def test_the_caller_is_masked(story: Story) -> None:
    assert (story.ani, story.dnis, story.outcome) == ("210****567", "1555", "handled")


def test_a_wait_with_what_it_asked_for(story: Story) -> None:
    (wait,) = story.waits
    assert (wait.queue, wait.position, wait.agents_in) == ("pensions", 1, 1)
    assert wait.requires == "lang.el>=1 and topic.pensions>=5"
    assert wait.key == (1.0, 0.0)
    assert wait.relaxes[0] == "30 s waited: lang.el>=1 and topic.pensions>=4"
    assert [(change.waited_s, change.why) for change in wait.changes] == [(30, "30 s waited"), (60, "60 s waited")]
    assert (wait.ended, wait.agent, wait.wait_s) == ("connected", "agent071", 93.0)


def test_every_offer_with_its_reasons_and_its_end(story: Story) -> None:
    missed, taken = story.waits[0].offers
    assert (missed.agent, missed.waited_s, missed.rule, missed.key) == ("agent021", 30.0, "balanced", (1.0, -30.0))
    assert (missed.result, missed.ring_s, missed.connected) == ("no_answer", 15.0, False)
    assert [(each.rule, each.count, each.agents) for each in missed.excluded] == [
        ("skill", 1, ("agent119",)),
        ("talking", 1, ("agent071",)),
    ]
    assert (taken.agent, taken.eligible, taken.result, taken.connected) == ("agent071", ("agent071",), "answered", True)


def test_overflow_and_nobody_are_turns() -> None:
    call = CallId("n1-1")
    facts: list[f.Fact] = [
        f.NobodyCan(call, PENSIONS, "queue general"),
        f.Overflowed(call, PENSIONS, "nobody", 1.0, "queue", "general"),
        f.Queued(call, QueueId("general"), "anybody", 60.0, 3, 0, (), AgentId("a1")),
        f.QueueLeft(call, QueueId("general"), Outcome.ABANDONED, 7.0),
    ]
    story = explain("n1-1", [(1.0, facts)], str)
    assert story.turns == [
        OverflowStep("1.0", "pensions", "nobody", None, "queue general"),
        OverflowStep("1.0", "pensions", "nobody", 1.0, "queue general"),
    ]
    (wait,) = story.waits
    assert (wait.key, wait.kept_for, wait.ended, wait.wait_s) == ((1.0, -60.0), "a1", "abandoned", 7.0)
    assert (story.outcome, story.started_at) == ("not over", "")


def test_numbers_in_what_the_switch_says_are_masked() -> None:
    call, offer, agent = CallId("n1-1"), OfferId("o1"), AgentId("a1")
    facts: list[f.Fact] = [
        f.Queued(call, PENSIONS, "anybody", 0, 1, 1),
        f.OfferMade(offer, call, agent, PENSIONS, 0.0, "cmu", (0.0, 120.0, 0.0, 1), 1, (agent,), ()),
        f.OfferEnded(offer, call, agent, PENSIONS, OfferResult.REDIRECTED, 1.0, "302 to 6941234567"),
    ]
    (attempt,) = explain("n1-1", [(0.0, facts)], str).waits[0].offers
    assert (attempt.detail, attempt.key) == ("302 to 694****567", (0.0, 120.0))


BACK = CallId("n1-cb0-1")


def called_back() -> list[tuple[float, list[f.Fact]]]:
    """``n1-1`` is asked at their place and hangs up; the first attempt does not reach them."""
    call, offer, agent, general = CallId("n1-1"), OfferId("o1"), AgentId("a1"), QueueId("general")
    return [
        (0.0, [f.CallStarted(call, "6941234567", "1555"), f.CallbackOffered(call, general, "length", 5.0)]),
        (0.0, [f.Queued(call, general, "anybody", 60.0, 6, 1)]),
        (8.0, [
            f.Overflowed(call, general, "length", 5.0, "callback", ""),
            f.QueueLeft(call, general, Outcome.OVERFLOWED, 8.0),
            f.CallbackPromised(BACK, call, general, "6941234567", "el", 8.0, None),
            f.Queued(BACK, general, "anybody", 60.0, 6, 1),
        ]),
        (12.0, [f.CallEnded(call, Outcome.OVERFLOWED, CallStage.WAITING, Party.LINE, 12.0)]),
        (20.0, [f.PlaceChanged(BACK, general, "anybody", 70.0, "priority set")]),
        (100.0, [f.OfferMade(offer, BACK, agent, general, 100.0, "cmu", (0.0, 120.0, 0.0, 1), 1, (agent,), ())]),
        (103.0, [f.OfferEnded(offer, BACK, agent, general, OfferResult.ANSWERED, 3.0, "")]),
        (133.0, [f.CallbackMissed(BACK, agent, OfferResult.BUSY, "17 6941234567", 1, 900.0)]),
        (134.0, [f.CallbackMissed(BACK, agent, OfferResult.NO_ANSWER, "", 2, None)]),
    ]  # fmt: skip


def test_a_call_that_was_called_back_names_the_callback() -> None:
    story = explain("n1-1", called_back(), str)
    assert (story.called_back_as, story.callback, story.outcome) == (BACK, False, "overflowed")
    assert [turn.goes for turn in story.turns] == ["callback offered", "callback"]
    (wait,) = story.waits
    assert (wait.ended, wait.wait_s) == ("overflowed", 8.0)


def test_a_callback_tells_its_own_story() -> None:
    story = explain(BACK, called_back(), str)
    assert (story.callback, story.callback_of, story.ani, story.started_at) == (True, "n1-1", "694****567", "8.0")
    (wait,) = story.waits
    assert (wait.position, wait.ended, wait.changes[0].waited_s) == (6, "still waiting", 20.0), "his place came at 0"
    assert [offer.result for offer in wait.offers] == ["answered"]
    assert story.missed == [
        Missed("133.0", "a1", "busy", "17 694****567", 900.0),
        Missed("134.0", "a1", "no_answer", "", None),
    ]


def test_a_promised_time() -> None:
    promise = f.CallbackPromised(BACK, None, QueueId("general"), "2101234567", "en", 0.0, 3600.0)
    story = explain(BACK, [(10.0, [promise])], str)
    assert (story.callback_of, story.due_at, story.waits, story.outcome) == (None, "3610.0", [], "not over")


@pytest.mark.parametrize(
    ("language", "call", "said"),
    [
        ("en", "n1-1", ("length (5) -> callback offered", f"called back as {BACK}")),
        ("en", BACK, (f"callback {BACK}: to 694****567", "in the place of n1-1")),
        ("en", BACK, ("a1 did not reach them: busy 17 694****567; again after 900 s",)),
        ("en", BACK, ("a1 did not reach them: no_answer; given up",)),
        ("el", BACK, (f"επανάκληση {BACK}: προς 694****567", "στη θέση της n1-1", "τελευταία προσπάθεια")),
    ],
)
def test_callbacks_told_to_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, call: str, said: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    with Journal(tmp_path / "journal.db", node="n1") as journal:
        for now, facts in called_back():
            journal.append(now, None, facts)
    result = runner.invoke(app, ["explain", call, "--run", str(tmp_path), "--lang", language])
    assert result.exit_code == 0 and all(text in result.output for text in said), result.output
    assert "6941234567" not in result.output


def test_a_callback_that_waits_for_its_time_is_found(tmp_path: Path) -> None:
    promise = f.CallbackPromised(BACK, None, QueueId("general"), "2101234567", "en", 0.0, 3600.0)
    with Journal(tmp_path / "journal.db", node="n1") as journal:
        journal.append(0.0, None, [promise])
    assert journalled.find(tmp_path / "journal.db", "cb0-1") == BACK


@pytest.mark.parametrize(("wanted", "call"), [("last", SECOND), (FIRST, FIRST), ("003.3", THIRD), (".1", FIRST)])
def test_a_call_is_found_by_its_id_or_the_end_of_it(run: Path, wanted: str, call: str) -> None:
    assert journalled.find(run / "journal.db", wanted) == call


def test_the_last_call_may_be_long_ago(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journalled, "PAGE", 3)
    assert journalled.find(run / "journal.db", "last") == SECOND


def test_nobody_has_waited_yet(tmp_path: Path) -> None:
    with pytest.raises(journalled.NoSuchCall, match="no call in this journal has waited"):
        journalled.find(journal_of(tmp_path / "journal.db", Hand().open()), "last")


@pytest.mark.parametrize(("wanted", "said"), [("9.9", "explain last"), ("", "explain last"), ("n0", "no call")])
def test_a_call_that_is_not_there(run: Path, wanted: str, said: str) -> None:
    with pytest.raises(journalled.NoSuchCall, match=said):
        journalled.find(run / "journal.db", wanted)


def test_an_end_of_several_calls_is_not_enough(tmp_path: Path) -> None:
    hand = morning()
    hand.call("n2-1.1")
    with pytest.raises(journalled.NoSuchCall, match=r"2 calls end with \.1: n1-1780040001\.1, n2-1\.1"):
        journalled.find(journal_of(tmp_path / "journal.db", hand), ".1")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("wait 1: pensions", "score 30", "skill 1: agent119", "30 s waited: lang.el>=1 and topic.pensions>=4")),
        ("el", ("αναμονή 1: pensions", "βαθμός 30", "30 s waited")),
    ],
)
def test_told_to_people(run: Path, monkeypatch: pytest.MonkeyPatch, language: str, said: tuple[str, ...]) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    result = runner.invoke(app, ["explain", "last", "--run", str(run), "--lang", language])
    assert result.exit_code == 0
    assert all(text in result.output for text in said), result.output
    assert "2101234567" not in result.output


def test_told_as_json(run: Path) -> None:
    result = runner.invoke(app, ["explain", SECOND, "--run", str(run), "--json"])
    story = json.loads(result.output)
    assert (result.exit_code, story["call"], story["ani"]) == (0, SECOND, "210****567")
    assert story["started_at"].startswith("2026-05-29T10:33:")
    assert story["waits"][0]["offers"][0]["excluded"][0] == {"rule": "skill", "count": 1, "agents": ["agent119"]}


def test_a_call_that_never_waited(run: Path) -> None:
    result = runner.invoke(app, ["explain", THIRD, "--run", str(run)])
    assert result.exit_code == 0 and "it has not waited" in result.output


def test_the_page_shows_what_the_commands_print(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    page = (Path(__file__).parents[3] / "docs" / "routing.md").read_text(encoding="utf-8")
    examples = EXAMPLE.findall(page)
    assert [command.split()[0] for command, _ in examples] == ["eligible", "explain"]
    for command, shown in examples:
        arguments = command.split() + (["--run", str(run)] if command.startswith("explain") else [])
        printed = {line.strip() for line in runner.invoke(app, arguments).output.splitlines()}
        wanted = [line.strip() for line in shown.splitlines() if line.strip() and not set(line) & set("┃│━")]
        assert wanted and [line for line in wanted if line not in printed and not line.endswith("...")] == []


EXAMPLE = re.compile(r"^    \$ line1555 (.+)\n((?:    .*\n|\n)+)", re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["last", "--run", "/nonexistent"], 1, "has the line been up there"),
        (["n9-9", "--run", "RUN"], 1, "line1555 explain last"),
        (["last", "--run", "RUN", "--lang", "fr"], 2, "expected one of el, en"),
    ],
)
def test_wrong_use_has_a_way_out(run: Path, arguments: list[str], status: int, said: str) -> None:
    result = runner.invoke(app, ["explain", *(str(run) if word == "RUN" else word for word in arguments)])
    assert result.exit_code == status
    assert said in result.output


@pytest.mark.parametrize(
    ("language", "promised", "moved", "taken"),
    [
        ("en", "promised by nikos 0.0", "moved by maria: ", "refused by maria after"),
        ("el", "υποσχέθηκε από nikos 0.0", "moved από maria: ", "απορρίφθηκε από maria μετά από"),
    ],
)
def test_who_ordered_it_stands_beside_it(language: str, promised: str, moved: str, taken: str) -> None:
    general, pensions = QueueId("general"), QueueId("pensions")
    story = explain(
        BACK,
        [
            (0.0, [f.CallbackPromised(BACK, None, general, "2101234567", "en", 0.0, None, "nikos")]),
            (0.0, [f.Queued(BACK, general, "anybody", 60.0, 6, 1)]),
            (20.0, [f.PlaceChanged(BACK, pensions, "anybody", 60.0, "moved", "maria")]),
            (30.0, [f.PlaceChanged(BACK, pensions, "lang.el>=1", 60.0, "30 s waited")]),
            (40.0, [f.QueueLeft(BACK, pensions, Outcome.REFUSED, 40.0, "maria")]),
        ],
        str,
    )
    screen = Screen()
    with screen.capture() as shown:
        tell_story(screen, story, language)
    text = shown.get()
    assert promised in text and moved in text and "30 s waited: " in text and taken in text
