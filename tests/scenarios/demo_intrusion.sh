# The intrusion case: each question's term, every planted fact, found and cited by its record, the bounds, and what is not seen. The truth is docs/demo.md.
source "$(dirname "$0")/../lib.sh"
answer intrusion demo/intrusion --profile demo/profile.yaml --report "$ASSAY_WORK/report.html"
json=$ASSAY_WORK/intrusion.json
told "schema" answer.py schema "$json" docs/answer.schema.json

equal "the run is complete" "true true" "$(ask intrusion '"\(.complete) \(.reproducible)"')"
for question in targeted access malware actor ongoing; do
  equal "$question" "judged almost certain" "$(term intrusion $question)"
done
case "$(term intrusion exfiltration)" in
  "judged highly likely" | "judged almost certain") ok "exfiltration" ;;
  *) bad "exfiltration" "$(term intrusion exfiltration)" ;;
esac
check "impact is at most unlikely, or cannot be said" jq -e '.questions[] | select(.id == "impact") | .state == "cannot_say" or .range[1] <= 35' "$json"

told "facts" answer.py facts "$json"
told "support" answer.py support "$json"

# What left, in bytes: low <= truth <= high, neither uselessly wide.
truth=544275472
check "left: low and high hold the truth" jq -e --argjson truth $truth '.exfiltration.left | .low <= $truth and $truth <= .high' "$json"
check "left: low is at least 325,000,000" jq -e '.exfiltration.left.low >= 325000000' "$json"
check "left: high is at most four times low" jq -e '.exfiltration.left | .high <= 4 * .low' "$json"
check "left: the backups and the sequence archive are no destinations" jq -e '[.exfiltration.destinations[] | select(test("203.0.113.240|198.51.100.240"))] | length == 0' "$json"

# Hosts, credentials, the way in.
for host in bkp-app-03 stats-07 ctx-gw-01; do
  check "confirmed: $host" jq -e --arg host $host '.scope.hosts.confirmed | index($host)' "$json"
done
equal "nobody else is confirmed" "bkp-app-03 ctx-gw-01 stats-07" "$(ask intrusion '.scope.hosts.confirmed | sort | join(" ")')"
for host in ctx-gw-02 eln-01 git-01 hpc-login-01 jump-01 prn-lab-03 seq-core-01 sql-res-01 ws-vx-18 ws-vx-19 ws-vx-20 ws-vx-21; do
  check "not examined: $host" jq -e --arg host $host '.scope.hosts.not_examined | index($host)' "$json"
done
equal "46 of 58 hosts leave a record" "46 12" "$(ask intrusion '"\(.scope.hosts.examined) \(.scope.hosts.not_examined | length)"')"
check "first way in: the gateway" jq -e '.initial_access | to_entries | max_by(.value).key == "exploited_application"' "$json"
check "second way in: phished credentials" jq -e '.initial_access | to_entries | sort_by(-.value) | .[1].key == "phishing_credentials"' "$json"
"$ASSAY" assess --case "$ASSAY_WORK/intrusion.case" --names --format json >"$ASSAY_WORK/names.json" 2>/dev/null
check "credentials: m.okafor, a person, lost on 28 April" jq -e '[.credentials[] | select(.account == "m.okafor" and .kind == "person" and (.exposed_at | startswith("2020-04-28")))] | length == 1' "$ASSAY_WORK/names.json"
check "credentials: svc-ldap-ctx, a service account" jq -e '[.credentials[] | select(.account == "svc-ldap-ctx" and .kind == "service")] | length == 1' "$ASSAY_WORK/names.json"
check "credentials: m.okafor's was used" jq -e '[.credentials[] | select(.account == "m.okafor" and .used == "yes")] | length == 1' "$ASSAY_WORK/names.json"
check "credentials: the gateway's configuration" jq -e '[.credentials[] | select(.kind == "key" and (.account + .how | test("ctx-gw-01|ns.conf")))] | length >= 1' "$ASSAY_WORK/names.json"
check "credentials: nobody of the look-alikes" jq -e '[.credentials[].account | select(test("fraser|rossi|patel|lab-kiosk|ward-trial|svc-backup"))] | length == 0' "$ASSAY_WORK/names.json"

