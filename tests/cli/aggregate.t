#!/bin/sh
test_description='msd-aggregate: triplets and track list to a bundle'
. "$(dirname "$0")/setup.sh"

tab=$(printf '\t')
cells () { python3 "$TOP/tests/cli/dump.py" cells "$1"; }
stat_of () { python3 -c "import json,sys; s=json.load(open(sys.argv[1])); print(*(s[k] for k in sys.argv[2:]))" "$@"; }
# triplets NAME: standard input, fields parted by blanks, as a file with tabs
triplets () { tr ' ' '\t' >"$1"; }
# cells_are BUNDLE: its cells are those on standard input, "user|item|count"
cells_are () { tr '|' '\t' >expect && cells "$1" >actual && test_cmp expect actual; }

cat >tracks <<'EOF'
TR1<SEP>S1<SEP>Björk<SEP>Jóga
TR2<SEP>S2<SEP>Bjork feat. X<SEP>Hunter
<SEP>S3<SEP>Björk<SEP>Army of <SEP> Me
TR4<SEP>S4<SEP>КИНО<SEP>
TR5<SEP>S5<SEP>宇多田ヒカル<SEP>First Love
TR6<SEP>S6<SEP>Abba<SEP>SOS
TR7<SEP>S6<SEP>Blur<SEP>SOS
EOF
triplets plays <<'EOF'
u1 S1 2
u2 S4 1
u1 S2 3
u1 S6 1
u2 S5 7
u1 S1 4
u3 S6 9
u2 S9 1
EOF

# --- keys and levels ---

test_expect_success 'spellings merge under the folding key, the most frequent is shown' '
	msd-aggregate -t tracks plays --stats stats >b &&
	cells_are b <<-EOF &&
	u1|Abba|1
	u1|Björk|9
	u2|КИНО|1
	u2|宇多田ヒカル|7
	EOF
	test "$(stat_of stats lines kept unknown mismatch filtered)" = "8 6 1 0 1" &&
	test "$(stat_of stats users items cells plays)" = "2 4 4 18" &&
	test "$(stat_of stats dropped)" = "{'\''users'\'': 1, '\''items'\'': 0}" &&
	test "$(stat_of stats tracks)" = \
		"{'\''lines'\'': 7, '\''repeated'\'': 1, '\''spellings'\'': 6, '\''artists'\'': 5}"
'
test_expect_success 'the exact key keeps spellings apart' '
	msd-aggregate -t tracks --artist-key=exact plays >b &&
	cells_are b <<-EOF
	u1|Abba|1
	u1|Bjork feat. X|3
	u1|Björk|6
	u2|КИНО|1
	u2|宇多田ヒカル|7
	EOF
'
test_expect_success 'the ascii key merges all other scripts, as the study did' '
	msd-aggregate -t tracks --artist-key=ascii --min-artists 1 plays >b &&
	cells_are b <<-EOF
	u1|Abba|1
	u1|Björk|9
	u2|КИНО|8
	u3|Abba|9
	EOF
'
test_expect_success 'of spellings as frequent the first by bytes is shown' '
	printf "%s\n" "T<SEP>S1<SEP>abba<SEP>" "T<SEP>S2<SEP>ABBA<SEP>" >tie &&
	printf "u\tS1\t1\n" | msd-aggregate -t tie --min-artists 1 >b &&
	echo "u|ABBA|1" | cells_are b
'
test_expect_success 'song level' '
	msd-aggregate --level=song -t tracks plays >b &&
	cells_are b <<-EOF
	u1|S1|6
	u1|S2|3
	u1|S6|1
	u2|S4|1
	u2|S5|7
	EOF
'
test_expect_success 'song level without a track list knows every song' '
	msd-aggregate --level=song --min-artists 3 plays >b &&
	cells_are b <<-EOF
	u1|S1|6
	u1|S2|3
	u1|S6|1
	u2|S4|1
	u2|S5|7
	u2|S9|1
	EOF
'

# --- what is left out ---

printf '%s\n' 'ERROR: <S5 TR5> a  -  b  !=  c  -  d' 'ERROR: <S6 TR6> a  -  b  !=  c  -  d' \
	'ERROR: <S9 TR9> a  -  b  !=  c  -  d' >wrong
printf '%s\n' '9d8' '< ERROR: <S5 TR5> a  -  b  !=  c  -  d' '19,20d17' '---' '' \
	'ERROR: <S7 TR5> a  -  b  !=  c  -  d' >fine

