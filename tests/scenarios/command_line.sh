# The command line: exit codes, streams, help; a bad one changes nothing.
source "$(dirname "$0")/../lib.sh"
evidence=demo/background/gateway/ctx-gw-01
code_of() { local code=0; "$ASSAY" "$@" >"$ASSAY_WORK/out" 2>"$ASSAY_WORK/err" || code=$?; echo "$code"; }
here=$PWD
equal "no verb" 2 "$(code_of)"
equal "an unknown verb" 2 "$(code_of destroy)"
equal "an unknown option" 2 "$(code_of hunt "$evidence" --no-such-option)"
equal "no evidence named" 2 "$(code_of hunt)"
equal "an advisory that is not there" 2 "$(code_of hunt "$evidence" --advisory "$ASSAY_WORK/none.json" --case "$ASSAY_WORK/a.case")"
printf '{"type":"bundle"' >"$ASSAY_WORK/broken.json"
equal "an advisory of which nothing can be used" 2 "$(code_of hunt "$evidence" --advisory "$ASSAY_WORK/broken.json" --case "$ASSAY_WORK/a.case")"
equal "rules that are not there" 2 "$(code_of hunt "$evidence" --rules "$ASSAY_WORK/none" --case "$ASSAY_WORK/a.case")"
check "and no case was left" test ! -e "$ASSAY_WORK/a.case"
equal "help" 0 "$(code_of --help)"
for verb in hunt assess explain report case advisory rules evidence profile; do
  equal "$verb --help" 0 "$(code_of $verb --help)"
  check "$verb --help is on stdout" test -s "$ASSAY_WORK/out"
done

equal "hunt" 0 "$(code_of hunt "$evidence" --profile demo/profile.yaml --case "$ASSAY_WORK/b.case")"
check "a pipe gets one JSON object" jq -e 'type == "object"' "$ASSAY_WORK/out"
equal "hunt --format jsonl" 0 "$(code_of hunt "$evidence" --profile demo/profile.yaml --case "$ASSAY_WORK/c.case" --format jsonl)"
check "jsonl: every line an object" jq -es 'map(type == "object") | all' "$ASSAY_WORK/out"
equal "hunt --quiet" 0 "$(code_of hunt "$evidence" --profile demo/profile.yaml --case "$ASSAY_WORK/d.case" --quiet)"
equal "--quiet: nothing on stderr" "" "$(cat "$ASSAY_WORK/err")"
equal "an unknown format" 2 "$(code_of report --case "$ASSAY_WORK/b.case" --format pdf)"
equal "--fail-on with a term that no scale has" 2 "$(code_of hunt "$evidence" --fail-on perhaps --case "$ASSAY_WORK/e.case")"
# Without --case: a new numbered file in the working directory each time.
program=$(realpath "$ASSAY")
mkdir "$ASSAY_WORK/cwd"
(cd "$ASSAY_WORK/cwd" && "$program" hunt "$here/$evidence" --quiet >/dev/null 2>&1; "$program" hunt "$here/$evidence" --quiet >/dev/null 2>&1)
equal "cases get numbers, none is overwritten" "assay-1.case assay-2.case" "$(cd "$ASSAY_WORK/cwd" && echo *)"
finish
