#!/bin/sh
# What the administrator denies: paths, by whatever name or mount they are reached; requirements, whatever the plan
# says; limits. (MUST 7; firejail CVE-2017-5940 and runc CVE-2021-30465 as classes: another way to the same object)
set -eu
. tests/lib/tap.sh
. tests/priv/lib.sh
. tests/priv/attack_lib.sh

# An administrator's mounts: the secret, another mount of it, of a part of it and of what is above it
ground() {
	A=$PRIV_WORK/admin
	mkdir -p "$A/srv/secret/below" "$A/alias" "$A/part" "$A/above" "$A/jail/in/mount" "$A/open" "$A/onefile"
	echo secret >"$A/srv/secret/f"
	echo secret >"$A/srv/key"
	echo open >"$A/open/f"
	: >"$A/onefile/f"
	mount --bind "$A/srv/secret" "$A/alias"
	mount --bind "$A/srv/secret/below" "$A/part"
	mount --bind "$A/srv" "$A/above"
	mount --bind "$A/srv/secret" "$A/jail/in/mount"
	mount --bind "$A/srv/secret/f" "$A/onefile/f"
	ln -s "$A/srv" "$A/link"
	ln -s "$A/srv/secret" "$A/open/to-secret"
	ln "$A/srv/key" "$A/open/hardlink"
	# as deep as it gets: no search upwards may give up
	DEEP=$(printf '/d%.0s' $(seq 300))
	mkdir -p "$A/srv/secret/below$DEEP"
	chmod -R a+rX "$A"
}

START="--ro-bind /usr /usr --ro-bind-try /lib /lib --ro-bind-try /lib64 /lib64"

# shown NAME OPTION...: a start with these is a refusal; in the first mode it is none without the denial
shown() {
	shown_name=$1
	shift
	if [ "$mode" = "$CONTROLLED" ]; then
		priv_config
		# shellcheck disable=SC2086
		says "$mode: control: $shown_name" ran refuse "$BWRAP" $START "$@" /usr/bin/echo ran
	fi
	priv_config "deny-path=$DENY"
	# shellcheck disable=SC2086
	denied "$mode: deny-path: $shown_name (MUST 7)" denied refuse "$BWRAP" $START "$@" /usr/bin/true
}

# shown_fd NAME PATH OPTION: the same through a descriptor
shown_fd() {
	if [ "$mode" = "$CONTROLLED" ]; then
		priv_config
		# shellcheck disable=SC2016,SC2086
		says "$mode: control: $1" ran refuse sh -c 'exec 7<"$0" && exec "$@"' "$2" "$BWRAP" $START \
			"$3" 7 /mnt /usr/bin/echo ran
	fi
	priv_config "deny-path=$DENY"
	# shellcheck disable=SC2016,SC2086
	denied "$mode: deny-path: $1 (MUST 7, CVE-2024-42472)" denied refuse sh -c 'exec 7<"$0" && exec "$@"' "$2" \
		"$BWRAP" $START "$3" 7 /mnt /usr/bin/true
}

