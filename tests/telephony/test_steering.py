"""One command at a time, cut by a key or by an interruption: steering against a switch that only remembers."""

from __future__ import annotations

import asyncio

import pytest

from telephony.ami import AgiEnded, AgiResult, AmiTimeout
from telephony.steering import MessageRecording, PlayEnd, PlayFiles, PlayMusic, Steering

HEARD = AgiResult(200, "0", "", 4000, "200 result=0 endpos=4000")
CUT = AgiResult(200, "49", "", 1000, "200 result=49 endpos=1000")
DONE = AgiResult(200, "0", "", None, "200 result=0")
NAMES = ("a", "b")


class FakeSwitch:
    """Remembers commands; the test ends them."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.interrupts = 0
        self.running: asyncio.Future[AgiResult] | None = None
        self.told: list[tuple[int, PlayEnd]] = []
        self.steering = Steering("ch", self, lambda number, how, _: self.told.append((number, how)))

    def send_agi(self, channel: str, command: str, *, timeout_s: float | None) -> asyncio.Future[AgiResult]:
        self.sent.append(command)  # first: what is raised in a callback only reaches the loop's handler
        assert self.running is None or self.running.done(), "a second command while one is outstanding"
        self.running = asyncio.get_running_loop().create_future()
        return self.running

    def interrupt(self, channel: str) -> None:
        self.interrupts += 1

    async def end(self, result: AgiResult | Exception) -> None:
        assert self.running is not None
        if isinstance(result, Exception):
            self.running.set_exception(result)
        else:
            self.running.set_result(result)
        await asyncio.sleep(0)


@pytest.fixture
async def switch() -> FakeSwitch:
    fake = FakeSwitch()
    assert fake.steering.entered() is False
    return fake


async def test_files_one_after_the_other(switch: FakeSwitch) -> None:
    switch.steering.want(PlayFiles(1, NAMES, "12"))
    assert switch.sent == ['STREAM FILE a "12"']
    await switch.end(HEARD)
    await switch.end(HEARD)
    assert switch.sent[1:] == ['STREAM FILE b "12"']
    assert switch.told == [(1, PlayEnd.HEARD)]


async def test_what_is_wanted_on_being_told_is_sent_once(switch: FakeSwitch) -> None:
    """The engine answers the end of a prompt with the next one, within the same call."""
    following = [PlayFiles(2, ("c",), "12"), PlayFiles(3, ("d",), "12")]

    def told(number: int, how: PlayEnd, _: str) -> None:
        if following:
            switch.steering.want(following.pop(0))

    switch.steering._told = told
    switch.steering.want(PlayFiles(1, ("a",), "12"))
    await switch.end(HEARD)
    await switch.end(HEARD)
    assert switch.sent == [f'STREAM FILE {name} "12"' for name in "acd"]


async def test_nothing_is_sent_before_the_channel_is_ours() -> None:
    switch = FakeSwitch()
    switch.steering.want(PlayMusic("calm"))
    assert switch.sent == []
    switch.steering.entered()
    assert switch.sent == ["SET MUSIC ON calm"]


async def test_a_key_cuts_and_the_next_play_waits_for_the_result(switch: FakeSwitch) -> None:
    switch.steering.want(PlayFiles(1, NAMES, "12"))
    switch.steering.key("1")
    switch.steering.want(PlayFiles(2, ("c",), "12"))
    assert switch.interrupts == 0 and len(switch.sent) == 1
    await switch.end(CUT)
    assert switch.sent[1:] == ['STREAM FILE c "12"']
    assert switch.told == []


async def test_a_key_that_cuts_without_a_new_wish_says_nothing_more(switch: FakeSwitch) -> None:
    switch.steering.want(PlayFiles(1, NAMES, "12"))
    switch.steering.key("1")
    await switch.end(CUT)
    assert len(switch.sent) == 1 and switch.told == []


async def test_a_key_of_before_does_not_cut_for_good(switch: FakeSwitch) -> None:
    """By SIP INFO a key ends a moment after it was told: then it may hit what was begun because of it."""
    switch.steering.key("1")
    switch.steering.want(PlayFiles(1, NAMES, "12"))
    await switch.end(CUT)
    assert switch.sent == ['STREAM FILE a "12"'] * 2 and switch.told == []
    await switch.end(HEARD)
    switch.steering.key("1")
    await switch.end(CUT)
    assert len(switch.sent) == 3 and switch.told == [], "this one is meant"


async def test_a_new_wish_interrupts_what_no_key_has_cut(switch: FakeSwitch) -> None:
    switch.steering.want(PlayFiles(1, NAMES, ""))
    switch.steering.key("1")
    switch.steering.want(PlayMusic("calm"))
    assert switch.interrupts == 1
    switch.steering.ended()
    await switch.end(AgiEnded("left"))
    assert len(switch.sent) == 1
    assert switch.steering.entered() is True, "we sent it there ourselves"
    assert switch.sent[1:] == ["SET MUSIC ON calm"]


async def test_music_stops_before_a_file(switch: FakeSwitch) -> None:
    switch.steering.want(PlayMusic("calm"))
    await switch.end(DONE)
    switch.steering.want(PlayFiles(1, ("a",), ""))
    await switch.end(DONE)
    assert switch.sent == ["SET MUSIC ON calm", "SET MUSIC OFF", 'STREAM FILE a ""']


async def test_a_wish_during_a_short_command_waits_for_it(switch: FakeSwitch) -> None:
    switch.steering.want(PlayMusic("calm"))
    switch.steering.want(PlayFiles(1, ("a",), ""))
    assert switch.interrupts == 0
    await switch.end(DONE)
    await switch.end(DONE)
    assert switch.sent[-1] == 'STREAM FILE a ""'


async def test_wanting_nothing_stops_what_is_said(switch: FakeSwitch) -> None:
    """The caller types: by a key that has cut the file, or between two files."""
    switch.steering.want(PlayFiles(1, NAMES, "12"))
    switch.steering.key("1")
    switch.steering.want(None)
    await switch.end(CUT)
    assert len(switch.sent) == 1 and switch.interrupts == 0 and switch.told == []
    switch.steering.want(PlayFiles(2, NAMES, "12"))
    switch.steering.want(None)
    assert switch.interrupts == 1


@pytest.mark.parametrize("result", [AgiResult(200, "35", "dtmf", 8000, ""), AgiResult(200, "0", "timeout", 8000, "")])
async def test_a_tape_ends_by_a_key_or_by_itself(switch: FakeSwitch, result: AgiResult) -> None:
    switch.steering.want(MessageRecording(3, "/x/night/1", 60.0))
    assert switch.sent == ['RECORD FILE /x/night/1 wav "#" 60000 s=5']
    switch.steering.key("#")
    await switch.end(result)
    assert switch.told == [(3, PlayEnd.HEARD)]


async def test_a_tape_that_fails_is_told(switch: FakeSwitch) -> None:
    switch.steering.want(MessageRecording(3, "/x/night/1", 60.0))
    await switch.end(AgiResult(200, "-1", "writefile", None, ""))
    assert switch.told == [(3, PlayEnd.FAILED)]


async def test_a_release_ends_all_wishes(switch: FakeSwitch) -> None:
    switch.steering.want(PlayFiles(1, NAMES, ""))
    switch.steering.release()
    await switch.end(AgiEnded("sent to the conversation"))
    assert len(switch.sent) == 1 and switch.told == []


async def test_a_failed_file_is_told(switch: FakeSwitch) -> None:
    switch.steering.want(PlayFiles(7, ("a",), ""))
    await switch.end(AmiTimeout("no result"))
    assert switch.told == [(7, PlayEnd.FAILED)]


GONE = AgiResult(200, "-1", "", 0, "200 result=-1 endpos=0")


async def test_a_file_that_is_not_there_is_left_out_and_our_return_is_our_own(switch: FakeSwitch) -> None:
    """The dialplan sends the channel back at once: nothing is said anew, and what was left is said."""
    switch.steering.want(PlayFiles(7, ("a", "b", "c"), ""))
    await switch.end(GONE)
    assert len(switch.sent) == 1, "nothing is sent into an AsyncAGI that ends"
    switch.steering.ended()
    assert switch.told == [], "a caller who hangs up makes the same result, and never comes back"
    assert switch.steering.entered() is True
    assert switch.told == [(7, PlayEnd.UNPLAYABLE)]
    assert switch.sent[1:] == ['STREAM FILE b ""']
    await switch.end(HEARD)
    await switch.end(HEARD)
    assert switch.told == [(7, PlayEnd.UNPLAYABLE), (7, PlayEnd.HEARD)]
    assert switch.steering.entered() is False, "the next return is news"


async def test_where_every_file_is_missing_it_counts_as_heard(switch: FakeSwitch) -> None:
    switch.steering.want(PlayFiles(7, ("a",), ""))
    await switch.end(GONE)
    assert switch.steering.entered() is True
    assert switch.told == [(7, PlayEnd.UNPLAYABLE), (7, PlayEnd.HEARD)]
    switch.steering.want(PlayFiles(8, ("b",), ""))
    assert switch.sent[1:] == ['STREAM FILE b ""']


async def test_what_is_wanted_before_the_channel_is_back_takes_the_place_of_the_missing_one(switch: FakeSwitch) -> None:
    switch.steering.want(PlayFiles(7, ("a",), "12"))
    await switch.end(GONE)
    switch.steering.key("1")
    switch.steering.want(PlayFiles(8, ("b",), ""))
    assert switch.steering.entered() is True
    assert switch.sent[1:] == ['STREAM FILE b ""'] and switch.told == []


async def test_a_tape_without_a_folder_brings_the_channel_back(switch: FakeSwitch) -> None:
    switch.steering.want(MessageRecording(3, "/x/night/1", 60.0))
    await switch.end(GONE)
    assert switch.told == [(3, PlayEnd.FAILED)]
    assert switch.steering.entered() is True


async def test_a_file_that_keeps_ending_async_agi_without_a_word_is_left_out(switch: FakeSwitch) -> None:
    switch.steering.want(PlayFiles(1, ("a",), ""))
    for _ in range(3):
        switch.steering.ended()
        await switch.end(AgiEnded("left"))
        assert switch.steering.entered() is False
    assert len(switch.sent) == 3 and switch.told == [(1, PlayEnd.UNPLAYABLE), (1, PlayEnd.HEARD)]


async def test_while_nothing_is_said_silence_is_sent(switch: FakeSwitch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telephony.steering.QUIET_S", 0.0)
    switch.steering._quiet = None  # the one of the fixture is a second away
    switch.steering.want(PlayFiles(1, ("a",), ""))
    await switch.end(HEARD)
    await asyncio.sleep(0.001)
    assert switch.sent[1:] == ["SET MUSIC ON silence"]
    await switch.end(DONE)
    switch.steering.want(PlayMusic("calm"))
    assert switch.sent[2:] == ["SET MUSIC ON calm"], "music takes its place"
    await switch.end(DONE)
    switch.steering.want(PlayFiles(2, ("b",), ""))
    await switch.end(DONE)
    assert switch.sent[3:] == ["SET MUSIC OFF", 'STREAM FILE b ""']


async def test_no_silence_is_sent_into_a_conversation(switch: FakeSwitch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telephony.steering.QUIET_S", 0.0)
    switch.steering.want(PlayFiles(1, ("a",), ""))
    await switch.end(HEARD)
    switch.steering.release()
    await asyncio.sleep(0.001)
    assert len(switch.sent) == 1


async def test_a_result_that_comes_with_the_return_is_taken_first(switch: FakeSwitch) -> None:
    """One read brings the result, AsyncAGIEnd and AsyncAGIStart; the future's callback would run after all three."""
    switch.steering.want(PlayFiles(7, NAMES, ""))
    assert switch.running is not None
    switch.running.set_result(GONE)
    switch.steering.ended()
    assert switch.steering.entered() is True
    await asyncio.sleep(0)
    assert switch.told == [(7, PlayEnd.UNPLAYABLE)] and switch.sent[1:] == ['STREAM FILE b ""']


async def test_who_was_sent_to_an_agent_is_back_from_there(switch: FakeSwitch) -> None:
    """The redirect ends the file with -1 as a missing one does; coming back is news all the same."""
    switch.steering.want(PlayFiles(1, NAMES, ""))
    switch.steering.release()
    await switch.end(AgiResult(200, "-1", "", None, "200 result=-1"))
    switch.steering.ended()
    switch.steering.arrived()
    assert switch.steering.entered() is False


async def test_an_interruption_that_is_told_after_the_release_brings_nothing_back(switch: FakeSwitch) -> None:
    switch.steering.want(PlayFiles(1, NAMES, ""))
    switch.steering.want(PlayFiles(2, NAMES, ""))
    switch.steering.release()
    assert switch.steering.entered() is True and not switch.steering.controlled
    switch.steering.arrived()
    assert switch.steering.entered() is False and switch.steering.controlled
