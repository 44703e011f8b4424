#!/usr/bin/env python3
"""Looks at an answer with code of its own: opens the cited evidence itself and shares nothing with the program.

  answer.py schema ANSWER SCHEMA        the answer against docs/answer.schema.json (the keywords that the schema uses)
  answer.py facts ANSWER                planted facts of the demo's intrusion case: found, and cited by record
  answer.py support ANSWER              what supports access, malware, exfiltration and ongoing must be campaign records
  answer.py odds A B LIMIT [QUESTION..] no question moves by more than LIMIT in log10 odds (model_probability)
  answer.py same_findings A B [bounded]   the same findings in another place: terms, probabilities, bytes (or bounds that hold them), sightings without places
  answer.py lines ANSWER                record counts against a count of lines
  answer.py cited ANSWER QUESTION       the records cited for a question, for people
  answer.py walk ASSAY CASE N [SEED]    for N random findings: the shell command that explain prints gives bytes of the cited
                                        length with the hash that explain prints
Each line of output: "ok TITLE" or "FAILED TITLE", and a detail after a tab.
"""

import gzip
import hashlib
import io
import json
import math
import os
import random
import re
import subprocess
import sys
import tarfile


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


bad = 0


def tell(good, title, detail=""):
    global bad
    bad += not good
    detail = str(detail).replace("\n", " ")[:600]
    print(("ok " if good else "FAILED ") + title + ("\t" + detail if detail and not good else ""))


# ---- evidence ---------------------------------------------------------------------------------------

class Evidence:
    def __init__(self, answer):
        self.items = {e["id"]: e for e in answer["evidence"]}
        self.kept = {}

    def content(self, ident):
        """All bytes of an item, through its containers."""
        if ident in self.kept:
            return self.kept[ident]
        item = self.items[ident]
        if not item["parent"]:
            with open(item["path"], "rb") as f:
                data = f.read()
        else:
            parent = self.items[item["parent"]]
            outer = self.content(item["parent"])
            if parent["shape"] == "gzip":
                data = gzip.decompress(outer)
            elif parent["shape"] == "zstd":
                data = subprocess.run(["zstd", "-dqc"], input=outer, stdout=subprocess.PIPE, check=True).stdout
            elif parent["shape"] == "tar":
                if ("tar", item["parent"]) not in self.kept:
                    with tarfile.open(fileobj=io.BytesIO(outer)) as tar:
                        self.kept["tar", item["parent"]] = {m.name: tar.extractfile(m).read() for m in tar.getmembers() if m.isfile()}
                data = self.kept["tar", item["parent"]][item["member"]]
            else:
                raise ValueError("parent of shape " + str(parent["shape"]))
        self.kept[ident] = data
        return data

    def record(self, ref):
        return self.content(ref["evidence"])[ref["offset"]: ref["offset"] + ref["length"]]

    def path(self, ref):
        return self.items[ref["evidence"]]["path"]


# ---- schema -----------------------------------------------------------------------------------------

