# Clocks. One source of a copy of the demo's evidence runs +-1 h, +7 m 40 s or a year off. The offset is found and sized from events that
# two sources saw, and the order across the two is declared not known; with the offset in the profile every time is what it was. Then DHCP: a lease that changes hands moves the
# finding to the right host, and without leases an address stays an address.
source "$(dirname "$0")/../lib.sh"
# The demo's profile without what it says of clocks and zones, which these tests say themselves.
bare=$ASSAY_WORK/bare.yaml
awk '/^[a-z_]+:/ {drop = /^(clocks|zones):/} !drop' demo/profile.yaml >"$bare"
set=$ASSAY_WORK/set
parts=(gateway/ctx-gw-01/var/log/httpaccess.log{,.0.gz,.1.gz,.2.gz,.3.gz,.4.gz,.5.gz} proxy/proxy-2020-07.json.zst zeek/2020-07.tar)
for part in "${parts[@]}"; do mkdir -p "$set/$(dirname "$part")"; cp "demo/intrusion/$part" "$set/$part"; done
offsets() { jq -r '.notices[] | select(.kind == "clock_offset") | "\(.item): \(.detail)"' "$1"; }

"$ASSAY" evidence check "$set" --profile demo/profile.yaml --format json >"$ASSAY_WORK/right.json"
equal "clocks that agree say nothing" "" "$(offsets "$ASSAY_WORK/right.json")"
answer right "$set" --profile demo/profile.yaml
jq '[.sightings[] | {id: .detector.id, time, until, host}] | sort' "$ASSAY_WORK/right.json" >"$ASSAY_WORK/right.times"

# moved NAME SECONDS PARTS...: a copy of the set with these parts off.
moved() {
  local name=$1 seconds=$2
  shift 2
  rm -rf "$ASSAY_WORK/$name"
  cp -r "$set" "$ASSAY_WORK/$name"
  for part in "$@"; do tool clock_shift.py "$set/$part" "$ASSAY_WORK/$name/$part" "$seconds"; done
  "$ASSAY" evidence check "$ASSAY_WORK/$name" --profile demo/profile.yaml --format json >"$ASSAY_WORK/$name.check.json"
  offsets "$ASSAY_WORK/$name.check.json" >"$ASSAY_WORK/$name.txt"
}
# The proxy and the sensor saw the same requests: the offset is told, with its size. ahead NAME SECONDS WORDS [PART]
ahead() {
  moved "$1" "$2" "${4:-proxy/proxy-2020-07.json.zst}"
  check "$1: two clocks are told to differ, by that much" grep -qE "^[^:]*(proxy|zeek)[^:]*: its clock runs ($3)" "$ASSAY_WORK/$1.txt"
  check "$1: the order across the two is declared not known" grep -q 'order of what the two saw is not known' "$ASSAY_WORK/$1.txt"
  equal "$1: it is told once" 1 "$(wc -l <"$ASSAY_WORK/$1.txt")"
}
ahead proxy_ahead 3600 '[+-](1 h 00 m|59 m 5)'
ahead proxy_behind -3600 '[+-](1 h 00 m|59 m 5)'
ahead proxy_skewed 460 '[+-]07 m [34]'
ahead proxy_last_year -31536000 '[+-]36[45] d'
ahead zeek_ahead 3600 '[+-](1 h 00 m|59 m 5)' zeek/2020-07.tar
ahead zeek_behind -3600 '[+-](1 h 00 m|59 m 5)' zeek/2020-07.tar
ahead zeek_skewed 460 '[+-]07 m [34]' zeek/2020-07.tar
ahead zeek_last_year -31536000 '[+-]36[45] d' zeek/2020-07.tar
# The gateway's own log shares no event with another source that comes seldom enough: nothing is told, and nothing false.
for shift in gateway_skewed:460 gateway_behind:-3600 gateway_ahead:3600 gateway_last_year:-31536000; do
  moved "${shift%:*}" "${shift#*:}" "${parts[@]:0:7}"
  equal "${shift%:*}: no offset is made up" "" "$(cat "$ASSAY_WORK/${shift%:*}.txt")"
done

