# Every claim walks back to bytes by hand: for 50 findings the command that explain prints gives bytes with the hash that explain prints,
# and those bytes are the record that the JSON answer cites.
source "$(dirname "$0")/../lib.sh"
answer hunt demo/intrusion --profile demo/profile.yaml
json=$ASSAY_WORK/hunt.json
mapfile -t findings < <(jq -r '[.sightings[] | select((.records | length) > 0) | .finding | tostring] | unique | .[]' "$json" | shuf -n 50 --random-source=<(yes 7))
check "there are findings" test ${#findings[@]} -ge 10
commands=0
for finding in "${findings[@]}"; do
  case $finding in F*) id=$finding ;; *) id=$(printf 'F%02d' "$finding") ;; esac
  "$ASSAY" explain "$id" --case "$ASSAY_WORK/hunt.case" --names >"$ASSAY_WORK/explain.txt" 2>"$ASSAY_WORK/explain.err" || { bad "explain $id" "$(cat "$ASSAY_WORK/explain.err")"; continue; }
  # The first cited record is enough: a command that ends in sha256sum, and the hash below it.
  command=$(grep -m1 -E '\| sha256sum$' "$ASSAY_WORK/explain.txt" | sed 's/^ *//')
  hash=$(awk '/\| sha256sum$/ { armed = 1; next } armed && /^ *sha256 / { print $2; exit }' "$ASSAY_WORK/explain.txt")
  if [ -z "$command" ]; then bad "$id has no command"; continue; fi
  commands=$((commands + 1))
  equal "$id" "$hash" "$(bash -c "$command" 2>/dev/null | cut -d' ' -f1)"
done
check "commands were run" test "$commands" -ge 10
finish
