"""Short codes: defaults by name and place, what is written goes first, nothing is dialled for two things."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from calls import SettingsError
from line1555.cli.main import app
from line1555.live.survivable import asterisk_settings
from sites import load_site
from telephony.asterisk import check

from .test_site import SHIPPED


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "site"))


def change(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")


def test_shipped() -> None:
    codes = load_site(SHIPPED).short_codes
    assert (codes["801"], codes["7011"], codes["7140"], len(codes)) == ("insurance", "agent011", "agent140", 147)
    check(asterisk_settings(load_site(SHIPPED), Path("/s"), Path("/m")))


def test_what_is_written_goes_first(folder: Path) -> None:
    change(folder, "agents.yaml", "agents:\n", 'agents:\n  agent011: {short: "7012"}\n')
    codes = load_site(folder).short_codes
    assert codes["7012"] == "agent011" and "agent012" not in codes.values() and "7011" not in codes


def test_no_defaults(folder: Path) -> None:
    change(folder, "agents.yaml", 'short_prefix: "7"', 'short_prefix: ""')
    assert set(load_site(folder).short_codes) == {f"80{n}" for n in range(1, 8)}


@pytest.mark.parametrize(
    ("short", "said"),
    [
        ("801", "'801', which insurance has"),
        ("15900", "which is an outside number"),
        ("1555", "which is a number of the line"),
        ("112", "which is an emergency number"),
        ("*7", "a short code in quotes: 2 to 6 digits"),
    ],
)
def test_clashes(folder: Path, short: str, said: str) -> None:
    change(folder, "agents.yaml", "agents:\n", f'agents:\n  agent011: {{short: "{short}"}}\n')
    with pytest.raises(SettingsError, match=r"agents\.agent011\.short") as refused:
        load_site(folder)
    assert said in str(refused.value)


def test_a_range_has_no_code(folder: Path) -> None:
    change(folder, "agents.yaml", "  agent001-agent020:\n", '  agent001-agent020:\n    short: "777"\n')
    with pytest.raises(SettingsError, match="a range is many people"):
        load_site(folder)


def test_the_command() -> None:
    shown = CliRunner().invoke(app, ["codes", "--site", str(SHIPPED)]).output
    rows = [row.split() for row in shown.splitlines()]
    assert ["*13", "ready"] in rows and ["803", "dypa", "ΔΥΠΑ"] in rows and ["7140", "agent140", "agent140"] in rows
    found = json.loads(CliRunner().invoke(app, ["codes", "--site", str(SHIPPED), "--json"]).output)
    assert found["short"]["7001"] == "agent001" and found["features"]["*142"] == "not_ready meal"
