# The command line: exit codes, streams, help, formats, bounds of time; a bad one names what and a remedy, and changes nothing.
source "$(dirname "$0")/../lib.sh"
gateway=demo/background/gateway/ctx-gw-01
case_of() { echo "$ASSAY_WORK/$1.case"; }
out=$ASSAY_WORK/out err=$ASSAY_WORK/err
# refused TITLE WORD REMEDY ARGUMENT...: exit code 2, nothing on stdout, and stderr says what (a regex) and what to do (a regex).
refused() {
  local title=$1 what=$2 remedy=$3
  shift 3
  equal "$title: exit code 2" 2 "$(code "$ASSAY" "$@")"
  check "$title: nothing on stdout" test ! -s "$out"
  check "$title: names it" grep -qE -- "$what" "$err"
  check "$title: and what to do" grep -qE -- "$remedy" "$err"
  check "$title: in a few lines" test "$(wc -l <"$err")" -le 6
}
refused "no verb" 'verb|subcommand' 'assay --help'
refused "an unknown verb" 'destroy' 'assay --help|hunt' destroy
refused "an unknown option" 'no-such-option' 'help' hunt "$gateway" --no-such-option
refused "no evidence named" 'evidence' 'help' hunt
refused "a number that is none" 'many|jobs' 'help|number' hunt "$gateway" --jobs many
refused "an advisory that is not there" 'none.json' 'apt29-2020|STIX' hunt "$gateway" --advisory "$ASSAY_WORK/none.json" --case "$(case_of bad)"
printf '{"type":"bundle"' >"$ASSAY_WORK/broken.json"
refused "an advisory of which nothing can be used" 'broken.json' '.' hunt "$gateway" --advisory "$ASSAY_WORK/broken.json" --case "$(case_of bad)"
refused "rules that are not there" 'none' '.' hunt "$gateway" --rules "$ASSAY_WORK/none" --case "$(case_of bad)"
mkdir -p "$ASSAY_WORK/rules"
printf 'title: x\ndetection:\n  a: [\n' >"$ASSAY_WORK/rules/bad.yml"
refused "rules of which nothing can be used" 'rules' 'rules check' hunt "$gateway" --rules "$ASSAY_WORK/rules" --case "$(case_of bad)"
refused "a profile that is not there" 'none.yaml' 'profile new' hunt "$gateway" --profile "$ASSAY_WORK/none.yaml" --case "$(case_of bad)"
printf 'organisation: X\nhostz: 3\n' >"$ASSAY_WORK/profile.yaml"
refused "a profile with an unknown key names line and key" 'profile.yaml.*2.*hostz|hostz.*2' '.' hunt "$gateway" --profile "$ASSAY_WORK/profile.yaml" --case "$(case_of bad)"
refused "a time that is none" 'yesterday' '2020-04-16' hunt "$gateway" --from yesterday --case "$(case_of bad)"
refused "a scale that is none" 'phia.*icd203' 'percent' hunt "$gateway" --scale percent --case "$(case_of bad)"
refused "a term that no scale has" 'perhaps' 'likely' hunt "$gateway" --fail-on perhaps --case "$(case_of bad)"
refused "a format that is none" 'pdf' 'html' hunt "$gateway" --format pdf --case "$(case_of bad)"
refused "a negative number of workers" 'jobs|-3' '.' hunt "$gateway" --jobs -3 --case "$(case_of bad)"
refused "a negative unit" 'unit' '.' hunt "$gateway" --unit-bytes -1 --case "$(case_of bad)"
refused "an empty span of time" 'from|--to' '.' hunt "$gateway" --from 2020-07-01 --to 2020-06-01 --case "$(case_of bad)"
refused "a folder that is not there for the case" 'no-such' '.' hunt "$gateway" --case "$ASSAY_WORK/no-such/x.case"
refused "a folder that is not there for the report" 'no-such' '.' hunt "$gateway" --report "$ASSAY_WORK/no-such/x.html" --case "$(case_of bad)"
refused "a name for a return that nobody asked for" 'pseudonym' '--return' hunt "$gateway" --pseudonym org-7 --case "$(case_of bad)"
check "and no case was left by any of them" test ! -e "$(case_of bad)"
for verb in rules case advisory evidence profile; do refused "$verb with nothing behind it says what may follow" "$verb what[?]" "assay $verb --help" "$verb"; done
refused "a folder for a case" "a folder, not a case" '\.case' explain --case "$ASSAY_WORK" access
refused "no file for a case" 'no file' '\.case' explain --case /dev/null access
refused "no case" 'none.case' 'hunt' case show --case "$(case_of none)"

