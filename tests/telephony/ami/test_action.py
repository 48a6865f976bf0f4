"""What may be written: one action stays one action, and nothing that Asterisk would drop is sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as rounds
from hypothesis import strategies as st

from telephony.ami import AmiSettings, action
from telephony.ami.action import Fields

LIMITS = AmiSettings("", 0, "", "")


def wire(name: str, fields: Fields) -> list[str]:
    return action.wire(name, action.new_id(), fields, LIMITS).decode().split("\r\n")


def test_the_bytes_of_an_action() -> None:
    lines = wire("Setvar", {"Variable": "TOPIC", "Value": "σύνταξη: όλα"})
    assert lines[0] == "Action: Setvar" and lines[1].startswith("ActionID: action/")
    assert lines[2:] == ["Variable: TOPIC", "Value: σύνταξη: όλα", "", ""]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\0", "\r\n\r\nAction: Command"])
@pytest.mark.parametrize("where", ["name", "header", "value", "one of the values"])
def test_no_line_end_is_ever_written(end: str, where: str) -> None:
    cases: dict[str, tuple[str, Fields]] = {
        "name": (f"Ping{end}x", {}),
        "header": ("Setvar", {f"Variable{end}": "x"}),
        "value": ("Setvar", {"Variable": f"x{end}y"}),
        "one of the values": ("Originate", {"Variable": ["A=1", f"B=2{end}"]}),
    }
    with pytest.raises(ValueError):
        wire(*cases[where])


@pytest.mark.parametrize("header", ["", "A:", "Action", "actionid", "A\tB"])
def test_not_the_name_of_a_header(header: str) -> None:
    with pytest.raises(ValueError, match="not the name of a header"):
        wire("Setvar", {header: "x"})


@rounds(max_examples=50, deadline=None)
@given(
    st.text(), st.dictionaries(st.text(max_size=8), st.one_of(st.text(), st.lists(st.text(), max_size=3)), max_size=4)
)
def test_any_text_is_one_action_or_refused(name: str, fields: dict[str, str | list[str]]) -> None:
    try:
        lines = wire(name, fields)
    except ValueError:
        return
    values = sum(1 if isinstance(value, str) else len(value) for value in fields.values())
    assert lines[-2:] == ["", ""] and all(lines[:-2])
    assert len(lines) - 4 == values + (name.lower() == "originate" and "async" not in map(str.lower, fields))


def test_half_a_letter_is_refused() -> None:
    with pytest.raises(ValueError):
        wire("Setvar", {"Value": "\udcce"})


def test_what_asterisk_would_not_take_is_refused() -> None:
    room = LIMITS.max_line - len("Value: ")
    assert wire("Setvar", {"Value": "x" * room})
    with pytest.raises(ValueError, match="bytes"):
        wire("Setvar", {"Value": "ω" * room})
    many = ["A=1"] * (LIMITS.max_headers - 2)
    assert wire("Status", {"Variable": many})
    with pytest.raises(ValueError, match="headers"):
        wire("Status", {"Variable": [*many, "A=1"]})


def test_originate_is_always_asynchronous() -> None:
    assert "Async: true" in wire("originate", {"Channel": "x"})
    assert "async: true" in wire("Originate", {"async": "true"})
    with pytest.raises(ValueError, match="asynchronous"):
        wire("Originate", {"ASYNC": "false"})
