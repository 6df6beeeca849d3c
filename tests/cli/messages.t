#!/bin/sh
test_description='what the tools say: the nearest option or choice, options given twice, nothing that moves a terminal'
. "$(dirname "$0")/setup.sh"

look_for_terminals
for python in python3 /usr/bin/python3
do
	"$python" -c 'import msgpack, xxhash' 2>/dev/null && test_set_prereq PYTHON && break
done
reword () { "$python" "$TOP/tests/cli/reword.py" "$@"; }

test_expect_success 'inputs' '
	msd-synth --users 60 --artists 40 --tracks tracks.txt -o plays.tsv &&
	msd-aggregate -t tracks.txt plays.tsv | mf-split --test .2 -o s.mf && mf-als -k 2 -p 1 -n 2 s.mf -o m.mf
'

# asks TEXT COMMAND...: wrong usage, and this is what may have been meant.
asks () {
	text=$1
	shift
	fails 2 "; did you mean $text? or see '$1 --help'" "$@"
}
test_expect_success 'an unknown option: the nearest, or what another program calls it' '
	asks "'\''--lambda'\''" mf-als --lamda 1 s.mf &&
	asks "'\''--lambda'\''" mf-als --lamda=1 s.mf &&
	asks "'\''--lambda-users'\'' or '\''--lambda-items'\''" mf-als --lambda-iers 1 s.mf &&
	asks "'\''--lambda-users'\''" mf-als --LAMBDA_USERS 1 s.mf &&
	asks "'\''--iterations'\''" mf-als --epochs 3 s.mf &&
	asks "'\''--factors'\''" mf-als --n_factors 3 s.mf &&
	asks "'\''--factors'\''" mf-als --rank=3 s.mf &&
	asks "'\''--lambda'\''" mf-als --regularization .1 s.mf &&
	asks "'\''--confidence'\''" mf-als --alpha 40 s.mf &&
	asks "'\''--threads'\''" mf-als --num-threads 4 s.mf &&
	asks "'\''--seed'\''" mf-als --random_state 4 s.mf &&
	asks "'\''--top'\''" mf-recommend --top_k 4 m.mf &&
	asks "'\''--quiet'\''" mf-info --queit m.mf &&
	fails 2 "unrecognized option '\''--zzz'\''; see '\''mf-info --help'\''" mf-info --zzz m.mf &&
	fails 2 "unrecognized option '\''--rank=3'\''; see" mf-info --rank=3 m.mf &&
	fails 2 "option '\''--lambda-'\'' is short for several: --lambda-users, --lambda-items, --lambda-bias" mf-als --lambda-=3 s.mf &&
	fails 2 "option '\''--v'\'' is short for several: --verbose, --version" mf-info --v m.mf &&
	fails 2 "invalid option -- '\''z'\''; see" mf-info -z m.mf &&
	fails 2 "invalid option -- '\''n'\''; did you mean '\''-N'\'', '\''--top'\''?" mf-recommend -n 4 m.mf &&
	fails 2 "invalid option -- '\''u'\''; did you mean '\''--user'\''?" mf-recommend -u x m.mf &&
	fails 2 "option '\''--output'\'' requires an argument" mf-info --output &&
	fails 2 "option '\''--help=no'\'' doesn" mf-info --help=no
'

test_expect_success 'a value that is none of the choices: the nearest' '
	asks "'\''implicit'\''" mf-als --preset=implict s.mf &&
	asks "'\''cholesky'\''" mf-als --solver=colesky s.mf &&
	asks "'\''linear:A'\''" mf-als --confidence=liner:40 s.mf &&
	asks "'\''popularity'\''" mf-eval --baseline=popular m.mf &&
	asks "'\''activity'\''" mf-eval --by=activty:3 m.mf &&
	asks "'\''ndcg@10'\''" mf-eval -m ncdg@10 m.mf &&
	asks "'\''binarize'\''" mf-transform -e binarise:4 s.mf &&
	asks "'\''mmr:L'\''" mf-recommend --diversify=mmr m.mf &&
	asks "'\''text'\''" mf-info --format=txt m.mf &&
	asks "'\''song'\''" msd-aggregate --level=Sonf plays.tsv &&
	asks "'\''never'\''" mf-info --progress=nevr m.mf &&
	fails 2 "--preset: '\''sgd'\'' is none of implicit, wrmf, explicit, study; see" mf-als --preset=sgd s.mf
