#!/bin/sh
test_description='planted personas: found again, and worth having where taste has more dimensions than the model'
. "$(dirname "$0")/setup.sh"

for python in /usr/bin/python3 python3
do
	"$python" -c "import msgpack" 2>/dev/null && test_set_prereq MSGPACK && break
done

test_expect_success 'listeners with three tastes in 16 dimensions' '
	msd-synth --users 3000 --truth truth.tsv --tracks tracks.txt -o triplets.txt &&
	msd-aggregate --artist-key=exact --tracks tracks.txt triplets.txt | mf-split -o split.mf
'

# By chance .53 of all pairs agree; .70 do.
test_expect_success MSGPACK 'personas are those that were planted, far above chance' '
	mf-als -k 8 -p 3 split.mf -o model.mf &&
	PYTHONDONTWRITEBYTECODE=1 "$python" "$TOP/tests/cli/agreement.py" model.mf truth.tsv >agreement &&
	cat agreement && awk "\$1 < \$2 + .1 || \$3 < .3 { exit 1 }" agreement
'

wins () { # K OPTIONS...: personas are better than plain ALS in ndcg@100
	k=$1; shift
	mf-als -k $k -p 1 split.mf -o plain.mf && mf-als -k $k -p 3 "$@" split.mf -o personas.mf &&
	mf-eval --bootstrap 300 -m ndcg@100 --no-header --format=tsv plain.mf personas.mf >table &&
	awk -F"\t" "\$8 != \"\" { n++; if (!(\$3 > 0)) exit 1 } END { exit n != 1 }" table
}

test_expect_success 'with 6 factors they win, its interval above 0' '
	wins 6 --overlap 0.5 && wins 6 --overlap 0 --shrink 0
'

test_done
