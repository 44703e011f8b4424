# What people say of a case, and what hangs on a finding: judge, add-statement, --what-if; and the sums of explain, done again by hand.
source "$(dirname "$0")/../lib.sh"
answer hunt demo/intrusion/gateway demo/intrusion/files demo/intrusion/proxy --profile demo/profile.yaml
case=$ASSAY_WORK/hunt.case
told "explain, by hand" explain_sum.py "$ASSAY" "$case" "$ASSAY_WORK/hunt.json"
assess() { "$ASSAY" assess --case "$case" --format json >"$ASSAY_WORK/$1.json" 2>"$ASSAY_WORK/$1.log"; }
probability() { ask "$1" ".questions[] | select(.id == \"$2\") | .model_probability"; }

# A finding that the question whether malware ran rests on.
finding=$(jq -r '[.questions[] | select(.id == "malware") | .because[].sightings[]?] as $ids | [.sightings[] | select(.id as $i | $ids | index($i)) | .finding][0]' "$ASSAY_WORK/hunt.json")
check "there is one ($finding)" test -n "$finding" -a "$finding" != null
all=$(jq -r '[.questions[] | select(.id == "malware") | .because[].sightings[]?] as $ids | [.sightings[] | select(.id as $i | $ids | index($i)) | .finding] | join(",")' "$ASSAY_WORK/hunt.json")
"$ASSAY" assess --case "$case" --what-if "$all" --format json >"$ASSAY_WORK/what_if.json"
check "what if: without all of them malware is less likely" jq -e '.questions[] | select(.id == "malware") | .after.model_probability < .before.model_probability and .log10_odds < 0' "$ASSAY_WORK/what_if.json"
check "what if: it names what it left out" jq -e --arg f "$finding" '.without | index($f) != null' "$ASSAY_WORK/what_if.json"
check "what if: text" bash -c "'$ASSAY' assess --case '$case' --what-if $finding --format text | grep -q 'Without $finding'"
assess before
same "what if changes nothing in the case" <(jq -S .questions "$ASSAY_WORK/hunt.json") <(jq -S .questions "$ASSAY_WORK/before.json")

wrong() { # TITLE, then arguments: exit code 2 and a message
  local title=$1 code=0
  shift
  "$ASSAY" "$@" --case "$case" >"$ASSAY_WORK/out" 2>"$ASSAY_WORK/err" || code=$?
  if [ "$code" -eq 2 ] && [ -s "$ASSAY_WORK/err" ]; then ok "refused: $title"; else bad "refused: $title" "exit code $code"; fi
}
wrong "a finding that is not there" case judge F9999 --as benign --reason x --by y
wrong "no reason" case judge "$finding" --as benign --by y
wrong "no name" case judge "$finding" --as benign --reason x
wrong "a word that is no judgement" case judge "$finding" --as fine --reason x --by y
wrong "a day that is over" case judge "$finding" --as benign --reason x --by y --expires 2020-01-01
wrong "no Admiralty code" case add-statement --who user --about access --reliability good --text x --by y
wrong "about nothing that is asked" case add-statement --who user --about weather --reliability B2 --text x --by y
wrong "what if of nothing" assess --what-if F9999

for one in ${all//,/ }; do
  "$ASSAY" case judge "$one" --as benign --reason "a drill of our own, see the letter" --by "A. Analyst" --expires 2199-12-31 --case "$case" >"$ASSAY_WORK/judge.txt" 2>&1 || bad "judge $one" "$(cat "$ASSAY_WORK/judge.txt")"
done
check "judging prints what moved" grep -q '^ malware ' "$ASSAY_WORK/judge.txt"
assess judged
check "judged benign, malware is less likely" awk -v a="$(probability before malware)" -v b="$(probability judged malware)" 'BEGIN{exit !(b < a)}'
check "the answer says who, why, and that the answer had been seen" jq -e '.dispositions[0] | .by == "A. Analyst" and .as == "benign" and .after_answer and (.reason | contains("drill"))' "$ASSAY_WORK/judged.json"
"$ASSAY" report --case "$case" --format text >"$ASSAY_WORK/page.txt"
check "the page says it" grep -q 'after the answer was seen' "$ASSAY_WORK/page.txt"
"$ASSAY" report --case "$case" --out "$ASSAY_WORK/report.html"
check "the report says it" grep -q 'A. Analyst' "$ASSAY_WORK/report.html"
check "the log has it" bash -c "'$ASSAY' case show --case '$case' | grep -q ' judged '"
check "the case verifies" "$ASSAY" case verify --case "$case"
told "schema" answer.py schema "$ASSAY_WORK/judged.json" docs/answer.schema.json
"$ASSAY" case judge "${all%%,*}" --as confirmed --reason "looked at the host" --by "B. Analyst" --case "$case" >/dev/null
assess confirmed
check "the later judgement holds" awk -v a="$(probability judged malware)" -v b="$(probability confirmed malware)" 'BEGIN{exit !(b > a)}'

"$ASSAY" case add-statement --who user --about claim.credential-given --time 2020-04-28 --reliability B2 --account m.okafor --text "typed her password on a page that looked odd" --by "A. Analyst" --case "$case" >"$ASSAY_WORK/statement.txt" 2>&1
assess told
check "a statement is kept and shown" jq -e '.statements[0] | .reliability == "B2" and .id == "S1"' "$ASSAY_WORK/told.json"
check "its account must be taken as lost" jq -e '[.credentials[] | select(.how | contains("told by user"))] | length == 1' "$ASSAY_WORK/told.json"
check "it never lowers a question" jq -e -n --slurpfile a "$ASSAY_WORK/confirmed.json" --slurpfile b "$ASSAY_WORK/told.json" \
  '[range(0; $a[0].questions | length) as $i | $b[0].questions[$i].model_probability >= $a[0].questions[$i].model_probability - 1e-6] | all'
check "what if: without the statement" bash -c "'$ASSAY' assess --case '$case' --what-if S1 --format text | grep -q 'Without S1'"
check "the case still verifies" "$ASSAY" case verify --case "$case"
finish
