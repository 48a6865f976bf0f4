#!/usr/bin/env bash
# Asterisk 22.10.1 of Debian forky, chan_pjsip with every res_pjsip module that loads without files of its own.
#
# Expected: each request in a call gets a final response; INFO of an unknown content type 415 (RFC 3261, 8.2.3).
# Seen: INFO with text/plain is never answered, though repeated as UDP asks for, and nothing is logged. The call stands:
#   OPTIONS (with res_pjsip_dlg_options) and INFO with application/dtmf-relay in the same dialog get 200 before and
#   after. A peer that takes the silence as RFC 3261, 12.2.1.2, says ends the call.
# Way out: none in Asterisk's settings. Peers have to leave such INFO out, or a proxy before Asterisk answers it.
set -euo pipefail
source "$(dirname "$0")/lib/asterisk.sh"
bring_asterisk
pjsip=$(cd "${modules[0]}" && printf '%s\n' res_pjsip*.so | sed 's/\.so$//')
configure res_timing_timerfd res_pjproject res_sorcery_{config,memory,astdb} res_http_websocket res_rtp_asterisk \
    $pjsip chan_pjsip codec_ulaw pbx_config
sip=$(free_port DGRAM)
cat >"$etc/pjsip.conf" <<END
[udp]
type = transport
protocol = udp
bind = 127.0.0.1:$sip
[phone]
type = endpoint
context = calls
disallow = all
allow = ulaw
[phone-by-address]
type = identify
endpoint = phone
match = 127.0.0.1
END
printf '[calls]\nexten => 1,1,Answer()\n same => n,Wait(60)\n' >"$etc/extensions.conf"
start_asterisk
before=$(wc -l <"$log/messages")
python3 - "$sip" <<'PY'
import re
import socket
import sys
import time

server = ("127.0.0.1", int(sys.argv[1]))
line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
line.bind(("127.0.0.1", 0))
me = f"127.0.0.1:{line.getsockname()[1]}"
remote = {"uri": f"sip:1@127.0.0.1:{server[1]}", "to": f"<sip:1@127.0.0.1:{server[1]}>"}


def message(method: str, number: int, kind: str = "", body: str = "") -> bytes:
    head = [
        f"{method} {remote['uri']} SIP/2.0",
        f"Via: SIP/2.0/UDP {me};branch=z9hG4bK-{number}-{method};rport",
        "Max-Forwards: 70",
        f"From: <sip:phone@{me}>;tag=phone",
        f"To: {remote['to']}",
        f"Call-ID: info@{me}",
        f"CSeq: {number} {method}",
        f"Contact: <sip:phone@{me}>",
        *([f"Content-Type: {kind}"] if kind else []),
        f"Content-Length: {len(body)}",
    ]
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


def ask(method: str, number: int, kind: str = "", body: str = "", seconds: float = 10) -> tuple[str, str]:
    """Sends a request, again after 0.5, 1, 2 and 4 s (RFC 3261, timer E); the final response, '' if none comes."""
    began, pause, again = time.monotonic(), 0.5, 0.0
    while (now := time.monotonic() - began) < seconds:
        if now >= again:
            line.sendto(message(method, number, kind, body), server)
            again, pause = now + pause, min(2 * pause, 4)
        line.settimeout(0.1)
        try:
            text = line.recv(65535).decode()
        except TimeoutError:
            continue
        if re.search(rf"^CSeq: {number} {method}\r$", text, re.M) and re.match(r"SIP/2.0 [2-6]", text):
            return text.split("\r\n")[0].removeprefix("SIP/2.0 "), text
    return "", ""


offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"
status, answer = ask("INVITE", 1, "application/sdp", offer)
print(f"INVITE: {status}")
assert status == "200 OK", answer
remote["to"] = re.search(r"^To: (.*)\r$", answer, re.M)[1]
remote["uri"] = re.search(r"^Contact: <(.*?)>", answer, re.M)[1]
line.sendto(message("ACK", 1), server)
requests = [
    ("OPTIONS", "", ""),
    ("INFO", "application/dtmf-relay", "Signal=1\r\nDuration=160\r\n"),
    ("INFO", "text/plain", "hello"),
    ("INFO", "application/vnd.example", "hello"),
    ("OPTIONS", "", ""),
    ("INFO", "application/dtmf-relay", "Signal=2\r\nDuration=160\r\n"),
    ("BYE", "", ""),
]
seen = []
for number, (method, kind, body) in enumerate(requests, start=2):
    status, _ = ask(method, number, kind, body)
    print(method, kind or "-", status or "no response in 10 s")
    seen.append(status)
assert seen == ["200 OK"] * 2 + ["", ""] + ["200 OK"] * 3, "one is answered otherwise now"
PY
logged=$(($(wc -l <"$log/messages") - before))
echo "logged meanwhile: $logged lines"
[ "$logged" = 0 ]
echo "as found"
