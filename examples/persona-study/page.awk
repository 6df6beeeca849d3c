# page.awk -v part=PART FILE: a part of the page, as HTML.
#   tables   results.md: its sentences, and its tables, of which plain ALS is set off
#   verdict  results.tsv: how many models of personas are better and worse than plain ALS
#   tsv      a table with a head
#   words    lines NAME, TAB, value
#   text     as it is
#   svg      a figure, its ids those of no other: -v name=NAME
BEGIN {
    if (part != "svg")
        FS = part == "tables" ? " *[|] *" : "\t"
}
function html(s) {
    gsub(/&/, "\\&amp;", s)
    gsub(/</, "\\&lt;", s)
    gsub(/>/, "\\&gt;", s)
    gsub(/"/, "\\&quot;", s)
    return s
}
function row(tag, from, to,    i, s) {
    for (i = from; i <= to; i++)
        s = s "<" tag (i == from ? "" : " class=\"n\"") ">" html($i) "</" tag ">"
    return s
}
function close_table() {
    if (open)
        print "</tbody></table></div>"
    open = 0
}
function close_paragraph() {
    if (said != "")
        print "<p>" said "</p>"
    said = ""
}
function head(from, to) {
    print "<div class=\"wide\"><table><thead><tr>" row("th", from, to) "</tr></thead><tbody>"
    open = 1
}

part == "tables" && /^[|] *-/ { next }
part == "tables" && /^[|]/ {
    close_paragraph()
    if (!open) {
        head(2, NF - 1)
        next
    }
    # Where another k, or other words, begin: a line above.
    print "<tr" ($2 ~ /^k .*p 1(,|$)/ ? " class=\"first\"" : "") ">" row("td", 2, NF - 1) "</tr>"
    next
}
part == "tables" {
    close_table()
    if ($0 == "")
        close_paragraph()
    else
        said = said (said == "" ? "" : " ") html($0)
    next
}

part == "verdict" && NR > 1 && $2 != "" && $3 > 1 && $15 != "" && ($9 == "rmse" || $9 == "ndcg@100") {
    kind = $4 + 0 == 0 ? "hard mask" : "overlap " $4
    if (!(kind in models))
        kinds[++many] = kind
    models[kind, $9]++
    models[kind]
    sign = $9 == "rmse" ? -1 : 1
    low = sign * $16
    high = sign * $17
    if (low > high) { swap = low; low = high; high = swap }
    verdict[kind, $9, low > 0 ? "better" : high < 0 ? "worse" : "same"]++
}
function counts(kind, metric) {
    return "<td class=\"n\">" verdict[kind, metric, "better"] + 0 "</td><td class=\"n\">" \
        verdict[kind, metric, "same"] + 0 "</td><td class=\"n\">" verdict[kind, metric, "worse"] + 0 "</td>"
}

part == "tsv" && NR == 1 { head(1, NF); next }
part == "tsv" { print "<tr>" row("td", 1, NF) "</tr>" }
part == "words" {
    if (NR == 1) {
        print "<div class=\"wide\"><table><thead><tr><th>word</th><th>value</th></tr></thead><tbody>"
        open = 1
    }
    print "<tr><td><code>" html($1) "</code></td><td><code>" html($2) "</code></td></tr>"
}
part == "text" { print html($0) }

part == "svg" {
    if (!begun && !/<svg/)
        next
    begun = 1
    gsub(/ id='/, "&" name "-")
    gsub(/ id="/, "&" name "-")
    gsub(/href='#/, "&" name "-")
    gsub(/url\(#/, "&" name "-")
    sub(/<title>.*<\/title>/, "")
    sub(/<desc>.*<\/desc>/, "")
    print
}

END {
    close_paragraph()
    close_table()
    if (part == "verdict") {
        print "<div class=\"wide\"><table><thead><tr><th rowspan=\"2\">personas</th><th rowspan=\"2\">models</th>" \
            "<th colspan=\"3\">rmse on held-out ratings</th><th colspan=\"3\">ndcg@100</th></tr><tr>" \
            "<th>better</th><th>no difference</th><th>worse</th><th>better</th><th>no difference</th><th>worse</th></tr></thead><tbody>"
        for (i = 1; i <= many; i++)
            print "<tr><td>" html(kinds[i]) "</td><td class=\"n\">" models[kinds[i], "rmse"] + 0 "</td>" \
                counts(kinds[i], "rmse") counts(kinds[i], "ndcg@100") "</tr>"
        print "</tbody></table></div>"
    }
}
