#!/bin/sh
# What reaches the command besides what its caller gave it, and what it must not reach: programs, descriptors,
# directories, set-user-ID files, system calls. (MUST 5, 7, 9; CVE-2019-5736, CVE-2019-8308, CVE-2016-9962,
# CVE-2024-21626, CVE-2021-41133, CVE-2017-9780, CVE-2022-31214, CVE-2021-21261)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh
. tests/priv/attack_lib.sh

FORMS="--ro-bind / /|--ro-bind / / --unshare-pid --proc /proc|--ro-bind / / --unshare-all --proc /proc --dev /dev|\
--bind / / --unshare-pid --as-pid-1 --new-session|--tmpfs / --ro-bind BIN BIN --unshare-pid --proc /proc"

# each_form COMMAND...: with $form
each_form() {
	BAD=
	printf '%s\n' "$FORMS" | tr '|' '\n' | sed "s,BIN,$PRIV_BIN,g" >"$W/forms"
	while read -r form; do
		"$@" || :
	done <"$W/forms"
}

# is WANTED COMMAND...: adds to BAD unless it prints just that
is() {
	is_wanted=$1
	shift
	is_got=$("$@" 2>&1 </dev/null) || is_got="$is_got, status $?"
	[ "$is_got" = "$is_wanted" ] || BAD="$BAD$form: $is_got; "
}

judge() {
	if [ -z "$BAD" ]; then
		ok "leftovers: $mode: $1"
	else
		not_ok "leftovers: $mode: $1" "$BAD"
	fi
}

# shellcheck disable=SC2086 # forms are words
writable_exe() {
	got=$(refuse "$BWRAP" $form "$PRIV_BIN/inside" exe 2>&1 </dev/null) || BAD="$BAD$form: $got; "
	case $got in *won*) BAD="$BAD$form: $got; " ;; esac
}

# shellcheck disable=SC2086,SC2016
up_and_out() {
	is "tree ok" refuse "$PRIV_BIN/with" clean -- sh -c 'cd "$0" && exec "$@"' "$W/away" "$BWRAP" $form "$PRIV_BIN/inside" tree
}

# shellcheck disable=SC2086
led_out() {
	is end refuse "$PRIV_BIN/with" clean -- "$BWRAP" $form --proc /proc "$PRIV_BIN/given" fds
}

# shellcheck disable=SC2086
not_secure() {
	is "secure=0 dumpable=1" refuse "$BWRAP" $form "$PRIV_BIN/given" secure
}

# shellcheck disable=SC2086
set_user_id() {
	is "inh=0 prm=0 eff=0 bnd=0 amb=0 nnp=1 ids=same" refuse "$BWRAP" $form --bind "$W/suid" /tmp /tmp/suid caps
	is "inh=0 prm=0 eff=0 bnd=0 amb=0 nnp=1 ids=same" refuse "$BWRAP" $form --dev-bind "$W/suid" /tmp /tmp/fcaps caps
}

inside() {
	each_form writable_exe
	judge "no program of ours can be written through /proc (CVE-2019-5736, CVE-2019-8308)"
	each_form up_and_out
	judge "no way up leads out of the root (MUST 9, CVE-2024-21626)"
	each_form led_out
	judge "no descriptor leads out of the root (MUST 9, CVE-2016-9962, CVE-2024-21626)"
	each_form not_secure
	judge "the command is an ordinary process: not AT_SECURE, and its caller's to trace"
	each_form set_user_id
	judge "files with privilege give none (MUST 5, 9, CVE-2017-9780, CVE-2022-31214)"
}

calls() {
	priv_config require=base-filter
	refuse "$BWRAP" --ro-bind / / "$PRIV_BIN/given" calls >"$W/out" 2>&1 </dev/null || :
	# shellcheck disable=SC2016
	verdict "leftovers: $mode: require = base-filter: what kernels were broken through is refused (MUST 7, CVE-2021-41133)" \
		sh -c 'cat "$0"; [ "$(wc -l <"$0")" -gt 20 ] && ! grep -v -e " EPERM$" -e " ENOSYS$" "$0"' "$W/out"
	priv_config
	refuse "$BWRAP" --ro-bind / / "$PRIV_BIN/given" calls >"$W/out" 2>&1 </dev/null || :
	# shellcheck disable=SC2016
	verdict "leftovers: $mode: control: without the filter they fail otherwise" \
		sh -c '[ "$(grep -c -v -e " EPERM$" -e " ENOSYS$" "$0")" -ge 4 ]' "$W/out"
}

# The loader and the C library look at these; postern-priv and its helpers do not, and the command has them all.
environment() {
	names="LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT GLIBC_TUNABLES MALLOC_CHECK_ TMPDIR GCONV_PATH LOCPATH NLSPATH HOSTALIASES IFS PATH"
	set --
	for name in $names; do
		set -- "$@" "$name=/nosuch/$name"
		echo "$name=/nosuch/$name"
	done >"$W/wanted"
	# shellcheck disable=SC2086
	refuse env -i "$@" "$BWRAP" --ro-bind / / "$PRIV_BIN/given" env $names >"$W/out" 2>"$W/err" </dev/null || :
	# shellcheck disable=SC2016
	verdict "leftovers: $mode: variables of the loader arrive as they were, and are not heeded (MUST 1, CVE-2021-21261)" \
		sh -c 'cat "$2"; cmp "$0" "$1" && [ ! -s "$2" ]' "$W/wanted" "$W/out" "$W/err"
	# PWD is one more
	says "leftovers: $mode: a hundred thousand variables arrive (MUST 1)" 100001 refuse "$PRIV_BIN/given" fill 100000 \
		"$BWRAP" --ro-bind / / "$PRIV_BIN/given" env count
}

all() {
	inside
	calls
	environment
}

main() {
	priv_enter "$0" "$@"
	priv_begin leftovers
	mkdir -p "$W/away" "$W/suid"
	cp "$PRIV_BIN/inside" "$W/suid/suid"
	cp "$PRIV_BIN/inside" "$W/suid/fcaps"
	chmod 6755 "$W/suid/suid"
	setcap all=eip "$W/suid/fcaps"
	in_modes all
	no_process "leftovers: no process is left (MUST 10)"
	tap_end
}

main "$@"
