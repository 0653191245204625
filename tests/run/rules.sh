#!/bin/sh
# Rules about paths, in real sandboxes over real files: what a command can and cannot do, and what one run can prepare for the
# next one.
set -eu
. tests/lib/tap.sh
. tests/run/lib.sh

# in_work SCRIPT OPTION...: a shell with the preset workspace
in_work() {
	work_script=$1
	shift
	prun --preset workspace "$@" -- sh -c "$work_script"
}

# A project with a repository's directory, a secret, something to read and something to write.
project() {
	fresh
	mkdir -p "$PROJ/.git/hooks" "$PROJ/a/b" "$PROJ/docs" "$PROJ/sub/open" "$PROJ/nested/.git"
	echo '[core]' >"$PROJ/.git/config"
	echo old >"$PROJ/nested/.git/config"
	echo s3cret >"$PROJ/a/b/secret"
	echo s3cret >"$PROJ/sub/key"
	echo text >"$PROJ/docs/text"
	mine "$PROJ"
}

# clean NAME: nothing in the project that was not there before. (/tmp is other tests', too.)
clean() {
	clean_left=$(find "$PROJ" -maxdepth 1 -name '.[a-z]*' ! -name .git)
	if [ "$clean_left" = '' ]; then ok "$1"; else not_ok "$1" "left: $clean_left"; fi
}

presets() {
	project
	expect "by default everything is readable" 0 '^root:' '' -- head -n 1 /etc/passwd
	expect "by default nothing is writable" 1 '' 'Read-only file system' -- touch new
	in_work 'echo x >new && cat new && echo y >/tmp/postern-rules-$$ && rm /tmp/postern-rules-$$'
	seen "a workspace is the project and /tmp" 0 '^x$' ''
	in_work 'echo x >../new'
	seen "and no more" 2 '' 'Read-only file system'
	prun --preset minimal -- sh -c 'ls /'
	if [ "$status" = 0 ] && ! grep -Eqx 'home|root|tmp' "$W/out"; then
		ok "minimal shows the system, and nobody's files"
	else
		not_ok "minimal shows the system, and nobody's files" "$(cat "$W/out" "$W/err")"
	fi
	ln -s "$RUN_BIN" "$W/by-link"
	captured in_project "$RUN_POSTERN" run --launcher "$W/by-link/bwrap" --preset minimal -- true
	seen "its programs may lie where a link leads" 0 '' '*'
	expect "its root cannot be written" 1 '' 'Read-only file system' --preset minimal -- mkdir /new
	expect "a path is added to it" 0 '^text$' 'does not show' --preset minimal --read docs -- cat "$PROJ/docs/text"
	expect "/dev works" 0 '^0$' '' -- sh -c 'head -c 5 /dev/zero >/dev/null; : >/dev/full || true; test -c /dev/urandom; echo $?'
}

protected() {
	project
	in_work 'echo x >.git/config'
	seen "the repository cannot be written" 2 '' 'Read-only file system'
	in_work 'mv .git elsewhere'
	seen "nor moved away" 1 '' 'busy'
	in_work 'mkdir g && mv g .git/hooks/g'
	seen "nothing is moved into it" 1 '' 'Read-only file system|cannot move'
	in_work 'ln .git/config c'
	seen "nothing of it is linked out" 1 '' 'cross-device|Invalid'
	in_work 'echo x >nested/.git/config && cat nested/.git/config'
	seen "a nested repository is the command's" 0 '^x$' ''
	for name in .codex .agents .aws .postern; do
		in_work "mkdir $name/x"
		seen "a missing $name cannot be filled" 1 '' 'Read-only file system'
		in_work "rmdir $name; mkdir $name"
		seen "nor replaced by a directory" 1 '' 'File exists'
		in_work "mkdir q && mv -T q $name"
		seen "nor by one that is moved there" 1 '' 'busy|exists'
		in_work "ln -sfn /tmp/x $name && test -L $name"
		seen "nor by a link" 1 '' '*'
	done
	clean "and nothing of them is left"
	expect "--protect holds for any path" 2 '' 'Read-only file system' --preset workspace --protect docs -- \
		sh -c 'echo x >docs/text'
	expect "for a missing one, too" 1 '' 'Read-only file system|exists' --preset workspace --protect new/deep -- \
		mkdir -p new/deep
	clean "and it leaves nothing"
	[ ! -e "$PROJ/new" ] || not_ok "a missing path is not left" "$(ls -la "$PROJ")"
}

