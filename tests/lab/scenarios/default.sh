# A host with nothing in the way: user namespaces work, and nothing is changed.
# kernel: 6.1 6.12 newest
# tier: fast
# shellcheck shell=sh disable=SC2034 # steps.sh reads them
