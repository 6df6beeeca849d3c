#!/bin/sh
test_description='mf-als and mf-tune by several processes, under MPI'
. "$(dirname "$0")/setup.sh"

OMP_NUM_THREADS=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# waiting ranks sleep: the cores are fewer than they are
OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_btl_base_warn_component_unused=0
export OMP_NUM_THREADS OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM OMPI_MCA_mpi_yield_when_idle \
	OMPI_MCA_rmaps_base_oversubscribe OMPI_MCA_btl_base_warn_component_unused

if ! command -v mpicc >/dev/null || ! command -v mpirun >/dev/null
then
	skip_all='no mpicc and mpirun: make deps-mpi'
	test_done
fi
# Open MPI alone is asked not to talk of what the ranks return.
mpirun --version | grep -q "Open MPI" && hush=-q
$MAKE --no-print-directory -s -C "$TOP" BUILD="$BUILD" "$BUILD/mpi/mf-als" "$BUILD/tests/fault/io_fault.so" ${TEST_FULL:+"$BUILD/mpi/mf-tune"} >build.log 2>&1 || {
	cat build.log
	test_expect_success 'the programs with MPI are built' false
	test_done
}
# ranks N COMMAND...: by N processes (where "MPI does not start", mpirun has said so)
ranks () {
	n=$1
	tool=$2
	shift 2
	mpirun $hush -n $n "$BUILD/mpi/$tool" -j1 "$@"
}

msd-synth -q --users 300 --artists 150 --tracks tracks.txt --seed 4 -o plays.txt
msd-aggregate -q --tracks tracks.txt plays.txt | mf-split --test .1 --valid .1 -o split.mf
mf-convert --to=tsv split.mf | cut -f 1,2 | sort >pairs.txt

# near MODEL MODEL: the scores of all pairs, of all folds, are the same to 1e-4.
near () {
	mf-score -q $1 pairs.txt >scores.1 && mf-score -q $2 pairs.txt >scores.2 &&
	test $(wc -l <scores.1) -gt 1000 &&
	paste scores.1 scores.2 | awk -F'\t' '{ d = $3 - $(NF / 2 + 3); s += $3 * $3; d = d < 0 ? -d : d; worst = d > worst ? d : worst }
		END { print worst, sqrt(s / NR); exit !(worst < 1e-4 && sqrt(s / NR) > .05) }'
}

test_expect_success 'what several processes train is what one does, with validation, patience and personas' '
	mf-als -k 8 -p 3 split.mf -o one.mf && ranks 3 mf-als -k 8 -p 3 -v split.mf -o three.mf 2>notes && near one.mf three.mf &&
	mf-info one.mf | grep -E "digests|^ +best" >one.info && mf-info three.mf | grep -E "digests|^ +best" | cmp - one.info &&
	grep "ranks: 3; a rank receives in a sweep Gram matrices .* % of .* s in communication" notes
'

test_expect_success 'the same bytes again' '
	ranks 3 mf-als -k 8 -p 3 split.mf -o again.mf && cmp again.mf three.mf
'

test_expect_success 'many factors: conjugate gradients and duals' '
	mf-als -q -k 130 -p 1 -n 3 -v split.mf -o wide.mf && ranks 2 mf-als -k 130 -p 1 -n 3 split.mf -o wide2.mf && near wide.mf wide2.mf
'

test_expect_success 'a shard a rank, which join to the bytes of the whole, and are read again' '
	ranks 2 mf-als -k 8 -n 3 split.mf -o whole.mf && ranks 2 mf-als -k 8 -n 3 split.mf -o model.%r.mf &&
	mf-info --check model.0.mf && mf-info --check model.1.mf && mf-convert --join model.1.mf model.0.mf | cmp - whole.mf &&
	mf-filter --shard 1/2 split.mf -o part.0.mf && mf-filter --shard 2/2 split.mf -o part.1.mf &&
	ranks 2 mf-als -k 8 -n 3 part.%r.mf -o shard.%r.mf && mf-convert --join shard.0.mf shard.1.mf -o joined.mf &&
	near whole.mf joined.mf
'

test_expect_success 'shards of fewer users than ranks join to the bytes of the whole, and not without one of them' '
	printf "a\tx\nb\tx\nb\ty\n" | mf-convert -q --from=tsv --columns=1,2 | mf-filter -q --keep-empty -o few.mf &&
	ranks 3 mf-als -q -k 2 few.mf -o few.whole.mf && ranks 3 mf-als -q -k 2 few.mf -o few.%r.mf &&
	mf-info few.2.mf | grep "^users  *0$" && mf-info few.2.mf | grep -e "--shard=3/3" &&
	mf-convert --join few.2.mf few.0.mf few.1.mf | cmp - few.whole.mf &&
	test_must_fail mf-convert --join few.0.mf few.1.mf -o some.mf 2>err && grep "shard 3/3 is missing; name all of them" err &&
	test ! -e some.mf
