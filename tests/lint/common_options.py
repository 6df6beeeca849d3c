"""Print each difference between --help and the manual page of a tool in the options that
every tool has: the same options in the same order, the page's text beginning with that of
the help. A default is "(all)" here and "; all by default" there.

usage: common_options.py TOOL PAGE (a tool's path, the text of its page as from mandoc -T ascii | col -b)
"""
import re
import subprocess
import sys


def options(text):
    """{"-o, --output=FILE": "write to ..."}, from lines of which those of an option stand out to the left."""
    found = {}
    for line in text.split('\n'):
        start = re.match(r' {2,10}((?:-\w, )?--[a-z]+(?:=[A-Z]+)?)(?: {2,}|$)(.*)', line)
        if start:
            last = start[1].strip()
            found[last] = [start[2]]
        elif found and line.strip():
            found[last].append(line.strip())
    return {name: ' '.join(words).strip() for name, words in found.items()}


def normal(text):
    text = re.sub(r'; (\w[\w ]*?) by default', r' (\1)', text)
    return (text[:1].lower() + text[1:]).rstrip('.')


tool, page = sys.argv[1:]
help = subprocess.run([tool, '--help'], capture_output=True, text=True, check=True).stdout
helped = options(help.split('Options of every tool:\n')[1].split('\n\n')[0])
manual = options(re.search(r'^ +-o, --output.*?(?=^(?:   )?[^ \n])', open(page).read(), re.S | re.M)[0])
if list(helped) != list(manual) or len(helped) < 9:
    print('help:', *helped, sep='\n  ')
    print('page:', *manual, sep='\n  ')
for name, text in helped.items():
    if not normal(manual.get(name, '')).startswith(normal(text)):
        print(f'{name}\n  help: {normal(text)}\n  page: {normal(manual.get(name, ""))}')
