#!/bin/sh
# Stands in for postern on such a host: its ladder is in $CASE/rungs, and it tries the launcher as the real one does.
set -u

main() {
	case $* in
		*--record*)
			cat "$CASE/facts"
			exit 0
			;;
	esac
	mode=$("$CASE_ROOT/usr/local/libexec/postern/bwrap" --mode)
	[ ! -e "$CASE/by-another" ] || mode=$(cat "$CASE/by-another")
	outcome=1
	[ -z "$mode" ] || outcome=0
	[ ! -e "$CASE/outcome" ] || outcome=$(cat "$CASE/outcome")
	printf 'outcome\t%s\n' $outcome
	if [ $outcome = 0 ]; then
		printf 'summary\tworks in mode %s\n' "$mode"
	else
		printf 'summary\tblocked by this host\n'
	fi
	printf 'mode\t%s\nchosen\t%s\n' "${mode:-none}" "$([ "$mode" = userns ] && echo userns || cat "$CASE/chosen")"
	if [ "$mode" = userns ]; then
		printf 'rung\tuserns\tyes\tyes\tnone\tuser namespaces work\n'
	else
		printf 'rung\tuserns\tno\tyes\tnone\tuser namespaces are refused\n'
	fi
	cat "$CASE/rungs"
	printf 'advice\troot\tpostern-setup apply\n'
	exit $outcome
}

main "$@"
