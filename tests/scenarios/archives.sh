# Archives of every kind, inside one another, behind passwords and made to exhaust: what is in them is found and walks back to its bytes by the
# usual tools; a password stands nowhere; a bomb ends with a notice, in bounded memory.
source "$(dirname "$0")/../lib.sh"
for wanted in 7z unzip bsdtar xz bzip2; do
  command -v "$wanted" >/dev/null || { skip "archives ($wanted is not there: scripts/install-dependencies test)"; finish; }
done
hosts() { jq -r '.sightings[] | select(.detector.kind == "indicator") | .host' "$1" | LC_ALL=C sort -u; }

# Every kind, in any order.
tool archives.py set "$ASSAY_WORK/set" "$ASSAY_WORK/planted"
answer set "$ASSAY_WORK/set"
hosts "$ASSAY_WORK/set.json" >"$ASSAY_WORK/found"
same "every log in every archive is found" "$ASSAY_WORK/planted" "$ASSAY_WORK/found"
check "the archive without its end is told" jq -e '[.notices[] | select(.kind == "truncated" and (.where | contains("w.zip")))] | length > 0' "$ASSAY_WORK/set.json"
told "the answer" answer.py schema "$ASSAY_WORK/set.json" docs/answer.schema.json
check "members that the directory does not list are told" jq -e '[.notices[] | select(.kind == "damaged_file" and (.where | contains("y.zip")))] | length > 0' "$ASSAY_WORK/set.json"
"$ASSAY" hunt "$ASSAY_WORK/set" --format json --jobs 1 --in-process --case "$ASSAY_WORK/again.case" >"$ASSAY_WORK/again.json" 2>/dev/null
same "one process gives the same answer" "$ASSAY_WORK/set.json" "$ASSAY_WORK/again.json"
check "nothing was unpacked beside the evidence" test "$(find "$ASSAY_WORK/set" -type f | wc -l)" -eq "$(jq '[.evidence[] | (.path, (.copies // [])[]) | select(contains("!") | not)] | unique | length' "$ASSAY_WORK/set.json")"

# By hand, with the usual tools: all but the ones that unzip does not read.
rm -r "$ASSAY_WORK/set/odd"
answer plain "$ASSAY_WORK/set"
told "walk back" answer.py walk "$ASSAY" "$ASSAY_WORK/plain.case" 40

# Passwords.
tool archives.py locked "$ASSAY_WORK/locked" "$ASSAY_WORK/planted"
answer locked "$ASSAY_WORK/locked"
check "without a password each is told, with the option" jq -e '[.notices[] | select(.kind == "encrypted" and (.detail // .where | test("--archive-password"))) | .where] | length == 4' "$ASSAY_WORK/locked.json"
answer wrong "$ASSAY_WORK/locked" --archive-password 'not this one'
check "a wrong one is told" jq -e '[.notices[] | select(.kind == "encrypted" and (.detail // .where | test("no password given"))) | .where] | length == 4' "$ASSAY_WORK/wrong.json"
answer right "$ASSAY_WORK/locked" --archive-password 'not this one' --archive-password 'open sesame' --report "$ASSAY_WORK/right.html"
hosts "$ASSAY_WORK/right.json" >"$ASSAY_WORK/found"
same "with the right one every log is found" "$ASSAY_WORK/planted" "$ASSAY_WORK/found"
check "evidence check takes it too" bash -c "\"\$1\" evidence check \"\$2\" --archive-password 'open sesame' | grep -c access-log | grep -qx 4" - "$ASSAY" "$ASSAY_WORK/locked"
(cd "$ASSAY_WORK" && for output in right.case right.json right.log right.html; do grep -aqF -e 'sesame' -e 'not this one' "$output" && echo "$output"; done) >"$ASSAY_WORK/leaks"
equal "no password in the case, the log, the answer or the report" "" "$(cat "$ASSAY_WORK/leaks")"

# Bombs.
tool archives.py bombs "$ASSAY_WORK/bombs"
for bomb in "$ASSAY_WORK"/bombs/*; do hunt_measured "$bomb"; done
answer bombs "$ASSAY_WORK/bombs"
check "bombs: the run is complete" jq -e '.complete and .reproducible' "$ASSAY_WORK/bombs.json"
notice() { check "bombs: $2: $1" jq -e --arg kind "$1" --arg file "/$2" '[.notices[] | select(.kind == $kind and (.where | contains($file)))] | length > 0' "$ASSAY_WORK/bombs.json"; }
for name in nested.zip thousand.gz twice.xz many.bz2 solid.7z shared.zip behind.zip; do notice limit_output $name; done
notice limit_members million.zip
notice limit_other wide.xz
for name in deep.zip again.zip; do notice limit_depth $name; done
notice damaged_file shared.zip
notice limit_other lies.7z
equal "bombs: what stands beside and behind them is found" 2 "$(hosts "$ASSAY_WORK/bombs.json" | wc -l)"
rm -f "$ASSAY_WORK"/*.case
finish
