#!/usr/bin/env python3
"""Sixty canaries, each a made-up name or number of a person, planted where evidence of a hospital or institute carries such: and a look for
them in what Assay writes.

  canaries.py plant FOLDER        writes the evidence, and FOLDER.txt: one canary a line
  canaries.py look LIST FILE...   prints "ok ..." or "FAILED ..." for each file; a canary is looked for as it is, with its separators
                                  changed, percent-encoded and in base64
All of it lies beside records that are found: hits on a listed address, an exploited gateway, a lure with a look-alike link.
"""
import base64
import json
import os
import re
import sys
import urllib.parse

LISTED = "103.253.41.102"
canaries = []


def person(i):
    """A name that no dictionary holds, and that is easy to look for."""
    first = "Zel" + "bcdfghjklmnp"[i % 12] + "aq"
    last = "Qan" + "arystvwx"[i % 8] + "ovik" + "bcdfghjklmnp"[i % 12]
    return first, last


def plant_name(i, joint):
    first, last = person(i)
    canaries.append(first + joint + last)
    return first + joint + last


def nhs(i):
    """A number with a right check digit (modulus 11)."""
    for number in range(400_000_000 + i * 7919, 999_999_999):
        digits = [int(c) for c in str(number)]
        check = (11 - sum(d * (10 - k) for k, d in enumerate(digits)) % 11) % 11
        if check != 10:
            canaries.append("%d%d" % (number, check))
            return canaries[-1]
    raise ValueError


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def plant(out):
    # Proxy: accounts, numbers and names in links, queries, file names; half of them at a listed address, so that they are findings.
    lines = []
    for i in range(16):
        first, last = person(i)
        account = (first[0] + "." + last).lower()
        canaries.append(account)
        host = LISTED if i % 2 == 0 else "portal.example"
        link = ["/p?patient=%s&mrn=%s" % (plant_name(i, "+"), nhs(i)), "/find?q=%s" % plant_name(i, "%20"), "/letters/%s.pdf" % plant_name(i, "_"),
                "/hl7?id=%s" % nhs(i)][i % 4]
        lines.append(json.dumps({"@timestamp": "2020-05-%02dT10:00:%02dZ" % (1 + i, i), "event": {"category": "web", "dataset": "squid.access"},
                                 "source": {"ip": "10.20.50.%d" % (20 + i)}, "destination": {"ip": host if host == LISTED else "198.18.5.5"},
                                 "user": {"name": "LARKMOOR\\" + account}, "url": {"full": "http://%s%s" % (host, link), "domain": host, "path": link},
                                 "http": {"request": {"method": "POST", "body": {"bytes": 1100}}, "response": {"status_code": 200}}}))
    lines.insert(5, '{"@timestamp": "2020-05-05T10:00:00Z", "user": {"name": "%s", broken' % plant_name(16, " "))
    write(out + "/proxy.json", ("\n".join(lines) + "\n").encode())
    # Gateway: the exploit, with names in what was asked for and in the login.
    lines = []
    for i in range(17, 21):
        lines.append('198.18.77.%d - - [16/Apr/2020:02:12:%02d +0000] "POST /vpn/../vpns/portal/scripts/newbm.pl?u=%s HTTP/1.1" 200 150 "-" "curl"'
                     % (i, i, plant_name(i, "+")))
        lines.append('198.18.77.%d - - [16/Apr/2020:02:12:%02d +0000] "GET /vpns/portal/kq%dz.xml HTTP/1.1" 200 950 "https://x.example/?nhs=%s" "curl"' % (i, i + 4, i, nhs(i)))
    write(out + "/gateway/ctx-gw-01/httpaccess.log", ("\n".join(lines) + "\n").encode())
    # Mail: subject, body, attachment name, sender's display name, recipients; a listed link makes each a finding.
    for i in range(21, 27):
        subject, body, display, attachment = plant_name(i, " "), nhs(i), plant_name(i + 6, " "), plant_name(i + 12, "_")
        write(out + "/mail/%s.eml" % plant_name(i + 18, "-"), (
            "Return-Path: <x@login-1arkmoor.example>\r\nReceived: from mail.example (mail.example [%s]) by mx-01.larkmoor.example; Tue, 28 Apr 2020 09:05:%02d +0000\r\n"
            "From: \"%s\" <x@login-1arkmoor.example>\r\nTo: m.okafor@larkmoor.example\r\nSubject: Results of %s\r\nDate: Tue, 28 Apr 2020 09:05:%02d +0000\r\n"
            "Message-ID: <%d@mail.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
            "Patient %s, see http://%s/x and http://login-1arkmoor.example/y\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"%s.pdf\"\r\n\r\n"
            "x\r\n--b--\r\n" % (LISTED, i, display, subject, i, i, body, LISTED, attachment)).encode())
    # Files: names of documents and home folders; a file of the malware's name lies beside them.
    for i in range(45, 50):
        write(out + "/files/fs-res-01/vx19/%s.docx" % plant_name(i, "_"), b"x")
    first, last = person(50)
    canaries.append((first + "." + last).lower())
    write(out + "/files/bkp-app-03/home/%s/notes.txt" % canaries[-1], ("see " + LISTED + "\n").encode())
    # Certificates on the wire, to the listed address and the malware's port.
    columns = "ts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tversion\tcipher\tserver_name\tsubject\tissuer\tclient_subject"
    types = "time\tstring\taddr\tport\taddr\tport\tstring\tstring\tstring\tstring\tstring\tstring"
    head = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tssl\n#fields\t%s\n#types\t%s\n" % (columns, types)
    rows = ""
    for i in range(51, 54):
        name = plant_name(i, " ")
        rows += "158895%d000.0\tC%d\t10.20.40.7\t5000%d\t111.90.150.140\t25\tTLSv12\tX\t-\tCN=%s,O=IT,C=Tunis\tO=IT,C=Tunis\tCN=%s,OU=Staff,DC=larkmoor\n" % (i % 10, i, i % 10, name, name)
    write(out + "/zeek/ssl.log", (head + rows).encode())
    with open(out + ".txt", "w", encoding="utf-8") as file:
        file.write("\n".join(dict.fromkeys(canaries)) + "\n")
    print(len(dict.fromkeys(canaries)))


