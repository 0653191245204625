#!/bin/sh
# Sixty-four runs at once in one workspace: each has its own output and status, and nothing is left of any of them.
set -eu
. tests/lib/tap.sh
. tests/run/lib.sh

main() {
	run_begin run-parallel
	runs=${RUN_PARALLEL:-64}
	mkdir "$W/each"
	i=0
	while [ $i -lt "$runs" ]; do
		(
			status=0
			in_project "$RUN_POSTERN" run --launcher "$RUN_LAUNCHER" --preset workspace --deny '**/*.env' -- \
				sh -c "echo $i >>log; mkdir .git/x 2>/dev/null; echo x >file-$i; echo $i; exit $((i % 100))" \
				>"$W/each/$i.out" 2>"$W/each/$i.err" </dev/null || status=$?
			echo $status >"$W/each/$i.status"
		) &
		i=$((i + 1))
	done
	wait
	bad=
	i=0
	while [ $i -lt "$runs" ]; do
		[ "$(cat "$W/each/$i.status")" = $((i % 100)) ] && [ "$(cat "$W/each/$i.out")" = $i ] && [ ! -s "$W/each/$i.err" ] ||
			bad="$bad $i:$(cat "$W/each/$i.status"):$(head -n 2 "$W/each/$i.err")"
		i=$((i + 1))
	done
	if [ -z "$bad" ]; then
		ok "$runs runs at once in one workspace end each with its own status and output"
	else
		not_ok "$runs runs at once in one workspace end each with its own status and output" "$bad"
	fi
	if [ "$(find "$PROJ" -mindepth 1 -maxdepth 1 ! -name 'file-*' | wc -l)" = 1 ] && [ "$(wc -l <"$PROJ/log")" = "$runs" ]; then
		ok "and nothing is left of them but what they wrote"
	else
		not_ok "and nothing is left of them but what they wrote" "$(find "$PROJ" -mindepth 1 ! -name 'file-*')"
	fi
	# those that look at the workspace while it is swept
	if [ -z "$(find "$USER_HOME/.local/state/postern" -name '*-0' -type f 2>/dev/null)" ]; then
		ok "and nothing in the registry"
	else
		not_ok "and nothing in the registry" "$(find "$USER_HOME/.local/state/postern")"
	fi
	tap_end
}

main "$@"