def validate(value, schema, root, where, problems):
    if len(problems) > 20:
        return
    if "$ref" in schema:
        target = root
        for step in schema["$ref"].lstrip("#/").split("/"):
            target = target[step]
        validate(value, target, root, where, problems)
    kinds = {"object": dict, "array": list, "string": str, "null": type(None), "boolean": bool}
    if "type" in schema:
        wanted = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        fits = any(
            (isinstance(value, int) and not isinstance(value, bool)) if k == "integer" else
            (isinstance(value, (int, float)) and not isinstance(value, bool)) if k == "number" else isinstance(value, kinds[k]) for k in wanted)
        if not fits:
            problems.append("%s: %r is no %s" % (where, value, wanted))
            return
    if "const" in schema and value != schema["const"]:
        problems.append("%s: %r is not %r" % (where, value, schema["const"]))
    if "enum" in schema and value not in schema["enum"]:
        problems.append("%s: %r is none of %r" % (where, value, schema["enum"]))
    if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
        problems.append("%s: %r does not match %s" % (where, value, schema["pattern"]))
    if "minLength" in schema and isinstance(value, str) and len(value) < schema["minLength"]:
        problems.append("%s: too short" % where)
    for key, wrong in (("minimum", lambda v, limit: v < limit), ("maximum", lambda v, limit: v > limit)):
        if key in schema and isinstance(value, (int, float)) and wrong(value, schema[key]):
            problems.append("%s: %r is beyond its %s" % (where, value, key))
    if isinstance(value, dict):
        for key in schema.get("required", []):
            if key not in value:
                problems.append("%s: no %s" % (where, key))
        for key, inner in value.items():
            if key in schema.get("properties", {}):
                validate(inner, schema["properties"][key], root, where + "." + key, problems)
            elif isinstance(schema.get("additionalProperties"), dict):
                validate(inner, schema["additionalProperties"], root, where + "." + key, problems)
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0) or len(value) > schema.get("maxItems", len(value)):
            problems.append("%s: %d items" % (where, len(value)))
        for i, inner in enumerate(value):
            if "items" in schema:
                validate(inner, schema["items"], root, "%s[%d]" % (where, i), problems)
    if "oneOf" in schema:
        fitting = 0
        for option in schema["oneOf"]:
            inside = []
            validate(value, option, root, where, inside)
            fitting += not inside
        if fitting != 1:
            problems.append("%s: fits %d of oneOf" % (where, fitting))
    if "if" in schema:
        inside = []
        validate(value, schema["if"], root, where, inside)
        if not inside and "then" in schema:
            validate(value, schema["then"], root, where, problems)
        if inside and "else" in schema:
            validate(value, schema["else"], root, where, problems)


def schema(answer, page):
    problems = []
    root = load(page)
    answer = load(answer)
    validate(answer, root, root, "answer", problems)
    tell(not problems, "the answer fits its schema", "; ".join(problems[:5]))
    if "sightings" not in answer:  # a return
        return
    # What the schema cannot say.
    ids = [s["id"] for s in answer["sightings"]]
    tell(len(ids) == len(set(ids)), "sighting ids are unique")
    labels = [s["finding"] for s in answer["sightings"] if s["finding"]]
    tell(len(labels) == len(set(labels)), "finding numbers are unique")
    items = {e["id"]: e for e in answer["evidence"]}
    wrong = [s["id"] for s in answer["sightings"] for r in s["records"] if r["evidence"] not in items or r["offset"] + r["length"] > items[r["evidence"]]["bytes"]]
    tell(not wrong, "every reference lies inside its evidence", wrong[:5])
    known = set(ids)
    if answer["sightings_total"] <= 10_000:
        tell(answer["sightings_total"] == len(ids), "sightings_total", (answer["sightings_total"], len(ids)))
        lost = [b for q in answer["questions"] for b in q["because"] + q["against"] for b in b["sightings"] if b not in known]
        tell(not lost, "every reason names sightings that are there", lost[:5])
    parents = [e["id"] for e in answer["evidence"] if e["parent"] and e["parent"] not in items]
    tell(not parents, "every parent is there", parents[:5])
    total = [q["id"] for q in answer["questions"]]
    tell(sorted(total) == sorted(["targeted", "access", "malware", "exfiltration", "impact", "actor", "ongoing"]), "all seven questions", total)
    for q in answer["questions"]:
        p = q["model_probability"]
        tell(0.0 < p < 1.0, q["id"] + ": no probability is 0 or 1", p)


# ---- ground truth of the demo -------------------------------------------------------------------------

C2, MAIL_C2, LURE = b"103.253.41.102", b"111.90.150.140", b"login-1arkmoor.example"


def lure_mail(text):
    return LURE in text or b"login-2D1arkmoor.example" in text or b"login-1arkmoor" in text.replace(b"=\r\n", b"").replace(b"=\n", b"")


