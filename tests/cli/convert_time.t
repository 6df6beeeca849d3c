test_description='mf-convert: times of cells'
. "$(dirname "$0")/setup.sh"
. "$TOP/tests/cli/convert.sh"

printf 'a\tx\t3\t0\t978300760\na\ty\t1\t2\t1970-01-01\nb\tx\t2\t0\t-1.5\n' >in
printf 'a\tx\t3\t0\t978300760\na\ty\t1\t2\t0\nb\tx\t2\t0\t-2\n' >want
test_expect_success 'times go in and out' '
	mf-convert --from=tsv --columns=1,2,3,4,5 in >t.mf && mf-convert --to=tsv t.mf | cmp - want &&
	mf-convert --from=tsv --columns=1,2,3,4,5 want | mf-convert --to=tsv | cmp - want &&
	mf-convert --to=csv --header t.mf >out && head -n 1 out | grep -qx "user,item,value,fold,time" &&
	mf-convert --from=csv --header out | mf-convert --to=tsv | cmp - want &&
	mf-convert --to=ndjson t.mf >out && grep -qxF "{\"user\":\"b\",\"item\":\"x\",\"value\":2,\"fold\":0,\"time\":-2}" out &&
	mf-convert --from=ndjson out | mf-convert --to=tsv | cmp - want &&
	mf-convert --to=inter --fold=0 t.mf >out && printf "user_id:token\titem_id:token\trating:float\ttimestamp:float\na\tx\t3\t978300760\nb\tx\t2\t-2\n" | cmp - out &&
	mf-convert --from=inter out | mf-convert --to=tsv >back && grep -v y want | cmp - back &&
	mf-convert --from=tsv --columns=1,2,3,4 in | mf-convert --to=tsv | cut -f 5 | grep -c . | grep -qx 0
'
test_expect_success 'a merged cell has the latest time, but the first its own' '
	printf "a\tx\t1\t30\na\tx\t2\t10\na\tx\t4\t20\n" >in && for pair in sum:7:30 mean:2.3333333:30 max:4:30 last:1:30 first:2:10; do
		rule=${pair%%:*} rest=${pair#*:} &&
		mf-convert --from=tsv --columns=1,2,3,,4 --duplicates=$rule in | mf-convert --to=tsv >out &&
		printf "a\tx\t%s\t0\t%s\n" ${rest%:*} ${rest#*:} | cmp - out || return 1
	done
'
test_expect_success 'a join keeps times, and first and last go by them' '
	printf "a\tx\t1\t30\nb\tx\t5\t7\n" | mf-convert --from=tsv --columns=1,2,3,,4 >one.mf &&
	printf "a\tx\t2\t10\n" | mf-convert --from=tsv --columns=1,2,3,,4 >two.mf &&
	for order in "one.mf two.mf" "two.mf one.mf"; do
		mf-convert --join --duplicates=last $order | mf-convert --to=tsv >out && printf "a\tx\t1\t0\t30\nb\tx\t5\t0\t7\n" | cmp - out &&
		mf-convert --join --duplicates=first $order | mf-convert --to=tsv >out && printf "a\tx\t2\t0\t10\nb\tx\t5\t0\t7\n" | cmp - out &&
		mf-convert --join --duplicates=sum $order | mf-convert --to=tsv >out && printf "a\tx\t3\t0\t30\nb\tx\t5\t0\t7\n" | cmp - out || return 1
	done &&
	printf "c\tx\t2\n" | mf-convert --from=tsv >none.mf && words="none.mf: holds no times, one.mf holds some; to join without: mf-convert --to=csv one.mf | mf-convert --from=csv --columns=1,2,3,4 and join" &&
	fails 1 "$words" mf-convert --join one.mf none.mf && fails 1 "$words" mf-convert --join none.mf one.mf &&
	mf-convert --to=csv one.mf | mf-convert --from=csv --columns=1,2,3,4 >untimed.mf && mf-convert --join none.mf untimed.mf | mf-convert --to=tsv >out &&
	printf "a\tx\t1\t0\nb\tx\t5\t0\nc\tx\t2\t0\n" | cmp - out
'
test_done
