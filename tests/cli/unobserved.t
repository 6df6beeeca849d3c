#!/bin/sh
test_description='what cells that nobody has weigh: W0 in units of density'
. "$(dirname "$0")/setup.sh"

# 5 cells of 3 x 3 places; user d and item z have a cell that says nothing.
cells='a\tv\t5\na\tw\t1\nb\tv\t2\nc\tw\t1\nc\tx\t1\n'
printf "$cells" | mf-convert --from=tsv -o bare.mf
printf "${cells}d\tz\t0\n" | mf-convert --from=tsv -o abc.mf

# numbers MODEL: the factors.
numbers () {
	mf-convert --part=users --to=tsv $1 && mf-convert --part=items --to=tsv $1
}

test_expect_success 'W0 times the density is that number, in the card and under -v' '
	mf-als -v -k 2 -p 2 -u 9x abc.mf -o units.mf 2>said &&
	grep "^mf-als: W0 is 5: 9 times the density of the training cells, 0.5556$" said &&
	mf-als -v -k 2 -p 2 -u 5 abc.mf -o plain.mf 2>said && ! grep "W0 is" said &&
	numbers units.mf >got && numbers plain.mf >want && test_cmp want got &&
	mf-info units.mf >info && grep " unobserved 5," info && grep -e " --unobserved=9x " info &&
	mf-info --json units.mf | jq -e ".model.unobserved == 5" &&
	mf-als -k 2 -p 2 -u 9.0x abc.mf -o again.mf && cmp units.mf again.mf &&
	mf-als -k 2 -p 2 -u 0x abc.mf -o units.mf && mf-als -k 2 -p 2 -u 0 abc.mf -o plain.mf && cmp plain.mf units.mf
'

test_expect_success 'what says nothing, and cells held out, do not count' '
	mf-als -v -k 2 -p 1 -u 9x bare.mf 2>said >bare && grep "W0 is 5:" said &&
	printf "${cells}a\tx\t1\td\nb\tz\t1\td\n" | sed "s/\td$/\tvalid/; /valid/!s/$/\ttrain/" >folds.tsv &&
	mf-convert --from=tsv --columns=1,2,3,4 folds.tsv -o folds.mf &&
	mf-info folds.mf | grep "train 5, validation 2" &&
	mf-als -v -k 2 -p 1 -u 9x folds.mf 2>said >held && grep "W0 is 5:" said
'

test_expect_success 'a new user is placed with the stored number' '
	mf-als -k 2 -p 2 -u 9x abc.mf -o units.mf && mf-als -k 2 -p 2 -u 5 abc.mf -o plain.mf &&
	printf "v\nx\n" >likes &&
	mf-recommend --history likes units.mf >got && mf-recommend --history likes plain.mf >want &&
	test_cmp want got && test -s got
'

test_expect_success 'a run that was interrupted goes on with the same option, to the same bytes' '
	mf-als -k 2 -p 2 -u 9x -n 8 --warmup 5 abc.mf -o whole.mf &&
	mf-als -k 2 -p 2 -u 9x -n 6 --warmup 5 abc.mf --checkpoint c -o part.mf &&
	mf-als -k 2 -p 2 -u 9x -n 8 --warmup 5 --resume c abc.mf -o resumed.mf && cmp whole.mf resumed.mf &&
	fails 1 "made with unobserved 9x, not 5" mf-als -k 2 -p 2 -u 5 -n 8 --warmup 5 --resume c abc.mf
'

test_expect_success 'a W0 that is none' '
	for bad in x 8X nanx infx 8xx 0x10x "8 x" " 8x" ""
	do fails 2 "--unobserved: " mf-als -u "$bad" abc.mf && grep -q "is not a number" fails.err || return 1
	done &&
	fails 2 "--unobserved: -1 is not in 0 .." mf-als -u -1x abc.mf &&
	fails 2 "unobserved: the study" mf-als --preset=study -u 0x abc.mf
'

test_done
