#!/bin/sh
# The policies of Codex: postern run's sandbox has the same effect as the command line that Codex 0.169 itself gives to bwrap
# for it. A walk over the files from inside both is compared; and verify holds. Each walk is in a mount namespace with a /tmp of
# its own, so that it is as Codex's /tmp is, and nobody else's. (tests/clients/codex/same has Codex itself make its half.)
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
	ln -s project "$USER_HOME/by-link"
	echo key >"$USER_HOME/secret/key"
	echo x >"$USER_HOME/other/x"
	mine "$USER_HOME"
	# what Codex has in /tmp, and what it hides on WSL
	cat >"$W/bin/host" <<'END'
mount -t tmpfs -o mode=1777 tmpfs /tmp
mkdir -m 700 "$HIDDEN" "$TARGETS"
echo x >/tmp/file
chown -R "$OWNER:" "$HIDDEN" "$TARGETS" /tmp/file
if [ -n "$WSL" ]; then
	mount -t tmpfs tmpfs /mnt
	mount -t tmpfs tmpfs /run
	mkdir -p /mnt/wslg/distro /mnt/wslg/other /run/WSL
	echo x | tee /mnt/wslg/distro/x /mnt/wslg/other/x >/run/WSL/1_interop
fi
cd "$STARTED_IN"
exec runuser -u "$OWNER" -- env HOME="$USER_HOME" PATH=/usr/local/bin:/usr/bin:/bin "$@"
END
	OWNER=$TEST_USER
	HIDDEN=/tmp/codex-daemon-$(id -u "$OWNER")
	TARGETS=/tmp/codex-bwrap-synthetic-mount-targets-$(id -u "$OWNER")
	STARTED_IN=$PROJ
	WSL=
	export OWNER HIDDEN TARGETS STARTED_IN WSL
}

apart() {
	captured unshare -m --propagation private sh -eu "$W/bin/host" "$@"
}

# walked NAME: what the last command found is $W/NAME.walk
walked() {
	sed 's/^NoNewPrivs.*//' "$W/out" >"$W/$1.walk"
	[ "$status" = 0 ] || cat "$W/err" >>"$W/$1.walk"
}

# by_codex WORD...: the launcher with what Codex puts around each policy, and the walk
by_codex() {
	# shellcheck disable=SC2086 # words
	apart "$RUN_LAUNCHER" $AS_PID_1 --new-session --die-with-parent "$@" --unshare-user $UNSHARE_PID --unshare-ipc $UNSHARE_NET \
		$PROC $CHDIR --cap-drop ALL $ARGV0 -- python3 -c "$WALK" $ROOTS
	walked codex
}

# by_postern WORD...: the same of postern run
by_postern() {
	# shellcheck disable=SC2086
	apart "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" "$@" -- python3 -c "$WALK" $ROOTS
	walked postern
}

# What Codex says in all of its command lines.
usual() {
	AS_PID_1=--as-pid-1 UNSHARE_PID=--unshare-pid UNSHARE_NET=--unshare-net PROC='--proc /proc' CHDIR='' ARGV0='--argv0 python3'
	ROOTS="$USER_HOME /tmp"
	EXCEPT=
}

# Its words for a directory that is hidden, missing, all of a writable root's missing names, and its own in /tmp.
hidden() { printf -- '--perms 000 --tmpfs %s --remount-ro %s ' "$1" "$1"; }
missing() { printf -- '--perms 555 --tmpfs %s --remount-ro %s ' "$1" "$1"; }
names() { for name in "$@"; do missing "$name"; done; }
own() { printf -- '--ro-bind %s %s ' "$TARGETS" "$TARGETS"; }
workspace() {
	printf -- '--ro-bind / / --dev /dev '
	hidden "$HIDDEN"
	printf -- '--bind /tmp /tmp '
	hidden "$HIDDEN"
	names /tmp/.git /tmp/.agents /tmp/.codex /tmp/.aws
	own
	printf -- '--bind %s %s --ro-bind %s %s ' "$PROJ" "$PROJ" "$PROJ/.git" "$PROJ/.git"
	names "$PROJ/.agents" "$PROJ/.codex" "$PROJ/.aws"
}
platform() {
	for root in /bin /sbin /usr /etc /lib /lib64 /nix/store /run/current-system/sw; do
		[ ! -d "$root" ] || printf -- '--ro-bind %s %s ' "$root" "$root"
	done
}

