"""Each fault of panoramisk 1.4 that the fence is for: shown on panoramisk alone, then that ours has it not.

When one of the `bare` halves fails, panoramisk was repaired, and a piece of the fence can go.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from unittest.mock import Mock

import pytest
from panoramisk import Manager
from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol

from telephony.ami import AmiCounters, AmiMessage, AmiSettings
from telephony.ami.action import Pending
from telephony.ami.protocol import Protocol
from tests.telephony.ami.conftest import Desk
from tests.telephony.ami.fake import SECRET, FakeAmi

GREETING = b"Asterisk Call Manager/11.0.0\r\n"
BOUND = 1000
LIMITS = AmiSettings("", 0, "", "", max_message=BOUND)


class Bare:
    """panoramisk's protocol as its Manager sets it up, without a connection."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.protocol = AMIProtocol()
        self.protocol.connection_made(Mock())
        self.protocol.factory = Mock(save_stream=None, dispatch=self.events.append)
        self.protocol.encoding = "utf8"

    def hear(self, *chunks: bytes) -> list[Any]:
        for chunk in (GREETING, *chunks):
            self.protocol.data_received(chunk)
        return self.events


class Ours:
    """The same bytes through the fence."""

    def __init__(self) -> None:
        self.events: list[AmiMessage] = []
        self.protocol = Protocol(LIMITS, AmiCounters(), self.events.append, Mock())
        self.transport = Mock(get_write_buffer_size=lambda: 0)
        self.protocol.connection_made(self.transport)

    def hear(self, *chunks: bytes) -> list[AmiMessage]:
        for chunk in (GREETING, *chunks):
            self.protocol.data_received(chunk)
        return self.events


async def test_a_letter_split_between_two_reads() -> None:
    data = "Event: Newchannel\r\nCallerIDName: Μαρία\r\n\r\n".encode()
    cut = data.index("α".encode()) + 1
    (bare,) = Bare().hear(data[:cut], data[cut:])
    assert bare["CallerIDName"] == "Μρία"
    (ours,) = Ours().hear(data[:cut], data[cut:])
    assert ours.get("CallerIDName") == "Μαρία"


async def test_a_line_end_in_a_value() -> None:
    forged = "x\r\nCommand: core stop now"
    assert "\r\nCommand: core stop now\r\n" in str(Action({"Action": "Setvar", "Value": forged}))
    with pytest.raises(ValueError):
        Pending("Setvar", {"Value": forged}, LIMITS)


async def test_an_event_with_a_doubled_header_drops_the_connection() -> None:
    """A UserEvent may carry anything: Asterisk really sends this (tests/traces/greek.ami)."""
    data = b"Event: UserEvent\r\nEvent: forged\r\n\r\n"
    with pytest.raises(AttributeError):
        Bare().hear(data)
    assert [event.name for event in Ours().hear(data)] == ["UserEvent"]


async def test_a_header_called_content_is_lost() -> None:
    data = b"Event: UserEvent\r\nContent: kept\r\n\r\n"
    (bare,) = Bare().hear(data)
    assert bare["Content"] == ""
    (ours,) = Ours().hear(data)
    assert ours.get("Content") == "kept"


async def test_the_answer_to_a_synchronous_originate_drops_the_connection() -> None:
    bare = Bare()
    bare.protocol.send(Action({"Action": "Originate", "ActionID": "1", "Channel": "Local/1@x"}), as_list=None)
    with pytest.raises(KeyError):
        bare.hear(b"Response: Success\r\nActionID: 1\r\nMessage: Originate successfully queued\r\n\r\n")
    assert b"\r\nAsync: true\r\n" in Pending("Originate", {"Channel": "Local/1@x"}, LIMITS).wire


async def test_the_answer_to_an_originate_waits_for_the_phone() -> None:
    data = "Response: Success\r\nActionID: {}\r\nMessage: Originate successfully queued\r\n\r\n"
    bare, action = Bare(), Action({"Action": "Originate", "Async": "true", "Channel": "Local/1@x"})
    bare.protocol.send(action, as_list=None)
    bare.hear(data.format(action.id).encode())
    assert not action.future.done()
    ours, pending = Ours(), Pending("Originate", {"Channel": "Local/1@x"}, LIMITS)
    ours.protocol.send(pending, 1)
    ours.hear(data.format(pending.id).encode())
    assert pending.future.result().ok


