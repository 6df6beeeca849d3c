#!/bin/sh
test_description='examples/plots: tables with the right numbers, and pictures of them'
. "$(dirname "$0")/setup.sh"

# The trash folder has a space in its name, which make cannot take.
OUT=$SHARNESS_TEST_DIRECTORY/plots
HERE=$TOP/examples/plots
mkdir "$OUT" && ln -s "$OUT" out
command -v gnuplot >/dev/null && test_set_prereq GNUPLOT
plots () {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL ${MAKE:-make} -s -C "$HERE" OUT="$OUT" \
		SYNTH='--users 150 --artists 120' TRAIN='-k 3 -n 2' PERSONAS=2 TUNE='-k 3 -p 1 -n 2 --trials 3' \
		K='2 3' P='1 2' OPTIONS='-n 2' SLICES=2 N=5 WAYS='mmr:.8 personas:.4' METRIC=ndcg@9 "$@"
}

# A log whose histories are divided after sweep 1, and one without validation cells.
cat >out/a.log <<\END
{"iteration": 0, "half": "start", "loss": 9.5, "prediction": 1, "users": 1, "items": 1, "rmse": 0.9, "valid": 0.1, "moved": 0.0, "seconds": 1}
{"iteration": 1, "half": "items", "loss": 8, "prediction": 1, "users": 1, "items": 1, "rmse": null, "valid": null, "moved": 0.0, "seconds": 1}
{"iteration": 1, "half": "users", "loss": 7, "prediction": 1, "users": 1, "items": 1, "rmse": 0.8, "valid": 0.2, "moved": 0.0, "seconds": null}
{"iteration": 1, "half": "cluster", "loss": 11, "prediction": 1, "users": 1, "items": 1, "rmse": 0.7, "valid": 0.3, "moved": 0.0, "seconds": 1}
END
sed 's/"valid": [.0-9][.0-9]*/"valid": null/; 4d' out/a.log >out/b.log

test_expect_success GNUPLOT 'convergence of a log: half sweeps, and a new part where histories are divided' '
	plots convergence LOG="$OUT/a.log" >got 2>err && test_must_be_empty err && echo "$OUT/convergence.svg" | test_cmp - got &&
	{ printf "run\tpart\tsweep\tloss\tmetric\twhat\n" &&
	printf "a\t%s\tndcg@9 on validation cells\n" "1	0	9.5	0.1" "1	0.5	8	-" "1	1	7	0.2" "2	1	11	0.3"; } >want &&
	test_cmp want out/convergence.tsv && grep -q ">a, histories divided<" out/convergence.svg
'

test_expect_success GNUPLOT 'where a run has no validation cells, the error on training cells is shown of all' '
	plots convergence LOG="$OUT/a.log $OUT/b.log" >got 2>err && test_must_be_empty err &&
	awk -F "\t" "NR > 1 { print \$1, \$3, \$5, \$6 }" out/convergence.tsv >got && cat >want <<-\END &&
	a 0 0.9 rmse on training cells
	a 0.5 - rmse on training cells
	a 1 0.8 rmse on training cells
	a 1 0.7 rmse on training cells
	b 0 0.9 rmse on training cells
	b 0.5 - rmse on training cells
	b 1 0.8 rmse on training cells
	END
	test_cmp want got
'

# log(metric) = -1 - .1 xx - .05 xy - .2 yy + .02 y, x and y in octaves from the first trial; the
# dropped trial has its metric after two sweeps, which is half of what it were.
trial () {
	awk -v OFS='\t' -v x=$1 -v y=$2 -v s=$3 'BEGIN { z = exp(-1 - .1 * x * x - .05 * x * y - .2 * y * y + .02 * y)
		print sprintf("%.9gx", 8 * 2 ^ x), .02 * 2 ^ y, s == "short" ? 6 : 2, s == "short" ? z : z / 2, z / 2, 0.1, s }'
}
{
	printf '# mf-tune 0.1.0\n# data 00\n# options --factors=4 --metric=ndcg@20 --seed=1\n'
	printf 'unobserved\tlambda\tsweeps\tmetric\tearly\tseconds\tstatus\n'
	for at in '0 0' '1 0' '-1 0' '0 1' '0 -1' '2 -1' '.5 -.5'; do trial $at short; done
	trial 2 1 dropped
	printf '8x\t0.02\t12\t0.4\t-\t1\twhole\n32x\t0.02\t6\t-\t-\t1\tfailed\n'
} >out/trials.tsv

