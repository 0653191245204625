"""signals.py SIGNAL PROJECT HOME POSTERN LAUNCHER USER: sends SIGNAL to postern run while its command waits."""

import os
import pwd
import signal
import subprocess
import sys
import time

NAME, PROJECT, HOME, POSTERN, LAUNCHER, USER = sys.argv[1:]
SECONDS = 30
MARK = "postern-signals-%d" % os.getpid()
COMMAND = "trap 'echo got; exit 7' USR1 INT HUP; echo up; : %s; while :; do sleep 0.05; done" % MARK


def become_user():
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, signal.SIG_DFL)
    if os.getuid() == 0:
        user = pwd.getpwnam(USER)
        os.initgroups(USER, user.pw_gid)
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)


def is_alive():
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as f:
                if MARK.encode() in f.read() and int(pid) != os.getpid():
                    return True
        except OSError:
            pass
    return False


def main():
    words = [POSTERN, "run", "--launcher", LAUNCHER, "--preset", "workspace", "--", "sh", "-c", COMMAND]
    p = subprocess.Popen(
        words, cwd=PROJECT, env=dict(os.environ, HOME=HOME), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, preexec_fn=become_user
    )
    assert p.stdout.readline() == b"up\n", "the command did not start"
    p.send_signal(getattr(signal, "SIG" + NAME))
    status = p.wait(SECONDS)
    end = time.monotonic() + SECONDS
    while is_alive() and time.monotonic() < end:
        time.sleep(0.05)
    assert not is_alive(), "something lives on"
    while os.listdir(PROJECT) and time.monotonic() < end:
        time.sleep(0.05)
    assert not os.listdir(PROJECT), "this is left in the project: %s" % os.listdir(PROJECT)
    if NAME in ("USR1", "INT", "HUP"):
        assert (status, p.stdout.read()) == (7, b"got\n"), status
        print("reaches the command, whose status is postern's")
    else:
        assert status == -getattr(signal, "SIG" + NAME), status
        print("ends postern by this signal, and everything inside, and nothing is left")


main()
