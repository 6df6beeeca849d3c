# Sourced by the tests of mf-convert, after setup.sh.

# from TEXT ARGS...: the text (printf escapes) through mf-convert, as tsv.
from () {
	printf "$1" >from.in
	shift
	mf-convert "$@" from.in >from.mf && mf-convert --to=tsv from.mf
}
# gives TEXT RESULT ARGS...: the text becomes these lines of tsv (printf escapes).
gives () {
	printf "$2" >gives.want
	printf "$1" >from.in
	shift 2
	mf-convert "$@" from.in >from.mf && mf-convert --to=tsv from.mf >gives.out &&
	if ! cmp gives.want gives.out; then cat gives.out; return 1; fi
}
# refuses TEXT WORDS ARGS...: that input is refused with the words, and its file.
refuses () {
	printf "$1" >from.in
	words=$2
	shift 2
	fails 1 "$words" mf-convert "$@" from.in && grep -q '^mf-convert: from.in' fails.err
}