# Help and version.
equal "--help" 0 "$(code "$ASSAY" --help)"
check "--help tells the exit codes" grep -q '130' "$out"
check "--help tells how to begin" grep -q 'assay hunt' "$out"
equal "--version" 0 "$(code "$ASSAY" --version)"
check "--version is one line" grep -qxE 'assay [0-9]+\.[0-9]+\.[0-9]+.*' "$out"
for verb in hunt assess explain report case advisory rules evidence profile; do
  equal "$verb --help" 0 "$(code "$ASSAY" $verb --help)"
  check "$verb --help is on stdout" test -s "$out" -a ! -s "$err"
  # Every option that the page of the verb names is there, and the other way round.
  page=docs/verbs/$verb.md
  check "$verb has its page" test -s "$page"
  diff <(grep -oE -- '--[a-z][a-z-]+' "$page" | sort -u) <({ grep -E '^ +-' "$out" | grep -oE -- '--[a-z][a-z-]+'; echo --help; } | grep -v chaos | sort -u) >"$ASSAY_WORK/diff.$verb" || true
  equal "$verb --help: every option is on its page" "" "$(grep '^>' "$ASSAY_WORK/diff.$verb" | grep -v -- --help)"
done

# Forms of the answer and streams.
equal "hunt" 0 "$(code "$ASSAY" hunt "$gateway" --profile demo/profile.yaml --case "$(case_of json)")"
check "a pipe gets one JSON object" jq -es 'length == 1 and (.[0] | type == "object")' "$out"
cp "$err" "$ASSAY_WORK/hunt.err"
refused "explain what is not there" 'F9999' 'F01|access' explain F9999 --case "$(case_of json)"
refused "an unknown part of a verb" 'burn' 'show' case burn --case "$(case_of json)"
cp "$ASSAY_WORK/hunt.err" "$err"
check "stderr names each advisory with its age" grep -qE 'APT29.*published 16 Jul 2020 \([0-9]+ months ago\)' "$err"
check "stderr names the case and its log head" grep -qE 'json\.case +log head [0-9a-f]{64}' "$err"
equal "--format json" 0 "$(code "$ASSAY" hunt "$gateway" --profile demo/profile.yaml --format json --case "$(case_of json2)")"
cp "$out" "$ASSAY_WORK/json2.json"
check "--format json is one JSON object" jq -es 'length == 1 and .[0].assay == "1"' "$out"
equal "--format jsonl" 0 "$(code "$ASSAY" hunt "$gateway" --profile demo/profile.yaml --case "$(case_of jsonl)" --format jsonl)"
check "jsonl: one line a sighting" test "$(wc -l <"$out")" -eq "$(jq .sightings_total "$ASSAY_WORK/json2.json")"
check "jsonl: each line the sighting of the answer" bash -c "diff <(jq -cS . '$out' | sort) <(jq -cS '.sightings[]' '$ASSAY_WORK/json2.json' | sort)"
equal "--format text" 0 "$(code "$ASSAY" hunt "$gateway" --profile demo/profile.yaml --case "$(case_of text)" --format text)"
check "text is the page" grep -q '^ASSAY  Larkmoor' "$out"
check "text in a pipe has no colour" bash -c "! grep -q \$'\x1b' '$out'"
equal "--format html" 0 "$(code "$ASSAY" hunt "$gateway" --profile demo/profile.yaml --case "$(case_of html)" --format html)"
check "html is a page" grep -qi '<!doctype html>' "$out"
equal "--quiet" 0 "$(code "$ASSAY" hunt "$gateway" --profile demo/profile.yaml --case "$(case_of quiet)" --quiet)"
equal "--quiet: nothing on stderr" "" "$(cat "$err")"
same "--quiet: the same answer" "$ASSAY_WORK/json2.json" "$out"

