#!/bin/sh
test_description='examples/cluster: shards by GNU parallel, a Slurm array and Spark, beside one machine'
. "$(dirname "$0")/setup.sh"

C=$TOP/examples/cluster
unset MAKEFLAGS MFLAGS MAKELEVEL
export OMP_NUM_THREADS=1
cd "$SHARNESS_TEST_DIRECTORY" || exit # whose path has no blanks, which make cannot hold
msd-synth --users 80 --artists 60 --tracks tracks.txt -o triplets.txt
by () { # ENGINE...
	${MAKE:-make} -s -f "$C/Makefile" TRACKS=tracks.txt TRIPLETS=triplets.txt OUT=out N=3 PYTHON="$spark" compare ENGINES="$*"
}
parallel --version 2>/dev/null | grep -q "^GNU parallel" && test_set_prereq PARALLEL
sinfo -h -t idle,mixed,allocated 2>/dev/null | grep -q . && test_set_prereq SLURM
for spark in "$MFPIPE_SPARK_PYTHON" python3 # MFPIPE_SPARK_PYTHON=.../bin/python3 make check
do
	command -v java >/dev/null && "$spark" -c 'import pyspark' 2>/dev/null && test_set_prereq SPARK && break
done

test_expect_success 'one machine' '
	by && test -s out/one/lists.tsv && jq -e ".metrics[0].mean > 0" out/one/metrics.json >/dev/null
'
# As Slurm runs them: a copy of the script, elsewhere, that knows its task.
test_expect_success 'the script of the array, task by task' '
	mkdir tasks copy && cp "$C/array.sbatch" copy/script && cp out/one/plain.mf out/one/model.mf tasks &&
	export TRACKS="$PWD/tracks.txt" TRIPLETS="$PWD/triplets.txt" SLURM_ARRAY_TASK_COUNT=3 &&
	for stage in counts core lists metrics
	do
		for task in 3 1 2; do SLURM_ARRAY_TASK_ID=$task bash copy/script $stage tasks "$C" || return 1; done
		"$C/join.sh" $stage tasks 3 || return 1
	done &&
	for file in counts.mf core.mf lists.tsv metrics.json; do cmp out/one/$file tasks/$file || return 1; done &&
	test_expect_code 2 bash copy/script other tasks "$C"
'
test_expect_success PARALLEL 'GNU parallel' 'by parallel'
test_expect_success SLURM 'a Slurm array' 'by slurm'
test_expect_success SPARK 'the pipes of Spark' 'by spark 2>log || { cat log; false; }'
test_done
