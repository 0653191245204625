#!/bin/sh
# The rpm packages: built by a user with Debian's rpmbuild, in the form that gives no privilege and in the one that does, read
# by rpmlint, their files compared with what is to be where; what the spec says to each distribution; and a machine on which
# they are installed, upgraded and removed.
#
#	RPM_FORMS=plain	without the form that gives a privilege, which is another build
set -eu
. tests/lib/tap.sh
. tests/lib/debsource.sh
. tests/lib/users.sh
. tests/packaging/deb_lib.sh
. tests/packaging/pkg_lib.sh

SPEC=pkg/rpm/postern.spec

# build NAME TREE OPTION...: the packages go to $scratch/NAME; TREE is where they are built, made unless it is there
build() {
	top=$scratch/$2
	mkdir -p "$top/SOURCES" "$scratch/$1"
	cp pkg/rpm/* "$top/SOURCES/"
	if [ -d "$top/BUILD" ]; then
		again=--noprep
	else
		again=
		pkg_archive "$top/SOURCES"
	fi
	pkg_owned "$top" "$scratch/$1"
	result=$scratch/$1
	shift 2
	test_user_run nice env HOME="$top" rpmbuild "$@" $again --without tests --nodeps --nocheck --noclean --define "_topdir $top" --define "_rpmdir $result" \
		--define "_srcrpmdir $top" --define '__brp_compress bash /usr/lib/rpm/brp-compress /usr' \
		--define '_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' "$top/SOURCES/postern.spec"
}

# table FILE...: mode, owner, group, capabilities (- for none) and name of each file in packages
table() {
	rpm -qp --qf '[%{FILEMODES:perms} %{FILEUSERNAME}:%{FILEGROUPNAME} <%{FILECAPS}> %{FILENAMES}\n]' "$@" | sed 's/ <(none)> / <> /' | sort -u
}

names() {
	rpm -qpl "$@" | sort -u
}

lints() {
	rpmlint -c tests/packaging/rpmlint.toml -r pkg/rpm/postern.rpmlintrc "$scratch"/tree/*.src.rpm "$scratch"/plain/*.rpm >"$scratch/rpmlint" || :
	cat "$scratch/rpmlint"
	grep -q ' 0 errors, 0 warnings' "$scratch/rpmlint"
}

# Files but directories that have another owner, a set-id bit or a capability, or that others may write.
unusual() {
	table "$@" | grep -vE '^(-rwxr-xr-x|-rw-r--r--|drwxr-xr-x|lrwxrwxrwx) root:root <> ' |
		grep -vE '^(-rwx--x--x root:root <> /usr/libexec/postern/postern-pam|drwx--x--x root:root <> /var/lib/postern)$'
}

# installs: as the packages' build had it: with its flags nothing is compiled again
installs() {
	tree=$scratch/tree/BUILD/postern-$version
	pkg_owned "$scratch"
	words=$(rpmspec -P --define "_sourcedir $PWD/pkg/rpm" $SPEC | sed -n 's/.* install .*\(PREFIX=.*\)/\1/p')
	# shellcheck disable=SC2086 # words
	test_user_run make -s -C "$tree" $words FLAGS="$(cat "$tree/build/flags")" DESTDIR="$scratch/installed" install
}

# the same files as `make install` has, and nothing but what the spec adds
differs_from_install() {
	(cd "$scratch/installed" && find . -type f -o -type l) | sed 's/^[.]//' | sort >"$scratch/wanted"
	names "$scratch"/plain/postern*.x86_64.rpm "$scratch"/plain/postern-bwrap*.rpm | sed '/[/]man[/]/ s/[.]gz$//' |
		grep -vE '^/usr/share/(doc|licenses)/|^/usr/(bin/bwrap|share/man/man1/bwrap.1)$|/sysusers[.]d/|^/usr/lib/[.]build-id' >"$scratch/have"
	table "$scratch"/plain/*.rpm | sed -n 's/^d[^/]*//p' | sort -u >"$scratch/directories"
	grep -vxFf "$scratch/directories" "$scratch/have" | diff "$scratch/wanted" -
}

