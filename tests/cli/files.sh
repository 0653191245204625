#!/bin/sh
# The files that `postern doctor` writes: how a file is replaced, and what is in the page, in the archive and in the JSON
# form. Whose words advice is given in.
set -eu
. tests/lib/tap.sh

check() {
	name=$1
	shift
	if "$@" >/dev/null; then ok "$name"; else not_ok "$name" "failed: $*" "$(cat "$scratch/complaint")"; fi
}

# doctor OPTION...: judges the facts of $scratch/facts; the exit status is kept in $status
doctor() {
	status=0
	"$POSTERN" doctor --replay "$scratch/facts" "$@" >"$scratch/out" 2>"$scratch/complaint" || status=$?
}

# refused NAME WORD: the last doctor has failed with one line that has the word, and left nothing in the directory
refused() {
	check "$1" [ "$status:$(wc -l <"$scratch/complaint"):$(grep -c -e "$2" "$scratch/complaint")" = 125:1:1 ]
	check "... and nothing is left" [ -z "$(find "$scratch/dir" -name '.postern*')" ]
}

written() {
	option=$1
	file=$scratch/dir/file
	rm -rf "$scratch/dir"
	mkdir "$scratch/dir"
	umask 022
	doctor "$option" "$file"
	check "$option writes a new file" [ "$status" -le 3 -a -s "$file" ]
	check "... with the mode $2" [ "$(stat -c %a "$file")" = "$2" ]
	printf old >"$file"
	chmod 0666 "$file"
	ln "$file" "$scratch/dir/other-name"
	doctor "$option" "$file"
	check "$option replaces a file" [ "$(head -c 3 "$file")" != old ]
	check "... by a new one, with the mode $2" [ "$(stat -c %a:%h "$file")" = "$2:1" ]
	check "... and leaves the old one's other name alone" [ "$(cat "$scratch/dir/other-name")" = old ]
	rm "$file"
	ln -s other-name "$file"
	doctor "$option" "$file"
	refused "$option does not follow a symbolic link" "symbolic link"
	check "... nor replaces it" [ -L "$file" -a "$(cat "$file")" = old ]
	doctor "$option" "$scratch/dir"
	refused "$option refuses a directory" "directory"
	doctor "$option" "$scratch/missing/file"
	refused "$option refuses a place that is not there" "no such directory"
	# never a device of the host's: root would lose it if this went wrong
	mkfifo "$scratch/dir/pipe"
	doctor "$option" "$scratch/dir/pipe"
	refused "$option refuses what is no file" "no regular file"
	check "... and leaves it alone" [ -p "$scratch/dir/pipe" ]
	rm "$file"
	doctor "$option" - </dev/null
	check "$option - writes to standard output only that" [ "$status" -le 3 -a -s "$scratch/out" -a ! -s "$scratch/complaint" ]
	# root may write anywhere, but to a file system that is full
	TAP_NAME="$option says that the disk is full" need "[ -c /dev/full ]" || return 0
	status=0
	"$POSTERN" doctor --replay "$scratch/facts" "$option" - >/dev/full 2>"$scratch/complaint" || status=$?
	refused "$option says that the disk is full" "No space left"
}

page() {
	doctor --html "$scratch/page.html"
	check "the page loads nothing and has no scripts" \
		[ -z "$(grep -iE '<(script|img|link|iframe|object|svg)|[^-](src|href|url|@import)[ =(]|https?:' "$scratch/page.html")" ]
	check "the page forbids a browser to load or run anything" grep -q "default-src 'none'" "$scratch/page.html"
	check "what a host says is no markup" grep -qF '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;' "$scratch/page.html"
	check "a title does not end early" [ "$(grep -c '</title>' "$scratch/page.html")" = 1 ]
}