paths() {
	DENY=$A/srv/secret
	shown "the directory itself" --ro-bind "$DENY" /mnt
	shown "a file in it" --ro-bind "$DENY/f" /mnt
	shown "what is above it" --bind "$A/srv" /mnt
	shown "a link that leads there" --ro-bind "$A/open/to-secret" /mnt
	shown "a path with .." --ro-bind-try "$A/open/../srv/secret" /mnt
	shown "another mount of it" --ro-bind "$A/alias" /mnt
	shown "a file in another mount of it" --ro-bind "$A/alias/f" /mnt
	shown "a mount of a part of it" --bind "$A/part" /mnt
	shown "300 levels below" --ro-bind "$A/part$DEEP" /mnt
	shown "another mount of what is above it" --dev-bind "$A/above" /mnt
	shown "a directory in which it is mounted" --ro-bind "$A/jail" /mnt
	shown "a mount of one of its files" --ro-bind "$A/onefile/f" /mnt
	shown "a directory in which one of its files is mounted" --ro-bind "$A/onefile" /mnt
	shown "the root, in place" --ro-bind / /
	shown "the root, in place, writable" --bind / /
	shown "the root, in place, with devices" --dev-bind / /
	shown "the root elsewhere" --ro-bind / /mnt
	shown_fd "a descriptor of it" "$DENY" --ro-bind-fd
	shown_fd "a descriptor of a file in it" "$DENY/f" --bind-fd
	shown_fd "a descriptor of what is above" "$A/srv" --bind-fd
	shown_fd "a descriptor that was opened in another mount of it" "$A/alias" --ro-bind-fd
	shown_fd "a descriptor of a file in another mount of it" "$A/above/secret/f" --ro-bind-fd
	DENY=$A/srv/key
	shown "a file" --ro-bind "$DENY" /mnt
	shown "the directory of a file" --ro-bind "$A/srv" /mnt
	shown "another mount of a file's directory" --ro-bind "$A/above" /mnt
	shown "a file in another mount" --ro-bind "$A/above/key" /mnt
	shown "a hard link to a file" --ro-bind "$A/open/hardlink" /mnt
	# as /var/run/x is /run/x
	DENY=$A/link/key
	shown "denied through a link: the file" --ro-bind "$A/srv/key" /mnt
	shown "denied through a link: its directory" --ro-bind "$A/srv" /mnt
	DENY=$A/open/to-secret
	shown "denied is a link: where it leads" --ro-bind "$A/srv/secret" /mnt
	shown "denied is a link: above where it leads" --ro-bind "$A/above" /mnt
	DENY=/dev/null
	shown "a device of --dev" --dev /dev
	DENY=/proc
	priv_config "deny-path=$DENY"
	denied "$mode: deny-path: the host's procfs (MUST 7)" denied refuse "$BWRAP" --ro-bind /usr /usr \
		--proc /proc /usr/bin/true
	priv_config "deny-path=$A/srv/secret"
	# shellcheck disable=SC2086
	says "$mode: control: its neighbours may be bound" open refuse "$BWRAP" $START --ro-bind "$A/open" /mnt \
		--tmpfs /tmp --dev /dev --unshare-pid --proc /proc /usr/bin/cat /mnt/f
	# shellcheck disable=SC2086
	says "$mode: control: data files are no source" data refuse sh -c 'echo data | "$@"' sh "$BWRAP" $START \
		--ro-bind-data 0 /f /usr/bin/cat /f
	priv_config "deny-path=$A/nosuch" deny-path=/nosuch/postern
	# shellcheck disable=SC2086
	says "$mode: control: a denied path that is not there" ran refuse "$BWRAP" $START /usr/bin/echo ran
}

# No shortage of the caller's making lets a denied path through.
shortages() {
	priv_config
	# shellcheck disable=SC2086
	plan_of "$W/plan" $START --ro-bind "$A/alias" /mnt /usr/bin/echo ran || not_ok "$mode: a plan was made"
	priv_config "deny-path=$A/srv/secret"
	bad=
	for limit in $(seq -f nofile=%g 3 2 31) data=0 data=65536 stack=8192 fsize=0 as=2097152 as=4194304; do
		rc=0
		refuse timeout -k 1 5 "$PRIV_BIN/hand" -x "$PRIV" -l "$limit" -f "memfd:$W/plan" -- bwrap --plan 99 \
			>"$W/out" 2>"$W/err" </dev/null || rc=$?
		[ $rc != 0 ] && [ ! -s "$W/out" ] || bad="$bad $limit"
	done
	verdict "$mode: deny-path: no limit of the caller's opens it (MUST 7)" [ -z "$bad" ]
	priv_config
}

# More binds than descriptors, so that what is mounted and what is looked for take turns
many() {
	BINDS=$(seq -f '--ro-bind /usr/share /m/%g' 300)
	priv_config "deny-path=$A/srv/secret"
	# shellcheck disable=SC2086
	says "$mode: deny-path: control: hundreds of neighbours" ran refuse prlimit --nofile=256 "$BWRAP" $START \
		--tmpfs /m $BINDS /usr/bin/echo ran
	# shellcheck disable=SC2086
	denied "$mode: deny-path: behind hundreds of others (MUST 7)" denied refuse prlimit --nofile=256 "$BWRAP" $START \
		--tmpfs /m $BINDS --ro-bind "$A/alias" /m/last /usr/bin/true
	case $mode in *-userns) return ;; esac
	# shellcheck disable=SC2086
	priv_host "$PRIV_HOST" prlimit --nofile=256 strace -f -qq -u "$TEST_USER" -e trace=openat -o "$W/calls" \
		"$BWRAP" $START --tmpfs /m $BINDS /usr/bin/echo ran >"$W/out" 2>&1 </dev/null || :
	equals "$mode: deny-path: hundreds of binds read the table of mounts once, and the new root's once" "ran 2" \
		"$(cat "$W/out") $(grep -c self/mountinfo "$W/calls")"
	priv_config
}