# postern-priv has what Debian's has, and postern nothing of it
divided() {
	names "$scratch"/plain/postern-priv-*.rpm | grep -vE "$(pkg_priv_patterns)|^/usr/share/licenses|sysusers[.]d|[.]build-id" && return 1
	names "$scratch"/plain/postern-[0-9]*.x86_64.rpm | grep -E "$(pkg_priv_patterns)" && return 1
	return 0
}

has_manuals() {
	names "$scratch"/plain/*.rpm >"$scratch/all"
	sed -n 's|^/usr/s\{0,1\}bin/||p' "$scratch/all" | while read -r command; do
		grep -Eq "/man[18]/${command}[.][18]([.]gz)?\$" "$scratch/all" || echo "$command has no manual"
	done
}

same_caps() {
	[ "$(printf '%s' "$1" | sed 's/=p$//; s/+p$//' | tr , '\n' | sort)" = "$(pkg_caps | sed 's/=p$//' | tr , '\n' | sort)" ]
}

# the form with a privilege: exactly one file has one, for the group
privileged_form() {
	table "$scratch"/privileged/*.x86_64.rpm | grep -v ' root:root <> ' >"$scratch/privileged.txt"
	cat "$scratch/privileged.txt"
	read -r mode owner caps name <"$scratch/privileged.txt"
	caps=${caps#<}
	caps=${caps%>}
	[ "$(wc -l <"$scratch/privileged.txt")" = 1 ] && [ "$mode $owner $name" = "-rwxr-x--- root:postern /usr/libexec/postern/postern-priv" ] &&
		same_caps "${caps#=}"
}

configuration_of_it() {
	mkdir -p "$scratch/files"
	(cd "$scratch/files" && for package in "$scratch"/privileged/postern-*.x86_64.rpm; do rpm2cpio "$package" | cpio -idm --quiet; done)
	rpm -qpc "$scratch"/privileged/postern-priv-*.rpm >"$scratch/conf"
	cat "$scratch/conf"
	grep -qx /etc/postern/privileged.conf "$scratch/conf" && grep -qx /etc/pam.d/postern "$scratch/conf" || return 1
	# the PAM service is not on this machine: the configuration is what is judged, in a place that is root's alone
	safe=$(mktemp -d /run/postern-rpm.XXXXXX)
	cp "$scratch/files/etc/postern/privileged.conf" "$safe/"
	"$scratch/files/usr/libexec/postern/postern-priv" --check-config "$safe/privileged.conf" >"$scratch/checked" 2>&1 || :
	rm -r "$safe"
	cat "$scratch/checked"
	grep -Eq '^group = postern' "$scratch/checked" && grep -Eq '^allow-no-userns = yes' "$scratch/checked"
}

static_form() {
	for program in bwrap postern-priv postern-battery postern-inside; do
		file "$scratch/files/usr/libexec/postern/$program" | grep -E 'static-pie linked|statically linked' || return 1
	done
	# its modules are loaded at run time: never static
	file "$scratch/files/usr/libexec/postern/postern-pam" | grep 'dynamically linked'
}

# expand OPTION...: the spec as a distribution's rpm reads it. Its macros that are not on Debian leave their names.
expand() {
	rpmspec -P --define "_sourcedir $PWD/pkg/rpm" "$@" $SPEC >"$scratch/expanded"
}

suse() {
	expand --define 'suse_version 1600' --define 'sysusers_requires Requires: sysuser-shadow' \
		--define '_pam_vendordir /usr/lib/pam.d' --define 'sysusers_generate_pre() generate_pre %{1} %{2} %{3}' \
		--define 'set_permissions() set_permissions %{1}' --define 'verify_permissions(e:) verify_permissions %{-e*}' "$@"
}

# has LINE..., lacks LINE...: expressions for grep -E
has() {
	for line; do
		grep -Eq -- "$line" "$scratch/expanded" || {
			echo "missing: $line"
			return 1
		}
	done
}

lacks() {
	for line; do
		! grep -E -- "$line" "$scratch/expanded" || return 1
	done
}

fedora_reads() {
	expand --define 'fedora 42' --define 'sysusers_create_compat() create_compat'
	has '^BuildRequires: +jansson-devel$' '^BuildRequires: +systemd-rpm-macros' ' STATIC=no PAM=yes APPARMOR=no' '^Requires: +/usr/sbin/setcap$' &&
		lacks create_compat '%caps' permissions 'sysctl_apply' musl
}

rhel_reads() {
	expand --define 'rhel 9' --define 'sysusers_create_compat() create_compat'
	has '^create_compat' '^%pre priv' && lacks '%caps' permissions
}

suse_reads() {
	suse
	has '^BuildRequires: +libjansson-devel$' '^%pre priv -f postern-priv.pre' '^generate_pre .*postern-priv.sysusers postern-priv' \
		'APPARMOR=yes' '^Requires: +/usr/sbin/setcap$' '^Group:' && lacks '%caps' 'set_permissions' 'packages[.]d'
}

suse_privileged_reads() {
	suse --with filecaps
	has '^set_permissions /usr/libexec/postern/postern-priv' '^verify_permissions /usr/libexec/postern/postern-priv' \
		'^/usr/libexec/postern/postern-priv root:postern 0750$' "^ [+]capabilities $(pkg_caps)\$" '^/usr/lib/pam.d/postern$' \
		'^Requires[(]post[)]: permissions' && lacks '%caps' '%attr[(]0750'
}

privileged() {
	try "the packages are built with capabilities and static" build privileged tree-static -bb --with filecaps --with static || :
	try "there, one file has exactly the four capabilities, for one group" privileged_form || :
	try "... it has a configuration, which postern-priv takes" configuration_of_it || :
	try "... what makes sandboxes is static" static_form || :
}

sizes() {
	for file in "$scratch"/plain/*.rpm; do
		printf '# %s: %s bytes, %s bytes installed\n' "${file##*/}" "$(stat -c %s "$file")" "$(rpm -qp --qf '%{SIZE}' "$file")"
	done
}

