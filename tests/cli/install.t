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
		$(pkg-config --libs $(flags --print-requires-private)) -lm && ./static
'

test_expect_success 'uninstall leaves no file' '
	make -s -C "$TOP" uninstall $place && test -z "$(find $root -type f -o -type l)"
'

test_done
