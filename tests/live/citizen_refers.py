"""A citizen whose phone asks to be sent on (SIP REFER), blind or with Replaces; by SIPp."""

from __future__ import annotations

from simulator.sip.scenario import citizen

_MARK = '<label id="leave"/>'
_BLIND = "sip:6912345678@[remote_ip]:[remote_port]"
_ATTENDED = "sip:agent002@[remote_ip]:[remote_port]?Replaces=abc%40127.0.0.1%3Bto-tag%3D1%3Bfrom-tag%3D2"


def refers(number: str, attended: bool, wait_s: float) -> str:
    """Dials ``number``, asks after ``wait_s``, stays for as long again, hangs up. The answer's code is in the log."""
    plain = citizen(number, (), wait_s)
    refer = f"""\
<send retrans="500"><![CDATA[
REFER sip:{number}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: [field0]@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:{number}@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 2 REFER
Contact: <sip:citizen@[local_ip]:[local_port]>
Refer-To: <{_ATTENDED if attended else _BLIND}>
Max-Forwards: 70
Content-Length: 0

]]></send>"""
    answers = [
        f'<recv response="{code}" optional="true" next="told"><action><log message="[clock_tick];[call_number];'
        f'[call_id];answer {code}"/></action></recv>'
        for code in (200, 202, 403, 404, 405)
    ]
    last = (
        '<recv response="603"><action><log message="[clock_tick];[call_number];[call_id];answer 603"/></action></recv>'
    )
    stay = f'<label id="told"/><pause milliseconds="{round(wait_s * 1000)}"/>'
    asked = "\n".join((_MARK, refer, *answers, last, stay))
    return plain.replace(_MARK, asked).replace("CSeq: 2 BYE", "CSeq: 3 BYE")