precedence() {
	project
	expect "deny beats write" 2 '' 'Permission denied' --preset workspace --write sub --deny sub -- ls sub
	expect "read beats write" 2 '' 'Read-only' --preset workspace --write docs --read docs -- sh -c 'echo x >docs/text'
	expect "the narrower rule wins" 0 '^x$' '' --preset read-only --read sub --write sub/open -- \
		sh -c 'echo x >sub/open/f && cat sub/open/f'
	in_work 'cat sub/open/f && echo y >sub/open/f && ! cat sub/key && ! ls sub && ! echo x >sub/new' --deny sub --write sub/open
	seen "a writable child reopens a denied directory, and that alone" 0 '^x$' 'Permission denied'
	[ "$(cat "$PROJ/sub/open/f")" = y ] || not_ok "what was written there is on the host" "$(cat "$PROJ/sub/open/f")"
	expect "a path on the way may be passed" 0 '^y$' '' --deny sub --read sub/open -- cat sub/open/f
	expect "a denied file cannot be read" 1 '' 'Permission denied' --deny a/b/secret -- cat a/b/secret
	expect "nor its mode changed" 1 '' 'Read-only' --preset workspace --deny a/b/secret -- chmod 644 a/b/secret
	expect "nor removed" 1 '' 'busy' --preset workspace --deny a/b/secret -- rm -f a/b/secret
	expect "nor linked to" 1 '' 'cross-device|Invalid' --preset workspace --deny a/b/secret -- ln a/b/secret s
	expect "a denied home is denied whatever is below" 2 '' 'Permission denied' --deny "$USER_HOME" --write "$PROJ" -- ls "$USER_HOME"
	[ "$(cat "$PROJ/a/b/secret")" = s3cret ] || not_ok "the secret is as it was" ""
}

links() {
	project
	ln -s docs "$PROJ/link"
	mine "$PROJ"
	expect "a rule through a link in the workspace is refused" 125 '' "$PROJ/link is a symbolic link" --preset workspace \
		--read link -- true
	expect "also behind it" 125 '' "$PROJ/link is a symbolic link" --preset workspace --deny link/text -- true
	expect "where the link cannot be changed it is followed" 1 '' 'Permission denied' --deny link/text -- cat docs/text
	rm -rf "$PROJ/.git"
	ln -s docs "$PROJ/.git"
	mine "$PROJ"
	expect "a repository that is a link is refused" 125 '' "$PROJ/.git is a symbolic link" --preset workspace -- true
	clean "a refusal leaves nothing"
}

patterns() {
	project
	echo s3cret >"$PROJ/a/.env"
	echo s3cret >"$PROJ/a/b/x.env"
	echo s3cret >"$PROJ/real"
	ln -s real "$PROJ/link.env"
	mkdir "$PROJ/dir.env"
	echo s3cret >"$PROJ/dir.env/f"
	mine "$PROJ"
	in_work 'cat a/.env a/b/x.env link.env real dir.env/f' --deny '**/*.env'
	if [ "$status" = 1 ] && [ "$(grep -c 'Permission denied' "$W/err")" = 5 ] && [ ! -s "$W/out" ]; then
		ok "what matches a pattern is hidden, and what a matching link leads to"
	else
		not_ok "what matches a pattern is hidden, and what a matching link leads to" "$(cat "$W/out" "$W/err")"
	fi
	in_work 'mv a/b a/c; mv a z; cat a/b/x.env z/b/x.env a/c/x.env' --deny '**/*.env'
	if [ "$status" = 1 ] && [ ! -s "$W/out" ] && [ -f "$PROJ/a/b/x.env" ]; then
		ok "it cannot be moved out of the pattern's sight"
	else
		not_ok "it cannot be moved out of the pattern's sight" "$(cat "$W/out" "$W/err")"
	fi
	in_work 'cat a/.env' --deny '**/*.env' --write a
	seen "a writable directory below does not show it" 1 '' 'Permission denied'
	in_work 'echo new >new.env && cat new.env' --deny '**/*.env'
	seen "what is made later is not covered" 0 '^new$' ''
	expect "a pattern needs a directory" 125 '' 'put a directory before the first wildcard' --deny '/**/*.env' -- true
	rm "$PROJ/new.env"
	ln -s / "$PROJ/new.env"
	mine "$PROJ"
	expect "a matching link to everything is refused" 125 '' "the link $PROJ/new.env" --preset workspace --deny '**/*.env' -- true
}