# A page for every recorded host: it has the verdict and every command, escaped.
pages() {
	bad=
	for facts in tests/host/recorded/*.facts; do
		"$POSTERN" doctor --replay "$facts" --html "$scratch/recorded.html" --plain >"$scratch/plain" 2>&1 || :
		sed 's/<[^>]*>//g; s/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#39;/'"'/g"'; s/&amp;/\&/g' \
			"$scratch/recorded.html" >"$scratch/text"
		sed -n 's/^summary	//p; s/^advice	[a-z]*	//p' "$scratch/plain" >"$scratch/wanted"
		while read -r line; do
			grep -qF -e "$line" "$scratch/text" || bad="$bad $facts: $line"
		done <"$scratch/wanted"
		[ -s "$scratch/wanted" ] || bad="$bad $facts: no verdict"
	done
	check "the page of every recorded host has its verdict and its commands" [ -z "$bad" ]
}

# first_words HOST OPTION...: the first run argument that is advised on it, after the command that writes its file
first_words() {
	host=$1
	shift
	"$POSTERN" doctor --replay "tests/host/recorded/$host.facts" --plain "$@" |
		sed -n 's/^advice	user	//p' | grep -v '^postern container ' | head -n 1
}

dialects() {
	check "advice is in the words of Docker" [ "$(first_words docker | cut -d' ' -f1)" = --security-opt ]
	check "... of Kubernetes where that has started the container" \
		[ "$(first_words kubernetes-restricted | cut -d' ' -f1)" = securityContext: ]
	check "... and in those that are asked for" \
		[ "$(first_words kubernetes-restricted --dialect=compose | cut -d' ' -f1)" = security_opt: ]
}

archive() {
	umask 022
	facts=$scratch/home/alice/secret-facts
	mkdir -p "$scratch/home/alice"
	cp "$scratch/facts" "$facts"
	# a host name of ours needs root
	set --
	if [ "$(id -u)" = 0 ]; then
		set -- unshare -u sh -c 'echo planted-in-host-name >/proc/sys/kernel/hostname && exec "$@"' sh
	fi
	status=0
	HOME=$scratch/home/alice LOGNAME=planted-in-logname TOKEN=planted-in-environment "$@" "$POSTERN" doctor \
		--replay "$facts" --explain-error "bwrap: Can't find source path /planted-in-argument: No such file or directory" \
		--support "$scratch/s.tar" >"$scratch/out" 2>"$scratch/complaint" || status=$?
	mkdir -p "$scratch/untar"
	check "tar lists the archive" tar -tf "$scratch/s.tar"
	check "tar unpacks it" tar -xf "$scratch/s.tar" -C "$scratch/untar"
	check "busybox's tar does, too" busybox tar -tf "$scratch/s.tar"
	(cd "$scratch/untar/postern-support" && ls) >"$scratch/names"
	"$POSTERN" doctor --replay "$facts" --support - 2>/dev/null | tar -xO postern-support/README.txt |
		sed -n '/^$/q;s/ .*//p' | sort >"$scratch/listed"
	check "its README lists its files" cmp "$scratch/names" "$scratch/listed"
	for name in $(cat "$scratch/names"); do
		check "doctor prints that $name is in it" grep -q "^$name " "$scratch/complaint"
	done
	check "the verdict in it is JSON" jq -e .schema "$scratch/untar/postern-support/verdict.json"
	check "the facts in it can be judged again" \
		sh -c '"$1" doctor --replay "$2" >/dev/null; [ $? -le 3 ]' sh "$POSTERN" "$scratch/untar/postern-support/host.facts"
	for secret in planted-in alice secret-facts bob; do
		check "\"$secret\" is not in it" [ -z "$(grep -rlF -e "$secret" "$scratch/untar")" ]
	done
	check "a home directory is replaced" grep -rq '/home/USER/bin/bwrap' "$scratch/untar/postern-support/host.facts"
}

# All recorded hosts' verdicts have the form that is documented.
schema() {
	set --
	for facts in tests/host/recorded/*.facts; do
		"$POSTERN" doctor --replay "$facts" --json >"$scratch/$(basename "$facts").json" || :
		set -- "$@" "$scratch/$(basename "$facts").json"
	done
	"$POSTERN" doctor --replay "$scratch/facts" --json \
		--explain-error "bwrap: setting up uid map: Permission denied" >"$scratch/explained.json" || :
	check "the verdict on every recorded host follows the schema" \
		python3 tests/cli/schema.py src/cli/doctor.schema.json "$@"
	check "a message that is explained does, too" \
		python3 tests/cli/schema.py src/cli/doctor.schema.json "$scratch/explained.json"
	jq 'del(.user.uid) | .ladder[0].mode = "none"' "$scratch/explained.json" >"$scratch/wrong.json"
	check "what does not follow it is found out" \
		[ "$(python3 tests/cli/schema.py src/cli/doctor.schema.json "$scratch/wrong.json" | wc -l)" = 2 ]
}

main() {
	: "${POSTERN:=${BUILD:-$PWD/build}/postern}"
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	: >"$scratch/complaint"
	printf '%s\n' 'os.name=<script>alert("1")</script></title>' kernel.release=6.8.0 caller.uid=1000 \
		launcher=/home/bob/bin/bwrap kernel.apparmor_restrict_unprivileged_userns=1 run.user-namespace=ok \
		run.capabilities=EPERM failed.step=uid-map failed.errno=EPERM >"$scratch/facts"
	written --html 644
	written --support 600
	page
	pages
	dialects
	TAP_NAME="the archive" need tar busybox jq && archive
	TAP_NAME="the JSON schema" need python3 jq && schema
	tap_end
}

main "$@"
