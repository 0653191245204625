# SPDX-License-Identifier: MIT
"""client.py WHAT [ARGUMENT]...: runs in the sandbox. It reaches the proxy as HTTP_PROXY says, and prints what came of it."""
import hashlib
import os
import socket
import sys
import threading
import time


def proxy():
    host, port = os.environ["HTTP_PROXY"].rsplit("/", 1)[-1].rsplit("@", 1)[-1].split(":")
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.settimeout(120)
    s.connect((host, int(port)))
    return s


def drain(s, digest=None):
    n = 0
    while True:
        data = s.recv(65536)
        if not data:
            return n
        n += len(data)
        if digest is not None:
            digest.update(data)


def head_of(s, size):
    """What comes up to the end of an HTTP head, read in pieces of at most size bytes."""
    head = b""
    while b"\r\n\r\n" not in head:
        data = s.recv(size)
        if not data:
            break
        head += data
    return head


def get(url, digest=None):
    """The status, and how many bytes of the body came."""
    s = proxy()
    s.sendall(b"GET %s HTTP/1.0\r\nHost: %s\r\n\r\n" % (url.encode(), url.split("/")[2].encode()))
    head, _, body = head_of(s, 65536).partition(b"\r\n\r\n")
    if digest is not None:
        digest.update(body)
    n = len(body) + drain(s, digest)
    s.close()
    return head.split()[1].decode() if head else "nothing", n


def do_get(url):
    digest = hashlib.sha256()
    status, n = get(url, digest)
    print(status, n, digest.hexdigest())


def do_connect(where, text):
    s = proxy()
    s.sendall(b"CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n" % (where.encode(), where.encode()))
    head = head_of(s, 1)
    status = head.split()[1].decode() if head else "nothing"
    if status != "200":
        print(status)
        return
    s.sendall(text.encode())
    got = b""
    while len(got) < len(text):
        got += s.recv(65536)
    print(status, got.decode())


def do_many(count, url):
    results, lock = {}, threading.Lock()

    def one():
        digest = hashlib.sha256()
        try:
            result = "%s %d %s" % (*get(url, digest), digest.hexdigest())
        except OSError as e:
            result = "error %s" % e
        with lock:
            results[result] = results.get(result, 0) + 1

    threads = [threading.Thread(target=one) for _ in range(int(count))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for result, n in sorted(results.items()):
        print(n, result)


def do_half_close(n):
    s = proxy()
    digest = hashlib.sha256()
    for _ in range(int(n)):
        block = os.urandom(65536)
        digest.update(block)
        s.sendall(block)
    s.shutdown(socket.SHUT_WR)
    answer = b""
    while True:
        data = s.recv(4096)
        if not data:
            break
        answer += data
    print("right" if answer.decode() == "%d %s" % (int(n) * 65536, digest.hexdigest()) else answer)


def do_echo(text):
    s = proxy()
    s.sendall(text.encode())
    s.shutdown(socket.SHUT_WR)
    print(s.recv(100).decode())


def do_slow(sent_file):
    s = proxy()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    s.recv(1)
    last, same = -1, 0
    while same < 5:  # the sender stands still
        time.sleep(0.3)
        with open(sent_file, encoding="ascii") as f:
            now = int(f.read() or -1)
        same = same + 1 if now == last else 0
        last = now
    digest = hashlib.sha256()
    n = drain(s, digest)
    print("stopped" if last < 80 << 20 else "took %d" % last, n + 1)


def do_dies():
    start = time.monotonic()
    try:
        n = drain(proxy())
        how = "end"
    except OSError as e:
        n, how = 0, type(e).__name__
    print("told" if time.monotonic() - start < 60 else "late", n <= 1 << 20, how != "TimeoutError")
    try:
        s = proxy()
        s.sendall(b"x")
        print("still" if s.recv(1) else "closed")
    except OSError:
        print("closed")


def do_direct(port):
    """Past the proxy"""
    for family, kind, where in ((socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", int(port))),
                                (socket.AF_INET, socket.SOCK_STREAM, ("192.0.2.1", 80)),
                                (socket.AF_INET6, socket.SOCK_STREAM, ("2001:db8::1", 80)),
                                (socket.AF_INET, socket.SOCK_DGRAM, ("192.0.2.1", 53))):
        try:
            s = socket.socket(family, kind)
            s.settimeout(30)
            s.connect(where)
            if kind == socket.SOCK_DGRAM:
                s.send(b"x")
            print("reached", where)
        except OSError as e:
            print(e.strerror)


if __name__ == "__main__":
    globals()["do_" + sys.argv[1]](*sys.argv[2:])