test_expect_success 'mismatches go before the lookup, and are counted' '
	msd-aggregate -t tracks -x wrong --min-artists 1 --stats stats plays >b &&
	printf "%s\n" "u1|Björk|9" "u2|КИНО|1" | cells_are b &&
	test "$(stat_of stats lines kept unknown mismatch filtered)" = "8 4 0 4 0"
'
test_expect_success 'what was accepted stays, in both ways of writing it' '
	msd-aggregate -t tracks --mismatches wrong --accepted fine --min-artists 1 \
		--stats stats plays >b &&
	printf "%s\n" "u1|Björk|9" "u2|КИНО|1" "u2|宇多田ヒカル|7" | cells_are b &&
	test "$(stat_of stats lines kept unknown mismatch filtered)" = "8 5 0 3 0"
'
test_expect_success 'an unknown song is an error if asked' '
	fails 1 "plays:8: song '\''S9'\'' is not in the track list" \
		msd-aggregate -t tracks --unknown=error plays &&
	msd-aggregate -t tracks --unknown=drop plays >b
'

triplets chain <<'EOF'
a S1 1
a S4 1
b S4 1
b S5 1
c S5 1
c S6 1
d S6 1
d S1 1
d S5 1
e S6 1
EOF
test_expect_success 'listeners are counted first, then artists, once' '
	msd-aggregate -t tracks --artist-key=exact --min-listeners 3 --stats stats chain >b &&
	printf "%s\n" "c|Abba|1" "c|宇多田ヒカル|1" "d|Abba|1" "d|宇多田ヒカル|1" | cells_are b &&
	test "$(stat_of stats lines kept filtered)" = "10 4 6" &&
	test "$(stat_of stats dropped)" = "{'\''users'\'': 3, '\''items'\'': 2}"
'
test_expect_success '--core repeats both minimums until they hold' '
	fails 1 "nothing is left of 10 lines" \
		msd-aggregate -t tracks --artist-key=exact --min-listeners 3 --core chain &&
	msd-aggregate -t tracks --artist-key=exact --min-listeners 2 --min-artists 2 --core chain >b &&
	cells b | cut -f1 | sort | uniq -c | awk "\$1 < 2 { exit 1 }" &&
	cells b | cut -f2 | sort | uniq -c | awk "\$1 < 2 { exit 1 }"
'
test_expect_success '--core agrees with repeated passes on random data' '
	awk "BEGIN { srand(5); for (n = 0; n < 4000; n++) printf \"u%d\tS%d\t1\n\", 600 * rand() ^ 2, 300 * rand() ^ 2 }" >random &&
	msd-aggregate --level=song --min-artists 5 --min-listeners 7 --core random | cat >core &&
	python3 - random <<-\EOF >expect &&
	import sys, collections
	c = collections.Counter(tuple(l.split()[:2]) for l in open(sys.argv[1]))
	while True:
	    item = collections.Counter(i for _, i in c)
	    user = collections.Counter(u for u, _ in c)
	    left = {k: n for k, n in c.items() if item[k[1]] >= 7 and user[k[0]] >= 5}
	    if len(left) == len(c):
	        break
	    c = left
	for (u, i), n in sorted(c.items()):
	    print(u, i, n, sep="\t")
	EOF
	test -s expect && cells core >actual && test_cmp expect actual
'

# --- the same bytes ---

test_expect_success 'neither order nor files change a byte' '
	awk "BEGIN { srand(7); for (n = 0; n < 30000; n++) printf \"u%d\tS%d\t%d\n\", 900 * rand(), 7 * rand(), 1 + 9 * rand() }" >many &&
	msd-aggregate -t tracks many >whole &&
	sort -k2 many >sorted && msd-aggregate -t tracks -j 3 --seed 9 sorted >b && cmp whole b &&
	head -n 9999 sorted >one && tail -n +10000 sorted >two &&
	msd-aggregate -t tracks two one >b && cmp whole b &&
	msd-aggregate -t tracks one - <two >b && cmp whole b &&
	sed "s/$/\r/" many >crlf && msd-aggregate -t tracks crlf >b && cmp whole b &&
	msd-aggregate -t tracks -o b many && cmp whole b &&
	sed "s/$/\r/" tracks >crlf.tracks && msd-aggregate -t crlf.tracks many >b && cmp whole b
