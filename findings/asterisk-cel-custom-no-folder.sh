#!/usr/bin/env bash
# Asterisk 22.10.1 of Debian forky, cel_custom (channel event rows in a file).
#
# Expected: a module that writes into a folder of its own below the log folder makes it, as the logger makes the log
#   folder itself; or it refuses to load.
# Seen: with log/cel-custom missing (Debian's package ships log/cdr-csv and log/cdr-custom, but not this one) it loads,
#   says "Loaded 1 configs", and each row is lost: an ERROR in the log a row, nothing kept for later, calls go on.
# Way out: make the folder before the start. Made later, rows come from then on, without a reload.
set -euo pipefail
source "$(dirname "$0")/lib/asterisk.sh"
bring_asterisk
configure res_cdrel_custom cel_custom res_clioriginate pbx_config
printf '[general]\nenable = yes\nevents = ALL\n' >"$etc/cel.conf"
printf '[rows.csv]\nfields = EventType,ChanName\n' >"$etc/cel_custom.conf"
printf '[calls]\nexten => 1,1,Answer()\n same => n,Hangup()\n' >"$etc/extensions.conf"

call() {
    cli channel originate Local/1@calls application Wait 1 >/dev/null
    sleep 3
}
lost() { grep -c 'ERROR.*Unable to write CEL.*No such file or directory' "$log/messages" || true; }

echo "package: log folder holds $(cd "$root/var/log/asterisk" && echo *)"
[ ! -e "$log" ]
start_asterisk
call
first=$(lost)
grep -o 'cel_custom.conf: Loaded 1 configs' "$log/messages"
echo "first call: log folder holds $(cd "$log" && echo *); $first rows lost"
[ "$first" -gt 0 ] && [ ! -e "$log/cel-custom" ] || { echo "rows are no longer lost"; exit 1; }
mkdir "$log/cel-custom"
call
echo "folder made, second call: $(($(lost) - first)) rows lost, the file has $(wc -l <"$log/cel-custom/rows.csv"):"
cat "$log/cel-custom/rows.csv"
[ "$(lost)" = "$first" ] && ! grep -q 'Local/1@calls-00000000' "$log/cel-custom/rows.csv"
[ ! -e "$root/var/log/asterisk/cel-custom" ] && [ -e "$root/var/log/asterisk/cdr-custom" ]
echo "as found"