def campaign(path, raw, evidence):
    """The ground-truth row that a cited record belongs to, or None. Written from docs/demo.md alone."""
    name = path.rsplit("!", 1)[-1].rsplit("/", 1)[-1]
    if "httpaccess" in path and "/gateway/" in path:
        return "T02/T03" if raw.startswith(b"198.18.77.41 ") else None
    if "files/ctx-gw-01" in path:
        if name in ("bash.log", "httperror.log") or re.fullmatch(r"(kqvzmtrw|xrwpjbnc|hdlqmvea)\.xml.*", name):
            return "T03"
        return None
    if "files/bkp-app-03" in path:
        return "T05" if re.search(r"opt/\.avamar/watchdogd$|etc/cron\.d/avamar-wd$", path) else None
    if "/proxy/" in path:
        event = json.loads(raw)
        source = event["source"]["ip"]
        if event["destination"]["ip"] == C2.decode() and source == "10.20.30.13":
            return "T06"
        if source == "10.20.50.117" and "2020-04-28T09:41:02" <= event["@timestamp"] <= "2020-04-28T09:42:32" and event.get("user", {}).get("name") == "m.okafor":
            return "T09"
        return None
    if "/zeek/" in path:
        fields = raw.decode("latin-1").rstrip("\n").split("\t")
        day = float(fields[0])
        text = "\t".join(fields)
        if "\t10.20.40.7\t" in text and "\t111.90.150.140\t" in text:
            return "T11/T14"
        if "x509" in name and "C=Tunis" in text:
            return "T11/T14"
        if "103.253.41.102" in text and "\t192.0.2.30\t" in text:
            return "T06" if day < 1594931400 else None  # 16 Jul 20:30: after it only the sandbox
        if LURE.decode() in text and 1588066862 <= day <= 1588066960:
            return "T09"
        return None
    if "/mail/" in path:
        whole = next((evidence.content(i) for i, e in evidence.items.items() if e["path"] == path), raw)
        return "T07" if lure_mail(whole) and "/forwards/" not in path else None
    if "/fileserver/" in path:
        event = json.loads(raw)["winlog"]["event_data"]
        return "T12" if event["SubjectUserName"] == "m.okafor" and event["IpAddress"] == "10.20.40.7" else None
    if "/windows/" in path:
        return "T17" if b'"event_id":1102' in raw and b"ws-vx-03" in raw else None
    if "/vpn/" in path:
        return "T10/T16" if b"User m.okafor - Client_ip 198.18.140." in raw else None
    if "/firewall/" in path:
        if b"srcip=10.20.40.7 " in raw and b"dstip=111.90.150.140 " in raw:
            return "T11/T15"
        if b"srcip=192.0.2.30 " in raw and b"dstip=103.253.41.102 " in raw:
            return "T06" if int(re.search(rb"eventtime=(\d{10})", raw).group(1)) < 1594931400 else None
        return None
    if "/linux/" in path:
        if b"svc-ldap-ctx" in raw:
            return "T04/T05"
        return "T13" if b"/var/tmp/.c" in raw or b"Accepted password for m.okafor" in raw else None
    return None


def look_alike(path, raw):
    """Which of B01 to B20 a record is, as far as it can be told from the record."""
    text = raw.decode("latin-1")
    if "httpaccess" in path and "/gateway/" in path:
        client = text.split(" ", 1)[0]
        return {"192.0.2.250": "B03 own scanner", "185.145.128.35": "B02 listed scanner"}.get(
            client, "T01 scan" if client in ("198.51.100.77", "203.0.113.142") else "B01 probe" if re.search(r"vpns/|dana-na|fgt_lang", text) else "gateway visitor " + client)
    if "soc-share" in path:
        return "B10 the SOC's copies"
    if "/forwards/" in path:
        return "B10 forwarded mail"
    if "/zeek/" in path:
        for mark, title in (("146.0.76.37", "B11"), ("203.0.113.240", "B05"), ("198.51.100.240", "B05"), ("203.0.113.23", "B05 video"), ("203.0.113.77", "B06"),
                            ("\t123\t", "B06 time"), ("203.0.113.70", "B06"), ("10.20.60.", "B09"), ("C=United Kingdom", "B08"), ("O=IT", "B08"), ("185.145.128.35", "B02"),
                            ("192.0.2.250", "B03"), ("\t25\t", "B04"), ("103.253.41.102", "B09 sandbox behind the proxy")):
            if mark in text:
                return title
    if "/proxy/" in path:
        for mark, title in (("146.0.76.37", "B11"), ('"10.20.60.', "B09"), ('"10.20.1.25"', "T08 mail gateway"), ("cookie", "B07")):
            if mark in text:
                return title
        return "B06 or other proxy traffic"
    if "/files/" in path:
        return "B12 or other file"
    if "/mail/" in path:
        return "B17 or other mail"
    if "/windows/" in path or "/fileserver/" in path:
        return "B14, B16, B18 or other event"
    for part, title in (("/vpn/", "B13, B14, B15, B20 or other session"), ("/firewall/", "B05, B19, B20 or other flow"), ("/linux/", "B14, B16, B20 or other"),
                        ("/edr/", "B12, B16 or other"), ("/av/", "ordinary alert"), ("/mail-trace/", "ordinary mail"), ("/dhcp/", "lease")):
        if part in path:
            return title
    return "other"


