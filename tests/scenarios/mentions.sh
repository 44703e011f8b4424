# The advisory's own text, an indicator list, our rule files, a SIEM query log and forwarded mails, placed into the background evidence, move no
# question by more than 0.05 in log10 odds and appear as mentions.
source "$(dirname "$0")/../lib.sh"
evidence=$ASSAY_WORK/evidence
mkdir -p "$evidence"
cp -r demo/background/. "$evidence/"
answer before "$evidence" --profile demo/profile.yaml
desk=$evidence/desk
mkdir -p "$desk"/{advisory,rules,share}
# Our own content: the advisory as STIX, its rules, the indicators, and every value of it, plain and defanged, in several forms.
cp content/advisories/apt29-2020/* "$desk/advisory/"
find content/rules -type f -exec cp {} "$desk/rules/" \;
bundle=$desk/advisory/bundle.json
grep -oE '[0-9]{1,3}(\.[0-9]{1,3}){3}|\b[0-9a-f]{64}\b|\b[0-9a-f]{32}\b' "$bundle" | LC_ALL=C sort -u >"$desk/indicators.txt"
check "there are indicators to mention" test "$(wc -l <"$desk/indicators.txt")" -gt 60
sed 's/\./[.]/g' "$desk/indicators.txt" >"$desk/share/defanged.txt"
sed 's/\([0-9]*\)\.\([0-9]*\)\.\([0-9]*\)\.\([0-9]*\)/hxxp:\/\/\1[.]\2[.]\3[.]\4\/index.php/' "$desk/indicators.txt" >"$desk/share/urls.txt"
{ echo 'indicator,type,description'; sed 's/$/,observable,"APT29 WellMess WellMail"/' "$desk/indicators.txt"; } >"$desk/share/iocs.csv"
{ printf '<html><body><h1>Advisory: APT29 targets COVID-19 vaccine development</h1><table>'; sed 's/.*/<tr><td>&<\/td><\/tr>/' "$desk/indicators.txt"; printf '</table></body></html>'; } >"$desk/share/advisory.html"
jq -Rc '{"@timestamp": "2020-07-16T18:00:00Z", "user": "analyst", "query": ("index=proxy dest_ip=\"" + . + "\" OR src_ip=\"" + . + "\"")}' "$desk/indicators.txt" >"$desk/share/siem-queries.json"
mkdir -p "$desk/mail"
for i in $(seq 1 12); do
  { printf 'From: Analyst %d <analyst%d@larkmoor.example>\r\nTo: soc@larkmoor.example\r\nSubject: FW: APT29 advisory\r\nDate: Thu, 16 Jul 2020 19:%02d:00 +0000\r\nMessage-ID: <fw%d@larkmoor.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nPlease block these:\r\n' "$i" "$i" "$i" "$i"
    if [ $((i % 2)) -eq 0 ]; then cat "$desk/indicators.txt"; else cat "$desk/share/defanged.txt"; fi; } >"$desk/mail/forward$i.eml"
done
tar -C "$desk" -cf - advisory share | zstd -qc >"$desk/copy.tar.zst"
answer after "$evidence" --profile demo/profile.yaml --names  # files are looked for by their names
told "own texts" answer.py odds "$ASSAY_WORK/before.json" "$ASSAY_WORK/after.json" 0.05
mentioned() { jq -r '. as $a | [.mentions[] | .evidence as $id | ($a.evidence[] | select(.id == $id) | .path, .copies[])] | .[]' "$ASSAY_WORK/after.json"; }
mentioned >"$ASSAY_WORK/mentioned"
for file in advisory/bundle.json indicators.txt share/defanged.txt share/iocs.csv share/advisory.html share/siem-queries.json mail/forward2.eml copy.tar.zst; do
  check "mentions: $file" grep -qF "/desk/$file" "$ASSAY_WORK/mentioned"
done
for rule in "$desk"/rules/*; do
  grep -qE '([0-9]{1,3}\.){3}[0-9]{1,3}' "$rule" || continue  # it names no indicator
  check "mentions: rules/$(basename "$rule")" grep -qF "/desk/rules/$(basename "$rule")" "$ASSAY_WORK/mentioned"
done
check "no finding in them supports a question" jq -e '. as $a
  | [.evidence[] | select(.path | contains("/desk/")) | .id] as $desk
  | [.questions[].because[] | select(.log10_lr > 0) | .sightings[]] as $used
  | [.sightings[] | select(.id as $id | $used | index($id)) | .records[] | select(.evidence as $e | $desk | index($e))] | length == 0' "$ASSAY_WORK/after.json"

# The same without a profile, and with the texts alone: nothing is known, nothing is claimed.
answer alone "$desk" --profile demo/profile.yaml
check "only our own texts: every question cannot be said" jq -e '[.questions[].state == "cannot_say"] | all' "$ASSAY_WORK/alone.json"
check "only our own texts: they are mentions" jq -e '[.mentions[].count] | add > 100' "$ASSAY_WORK/alone.json"
rm -f "$ASSAY_WORK"/*.case
finish
