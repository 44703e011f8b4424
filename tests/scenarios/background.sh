# The background case: the same institute, the campaign was not there. Nothing that merely looks like it supports anything.
source "$(dirname "$0")/../lib.sh"
answer background demo/background --profile demo/profile.yaml
json=$ASSAY_WORK/background.json

for question in access malware exfiltration; do
  check "$question: highly unlikely or lower, or cannot say" jq -e --arg id $question \
    '.questions[] | select(.id == $id) | .state == "cannot_say" or .range[1] <= 20' "$json"
  check "$question: says with what chance it would have been seen" jq -e --arg id $question \
    '.questions[] | select(.id == $id) | .state == "cannot_say" or (.would_have_seen > 0 and .would_have_seen <= 1)' "$json"
done
check "targeted, actor and ongoing are not likely" jq -e \
  '[.questions[] | select(.id == "targeted" or .id == "actor" or .id == "ongoing") | .state == "cannot_say" or .range[1] <= 50] | all' "$json"
check "nobody is confirmed" jq -e '.scope.hosts.confirmed | length == 0' "$json"
check "the mentions of the SOC's copies are counted" jq -e '[.mentions[].count] | add > 0' "$json"
check "missing evidence that would change the answer is named" jq -e '[.questions[].would_change[]?] | length > 0' "$json"
"$ASSAY" report --case "$ASSAY_WORK/background.case" --format text >"$ASSAY_WORK/page.txt" 2>/dev/null
check "the page says that absence is no proof" grep -qi 'not proof' "$ASSAY_WORK/page.txt"
check "the page holds none of the words" bash -c "! grep -iwE 'clean|safe|no compromise' '$ASSAY_WORK/page.txt'"
finish
