#!/usr/bin/env python3
"""Evidence for the scenario tests: made here, inert, the same bytes each time.

  evidence.py proxy FILE N [EVERY]     N proxy events as JSON lines; every EVERY-th goes to a listed address
  evidence.py access FILE N [EVERY]    N lines of an access log; every EVERY-th comes from a listed address
  evidence.py conn FILE N [EVERY]      N lines of a Zeek conn.log; every EVERY-th goes to a listed address
  evidence.py damage FORMAT IN OUT     the same file with damage at known lines, no byte shifted; prints the damaged lines'
                                       "KIND OFFSET LENGTH" and leaves everything else as it was
  evidence.py compare A B SPANS        sightings (jsonl) of the whole and of the damaged file: what differs must touch a span
  evidence.py set DEMO OUT             a small set with every format and container, cut from a demo case, and plain large files
  evidence.py odd OUT                  files that are broken, hostile or no evidence at all
  evidence.py names OUT                files with names that want to be commands

Each hit has its own host and account, so that it is a sighting of its own and a lost one is seen.
"""

import gzip
import io
import json
import os
import random
import socket
import stat
import struct
import subprocess
import sys
import tarfile
import zlib

LISTED = "103.253.41.102"
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
DAY = 86_400
START = 1_588_291_200  # 2020-05-01T00:00:00Z


def clock(second):
    """Days of May and June 2020."""
    day, rest = divmod(second, DAY)
    month, day = (5, day + 1) if day < 31 else (6, day - 30)
    return month, day, rest // 3600, rest // 60 % 60, rest % 60


# ---- one line of each format ----------------------------------------------------------------------

