test_description='mf-convert: Matrix Market, npz and npy'
. "$(dirname "$0")/setup.sh"
. "$TOP/tests/cli/convert.sh"

test_expect_success 'Matrix Market: comments, blanks, patterns, declared types' '
	from "%%%%matrixmarket MATRIX coordinate pattern general\n%% c\n\n3 4 2\n 1 2 \n3\t4\n" --from=mtx >out &&
	printf "1\t2\t1\t0\n3\t4\t1\t0\n" | cmp - out &&
	from "%%%%MatrixMarket matrix coordinate real general\n1 1 1\n1 1 3\n" --from=mtx | grep -q "3.0" &&
	from "%%%%MatrixMarket matrix coordinate integer general\n1 1 1\n1 1 -3\n" --from=mtx | grep -q "	-3.0	"
'
banner='%%%%MatrixMarket matrix coordinate integer general\n'
test_expect_success 'Matrix Market: what is damaged is refused' '
	refuses "" "is empty" --from=mtx &&
	refuses "hello\n" "from.in:1: not Matrix Market" --from=mtx &&
	refuses "%%%%MatrixMarket matrix array real general\n" "only coordinate" --from=mtx &&
	refuses "%%%%MatrixMarket matrix coordinate complex general\n" "only real, integer and pattern are read" --from=mtx &&
	refuses "%%%%MatrixMarket matrix coordinate real symmetric\n" "only general" --from=mtx &&
	refuses "$banner" "wanted the numbers" --from=mtx &&
	refuses "${banner}2 2\n" "wanted the numbers" --from=mtx &&
	refuses "${banner}4294967296 2 1\n" "wanted the numbers" --from=mtx &&
	refuses "${banner}2 2 18446744073709551616\n" "wanted the numbers" --from=mtx &&
	refuses "${banner}2 2 18446744073709551615\n1 1 1\n" "ends after 1 of 18446744073709551615" --from=mtx &&
	refuses "${banner}2 2 1\n1 1 1\n1 2 1\n" "from.in:4: more entries" --from=mtx &&
	refuses "${banner}2 2 1\n0 1 1\n" "from.in:3: row" --from=mtx &&
	refuses "${banner}2 2 1\n1 3 1\n" "from.in:3: column" --from=mtx &&
	refuses "${banner}2 2 1\n1 1\n" "an entry must have a row, a column and a value" --from=mtx &&
	for value in 1.5 3.0 1e3 - +; do
		refuses "${banner}2 2 1\n1 1 $value\n" "from.in:3: '\''$value'\'' is no whole number, which the first line says: make that '\''real'\''" --from=mtx || return 1
	done &&
	from "${banner}2 2 2\n1 1 +3\n2 2 -3\n" --from=mtx | grep -q "^1	1	3.0	" &&
	refuses "${banner}2 2 1\n1 1 x\n" "'\''x'\'' is no whole number" --from=mtx &&
	printf "a\n" >names &&
	refuses "${banner}2 2 1\n1 1 1\n" "2 users, but 1 name" --from=mtx --user-names names
'
test_expect_success 'a matrix that only claims to be large takes no memory' '
	printf "${banner}4294967295 4294967295 4294967296\n1 1 1\n" >in &&
	(case $BUILD in */asan) ;; *) ulimit -v 4000000;; esac; mf-convert --from=mtx in) >out 2>err
	test $? -eq 1 && test ! -s out && grep -q "ends after 1 of 4294967296 entries" err &&
	printf "${banner}4294967295 2 1\n1 1 1\n" >in &&
	(case $BUILD in */asan) ;; *) ulimit -v 4000000;; esac; mf-convert --from=mtx in) >out 2>err
	test $? -eq 1 && test ! -s out && grep -q "4294967295 rows, but only 1 entry: nearly all are empty" err
'
test_expect_success 'a matrix keeps its order and shape, empty rows and columns and zeros' '
	printf "${banner}11 102 4\n1 1 1\n2 101 2\n2 102 0\n10 1 10\n" >in && mf-convert --from=mtx in >in.mf &&
	mf-convert --to=mtx in.mf | cmp - in && test "$(mf-convert --to=tsv --part=users in.mf | tr "\n" " ")" = "01 02 03 04 05 06 07 08 09 10 11 " &&
	mf-convert --to=tsv --part=items in.mf | sed -n "1p;100p;102p" >out && printf "001\n100\n102\n" | cmp - out &&
	mf-convert --to=npz in.mf >x.npz && mf-convert --from=npz x.npz >x.mf && mf-convert --to=npz x.mf | cmp - x.npz &&
	mf-convert --to=mtx x.mf | cmp - in && mf-convert --to=tsv --part=users x.mf | sed -n "1p;11p" >out && printf "00\n10\n" | cmp - out &&
	(head -n 2 in; sed 1,2d in | tac) | mf-convert --from=mtx | cmp - in.mf