# Corrected on request: every finding is where it was.
for name in gateway_skewed:ctx-gw-01:+7m40s gateway_behind:ctx-gw-01:-1h proxy_ahead:proxy:+1h zeek_skewed:zeek:+7m40s; do
  IFS=: read -r copy source ahead <<<"$name"
  { cat "$bare"; printf 'clocks: {%s: %s}\n' "$source" "$ahead"; } >"$ASSAY_WORK/profile.yaml"
  answer "$copy" "$ASSAY_WORK/$copy" --profile "$ASSAY_WORK/profile.yaml"
  jq '[.sightings[] | {id: .detector.id, time, until, host}] | sort' "$ASSAY_WORK/$copy.json" >"$ASSAY_WORK/$copy.times"
  same "$copy: corrected by the profile, every finding has its time again" "$ASSAY_WORK/right.times" "$ASSAY_WORK/$copy.times"
  check "$copy: the correction is told" jq -e '[.notices[] | select(.kind == "clock_offset" and (.where | test("the profile says")))] | length > 0' "$ASSAY_WORK/$copy.json"
  check "$copy: and no other offset is left" jq -e '[.notices[] | select(.kind == "clock_offset" and (.where | test("its clock runs")))] | length == 0' "$ASSAY_WORK/$copy.json"
done

# Syslog without a year, beside what others saw of the machine: no offset is made up, and with the one that the profile tells every finding has its time again.
host=$ASSAY_WORK/host/right
mkdir -p "$host"
zstd -dqc demo/intrusion/linux/bkp-app-03.tar.zst | tar -x -C "$host"
rm -r "$host/bkp-app-03/var/log/audit"
cp demo/intrusion/zeek/2020-05.tar "$host/"
answer syslog_right "$host" --profile "$bare"
jq '[.sightings[] | {id: .detector.id, time, until, host}] | sort' "$ASSAY_WORK/syslog_right.json" >"$ASSAY_WORK/syslog_right.times"
check "syslog: there is something to keep in order" jq -e '[.sightings[] | select(.host == "bkp-app-03")] | length > 0' "$ASSAY_WORK/syslog_right.json"
for shift in 3600:+1h -3600:-1h 460:+7m40s; do
  copy=$ASSAY_WORK/host/right$shift
  cp -r "$host" "$copy"
  for log in auth.log auth.log.1 auth.log.2.gz auth.log.3.gz; do
    tool clock_shift.py "$host/bkp-app-03/var/log/$log" "$copy/bkp-app-03/var/log/$log" "${shift%:*}"
    touch -r "$host/bkp-app-03/var/log/$log" "$copy/bkp-app-03/var/log/$log"
  done
  answer "syslog_off" "$copy" --profile "$bare"
  equal "syslog ${shift#*:}: no offset is made up" "" "$(offsets "$ASSAY_WORK/syslog_off.json")"
  { cat "$bare"; printf 'clocks: {bkp-app-03: %s}\n' "${shift#*:}"; } >"$ASSAY_WORK/profile.yaml"
  answer "syslog_kept" "$copy" --profile "$ASSAY_WORK/profile.yaml"
  jq '[.sightings[] | {id: .detector.id, time, until, host}] | sort' "$ASSAY_WORK/syslog_kept.json" >"$ASSAY_WORK/syslog_kept.times"
  same "syslog ${shift#*:}: corrected by the profile, every finding has its time again" "$ASSAY_WORK/syslog_right.times" "$ASSAY_WORK/syslog_kept.times"
  check "syslog ${shift#*:}: the order of the file is kept" jq -e '[.notices[] | select(.kind == "clock_jump")] | length == 0' "$ASSAY_WORK/syslog_off.json"
done
rm -rf "$ASSAY_WORK/host"