main() {
	TAP_NAME=rpm need rpmbuild rpmspec rpmlint rpm2cpio cpio musl-gcc mmdebstrap unshare "[ $(id -u) = 0 ]" || {
		tap_end
		exit
	}
	: "${POSTERN_CACHE:=/var/cache/postern-tests}"
	test_user_create "${TEST_USER:-postern-test}"
	scratch=$(mktemp -d /var/tmp/postern-rpm.XXXXXX)
	chmod 0755 "$scratch"
	trap 'rm -rf "$scratch"' EXIT
	version=$(pkg_version)
	try "Fedora's rpm reads the spec as it should" fedora_reads || :
	try "RHEL's does" rhel_reads || :
	try "openSUSE's does" suse_reads || :
	try "openSUSE's does, where the security team has agreed to capabilities" suse_privileged_reads || :
	try "a user builds the packages" build plain tree -ba || {
		tap_end
		exit
	}
	sizes
	try "rpmlint has nothing to say" lints || :
	try "nothing in them has a privilege, or another owner than root" nothing "$(unusual "$scratch"/plain/*.rpm)" || :
	try "make install installs what was built" installs || :
	try "they have what make install has" differs_from_install || :
	try "they are divided as Debian's are" divided || :
	try "each command has its manual" nothing "$(has_manuals)" || :
	try "a later release is built" build newer tree -bb --define 'dist .2' || :
	case ${RPM_FORMS-plain privileged} in *privileged*) privileged ;; esac
	pkg_machine rpm "$scratch/plain" "$scratch/newer"
	tap_end
}

main "$@"
