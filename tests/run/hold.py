"""hold.py PATH DIR: makes DIR/up, opens the directory PATH as soon as it is there, makes DIR/held, and puts a file into what
it holds when that was moved for the second time, until there is DIR/end."""

import os
import sys
import time

path, where = sys.argv[1:]
open(where + "/up", "w").close()
fd = -1
while fd < 0:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        time.sleep(0.001)
changed = os.fstat(fd).st_ctime_ns
open(where + "/held", "w").close()
moves = 0
while not os.path.exists(where + "/end"):
    now = os.fstat(fd).st_ctime_ns
    if now != changed:
        changed = now
        moves += 1
        if moves == 2:
            try:
                os.close(os.open("config", os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=fd))
                print("a file was made", flush=True)
            except OSError as e:
                print(e, flush=True)
    time.sleep(0.001)
