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
# The advisories that somebody keeps on this machine are none of a test's.
XDG_DATA_HOME=$(realpath "$ASSAY_WORK")/data
export XDG_DATA_HOME
[ -x "$ASSAY" ] || { echo "no program: $ASSAY (scripts/build dev)"; exit 2; }
passed=0 failed=0 skipped=0

# tests/known_failures.txt names expectations that the program does not meet yet, "scenario: title" a line. They are counted as skipped and
# shown on every run; one that is met all of a sudden fails, so that its line goes away with the fault.
list=${ASSAY_KNOWN_FAILURES:-$(dirname "${BASH_SOURCE[0]}")/known_failures.txt}
known() { grep -qxF "$scenario: $1" "$list" 2>/dev/null; }
# "scenario: *" stands for a scenario whose expectations are still being worked through: every failure of it is shown and counted as skipped.
open_scenario() { grep -qxF "$scenario: *" "$list" 2>/dev/null; }
ok() {
  if known "$1" && ! open_scenario; then failed=$((failed + 1)); printf 'FAILED  %s: is met now; take it out of tests/known_failures.txt\n' "$1"; return; fi
  passed=$((passed + 1)); printf 'ok      %s\n' "$1"
}
bad() {
  if known "$1" || open_scenario; then skipped=$((skipped + 1)); printf 'KNOWN   %s\n' "$1"; return; fi
  failed=$((failed + 1)); printf 'FAILED  %s\n' "$1"; [ $# -lt 2 ] || printf '        %s\n' "${@:2}"
}
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

# read_once EVIDENCE... OPTION...: reads all this evidence into a case and stops before anything is concluded. Every `answer` from then on goes on from
# a copy of it: of that evidence nothing is read again, and what it says is what a run of its own says (crash.sh holds that, for the same evidence and
# for less and more of it). Give the same parts here and there: paths inside a tree count from the argument. Without a test build each run reads for
# itself. `alone answer ...`: a run of its own.
read_case=
read_once() {
  test_build || return 0
  "$ASSAY" hunt "$@" --format json --case "$ASSAY_WORK/read_once.case" --chaos-crash-after 1000000000 >/dev/null 2>"$ASSAY_WORK/read_once.log"
  equal "the evidence is read once" 137 $?
  read_case=$ASSAY_WORK/read_once.case
}
alone() { local kept=$read_case; read_case=; "$@"; read_case=$kept; }

# hunt_measured FILE: a hunt of one process over it ends, and holds at most 512 MiB (tools/archives.py).
hunt_measured() {
  local name seconds=240
  name=$(basename "$1")
  [ -z "${ASSAY_SANITIZED:-}" ] || seconds=1800
  told "$name" archives.py measured 512 timeout --kill-after=5 "$seconds" "$ASSAY" hunt "$1" --in-process --format json --case "$ASSAY_WORK/$name.case"
}

# answer NAME ARGUMENT...: runs `assay hunt`, leaves NAME.json, NAME.log and NAME.case in the work folder, and checks that the exit
# code is 0 and the answer is one JSON object.
answer() { run_hunt "$@"; answered "$1"; }
# The two halves of it, for runs side by side: run_hunt ... & and then, in turn, answered NAME.
run_hunt() {
  local name=$1 code=0
  shift
  rm -f "$ASSAY_WORK/$name".{json,log,case}
  if [ -n "$read_case" ]; then
    cp "$read_case" "$ASSAY_WORK/$name.case"
    [ ! -e "$read_case-wal" ] || cp "$read_case-wal" "$ASSAY_WORK/$name.case-wal"
  fi
  "$ASSAY" hunt "$@" --format json --case "$ASSAY_WORK/$name.case" >"$ASSAY_WORK/$name.json" 2>"$ASSAY_WORK/$name.log" || code=$?
  echo "$code" >"$ASSAY_WORK/$name.code"
}
answered() {
  local name=$1 code
  code=$(cat "$ASSAY_WORK/$name.code" 2>/dev/null || echo none)
  if [ "$code" = 0 ] && jq -e '.assay == "1"' "$ASSAY_WORK/$name.json" >/dev/null 2>&1; then ok "hunt $name"
  else bad "hunt $name (exit code $code)" "$(tail -n 5 "$ASSAY_WORK/$name.log")"; fi
}
# ask NAME FILTER: one value out of an answer.
ask() { jq -r "$2" "$ASSAY_WORK/$1.json" 2>/dev/null; }
# term NAME QUESTION: its state and term, "judged almost certain" or "cannot_say".
term() { ask "$1" ".questions[] | select(.id == \"$2\") | if .state == \"judged\" then \"judged \" + .term else .state end"; }

# tool NAME.py ARGUMENT...: a helper of tests/tools. told TITLE NAME.py ARGUMENT...: its lines "ok X", "skipped X" and "FAILED X<tab>detail" are checks of this scenario.
tool() { python3 "tests/tools/$1" "${@:2}"; }
told() {
  local title=$1 line lines=0
  shift
  while IFS= read -r line; do
    lines=$((lines + 1))
    case $line in
      "ok "*) ok "$title: ${line#ok }" ;;
      "skipped "*) skip "$title: ${line#skipped }" ;;
      "FAILED "*) line=${line#FAILED }; bad "$title: ${line%%$'\t'*}" "$(cut -f2- <<<"$line")" ;;
      *) bad "$title" "$line" ;;
    esac
  done < <(tool "$@" 2>&1)
  [ "$lines" -gt 0 ] || bad "$title" "the helper said nothing"
}
# code COMMAND...: its exit code; stdout and stderr in $ASSAY_WORK/out and err. Nothing may hang: 120 s is far more than any of them needs.
code() {
  local status=0
  timeout --kill-after=5 120 "$@" >"$ASSAY_WORK/out" 2>"$ASSAY_WORK/err" </dev/null || status=$?
  echo "$status"
}
# page_is_well_worded TITLE FILE...: the words that an answer never holds.
page_is_well_worded() {
  local title=$1 file hits
  shift
  for file in "$@"; do
    hits=$(grep -noiP '.{0,40}\b(clean|(?<!un)safe|no compromise)\b.{0,40}' "$file" | grep -v "style-src 'unsafe-inline'" | head -n 3)
    if [ -s "$file" ] && [ -z "$hits" ]; then ok "$title: $(basename "$file") holds neither clean, nor safe, nor no compromise"
    else bad "$title: $(basename "$file") is empty or holds a word that it must not" "$hits"; fi
  done
}
test_build() { "$ASSAY" hunt --help 2>&1 | grep -q chaos-shuffle; }

finish() {
  [ -z "${ASSAY_RESULTS:-}" ] || echo "$passed $failed $skipped" >"$ASSAY_RESULTS/scenario_$scenario.txt"
  printf '%s: %d passed, %d failed, %d skipped\n' "$scenario" "$passed" "$failed" "$skipped"
  [ "$failed" -eq 0 ] || exit 1
  [ "$passed" -gt 0 ] || exit 77
  exit 0
}
