#!/bin/sh
# install.sh, as `make image` writes it: under three shells, with nothing but busybox in the image, cut off anywhere, and
# with an archive that is not the one that was released.
set -eu
. tests/lib/tap.sh
. tests/containers/engines.sh
. tests/containers/ways_lib.sh

# runs TEXT: as root in an image of busybox and the web server's network
runs() {
	DOCKER=$(engine_socket docker)
	DOCKER_HOST=$DOCKER /usr/bin/docker run --rm --network host -e POSTERN_URL="$POSTERN_URL" busybox sh -euc "$1" \
		>"$E/out" 2>&1 </dev/null
}

busybox_image() {
	ways_busybox "$E/bare"
	cp "$WAYS/install.sh" "$E/bare/install.sh"
	ways_import "$E/bare" busybox docker
}

installs() {
	ways_check "with busybox alone it installs" runs 'sh /install.sh; /usr/local/libexec/postern/bwrap --version
		/usr/local/bin/postern --version; [ ! -e /usr/local/bin/bwrap ]; find /usr/local -perm /7000'
	ways_check "and says how to go on" ways_says 'in the running container: postern doctor'
	ways_check "no file has a privilege bit" eval '! ways_says "^/usr/local/"'
	ways_check "--as-bwrap makes the link" runs 'sh /install.sh --as-bwrap; /usr/local/bin/bwrap --version'
	ways_check "--setuid USER makes postern-priv set-user-ID, and the user a member" runs 'sh /install.sh --setuid user
		stat -c "%a %U:%G" /usr/local/libexec/postern/postern-priv; id user'
	ways_check "wholly" eval 'ways_says "^4750 root:postern$" && ways_says "\\(postern\\)"'
	ways_check "a tight umask is no obstacle for users" runs 'umask 077; sh /install.sh; su user -c "postern-bwrap --version"'
	ways_check "POSTERN_URL may be a directory" runs 'mkdir /a; cd /a; busybox wget -q "$POSTERN_URL/'"$archive"'"
		POSTERN_URL=file:///a sh /install.sh'
	ways_check "nothing is left in /tmp" runs 'sh /install.sh >/dev/null; ls -A /tmp'
	ways_check "at all" [ ! -s "$E/out" ]
}

# refuses NAME TEXT PATTERN: it fails, says so, and has installed nothing
refuses() {
	ways_check "$1 is refused" runs "if $2; then exit 1; fi; [ ! -e /usr/local ]"
	ways_check "and the message helps: $3" ways_says "^postern: .*$3"
}

refusals() {
	refuses "a user" 'su user -c "sh /install.sh"' 'run me as root'
	refuses "an unknown option" 'sh /install.sh --yes' 'no such option: --yes; there are'
	refuses "a user without --setuid" 'sh /install.sh user' 'users are named for --setuid only: user'
	refuses "an address that is none" 'POSTERN_URL=example.org sh /install.sh' 'begins with https://'
	refuses "an address where nothing is" 'POSTERN_URL=$POSTERN_URL/none sh /install.sh' 'cannot fetch http'
	refuses "an archive that was changed" "mkdir /a; cd /a; busybox wget -q \"\$POSTERN_URL/$archive\"; echo >>$archive
		POSTERN_URL=file:///a sh /install.sh" 'it is not what was released'
	refuses "an archive that was cut off" "mkdir /a; cd /a; busybox wget -q \"\$POSTERN_URL/$archive\"; truncate -s 1000 $archive
		POSTERN_URL=file:///a sh /install.sh" 'it is not what was released'
	lacks "a machine without an archive" uname 'there is no archive of postern for vax'
	lacks "an image without curl and wget" wget 'neither curl nor wget'
	lacks "an image without sha256sum" sha256sum 'no sha256sum'
	lacks "an image without gzip" gzip 'no tar or no gzip'
}

