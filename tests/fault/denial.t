#!/bin/sh
test_description='time and memory grow as the input does, whatever its shape'
. "$(dirname "$0")/../cli/setup.sh"

if test -n "$TEST_FULL"
then size='1000000 100000'
else size='20000 5000'
fi
test_expect_success 'shapes that cost much, and ids that collide' '
	python3 "$TOP/tests/fault/denial.py" $size >counts
	status=$?
	counted counts && test $status -eq 0
'

test_done