def forms(canary):
    parts = [p for p in re.split(r"%20|[^A-Za-z0-9]+", canary) if p]
    wanted = {canary, urllib.parse.quote(canary)} | {j.join(parts) for j in (" ", "_", "-", "+", ".", "^", ", ", "%20", "")}
    if len(parts) == 1 and canary.isdigit() and len(canary) == 10:
        wanted |= {"%s %s %s" % (canary[:3], canary[3:6], canary[6:]), "%s-%s-%s" % (canary[:3], canary[3:6], canary[6:])}
    else:
        wanted |= {p for p in parts if len(p) > 4}  # a family name alone is a name too
    wanted |= {base64.b64encode(w.encode()).decode().rstrip("=")[:-1] for w in list(wanted) if len(w) > 8}
    return {w.lower() for w in wanted if len(w) > 4}


def look(listing, *files):
    with open(listing, encoding="utf-8") as file:
        wanted = {canary: forms(canary) for canary in file.read().split("\n") if canary}
    for path in files:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read().lower()
        found = []
        for canary, ways in wanted.items():
            way = next((w for w in ways if w in text), None)
            if way is not None:
                at = text.index(way)
                found.append("%s in ...%s..." % (canary, text[max(0, at - 60) : at + 40].replace("\n", " ")))
        name = os.path.basename(path)
        print("FAILED none of %d in %s\t%d: %s" % (len(wanted), name, len(found), "; ".join(found[:4])) if found else "ok none of %d in %s" % (len(wanted), name))


if __name__ == "__main__":
    {"plant": plant, "look": look}[sys.argv[1]](*sys.argv[2:])