def support(path):
    answer = load(path)
    evidence = Evidence(answer)
    by_id = {s["id"]: s for s in answer["sightings"]}
    for q in answer["questions"]:
        if q["id"] not in ("access", "malware", "exfiltration", "ongoing"):
            continue
        offenders = []
        for reason in q["because"]:
            if reason["log10_lr"] <= 0:
                continue
            for ident in reason["sightings"]:
                s = by_id.get(ident)
                if s is None:
                    offenders.append("unknown sighting " + ident)
                    continue
                for ref in s["records"]:
                    where, raw = evidence.path(ref), evidence.record(ref)
                    if campaign(where, raw, evidence) is None:
                        offenders.append("%s %s (%s, log10 %.2f) rests on %s in %s: %s" % (
                            s["finding"], s["detector"]["id"], s["detector"]["title"], reason["log10_lr"], look_alike(where, raw), where, raw[:160]))
                        break
        tell(not offenders, q["id"] + ": supported by campaign records alone", "%d others: %s" % (len(offenders), " | ".join(offenders[:4])))


def facts(path):
    answer = load(path)
    evidence = Evidence(answer)
    cited = []  # (sighting, path, raw)
    for s in answer["sightings"]:
        for ref in s["records"]:
            cited.append((s, evidence.path(ref), evidence.record(ref)))

    def found(title, where, text, more=lambda s: True):
        hits = [s for s, p, raw in cited if re.search(where, p) and re.search(text, raw, re.S) and more(s)]
        tell(bool(hits), title, "no sighting cites a record of %s with %r" % (where, text))
        return hits

    gateway = r"/gateway/.*httpaccess"
    found("T01 the scan of 14 April is seen", gateway, rb"^(198\.51\.100\.77|203\.0\.113\.142) .*14/Apr/2020:08:3")
    found("T02 the request of 16 Apr 02:12:07", gateway, rb"^198\.18\.77\.41 .*16/Apr/2020:02:12:07 .*newbm\.pl.* 200 ")
    found("T02 the template is fetched 4 s later", gateway, rb"^198\.18\.77\.41 .*16/Apr/2020:02:12:11 .*kqvzmtrw\.xml.* 200 ")
    found("T03 the second pair", gateway, rb"^198\.18\.77\.41 .*16/Apr/2020:02:14:0[26] ")
    found("T03 the configuration is served, 48,312 B", gateway, rb"^198\.18\.77\.41 .*16/Apr/2020:02:14:41 .*hdlqmvea\.xml.* 200 48312 ")
    found("T03 files on the gateway", r"files/ctx-gw-01.*(bash\.log|httperror\.log|templates/)", rb".")
    found("T04 svc-ldap-ctx from the gateway's inside address", r"/linux/bkp-app-03", rb"svc-ldap-ctx.*10\.20\.1\.10")
    found("T05 the cron line in audit", r"/linux/bkp-app-03", rb"/etc/cron\.d/avamar-wd")
    found("T05 the WellMess file", r"opt/\.avamar/watchdogd$", rb".")
    beacons = found("T06 beacons in the proxy's log", r"/proxy/", rb"10\.20\.30\.13.*103\.253\.41\.102")
    tell(any(s["time"] == "2020-04-20T02:00:11.312Z" and s["until"] == "2020-07-16T18:20:03.871Z" and s["count"] == 2100 for s in beacons),
         "T06 2,100 beacons, 20 Apr 02:00:11.312 to 16 Jul 18:20:03.871", [(s["detector"]["id"], s["time"], s["until"], s["count"]) for s in beacons])
    tell(any(s["count"] == 1836 for s in beacons), "T06 1,836 cookies in the WellMess structure", sorted({(s["detector"]["id"], s["count"]) for s in beacons}))
    wire = found("T06 beacons in Zeek, as the proxy", r"/zeek/.*(conn|http)", rb"192\.0\.2\.30\t.*103\.253\.41\.102")
    tell(any(s["host"] == "bkp-app-03" for s in beacons), "T06 the host is bkp-app-03", sorted({str(s["host"]) for s in beacons}))
    found("T07 the lure", r"/mail/", rb"1arkmoor")
    found("T09 the form is sent, 412 B", r"/proxy/", rb"2020-04-28T09:42:31\.880Z.*10\.20\.50\.117.*\"bytes\":412")
    given = [s for s in answer["sightings"] if s["detector"]["id"] == "analytic.credential-given"]
    tell([s["host"] for s in given] == ["ws-vx-01"], "T09 the host is ws-vx-01, by its lease", [s["host"] for s in given])
    sessions = {raw for s, p, raw in cited if "/vpn/" in p and b"User m.okafor - Client_ip 198.18.140." in raw}
    tell(len({re.search(rb"SessionId: (\d+)", raw).group(1) for raw in sessions}) == 7, "T10 seven sessions with the stolen password", len(sessions))
    mail = found("T11 TLS to 111.90.150.140:25", r"/zeek/.*(conn|ssl)", rb"10\.20\.40\.7\t\d+\t111\.90\.150\.140\t25\t")
    tell(any(s["count"] == 31 for s in mail), "T11 31 sessions", [(s["detector"]["id"], s["count"]) for s in mail])
    tell(any(s["host"] == "stats-07" for s in mail), "T11 the host is stats-07", [str(s["host"]) for s in mail])
    found("T11 the certificate", r"/zeek/.*x509", rb"C=Tunis")
    found("T12 reads in vx19", r"/fileserver/", rb"m\.okafor.*10\.20\.40\.7")
    found("T13 the share is packed", r"/linux/stats-07", rb"/var/tmp/\.c/w\.", lambda s: "2020-05-20T23:09" < s["time"] < "2020-05-20T23:28")
    found("T16 the session of 2 July was served 88,070,144 B", r"/vpn/", rb"User m\.okafor - Client_ip 198\.18\.140\.90 .*Total_bytes_recv 88070144")
    found("T14 the flows of 21 May", r"/zeek/.*(conn|ssl)", rb"10\.20\.40\.7\t\d+\t111\.90\.150\.140\t443\t")
    found("T17 the log is cleared on ws-vx-03", r"/windows/", rb"\"event_id\":1102.*ws-vx-03")
    # Sums.
    reached = answer["exfiltration"]["reached"]
    tell(reached["reads"] == 3870, "T12 3,870 reads", reached)
    tell(any("vx19" in w for w in reached["where"]), "T12 in vx19", reached["where"])
    tell(answer["exfiltration"]["staged"]["bytes"] == 412 << 20, "T13 staged: at least 412 MiB", answer["exfiltration"]["staged"])
    counters = [n for n in answer["notices"] if n["kind"] == "bogus_counter"]
    tell(bool(counters), "T14 the bogus counter is noticed", counters)
    for destination in (C2, MAIL_C2):
        tell(any(destination.decode() in d for d in answer["exfiltration"]["destinations"]), "left to " + destination.decode(), answer["exfiltration"]["destinations"])
    for host in ("bkp-app-03", "stats-07"):
        tell(host in answer["exfiltration"]["hosts"], "left from " + host, answer["exfiltration"]["hosts"])
    latest = answer["scope"]["latest"]["seen"]
    tell(latest is not None and latest.startswith("2020-07-16T18:20:03"), "latest: 16 Jul 18:20:03", latest)
    earliest = answer["scope"]["earliest"]["seen"]
    tell(earliest is not None and earliest.startswith("2020-04-16T02:12:07"), "earliest: 16 Apr 02:12:07", earliest)


