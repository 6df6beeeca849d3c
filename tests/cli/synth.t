#!/bin/sh
test_description='msd-synth: data in the formats of the Million Song Dataset'
. "$(dirname "$0")/setup.sh"

likeness=$TOP/tests/cli/likeness.py
# mean, median, Gini and popularity ndcg@100 of the first lines of the original
original='17.5974 12 0.6200 0.1150'
small='--users 200 --artists 300'

test_expect_success 'the default data set' '
	msd-synth --tracks tracks --truth truth >plays 2>err && test ! -s err &&
	test $(cut -f1 plays | sort -u | wc -l) -eq 1600
'
test_expect_success 'is like the original: activity, popularity, ndcg of popularity' '
	python3 "$likeness" plays tracks $original &&
	msd-synth --seed 2 --tracks tracks.2 -o plays.2 &&
	python3 "$likeness" plays.2 tracks.2 $original
'
test_expect_success 'the test of likeness can fail' '
	msd-synth --artists-per-user 25 --tracks tracks.2 -o plays.2 &&
	test_must_fail python3 "$likeness" plays.2 tracks.2 $original
'
test_expect_success REALDATA 'the original is what it is said to be' '
	python3 "$likeness" "$DATA/msd/triplets.turi10000_head.tsv" \
		"$DATA/msd/unique_tracks.partial.txt" $original
'

# --- formats ---

test_expect_success 'triplets have the format of the original' '
	! grep -vqP "^[0-9a-f]{40}\tSO[A-Z]{5}[0-9A-F]{11}\t[1-9][0-9]*$" plays
'
test_expect_success 'tracks have the format of the original' '
	! grep -vqP "^TR[A-Z]{5}[0-9A-F]{11}<SEP>SO[A-Z]{5}[0-9A-F]{11}<SEP>[^\t]+<SEP>[^\t]+$" tracks
'
test_expect_success 'the truth is user, artist, persona' '
	! grep -vqP "^[0-9a-f]{40}\t[^\t]+\t[012]$" truth &&
	test $(cut -f3 truth | sort -u | wc -l) -eq 3
'
test_expect_success 'users are contiguous, ids unique, songs known' '
	test $(cut -f1 plays | uniq | wc -l) -eq $(cut -f1 plays | sort -u | wc -l) &&
	test $(cut -f1,2 plays | sort | uniq -d | wc -l) -eq 0 &&
	sed "s/<SEP>.*//" tracks | sort | uniq -d >double && test ! -s double &&
	sed "s/^[^<]*<SEP>//; s/<SEP>.*//" tracks | sort >songs && uniq -d songs >double &&
	test ! -s double &&
	cut -f2 plays | sort -u | comm -23 - songs >unknown && test ! -s unknown
'
test_expect_success 'names: some not ASCII, some with a guest, which fold away' '
	sed "s/^[^<]*<SEP>[^<]*<SEP>//; s/<SEP>.*//" tracks | sort -u >names &&
	test $(LC_ALL=C grep -cP "[\x80-\xff]" names) -gt 100 &&
	test $(grep -cE " feat\. | Featuring | \(ft\. " names) -gt 30 &&
	msd-aggregate -t tracks --min-artists 1 --stats stats plays >b &&
	python3 -c "import json; t = json.load(open(\"stats\"))[\"tracks\"]; assert t[\"artists\"] == 3000 < t[\"spellings\"]"
'
test_expect_success 'aggregated, the artists of a user are those of the truth' '
	python3 "$TOP/tests/cli/dump.py" cells b | cut -f1,2 | LC_ALL=C sort >actual &&
	cut -f1,2 truth | LC_ALL=C sort >expect && test_cmp expect actual
'

# --- personas ---

test_expect_success 'personas are distinct: artists that one taste joins for a user it joins for others' '
	cat >joined.py <<-\EOF &&
	import collections, itertools, sys
	users = collections.defaultdict(list)
	for line in open(sys.argv[1], encoding="utf-8"):
	    user, artist, persona = line.split("\t")
	    users[user].append((artist, persona))
	pairs = collections.defaultdict(lambda: [0, 0])
	for chosen in users.values():
	    for (a, p), (b, q) in itertools.combinations(sorted(chosen)[:60], 2):
	        pairs[a, b][p == q] += 1
	often = [n for n in pairs.values() if sum(n) >= 8]
	share = sum(max(n) for n in often) / sum(sum(n) for n in often)
	print(len(often), share)
	sys.exit(len(often) < 1000 or share < .8) # .66 is chance
	EOF
	python3 joined.py truth
