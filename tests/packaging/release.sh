#!/bin/sh
# Is this tree fit to be released: one version everywhere, a changelog, documents whose links lead somewhere, and a workflow that
# leaves its machine's policy alone. Builds nothing.
set -eu
. tests/lib/tap.sh
. tests/packaging/lib.sh

# versions: where one is written down, as FILE VERSION
versions() {
	sed -n '1s/^postern (\(.*\)-[^-]*) .*/pkg\/debian\/changelog \1/p' pkg/debian/changelog
	sed -n 's/^pkgver=/pkg\/arch\/PKGBUILD /p' pkg/arch/PKGBUILD
	sed -n 's/^pkgver=/pkg\/alpine\/APKBUILD /p' pkg/alpine/APKBUILD
	sed -n 's/^Version: */pkg\/rpm\/postern.spec /p' pkg/rpm/postern.spec
	sed -n 's/^ *version = "\(.*\)";/pkg\/nix\/package.nix \1/p' pkg/nix/package.nix
	for v_file in pkg/gentoo/sys-apps/postern/postern-*.ebuild; do
		v_version=${v_file##*/postern-}
		echo "$v_file ${v_version%.ebuild}"
	done
	grep -rhoE 'postern[-:][0-9]+\.[0-9]+\.[0-9]+' README.md docs/*.md pkg/*/README.md pkg/ansible/*.yml | sed 's/^\(postern\)[-:]/documents /'
}

same_version() {
	version=$(sed -n 's/^VERSION := //p' Makefile)
	versions >"$scratch/versions"
	[ "$(cut -d' ' -f1 "$scratch/versions" | sort -u | wc -l)" = 7 ] || {
		echo "some of them have none that can be found:"
		cat "$scratch/versions"
		return 1
	}
	! grep -v " $(printf %s "$version" | sed 's/[.]/[.]/g')\$" "$scratch/versions"
}

# changelog: the newest section is this version's, dated, or is to become it, and says something
changelog() {
	grep -m 1 '^## ' CHANGELOG.md | grep -Eqx "## \[Unreleased\]|## \[$version\] - 20[0-9]{2}-[01][0-9]-[0-3][0-9]" || {
		echo "CHANGELOG.md's first section is for neither Unreleased nor $version"
		return 1
	}
	awk '/^## / { section++ } section == 1 && /^- / { found = 1 } END { exit !found }' CHANGELOG.md
}

# links FILE...: those that lead nowhere
links() {
	python3 - "$@" <<-'END'
		import os, re, sys
		def anchors(path):
		    heads = re.findall(r"^#+ +(.*)$", re.sub(r"^```.*?^```", "", open(path).read(), flags=re.S | re.M), re.M)
		    heads = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", h) for h in heads]
		    return {re.sub(r"[^a-z0-9 _-]", "", h.lower()).replace(" ", "-") for h in heads}
		bad = 0
		for path in sys.argv[1:]:
		    text = re.sub(r"^```.*?^```", "", open(path).read(), flags=re.S | re.M)
		    for target in re.findall(r"\]\(([^)\s]+)\)", text):
		        if re.match(r"[a-z]+:", target):
		            continue
		        name, _, anchor = target.partition("#")
		        # an archive has pkg/static/README.md without the rest
		        there = os.path.normpath(os.path.join(os.path.dirname(path), name)) if name else path
		        if not os.path.exists(there) or anchor and there.endswith(".md") and anchor not in anchors(there):
		            print(f"{path}: {target}")
		            bad = 1
		sys.exit(bad)
	END
}

# each_is_in FILE PATTERN WORD...: FILE names every WORD; PATTERN has @ for it
each_is_in() {
	ei_file=$1 ei_pattern=$2 ei_status=0
	shift 2
	[ $# -gt 1 ] || return 1
	for ei_word; do
		grep -Eq -e "$(printf %s "$ei_pattern" | sed "s|@|$ei_word|")" "$ei_file" || {
			echo "$ei_file does not name $ei_word"
			ei_status=1
		}
	done
	return $ei_status
}

modes() {
	sed -n 's/.*"mode": {"enum": \[\(.*\)\]}.*/\1/p' src/cli/doctor.schema.json | tr -d '",'
}

# packages: directories of pkg that make something for somebody else; the others only serve them
packages() {
	for pk_dir in pkg/*/; do
		pk_dir=${pk_dir%/}
		case ${pk_dir#pkg/} in
			quickstart | setup | docker | devcontainer | kubernetes) ;;
			*) echo "${pk_dir#pkg/}" ;;
		esac
	done
}

# workflow FILE: its commands are a shell's, run .ci/run, and change no policy of the machine
workflow() {
	python3 - "$1" "$scratch/steps" <<-'END'
		import re, sys, yaml
		flow = yaml.safe_load(open(sys.argv[1]))
		runs, ok = [], True
		assert flow["permissions"] == {"contents": "read"}, "it may write"
		for job in flow["jobs"].values():
		    assert job["timeout-minutes"] <= 360
		    for step in job["steps"]:
		        assert len({"run", "uses"} & set(step)) == 1, step
		        assert re.fullmatch(r"[a-z]+/[a-z-]+@v?[0-9a-f.]+", step.get("uses", "a/b@1")), step
		        runs.append(step.get("run", ""))
		open(sys.argv[2], "w").write("\n".join(runs))
	END
	sh -n "$scratch/steps" && grep -q 'exec /src/\.ci/run' "$scratch/steps" || return 1
	! grep -nE 'sysctl( +-[a-z]+)* +-?-w|sysctl [^-].*=|sysctl\.d|/proc/sys/.*>|>.*/proc/sys/|aa-teardown|apparmor=unconfined' "$scratch/steps" .ci/run
}

main() {
	TAP_NAME=release need python3 "python3 -c 'import yaml'" || {
		tap_end
		exit
	}
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	check "every package has the Makefile's version" same_version
	check "CHANGELOG.md has a section for it" changelog
	check "every link in the documents leads somewhere" links ./*.md docs/*.md pkg/*/README.md
	# shellcheck disable=SC2046 # words
	check "SECURITY.md says of each mode whether it is supported" each_is_in SECURITY.md '^\| `@` \|' $(modes)
	# shellcheck disable=SC2046
	check "README.md names each package" each_is_in README.md '\(pkg/@[)/]' $(packages)
	check "the workflow runs .ci/run and leaves its machine's policy alone" workflow .github/workflows/ci.yml
	tap_end
}

main "$@"
