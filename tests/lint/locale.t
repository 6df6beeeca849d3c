# Nothing in the library depends on the locale of the program: floats are parsed and
# formatted by base/number.h (which mf_fail and mf_out_printf use), characters are
# classed by base/ascii.h, JSON goes through jobs/shared/json.h.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1
found () {
	grep -rnE '\b(strto(d|f|ld)|ato(f|i|l|ll)|vsnprintf|setlocale|localeconv|(is|to)(alnum|alpha|blank|cntrl|digit|graph|lower|print|punct|space|upper|xdigit)|strn?casecmp|strn?coll|strxfrm|json_(dump|load)\w*) ?\(' lib --include='*.[ch]' |
		grep -vE '^lib/base/(number|ascii)\.|^lib/jobs/shared/json\.'
	# a float in the format of sprintf or sscanf, which may stand on the next line
	python3 - <<-'PYTHON'
	import glob, re
	for path in sorted(glob.glob('lib/**/*.[ch]', recursive=True)):
	    text = open(path).read()
	    for call in re.finditer(r'(?<!\w)s(?:n?printf|scanf)\((?:"(?:[^"\\]|\\.)*"|[^";])*', text):
	        statement = call.group()
	        formats = ''.join(re.findall(r'"((?:[^"\\]|\\.)*)"', statement))
	        if (re.search(r'%[-+ #0]*[\d*]*(\.[\d*]+)?(l|L)?[aefgAEFG]', formats) or not formats) and path != 'lib/base/number.c':
	            print(f'{path}:{text.count(chr(10), 0, call.start()) + 1}: {statement.split(chr(10))[0]}')
	PYTHON
}
echo 1..1
out=$(found 2>&1)
if [ -z "$out" ]; then echo 'ok 1 - the library is free of the locale'
else echo 'not ok 1 - the library is free of the locale'; echo "$out" | sed 's/^/# /'; exit 1; fi
