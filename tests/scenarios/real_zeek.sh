# Real data: Zeek's JSON logs of the APT29 emulation's first day, and a competition's traffic as TSV and as JSON: both forms give the same records.
source "$(dirname "$0")/../lib.sh"
folder=$ASSAY_DATA/network
if [ -z "$ASSAY_DATA" ] || [ ! -d "$folder" ]; then skip "Zeek logs (real data is absent)"; finish; fi
day=$folder/apt29-day1-zeek
answer day1 "$day"
json=$ASSAY_WORK/day1.json
told "day 1" answer.py schema "$json" docs/answer.schema.json
check "day 1: the run is complete" jq -e '.complete and .reproducible' "$json"
for file in "$day"/individual_zeek_logs/*.log "$day/combined_zeek.log"; do
  name=$(basename "$file")
  equal "day 1: every line of $name is a record" "$(grep -vc '^#' "$file")" "$(jq --arg path "$file" '[.evidence[] | select(.path == $path or (.copies | index($path))) | .records] | add' "$json")"
done
check "day 1: every file stands in the answer" test "$(jq '[.evidence[] | (.path, (.copies // [])[]) | select(contains("!") | not)] | unique | length' "$json")" -eq "$(find "$day" -type f | wc -l)"
check "day 1: the logs in the zip archives are read" jq -e '[.evidence[] | select(.records > 0 and (.path | test("\\.zip!.*\\.log$"))) | .records] | add > 2000' "$json"
equal "day 1: no archive is left unread" 0 "$(jq '[.notices[] | select(.kind == "recognised_not_read")] | length' "$json")"
check "day 1: the combined log's records are copies of the single ones, and noticed" jq -e '[.notices[] | select(.kind == "duplicate_records") | .count] | add > 100' "$json"
check "day 1: access, malware and exfiltration of this campaign are not claimed" jq -e '[.questions[] | select(.id | test("access|malware|exfiltration")) | .state == "cannot_say" or .range[1] <= 50] | all' "$json"

tsv=$folder/zeek-tsv-and-json/zeek-default js=$folder/zeek-tsv-and-json/zeek-json
answer tsv "$tsv"
answer json "$js"
shape_of() { jq -c '[.evidence[] | select(.parent == null and .records > 0) | {(.path | sub(".*/"; "")): [.records, .first, .last]}] | add' "$ASSAY_WORK/$1.json"; }
# Names of files differ in their ending alone; times in JSON have all their digits.
by_name() { jq -rS '[.evidence[] | select(.records > 0) | "\(.path | sub(".*/"; "") | sub("\\..*"; "")) \(.records) \(.first[:19] // "")"] | sort | .[]' "$ASSAY_WORK/$1.json"; }
by_name tsv >"$ASSAY_WORK/tsv.txt"
by_name json >"$ASSAY_WORK/json.txt"
check "TSV and JSON: there is something to compare" test "$(wc -l <"$ASSAY_WORK/tsv.txt")" -ge 20
same "TSV and JSON: the same records of each log" "$ASSAY_WORK/tsv.txt" "$ASSAY_WORK/json.txt"
findings() { jq -cS '[.sightings[] | [.detector.id, .time[:19], .host, .role, .count]] | sort' "$ASSAY_WORK/$1.json"; }
equal "TSV and JSON: the same findings" "$(findings tsv)" "$(findings json)"
equal "TSV and JSON: the same judgements" "$(jq -cS '[.questions[] | [.id, .state, .term]]' "$ASSAY_WORK/tsv.json")" "$(jq -cS '[.questions[] | [.id, .state, .term]]' "$ASSAY_WORK/json.json")"
rm -f "$ASSAY_WORK"/*.case
finish
