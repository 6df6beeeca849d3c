# table.awk -v base=PATH -v rows=LIST -v metrics=LIST: a Markdown table of a set's models.

function first_line(path,    line) {
    line = ""
    getline line < path
    close(path)
    return line
}

function read_values(path, row,    line, f) {
    while ((getline line < path) > 0) {
        split(line, f, "\t")
        if (f[7] == "" && f[8] == "")
            shown[(f[6] == "popularity" ? "popularity" : row), f[1]] = sprintf("%.4f [%.4f, %.4f]", f[2], f[3], f[4])
    }
    close(path)
}

function line_of(row, options, seconds,    i, text) {
    text = "| " options " | " seconds
    for (i = 1; i <= m; i++)
        text = text " | " shown[row, metric[i]]
    print text " |"
}

BEGIN {
    n = split(rows, row, " ")
    m = split(metrics, metric, ",")
    head = "| `mf-als` | seconds"
    rule = "| --- | ---"
    for (i = 1; i <= m; i++) {
        head = head " | " metric[i]
        rule = rule " | ---"
    }
    print head " |"
    print rule " |"
    for (i = 1; i <= n; i++)
        read_values(base "." row[i] ".tsv", row[i])
    line_of("popularity", "(popularity)", "")
    for (i = 1; i <= n; i++) {
        options = first_line(base "." row[i] ".options")
        line_of(row[i], options == "" ? "(the defaults)" : "`" options "`",
            sprintf("%.1f", first_line(base "." row[i] ".seconds")))
    }
}