'
test_expect_success 'no persona is empty in the mean, one persona is possible' '
	cut -f3 truth | sort | uniq -c | awk "\$1 < 7000 { exit 1 }" &&
	msd-synth $small --personas 1 --factors 1 --tracks t --truth one >p &&
	test "$(cut -f3 one | sort -u)" = 0 &&
	msd-synth $small --personas 64 --factors 64 --tracks t --truth many >p &&
	test $(cut -f3 many | sort -u | wc -l) -gt 40
'

# --- options ---

test_expect_success 'sizes are what was asked for' '
	msd-synth --users 77 --artists 400 --songs-per-artist 10 --tracks t -o p &&
	test $(cut -f1 p | uniq | wc -l) -eq 77 &&
	awk -v n=$(wc -l <t) "BEGIN { exit !(3600 < n && n < 4400) }" &&
	msd-synth $small --songs-per-artist 1 --tracks t -o p && test $(wc -l <t) -eq 300
'
test_expect_success 'the shape of the benchmarks: mean 40, median 24' '
	msd-synth --users 5000 --artists 10000 --artists-per-user 40 --tracks t --truth shape >p &&
	cut -f1 shape | uniq -c | sort -n | awk "
		{ n[NR] = \$1; sum += \$1 }
		END { mean = sum / NR; median = n[int(NR / 2)]; print mean, median
		      exit !(37 < mean && mean < 43 && 22 <= median && median <= 26) }"
'
test_expect_success 'one user, one artist' '
	msd-synth --users 1 --artists 1 --tracks t >p && test $(wc -l <t) -ge 1 && test -s p
'
test_expect_success 'more artists than there are: half of them, in time' '
	msd-synth --users 20 --artists 50 --artists-per-user 100000 --tracks t --truth half >p &&
	cut -f1 half | uniq -c | awk "\$1 != 25 { exit 1 }"
'

# --- the same bytes ---

test_expect_success 'threads change nothing, nor does a second run' '
	for threads in 1 2 3 8; do
		msd-synth -j $threads --tracks t --truth r >p || return 1
		cmp t tracks && cmp r truth && cmp p plays || return 1
	done
'
test_expect_success 'the seed changes everything' '
	msd-synth $small --seed 1 --tracks t.1 -o p.1 && msd-synth $small --seed 2 --tracks t.2 -o p.2 &&
	test $(sort t.1 t.2 | uniq -d | wc -l) -eq 0 && test $(sort p.1 p.2 | uniq -d | wc -l) -eq 0
'
test_expect_success 'the first users of a larger set are those of a smaller one' '
	msd-synth --users 6000 --tracks t -o p && cmp t tracks &&
	head -n $(wc -l <plays) p | cmp - plays
'

# --- errors ---

test_expect_success 'wrong usage exits with 2' '
	fails 2 "--tracks is needed" msd-synth &&
	fails 2 "nothing to read" msd-synth --tracks t plays &&
	fails 2 "need as many factors" msd-synth --tracks t --personas 17 &&
	fails 2 "need as many factors" msd-synth --tracks t --factors 2 &&
	fails 2 "--factors" msd-synth --tracks t --factors 65 &&
	fails 2 "--users" msd-synth --tracks t --users 0 &&
	fails 2 "--artists" msd-synth --tracks t --artists 0 &&
	fails 2 "--personas" msd-synth --tracks t --personas 0 &&
	fails 2 "--songs-per-artist" msd-synth --tracks t --songs-per-artist 0.5 &&
	fails 2 "--artists-per-user" msd-synth --tracks t --artists-per-user nan
'
test_expect_success 'a full disk is an error, whichever file it takes' '
	fails 1 "No space left" msd-synth $small --tracks /dev/full -o p &&
	fails 1 "No space left" msd-synth $small --tracks t --truth /dev/full -o p &&
	fails 1 "No space left" msd-synth $small --tracks t -o /dev/full &&
	fails 1 "cannot create" msd-synth $small --tracks no/such -o p
'
test_expect_success '-v says what was made' '
	msd-synth $small -v --tracks t 2>notes >p && grep -F "200 users, 300 artists" notes
'

test_done
