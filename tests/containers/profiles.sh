#!/bin/sh
# pkg/docker: what the generator prints is what is committed; the default in its table is what real engines have, but for
# older.table; each addition is needed by some sandbox in a container without any capability; both forms of the AppArmor
# profile are understood by the parsers that they are for. PROFILES_WRITE=1 writes older.table.
set -eu
. tests/lib/tap.sh
. tests/containers/engines.sh
. tests/containers/lib.sh

DIR=pkg/docker
GENERATE=$DIR/seccomp/generate

# same NAME FILE WORD...: FILE is what the generator prints
same() {
	same_name=$1 same_file=$2
	shift 2
	"$GENERATE" "$@" >"$E/out"
	if diff -u "$same_file" "$E/out" >"$E/log"; then
		ok "$same_name"
	else
		not_ok "$same_name" "$(head -n 20 "$E/log")" "run $GENERATE write"
	fi
}

committed() {
	same "seccomp-postern.json is what the generator prints" $DIR/seccomp-postern.json postern
	same "seccomp-postern-clients.json, too" $DIR/seccomp-postern-clients.json clients
	same "the page about them, too" $DIR/README.md readme
	same "the AppArmor profile for the older abi, too" $DIR/apparmor/postern-container.abi3 abi3
	for profile in postern postern-clients; do
		python3 tests/containers/filters.py unconditional $DIR/seccomp-$profile.json | sort -u >"$E/allowed"
		# shellcheck disable=SC2016 # Markdown
		sed -n '/^Still refused/,/^$/p' $DIR/README.md | grep -o '`[a-z0-9_]*`' | tr -d '`' | sort >"$E/refused"
		if [ "$(comm -12 "$E/allowed" "$E/refused")" = "" ] && [ "$(wc -l <"$E/refused")" -gt 15 ]; then
			ok "$profile: what the page says to be refused is refused"
		else
			not_ok "$profile: what the page says to be refused is refused" "$(comm -12 "$E/allowed" "$E/refused")"
		fi
	done
}

# rules ENGINE ARGUMENT...: what such a container's filter has, from the engine's own description of it
rules() {
	rules_engine=$1
	shift
	rules_id=$(engine "$rules_engine" run -d --network none "$@" postern-plain sleep 100000) || return 1
	python3 tests/containers/filters.py effective \
		"/run/$rules_engine/containerd/daemon/io.containerd.runtime.v2.task/moby/$rules_id/config.json" |
		sed 's/^socket .*,LT,12,.*/socket allow by families/; /^socket .*,EQ,/d'
	engine "$rules_engine" rm -f "$rules_id" >/dev/null
}

# differences ENGINE LABEL: between the engine's default and the table's, for what capabilities open
differences() {
	for caps in "" "--cap-add SYS_ADMIN" "--cap-drop ALL" "--cap-add SYS_PTRACE --cap-add SYS_TIME --cap-add SYS_NICE"; do
		# shellcheck disable=SC2086 # words
		rules "$1" $caps >"$E/engines" && rules "$1" $caps --security-opt "seccomp=$E/default.json" >"$E/ours" || return 1
		[ "$(wc -l <"$E/engines")" -gt 300 ] || return 1
		diff "$E/engines" "$E/ours" | sed -n "s/^< /$2 has   /p; s/^> /$2 lacks /p"
	done | sort -u
}

engines_default() {
	"$GENERATE" default >"$E/default.json"
	sed '/^#/!d' $DIR/seccomp/older.table >"$E/older"
	for name in docker docker-trixie; do
		if ! engine_start $name || ! image_into $name; then
			not_ok "$name starts"
			return
		fi
		differences $name "$(engine $name version --format '{{.Server.Version}}' | sed 's/+.*//')" >"$E/log" || {
			not_ok "$name: its default can be read"
			return
		}
		cat "$E/log" >>"$E/older"
	done
	[ "${PROFILES_WRITE:-0}" != 1 ] || cp "$E/older" $DIR/seccomp/older.table
	if diff -u $DIR/seccomp/older.table "$E/older" >"$E/log"; then
		ok "the table's default is that of two real engines, but for what older.table says"
	else
		not_ok "the table's default is that of two real engines, but for what older.table says" "$(cat "$E/log")"
	fi
}

# tries: in a container, what each addition is for; the name of each that fails
tries() {
	cat <<-'END'
		O="--ro-bind /bin /bin --ro-bind /usr /usr --ro-bind /lib /lib --ro-bind /lib64 /lib64 --dev /dev --tmpfs /tmp"
		S="--unshare-user --unshare-pid --unshare-net --unshare-ipc"
		t() { n=$1; shift; "$@" >/dev/null 2>&1 || echo "$n"; }
		t postern postern-bwrap $S $O true
		t bubblewrap bwrap $S $O true
		t nested postern-bwrap $S --uid 0 --cap-add ALL $O unshare -m -p -f true
		t userns sh -c 'unshare -Ur sleep 100 & until [ "$(readlink /proc/$!/ns/user)" != "$(readlink /proc/self/ns/user)" ] &&
			[ -n "$(cat /proc/$!/uid_map)" ] && [ -n "$(cat /proc/$!/gid_map)" ]; do kill -0 $! || exit; done
			postern-bwrap --userns 9 --uid 0 --gid 0 --ro-bind / / true 9</proc/$!/ns/user; r=$?; kill $!; exit $r'
		t hostname postern-bwrap $S --unshare-uts --hostname x $O true
	END
}

