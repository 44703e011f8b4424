# The advisory's own text, an indicator list and our rule files, placed into the background evidence, move no question and appear as mentions.
source "$(dirname "$0")/../lib.sh"
evidence=$ASSAY_WORK/evidence
mkdir -p "$evidence"
cp -r demo/background/gateway demo/background/proxy demo/background/mail demo/background/files "$evidence/"
answer before "$evidence" --profile demo/profile.yaml
mkdir -p "$evidence/desk"
# Our own content: the advisory as STIX, its rules, and every value it lists, plain and defanged.
cp -r content/advisories/apt29-2020 "$evidence/desk/advisory"
grep -rhoE '[0-9]{1,3}(\.[0-9]{1,3}){3}|\b[0-9a-f]{64}\b' content/advisories/apt29-2020 | LC_ALL=C sort -u >"$evidence/desk/indicators.txt"
sed 's/\./[.]/g' "$evidence/desk/indicators.txt" >"$evidence/desk/defanged.txt"
check "there are indicators to mention" test "$(wc -l <"$evidence/desk/indicators.txt")" -gt 40
answer after "$evidence" --profile demo/profile.yaml
check "no question moves by more than 0.05 in log10 odds" bash -c "jq -s '
  def odds: (.model_probability // null) as \$p | if \$p == null then null else ((\$p / (1 - \$p)) | log10) end;
  [ .[0].questions as \$a | .[1].questions as \$b | range(\$a | length) as \$i |
    if \$a[\$i].state != \$b[\$i].state then false
    elif \$a[\$i].state == \"cannot_say\" then true
    else ((\$a[\$i] | odds) - (\$b[\$i] | odds) | fabs) <= 0.05 end ] | all' '$ASSAY_WORK/before.json' '$ASSAY_WORK/after.json' | grep -qx true"
check "the new files are mentions" jq -e --slurpfile before "$ASSAY_WORK/before.json" \
  '(.mentions | length) > ($before[0].mentions | length)' "$ASSAY_WORK/after.json"
finish
