"""Every command under every limit: limits.py LIMIT WHICH < COMMANDS

COMMANDS: a line for each, the file that it reads, TAB, the command. LIMIT is v, s, n, f or u
of ulimit, WHICH is all or some. A command ends in bounded time: with the result that it
has without the limit, or with one line and exit 1 (127 where the loader has no room for the
libraries). Prints how many there were of each."""
import os, resource, subprocess, sys

MB, KB = 1 << 20, 1 << 10
LIMITS = {
    'v': (resource.RLIMIT_AS, [n * 10 * MB for n in range(5, 101)], 24),
    's': (resource.RLIMIT_STACK, [n * KB for n in (64, 72, 96, 100, 128, 160, 192, 255, 256, 300,
                                                   512, 1024, 4096, 8192, 65536)], 7),
    'n': (resource.RLIMIT_NOFILE, list(range(4, 12)), 4),
    'f': (resource.RLIMIT_FSIZE, [0, 1, 100, 300, 512, 1024, 2048, 4096], 5),
    'u': (resource.RLIMIT_NPROC, [1, 2, 3, 4, 8], 3)}


def drop_root():
    """The number of processes is limited for all but root."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)


def run(command, file, kind=None, most=None):
    """Exit status, output, lines of error. Without `most` there is no limit."""
    def limit():
        if most is not None:
            resource.setrlimit(kind, (most, most))
        if kind == resource.RLIMIT_NPROC:
            drop_root()
    with open(file, 'rb') as source, open('room.out', 'w+b') as out:
        done = subprocess.run(command, stdin=source, stdout=out, stderr=subprocess.PIPE,
                              timeout=60, preexec_fn=limit)
        out.seek(0)
        return done.returncode, out.read(), done.stderr.decode(errors='replace').splitlines()


def others_can():
    try:
        return run(['mf-info', '--help'], '/dev/null', resource.RLIMIT_NPROC)[0] == 0
    except (OSError, subprocess.SubprocessError):
        return False


def main():
    letter, which = sys.argv[1:]
    kind, values, step = LIMITS[letter]
    if letter == 'u' and not others_can():
        print('ulimit -u: 0 tried, the user nobody can not run what is built')
        return
    tried, well, short, wrong, at = 0, 0, 0, 0, 0
    for line in sys.stdin:
        file, command = line.rstrip('\n').split('\t')
        command = command.split()
        status, want, said = run(command, file)
        assert status == 0 and want, (command, said)
        some = values if which == 'all' else values[at % step::step]
        at += 1
        for most in some:
            tried += 1
            try:
                status, out, said = run(command, file, kind, most)
            except subprocess.TimeoutExpired:
                status, out, said = 'none: it hangs', b'', []
            if status == 0 and out == want:
                well += 1
            elif status == 1 and len(said) == 1 or \
                    status == 127 and len(said) == 1 and 'loading shared libraries' in said[0]:
                short += 1
            else:
                wrong += 1
                print(f'-{letter} {most}: exit {status}: {" ".join(command)}: {said}')
    print(f'ulimit -{letter}: {tried} tried, {well} as without, {short} refused, {wrong} wrong')
    sys.exit(wrong > 0 or well == 0)


main()