'

test_expect_success 'a start that is no file' '
	for name in random normal RANDN guassian
	do fails 2 "--init: '\''$name'\'' is neither a file nor a start: cluster, gaussian; did you mean '\''gaussian'\''?" mf-als --init=$name s.mf || return 1
	done &&
	for name in kmeans k-means clusters
	do fails 2 "; did you mean '\''cluster'\''?" mf-als --init $name s.mf || return 1
	done &&
	fails 2 "--init: '\''best'\'' is neither a file nor a start: cluster, gaussian; see" mf-als --init=best s.mf &&
	fails 1 "old.mf: cannot open" mf-als --init=old.mf s.mf &&
	mf-als -k 2 -p 1 -n 1 --init m.mf s.mf | mf-info --check
'

test_expect_success 'what msd-aggregate needs to know artists' '
	fails 2 "--tracks is needed to know the artist of a song; name the track list, or count songs with --level=song" msd-aggregate plays.tsv
'

# Every option that takes a value and does not repeat, with a value that it takes.
test_expect_success 'an option is given once, but for those that repeat' '
	n=0 every=$(sampled 1 6) &&
	while read -r tool option value
	do
		n=$((n + 1))
		test $((n % every)) -eq 0 || continue
		fails 2 "option '\''--$option'\'' is given twice, and counts once" $tool --$option "$value" --$option "$value" || return 1
		fails 2 "option '\''--$option'\'' is given twice, and counts once" $tool --$option="$value" --$option "$value" || return 1
	done <<-END &&
	mf-als factors 2
	mf-als personas 2
	mf-als overlap .1
	mf-als shrink 1
	mf-als iterations 3
	mf-als preset study
	mf-als confidence none
	mf-als unobserved 1
	mf-als unobserved-by none
	mf-als lambda 1
	mf-als lambda-users 1
	mf-als lambda-items 1
	mf-als lambda-bias 1
	mf-als nu 1
	mf-als init cluster
	mf-als warmup 1
	mf-als restarts 1
	mf-als assign loss
	mf-als solver dual
	mf-als watch rmse
	mf-als patience 1
	mf-als tol 0
	mf-als train-on train
	mf-als checkpoint c
	mf-als resume c
	mf-als log c
	mf-als output x
	mf-als threads 1
	mf-als seed 1
	mf-als progress never
	mf-tune metric mrr
	mf-tune trials 3
	mf-tune space lambda
	mf-tune log c
	mf-tune factors 2
	mf-tune init cluster
	mf-eval metrics mrr
	mf-eval ratings x
	mf-eval by activity
	mf-eval bootstrap 0
	mf-eval per-user x
	mf-eval qrels x
	mf-eval shard 1/2
	mf-eval format tsv
	mf-recommend user-list x
	mf-recommend shard 1/2
	mf-recommend history x
	mf-recommend histories x
	mf-recommend top 3
	mf-recommend persona 1
	mf-recommend items x
	mf-recommend exclude x
	mf-recommend rarity 0
	mf-recommend diversify none
	mf-recommend format tsv
	mf-score persona 1
	mf-info format json
	mf-split method pairs
	mf-split test .1
	mf-split valid .1
	mf-split fold-in .1
	mf-split min-train 1
	mf-split folds 2
	mf-split fold 1
	mf-convert from tsv
	mf-convert to tsv
	mf-convert columns 1,2
	mf-convert user-names x
	mf-convert item-names x
	mf-convert note x
	mf-convert part users
	msd-aggregate tracks x
	msd-aggregate mismatches x
	msd-aggregate accepted x
	msd-aggregate level song
	msd-aggregate artist-key fold
	msd-aggregate min-artists 1
	msd-aggregate min-listeners 1
	msd-aggregate unknown drop
	msd-aggregate shard 1/2
	msd-aggregate memory 1M
	msd-aggregate tmpdir x
	msd-aggregate stats x
	msd-synth tracks x
	msd-synth truth x
	msd-synth users 3
	msd-synth artists 3
	msd-synth songs-per-artist 3
	msd-synth personas 3
	msd-synth factors 3
	msd-synth artists-per-user 3
	END
	fails 2 "option '\''--factors'\'' is given twice" mf-als -k 2 --factors 2 s.mf &&
	user=$(head -n 1 plays.tsv | cut -f 1) && last=$(tail -n 1 plays.tsv | cut -f 1) &&
	mf-recommend --user $user --user $last -N 1 m.mf >out && test $(wc -l <out) -eq 2 &&
	mf-eval --baseline=random --baseline=popularity -q -q -v -v -f -f m.mf >out && grep -q random out && grep -q popularity out &&
	mf-transform -e log2:1 -e log2:1 s.mf | mf-info --check