test_expect_success GNUPLOT 'surface: the quadratic that the trials were made of is found again' '
	plots surface TRIALS="$OUT/trials.tsv" >got 2>err && test_must_be_empty err &&
	cut -f 1 out/surface.tsv | sort | uniq -c | sed "s/^ *//" >got &&
	printf "1 dropped\n7 short\n1 status\n1 whole\n" >want && test_cmp want got &&
	sed -n 2p out/surface.tsv | cut -f 2,3,6- >got &&
	printf "8\t0.02\tW0 of unobserved cells, times the density of the cells\tlambda (ridge)\tndcg@20\n" >want && test_cmp want got &&
	grep "^c[1-6]\|fitted" out/surface.fit | awk "{ printf \"%s %.3f\n\", \$1, \$3 }" >got &&
	printf "%s\n" "fitted 1.000" "c1 -1.000" "c2 0.000" "c3 0.020" "c4 -0.100" "c5 -0.050" "c6 -0.200" | sed "s/-0.000/0.000/" >want &&
	sed "s/-0.000/0.000/" got | test_cmp want - && grep -q ">dropped after 2 sweeps<" out/surface.svg
'

test_expect_success GNUPLOT 'surface: other axes, one axis, and what is no log' '
	plots surface TRIALS="$OUT/trials.tsv" AXES="lambda unobserved" >got 2>err && test_must_be_empty err &&
	test "$(sed -n 2p out/surface.tsv | cut -f 2,3)" = "0.02	8" &&
	cut -f 2- out/trials.tsv | sed "1s/.*/# mf-tune 0.1.0/; 2s/.*/# data 0/; 3s/.*/# options --metric=rmse/" >out/one.tsv &&
	plots surface TRIALS="$OUT/one.tsv" >got 2>err && test_must_be_empty err && grep -q "fitted = 0" out/surface.fit && grep -q ">rmse<" out/surface.svg &&
	test_must_fail plots surface TRIALS="$OUT/a.log" 2>err && grep -q "this is no log of mf-tune" err &&
	test_must_fail plots surface TRIALS="$OUT/trials.tsv" AXES="lambda factors" 2>err && grep -q "factors was not searched" err
'

test_expect_success 'factors: gains in per cent of the first of the same k, and so of its intervals' '
	printf "%s\n" "ndcg@9	.2	.1	.3	50	o/k4-p1.mf				0" "ndcg@9	.25	.2	.3	50	o/k4-p3.mf				0" \
		"ndcg@9	.05	-.01	.06	50	o/k4-p3.mf		o/k4-p1.mf	.1		" "ndcg@9	.5	.4	.6	50	o/k8-p1.mf				0" \
		"ndcg@9	.4	.3	.5	50	o/k8-p3.mf				0" "ndcg@9	-.1	-.2	0	50	o/k8-p3.mf		o/k8-p1.mf	.1		" |
		awk -f "$HERE/factors.awk" >got &&
	printf "%s\n" "p	k	mean	low	high	gain	gain_low	gain_high	what" "1	4	.2	.1	.3	-	-	-	ndcg@9" \
		"3	4	.25	.2	.3	25	-5	30	ndcg@9" "1	8	.5	.4	.6	-	-	-	ndcg@9" "3	8	.4	.3	.5	-20	-40	0	ndcg@9" >want &&
	test_cmp want got
'

