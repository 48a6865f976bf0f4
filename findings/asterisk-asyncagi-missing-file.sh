#!/usr/bin/env bash
# Asterisk 22.10.1 of Debian forky, AGI commands over AMI (dialplan: AGI(agi:async)).
#
# Expected: a sound file that is missing is the result of one command, result=-1; the next command is taken.
# Seen: so it is after GET DATA and EXEC Playback. STREAM FILE of the same missing file also answers "200 result=-1",
#   and then AsyncAGI ends: AGISTATUS is FAILURE, the channel goes on in the dialplan. The next command is still
#   accepted ("Added AGI command to queue"), and nothing carries it out. Where the dialplan leads back into AsyncAGI
#   and the program says its sentence again, the two go round as fast as they can.
# Way out: say sentences by EXEC Playback or GET DATA, or look whether the file is there before STREAM FILE; after
#   AsyncAGIEnd expect no answer to what is under way.
set -euo pipefail
source "$(dirname "$0")/lib/asterisk.sh"
bring_asterisk
configure res_timing_timerfd res_speech res_agi pbx_config app_userevent app_playback
ami=$(free_port STREAM)
cat >"$etc/manager.conf" <<END
[general]
enabled = yes
bindaddr = 127.0.0.1
port = $ami
[finding]
secret = finding
read = call,agi,user,dialplan
write = agi,originate
END
cat >"$etc/extensions.conf" <<'END'
[calls]
exten => agi,1,Answer()
 same => n,AGI(agi:async)
 same => n,UserEvent(After,AGISTATUS: ${AGISTATUS})
 same => n,Wait(30)
END
start_asterisk
python3 - "$ami" <<'PY'
import itertools
import socket
import sys
import time
from collections.abc import Iterator
from urllib.parse import unquote

ami = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10)
numbers = itertools.count(1)


def events() -> Iterator[dict[str, str]]:
    with ami.makefile(encoding="utf-8", newline="\r\n") as rows:
        next(rows)
        event: dict[str, str] = {}
        for row in rows:
            key, colon, value = row.rstrip("\r\n").partition(": ")
            if colon:
                event[key] = value
            elif event:
                yield event
                event = {}


def order(action: str, **fields: str) -> str:
    number = str(next(numbers))
    rows = {"Action": action, "ActionID": number, **fields}
    ami.sendall("".join(f"{key}: {value}\r\n" for key, value in rows.items()).encode() + b"\r\n")
    return number


heard = events()


def until(**wanted: str) -> dict[str, str]:
    """The next event with these fields."""
    return next(event for event in heard if wanted.items() <= event.items())


def say(channel: str, command: str) -> str:
    number = str(next(numbers))
    order("AGI", Channel=channel, Command=command, CommandID=number)
    result = unquote(until(Event="AsyncAGIExec", CommandId=number)["Result"]).strip()
    print(f"{command}: {result}")
    return result


order("Login", Username="finding", Secret="finding")
assert until(ActionID="1")["Response"] == "Success"
order("Originate", Channel="Local/agi@calls", Application="Wait", Data="30", Async="true")
channel = until(Event="AsyncAGIStart")["Channel"]
assert say(channel, "GET DATA no-such-file 500 1") == "200 result=-1"
assert say(channel, "NOOP") == "200 result=0"
assert say(channel, "EXEC Playback no-such-file") == "200 result=0"
assert say(channel, 'STREAM FILE no-such-file ""').startswith("200 result=-1")
after = []
while not after or after[-1]["Event"] != "UserEvent":
    after.append(next(heard))
    assert after[-1]["Event"] != "Hangup"
print("then:", ", ".join(event["Event"] for event in after), f"with AGISTATUS {after[-1]['AGISTATUS']}")
assert "AsyncAGIEnd" in [event["Event"] for event in after], "AsyncAGI goes on now"
assert after[-1]["AGISTATUS"] == "FAILURE"
taken = until(ActionID=order("AGI", Channel=channel, Command="NOOP", CommandID="late"))
time.sleep(3)
ping, since = order("Ping"), []
while not since or since[-1].get("ActionID") != ping:
    since.append(next(heard))
done = [event for event in since if event.get("Event") in ("AsyncAGIExec", "Hangup")]
print(f"the next command: {taken['Response']}, {taken['Message']}; carried out within 3 s: {bool(done)}")
assert (taken["Response"], done) == ("Success", [])
print("as found")
PY
