"""Type keys into a shell on a terminal and print what the screen's last line is then.

usage: keys.py KEYS SHELL [ARGUMENT]...  (of KEYS, \\t is TAB)
"""
import os
import pty
import re
import select
import sys
import time

keys, shell = sys.argv[1].replace('\\t', '\t'), sys.argv[2:]
pid, master = pty.fork()
if pid == 0:
    os.environ.update(TERM='dumb', PS1='ready> ', HOME=os.getcwd())
    os.execvp(shell[0], shell)
seen = ''


def read_until(done, most):
    global seen
    end = time.monotonic() + most
    while not done() and time.monotonic() < end:
        if select.select([master], [], [], .1)[0]:
            try:
                seen += os.read(master, 65536).decode(errors='replace')
            except OSError:
                return


read_until(lambda: 'ready>' in seen, 20)
seen = ''
os.write(master, keys.encode())
quiet, last = time.monotonic(), ''


def still():
    global quiet, last
    if seen != last:
        quiet, last = time.monotonic(), seen
    return seen and time.monotonic() - quiet > 1.5


read_until(still, 20)
os.kill(pid, 9)
print(re.sub(r'\x1b\[[?0-9;]*[a-zA-Z]|\x07|.\x08', '', seen).replace('\r', ''))
