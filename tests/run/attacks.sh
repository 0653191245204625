#!/bin/sh
# What a command inside does to get out by way of postern run itself: by what runs leave on the host, by other runs that
# start beside it, by what it left in the workspace before, by what is written and read after it.
set -eu
. tests/lib/tap.sh
. tests/run/lib.sh

# await FILE: until somebody has made it
await() {
	for _ in $(seq 600); do
		[ ! -e "$1" ] || return 0
		sleep 0.1
	done
	return 1
}

# beside DIR WORD...: postern run of these in DIR, in the background
beside() {
	beside_dir=$1
	shift
	(
		cd "$beside_dir"
		test_user_run env HOME="$USER_HOME" PATH=/usr/local/bin:/usr/bin:/bin "$RUN_POSTERN" run \
			--launcher "$RUN_LAUNCHER" "$@"
	) >"$W/beside.out" 2>"$W/beside.err" </dev/null &
}

# A run in a directory mounts on something that a run in the directory above it sees, and may keep open.
mount_points() {
	fresh
	rm -rf "$USER_HOME/above"
	mkdir -p "$USER_HOME/above/below"
	cp tests/run/hold.py "$W/hold.py"
	chmod 644 "$W/hold.py"
	mine "$USER_HOME/above"
	beside "$USER_HOME/above" --write . --timeout 60 -- python3 "$W/hold.py" "$USER_HOME/above/below/.codex" "$USER_HOME/above"
	if ! await "$USER_HOME/above/up"; then
		not_ok "a mount point is seen by a run above it" "$(cat "$W/beside.err")"
		return
	fi
	captured in_project sh -c 'cd ../above/below && exec "$@"' sh "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" --write . -- \
		sh -c 'while [ ! -e ../held ]; do sleep 0.1; done'
	mount_points_first="$status $(cat "$W/err")"
	rm -f "$USER_HOME/above/up"
	for _ in 1 2 3; do
		prun --write . -- sleep 1
	done
	: >"$USER_HOME/above/end"
	wait
	if [ "$mount_points_first" = "0 " ] && [ "$status" = 0 ] && [ -z "$(ls -A "$PROJ")" ]; then
		ok "who keeps a mount point of another run open has it nowhere else later"
	else
		not_ok "who keeps a mount point of another run open has it nowhere else later" "$mount_points_first" "$(find "$PROJ")" \
			"$(cat "$W/beside.out" "$W/beside.err")"
	fi
}

# A run of a wider policy exchanges, all the time, what another run is to show and a link to what that one denies.
exchanged() {
	fresh
	rm -rf "$USER_HOME/shared" "$USER_HOME/outside"
	mkdir -p "$USER_HOME/shared/data" "$USER_HOME/outside"
	ln -s ../outside "$USER_HOME/shared/link"
	echo s3cret >"$USER_HOME/outside/secret"
	cp tests/run/swap.py "$W/swap.py"
	chmod 644 "$W/swap.py"
	mine "$USER_HOME/shared" "$USER_HOME/outside"
	beside "$USER_HOME/shared" --write . --timeout 300 -- python3 "$W/swap.py" data link end
	for _ in $(seq 600); do
		! grep -q up "$W/beside.out" || break
		sleep 0.1
	done
	exchanged_found=
	exchanged_worked=0
	for _ in $(seq "${RUN_RACES:-60}"); do
		prun --deny ../outside "$@" ../shared/data -- sh -c 'for _ in 1 2 3 4 5 6 7 8 9; do
			cat ../shared/data/secret; echo x >../shared/data/new; done'
		! grep -q s3cret "$W/out" || exchanged_found="$exchanged_found read"
		exchanged_worked=$((exchanged_worked + (status != 125)))
	done
	: >"$USER_HOME/shared/end"
	wait
	if [ -z "$exchanged_found" ] && [ "$(ls "$USER_HOME/outside")" = secret ] && [ "$exchanged_worked" -gt 0 ]; then
		ok "$*: what lies below what another run may write is shown as it was looked at ($exchanged_worked started)"
	else
		not_ok "$*: what lies below what another run may write is shown as it was looked at" "$exchanged_worked started" \
			"found: $exchanged_found" "$(ls -l "$USER_HOME/outside")" "$(cat "$W/err" "$W/beside.err")"
	fi
}

# In a mount namespace that passes mounts on, as the host's own does, something is mounted while a run is there.
later_mount() {
	fresh
	mkdir "$PROJ/later" "$PROJ/work"
	mine "$PROJ"
	beside "$PROJ" --write work --timeout 60 -- sh -c '
		touch work/up; while [ ! -e work/on ]; do sleep 0.1; done; echo x >later/new; ls later'
	if await "$PROJ/work/up" && mount -t tmpfs -o mode=777 later "$PROJ/later"; then
		: >"$PROJ/later/there"
	fi
	: >"$PROJ/work/on"
	wait
	if [ -e "$PROJ/later/there" ] && [ ! -e "$PROJ/later/new" ] && [ ! -s "$W/beside.out" ]; then
		ok "what the host mounts later does not appear, and is not written"
	else
		not_ok "what the host mounts later does not appear, and is not written" "$(ls "$PROJ/later")" \
			"$(cat "$W/beside.out" "$W/beside.err")"
	fi
	umount "$PROJ/later" || :
}

