#!/usr/bin/env python3
"""Reads the generated evidence again, with code of its own, and asserts every figure of docs/demo.md.

  demo/check.py [DIR]      DIR holds intrusion/, background/ and profile.yaml; default: the folder of this file

Shares nothing with the generator: the figures below are typed from the ground truth, the readers are written here.
Ends with status 1 and the first mismatch of each check.
"""

import base64
import collections
import csv
import email
import email.policy
import gzip
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import urllib.parse
from datetime import datetime, timezone

ADVISORY_COUNT = 51
WELLMESS = "103.253.41.102"
WELLMAIL = "111.90.150.140"
SHOP = "146.0.76.37"
SCANNER_LISTED = "185.145.128.35"
OWN_SCANNER = "192.0.2.250"
PROXY = "192.0.2.30"
STATS = "10.20.40.7"
SANDBOX = "10.20.60.20"
BACKUP_APP = "10.20.30.13"
MONTHS = {m: i + 1 for i, m in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())}

EXPECTED = {
    "intrusion": dict(gateway=74_000, copies=6_118, zeek=315_000, proxy=60_000, windows=30_000, fileserver=22_000, eml=140, files=755, vpn=38_000, firewall=24_000,
                      linux=9_000, dhcp=5_500, trace=50_000, edr=18_000, alerts=260, campaign=True),
    "background": dict(gateway=48_900, copies=4_020, zeek=207_000, proxy=39_500, windows=19_800, fileserver=14_500, eml=140, files=739, vpn=18_400, firewall=11_700,
                       linux=4_400, dhcp=2_700, trace=50_000, edr=8_130, alerts=189, campaign=False),
}

failures = []
passed = 0


def check(name, got, want):
    global passed
    if got == want:
        passed += 1
    else:
        failures.append("%s: got %r, want %r" % (name, got, want))


def within(name, got, low, high):
    global passed
    if low <= got <= high:
        passed += 1
    else:
        failures.append("%s: got %r, want %r..%r" % (name, got, low, high))


def when(month, day, hour=0, minute=0, second=0.0):
    return datetime(2020, month, day, hour, minute, tzinfo=timezone.utc).timestamp() + second


def unzst(path):
    return subprocess.run(["zstd", "-dqc", path], stdout=subprocess.PIPE, check=True).stdout


def json_lines(data):
    for number, line in enumerate(data.splitlines(), 1):
        yield json.loads(line)


def iso(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc).timestamp()


# ---- gateway ------------------------------------------------------------------------------------

LINE = re.compile(rb'^(\S+) - - \[(\d\d)/(\w\w\w)/2020:(\d\d):(\d\d):(\d\d) \+0000\] "(\S+) (\S+) HTTP/1\.1" (\d{3}) (\S+) "([^"]*)" "([^"]*)"$')
PROBE = re.compile(r"/\.\./(?:%76|v)pns/|/%2e%2e/vpns/|/vpns/cfg/smb\.conf|/vpns/portal/scripts/\w+\.pl|/dana-na/\.\./|/remote/fgt_lang\?lang=/\.\./")

Hit = collections.namedtuple("Hit", "moment client method path status size referrer agent")


def access(lines):
    hits = []
    for line in lines:
        m = LINE.match(line)
        if not m:
            failures.append("gateway: line not in combined format: %r" % line[:120])
            continue
        g = [x.decode() for x in m.groups()]
        hits.append(Hit(when(MONTHS[g[2]], int(g[1]), int(g[3]), int(g[4]), int(g[5])), g[0], g[6], g[7], int(g[8]), 0 if g[9] == "-" else int(g[9]), g[10], g[11]))
    return hits


