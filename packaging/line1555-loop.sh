#!/bin/sh
# Where there is no systemd: keeps the engine running (Asterisk outlives it, and is taken up again).
#   line1555-loop.sh up --plain --site DIR --run DIR
# SIGTERM ends the engine and this loop, not Asterisk; Ctrl-C and `line1555 down` end all. LINE1555 names the command.
line1555=${LINE1555:-line1555}
pause=1
told=
trap 'told=TERM' TERM HUP
trap 'told=INT' INT
while :; do
    began=$(date +%s)
    "$line1555" "$@" &
    engine=$!
    while :; do
        wait "$engine"
        status=$?
        [ -z "$told" ] || kill -s "$told" "$engine" 2>/dev/null || break # told while we waited: pass it on
        kill -0 "$engine" 2>/dev/null || break
    done
    # 0: ended as it was told to.
    [ "$status" -ne 0 ] && [ -z "$told" ] || exit 0
    [ $(($(date +%s) - began)) -lt 60 ] || pause=1
    echo "line1555-loop: the engine ended ($status); again in $pause s" >&2
    sleep "$pause"
    pause=$((pause < 30 ? pause * 2 : 30))
done