'
test_expect_success 'row i of the factors is row i of the matrix' '
	awk "BEGIN { print \"%%MatrixMarket matrix coordinate pattern general\"; print 12, 11, 36;
		for (u = 1; u <= 12; u++) for (i = 0; i < 3; i++) print u, (u * 3 + i * 4) % 10 + 1 }" >in &&
	mf-convert --from=mtx in | mf-als -k 2 -p 1 -n 3 -q >m.mf && mf-convert --to=npy --part=users m.mf >users.npy &&
	mf-convert --to=npy --part=items m.mf >items.npy && mf-convert --to=tsv m.mf >cells.tsv &&
	grep -aq "(12, 2)" users.npy && grep -aq "(11, 2)" items.npy &&
	awk "NR > 2 { printf \"%02d\t%02d\n\", \$1, \$2 }" in | sort >want && cut -f 1,2 cells.tsv | cmp - want
'
test_expect_success 'folds go out one by one, in one shape; a mixture is said' '
	printf "a\tx\t1\t0\na\ty\t2\t2\nb\tx\t3\t0\nc\tz\t4\t1\nc\tx\t5\t3\n" | mf-convert --from=tsv --columns=1,2,3,4 >in.mf &&
	head="${banner}3 3 " &&
	mf-convert --to=mtx --fold=train in.mf >out 2>err && printf "${head}2\n1 1 1\n2 1 3\n" | cmp - out && test ! -s err &&
	mf-convert --to=mtx --fold=test in.mf >out && printf "${head}1\n1 2 2\n" | cmp - out &&
	mf-convert --to=mtx --fold=1,fold-in in.mf >out && printf "${head}2\n3 1 5\n3 3 4\n" | cmp - out &&
	mf-convert --to=mtx --fold=0,1,2,3 in.mf >all 2>err && test ! -s err && mf-convert --to=mtx in.mf 2>err | cmp - all &&
	test $(wc -l <err) -eq 1 && grep -q "has no folds: 2 train, 1 valid, 1 test and 1 fold-in cells are written as one; choose with --fold" err &&
	for format in npz inter lists; do mf-convert --to=$format in.mf 2>err >/dev/null && grep -q "has no folds" err || return 1; done &&
	for format in tsv csv ndjson; do mf-convert --to=$format in.mf 2>err >/dev/null && test ! -s err || return 1; done &&
	mf-convert --to=tsv --fold=valid in.mf >out && printf "c\tz\t4\t1\n" | cmp - out &&
	mf-convert --to=npz --fold=train in.mf >train.npz && mf-convert --from=npz train.npz | mf-convert --to=mtx >out &&
	printf "${head}2\n1 1 1\n2 1 3\n" | cmp - out
'
# npz NAME MEMBER=NUMBERS...: an archive of arrays, by Python alone. A member of "Nx0" has N
# zeros; format=TEXT.
cat >npz.py <<-\EOT
import struct, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED, compresslevel=1) as z:
    for arg in sys.argv[2:]:
        name, text = arg.split('=')
        if name == 'format':
            descr, shape, data = '|S3', '()', [text.encode()]
        elif text.endswith('x0'):
            n = int(text[:-2])
            descr, shape, data = '<f8', f'({n},)', (bytes(8 * min(1 << 20, n - at)) for at in range(0, n, 1 << 20))
        else:
            numbers = [int(x) for x in text.split(',') if x]
            descr, shape, data = '<i4', f'({len(numbers)},)', [struct.pack(f'<{len(numbers)}i', *numbers)]
        head = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117).encode() + b'\n'
        with z.open(name + '.npy', 'w', force_zip64=True) as f:
            f.write(b'\x93NUMPY\x01\x00' + struct.pack('<H', len(head)) + head)
            for piece in data:
                f.write(piece)
