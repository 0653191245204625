#!/bin/sh
# Only what one container needs: a guest unpacks all of it each time.
set -eu

rm -rf usr/share usr/libexec etc/default etc/init.d etc/containerd usr/lib/systemd usr/lib/udev var
rm -f usr/bin/ctr usr/bin/containerd-shim usr/bin/containerd-shim-runc-v1 usr/sbin/docker-proxy
