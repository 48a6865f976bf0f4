"""SIPp scenarios as text: a citizen who calls, an odd phone that is called, a phone that registers.

Pure: settings in, XML out. A hang-up of the other side is taken at every moment, also while ours is under way.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

REFUSALS = (400, 403, 404, 408, 480, 486, 487, 488, 500, 502, 503, 600, 603)
KEY_S = 1.2  # SIPp needs 1.0 s to send a key by RTP (tried: 0.7 s cuts it); what it plays earlier stops the key
_SDP = """\
Allow: INVITE, ACK, BYE, CANCEL, INFO, OPTIONS, UPDATE
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [{port}] RTP/AVP 8 96
a=rtpmap:8 PCMA/8000
a=rtpmap:96 telephone-event/8000
a=fmtp:96 0-15"""
_EMPTY = "Content-Length: 0\n"


class Dtmf(enum.Enum):
    """How keys are sent. RFC 4733 leaves SIPp through a raw socket: it needs root (CAP_NET_RAW)."""

    RTP = "RFC 4733"
    INFO = "SIP INFO"


@dataclass(frozen=True, slots=True)
class Press:
    """One key, pressed `pause_s` after what was before it (by RTP at least KEY_S after another key)."""

    pause_s: float
    key: str

    def __post_init__(self) -> None:
        if len(self.key) != 1 or self.key not in "0123456789*#ABCD":
            raise ValueError(f"{self.key!r} is no key of a telephone")


@dataclass(frozen=True, slots=True)
class Voice:
    """The files SIPp plays: raw A-law for rtp_stream, RTP packets for raw sockets. None: the caller is silent."""

    alaw: str
    pcap: str


def citizen(
    number: str, presses: Sequence[Press], stay_s: float, dtmf: Dtmf = Dtmf.INFO, voice: Voice | None = None
) -> str:
    """Write the scenario of a caller who dials, presses keys, stays `stay_s`, and hangs up. CSV field 0: the caller.

    What happens is logged: `milliseconds;call number;Call-ID;what` with what = invite, answered, refused CODE,
    line (the line hung up), caller (the caller did).
    """
    dialog = _Dialog(number)
    first, last = _sound(dtmf, voice)
    steps = [
        *_dial(dialog, dtmf, voice),
        *first,
        *(step for n, press in enumerate(presses) for step in _press(dialog, press, n, dtmf)),
        *_settle(presses, dtmf),
        *last,
        *_until_bye(stay_s, "leave"),
        *_leave_or_refused(dialog, len(presses)),
    ]
    return _scenario("a citizen calls", steps)


def citizens_in_turn(number: str, presses: int, dtmf: Dtmf = Dtmf.INFO, voice: Voice | None = None) -> str:
    """Write the scenario of callers with their own times, keys and pauses; they hang up when told.

    Fields of the CSV: the caller; ms until the call; for each of the ``presses`` the pause before it (ms) and the key.
    What happens is logged as by ``citizen``.
    """
    dialog = _Dialog(number)
    first, last = _sound(dtmf, voice)
    steps = [
        *_pause_of_field(1, "turn"),
        *_dial(dialog, dtmf, voice),
        *first,
        *(step for n in range(presses) for step in _press_of_field(dialog, n, dtmf)),
        *last,
        *_until_bye(3600, "leave"),
        *_leave_or_refused(dialog, presses),
    ]
    return _scenario("citizens in turn", steps)


class Odd(enum.Enum):
    """Odd behaviours of phones and outside parties."""

    ANSWERS = "answers, echoes what it hears, hangs up after its talk time"
    MOVED = "302 Moved Temporarily"
    BUSY = "486 Busy Here"
    DECLINES = "603 Decline"
    UNAVAILABLE = "480 Temporarily Unavailable"
    UNKNOWN = "404 Not Found"
    NEVER = "rings, and nobody comes"
    SILENT = "does not even say that it rings"
    DIES_RINGING = "rings, then the phone loses its power"
    DIES_TALKING = "answers, then the phone loses its power"
    SENDS_ON = "answers, asks to send the caller on (REFER), is refused (404), talks on until the line hangs up"


def odd_phone(odd: Odd, ring_s: float, talk_s: float, moved_to: str = "15901") -> str:
    """Write the scenario of an odd phone: it rings `ring_s` (a CANCEL is taken by the RFC), then acts."""
    ring = _ms(3600 if odd is Odd.NEVER else ring_s)
    steps = [_recv('request="OPTIONS" optional="true" next="here"'), _recv('request="INVITE"', _KEEP)]
    if odd is Odd.SILENT:
        return _scenario(odd.name.lower(), [*steps, '<pause milliseconds="3600000"/>', *_HERE])
    steps += [_reply("180 Ringing"), _recv(f'request="CANCEL" timeout="{ring}" ontimeout="act"')]
    steps += [_reply("200 OK"), _reply("487 Request Terminated", kept=True), _recv('request="ACK" next="end"')]
    steps += ['<label id="act"/>', *_act(odd, talk_s, moved_to), '<nop next="end"/>', *_HERE]
    return _scenario(odd.name.lower(), steps)


def registration(user: str, password: str) -> str:
    """Write the registration of a phone for an hour. The text has the password: keep the file private.

    A switch that is slow to answer asks twice for the password, as it was asked twice.
    """
    if set(password) & set(' []<>&"\r\n'):
        raise ValueError("a password that SIPp cannot hold")
    ask = _register(user, 1, "")
    proved = _register(user, 2, f"[authentication username={user} password={password}]\n")
    asked, asked_again = _recv('response="401" auth="true"'), _recv('response="401" optional="true"')
    return _scenario("a phone registers", [ask, asked, proved, asked_again, _recv('response="200"')])


# ---- the parts -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Dialog:
    number: str

    def request(self, method: str, cseq: int, body: str, again: bool = True) -> str:
        """Write a request of the caller; `again`: repeated until it is answered."""
        tag = "" if method == "INVITE" else "[peer_tag_param]"
        text = f"""\
{method} sip:{self.number}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: [field0]@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:{self.number}@[remote_ip]:[remote_port]>{tag}
Call-ID: [call_id]
CSeq: {cseq} {method}
Contact: <sip:citizen@[local_ip]:[local_port]>
Max-Forwards: 70
{body}"""
        return _send(text, 'retrans="500"' + (' start_rtd="true"' if method == "INVITE" else "") if again else "")


def _scenario(name: str, steps: Iterable[str]) -> str:
    rows = "\n".join(steps)
    return f'<?xml version="1.0" encoding="UTF-8" ?>\n<scenario name="{name}">\n{rows}\n</scenario>\n'


def _send(text: str, attributes: str = "") -> str:
    return f"<send {attributes}><![CDATA[\n{text}\n]]></send>"


def _recv(attributes: str, action: str = "") -> str:
    return f"<recv {attributes}>{action}</recv>"


def _nop(action: str) -> str:
    return f"<nop>{action}</nop>"


def _exec(what: str) -> str:
    return _nop(f"<action><exec {what}/></action>")


def _log(what: str) -> str:
    return f'<action><log message="[clock_tick];[call_number];[call_id];{what}"/></action>'


def _ms(seconds: float) -> int:
    return max(round(seconds * 1000), 1)


def _dial(dialog: _Dialog, dtmf: Dtmf, voice: Voice | None) -> list[str]:
    """Write the part from INVITE to conversation; a refused call goes on at the label of that name."""
    return [
        _nop(_log("invite")),
        dialog.request("INVITE", 1, _SDP.format(port=_port(dtmf, voice))),
        *_provisional(),
        *(_recv(f'response="{code}" optional="true" next="refused"', _log(f"refused {code}")) for code in REFUSALS),
        _recv('response="200" rtd="true"', _log("answered")),
        dialog.request("ACK", 1, _EMPTY, again=False),
    ]


def _leave_or_refused(dialog: _Dialog, presses: int) -> list[str]:
    return [
        '<label id="leave"/>',
        *_leave(dialog.request("BYE", presses + 2, _EMPTY)),
        '<label id="refused"/>',
        dialog.request("ACK", 1, _EMPTY, again=False),
        '<label id="end"/>',
    ]


def _pause_of_field(field: int, name: str) -> list[str]:
    """Write a pause (ms) from the CSV. SIPp itself answers a BYE meanwhile, which is not logged."""
    read = f'<assignstr assign_to="{name}_text" value="[field{field}]"/>'
    return [
        _nop(f'<action>{read}<todouble assign_to="{name}" variable="{name}_text"/></action>'),
        f'<pause variable="{name}"/>',
    ]


def _press_of_field(dialog: _Dialog, n: int, dtmf: Dtmf) -> list[str]:
    """Write a key from the CSV; a caller who was hung up on meanwhile presses nothing."""
    pause, key = 2 + 2 * n, f"[field{3 + 2 * n}]"
    return [*_pause_of_field(pause, f"pause{n}"), *_send_key(dialog, key, n, dtmf)]


def _provisional() -> list[str]:
    return [_recv(f'response="{code}" optional="true"') for code in (100, 180, 183)]


def _port(dtmf: Dtmf, voice: Voice | None) -> str:
    return "auto_media_port" if dtmf is Dtmf.RTP or voice is None else "rtpstream_audio_port"


def _sound(dtmf: Dtmf, voice: Voice | None) -> tuple[list[str], list[str]]:
    """Write what starts the voice before and after the keys: play_dtmf ends a pcap that is playing."""
    if voice is None:
        return [], []
    if dtmf is Dtmf.INFO:
        return [_exec(f'rtp_stream="{voice.alaw},-1,8"')], []
    return [], [_exec(f'play_pcap_audio="{voice.pcap}"')]


def _press(dialog: _Dialog, press: Press, n: int, dtmf: Dtmf) -> list[str]:
    pause_s = max(press.pause_s, KEY_S) if n and dtmf is Dtmf.RTP else press.pause_s
    return [*_until_bye(pause_s, f"key{n}"), f'<label id="key{n}"/>', *_send_key(dialog, press.key, n, dtmf)]


def _send_key(dialog: _Dialog, key: str, n: int, dtmf: Dtmf) -> list[str]:
    if dtmf is Dtmf.RTP:
        return [_exec(f'play_dtmf="{key}"')]
    body = f"Signal={key}\nDuration=160"
    info = dialog.request("INFO", n + 2, f"Content-Type: application/dtmf-relay\nContent-Length: [len]\n\n{body}")
    bye = _recv('request="BYE" optional="true" next="gone"', _log("line"))
    return [info, bye, _recv('response="481" optional="true" next="end"'), _recv('response="200"')]


def _settle(presses: Sequence[Press], dtmf: Dtmf) -> list[str]:
    """Write the pause in which the last key is sent by RTP."""
    return [*_until_bye(KEY_S, "settled"), '<label id="settled"/>'] if presses and dtmf is Dtmf.RTP else []


def _until_bye(limit_s: float, then: str) -> list[str]:
    """Write the wait for the line's hang-up; after `limit_s` the caller goes on at the label `then`.

    A MESSAGE never comes from the line: `hang_up_now` sends it.
    """
    asked = f'request="MESSAGE" optional="true" next="leave" timeout="{_ms(limit_s)}" ontimeout="{then}"'
    return [_recv(asked), _recv('request="BYE"', _log("line")), _reply("200 OK", attributes='next="end"')]


def hang_up_now(call_id: str) -> bytes:
    """Make the message that lets a caller of SIPp hang up at once, for SIPp's port: calls are known by Call-ID only."""
    rows = ["MESSAGE sip:citizen@127.0.0.1 SIP/2.0", "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK-hang-up"]
    rows += ["From: <sip:boss@127.0.0.1>;tag=1", "To: <sip:citizen@127.0.0.1>", f"Call-ID: {call_id}"]
    return "\r\n".join([*rows, "CSeq: 1 MESSAGE", "Content-Length: 0", "", ""]).encode()


