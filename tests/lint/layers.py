"""Check that no module looks up (TAP).

A file's layer is the folder it lies in. Two things are read: the includes, and the
calls, which are the symbols that the objects of the static library need and define.
Within a folder, files must not go round in circles either; nor may those of tools/, whose
objects lie beside the library, in tools/.

usage: layers.py LIBRARY (libmfpipe.a)
"""
import collections
import glob
import os
import re
import subprocess
import sys

# What each folder of lib/ may use; itself, always. Jobs share jobs/shared alone, but for
# one that trains again and again.
BELOW = {
    'base': '',
    'kernel': 'base',
    'data': 'base',
    'math': 'base kernel data',
    'als': 'base kernel data math',
    'wire': 'base data',
    'jobs/shared': 'base kernel data math als wire',
}
JOB = 'base kernel data math als wire jobs/shared'
BELOW['jobs/tune'] = JOB + ' jobs/train'


def may(folder, other):
    allowed = BELOW[folder] if folder in BELOW else JOB
    return other == folder or other in allowed.split()


def layer(path):
    """lib/jobs/train/stop.c -> jobs/train"""
    return os.path.dirname(path)[len('lib/'):]


def objects(*files):
    """[(member's path without .o, defined, needed)]: members in the order of the sources."""
    out = []
    for line in subprocess.run(['nm', '-g', *files], capture_output=True, text=True, check=True).stdout.splitlines():
        if line.endswith('.o:'):
            out.append((line[:-3], set(), set()))
        elif line.strip():
            kind, name = line.split()[-2:]
            out[-1][2 if kind == 'U' else 1].add(name.split('.')[0] if name[0] != '.' else name)
    return out


def named_sources(library):
    """Members have no folder in their names: each is its source by what it defines."""
    source = {os.path.splitext(p)[0]: set(re.findall(r'\b\w+', open(p).read())) for p in sorted(glob.glob('lib/**/*.c', recursive=True))}
    free = dict(source)
    named = {}
    for member, defined, needed in objects(library):
        fits = [p for p in free if os.path.basename(p) == member and defined - {n for n in defined if n[0] == '.'} <= source[p]]
        if len(fits) != 1:
            raise SystemExit(f'Bail out! {member}.o of {library} is none or several of {fits}')
        del free[fits[0]]
        named[fits[0] + '.c'] = (defined, needed)
    return named


def circles(arrows):
    """Strongly connected sets of more than one file (Tarjan)."""
    index, low, stack, out = {}, {}, [], []

    def visit(v):
        index[v] = low[v] = len(index)
        stack.append(v)
        for w in sorted(arrows[v]):
            if w not in index:
                visit(w)
                low[v] = min(low[v], low[w])
            elif w in stack:
                low[v] = min(low[v], index[w])
        if low[v] == index[v]:
            at = stack.index(v)
            if len(stack) - at > 1:
                out.append(sorted(stack[at:]))
            del stack[at:]

    sys.setrecursionlimit(10000)
    for v in sorted(arrows):
        if v not in index:
            visit(v)
    return out


calls = named_sources(sys.argv[1])
defined_in = {name: path for path, (defined, _) in calls.items() for name in defined}
arrows = collections.defaultdict(set)  # between sources, by calls
for path, (_, needed) in calls.items():
    arrows[path]
    for name in needed:
        if name in defined_in and defined_in[name] != path:
            arrows[path].add(defined_in[name])

# A public header belongs to the lowest folder that defines a function of it: calls of
# what stands higher are seen as calls.
ORDER = list(BELOW)
bad_includes, bad_calls = [], []
public = {}
for header in sorted(glob.glob('include/mf/*.h')):
    text = re.sub(r'/\*.*?\*/', ' ', open(header).read(), flags=re.S)
    homes = {layer(defined_in[name]) for name in re.findall(r'\bmf_\w+', text) if name in defined_in}
    public['mf/' + os.path.basename(header)] = min(homes, default='base', key=lambda f: ORDER.index(f) if f in ORDER else len(ORDER))

for path in sorted(glob.glob('lib/**/*.[ch]', recursive=True) + glob.glob('include/mf/*.h')):
    own = layer(path) if path.startswith('lib/') else public['mf/' + os.path.basename(path)]
    for other in re.findall(r'#include "([^"]+)"', open(path).read()):
        if other == 'mf/mf.h' or path == 'include/mf/mf.h':
            continue
        home = public.get(other) or layer('lib/' + other)
        if not may(own, home):
            bad_includes.append(f'{path} includes {other}, of {home}')
for path, others in arrows.items():
    for other in sorted(others):
        if not may(layer(path), layer(other)):
            names = sorted(n for n in calls[path][1] if defined_in.get(n) == other)
            bad_calls.append(f'{path} calls {", ".join(names)} in {other}')
for path in sorted(glob.glob('tools/*.[ch]')):
    for other in re.findall(r'#include "([^"]+)"', open(path).read()):
        shared = os.path.basename(path).startswith('tool_')
        if not other.startswith('mf/') and other not in ('tool.h', 'tool_als.h') and not (shared and other.startswith('tool_')):
            bad_includes.append(f'{path} includes {other}: tools use the public headers alone')

# Tools: each needs the shared ones, which must not go round.
tools = {os.path.splitext(os.path.basename(p))[0] for p in glob.glob('tools/*.c')}
there = [os.path.join(os.path.dirname(sys.argv[1]), 'tools', t + '.o') for t in sorted(tools)]
tool_calls = {'tools/' + os.path.basename(path) + '.c': c for path, *c in objects(*filter(os.path.exists, there))}
if len(tool_calls) != len(tools):
    raise SystemExit(f'Bail out! objects of tools: {len(tool_calls)}, not {len(tools)}')
home = {name: path for path, (defined, _) in tool_calls.items() for name in defined if name != 'main'}
for path, (_, needed) in tool_calls.items():
    arrows[path] = {home[name] for name in needed if name in home} - {path}
rounds = ['round: ' + ', '.join(c) for c in circles(arrows)]

print('1..3')
status = 0
for i, (bad, what) in enumerate([(bad_includes, 'no include goes up'), (bad_calls, 'no call goes up'),
                                 (rounds, 'no files call each other in a circle')], 1):
    print(('not ok' if bad else 'ok') + f' {i} - {what}')
    for line in bad:
        print('#', line)
        status = 1
raise SystemExit(status)
