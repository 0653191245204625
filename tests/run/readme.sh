#!/bin/sh
# The worked examples of README.md, word for word, as a user in a project.
set -eu
. tests/lib/tap.sh
. tests/run/lib.sh

# pinned NAME: the lines of the code block after the marker of that name
pinned() {
	awk -v marker="<!-- pinned: $1 -->" '
		$0 == marker { found = 1; next }
		found && /^```/ { if (inside) exit; inside = 1; next }
		inside { print }' README.md
}

# example NAME: runs it, with the programs under test and ours before all others on PATH
example() {
	pinned "$1" >"$W/example"
	captured in_project env PATH="$W/first:/usr/local/bin:/usr/bin:/bin:/usr/sbin" sh -eu "$W/example"
}

main() {
	run_begin run-readme
	mkdir "$W/first"
	cat >"$W/first/postern" <<-EOM
		#!/bin/sh
		command=\$1
		shift
		exec "$RUN_POSTERN" "\$command" --launcher "$RUN_LAUNCHER" "\$@"
	EOM
	chmod 755 "$W/first/postern"
	mkdir "$USER_HOME/.ssh" "$PROJ/.git"
	printf 'all:\n\t@touch built; touch .git/hook || :; cat ~/.ssh/key a.env || :\n' >"$PROJ/Makefile"
	echo secret-key >"$USER_HOME/.ssh/key"
	echo secret-env >"$PROJ/a.env"
	mine "$USER_HOME"
	if TAP_NAME="README: an agent" need make git; then
		example run-agent
		if [ -e "$PROJ/built" ] && [ ! -e "$PROJ/.git/hook" ] && ! grep -q secret "$W/out"; then
			ok "README: an agent builds, plants no hook and sees no secret"
		else
			not_ok "README: an agent builds, plants no hook and sees no secret" "$(cat "$W/out" "$W/err")"
		fi
	fi
	printf 'echo ran\ncat ~/.ssh/key\n: >x\n' >"$PROJ/script.sh"
	mine "$PROJ/script.sh"
	example run-script
	if grep -q '^ran$' "$W/out" && ! grep -q secret "$W/out" && [ ! -e "$PROJ/x" ]; then
		ok "README: a script runs, and sees nothing else"
	else
		not_ok "README: a script runs, and sees nothing else" "$(cat "$W/out" "$W/err")"
	fi
	TAP_NAME="README: a build" need tinyproxy curl || {
		tap_end
		return
	}
	cat >"$W/first/npm" <<-'EOM'
		#!/bin/sh
		echo "proxy $HTTP_PROXY"
		curl -sS -o /dev/null -w '%{http_code}\n' http://elsewhere.example/ || :
		curl -sS --noproxy '*' -m 5 http://127.0.0.1:8888/ 2>&1 | tail -n 1
	EOM
	chmod 755 "$W/first/npm"
	pgrep -x tinyproxy >"$W/before" || :
	example run-build
	# it went to the background, as it does for people
	for pid in $(pgrep -x tinyproxy | grep -v -x -f "$W/before"); do
		grep -q tinyproxy.conf "/proc/$pid/cmdline" && kill "$pid"
	done
	if [ "$status" = 0 ] && grep -q '^proxy http://127.0.0.1' "$W/out" && grep -q '^403$' "$W/out"; then
		ok "README: a build reaches the proxy, and what its list has not is refused"
	else
		not_ok "README: a build reaches the proxy, and what its list has not is refused" "$(cat "$W/out" "$W/err")"
	fi
	tap_end
}

main "$@"