def _leave(bye: str) -> list[str]:
    """Write the caller's hang-up; the line may hang up at the same moment."""
    return [
        _nop(_log("caller")),
        bye,
        _recv('request="BYE" optional="true" next="gone"'),
        _recv('response="481" optional="true" next="end"'),
        _recv('response="200" next="end"'),
        '<label id="gone"/>',
        _reply("200 OK", attributes='next="end"'),
    ]


_KEEP = (
    '<action><ereg regexp=".*" search_in="hdr" header="Via:" assign_to="via"/>'
    '<ereg regexp=".*" search_in="hdr" header="CSeq:" assign_to="cseq"/>'
    '<ereg regexp="&lt;(sip:[^&gt;]*)&gt;;tag=([^;]*)" search_in="hdr" header="From:" assign_to="all,uri,tag"/>'
    '<log message="[$all] [$uri] [$tag] [$via] [$cseq]"/></action>'
)


def _reply(status: str, body: str = _EMPTY, attributes: str = "", kept: bool = False) -> str:
    """Write an answer; `kept`: to the INVITE, by its kept Via and CSeq, not to the last request."""
    via, cseq = ("Via:[$via]", "CSeq:[$cseq]") if kept else ("[last_Via:]", "[last_CSeq:]")
    new = status.startswith(("1", "3", "4", "6")) or "sdp" in body
    tag = ";tag=[pid]p[call_number]" if new else ""
    contact = "Contact: <sip:phone@[local_ip]:[local_port]>\n" if new and "Contact" not in body else ""
    text = f"SIP/2.0 {status}\n{via}\n[last_From:]\n[last_To:]{tag}\n[last_Call-ID:]\n{cseq}\n{contact}{body}"
    return _send(text, attributes)


