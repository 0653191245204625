# A service with RestrictSUIDSGID=yes: openat2 is not there, set-id bits cannot be made, no_new_privs. Sandboxes work.
# tier: fast
# shellcheck shell=sh disable=SC2034 # steps.sh reads them

host() {
	SESSION="/work/bin/shim openat2=ENOSYS --"
}

unhost() {
	SESSION=
}

more() {
	expect "the mode is userns" userns "$MODE"
}
