"""keyring.py put COMMAND...: puts a key into a session keyring of its own, as a login has one, and executes the command; @ID in it
is the key's. keyring.py get ID: prints what it can read of it, by its number or its name."""

import ctypes
import os
import sys

ADD_KEY, KEYCTL = {"x86_64": (248, 250), "aarch64": (217, 219), "riscv64": (217, 219)}[os.uname().machine]
JOIN, SEARCH, READ = 1, 10, 11
SESSION = -3
libc = ctypes.CDLL(None, use_errno=True)


def read(key):
    text = ctypes.create_string_buffer(64)
    if libc.syscall(KEYCTL, READ, key, text, 64) > 0:
        print(text.value.decode())


def main(what, *rest):
    if what == "get":
        read(int(rest[0]))
        read(libc.syscall(KEYCTL, SEARCH, SESSION, b"user", b"postern-test", 0))
        return
    libc.syscall(KEYCTL, JOIN, None)
    key = libc.syscall(ADD_KEY, b"user", b"postern-test", b"s3cret", 6, SESSION)
    if key < 0:
        sys.exit("no key can be made here")
    os.execvp(rest[0], [word.replace("@ID", str(key)) for word in rest])


main(*sys.argv[1:])
