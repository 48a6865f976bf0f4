"""One citizen out of everything that is kept: the number is nowhere, a replay tells equal facts, the others stay."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from typer.testing import CliRunner

from calls import CallId, Named, facts
from calls import events as e
from calls import facts as f
from control import status
from control.refusals import Refusal
from engine import Line, LineSettings, Shelf
from line1555.cli.default_site import DEFAULT_SITE
from line1555.cli.main import app
from line1555.live import erasing
from line1555.live.recovery import Recovery, recover
from metrics import LineState
from records import Journal, Reader
from records.tailer import Tailer
from sites import settings_from_text
from tests.line import Hand, settings
from tests.records.conftest import NewDatabase, new_database, postgres  # noqa: F401  fixtures

from .test_damaged_journal import Written

_FACTS = get_args(facts.Fact)
NUMBER, OTHER = "6941234567", "6949999999"
run_command = CliRunner().invoke


def hand_of(recovery: Recovery) -> Hand:
    hand = Hand(recovery.line)
    hand.now, hand.steps = recovery.line._state.now, Written(recovery)
    return hand


def day(hand: Hand) -> None:
    """Our citizen calls in three spellings: talks, types a ticket's number wrong and right, leaves a message."""
    hand.open().ready("a1", "a2")
    hand.call("c1", ani=NUMBER)
    hand.talk("c1")
    hand.do(e.CallerLeft(CallId("c1")), 30.0)
    hand.call("c2", ani=OTHER)
    hand.talk("c2")
    hand.call("c3", "1555", "+30" + NUMBER)
    for key in "13":
        hand.do(e.KeyPressed(CallId("c3"), key), 1.0)
    for key in "98*9871":  # the last one says that it was read back rightly
        hand.do(e.KeyPressed(CallId("c3"), key), 0.5)
    hand.do(e.CallerLeft(CallId("c3")), 5.0)
    hand.call("c4", "1555", "0030" + NUMBER)
    for key in "14":
        hand.do(e.KeyPressed(CallId("c4"), key), 1.0)
    hand.do(
        e.LookedUp(CallId("c4"), hand.line._state.calls[CallId("c4")].lookups, (Named("status", "Μαρία Πέτρου"),)), 1.0
    )
    hand.do(e.CallerLeft(CallId("c4")), 5.0)
    hand.call("c5", "1555", NUMBER)
    for key in "16":
        hand.do(e.KeyPressed(CallId("c5"), key), 1.0)
    hand.heard("c5")
    hand.do(e.CallerLeft(CallId("c5")), 5.0)
    hand.call("c6", ani=OTHER)
    hand.do(e.CallerLeft(CallId("c6")), 60.0)
    hand.wait(60.0)


