# All evidence twice, under another folder: the same terms, bytes and findings with the same counts, and notices that say so. The same for a copy in
# another form (unpacked), and for a third of one source again in a file of its own.
source "$(dirname "$0")/../lib.sh"
one=$ASSAY_WORK/one/evidence two=$ASSAY_WORK/two
mkdir -p "$one" "$two"
cp -r demo/intrusion/. "$one/"
read_once "$one" --profile demo/profile.yaml
answer single "$one" --profile demo/profile.yaml
cp -r "$one" "$two/again"
answer double "$one" "$two" --profile demo/profile.yaml
told "twice" answer.py same_findings "$ASSAY_WORK/single.json" "$ASSAY_WORK/double.json"
files=$(find "$one" -type f | wc -l)
check "twice: every file is noticed as a duplicate" test "$(jq '[.notices[] | select(.kind == "duplicate_file" and (.where | contains("/two/again/"))) | .count] | add // 0' "$ASSAY_WORK/double.json")" -ge "$files"
check "twice: both places are named" jq -e --argjson files "$files" '[.evidence[] | select(.parent == null) | .copies | length] | add >= $files' "$ASSAY_WORK/double.json"
equal "twice: no evidence stands there a second time" "$(jq '.evidence | length' "$ASSAY_WORK/single.json")" "$(jq '.evidence | length' "$ASSAY_WORK/double.json")"

# The same records in another wrapping, and a part of them again.
rm -rf "$two"
mkdir -p "$two/ctx-gw-01"
zcat "$one/gateway/loghost/ctx-gw-01/httpaccess.log.gz" >"$two/ctx-gw-01/httpaccess.log"
for file in "$one"/proxy/*.zst; do zstd -dqc "$file" >"$two/$(basename "$file" .zst)"; done
zcat "$one/fileserver/fs-res-01-2020-05.json.gz" | head -n 3000 >"$two/fs-part.json"
mkdir -p "$two/zeek" && tar -xf "$one/zeek/2020-05.tar" -C "$two/zeek"
answer wrapped "$one" "$two" --profile demo/profile.yaml
told "unpacked and again" answer.py same_findings "$ASSAY_WORK/single.json" "$ASSAY_WORK/wrapped.json"
check "a part again: it is noticed" jq -e '[.notices[] | select(.kind == "duplicate_records" and (.where | contains("fs-part.json")))] | length > 0' "$ASSAY_WORK/wrapped.json"

# Thirty percent of each text log again, as rotated copies that overlap: the tail of one file and the head of the next.
rm -rf "$two"
mkdir -p "$two/logs" "$two/unpacked"
third() { head -n $(($(wc -l <"$1") * 3 / 10)) "$1"; }
for archive in "$one"/linux/*.tar.zst "$one"/vpn/*.tar.zst; do zstd -dqc "$archive" | tar -x -C "$two/unpacked"; done
for log in bkp-app-03/var/log/auth.log.1 stats-07/var/log/auth.log.1 ctx-gw-01/ns.log.0; do
  mkdir -p "$two/logs/$(dirname "$log")"
  third "$two/unpacked/$log" >"$two/logs/$log.copy"
  touch -r "$two/unpacked/$log" "$two/logs/$log.copy"      # stamps without a year
done
rm -rf "$two/unpacked"
zstd -dqc "$one/firewall/fw-edge-01-2020-06.log.zst" >"$two/fw" && third "$two/fw" >"$two/logs/fw-edge-01.log.1" && rm "$two/fw"
zstd -dqc "$one/proxy/proxy-2020-06.json.zst" >"$two/proxy" && third "$two/proxy" >"$two/logs/proxy.json.1" && rm "$two/proxy"
answer overlapping "$one" "$two" --profile demo/profile.yaml
told "overlapping copies" answer.py same_findings "$ASSAY_WORK/single.json" "$ASSAY_WORK/overlapping.json"
for log in bkp-app-03/var/log/auth.log.1 stats-07/var/log/auth.log.1 ctx-gw-01/ns.log.0 fw-edge-01.log.1 proxy.json.1; do
  check "overlapping copies: noticed, $(basename "$log")" jq -e --arg log "$log" '[.notices[] | select(.kind == "duplicate_records" and (.where | contains($log)))] | length > 0' "$ASSAY_WORK/overlapping.json"
done

# Two files of one log that overlap for minutes, in an hour that neither has whole: told, every finding once, and the bytes of that hour as bounds.
rm -rf "$two"
mkdir -p "$two/whole" "$two/parts"
zstd -dqc "$one/firewall/fw-edge-01-2020-06.log.zst" | grep -E 'date=2020-06-22 time=(09|1[01]):' >"$two/whole/fw-edge-01.log"
grep -E 'time=(09|10:[0-3])' "$two/whole/fw-edge-01.log" >"$two/parts/fw-edge-01.log.1"
grep -E 'time=(10:[2-5]|11)' "$two/whole/fw-edge-01.log" >"$two/parts/fw-edge-01.log"
alone answer whole "$two/whole" --profile demo/profile.yaml
alone answer parts "$two/parts" --profile demo/profile.yaml
told "an overlap of minutes" answer.py same_findings "$ASSAY_WORK/whole.json" "$ASSAY_WORK/parts.json" bounded
check "an overlap of minutes: it is told" jq -e '[.notices[] | select(.kind == "shared_records") | .count] | add > 10' "$ASSAY_WORK/parts.json"

# A copy in a folder that does not tell its host.
rm -rf "$two"
mkdir -p "$two"
zcat "$one/gateway/loghost/ctx-gw-01/httpaccess.log.gz" >"$two/download.log"
alone answer nameless "$one/gateway" "$two" --profile demo/profile.yaml
alone answer named "$one/gateway" --profile demo/profile.yaml
told "a copy that does not tell its host" answer.py same_findings "$ASSAY_WORK/named.json" "$ASSAY_WORK/nameless.json"
rm -rf "$ASSAY_WORK/one" "$two" "$ASSAY_WORK"/*.case
finish
