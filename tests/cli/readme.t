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

# The last digits of a score are the kernel's of the machine.
test_expect_success 'the explanation that the README shows is what its models say' '
	awk "/^    \\$ mf-recommend .*--explain/ { on = 1; print >\"example.sh\"; next } /^\$/ { on = 0 } on" "$TOP/README.md" >shown &&
	test $(wc -l <example.sh) = 1 && test $(wc -l <shown) = 8 &&
	sed "s/^ *\\$ //" example.sh >run.sh && bash -euo pipefail run.sh >out &&
	python3 - <<-"EOF"
	import re
	shown = [re.split("  +", line.strip()) for line in open("shown", encoding="utf-8")]
	out = [line.rstrip("\n").split("\t") for line in open("out", encoding="utf-8")]
	for line in out:
	    print(*line, sep="\t")
	assert len(shown) == len(out)
	for want, got in zip(shown, out):
	    share = lambda text: [int(n) for n in re.findall(r" (\d+)%", text)]
	    bare = lambda line: line[:2] + line[3:4] + [re.sub(r" \d+%", "", line[4])]
	    assert bare(want) == bare(got), (want, got)
	    assert abs(float(want[2]) - float(got[2])) < 1e-4, (want, got)
	    assert all(abs(a - b) <= 1 for a, b in zip(share(want[4]), share(got[4]))), (want, got)
	EOF
'

test_expect_success 'the demo runs, shows commands, a comparison and recommendations' '
	bash "$TOP/examples/demo.sh" >demo.out &&
	grep -q "^\$ mf-als -k 16 -p 3" demo.out && grep -q "popularity" demo.out &&
	tail -n 10 demo.out | awk "NF < 5 { exit 1 }"
'

test_done