EOT
test_expect_success 'CSR, CSC and COO of scipy, with duplicates' '
	mtx="${banner}3 4 4\n1 2 5\n1 4 6\n3 1 7\n3 2 8\n" && printf "$mtx" >want &&
	python3 npz.py csr.npz indices=1,3,0,1 indptr=0,2,2,4 format=csr shape=3,4 data=5,6,7,8 &&
	python3 npz.py csc.npz indices=2,0,2,0 indptr=0,1,3,3,4 format=csc shape=3,4 data=7,5,8,6 &&
	python3 npz.py coo.npz row=2,0,0,2 col=1,3,1,0 format=coo shape=3,4 data=8,6,5,7 &&
	for f in csr csc coo; do
		mf-convert --from=npz $f.npz | mf-convert --to=mtx | cmp - want && cat $f.npz | mf-convert --from=npz >p.mf &&
		mf-convert --from=npz $f.npz | cmp - p.mf || return 1
	done &&
	python3 npz.py coo.npz row=2,2 col=1,1 format=coo shape=3,4 data=8,6 && mf-convert --from=npz --duplicates=last coo.npz |
		mf-convert --to=mtx >out && printf "${banner}3 4 1\n3 2 6\n" | cmp - out
'
test_expect_success 'npz: what is damaged or another thing is refused' '
	bad () { words=$1; shift; python3 npz.py bad.npz "$@" && fails 1 "$words" mf-convert --from=npz bad.npz; } &&
	bad "format.npy: the matrix is not CSR, CSC or COO; save it with .tocsr()" data=1 offsets=0 format=dia shape=1,1 &&
	bad "indptr.npy: missing from the archive: not a matrix of scipy.sparse" indices=0 format=csr shape=1,1 data=1 &&
	bad "format.npy: missing" arr_0=1,2 &&
	bad "data.npy: has 2 numbers, indices.npy has 1" indices=0 indptr=0,1 format=csr shape=1,1 data=1,2 &&
	bad "indptr.npy: wanted one number more" indices=0 indptr=0,1,1 format=csr shape=1,1 data=1 &&
	bad "indptr.npy: the rows do not ascend" indices=0,0 indptr=0,2,1,2 format=csr shape=3,1 data=1,2 &&
	bad "indptr.npy: the rows do not span" indices=0,0 indptr=0,1 format=csr shape=1,1 data=1,2 &&
	bad "indices.npy: entry 1 is no column" indices=0,1 indptr=0,2 format=csr shape=1,1 data=1,2 &&
	bad "indices.npy: entry 0 is no row" indices=5 indptr=0,1 format=csc shape=5,1 data=1 &&
	bad "row.npy: entry 0 is no row" row=-1 col=0 format=coo shape=5,1 data=1 &&
	bad "shape.npy: wanted two numbers" indices=0 indptr=0,1 format=csr shape=1,1,1 data=1 &&
	printf "a\tx\t1\n" | mf-convert --from=tsv | mf-convert --to=npz >whole.npz && (head -c -12 whole.npz && printf "\377\377" && tail -c 10 whole.npz) >forged.npz &&
	fails 1 "forged.npz: the zip archive was cut or changed: its end record is missing, or the directory is not of its members" mf-convert --from=npz forged.npz &&
	printf "a\tx\t1\n" >in && fails 1 "in: is no zip archive" mf-convert --from=npz in
'
test_expect_success 'an archive that inflates to gigabytes takes no memory' '
	n=150000000 && # more than 1 GiB: less is read from a pipe
	python3 npz.py big.npz indices=0,1 indptr=0,1,2 format=csr shape=2,2 data=${n}x0 &&
	python3 npz.py early.npz data=${n}x0 indices=0,1 indptr=0,1,2 format=csr shape=2,2 && test $(wc -c <big.npz) -lt 6000000 &&
	(case $BUILD in */asan) ;; *) ulimit -v 1000000;; esac
	fails 1 "data.npy: has $n numbers, indices.npy has 2" mf-convert --from=npz big.npz &&
	fails 1 "indices.npy: has 2 numbers, data.npy has $n" mf-convert --from=npz early.npz &&
	cat early.npz | fails 1 "give the file by its name" mf-convert --from=npz &&
	head -c 1500000000 /dev/zero | fails 1 "is no zip archive" mf-convert --from=npz)
'
test_expect_success 'a small aggregation' '
	awk "BEGIN { for (s = 0; s < 300; s++) printf \"TR%05d<SEP>SO%05d<SEP>artist %d<SEP>t\n\", s, s, s % 90 }" >tracks &&
	awk "BEGIN { for (u = 0; u < 400; u++) for (i = 0; i < 6; i++) printf \"user%d\tSO%05d\t%d\n\", u, (u * 31 + i * i * 17) % 300, u % 9 + 1 }" >triplets &&
	msd-aggregate -t tracks triplets >whole.mf && msd-aggregate --shard 1/4 -t tracks triplets >shard1.mf
