# shellcheck shell=sh
# Codex's own modes. Run with the launcher itself first on PATH, and again with the shim there,
# which adds what Codex calls.

net_up='import socket; socket.socket(); print("inet-ok")'

# restricted NAME RC REGEX MODE CMD...: expect, and with the shim also the three calls.
restricted() {
	expect "$@"
	[ "$WHERE" = bin ] || judge_calls "$1"
}

# Codex leaves nothing where it had a mount point made: the names it protects and that were not
# there. What somebody else left in /tmp is none of our business.
clean() {
	for c_name in .agents .aws .codex; do
		[ ! -e "$PROJ/$c_name" ] || echo "$PROJ/$c_name"
	done
	for c_name in .agents .aws .codex .git; do
		[ "$(stat -c %u "/tmp/$c_name" 2>/dev/null)" != "$(id -u)" ] || echo "/tmp/$c_name"
	done
}

acceptance() {
	use "$1"
	restricted "read-only: reads" 0 root:x "$RO" /bin/sh -c 'head -n 1 /etc/passwd'
	restricted "read-only: does not write" 2 'Read-only file system' "$RO" /bin/sh -c 'echo x > f'
	restricted "read-only: same user" 0 "^$(id -u)\$" "$RO" /usr/bin/id -u
	restricted "read-only: bounding set empty" 0 'CapBnd:.0000000000000000' "$RO" \
		/bin/grep CapBnd /proc/self/status
	restricted "read-only: no_new_privs" 0 'NoNewPrivs:.1' "$RO" /bin/grep NoNewPrivs /proc/self/status
	restricted "read-only: only the loopback device" 0 '^lo,$' "$RO" \
		/bin/sh -c "tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' ' | tr '\n' ,"
	restricted "read-only: of a network of its own" 0 '^own$' "$RO" /bin/sh -c \
		'[ "$(readlink /proc/self/ns/net)" != "$0" ] && echo own' "$(readlink /proc/self/ns/net)"
	restricted "read-only: no internet socket" 1 'Operation not permitted' "$RO" \
		/usr/bin/python3 -c 'import socket; socket.socket()'
	restricted "read-only: own process ids" 0 '^[23]$' "$RO" /bin/sh -c 'echo $$'
	restricted "exit status 42" 42 '' "$RO" /bin/sh -c 'exit 42'
	restricted "death by SIGKILL is 137" 137 '' "$RO" /bin/sh -c 'kill -9 $$'
	restricted "workspace-write: writes the project" 0 '^hi$' "$WW" /bin/sh -c 'echo hi > f; cat f'
	if [ "$(cat "$PROJ/f" 2>/dev/null)" = hi ]; then
		ok "codex/$WHERE: workspace-write: the file is there outside too"
	else
		not_ok "codex/$WHERE: workspace-write: the file is there outside too"
	fi
	rm -f "$PROJ/f"
	restricted "workspace-write: writes /tmp" 0 '^hi$' "$WW" \
		/bin/sh -c "f=/tmp/\${0##*/}.\$\$; echo hi >\$f; cat \$f; rm \$f" "$S"
	restricted "workspace-write: not .git" 2 'Read-only file system' "$WW" \
		/bin/sh -c 'echo x > .git/config'
	restricted "workspace-write: not a .codex that is missing" 1 'Read-only file system' "$WW" \
		/bin/sh -c 'mkdir .codex/x'
	restricted "workspace-write: not the root" 1 'Read-only|denied' "$WW" /bin/sh -c 'touch /x'
	restricted "workspace-write: the least command" 0 '' "$WW" /bin/true
	left=$(clean)
	if [ -z "$left" ]; then
		ok "codex/$WHERE: workspace-write: no mount point is left"
	else
		not_ok "codex/$WHERE: workspace-write: no mount point is left" "$left"
	fi
	cx sandbox -c "$WW" -c sandbox_workspace_write.network_access=true -- /usr/bin/python3 -c "$net_up"
	judge "workspace-write with network" 0 '^inet-ok$'
	[ "$WHERE" = bin ] || judge_calls "workspace-write with network"
	expect "full access" 0 '^inet-ok$' "$FULL" /usr/bin/python3 -c "$net_up"
	[ "$WHERE" != bin ] || return 0
	if [ "$(calls)" = 0 ]; then
		ok "codex/$WHERE: full access: no call"
	else
		not_ok "codex/$WHERE: full access: no call" "$(call 1)"
	fi
}

acceptance bin
acceptance logged

# The proof that "bin" above was our launcher and not one that Codex brought along: what stands at
# that place decides, there is no second choice.
mkdir -p "$S/broken"
printf '#!/bin/sh\n[ "$1" != --help ] || exec "%s" --help\necho broken on purpose >&2\nexit 1\n' \
	"$S/bin/bwrap" >"$S/broken/bwrap"
chmod 755 "$S/broken/bwrap"
use broken
expect "control: with a broken launcher in its place nothing runs" 1 '^broken on purpose$' "$RO" \
	/bin/true