async def test_an_agi_command_never_resolves_and_its_event_is_swallowed(fake: FakeAmi, desk: Desk) -> None:
    said = "Response: Success\r\nActionID: {0}\r\nMessage: Added AGI command to queue\r\n\r\n"
    said += "Event: AsyncAGIExec\r\nCommandId: {1}\r\nResult: 200%20result%3D0%0A\r\n\r\n"
    bare = Bare()
    manager = Manager(host="127.0.0.1")
    manager.protocol = bare.protocol
    future = manager.send_agi_command("PJSIP/a-1", "ANSWER")
    (action,) = {id(action): action for action in bare.protocol.responses.values()}.values()
    assert bare.hear(said.format(action["ActionID"], action["CommandID"]).encode()) == []
    assert not future.done()
    client = await desk.open()
    asked = asyncio.create_task(client.agi("PJSIP/a-1", "ANSWER", timeout_s=1))
    heard = await fake.next("AGI")
    fake.say(said.format(heard["ActionID"][0], heard["CommandID"][0]))
    assert (await asked).ok
    assert desk.diary.entries == ["up", "AsyncAGIExec"]


async def test_what_is_not_ended_grows_for_ever() -> None:
    bare, ours = Bare(), Ours()
    bare.hear(*[b"x" * 100] * 100)
    assert len(bare.protocol.queue[0]) > 10 * BOUND
    ours.hear(*[b"x" * 100] * 100)
    assert len(ours.protocol._framer) <= BOUND


async def test_a_failing_write_logs_the_secret(caplog: pytest.LogCaptureFixture) -> None:
    bare = Bare()
    bare.protocol.transport.write = Mock(side_effect=RuntimeError)
    bare.protocol.send(Action({"Action": "Login", "Secret": SECRET}))
    assert SECRET in caplog.text
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    ours = Ours()
    ours.transport.write.side_effect = RuntimeError
    ours.protocol.send(Pending("Login", {"Secret": SECRET}, LIMITS), 1)
    await asyncio.sleep(0)
    ours.transport.write.assert_called_once()
    assert SECRET not in caplog.text
    ours.protocol.connection_lost(None)


# -- panoramisk's Manager on a connection


def manager(fake: FakeAmi, **more: Any) -> Any:
    loop = asyncio.get_running_loop()
    return Manager(host="127.0.0.1", port=fake.port, username="line", secret=SECRET, loop=loop, **more)


async def logged_in(bare: Any) -> None:
    done = asyncio.Event()
    bare.on_login = lambda _: done.set()
    await bare.connect()
    await asyncio.wait_for(done.wait(), 2)


async def test_an_error_of_a_callback_drops_the_connection(fake: FakeAmi) -> None:
    dropped = asyncio.Event()
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    bare = manager(fake, on_disconnect=lambda *_: dropped.set())
    bare.register_event("Hangup", Mock(side_effect=KeyError))
    await logged_in(bare)
    fake.say("Event: Hangup\r\n\r\n")
    await asyncio.wait_for(dropped.wait(), 2)
    # Ours: test_client.py, test_an_error_of_a_callback_is_told_without_the_number


async def test_an_unanswered_action_is_sent_again_after_a_reconnect(fake: FakeAmi) -> None:
    bare = manager(fake, reconnect_timeout=0)
    await logged_in(bare)
    future = bare.send_action({"Action": "Redirect", "Channel": "PJSIP/a-1"})
    await fake.next("Redirect")
    fake.cut()
    await fake.next("Redirect")
    assert not future.done()
    bare.close()
    # Ours: test_client.py, test_comes_back_and_sends_nothing_again


async def test_the_pause_between_two_attempts_is_fixed() -> None:
    bare = Manager(loop=Mock())
    bare.connection_lost(None)
    bare.connection_lost(None)
    assert [call.args[0] for call in bare.loop.call_later.call_args_list] == [2, 2]
    # Ours: test_client.py, test_pauses_grow_to_a_bound


async def test_an_unanswered_action_and_a_silent_peer_wait_for_ever() -> None:
    """panoramisk sets no timer for an action, its Ping included: all that runs is the timer of the next Ping."""
    loop = Mock(wraps=asyncio.get_running_loop())
    bare = Manager(loop=loop)
    bare.protocol = Bare().protocol
    future = bare.send_action({"Action": "Status"})
    bare.ping()
    assert [call.args[0] for call in loop.call_later.call_args_list] == [10]
    assert not future.done()
    bare.pinger.cancel()
    # Ours: test_client.py, test_an_unanswered_action_times_out..., test_a_silent_peer_is_given_up
