"""Phones that are gone without hanging up, and phones that only send nothing: who is cut, when, and what is booked.

The time-outs of sound are short here. The session refresh cannot be: RFC 4028 forbids an interval under 90 s.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from simulator.sip import Dtmf, Identity, SippCallers, SippGroup
from tests.live.house import TO_INSURANCE, House, until

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    house = House(tmp_path_factory.mktemp("house"), agents=2)
    site = house.site / "site.yaml"
    site.write_text(site.read_text() + "media: {agent_rtp_timeout_s: 3, caller_rtp_timeout_s: 6}\n")
    try:
        await house.start()
        yield house
    finally:
        await house.close()


def caller(house: House, ani: str, *, voice: bool = True) -> SippCallers:
    group = SippGroup("1555", (Identity(ani),), TO_INSURANCE, stay_s=200, dtmf=Dtmf.INFO, voice=voice)
    return SippCallers(group, "127.0.0.1", house.ports.sip)


def ends(house: House, ani: str) -> list[tuple[str, str, str]]:
    return house.rows("select outcome, hung_up_by, stage from call where ani = ? and ended_at is not null", ani)


async def test_an_agent_whose_phone_dies_is_not_blamed_and_the_caller_gets_another(house: House) -> None:
    async with house.farm() as first, caller(house, "6911000011") as citizen:
        await house.crew(first, ready=1)
        await until("they talk", lambda: house.state(house.agents[0]) == "talking")
        first.kill()
        await until("the caller waits again", lambda: house.calls("waiting") == 1, 15)
        assert citizen.results().calls[0].ended_at is None
        await house.written()
        odd = house.rows("select subject from oddity where kind = 'lost_media'")
        talk = "select result, detail from segment where kind = 'conversation' and agent = ?"
        assert odd == [(house.agents[0],)] and house.rows(talk, house.agents[0]) == [("lost_media", "agent")]
        today = house.status()["agents"][house.agents[0]]["today"]
        assert (today["lost_media_agent"], house.status()["today"]["lost_media"]) == (1, 1)
    await until("nobody is left", lambda: not any(house.status()["calls"].values()), 20)


async def test_a_caller_who_is_silent_for_too_long_is_cut_and_nobody_hung_up(house: House) -> None:
    async with caller(house, "6911000012", voice=False) as citizen:
        await until("it waits", lambda: house.calls("waiting") == 1)
        await until("it was cut", lambda: not any(house.status()["calls"].values()), 20)
        assert (await citizen.wait(10)).calls[0].outcome == "line"
    await house.written()
    assert ends(house, "6911000012") == [("abandoned", "lost_media", "waiting")]
    assert house.status()["notice_counts"]["lost_media_caller"] == 1
