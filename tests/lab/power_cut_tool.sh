#!/bin/sh
# TOOL WORD...: that program, called by postern-setup; before or after the call that /run/cut names, the power fails.
# What this waits for never comes: tests/lab/power-cut kills the guest.
tool=${0##*/}
program=$(printf %s "$tool" | tr '[:upper:]' '[:lower:]')
IFS=: read -r when which number rest </run/cut
count=0
[ ! -e "/run/cut.$tool" ] || read -r count <"/run/cut.$tool"
count=$((count + 1))
echo "$count" >"/run/cut.$tool"

fails() {
	echo "cut here" >/dev/ttyS1
	sleep 3600
}

[ "$which:$number" = "$tool:$count" ] || exec "$program" "$@"
[ "$when" = after ] || fails
status=0
"$program" "$@" || status=$?
[ "$when" != after ] || fails
exit $status
