# What is built stops what errors in C are used for: stack protector, checked calls of the
# C library, tables that are read-only once they are bound, no code on the stack, addresses
# that differ at every start. MF_HARDEN=0 and sanitizers go without.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1
if [ "${MF_HARDEN:-1}" = 0 ]; then echo "1..0 # SKIP built without"; exit 0; fi
command -v readelf >/dev/null || { echo "1..0 # SKIP no readelf"; exit 0; }
BUILD=${BUILD:-$PWD/build}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# _FORTIFY_SOURCE is for what is optimized.
optimized=$(grep -E -- ' -O(1|2|3|s)( |$)' "$BUILD/flags")

# What the file lacks, a word for each.
lacks() { # FILE
	readelf -hldW "$1" >"$scratch/elf" && readelf --dyn-syms -W "$1" >"$scratch/symbols" || echo unreadable
	has() { grep -Eq -e "$2" "$scratch/$1" || echo "$3"; }
	has elf '^ *Type: *DYN' position-independence
	case $1 in *.so*) ;; *) has elf '\(FLAGS_1\).*\bPIE\b' PIE ;; esac
	has elf '^ *GNU_RELRO ' RELRO
	has elf '\(BIND_NOW\)|\(FLAGS_1\).*\bNOW\b|\(FLAGS\).*\bBIND_NOW\b' BIND_NOW
	has elf '^ *GNU_STACK .* RW +0x' a-stack-without-code
	! grep -Eq ' (RWE|R?WE) ' "$scratch/elf" || echo memory-that-is-either-code-or-data
	! grep -Eq '\((RPATH|RUNPATH|TEXTREL)\)' "$scratch/elf" || echo a-search-path-or-text-left-alone
	has symbols 'UND __stack_chk_fail' a-stack-protector
	if [ -n "$optimized" ]; then has symbols 'UND __[a-z]+_chk(@|$)' FORTIFY; fi
}

n=0 failed=0
say() { # TEXT: a test, which fails if $wrong has anything
	n=$((n + 1))
	if [ -z "$wrong" ]; then echo "ok $n - $1"; else echo "not ok $n - $1, but for:" $wrong; failed=1; fi
}
for file in "$BUILD"/bin/* "$BUILD"/libmfpipe.so.*; do
	wrong=$(lacks "$file")
	say "${file##*/} is hardened"
done

# The test can fail: a program without any of it.
cat >"$scratch/bare.c" <<'C'
#include <stdio.h>
int main(void) { char text[64]; return fgets(text, 64, stdin) ? text[0] : 0; }
C
wrong=
${CC:-cc} -O2 -U_FORTIFY_SOURCE -fno-stack-protector -no-pie -Wl,-z,norelro,-z,lazy,-z,execstack,-rpath,/nowhere \
	-o "$scratch/bare" "$scratch/bare.c" 2>/dev/null && found=$(lacks "$scratch/bare") || wrong=compiler
for what in position-independence PIE RELRO BIND_NOW a-stack-without-code a-search-path-or-text-left-alone \
	a-stack-protector FORTIFY; do
	case " $(echo $found) " in *" $what "*) ;; *) wrong="$wrong $what" ;; esac
done
say 'what a bare program lacks is found'

# MF_HARDEN=0 asks for nothing of it, and against what some compilers do unasked.
wrong=
${MAKE:-make} -n V=1 MF_HARDEN=0 CFLAGS=-O2 LDFLAGS= BUILD="$scratch/bare" "$scratch/bare/bin/mf-info" >"$scratch/commands" 2>&1 || wrong=make
for flag in -fno-stack-protector -U_FORTIFY_SOURCE -no-pie norelro lazy; do
	grep -q -e "$flag" "$scratch/commands" || wrong="$wrong $flag"
done
! grep -E -e '-fstack-protector|-D_FORTIFY|z,relro|z,now| -pie' "$scratch/commands" || wrong="$wrong hardening"
say 'MF_HARDEN=0 goes without'
echo "1..$n"
exit $failed