'

# Characters that act: ESC, OSC with BEL, CR, DEL, C1 CSI, right-to-left override, isolate, mark, line separator, BOM.
acts="$(printf "\\033[31m\\033]0;t\\007\\r\\177\\302\\233K\\342\\200\\256\\342\\201\\246\\342\\200\\217\\342\\200\\250\\357\\273\\277\\330\\234")"
none="?[31m?]0;t????K??????"
test_expect_success 'names that act on a terminal do not in messages' '
	fails 1 "a${none}b: cannot open: No such file" mf-info "a${acts}b" &&
	fails 1 "a${none}b: cannot open: No such file" mf-als --resume "a${acts}b" s.mf &&
	fails 2 "unrecognized option '\''--a${none}b'\''" mf-als "--a${acts}b" s.mf &&
	fails 2 "none of text, json" mf-info --format "a${acts}b" &&
	fails 1 "?? Кино 山: cannot open" mf-info "$(printf "\\377\\303 Кино 山")" &&
	cp m.mf "m$acts" && printf "%s\\n" nobody >list && fails 1 "" mf-recommend --user "n${acts}o" m.mf && grep -qF "n${none}o" fails.err &&
	mf-eval -q --progress=never "m$acts" >out && ! grep -q "$(printf "\\033")" out && grep -qF "m$none" out &&
	mf-eval --progress=always -v "m$acts" >/dev/null 2>err && tr "\\r" "\\n" <err | sed "s/$(printf "\\033")\\[K//" >lines &&
	! grep -q "$(printf "[\\033\\007\\177]")" lines
'

test_expect_success 'ids that act on a terminal are data in a file' '
	printf "u1\\ta${acts}b\\t1\\nu2\\ta${acts}b\\t1\\nu1\\tКино\\t1\\nu3\\tКино\\t2\\n" >in.tsv && mf-convert --from=tsv in.tsv -o in.mf &&
	mf-convert --to=tsv in.mf >out && grep -qF "a${acts}b" out && grep -q Кино out &&
	mf-als -k 2 -p 1 in.mf -o act.mf && mf-recommend act.mf >lists && grep -qF "a${acts}b" lists
'

test_expect_success TERMINAL 'but do not act there' '
	terminal in.mf mf-convert --to=tsv >shown && grep -qF "a${none}b" shown && grep -q "	Кино	" shown &&
	! grep -q "$(printf "[\\033\\007\\177\\r]")" shown && test $(wc -l <shown) -eq $(wc -l <out) &&
	sed "s/a[^	]*b/X/" out >want && sed "s/a[^	]*b/X/" shown >got && test_cmp want got &&
	for format in tsv csv json trec
	do
		terminal act.mf mf-recommend --format=$format --include-seen >shown && test -s shown &&
		! LC_ALL=C grep -q "$(printf "[\\033\\007\\177\\r]\\|\\302[\\200-\\237]\\|\\342\\200[\\216\\217\\250-\\256]")" shown || return 1
	done &&
	terminal m.mf mf-eval --per-user /dev/stdout --baseline=popularity -o /dev/null >shown && test -s shown
'