own() {
	project
	# something to remember
	prun --preset workspace -- true
	expect "what postern remembers is not shown" 2 '' 'Permission denied' -- ls "$USER_HOME/.local/state/postern"
	expect "not even in a home that may be written" 2 '' 'Permission denied' --write "$USER_HOME" -- \
		ls "$USER_HOME/.local/state/postern"
	expect "it cannot be moved away" 1 '' 'busy' --write "$USER_HOME" -- mv "$USER_HOME/.local" "$USER_HOME/.l"
	expect "nor opened by a rule" 2 '' 'Permission denied' --write "$USER_HOME/.local/state/postern" -- \
		ls "$USER_HOME/.local/state/postern"
	expect "the next run's policy cannot be written" 1 '' 'Read-only|exists' --write "$USER_HOME" -- \
		mkdir -p "$USER_HOME/.config/postern"
	[ ! -e "$USER_HOME/.config" ] || not_ok "and nothing of it is left" "$(ls -la "$USER_HOME")"
}

# What one run could prepare so that the next one, with the same policy, sees or writes more.
next_run() {
	project
	set -- --deny a/b/secret --deny sub --write sub/open --protect docs
	in_work 'mv a/b a/c; mv a z; mv a/b/secret x; rm -rf a; ln -sfn /tmp a/b; chmod 000 a/b a; mv sub s; mv docs d; ln -sfn docs dd;
		rm -rf .codex; ln -s docs .codex; mkdir .agents; mv nested .aws; mv sub/open sub/o; rmdir sub/open
		cp -r a/b/secret copy; ln a/b/secret hard; exec 2>/dev/null; cat a/b/secret sub/key; true' "$@"
	seen "nothing hidden is said in a hostile run" 0 '' '*'
	chmod -R u+rwX "$PROJ"
	in_work 'cat a/b/secret sub/key copy hard z/b/secret' "$@"
	if [ "$status" = 1 ] && [ ! -s "$W/out" ]; then
		ok "nor in the next one"
	else
		not_ok "nor in the next one" "$(cat "$W/out" "$W/err")"
	fi
	in_work 'echo x >docs/text; mkdir .codex/x; echo x >sub/open/f && cat sub/open/f' "$@"
	seen "what was protected still is" 0 '^x$' 'Read-only'
	in_work 'chmod 000 a/b; cat a/b/secret' "$@"
	prun --preset workspace "$@" -- sh -c 'chmod 755 a/b; cat a/b/secret'
	seen "a directory that was shut is not a way around" 125 '' 'may not be searched'
	chmod 755 "$PROJ/a/b"
	clean "and nothing is left"
}

# In a mount namespace where the project has more paths than one.
other_paths() {
	[ "$(id -u)" = 0 ] || return 0
	project
	mkdir -p "$W/again" "$W/part" "$W/cover"
	# what follows is seen in this script's own mounts alone, and ends with it
	cat >"$W/other.sh" <<-'END'
		set -eu
		mount --bind "$PROJ" "$W/again"
		mount --bind "$PROJ/sub" "$W/part"
		mount --bind "$PROJ/sub" "$W/cover"
		mount -t tmpfs none "$W/cover"
		: >"$W/cover/shown"
		chmod 755 "$W/cover"
		exec sh "$W/inner.sh"
	END
	cat >"$W/inner.sh" <<-'END'
		. tests/lib/tap.sh
		. tests/run/lib.sh
		. tests/lib/users.sh
		prun --deny a/b/secret --deny sub -- sh -c 'cat "$1/again/a/b/secret" "$1/again/sub/key" "$1/part/key"; ls "$1/cover"' sh "$W"
		echo "$status" >"$W/other.status"
		cp "$W/out" "$W/other.out"
		cp "$W/err" "$W/other.err"
		prun --preset workspace --write "$W/again" -- sh -c 'echo x >"$1/again/.git/config"; mkdir "$1/again/.codex/x"; true' sh "$W"
		cat "$W/err" >>"$W/other.err"
	END
	unshare -m --propagation private sh "$W/other.sh" >"$W/other.log" 2>&1 || true
	if [ "$(cat "$W/other.out")" = shown ] && [ "$(grep -c 'Permission denied' "$W/other.err")" = 3 ] &&
		[ "$(grep -c 'Read-only' "$W/other.err")" = 2 ]; then
		ok "what is denied or protected has no other path"
	else
		not_ok "what is denied or protected has no other path" "$(cat "$W/other.out" "$W/other.err" "$W/other.log")"
	fi
	clean "and nothing is left under any"
}

main() {
	run_begin rules
	presets
	protected
	precedence
	links
	patterns
	own
	next_run
	other_paths
	tap_end
}

main "$@"