def proxy_line(i, every):
    hit = every and i % every == every // 2
    month, day, hour, minute, second = clock(i * 40 % (55 * DAY))
    address = LISTED if hit else "198.18.%d.%d" % (i // 250 % 200, i % 250 + 1)
    client = "10.20.%d.%d" % (i // every % 200, i // every // 200 + 1) if hit else "10.20.210.%d" % (i % 250 + 1)
    who = "hit%05d" % i if hit else "user%03d" % (i % 300)
    return (
        '{"@timestamp":"2020-%02d-%02dT%02d:%02d:%02d.%03dZ","event":{"category":"web","action":"allowed"},'
        '"source":{"ip":"%s","domain":"h-%s"},"user":{"name":"%s"},"destination":{"ip":"%s","port":80},'
        '"url":{"full":"http://%s/item/%06d","domain":"%s"},"http":{"request":{"method":"GET","bytes":%d},'
        '"response":{"status_code":200,"bytes":%d}},"user_agent":{"original":"Mozilla/5.0 (X11; Linux) plain"},"user_agenX":"second"}\n'
        % (month, day, hour, minute, second, i % 1000, client, who, who, address, address, i, address, 300 + i % 700, 900 + i % 9000)
    )


def access_line(i, every):
    hit = every and i % every == every // 2
    month, day, hour, minute, second = clock(i * 40 % (55 * DAY))
    client = LISTED if hit else "198.18.%d.%d" % (i // 250 % 200, i % 250 + 1)
    host = "h%05d.larkmoor.example" % i if hit else "www.larkmoor.example"
    return '%s:443 %s - - [%02d/%s/2020:%02d:%02d:%02d +0000] "GET /item/%06d HTTP/1.1" 200 %d "-" "Mozilla/5.0 (X11; Linux) plain"\n' % (
        host, client, day, MONTHS[month - 1], hour, minute, second, i, 900 + i % 9000)


CONN_HEADER = (
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n#open\t2020-05-01-00-00-00\n"
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\tlocal_orig\t"
    "local_resp\tmissed_bytes\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\ttunnel_parents\n"
    "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring\tbool\tbool\tcount\tstring\tcount\tcount\tcount\t"
    "count\tset[string]\n")


def conn_line(i, every):
    hit = every and i % every == every // 2
    address = LISTED if hit else "198.18.%d.%d" % (i // 250 % 200, i % 250 + 1)
    client = "10.20.%d.%d" % (i // every % 200, i // every // 200 + 1) if hit else "10.20.210.%d" % (i % 250 + 1)
    return "%d.%06d\tC%017d\t%s\t%d\t%s\t443\ttcp\tssl\t0.%06d\t%d\t%d\tSF\tT\tF\t0\tShADadFf\t9\t%d\t8\t%d\t-\n" % (
        START + i * 40 % (55 * DAY), i % 1_000_000, i, client, 20_000 + i % 40_000, address, i % 1_000_000, 500 + i % 700, 900 + i % 9000,
        900 + i % 700, 1300 + i % 9000)


LINES = {"proxy": ("", proxy_line), "access": ("", access_line), "conn": (CONN_HEADER, conn_line)}


def write_lines(kind, path, n, every=1000):
    header, line = LINES[kind]
    with open(path, "w", encoding="ascii", newline="\n") as out:
        out.write(header)
        for i in range(n):
            out.write(line(i, every))


# ---- damage -----------------------------------------------------------------------------------------

def swap(line, old, new):
    assert len(old) == len(new) and line.count(old) >= 1, (line, old)
    return line.replace(old, new, 1)


def garbage(line):
    return (b"this line is no record {[\"'\\ " * (len(line) // 20 + 1))[: len(line) - 1] + b"\n"


DAMAGE = {
    "proxy": {
        "a byte that is not UTF-8": lambda l: swap(l, b"plain", b"pl\xffin"),
        "a control byte in a value": lambda l: swap(l, b"plain", b"pl\x01in"),
        "a NUL in a value": lambda l: swap(l, b"plain", b"pl\x00in"),
        "a bad escape": lambda l: swap(l, b"plain", b"\\qain"),
        "half a surrogate": lambda l: swap(l, b"Linux)", b"\\ud83d"),
        "a duplicate key": lambda l: swap(l, b"user_agenX", b"user_agent"),
        "a line that is no record": garbage,
        "a quote that never closes": lambda l: swap(l, b'plain"', b"plain_"),
        "a brace that never closes": lambda l: swap(l, b'"second"}', b'"second" '),
        "a brace too many": lambda l: swap(l, b'"second"}', b'"secon"}}'),
        "a bracket that opens": lambda l: swap(l, b'"GET"', b'["GET'),
        "a record cut short": lambda l: l[:100] + b" " * (len(l) - 101) + b"\n",
        "a number that is none": lambda l: swap(l, b":200,", b":2x0,"),
    },
    "access": {
        "a byte that is not UTF-8": lambda l: swap(l, b"plain", b"pl\xffin"),
        "a control byte in a value": lambda l: swap(l, b"plain", b"pl\x01in"),
        "a NUL in a value": lambda l: swap(l, b"plain", b"pl\x00in"),
        "a line that is no record": garbage,
        "a quote that never closes": lambda l: swap(l, b'plain"', b"plain_"),
        "a quote too many": lambda l: swap(l, b"plain", b'pl"in'),
        "a bracket that never closes": lambda l: swap(l, b"+0000]", b"+0000 "),
        "a time that is none": lambda l: swap(l, b"/2020:", b"/2x20:"),
        "a record cut short": lambda l: l[:60] + b" " * (len(l) - 61) + b"\n",
        "a carriage return inside": lambda l: swap(l, b"plain", b"pl\rin"),
    },
    "conn": {
        "a byte that is not UTF-8": lambda l: swap(l, b"ShADadFf", b"ShADad\xfff"),
        "a NUL in a value": lambda l: swap(l, b"ShADadFf", b"ShADad\x00f"),
        "a line that is no record": garbage,
        "a column too many": lambda l: swap(l, b"ShADadFf", b"ShAD\tdFf"),
        "a column too few": lambda l: swap(l, b"\ttcp\t", b"\ttcp "),
        "a time that is none": lambda l: swap(l, b"15", b"1x"),
        "a number that is none": lambda l: swap(l, b"\t443\t", b"\t4x3\t"),
        "a comment in the middle": lambda l: b"#" + l[1:],
        "a record cut short": lambda l: l[:40] + b" " * (len(l) - 41) + b"\n",
    },
}


def damage(kind, source, target):
    """One line of each kind, far apart, none of them a hit; and the same to a hit for the kinds that leave its address alone."""
    data = open(source, "rb").read()
    lines = data.splitlines(keepends=True)
    kinds = list(DAMAGE[kind].items())
    step = len(lines) // (2 * len(kinds) + 1)
    offsets, at = [], 0
    for line in lines:
        offsets.append(at)
        at += len(line)
    spans = []
    for n, (name, change) in enumerate(kinds):
        where = step * (n + 1)
        while LISTED.encode() in lines[where]:
            where += 1
        hit = step * (len(kinds) + n + 1)
        while LISTED.encode() not in lines[hit]:
            hit += 1
        for place, title in ((where, name), (hit, name + ", in a hit")):
            changed = change(lines[place])
            assert len(changed) == len(lines[place]), name
            spans.append((title, offsets[place], len(changed)))
            lines[place] = changed
    with open(target, "wb") as out:
        out.write(b"".join(lines))
    for title, offset, length in spans:
        print("%s\t%d\t%d" % (title, offset, length))


def sightings(path):
    out = {}
    for line in open(path, encoding="utf-8"):
        s = json.loads(line)
        if s["detector"]["kind"] == "analytic":
            continue  # sums over many records; the single records are compared
        for r in s["records"]:
            out[(s["detector"]["id"], r["offset"], r["length"])] = (s["host"], s["account"], s["role"], s["outcome"], s["time"], s["count"])
    return out


def compare(whole, damaged, spans):
    a, b = sightings(whole), sightings(damaged)
    hurt = []
    for line in open(spans, encoding="utf-8"):
        title, offset, length = line.rstrip("\n").split("\t")
        hurt.append((int(offset), int(offset) + int(length), title))
    bad = 0
    if len(a) < 50:
        print("only %d sightings in the whole file" % len(a))
        bad += 1
    for key in sorted(set(a) | set(b)):
        if a.get(key) == b.get(key):
            continue
        begin, end = key[1], key[1] + key[2]
        if any(begin < hi and lo < end for lo, hi, _ in hurt):
            continue
        near = min(hurt, key=lambda h: abs(h[0] - begin))
        print("differs, %d bytes from \"%s\": %s: whole %s, damaged %s" % (begin - near[0], near[2], key, a.get(key), b.get(key)))
        bad += 1
    sys.exit(1 if bad else 0)


# ---- a small set of everything ------------------------------------------------------------------------

def unzst(path):
    return subprocess.run(["zstd", "-dqc", path], stdout=subprocess.PIPE, check=True).stdout


def zst(data, path):
    with open(path, "wb") as out:
        out.write(subprocess.run(["zstd", "-qc"], input=data, stdout=subprocess.PIPE, check=True).stdout)


def gz(data):
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as f:
        f.write(data)
    return out.getvalue()


def head(data, n):
    return b"".join(data.splitlines(keepends=True)[:n])


def tail(data, n):
    return b"".join(data.splitlines(keepends=True)[-n:])


def tar_of(members, path=None):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.mode = len(data), START, 0o644
            tar.addfile(info, io.BytesIO(data))
    if path:
        write(path, out.getvalue())
    return out.getvalue()


def write(path, data):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "wb") as out:
        out.write(data)
    os.utime(path, (START, START))


def zeek_json(tsv):
    fields, out = [], []
    for line in tsv.decode().splitlines():
        if line.startswith("#fields"):
            fields = line.split("\t")[1:]
        if line.startswith("#"):
            continue
        record = {}
        for name, value in zip(fields, line.split("\t")):
            if value == "-":
                continue
            record[name] = float(value) if name == "ts" else int(value) if name in ("id.orig_p", "id.resp_p", "orig_bytes", "resp_bytes") else value
        out.append(json.dumps(record))
    return ("\n".join(out) + "\n").encode()


def small_set(demo, out):
    gateway = gzip.decompress(open(demo + "/gateway/loghost/ctx-gw-01/httpaccess.log.gz", "rb").read())
    lines = gateway.splitlines(keepends=True)
    first = next(i for i, l in enumerate(lines) if b"198.18.77.41" in l)
    write(out + "/gateway/httpaccess.log", b"".join(lines[first - 1000: first + 1000]))   # plain and large: it is cut into units
    write(out + "/gateway/old/httpaccess.log.0.gz", gz(b"".join(lines[first - 300: first + 300])))  # a copy of its middle
    write(out + "/gateway/old/httpaccess.log.1.gz", gz(b"".join(lines[first - 1500: first - 1000])))

    april = tarfile.open(demo + "/zeek/2020-04.tar")
    july = tarfile.open(demo + "/zeek/2020-07.tar")
    logs = {}
    for tar, day in ((april, "2020-04-20"), (april, "2020-04-21"), (july, "2020-07-14")):
        for name in ("conn", "dns", "http", "smtp", "ssl", "x509"):
            logs[(day, name)] = gzip.decompress(tar.extractfile("%s/%s.log.gz" % (day, name)).read())
    # Two days in one plain file: the header stands in its middle again.
    write(out + "/zeek/conn.log", logs["2020-04-20", "conn"] + logs["2020-04-21", "conn"])
    tar_of([("2020-07-14/%s.log" % n, logs["2020-07-14", n]) for n in ("conn", "ssl", "x509", "smtp")], out + "/zeek/2020-07.tar")
    zst(tar_of([("2020-04-20/%s.log.gz" % n, gz(logs["2020-04-20", n])) for n in ("dns", "http")]), out + "/zeek/2020-04.tar.zst")
    write(out + "/zeek/ssl.json", zeek_json(logs["2020-04-20", "ssl"]))
    write(out + "/zeek/deep.tgz", gz(tar_of([("inner.tar", tar_of([("http.log", logs["2020-04-21", "http"])]))])))

    proxy = unzst(demo + "/proxy/proxy-2020-05.json.zst")
    plines = [l for l in proxy.splitlines(keepends=True) if b'"10.20.30.13"' in l][:400]
    write(out + "/proxy/proxy.json", head(proxy, 800) + b"".join(plines))
    zst(head(unzst(demo + "/proxy/proxy-2020-07.json.zst"), 500), out + "/proxy/proxy-07.json.zst")
    # Records longer than the smallest units, damage between them, and no line end at the end.
    some = [json.loads(l) for l in head(proxy, 30).splitlines()]
    for i, record in enumerate(some):
        record["labels"] = {"note": "x" * (i * 3000)}
    long_lines = [json.dumps(r).encode() for r in some]
    long_lines[7] = b'{"@timestamp":"2020-05-01T00:00:00Z","broken":'
    long_lines[11] = b"\xff\xfe no record"
    write(out + "/proxy/long.json", b"\n".join(long_lines))
    write(out + "/proxy/array.json", json.dumps(some[:20], indent=2).encode())
    write(out + "/proxy/several.json", "\n".join(json.dumps(r, indent=1) for r in some[:10]).encode())
    write_lines("proxy", out + "/proxy/many.json", 3000, 250)
    os.utime(out + "/proxy/many.json", (START, START))

    windows = gzip.decompress(open(demo + "/windows/security-workstations-2020-06.json.gz", "rb").read())
    write(out + "/windows/workstations.json.gz", gz(windows))
    write(out + "/windows/dc.json", head(gzip.decompress(open(demo + "/windows/security-domain-controllers-2020-06.json.gz", "rb").read()), 600))
    shares = gzip.decompress(open(demo + "/fileserver/fs-res-01-2020-05.json.gz", "rb").read())
    write(out + "/fileserver/fs.json", b"".join(l for i, l in enumerate(shares.splitlines(keepends=True)) if b"10.20.40.7" in l or i % 20 == 0))

    mail = tarfile.open(fileobj=io.BytesIO(unzst(demo + "/mail/mail.tar.zst")))
    members = [m for m in mail.getmembers() if m.isfile()]
    for member in members:
        if "/reports/" in member.name or "/quarantine/" in member.name:
            write(out + "/" + member.name, mail.extractfile(member).read())
    zst(tar_of([(m.name, mail.extractfile(m).read()) for m in members if "/reports/" not in m.name]), out + "/mail/rest.tar.zst")
    write(out + "/mail/list.mbox", open(demo + "/mail/methods-list.mbox", "rb").read())
    tree = tarfile.open(fileobj=io.BytesIO(unzst(demo + "/files/bkp-app-03.tar.zst")))
    keep = [m for m in tree.getmembers() if m.isfile()]
    keep = [m for i, m in enumerate(keep) if i < 40 or "avamar" in m.name]
    for member in keep:
        write(out + "/files/" + member.name, tree.extractfile(member).read())
    soc = tarfile.open(fileobj=io.BytesIO(unzst(demo + "/files/soc-share.tar.zst")))
    tar_of([(m.name, soc.extractfile(m).read()) for m in soc.getmembers() if m.isfile()][:20], out + "/files/soc-share.tar")
    gw = unzst(demo + "/files/ctx-gw-01.tar.zst")
    zst(gw, out + "/files/ctx-gw-01.tar.zst")
    # What is not fine.
    write(out + "/odd/empty.log", b"")
    write(out + "/odd/random.bin", random.Random(1).randbytes(150_000))
    write(out + "/odd/cut.json.gz", gz(proxy)[:60_000])
    write(out + "/odd/again.log", gateway[: 200_000])
    write(out + "/odd/copy-of-again.log", gateway[: 200_000])
    for folder, _, names in os.walk(out):
        for name in names:
            os.utime(os.path.join(folder, name), (START, START))


# ---- odd files ------------------------------------------------------------------------------------------

def zeros_gz_member(size):
    c = zlib.compressobj(9, zlib.DEFLATED, 31)
    return c.compress(bytes(size)) + c.flush()


def raw_tar_header(name, size, kind=b"0", link=b"", size_field=None):
    h = bytearray(512)
    h[0: len(name)] = name
    h[100:108] = b"0000644\0"
    h[108:116] = b"0000000\0"
    h[116:124] = b"0000000\0"
    h[124:136] = size_field if size_field is not None else b"%011o\0" % size
    h[136:148] = b"%011o\0" % START
    h[148:156] = b" " * 8
    h[156:157] = kind
    h[157:157 + len(link)] = link
    h[257:265] = b"ustar\x0000"
    h[148:156] = b"%06o\0 " % sum(h)
    return bytes(h)


def raw_member(name, data, **more):
    return raw_tar_header(name, len(data), **more) + data + bytes(-len(data) % 512)


PLANTED = []


def hit(label):
    """A record that must be found; its account says where it stood."""
    PLANTED.append("hit-" + label)
    event = json.loads(proxy_line((len(PLANTED) + 100) * 10 + 5, 10))
    event["user"]["name"] = "hit-" + label
    event["source"]["domain"] = "h-" + label
    return (json.dumps(event, separators=(",", ":")) + "\n").replace("user_agenX", "user_agen_").encode()


def odd(out):
    record = proxy_line(1, 0).encode()
    lines = [proxy_line(i, 0).encode() for i in range(3000)]

    def body(label):  # a hit near its start and one at its end
        return b"".join(lines[:5]) + hit(label + "-head") + b"".join(lines[5:]) + hit(label + "-tail")

    def unplanted(label):  # what stands in a lost part
        PLANTED.remove("hit-" + label)

    write(out + "/empty.json", b"")
    write(out + "/newlines.log", b"\n" * 5000)
    write(out + "/zeros.bin", bytes(300_000))
    write(out + "/random.bin", random.Random(7).randbytes(300_000))
    write(out + "/random.gz", b"\x1f\x8b\x08\x00" + random.Random(8).randbytes(50_000))
    write(out + "/random.zst", b"\x28\xb5\x2f\xfd" + random.Random(9).randbytes(50_000))
    write(out + "/deep-array.json", b"[" * 100_000)
    write(out + "/deep-object.json", b'{"a":' * 100_000 + b"1" + b"}" * 100_000)
    write(out + "/deep-between.json", hit("deep-between-json-1") + b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n" + hit("deep-between-json-2") + b'{"a":' * 100_000 + b"\n" + hit("deep-between-json-3"))
    write(out + "/many-keys.json", record + ("{" + ",".join('"k%d":1' % i for i in range(20_000)) + "}\n").encode() + hit("many-keys-json-1"))
    write(out + "/long-key.json", record + b'{"' + b"k" * 3_000_000 + b'":1}\n' + hit("long-key-json-1"))
    write(out + "/same-key.json", record + b"{" + b'"source":{"ip":"10.0.0.1"},' * 3000 + b'"destination":{"ip":"10.0.0.2"}}\n' + hit("same-key-json-1"))
    write(out + "/long-line.json", record + b'{"@timestamp":"2020-05-01T00:00:00Z","x":"' + b"y" * 6_000_000 + b'"}\n' + hit("long-line-json-1"))
    write(out + "/latin1.json", record.replace(b"plain", b"pl\xe4in"))
    write(out + "/utf16le.json", b"\xff\xfe" + (record * 50).decode().encode("utf-16-le"))
    write(out + "/utf16be.json", b"\xfe\xff" + (record * 50).decode().encode("utf-16-be"))
    write(out + "/bom.json", b"\xef\xbb\xbf" + record + hit("bom-json-1"))
    write(out + "/cr-only.log", access_line(1, 0).encode().replace(b"\n", b"\r") * 50)
    write(out + "/crlf.json", b"".join(proxy_line(i, 7).encode().replace(b"\n", b"\r\n") for i in range(70)))
    write(out + "/cut.json.gz", gz(body("cut-gz"))[:20_000])
    unplanted("cut-gz-tail")
    write(out + "/cut-header.gz", gz(record)[:7])
    packed = gz(body("bad-crc"))
    write(out + "/bad-crc.json.gz", packed[:-8] + b"\0\0\0\0" + packed[-4:])
    write(out + "/tail-garbage.json.gz", gz(body("tail-garbage")) + b"trailing garbage, no member")
    write(out + "/two-members.json.gz", gz(hit("member-one") + record * 10) + gz(record * 7 + hit("member-two")))
    cut = hit("cut-line-head") + record
    write(out + "/cut-line.json", cut + record[:200])
    packed = subprocess.run(["zstd", "-qc"], input=body("cut-zst"), stdout=subprocess.PIPE, check=True).stdout
    write(out + "/cut.json.zst", packed[: len(packed) // 2])
    unplanted("cut-zst-tail")
    packed = subprocess.run(["zstd", "-qc", "--check"], input=b"".join(lines), stdout=subprocess.PIPE, check=True).stdout
    flipped = bytearray(packed)
    flipped[len(flipped) // 2] ^= 0x55
    write(out + "/flipped.json.zst", bytes(flipped))
    write(out + "/cut.tar", tar_of([("a.json", hit("cut-tar-whole")), ("b.json", body("cut-tar"))])[: 300_000])
    write(out + "/cut.tar.gz", gz(tar_of([("a.json", hit("cut-tgz-whole")), ("b.json", body("cut-tgz"))])[: 300_000]))
    unplanted("cut-tar-tail")
    unplanted("cut-tgz-tail")
    write(out + "/bad-sum.tar", raw_member(b"first.json", hit("bad-sum-tar-1")) + raw_member(b"second.json", record)[:140] + b"9999999" + raw_member(b"second.json", record)[147:] + raw_member(b"third.json", hit("after-bad-sum")) + bytes(1024))
    write(out + "/huge-size.tar", raw_member(b"first.json", hit("huge-size-tar-1")) + raw_tar_header(b"huge.json", 0, size_field=b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff") + record * 10)
    write(out + "/negative-size.tar", raw_tar_header(b"neg.json", 0, size_field=b"\xff" * 12) + record * 10)
    write(out + "/names.tar",
          raw_member(b"../../../../etc/cron.d/out", record) + raw_member(b"/etc/absolute", record) + raw_member(b"\x1b]0;title\x07esc.json", hit("names-tar-a")) +
          raw_member(b"new\nline.json", hit("names-tar-1")) + raw_member(b"", record) + raw_member(b"\xff\xfe.json", hit("names-tar-2")) +
          raw_tar_header(b"link", 0, kind=b"2", link=b"/etc/passwd") + raw_tar_header(b"hard", 0, kind=b"1", link=b"/etc/passwd") +
          raw_tar_header(b"device", 0, kind=b"3") + raw_tar_header(b"pipe", 0, kind=b"6") + raw_tar_header(b"folder/", 0, kind=b"5") + bytes(1024))
    # Two members of one name, one size and one time, with other content: both are evidence.
    write(out + "/same-name.tar", raw_member(b"x.json", hit("same-name-tar-1")) + raw_member(b"x.json", hit("same-name-tar-2")) + bytes(1024))
    write(out + "/same-name.tar.gz", gz(raw_member(b"x.json", hit("same-name-tar-gz-1")) + raw_member(b"x.json", hit("same-name-tar-gz-2")) + bytes(1024)))
    # Bombs: 10 GiB of zeros as gzip in gzip, and as one zstd frame after another; members without end; boxes in boxes.
    member = zeros_gz_member(1 << 20)
    write(out + "/bomb.gz", member * 300)
    write(out + "/bomb.gz.gz", gz(member * 3000))
    frame = subprocess.run(["zstd", "-qc"], input=bytes(1 << 24), stdout=subprocess.PIPE, check=True).stdout
    write(out + "/bomb.zst", frame * 200)
    box = gz(record)
    for _ in range(12):
        box = gz(box)
    write(out + "/boxes.gz", box)
    box = record
    for depth in range(12):
        box = tar_of([("box%02d" % depth, box)])
    write(out + "/boxes.tar", box)
    # An advisory-like text, binary with an ELF head, and a mail that never ends its parts.
    write(out + "/elf", b"\x7fELF\x02\x01\x01" + bytes(57) + b"text" * 100)
    parts = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(2000))
    write(out + "/deep.eml", b"From: a@larkmoor.example\r\nTo: b@larkmoor.example\r\nSubject: x\r\nDate: Fri, 1 May 2020 00:00:00 +0000\r\nMessage-ID: <1@x>\r\nMIME-Version: 1.0\r\n" + parts)
    many = b"".join(b"--b\r\nContent-Type: text/plain\r\n\r\npart %d\r\n" % i for i in range(5000))
    write(out + "/parts.eml", b"From: a@larkmoor.example\r\nTo: b@larkmoor.example\r\nSubject: x\r\nDate: Fri, 1 May 2020 00:00:00 +0000\r\nMessage-ID: <2@x>\r\nMIME-Version: 1.0\r\n"
          b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + many + b"--b--\r\n")
    write(out + "/header-only.log", CONN_HEADER.encode())
    write(out + "/header-cut.log", CONN_HEADER.encode()[:100])
    write(out + "/fields-gone.log", CONN_HEADER.encode() + conn_line(5, 10).encode() + b"#fields\n#types\n" + conn_line(1, 0).encode() + CONN_HEADER.encode() + conn_line(15, 10).encode())
    PLANTED.extend(["10.20.0.1", "10.20.1.1"])
    wide = "#separator \\x09\n#path\tconn\n#fields\t" + "\t".join("f%d" % i for i in range(60_000)) + "\n" + "\t".join("1" for _ in range(60_000)) + "\n"
    write(out + "/wide.log", wide.encode())
    # Special files.
    os.mkfifo(out + "/pipe")
    listener = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    os.chdir(out)  # a socket's path is short
    listener.bind("socket")
    os.chdir(here)
    listener.close()
    try:
        os.mknod(out + "/device", 0o644 | stat.S_IFCHR, os.makedev(1, 5))
    except PermissionError:
        pass
    os.symlink("loop-b", out + "/loop-a")
    os.symlink("loop-a", out + "/loop-b")
    os.makedirs(out + "/folder/inner")
    os.symlink("..", out + "/folder/inner/up")
    os.symlink("nowhere", out + "/dangling")
    os.symlink("/etc/passwd", out + "/outside")
    write(out + "/folder/inner/closed.json", record)
    os.chmod(out + "/folder/inner/closed.json", 0)
    with open(out + ".planted", "w", encoding="ascii") as listing:
        listing.write("".join(label + "\n" for label in PLANTED))


def names(out):
    os.makedirs(out)
    listing = []
    for i, name in enumerate((
            b"new\nline.json", b"\x1b[31mred\x1b[0m.json", b"\x1b]0;title\x07.json", b"-rf", b"--help", b"quo'te.json", b'dou"ble.json', b"$(id).json",
            b"`id`.json", b"a;id.json", b"<script>alert(1)<.json", b"&lt;.json", b"bang!x.json", b"%s%n.json", b"\xff\xfe.json", b"\xc2\x9b31m.json",
            b"\xe2\x80\xae" + b"nosj.json", b" lead", b"trail ", b"l" * 250 + b".json", b"NO COMPROMISE.json", b"tab\t.json", b"back\\slash.json", b"*.json", b"~")):
        path = os.fsencode(out) + b"/" + name
        with open(path, "wb") as f:
            f.write(proxy_line(i * 10 + 5, 10).encode())
        listing.append(name)
    os.makedirs(os.fsencode(out) + b"/d" * 60)
    with open(os.fsencode(out) + b"/d" * 60 + b"/deep.json", "wb") as f:
        f.write(proxy_line(len(listing) * 10 + 5, 10).encode())


def main():
    verb, *rest = sys.argv[1:]
    if verb in LINES:
        write_lines(verb, rest[0], int(rest[1]), int(rest[2]) if len(rest) > 2 else 1000)
    elif verb == "damage":
        damage(*rest)
    elif verb == "compare":
        compare(*rest)
    elif verb == "set":
        small_set(*rest)
    elif verb == "odd":
        odd(*rest)
    elif verb == "names":
        names(*rest)
    else:
        sys.exit("evidence.py: unknown verb " + verb)


if __name__ == "__main__":
    main()
