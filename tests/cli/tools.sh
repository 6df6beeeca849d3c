# Sourced after setup.sh by tests that go over all tools: a small job for each.
GOLDEN=$TOP/tests/golden

# Inputs of a dozen lines, in the current folder.
small_inputs () {
	printf '%s<SEP>%s<SEP>%s<SEP>%s\n' TR1 SO1 Abba 'Eins' TR2 SO2 Can 'Vitamin C' TR3 SO3 'Sun Ra' Space \
		TR4 SO4 'Neu!' Hero TR5 SO5 Abba 'SOS' >tracks.txt &&
	printf '%s\t%s\t%s\n' ann SO1 3 ann SO2 1 ann SO5 2 bob SO3 7 bob SO4 1 cid SO1 1 cid SO2 1 cid SO3 1 \
		dee SO4 9 dee SO1 2 >triplets.txt &&
	printf 'user\titem\tcount\nann\tAbba\t3\nann\tCan\t2\nbob\tCan\t1\n' >counts.tsv &&
	printf 'abba\t3\nкино\n' >history.txt &&
	printf 'ann\tabba\nbob\tкино\t2\nann\tcan\t.5\n' >histories.txt &&
	"$BUILD"/bin/mf-convert --to=tsv $GOLDEN/persona-model.mf | cut -f 1,2 >pairs.txt
}

# Every tool that is built, and more than once what works in more than one way.
all_jobs () {
	for tool in "$BUILD"/bin/*-*
	do
		tool=${tool##*/}
		if test $tool = mf-convert
		then echo mf-convert-to; echo mf-convert-from; echo mf-convert-join
		elif test $tool = mf-recommend
		then echo mf-recommend; echo mf-recommend-new; echo mf-recommend-many; echo mf-recommend-similar
			echo mf-recommend-why; echo mf-recommend-mmr
		else echo $tool
		fi
	done
}

# job NAME: set tool, args, input (standard input) and kind (of the output).
job () {
	tool=$1 args= input=/dev/null kind=binary
	case $1 in
	msd-aggregate) args='--tracks tracks.txt --min-artists 1' input=triplets.txt ;;
	msd-synth) args='--users 20 --artists 30 --tracks made.txt' kind=text ;;
	mf-split) args='--test 0.3' input=$GOLDEN/counts.mf ;;
	mf-filter) args='--value >=2 --min-items 2 --core' input=$GOLDEN/split.mf ;;
	mf-transform) args='-e log2:1' input=$GOLDEN/split.mf ;;
	mf-als) args='-k 2 -p 2 -n 2 -j 1' input=$GOLDEN/split.mf ;;
	mf-tune) args='-q -k 2 -p 2 -n 1 --space overlap --trials 3 -j 1' input=$GOLDEN/split.mf ;;
	mf-eval) args='-j 1' input=$GOLDEN/persona-model.mf kind=text ;;
	mf-recommend) args='-j 1' input=$GOLDEN/persona-model.mf kind=text ;;
	mf-recommend-new) tool=mf-recommend args='-j 1 --history history.txt --exclude history.txt' input=$GOLDEN/persona-model.mf kind=text ;;
	mf-recommend-many) tool=mf-recommend args='-j 1 --histories histories.txt' input=$GOLDEN/persona-model.mf kind=text ;;
	mf-recommend-why) tool=mf-recommend args='-j 1 --explain --diversify=personas --format=json' input=$GOLDEN/persona-model.mf kind=text ;;
	mf-recommend-mmr) tool=mf-recommend args='-j 1 --rarity=.2 --diversify=mmr:.5' input=$GOLDEN/persona-model.mf kind=text ;;
	mf-recommend-similar) tool=mf-recommend args='-j 1 --similar abba' input=$GOLDEN/persona-model.mf kind=text ;;
	mf-score) args="-j 1 $GOLDEN/persona-model.mf" input=pairs.txt kind=text ;;
	mf-info) input=$GOLDEN/persona-model.mf kind=text ;;
	mf-convert-to) tool=mf-convert args='--to=tsv' input=$GOLDEN/counts.mf kind=text ;;
	mf-convert-from) tool=mf-convert args='--from=tsv --header' input=counts.tsv ;;
	mf-convert-join) tool=mf-convert args="--join $GOLDEN/counts.mf" ;;
	*) echo "tests/cli/tools.sh has no job for $1" >&2; return 1 ;;
	esac
}
