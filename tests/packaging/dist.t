#!/bin/sh
test_description='make dist: what git tracks, the same bytes twice, and a tree that builds where no git is'
. "$(dirname "$0")/../cli/setup.sh"

version=$(sed -n 's/.*MF_VERSION "\(.*\)"/\1/p' "$TOP/include/mf/version.h")
tree=mfpipe-$version
top=$(cd "$TOP" && git rev-parse --show-prefix 2>/dev/null) && test -z "$top" && test_set_prereq GIT

# Whoever calls git here hears that it is not there.
no_git () {
	(mkdir -p "$SHARNESS_TEST_DIRECTORY/none" && printf '#!/bin/sh\nexit 127\n' >"$SHARNESS_TEST_DIRECTORY/none/git" &&
	chmod +x "$SHARNESS_TEST_DIRECTORY/none/git" && PATH=$SHARNESS_TEST_DIRECTORY/none:$PATH && "$@")
}

test_expect_success 'a tarball' '
	"$TOP/packaging/dist" one.tar.gz && tar -tzf one.tar.gz >listed && grep -qx $tree/Makefile listed
'
test_expect_success GIT 'it lists every tracked file, and the list of them' '
	{ echo MANIFEST; git -C "$TOP" ls-files; } | sed "s|^|$tree/|" | LC_ALL=C sort >tracked &&
	LC_ALL=C sort listed | test_cmp tracked -
'
test_expect_success 'with the bytes and the modes of the tree' '
	tar -xzf one.tar.gz && sed 1d $tree/MANIFEST | tr "\n" "\0" >names &&
	(cd "$TOP" && xargs -0 cat <"$OLDPWD/names") | cksum >there && (cd $tree && xargs -0 cat <../names) | cksum | test_cmp there - &&
	test -x $tree/examples/demo.sh && test ! -x $tree/Makefile
'
test_expect_success 'all of one time, nobody'\''s' '
	tar --numeric-owner --full-time -tvzf one.tar.gz | awk "{ print \$2, \$4, \$5 }" | sort -u >kinds &&
	test $(wc -l <kinds) -eq 1 && grep -q "^0/0 " kinds
'
test_expect_success 'the same bytes where it is unpacked, without git, under another umask, and later' '
	(umask 077 && mkdir later && tar -xzmf one.tar.gz -C later && no_git later/$tree/packaging/dist two.tar.gz) &&
	cmp one.tar.gz two.tar.gz
'
test_expect_success 'where neither git nor MANIFEST says what goes in, it says so' '
	rm later/$tree/MANIFEST && ! later/$tree/packaging/dist three.tar.gz 2>err &&
	grep -q "neither .git nor MANIFEST" err && test ! -e three.tar.gz
'

test -n "$TEST_FULL" && test_set_prereq FULL
test_expect_success FULL 'it builds and passes tests; a release of it is the same' '
	no_git make -s -j2 -C $tree all tests-built >log 2>&1 &&
	no_git make -s -C $tree dist >>log 2>&1 && cmp one.tar.gz $tree/build/$tree.tar.gz &&
	(unset TEST_FULL && no_git make -s -C $tree check-unit && no_git make -s -C $tree lint) >>log 2>&1 || { tail -n 20 log; false; }
'

test_done