'
test_expect_success 'shards are disjoint, make up the whole, and say who is in them' '
	cells whole | sort >expect &&
	for i in 1 2 3; do
		msd-aggregate -t tracks --shard $i/3 --stats stats.$i many >shard.$i || return 1
		stat_of stats.$i lines other_shards | awk "{ exit \$1 + \$2 != 30000 }" || return 1
	done &&
	for i in 1 2 3; do cells shard.$i; done | sort >actual && test_cmp expect actual &&
	python3 "$TOP/tests/cli/dump.py" prov shard.2 | grep -F "\"shard\": \"2/3\""
'
test_expect_success 'a shard without users is an empty bundle' '
	printf "u\tS1\t1\nu\tS4\t1\n" >lone &&
	for i in 1 2 3 4; do msd-aggregate -t tracks --shard $i/4 lone >lone.$i || return 1; done &&
	for i in 1 2 3 4; do cells lone.$i; done >actual &&
	test $(wc -l <actual) -eq 2
'
test_expect_success 'provenance has options and digests of inputs, no file names' '
	msd-aggregate -t tracks -x wrong --accepted fine --core --min-listeners 2 many >b &&
	python3 "$TOP/tests/cli/dump.py" prov b >prov &&
	for word in "\"core\": \"true\"" "\"min-listeners\": \"2\"" "\"artist-key\": \"fold\"" \
		"\"triplets\"" "\"tracks\"" "\"mismatches\"" "\"accepted\""; do
		grep -qF "$word" prov || return 1
	done &&
	! grep -qE "many|wrong|fine" prov
'
test_expect_success '-v accounts for every line' '
	msd-aggregate -v -t tracks plays 2>notes >b &&
	grep -F "8 lines = 6 kept + 1 unknown song + 0 mismatch + 1 filtered" notes &&
	grep -F "2 users, 4 artists, 4 cells, 18 plays" notes
'

# --- memory, threads, blocks ---

# 60,000 users, 300,000 lines in no order, some users long; more than 5 MB
awk 'BEGIN { srand(3); for (n = 0; n < 300000; n++)
	printf "user%d\tsong%d\t%d\n", n % 7 ? 60000 * rand() : 5, 900 * rand() ^ 2, 1 + 9 * rand() }' >large
awk 'BEGIN { for (n = 0; n < 900; n++) printf "T<SEP>song%d<SEP>Artist %d<SEP>x\n", n, n % 300 }' >large.tracks
# peak COMMAND...: run it to the file b, print the most memory that it had, in kB
peak () {
	python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=open("b", "wb"))
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@"
}
test_expect_success 'threads, memory and blocks do not change a byte' '
	msd-aggregate -t large.tracks -j 1 large >whole &&
	sort large >sorted &&
	for j in $(sampled "1 2 3 8" "1 3"); do
		msd-aggregate -t large.tracks -j $j sorted >b && cmp whole b || return 1
		for size in $(sampled "1M 4m 1G" 1M); do
			cat large | msd-aggregate -t large.tracks -j $j --memory $size >b &&
				cmp whole b || return 1
		done
	done
'
test_expect_success 'so it is for songs without a list, and with every minimum' '
	for options in "" "--min-listeners 60 --min-artists 3" "--core --min-listeners 100 --min-artists 4"; do
		msd-aggregate --level=song $options --stats one large >whole &&
		msd-aggregate --level=song $options --stats two --memory 1M --tmpdir . -v large 2>notes >b &&
		grep -q "through temporary files" notes && cmp whole b && cmp one two || return 1
	done
'
test_expect_success 'temporary files go to --tmpdir, or TMPDIR, and leave nothing' '
	mkdir -p spill && msd-aggregate -t large.tracks --memory 1M --tmpdir spill large >b &&
	test -z "$(ls -A spill)" &&
	fails 1 "missing: cannot create a temporary file" \
		msd-aggregate -t large.tracks --memory 1M --tmpdir missing large &&
	TMPDIR=absent fails 1 "absent: cannot create a temporary file" \
		msd-aggregate -t large.tracks --memory 1M large &&
	TMPDIR=absent msd-aggregate -t large.tracks large >b &&
	test -z "$(ls -A spill)"
'
test_expect_success 'a full disk while spilling is an error' '
	(ulimit -f 100; trap "" XFSZ; fails 1 "temporary file in .: cannot write: File too large" \
		msd-aggregate -t large.tracks --memory 1M --tmpdir . -o never large) &&
	! test -e never
