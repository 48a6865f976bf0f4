"""Ports and descriptors are counted at the start, and the agents' part is never given away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sites.budget import MOST_CITIZENS, PORTS_OF_A_LEG, budget, ports_for


def test_a_thousand_ports_and_140_seats() -> None:
    room = budget(10_000, 10_999, 140)
    assert (room.citizens, room.told, room.spare) == (229, 71, 60)
    assert room.legs == 500 and room.seats_fit and room.descriptors == 4300


def test_the_site_may_let_fewer_in() -> None:
    assert budget(10_000, 10_999, 140, 200).citizens == 200
    assert budget(10_000, 10_999, 140, 2000).citizens == 229, "no more than fit"


def test_where_seats_do_not_fit_each_citizen_still_has_an_agents_leg() -> None:
    room = budget(10_000, 10_199, 140)
    assert not room.seats_fit and room.legs <= 100 and 30 < room.citizens < 50


@given(st.integers(2, 20_000), st.integers(1, 2000), st.none() | st.integers(1, 3000))
def test_what_is_promised_fits(ports: int, agents: int, most: int | None) -> None:
    room = budget(1, ports, agents, most)
    assert 1 <= room.citizens <= (most or MOST_CITIZENS)
    assert room.citizens == 1 or room.legs * PORTS_OF_A_LEG <= ports


@pytest.mark.parametrize(("citizens", "agents"), [(8, 8), (20, 8), (140, 140), (1340, 140), (300, 2000)])
def test_the_ports_that_are_asked_for_are_enough_and_no_more(citizens: int, agents: int) -> None:
    ports = ports_for(citizens, agents)
    assert budget(1, ports, agents, citizens).citizens == citizens
    assert budget(1, ports - PORTS_OF_A_LEG, agents, citizens).citizens < citizens
