#!/usr/bin/env bash
# Asterisk 22.10.1 of Debian forky, started by a supervisor that is itself a systemd service of Type=notify.
#
# Expected: a child says nothing to systemd for its parent, or has an option for it; asterisk(8) and the sample
#   asterisk.conf name none.
# Seen: with NOTIFY_SOCKET in the environment it inherited, Asterisk sends READY=1 at its start, RELOADING=1 and
#   READY=1 at a reload, STOPPING=1 when it ends. By systemd.service(5) a unit with NotifyAccess=all takes this for its
#   own: ready before the supervisor is, stopping when only Asterisk is restarted.
# Way out: take NOTIFY_SOCKET out of the environment before starting Asterisk.
set -euo pipefail
source "$(dirname "$0")/lib/asterisk.sh"
bring_asterisk
configure pbx_config
: >"$etc/extensions.conf"
python3 -u - "$folder/notify" >>"$folder/heard" <<'PY' &
import socket
import sys

systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
systemd.bind(sys.argv[1])
while True:
    print(*systemd.recv(4096).decode().split())
PY

life() {
    : >"$folder/heard"
    start_asterisk
    cli core reload >/dev/null
    sleep 2
    stop_asterisk
    sleep 1
    said=$(paste -sd' ' "$folder/heard")
}

until [ -S "$folder/notify" ]; do sleep 0.1; done
unset NOTIFY_SOCKET
life
echo "not in the environment: '$said'"
[ -z "$said" ]
NOTIFY_SOCKET=$folder/notify life
echo "in the environment:     '$said'"
[ "$said" = "READY=1 RELOADING=1 READY=1 STOPPING=1" ] || { echo "it now says something else"; exit 1; }
echo "as found"
