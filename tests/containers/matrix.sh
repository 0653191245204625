#!/bin/sh
# The launcher and doctor in real containers: every cell of matrix.table, with the exact words where a sandbox is refused. No
# cell changes a setting of the host's kernel. CELLS="NAME..." tries only these.
set -eu
. tests/lib/tap.sh
. tests/containers/engines.sh
. tests/containers/lib.sh

HERE=tests/containers

# code LINE: what try() of cell saw, as its code
code() {
	case $1 in
		"ok "*)
			echo ok
			return
			;;
	esac
	code_first=${1%%@*}
	code_id=$(printf '%s\n' "$1" | tr '@' '\n' | sed -n '2s/^postern: [^[]*\[\([a-z-]*\)\].*/\1/p')
	awk -F ' [|] ' -v id="$code_id" -v first="$code_first" '
		$2 == id && $3 == first { print $1; found = 1; exit }
		END { if (!found) print "?" id "?" }' $HERE/matrix.codes
}

# column ENGINE u|s|r ARGUMENT...: its codes, and doctor's verdict
column() {
	column_engine=$1 column_who=$2
	shift 2
	column_image=plain column_user=user
	[ "$column_who" != s ] || column_image=setuid
	[ "$column_who" != r ] || column_user=root
	engine "$column_engine" run --rm --network none --user $column_user "$@" "$(image_of "$column_engine" $column_image)" \
		sh /cell "$column_who" >"$E/cell.out" 2>"$E/cell.errors" </dev/null || :
	column_text=
	while IFS= read -r column_line; do
		case $column_line in
			'c '*) printf '%s\n' "${column_line#c }" >>"$E/caps.$column_who" ;;
			'd '*) column_text="$column_text ${column_line#d }" ;;
			*) column_text="$column_text $(code "${column_line#* }")" ;;
		esac
	done <"$E/cell.out"
	[ -n "$column_text" ] || column_text=" $(tail -n 1 "$E/cell.errors")"
	printf '%s\n' "$column_who$column_text"
}

# cell NAME ENGINE ARGUMENTS WANTED
cell() {
	set -f
	# shellcheck disable=SC2046,SC2086 # words
	set -- "$1" "$2" "$3" "$4" $(printf '%s\n' "$3" | sed "s,@P,$PWD/pkg/docker/seccomp-postern.json,
		s,@C,$PWD/pkg/docker/seccomp-postern-clients.json,; s,@D,$E/default.json,; s,@H,$E/refuses.json,")
	set +f
	cell_name=$1 cell_engine=$2 cell_words=$3 cell_wanted=$4
	shift 4
	rm -f "$E"/caps.*
	cell_got=
	for cell_who in u s r; do
		cell_got="$cell_got | $(column "$cell_engine" $cell_who "$@")"
	done
	cell_got=${cell_got# | }
	printf '%s | %s | %s | %s\n' "$cell_name" "$cell_engine" "$cell_words" "$cell_got" >>"$E/seen"
	if [ "$cell_got" = "$cell_wanted" ]; then
		ok "$cell_name: what starts, and what is said"
	else
		not_ok "$cell_name: what starts, and what is said" "wanted: $cell_wanted" "   got: $cell_got"
	fi
	for cell_who in u s; do
		cell_caps=$(cat "$E/caps.$cell_who" 2>/dev/null || :)
		case $cell_caps in
			"ok 0000000000000000 ") ok "$cell_name, $cell_who: the command has no capability" ;;
			ok*) not_ok "$cell_name, $cell_who: the command has no capability" "$cell_caps" ;;
		esac
	done
}

# refuses: a filter that refuses user namespaces, as some hosts do
refuses() {
	flag='{"index": 0, "value": 268435456, "valueTwo": 268435456, "op": "SCMP_CMP_MASKED_EQ"}'
	printf '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["clone", "unshare"], "action": "SCMP_ACT_ERRNO",
		"errnoRet": 1, "args": [%s]}, {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}\n' "$flag"
}

# rewrite: matrix.table, with what was seen
rewrite() {
	awk -F ' [|] ?' 'NR == FNR { seen[$1] = $0; next } /^#|^$/ || !($1 in seen) { print; next } { print seen[$1] }' \
		"$E/seen" $HERE/matrix.table >"$E/table"
	cp "$E/table" $HERE/matrix.table
}

main() {
	image_trees $HERE/cell || {
		tap_end
		exit
	}
	pkg/docker/seccomp/generate default >"$E/default.json"
	refuses >"$E/refuses.json"
	host_settings >"$E/settings"
	: >"$E/seen"
	grep -v '^#\|^$' $HERE/matrix.table >"$E/cells"
	while IFS='|' read -r name engine words wanted; do
		name=${name% } engine=${engine# } engine=${engine% } words=${words# } words=${words% } wanted=${wanted# }
		case " ${CELLS:-$name} " in *" $name "*) ;; *) continue ;; esac
		if [ ! -e "$E/has-$engine" ]; then
			started=$(date +%s)
			if ! engine_start "$engine" || ! image_into "$engine"; then
				not_ok "$engine starts"
				continue
			fi
			: >"$E/has-$engine"
			echo "# $engine: $(($(date +%s) - started)) s to start and for its images"
		fi
		cell "$name" "$engine" "$words" "$wanted"
	done <"$E/cells"
	[ "${MATRIX_WRITE:-0}" != 1 ] || rewrite
	host_settings >"$E/settings.after"
	if diff "$E/settings" "$E/settings.after" >"$E/log"; then
		ok "no container changed a setting of the host"
	else
		not_ok "no container changed a setting of the host" "$(cat "$E/log")"
	fi
	tap_end
}

TAP_NAME=containers/matrix
need dockerd podman runc crun unshare busybox || {
	tap_end
	exit
}
engines_enter "$0" "$@"
main