test_expect_success 'JSON holds them as escapes, and means the same' '
	for format in json ndjson
	do
		if test $format = json
		then mf-recommend --include-seen --format=json act.mf
		else mf-convert --to=ndjson in.mf
		fi >out && ! LC_ALL=C grep -q "$(printf "[\\033\\007\\177\\r]\\|\\302[\\200-\\237]\\|\\342\\200[\\216\\217\\250-\\256]")" out &&
		grep -qF "\\u009bK\\u202e\\u2066\\u200f\\u2028\\ufeff\\u061cb" out && jq -r ".. | strings" out >texts && grep -qF "a${acts}b" texts &&
		grep -q Кино out || return 1
	done &&
	mf-convert --to=ndjson in.mf | mf-convert --from=ndjson | mf-convert --to=tsv >back && mf-convert --to=tsv in.mf >want && test_cmp want back
'

test_expect_success PYTHON 'a word of the card or of the history holds nothing that acts' '
	for words in "a\\x1b[31m" "a\\nb" "a\\tb" "a\\x7f" "a\\x9bK" "a\\u202e" "a\\u2028" "a\\ufeff"
	do
		for where in M,preset M,init M,watch h,entries,0,half
		do
			reword ${where%%,*} "${where#*,}" "$words" <m.mf >bad.mf &&
			fails 1 "holds a control character" mf-info bad.mf &&
			fails 1 "holds a control character" mf-convert --to=tsv --part=history bad.mf || return 1
		done
	done &&
	reword M preset "gewählt" <m.mf >good.mf && mf-info good.mf >out && grep -q "preset gewählt" out
'

test_expect_success PYTHON 'nor does the provenance, as it is shown' '
	for where in prov,0,tool prov,0,version prov,1,tool
	do
		reword E $where "a\\x1b[31m\\x9bK\\u202e\\nb" <m.mf >acts.mf && mf-info acts.mf >out && grep -qF "a?[31m?K??b" out &&
		mf-info --format=json acts.mf >json && ! LC_ALL=C grep -q "$(printf "\\033\\|\\302\\233\\|\\342\\200\\256")" json && jq . json >/dev/null || return 1
	done
'

test_expect_success 'wrong usage is told, and what to do' '
	fails 2 "--join: no bundles are named" mf-convert --join &&
	fails 2 "--run: more than 32 files" mf-eval $(for i in $(seq 33); do printf " --run r%d m.mf" $i; done) &&
	fails 2 "--metrics: metric '\''mrr@3'\'': mrr takes no @N" mf-eval -m mrr@3 m.mf &&
	fails 2 "--test: '\'''\'' is not an amount" mf-split --test= s.mf &&
	fails 2 "--memory: 1K is less than 1048576 bytes" msd-aggregate --level=song --memory 1K plays.tsv &&
	fails 2 "--test: --method=leave-out takes a count of cells, like 1" mf-split --method=leave-out --test=.5 s.mf &&
	fails 2 "--test and --valid: both fractions, or both counts" mf-split --method=users --test=3 --valid=.5 s.mf &&
	fails 2 "--fold: say with --folds of how many" mf-split --fold 1 s.mf &&
	fails 2 "--folds: say with --fold which one is test, 1 to 3" mf-split --folds 3 s.mf &&
	fails 2 "--folds: goes with --method=pairs or users" mf-split --method=per-user --folds 3 --fold 1 s.mf &&
	fails 2 "--test: goes not with --folds, which says how much" mf-split --folds 3 --fold 1 --test=.5 s.mf &&
	fails 2 "--valid: takes a fraction with --folds" mf-split --method=users --folds 3 --fold 1 --valid=5 s.mf &&
	fails 2 "--fold-in: goes with --method=users" mf-split --fold-in=.5 s.mf &&
	fails 2 "is no argument of tfidf" mf-transform -e tfidf:x s.mf
'

