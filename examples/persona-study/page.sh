#!/bin/bash
# page.sh OUT COMMAND MODELS FIGURES < WORDS: the study as one page of HTML, which needs no
# other file and no network: what was found, figures, tables, the words of the experiment, and the
# commands and digests of all that was made. WORDS are lines NAME, TAB, value.
set -e -o pipefail
here=$(dirname "$0") out=$1 command=$2 models=$3 figures=$4
part () { awk -f "$here/page.awk" -v part="$@"; }
info () { mf-info --format=json "$1"; }

caption () {
    case $1 in
    iterations) echo 'Training loss, and the error on validation cells, iteration by iteration; below, the same from iteration 1. The random start is iteration 0.' ;;
    best) echo 'The error on test cells after the best iteration by validation cells, and its paired difference from plain ALS of the same k. Bars are 95 % intervals over users.' ;;
    map) echo 'The same as a map: factors by personas, one for each overlap. Darker is better.' ;;
    extras) echo 'Other lambdas, and few plays as a dislike, at one k: paired differences from plain ALS with the same settings.' ;;
    esac
}

cat <<'END'
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The persona study</title>
<style>
body { margin: 0 auto; max-width: 1200px; padding: 1rem 1.5rem 4rem; font: 16px/1.5 "Source Sans 3", "Noto Sans", "DejaVu Sans", sans-serif; color: #222; background: #fff }
h1 { font-size: 1.9rem; margin: 1rem 0 .25rem } h2 { font-size: 1.3rem; margin: 2.5rem 0 .5rem; border-bottom: 1px solid #ccc }
p { max-width: 46rem } figure { margin: 1.5rem 0 } figcaption { color: #444; max-width: 46rem }
svg { display: block; max-width: 100%; height: auto }
.wide { overflow-x: auto } table { border-collapse: collapse; font-size: .88rem; margin: .75rem 0 }
th, td { padding: .15rem .8rem; text-align: left; white-space: nowrap } th { border-bottom: 2px solid #888 }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums } tr.first td { border-top: 1px solid #bbb }
pre { overflow-x: auto; background: #f5f5f2; padding: .75rem 1rem; font-size: .82rem; line-height: 1.4 }
code { font-size: .9em } a { color: #0b5a94 } nav a { margin-right: 1.2rem } summary { cursor: pointer }
</style>
</head>
<body>
<h1>The persona study</h1>
<nav><a href="#found">What was found</a><a href="#figures">Figures</a><a href="#tables">Tables</a><a href="#words">Words</a><a href="#commands">Commands</a><a href="#provenance">Provenance</a></nav>
<p>Is a listener better described by several points in taste space than by one? Play counts are
factorized by alternating least squares with several <em>personas</em> a user: each cell of a history
belongs to one persona, and counts for the others as much as the overlap says. With a hard mask that is
nothing; plain ALS has one persona. The loss is the squared error on ratings that were held out.</p>
END
info "$out/values.mf" | jq -r '"<p>The data: \(.users) users, \(.items) items and \(.nnz) cells, of which \(.folds.train) are training cells, \(.folds.valid) validation cells and \(.folds.test) test cells.</p>"'

echo '<h2 id="found">What was found</h2>'
echo '<p>How many of the models with several personas are better or worse than plain ALS of the same k, lambdas and values: the 95 % interval of the paired difference, bootstrapped over users, lies on one side of 0.</p>'
part verdict "$out/results.tsv"

echo '<h2 id="figures">Figures</h2>'
[ -n "$figures" ] || echo '<p>There are none: gnuplot was not there.</p>'
for f in $figures; do
    echo '<figure>'
    part svg -v name="$f" "$out/$f.svg"
    echo "<figcaption>$(caption "$f")</figcaption></figure>"
done

echo '<h2 id="tables">Tables</h2>'
part tables "$out/results.md"
if [ -e "$out/compare.txt" ]; then
    echo '<h3>In the metric of the field: implicit feedback, default settings</h3><pre>'
    part text "$out/compare.txt"
    echo '</pre>'
fi
if [ -e "$out/published.tsv" ]; then
    echo "<h3>What the study's code measured in place of a held-out loss</h3>"
    part tsv "$out/published.tsv"
fi

echo '<h2 id="words">The words of the experiment</h2>'
part words

echo '<h2 id="commands">Commands</h2><p>All of it:</p><pre>'
part text <<< "$command"
echo '</pre><p>What this runs for each model:</p>'
for m in $models; do
    echo "<details><summary><code>$m</code></summary><pre>"
    mf-info "$out/best/$m.mf" | sed '1,/^provenance$/d' | part text
    echo '</pre></details>'
done

echo '<h2 id="provenance">Provenance</h2>'
printf '<p>Made with %s. The same data and words give the same bytes: digests of the models, and of the cells that each was trained on and measured with.</p>\n' "$(mf-als --version | part text)"
{
    printf 'model\tdigest\ttraining cells\theld-out cells\n'
    for m in $models; do
        info "$out/best/$m.mf" | jq -r --arg m "$m" '[$m, .digest, .model.train, .model.held_out] | @tsv'
    done
} | part tsv
echo '</body>'
echo '</html>'
