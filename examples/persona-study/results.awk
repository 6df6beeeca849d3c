# The best iterations, the curves and the output of mf-eval, group by group, to
# one table: a line for each model and metric, with its difference from the
# plain model that the group begins with.
BEGIN {
	FS = OFS = "\t"
	print "model", "k", "p", "overlap", "lambdas", "values", "iteration", "valid", \
		"metric", "mean", "low", "high", "n", "plain", "diff", "diff_low", "diff_high", "p_value"
}
function base(path) { sub(/.*\//, "", path); sub(/\.[a-z]+$/, "", path); return path }

# What a name says: k8-p3-w.5-x10.
function describe(model,   n, part, i, k, p, w, x, values) {
	if (model !~ /^k[0-9]/)
		return OFS OFS OFS OFS
	n = split(model, part, "-")
	w = "1"; x = "1"; values = "plays"
	for (i = 1; i <= n; i++) {
		if (part[i] ~ /^k/) k = substr(part[i], 2)
		else if (part[i] ~ /^p/) p = substr(part[i], 2)
		else if (part[i] ~ /^w/) w = substr(part[i], 2)
		else if (part[i] ~ /^x/) x = substr(part[i], 2)
		else values = part[i]
	}
	return k OFS p OFS (p == 1 ? "" : w) OFS x OFS values
}

# A prediction that is the same everywhere has no order, and counting has no value.
function has(model, metric) {
	return model ~ /^always/ ? metric !~ /@/ : 1
}

function flush(   i, key, d) {
	for (i = 1; i <= rows; i++) {
		key = model[i] SUBSEP metric[i]
		d = (key in diff) ? diff[key] : OFS OFS OFS
		print model[i], describe(model[i]), best[model[i]], valid[model[i], best[model[i]]], \
			metric[i], value[i], (model[i] == plain ? "" : plain), d
	}
	rows = 0
	split("", diff)
}

FILENAME ~ /\.best$/ { best[base(FILENAME)] = $1; next }
FILENAME ~ /curves\.tsv$/ { valid[$1, $2] = $5; next }
FNR == 1 { flush(); plain = base($6) }
!has(base($6), $1) { next }
$8 == "" { rows++; model[rows] = base($6); metric[rows] = $1; value[rows] = $2 OFS $3 OFS $4 OFS $5; next }
base($8) == plain { diff[base($6), $1] = $2 OFS $3 OFS $4 OFS $9 }
END { flush() }
