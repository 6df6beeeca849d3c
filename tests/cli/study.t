#!/bin/sh
test_description='examples/persona-study: the whole DAG at a tiny size, and what a changed word makes again'
. "$(dirname "$0")/setup.sh"

# The trash folder has a space in its name, which make cannot take.
OUT=$SHARNESS_TEST_DIRECTORY/study
mkdir "$OUT" && ln -s "$OUT" out
command -v gnuplot >/dev/null && test_set_prereq GNUPLOT
command -v chromium >/dev/null && test_set_prereq CHROMIUM
test -n "$TEST_FULL" && test_set_prereq FULL # a browser takes its time

# The study with words of its own; more words follow, the last one counts.
study () {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL ${MAKE:-make} -C "$TOP/examples/persona-study" \
		OUT="$OUT" SYNTH='--users 150 --artists 120' K='2 3' P='1 2' ITERATIONS=3 TIMES='0 1' COMPARE_K=4 "$@"
}
# Files of the stages, newer than the mark.
made () {
	find -L out -newer mark -type f ! -path 'out/words/*' | sort
}

test_expect_success 'the study runs, two jobs at a time' '
	study -j2 tables >log 2>&1 || { cat log; false; }
'

test_expect_success 'the table has every model, the baselines and their differences' '
	cut -f 1 out/results.tsv | sort -u >models &&
	for m in k2-p1 k2-p2-w0 k2-p2-w.5 k3-p1 k3-p2-w0 k3-p2-w.5 k3-p1-x0 k3-p2-w0-x0 k3-p2-w.5-x0 \
		k3-p1-dislike k3-p2-w0-dislike k3-p2-w.5-dislike always-0 always-1 popularity
	do
		grep -qxF -- "$m" models || { echo "no $m"; return 1; }
	done &&
	awk -F "\t" "NF != 18 { print FILENAME, NR; bad = 1 }
		NR > 1 && \$2 != \"\" && \$3 > 1 && (\$15 == \"\" || \$16 > \$15 || \$15 > \$17) { print; bad = 1 }
		END { exit bad }" out/results.tsv &&
	grep -q "k 3, p 2, hard mask, lambdas x 0 " out/results.md &&
	grep -q "k 3, p 2, overlap .5, dislike " out/results.md
'

