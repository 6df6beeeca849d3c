# frontier.awk < TSV of mf-eval: of each way to vary lists, called WAY:L, the change of
# ndcg and of the tastes that are met against the list by score, in per cent of its own.
# The first model is the list by score.
BEGIN {
    FS = OFS = "\t"
    print "way", "L", "ndcg", "ndcg_low", "ndcg_high", \
        "tastes", "tastes_low", "tastes_high", \
        "plain_ndcg", "plain_tastes", "items", "users"
}
{ kind = substr($1, 1, index($1, "@") - 1) }
$8 == "" {
    if (plain == "")
        plain = $6
    if ($6 == plain) {
        base[kind] = $2
        items = substr($1, index($1, "@") + 1)
        users = $5
    }
    next
}
$8 == plain {
    if (!($6 in seen))
        ways[++n] = $6
    seen[$6] = 1
    unit = 100 / base[kind]
    change[$6, kind] = $2 * unit OFS $3 * unit OFS $4 * unit
}
END {
    for (i = 1; i <= n; i++) {
        split(ways[i], part, ":")
        print part[1], part[2], change[ways[i], "ndcg"], change[ways[i], "tastes"], \
            base["ndcg"], base["tastes"], items, users
    }
}
