# The background case with each source withheld in turn: no probability is lower than with the source, no confidence higher, and no claim that the source
# could have shown is claimed as not seen any better. Silence that nobody heard says nothing.
source "$(dirname "$0")/../lib.sh"
read_once demo/background/* --profile demo/profile.yaml
answer whole demo/background/* --profile demo/profile.yaml
for path in demo/background/*; do
  name=$(basename "$path")
  rest=()
  for other in demo/background/*; do [ "$other" = "$path" ] || rest+=("$other"); done
  # Concluding is one process each: two side by side.
  { run_hunt "without_$name" "${rest[@]}" --profile demo/profile.yaml; rm -f "$ASSAY_WORK/without_$name.case"; } &
  [ "$(jobs -rp | wc -l)" -lt 2 ] || wait -n
done
wait
for path in demo/background/*; do
  name=$(basename "$path")
  answered "without_$name"
  told "without $name" withheld.py "$ASSAY_WORK/whole.json" "$ASSAY_WORK/without_$name.json"
done
# Going on from evidence that was read before is a run of its own.
rest=()
for other in demo/background/*; do [[ $other =~ (zeek|proxy|windows|mail-trace)$ ]] || rest+=("$other"); done
answer few "${rest[@]}" --profile demo/profile.yaml
alone answer few_alone "${rest[@]}" --profile demo/profile.yaml
same "going on, and a run of its own" "$ASSAY_WORK/few.json" "$ASSAY_WORK/few_alone.json"
rm -f "$ASSAY_WORK"/*.case "$ASSAY_WORK"/*.case-wal
finish