test_expect_success 'OMP_NUM_THREADS is the number of threads, unless -j says' '
	threads () { # N OMP COMMAND...: where OMP is set, the command has a team of N threads, and no larger one
		most=$1 omp=$2
		shift 2
		env OMP_NUM_THREADS=$omp OMP_DISPLAY_AFFINITY=true OMP_AFFINITY_FORMAT="team of %N" "$@" 2>teams >/dev/null &&
		if test $most -eq 1
		then ! grep "team of" teams | grep -v "team of 1\$"
		else grep -q "team of $most\$" teams && ! grep "team of" teams | grep -v "team of [1$most]\$"
		fi
	}
	threads 3 3 mf-als -k 2 -n 2 s.mf && threads 5 5,2 mf-als -k 2 -n 2 s.mf &&
	threads 1 1 mf-als -k 2 -n 2 s.mf && threads 1 3 mf-als -j 1 -k 2 -n 2 s.mf &&
	threads 4 3 mf-als -j 4 -k 2 -n 2 s.mf &&
	OMP_NUM_THREADS=99999999999999999999 mf-info m.mf >out && OMP_NUM_THREADS=x mf-info m.mf >out
'

test_expect_success 'one of a kind has no s' '
	says () { grep -qxF -- "$1" said || { echo "not said: $1"; cat said; return 1; }; } &&
	printf "u\tx\t1\n" >one.tsv && mf-convert --from=tsv one.tsv -o one.mf && mf-als -v -k 1 -p 1 -n 1 one.mf -o onem.mf 2>said &&
	says "mf-als: training cells: 1 liked, 0 that say nothing (0), 0 dislikes (below 0)" &&
	printf "u\tx\t-1\nu\ty\t3\n" | mf-convert --from=tsv | mf-als -v -k 1 -p 1 -n 1 2>said >out.mf &&
	says "mf-als: training cells: 1 liked, 0 that say nothing (0), 1 dislike (below 0)" &&
	says "mf-als: values that are not 1: 1; that a cell is there counts, not its value; --confidence weighs it" &&
	mf-filter -v --value ">0" one.mf 2>said >out.mf &&
	says "mf-filter: kept 1 of 1 cell; gone: 0 of users and 0 of items that are not wanted, 0 by value, 0 by time, 0 by the minimums" &&
	! mf-filter --value ">1" one.mf 2>said >out.mf &&
	says "mf-filter: nothing is left of 1 cell: 0 of users and 0 of items that are not wanted, 1 by value, 0 by time, 0 by the minimums; check the options" &&
	echo x | mf-recommend -v --include-seen --history - onem.mf 2>said >out && says "mf-recommend: a new user with 1 item" &&
	fails 1 "onem.mf: users have 1 persona; there is no 2" mf-recommend --persona 2 onem.mf &&
	echo x | mf-recommend --exclude - onem.mf 2>said && says "mf-recommend: all lists are empty: of the 1 item of onem.mf, --exclude leaves none" &&
	fails 1 "onem.mf: the model has 1 factor, not 2; train with --factors 1" mf-als -k 2 -p 1 -n 1 --init onem.mf one.mf &&
	fails 1 "nothing is left of 1 line: 0 of unknown songs, 0 of mismatched ones, 1 filtered" msd-aggregate --level=song --min-artists 2 one.tsv &&
	msd-aggregate -v --level=song --min-artists 1 one.tsv 2>said >out.mf && says "msd-aggregate: 1 line = 1 kept + 0 unknown song + 0 mismatch + 0 filtered" &&
	says "msd-aggregate: 1 user, 1 song, 1 cell, 1 play" && says "msd-aggregate: filtered: 0 users, 0 songs" &&
	msd-synth -v --users 1 --artists 1 --songs-per-artist 1 --personas 1 --factors 1 --tracks t -o out 2>said && says "msd-synth: 1 user, 1 artist, 1 song" &&
	mf-info onem.mf | grep -q "^ *the factors after sweep 1 of at most 1\$" &&
	mf-als -q -k 1 -p 1 -n 2 one.mf --checkpoint c -o out.mf && fails 1 "c: the checkpoint has 2 sweeps already, more than 1" mf-als -q -k 1 -p 1 -n 1 one.mf --resume c &&
	mf-als -q -k 1 -p 1 -n 1 one.mf --checkpoint c -o out.mf && mf-als -v -k 1 -p 1 -n 1 one.mf --resume c -o out.mf 2>said && says "mf-als: goes on after 1 sweep"
