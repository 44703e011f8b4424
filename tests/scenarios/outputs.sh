# Records whose values want to be markup, terminal codes, other findings or sentences of ours: in every output they are text. Nothing runs, nothing is
# requested, nothing steers a terminal, and nothing forges a line.
source "$(dirname "$0")/../lib.sh"
evil=$ASSAY_WORK/evil
# Three hundred strings in every field that somebody else fills: records, mail, names of files, an advisory, rules, the profile.
tool hostile.py write "$ASSAY_WORK/hostile"
check "there are three hundred of them" [ "$(tool hostile.py count)" -ge 300 ]
hostile=$ASSAY_WORK/hostile
mv "$hostile/evidence" "$evil"
tool evidence.py names "$evil/names"
cp -r demo/intrusion/files "$evil/"
for names in "" --names; do
  run=hunt$names
  # shellcheck disable=SC2086  # empty or one word
  answer "$run" "$evil" --profile "$hostile/profile.yaml" --advisory apt29-2020 --advisory "$hostile/advisory.json" --rules "$hostile/rules.yml" $names \
    --report "$ASSAY_WORK/$run.html" --return "$ASSAY_WORK/$run.return"
  told "$run" answer.py schema "$ASSAY_WORK/$run.json" docs/answer.schema.json
  check "$run: the hostile records are found" jq -e '[.sightings[] | select(.detector.kind == "indicator")] | length >= 300' "$ASSAY_WORK/$run.json"
  check "$run: the hostile rules, too" jq -e '[.sightings[] | select(.detector.kind == "sigma")] | length >= 300' "$ASSAY_WORK/$run.json"
  # What a person says of a finding is text, too.
  finding=$(jq -r 'first(.sightings[] | .finding // empty)' "$ASSAY_WORK/$run.json")
  while IFS= read -r escaped; do
    said=$(printf '%b' "$escaped")
    "$ASSAY" case judge "$finding" --as confirmed --reason "$said" --by "$said" --case "$ASSAY_WORK/$run.case" >>"$ASSAY_WORK/$run.judge" 2>&1
    "$ASSAY" case add-statement --who "$said" --about access --reliability C3 --text "$said" --by "$said" --case "$ASSAY_WORK/$run.case" >>"$ASSAY_WORK/$run.judge" 2>&1
  done < <(tool hostile.py some 8)
  check "$run: most of it is taken" [ "$("$ASSAY" case show --case "$ASSAY_WORK/$run.case" | grep -c 'judge\|statement')" -ge 8 ]
  "$ASSAY" report --case "$ASSAY_WORK/$run.case" --format html $names >"$ASSAY_WORK/$run.html"
  { "$ASSAY" advisory show "$hostile/advisory.json"; "$ASSAY" advisory check "$hostile/advisory.json"; "$ASSAY" rules list "$hostile/rules.yml"; "$ASSAY" rules check "$hostile/rules.yml"; } >"$ASSAY_WORK/$run.lists" 2>&1
  cp "$ASSAY_WORK/$run.return.txt" "$ASSAY_WORK/$run.returned"
  # shellcheck disable=SC2086
  "$ASSAY" report --case "$ASSAY_WORK/$run.case" --format text $names >"$ASSAY_WORK/$run.txt"
  # shellcheck disable=SC2086,SC2046
  "$ASSAY" explain $(jq -r '.sightings[] | .finding // empty' "$ASSAY_WORK/$run.json" | head -n 200) targeted access malware exfiltration impact actor ongoing --case "$ASSAY_WORK/$run.case" $names >"$ASSAY_WORK/$run.explain"
  "$ASSAY" case show --case "$ASSAY_WORK/$run.case" >"$ASSAY_WORK/$run.show"
  # shellcheck disable=SC2086
  "$ASSAY" assess --case "$ASSAY_WORK/$run.case" --format jsonl $names >"$ASSAY_WORK/$run.jsonl"
  "$ASSAY" case export --case "$ASSAY_WORK/$run.case" >"$ASSAY_WORK/$run.export"
  "$ASSAY" evidence check "$evil" >"$ASSAY_WORK/$run.check" 2>&1
  # Control bytes (but line ends), C1 controls, and marks that turn the direction of writing.
  for sink in txt explain show check log judge lists returned; do
    check "$run: nothing steers the terminal from $sink" bash -c "! LC_ALL=C grep -nP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xa9]' '$ASSAY_WORK/$run.$sink' | cut -c1-200 | grep ."
  done
  for sink in json jsonl export return; do
    check "$run: $sink holds no raw control byte" bash -c "! LC_ALL=C grep -nP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' '$ASSAY_WORK/$run.$sink' | cut -c1-200 | grep ."
    check "$run: $sink is valid UTF-8" iconv -f UTF-8 -t UTF-8 -o /dev/null "$ASSAY_WORK/$run.$sink"
    check "$run: $sink parses" jq -es 'length > 0' "$ASSAY_WORK/$run.$sink"
  done
  # Nothing from evidence begins a line that looks like ours.
  check "$run: no line is forged" bash -c "! grep -nE '^ *(F99 almost|DATA TAKEN: REMOTE|NO COMPROMISE|TARGETED: remote|Access: remote|Assessment: clean)' '$ASSAY_WORK/$run.txt' '$ASSAY_WORK/$run.explain' '$ASSAY_WORK/$run.lists' '$ASSAY_WORK/$run.returned'"
  # HTML: a static check of what a browser would run or fetch.
  html=$ASSAY_WORK/$run.html
  check "$run: the report's own marks are few and known" bash -c "! grep -oiE '<[a-z!/][a-z0-9]*' '$html' | tr 'A-Z' 'a-z' | sort -u | grep -vxE '<!doctype|</?(html|head|meta|title|style|body|main|header|footer|nav|section|article|aside|h[1-6]|p|div|span|a|ul|ol|li|dl|dt|dd|table|caption|colgroup|col|thead|tbody|tfoot|tr|th|td|pre|code|kbd|em|strong|b|i|small|details|summary|time|abbr|br|hr|svg|g|rect|path|line|circle|text|blockquote|defs|desc|pattern|figure|figcaption|mark|wbr|sup|sub)'"
  check "$run: no script, no handler, no address to load" bash -c "! grep -niE '<(script|img|iframe|object|embed|link|base|form|input|audio|video|svg[^>]*onload)\b|<[^>]*\bon[a-z]+ *=|<[^>]*(src|srcset|action|formaction|background|ping) *=|<[^>]*href *= *[\"'\'']?(http|https|javascript|data|file|//)' '$html' | cut -c1-300 | grep ."
  check "$run: the report forbids everything" grep -qE "Content-Security-Policy[^>]*default-src 'none'" "$html"
  check "$run: the report holds no control byte" bash -c "! LC_ALL=C grep -nP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]' '$html' | cut -c1-200 | grep ."