# ---- comparisons ----------------------------------------------------------------------------------------

def log_odds(p):
    return math.log10(p / (1 - p))


def odds(first, second, limit, *only):
    a, b = load(first), load(second)
    after = {q["id"]: q for q in b["questions"]}
    for q in a["questions"]:
        if only and q["id"] not in only:
            continue
        other = after[q["id"]]
        moved = abs(log_odds(q["model_probability"]) - log_odds(other["model_probability"]))
        tell(moved <= float(limit), q["id"] + " does not move", "by %.3f: %s -> %s" % (moved, q["model_probability"], other["model_probability"]))
        tell((q["state"], q["term"]) == (other["state"], other["term"]), q["id"] + ": the same term", (q["state"], q["term"], other["state"], other["term"]))


def same_findings(first, second, bounded=None):
    a, b = load(first), load(second)
    for q in a["questions"]:
        other = next(x for x in b["questions"] if x["id"] == q["id"])
        tell(all(q[k] == other[k] for k in ("state", "term", "model_probability", "confidence")), q["id"] + ": the same judgement",
             [(k, q[k], other[k]) for k in ("state", "term", "model_probability", "confidence") if q[k] != other[k]])
    left, again = a["exfiltration"]["left"], b["exfiltration"]["left"]
    if bounded:
        tell(again["low"] <= left["low"] <= left["high"] <= again["high"], "the bytes lie within the bounds", (left, again))
    else:
        tell(left == again, "the same bytes", (left, again))
    tell(a["exfiltration"]["reached"]["reads"] == b["exfiltration"]["reached"]["reads"], "the same reads", (a["exfiltration"]["reached"], b["exfiltration"]["reached"]))

    def face(s):
        return (s["detector"]["id"], s["host"], s["account"], s["time"], s["until"], s["count"], s["role"], s["outcome"], json.dumps(s["fields"], sort_keys=True))

    x, y = sorted(map(str, map(face, a["sightings"]))), sorted(map(str, map(face, b["sightings"])))
    tell(a["sightings_total"] == b["sightings_total"], "the same number of findings", (a["sightings_total"], b["sightings_total"]))
    gone, new = [s for s in x if s not in set(y)], [s for s in y if s not in set(x)]
    tell(not gone and not new, "the same findings with the same counts", "gone: %s new: %s" % (gone[:2], new[:2]))
    tell([(m["advisory"], m["count"]) for m in sorted(a["mentions"], key=str)] != [] or not b["mentions"], "mentions")
    for key in ("hosts", "accounts", "earliest", "latest"):
        tell(a["scope"][key] == b["scope"][key], "the same scope: " + key, (a["scope"][key], b["scope"][key]))


