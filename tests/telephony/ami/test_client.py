"""The client against a fake AMI: life of the connection, order, deadlines, bounds, AGI."""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import replace

import pytest

from telephony.ami import (
    AgiEnded,
    AmiBusy,
    AmiClient,
    AmiDisconnected,
    AmiError,
    AmiGone,
    AmiLoginFailed,
    AmiMessage,
    AmiRefused,
    AmiTimeout,
    AmiUnreachable,
)
from tests.telephony.ami.conftest import FAST, Desk
from tests.telephony.ami.fake import FakeAmi

SHORT = 0.02


# -- life of the connection


async def test_starts_and_tells(fake: FakeAmi, desk: Desk) -> None:
    client = await desk.open()
    assert desk.diary.entries == ["up"]
    assert client.up
    assert (client.counters.early, client.counters.reconnects, client.pending) == (1, 0, 0)


async def test_events_before_up_are_not_given(fake: FakeAmi, desk: Desk) -> None:
    fake.boots = False
    client = desk.make()
    starting = asyncio.create_task(client.start())
    await fake.logged_in.wait()
    fake.say("Event: Newchannel\r\n\r\nEvent: FullyBooted\r\n\r\n")
    await starting
    fake.say("Event: Hangup\r\n\r\n")
    assert await desk.diary.reached(2) == ["up", "Hangup"]


