# SPDX-License-Identifier: MIT
"""serve.py ROLE FILE [ARGUMENT]: what stands outside of the sandbox in the tests of the bridge. Writes its port to FILE.

origin   an HTTP server: GET /N is N bytes of blob(), GET /last says what became of the last /N
echo     sends back what it gets
ends     reads to the end of file, then answers "N SHA256"
slow     sends blob() for ever and writes how much, once a second, to FILE.sent
dies     sends 1 MiB and kills itself
six      as echo, on ::1 alone
unix     as origin, on the Unix socket FILE, with a queue of one
"""
import hashlib
import os
import signal
import socket
import sys
import threading
import time

BLOCK = bytes((i * 7 + (i >> 8)) & 255 for i in range(65521))


def blob(n):
    """n bytes, in blocks: a wrong order or a missing block changes the checksum."""
    while n > 0:
        yield BLOCK[:n] if n < len(BLOCK) else BLOCK
        n -= len(BLOCK)


def origin(c):
    head = b""
    while b"\r\n\r\n" not in head:
        more = c.recv(65536)
        if not more:
            return
        head += more
    path = head.split()[1].decode()
    n = int(path.rsplit("/", 1)[1])
    c.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % n)
    for block in blob(n):
        c.sendall(block)


def echo(c):
    while True:
        data = c.recv(65536)
        if not data:
            return
        c.sendall(data)


def ends(c):
    digest, n = hashlib.sha256(), 0
    while True:
        data = c.recv(65536)
        if not data:
            break
        digest.update(data)
        n += len(data)
    c.sendall(b"%d %s" % (n, digest.hexdigest().encode()))


def slow(c):
    sent = 0
    c.settimeout(0.2)
    total = 160 << 20  # kernels buffer up to tcp_rmem, 32 MiB and more
    view = b"".join(blob(total))
    while sent < total:
        try:
            sent += c.send(view[sent:sent + 65536])
        except TimeoutError:
            pass
        with open(sys.argv[2] + ".sent", "w", encoding="ascii") as f:
            f.write("%d\n" % sent)


def dies(c):
    c.sendall(b"".join(blob(1 << 20)))
    os.kill(os.getpid(), signal.SIGKILL)


def serve(role, c):
    try:
        role(c)
    except OSError:
        pass
    finally:
        c.close()


def main():
    roles = {"origin": origin, "echo": echo, "ends": ends, "slow": slow, "dies": dies, "unix": origin, "six": echo}
    name, file = sys.argv[1:3]
    if name == "unix":
        s = socket.socket(socket.AF_UNIX)
        s.bind(file)
        s.listen(1)
    else:
        s = socket.socket(socket.AF_INET6 if name == "six" else socket.AF_INET)
        s.bind(("::1" if name == "six" else "127.0.0.1", 0))
        s.listen(1024)
        with open(file + ".new", "w", encoding="ascii") as f:
            f.write("%d\n" % s.getsockname()[1])
        os.rename(file + ".new", file)
    while True:
        c = s.accept()[0]
        if name == "unix":
            time.sleep(0.005)
        threading.Thread(target=serve, args=(roles[name], c), daemon=True).start()


if __name__ == "__main__":
    main()
