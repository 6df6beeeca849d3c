#!/bin/sh
test_description='completion in bash, zsh and fish: options, words, files, tools'
. "$(dirname "$0")/setup.sh"
look_for_terminals
command -v zsh >/dev/null && test_set_prereq ZSH
command -v fish >/dev/null && test_set_prereq FISH

tools=$(cd "$BUILD/bin" && echo *)
for file in mfpipe _mfpipe mfpipe.fish
do
	sed "s/@TOOLS@/$tools/" "$TOP/tools/completion/$file" >"$SHARNESS_TEST_DIRECTORY/$file"
done
scripts=$SHARNESS_TEST_DIRECTORY

# What a tool says: says "BEFORE" "WORD" TOOL, a line of first fields.
says () { "$3" --_complete "$1" "$2" | cut -f 1 | tr '\n' ' '; }

test_expect_success 'a tool says what may follow' '
	test "$(says "" --sol mf-als)" = "--solver= " &&
	test "$(says "" --solver=c mf-als)" = "--solver=cholesky --solver=cg: " &&
	test "$(says --solver d mf-als)" = "dual " &&
	test "$(says "" --l mf-als)" = "--lambda= --lambda-users= --lambda-items= --lambda-bias= --log= " &&
	test "$(says -m "mrr,nd" mf-eval)" = "mrr,ndcg@ " &&
	test "$(says "" --progress= mf-info)" = "--progress=auto --progress=always --progress=never " &&
	test "$(says --init "" mf-als)" = "cluster gaussian /files " &&
	test "$(says --tmpdir "" msd-aggregate)" = "/folders " &&
	test "$(says "" "" mf-als)" = "/files " && test "$(says --factors 1 mf-als)" = "" &&
	test "$(says --check x mf-info)" = "/files " && test "$(says help mf-s mfpipe)" = "mf-split mf-score " &&
	test "$(says mfpipe al mfpipe)" = "als " && test "$(says help s mfpipe)" = "split score synth " &&
	mf-als --_complete "" --factors | grep -q "^--factors=	factors of a vector, 1 to 16384 (64)\$"
'

test_expect_success 'every option of --help, and what the library calls its metrics' '
	for tool in $tools
	do
		test $tool != mfpipe || continue
		$tool --help | grep -oE "^ +(-., )?--[a-z-]+" | grep -oE -e "--.*" | sort -u >want &&
		$tool --_complete "" -- | sed "s/[=	].*//" | sort -u >got && test_cmp want got || return 1
	done &&
	mf-eval -m no model.mf 2>err
	sed "s/.*there are //; s/;.*//" err | grep -oE "[a-z-]+@?" | grep -v -x -e and -e N -e Q | sort -u >want &&
	test $(wc -l <want) -gt 15 && mf-eval --_complete -m "" | sort >got && comm -23 want got >missing && test ! -s missing || { cat missing; false; }
'

# every word that is offered is one that the option takes, but for what is to be filled in
test_expect_success 'each word that is offered is taken' '
	for tool in $tools
	do
		test $tool != mfpipe || continue
		for option in $($tool --_complete "" -- | grep = | sed "s/=.*//")
		do
			for word in $($tool --_complete $option "" | grep -v -e / -e ":\$" -e "@\$")
			do
				$tool $option=$word no/such/file 2>err
				! grep -e "$option: .*is none of" -e "unrecognized" -e "is neither" err || return 1
			done
		done
	done
'

# bash: COMPREPLY for a command line, of which the last word is cut as readline does it.
reply () { # LINE
	bash -c '. "$1/mfpipe"; compopt () { :; }
		COMP_LINE=$2 COMP_POINT=${#2} word=${2##*[ =:]}
		_mfpipe x "$word" x; printf "%s " "${COMPREPLY[@]}"' - "$scripts" "$1"
}

test_expect_success 'bash: what replaces a word' '
	touch plays.tsv && mkdir folder &&
	test "$(reply "mf-als --sol")" = "--solver= " &&
	test "$(reply "mf-als --solver=c")" = "cholesky cg: " &&
	test "$(reply "mf-als --preset w")" = "wrmf " &&
	test "$(reply "mf-convert --from=tsv pl")" = "plays.tsv " &&
	test "$(reply "mf-recommend --history=pl")" = "plays.tsv " &&
	test "$(reply "msd-aggregate --tmpdir fo")" = "folder " &&
	test "$(reply "mfpipe mf-s")" = "mf-split mf-score " && test "$(reply "mfpipe al")" = "als " &&
	test "$(reply "mfpipe recommend --format=t")" = "tsv trec "
'

keys () { python3 "$TOP/tests/cli/keys.py" "$@"; }

test_expect_success TERMINAL 'bash, with the key' '
	printf "PS1=\"ready> \"\n. %s/mfpipe\n" "$scripts" >rc && export PATH &&
	keys "mf-als --preset=wr\\t -k 2 | mf-recommend --form\\tcs\\t pla\\t" bash --noprofile --rcfile rc -i >out; cat out
	grep "mf-als --preset=wrmf  -k 2 | mf-recommend --format=csv  plays.tsv" out
'

test_expect_success ZSH,TERMINAL 'zsh, with the key' '
	printf "PS1=\"ready> \"\nfpath=(%s \$fpath)\nautoload -U compinit\ncompinit -u -D\n" "$scripts" >.zshrc &&
	keys "mf-als --preset=wr\\t -k 2 | mf-recommend --form\\tcs\\t pla\\t" env ZDOTDIR="$PWD" zsh -i >out; cat out
	grep "mf-als --preset=wrmf  *-k 2 | mf-recommend --format=csv  *plays.tsv" out
'

test_expect_success FISH 'fish' '
	ask () { HOME=$PWD fish --no-config -c "source $scripts/mfpipe.fish; complete -C \"$1\"" | cut -f 1 | tr "\\n" " "; } &&
	test "$(ask "mf-als --sol")" = "--solver= " && test "$(ask "mf-als --solver=c")" = "--solver=cg: --solver=cholesky " &&
	test "$(ask "mf-convert --from=tsv pla")" = "plays.tsv " && test "$(ask "mf-recommend --history=pla")" = "--history=plays.tsv " &&
	test "$(ask "mfpipe recommend --format=t")" = "--format=trec --format=tsv "
'

test_done
