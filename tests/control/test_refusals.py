"""Refusals and errors: a closed set, each in the document and in a test; what cannot be read is answered shortly."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from control import orders, status
from control.refusals import Fault, OrderRefused, Refusal, Told, found_in, said

ROOT = Path(__file__).resolve().parents[2]
IDS = sorted([*Refusal, *Fault])
ROWS = re.findall(r"^\| `([a-z]+\.[a-z_]+)` \|", (ROOT / "docs/control.md").read_text("utf-8"), re.MULTILINE)


def texts(*folders: str) -> str:
    files = (file for folder in folders for file in sorted((ROOT / folder).rglob("*.py")))
    return "\n".join(file.read_text("utf-8") for file in files if file.name != "refusals.py")


def test_every_id_is_in_the_document_once() -> None:
    assert sorted(ROWS) == IDS


@pytest.mark.parametrize("kind", [*Refusal, *Fault], ids=str)
def test_every_id_is_told_by_the_code_and_looked_for_by_a_test(kind: Refusal | Fault) -> None:
    name = rf"\b{type(kind).__name__}\.{kind.name}\b"
    assert re.search(name, texts("control", "line1555"))
    assert re.search(rf"{name}|\bR\.{kind.name}\b", texts("tests"))


class Door:
    """The socket of a line that does nothing but note what it is told."""

    def __init__(self, run: Path) -> None:
        self.run, self.done = run, list[tuple[Mapping[str, Any], str]]()

    async def execute(self, order: Mapping[str, Any], user: str) -> Mapping[str, Any]:
        order, by = orders.signed(order, user)
        if order["order"] == "break":
            raise ZeroDivisionError("a fault of ours")
        self.done.append((order, by))
        return {"done": True}

    async def answer(self, question: bytes) -> Any:
        reader, writer = await asyncio.open_unix_connection(self.run / status.FILE)
        writer.write(question)
        answer = await reader.read()
        writer.close()
        return json.loads(answer)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    door = Door(tmp_path)
    server = await status.serve(tmp_path, lambda: {"well": True}, door.execute)
    yield door
    server.close()


@pytest.mark.parametrize(
    ("question", "fault", "details"),
    [
        (b"hello\n", Fault.NOT_JSON, {"said": "hello"}),
        (b"\n", Fault.NOT_JSON, {"said": ""}),
        (b"\xff\xfe\x1b[2J\n", Fault.NOT_JSON, {"said": "\ufffd\ufffd\ufffd[2J"}),
        (b"x" * 1000 + b"\n", Fault.NOT_JSON, {"said": "x" * 64 + "..."}),
        (b"[" * 50_000 + b"\n", Fault.NOT_JSON, {"said": "[" * 64 + "..."}),
        (b"1" * 5_000 + b"\n", Fault.NOT_JSON, {"said": "1" * 64 + "..."}),
        (b"[]\n", Fault.NOT_AN_OBJECT, {"said": "[]"}),
        (b'"\\udc80"\n', Fault.NOT_AN_OBJECT, {"said": '"\\udc80"'}),
        (b"x" * 200_000 + b"\n", Fault.TOO_LONG, {}),
    ],
)
async def test_what_is_no_question(door: Door, question: bytes, fault: Fault, details: Any) -> None:
    answer = await door.answer(question)
    assert set(answer) == {"error"} and set(answer["error"]) == {"id", "message", "details"}
    assert (answer["error"]["id"], answer["error"]["details"]) == (fault, details)
    assert len(json.dumps(answer)) < 500 and not door.done


async def test_no_question_in_time(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "ANSWER_WITHIN_S", 0.2)
    assert (await door.answer(b"{"))["error"]["id"] == Fault.LATE


async def test_a_fault_of_ours_is_told_and_the_line_goes_on(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    answer = await door.answer(b'{"order": "break"}\n')
    assert found_in(answer) == Told(Fault.FAILED, "the line failed at it (ZeroDivisionError): see its log", {})
    assert "a question to the line failed" in caplog.text
    assert await door.answer(b"{}\n") == {"well": True}


async def test_a_desk_names_whom_it_acts_for(door: Door) -> None:
    """The user of the machine stays in it: that much the kernel knows."""
    assert await door.answer(b'{"order": "dance", "as": "maria@efka"}\n') == {"done": True}
    ((order, by),) = door.done
    assert order == {"order": "dance"} and re.fullmatch(r"maria@efka via \S+", by)


@pytest.mark.parametrize("name", ["", "x" * 65, "maria\n", "a via b", 7, None, ["maria"]])
def test_whom_it_acts_for_is_a_name(name: Any) -> None:
    with pytest.raises(OrderRefused) as caught:
        orders.signed({"order": "dance", "as": name}, "root")
    assert caught.value.told.id == Refusal.GIVER_MALFORMED and len(str(caught.value.answer)) < 300


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"done": True}, None),
        ({"refused": {"id": "call.unknown", "message": "no", "details": {"call": "c1"}}},
         Told("call.unknown", "no", {"call": "c1"})),
        ({"error": {"id": "line.failed", "message": "no"}}, Told("line.failed", "no", {})),
        ({"refused": "words of a line of before"}, Told("", "words of a line of before", {})),
    ],
)  # fmt: skip
def test_what_an_answer_says(answer: dict[str, Any], told: Told | None) -> None:
    assert found_in(answer) == told


def test_what_is_repeated_is_short_and_printable() -> None:
    assert said("αβγ") == "αβγ" and said("a\x1bb\u202ec") == "a\ufffdb\ufffdc" and said("x" * 65) == "x" * 64 + "..."
