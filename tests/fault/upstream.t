#!/bin/sh
test_description='the stage before dies, or a bundle is damaged: no tool takes what came for a bundle'
. "$(dirname "$0")/../cli/setup.sh"
. "$TOP/tests/cli/tools.sh"

# Each tool that reads a bundle, and other ways to read one.
test_expect_success 'jobs on bundles' '
	small_inputs &&
	for name in $(all_jobs)
	do
		job $name
		case $input in *.mf) printf "%s\\t%s\\t%s\\n" "$input" $kind "$tool $args" ;; esac
	done >jobs &&
	for stage in "mf-split" "mf-transform -e tfidf" "mf-als -q -k 2 -p 1 -n 1" "mf-filter --min-items 2 --core" "mf-convert --join -"
	do
		printf "%s\\tbinary\\t%s\\n" "$GOLDEN/split.mf" "$stage"
	done >>jobs &&
	for part in "mf-convert --to=npz" "mf-convert --to=mtx" "mf-convert --to=ndjson" "mf-convert --to=lists --separator=|" \
		"mf-convert --part=history --to=tsv" "mf-convert --part=users --to=npy" "mf-info --format=json" \
		"mf-eval --format=json" "mf-recommend --format=trec" "mf-score - pairs.txt"
	do
		printf "%s\\ttext\\t%s\\n" "$GOLDEN/persona-model.mf" "$part"
	done >>jobs
'

if test -n "$TEST_FULL"
then cuts=200 flips=200 frames=1000
else cuts=0 flips=1 frames=1
fi
damaged () { # WHAT N
	python3 "$TOP/tests/fault/upstream.py" "$@" <jobs >counts
	status=$?
	counted counts && test $status -eq 0
}
test_expect_success 'cut after every frame, within every frame, and anywhere' '
	damaged cuts $cuts
'
test_expect_success 'with a bit that is another one' '
	damaged flips $flips
'
test_expect_success 'with a frame too few or too many, in another order, with something behind' '
	damaged frames $frames
'

test_done
