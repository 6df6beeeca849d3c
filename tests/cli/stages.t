test_description='examples/stages: stages in other languages, in the middle of a pipe'
. "$(dirname "$0")/setup.sh"

S=$TOP/examples/stages
for python in python3 /usr/bin/python3
do
	"$python" -c 'import msgpack, numpy, xxhash' 2>/dev/null && test_set_prereq PYTHON && break
done
PYTHONPATH=$TOP/python PYTHONDONTWRITEBYTECODE=1 # as if it were installed
export PYTHONPATH PYTHONDONTWRITEBYTECODE
scale_py () { "$python" "$S/scale.py" "$@"; }
scale_sh () { bash "$S/scale.sh" "$@"; }

awk 'BEGIN { for (u = 0; u < 300; u++) for (i = 0; i < 9; i++) print "u" u "\ti" (u * 7 + i * 5) % 91 "\t" u + i "\t" (u + i) % 4 }' >in.tsv
mf-convert --from=tsv --columns=1,2,3,4 in.tsv >in.mf
mf-convert --to=tsv in.mf | awk '{ printf "%s\t%s\t%s\t%s\n", $1, $2, $3 / 2, $4 }' | sed 's/\t\([0-9]*\)\t\([0-9]\)$/\t\1.0\t\2/' >want

for stage in sh py
do
	[ $stage = py ] && needs=PYTHON || needs=
	test_expect_success $needs "scale.$stage halves every value in a pipe" '
		mf-convert --from=tsv --columns=1,2,3,4 in.tsv | scale_'$stage' 0.5 | mf-convert --to=tsv >out && cmp want out
	'
	test_expect_success $needs "scale.$stage fails on a cut input, and nothing follows" '
		size=$(wc -c <in.mf) &&
		for n in 0 1 50 $((size / 3)) $((size / 2)) $((size - 100)) $((size - 1)); do
			head -c $n in.mf >cut.mf
			scale_'$stage' 0.5 <cut.mf >cut.out 2>err; test $? -eq 1 || return 1
			scale_'$stage' 0.5 <cut.mf 2>err | mf-convert --to=tsv >out 2>err2; test $? -eq 1 && test ! -s out || return 1
		done
	'
	test_expect_success $needs "scale.$stage makes factors stale: they go" '
		mf-als -k 2 -p 2 -n 2 --warmup 1 in.mf >model.mf && mf-convert --to=npy --part=users model.mf >f.npy &&
		scale_'$stage' 0.5 <model.mf >out.mf && mf-convert --to=tsv out.mf | cmp - want &&
		fails 1 "no model" mf-convert --to=npy --part=users out.mf
	'
done
# A module of that name that is found first stands for one that is missing.
for module in msgpack numpy xxhash
do
	test_expect_success "scale.py without $module says what to install, in one line" '
		mkdir -p without-'$module' && for m in msgpack numpy xxhash; do echo >without-'$module'/$m.py; done &&
		echo "raise ModuleNotFoundError(\"No module named '$module'\", name=\"'$module'\")" >without-'$module'/'$module'.py &&
		fails 1 "scale.py: mfpipe needs the module '$module', which" env PYTHONPATH="$PWD/without-'$module':$TOP/python" "$python" "$S/scale.py" 0.5 <in.mf &&
		grep -q "pip install numpy msgpack xxhash" fails.err && grep -q "apt install python3-numpy python3-msgpack python3-xxhash" fails.err
	'
done
test_expect_success 'and without mfpipe, too' '
	fails 1 "in the folder of mfpipe: \"pip install ./python\"" env PYTHONPATH= "$python" -S "$S/scale.py" 0.5 <in.mf
'
test_expect_success PYTHON 'scale.py refuses what is damaged or follows the end, in one line' '
	(cat in.mf; printf x) >more.mf && fails 1 "scale.py: standard input: frame" scale_py 2 <more.mf &&
	(cat in.mf in.mf) >twice.mf && fails 1 "check does not match" scale_py 2 <twice.mf &&
	(head -c 2000 in.mf; printf x; tail -c +2002 in.mf) >bad.mf && fails 1 "check does not match" scale_py 2 <bad.mf
'
test_expect_success PYTHON 'scale.py keeps the provenance and adds itself' '
	scale_py 0.25 <in.mf >out.mf && grep -aq mf-convert out.mf && grep -aq "tool.scale" out.mf && grep -aq 0.25 out.mf &&
	mf-convert --join out.mf | cmp - out.mf
'
test_done
