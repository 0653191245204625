#!/bin/sh
# Only the parser and what it reads: the rest of base is Debian's. base has one directory where Ubuntu's packages have two.
set -eu

mv sbin/apparmor_parser usr/sbin/
find . -mindepth 1 \( -path ./etc -o -path ./usr/sbin/apparmor_parser -o -path ./usr/lib/sysctl.d \) -prune -o \
	-type f -exec rm -f {} +
find . -mindepth 1 -type d -empty -delete
rm -rf sbin lib
printf '%s\n' 'PRETTY_NAME="Ubuntu 24.04 LTS, as a guest"' 'ID=ubuntu' 'ID_LIKE=debian' 'VERSION_ID="24.04"' >etc/os-release
