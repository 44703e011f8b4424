# Sigma from the outside: what the tools say about rules, how a rule looks at a record, and correlations that are the same however they are run.
# Expected texts stand in tests/sigma/expected; ASSAY_UPDATE_GOLDENS=1 writes them anew.
source "$(dirname "$0")/../lib.sh"
root=tests/sigma
rules=$root/rules
# golden NAME EXPECTED_CODE ARGUMENT...: stdout and stderr of the program, and its exit code.
golden() {
  local name=$1 expected=$2 got
  shift 2
  got=$(code "$ASSAY" "$@")
  equal "$name: exit code" "$expected" "$got"
  cat "$ASSAY_WORK/out" "$ASSAY_WORK/err" >"$ASSAY_WORK/$name.txt"
  [ -z "${ASSAY_UPDATE_GOLDENS:-}" ] || cp "$ASSAY_WORK/$name.txt" "$root/expected/$name.txt"
  same "$name" "$root/expected/$name.txt" "$ASSAY_WORK/$name.txt"
}
golden check 0 rules check "$rules" "$root/broken"
golden check_json 0 rules check "$rules" "$root/broken" --format json
golden check_strict 1 rules check "$root/broken/broken.yml" --strict
golden check_given 0 rules check "$root/broken/broken.yml" --placeholder Admins=root,adm
golden check_nothing 2 rules check "$root/nowhere"
golden list 0 rules list "$rules"
golden list_json 0 rules list "$rules" --format json
golden show 0 rules show "$rules"
golden show_none 2 rules show "$rules" --rule nobody
golden test 0 rules test "$root/cases" --rules "$rules" --junit "$ASSAY_WORK/junit.xml"
golden test_fails 1 rules test "$root/wrong.test.yml" --rules "$rules" --junit "$ASSAY_WORK/junit_fails.xml"
check "JUnit is XML" python3 -c "import sys, xml.dom.minidom as m; [m.parse(f) for f in sys.argv[1:]]" "$ASSAY_WORK/junit.xml" "$ASSAY_WORK/junit_fails.xml"
check "JUnit counts" grep -q 'tests="2" failures="2"' "$ASSAY_WORK/junit_fails.xml"
golden explain_met 0 explain --rule failed_logon --rules "$rules" --record "$root/records/dc1.jsonl:1"
golden explain_not_met 0 explain --rule 11111111-0000-4000-8000-000000000002 --rules "$rules" --record "$root/records/dc1.jsonl:2"
golden explain_filtered 0 explain --rule failed_logon --rules "$rules" --record "$root/records/monitor.jsonl:1"
golden explain_correlation 0 explain --rule many_failed --rules "$rules" --record "$root/records/dc2.jsonl:1"
golden explain_no_record 2 explain --rule failed_logon --rules "$rules" --record "$root/records/dc1.jsonl:99"
golden explain_no_rule 2 explain --rule nobody --rules "$rules" --record "$root/records/dc1.jsonl:1"
golden explain_no_place 2 explain --rule failed_logon --rules "$rules" --record somewhere
# The same record by its line and by its byte, and through compression.
second=$(($(head -n 1 "$root/records/dc1.jsonl" | wc -c)))
"$ASSAY" explain --rule failed_logon --rules "$rules" --record "$root/records/dc1.jsonl:2" >"$ASSAY_WORK/by_line"
"$ASSAY" explain --rule failed_logon --rules "$rules" --record "$root/records/dc1.jsonl@$second" >"$ASSAY_WORK/by_byte"
gzip -c "$root/records/dc1.jsonl" >"$ASSAY_WORK/dc1.jsonl.gz"
"$ASSAY" explain --rule failed_logon --rules "$rules" --record "$ASSAY_WORK/dc1.jsonl.gz:2" >"$ASSAY_WORK/by_gzip"
same "by line and by byte" "$ASSAY_WORK/by_line" "$ASSAY_WORK/by_byte"
same "through gzip" "$ASSAY_WORK/by_line" "$ASSAY_WORK/by_gzip"

# Correlation over three files: alice's five failures stand in two of them, her logon follows; kiosk is a shared account; monitor is filtered.
cp -r "$root/records" "$ASSAY_WORK/evidence"
answer first "$ASSAY_WORK/evidence" --rules "$rules" --profile "$root/profile.yaml"
guessed='.sightings[] | select(.detector.id == "11111111-0000-4000-8000-000000000004")'
equal "two guessed passwords" 2 "$(ask first "[$guessed] | length")"
equal "alice's is cited with its six records" 6 "$(ask first "[$guessed | select(.fields.group_by_not_identity == null)][0].records | length")"
equal "the shared account is said to be one (and masked as accounts are)" "shared-01 is a shared account" "$(ask first "[$guessed.fields.group_by_not_identity | values][0]")"
equal "level, author, tags and false positives travel" 'high Assay ["attack.t1110.001"] ["A scanner with an old password"]' \
  "$(ask first "[$guessed][0].detector | \"\\(.level) \\(.author) \\(.tags | tojson) \\(.falsepositives | tojson)\"")"
equal "the rules below make no findings of their own" 0 "$(ask first '[.sightings[] | select(.detector.id | test("0000-00000000000[123]$"))] | length')"
equal "what the filter took out is counted" 8 "$(ask first '[.notices[] | select(.kind == "suppressed").count] | add')"
reference=$(jq -r "[$guessed][0].records[0] | \"\\(.evidence)@\\(.offset)\"" "$ASSAY_WORK/first.json")
check "a record of the answer can be explained" bash -c "'$ASSAY' explain --case '$ASSAY_WORK/first.case' --rules '$rules' --rule failed_logon --record '$reference' | grep -q 'The record meets it'"
answer later "$ASSAY_WORK/evidence" --rules "$rules" --profile "$root/profile.yaml" --as-of 2021-01-01
equal "a filter past its last day is said" 1 "$(ask later '[.notices[] | select(.kind == "filter_expired").count] | add')"
equal "and its hits are findings" 3 "$(ask later "[$guessed] | length")"
# However it is run: one process or four, other orders, other cuts, the plain evaluator alone, other files.
run=0
for how in "--in-process" "--jobs 1" "--jobs 4 --chaos-shuffle 7" "--jobs 4 --chaos-shuffle 8 --unit-bytes 300" "--reference"; do
  run=$((run + 1))
  # shellcheck disable=SC2086
  answer "how$run" "$ASSAY_WORK/evidence" --rules "$rules" --profile "$root/profile.yaml" $how
  same "the same answer with $how" "$ASSAY_WORK/first.json" "$ASSAY_WORK/how$run.json"
done
mkdir -p "$ASSAY_WORK/one"
cat "$root"/records/monitor.jsonl "$root"/records/dc2.jsonl "$root"/records/dc1.jsonl >"$ASSAY_WORK/one/all.jsonl"
answer one "$ASSAY_WORK/one" --rules "$rules" --profile "$root/profile.yaml"
equal "the same findings from one file in another order" "$(ask first "[$guessed | [.time, .until, .count, .fields]] | sort | tojson")" \
  "$(ask one "[$guessed | [.time, .until, .count, .fields]] | sort | tojson")"
finish
