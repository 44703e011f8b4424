# The background case: the same institute, the campaign was not there. Nothing that merely looks like it (B01 to B20 of docs/demo.md)
# supports access, malware or exfiltration, and every negative says with what chance it would have been seen.
source "$(dirname "$0")/../lib.sh"
answer background demo/background --profile demo/profile.yaml --report "$ASSAY_WORK/report.html"
json=$ASSAY_WORK/background.json
told "schema" answer.py schema "$json" docs/answer.schema.json
for question in access malware exfiltration; do
  check "$question: highly unlikely or lower, or cannot say ($(term background $question))" jq -e --arg id $question '.questions[] | select(.id == $id) | .state == "cannot_say" or .range[1] <= 20' "$json"
done
check "targeted, actor, ongoing and impact are not likely" jq -e '[.questions[] | select(.id | test("targeted|actor|ongoing|impact")) | .state == "cannot_say" or .range[1] <= 50] | all' "$json"
check "every negative says with what chance it would have been seen" jq -e '[.questions[] | select(.state == "judged" and .range[1] <= 50) | .would_have_seen > 0 and .would_have_seen <= 1] | all' "$json"
told "support" answer.py support "$json"

check "nobody is confirmed" jq -e '.scope.hosts.confirmed | length == 0' "$json"
check "nobody's credentials are lost" jq -e '.credentials | length == 0' "$json"
check "nothing left" jq -e '.exfiltration.left | (.low // 0) == 0' "$json"
check "no action contains, evicts or resets" jq -e '[.actions[] | select(.phase >= 2 and .phase <= 4)] | length == 0' "$json"
check "the mentions of the SOC's copies are counted" jq -e '. as $a | [.mentions[] | .evidence as $id | $a.evidence[] | select(.id == $id and (.path | contains("soc-share")))] | length > 0' "$json"
check "missing evidence that would change the answer is named" jq -e '[.questions[].would_change[]?] | length > 0' "$json"

# The look-alikes are shown, each with what explains it.
shows() { # TITLE, then a regex over the raw bytes of cited records is not needed here: fields say it
  check "shown: $1" jq -e --arg re "$2" '[.sightings[] | tostring | select(test($re))] | length > 0' "$json"
}
shows "B02, the listed scanner" '185\.145\.128\.35'
shows "B03, our own scanner" '192\.0\.2\.250|vuln-scan-01'
shows "B09, the analysts and the sandbox" 'sandbox-01|soc-0[12]|tip-01'
shows "B11, the shop on a listed address" '146\.0\.76\.37'
shows "B19, the sinkhole" '176\.119\.29\.37'
shows "B20, the authorised test" '203\.0\.113\.12'

"$ASSAY" report --case "$ASSAY_WORK/background.case" --format text >"$ASSAY_WORK/page.txt" 2>/dev/null
check "the page says: no sign of this campaign" grep -q 'NO SIGN OF THIS CAMPAIGN' "$ASSAY_WORK/page.txt"
# Look-alikes that no rule takes for anything have nothing to explain; these do.
sed -e 's/<[^>]*>/ /g' "$ASSAY_WORK/report.html" | tr -s ' \n' ' ' >"$ASSAY_WORK/report.txt"
while IFS=: read -r row why; do
  check "the report explains $row" grep -qiE "$why" "$ASSAY_WORK/report.txt"
done <<'END'
B01, probes:internet-wide probing, none of these succeeded
B03, our scanner:own scanner or an authorised test
B09, analysts:analysts or their machines|analysis
B11, shared hosting:shared hosting|ordinary browsing
B12, names of real programs:name of an ordinary daemon
B18, new machines:setting up a machine|new machine
B19, the sinkhole:sinkhole
END
check "the page says that absence is no proof" grep -qi 'not proof' "$ASSAY_WORK/page.txt"
check "the page says: had it happened, seen in" grep -qi 'had it happened' "$ASSAY_WORK/page.txt"
check "the page fits 80 columns" awk 'length($0) > 80 { print; bad = 1 } END { exit bad }' "$ASSAY_WORK/page.txt"
page_is_well_worded "words" "$ASSAY_WORK/page.txt" "$ASSAY_WORK/report.html" "$json"

# Without the profile nothing may become worse than "cannot say" can carry: the own scanner is an attempt, not a success; analysts are unknown hosts.
answer no_profile demo/background/gateway demo/background/windows demo/background/fileserver demo/background/mail
for question in access malware exfiltration; do
  check "without a profile, without proxy and Zeek: $question is not likely" jq -e --arg id $question '.questions[] | select(.id == $id) | .state == "cannot_say" or .range[1] <= 50' "$ASSAY_WORK/no_profile.json"
done
check "without a profile: it says what it assumed" jq -e '[.notices[] | select(.kind == "assumption")] | length > 0' "$ASSAY_WORK/no_profile.json"
finish