# lacks NAME PROGRAM PATTERN: as refuses, where there are only the programs that the script uses, and that one is missing.
# uname is another one instead.
lacks() {
	rm -rf "$E/few"
	mkdir "$E/few"
	for program in id uname mktemp cp wget sha256sum gzip tar find ln chmod rm cat ls; do
		[ "$program" = "$2" ] || ln -s "$(command -v "$program")" "$E/few/$program"
	done
	[ "$2" != uname ] || printf '#!/bin/sh\necho vax\n' >"$E/few/uname"
	chmod -R +x "$E/few"
	ways_check "$1 is refused" unshare --mount sh -c 'mount -t tmpfs ways /usr/local && PATH=$1 && export PATH &&
		if /bin/dash "$2" >"$3" 2>&1; then exit 1; fi && [ ! -e /usr/local/bin ]' sh "$E/few" "$WAYS/install.sh" "$E/out"
	ways_check "and the message helps: $3" ways_says "^postern: .*$3"
}

# cut: each beginning of the script, run as root by SHELL with programs that only note that they were called. Nothing of what
# the script does may be done by a part of it.
cut() {
	mkdir -p "$E/cut/bin"
	rm -f "$E/cut/called"
	for program in id uname mktemp cp curl wget sha256sum gzip tar find ln chmod rm cat ls; do
		printf '#!/bin/sh\necho %s >>"%s"\n' "$program" "$E/cut/called" >"$E/cut/bin/$program"
		chmod 0755 "$E/cut/bin/$program"
	done
	python3 - "$WAYS/install.sh" "$E/cut" "$@" <<-'PYTHON'
		import os, subprocess, sys
		script, where, shell = sys.argv[1], sys.argv[2], sys.argv[3:]
		text = open(script, "rb").read()
		# all of the end, where the call is; a sample of what stands before it
		lengths = sorted(set(range(0, len(text), 61)) | set(range(len(text) - 80, len(text) - 1)))
		for n in lengths:
		    open(where + "/part", "wb").write(text[:n])
		    subprocess.run(shell + [where + "/part", "--as-bwrap"], env={"PATH": where + "/bin"},
		                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
		    if os.path.exists(where + "/called"):
		        sys.exit("the first %d bytes did something: %s" % (n, open(where + "/called").read()))
		open(where + "/part", "wb").write(text)
		subprocess.run(shell + [where + "/part", "--as-bwrap"], env={"PATH": where + "/bin"},
		               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
		if not os.path.exists(where + "/called"):
		    sys.exit("the whole script did nothing: this proves nothing")
	PYTHON
}

shells() {
	for shell in /bin/dash /bin/bash; do
		ways_check "cut off anywhere it does nothing: $shell" eval 'cut $shell >"$E/out" 2>&1'
	done
	# it takes its own programs before those of PATH
	ways_check "cut off anywhere it does nothing: busybox" runs 'size=$(wc -c </install.sh); n=0
		while [ $n -lt $((size - 1)) ]; do
			head -c $n /install.sh >/part
			sh /part --as-bwrap >/dev/null 2>&1 || :
			[ ! -e /usr/local ] && [ -z "$(ls -A /tmp)" ] || { echo "the first $n bytes did something"; exit 1; }
			if [ $n -lt $((size - 80)) ]; then n=$((n + 61)); else n=$((n + 1)); fi
		done
		sh /install.sh && [ -e /usr/local/bin/postern ]'
	ways_check "shellcheck finds nothing" shellcheck -S warning "$WAYS/install.sh"
	ways_check "it is formatted" eval 'shfmt -i 0 -ci -d "$WAYS/install.sh" >"$E/out" 2>&1'
	for shell in dash bash; do
		ways_check "$shell installs by it" unshare --mount sh -c '
			mount -t tmpfs ways /usr/local && POSTERN_URL="$1" '"$shell"' "$2" >"$3" 2>&1 && test -x /usr/local/bin/postern-bwrap' \
			sh "file://$WAYS" "$WAYS/install.sh" "$E/out"
	done
}

main() {
	engines_enter "$0" "$@"
	trap ways_end EXIT
	ways_image && engine_start docker && ways_server && busybox_image || {
		not_ok "the ground can be made" "$(tail -n 25 "$E/out")"
		tap_end
		exit
	}
	archive=postern-container-$VERSION-$(uname -m).tar.gz
	installs
	refusals
	shells
	tap_end
}

main "$@"
