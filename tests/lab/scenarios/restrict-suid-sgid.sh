# A service with RestrictSUIDSGID=yes: openat2 is not there, set-id bits cannot be made, no_new_privs. Sandboxes work.
# also: tests/shim/fails.c
# tier: fast
# shellcheck shell=sh disable=SC2034 # steps.sh reads them

host() {
	SESSION="/work/bin/shim RestrictSUIDSGID --"
}

unhost() {
	SESSION=
}

more() {
	expect "the mode is userns" userns "$MODE"
	expect "the control: there is no openat2" "437 Function not implemented" "$(as postern-test /work/bin/fails 437)"
	: >"$W/daemon/file"
	chown postern-test "$W/daemon/file"
	for more_mode in 4755 2755; do
		expect "the control: mode $more_mode cannot be set" "chmod: changing permissions of '$W/daemon/file': Operation not permitted" \
			"$(as postern-test chmod $more_mode "$W/daemon/file" 2>&1)"
	done
	expect "... nor in a sandbox" "chmod: changing permissions of '/tmp/f': Operation not permitted" \
		"$(as postern-test postern-bwrap --ro-bind / / --tmpfs /tmp sh -c ': >/tmp/f && chmod 4755 /tmp/f' 2>&1)"
}
