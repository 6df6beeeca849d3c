"""What all benchmarks share: running a process, alternating between tools, tables."""
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(HERE)
THREADS = os.cpu_count()


class Failed(Exception):
    """A process that exited with an error: its last line."""


class Place:
    """Where things are: our tools, the peers' Python, data, real data, results."""

    def __init__(self, build, out=None, real=None):
        self.build = os.path.abspath(build)
        self.real = os.path.abspath(real or os.path.join(TOP, '..', 'shared', 'data'))
        self.bin = os.path.join(self.build, 'bin')
        self.out = os.path.abspath(out or os.path.join(self.build, 'bench'))
        self.data = os.path.join(self.out, 'data')
        self.python = os.path.join(self.build, 'peers', 'bin', 'python')
        os.makedirs(self.data, exist_ok=True)

    def tool(self, name):
        return os.path.join(self.bin, name)

    def file(self, name):
        return os.path.join(self.data, name)

    def has_peers(self):
        return os.path.exists(self.python)


def run(argv, env=None, stdin=None, stdout=subprocess.DEVNULL, limit=3600):
    """Run a process to its end. Returns (seconds, peak MB, standard output or None).
    `env` is added to the environment; what is None there is taken out of it.

    The peak is what the kernel reports at the end, VmHWM. A child begins as a copy
    of this process, whose own size (some 15 MB) is therefore the least it can be."""
    log = tempfile.TemporaryFile()
    began = time.monotonic()
    env = {**os.environ, **(env or {})}
    child = subprocess.Popen(argv, stdin=stdin, stdout=stdout, stderr=log,
                             env={k: v for k, v in env.items() if v is not None})
    text = None
    try:
        if stdout == subprocess.PIPE:
            text = child.stdout.read().decode()
        _, status, usage = os.wait4(child.pid, 0)
    except BaseException:
        child.kill()
        raise
    seconds = time.monotonic() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    log.seek(0)
    errors = log.read().decode(errors='replace').strip().splitlines()
    log.close()
    if child.returncode != 0:
        raise Failed(f'{shlex.join(argv)[:120]}: exit {child.returncode}: '
                     f'{errors[-1] if errors else "no message"}')
    return seconds, usage.ru_maxrss / 1024, text


def run_json(argv, **options):
    """Run a program that prints one JSON object in its last line; adds peak_mb."""
    seconds, peak, text = run(argv, stdout=subprocess.PIPE, **options)
    answer = json.loads(text.strip().splitlines()[-1])
    answer.setdefault('wall', seconds)
    answer['peak_mb'] = round(peak, 1)
    return answer


def peer(place, name, args, env=None):
    """Run an adapter of bench/peers/ in the peers' environment. OPENBLAS_CORETYPE is left
    out of it: their libraries are built to find out what processor there is."""
    return run_json([place.python, os.path.join(HERE, 'peers', name + '.py')] + args,
                    env={'PYTHONWARNINGS': 'ignore', 'OPENBLAS_CORETYPE': None, **(env or {})})


class Table:
    """A TSV file in build/bench, a row at a time; rows of an earlier run with the
    same key are replaced, so that a short run does not lose a long one's."""

    def __init__(self, place, name, columns, key):
        self.path = os.path.join(place.out, name + '.tsv')
        self.columns, self.key = columns, key
        self.rows = read(self.path)

    def put(self, **row):
        row = {c: str(row.get(c, '')) for c in self.columns}
        same = [row[c] for c in self.key]
        self.rows = [r for r in self.rows if [r.get(c, '') for c in self.key] != same]
        self.rows.append(row)
        with open(self.path + '.new', 'w', encoding='utf-8') as f:
            print(*self.columns, sep='\t', file=f)
            for r in self.rows:
                print(*(r.get(c, '') for c in self.columns), sep='\t', file=f)
        os.replace(self.path + '.new', self.path)


def read(path):
    """Rows of a TSV file as dicts; none if there is no file."""
    if not os.path.exists(path):
        return []
    with open(path, encoding='utf-8') as f:
        names = f.readline().rstrip('\n').split('\t')
        return [dict(zip(names, line.rstrip('\n').split('\t'))) for line in f]


def alternate(jobs, runs, each):
    """Run every job once, then every job again, `runs` times: what else the machine
    does meets all alike. Each round begins with another job. `jobs` maps names to
    functions; each(name, round, result) takes what they return. A job that fails is
    reported and left out from then on."""
    names, broken = list(jobs), set()
    for round_ in range(1, runs + 1):
        shift = (round_ - 1) % max(1, len(names))
        for name in names[shift:] + names[:shift]:
            if name in broken:
                continue
            try:
                each(name, round_, jobs[name]())
            except Failed as e:
                broken.add(name)
                say(f'{name}: {e}')
    return broken


def say(text):
    print(text, file=sys.stderr, flush=True)


def middle(values):
    return statistics.median(values)


def version(place, tool):
    text = subprocess.run([place.tool(tool), '--version'], capture_output=True, text=True,
                          check=True).stdout
    return text.split()[-1]


def supports(place, tool, option):
    """Does --help of one of our tools name this option?"""
    text = subprocess.run([place.tool(tool), '--help'], capture_output=True, text=True,
                          check=True).stdout
    return option in text
