# results.tsv to two tables for people, aligned, in Markdown.
BEGIN { FS = "\t" }
NR == 1 { next }
# What needs no model is in every group; once is enough.
{
	if (!(($1, $14) in known)) {
		if ($1 !~ /^k[0-9]/ && ($1 in once)) next
		once[$1] = 1
		known[$1, $14] = ++n
		name[n] = $1; k[n] = $2; p[n] = $3; w[n] = $4; x[n] = $5; values[n] = $6; at[n] = $7; valid[n] = $8
	}
	row = known[$1, $14]
	mean[row, $9] = $10; low[row, $9] = $11; high[row, $9] = $12
	diff[row, $9] = $15; dlow[row, $9] = $16; dhigh[row, $9] = $17
}

function interval(format, a, b, c) {
	return a == "" ? "" : sprintf(format " [" format ", " format "]", a, b, c)
}
function cell(r, c, text) {
	text = sprintf("%s", text)
	table[r, c] = text
	if (length(text) > width[c]) width[c] = length(text)
}
function print_table(rows, columns,   r, c, line, i) {
	for (r = 0; r <= rows; r++) {
		line = "|"
		for (c = 1; c <= columns; c++)
			line = line sprintf(" %-" width[c] "s |", table[r, c])
		print line
		if (r == 0) {
			line = "|"
			for (c = 1; c <= columns; c++) {
				line = line " "
				for (i = 0; i < width[c]; i++) line = line "-"
				line = line " |"
			}
			print line
		}
	}
	split("", table); split("", width)
}
function head(text,   part, i, count) {
	count = split(text, part, ";")
	for (i = 1; i <= count; i++) cell(0, i, part[i])
	return count
}
function settings(r, i) {
	if (k[i] == "") { cell(r, 1, name[i] == "always-1" ? "always 1, the user's mean" : name[i] == "always-0" ? "always 0" : name[i]); return }
	cell(r, 1, "k " k[i] ", p " p[i] (w[i] == "" ? "" : w[i] + 0 == 0 ? ", hard mask" : ", overlap " w[i]) \
		(x[i] + 0 == 1 ? "" : ", lambdas x " x[i]) (values[i] == "plays" ? "" : ", " values[i]))
}
END {
	for (i = 1; i <= n; i++) if (k[i] == "") order[++ordered] = i
	for (i = 1; i <= n; i++) if (k[i] != "") order[++ordered] = i
	print "Held-out ratings: squared error on the test cells, after the best iteration by validation cells;"
	print "the difference is paired, to plain ALS (p 1) of the same k, lambdas and values.\n"
	columns = head("model;iteration;valid. rmse;loss;rmse [95 %];less plain [95 %]")
	r = 0
	for (j = 1; j <= n; j++) {
		i = order[j]
		if (mean[i, "loss"] == "") continue
		settings(++r, i)
		cell(r, 2, at[i]); cell(r, 3, valid[i] == "" ? "" : sprintf("%.4f", valid[i]))
		cell(r, 4, sprintf("%.1f", mean[i, "loss"]))
		cell(r, 5, interval("%.4f", mean[i, "rmse"], low[i, "rmse"], high[i, "rmse"]))
		# What needs no model is not a persona model: its difference is in results.tsv.
		if (k[i] != "")
			cell(r, 6, interval("%+.4f", diff[i, "rmse"], dlow[i, "rmse"], dhigh[i, "rmse"]))
	}
	print_table(r, columns)
	print "\nThe order of all artists that a user does not know, same models and cells.\n"
	columns = head("model;ndcg@100 [95 %];less plain [95 %];recall@20 [95 %];less plain [95 %]")
	r = 0
	for (j = 1; j <= n; j++) {
		i = order[j]
		if (mean[i, "ndcg@100"] == "") continue
		settings(++r, i)
		cell(r, 2, interval("%.4f", mean[i, "ndcg@100"], low[i, "ndcg@100"], high[i, "ndcg@100"]))
		cell(r, 3, interval("%+.4f", diff[i, "ndcg@100"], dlow[i, "ndcg@100"], dhigh[i, "ndcg@100"]))
		cell(r, 4, interval("%.4f", mean[i, "recall@20"], low[i, "recall@20"], high[i, "recall@20"]))
		cell(r, 5, interval("%+.4f", diff[i, "recall@20"], dlow[i, "recall@20"], dhigh[i, "recall@20"]))
	}
	print_table(r, columns)
}
