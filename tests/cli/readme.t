#!/bin/sh
test_description='the commands of README.md and what it shows of them, its picture, and the demo'
. "$(dirname "$0")/setup.sh"
PYTHONPATH=$TOP/python PYTHONDONTWRITEBYTECODE=1 MFPIPE_BIN=$BUILD/bin
export PYTHONPATH PYTHONDONTWRITEBYTECODE MFPIPE_BIN

# The folder looks like a fresh clone. What is said to make is not made again; it must be
# something that make can do.
test_expect_success 'the commands of README.md run, and print what it shows' '
	mkdir clone said && ln -s "$BUILD" clone/build && cp "$TOP/README.md" clone &&
	make=$(command -v make) && cat >said/make <<-EOF && chmod +x said/make &&
	#!/bin/sh
	exec env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL $make -n -C "$TOP" "\$@" >/dev/null
	EOF
	(PATH=$PWD/said:$PATH && cd clone && python3 "$TOP/tests/cli/shown.py" README.md)
'

test_expect_success PYTHON 'its picture is that of the listener whom it explains' '
	user=$(grep -o -- "--user [0-9a-f]*" "$TOP/README.md" | head -n 1 | cut -c 8-) &&
	python3 "$TOP/python/examples/personas.py" first/personas.mf --user "$user" -o drawn.svg &&
	grep -o "<title>[^<]*\|<text.*persona [0-9].*" "$TOP/docs/personas.svg" | sed "s/.*>//" | sort >want &&
	grep -o "<title>[^<]*\|<text.*persona [0-9].*" drawn.svg | sed "s/.*>//" | sort >got &&
	test $(wc -l <want) -gt 20 && test_cmp want got
'

# Benchmarks are measured again now and then: then the README has to say what they say.
test_expect_success 'the figures of the table beside others stand where they were measured' '
	sed -n "/^| mfpipe |/,/^\$/p" "$TOP/README.md" | cut -d "|" -f 3- | grep -oE "[0-9][0-9,.]*" >figures &&
	test $(wc -l <figures) -gt 20 &&
	while read -r figure
	do
		grep -qwF -- "$figure" "$TOP/bench/README.md" "$TOP/examples/foreign/README.md" ||
			{ echo "$figure is not in bench/README.md nor examples/foreign/README.md"; return 1; }
	done <figures
'

test_expect_success 'it can be read in one go' '
	test $(wc -l <"$TOP/README.md") -le 270
'

test_expect_success 'the demo runs, shows commands, a comparison and recommendations' '
	bash "$TOP/examples/demo.sh" >demo.out &&
	grep -q "^\$ mf-als -k 16 -p 3" demo.out && grep -q "popularity" demo.out &&
	tail -n 10 demo.out | awk "NF < 5 { exit 1 }"
'

test_done