# failing FILE IGNORED: which of the tries fail under FILE in a container without any privilege, but for those ignored
failing() {
	engine docker run --rm --network none --user user --cap-drop ALL --security-opt no-new-privileges --read-only \
		--security-opt "seccomp=$1" postern-plain sh /tries 2>"$E/log" | grep -v "$2" | tr '\n' ' '
}

additions() {
	what=$1 file=$2 ignored=$3 number=0
	said=$(failing "$PWD/$DIR/$file" "$ignored")
	if [ "$said" = "" ] && [ ! -s "$E/log" ]; then
		ok "$file: all that it is for starts, without capabilities, read-only, with no_new_privs"
	else
		not_ok "$file: all that it is for starts, without capabilities, read-only, with no_new_privs" "$said" "$(cat "$E/log")"
	fi
	while [ $number -lt "$("$GENERATE" count "$what")" ]; do
		number=$((number + 1))
		rule=$(awk -F ' *[|] *' -v what="$what" -v n=$number '$1 == what && ++i == n { print $2 }' $DIR/seccomp/additions.table)
		case $rule in *' arch=s390,'*) continue ;; esac
		"$GENERATE" "$what" $number >"$E/without.json"
		said=$(failing "$E/without.json" "$ignored")
		if [ -n "$said" ] && [ ! -s "$E/log" ]; then
			ok "$file without \"$rule\": fails for ${said% }"
		else
			not_ok "$file without \"$rule\": something fails" "nothing does" "$(cat "$E/log")"
		fi
	done
}

# calls PROFILE: what doctor's harmless calls meet, "call=errno" for each
calls() {
	engine docker run --rm --network none --user user --security-opt "seccomp=$1" postern-plain \
		sh -c 'postern doctor --record /tmp/facts && cat /tmp/facts' | grep '^call\.' | tr '\n' ' '
}

filtered() {
	for profile in postern postern-clients; do
		said=$(calls "$PWD/$DIR/seccomp-$profile.json")
		case $said in
			*call.clone3=ENOSYS*) ok "$profile: clone3 is ENOSYS, as by default" ;;
			*) not_ok "$profile: clone3 is ENOSYS, as by default" "$said" ;;
		esac
	done
}

# parser SUITE FILE: does its parser understand it?
parser() {
	parser_root=$POSTERN_CACHE/apparmor-$1
	parser_loader=$parser_root/usr/lib64/ld-linux-x86-64.so.2
	set -- -b "$parser_root/etc/apparmor.d" -Q -K "$2"
	if [ -x "$parser_loader" ]; then
		"$parser_loader" --library-path "$parser_root/usr/lib/x86_64-linux-gnu" "$parser_root/usr/sbin/apparmor_parser" "$@"
	else
		"$parser_root/sbin/apparmor_parser" "$@"
	fi >"$E/log" 2>&1
}

# understood SUITE FORM
understood() {
	if parser "$1" $DIR/apparmor/postern-container."$2"; then
		ok "$1's AppArmor understands postern-container.$2"
	else
		not_ok "$1's AppArmor understands postern-container.$2" "$(cat "$E/log")"
	fi
}

apparmor() {
	if tests/lib/aptroot "$POSTERN_CACHE/apparmor-bookworm" bookworm apparmor >"$E/log" 2>&1 &&
		tests/lib/aptroot "$POSTERN_CACHE/apparmor-trixie" trixie apparmor libc6 >"$E/log" 2>&1; then
		understood bookworm abi3
		understood trixie abi3
		understood trixie abi4
	else
		skip "AppArmor's parsers" "$(tail -n 1 "$E/log")"
	fi
}

main() {
	POSTERN_CACHE=${POSTERN_CACHE:-/var/cache/postern-tests}
	export POSTERN_CACHE
	committed
	apparmor
	tries >"$E/tries"
	if ! image_trees "$E/tries"; then
		tap_end
		exit
	fi
	image_program plain "$(command -v bwrap)"
	engines_default
	filtered
	additions postern seccomp-postern.json '^nested$\|^userns$\|^hostname$'
	additions clients seccomp-postern-clients.json '^$'
	tap_end
}

TAP_NAME=containers/profiles
need dockerd unshare busybox python3 bwrap || {
	tap_end
	exit
}
engines_enter "$0" "$@"
main
