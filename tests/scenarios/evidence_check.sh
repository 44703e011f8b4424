# evidence check: what each file is, where its bytes and records went, and what to do about the rest. Nothing is passed over in silence: on a small set
# with every format and damage, on the demo, and on all of the real data.
source "$(dirname "$0")/../lib.sh"
tool evidence.py set demo/intrusion "$ASSAY_WORK/set"
told "conservation" evidence_check.py "$ASSAY" "$ASSAY_WORK/set" demo/intrusion demo/background
if [ -n "$ASSAY_DATA" ] && [ -d "$ASSAY_DATA" ]; then told "real data" evidence_check.py "$ASSAY" "$ASSAY_DATA"/*/; else skip "real data is absent"; fi

"$ASSAY" evidence check demo/intrusion >"$ASSAY_WORK/page.txt" 2>"$ASSAY_WORK/page.err"
check "the table fits 100 columns" awk 'length($0) > 100 { print; bad = 1 } END { exit bad }' "$ASSAY_WORK/page.txt"
check "Zeek's connections stand in one line of their month" grep -qE '^    zeek-tsv: conn [0-9,]+ \(30 files\)' "$ASSAY_WORK/page.txt"
check "bytes and records are accounted for" grep -qE '^Records of the logs: [0-9,]+ = [0-9,]+ kept \+ 6,118 copies' "$ASSAY_WORK/page.txt"
check "what no reader knows is listed with what to do" grep -qE 'not_recognised .*describe' "$ASSAY_WORK/page.txt"

# The same records are dropped and kept however the work is cut.
"$ASSAY" hunt "$ASSAY_WORK/set" --profile demo/profile.yaml --from 2020-05-01 --to 2020-07-01 --format json --case "$ASSAY_WORK/span.case" >"$ASSAY_WORK/span.json" 2>"$ASSAY_WORK/span.log"
check "a hunt's evidence adds up, with a time asked for" jq -e '[.evidence[] | (.read | add) == .bytes] | all' "$ASSAY_WORK/span.json"
check "records outside the time are counted as such" jq -e '([.evidence[].dropped.outside] | add) > 0 and ([.evidence[] | .dropped.outside + .dropped.copies <= .records] | all)' "$ASSAY_WORK/span.json"
told "schema" answer.py schema "$ASSAY_WORK/span.json" docs/answer.schema.json

equal "an unknown form" 2 "$(code "$ASSAY" evidence check demo/intrusion/mail --format yaml)"
equal "nothing to read" 3 "$(mkdir -p "$ASSAY_WORK/empty"; code "$ASSAY" evidence check "$ASSAY_WORK/empty")"
rm -f "$ASSAY_WORK"/*.case
finish