'
test_expect_success 'factors and history of a model go out' '
	mf-als -k 3 -p 2 -n 4 --warmup 2 whole.mf >model.mf &&
	mf-convert --to=npy --part=users model.mf >users.npy && mf-convert --to=npy --part=items model.mf >items.npy &&
	users=$(mf-convert --to=tsv --part=users model.mf | wc -l) &&
	grep -aq "(${users}, 2, 3)" users.npy && grep -aq ", 3)" items.npy &&
	test $(wc -c <users.npy) -eq $((128 + users * 24)) &&
	fails 1 "no biases" mf-convert --to=npy --part=user-biases model.mf &&
	fails 2 "say --to=npy" mf-convert --to=tsv --part=item-biases model.mf &&
	mf-als --preset=explicit -k 3 -p 1 -n 4 whole.mf >biased.mf &&
	mf-convert --to=npy --part=user-biases biased.mf >bu.npy && mf-convert --to=npy --part=item-biases biased.mf >bi.npy &&
	grep -aq "(${users},)" bu.npy && test $(wc -c <bu.npy) -eq $((128 + users * 4)) &&
	mf-convert --to=npy --part=users biased.mf >bU.npy && mf-convert --to=npy --part=items biased.mf >bV.npy &&
	mf-info --format=json biased.mf >biased.json && mf-recommend --include-seen -N 1 biased.mf >best &&
	mf-convert --to=tsv --part=history model.mf >history &&
	head -1 history | grep -q "^iteration	half	loss	prediction	users	items	rmse	valid	moved$" &&
	test $(wc -l <history) -gt 4 && mf-convert --to=ndjson --part=history model.mf | tail -1 | grep -q "\"loss\":[0-9]" &&
	mf-convert --to=tsv model.mf >out && mf-convert --to=tsv whole.mf | cmp - out &&
	fails 1 "holds a model" mf-convert --join model.mf shard1.mf
'
for python in python3 /usr/bin/python3
do
	"$python" -c 'import numpy, scipy.sparse, scipy.io' 2>/dev/null && test_set_prereq SCIPY && break
done
test_expect_success SCIPY 'scipy and numpy read what is written, and the other way round' '
	mf-convert --to=npz whole.mf >w.npz && mf-convert --to=mtx whole.mf >w.mtx &&
	mf-convert --to=tsv --part=users whole.mf >users && mf-convert --to=tsv --part=items whole.mf >items &&
	cat >check.py <<-\EOT &&
	import numpy as np, scipy.io, scipy.sparse as sp
	x, y = sp.load_npz("w.npz"), scipy.io.mmread("w.mtx").tocsr()
	assert x.dtype == np.uint32 and (x != y).nnz == 0 and x.has_sorted_indices
	sp.save_npz("packed.npz", x)
	sp.save_npz("wide.npz", x.astype("f8"), compressed=False)
	scipy.io.mmwrite("back.mtx", x.astype("i8"))
	sp.save_npz("csc.npz", x.tocsc())
	sp.save_npz("coo.npz", x.tocoo())
	sp.save_npz("bsr.npz", x.tobsr())
	assert np.load("users.npy").shape[1:] == (2, 3) and np.load("items.npy").dtype == np.float32
	import json
	load = lambda name: np.load(name).astype(float)
	s = json.load(open("biased.json"))["model"]["mu"] + load("bu.npy")[:, None] + load("bi.npy") + load("bU.npy") @ load("bV.npy").T
	best = np.array([float(line.split("\t")[3]) for line in open("best")])
	assert best.shape == s.max(axis=1).shape and abs(best - s.max(axis=1)).max() < 1e-5
	EOT
	"$python" check.py && mf-convert --to=tsv whole.mf >want && names="--user-names users --item-names items" &&
	mf-convert --from=npz $names packed.npz | mf-convert --to=tsv | cmp - want &&
	mf-convert --from=mtx $names back.mtx | mf-convert --to=tsv | cmp - want &&
	mf-convert --from=npz $names wide.npz | mf-convert --to=tsv | sed "s/\.0	/	/" | cmp - want &&
	mf-convert --from=npz $names csc.npz | mf-convert --to=tsv | cmp - want && mf-convert --from=npz $names coo.npz | mf-convert --to=tsv | cmp - want &&
	fails 1 "bsr.npz: format.npy: the matrix is not CSR, CSC or COO; save it with .tocsr()" mf-convert --from=npz bsr.npz
'
test_done
