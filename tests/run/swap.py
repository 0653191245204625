"""Exchanges a directory of a workspace with a link to another place, as fast as can be, until the file END is there."""

import ctypes
import os
import sys

AT_FDCWD = -100
RENAME_EXCHANGE = 2


def main(one, other, end):
    """one: the directory; other: the link."""
    libc = ctypes.CDLL(None, use_errno=True)
    print("up", flush=True)
    while not os.path.lexists(end):
        for _ in range(200):
            libc.renameat2(AT_FDCWD, one.encode(), AT_FDCWD, other.encode(), RENAME_EXCHANGE)


main(*sys.argv[1:])
