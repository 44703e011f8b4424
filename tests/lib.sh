# Shared by the scenario tests. A scenario sources this file, calls the checks below and ends with `finish`.
#   $ASSAY  the program      $ASSAY_WORK  an empty folder of this scenario      $ASSAY_DATA  real data, or empty
# shellcheck shell=bash
set -uo pipefail
export LC_ALL=C.UTF-8 TZ=UTC NO_COLOR=1
scenario=$(basename "$0" .sh)
: "${ASSAY:=build/dev/assay}"
: "${ASSAY_WORK:=build/dev/scenarios/$scenario}"
: "${ASSAY_DATA:=}"
# Only the folder of this one scenario, below build/, is ever removed.
case $ASSAY_WORK in */scenarios/"$scenario") rm -rf "$ASSAY_WORK" ;; *) echo "ASSAY_WORK: $ASSAY_WORK"; exit 2 ;; esac
mkdir -p "$ASSAY_WORK"
[ -x "$ASSAY" ] || { echo "no program: $ASSAY (scripts/build dev)"; exit 2; }
passed=0 failed=0 skipped=0

ok() { passed=$((passed + 1)); printf 'ok      %s\n' "$1"; }
bad() { failed=$((failed + 1)); printf 'FAILED  %s\n' "$1"; [ $# -lt 2 ] || printf '        %s\n' "${@:2}"; }
skip() { skipped=$((skipped + 1)); printf 'skipped %s\n' "$1"; }

# check TITLE COMMAND...: the command succeeds; its output is shown only when it does not.
check() {
  local title=$1 output
  shift
  if output=$("$@" 2>&1); then ok "$title"; else bad "$title" "$(tail -n 20 <<<"$output")"; fi
}
# equal TITLE EXPECTED ACTUAL
equal() { if [ "$2" = "$3" ]; then ok "$1"; else bad "$1" "expected: $2" "actual:   $3"; fi; }
# same TITLE FILE FILE: byte for byte.
same() { if cmp -s "$2" "$3"; then ok "$1"; else bad "$1" "$(diff "$2" "$3" | cut -c1-300 | head -n 6)"; fi; }
# at_most TITLE LIMIT NUMBER (decimals allowed)
at_most() { if awk -v a="$3" -v b="$2" 'BEGIN{exit !(a <= b)}'; then ok "$1"; else bad "$1" "$3 is more than $2"; fi; }

# answer NAME ARGUMENT...: runs `assay hunt`, leaves NAME.json, NAME.log and NAME.case in the work folder, and checks that the exit
# code is 0 and the answer is one JSON object.
answer() {
  local name=$1 code=0
  shift
  rm -f "$ASSAY_WORK/$name".{json,log,case}
  "$ASSAY" hunt "$@" --format json --case "$ASSAY_WORK/$name.case" >"$ASSAY_WORK/$name.json" 2>"$ASSAY_WORK/$name.log" || code=$?
  if [ "$code" -eq 0 ] && jq -e '.assay == "1"' "$ASSAY_WORK/$name.json" >/dev/null 2>&1; then ok "hunt $name"
  else bad "hunt $name (exit code $code)" "$(tail -n 5 "$ASSAY_WORK/$name.log")"; fi
}
# ask NAME FILTER: one value out of an answer.
ask() { jq -r "$2" "$ASSAY_WORK/$1.json" 2>/dev/null; }
# term NAME QUESTION: its state and term, "judged almost certain" or "cannot_say".
term() { ask "$1" ".questions[] | select(.id == \"$2\") | if .state == \"judged\" then \"judged \" + .term else .state end"; }

finish() {
  [ -z "${ASSAY_RESULTS:-}" ] || echo "$passed $failed $skipped" >"$ASSAY_RESULTS/scenario_$scenario.txt"
  printf '%s: %d passed, %d failed, %d skipped\n' "$scenario" "$passed" "$failed" "$skipped"
  [ "$failed" -eq 0 ] || exit 1
  [ "$passed" -gt 0 ] || exit 77
  exit 0
}