'

# in the second rank alone, that call fails
cat >faulty <<-EOF
	case "\$OMPI_COMM_WORLD_RANK\$PMI_RANK" in 1*)
		export MF_FAULT_CALL=\$CALL MF_FAULT_HOW=EIO MF_FAULT_AT=0 MF_FAULT_NAMED=1 LD_PRELOAD=$BUILD/tests/fault/io_fault.so
	esac
	exec "$BUILD/mpi/mf-als" -q -j1 -k 2 few.mf -o gone.%r.mf
EOF

test_expect_success 'a rank whose output cannot appear takes those of the others with it' '
	for CALL in fsync rename
	do
		export CALL
		test_must_fail mpirun $hush -n 2 sh faulty 2>err && grep "gone.1.mf: cannot .*: Input/output error" err &&
		test $(wc -l <err) -eq 1 && test -z "$(find . -name "*gone*")" || return 1
	done
'

test_expect_success 'a checkpoint goes on with another number of ranks' '
	mf-als -k 8 -n 2 --checkpoint state split.mf -o two.mf && ranks 2 mf-als -k 8 -n 3 --resume state split.mf -o on2.mf && near whole.mf on2.mf
'

test_expect_success 'a rank that is killed ends all, without a model, and the checkpoint is whole' '
	{ ranks 2 mf-als -k 64 -p 1 -n 10000 --checkpoint kept split.mf -o never.mf 2>died || echo $? >code; } &
	mpi=$! &&
	for i in $(seq 200); do test -e kept && break; sleep .1; done &&
	kill -9 $(for p in /proc/[0-9]*; do
		test "$(readlink $p/cwd)" = "$PWD" && tr "\0" "\n" <$p/environ 2>/dev/null | grep -qxE "(OMPI_COMM_WORLD|PMI)_RANK=1" &&
			basename $p; done) &&
	wait $mpi && test -s code && test ! -e never.mf && test -z "$(find . -name "never*")" &&
	mf-als -k 64 -p 1 -n 2 --resume kept split.mf 2>&1 >/dev/null | grep "more than 2" &&
	test $(grep -c mf-als: died) -le 1
'

test_expect_success 'an error is one line, whichever rank has it' '
	test_must_fail ranks 2 mf-als -k 8 plays.txt -o x.mf 2>err && test $(wc -l <err) -eq 1 && grep "not a bundle" err &&
	ln -s part.0.mf twice.0.mf && ln -s part.0.mf twice.1.mf &&
	test_must_fail ranks 2 mf-als twice.%r.mf -o x.%r.mf 2>err && test $(wc -l <err) -eq 1 &&
	grep "is in several shards; put them together with mf-convert --join, and give mf-als the whole" err &&
	test ! -e x.mf && test ! -e x.0.mf &&
	test_must_fail ranks 2 mf-als few.mf -o missing/x.%r.mf 2>err && test $(wc -l <err) -eq 1 && grep "missing/x.0.mf: cannot create" err &&
	test_must_fail ranks 2 mf-als few.mf -o x.%r.mf --checkpoint state.%r 2>err && test $(wc -l <err) -eq 1 &&
	grep "^mf-als: --checkpoint: .state.%r.: %r, the number of a rank, can be in the names of the ratings and the model of mf-als alone, under mpirun; name one file" err &&
	{ test -z "$hush" || { test_must_fail ranks 2 mf-als few.mf 2>err && test $(wc -l <err) -eq 1 &&
	grep "several ranks write to a file, as mpirun shows a terminal to standard output: name one with -o FILE; see" err; }; }
'

test_expect_success 'a process of its own has no number' '
	for where in "few.mf -o x.%r.mf" "few.%r.mf -o x.mf" "few.mf -o x.mf --log %r.log" "few.mf -o x.mf --resume %r.state" "--init=%r.mf few.mf -o x.mf"
	do
		test_must_fail mf-als $where 2>err && test $(wc -l <err) -eq 1 && grep "%r, the number of a rank, can be" err || return 1
	done &&
	for where in "few.mf -o x.%r.mf" "few.%r.mf -o x.mf" "few.mf -o x.mf --log %r.log"
	do
		test_must_fail mf-tune $where 2>err && test $(wc -l <err) -eq 1 && grep "^mf-tune: .*%r, the number of a rank, can be" err || return 1
	done &&
	test -z "$(find . -name "*%r*")"
'

test_expect_success 'without MPI, processes that were started together are told' '
	test_must_fail mpirun $hush -n 2 mf-als -k 8 split.mf -o x.mf 2>err &&
	grep "one of 2 processes that were started together, but built without MPI: each would train alone; build with .make MPI=1." err
'

test_expect_success 'models of several trainings, or with common users, do not join' '
	mf-als -k 8 -n 2 part.0.mf -o a.mf && mf-als -k 8 -n 2 part.1.mf -o b.mf &&
	test_must_fail mf-convert --join a.mf b.mf 2>err &&
	grep "b.mf: its item vectors are not those of a.mf; models are joined that one training has written, a shard a rank" err
