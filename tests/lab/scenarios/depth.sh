# A process below 33 user namespaces: the kernel has no place for one more.
# tier: fast
# shellcheck shell=sh disable=SC2034 # steps.sh reads them

flow() {
	before
	SESSION="/work/bin/deep 33"
	verdict
	refused postern-test ns-limit
	SESSION="/work/bin/deep 32"
	expect "one level less, and it starts" ran "$(as postern-test postern-bwrap --ro-bind / / echo ran 2>&1)"
	SESSION=
	WORKS=no
	same
}