'
test_expect_success 'memory does what it says' '
	awk "BEGIN { for (u = 0; u < 40000; u++) for (s = 0; s < 40; s++) printf \"u%d\\tsong%d\\t1\\n\", u, s * 20 }" >wide &&
	msd-aggregate -t large.tracks wide >whole &&
	peak msd-aggregate -j 2 -t large.tracks --memory 16M wide >bounded && cmp whole b &&
	{ nm -D "$(command -v msd-aggregate)" | grep -q asan || test $(cat bounded) -lt 26000; }
'
test_expect_success 'the first error is told, with its line, by any number of threads' '
	sed "123456s/.*/bad/; 123999s/.*/worse/; 299999s/.*/x/" large >wrong.lines &&
	for j in 1 2 7; do
		fails 1 "wrong.lines:123456: line has not" msd-aggregate -j $j -t large.tracks wrong.lines &&
		fails 1 "wrong.lines:123456: line has not" \
			msd-aggregate -j $j -t large.tracks --memory 1M large wrong.lines || return 1
	done &&
	sed "200000s/song/none/; 200001s/.*/bad/" large >wrong.song &&
	fails 1 "wrong.song:200000: song '\''none" msd-aggregate -t large.tracks --unknown=error wrong.song
'
test_expect_success 'of the sums that are too large the same is told, whatever the memory' '
	{ printf "zoe\tsong1\t4294967295\nzoe\tsong1\t1\n"; cat large
		printf "ann\tsong2\t4294967295\nann\tsong9\t7\nann\tsong302\t1\nann\tsong1\t4294967295\nann\tsong1\t1\n"
	} >sums.lines &&
	for size in 1M 1G; do
		fails 1 "user '\''ann'\'', item '\''Artist 1'\''" \
			msd-aggregate -j 3 -t large.tracks --memory $size --tmpdir . sums.lines &&
		fails 1 "user '\''ann'\'', item '\''song1'\''" \
			msd-aggregate --level=song --memory $size --tmpdir . sums.lines || return 1
	done
'
test_expect_success 'one huge user, one user a line, lines of a megabyte' '
	awk "BEGIN { for (n = 0; n < 400000; n++) printf \"u\\tsong%d\\t1\\n\", n * 7919 % 900 }" >one &&
	msd-aggregate -t large.tracks -j 3 --memory 1M one >b && cells b >sums &&
	test $(wc -l <sums) -eq 300 && test $(awk "{ n += \$NF } END { print n }" sums) -eq 400000 &&
	awk "BEGIN { for (n = 0; n < 200000; n++) printf \"u%d\\tsong1\\t1\\n\", n }" >each &&
	msd-aggregate -t large.tracks --min-artists 1 --memory 1M each >b &&
	test "$(cells b | sort -u | wc -l)" -eq 200000 &&
	python3 -c "print(*(\"u%d\\t%s\\t%s\" % (i, \"s\" * 65535, 1 if i % 2 else \"0\" * 980000 + \"3\") for i in range(40)), sep=\"\\n\")" >long &&
	msd-aggregate --level=song --min-artists 1 -j 3 long >b && test "$(cells b | cut -f3 | sort | uniq -c | xargs)" = "20 1 20 3"
'

# --- dirt: accepted ---

ok () { # NAME CELLS: the file "dirt" gives these cells
	test_expect_success "accepted: $1" "
		msd-aggregate -t tracks --min-artists 1 dirt >b && printf '%s\n' $2 | cells_are b
	"
}
printf 'u\tS6\t1' >dirt;                        ok 'no newline at the end' '"u|Abba|1"'
printf '\357\273\277u\tS6\t1\n' >dirt;          ok 'a byte order mark' '"u|Abba|1"'
printf 'u\tS6\t1\r\nu\tS6\t2\r\n' >dirt;        ok 'CRLF' '"u|Abba|3"'
printf 'u\tS6\t1\nu\tS6\t1\n' >dirt;            ok 'a pair twice: summed' '"u|Abba|2"'
printf 'u\tS6\t007\n' >dirt;                    ok 'leading zeros' '"u|Abba|7"'
printf 'u\tS6\t4294967295\n' >dirt;             ok 'the largest count' '"u|Abba|4294967295"'
printf 'u v\tS6\t1\n\303\251\tS6\t1\n' >dirt;   ok 'blanks and UTF-8 in an id' '"u v|Abba|1" "é|Abba|1"'
printf 'u\tS6\t1\nu\ts6\t1\n' >dirt;            ok 'a song in the wrong case is unknown' '"u|Abba|1"'
printf 'u\tS6\t4294967294\nu\tS6\t1\n' >dirt;   ok 'the largest sum' '"u|Abba|4294967295"'

