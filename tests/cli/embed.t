#!/bin/sh
test_description='programs in C and C++ that are built against what make install puts in place'
. "$(dirname "$0")/setup.sh"

root=$SHARNESS_TEST_DIRECTORY/root # make takes no blank in a path
at=$root/opt/mf
CXX=${CXX:-g++}
command -v $CXX >/dev/null && test_set_prereq CXX

# As if /opt/mf were in place.
PKG_CONFIG_PATH=$at/lib/pkgconfig
export PKG_CONFIG_PATH
warnings='-O1 -Wall -Wextra -Wpedantic -Werror'
embed () { # TARGET [VARIABLE=VALUE]...
	make -s -C embed -B "$@" PKG_CONFIG="pkg-config --define-variable=prefix=$at" \
		CC="${CC:-cc}" CXX="$CXX" CFLAGS="-std=c11 $warnings" CXXFLAGS="$warnings"
}

test_expect_success 'install with DESTDIR' '
	make -s -C "$TOP" install DESTDIR=$root PREFIX=/opt/mf >log 2>&1 &&
	cp -R "$TOP/examples/embed" embed
'

test_expect_success 'C, with the shared library: ten items that the user has not played, best first' '
	embed train && LD_LIBRARY_PATH=$at/lib embed/train 7 <embed/plays.txt >c.shared &&
	test $(wc -l <c.shared) -eq 10 && sort -k2,2gr -c c.shared &&
	awk "NR == FNR { if (\$1 == 7) played[\$2]; next } \$1 in played || \$1 in listed { exit 1 } { listed[\$1] }" \
		embed/plays.txt c.shared
'

test_expect_success 'and with the static one' '
	embed train STATIC=1 && embed/train 7 <embed/plays.txt >c.static && test_cmp c.shared c.static
'

test_expect_success CXX 'C++, with the shared library' '
	embed train++ && LD_LIBRARY_PATH=$at/lib embed/train++ 7 <embed/plays.txt >cc.shared &&
	test_cmp c.shared cc.shared
'

test_expect_success CXX 'and with the static one' '
	embed train++ STATIC=1 && embed/train++ 7 <embed/plays.txt >cc.static && test_cmp c.shared cc.static
'

test_expect_success 'what fails says why' '
	for program in train $(test_have_prereq CXX && echo train++)
	do
		printf "0 0 3e38\\n0 0 3e38\\n" >bad && fails 1 "train: " embed/$program 0 <bad &&
		echo "user item plays" >bad && fails 1 "train: no line of user, item and plays" embed/$program 0 <bad &&
		fails 1 "train: " embed/$program 60 <embed/plays.txt || return 1
	done
'

# The section of the README: its code is that of the example; its commands, behind "$",
# print what stands below them.
test_expect_success 'the README shows the program, how to build it and what it prints' '
	sed -n "/^## From C and C++/,/^## [^F]/p" "$TOP/README.md" >section &&
	awk "/^\`\`\`c\$/ { on = 1; next } /^\`\`\`/ { on = 0 } on" section >shown.c &&
	test $(wc -l <shown.c) -gt 10 &&
	python3 -c "
import sys
shown, program = (open(p).read() for p in sys.argv[1:])
sys.exit(shown not in program)" shown.c embed/train.c &&
	awk "/^\`\`\`/ { on = !on } !on" section | sed -n "s/^    //p" >session &&
	sed -n "s/^[\$] //p" session >commands && test $(wc -l <commands) -eq 2 &&
	grep -v "^[\$]" session >want &&
	mkdir wrapped && printf "#!/bin/sh\nexec %s --define-variable=prefix=%s \"\$@\"\n" \
		"$(command -v pkg-config)" "$at" >wrapped/pkg-config && chmod +x wrapped/pkg-config &&
	(cd embed && PATH=../wrapped:$PATH LD_LIBRARY_PATH=$at/lib sh -e ../commands) >got &&
	test_cmp want got
'

test_done