test_expect_success 'frontier: changes in per cent of the list by score' '
	printf "%s\n" "ndcg@5	.2	.1	.3	70	m.mf				0" "ndcg@5	.1	.1	.3	70	mmr:.8				0" \
		"ndcg@5	-.01	-.02	.005	70	mmr:.8		m.mf	.1		" "tastes@5	2	1	3	70	m.mf				0" \
		"tastes@5	2.5	1	3	70	mmr:.8				0" "tastes@5	.5	.4	.6	70	mmr:.8		m.mf	.1		" |
		awk -f "$HERE/frontier.awk" | sed 1d >got &&
	echo "mmr	.8	-5	-10	2.5	25	20	30	.2	2	5	70" >want && test_cmp want got
'

test_expect_success GNUPLOT,PYTHON 'all six, with nothing given' '
	plots all >got 2>err && test_must_be_empty err &&
	printf "$OUT/%s.svg\n" convergence surface factors activity frontier listener | test_cmp - got &&
	python3 -c "
import sys, xml.etree.ElementTree as tree
for name in sys.argv[1:]:
    texts = [t.text or \"\".join(t.itertext()) for t in tree.parse(f\"out/{name}.svg\").iter(\"{http://www.w3.org/2000/svg}text\")]
    print(name, *(t.strip() for t in texts), sep=\"|\")" convergence surface factors activity frontier listener >texts &&
	grep "^convergence|.*|ndcg@9 on validation cells|" texts && grep "^convergence|.*|sweep|plain|" texts &&
	grep "^surface|.*|lambda (ridge)|" texts && grep "^factors|.*|gain in ndcg@9 (%)|" texts && grep "^factors|.*|factors k|" texts &&
	grep "^activity|.*|known cells of a user (training and fold-in)|" texts &&
	grep "^frontier|.*|mmr:L|" texts && grep "^listener|.* one listener|" texts
'

test_expect_success GNUPLOT,PYTHON 'the numbers are those of mf-eval' '
	mf-eval -q -m ndcg@9 --by=activity:2 --baseline=popularity --format=tsv --no-header out/plain.mf out/personas.mf |
		awk -F "\t" "\$8 == \"\" && \$10 != \"\" { sub(/.*\//, \"\", \$6); sub(/.mf\$/, \"\", \$6); print \$6, \$5, \$2, \$3, \$4 }" >want &&
	test $(wc -l <want) -eq 6 && awk -F "\t" "NR > 1 { print \$1, \$3, \$6, \$7, \$8 }" out/activity.tsv >got && test_cmp want got &&
	mf-recommend -q -N 5 --diversify=mmr:.8 out/personas.mf >list && mf-eval -q -m ndcg@5 --lists list=x --format=tsv --no-header out/personas.mf |
		awk -F "\t" "NR == 1 { base = \$2 } \$8 != \"\" { printf \"%.4f\n\", 100 * \$2 / base }" >want &&
	awk -F "\t" "\$1 == \"mmr\" { printf \"%.4f\n\", \$3 }" out/frontier.tsv >got && test_cmp want got
'

test_expect_success GNUPLOT,PYTHON 'a second make does nothing, and another word makes its own picture again' '
	touch mark && sleep 0.01 && plots all >got 2>err && find -L out -newer mark -type f | sort >made && test_must_be_empty made &&
	plots activity SLICES=3 >got 2>err && find -L out -newer mark -type f | sort >made &&
	printf "out/%s\n" activity.svg activity.tsv words/activity | test_cmp - made
'

test_expect_success GNUPLOT 'models of ones own, a file that is not there, and a folder with a space' '
	plots activity MODEL="$OUT/plain.mf $OUT/factors/k3-p2.mf" BASELINE= >got 2>err &&
	cut -f 1 out/activity.tsv | sort -u >got && printf "k3-p2\nmodel\nplain\n" | test_cmp - got &&
	test_must_fail plots activity MODEL=nowhere.mf 2>err && grep -q "nowhere.mf" err &&
	test_must_fail plots all OUT="a b" 2>err && grep -q "no spaces" err
'

test_done
