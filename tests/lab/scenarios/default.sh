# A host with nothing in the way: user namespaces work, and nothing is changed.
# kernel: 6.1
# tier: fast
