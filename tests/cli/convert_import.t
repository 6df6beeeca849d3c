test_description='mf-convert: data as people have them, one command each'
. "$(dirname "$0")/setup.sh"
. "$TOP/tests/cli/convert.sh"

# The inputs are made up, in the forms of the data sets; the commands are those of
# mf-convert(1).
test_expect_success 'MovieLens: ratings.dat, u.data, ratings.csv' '
	gives "1::1193::5::978300760\n1::661::3::978302109\n2::1193::4::978298413\n" \
		"1\t1193\t5\t0\t978300760\n1\t661\t3\t0\t978302109\n2\t1193\t4\t0\t978298413\n" --from=tsv --separator=:: --columns=1,2,3,,4 --duplicates=last &&
	gives "196\t242\t3\t881250949\n186\t302\t3\t891717742\n" "186\t302\t3\t0\t891717742\n196\t242\t3\t0\t881250949\n" \
		--from=tsv --columns=1,2,3,,4 --duplicates=last &&
	gives "userId,movieId,rating,timestamp\r\n1,296,5.0,1147880044\r\n1,306,3.5,1147868817\r\n" \
		"1\t296\t5.0\t0\t1147880044\n1\t306\t3.5\t0\t1147868817\n" --from=csv --header --duplicates=last
'
test_expect_success 'Last.fm 360K: plays by user and artist name' '
	gives "00000c289a1829a808ac09c00daf10bc3c4e223b\t3bd73256-3905-4f3a-97e2-8b341527f805\tbetty blowtorch\t2137\n00000c289a1829a808ac09c00daf10bc3c4e223b\t\tdie \303\244rzte\t1099\n" \
		"00000c289a1829a808ac09c00daf10bc3c4e223b\tbetty blowtorch\t2137\t0\n00000c289a1829a808ac09c00daf10bc3c4e223b\tdie \303\244rzte\t1099\t0\n" \
		--from=tsv --columns=1,3,4 --item-key=fold --duplicates=sum
'
test_expect_success 'Last.fm 1K: events become counts' '
	line="user_000001\t2009-05-04T23:08:57Z\tf1b1cf71\tDeep Dish\t\tFuck Me Im Famous\n" &&
	gives "${line}user_000001\t2009-05-04T13:54:10Z\tf1b1cf71\tDeep Dish\tx\ty\nuser_000002\t2009-05-04T13:52:04Z\ta7f7df4a\tUnderworld\t\tz\n" \
		"user_000001\tDeep Dish\t2\t0\t1241478537\nuser_000002\tUnderworld\t1\t0\t1241445124\n" --from=tsv --columns=1,4,,,2 --duplicates=sum
'
test_expect_success 'ListenBrainz: listens as JSON, one a line' '
	gives "{\"user_name\":\"rob\",\"listened_at\":1443521965,\"track_metadata\":{\"artist_name\":\"Rick Astley\",\"track_name\":\"x\",\"additional_info\":{}}}\n{\"user_name\":\"rob\",\"listened_at\":1443521970,\"track_metadata\":{\"artist_name\":\"Rick Astley\"}}\n" \
		"rob\tRick Astley\t2\t0\t1443521970\n" --from=ndjson --columns=user_name,track_metadata.artist_name,,,listened_at --duplicates=sum
'
test_expect_success 'RecBole: .inter in its variants' '
	gives "user_id:token\titem_id:token\trating:float\ttimestamp:float\n196\t242\t3\t881250949\n" "196\t242\t3\t0\t881250949\n" --from=inter &&
	gives "user_id:token\titem_id:token\ttimestamp:float\n196\t242\t881250949.0\n" "196\t242\t1\t0\t881250949\n" --from=inter &&
	gives "user_id:token\tartist_id:token\tweight:float\n2\t51\t13883.0\n" "2\t51\t13883.0\t0\n" --from=inter
'
test_expect_success 'LightGCN: train.txt' '
	gives "0 0 1 2\n1 5 \n2\n" "0\t0\t1\t0\n0\t1\t1\t0\n0\t2\t1\t0\n1\t5\t1\t0\n" --from=lists &&
	mf-convert --to=tsv --part=users from.mf >out && printf "0\n1\n2\n" | cmp - out
'
test_expect_success 'Steam: hours of games, with names' '
	gives "u1\tThe Elder Scrolls V Skyrim\t273.0\nu1\tFallout 4\t87.0\n" \
		"u1\tFallout 4\t87.0\t0\nu1\tThe Elder Scrolls V Skyrim\t273.0\t0\n" --from=tsv --duplicates=max
'
test_expect_success 'each of these commands is in the manual' '
	mandoc -T ascii "$TOP/man/mf-convert.1" | sed "s/.\x08//g" | tr -s " \n" " " | sed "s/ [\\] / /g" >man &&
	for words in "--from=tsv --separator=:: --columns=1,2,3,,4 --duplicates=last ratings.dat" \
		"--from=tsv --columns=1,2,3,,4 --duplicates=last u.data" "--from=csv --header --duplicates=last ratings.csv" \
		"--from=tsv --columns=1,3,4 --item-key=fold --duplicates=sum" "--from=tsv --columns=1,4,,,2 --duplicates=sum" \
		"--from=ndjson --columns=user_name,track_metadata.artist_name,,,listened_at --duplicates=sum" "--from=inter" \
		"--from=lists train.txt" "--from=tsv --duplicates=max hours.tsv" \
		"mf-convert --from=lists --as=test test.txt | mf-convert --join train.mf - -o all.mf" \
		"mf-convert --from=csv --header --columns=movieId,title movies.csv | mf-convert --to=tsv --header > names.tsv" \
		"mf-convert --from=csv --header --item-names names.tsv --duplicates=last ratings.csv"; do
		grep -qF -- "$words" man || { echo "$words"; return 1; }
	done
'
test_expect_success REALDATA 'real ones: HetRec, Gowalla, Steam' '
	cells () { mf-convert --to=tsv | wc -l; } &&
	test $(mf-convert --from=tsv --header "$DATA/hetrec2011-lastfm-2k/user_artists.dat" | cells) -eq 92834 &&
	test $(mf-convert --from=tsv --columns=1,2 "$DATA/gowalla/train.tsv" | cells) -eq 810128 &&
	awk "NR == 1 || \$1 != u { printf \"%s%s\", (NR > 1 ? \"\n\" : \"\"), \$1; u = \$1 } { printf \" %s\", \$2 } END { print \"\" }" "$DATA/gowalla/train.tsv" >train.txt &&
	mf-convert --from=lists train.txt | mf-convert --to=tsv >lists.tsv &&
	mf-convert --from=tsv --columns=1,2 "$DATA/gowalla/train.tsv" | mf-convert --to=tsv | cmp - lists.tsv &&
	lines=$(cut -f 1,2 "$DATA/steam/hours.tsv" | sort -u | wc -l) &&
	test $(mf-convert --from=tsv --duplicates=max "$DATA/steam/hours.tsv" | cells) -eq $lines
'
test_done
