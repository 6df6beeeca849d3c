#!/bin/sh
test_description='inputs that are small, empty, extreme or dirty, through every tool'
. "$(dirname "$0")/../cli/setup.sh"

if test -n "$TEST_FULL"
then values=1 text=1
else values=40 text=200
fi
shapes () { # WHAT SOME
	python3 "$TOP/tests/fault/shapes.py" "$@" >counts
	status=$?
	counted counts && test $status -eq 0
}
test_expect_success 'matrices of hardly anything, and of what is too much' 'shapes values $values'
test_expect_success 'lines that are wrong in every way' 'shapes text $text'

test_done
