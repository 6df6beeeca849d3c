# Histories, each named for its model, to one table: a line an iteration.
BEGIN { FS = OFS = "\t"; print "model", "iteration", "loss", "rmse", "valid" }
FNR == 1 { model = FILENAME; sub(/.*\//, "", model); sub(/\.tsv$/, "", model) }
$2 == "start" || $2 == "users" { print model, $1, $3, $7, $8 }
