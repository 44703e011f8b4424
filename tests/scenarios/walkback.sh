# Evidence is the same after a run, and every claim walks back to bytes by hand: the command that explain prints gives the cited bytes and their hash,
# and the counts are those that anybody gets with zcat and wc.
source "$(dirname "$0")/../lib.sh"
copy=$ASSAY_WORK/evidence
mkdir -p "$copy"
cp -a demo/intrusion/. "$copy/"
chmod -R a-w "$copy"
state() { find "$copy" -printf '%p %y %m %s %T@\n' | LC_ALL=C sort; find "$copy" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum; }
state >"$ASSAY_WORK/before"
answer hunt "$copy" --profile demo/profile.yaml
state >"$ASSAY_WORK/after"
same "evidence: names, modes, sizes, times and bytes are as before" "$ASSAY_WORK/before" "$ASSAY_WORK/after"
check "no notice says that a file changed" jq -e '[.notices[] | select(.kind == "changed_while_read")] | length == 0' "$ASSAY_WORK/hunt.json"

# The hashes of the answer are those of sha256sum.
jq -r '.evidence[] | select(.parent == null and .sha256 != null) | "\(.sha256)  \(.path)"' "$ASSAY_WORK/hunt.json" >"$ASSAY_WORK/sums"
check "every file on disk has its hash" test "$(wc -l <"$ASSAY_WORK/sums")" -eq "$(find "$copy" -type f | wc -l)"
check "sha256sum agrees" sha256sum --quiet -c "$ASSAY_WORK/sums"

# A few items by hand, as a doubter would.
counted() { jq -r --arg path "$copy/$1" '[.evidence[] | select(.path | startswith($path)) | .records] | add' "$ASSAY_WORK/hunt.json"; }
equal "zcat | wc -l: the gateway's log" "$(zcat "$copy/gateway/loghost/ctx-gw-01/httpaccess.log.gz" | wc -l)" "$(counted gateway/loghost/ctx-gw-01/httpaccess.log.gz)"
equal "zcat | wc -l: the file server, May" "$(zcat "$copy/fileserver/fs-res-01-2020-05.json.gz" | wc -l)" "$(counted fileserver/fs-res-01-2020-05.json.gz)"
equal "zstd -dc | wc -l: the proxy, June" "$(zstd -dqc "$copy/proxy/proxy-2020-06.json.zst" | wc -l)" "$(counted proxy/proxy-2020-06.json.zst)"
equal "tar | zcat | grep -vc ^#: Zeek's conn.log of 20 April" "$(tar -xOf "$copy/zeek/2020-04.tar" 2020-04-20/conn.log.gz | zcat | grep -vc '^#')" \
  "$(counted 'zeek/2020-04.tar!2020-04-20/conn.log.gz')"
told "counts" answer.py lines "$ASSAY_WORK/hunt.json"
told "walk back" answer.py walk "$ASSAY" "$ASSAY_WORK/hunt.case" 50 2020

# What is opened for writing: the case, and nothing else.
if command -v strace >/dev/null; then
  strace -f -e trace=openat,open,creat,unlink,rename,mkdir -o "$ASSAY_WORK/trace" "$ASSAY" hunt "$copy/mail" --format json --quiet --case "$ASSAY_WORK/traced.case" >/dev/null 2>&1
  check "nothing but the case is opened for writing" bash -c \
    "! grep -E 'O_WRONLY|O_RDWR|O_CREAT' '$ASSAY_WORK/trace' | grep -vE 'traced.case|/dev/null|/dev/tty|ENOENT|memfd' | grep -q ."
else
  skip "opened for reading only (strace is not there)"
fi
chmod -R u+w "$copy"
finish
