#!/bin/sh
test_description='debian/ agrees with the rest: version, what is needed to build, what is installed'
. "$(dirname "$0")/../cli/setup.sh"

version=$(sed -n 's/.*MF_VERSION "\(.*\)"/\1/p' "$TOP/include/mf/version.h")
control=$TOP/debian/control
root=$SHARNESS_TEST_DIRECTORY/root # make takes no blank in a path

test_expect_success 'the version is that of the library, and CITATION.cff has it' '
	test "$(sed -n "1s/^mfpipe (\(.*\)) .*/\1/p" "$TOP/debian/changelog")" = "$version" &&
	grep -qx "version: $version" "$TOP/CITATION.cff"
'
test_expect_success 'the libraries that make deps installs are needed to build' '
	sed -n "/^DEBIAN = /,/[^\\\\]\$/p" "$TOP/Makefile" | grep -oE "[a-z0-9]+-dev" | grep -v "^libc6-dev" >wanted &&
	test $(wc -l <wanted) -ge 8 && sed -n "/^Build-Depends/,/^[^ B]/p" "$control" >needed &&
	while read -r package
	do
		grep -qw -- "$package" needed || { echo "$package: not in Build-Depends"; return 1; }
	done <wanted
'
# What a package takes is a folder or a pattern; dh_missing would say so, in a build.
test_expect_success 'all that make install installs is in one package' '
	make -s -C "$TOP" install DESTDIR=$root PREFIX=/usr LIBDIR=/usr/lib/any >log 2>&1 &&
	for list in mfpipe libmfpipe0 libmfpipe-dev
	do
		grep -q "^Package: $list\$" "$control" && while read -r pattern
		do
			(cd $root && find $pattern -type f -o -type l) || return 1
		done <"$TOP/debian/$list.install" || return 1
	done | sort >taken && (cd $root && find * -type f -o -type l) | sort | test_cmp - taken
'

test_done