# --- dirt: refused, with file and line ---

refused () { # NAME TEXT: the file "dirt" is refused with the text
	cp dirt "dirt.$((fixture = fixture + 1))"
	test_expect_success "refused: $1" "
		fails 1 \"$2\" msd-aggregate -t tracks --min-artists 1 dirt.$fixture &&
		fails 1 \"$2\" msd-aggregate --level=song -o never --min-artists 1 dirt.$fixture &&
		test_path_is_missing never
	"
}
test_path_is_missing () { ! test -e "$1"; }
good='u\tS6\t1\n'
three='line has not the three fields'
count='is not a whole number from 1 to 4294967295'
printf "${good}u\tS6\n" >dirt;              refused 'a field too few' ":2: $three"
printf "${good}u\tS6\t1\t1\n" >dirt;        refused 'a field too many' ":2: $three"
printf "${good}u\tS6\t1\t\n" >dirt;         refused 'a tab at the end' ":2: $three"
printf "${good}\n${good}" >dirt;            refused 'an empty line' ":2: $three"
printf "${good}u S6 1\n" >dirt;             refused 'blanks for tabs' ":2: $three"
printf "user,song,n\n" >dirt;               refused 'CSV' ":1: $three"
printf "user\tsong\tplays\n" >dirt;         refused 'a header' ":1: count 'plays' $count"
printf "${good}u\tS6\t0\n" >dirt;           refused 'a count of 0' ":2: count '0' $count"
printf "${good}u\tS6\t-1\n" >dirt;          refused 'a count of -1' ":2: count '-1' $count"
printf "${good}u\tS6\t+1\n" >dirt;          refused 'a sign' ":2: count '+1' $count"
printf "${good}u\tS6\t1e3\n" >dirt;         refused 'an exponent' ":2: count '1e3' $count"
printf "${good}u\tS6\t1.0\n" >dirt;         refused 'a decimal point' ":2: count '1.0' $count"
printf "${good}u\tS6\t0x1\n" >dirt;         refused 'hexadecimal' ":2: count '0x1' $count"
printf "${good}u\tS6\t\n" >dirt;            refused 'no count' ":2: count '' $count"
printf "${good}u\tS6\t 1\n" >dirt;          refused 'a blank before the count' ":2: count ' 1' $count"
printf "${good}u\tS6\t1 \n" >dirt;          refused 'a blank after the count' ":2: count '1 ' $count"
printf "${good}u\tS6\tnan\n" >dirt;         refused 'nan' ":2: count 'nan' $count"
printf "${good}u\tS6\t4294967296\n" >dirt;  refused '2^32' ":2: count '4294967296' $count"
printf "${good}u\tS6\t18446744073709551617\n" >dirt
refused '2^64 + 1' ":2: count '18446744073709551617' $count"
printf "${good}\tS6\t1\n" >dirt;            refused 'an empty user' ":2: user id is empty"
printf "\tS6\t1\n" >dirt;                   refused 'an empty user first' ":1: user id is empty"
printf "${good}u\t\t1\n" >dirt;             refused 'an empty song' ":2: song id is empty"
printf "${good}u\0v\tS6\t1\n" >dirt;        refused 'a NUL' ":2: line holds a NUL byte"
printf "${good}\377\tS6\t1\n" >dirt;        refused 'bytes that are not UTF-8' ":2: line is not UTF-8"
printf "${good}\303\tS6\t1\n" >dirt;        refused 'a cut UTF-8 sequence' ":2: line is not UTF-8"
printf "\377\376u\0" >dirt;                 refused 'UTF-16' "is UTF-16"
{ printf "$good"; head -c 70000 /dev/zero | tr '\0' u; printf '\tS6\t1\n'; } >dirt
refused 'a user id that is too long' ":2: user id is longer than 65535 bytes"
{ printf "${good}u\t"; head -c 70000 /dev/zero | tr '\0' S; printf '\t1\n'; } >dirt
refused 'a song id that is too long' ":2: song id is longer than 65535 bytes"
{ printf "$good"; head -c 1048577 /dev/zero | tr '\0' u; } >dirt
refused 'a line that is too long' ":2: line is longer than"
printf "$good" | gzip | head -c 20 >dirt;   refused 'cut gzip' "the gzip data are damaged or end early"
printf '\050\265\057\375u\tS6\t1\n' >dirt;  refused 'damaged zstd' "the zstd data are damaged or end early"
: >dirt;                                    refused 'an empty file' "nothing is left of 0 lines"
printf "u\tS6\t4294967295\nv\tS1\t1\nu\tS6\t1\n" >dirt
refused 'counts that sum to 2^32' "user 'u', item '"

