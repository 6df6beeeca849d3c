#!/bin/sh
test_description='make install into a home, as docs/install.md says, and make uninstall'
. "$(dirname "$0")/../cli/setup.sh"

# The page's own commands, those of one section: block N.
block () {
	awk -v n="$1" '/^## / { on = /In your home/ } /^```/ { if (on && !code) b++; code = !code; next } on && code && b == n' \
		"$TOP/docs/install.md"
}
make () { command make -s -C "$TOP" "$@"; }

HOME=$SHARNESS_TEST_DIRECTORY/home # make takes no blank in a path
export HOME
mkdir "$HOME" && cp "$TOP/examples/embed/train.c" "$TOP/examples/embed/plays.txt" .
PATH=$(echo "$PATH" | sed "s|$BUILD/bin:||g")
unset MANPATH PKG_CONFIG_PATH LD_LIBRARY_PATH
man --version 2>/dev/null | grep -q '^man 2' && test_set_prereq MAN

test_expect_success 'the commands of the page put it there' '
	block 1 | grep -q "make install" && eval "$(block 1)" >log 2>&1 && block 2 | grep -q PATH= && eval "$(block 2)" &&
	test "$(command -v mf-als)" = "$HOME/.local/bin/mf-als" && mf-als --version
'
test_expect_success MAN 'man finds its page there, and pages of others' '
	test "$(man -w mf-als)" = "$HOME/.local/share/man/man1/mf-als.1" && case $MANPATH in *:) ;; *) false ;; esac
'
test_expect_success 'a program that is linked as it says runs' '
	cc () { command "${CC:-cc}" "$@"; } && block 3 | grep -q rpath && eval "$(block 3)" &&
	./train 7 <plays.txt >out && test $(wc -l <out) -eq 10
'
test_expect_success 'and one without rpath runs by LD_LIBRARY_PATH alone' '
	eval "$(block 3 | sed "s/-Wl,-rpath,[^ ]*//")" && ! ./train 7 <plays.txt 2>err && grep -q libmfpipe.so.0 err &&
	(eval "$(block 4)" && ./train 7 <plays.txt) | test_cmp out -
'
test_expect_success 'uninstall leaves nothing but what is of others' '
	touch "$HOME/.local/share/man/man1/own.1" && make uninstall PREFIX="$HOME/.local" >log 2>&1 &&
	test "$(cd "$HOME/.local" && find . | sort | xargs)" = ". ./share ./share/man ./share/man/man1 ./share/man/man1/own.1"
'
test_expect_success 'LIBDIR has the libraries; mfpipe.pc names it' '
	make install DESTDIR="$HOME/d" PREFIX=/usr LIBDIR=/usr/lib/any >log 2>&1 &&
	test -f "$HOME/d/usr/lib/any/libmfpipe.a" && test ! -e "$HOME/d/usr/lib/libmfpipe.a" &&
	grep -qxF "libdir=\${prefix}/lib/any" "$HOME/d/usr/lib/any/pkgconfig/mfpipe.pc" && ! grep -rqF "$HOME" "$HOME/d/usr/lib/any/pkgconfig"
'
test_expect_success 'the name that programs ask for is that of the file, with the number that Debian has' '
	readelf -d "$HOME/d/usr/lib/any/libmfpipe.so" >dynamic && so=$(sed -n "s/.*soname: \[\(.*\)\]/\1/p" dynamic) &&
	test -f "$HOME/d/usr/lib/any/$so" && test -f "$TOP/debian/libmfpipe${so##*.}.install"
'
test_expect_success 'of /usr, uninstall removes files and the one folder that is ours' '
	make uninstall DESTDIR="$HOME/d" PREFIX=/usr LIBDIR=/usr/lib/any >log 2>&1 &&
	test -z "$(find "$HOME/d" -type f -o -type l)" && test -d "$HOME/d/usr/bin" && test ! -e "$HOME/d/usr/include/mf"
'

test_done