done

# A real browser, when there is one: it renders the page, runs nothing and asks no server.
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -n "$browser" ]; then
  page=$(realpath "$ASSAY_WORK/hunt--names.html")
  # A script that ran would have marked the page; the net log shows what was asked for.
  timeout 90 "$browser" --headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --no-first-run --user-data-dir="$ASSAY_WORK/browser" \
    --log-net-log="$ASSAY_WORK/net.json" --host-resolver-rules="MAP * ~NOTFOUND" --virtual-time-budget=3000 --dump-dom "file://$page" >"$ASSAY_WORK/dom.html" 2>"$ASSAY_WORK/browser.log"
  if [ -s "$ASSAY_WORK/dom.html" ]; then
    check "browser: it shows the report" grep -q 'almost certain' "$ASSAY_WORK/dom.html"
    check "browser: nothing ran" bash -c "! grep -oiE '<html[^>]*owned[^>]*>' '$ASSAY_WORK/dom.html' | grep ."
    check "browser: it made no script, picture or frame of the values" bash -c "! grep -niE '<(script|img|iframe|object|embed|svg onload)\b' '$ASSAY_WORK/dom.html' | cut -c1-200 | grep ."
    check "browser: it asked for nothing that evidence names" bash -c "! grep -oE 'https?://[^\"]{0,60}(evil\.example|103\.253\.41\.102)' '$ASSAY_WORK/net.json' | grep ."
  else
    skip "a browser (it does not start here)"
  fi
  rm -rf "$ASSAY_WORK/browser" "$ASSAY_WORK/net.json"
else
  skip "a browser (chromium is not there)"
fi
rm -f "$ASSAY_WORK"/*.case "$ASSAY_WORK"/*.export
finish
