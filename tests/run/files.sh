#!/bin/sh
# What the options about files come to, through the whole command; each rule by itself is in tests/policy and the unit tests.
set -eu
. tests/lib/tap.sh
. tests/run/lib.sh

presets() {
	expect "by default everything is read" 0 '^root:' '' -- cat /etc/passwd
	expect "and nothing is written" 2 '' 'Read-only file system' -- sh -c 'echo > x'
	expect "nor in /tmp" 1 '' 'Read-only file system' -- mktemp
	expect "workspace: the working directory is written" 0 '^hi$' '' --preset workspace -- sh -c 'echo hi >f && cat f'
	if [ "$(cat "$PROJ/f")" = hi ]; then
		ok "and it is the host's"
	else
		not_ok "and it is the host's"
	fi
	expect "workspace: HOME is not" 2 '' 'Read-only file system' --preset workspace -- sh -c 'echo >../x'
	expect "workspace: .git cannot be made" 1 '' '*' --preset workspace -- sh -c 'rmdir .git || mkdir .git/x'
	if [ ! -e "$PROJ/.git" ]; then
		ok "and nothing of it is left"
	else
		not_ok "and nothing of it is left" "$(ls -la "$PROJ")"
	fi
	expect "minimal: the project is not shown, which is said" 0 '^/$' 'does not show .*project: the command starts in /' \
		--preset minimal -- pwd
	expect "minimal: what is read is" 0 '^hi$' '*' --preset minimal --read f -- cat "$PROJ/f"
	expect "full: everything of the user's is written" 0 '' '' --preset full --i-know -- sh -c 'echo >../x && rm ../x'
}

rules() {
	fresh
	mkdir -p "$PROJ/a/b/c" "$PROJ/docs"
	echo s >"$PROJ/a/secret.env"
	echo s >"$PROJ/a/b/secret.env"
	mine "$PROJ"
	expect "the deeper path wins: deny in write" 2 '' 'Permission denied' --write . --deny a -- ls a
	expect "... write in deny" 0 '^in$' '' --write . --deny a --write a/b/c -- sh -c 'echo in >a/b/c/f && cat a/b/c/f'
	expect "... read in write" 2 '' 'Read-only' --write . --read docs -- sh -c 'echo >docs/f'
	expect "at one path deny is first" 2 '' 'Permission denied' --write a --read a --deny a -- ls a
	expect "patterns hide what they match" 1 '' 'a/b/secret.env: Permission denied' --preset workspace --deny '**/*.env' -- cat a/b/secret.env
	expect "and nothing else" 0 '^x$' '' --preset workspace --deny '**/*.env' -- sh -c 'echo x >a/public && cat a/public'
	if command -v git >/dev/null; then
		in_project git init -q .
		commit='git -c user.name=n -c user.email=e@x commit -q --allow-empty -m first && git log --format=%s'
		expect "git commits with --allow-commits" 0 '^first$' '' --preset workspace --allow-commits -- sh -c "$commit"
		expect "and not without" 128 '' '*' --preset workspace -- sh -c "$commit"
		expect "but makes no hook" 1 '' '*' --preset workspace --allow-commits -- cp /bin/true .git/hooks/post-commit
		expect "and changes no configuration" 4 '' '*' --preset workspace --allow-commits -- git config core.fsmonitor /bin/true
	else
		skip "git commits with --allow-commits" "needs git"
	fi
	ln -s a "$PROJ/link"
	expect "a rule across a link that could be changed is refused, naming it" 125 '' 'project/link' --write . --deny link/b -- true
}

scratch() {
	fresh
	echo old >"$PROJ/kept"
	echo old >"$PROJ/changed"
	mine "$PROJ"
	case ${PRIV_MODE:-userns} in
		*userns) ;;
		*)
			expect "without a user namespace --scratch is refused, which is said" 125 '' 'an overlay needs a user namespace' \
				--scratch . -- true
			return 0
			;;
	esac
	change='echo new >changed && echo x >added && rm kept'
	expect "--scratch: the command sees its changes" 0 '^new$' 'deleted  kept' --scratch . -- sh -c "$change && cat changed"
	if [ "$(cat "$PROJ/changed" "$PROJ/kept")" = "old
old" ] && [ ! -e "$PROJ/added" ]; then
		ok "and the directory is as it was"
	else
		not_ok "and the directory is as it was" "$(ls -la "$PROJ")"
	fi
	expect "--scratch-drop: they are listed" 0 '' 'added    added' --scratch . --scratch-drop -- sh -c "$change"
	expect "--scratch-keep: not after a failure" 3 '' 'because the command failed' --scratch . --scratch-keep -- sh -c "$change; exit 3"
	if [ ! -e "$PROJ/added" ]; then
		ok "and then the directory is as it was, too"
	else
		not_ok "and then the directory is as it was, too"
	fi
	expect "--scratch-keep: they are made" 0 '' 'they were made in' --scratch . --scratch-keep -- sh -c "$change"
	if [ "$(cat "$PROJ/changed")" = new ] && [ -e "$PROJ/added" ] && [ ! -e "$PROJ/kept" ]; then
		ok "and are there"
	else
		not_ok "and are there" "$(ls -la "$PROJ")"
	fi
}

network() {
	TAP_NAME=run-network need python3 || return 0
	expect "without network no socket is made" 1 '' 'PermissionError' -- python3 -c 'import socket; socket.socket()'
	expect "and there is nothing but loopback" 0 '^1$' '' -- sh -c 'grep -c : /proc/net/dev'
	expect "--network host has the host's" 0 'ok' '' --network host -- python3 -c 'import socket; socket.socket(); print("ok")'
	expect "capabilities are none" 0 'CapBnd:.0000000000000000' '' -- cat /proc/self/status
	expect "no_new_privs is set" 0 'NoNewPrivs:.1' '' -- cat /proc/self/status
}

main() {
	run_begin run-files
	presets
	rules
	scratch
	network
	tap_end
}

main "$@"
