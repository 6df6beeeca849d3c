#!/bin/sh
test_description='what cells that nobody has weigh: W0 in units of density, and by popularity'
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
	mf-als -v -k 2 -p 2 -u 9x -l .01 abc.mf -o units.mf 2>said &&
	grep "^mf-als: W0 is 5: 9 times the density of the training cells, 0.5556$" said && grep "^mf-als: lambda is 0.01 for users, 0.01 for items$" said &&
	mf-als -v -k 2 -p 2 -u 5 -l .01 abc.mf -o plain.mf 2>said && ! grep "W0 is" said &&
	numbers units.mf >got && numbers plain.mf >want && test_cmp want got &&
	mf-info units.mf >info && grep " unobserved 5," info && grep -e " --unobserved=9x " info &&
	mf-info --format=json units.mf | jq -e ".model.unobserved == 5" &&
	mf-als -k 2 -p 2 -u 9.0x -l .01 abc.mf -o again.mf && cmp units.mf again.mf &&
	mf-als -k 2 -p 2 -u 0x -l .01 abc.mf -o units.mf && mf-als -k 2 -p 2 -u 0 -l .01 abc.mf -o plain.mf && cmp plain.mf units.mf
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
	fails 2 "--unobserved: '\''8X'\'' is not a number; did you mean '\''8x'\''? or see" mf-als -u 8X abc.mf &&
	fails 2 "--unobserved: '\''8xx'\'' is not a number, nor one times the density, such as 8x, nor auto" mf-als -u 8xx abc.mf &&
	fails 2 "--unobserved: -1 is not in 0 .." mf-als -u -1x abc.mf &&
	fails 2 "unobserved: the study" mf-als --preset=study -u 0x abc.mf
'

# v and w alone have weights: 2 items for 5 factors, and no ridge.
test_expect_success 'without lambda, more factors than items that weigh are an error with every solver' '
	printf "a\tw\t1\nb\tv\t1\nc\tv\t1\nb\tx\t0\nc\tx\t0\nc\ty\t0\n" | mf-convert --from=tsv -o thin.mf &&
	for k in 3 4 5
	do for solver in auto cholesky dual cg:2
		do fails 1 "cannot be solved: it is singular or overflows; raise --lambda" mf-als -p 1 -n 0 --preset=wrmf -u .1 \
			-l 0 -k $k --solver $solver --unobserved-by popularity:1 thin.mf || return 1
		done
	done
'

# Of v, w, x and z, v and w have 2 cells, x 1, and z none that says something: h is 1.2, 1.2, .6
# and 0. u is the sum of the vectors of what a user has, over W0 (sum of h v^2) + (sum of v^2 of
# those) + lambda (cells + W0 3); the loss is as in mf-als(1).
test_expect_success PYTHON 'popularity: users and the loss are what they are by hand' '
	mf-als -k 1 -p 1 -n 12 -u .5 -l .1 --unobserved-by popularity:1 --log log abc.mf -o pop.mf &&
	mf-convert --part=items --to=npy pop.mf >items.npy && mf-convert --part=users --to=npy pop.mf >users.npy &&
	tail -n 1 log | jq .loss >loss &&
	python3 - <<-"EOF"
	import numpy as np
	v, u = np.load("items.npy").ravel(), np.load("users.npy").ravel()
	h, has = np.array([1.2, 1.2, .6, 0]), [[0, 1], [0], [1, 2]]
	for user, items in enumerate(has):
	    a = .5 * (h * v * v).sum() + (v[items] ** 2).sum() + .1 * (len(items) + .5 * 3)
	    assert abs(v[items].sum() / a - u[user]) < 1e-5, user
	assert u[3] == 0 and v[3] == 0 and abs(u[0]) > .1
	want = sum(((1 - u[user] * v[items]) ** 2).sum() for user, items in enumerate(has))
	want += .5 * (np.outer(u * u, v * v) * h).sum()
	want += sum(.1 * (n + .5 * 3) * x * x for n, x in zip([2, 1, 2], u))
	want += sum(.1 * (n + .5 * w * 4) * x * x for n, w, x in zip([2, 2, 1], h, v))
	assert abs(float(open("loss").read()) - want) < 1e-5 * want, want
	EOF
'

