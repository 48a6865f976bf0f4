"""More citizens than there is room for, and floods: on a real Asterisk, with real SIP calls (`make prove`)."""

from __future__ import annotations

import pytest

from benchmarks.capacity import main

pytestmark = [pytest.mark.live, pytest.mark.prove]


def test_a_rush_with_1000_ports_and_a_soft_limit_of_1024_files() -> None:
    assert main(["rush"]) == 0


def test_a_flood_from_one_number_with_30_agents() -> None:
    assert main(["flood"]) == 0


def test_a_flood_from_one_number_with_140_agents() -> None:
    assert main(["flood", "--agents", "140", "--rate", "3", "--talk", "35"]) == 0