class Following:
    """The settings of a journal that another engine writes; what this line adds itself stays in memory."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.add = Shelf().add

    def get(self, digest: str) -> LineSettings | None:
        text = self.reader.settings(digest)
        return None if text is None else settings_from_text(text)


def replayed(path: Path) -> list[tuple[Any, ...]]:
    """The facts of the whole journal, told anew."""
    told = []
    with Reader(path) as reader:
        line = Line(settings(2), library=Following(reader))
        for step in reader.read(0, 100_000):
            out = line.handle(step.event, step.now) if step.event is not None else line.tick(step.now)
            told.append(tuple(fact for fact in out if isinstance(fact, _FACTS)))
            assert told[-1] == step.facts, step
    return told


def everything(run: Path) -> bytes:
    """All bytes of all files, but for the pages of the log that are over."""
    return b"".join(file.read_bytes() for file in sorted(run.rglob("*")) if file.is_file())


@pytest.fixture
def url(new_database: NewDatabase) -> str:  # noqa: F811
    return new_database()


@pytest.fixture
def run(tmp_path: Path, url: str) -> Path:
    """A run directory after a day, with the line down; the database is where its site says."""
    run = tmp_path / "run"
    run.mkdir()
    with Journal(run / "journal.db", wall=lambda: 1_772_400_000.0) as journal:
        recovery, _ = recover(journal, settings(2), LineState(), "1")
        day(hand_of(recovery))
        recovery.checkpoint(recovery.line._state.now)
    carry(run, url)
    with Reader(run / "journal.db") as reader:
        (tape,) = [one.file for step in reader.read(0, 10_000) for one in step.facts if isinstance(one, f.MessageLeft)]
    message = run / "messages" / f"{tape}.wav"
    message.parent.mkdir(parents=True)
    message.parent.mkdir(exist_ok=True)
    message.write_bytes(b"RIFF")
    (run / "log").mkdir()
    (run / "log" / "Master.csv").write_text(f'"","+30{NUMBER}","1555"\n"","{OTHER}","1555"\n')
    return run


def carry(run: Path, url: str) -> None:
    tailer = Tailer(run / "journal.db", url)
    tailer.sync_once()
    tailer.stop()


@pytest.fixture
def site(tmp_path: Path, url: str) -> Path:
    folder = tmp_path / "site"
    shutil.copytree(DEFAULT_SITE, folder)
    text = (folder / "site.yaml").read_text()
    (folder / "site.yaml").write_text(text.replace("records: {}", f"records: {{url: '{url}'}}"))
    return folder


def person(*words: str, run: Path, site: Path) -> Any:
    return run_command(app, ["person", *words, "--run", str(run), "--site", str(site), "--json"])


def test_erased_while_the_line_is_down(run: Path, site: Path, tmp_path: Path) -> None:
    before, steps = replayed(run / "journal.db"), len(everything(run))
    assert NUMBER.encode() in everything(run) and steps
    found = person("erase", "+30 694 123 4567", "--yes", run=run, site=site)
    assert found.exit_code == 0, found.output
    done = json.loads(found.stdout)
    assert (done["calls"], done["messages"], done["logs"]) == (4, 1, 1)
    assert done["token"].startswith("694") and len(done["token"]) == 10

    kept = everything(run)
    for trace in (NUMBER.encode(), "Μαρία".encode(), json.dumps("Μαρία")[1:-1].encode(), b"RIFF"):
        assert trace not in kept, trace
    assert OTHER.encode() in kept
    assert f'"+30{done["token"]}"' in (run / "log" / "Master.csv").read_text()
    after = replayed(run / "journal.db")
    assert after[-1] == (f.Erased(done["token"], done_by(after)),)
    others = [[fact for fact in told if "c2" in str(fact) or "c6" in str(fact) or "a1" in str(fact)] for told in before]
    assert [[fact for fact in told if fact in was] for told, was in zip(after, others, strict=False)] == others
    assert [len(told) for told in after[:-1]] == [len(told) for told in before]

    with Journal(run / "journal.db") as journal:
        recovery, _ = recover(journal, settings(2), LineState(), "1")
        assert journal.moved_aside is None and recovery.steps >= 1, "checksums are right"
    journeys = [json.loads(run_command(app, ["journey", call, "--run", str(run), "--site", str(site), "--json"]).stdout)
                for call in ("c1", "c2")]  # fmt: skip
    assert [one["ani"][:3] for one in journeys] == ["694", "694"]
    again = person("erase", NUMBER, "--yes", run=run, site=site)
    assert again.exit_code == 0 and json.loads(again.stdout)["calls"] == 0
    lines = [json.loads(line) for line in (run / "audit.jsonl").read_text().splitlines()]
    assert [line["what"] for line in lines] == ["person erase"] * 2 and all(line["by"] for line in lines)


def done_by(told: list[tuple[Any, ...]]) -> str:
    (fact,) = told[-1]
    return str(fact.by)


def test_typed_digits_are_others_that_lead_the_same_way(run: Path, site: Path) -> None:
    person("erase", NUMBER, "--yes", run=run, site=site)
    with Reader(run / "journal.db") as reader:
        events = [step.event for step in reader.read(0, 10_000)]
    keys = [event.key for event in events if isinstance(event, e.KeyPressed) and event.call == "c3"]
    assert "".join(keys) == "1300*1111"


def test_exported(run: Path, site: Path, tmp_path: Path) -> None:
    found = person("export", "0030 694-1234567", "--to", str(tmp_path / "out"), run=run, site=site)
    assert found.exit_code == 0, found.output
    kept = json.loads((tmp_path / "out" / "person.json").read_text())
    assert [call["ani"] for call in kept["calls"]] == [NUMBER, "+30" + NUMBER, "0030" + NUMBER, NUMBER]
    assert len(kept["messages"]) == 1 and (tmp_path / "out" / kept["messages"][0]).read_bytes() == b"RIFF"
    told = [one for step in kept["journal"] for one in step["told"]]
    assert any(one["type"] == "LookedUp" for one in told) and OTHER not in json.dumps(kept)
    assert (tmp_path / "out" / "person.json").stat().st_mode & 0o777 == 0o600
    assert "already" in person("export", NUMBER, "--to", str(tmp_path / "out"), run=run, site=site).output


def test_a_journey_is_masked_unless_somebody_answers_for_it(run: Path, site: Path) -> None:
    def journey(*words: str) -> str:
        return run_command(app, ["journey", "c3", "--run", str(run), "--site", str(site), *words]).stdout

    assert "ani: +30*******567" in journey() and NUMBER not in journey() + journey("--json")
    assert json.loads(journey("--json"))["started_at"] == json.loads(journey("--json", "--numbers"))["started_at"]
    assert f"ani: +30{NUMBER}" in journey("--numbers")
    audit = [json.loads(line) for line in (run / "audit.jsonl").read_text().splitlines()]
    assert [(line["what"], line["about"]) for line in audit] == [("journey with numbers", "c3")] * 2
    (run / "audit.jsonl").unlink()
    (run / "audit.jsonl").mkdir()
    assert NUMBER not in journey("--numbers")


def test_what_is_no_number_and_a_question(run: Path, site: Path) -> None:
    assert person("erase", "15900", "--yes", run=run, site=site).exit_code == 2
    asked = run_command(app, ["person", "erase", NUMBER, "--run", str(run), "--site", str(site)], input="n\n")
    assert asked.exit_code == 1 and NUMBER.encode() in everything(run)


def test_the_journal_is_in_use_by_a_line_that_does_not_answer(run: Path, site: Path) -> None:
    with Journal(run / "journal.db"):
        found = person("erase", NUMBER, "--yes", run=run, site=site)
    assert found.exit_code == 1 and "in use by another engine" in found.output


async def test_erased_while_the_line_runs(tmp_path: Path) -> None:
    """Beside a line that goes on writing; refused while the citizen is on it."""
    run = tmp_path / "run"
    run.mkdir()
    with Journal(run / "journal.db", wall=lambda: 1_772_400_000.0) as journal:
        recovery, _ = recover(journal, settings(2), LineState(), "1")
        hand = hand_of(recovery)
        day(hand)
        tailer = Tailer(run / "journal.db", f"sqlite:///{run / 'records.db'}", poll_s=0.05)
        tailer.start()
        hand.call("c9", ani="+30" + NUMBER)

        async def execute(order: Mapping[str, Any], by: str) -> Mapping[str, Any]:
            event = erasing.wanted(order)
            assert event is not None
            return erasing.forget(recovery, hand.do, event)

        server = await status.serve(run, dict, execute)
        ask: Callable[[], Any] = lambda: person("erase", NUMBER, "--yes", run=run, site=DEFAULT_SITE)  # noqa: E731
        refused = await asyncio.to_thread(ask)
        assert refused.exit_code == 1 and "on the line at this moment: c9" in refused.output
        assert json.loads(refused.stdout)["refused"]["id"] == Refusal.PERSON_ON_THE_LINE
        hand.do(e.CallerLeft(CallId("c9")))
        hand.wait(60.0)

        busy = asyncio.create_task(_work(hand))
        found = await asyncio.to_thread(ask)
        busy.cancel()
        assert found.exit_code == 0, found.output
        assert json.loads(found.stdout)["calls"] == 5 and journal.health.ok
        server.close()
        await asyncio.sleep(0.05)  # the conversation ends, and its socket is closed
        tailer.stop()
    assert NUMBER.encode() not in everything(run)
    told = replayed(run / "journal.db")
    assert sum(isinstance(fact, f.Erased) for facts_ in told for fact in facts_) == 1
    with sqlite3.connect(run / "records.db") as db:
        assert db.execute("SELECT count(*) FROM oddity WHERE kind = 'erased'").fetchone() == (1,)


async def _work(hand: Hand) -> None:
    for n in range(1000):
        hand.call(f"w{n}", ani=OTHER)
        hand.do(e.CallerLeft(CallId(f"w{n}")), 1.0)
        hand.wait(1.0)
        await asyncio.sleep(0.002)
