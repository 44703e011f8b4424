# Sixty canaries (patients' numbers, names in accounts, files, links, queries, mail bodies, subjects and certificates): none reaches an output, a
# notice or a log by default, although the records they stand in are findings.
source "$(dirname "$0")/../lib.sh"
w=$ASSAY_WORK
count=$(tool canaries.py plant "$w/evidence")
check "sixty canaries and more are planted" test "$count" -ge 60
answer hunt "$w/evidence" --profile demo/profile.yaml --report "$w/hunt.html" --return "$w/return.json"
check "the records they stand in are findings" jq -e '.sightings_total >= 20' "$w/hunt.json"
for format in text jsonl html json; do "$ASSAY" report --case "$w/hunt.case" --format "$format" --out "$w/report.$format"; done
# shellcheck disable=SC2046
"$ASSAY" explain $(jq -r '.sightings[] | .finding // empty' "$w/hunt.json" | head -n 400) targeted access malware exfiltration impact actor ongoing --case "$w/hunt.case" >"$w/explain.txt"
"$ASSAY" case show --case "$w/hunt.case" >"$w/show.txt"
"$ASSAY" evidence check "$w/evidence" >"$w/check.txt" 2>"$w/check.log"
"$ASSAY" evidence check "$w/evidence" --format json >"$w/check.json" 2>>"$w/check.log"
told "by default" canaries.py look "$w/evidence.txt" "$w"/{hunt.json,hunt.log,hunt.html,return.json,return.json.txt,report.text,report.jsonl,report.html,report.json,explain.txt,show.txt,check.txt,check.json,check.log}
# They are there: with --names accounts and files are shown.
"$ASSAY" report --case "$w/hunt.case" --format json --names --out "$w/names.json"
check "with --names names are shown" bash -c "python3 tests/tools/canaries.py look '$w/evidence.txt' '$w/names.json' | grep -q FAILED"
rm -f "$w/hunt.case"
finish
