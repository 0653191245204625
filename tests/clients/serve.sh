# shellcheck shell=sh
# The server of the suites. Source it from the top of the tree. Needs S (scratch directory).
#
#	serve ARG...	starts server.py; sets server (its process) and port
#	serve_end	stops it

serve() {
	rm -f "$S/port"
	python3 tests/clients/server.py --port-file "$S/port" "$@" &
	server=$!
	serve_tries=100
	while [ ! -s "$S/port" ] && [ "$serve_tries" -gt 0 ]; do
		sleep 0.1
		serve_tries=$((serve_tries - 1))
	done
	# shellcheck disable=SC2034 # for the suites
	port=$(cat "$S/port")
}

serve_end() {
	kill "$server"
	wait "$server" 2>/dev/null || :
}