test_expect_success 'refused: a sum too large names user and artist' '
	fails 1 "user '\''u'\'', item '\''Abba'\'': the counts sum to more than 4294967295" \
		msd-aggregate -t tracks --min-artists 1 dirt
'
test_expect_success 'refused: nothing is left' '
	printf "u\tS99\t1\nv\tS6\t1\n" >dirt &&
	fails 1 "nothing is left of 2 lines: 1 of unknown songs, 0 of mismatched ones, 1 filtered" \
		msd-aggregate -t tracks dirt
'
bad_tracks () { # NAME TEXT
	cp dirt "list.$((fixture = fixture + 1))"
	test_expect_success "refused in the track list: $1" "
		fails 1 \"list.$fixture:$2\" msd-aggregate -t list.$fixture plays
	"
}
line='T<SEP>S1<SEP>A<SEP>x\n'
printf "${line}T<SEP>S2<SEP>A\n" >dirt;          bad_tracks 'a field too few' "2: line has not the four fields"
printf "${line}T\tS2\tA\tx\n" >dirt;             bad_tracks 'tabs' "2: line has not the four fields"
printf "${line}\n" >dirt;                        bad_tracks 'an empty line' "2: line has not the four fields"
printf "${line}T<SEP><SEP>A<SEP>x\n" >dirt;      bad_tracks 'no song' "2: song id is empty"
printf "${line}T<SEP>S2<SEP><SEP>x\n" >dirt;     bad_tracks 'no artist' "2: artist name is empty"
printf "${line}T<SEP>S2<SEP>A\tB<SEP>x\n" >dirt; bad_tracks 'a tab in a name' "2: artist name holds"
printf "${line}T<SEP>S2<SEP>\351<SEP>x\n" >dirt; bad_tracks 'Latin-1' "2: line is not UTF-8"
printf "${line}" | gzip | head -c 20 >dirt;      bad_tracks 'cut gzip' " the gzip data are damaged or end early"

test_expect_success 'compressed triplets and track lists are read as what was compressed' '
	msd-aggregate -t tracks plays -o plain.mf && gzip -c plays >plays.gz && gzip -c tracks >tracks.gz &&
	msd-aggregate -t tracks.gz plays.gz -o packed.mf && test_cmp plain.mf packed.mf &&
	cat plays.gz | msd-aggregate -t tracks - | cmp - plain.mf &&
	head -n 1 plays | gzip >two.gz && tail -n +2 plays | gzip >>two.gz &&
	msd-aggregate -t tracks two.gz | cmp - plain.mf
'

test_expect_success 'refused in the lists of mismatches' '
	printf "ERROR: <S1 T1> x\nS2\n" >bad && fails 1 "bad:2: line is no" msd-aggregate -t tracks -x bad plays &&
	printf "ERROR: S1 T1 x\n" >bad && fails 1 "bad:1: line is no" msd-aggregate -t tracks -x bad plays &&
	printf "ERROR: <S1> x\n" >bad && fails 1 "bad:1: no" msd-aggregate -t tracks -x bad plays &&
	printf "ERROR: < T1> x\n" >bad && fails 1 "bad:1: no" msd-aggregate -t tracks -x bad plays &&
	printf "> ERROR: <S1 T1> x\n" >bad && fails 1 "bad:1: line is no" msd-aggregate -t tracks -x wrong --accepted bad plays
'
test_expect_success 'an error in the second file names it' '
	printf "u\tS1\n" >bad && fails 1 "bad:1: line" msd-aggregate -t tracks plays bad &&
	fails 1 "missing: cannot open" msd-aggregate -t tracks plays missing
'

# --- usage and files ---