# On a terminal: the page, colour only when it is wanted.
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then  # no terminals where /dev/pts is not mounted
  terminal() { env -u NO_COLOR "${@:2}" TERM=xterm script -qec "$ASSAY report --format text --case $(case_of json) $1" /dev/null </dev/null 2>/dev/null; }
  terminal "" >"$ASSAY_WORK/tty.plain"
  terminal "--no-color" >"$ASSAY_WORK/tty.option"
  terminal "" NO_COLOR=1 >"$ASSAY_WORK/tty.variable"
  check "a terminal gets the page" grep -q 'ASSAY  Larkmoor' "$ASSAY_WORK/tty.plain"
  check "--no-color: no colour" bash -c "! grep -q \$'\x1b' '$ASSAY_WORK/tty.option'"
  check "NO_COLOR: no colour" bash -c "! grep -q \$'\x1b' '$ASSAY_WORK/tty.variable'"
  equal "colour is not needed to understand it" "$(sed 's/\x1b\[[0-9;]*m//g' "$ASSAY_WORK/tty.plain" | tr -d '\r')" "$(tr -d '\r' <"$ASSAY_WORK/tty.variable")"
else
  skip "a terminal (script is not there)"
fi

# --fail-on, on evidence that is judged.
mkdir -p "$ASSAY_WORK/bad"
cp demo/intrusion/files/*.zst "$ASSAY_WORK/bad/"
equal "--fail-on almost certain, met" 1 "$(code "$ASSAY" hunt "$ASSAY_WORK/bad" demo/intrusion/gateway/loghost --profile demo/profile.yaml --fail-on "almost certain" --case "$(case_of f1)")"
check "--fail-on: the answer is printed all the same" jq -e '.complete' "$out"
equal "--fail-on likely, met by a higher term" 1 "$(code "$ASSAY" hunt "$ASSAY_WORK/bad" --profile demo/profile.yaml --fail-on likely --case "$(case_of f2)")"
equal "--fail-on in the other scale" 1 "$(code "$ASSAY" hunt "$ASSAY_WORK/bad" --profile demo/profile.yaml --scale icd203 --fail-on "likely" --case "$(case_of f3)")"
check "icd203: its terms and no other" jq -e '[.questions[] | .scale == "icd203"] | all' "$out"
equal "--fail-on almost certain, not met" 0 "$(code "$ASSAY" hunt "$gateway" --profile demo/profile.yaml --fail-on "almost certain" --case "$(case_of f4)")"

# --from, --to, --as-of.
tool evidence.py proxy "$ASSAY_WORK/proxy.json" 5000 100
within() { jq -e --arg from "$2" --arg to "$3" '[.sightings[] | .time] | length > 0 and (map(. >= $from and . < $to) | all)' "$1"; }
hits() { jq '[.sightings[] | select(.detector.kind == "indicator") | .count] | add // 0' "$1"; }
whole=$(code "$ASSAY" hunt "$ASSAY_WORK/proxy.json" --case "$(case_of t0)") && cp "$out" "$ASSAY_WORK/t0.json"
equal "all: exit code" 0 "$whole"
equal "--from" 0 "$(code "$ASSAY" hunt "$ASSAY_WORK/proxy.json" --from 2020-05-02 --case "$(case_of t1)")"
cp "$out" "$ASSAY_WORK/t1.json"
check "--from: nothing before" within "$ASSAY_WORK/t1.json" 2020-05-02T00:00:00Z 2021
equal "--to" 0 "$(code "$ASSAY" hunt "$ASSAY_WORK/proxy.json" --to 2020-05-02T00:00:00Z --case "$(case_of t2)")"
cp "$out" "$ASSAY_WORK/t2.json"
check "--to: nothing from then on" within "$ASSAY_WORK/t2.json" 2020 2020-05-02T00:00:00Z
equal "--from and --to share the hits without rest" "$(hits "$ASSAY_WORK/t0.json")" "$(($(hits "$ASSAY_WORK/t1.json") + $(hits "$ASSAY_WORK/t2.json")))"
equal "records outside are counted, not looked at" 5000 "$(jq '[.evidence[].records] | add' "$ASSAY_WORK/t1.json")"
equal "as_of is the last event by default" "2020-05-03T07:32:40" "$(jq -r '.as_of[:19]' "$ASSAY_WORK/t0.json")"
equal "--as-of" 0 "$(code "$ASSAY" hunt "$ASSAY_WORK/proxy.json" --as-of 2020-07-17T06:00:00Z --case "$(case_of t3)")"
equal "--as-of is what the answer speaks about" "2020-07-17T06:00:00Z" "$(jq -r .as_of "$out")"

# Cases.
program=$(realpath "$ASSAY") here=$PWD
mkdir "$ASSAY_WORK/cwd"
(cd "$ASSAY_WORK/cwd" && "$program" hunt "$here/$gateway" --quiet >/dev/null 2>&1; "$program" hunt "$here/$gateway" --quiet >/dev/null 2>&1)
equal "cases get numbers, none is overwritten" "assay-1.case assay-2.case" "$(cd "$ASSAY_WORK/cwd" && echo *)"
check "other verbs take the newest" bash -c "cd '$ASSAY_WORK/cwd' && '$program' case show | grep -q assay-2.case"
head_hash=$("$ASSAY" case show --case "$(case_of json)" | sed -n 's/^Log head //p')
check "case verify with the head: anchored" bash -c "'$ASSAY' case verify --case '$(case_of json)' --head '$head_hash' | grep -q 'head you wrote down is in its log'"
equal "case verify with another head" 1 "$(code "$ASSAY" case verify --case "$(case_of json)" --head 0000000000000000000000000000000000000000000000000000000000000000)"
if command -v sqlite3 >/dev/null; then
  cp "$(case_of json)" "$(case_of forged)"
  sqlite3 "$(case_of forged)" "DROP TRIGGER sighting_no_UPDATE; UPDATE sighting SET body = body || ' ' WHERE id = '00000000'"
  equal "case verify finds a changed row" 1 "$(code "$ASSAY" case verify --case "$(case_of forged)")"
fi
check "case export: every line a JSON object" jq -es 'map(type == "object") | all and length > 20' <("$ASSAY" case export --case "$(case_of json)")
before=$(sha256sum <"$(case_of json)")
for verb in "case show" "case verify" "case export" assess "report --format text" "explain access"; do
  # shellcheck disable=SC2086  # the arguments are meant to be split
  equal "$verb" 0 "$(code "$ASSAY" $verb --case "$(case_of json)")"
done
equal "and none of them changes the case" "$before" "$(sha256sum <"$(case_of json)")"

# The other verbs.
equal "advisory list" 0 "$(code "$ASSAY" advisory list)"
check "advisory list names it" grep -q '^apt29-2020 ' "$out"
equal "advisory show" 0 "$(code "$ASSAY" advisory show apt29-2020)"
check "advisory show has claims, recommendations and the publisher's words" grep -qE 'Claims' "$out"
equal "rules check" 0 "$(code "$ASSAY" rules check content/rules --format json)"
check "rules check counts what loads" jq -e '.loaded > 20 and (.not_loaded | length == 0)' "$out"
equal "rules check of a bad rule" 0 "$(code "$ASSAY" rules check "$ASSAY_WORK/rules")"
check "rules check gives the reason" grep -q 'bad.yml' "$out"
equal "profile new" 0 "$(code "$ASSAY" profile new --out "$ASSAY_WORK/new.yaml")"
equal "profile new never overwrites" 2 "$(code "$ASSAY" profile new --out "$ASSAY_WORK/new.yaml")"
equal "profile check of it" 0 "$(code "$ASSAY" profile check "$ASSAY_WORK/new.yaml")"
(cd "$ASSAY_WORK/cwd" && "$program" evidence check "$here/$gateway" >../check.txt 2>../check.err; echo $? >../check.code)
equal "evidence check" 0 "$(cat "$ASSAY_WORK/check.code")"
check "evidence check shows shapes and days" bash -c "grep -qE '^ +access-log: access [0-9,]+' '$ASSAY_WORK/check.txt' && grep -qE ' 2020-0[4-7]-[0-9]{2} ' '$ASSAY_WORK/check.txt'"
equal "evidence check leaves nothing" "assay-1.case assay-2.case" "$(cd "$ASSAY_WORK/cwd" && ls -A | xargs)"

# A closed pipe and a full disk are no crash.
"$ASSAY" report --case "$(case_of json)" --format json 2>/dev/null | head -c 10 >/dev/null
check "a reader that goes away is no crash" test "${PIPESTATUS[0]}" -le 141
if [ -w /dev/full ]; then
  status=0
  "$ASSAY" report --case "$(case_of json)" --format json >/dev/full 2>"$err" || status=$?
  check "a full disk under stdout is told and is no success" test "$status" -ne 0 -a -s "$err"
fi
rm -rf "$ASSAY_WORK"/*.case "$ASSAY_WORK/cwd"
finish
