"""Which messages does no test expect? Prints them, by file and line, one a line.

usage: messages.py FOLDER: `tools` or `lib`

A message is the format of a call that says one. It counts as expected if three words of
it that follow each other, or two long ones, or all where a conversion such as %s leaves
fewer, stand in a file of tests/. The last line is how many there are, and how many nobody
expects.
"""
import glob
import re
import sys

# what says something, and the names of what it is given before the format
SAYS = r'(?:tool_misuse|tool_messages_fail|mf_fail|mf__reader_bad|mf_bundle_fail|mf__lines_fail|mf__page_fail|' \
       r'mf__report_warn|mf__report_note|complain|[a-z_]*_fail|refuse|bad|misuse)'
CALL = re.compile(r'\b' + SAYS + r'\s*\(((?:[^"();]|\([^()]*\))*?)((?:"(?:[^"\\]|\\.)*"\s*(?:PRI\w+\s*)?)+)', re.S)


def words(text):
    return re.findall(r"[\w@'.+-]+", text)


def windows(message):
    """Runs of words of which one must be expected."""
    for part in re.split(r"'?%[-+ 0#]*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:hh|h|ll|l|z|j|t|L)?[a-zA-Z]'?", message):
        w = words(part)
        if len(w) <= 3:
            yield w
        else:
            yield from (w[i:i + 3] for i in range(len(w) - 2))
            yield from (w[i:i + 2] for i in range(len(w) - 1) if len(' '.join(w[i:i + 2])) >= 12)


# What no test can provoke: the file system fails between two calls, or a table is too small.
BEYOND = ('%s: cannot set permissions: %s', '%s: cannot rename: %s', '%s: too many output files')

files = sorted(glob.glob('tests/*/*.[tch]') + glob.glob('tests/*/*.sh'))
tests = ' '.join(words(' '.join(open(f, encoding='utf-8', errors='replace').read() for f in files)))
tests = f' {tests} '
n = unexpected = 0
for name in sorted(glob.glob(sys.argv[1] + '/**/*.c', recursive=True)):
    text = open(name).read()
    for call in CALL.finditer(text):
        message = ''.join(re.findall(r'"((?:[^"\\]|\\.)*)"', call[2])).replace('\\"', '"').replace('%%', '%')
        runs = [w for w in windows(message) if len(' '.join(w)) >= 6]
        if not runs or message in BEYOND:
            continue
        n += 1
        if not any(f" {' '.join(w)} " in tests for w in runs):
            unexpected += 1
            print(f'{name}:{text.count(chr(10), 0, call.start()) + 1}: {message}')
print(f'{n} messages in {sys.argv[1]}, {unexpected} of which no test expects')