test_expect_success 'wrong usage exits with 2' '
	fails 2 "--tracks is needed" msd-aggregate plays &&
	fails 2 "--accepted needs --mismatches" msd-aggregate -t tracks --accepted fine plays &&
	fails 2 "--shard goes with neither" msd-aggregate -t tracks --shard 1/2 --core plays &&
	fails 2 "--shard goes with neither" msd-aggregate -t tracks --shard 1/2 --min-listeners 2 plays &&
	fails 2 "--min-artists" msd-aggregate -t tracks --min-artists 0 plays &&
	fails 2 "--min-listeners" msd-aggregate -t tracks --min-listeners 4294967296 plays &&
	for shard in 0/2 3/2 1 1/0 /2 1/ a/2 1/2/3 -1/2 1/99999; do
		fails 2 "--shard" msd-aggregate -t tracks --shard $shard plays || return 1
	done &&
	fails 2 "none of artist, song" msd-aggregate -t tracks --level=album plays &&
	fails 2 "none of fold, exact, ascii" msd-aggregate -t tracks --artist-key=utf8 plays &&
	fails 2 "none of drop, error" msd-aggregate -t tracks --unknown=keep plays &&
	fails 2 "standard input can be read only once" msd-aggregate -t - &&
	fails 2 "standard input can be read only once" msd-aggregate -t tracks - - &&
	for size in 0 1 1023K 1m2 G -1M 1.5G 99999999999G "" " 1G"; do
		fails 2 "--memory" msd-aggregate -t tracks --memory "$size" plays || return 1
	done
'
test_expect_success 'a full disk is an error, for the bundle and for the account' '
	fails 1 "No space left" msd-aggregate -t tracks -o /dev/full plays &&
	fails 1 "No space left" msd-aggregate -t tracks --stats /dev/full plays &&
	fails 1 "cannot create" msd-aggregate -t tracks --stats no/such plays
'
test_expect_success 'the track list can come from standard input' '
	msd-aggregate -t tracks plays >a && msd-aggregate -t - plays <tracks >b && cmp a b
'

# --- real data: the table of what must come out ---

msd=$DATA/msd
row () { # TRIPLETS OPTION...; prints kept+filtered unknown mismatch users items cells plays
	name=$1; shift
	msd-aggregate -t "$msd/unique_tracks.partial.txt" --artist-key=exact --stats stats "$@" \
		"$msd/triplets.$name.tsv" >real &&
	stat_of stats kept filtered unknown mismatch users items cells plays |
		awk '{ print $1 + $2, $3, $4, $5, $6, $7, $8 }'
}
test_expect_success REALDATA 'real data gives the known numbers' '
	test "$(row turi10000_head --min-artists 1)" = "41342 1397 0 1628 2908 27968 125090" &&
	test "$(row turi10000_head)" = "41342 1397 0 1587 2908 27927 124801" &&
	test "$(row turi10000_head -x "$msd/sid_mismatches.txt")" = \
		"38224 1397 3118 1583 2801 26328 115456" &&
	test "$(row merged_users5plus)" = "67593 3130 0 4532 3912 49349 248751"
'
test_expect_success REALDATA 'real data in any order gives the same bytes' '
	list="$msd/unique_tracks.partial.txt" &&
	msd-aggregate -t "$list" "$msd/triplets.merged_users5plus.tsv" >a &&
	sort -k2,2 "$msd/triplets.merged_users5plus.tsv" | msd-aggregate -t "$list" >b && cmp a b
'

# Of a chain, two users fall in each round: what is left then is found from a list of work,
# where rows are in a file too.
test_expect_success '--core of long chains is the same, and quick, through temporary files' '
	awk "BEGIN { srand(5); for (n = 0; n < 40000; n++) printf \"u%d\\ts%d\\t1\\n\", 15000 * rand(), 15000 * rand()
		for (n = 0; n < 4000; n++) printf \"c%d\\tt%d\\t1\\n\", n / 2, (n + 1) / 2 }" >chains &&
	for least in 2 3
	do
		options="--level=song --core --min-listeners 2 --min-artists $least --tmpdir ." &&
		msd-aggregate $options chains >b &&
		msd-aggregate $options -v --memory 1M chains 2>notes >c && grep -q "temporary files" notes && cmp b c &&
		mf-convert --to=tsv b >left && awk "{ u[\$1]++; s[\$2]++ } /^c/ { print } END { for (i in u) if (u[i] < $least) print i
			for (i in s) if (s[i] < 2) print i }" FS="\t" left >wrong && test ! -s wrong && test -s left || return 1
	done
'

test_done
