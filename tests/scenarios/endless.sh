# Lines of a gibibyte and values a hundred thousand deep: each ends, in bounded memory, with a notice, and what stands before and behind is found.
source "$(dirname "$0")/../lib.sh"
tool archives.py endless "$ASSAY_WORK/endless"
for file in "$ASSAY_WORK"/endless/*; do hunt_measured "$file"; done
answer endless "$ASSAY_WORK/endless"
notice() { check "$2: $1" jq -e --arg kind "$1" --arg file "/$2" '[.notices[] | select(.kind == $kind and (.where | contains($file)))] | length > 0' "$ASSAY_WORK/endless.json"; }
for name in line.log line.json quotes.csv; do notice limit_record $name; done
notice limit_depth deep.json
notice not_recognised deep.xml
equal "what stands before and behind the endless line is found" 2 "$(jq -r '.sightings[] | select(.detector.kind == "indicator") | .host' "$ASSAY_WORK/endless.json" | sort -u | wc -l)"
equal "a value too deep costs its record nothing else" 20 "$(jq '.evidence[] | select(.path | endswith("deep.json")) | .records' "$ASSAY_WORK/endless.json")"
rm -rf "$ASSAY_WORK"/endless "$ASSAY_WORK"/*.case
finish
