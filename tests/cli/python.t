#!/bin/sh
test_description='the package for Python: bundles, tables, tools, stages, what it installs'
. "$(dirname "$0")/setup.sh"

# The tests of the package are its own; nothing is written beside its files.
PYTHONPATH=$TOP/python PYTHONDONTWRITEBYTECODE=1 MFPIPE_BIN=$BUILD/bin
export PYTHONPATH PYTHONDONTWRITEBYTECODE MFPIPE_BIN
python3 -c 'import sys; from importlib.util import find_spec as find
sys.exit(None in map(find, ("pip", "setuptools", "wheel", "venv")))' 2>/dev/null && test_set_prereq PIP
test_have_prereq PYTHON || say "python3 has no numpy, msgpack or xxhash: make deps"
test_have_prereq PIP || say "python3 has no pip, setuptools or wheel: make deps"

for module in bundle tables tools examples
do
	test_expect_success PYTHON "python/tests/test_$module.py" '
		python3 -W error::ResourceWarning -m unittest -q tests.test_'$module' 2>err || { cat err; false; }
	'
done

test_expect_success PYTHON 'its README does what it says' '
	msd-synth --users 300 --artists 200 --tracks unique_tracks.txt -o train_triplets.txt &&
	python3 "$TOP/python/tests/run_readme.py" >out 2>err && grep -q "^popularity *ndcg@100" out && mf-info --check model.mf
'

test_expect_success PYTHON 'and so does the Python of the README of the project' '
	msd-aggregate --tracks unique_tracks.txt train_triplets.txt | mf-split --test 0.15 -o split.mf &&
	awk "/^\`\`\`python\$/ { on = 1; next } /^\`\`\`/ { on = 0 } on" "$TOP/README.md" >shown.py && test $(wc -l <shown.py) -gt 4 &&
	{ cat shown.py; echo "assert score.shape == persona.shape == (len(model.items),)"; } >run.py && python3 run.py
'

test_expect_success PYTHON,REALDATA 'a listener of Last.fm is drawn, by the names of artists' '
	mf-convert --from=tsv --header --columns userID,artistID,weight --item-names "$DATA/hetrec2011-lastfm-2k/artists.dat" \
		"$DATA/hetrec2011-lastfm-2k/user_artists.dat" -q | mf-als -q -k 16 -n 3 -o lastfm.mf &&
	python3 "$TOP/python/examples/personas.py" lastfm.mf -o lastfm.svg && grep -o "<title>[^<]*" lastfm.svg | sed "1d; s/<title>//" >drawn &&
	test $(wc -l <drawn) -gt 20 && mf-convert --to=tsv lastfm.mf | cut -f 2 | LC_ALL=C sort -u >artists &&
	sed "s/&amp;/\&/g; s/&#x27;/\x27/g; s/&quot;/\"/g; s/&lt;/</g; s/&gt;/>/g" drawn | LC_ALL=C sort -u | LC_ALL=C comm -23 - artists | wc -l | grep -qx 0
'

test_expect_success PYTHON 'it is of the version of the tools' '
	python3 -c "import mfpipe; print(mfpipe.__version__)" >version &&
	test "$(mf-als --version | sed "s/.* //")" = "$(cat version)"
'

test_expect_success PYTHON 'lines are at most 88 columns long' '
	python3 -c "
import pathlib, sys
long = [(str(p), n) for p in pathlib.Path(sys.argv[1]).rglob(\"*.py\")
        for n, line in enumerate(p.read_text(encoding=\"utf-8\").splitlines(), 1) if len(line) > 88]
print(*long, sep=\"\\n\"), sys.exit(bool(long))" "$TOP/python"
'

# A copy is built: the tree stays as it is.
test_expect_success PYTHON,PIP 'wheel and source distribution build, one from the other' '
	mkdir -p tree/include/mf dist && cp -R "$TOP/python" tree/python &&
	cp "$TOP/include/mf/version.h" tree/include/mf && (
		cd tree/python && python3 -c "
from setuptools import build_meta as b
print(b.build_sdist(\"../../dist\"))" >../../log 2>&1
	) && mkdir unpacked && tar -xzf dist/mfpipe-$(cat version).tar.gz -C unpacked &&
	python3 -m pip wheel -q --no-build-isolation --no-deps --no-index -w dist unpacked/mfpipe-* >>log 2>&1 &&
	python3 -c "
import sys, zipfile
names = zipfile.ZipFile(sys.argv[1]).namelist()
assert {\"mfpipe/bundle.py\", \"mfpipe/py.typed\"} <= set(names), names
assert not [n for n in names if n.startswith((\"tests\", \"examples\", \"build\"))], names" dist/mfpipe-$(cat version)-py3-none-any.whl
'

test_expect_success PYTHON,PIP 'pip installs it into a virtual environment, where a stage runs' '
	python3 -m venv --without-pip --system-site-packages env &&
	python3 -m pip --python env/bin/python3 install -q --no-build-isolation --no-deps --no-index ./tree/python >>log 2>&1 &&
	unset PYTHONPATH && mf-transform -e offset:0 "$TOP/tests/golden/split.mf" >offset.mf &&
	env/bin/python3 "$TOP/examples/stages/scale.py" 1 <"$TOP/tests/golden/split.mf" >scaled.mf &&
	mf-convert --to=tsv scaled.mf >scaled && mf-convert --to=tsv offset.mf | test_cmp - scaled &&
	test "$(env/bin/python3 -c "import mfpipe; print(mfpipe.__version__, mfpipe.__file__)")" = \
		"$(cat version) $(env/bin/python3 -c "import sysconfig; print(sysconfig.get_path(\"purelib\"))")/mfpipe/__init__.py"
'

test_done
