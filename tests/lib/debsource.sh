# shellcheck shell=sh
# Where this machine gets Debian packages from. Source it; it defines functions only.

# Prints "URI<TAB>KEYRING" of the machine's own Debian archive: the first source that serves the
# release this machine runs. Other vendors' sources are passed over that way.
debian_source() {
	codename=$(sed -n 's/^VERSION_CODENAME="\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' /etc/os-release)
	for f in /etc/apt/sources.list.d/*.sources; do
		[ -r "$f" ] || continue
		# RS="" splits into stanzas; comments may stand inside one
		grep -v '^[[:space:]]*#' "$f" | awk -v RS= -F '\n' -v codename="$codename" '
			{
				uri = key = suites = ""
				for (i = 1; i <= NF; i++) {
					n = split($i, w, /[ \t]+/)
					if (tolower(w[1]) == "uris:") uri = w[2]
					if (tolower(w[1]) == "signed-by:") key = w[2]
					if (tolower(w[1]) == "suites:")
						for (j = 2; j <= n; j++) suites = suites " " w[j] " "
				}
				if (uri != "" && index(suites, " " codename " ")) {
					print uri "\t" key
					exit
				}
			}'
	done
	for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ -r "$f" ] || continue
		awk -v codename="$codename" '
			$1 == "deb" {
				key = ""
				if (match($0, /signed-by=[^] ,]+/))
					key = substr($0, RSTART + 10, RLENGTH - 10)
				sub(/\[[^]]*\] */, "")
				if ($3 == codename) { print $2 "\t" key; exit }
			}' "$f"
	done
}

# debian_source_line SUITE: a line for sources.list that takes SUITE from the same archive.
debian_source_line() {
	source=$(debian_source | head -n 1)
	[ -n "$source" ] || return 1
	uri=${source%%	*}
	key=${source#*	}
	# an armoured block in place of a file name is not carried over: apt's own keys serve then
	case $key in /*) options="[signed-by=$key] " ;; *) options= ;; esac
	printf 'deb %s%s %s main\n' "$options" "$uri" "$1"
}
