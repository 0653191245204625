#!/bin/sh
# The pinned Codex CLI, from where tests/clients keeps it, in /opt/codex of the directory that this is run in.
set -eu

# What a guest unpacks each time, and nothing here uses
trim() {
	find usr/lib/git-core -mindepth 1 -maxdepth 1 ! -name git -exec rm -rf {} +
	rm -rf etc/bash_completion.d usr/lib/python3 usr/lib/python3.13/pydoc_data usr/lib/python3.13/ensurepip \
		usr/lib/python3.13/idlelib usr/share/doc usr/share/man usr/share/lintian usr/share/perl5 usr/share/gitweb \
		usr/share/bash-completion usr/share/python3 usr/share/binfmts usr/share/doc-base usr/share/applications \
		usr/share/pixmaps usr/share/bug
}

main() {
	root=$PWD
	cd "$(dirname "$0")/../../.."
	# shellcheck source=tests/clients/lib.sh
	. tests/clients/lib.sh
	modules=$(client_npm codex) || {
		echo "npm could not fetch the pinned packages" >&2
		exit 1
	}
	mkdir -p "$root/opt/codex"
	cp -a "$modules"/@openai/codex-linux-*/vendor/*/. "$root/opt/codex/"
	rm -rf "$root/opt/codex/codex-resources/voice" "$root/opt/codex/bin/codex-code-mode-host"
	cd "$root"
	trim
}

main "$@"