# What is not counted, not seen, about to be lost.
equal "6,118 records are copies" 6118 "$(ask intrusion '[.notices[] | select(.kind == "duplicate_records" and (.where | contains("httpaccess"))) | .count] | add')"
check "Zeek's outage is a gap" jq -e '[.coverage[] | select(.gaps[]? | .from < "2020-05-05" and .to > "2020-05-05")] | length > 0' "$json"
check "the gateway's hole is a gap" jq -e '[.coverage[].gaps[]? | select(.from < "2020-05-10T12" and .to > "2020-05-10T12" and .from > "2020-05-08" and .to < "2020-05-13")] | length > 0' "$json"
check "the message trace is cut at 20 June, and so it is said" jq -e '[.notices[] | select(.kind == "probably_truncated_export" and (.where | contains("MessageTrace")))] | length == 1' "$json"
check "the clock of stats-07 is corrected by the profile's note" jq -e '[.notices[] | select(.kind == "clock_offset" and (.where | contains("stats-07")))] | length > 0' "$json"
check "no year is taken from this machine's files" jq -e '[.notices[] | select(.kind == "clock_conflict" or (.where | test("file.s own time")))] | length == 0' "$json"
check "advisory texts are mentions" jq -e '[.mentions[].count] | add > 0' "$json"
check "a domain controller: that claim cannot be said" jq -e '.claims[] | select(.id == "claim.ad-access") | .state == "cannot_say"' "$json"
check "the first action preserves" jq -e '.actions[0].phase == 0' "$json"
check "actions stand in the order of their phases" jq -e '[.actions[].phase] == ([.actions[].phase] | sort)' "$json"
check "nothing is destroyed before it is preserved" jq -e '.actions as $a | [range($a | length) | select($a[.].destroys | length > 0) as $i | $a[$i].on as $on | [range($i) | select($a[.].phase == 0 and ($a[.].on | contains($on | split(" ")[0])))] | length > 0] | all' "$json"
check "Zeek of 18 April is lost on 17 July" jq -e '[.about_to_be_lost[] | select((.source | test("zeek"; "i")) and (.oldest | startswith("2020-04-18")) and (.on | startswith("2020-07-17")))] | length > 0' "$json"
check "Windows Security of 2 June is lost on 17 July" jq -e '[.about_to_be_lost[] | select((.source | test("windows"; "i")) and (.oldest | startswith("2020-06-02")) and (.on | startswith("2020-07-17")))] | length > 0' "$json"

check "the firewall of 17 June is lost on 17 July" jq -e '[.about_to_be_lost[] | select((.source | test("firewall")) and (.oldest | startswith("2020-06-17")) and (.on | startswith("2020-07-17")))] | length > 0' "$json"
equal "nothing but the campaign's hosts is suspected" "ws-vx-01" "$(ask intrusion '.scope.hosts.suspected | sort | join(" ")')"

# The page and the report.
"$ASSAY" report --case "$ASSAY_WORK/intrusion.case" --format text >"$ASSAY_WORK/page.txt" 2>"$ASSAY_WORK/page.log"
head -n 12 "$ASSAY_WORK/page.txt" >"$ASSAY_WORK/top.txt"
check "the page says compromised, almost certain" grep -q 'COMPROMISED: ALMOST CERTAIN' "$ASSAY_WORK/top.txt"
check "the page says still active, with the last time" grep -qE 'STILL ACTIVE.*16 Jul 18:20' "$ASSAY_WORK/top.txt"
check "the page says that data was taken" grep -qE 'DATA TAKEN: (HIGHLY LIKELY|ALMOST CERTAIN)' "$ASSAY_WORK/top.txt"
check "the page says what to do in the next hour" grep -q 'NEXT HOUR' "$ASSAY_WORK/top.txt"
check "the page says what it did not see" grep -q 'NOT SEEN.*' "$ASSAY_WORK/top.txt"
check "the top has no percentages and no technique numbers" bash -c "! grep -qE '[0-9] ?%|T1[0-9]{3}' '$ASSAY_WORK/top.txt'"
check "the page looks at 2 Mar (the first mail) to 16 Jul" bash -c "tr -s ' \n' ' ' <'$ASSAY_WORK/top.txt' | grep -qE ' 2 Mar ?(2020)? ?(-|to) ?16 Jul'"
check "the page fits 80 columns" awk 'length($0) > 80 { print; bad = 1 } END { exit bad }' "$ASSAY_WORK/page.txt"
check "no account name on the page" bash -c "! grep -qiE 'okafor|lindqvist|devlin|nakamura|fraser|rossi' '$ASSAY_WORK/page.txt'"
check "no account name in the report" bash -c "! grep -qiE 'okafor|lindqvist|devlin|nakamura|fraser|rossi' '$ASSAY_WORK/report.html'"
check "no account name in the answer" bash -c "! grep -qiE 'm\.okafor|h\.lindqvist|p\.devlin|s\.nakamura|g\.fraser|t\.rossi' '$json'"
page_is_well_worded "words" "$ASSAY_WORK/page.txt" "$ASSAY_WORK/report.html" "$json"
check "the report loads nothing" bash -c "! grep -iE '<script|<link|<iframe|<img[^>]+src=\"?http|url\(http' '$ASSAY_WORK/report.html'"
check "the report forbids loading" grep -q "default-src 'none'" "$ASSAY_WORK/report.html"
questions="targeted access malware exfiltration impact actor ongoing"
# shellcheck disable=SC2086  # one word a question
equal "explain each question" 0 "$(code "$ASSAY" explain $questions --case "$ASSAY_WORK/intrusion.case")"
check "explain shows the arithmetic of each" test "$(grep -c 'prior: probability' "$ASSAY_WORK/out")" -ge 7
check "the case verifies" "$ASSAY" case verify --case "$ASSAY_WORK/intrusion.case"
finish
