"""Settings as the journal keeps them: text, and the very same settings again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as run

from calls import ContractError
from ivr import Hours, Menus
from sites import callable_line, load_site, settings_digest, settings_from_text, settings_to_text
from sites.stored_settings import KINDS
from tests.line import settings
from tests.properties.dialplans import plans

SHIPPED = Path(__file__).resolve().parents[2] / "dialplans" / "1555"


def test_the_shipped_site_comes_back() -> None:
    line = callable_line(load_site(SHIPPED))
    text = settings_to_text(line)
    again = settings_from_text(text)
    assert again == line and settings_to_text(again) == text and text.isascii()


@given(plans())
@run(max_examples=50, deadline=None)
def test_whatever_menus_there_are_come_back(menus: Menus) -> None:
    line = settings(menu=menus)
    assert settings_from_text(settings_to_text(line)) == line


def test_days_and_hours_come_back() -> None:
    holiday = Hours(week=(((480, 960),),) * 7, dates={date(2027, 1, 7): ()})
    line = replace(settings(), queue_hours=dict.fromkeys(settings().queues, holiday))
    assert settings_from_text(settings_to_text(line)) == line


def test_the_digest_is_of_what_the_settings_say() -> None:
    one, other = settings_to_text(settings(3)), settings_to_text(settings(4))
    assert settings_digest(one) == settings_digest(settings_to_text(settings(3))) != settings_digest(other)


def test_only_settings_are_ever_made_of_a_text() -> None:
    rooms = {kind.__module__.partition(".")[0] for kind in KINDS.values()}
    assert rooms == {"agents", "calls", "engine", "ivr", "queues"}


@pytest.mark.parametrize(
    "damage",
    [
        lambda plain: plain | {"": "Line"},
        lambda plain: plain | {"": "QueueSettings"},
        lambda plain: plain | {"menus": {"": "Path", "value": "/"}},
        lambda plain: {key: value for key, value in plain.items() if key != "menus"},
        lambda plain: plain | {"colour": "red"},
        lambda plain: [plain],
        lambda plain: "text",
    ],
)
def test_other_text_is_refused(damage: Any) -> None:
    plain = json.loads(settings_to_text(settings()))
    with pytest.raises(ContractError, match="not settings"):
        settings_from_text(json.dumps(damage(plain)))