# An administrator's mount of the secret in a folder of the user's, who renames that all the time: at the end it is not
# where the table of mounts has shown it.
rename_by_user() {
	# shellcheck disable=SC2016
	exec setpriv --reuid "$TEST_USER" --clear-groups sh -c 'cd "$0" && while :; do mv d t; mv e d; mv t e; done' \
		"$A/user" >/dev/null 2>&1
}

# starts_until N: N starts, or as many as it takes to read the secret
starts_until() {
	read_after=0
	while [ $read_after -lt "$1" ]; do
		read_after=$((read_after + 1))
		# shellcheck disable=SC2086
		refuse "$BWRAP" $START --tmpfs /m $BINDS --ro-bind "$A/user/e" /mnt cat /mnt/m/f >"$W/out" 2>/dev/null </dev/null || :
		[ "$(cat "$W/out")" != secret ] || return 0
	done
	return 1
}

never_in() {
	! starts_until "$1"
}

renamed() {
	BINDS=$(seq -f '--ro-bind /usr/share /m/%g' 150)
	if [ ! -e "$A/user" ]; then
		mkdir -p "$A/user/d/m" "$A/user/e/m"
		chown -R "$TEST_USER:" "$A/user"
		mount --bind "$A/srv/secret" "$A/user/d/m"
	fi
	rename_by_user &
	renamer=$!
	if [ "$mode" = "$CONTROLLED" ]; then
		priv_config
		verdict "$mode: control: what is mounted in a folder that is renamed can be read" starts_until 100
	fi
	priv_config "deny-path=$A/srv/secret"
	verdict "$mode: deny-path: no renaming of the folder in which it is mounted shows it (MUST 4, 7)" \
		never_in 60
	kill_tree "$renamer"
	wait "$renamer" 2>/dev/null || :
	priv_config
}

requirements() {
	priv_config require=new-session
	# shellcheck disable=SC2016
	says "$mode: require = new-session: a session of its own (MUST 7, CVE-2017-5226)" yes refuse setsid -w sh -c \
		'"$@"' sh "$BWRAP" --ro-bind / / --unshare-pid --proc /proc sh -c \
		'read -r _ _ _ _ _ sid _ </proc/self/stat; [ "$sid" -gt 0 ] && echo yes'
	priv_config require=pid-namespace
	# shellcheck disable=SC2016
	says "$mode: require = pid-namespace: nobody but the sandbox is there (MUST 7)" yes refuse "$BWRAP" \
		--ro-bind / / --proc /proc sh -c '[ $$ -lt 10 ] && [ -e /proc/1 ] && [ ! -e /proc/'$$' ] && echo yes'
	priv_config require=base-filter
	says "$mode: require = base-filter: a filter is in force (MUST 7)" "Seccomp:	2" refuse "$BWRAP" --ro-bind / / \
		grep Seccomp: /proc/self/status
	priv_config require=die-with-parent
	rc=0
	# shellcheck disable=SC2016
	refuse sh -c '"$@" & sleep 0.3; kill -KILL $$' sh "$BWRAP" --ro-bind / / sleep 61.5 >/dev/null 2>&1 || rc=$?
	sleep 0.1
	# shellcheck disable=SC2016
	verdict "$mode: require = die-with-parent: it ends with its caller (MUST 7, 10)" \
		sh -c '! pgrep -u "$0" -f "sleep 61.5"' "$TEST_USER"
	priv_config limit-nofile=50 limit-core=0
	# shellcheck disable=SC2016
	says "$mode: limits are lowered (MUST 7)" "50 50 0" refuse "$BWRAP" --ro-bind / / \
		bash -c 'echo $(ulimit -Sn) $(ulimit -Hn) $(ulimit -Hc)'
	# shellcheck disable=SC2016
	says "$mode: limits are never raised (MUST 7)" "20 30" refuse prlimit --nofile=20:30 "$BWRAP" --ro-bind / / \
		bash -c 'echo $(ulimit -Sn) $(ulimit -Hn)'
	priv_config max-operations=3
	says "$mode: control: three operations" ran refuse "$BWRAP" --ro-bind / / --tmpfs /mnt --dir /mnt/a echo ran
	denied "$mode: max-operations: four (MUST 7)" denied refuse "$BWRAP" --ro-bind / / --tmpfs /mnt \
		--dir /mnt/a --dir /mnt/b true
	priv_config
}

all() {
	: "${CONTROLLED:=$mode}"
	paths
	shortages
	many
	renamed
	requirements
}

main() {
	priv_enter "$0" "$@"
	priv_begin deny
	need pgrep prlimit bash strace || {
		tap_end
		exit
	}
	ground
	CONTROLLED=
	in_modes all
	no_process "deny: no process is left (MUST 10)"
	tap_end
}

main "$@"