test_expect_success 'always 0 is the root mean square of the held-out ratings, always 1 theirs about the mean' '
	mf-convert --to=tsv out/values.mf | awk -F "\t" "\$4 == 2 { n++; a += \$3 ^ 2; b += (\$3 - 1) ^ 2 }
		END { printf \"%.4f\n%.4f\n\", sqrt(a / n), sqrt(b / n) }" >want &&
	awk -F "\t" "\$9 == \"rmse\" && \$1 ~ /^always/ && !seen[\$1]++ { printf \"%.4f\n\", \$10 }" out/results.tsv >got &&
	test_cmp want got
'

test_expect_success 'the best iteration is that of the least validation error, the start included' '
	for m in k2-p1 k3-p2-w0
	do
		awk -F "\t" -v m=$m "\$1 == m { print \$5 \"\t\" \$2 }" out/curves.tsv >$m.curve &&
		test $(wc -l <$m.curve) = 4 &&
		test "$(sort -g $m.curve | head -n 1 | cut -f 2)" = "$(cat out/history/$m.best)" || return 1
	done
'

test_expect_success 'a second make does nothing' '
	touch mark && study tables >log && grep -q "Nothing to be done" log && made >files && test_must_be_empty files
'

test_expect_success 'another overlap trains its own models and no other' '
	cp out/results.tsv first.tsv && touch mark && study OVERLAP=.7 tables >log && made >files &&
	grep -qx out/models/k3-p2-w.7.mf files && grep -qx out/eval/k2.tsv files && grep -qx out/results.md files &&
	test $(grep -c "models/" files) = $(grep -c "models/.*w\.7" files) && ! grep -E "split.mf|values.mf|triplets|counts" files &&
	cut -f 1 out/results.tsv | grep -q "^k2-p2-w.7" && ! cut -f 1 out/results.tsv | grep -q "w\.5"
'

test_expect_success 'back again: no model is trained, and the table is what it was' '
	touch mark && study tables >log && made >files && ! grep models/ files && test_cmp first.tsv out/results.tsv
'

test_expect_success 'more iterations train all models and leave the data alone' '
	touch mark && study ITERATIONS=2 tables >log && made >files && grep -qx out/models/k2-p1.mf files &&
	! grep -E "split.mf|values.mf|triplets|counts" files
'

test_expect_success GNUPLOT 'the figures are drawn, in two formats, without complaints' '
	study figures >log 2>err && test_must_be_empty err &&
	for f in iterations best map extras
	do
		test $(wc -c <out/$f.png) -gt 5000 && grep -q "</svg>" out/$f.svg || return 1
	done
'

test_expect_success 'compare: plain, hard mask and overlap in the field'\''s metric' '
	study compare >log && for m in k4-p1 k4-p2-w0 k4-p2-w.5 popularity; do grep -q " $m" out/compare.txt || return 1; done &&
	grep -q "^metric .* less k4-p1.mf .* less popularity" out/compare.txt &&
	grep -Eq "^ +k4-p2-w.5.mf +[.0-9]+ [+]-[.0-9]+ +[0-9]+ +[-+][.0-9]+ [+]-" out/compare.txt
'

test_expect_success 'published: what the code summed, beside the true loss, which is that of mf-eval' '
	study tables >log && study PUBLISHED_AT="0 3" published >log && test $(wc -l <out/published.tsv) = 9 &&
	mf-eval -m loss --bootstrap 0 --no-header --format=tsv out/models/k2-p1.mf | awk "{ printf \"%.4g\n\", \$2; exit }" >want &&
	awk -F "\t" "\$1 == 2 && \$2 == 1 && \$3 == 3 { printf \"%.4g\n\", \$5 }" out/published.tsv >got &&
	test_cmp want got
'

# What a browser would stumble over: tags that do not match, ids that stand twice, and whatever
# is not in the page itself.
test_expect_success GNUPLOT,PYTHON 'one page has it all, and needs no other file' '
	study PUBLISHED_AT="0 3" figures page >log 2>err && test_must_be_empty err && grep -qx "$OUT/study.html" log &&
	python3 "$TOP/tests/cli/page.py" out/study.html >got && printf "%s\n" "svg 4" "table 6" "pre 14" >want && test_cmp want got &&
	awk -F "\t" "\$1 == \"k3-p2-w.5\" && \$9 == \"rmse\" { printf \"<td class=\\\"n\\\">%+.4f [%+.4f, %+.4f]</td></tr>\n\", \$15, \$16, \$17 }" out/results.tsv >row &&
	grep "^<tr><td>k 3, p 2, overlap .5</td>" out/study.html | head -n 1 | grep -qF "$(cat row)" &&
	grep -qF "<td class=\"n\">$(mf-info --format=json out/best/k2-p1.mf | jq -r .digest)</td>" out/study.html &&
	grep -qF "mf-transform --op=log2:0.8 --op=user-mean" out/study.html && grep -qF "K=&quot;2 3&quot; P=&quot;1 2&quot;" out/study.html &&
	! grep -F "$OUT" out/study.html
'

test_expect_success GNUPLOT,PYTHON 'the page says of how many models an interval is on one side of 0' '
	awk -F "\t" "NR > 1 && \$3 > 1 && \$4 == \".5\" && (\$9 == \"rmse\" || \$9 == \"ndcg@100\") {
			v = \$16 > 0 ? \"+\" : \$17 < 0 ? \"-\" : \"0\"; n[\$9, v]++; all[\$9]++ }
		END { print \"overlap .5\", all[\"rmse\"], n[\"rmse\", \"-\"] + 0, n[\"rmse\", \"0\"] + 0, n[\"rmse\", \"+\"] + 0,
			n[\"ndcg@100\", \"+\"] + 0, n[\"ndcg@100\", \"0\"] + 0, n[\"ndcg@100\", \"-\"] + 0 }" out/results.tsv >want &&
	grep "^<tr><td>overlap .5</td>" out/study.html | sed "s/<[^>]*>/ /g; s/  */ /g; s/^ //; s/ \$//" >got && test_cmp want got
'

test_expect_success GNUPLOT,FULL,CHROMIUM 'a browser shows it' '
	chromium --headless --no-sandbox --disable-gpu --user-data-dir="$PWD/browser" --window-size=1280,900 \
		--screenshot="$PWD/page.png" "file://$OUT/study.html" 2>log && test $(wc -c <page.png) -gt 30000 &&
	chromium --headless --no-sandbox --disable-gpu --user-data-dir="$PWD/browser" --dump-dom "file://$OUT/study.html" >dom 2>log &&
	test $(grep -c "<svg" dom) -eq 4 && grep -q "Loss by iteration" dom && grep -q "</html>" dom
'

test_expect_success 'counts from elsewhere, and a file that is not there' '
	study OUT="$OUT/other" COUNTS="$OUT/counts.mf" tables >log && test -s out/other/results.md &&
	! test -e out/other/triplets.txt &&
	test_must_fail study OUT="$OUT/none" TRIPLETS=nowhere.txt TRACKS=nowhere.txt tables >log 2>err &&
	grep -q "nowhere.txt" err && test_must_fail study OUT="a b" >log 2>err && grep -q "no spaces" err && ! test -e out/none/results.tsv
'

test_done
