#!/bin/sh
# The policies of Codex: postern run's sandbox has the same effect as the command line that Codex 0.169 itself gives to bwrap
# for it. A walk over the files from inside both is compared; and verify holds.
set -eu
. tests/lib/tap.sh
. tests/run/lib.sh

# ground: a project with a bit of everything, all of it the user's
ground() {
	fresh
	mkdir -p "$PROJ/.git/hooks" "$PROJ/sub/open/deep" "$PROJ/docs" "$PROJ/nested/.git" "$USER_HOME/secret" "$USER_HOME/other"
	for file in .git/config .git/hooks/sample sub/in sub/open/in sub/open/deep/in docs/in nested/.git/config a.env \
		sub/open/b.env plain; do
		echo "content of $file" >"$PROJ/$file"
	done
	ln -s plain "$PROJ/link"
	echo key >"$USER_HOME/secret/key"
	echo x >"$USER_HOME/other/x"
	mine "$USER_HOME"
}

# by_codex WORD...: the launcher with what Codex puts around each policy, and the walk
by_codex() {
	captured in_project "$RUN_LAUNCHER" --as-pid-1 --new-session --die-with-parent "$@" --unshare-user --unshare-pid \
		--unshare-ipc $CODEX_NET --proc /proc --cap-drop ALL -- $WALK
	sed 's/^NoNewPrivs.*//' "$W/out" >"$W/codex.walk"
	[ "$status" = 0 ] || cat "$W/err" >>"$W/codex.walk"
}

# by_postern WORD...: the same of postern run
by_postern() {
	prun "$@" -- $WALK
	sed 's/^NoNewPrivs.*//' "$W/out" >"$W/postern.walk"
	[ "$status" = 0 ] || cat "$W/err" >>"$W/postern.walk"
}

# Where both may differ, with the reason:
#	.postern	is a protected name of postern's
#	.local, .config	postern hides what it remembers and what it is configured by
#	mode of a hidden file: both cannot be opened
known() {
	grep -vE '/\.(postern|local|config)( |/|$)' "$1" | sed -e 's/dir E[A-Z]* -$/dir closed/' -e 's/dir list -$/dir list -/'
}

# alike NAME
alike() {
	known "$W/codex.walk" >"$W/a"
	known "$W/postern.walk" >"$W/b"
	if [ "$(wc -l <"$W/a")" -gt 12 ] && diff "$W/a" "$W/b" >"$W/diff"; then
		ok "as Codex: $1"
	else
		not_ok "as Codex: $1" "$(wc -l <"$W/a") lines" "$(diff "$W/a" "$W/b" | head -n 30)" "$(tail -n 3 "$W/err")"
	fi
}

verified() {
	verified_name=$1
	shift
	psay verify "$@"
	seen "and holds: $verified_name" 0 '0 broken' '*'
}

main() {
	run_begin run-codex
	TAP_NAME=run-codex need python3 || return 1
	cp tests/run/walk.py "$W/bin/"
	chmod 644 "$W/bin/walk.py"
	WALK="python3 $W/bin/walk.py $USER_HOME"
	CODEX_NET=--unshare-net
	ground
	missing() { printf -- '--perms 555 --tmpfs %s --remount-ro %s ' "$1" "$1"; }

	by_codex --ro-bind / / --dev /dev
	by_postern
	alike "(b) read-only"
	verified "read-only"

	# shellcheck disable=SC2046 # words
	by_codex --ro-bind / / --dev /dev --bind "$PROJ" "$PROJ" --ro-bind "$PROJ/.git" "$PROJ/.git" \
		$(missing "$PROJ/.agents") $(missing "$PROJ/.codex") $(missing "$PROJ/.aws")
	rmdir "$PROJ/.agents" "$PROJ/.codex" "$PROJ/.aws" 2>/dev/null || :
	by_postern --write .
	alike "(c) a writable project"
	verified "a writable project" --write .

	CODEX_NET=
	# shellcheck disable=SC2046
	by_codex --ro-bind / / --dev /dev --bind "$PROJ" "$PROJ" --ro-bind "$PROJ/.git" "$PROJ/.git" \
		$(missing "$PROJ/.agents") $(missing "$PROJ/.codex") $(missing "$PROJ/.aws")
	rmdir "$PROJ/.agents" "$PROJ/.codex" "$PROJ/.aws" 2>/dev/null || :
	by_postern --write . --network host
	alike "(d) with network"
	verified "with network" --write . --network host
	CODEX_NET=--unshare-net

	# shellcheck disable=SC2046
	by_codex --ro-bind / / --dev /dev --bind "$PROJ" "$PROJ" --ro-bind "$PROJ/.git" "$PROJ/.git" \
		$(missing "$PROJ/.agents") $(missing "$PROJ/.codex") $(missing "$PROJ/.aws") \
		--perms 111 --tmpfs "$PROJ/sub" --dir "$PROJ/sub/open" --remount-ro "$PROJ/sub" \
		--bind "$PROJ/sub/open" "$PROJ/sub/open" $(missing "$PROJ/sub/open/.git") $(missing "$PROJ/sub/open/.agents") \
		$(missing "$PROJ/sub/open/.codex") $(missing "$PROJ/sub/open/.aws") \
		--ro-bind "$PROJ/docs" "$PROJ/docs" --perms 000 --tmpfs "$USER_HOME/secret" --remount-ro "$USER_HOME/secret" \
		--perms 000 --ro-bind-data 3 "$PROJ/a.env" --perms 000 --ro-bind-data 4 "$PROJ/sub/open/b.env" 3</dev/null 4</dev/null
	find "$PROJ" -name '.a[gw]*' -empty -delete
	find "$PROJ" -name .codex -empty -delete
	rmdir "$PROJ/sub/open/.git" 2>/dev/null || :
	set -- --write . --deny sub --write sub/open --read docs --deny "$USER_HOME/secret" --deny '**/*.env'
	by_postern "$@"
	alike "(h) denied, opened again, read-only and by pattern"
	verified "denied, opened again, read-only and by pattern" "$@"

	roots=
	for root in /bin /sbin /usr /etc /lib /lib64; do
		[ ! -d "$root" ] || roots="$roots --ro-bind $root $root"
	done
	WALK="python3 $USER_HOME/other/walk.py $USER_HOME"
	cp tests/run/walk.py "$USER_HOME/other/"
	# Codex leaves the empty root writable; ours is sealed
	# shellcheck disable=SC2086
	by_codex --tmpfs / --dev /dev $roots --ro-bind "$USER_HOME/other" "$USER_HOME/other" --dir /proc --remount-ro / --chdir /
	by_postern --preset minimal --read "$USER_HOME/other"
	alike "(j) the platform's directories alone"
	verified "the platform's directories alone" --preset minimal --read "$USER_HOME/other"
	tap_end
}

main "$@"