# DHCP.
zeek() { printf '#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t%s\n#fields\t%s\n#types\t%s\n' "$1" "$2" "$3"; }
mkdir -p "$ASSAY_WORK/leases"
{
  zeek conn $'ts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\torig_bytes\tresp_bytes' $'time\tstring\taddr\tport\taddr\tport\tenum\tstring\tcount\tcount'
  for hour in 1 2 9 10; do printf '%s.000000\tC%s\t10.20.50.13\t4%03d\t103.253.41.102\t443\ttcp\tssl\t900\t800\n' $((1590019200 + hour * 3600)) $hour $hour; done
} >"$ASSAY_WORK/leases/conn.log"
answer no_leases "$ASSAY_WORK/leases/conn.log" --profile demo/profile.yaml
check "without leases the finding stays on the address" jq -e '[.sightings[].host] | unique == ["10.20.50.13"]' "$ASSAY_WORK/no_leases.json"
check "without leases: address, not host" jq -e '([.sightings[].why | test("is an address, not a host")] | all) and ([.notices[] | select(.kind == "address_not_host")] | length == 1)' "$ASSAY_WORK/no_leases.json"
{
  zeek dhcp $'ts\tuids\tclient_addr\tserver_addr\tmac\thost_name\tassigned_addr\tlease_time\tmsg_types' $'time\tset[string]\taddr\taddr\tstring\tstring\taddr\tinterval\tvector[string]'
  printf '%s\tCa\t-\t10.20.10.53\t02:00:5e:00:53:01\tWS-VX-05\t10.20.50.13\t14400.000000\tDISCOVER,OFFER,REQUEST,ACK\n' 1590019200.000000
  printf '%s\tCb\t-\t10.20.10.53\t02:00:5e:00:53:03\tWS-VX-20\t10.20.50.13\t14400.000000\tDISCOVER,OFFER\n' 1590047900.000000
  printf '%s\tCc\t-\t10.20.10.53\t02:00:5e:00:53:02\tWS-VX-09\t10.20.50.13\t14400.000000\tREQUEST,ACK\n' 1590048000.000000
} >"$ASSAY_WORK/leases/dhcp.log"
answer leases "$ASSAY_WORK/leases" --profile demo/profile.yaml
check "the first two contacts are of one host, the later two of the other" jq -e '[.sightings[] | select(.detector.kind == "indicator") | [.host, .count]] | sort == [["ws-vx-05", 2], ["ws-vx-09", 2]]' "$ASSAY_WORK/leases.json"
check "an offer is no lease" jq -e '[.sightings[].host] | index("ws-vx-20") == null' "$ASSAY_WORK/leases.json"
check "the finding says that the address was leased" jq -e '[.sightings[] | select(.detector.kind == "indicator") | .why | test("10.20.50.13 was leased to it then")] | all' "$ASSAY_WORK/leases.json"
check "nothing is left on the address" jq -e '[.notices[] | select(.kind == "address_not_host")] | length == 0' "$ASSAY_WORK/leases.json"
# The same from a Windows server's log, whose times are local: two hours ahead of UTC by the profile.
mkdir -p "$ASSAY_WORK/windows" "$ASSAY_WORK/isc" "$ASSAY_WORK/vpn"
cp "$ASSAY_WORK/leases/conn.log" "$ASSAY_WORK/windows"
{
  printf '\t\tMicrosoft DHCP Service Activity Log\r\n\r\nEvent ID  Meaning\r\n10\tA new IP address was leased to a client.\r\n\r\n'
  printf 'ID,Date,Time,Description,IP Address,Host Name,MAC Address,User Name\r\n'
  printf '10,05/21/20,02:00:00,Assign,10.20.50.13,WS-VX-05.larkmoor.example,02005E005301,\r\n'
  printf '11,05/21/20,05:00:00,Renew,10.20.50.13,WS-VX-05.larkmoor.example,02005E005301,\r\n'
  printf '15,05/21/20,08:30:00,NACK,10.20.50.13,WS-VX-20.larkmoor.example,02005E005303,\r\n'
  printf '10,05/21/20,10:00:00,Assign,10.20.50.13,WS-VX-09.larkmoor.example,02005E005302,\r\n'
} >"$ASSAY_WORK/windows/DhcpSrvLog-Thu.log"
{ cat "$bare"; printf 'zones:\n  - {path: "*DhcpSrvLog*", zone: "+02:00"}\n'; } >"$ASSAY_WORK/zones.yaml"
blame() { jq -c '[.sightings[] | select(.detector.kind == "indicator") | [.host, .count]] | sort' "$1"; }
answer windows_leases "$ASSAY_WORK/windows" --profile "$ASSAY_WORK/zones.yaml"
equal "a Windows DHCP log moves the blame, in its own zone" '[["ws-vx-05",2],["ws-vx-09",2]]' "$(blame "$ASSAY_WORK/windows_leases.json")"