'

# told TEXT CODE: of a bundle amended by this Python.
told () { "$python" "$TOP/tests/cli/amend.py" "$2" <abm.mf >bad.mf && fails 1 "$1" mf-info --check bad.mf; }
test_expect_success PYTHON 'what is wrong with a bundle whose checks are sound' '
	printf "a\tx\t5\na\ty\t1\nb\tx\t2\n" | mf-convert --from=tsv | mf-als -q -k 2 -p 1 -n 2 -o abm.mf &&
	"$python" "$TOP/tests/cli/amend.py" "" <abm.mf | mf-info --check &&
	first="f = next(f for f in frames if f[0] == \"%s\")[1]; " && of () { printf "$first%s" "$1" "$2"; } &&
	told "bad.mf: frame 0@0: H: not an mfpipe bundle: the magic is missing" "$(of H "f[\"magic\"] = \"x\"")" &&
	told "H: key '\''nnz'\'' is missing" "$(of H "del f[\"nnz\"]")" &&
	told "H: key '\''value'\'' is neither u32 nor f32" "$(of H "f[\"value\"] = \"i8\"")" &&
	told "I: key '\''axis'\'' is neither user nor item" "$(of I "f[\"axis\"] = \"x\"")" &&
	told "I: user id 1 is not after the one before it in byte order" "$(of I "f[\"text\"] = \"ba\"")" &&
	told "I: ids of users after ids of items" "frames.insert(3, frames[1])" &&
	told "R: the frame comes before all ids" "del frames[2]" &&
	told "R: more cells than H says" "$(of H "f[\"nnz\"] = 2")" &&
	told "M: k is 0 and p is 1; 1 to" "$(of M "f[\"k\"] = 0")" &&
	told "F: key '\''side'\'' is neither user nor item" "$(of F "f[\"side\"] = \"x\"")" &&
	told "F: factors of items after factors of users" "frames.insert(7, frames[5])" &&
	told "frame 1@" "frames.insert(1, [None, b\"x\" * 40])" && grep -q "the bytes are no frame; damaged" fails.err
'

test_expect_success 'options that do not go together, data that cannot be' '
	printf "a\tx\t5\na\ty\t1\nb\tx\t2\n" >abc.tsv && mf-convert --from=tsv abc.tsv -o abc.mf &&
	fails 2 "confidence: wrmf needs one" mf-als --preset=wrmf --confidence=none abc.mf &&
	fails 2 "--core: repeats --min-items and --min-users: give one of them" mf-filter --core abc.mf &&
	fails 1 "abc.mf: 100 users to hold out, but there are 2" mf-split --method=users --test 100 abc.mf &&
	for more in --preset=explicit "--unobserved 0"
	do fails 1 "'\'' cannot be solved: it is singular or overflows; raise --lambda or check" mf-als -q --lambda 0 -k 3 -p 1 $more abc.mf && grep -q "the system of [a-z]* .[abxy]. cannot be solved: " fails.err || return 1
	done &&
	mf-als -v --lambda 1e-12 --unobserved 1e-9 -k 3 -p 1 -n 3 abc.mf 2>said >out.mf && grep -q "^mf-als: systems that were ill-conditioned and solved again in double: [1-9]" said &&
	printf "TR<SEP>SO<SEP>a<SEP>b\n" >list && printf "ERROR: <SO TR a\n" >mis &&
	fails 1 "mis:1: no '\''<SONG TRACK>'\'' after '\''ERROR:'\''" msd-aggregate -t list -x mis abc.tsv &&
	for i in 1 2
	do msd-aggregate -v --level=song --min-artists 1 --shard $i/2 abc.tsv 2>said >out.mf && sed -n "s/^mf.*//; s/.*: \([0-9]*\) lines* of other shards\$/\1/p" said || return 1
	done >lines && test $(awk "{ n += \$1 } END { print n }" lines) -eq 3 && test $(wc -l <lines) -eq 2
'

test_done
