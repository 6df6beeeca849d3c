#!/bin/sh
test_description='the commands of README.md, and the demo, run as they stand'
. "$(dirname "$0")/setup.sh"

test_expect_success 'small stand-ins for the files that the README names' '
	printf "id\tname\turl\tpictureURL\r\n1\tBjörk\tx\ty\r\n2\tPortishead\tx\ty\r\n3\tSigur Rós\tx\ty\r\n4\tRadiohead\tx\ty\r\n" >artists.dat &&
	printf "userID\tartistID\tweight\r\n7\t1\t10\r\n8\t2\t20\r\n8\t1\t2\r\n8\t4\t9\r\n7\t3\t1\r\n" >user_artists.dat
'

test_expect_success 'the README has commands' '
	awk "/^\`\`\`sh/ { on = 1; next } /^\`\`\`/ { on = 0 } on" "$TOP/README.md" >commands.sh &&
	test $(wc -l <commands.sh) -gt 8
'

test_expect_success 'they run' '
	bash -euo pipefail commands.sh >out 2>err && test -s out && mf-info --check hetrec.mf
'

test_expect_success 'the demo runs, shows commands, a comparison and recommendations' '
	bash "$TOP/examples/demo.sh" >demo.out &&
	grep -q "^\$ mf-als -k 16 -p 3" demo.out && grep -q "popularity" demo.out &&
	tail -n 10 demo.out | awk "NF < 5 { exit 1 }"
'

test_done
