# shellcheck shell=sh
# The unprivileged account that tests run as. Source it; it defines functions only.

# test_user_create [NAME]: makes the account if it is missing; needs root. It has a home and a shell,
# as a person's account has, and no password.
test_user_create() {
	tu_name=${1:-${TEST_USER:-postern-test}}
	if ! id "$tu_name" >/dev/null 2>&1; then
		[ "$(id -u)" = 0 ] || return 1
		if command -v useradd >/dev/null 2>&1; then
			useradd -m -s /bin/sh "$tu_name" || return 1
		else
			adduser -D -s /bin/sh "$tu_name" || return 1
		fi
	fi
	[ "$(id -u "$tu_name")" != 0 ]
}

# test_user_run COMMAND...: runs it as TEST_USER when called by root, else as the caller, who is a user
# already. runuser executes it the way a login would: ids, groups and capability sets are all a person's.
test_user_run() {
	if [ "$(id -u)" = 0 ]; then
		runuser -u "${TEST_USER:-postern-test}" -- "$@"
	else
		"$@"
	fi
}