'

if test -n "$TEST_FULL"
then
	test_expect_success 'every kind of model, by two and by four ranks' '
		for options in "-k 12 -p 1" "-k 40 --solver=cg:2 -p 2 --warmup=1" "-k 12 -p 2 --warmup=1" "-k 9 -p 2 --init=gaussian" "-k 12 --preset=explicit" \
			"-k 12 -p 2 --preset=wrmf" "-k 130 --preset=wrmf" "-k 12 -p 2 --preset=study" "-k 12 --unobserved-by=popularity:.5" \
			"-k 12 --confidence=linear:.1" "-k 20 --solver=cg:3" "-k 12 -l 1e-9" "-k 130 -l 1e-9" "-k 30 --solver=cg:2 --patience=1 --warmup=1"
		do
			mf-als -q -n 3 $options split.mf -o one.mf || return 1
			for n in 2 4
			do
				ranks $n mf-als -q -n 3 $options split.mf -o more.mf 2>err && near one.mf more.mf ||
					{ echo "$n: $options"; cat err; return 1; }
			done
		done
	'

	test_expect_success 'models of shards that were read join where one is empty, and where they are of different makes, but all of them' '
		for i in 1 2 3 4 5; do mf-filter -q --shard $i/5 few.mf -o hash.$((i - 1)).mf || return 1; done &&
		ranks 5 mf-als -q -k 2 hash.%r.mf -o hashed.%r.mf && mf-info hashed.2.mf | grep "^users  *0$" &&
		mf-convert --join hashed.?.mf -o hashed.mf && mf-info --check hashed.mf && mf-info hashed.mf | grep "^users  *2$" &&
		printf "u\tx\n" | mf-convert -q --from=tsv --columns=1,2 -o make.0.mf && printf "v,y\n" | mf-convert -q --from=csv --columns=1,2 -o make.1.mf &&
		printf "w\tx\n" | mf-convert -q --from=tsv --columns=1,2 -o make.2.mf && ranks 3 mf-als -q -k 2 make.%r.mf -o made.%r.mf &&
		mf-convert --join made.?.mf -o made.mf && mf-info made.mf | grep "^users  *3$" &&
		test_must_fail mf-convert --join made.0.mf made.2.mf 2>err && grep "shard 2/3 is missing; name all of them" err
	'

	test_expect_success 'of one rank the bytes are those of a process; a bundle may come through the pipe of mpirun' '
		mf-als -k 8 -p 3 split.mf -o one.mf && ranks 1 mf-als -k 8 -p 3 -o single.mf <split.mf && cmp single.mf one.mf &&
		ranks 2 mf-als -k 8 -p 3 -o piped.mf <split.mf && ranks 2 mf-als -k 8 -p 3 -o named.mf split.mf && cmp piped.mf named.mf
	'

	test_expect_success 'a checkpoint of three ranks goes on with one, with two, and with three to the same bytes' '
		ranks 3 mf-als -k 8 -n 4 split.mf -o all.mf && ranks 3 mf-als -k 8 -n 2 --checkpoint state split.mf -o two.mf &&
		mf-als -k 8 -n 4 --resume state split.mf -o on1.mf && ranks 2 mf-als -k 8 -n 4 --resume state split.mf -o on2.mf &&
		ranks 3 mf-als -k 8 -n 4 --resume state split.mf -o on3.mf && near all.mf on1.mf && near all.mf on2.mf && cmp all.mf on3.mf
	'

	test_expect_success 'wrong usage is one line' '
		test_must_fail ranks 2 mf-als -k 0 split.mf -o x.mf 2>err && test $(wc -l <err) -eq 1 && grep "0 is not in" err &&
		test_must_fail ranks 2 mf-als --init one.mf split.mf -o x.mf 2>err && test $(wc -l <err) -eq 1 &&
		grep "several ranks begin from cluster or gaussian, not from a model; train with one process" err &&
		test_must_fail ranks 2 mf-als part.%r.mf -o x.mf 2>err &&
		grep "the ratings are a shard a rank, and so is the model: -o model.%r.mf, which mf-convert --join puts together" err
	'

	test_expect_success 'mf-tune finds what it finds with one process, and goes on from its log' '
		mf-tune -q -k 4 -p 1 --trials 3 --print split.mf >options && ranks 2 mf-tune -q -k 4 -p 1 --trials 3 --print split.mf -o options2 && cmp options2 options &&
		ranks 2 mf-tune -q -k 4 -p 1 --trials 3 --log log split.mf -o t.mf && ranks 3 mf-tune -q -k 4 -p 1 --trials 4 --log log split.mf -o t2.mf &&
		mf-info --check t.mf && mf-info --check t2.mf
	'
fi

test_done
