#!/bin/sh
# html.sh [HOST...]: the page of `postern doctor --html` as a browser shows it, for these recorded hosts (one of each kind
# of verdict) and for one that is hostile: on a phone and on a desktop, in light and in dark. PICTURES=DIR keeps pictures.
set -eu
. tests/lib/tap.sh

# page NAME FACTS TEXT...: renders it, and adds it to the list of what html.py looks at. The program's own lines for
# scripts say what must be in the page.
page() {
	name=$1
	facts=$2
	shift 2
	status=0
	"$POSTERN" doctor --replay "$facts" --html "$scratch/$name.html" --plain >"$scratch/plain" 2>"$scratch/complaint" ||
		status=$?
	if [ ! -s "$scratch/$name.html" ] || [ "$status" -gt 3 ]; then
		not_ok "$name: doctor writes a page" "exit status $status" "$(cat "$scratch/complaint")"
		return 0
	fi
	{
		printf '%s\t%s\t%s' "$scratch/$name.html" "$(sed -n 's/^summary	//p' "$scratch/plain")" \
			"$(sed -n 's/^advice	[a-z]*	//p' "$scratch/plain" | head -n 1)"
		for text; do printf '\t%s' "$text"; done
		printf '\n'
	} >>"$scratch/list"
}

# What a host says that wants to be more than text.
hostile() {
	printf '%s\n' 'os.name=<script>pwned=1</script>"><img src=x onerror=pwned=2>' \
		"kernel.release=6.1'\"--></style></title><svg onload=pwned=3>" \
		'apparmor.label=&lt;b&gt; &amp; </code></pre><iframe src="file:///etc/passwd">' \
		'kernel.apparmor_restrict_unprivileged_userns=1' \
		"container=$(printf '%0500d' 0)" 'uid_map=0 0 4294967295' 'run.user-namespace=EPERM' \
		'failed.step=user-namespace' 'failed.errno=EPERM' >"$scratch/hostile.facts"
	page hostile "$scratch/hostile.facts" \
		'<script>pwned=1</script>"><img src=x onerror=pwned=2>' "6.1'\"--></style></title><svg onload=pwned=3>" \
		'&lt;b&gt; &amp; </code></pre><iframe src="file:///etc/passwd">'
}

main() {
	TAP_NAME="pages in a browser" need chromium chromedriver python3 || return 0
	: "${POSTERN:=${BUILD:-$PWD/build}/postern}"
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	: >"$scratch/list"
	if [ $# = 0 ]; then
		set -- debian-12 debian-12-clone-0 ubuntu-24.04 ubuntu-24.04-conflict docker kubernetes-restricted \
			podman-rootless dsm-7.2-4.4 rhel-9-stig filecaps-broken filecaps-not-member wsl1 nothing-tried
	fi
	for host; do
		page "$host" "tests/host/recorded/$host.facts"
	done
	hostile
	status=0
	PYTHONDONTWRITEBYTECODE=1 python3 tests/cli/html.py "$scratch/list" || status=$?
	[ "$status" -eq 0 ] || TAP_FAILED=$((TAP_FAILED + 1))
	TAP_TRIED=$((TAP_TRIED + 1))
	tap_end
}

main "$@"