# tidy: Codex itself removes the mount points that its launcher makes in a project
tidy() {
	find "$PROJ" \( -name '.a[gw]*' -o -name .codex \) -empty -delete
	rmdir "$PROJ/sub/open/.git" 2>/dev/null || :
}

# Where both may differ in every policy, with the reason:
#	.postern	is a protected name of postern's
#	.local, .config	postern hides what it remembers and what it is configured by
#	mode of a hidden file: both cannot be opened
# and EXCEPT is what a policy adds to it.
known() {
	grep -vE "/\.(postern|local|config)( |/|\$)${EXCEPT:+|$EXCEPT}" "$1" |
		sed -e 's/dir E[A-Z]* -$/dir closed/' -e 's/dir list -$/dir list -/'
}

# alike NAME
alike() {
	known "$W/codex.walk" >"$W/a"
	known "$W/postern.walk" >"$W/b"
	tidy
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

# listening: something takes connections on a port, whose number is in $W/port; $LISTENER is it
listening() {
	python3 -c 'import socket, sys
server = socket.create_server(("127.0.0.1", 0))
with open(sys.argv[1], "w") as f:
    print(server.getsockname()[1], file=f)
while True:
    server.accept()[0].recv(1)' "$W/port" &
	LISTENER=$!
	while [ ! -s "$W/port" ]; do sleep 0.1; done
}

# shellcheck disable=SC2046 # words
modes() {
	by_codex --ro-bind / / --dev /dev $(hidden "$HIDDEN")
	by_postern --deny "$HIDDEN"
	alike "(b) read-only"
	verified "read-only"

	set -- --preset workspace --deny "$HIDDEN" --read "$TARGETS"
	by_codex $(workspace)
	by_postern "$@"
	alike "(c) workspace-write"
	verified "a writable project" --write .

	UNSHARE_NET=
	by_codex $(workspace)
	by_postern "$@" --network host
	alike "(d) with network"
	verified "with network" --write . --network host
	usual

	ARGV0=
	by_codex $(workspace)
	by_postern "$@"
	alike "(e) from a launcher without --argv0"
	usual

	# both show the host's processes
	EXCEPT='^processes '
	PROC=
	by_codex $(workspace)
	by_postern "$@" --no-proc
	alike "(f) without a procfs"
	verified "without a procfs" --write . --no-proc

	# postern run has no sandbox without a pid namespace: what Codex leaves it can signal is out of reach
	AS_PID_1='' UNSHARE_PID=''
	by_codex $(workspace)
	by_postern "$@" --no-proc
	alike "(g) in the caller's pid namespace: the same files"
	usual

	proxy=http://127.0.0.1:$(cat "$W/port")
	by_codex $(workspace)
	by_postern "$@" --network proxy --proxy "$proxy"
	alike "(k) with proxies"
	verified "with proxies" --write . --network proxy --proxy "$proxy"

	STARTED_IN=$USER_HOME/by-link CHDIR="--chdir $PROJ"
	by_codex $(workspace)
	by_postern "$@"
	alike "(l) started where a link leads"
	STARTED_IN=$PROJ
	usual
}

# shellcheck disable=SC2046
rules() {
	by_codex --ro-bind / / --dev /dev --bind "$PROJ" "$PROJ" --ro-bind "$PROJ/.git" "$PROJ/.git" \
		$(names "$PROJ/.agents" "$PROJ/.codex" "$PROJ/.aws") \
		--perms 111 --tmpfs "$PROJ/sub" --dir "$PROJ/sub/open" --remount-ro "$PROJ/sub" --dir "$PROJ/sub/open" \
		--bind "$PROJ/sub/open" "$PROJ/sub/open" \
		$(names "$PROJ/sub/open/.git" "$PROJ/sub/open/.agents" "$PROJ/sub/open/.codex" "$PROJ/sub/open/.aws") \
		--ro-bind "$PROJ/docs" "$PROJ/docs" $(hidden "$USER_HOME/secret") \
		--perms 000 --ro-bind-data 3 "$PROJ/a.env" --perms 000 --ro-bind-data 4 "$PROJ/sub/open/b.env" 3</dev/null 4</dev/null
	set -- --write . --deny sub --write sub/open --read docs --deny "$USER_HOME/secret" --deny '**/*.env'
	by_postern "$@"
	alike "(h) denied, opened again, read-only and by pattern"
	verified "denied, opened again, read-only and by pattern" "$@"

	# the first part of it that is missing is blocked, so that mkdir fails
	by_codex --ro-bind / / --dev /dev --bind "$PROJ" "$PROJ" --ro-bind "$PROJ/.git" "$PROJ/.git" \
		$(names "$PROJ/.agents" "$PROJ/.codex" "$PROJ/.aws") --ro-bind-data 3 "$PROJ/new" 3</dev/null
	rm -f "$PROJ/new"
	# Codex's is a file that may be read, postern's a directory
	EXCEPT='/new '
	by_postern --write . --deny new/deep/secret
	alike "(h) denied where nothing is"
	if [ -e "$PROJ/new" ]; then not_ok "and nothing is left" "$(ls -la "$PROJ")"; else ok "and nothing is left"; fi
	usual

	# a user makes no protected names in /: Codex's words for them would end the start
	ROOTS="$USER_HOME /tmp /var/mail"
	by_codex --bind / / --dev /dev --bind-try /dev/shm /dev/shm $(hidden "$USER_HOME/secret") $(hidden "$HIDDEN")
	set -- --preset full --i-know --network none --deny "$USER_HOME/secret"
	by_postern "$@" --deny "$HIDDEN"
	alike "(i) a writable root"
	verified "a writable root" "$@"
	usual
}

# shellcheck disable=SC2046
roots() {
	# Codex's root is a tmpfs that can be written; ours is sealed. Where the working directory is not shown bubblewrap starts in
	# HOME if it can
	EXCEPT="^/ |^in |^$USER_HOME dir"
	ROOTS="$USER_HOME /tmp /bin/sh /usr/lib/os-release"
	by_codex --tmpfs / --dev /dev $(platform)
	by_postern --preset minimal
	alike "(a) what Codex asks for a procfs with"
	verified "the platform's directories" --preset minimal

	by_codex --tmpfs / --dev /dev $(platform) --ro-bind "$USER_HOME/other" "$USER_HOME/other"
	by_postern --preset minimal --read "$USER_HOME/other"
	alike "(j) the platform's directories and one more"
	verified "the platform's directories and one more" --preset minimal --read "$USER_HOME/other"
	usual

	# Codex leaves an empty directory that can be written in place of /run/WSL
	WSL=yes
	EXCEPT='^/run/WSL'
	ROOTS="$USER_HOME /tmp /mnt /run"
	by_codex $(workspace) $(hidden /mnt/wslg/distro) --tmpfs /run/WSL
	by_postern --preset workspace --deny "$HIDDEN" --read "$TARGETS"
	alike "(m) WSL 2"
	if grep -q '^/run/WSL dir EACCES -$' "$W/postern.walk"; then
		ok "(m) and nothing of /run/WSL is to be seen"
	else
		not_ok "(m) and nothing of /run/WSL is to be seen" "$(grep /run/WSL "$W/postern.walk")"
	fi
	WSL=
	usual
}

main() {
	run_begin run-codex
	TAP_NAME=run-codex need python3 unshare || return 1
	TEST_USER=${TEST_USER:-postern-test}
	WALK=$(cat tests/run/walk.py)
	usual
	ground
	listening
	modes
	kill "$LISTENER"
	rules
	roots
	tap_end
}

main "$@"
