#!/bin/sh
test_description='make install and uninstall; a program built against what was installed'
. "$(dirname "$0")/setup.sh"

root=$SHARNESS_TEST_DIRECTORY/root # make takes no blank in a path
at=$root/opt/mf
place="DESTDIR=$root PREFIX=/opt/mf"

test_expect_success 'install honours PREFIX and DESTDIR' '
	make -s -C "$TOP" install $place >log 2>&1 &&
	"$at/bin/mf-als" --version && test -f "$at/share/man/man5/mf-bundle.5" &&
	for tool in "$TOP"/build/bin/*
	do
		test -x "$at/bin/${tool##*/}" && test -f "$at/share/man/man1/${tool##*/}.1" || return 1
	done
'

cat >program.c <<'E2'
#include <mf/mf.h>
#include <stdio.h>

int main(void)
{
	mf_als_params params = mf_als_defaults(MF_PRESET_IMPLICIT);
	return mf_als_check(&params, NULL) == MF_OK && puts(MF_VERSION) > 0 ? 0 : 1;
}
E2

flags () { # OPTION...: of mfpipe, as if /opt/mf were in place
	PKG_CONFIG_PATH="$at/lib/pkgconfig" pkg-config --define-variable=prefix="$at" "$@" mfpipe
}

test_expect_success 'pkg-config finds the shared library' '
	${CC:-cc} -o shared program.c $(flags --cflags --libs) &&
	LD_LIBRARY_PATH="$at/lib" ./shared >out && test "$(flags --modversion)" = "$(cat out)"
'

# Ours static, what it stands on shared: a wholly static program would need more.
test_expect_success 'and the static one' '
	${CC:-cc} -fopenmp -o static program.c $(flags --cflags) "$at/lib/libmfpipe.a" \
		$(flags --static --libs | sed "s/-lmfpipe//") && ./static
'

# No flag of what the library stands on, nor its development files, for the shared one.
test_expect_success 'pkg-config needs no other package, and gives no flags of others' '
	(PKG_CONFIG_LIBDIR=$at/lib/pkgconfig && export PKG_CONFIG_LIBDIR &&
	test "$(flags --cflags | xargs)" = "-I$at/include" && test "$(flags --libs | xargs)" = "-L$at/lib -lmfpipe" &&
	flags --static --libs | grep -q -- -larchive)
'

refuses () { # VARIABLE=VALUE...
	for target in install uninstall
	do
		! make -s -C "$TOP" BUILD=$root.unmade $target "$@" >log 2>&1 &&
		grep -q "must have no blank" log && test ! -e $root.unmade && test ! -e $root.a || return 1
	done
}
test_expect_success 'a PREFIX or DESTDIR with a blank is refused before anything is made' '
	refuses "PREFIX=$root.a pipe" && refuses PREFIX=/opt/mf "DESTDIR=$root.a b"
'

# It is asked only where programs are to find the library.
test_expect_success 'ldconfig is run by root without DESTDIR' '
	mkdir $root.l && printf "#!/bin/sh\ntouch %s/ran; exit 1\n" $root.l >$root.l/ldconfig &&
	chmod +x $root.l/ldconfig &&
	make -s -C "$TOP" install $place LDCONFIG=$root.l/ldconfig >log 2>&1 && test ! -e $root.l/ran &&
	make -s -C "$TOP" install PREFIX=$root.l LDCONFIG=$root.l/ldconfig >log 2>&1 &&
	if test "$(id -u)" = 0; then test -e $root.l/ran; else test ! -e $root.l/ran; fi &&
	make -s -C "$TOP" uninstall PREFIX=$root.l && test ! -e $root.l/lib/libmfpipe.a
'

test_expect_success 'uninstall leaves no file' '
	make -s -C "$TOP" uninstall $place && test -z "$(find $root -type f -o -type l)"
'

test_done
