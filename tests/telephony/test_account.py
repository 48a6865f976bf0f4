"""Asterisk's own account of calls, by rows that Asterisk 22.10.1 wrote."""

from __future__ import annotations

from calls import AgentId, Party
from telephony.account import Account, AccountedCall, read

AGENTS = frozenset({AgentId("agent001"), AgentId("agent002")})
SERVED = '''\
"CHAN_START","1000.38","1000.0","1000.0","PJSIP/trunk-00000000","2101234567","","",""
"ANSWER","1000.40","1000.0","1000.0","PJSIP/trunk-00000000","2101234567","11320","",""
"APP_START","1010.00","1000.0","1000.0","PJSIP/trunk-00000000","2101234567","11320","q-pensions,Ci,,,1800",""
"CHAN_START","1010.01","1000.1","1000.0","PJSIP/agent001-00000001","agent001","","",""
"ANSWER","1013.00","1000.1","1000.0","PJSIP/agent001-00000001","agent001","","(Outgoing Line)",""
"BRIDGE_ENTER","1013.00","1000.1","1000.0","PJSIP/agent001-00000001","agent001","","(Outgoing Line)",\
"{""bridge_id"":""9bec"",""bridge_technology"":""simple_bridge""}"
"BRIDGE_ENTER","1013.00","1000.0","1000.0","PJSIP/trunk-00000000","2101234567","11320","q-pensions,Ci,,,1800",\
"{""bridge_id"":""9bec"",""bridge_technology"":""simple_bridge""}"
"HANGUP","1033.50","1000.0","1000.0","PJSIP/trunk-00000000","2101234567","11320","",\
"{""hangupcause"":26,""hangupsource"":""PJSIP/agent001-00000001"",""dialstatus"":""ANSWER""}"
"HANGUP","1033.51","1000.1","1000.0","PJSIP/agent001-00000001","agent001","","(Outgoing Line)",\
"{""hangupcause"":26,""hangupsource"":""PJSIP/agent001-00000001"",""dialstatus"":""""}"
'''
SHORT = '''\
"CHAN_START","1000.38","1000.7","1000.7","PJSIP/trunk-00000007","","","",""
"ANSWER","1000.40","1000.7","1000.7","PJSIP/trunk-00000007","","1555","",""
"HANGUP","1001.40","1000.7","1000.7","PJSIP/trunk-00000007","","1555","",\
"{""hangupcause"":16,""hangupsource"":""PJSIP/trunk-00000007"",""dialstatus"":""""}"
'''
OTHERS = """\
"CHAN_START","1.0","1.1","1.1","PJSIP/agent002-00000001","agent002","","",""
"ANSWER","1.0","1.1","1.1","PJSIP/agent002-00000001","agent002","","",""
"CHAN_START","1.0","cb17-1","cb17-1","PJSIP/trunk-00000001","6941234567","","",""
"CHAN_START","1.0","1.2","1.9","PJSIP/trunk-00000002","15900","","",""
"""


def told(text: str) -> list[AccountedCall]:
    account = Account(AGENTS)
    account.enter(read(text.splitlines(keepends=True)))
    return list(account.calls.values())


def test_a_call_that_an_agent_took_from_asterisks_own_queue() -> None:
    (call,) = told(SERVED)
    assert (call.channel, call.ani, call.dnis, call.queue, call.agent) == (
        "1000.0", "2101234567", "11320", "pensions", "agent001",
    )  # fmt: skip
    assert (round(call.wait_s, 2), round(call.talk_s, 2), round(call.total_s, 2)) == (3.0, 20.5, 33.1)
    assert call.by is Party.AGENT


def test_a_caller_who_hung_up_in_the_menu() -> None:
    (call,) = told(SHORT)
    assert (call.ani, call.dnis, call.queue, call.agent, call.wait_s) == ("", "1555", None, None, 0.0)
    assert (round(call.total_s, 2), call.by) == (1.0, Party.CALLER)


def test_a_call_whose_end_nobody_wrote() -> None:
    (call,) = told("".join(SERVED.splitlines(keepends=True)[:-2]))
    assert (call.ended_at, call.agent, round(call.total_s, 2)) == (None, "agent001", 12.6)


def test_only_citizens_who_called_are_calls() -> None:
    assert told(OTHERS) == []


def test_rows_that_nobody_can_read_are_passed_over() -> None:
    half = '"HANGUP","1001.4'
    odd = '"ANSWER","soon","1000.7","1000.7","x","","","",""\n"BRIDGE_ENTER","1.0","x","x","x","","","","["\n'
    assert told("\0\n" + odd + SHORT + odd + half) == told(SHORT)
