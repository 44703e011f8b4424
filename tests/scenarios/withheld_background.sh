# The background case with each source withheld in turn: no probability is lower than with the source, no confidence higher, and no claim that the source
# could have shown is claimed as not seen any better. Silence that nobody heard says nothing.
source "$(dirname "$0")/../lib.sh"
answer whole demo/background --profile demo/profile.yaml
for path in demo/background/*; do
  name=$(basename "$path")
  rest=()
  for other in demo/background/*; do [ "$other" = "$path" ] || rest+=("$other"); done
  answer "without_$name" "${rest[@]}" --profile demo/profile.yaml
  told "without $name" withheld.py "$ASSAY_WORK/whole.json" "$ASSAY_WORK/without_$name.json"
done
finish