_HERE = ('<label id="here"/>', _reply("200 OK"), '<label id="end"/>')  # to OPTIONS: Asterisk asks who is there


def _act(odd: Odd, talk_s: float, moved_to: str) -> list[str]:
    if odd is Odd.DIES_RINGING:
        return [_exec('int_cmd="stop_now"')]
    if odd is Odd.SENDS_ON:
        return _refused_to_send_on(talk_s, moved_to)
    if odd in (Odd.ANSWERS, Odd.DIES_TALKING):
        return _talk(odd is Odd.DIES_TALKING, talk_s)
    if odd is Odd.NEVER:
        return []
    contact = f"Contact: <sip:{moved_to}@[remote_ip]:[remote_port]>\n"
    final = _reply(odd.value, contact * (odd is Odd.MOVED) + _EMPTY, 'retrans="500"', kept=True)
    return [final, _recv('request="ACK"')]


def _refused_to_send_on(talk_s: float, target: str) -> list[str]:
    """Write a REFER ``talk_s`` after the answer."""
    refer = _own_request("REFER", f"Refer-To: <sip:{target}@[remote_ip]:[remote_port]>\n{_EMPTY}")
    pause = f'<pause milliseconds="{_ms(talk_s)}"/>'
    end = [_recv('request="BYE"'), _reply("200 OK", attributes='next="end"')]
    return [*_answer(), pause, refer, _recv('response="404"'), *end]


