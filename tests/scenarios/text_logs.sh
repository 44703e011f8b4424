# Text logs: years of stamps that have none, zones of the profile, rules on messages and audit events, a shape of one's own.
source "$(dirname "$0")/../lib.sh"
tree=$ASSAY_WORK/tree
mkdir -p "$tree/var/log/audit"
# New Year within the log, long enough for several ranges.
for day in "Dec 30" "Dec 31" "Jan  1" "Jan 12"; do
  for i in $(seq 10 59); do echo "$day 10:$i:00 gw-01 sshd[$i]: Accepted password for alice from 192.0.2.$i port 50$i ssh2"; done
done >"$tree/var/log/auth.log"
echo "Jan 12 11:00:00 gw-01 clamd[9]: /srv/upload/a.php: Php.Webshell.Test-1 FOUND" >>"$tree/var/log/auth.log"
cat >"$tree/var/log/audit/audit.log" <<'LINES'
type=SYSCALL msg=audit(1578823200.123:10): arch=c000003e syscall=59 success=yes comm="chattr" exe="/usr/bin/chattr" key="x"
type=EXECVE msg=audit(1578823200.123:10): argc=3 a0="chattr" a1="-i" a2="/etc/cron.d"
LINES
cat >"$ASSAY_WORK/rules.yml" <<'RULES'
title: A webshell by the scanner's word
id: 3f0c8a5e-2b0b-4b4c-8f0e-0a6f8d1c7a01
logsource: {product: linux, service: clamav}
detection: {keywords: ['Webshell*FOUND'], condition: keywords}
level: high
---
title: Attributes taken off
id: 3f0c8a5e-2b0b-4b4c-8f0e-0a6f8d1c7a02
logsource: {product: linux, service: auditd}
detection: {sel: {type: EXECVE, a0: chattr, a1|contains: '-i'}, condition: sel}
level: high
---
title: A program started
id: 3f0c8a5e-2b0b-4b4c-8f0e-0a6f8d1c7a03
logsource: {product: linux, category: process_creation}
detection: {sel: {Image|endswith: /chattr, CommandLine|contains: cron.d}, condition: sel}
level: high
RULES
tar --mtime=2020-01-12T12:00:00Z -C "$tree" -cf "$ASSAY_WORK/gw-01.tar" var
touch -d 2021-06-01 "$ASSAY_WORK/gw-01.tar"
item() { # NAME PATH FILTER
  jq -r --arg path "$2" ".evidence[] | select(.path | endswith(\$path)) | $3" "$ASSAY_WORK/$1.json"
}
for way in "one --jobs 1" "two --jobs 2 --unit-bytes 2048"; do
  set -- $way
  answer "$@" "$ASSAY_WORK/gw-01.tar" --rules "$ASSAY_WORK/rules.yml"
  equal "$1: all lines are records" 201 "$(item "$1" auth.log .records)"
  equal "$1: the first line is of the old year" 2019-12-30T10:10:00Z "$(item "$1" auth.log .first)"
  equal "$1: the last line is of the new year" 2020-01-12T11:00:00Z "$(item "$1" auth.log .last)"
  equal "$1: what the years rest on is said, with its count" 201 "$(jq '[.notices[] | select(.where | contains("the time its archive keeps for it, 2020-01-12")) | .count] | add' "$ASSAY_WORK/$1.json")"
  equal "$1: local times were read as UTC, and it is said" 201 "$(jq '[.notices[] | select(.where | contains("read as UTC")) | .count] | add' "$ASSAY_WORK/$1.json")"
  for n in 1 2 3; do
    check "$1: rule $n meets its record" jq -e --arg id "3f0c8a5e-2b0b-4b4c-8f0e-0a6f8d1c7a0$n" '[.sightings[] | select(.detector.id == $id)] | length == 1' "$ASSAY_WORK/$1.json"
  done
done
told "ranges and workers change nothing" answer.py same_findings "$ASSAY_WORK/one.json" "$ASSAY_WORK/two.json"

printf "time_zone: '+02:00'\nzones: [{host: 'gw-*', zone: Europe/Paris}]\n" >"$ASSAY_WORK/profile.yaml"
answer zoned "$ASSAY_WORK/gw-01.tar" --profile "$ASSAY_WORK/profile.yaml"
equal "zones: the host's zone is used" 2019-12-30T09:10:00Z "$(item zoned auth.log .first)"
equal "zones: nothing is assumed then" 0 "$(jq '[.notices[] | select(.where | contains("read as UTC"))] | length' "$ASSAY_WORK/zoned.json")"

# Nothing says the year: no time rather than a wrong one.
tar --mtime=@0 -C "$tree" -cf "$ASSAY_WORK/gw-01.tar" var
touch -d @0 "$ASSAY_WORK/gw-01.tar"
answer undecided "$ASSAY_WORK/gw-01.tar"
equal "undecided: no time" null "$(item undecided auth.log .first)"
equal "undecided: it is counted" 201 "$(jq '[.notices[] | select(.kind == "no_time" and (.where | contains("auth.log"))) | .count] | add' "$ASSAY_WORK/undecided.json")"
equal "undecided: its stamps are not called bad" 0 "$(jq '[.notices[] | select(.kind == "bad_value")] | length' "$ASSAY_WORK/undecided.json")"
answer asof "$ASSAY_WORK/gw-01.tar" --as-of 2019-02-01
equal "undecided: --as-of decides" 2018-12-30T10:10:00Z "$(item asof auth.log .first)"

# A shape of one's own is a file.
mkdir -p "$ASSAY_WORK/schemas" "$ASSAY_WORK/door"
sed -n '/^```yaml$/,/^```$/p' docs/adding-a-format.md | sed '1d;$d' >"$ASSAY_WORK/schemas/door.yaml"
sed -n '/^```log$/,/^```$/p' docs/adding-a-format.md | sed '1d;$d' >"$ASSAY_WORK/door/door.log"
answer door "$ASSAY_WORK/door" --schemas "$ASSAY_WORK/schemas"
equal "own shape: it is used" door-log "$(item door door.log .shape)"
equal "own shape: its records" 3 "$(item door door.log .records)"
finish