# ISC's dhcpd, which writes each lease again at each change, and its lines in syslog.
cp "$ASSAY_WORK/leases/conn.log" "$ASSAY_WORK/isc"
lease() { printf 'lease 10.20.50.13 {\n  starts 4 2020/05/21 %s;\n  ends 4 2020/05/21 %s;\n  binding state active;\n  hardware ethernet %s;\n  client-hostname "%s";\n}\n' "$@"; }
{
  printf '# The format of this file is documented in the dhcpd.leases(5) manual page.\n'
  lease 00:00:00 04:00:00 02:00:5e:00:53:01 ws-vx-05
  lease 08:00:00 12:00:00 02:00:5e:00:53:02 ws-vx-09
} >"$ASSAY_WORK/isc/dhcpd.leases"
answer isc_leases "$ASSAY_WORK/isc" --profile demo/profile.yaml
equal "dhcpd's leases move the blame" '[["ws-vx-05",2],["ws-vx-09",2]]' "$(blame "$ASSAY_WORK/isc_leases.json")"
{
  printf '%s ns-01 dhcpd[77]: DHCPACK on 10.20.50.13 to 02:00:5e:00:53:01 (ws-vx-05) via eth0\n' '2020-05-21T00:00:00Z'
  printf '%s ns-01 dhcpd[77]: DHCPOFFER on 10.20.50.13 to 02:00:5e:00:53:03 (ws-vx-20) via eth0\n' '2020-05-21T07:59:00Z'
  printf '%s ns-01 dhcpd[77]: DHCPACK on 10.20.50.13 to 02:00:5e:00:53:02 (ws-vx-09) via eth0\n' '2020-05-21T08:00:00Z'
} >"$ASSAY_WORK/isc/messages"
rm "$ASSAY_WORK/isc/dhcpd.leases"
answer isc_lines "$ASSAY_WORK/isc" --profile demo/profile.yaml
equal "dhcpd's lines in syslog move the blame" '[["ws-vx-05",2],["ws-vx-09",2]]' "$(blame "$ASSAY_WORK/isc_lines.json")"

# A gateway's pool of addresses: who was in the tunnel.
cp "$ASSAY_WORK/leases/conn.log" "$ASSAY_WORK/vpn"
session() { printf '%s ctx-gw-01 05/21/2020:%s GMT ctx-gw-01 0-PPE-0 : default SSLVPN TCPCONNSTAT 101 0 : Context %s@198.51.100.7 - SessionId: 5- User %s - Client_ip 198.51.100.7 - Nat_ip 10.20.50.13 - Vserver 192.0.2.1:443 - Source 198.51.100.7:5000 - Destination 10.20.10.5:445 - Start_time "05/21/2020:%s GMT" - End_time "05/21/2020:%s GMT" - Duration 00:00:10 - Total_bytes_send 10 - Total_bytes_recv 20 - Total_compressedbytes_send 0 - Total_compressedbytes_recv 0 - Compression_ratio_send 0.00%% - Compression_ratio_recv 0.00%% - Access Allowed - Group(s) "N/A"\n' "$1" "$2" "$3" "$3" "$2" "$2"; }
{ session 'May 21 00:30:00' 00:30:00 alice; session 'May 21 08:30:00' 08:30:00 bob; } >"$ASSAY_WORK/vpn/ns.log"
answer vpn_leases "$ASSAY_WORK/vpn" --profile demo/profile.yaml
equal "an address inside a tunnel is its account's" '[["account alice",2],["account bob",2]]' "$(blame "$ASSAY_WORK/vpn_leases.json")"
rm -rf "$ASSAY_WORK"/*.case "$ASSAY_WORK"/gateway_* "$ASSAY_WORK"/proxy_* "$ASSAY_WORK"/zeek_*
finish
