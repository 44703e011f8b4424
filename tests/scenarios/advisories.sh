#!/usr/bin/env bash
# The life of an advisory: import, read, add, hunt with it, a later version, remove; what a check says of a poisoned one.
source "$(dirname "$0")/../lib.sh"
w=$ASSAY_WORK
cat >"$w/v1.txt" <<'END'
# list of Nordhaven
cdn-sync.net
45.77.10.9
old-sync.net
10.20.0.0/16
files.nordhaven.org
8.8.8.8
0cc175b9c0f1b6a831c399e269772661
END
sed -e '/old-sync/d' -e 's/^45.*/45.77.10.10/' "$w/v1.txt" >"$w/v2.txt"
cat >"$w/profile.yml" <<'END'
organisation: Nordhaven
own_networks: [10.20.0.0/16]
own_domains: [nordhaven.org]
END
import() { "$ASSAY" advisory import "$w/$1.txt" --publisher Nordhaven --published 2020-04-01 --out "$w/$1.json" 2>/dev/null; }
check "import the first version" import v1
check "import the second version" import v2
cp "$w/v1.json" "$w/once.json"
import v1
check "a second import is the same, byte for byte" cmp "$w/once.json" "$w/v1.json"

equal "nothing is in force before it is added" "1" "$("$ASSAY" advisory list | wc -l)"
check "add" "$ASSAY" advisory add "$w/v1.json" --name nordhaven
check "the list names it" grep -q '^nordhaven' <("$ASSAY" advisory list)
mkdir "$w/evidence"
printf '203.0.113.9 - - [02/Apr/2020:10:00:00 +0000] "GET http://cdn-sync.net/x HTTP/1.1" 200 12 "-" "-"\n' >"$w/evidence/access.log"
"$ASSAY" hunt "$w/evidence" --case "$w/a.case" --format json >"$w/answer.json" 2>"$w/hunt.err"
check "the first line names each with its age" grep -qE '^Asking: .*published 1 Apr 2020 \([0-9]+ months ago\).*; .*published 16 Jul 2020 \([0-9]+ months ago\)' <(head -n 1 "$w/hunt.err")
equal "a hunt uses what is in force" "true" "$(jq 'any(.advisories[]; .publisher == "Nordhaven" or .publisher == ["Nordhaven"] or (.name | test("v1")))' "$w/answer.json")"

"$ASSAY" advisory diff "$w/v1.json" "$w/v2.json" --format json >"$w/diff.json"
equal "a later version: added" '["ipv4 45.77.10.10"]' "$(jq -c '[.indicators[] | select(.change == "added") | .name]' "$w/diff.json")"
equal "a later version: removed" '["domain old-sync.net","ipv4 45.77.10.9"]' "$(jq -c '[.indicators[] | select(.change == "removed") | .name]' "$w/diff.json")"

# A later version over the case, without the evidence: what it withdraws counts no more, and the answer is that of a hunt with it.
printf '45.77.10.9 - - [02/Apr/2020:10:00:02 +0000] "GET /y HTTP/1.1" 200 12 "-" "-"\n' >>"$w/evidence/access.log"
sed '/45.77.10.9/d' "$w/v1.txt" >"$w/v3.txt"
check "import a version that withdraws one" import v3
hunted() { "$ASSAY" hunt "$w/evidence" --advisory "$w/$1.json" --case "$w/$2.case" --format json --quiet >"$w/$2.json"; }
hunted v1 first && hunted v3 third
"$ASSAY" assess --case "$w/first.case" --advisory "$w/v3.json" --format json >"$w/later.json" 2>"$w/later.err"
equal "two findings before" '["F01","F02"]' "$(jq -c '[.sightings[].finding] | sort' "$w/first.json")"
equal "one after" '["domain cdn-sync.net"]' "$(jq -c '[.sightings[].detector.title]' "$w/later.json")"
equal "the questions are those of a hunt with the later version" "$(jq -cS '[.questions[] | {id, state, model_probability, term}]' "$w/third.json")" \
  "$(jq -cS '[.questions[] | {id, state, model_probability, term}]' "$w/later.json")"
check "and it is said" grep -qE '1 withdrawn \(F0[12] no longer counts\)' "$w/later.err"
"$ASSAY" assess --case "$w/first.case" --advisory "$w/v2.json" --format json >"$w/added.json" 2>"$w/added.err"
check "what a later version adds was not looked for" grep -q '1 added and not looked for yet: assay hunt EVIDENCE --advisory' "$w/added.err"
equal "and the answer names it" '1' "$(jq '[.rules.not_evaluable[] | select(.reason | test("later than the hunt"))] | length' "$w/added.json")"
equal "the same version changes nothing" "$(jq -cS '[.questions, .sightings]' "$w/first.json")" \
  "$("$ASSAY" assess --case "$w/first.case" --advisory "$w/v1.json" --format json 2>/dev/null | jq -cS '[.questions, .sightings]')"
"$ASSAY" assess --case "$w/first.case" --advisory apt29-2020 --format json >/dev/null 2>"$w/other.err"
equal "another advisory is no later version" 2 $?
check "with a message" grep -q 'did not ask this advisory' "$w/other.err"

"$ASSAY" advisory check "$w/v1.json" --profile "$w/profile.yml" --as-of 2020-05-01 --format json >"$w/check.json" 2>"$w/check.err"
equal "our own are named" '["10.20.0.0/16","files.nordhaven.org"]' "$(jq -c '[.findings[] | select(.kind == "own") | .value] | sort' "$w/check.json")"
equal "a public resolver is too generic" '1' "$(jq '[.findings[] | select(.kind == "generic" and .value == "8.8.8.8")] | length' "$w/check.json")"
equal "and refused as a block list" 'true' "$(jq '.block_list.refused' "$w/check.json")"
check "with a message" grep -q 'refused as a block list' "$w/check.err"
equal "copied from the one in force" '1' "$("$ASSAY" advisory check "$w/v2.json" --format json 2>/dev/null | jq '[.findings[] | select(.kind == "copied")] | length')"
mkdir -p "$w/lists/top" && echo '{"name": "Top names", "type": "hostname", "list": ["cdn-sync.net"]}' >"$w/lists/top/list.json"
equal "a warning list marks its values" '["cdn-sync.net"]' "$("$ASSAY" advisory check "$w/v1.json" --warninglists "$w/lists" --format json 2>/dev/null | jq -c '[.findings[] | select(.kind == "warning_list") | .value]')"
equal "an MD5 cannot be compared with an access log" 'true' \
  "$("$ASSAY" advisory check "$w/v1.json" --evidence "$w/a.case" --format json 2>/dev/null | jq 'any(.findings[]; .kind == "not_comparable" and .value == "md5")')"

check "remove" "$ASSAY" advisory remove nordhaven
equal "it is gone" "1" "$("$ASSAY" advisory list | wc -l)"
"$ASSAY" advisory remove nordhaven >/dev/null 2>&1
equal "removing it twice is exit code 2" 2 $?
"$ASSAY" advisory import "$w/profile.yml" --kind misp >/dev/null 2>"$w/err"
equal "a wrong kind is exit code 2" 2 $?
finish