def _answer() -> list[str]:
    return [_reply("200 OK", _SDP.format(port="media_port"), 'retrans="500"', kept=True), _recv('request="ACK"')]


def _own_request(method: str, body: str) -> str:
    """Write a request of the phone that was called, repeated until it is answered."""
    text = f"""\
{method} sip:asterisk@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:phone@[local_ip]:[local_port]>;tag=[pid]p[call_number]
To: <[$uri]>;tag=[$tag]
Call-ID: [call_id]
CSeq: 2 {method}
Contact: <sip:phone@[local_ip]:[local_port]>
Max-Forwards: 70
{body}"""
    return _send(text, 'retrans="500"')


def _talk(dies: bool, talk_s: float) -> list[str]:
    answer = _answer()
    if dies:
        return [*answer, f'<pause milliseconds="{_ms(talk_s)}"/>', _exec('int_cmd="stop_now"')]
    wait = [
        _recv(f'request="BYE" timeout="{_ms(talk_s)}" ontimeout="leave"'),
        _reply("200 OK", attributes='next="end"'),
    ]
    bye = _own_request("BYE", _EMPTY)
    end = [_recv('request="BYE" optional="true" next="gone"'), _recv('response="481" optional="true" next="end"')]
    end += [_recv('response="200" next="end"'), '<label id="gone"/>', _reply("200 OK")]
    return [*answer, *wait, '<label id="leave"/>', bye, *end]


def _register(user: str, cseq: int, proof: str) -> str:
    text = f"""\
REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:{user}@[remote_ip]>;tag=[call_number]
To: <sip:{user}@[remote_ip]>
Call-ID: [call_id]
CSeq: {cseq} REGISTER
Contact: <sip:{user}@[local_ip]:[local_port]>
{proof}Max-Forwards: 70
Expires: 3600
{_EMPTY}"""
    return _send(text, 'retrans="500"')