async def test_goes_on_where_fully_booted_is_never_told(
    fake: FakeAmi, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    fake.boots = False
    await desk.open(boot_timeout_s=SHORT)
    assert desk.diary.entries == ["up"]
    assert "no FullyBooted" in caplog.text


async def test_wrong_secret_is_told_at_once(fake: FakeAmi, desk: Desk) -> None:
    with pytest.raises(AmiLoginFailed, match="AMI login as line refused: Authentication failed") as told:
        await desk.open(secret="wr0ng")
    assert "wr0ng" not in str(told.value)
    assert fake.logins == 1


async def test_nobody_listens(fake: FakeAmi, desk: Desk) -> None:
    await fake.vanish()
    with pytest.raises(AmiUnreachable, match=f"127.0.0.1:{fake.port}"):
        await desk.open()


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH_9.2\r\n", b"Asterisk Call Manager/" + b"1" * 200])
async def test_not_an_ami(greeting: bytes) -> None:
    async with FakeAmi(greeting) as fake:
        with pytest.raises(AmiUnreachable, match="does not speak AMI"):
            await Desk(fake).open()


@pytest.mark.parametrize("greeting", [b"", b"Asterisk Call"])
async def test_a_peer_that_says_nothing(greeting: bytes) -> None:
    async with FakeAmi(greeting) as fake:
        with pytest.raises(AmiUnreachable, match="no answer in time"):
            await Desk(fake).open(connect_timeout_s=SHORT)


async def test_comes_back_and_sends_nothing_again(fake: FakeAmi, desk: Desk) -> None:
    client = await desk.open()
    order = client.send("Redirect", {"Channel": "PJSIP/a-1"})
    await fake.next("Redirect")
    fake.cut()
    assert (await desk.diary.reached(3))[::2] == ["up", "up"]
    assert desk.diary.entries[1].startswith("down: ")
    with pytest.raises(AmiDisconnected):
        await order
    fake.answers["Status"] = "Response: Success"
    assert (await client.action("Status")).ok
    assert [action["Action"][0] for action in fake.heard] == ["Redirect", "Status"]
    assert client.counters.reconnects == 1


async def test_waits_until_asterisk_is_back(fake: FakeAmi, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    client = await desk.open()
    await fake.vanish()
    await desk.diary.reached(2)
    with pytest.raises(AmiDisconnected):
        await client.action("Status")
    async with asyncio.timeout(2):
        while "no connection yet" not in caplog.text:
            await asyncio.sleep(0)
    await fake.listen()
    assert (await desk.diary.reached(3))[2] == "up"


async def test_a_login_refused_on_the_way_back_is_final(fake: FakeAmi, desk: Desk) -> None:
    client = await desk.open()
    fake.secret = "changed"
    fake.cut()
    with pytest.raises(AmiLoginFailed):
        await client.wait_closed()
    assert desk.diary.entries[2:] == ["down: AMI login as line refused: Authentication failed"]
    assert fake.logins == 2


async def test_pauses_grow_to_a_bound(fake: FakeAmi, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    client = desk.make(backoff_s=(0.2, 5.0))
    pauses: list[float] = []

    async def sleep(pause: float) -> None:
        pauses.append(pause)

    async def refused() -> None:
        if len(pauses) == 2000:
            raise AmiLoginFailed
        raise AmiUnreachable

    monkeypatch.setattr("telephony.ami.client.asyncio.sleep", sleep)
    monkeypatch.setattr(client, "_connect", refused)
    with pytest.raises(AmiLoginFailed):
        await client._reconnect()
    jitter = random.Random(1)
    assert pauses[:4] == [jitter.uniform(top / 2, top) for top in (0.2, 0.4, 0.8, 1.6)]
    assert 4.5 < max(pauses) <= 5.0 and min(pauses[5:]) >= 2.5


async def test_a_silent_peer_is_given_up(fake: FakeAmi, desk: Desk) -> None:
    await desk.open(ping_every_s=SHORT, ping_timeout_s=SHORT)
    fake.pongs = False
    entries = await desk.diary.reached(2)
    assert entries[1] == "down: no answer to Ping within 0.02 s"


async def test_a_peer_that_still_speaks_is_kept(fake: FakeAmi, desk: Desk) -> None:
    client = await desk.open(ping_every_s=0.001, ping_timeout_s=0.01)
    fake.pongs = False
    while client.counters.timeouts < 3:
        fake.say("Event: Hangup\r\n\r\n")
        await asyncio.sleep(0.001)
    assert client.up


async def test_close_fails_what_is_pending_and_calls_nobody(fake: FakeAmi, desk: Desk) -> None:
    client = await desk.open()
    action, command = client.send("Status"), client.send_agi("PJSIP/a-1", "ANSWER", timeout_s=None)
    await client.close()
    for future in (action, command):
        with pytest.raises(AmiDisconnected):
            await future
    await client.wait_closed()
    await client.close()
    assert desk.diary.entries == ["up"]
    assert client.pending == 0


async def test_starts_once(desk: Desk) -> None:
    client = await desk.open()
    with pytest.raises(RuntimeError):
        await client.start()


async def test_before_the_start_and_never_started(desk: Desk) -> None:
    client = desk.make()
    with pytest.raises(AmiDisconnected):
        await client.action("Ping")
    await client.wait_closed()


async def test_events_are_filtered_at_the_server(fake: FakeAmi, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    fake.answers["Filter"] = "Response: Success"
    await desk.open(hidden_events=("VarSet", "TestEvent"))
    assert [action["Filter"] for action in fake.heard] == [["!^Event: VarSet"], ["!^Event: TestEvent"]]
    fake.answers["Filter"] = "Response: Error\r\nMessage: Permission denied"
    await desk.open(hidden_events=("VarSet",))
    assert "events VarSet are not filtered by Asterisk: Permission denied" in caplog.text


# -- events


async def test_events_come_in_order_inside_the_read(fake: FakeAmi, desk: Desk) -> None:
    await desk.open()
    names = [f"E{number}" for number in range(200)]
    fake.say("".join(f"Event: {name}\r\n\r\n" for name in names))
    assert (await desk.diary.reached(201))[1:] == names


async def test_an_error_of_a_callback_is_told_without_the_number(
    fake: FakeAmi, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    number = "6900000000"

    def fails(event: AmiMessage) -> None:
        desk.diary.event(event)
        raise KeyError(event.get("CallerIDNum"))

    client = AmiClient(replace(FAST, port=fake.port), fails, desk.diary.up, desk.diary.down)
    await client.start()
    fake.say(f"Event: Hangup\r\nCallerIDNum: {number}\r\n\r\n" * 2)
    assert await desk.diary.reached(3) == ["up", "Hangup", "Hangup"]
    assert client.up and client.counters.callback_errors == 2
    assert "Hangup: KeyError at test_client.py:" in caplog.text
    assert number not in caplog.text
    await client.close()


# -- actions


async def test_an_action_is_written_in_the_same_turn_and_in_order(fake: FakeAmi, desk: Desk) -> None:
    client = await desk.open()
    sent = [client.send("Setvar", {"Variable": f"V{number}", "Value": "α"}) for number in range(50)]
    for number, future in enumerate(sent):
        action = await fake.next("Setvar")
        assert (action["Variable"], action["Value"]) == ([f"V{number}"], ["α"])
        fake.reply(action)
        assert (await future).ok


async def test_many_values_under_one_header(fake: FakeAmi, desk: Desk) -> None:
    client = await desk.open()
    client.send("Originate", {"Channel": "Local/1@x", "Variable": ["A=1", "B=2"]})
    action = await fake.next("Originate")
    assert (action["Variable"], action["Async"]) == (["A=1", "B=2"], ["true"])


async def test_refused(fake: FakeAmi, desk: Desk) -> None:
    fake.answers["Hangup"] = "Response: Error\r\nMessage: Permission denied"
    client = await desk.open()
    with pytest.raises(AmiRefused, match=r"^Permission denied$"):
        await client.action("Hangup", {"Channel": "PJSIP/a-1"})
    assert (client.counters.refused, client.counters.gone) == (1, 0)


@pytest.mark.parametrize("words", ["No such channel", "Channel does not exist: 17.1", "Channel 17.1 does not exist."])
async def test_an_order_to_a_channel_that_is_no_more_counts_apart(fake: FakeAmi, desk: Desk, words: str) -> None:
    """It may have ended while the order was on its way; each action has its own words for it (Asterisk 22.10)."""
    fake.answers["Redirect"] = f"Response: Error\r\nMessage: {words}"
    client = await desk.open()
    with pytest.raises(AmiGone):
        await client.action("Redirect", {"Channel": "17.1"})
    assert (client.counters.refused, client.counters.gone) == (0, 1)


async def test_an_action_that_nobody_waits_for_keeps_its_place_and_is_counted(fake: FakeAmi, desk: Desk) -> None:
    client, refused = await desk.open(), list[AmiError]()
    client.tell("Setvar", {"Variable": "A", "Value": "1"})
    asked = client.send("Getvar", {"Variable": "A"})
    client.tell("Hangup", {"Channel": "17.1"}, refused.append)
    client.tell("QueuePause", {"Interface": "x"}, refused.append)
    first, second, third, fourth = [await fake.next(name) for name in ("Setvar", "Getvar", "Hangup", "QueuePause")]
    fake.reply(first)
    fake.reply(third, "Response: Error\r\nMessage: No such channel")
    fake.reply(fourth, "Response: Error\r\nMessage: Interface not found")
    fake.reply(second)
    assert (await asked).ok
    counters = client.counters
    assert [str(error) for error in refused] == ["No such channel", "Interface not found"]
    assert (counters.gone, counters.refused, counters.late, client.pending) == (1, 1, 0, 0)


async def test_what_nobody_waits_for_is_bounded_too(fake: FakeAmi, desk: Desk) -> None:
    client, refused = await desk.open(max_pending=2), list[AmiError]()
    for number in range(3):
        client.tell("Setvar", {"Variable": f"V{number}", "Value": "1"}, refused.append)
    assert [type(error) for error in refused] == [AmiBusy] and client.pending == 2
    with pytest.raises(ValueError):
        client.tell("Setvar", {"Variable": "V", "Value": "1\r\nAction: Command"})
    fake.cut()
    await desk.diary.reached(3)
    assert client.pending == 0


async def test_the_actions_of_one_turn_are_written_as_one(
    fake: FakeAmi, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await desk.open()
    assert client._protocol is not None
    writes, write = list[bytes](), client._protocol.transport.write

    def written(data: bytes) -> None:
        writes.append(data)
        write(data)

    monkeypatch.setattr(client._protocol.transport, "write", written)
    for number in range(3):
        client.tell("Setvar", {"Variable": f"V{number}", "Value": "1"})
    assert not writes
    assert [(await fake.next("Setvar"))["Variable"] for _ in range(3)] == [["V0"], ["V1"], ["V2"]]
    assert len(writes) == 1


async def test_an_unanswered_action_times_out_and_its_late_answer_is_counted(fake: FakeAmi, desk: Desk) -> None:
    client = await desk.open()
    with pytest.raises(AmiTimeout, match=r"no answer to Status within 0.02 s"):
        await client.action("Status", timeout_s=SHORT)
    assert (client.counters.timeouts, client.pending) == (1, 0)
    fake.reply(await fake.next("Status"))
    fake.say("Event: Hangup\r\n\r\n")
    await desk.diary.reached(2)
    assert client.counters.late == 1


async def test_an_action_given_up_by_its_owner_leaves_nothing(fake: FakeAmi, desk: Desk) -> None:
    client = await desk.open()
    future = client.send("Status")
    future.cancel()
    await fake.next("Status")
    assert client.pending == 0


async def test_pending_actions_are_bounded(fake: FakeAmi, desk: Desk) -> None:
    client = await desk.open(max_pending=2)
    futures = [client.send("Status") for _ in range(3)]
    with pytest.raises(AmiBusy, match="2 actions wait"):
        await futures[2]
    commands = [client.send_agi(f"PJSIP/{number}", "ANSWER", timeout_s=1) for number in range(3)]
    with pytest.raises(AmiBusy):
        await commands[2]


async def test_unsent_bytes_are_bounded(fake: FakeAmi, desk: Desk) -> None:
    client = await desk.open(max_unsent=200)
    with pytest.raises(AmiBusy, match="200 bytes wait"):
        await client.action("Setvar", {"Variable": "V", "Value": "x" * 200})


async def test_a_listing_takes_its_rows_and_leaves_other_events(fake: FakeAmi, desk: Desk) -> None:
    client = await desk.open()
    asked = asyncio.create_task(client.listing("CoreShowChannels", complete="CoreShowChannelsComplete"))
    action = await fake.next("CoreShowChannels")
    tail = f"\r\nActionID: {action['ActionID'][0]}\r\n\r\n"
    rows = "".join(f"Event: CoreShowChannel\r\nChannel: c{number}{tail}" for number in range(3))
    fake.say(f"Response: Success{tail}Event: Hangup\r\n\r\n{rows}Event: CoreShowChannelsComplete{tail}")
    assert [row.get("Channel") for row in await asked] == ["c0", "c1", "c2"]
    assert await desk.diary.reached(2) == ["up", "Hangup"]


async def test_a_listing_is_bounded_and_may_be_refused(fake: FakeAmi, desk: Desk) -> None:
    client = await desk.open(max_rows=2)
    asked = asyncio.create_task(client.listing("Agents", complete="AgentsComplete"))
    action = await fake.next("Agents")
    fake.say(f"Event: Agent\r\nActionID: {action['ActionID'][0]}\r\n\r\n" * 3)
    with pytest.raises(AmiBusy, match="more than 2 rows"):
        await asked
    fake.answers["Agents"] = "Response: Error\r\nMessage: Permission denied"
    with pytest.raises(AmiRefused):
        await client.listing("Agents", complete="AgentsComplete")


async def test_the_event_of_an_originate_is_not_its_answer(fake: FakeAmi, desk: Desk) -> None:
    client = await desk.open()
    future = client.send("Originate", {"Channel": "PJSIP/agent001"})
    action = await fake.next("Originate")
    fake.reply(action, "Event: OriginateResponse\r\nResponse: Failure")
    await desk.diary.reached(2)
    assert not future.done()
    fake.reply(action)
    assert (await future).ok


# -- AGI


def _exec(command_id: str, result: str) -> str:
    return f"Event: AsyncAGIExec\r\nChannel: PJSIP/a-1\r\nCommandId: {command_id}\r\nResult: {result}\r\n\r\n"


async def test_agi_waits_for_its_own_result(fake: FakeAmi, desk: Desk) -> None:
    fake.answers["AGI"] = "Response: Success\r\nMessage: Added AGI command to queue"
    client = await desk.open()
    asked = asyncio.create_task(client.agi("PJSIP/a-1", 'STREAM FILE "welcome" "123"', timeout_s=1))
    action = await fake.next("AGI")
    fake.say(_exec("another engine's", "200%20result%3D49%0A"))
    fake.say(_exec(action["CommandID"][0], "200%20result%3D50%20endpos%3D1600%0A"))
    result = await asked
    assert (result.digit, result.endpos, result.ok) == ("2", 1600, True)
    assert await desk.diary.reached(3) == ["up", "AsyncAGIExec", "AsyncAGIExec"]
    assert client.pending == 0


async def test_agi_refused(fake: FakeAmi, desk: Desk) -> None:
    fake.answers["AGI"] = "Response: Error\r\nMessage: Channel does not exist."
    client = await desk.open()
    with pytest.raises(AmiRefused, match="does not exist"):
        await client.agi("PJSIP/a-1", "ANSWER", timeout_s=None)


@pytest.mark.parametrize("end", ["Event: AsyncAGIEnd\r\nChannel: PJSIP/a-1", "Event: Hangup\r\nUniqueid: PJSIP/a-1"])
async def test_agi_ends_with_its_channel(fake: FakeAmi, desk: Desk, end: str) -> None:
    client = await desk.open()
    mine = client.send_agi("PJSIP/a-1", "ANSWER", timeout_s=None)
    other = client.send_agi("PJSIP/b-2", "ANSWER", timeout_s=None)
    fake.say(f"{end}\r\n\r\n")
    with pytest.raises(AgiEnded):
        await mine
    assert not other.done()


async def test_agi_deadline_and_late_result(fake: FakeAmi, desk: Desk) -> None:
    fake.answers["AGI"] = "Response: Success"
    client = await desk.open()
    with pytest.raises(AmiTimeout):
        await client.agi("PJSIP/a-1", "ANSWER", timeout_s=SHORT)
    action = await fake.next("AGI")
    fake.say(_exec(action["CommandID"][0], "200%20result%3D0%0A") + _exec("other", "200%20result%3D0%0A"))
    await desk.diary.reached(3)
    assert (client.counters.timeouts, client.counters.late) == (1, 1)


async def test_agi_fails_when_the_connection_is_lost(fake: FakeAmi, desk: Desk) -> None:
    client = await desk.open()
    asked = client.send_agi("PJSIP/a-1", "ANSWER", timeout_s=None)
    await fake.next("AGI")
    fake.cut()
    with pytest.raises(AmiDisconnected):
        await asked


async def test_a_bad_agi_command_leaves_nothing(desk: Desk) -> None:
    client = await desk.open()
    for command in ("ANSWER\r\nAction: Command", "x" * 2000):
        with pytest.raises(ValueError):
            client.send_agi("PJSIP/a-1", command, timeout_s=None)
    assert client.pending == 0
