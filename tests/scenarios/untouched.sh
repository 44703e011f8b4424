# Evidence is the same after a run: bytes, times, modes; and nothing is written beside it.
source "$(dirname "$0")/../lib.sh"
copy=$ASSAY_WORK/evidence
mkdir -p "$copy"
cp -a demo/intrusion/gateway demo/intrusion/mail demo/intrusion/files "$copy/"
chmod -R a-w "$copy"
state() { find "$copy" -printf '%p %y %m %s %T@ %C@\n' | LC_ALL=C sort; find "$copy" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum; }
state >"$ASSAY_WORK/before"
answer hunt "$copy" --profile demo/profile.yaml
state >"$ASSAY_WORK/after"
same "files, times, modes and bytes" "$ASSAY_WORK/before" "$ASSAY_WORK/after"
# The hashes of the answer are those of sha256sum.
while read -r hash path; do
  actual=$(sha256sum "$path" | cut -d' ' -f1)
  [ "$hash" = "$actual" ] || { bad "sha256 of $path"; continue; }
  passed=$((passed + 1))
done < <(jq -r '.evidence[] | select((.parent // "") == "" and .sha256 != null and .sha256 != "") | "\(.sha256) \(.path)"' "$ASSAY_WORK/hunt.json" | head -n 40)
check "hashes were given" jq -e '[.evidence[] | select((.sha256 // "") != "")] | length > 3' "$ASSAY_WORK/hunt.json"
if command -v strace >/dev/null; then
  strace -f -e trace=openat,open,creat,unlink,rename,mkdir -o "$ASSAY_WORK/trace" "$ASSAY" hunt "$copy/mail" --format json --quiet --case "$ASSAY_WORK/traced.case" >/dev/null 2>&1
  check "nothing outside the case's folder is opened for writing" bash -c \
    "! grep -E 'O_WRONLY|O_RDWR|O_CREAT' '$ASSAY_WORK/trace' | grep -vE '$ASSAY_WORK|/dev/null|/dev/tty|ENOENT|/memfd' | grep -q ."
else
  skip "opened for reading only (strace is not there)"
fi
chmod -R u+w "$copy"
finish
