"""Run a shell command on a terminal and say what was seen there.

usage: screen.py COLUMNS [-i SECONDS] COMMAND
Standard error is the terminal, and so is standard output where it is not redirected; with -i, as if
Ctrl-C were pressed after so long. Written are
    raw     the bytes that came
    frames  the last line of the screen, each time that something came, as far as it changed
    screen  what is there in the end
Exits as the command, or with 99 if a line of progress was as wide as the terminal, or a program began to write where
another had left off.
"""
import os
import pty
import re
import signal
import struct
import sys
import termios
import fcntl
import threading

columns, command = int(sys.argv[1]), sys.argv[-1]
interrupt = float(sys.argv[3]) if sys.argv[2] == '-i' else None
pid, master = pty.fork()
if pid == 0:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
    os.execvp('/bin/sh', ['/bin/sh', '-c', command])
if interrupt:
    threading.Timer(interrupt, lambda: os.write(master, b'\x03')).start()

screen, column, frames, raw = [''], 0, [], b''


def show(text):
    global column
    for piece in re.findall(r'\x1b\[K|\r|\n|[^\x1b\r\n]+|\x1b', text):
        if piece == '\r':
            column = 0
        elif piece == '\n':
            screen.append('')
        elif piece == '\x1b[K':
            screen[-1] = screen[-1][:column]
        else:
            screen[-1] = screen[-1][:column] + piece + screen[-1][column + len(piece):]
            column += len(piece)


with open('raw', 'wb') as log:
    try:
        while piece := os.read(master, 65536):
            raw += piece
            log.write(piece)
            show(piece.decode(errors='replace'))
            if not frames or frames[-1] != screen[-1]:
                frames.append(screen[-1])
    except OSError:
        pass  # the other side is closed
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
for name, lines in ('frames', frames), ('screen', screen):
    with open(name, 'w') as out:
        out.writelines(line + '\n' for line in lines if line)
drawn = re.findall(rb'\r([^\r\n\x1b]+)\x1b\[K', raw)
for line in drawn:
    if len(line.decode()) >= columns:
        print('too long:', line)
        status = 99
for line in frames:
    if len(re.findall(r'(?:mf|msd)-[a-z]+: ', line)) > 1:
        print('two programs in one line:', line)
        status = 99
sys.exit(status if status >= 0 else 128 - status)
