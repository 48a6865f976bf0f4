"""``line1555 try``: the menus in the terminal, with the very engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from line1555.cli.main import app
from tests.live.nodes_site import make_nodes_site


def walk(*words: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["try", *words, "--json"])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def texts(found: dict[str, Any], kind: str = "hear") -> list[str]:
    return [one["text"] for one in found["told"] if one["kind"] == kind]


def test_to_a_queue() -> None:
    found = walk("1555", "--keys", ",1,1,2,1")
    assert (found["stage"], found["queue"]) == ("waiting", "pensions")
    assert found["known"] == {"language": "el", "topic": "pensions", "role": "pensioner"}
    notes = texts(found, "note")
    assert "key 2: pensions" in notes and any(note.startswith("waits in queue pensions at place 1") for note in notes)


def test_in_english_over_an_old_number_and_a_time_out() -> None:
    found = walk("11320", "--keys", "2,,,1")
    assert found["known"]["language"] == "en" and found["queue"] == "dypa"
    assert "nothing in time, miss 1" in texts(found, "note")
    assert any(text.startswith("The number you dialled has changed.") for text in texts(found))


def test_keys_at_once_and_hanging_up() -> None:
    found = walk("1555", "--keys", "11,h")
    assert (found["stage"], found["outcome"]) == ("over", "left_in_menu")


def test_a_transfer_that_nobody_answers() -> None:
    found = walk("1555", "--keys", "1,9,,,")
    assert "transferred, confidentially" in texts(found, "note")
    assert (found["stage"], found["queue"]) == ("waiting", "solidarity")


@pytest.mark.parametrize(
    ("answer", "told", "node"),
    [
        (["--answer", "cases.status=open"], "lookup cases: answered", "node open"),
        (["--answer", "cases.status=closed"], "lookup cases: answered", "node bye"),
        ([], "lookup cases: no answer", "node failed"),
    ],
)
def test_a_number_typed_and_a_faked_service(tmp_path: Path, answer: list[str], told: str, node: str) -> None:
    make_nodes_site(tmp_path, 1)
    words = ("--site", str(tmp_path), "--from", "2101234567", "--keys", "1,1,123456783,1,,,", *answer)
    found = walk("1555", *words)
    assert told in texts(found, "note") and node in texts(found, "note")
    assert found["stage"] == "over" and "123456783" not in str(found["told"])


def test_at_another_time_and_with_the_banner(tmp_path: Path) -> None:
    make_nodes_site(tmp_path, 1)
    prepared = walk("1555", "--site", str(tmp_path), "--keys", "1,7,,", "--at", "2099-06-01T12:00")
    assert "topic is later" in texts(prepared, "note")
    before = walk("1555", "--site", str(tmp_path), "--keys", "1,7,,", "--at", "2026-06-01T12:00")
    assert "topic is later" not in texts(before, "note")
    on_strike = walk("1555", "--site", str(tmp_path), "--keys", "1,3,", "--banner", "emergency.strike")
    assert "Σήμερα απεργούμε." in texts(on_strike)


def test_asked_in_the_terminal() -> None:
    done = CliRunner().invoke(app, ["try"], input="\n1\nx\n9\n\n\n")
    assert done.exit_code == 0 and "transferred, confidentially" in done.output
    assert done.output.count("Enter: listen") == 2, "at first, and after what is no key"
    assert "the call is over" in done.output, "the end of the input hangs up"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["123"], "123 is no number of this line: expected one of 1555, 11320, 2106241888"),
        (["1555", "--from", "x;y"], "--from x;y: expected a telephone number"),
        (["1555", "--at", "noon"], "--at noon: expected a local time such as"),
        (["1555", "--keys", "1,z"], "--keys 1,z: found 'z', expected keys"),
        (["1555", "--answer", "status"], "--answer status: expected LOOKUP.VALUE=TEXT"),
        (["1555", "--banner", "x"], "--banner x: expected one of"),
    ],
)
def test_used_wrongly(words: list[str], said: str) -> None:
    done = CliRunner().invoke(app, ["try", *words])
    assert done.exit_code == 2 and said in " ".join(done.output.split()), done.output
