# A kernel that was built without user namespaces, with filters and Landlock.
# kernel: no-userns
# tier: fast
# shellcheck shell=sh