def gateway(folder, want):
    tag = want["name"] + " gateway "
    main_lines = gzip.open(folder + "/gateway/loghost/ctx-gw-01/httpaccess.log.gz").read().splitlines()
    hits = access(main_lines)
    check(tag + "records", len(main_lines), want["gateway"])
    check(tag + "in time order", all(a.moment <= b.moment for a, b in zip(hits, hits[1:])), True)
    check(tag + "no two lines equal", len(set(main_lines)), len(main_lines))
    check(tag + "hole 9-11 May", sum(when(5, 9) <= h.moment < when(5, 12) for h in hits), 0)
    within(tag + "first", hits[0].moment, when(4, 1), when(4, 1, 6))
    within(tag + "last", hits[-1].moment, when(7, 16, 21), when(7, 17))
    # The appliance's own chain, oldest last in the numbering: .N.gz ... .0.gz, then the open file.
    here = folder + "/gateway/ctx-gw-01/var/log/"
    numbers = sorted((int(n.split(".")[2]) for n in os.listdir(here) if n.endswith(".gz")), reverse=True)
    check(tag + "chain has no gap in its numbers", numbers, list(range(len(numbers) - 1, -1, -1)))
    chain = []
    for number in numbers:
        chain += gzip.open("%shttpaccess.log.%d.gz" % (here, number)).read().splitlines()
    chain += open(here + "httpaccess.log", "rb").read().splitlines()
    check(tag + "copied records", len(chain), want["copies"])
    check(tag + "copies are the end of the loghost's file, byte for byte", chain == main_lines[-len(chain):], True)
    within(tag + "copies begin", access(chain[:1])[0].moment, when(7, 11), when(7, 11, 8))

    campaign_clients = {"198.18.77.41", "198.51.100.77", "203.0.113.142"}
    tester = [h for h in hits if h.client == "203.0.113.12"]
    check(tag + "B20 tries, none answered", (len(tester), {h.status for h in tester}, {datetime.fromtimestamp(h.moment, timezone.utc).strftime("%m-%d") for h in tester}),
          (36, {403}, {"06-22", "06-23", "06-24"}))
    probes = [h for h in hits if PROBE.search(h.path) and h.client not in campaign_clients and h.client not in (OWN_SCANNER, "203.0.113.12")]
    check(tag + "B01 probes", len(probes), 1_904)
    check(tag + "B01 addresses", len({h.client for h in probes}), 61)
    check(tag + "B01 answers", {(h.status, h.size) for h in probes} <= {(403, 1_150), (404, 1_221), (200, 1_913)}, True)
    check(tag + "B01 some are answered 200", any(h.status == 200 for h in probes), True)
    check(tag + "B01 no 200 for a Citrix path", any(h.status == 200 and "vpns" in h.path for h in probes), False)
    listed = [h for h in hits if h.client == SCANNER_LISTED]
    check(tag + "B02 requests", len(listed), 12)
    within(tag + "B02 time", min(h.moment for h in listed), when(7, 16, 21, 3), when(7, 16, 21, 4))
    check(tag + "B02 all are probes", all(PROBE.search(h.path) for h in listed), True)
    own = [h for h in hits if h.client == OWN_SCANNER and (PROBE.search(h.path) or re.fullmatch(r"/vpns/portal/\w+\.xml", h.path))]
    check(tag + "B03 exact requests", len(own), 38)
    check(tag + "B03 weekly", len({int(h.moment // 86400) for h in own}), 14)
    check(tag + "B03 Sundays", {datetime.fromtimestamp(h.moment, timezone.utc).weekday() for h in own}, {6})
    check(tag + "B03 honeypage", {h.size for h in own if h.status == 200}, {1_872})
    check(tag + "B03 no .xml was served", [h for h in own if h.path.endswith(".xml") and h.status != 404], [])
    xml = [h for h in hits if re.search(r"/vpns/.*\.xml", h.path) and h.status in (200, 304)]
    if not want["campaign"]:
        check(tag + "no .xml served", xml, [])
        check(tag + "no campaign client", [h for h in hits if h.client in campaign_clients or h.client.startswith("198.18.140.")], [])
        return
    scan = [h for h in hits if h.client in ("198.51.100.77", "203.0.113.142")]
    check(tag + "T01 requests", len(scan), 88)
    check(tag + "T01 sources", len({h.client for h in scan}), 2)
    check(tag + "T01 own addresses", {h.referrer for h in scan}, {"https://192.0.2.%d/" % n for n in (10, 25, 30, 80)})
    within(tag + "T01 from", min(h.moment for h in scan), when(4, 14, 8, 31), when(4, 14, 8, 31, 10))
    within(tag + "T01 until", max(h.moment for h in scan), when(4, 14, 8, 31), when(4, 14, 8, 34))
    check(tag + "T01 no success", [h for h in scan if "vpns" in h.path and h.status != 403], [])
    attack = [h for h in hits if h.client == "198.18.77.41"]
    check(tag + "T02/T03 requests", [(h.moment, h.method, h.path, h.status, h.size) for h in attack], [
        (when(4, 16, 2, 12, 7), "POST", "/vpn/../vpns/portal/scripts/newbm.pl", 200, 143),
        (when(4, 16, 2, 12, 11), "GET", "/vpns/portal/kqvzmtrw.xml", 200, 1_204),
        (when(4, 16, 2, 14, 2), "POST", "/vpn/../vpns/portal/scripts/newbm.pl", 200, 143),
        (when(4, 16, 2, 14, 6), "GET", "/vpns/portal/xrwpjbnc.xml", 200, 977),
        (when(4, 16, 2, 14, 41), "GET", "/vpns/portal/hdlqmvea.xml", 200, 48_312)])
    check(tag + "no other .xml served", len(xml), 3)
    stolen = [h for h in hits if h.client.startswith("198.18.140.")]
    check(tag + "T10 web side, sessions", len({int(h.moment // 86400) for h in stolen}), 6)   # the one of 11 May falls into the hole


# ---- proxy --------------------------------------------------------------------------------------

def cookie_blob(header):
    """The published reading of a WellMess cookie; None if the header does not have the structure."""
    names, values = [], []
    for pair in header.split("; "):
        name, _, value = pair.partition("=")
        names.append(name)
        values.append(value)
    if not all(re.fullmatch(r"[A-Za-z0-9]{8}", n) for n in names) or any("=" in v for v in values):
        return None
    tokens = [t for v in values for t in urllib.parse.unquote(v).replace("+", " ").split()]
    if len(tokens) < 20 or sum(t.endswith(".") for t in tokens) < 2:
        return None
    if not all(re.fullmatch(r"[A-Za-z0-9:,]{2,8}\.?", t) for t in tokens):
        return None
    text = urllib.parse.unquote("".join(values)).replace("+", " ").replace("   ", "=").replace(". ", "").replace(" ", "").replace(",", "+").replace(":", "/")
    if len(text) % 4:
        return None
    try:
        blob = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return blob if len(blob) % 16 == 0 else None


def proxy(folder, want):
    tag = want["name"] + " proxy "
    events = []
    for name in sorted(os.listdir(folder + "/proxy")):
        month = int(name[len("proxy-2020-"):][:2])
        for e in json_lines(unzst(folder + "/proxy/" + name)):
            e["t"] = iso(e["@timestamp"])
            if datetime.fromtimestamp(e["t"], timezone.utc).month != month:
                failures.append(tag + "record in the wrong month: " + e["@timestamp"])
            events.append(e)
    check(tag + "records", len(events), want["proxy"])
    check(tag + "in time order", all(a["t"] <= b["t"] for a, b in zip(events, events[1:])), True)
    within(tag + "first", events[0]["t"], when(3, 20), when(3, 20, 2))
    within(tag + "last", events[-1]["t"], when(7, 16, 23), when(7, 17))
    cookies = [e for e in events if "cookie" in e["http"]["request"]]
    check(tag + "no cookie before 1 May", [e for e in cookies if e["t"] < when(5, 1)], [])
    structured = [e for e in cookies if cookie_blob(e["http"]["request"]["cookie"]) is not None]
    check(tag + "structured cookies go to the listed server only", {e["destination"]["ip"] for e in structured}, {WELLMESS})
    eight = [e for e in cookies if re.match(r"[A-Za-z0-9]{8}=", e["http"]["request"]["cookie"]) and e["destination"]["ip"] != WELLMESS]
    check(tag + "B07 8-alnum names exist", len(eight) > 100, True)
    check(tag + "B07 _ga, session, consent exist", all(any(text in e["http"]["request"]["cookie"] for e in cookies)
                                                       for text in ("_ga=GA1.2", "JSESSIONID=", "cookieconsent_status=", "cnsnt2uk=", "+cookies+")), True)
    beacons = [e for e in events if e["destination"]["ip"] == WELLMESS and e["source"]["ip"] == BACKUP_APP]
    sandbox = [e for e in events if e["destination"]["ip"] == WELLMESS and e["source"]["ip"] == SANDBOX]
    check(tag + "B09 sandbox beacons", len(sandbox), 5)
    check(tag + "B09 sandbox cookies are structured", all(e in structured for e in sandbox), True)
    check(tag + "B09 sandbox evening of 16 July", all(when(7, 16, 20, 40) <= e["t"] < when(7, 16, 20, 50) for e in sandbox), True)
    check(tag + "B09 VirusTotal pages", sum(e["url"]["domain"] == "www.virustotal.com" for e in events), 23)
    check(tag + "B09 curl", sum(e["user_agent"]["original"].startswith("curl/") for e in events), 4)
    shop = [e for e in events if e["destination"]["ip"] == SHOP]
    check(tag + "B11 users", {e["user"]["name"] for e in shop}, {"g.fraser", "t.rossi", "k.patel"})
    check(tag + "B11 one name", {e["url"]["domain"] for e in shop}, {"shop.helixlabware.example"})
    check(tag + "B11 requests, first and last day", (len(shop), shop[0]["@timestamp"][5:10], shop[-1]["@timestamp"][5:10]),
          (172, "03-27", "06-25") if want["campaign"] else (172, "03-24", "06-22"))
    check(tag + "B06 hourly update checks", sum(e["source"]["ip"] == "10.20.10.72" for e in events) > 1_800, True)
    lure = [e for e in events if e["url"]["domain"] == "login-1arkmoor.example"]
    if not want["campaign"]:
        check(tag + "no beacon", beacons, [])
        check(tag + "no lure", lure, [])
        check(tag + "nobody else has the structure", len(structured), 5)
        return dict(beacons=[], shop=shop)
    check(tag + "T06 beacons", len(beacons), 2_100)
    check(tag + "T06 bytes out", sum(e["http"]["request"]["bytes"] for e in beacons), 2_310_000)
    check(tag + "T06 first", beacons[0]["@timestamp"], "2020-04-20T02:00:11.312Z")
    check(tag + "T06 last", beacons[-1]["@timestamp"], "2020-07-16T18:20:03.871Z")
    gaps = [b["t"] - a["t"] for a, b in zip(beacons, beacons[1:])]
    within(tag + "T06 shortest gap", min(gaps), 2_880, 3_600)
    within(tag + "T06 longest gap", max(gaps), 3_600, 4_320)
    check(tag + "T06 all POST, allowed, 200", {(e["http"]["request"]["method"], e["event"]["action"], e["http"]["response"]["status_code"]) for e in beacons},
          {("POST", "allowed", 200)})
    with_cookie = [e for e in beacons if "cookie" in e["http"]["request"]]
    check(tag + "T06 every cookie since 1 May, none before", [e["t"] >= when(5, 1) for e in beacons], ["cookie" in e["http"]["request"] for e in beacons])
    check(tag + "T06 cookie structure", all(e in structured for e in (with_cookie[0], with_cookie[-1])) and len(structured) == len(with_cookie) + 5, True)
    check(tag + "T06 beacons with cookie", len(with_cookie), 1_836)
    check(tag + "T06 beacons in the outage of Zeek", sum(when(5, 3) <= e["t"] < when(5, 8) for e in beacons) > 100, True)
    check(tag + "T08", [(e["@timestamp"], e["source"]["ip"], "user" in e) for e in lure[:1]], [("2020-04-28T09:05:20.118Z", "10.20.1.25", False)])
    check(tag + "T09", [(e["@timestamp"], e["source"]["ip"], e["user"]["name"], e["http"]["request"]["method"], e["http"]["request"]["bytes"]) for e in lure[1:]], [
        ("2020-04-28T09:41:03.097Z", "10.20.50.117", "m.okafor", "GET", 377),
        ("2020-04-28T09:41:03.455Z", "10.20.50.117", "m.okafor", "GET", 351),
        ("2020-04-28T09:42:31.880Z", "10.20.50.117", "m.okafor", "POST", 412)])
    return dict(beacons=beacons, shop=shop)


# ---- Zeek ---------------------------------------------------------------------------------------

def zeek_day_logs(folder):
    for name in sorted(os.listdir(folder + "/zeek")):
        with tarfile.open(folder + "/zeek/" + name) as tar:
            for member in tar:
                yield member.name, gzip.decompress(tar.extractfile(member).read()).decode("ascii")


def zeek_rows(text, path):
    lines = text.split("\n")
    header = {}
    rows = []
    for line in lines:
        if line.startswith("#"):
            key, _, value = line[1:].partition("\t" if "\t" in line else " ")
            header[key] = value
        elif line:
            rows.append(line.split("\t"))
    fields = header["fields"].split("\t")
    if header["separator"] != "\\x09" or len(header["types"].split("\t")) != len(fields) or "open" not in header or "close" not in header:
        failures.append(path + ": header is not whole")
    out = []
    for row in rows:
        if len(row) != len(fields):
            failures.append(path + ": row with %d of %d fields" % (len(row), len(fields)))
        out.append(dict(zip(fields, row)))
    return out


def zeek(folder, want, from_proxy):
    tag = want["name"] + " zeek "
    counts = collections.Counter()
    days = set()
    fuids, uids = set(), set()
    tls25, smtp_uids, ssl_by_uid, interesting = [], set(), {}, []
    c2_http, bulk, periodic = [], collections.Counter(), {"av": [], "telemetry": [], "ntp": 0}
    certs, needed = {}, set()
    listed_in, tip = [], []
    dns_soc = 0
    order_ok = True
    for name, text in zeek_day_logs(folder):
        day, log = name.split("/")
        log = log.split(".")[0]
        days.add(day)
        last = 0.0
        for r in zeek_rows(text, tag + name):
            counts[log] += 1
            t = float(r["ts"])
            order_ok = order_ok and t >= last
            last = t
            if datetime.fromtimestamp(t, timezone.utc).strftime("%Y-%m-%d") != day:
                failures.append(tag + name + ": record of another day " + r["ts"])
            if log == "conn":
                uids.add(r["uid"])
                if r["id.resp_h"] in (WELLMESS, WELLMAIL, SHOP):
                    interesting.append(r)
                if r["id.orig_h"] == SCANNER_LISTED:
                    listed_in.append(r)
                if r["id.orig_h"] == "10.20.60.15":
                    tip.append(r)
                if r["id.orig_h"] in ("10.20.40.22", "10.20.30.5") and r["id.resp_p"] == "443":
                    bulk[r["id.orig_h"], day] += int(r["orig_bytes"])
                if r["id.orig_h"] == "10.20.10.72" and r["id.resp_h"] == "203.0.113.70":
                    periodic["av"].append(t)
                if r["id.resp_p"] == "123":
                    periodic["ntp"] += 1
                if r["id.orig_h"] == "10.20.80.11":
                    periodic["telemetry"].append(t)
                if r["orig_bytes"] != "-" and int(r["orig_ip_bytes"]) < int(r["orig_bytes"]):
                    failures.append(tag + "payload above IP bytes: " + r["uid"])
            elif log == "ssl":
                ssl_by_uid[r["uid"]] = r
                for key in ("cert_chain_fuids", "client_cert_chain_fuids"):
                    if r[key] not in ("-", "(empty)"):
                        needed.update(r[key].split(","))
                if r["id.resp_p"] == "25":
                    tls25.append(r)
            elif log == "x509":
                certs[r["id"]] = r
                fuids.add(r["id"])
            elif log == "smtp":
                smtp_uids.add(r["uid"])
            elif log == "http":
                if r["host"] == WELLMESS:
                    c2_http.append(r)
            elif log == "dns":
                dns_soc += r["id.orig_h"] == "10.20.60.11"
    total = sum(counts.values())
    check(tag + "records", total, want["zeek"])
    check(tag + "records by log", [counts[x] for x in ("conn", "ssl", "dns", "http", "x509", "smtp")],
          [171_369, 56_812, 44_559, 19_398, 15_701, 7_161] if want["campaign"] else [116_539, 42_381, 19_708, 11_696, 10_663, 6_013])
    check(tag + "in time order", order_ok, True)
    check(tag + "unique uids", len(uids), counts["conn"])
    check(tag + "unique fuids", len(fuids), counts["x509"])
    check(tag + "days", len(days), 85)
    check(tag + "first and last day", (min(days), max(days)), ("2020-04-18", "2020-07-16"))
    check(tag + "outage", [d for d in days if "2020-05-03" <= d <= "2020-05-07"], [])
    check(tag + "every certificate id of ssl.log is in x509.log", needed - fuids, set())
    check(tag + "every ssl and smtp uid is in conn.log", (set(ssl_by_uid) | smtp_uids) - uids, set())
    check(tag + "B04 STARTTLS sessions", sum(r["id.resp_h"] != WELLMAIL for r in tls25), 5_000)
    check(tag + "B04 smtp.log lost", sum(r["id.resp_h"] != WELLMAIL and r["uid"] not in smtp_uids for r in tls25), 3)
    check(tag + "B05 nights", sum(k[0] == "10.20.40.22" for k in bulk), 85)
    check(tag + "B05 nightly volume", all(36e9 < v < 40e9 for k, v in bulk.items() if k[0] == "10.20.40.22"), True)
    check(tag + "B05 off-site volume", all(115e9 < v < 125e9 for k, v in bulk.items() if k[0] == "10.20.30.5"), True)
    check(tag + "B06 heartbeats", len(periodic["av"]), 14 * 1440)
    check(tag + "B06 time", periodic["ntp"], 14_365)
    check(tag + "B06 telemetry", len(periodic["telemetry"]), 46 * 288)
    subjects = {r["certificate.subject"] for r in certs.values()}
    check(tag + "B08 country written out", any("C=United Kingdom" in s for s in subjects), True)
    check(tag + "B08 printers", {"CN=prn-lab-01,O=IT", "CN=prn-lab-02,O=IT"} <= subjects, True)
    check(tag + "B02 connections", len(listed_in), 12)
    check(tag + "B09 poll of all addresses", (len(tip), len({r["id.resp_h"] for r in tip})), (ADVISORY_COUNT, ADVISORY_COUNT))
    check(tag + "B09 dig", dns_soc, 31)
    shop = [r for r in interesting if r["id.resp_h"] == SHOP and r["id.orig_h"] == PROXY]
    # The shop's requests before the sensor's edge and in its outage are in the proxy only.
    seen = [e for e in from_proxy["shop"] if e["t"] >= when(4, 18) and not when(5, 3) <= e["t"] < when(5, 8)]
    check(tag + "B11 some certificates are seen", any(ssl_by_uid[r["uid"]]["cert_chain_fuids"] in certs for r in shop), True)
    check(tag + "B11 as the proxy", len(shop), len(seen))
    check(tag + "B11 an ordinary certificate", all(certs[f]["certificate.subject"].startswith("CN=shop.helixlabware.example")
                                                   for r in shop for f in [ssl_by_uid[r["uid"]]["cert_chain_fuids"]] if f not in ("-", "(empty)")), True)
    odd = [f for f, r in certs.items() if "C=Tunis" in r["certificate.subject"] + r["certificate.issuer"]]
    mail_flows = [r for r in interesting if r["id.resp_h"] == WELLMAIL and r["id.resp_p"] == "25"]
    bulk_flows = [r for r in interesting if r["id.resp_h"] == WELLMAIL and r["id.resp_p"] == "443" and r["id.orig_h"] == STATS]
    beacons = [r for r in interesting if r["id.resp_h"] == WELLMESS and r["id.resp_p"] == "80" and r["conn_state"] == "SF"]
    if not want["campaign"]:
        check(tag + "no odd certificate", odd, [])
        check(tag + "no WellMail", mail_flows + bulk_flows, [])
        check(tag + "no beacon but the sandbox", len(beacons), 5)
        return dict(mail=[], beacons=[])
    check(tag + "T11 sessions", len(mail_flows), 31)
    check(tag + "T11 source", {r["id.orig_h"] for r in mail_flows}, {STATS})
    check(tag + "T15 bytes out", sum(int(r["orig_bytes"]) for r in mail_flows), 22_640_104)
    moments = sorted(float(r["ts"]) for r in mail_flows)
    check(tag + "T11 first and last", [datetime.fromtimestamp(m, timezone.utc).strftime("%m-%d %H:%M:%S") for m in (moments[0], moments[-1])],
          ["05-11 21:48:13", "07-14 22:31:55"])
    check(tag + "T11 no smtp.log", [r for r in mail_flows if r["uid"] in smtp_uids], [])
    check(tag + "T11 all TLS 1.2, with a client certificate", {(ssl_by_uid[r["uid"]]["version"], ssl_by_uid[r["uid"]]["client_cert_chain_fuids"] in certs)
                                                               for r in mail_flows + bulk_flows}, {("TLSv12", True)})
    check(tag + "T11/T14 certificate", {(certs[ssl_by_uid[r["uid"]][k]]["certificate.subject"], certs[ssl_by_uid[r["uid"]][k]]["certificate.issuer"])
                                        for r in mail_flows + bulk_flows for k in ("cert_chain_fuids", "client_cert_chain_fuids")}, {("O=IT,C=Tunis", "O=IT,C=Tunis")})
    check(tag + "T11/T14 odd certificates in x509.log", len(odd), 2 * (31 + 14))
    check(tag + "T14 flows", len(bulk_flows), 14)
    check(tag + "T14 bytes out", sum(int(r["orig_bytes"]) for r in bulk_flows), 431_206_912)
    within(tag + "T14 from", min(float(r["ts"]) for r in bulk_flows), when(5, 21, 0, 5), when(5, 21, 0, 6))
    within(tag + "T14 until", max(float(r["ts"]) + float(r["duration"]) for r in bulk_flows), when(5, 21, 3, 40), when(5, 21, 3, 50))
    bogus = [r for r in bulk_flows if int(r["resp_bytes"]) > 1e9]
    check(tag + "T14 bogus answer", [(int(r["resp_bytes"]), int(r["resp_ip_bytes"]), r["conn_state"]) for r in bogus], [(4_294_958_733, 702_960, "OTH")])
    campaign = [r for r in beacons if float(r["ts"]) < when(7, 16, 18, 30)]
    seen = [e for e in from_proxy["beacons"] if not when(5, 3) <= e["t"] < when(5, 8)]
    check(tag + "T06 as the proxy, outside the outage", len(campaign), len(seen))
    check(tag + "T06 in the sensor's view", (len(campaign), sum(int(r["orig_bytes"]) for r in campaign)), (1_981, 2_179_928))
    check(tag + "T06 source", {r["id.orig_h"] for r in campaign}, {PROXY})
    check(tag + "T06 the same bytes", sum(int(r["orig_bytes"]) for r in campaign), sum(e["http"]["request"]["bytes"] for e in seen))
    check(tag + "T06 http.log", sum(r["method"] == "POST" for r in c2_http), len(seen) + 5)
    return dict(mail=mail_flows, beacons=campaign)


# ---- Windows ------------------------------------------------------------------------------------

def winlog(folder, part):
    for name in sorted(os.listdir("%s/%s" % (folder, part))):
        yield name, list(json_lines(gzip.open("%s/%s/%s" % (folder, part, name)).read()))


def windows(folder, want):
    tag = want["name"] + " windows "
    events = [e for _, rows in winlog(folder, "windows") for e in rows]
    check(tag + "records", len(events), want["windows"])
    moments = [iso(e["@timestamp"]) for e in events]
    within(tag + "first", min(moments), when(6, 2), when(6, 2, 4))
    within(tag + "last", max(moments), when(7, 16, 20), when(7, 17))
    numbers = collections.defaultdict(list)
    for e in sorted(events, key=lambda e: (e["winlog"]["computer_name"], e["@timestamp"], e["winlog"]["record_id"])):
        numbers[e["winlog"]["computer_name"]].append(e["winlog"]["record_id"])
    cleared = [e for e in events if e["event"]["code"] == 1102]
    by_account = collections.Counter(e["winlog"]["user_data"]["SubjectUserName"] for e in cleared)
    imaged = [e for e in cleared if e["winlog"]["user_data"]["SubjectUserName"] == "svc-image"]
    check(tag + "B18 new PCs", len({e["host"]["name"] for e in imaged}), 14)
    check(tag + "B18 is each host's first record", {e["winlog"]["record_id"] for e in imaged}, {1})
    first = {}
    for e in events:
        first[e["host"]["name"]] = min(first.get(e["host"]["name"], "9"), e["@timestamp"])
    check(tag + "B18 nothing of these PCs before", [e["host"]["name"] for e in imaged if first[e["host"]["name"]] != e["@timestamp"]], [])
    check(tag + "B18 rollover", sum(e["event"]["code"] == 1105 for e in events), 7)
    check(tag + "B16 vssadmin and 7z each night", (sum("vssadmin" in e["winlog"].get("event_data", {}).get("CommandLine", "") for e in events),
                                                   sum("7z.exe a" in e["winlog"].get("event_data", {}).get("CommandLine", "") for e in events)), (45, 45))
    kiosks = {e["winlog"]["event_data"]["IpAddress"] for e in events if e["event"]["code"] == 4768 and e["winlog"]["event_data"]["TargetUserName"] == "lab-kiosk"}
    check(tag + "B14 lab-kiosk at three places", len(kiosks), 3)
    if want["campaign"]:
        check(tag + "1102 by account", dict(by_account), {"svc-image": 14, "helpdesk-local": 1})
        check(tag + "T17", [(e["@timestamp"], e["host"]["name"]) for e in cleared if e not in imaged], [("2020-06-08T16:22:47.310Z", "ws-vx-03")])
    else:
        check(tag + "1102 by account", dict(by_account), {"svc-image": 14})


def fileserver(folder, want):
    tag = want["name"] + " fileserver "
    events = [e for _, rows in winlog(folder, "fileserver") for e in rows]
    check(tag + "records", len(events), want["fileserver"])
    check(tag + "all are 5145 of fs-res-01", {(e["winlog"]["event_id"], e["host"]["name"]) for e in events}, {(5145, "fs-res-01")})
    numbers = [e["winlog"]["record_id"] for e in events]
    check(tag + "record numbers without gap", numbers, list(range(numbers[0], numbers[0] + len(numbers))))
    okafor = [e for e in events if e["winlog"]["event_data"]["SubjectUserName"] == "m.okafor"]
    check(tag + "m.okafor reads vx19 only", {(e["winlog"]["event_data"]["ShareName"], e["winlog"]["event_data"]["AccessMask"]) for e in okafor}, {("\\\\*\\vx19", "0x1")})
    night = [e for e in okafor if e["winlog"]["event_data"]["IpAddress"] == STATS]
    day = collections.Counter(e["@timestamp"][:10] for e in okafor if e not in night) if not night else \
        collections.Counter(e["@timestamp"][:10] for e in okafor if e["winlog"]["event_data"]["IpAddress"] != STATS)
    within(tag + "base, days", len(day), 73, 74)
    within(tag + "base, a day", sum(day.values()) / len(day), 38, 42)
    within(tag + "base, extremes", max(day.values()), 34, 46)
    check(tag + "B14 svc-backup reads each night", len({e["@timestamp"][:10] for e in events if e["winlog"]["event_data"]["SubjectUserName"] == "svc-backup"}), 107)
    if not want["campaign"]:
        check(tag + "no night reads", night, [])
        return
    check(tag + "T12 reads", len(night), 3_870)
    moments = [iso(e["@timestamp"]) for e in night]
    within(tag + "T12 from", min(moments), when(5, 12, 21, 10), when(5, 12, 21, 20))
    within(tag + "T12 until", max(moments), when(5, 19, 3, 20), when(5, 19, 3, 30))
    check(tag + "T12 nights", len({int((m - 12 * 3600) // 86400) for m in moments}), 7)
    check(tag + "T12 is all outside 03:30-21:10", [m for m in moments if 3.5 * 3600 < m % 86400 < 21 * 3600 + 600], [])


# ---- VPN, firewall, Linux, leases ----------------------------------------------------------------

def uk(year, month, day, hour, minute, second):
    """UTC seconds of a UK clock reading of 2020."""
    moment = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc).timestamp()
    return moment - 3600 if moment >= when(3, 29, 2) else moment


NS_LINE = re.compile(r"^(\w{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) <local0\.info> 10\.20\.1\.10 (\d\d)/(\d\d)/2020:(\d\d):(\d\d):(\d\d)  ctx-gw-01 0-PPE-0 : default (\w+) (\w+) (\d+) 0 : (.*)$")
NS_USER = re.compile(r"User (\S+) - Client_ip (\S+)")

Visit = collections.namedtuple("Visit", "account client agent login logout sent received")


def vpn(folder, want):
    tag = want["name"] + " vpn "
    with tarfile.open(fileobj=io.BytesIO(unzst(folder + "/vpn/loghost-ctx-gw-01.tar.zst"))) as tar:
        content = {m.name: tar.extractfile(m).read().decode("ascii") for m in tar}
    order = ["ctx-gw-01/ns.log" + end for end in (".3", ".2", ".1", ".0", "")]
    check(tag + "files", sorted(content), sorted(order))
    lines = [text for name in order for text in content[name].splitlines()]
    check(tag + "records", len(lines), want["vpn"])
    last, order_ok, stamps_ok = 0, True, True
    opened, visits, failed = {}, [], []
    for text in lines:
        m = NS_LINE.match(text)
        if not m:
            failures.append(tag + "line: " + text[:160])
            continue
        g = m.groups()
        stamps_ok = stamps_ok and (MONTHS[g[0]], int(g[1])) + g[2:5] == (int(g[5]), int(g[6])) + g[7:10]
        moment = uk(2020, MONTHS[g[0]], int(g[1]), int(g[2]), int(g[3]), int(g[4]))
        order_ok = order_ok and moment >= last
        last = moment
        module, event, body = g[10], g[11], g[13]
        if event == "LOGIN_FAILED":
            failed.append((moment,) + NS_USER.search(body).groups())
        if event in ("LOGIN", "LOGOUT"):
            session = re.search(r"SessionId: (\d+)-", body).group(1)
            account, client = NS_USER.search(body).groups()
            if event == "LOGIN":
                opened[session] = (moment, account, client, re.search(r'Browser_type "([^"]*)"', body).group(1))
            else:
                login, who, where, agent = opened.pop(session)
                if (who, where) != (account, client):
                    failures.append(tag + "session of two: " + text[:160])
                sent, received = (int(re.search(r"Total_bytes_%s (\d+)" % way, body).group(1)) for way in ("send", "recv"))
                visits.append(Visit(account, client, agent, login, moment, sent, received))
    check(tag + "in time order", order_ok, True)
    check(tag + "both stamps agree, in UK time", stamps_ok, True)
    check(tag + "every session ends", opened, {})
    within(tag + "first", uk(2020, 3, 20, 0, 0, 0), when(3, 20), when(3, 20))
    week = [v for v in visits if when(3, 23) <= v.login < when(3, 28)]
    before = {(v.account, v.client) for v in visits if v.login < when(3, 23)} | {(v.account, v.agent) for v in visits if v.login < when(3, 23)}
    new = {v.account for v in week if (v.account, v.client) not in before and (v.account, v.agent) not in before}
    within(tag + "B13 people with a new network and device, 23-27 March", len(new - {"lab-kiosk", "ward-trial"}), 300, 304)
    within(tag + "before the lockdown, people", len({v.account for v in visits if v.login < when(3, 23)}), 20, 60)
    shared = collections.defaultdict(set)
    for v in visits:
        shared[v.client].add(v.account)
    check(tag + "B13 carrier-grade addresses are shared", sum(c.startswith("198.18.200.") and len(a) > 3 for c, a in shared.items()), 8)
    journeys = collections.defaultdict(set)
    for v in visits:
        if v.client.startswith(("198.18.211.", "198.18.212.", "198.18.213.")) or v.client == "203.0.113.214":
            journeys[v.account].add(v.client)
    check(tag + "B13 two travellers", sorted(len(c) for c in journeys.values()), [2, 3])
    for account, weekday, count in (("lab-kiosk", 3, 17), ("ward-trial", 0, 15)):
        days = collections.defaultdict(list)
        for v in visits:
            if v.account == account and v.client in ("198.18.205.11", "198.18.206.12", "198.18.207.13") and v.login >= when(3, 23):
                days[int(v.login // 86400)].append(v)
        check(tag + "B14 %s at three places at once" % account, (len(days), {datetime.fromtimestamp(d * 86400, timezone.utc).weekday() for d in days},
              all(max(x.login for x in d) < min(x.logout for x in d) and len({x.client for x in d}) == 3 for d in days.values())), (count, {weekday}, True))
    clinic = [f for f in failed if f[2] == "198.18.205.11"]
    changers = {f[1] for f in clinic}
    check(tag + "B15 fail behind one address", (len(changers), len(clinic), {datetime.fromtimestamp(f[0], timezone.utc).strftime("%m-%d") for f in clinic}), (30, 45, {"06-29"}))
    check(tag + "B15 then succeed", all(any(v.account == a and v.client == "198.18.205.11" and v.login > max(f[0] for f in clinic if f[1] == a) for v in visits) for a in changers), True)
    tester = [f for f in failed if f[2] == "203.0.113.12"]
    check(tag + "B20 one try for each of 40 accounts", (len(tester), len({f[1] for f in tester})), (40, 40))
    check(tag + "B20 then its own", {(v.account, datetime.fromtimestamp(v.login, timezone.utc).strftime("%m-%d")) for v in visits if v.client == "203.0.113.12"},
          {("pentest-ext", "06-23"), ("pentest-ext", "06-24")})
    stolen = sorted((v for v in visits if v.client.startswith("198.18.140.")), key=lambda v: v.login)
    if not want["campaign"]:
        check(tag + "no session with a stolen password", stolen, [])
        return
    check(tag + "T10 sessions", [(v.account, datetime.fromtimestamp(v.login, timezone.utc).strftime("%m-%d %H:%M:%S"), v.client.split(".")[3]) for v in stolen],
          [("m.okafor", *x) for x in (("04-29 20:14:15", "21"), ("05-11 21:40:37", "35"), ("05-13 20:58:58", "35"), ("05-20 22:51:19", "62"), ("06-03 12:22:47", "62"),
                                      ("07-02 13:05:10", "90"), ("07-10 21:17:36", "118"))])
    own = [v for v in visits if v.account == "m.okafor" and v not in stolen]
    over = [s for s in stolen if any(o.login < s.logout and s.login < o.logout for o in own)]
    check(tag + "T10 two overlap her own", [datetime.fromtimestamp(v.login, timezone.utc).strftime("%m-%d") for v in over], ["06-03", "07-02"])
    check(tag + "T10 nobody else from there", {v.account for v in stolen}, {"m.okafor"})
    check(tag + "T16 bytes served on 2 July", [v.received for v in stolen if v.received > 10_000_000], [88_070_144])
    within(tag + "T10 the others were served", sum(v.received for v in stolen) - 88_070_144, 6_000_000, 7_000_000)


FORTI = re.compile(r'(\w+)=("[^"]*"|\S+)')


def firewall(folder, want, wire):
    tag = want["name"] + " firewall "
    rows = []
    for name in sorted(os.listdir(folder + "/firewall")):
        for text in unzst(folder + "/firewall/" + name).decode("ascii").splitlines():
            r = {k: v.strip('"') for k, v in FORTI.findall(text)}
            r["t"] = int(r["eventtime"]) / 1e9
            shown = datetime.strptime(r["date"] + " " + r["time"] + r["tz"], "%Y-%m-%d %H:%M:%S%z").timestamp()
            if shown != int(r["t"]):
                failures.append(tag + "stamps differ: " + text[:120])
            rows.append(r)
    check(tag + "records", len(rows), want["firewall"])
    check(tag + "in time order", all(a["t"] <= b["t"] for a, b in zip(rows, rows[1:])), True)
    within(tag + "first", rows[0]["t"], when(6, 17), when(6, 17, 2))
    within(tag + "last", rows[-1]["t"], when(7, 16, 23), when(7, 17))
    hole = [r for r in rows if r["dstip"] == "176.119.29.37" and r["action"] != "deny" and r["srcip"] == "10.20.90.44"]
    check(tag + "B19 the phone and the sinkhole", (len(hole), sorted({r["date"] for r in hole})), (12, ["2020-06-23", "2020-06-24", "2020-06-26"]))
    tester = [r for r in rows if r["srcip"] == "203.0.113.12"]
    check(tag + "B20 knocks, all dropped", (len(tester), {r["action"] for r in tester}), (180, {"deny"}))
    check(tag + "B05 the deposits", len({r["date"] for r in rows if r["dstip"] == "203.0.113.240"}), 30)
    mail_flows = [r for r in rows if r["dstip"] == WELLMAIL]
    beacons = [r for r in rows if r["dstip"] == WELLMESS and r["srcip"] == PROXY and r["t"] < when(7, 16, 18, 30)]
    if not want["campaign"]:
        check(tag + "no WellMail, no beacon", (mail_flows, beacons), ([], []))
        return
    seen = [r for r in wire["mail"] if float(r["ts"]) >= when(6, 17)]
    check(tag + "T15 the same sessions and bytes as the sensor's", sorted((int(r["sentbyte"]), r["srcip"], r["srcport"]) for r in mail_flows),
          sorted((int(r["orig_bytes"]), r["id.orig_h"], r["id.orig_p"]) for r in seen))
    check(tag + "T15 last month", (len(mail_flows), sum(int(r["sentbyte"]) for r in mail_flows)), (14, 9_972_907))
    seen = [r for r in wire["beacons"] if float(r["ts"]) >= when(6, 17)]
    check(tag + "T06 as the proxy, the same bytes", (len(beacons), sum(int(r["sentbyte"]) for r in beacons)), (len(seen), sum(int(r["orig_bytes"]) for r in seen)))


AUTH_LINE = re.compile(r"^(\w{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\S+) (\w+)(?:\[\d+\])?: (.*)$")
AUDIT_LINE = re.compile(r"^type=(\w+) msg=audit\((\d+)\.(\d{3}):(\d+)\): (.*)$")


def linux(folder, want):
    tag = want["name"] + " linux "
    auth, audit = collections.defaultdict(list), collections.defaultdict(list)
    count = 0
    for host, ahead in (("bkp-app-03", 0), ("stats-07", 460)):
        with tarfile.open(fileobj=io.BytesIO(unzst("%s/linux/%s.tar.zst" % (folder, host)))) as tar:
            content = {m.name: tar.extractfile(m).read() for m in tar}
            check(tag + host + " files", sorted(content), [host + "/var/log/" + n for n in ("audit/audit.log", "auth.log", "auth.log.1", "auth.log.2.gz", "auth.log.3.gz")])
        for name in ("auth.log.3.gz", "auth.log.2.gz", "auth.log.1", "auth.log"):
            data = content[host + "/var/log/" + name]
            for text in (gzip.decompress(data) if name.endswith(".gz") else data).decode("ascii").splitlines():
                m = AUTH_LINE.match(text)
                if not m or m.group(6) != host:
                    failures.append(tag + "line: " + text[:120])
                    continue
                g = m.groups()
                auth[host].append((uk(2020, MONTHS[g[0]], int(g[1]), int(g[2]), int(g[3]), int(g[4])) - ahead, g[6], g[7]))
        events = collections.OrderedDict()
        for text in content[host + "/var/log/audit/audit.log"].decode("ascii").split("\n")[:-1]:       # splitlines would part at auditd's separator
            m = AUDIT_LINE.match(text)
            if not m:
                failures.append(tag + "line: " + text[:120])
                continue
            events.setdefault(int(m.group(4)), (int(m.group(2)) + int(m.group(3)) / 1000 - ahead, []))[1].append((m.group(1), m.group(5)))
        numbers = list(events)
        check(tag + host + " serial numbers", numbers, list(range(numbers[0], numbers[0] + len(numbers))))
        for moment, parts in events.values():
            arguments = []
            for kind, text in parts:
                if kind == "EXECVE":
                    for value in re.findall(r' a\d+=("[^"]*"|[0-9A-F]+)', text):
                        arguments.append(value[1:-1] if value.startswith('"') else bytes.fromhex(value).decode())
            names = [(x, y) for kind, text in parts if kind == "PATH" for x, y in re.findall(r'name="([^"]*)".*?nametype=(\w+)', text)]
            account = re.search(r'AUID="([^"]*)"', " ".join(t for _, t in parts)).group(1)
            audit[host].append((moment, parts[0][0], account, arguments, names))
        count += len(auth[host]) + len(events)
        check(tag + host + " in time order", all(a[0] <= b[0] for rows in (auth[host], audit[host]) for a, b in zip(rows, rows[1:])), True)
        within(tag + host + " first", min(auth[host][0][0], audit[host][0][0]), when(4, 1), when(4, 1, 8))
        within(tag + host + " last", max(auth[host][-1][0], audit[host][-1][0]), when(7, 16, 12), when(7, 17))
    check(tag + "records", count, want["linux"])
    nightly = [e for e in audit["bkp-app-03"] if e[3][:1] == ["/usr/bin/7z"] and any(a.startswith("-p") for a in e[3])]
    check(tag + "B16 an archive with a password each night", len({int(e[0] // 86400) for e in nightly}), 107)
    check(tag + "B14 svc-backup each night, both hosts", [len({int(t // 86400) for t, p, x in auth[h] if "Accepted publickey for svc-backup from 10.20.30.5 " in x}) for h in auth], [107, 107])
    check(tag + "B20 knocks", sum("Failed password for root from 10.20.203.66" in x for _, _, x in auth["bkp-app-03"]), 24)
    entries = [(h, datetime.fromtimestamp(t, timezone.utc).strftime("%m-%d %H:%M:%S"), x.split(" from ")[1].split(" ")[0]) for h in auth for t, p, x in auth[h]
               if x.startswith("Accepted ") and " for svc-ldap-ctx " in x]
    packed = [e for h in audit for e in audit[h] if any("/var/tmp/.c" in a for a in e[3]) or any("/var/tmp/.c" in n for n, _ in e[4])]
    cron = [e for h in audit for e in audit[h] if ("/etc/cron.d/avamar-wd", "CREATE") in e[4]]
    if not want["campaign"]:
        check(tag + "no svc-ldap-ctx, nothing staged, no cron line", (entries, packed, cron), ([], [], []))
        return
    check(tag + "T04 and the later logons of svc-ldap-ctx", entries, [("bkp-app-03", "04-17 23:40:12", "10.20.1.10"), ("bkp-app-03", "04-20 01:38:51", "10.20.1.10"),
                                                                     ("stats-07", "05-11 21:39:30", "10.20.30.13")])
    check(tag + "T05 cron in audit", [(datetime.fromtimestamp(e[0], timezone.utc).strftime("%m-%d %H:%M:%S"), e[2]) for e in cron], [("04-20 01:40:37", "svc-ldap-ctx")])
    check(tag + "T13 on stats-07 only, as m.okafor", {(e[2]) for e in packed} | {h for h in audit for e in audit[h] if e in packed}, {"m.okafor", "stats-07"})
    check(tag + "T13 steps", [(datetime.fromtimestamp(e[0], timezone.utc).strftime("%m-%d %H:%M:%S"), e[3][0] if e[3] else e[4][1]) for e in packed], [
        ("05-20 23:09:41", "mkdir"), ("05-20 23:10:00", "tar"), ("05-20 23:10:00", ("/var/tmp/.c/w.tar", "CREATE")), ("05-20 23:16:22", "7za"),
        ("05-20 23:16:23", ("/var/tmp/.c/w.7z.001", "CREATE")), ("05-20 23:27:51", ("/var/tmp/.c/w.7z.002", "CREATE")), ("05-21 03:52:10", "rm"),
        ("05-21 03:52:10", ("/var/tmp/.c/w.7z.001", "DELETE"))])
    check(tag + "T13 volumes of 412 MiB", [a for e in packed for a in e[3] if a.startswith("-v")], ["-v412m"])


def dhcp(folder, want):
    tag = want["name"] + " dhcp "
    rows = []
    for name in sorted(os.listdir(folder + "/dhcp")):
        text = gzip.open(folder + "/dhcp/" + name).read().decode("ascii")
        body = text[text.index("\r\nID,Date,") + 2:].split("\r\n")[1:-1]
        for line in body:
            f = line.split(",")
            if len(f) != 19:
                failures.append(tag + "row: " + line)
            rows.append((uk(2020, *(int(x) for x in (f[1][:2], f[1][3:5], f[2][:2], f[2][3:5], f[2][6:8]))), int(f[0]), f[4], f[5], f[6]))
    check(tag + "records", len(rows), want["dhcp"])
    check(tag + "in time order", all(a[0] <= b[0] for a, b in zip(rows, rows[1:])), True)
    holders = [(r[0], r[3]) for r in rows if r[2] == "10.20.50.117" and r[1] in (10, 11)]
    change = when(5, 12, 6)
    check(tag + "lease change of 12 May", ({h for t, h in holders if t < change}, {h for t, h in holders if t >= change}), ({"ws-vx-01.larkmoor.example"}, {"ws-vx-09.larkmoor.example"}))
    check(tag + "T09 the lease holds at the time", any(when(4, 28, 1, 42) < t <= when(4, 28, 9, 41) for t, _ in holders), True)
    check(tag + "B19 the phone", {r[3] for r in rows if r[2] == "10.20.90.44"}, {"Galaxy-A40"})


def trace(folder, want):
    tag = want["name"] + " trace "
    text = unzst(folder + "/mail-trace/MessageTrace-2020-07-17.csv.zst").decode("ascii")
    rows = list(csv.reader(io.StringIO(text)))
    check(tag + "head", rows[0][:4], ["Received", "SenderAddress", "RecipientAddress", "Subject"])
    check(tag + "exactly 50,000 rows", len(rows) - 1, 50_000)
    moments = [datetime.strptime(r[0], "%d/%m/%Y %H:%M:%S").replace(tzinfo=timezone.utc).timestamp() for r in rows[1:]]
    check(tag + "newest first", all(a >= b for a, b in zip(moments, moments[1:])), True)
    within(tag + "edge", moments[-1], when(6, 20), when(6, 20, 8))
    check(tag + "no look-alike domain", sum("1arkmoor" in x for r in rows for x in r), 0)
    check(tag + "B10 forwards", sum(r[2] == "soc@larkmoor.example" and t > when(7, 16, 15) for r, t in zip(rows[1:], moments)), 40)


def edr(folder, want):
    tag = want["name"] + " edr "
    data = unzst(folder + "/edr/edr-events-2020-07-17.csv.zst")
    check(tag + "UTF-16LE with its mark", data[:2], b"\xff\xfe")
    rows = list(csv.reader(io.StringIO(data[2:].decode("utf-16-le")), delimiter=";"))
    head, rows = rows[0], [dict(zip(rows[0], r)) for r in rows[1:]]
    check(tag + "columns", (len(head), head[0]), (14, "Date and time"))
    check(tag + "records", len(rows), want["edr"])
    machines = {r["Computer"] for r in rows}
    check(tag + "24 workstations, no servers", (len(machines), sum(m.startswith(("ws-", "lab-kiosk-", "soc-")) for m in machines)), (24, 24))
    days = [datetime.strptime(r["Date and time"], "%d/%m/%Y %H:%M:%S") for r in rows]
    check(tag + "days", (min(days).strftime("%m-%d"), max(days).strftime("%m-%d")), ("06-17", "07-17"))            # UK time
    check(tag + "B16 renames of the migration", sum(int(r["Count"]) for r in rows if r["Event"] == "Files renamed"), 20_000)
    check(tag + "B12 avamar.exe", sum("avamar.exe" in r["Process"] for r in rows) > 100, True)
    alerts = list(csv.DictReader(open(folder + "/av/av-alerts-2020-07-17.csv", newline="")))
    check(want["name"] + " av records", len(alerts), want["alerts"])
    check(want["name"] + " av nothing of the campaign", [a for a in alerts if re.search("well|sore|apt", a["Threat name"], re.I)], [])


# ---- mail and trees -----------------------------------------------------------------------------

def unrewrite(url):
    m = re.match(r"https://urldefense\.proofpoint\.com/v2/url\?u=([^&]+)&", url)
    return re.sub(r"-([0-9A-F]{2})", lambda h: chr(int(h.group(1), 16)), m.group(1).replace("_", "/")) if m else url


def links(message):
    found = []
    for part in message.walk():
        if part.get_content_maintype() == "text":
            found += [unrewrite(u) for u in re.findall(r"https?://[^\s\"<>]+", part.get_content())]
    return found


def mail(folder, want):
    tag = want["name"] + " mail "
    messages = {}
    with tarfile.open(fileobj=io.BytesIO(unzst(folder + "/mail/mail.tar.zst"))) as tar:
        for member in tar:
            messages[member.name] = email.message_from_bytes(tar.extractfile(member).read(), policy=email.policy.default)
    check(tag + "files", len(messages), want["eml"])
    box = open(folder + "/mail/methods-list.mbox", "rb").read()
    check(tag + "mbox messages", len(re.findall(rb"(?m)^From \S+ \w{3} \w{3} ", box)), 72)
    forwards = [m for n, m in messages.items() if "/forwards/" in n]
    check(tag + "B10 forwards", len(forwards), 40)
    check(tag + "B10 after publication", all(m["Date"].datetime.timestamp() > when(7, 16, 14) for m in forwards), True)
    check(tag + "B10 all name the addresses", all("103" in m.get_body().get_content() and ("103.253.41.102" in m.get_body().get_content()
                                                  or "103[.]253[.]41[.]102" in m.get_body().get_content()) for m in forwards), True)
    lures = {n: m for n, m in messages.items() if any("//login-1arkmoor.example/" in u for u in links(m))}
    check(tag + "B17 HR", sum(m["Subject"].startswith("Reset your password") for m in messages.values()), 4)
    check(tag + "B17 invitations and lists", sum(m["From"].addresses[0].domain.startswith(("congress-", "journal-", "bulkletters", "lists.")) for m in messages.values()), 34)
    if not want["campaign"]:
        check(tag + "no lure", list(lures), [])
        return
    direct = {n: m for n, m in lures.items() if "/reports/" not in n}
    check(tag + "T07 recipients", sorted(m["To"].addresses[0].username for m in direct.values()), ["h.lindqvist", "m.okafor", "p.devlin", "s.nakamura"])
    check(tag + "T07 held", [m["To"].addresses[0].username for n, m in direct.items() if "/quarantine/" in n], ["s.nakamura"])
    check(tag + "T07 time", {m["Date"].datetime.astimezone(timezone.utc).strftime("%m-%d %H:%M") for m in direct.values()}, {"04-28 09:05"})
    check(tag + "T07 links rewritten in the delivered three", sum("urldefense.proofpoint.com" in m.get_body().get_content() for m in direct.values()), 3)
    reports = [m for n, m in lures.items() if "/reports/" in n]
    inner = [p for m in reports for p in m.walk() if p.get_content_type() == "message/rfc822"]
    check(tag + "T07 report holds the original", [p.get_content()["To"].addresses[0].username for p in inner], ["h.lindqvist"])


WELLMESS_STRINGS = (b"botlib.wellMess", b"botlib.Command", b"botlib.Download", b"botlib.AES_Encrypt", b"/home/ubuntu/GoProject/src/bot/botlib", b"<;head;>")


def trees(folder, want):
    tag = want["name"] + " files "
    content, info = {}, {}
    for name in ("bkp-app-03", "ctx-gw-01", "soc-share"):
        with tarfile.open(fileobj=io.BytesIO(unzst("%s/files/%s.tar.zst" % (folder, name)))) as tar:
            for member in tar:
                content[member.name] = tar.extractfile(member).read()
                info[member.name] = member
    check(tag + "files", len(content), want["files"])
    elfs = [n for n, d in content.items() if d.startswith(b"\x7fELF")]
    inert = True
    for name in elfs:
        data = content[name]
        # No program headers, no sections, no entry point; after the strings nothing but zero.
        inert = inert and int.from_bytes(data[24:32], "little") == 0 and int.from_bytes(data[56:58], "little") == 0 and int.from_bytes(data[60:62], "little") == 0
        inert = inert and not any(data[64:4096]) and data[-4096:] == bytes(4096) and b"INERT DEMO FILE" in data
    check(tag + "every ELF is inert", inert, True)
    implant = [n for n, d in content.items() if all(s in d for s in WELLMESS_STRINGS) and d.startswith(b"\x7fELF")]
    check(tag + "B12 packaged watchdogd and client", [n in content for n in ("bkp-app-03/usr/sbin/watchdogd", "bkp-app-03/srv/install/windows/avamar.exe")], [True, True])
    pem = re.sub(rb"-----.*?-----|\n", b"", content["bkp-app-03/etc/bkp/trust/inst-ms-02.pem"])
    check(tag + "B08 short key identifier", bytes.fromhex("0603551d0e0406040400a71c02") in base64.b64decode(pem), True)
    check(tag + "B10 list holds all addresses", len(re.findall(rb"(?m)^ipv4,", content["soc-share/advisories/2020-07-16-apt29/iocs.csv"])), ADVISORY_COUNT)
    check(tag + "B10 query export", content["soc-share/exports/siem-queries-2020-07-16.jsonl"].count(b"\n"), 52)
    nobody = re.findall(rb"(?m)^Apr 16 (\S+) \S+ \S+ \S+ nobody \(null\) on \(null\) shell_command=\"(.*)\"$", content["ctx-gw-01/var/log/bash.log"])
    templates = {n.rsplit("/", 1)[1]: d for n, d in content.items() if "/netscaler/portal/templates/" in n and n.endswith(".xml")}
    if not want["campaign"]:
        check(tag + "no implant, no shell of nobody, no template", (implant, nobody, templates), ([], [], {}))
        check(tag + "no C=Tunis in a file", [n for n, d in content.items() if b"VHVuaXMx" in d or b"BgNVBAYTBVR1bmlzMQ" in d], [])
        return
    check(tag + "T05", implant, ["bkp-app-03/opt/.avamar/watchdogd"])
    check(tag + "T05 time", info[implant[0]].mtime, int(when(4, 20, 1, 40, 6)))
    check(tag + "T05 cron", content["bkp-app-03/etc/cron.d/avamar-wd"], b"*/30 * * * * root /opt/.avamar/watchdogd >/dev/null 2>&1\n")
    check(tag + "T03 shell", [t for t, _ in nobody], [b"02:14:03", b"02:14:12", b"02:14:20", b"02:14:32"])
    check(tag + "T03 copy of the configuration", any(b"cp /nsconfig/ns.conf" in c for _, c in nobody), True)
    check(tag + "T03 templates", sorted(templates), ["hdlqmvea.xml", "kqvzmtrw.xml", "xrwpjbnc.xml"])
    check(tag + "T03 served size is the file's", (len(templates["hdlqmvea.xml"]), templates["hdlqmvea.xml"][:3]), (48_312, b"#NS"))
    check(tag + "T03 bind account in it", b"svc-ldap-ctx@larkmoor.example" in templates["hdlqmvea.xml"], True)
    check(tag + "T03 httperror", b"curl: (35)" in content["ctx-gw-01/var/log/httperror.log"], True)


UNSEEN = ["ctx-gw-02", "eln-01", "git-01", "hpc-login-01", "jump-01", "prn-lab-03", "seq-core-01", "sql-res-01", "ws-vx-18", "ws-vx-19", "ws-vx-20", "ws-vx-21"]


def profile(root):
    """58 hosts; 46 of them leave a record somewhere, by name or by a fixed address; 12 leave none."""
    text = open(root + "/profile.yaml").read()
    hosts = re.findall(r"(?m)^  - \{name: (\S+), kind: \w+(?:, addresses: \[(.*?)\])?\}", text)
    check("profile hosts", len(hosts), 58)
    for case in EXPECTED:
        folder = root + "/" + case
        words = set()
        for r in access(gzip.open(folder + "/gateway/loghost/ctx-gw-01/httpaccess.log.gz").read().splitlines()):
            words.add(r.client)
        words.add("ctx-gw-01")
        for name in os.listdir(folder + "/proxy"):
            for e in json_lines(unzst(folder + "/proxy/" + name)):
                words.update((e["source"]["ip"], e["observer"]["name"]))
        for name, log in zeek_day_logs(folder):
            if "/conn." in name:
                for r in zeek_rows(log, name):
                    words.update((r["id.orig_h"], r["id.resp_h"]))
        for part in ("windows", "fileserver"):
            for _, rows in winlog(folder, part):
                for e in rows:
                    words.add(e["host"]["name"])
                    words.add(e["winlog"].get("event_data", {}).get("IpAddress", "").replace("::ffff:", ""))
        check(case + " hosts without any record", sorted(n for n, a in hosts if not ({n} | set(a.split(", ") if a else [])) & words), UNSEEN)


def sizes(root):
    total = {}
    for name in EXPECTED:
        total[name] = sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(os.path.join(root, name)) for f in fs)
    within("size of both cases", sum(total.values()), 1, 30_000_000)
    return total


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    for name, want in EXPECTED.items():
        want = dict(want, name=name)
        folder = os.path.join(root, name)
        gateway(folder, want)
        vpn(folder, want)
        firewall(folder, want, zeek(folder, want, proxy(folder, want)))
        windows(folder, want)
        fileserver(folder, want)
        linux(folder, want)
        dhcp(folder, want)
        trace(folder, want)
        edr(folder, want)
        mail(folder, want)
        trees(folder, want)
        check(name + " records of all sources", sum(v for k, v in EXPECTED[name].items() if k != "campaign"), 652_773 if want["campaign"] else 430_118)
    profile(root)
    total = sizes(root)
    for failure in failures:
        print("WRONG  " + failure)
    print("%d checks right, %d wrong; %s" % (passed, len(failures), ", ".join("%s %.1f MB" % (n, t / 1e6) for n, t in total.items())))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