def lines(path):
    answer = load(path)
    evidence = Evidence(answer)
    looked = 0
    for e in answer["evidence"]:
        shape = e["shape"] or ""
        if not e["records"] or not (shape.startswith(("access", "zeek", "json-lines"))):
            continue
        data = evidence.content(e["id"])
        count = data.count(b"\n") + (not data.endswith(b"\n"))
        stated = sum(1 for l in data.splitlines() if l.startswith(b"#")) if shape.startswith("zeek") else 0
        looked += 1
        if e["records"] != count - stated:
            tell(False, "records of " + e["path"], "%d, but %d lines of which %d are headers" % (e["records"], count, stated))
        if e["bytes"] != len(data):
            tell(False, "bytes of " + e["path"], (e["bytes"], len(data)))
    tell(looked > 5, "records and bytes of %d items are those of a count of lines" % looked)


def cited(path, question):
    answer = load(path)
    evidence = Evidence(answer)
    by_id = {s["id"]: s for s in answer["sightings"]}
    q = next(q for q in answer["questions"] if q["id"] == question)
    for reason in q["because"] + q["against"]:
        print("%+.2f %s" % (reason["log10_lr"], reason["reason"]))
        for ident in reason["sightings"][:12]:
            s = by_id[ident]
            print("   %s %s %s %s x%d %s" % (s["finding"], s["detector"]["id"], s["time"], s["host"], s["count"], s["role"]))
            for ref in s["records"][:2]:
                print("      ", campaign(evidence.path(ref), evidence.record(ref), evidence), evidence.path(ref), evidence.record(ref)[:140])


