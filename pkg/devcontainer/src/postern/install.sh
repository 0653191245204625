#!/bin/sh
# The Feature's part of the build: installs the archives that it brings, checked, by the pinned script beside this one.
# What the container is allowed is the project's to say, in devcontainer.json: a Feature hides no grant.
set -eu

main() {
	here=$(cd "$(dirname "$0")" && pwd)
	set --
	[ "${ASBWRAP:-false}" != true ] || set -- "$@" --as-bwrap
	if [ "${SETUID:-false}" = true ]; then
		set -- "$@" --setuid
		case ${_REMOTE_USER:-root} in
			root) echo "postern: this container's user is root: nobody was put into the group postern" >&2 ;;
			*) set -- "$@" "$_REMOTE_USER" ;;
		esac
	fi
	POSTERN_URL=file://$here/archives sh "$here/postern-install.sh" "$@"
}

main "$@"
