#!/bin/sh
test_description='the recipes of docs/cookbook.md, as they stand, on tiny files in the formats of their sources'
. "$(dirname "$0")/setup.sh"
PYTHONPATH=$TOP/python PYTHONDONTWRITEBYTECODE=1 MFPIPE_BIN=$BUILD/bin MFPIPE=$TOP
OMP_NUM_THREADS=1 # results do not depend on it, and threads that wait for little cost more
export PYTHONPATH PYTHONDONTWRITEBYTECODE MFPIPE_BIN MFPIPE OMP_NUM_THREADS
unset MAKEFLAGS MFLAGS MAKELEVEL

test_expect_success 'tiny files in the formats of the sources' '
	python3 "$TOP/tests/cli/cookbook_data.py" &&
	msd-synth --users 300 --artists 80 --tracks unique_tracks.txt -o train_triplets.txt &&
	awk -F "<SEP>" "NR % 20 == 0 { printf \"ERROR: <%s %s> %s  -  %s  !=  Other  -  Other\n\", \$2, \$1, \$3, \$4 }" \
		unique_tracks.txt >sid_mismatches.txt
'

test_expect_success PYTHON 'the recipes run, and print what is shown' '
	python3 "$TOP/tests/cli/shown.py" "$TOP/docs/cookbook.md" >out; code=$?
	grep "left out" out | sed "s/^.*cookbook.md:/# /"; test $code -eq 0 || { cat out; false; }
'
test_done