# ---- walking back -----------------------------------------------------------------------------------------

def walk(assay, case, number, seed="1"):
    answer = json.loads(subprocess.run([assay, "assess", "--case", case, "--format", "json"], stdout=subprocess.PIPE, check=True).stdout)
    items = {e["id"]: e for e in answer["evidence"]}
    findings = sorted((s for s in answer["sightings"] if s["finding"]), key=lambda s: s["finding"])
    # Every detector gives at least one, the rest at random.
    chooser = random.Random(int(seed))
    chooser.shuffle(findings)
    chosen, seen = [], set()
    for s in findings:
        if s["detector"]["id"] not in seen:
            seen.add(s["detector"]["id"])
            chosen.append(s)
    rest = [s for s in findings if s not in chosen]
    chosen = (chosen + rest)[: int(number)]
    tell(len(chosen) >= min(int(number), len(findings)), "%d findings of %d" % (len(chosen), len(findings)))
    # One call for all: "F07  title" at the start of a line begins each.
    everything = subprocess.run([assay, "explain", *[s["finding"] for s in chosen], "--case", case], stdout=subprocess.PIPE, check=True).stdout.decode("utf-8")
    blocks = {m.group(1): m.group(0) for m in re.finditer(r"^(F\d+)  .*?(?=^F\d+  |\Z)", everything, re.S | re.M)}
    for s in chosen:
        text = blocks.get(s["finding"], "")
        if not s["records"]:
            tell(False, s["detector"]["title"] + " cites records", s["finding"])
            continue
        place = ascii(re.split("[!/]", items[s["records"][0]["evidence"]]["path"])[-1])[1:-1]
        # The command that shows the bytes stands above the one that hashes them, and the hash below both.
        note = r"(?:\n  note .*(?:\n {14}.*)*)?"
        spans = re.findall(r"^  (\S.*\| head -c (\d+))\n  \1 \| sha256sum" + note + r"\n  sha256 +([0-9a-f]{64})$", text, re.M)
        spans += [(c, n, h) for h, c, n in re.findall(r"whole item +sha256\s+([0-9a-f]{64})\n  (\S.*\| head -c (\d+))\n  \2 \| sha256sum$(?!" + note + r"\n  sha256)", text, re.M)]
        if len(spans) != len(s["records"]):
            tell(False, "%s in %s: a command and a hash for each cited record" % (s["detector"]["title"], place), "%s: %d of %d" % (s["finding"], len(spans), len(s["records"])))
            continue
        good, why = True, ""
        lengths = sorted(str(r["length"]) for r in s["records"])
        if sorted(n for _, n, _ in spans) != lengths:
            good, why = False, "lengths %s, cited are %s" % (sorted(n for _, n, _ in spans), lengths)
        for command, length, digest in (spans if len(spans) < 4 else [spans[0], chooser.choice(spans), spans[-1]]):
            out = subprocess.run(["bash", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            if len(out.stdout) != int(length):
                good, why = False, "%s gives %d bytes; %s" % (command, len(out.stdout), out.stderr[:200])
            elif hashlib.sha256(out.stdout).hexdigest() != digest:
                good, why = False, "%s: its sha256 is not %s" % (command, digest)
        tell(good, "%s in %s walks back to its bytes" % (s["detector"]["title"], place), (s["finding"], why))


def main():
    verb, *rest = sys.argv[1:]
    {"schema": schema, "facts": facts, "support": support, "odds": odds, "same_findings": same_findings, "lines": lines, "cited": cited, "walk": walk}[verb](*rest)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
