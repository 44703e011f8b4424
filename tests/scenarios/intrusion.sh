# The intrusion case: each question's term, the planted facts, and what may not be claimed from these sources. The truth is docs/demo.md.
source "$(dirname "$0")/../lib.sh"
answer intrusion demo/intrusion --profile demo/profile.yaml --report "$ASSAY_WORK/report.html"

equal "the run is complete" "true true" "$(ask intrusion '"\(.complete) \(.reproducible)"')"
for question in targeted access malware actor ongoing; do
  equal "$question" "judged almost certain" "$(term intrusion $question)"
done
case "$(term intrusion exfiltration)" in
  "judged highly likely" | "judged almost certain") ok "exfiltration" ;;
  *) bad "exfiltration" "$(term intrusion exfiltration)" ;;
esac
check "impact is at most unlikely, or cannot be said" jq -e \
  '.questions[] | select(.id == "impact") | .state == "cannot_say" or .range[1] <= 35' "$ASSAY_WORK/intrusion.json"

# What left, in bytes: low <= truth <= high, neither uselessly wide.
truth=456205328
check "left: low and high hold the truth" jq -e --argjson truth $truth '.exfiltration.left | .low <= $truth and $truth <= .high' "$ASSAY_WORK/intrusion.json"
check "left: low is at least 325,000,000" jq -e '.exfiltration.left.low >= 325000000' "$ASSAY_WORK/intrusion.json"
check "left: high is at most four times low" jq -e '.exfiltration.left | .high <= 4 * .low' "$ASSAY_WORK/intrusion.json"

# Hosts, credentials, the way in.
for host in bkp-app-03 stats-07 ctx-gw-01; do
  check "confirmed: $host" jq -e --arg host $host '.scope.hosts.confirmed | index($host)' "$ASSAY_WORK/intrusion.json"
done
check "ctx-gw-02 was not examined" jq -e '.scope.hosts.not_examined | index("ctx-gw-02")' "$ASSAY_WORK/intrusion.json"
check "first way in: the gateway" jq -e '.initial_access | to_entries | max_by(.value).key == "exploited_application"' "$ASSAY_WORK/intrusion.json"
check "second way in: phished credentials" jq -e \
  '.initial_access | to_entries | sort_by(-.value) | .[1].key == "phishing_credentials"' "$ASSAY_WORK/intrusion.json"
check "copies of the gateway's log are counted once" jq -e \
  '[.notices[] | select(.kind == "duplicate_records") | .count] | add >= 6118' "$ASSAY_WORK/intrusion.json"
check "Zeek's outage is a gap in coverage" jq -e \
  '[.coverage[].gaps[]? | select(.from < "2020-05-05" and .to > "2020-05-05")] | length > 0' "$ASSAY_WORK/intrusion.json"
check "advisory texts are mentions" jq -e '[.mentions[].count] | add > 0' "$ASSAY_WORK/intrusion.json"
check "the first action preserves" jq -e '.actions[0].phase | tostring | test("0|preserve")' "$ASSAY_WORK/intrusion.json"
check "Zeek's oldest day is about to be lost" jq -e \
  '[.about_to_be_lost[] | select((.source | ascii_downcase | test("zeek|network|flow")) and (.oldest | startswith("2020-04-1")))] | length > 0' "$ASSAY_WORK/intrusion.json"

# The page and the report.
"$ASSAY" report --case "$ASSAY_WORK/intrusion.case" --format text >"$ASSAY_WORK/page.txt" 2>"$ASSAY_WORK/page.log"
check "the page says compromised" grep -qi 'compromised' "$ASSAY_WORK/page.txt"
check "the page fits 80 columns" awk 'length($0) > 80 { print; bad = 1 } END { exit bad }' "$ASSAY_WORK/page.txt"
check "no account name on the page" bash -c "! grep -qiE 'okafor|lindqvist|devlin|nakamura' '$ASSAY_WORK/page.txt'"
for file in page.txt report.html intrusion.json; do
  check "$file holds neither clean nor safe" bash -c "! grep -iwE 'clean|safe' '$ASSAY_WORK/$file'"
done
check "the report loads nothing" bash -c "! grep -iE '<script|<link|<iframe|<img[^>]+src=\"?http|url\(http' '$ASSAY_WORK/report.html'"
check "the report forbids loading" grep -q "default-src 'none'" "$ASSAY_WORK/report.html"
check "the case verifies" "$ASSAY" case verify --case "$ASSAY_WORK/intrusion.case"
finish