test_expect_success 'it is said, in card and provenance, and what has no effect is not' '
	mf-info pop.mf >info && grep "unobserved by popularity, power 1$" info &&
	grep -e " --unobserved-by=popularity:1 " info && mf-info --format=json pop.mf | jq -e ".model.popularity == 1 and .model.preset == \"implicit\"" &&
	mf-als -k 2 abc.mf -o plain.mf &&
	for none in none popularity:0 popularity:0.0
	do mf-als -k 2 --unobserved-by $none abc.mf -o none.mf && cmp plain.mf none.mf || return 1
	done &&
	! mf-info plain.mf | grep popularity &&
	mf-als -k 2 -u 0 abc.mf -o plain.mf && mf-als -k 2 -u 0 --unobserved-by popularity:2 abc.mf -o none.mf && cmp plain.mf none.mf
'

test_expect_success 'a new user of the cells of a known one has the same scores, with ratings or without' '
	for preset in implicit wrmf
	do
		mf-als --preset=$preset -k 2 -p 1 -u 9x --unobserved-by popularity:.7 abc.mf -o pop.mf &&
		mf-als --preset=$preset -k 2 -p 1 -u 9x --unobserved-by popularity:.7 --factors-only abc.mf -o factors.mf &&
		printf "v\t5\nw\t1\n" >history &&
		mf-recommend --user a pop.mf | cut -f 2- >want && grep x want &&
		mf-recommend --history history pop.mf | cut -f 2- >got && test_cmp want got &&
		mf-recommend --history history factors.mf | cut -f 2- | grep -v z >got && grep -v z want >less && test_cmp less got &&
		mf-convert --join abc.mf factors.mf -o joined.mf && cmp pop.mf joined.mf || return 1
	done
'

test_expect_success 'a run by popularity that was interrupted goes on to the same bytes' '
	by="-k 3 -p 2 -u 9x --warmup 3 --unobserved-by popularity:.5" &&
	mf-als $by -n 8 abc.mf -o whole.mf &&
	mf-als $by -n 5 abc.mf --checkpoint c -o part.mf &&
	mf-als $by -n 8 --resume c abc.mf -o resumed.mf && cmp whole.mf resumed.mf &&
	fails 1 "made with unobserved-by popularity:0.5, not nothing" mf-als -k 3 -p 2 -u 9x --warmup 3 -n 8 --resume c abc.mf
'

test_expect_success 'the loss never rises' '
	for preset in implicit wrmf
	do
		for more in "-p 1" "-p 2 --init gaussian" "-p 2 --init gaussian --solver=cg:1"
		do
			mf-als --preset=$preset -k 2 -u 2x $more -n 8 --unobserved-by popularity:.5 --log log abc.mf -o m.mf &&
			jq -es "[.[].loss] | . as \$l | length > 16 and all(range(1; length); \$l[.] <= \$l[. - 1] * (1 + 1e-6))" log || return 1
		done
	done
'

test_expect_success 'a popularity that is none' '
	fails 2 "--unobserved-by: '\''pop'\'' is none of popularity:G, none" mf-als --unobserved-by pop abc.mf &&
	for bad in "" x nan .5x
	do fails 2 "--unobserved-by: '\''$bad'\'' is not a number" mf-als --unobserved-by "popularity:$bad" abc.mf || return 1
	done &&
	fails 2 "--unobserved-by: 4.1 is not in 0 .. 4" mf-als --unobserved-by popularity:4.1 abc.mf &&
	for preset in study explicit
	do fails 2 "unobserved-by: in $preset a cell that nobody has does not weigh by popularity" mf-als --preset=$preset --unobserved-by popularity:1 abc.mf || return 1
	done
'

test_expect_success 'cells that are chance get twice the lambda, whatever their order, threads and seed' '
	awk "BEGIN { srand(3); for (u = 0; u < 400; u++) for (c = 0; c < 6; c++) print \"u\" u \"\\ti\" int(300 * rand() ^ 3) \"\\t1\" }" >chance.tsv &&
	mf-convert --from=tsv -q chance.tsv -o chance.mf && sort -r chance.tsv | mf-convert --from=tsv -q -o turned.mf &&
	mf-als -v -k 2 -p 1 -n 1 chance.mf -o a.mf 2>said &&
	grep "^mf-als: the training cells are sparse or noisy: lambda is 2 times what their numbers alone say$" said &&
	mf-als -v -k 4 -p 1 -n 1 -j 1 --seed 7 turned.mf -o b.mf 2>again &&
	sed -n "/lambda is/p" said >want && sed -n "/lambda is/p" again >got && test_cmp want got &&
	mf-als -v -k 2 -p 1 -n 1 -l .01 chance.mf -o c.mf 2>said && ! grep noisy said
'

test_done