# What is read after the run, by people and programs.
afterwards() {
	fresh
	expect "the command cannot put a report of its own in the place of ours" 3 '' '*' --write . --report r.json -- \
		sh -c 'mv r.json x; rm -f r.json; echo forged >r.json; ln -sf x r.json; exit 3'
	if grep -q '"exit-status": 3' "$PROJ/r.json" && [ ! -h "$PROJ/r.json" ]; then
		ok "so that what is read there is ours"
	else
		not_ok "so that what is read there is ours" "$(cat "$PROJ/r.json")"
	fi
	rm -f "$PROJ/r.json"
	mkfifo "$PROJ/r.json"
	mine "$PROJ/r.json"
	captured in_project timeout 60 "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" --report r.json -- true
	seen "nor keep the next run waiting by a pipe" 125 '' 'a pipe that nobody reads'
	fresh
	# an escape sequence for terminals, and one that begins with U+009B
	afterwards_dir=$PROJ/$(printf "a\\033]0;x\\007\\302\\233m'b")
	mkdir "$afterwards_dir"
	: >"$afterwards_dir/x.env"
	ln -s /usr "$PROJ/$(printf 'l\033c.env')"
	mine "$PROJ"
	for afterwards_words in "run --deny **/*.env -- true" "explain --deny **/x.env" "verify --deny **/x.env" \
		"run --preset minimal --chdir $afterwards_dir -- true" "run --write . --scratch $afterwards_dir --scratch-drop -- touch $afterwards_dir"; do
		(
			set -f
			# shellcheck disable=SC2086 # words
			psay $afterwards_words
			exit "$status"
		) || :
		cat "$W/out" "$W/err"
	done >"$W/all"
	if ! LC_ALL=C grep -q "$(printf '\033\\|\007\\|\302\233')" "$W/all" && grep -q 'x.env' "$W/all" && grep -q 'does not show' "$W/all"; then
		ok "names that somebody left reach no terminal as control characters"
	else
		not_ok "names that somebody left reach no terminal as control characters" "$(cat -v "$W/all")"
	fi
}

# What git obeys outside besides hooks and configuration, in a repository whose worktrees lie elsewhere and that has no hooks yet
git_leads() {
	fresh
	rm -rf "$USER_HOME/tree"
	if ! in_project sh -c 'git init -q --template= . && git -c user.name=a -c user.email=a commit -q --allow-empty -m x &&
		git worktree add -q ../tree' >"$W/err" 2>&1; then
		not_ok "a repository with a worktree is made" "$(cat "$W/err")"
		return
	fi
	cat >"$PROJ/try" <<-'EOF'
		for f in hooks/pre-commit config config.worktree commondir worktrees/tree/commondir worktrees/tree/config.worktree; do
			mkdir -p "$1/${f%/*}"
			echo x >"$1/$f" && echo "$f was written"
			mv "$1/$f" "$1/${f%/*}" "$1/moved" && echo "$f was moved"
		done 2>/dev/null
		git -c user.name=a -c user.email=a commit -q --allow-empty -m "y$1"
	EOF
	chmod 644 "$PROJ/try"
	mine "$PROJ/try"
	expect "where commits work, nothing leads git to another configuration" 0 '' '' --write . --allow-commits -- sh ./try .git
	captured in_project sh -c 'cd ../tree && exec "$@"' sh "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" --write . \
		--write ../project/.git --allow-commits -- sh ../project/try ../project/.git
	seen "nor from a worktree, nor in others" 0 '' ''
	captured in_project git log --all --format=%s
	if [ "$(sort "$W/out" | tr '\n' ' ')" = "x y../project/.git y.git " ] && [ ! -e "$PROJ/.git/hooks" ] && [ ! -e "$PROJ/.git/commondir" ]; then
		ok "both could commit, and nothing is left"
	else
		not_ok "both could commit, and nothing is left" "$(cat "$W/out" "$W/err")" "$(ls "$PROJ/.git")"
	fi
}

# What the caller's login keeps for it: tickets, the passwords of file systems
keys() {
	cp tests/run/keyring.py "$W/keyring.py"
	chmod 644 "$W/keyring.py"
	captured in_project python3 "$W/keyring.py" put python3 "$W/keyring.py" get @ID
	if ! grep -q s3cret "$W/out"; then
		skip "the caller's session keyring is not the command's" "$(cat "$W/err")"
		return
	fi
	captured in_project python3 "$W/keyring.py" put "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" -- python3 "$W/keyring.py" get @ID
	seen "the caller's session keyring is not the command's" 0 '' ''
}

main() {
	if [ "${1:-}" = later ]; then
		mount --make-rshared /
		run_begin attacks
		later_mount
		tap_end
		return
	fi
	run_begin attacks
	afterwards
	git_leads
	keys
	mount_points
	exchanged --write
	exchanged --preset minimal --read
	if [ "$(id -u)" = 0 ]; then
		unshare -m sh tests/run/attacks.sh later || TAP_FAILED=$((TAP_FAILED + 1))
	else
		skip "what the host mounts later does not appear, and is not written" "needs root"
	fi
	tap_end
}

main "$@"
