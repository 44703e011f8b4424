#!/usr/bin/env python3
"""Archives for the scenario tests: made here and by the usual tools, inert.

  archives.py set OUT PLAN       one log in each kind of archive, and in archives inside archives; PLAN lists the hosts to be found
  archives.py locked OUT PLAN    the same in encrypted archives; the password is "open sesame"
  archives.py bombs OUT          archives that want to exhaust whoever opens them
  archives.py endless OUT        lines without end and values without bottom
  archives.py measured LIMIT COMMAND...   runs it; prints "ok ..." when no process of it took more than LIMIT MiB
"""

import bz2
import gzip
import io
import lzma
import os
import resource
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib

from evidence import access_line

LINES = 40
PASSWORD = "open sesame"


def log(number):
    """A log of its own for each archive: its one hit has a host of its own."""
    first = number * LINES
    return "".join(access_line(i, LINES) for i in range(first, first + LINES)).encode()


def host(number):
    return "h%05d.larkmoor.example" % (number * LINES + LINES // 2)


def zip_of(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, (2020, 5, 1, 0, 0, 0)), content, method)
    return out.getvalue()


def tar_of(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(content), 1588291200
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def by_tool(folder, name, command, members):
    """An archive made by a tool in a folder of its own."""
    work = os.path.join(folder, "work")
    os.makedirs(work, exist_ok=True)
    for member, content in members:
        path = os.path.join(work, member)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(content)
    target = os.path.abspath(os.path.join(folder, name))
    subprocess.run(command + [target] + [m for m, _ in members], cwd=work, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["rm", "-rf", work], check=True)
    with open(target, "rb") as done:
        return done.read()


SEVEN_ZIP = ["7z", "a", "-bd", "-bso0", "-mtm-"]


def write(folder, name, content):
    with open(os.path.join(folder, name), "wb") as out:
        out.write(content)


def make_set(folder, plan):
    os.makedirs(folder, exist_ok=True)
    count = 0

    def next_log():
        nonlocal count
        count += 1
        return log(count)

    write(folder, "a.log.xz", lzma.compress(next_log()))
    write(folder, "b.log.bz2", bz2.compress(next_log()))
    write(folder, "c.tar.xz", lzma.compress(tar_of([("c/x.log", next_log()), ("c/y.log.gz", gzip.compress(next_log()))])))
    write(folder, "d.tar.bz2", bz2.compress(tar_of([("d.log", next_log())])))
    write(folder, "e.zip", zip_of([("e/deflated.log", next_log()), ("e [2].log", next_log())]))
    write(folder, "f.zip", zip_of([("stored.log", next_log())], zipfile.ZIP_STORED))
    write(folder, "g.zip", zip_of([("packed by bzip2.log", next_log())], zipfile.ZIP_BZIP2))
    by_tool(folder, "i.7z", SEVEN_ZIP, [("i/one.log", next_log()), ("i/two.log", next_log())])
    by_tool(folder, "j.7z", SEVEN_ZIP + ["-m0=bzip2"], [("j.log", next_log())])
    by_tool(folder, "k.cpio", ["bsdtar", "--format", "newc", "-cf"], [("k/k.log", next_log())])
    # In any order.
    inner = by_tool(folder, "l.7z", SEVEN_ZIP, [("l.log", next_log())])
    os.remove(os.path.join(folder, "l.7z"))
    write(folder, "m.zip", zip_of([("n.tar.xz", lzma.compress(tar_of([("o.zip", zip_of([("l.7z", inner)]))])))]))
    by_tool(folder, "p.7z", SEVEN_ZIP, [("q.zip", zip_of([("r.log.bz2", bz2.compress(next_log()))]))])
    write(folder, "s.tar.gz", gzip.compress(tar_of([("t.zip", zip_of([("u.log", next_log())], zipfile.ZIP_STORED))])))
    # A program with an archive behind it.
    write(folder, "v.exe", b"MZ" + bytes(2000) + zip_of([("v.log", next_log())]))
    # What unzip does not read: another method, an archive whose end is missing, a member that the directory does not list.
    os.makedirs(os.path.join(folder, "odd"))
    write(folder, "odd/h.zip", zip_of([("packed by lzma.log", next_log())], zipfile.ZIP_LZMA))
    whole = zip_of([("w.log", next_log()), ("x.log", b"never read\n")])
    write(folder, "odd/w.zip", whole[: whole.index(b"PK\x03\x04", 4) + 10])
    whole = zip_of([("y.log", next_log())])
    write(folder, "odd/y.zip", whole[: whole.index(b"PK\x01\x02")] + zip_of([("z.log", b"the only one listed\n")]))
    with open(plan, "w", encoding="ascii") as out:
        out.writelines(host(i) + "\n" for i in range(1, count + 1))


def make_locked(folder, plan):
    os.makedirs(folder, exist_ok=True)
    secret = "-p" + PASSWORD
    kinds = [("a.7z", SEVEN_ZIP + [secret]), ("b.7z", SEVEN_ZIP + [secret, "-mhe=on"]),
             ("c.zip", ["7z", "a", "-bd", "-bso0", "-tzip", "-mem=AES256", secret]),
             ("d.zip", ["7z", "a", "-bd", "-bso0", "-tzip", "-mem=ZipCrypto", secret])]
    for number, (name, command) in enumerate(kinds, 101):
        by_tool(folder, name, command, [("locked-%s.log" % name[0], log(number))])
    with open(plan, "w", encoding="ascii") as out:
        out.writelines(host(i) + "\n" for i in range(101, 101 + len(kinds)))


def make_bombs(folder):
    os.makedirs(folder, exist_ok=True)
    marker = access_line(7 * LINES + LINES // 2, LINES).encode()
    zeros = bytes(32 << 20)
    # Archives in archives in archives, zeros at the bottom.
    level = zip_of([("zeros", zeros)])
    for _ in range(5):
        level = zip_of([("part %d.zip" % i, level) for i in range(16)])
    write(folder, "nested.zip", level)
    # A thousand to one and more, level on level.
    write(folder, "thousand.gz", gzip.compress(bytes(256 << 20), 9))
    write(folder, "twice.xz", lzma.compress(lzma.compress(bytes(128 << 20))))
    write(folder, "many.bz2", bz2.compress(zeros) * 40)
    by_tool(folder, "solid.7z", SEVEN_ZIP, [("zeros", bytes(256 << 20))])
    # A dictionary larger than what is given to a decoder.
    wide = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 512 << 20}]
    write(folder, "wide.xz", lzma.compress(b"a" * 1000, filters=wide))
    # Decoders upon decoders, each with a large window that fills.
    level = os.urandom(1 << 20) * 150
    for _ in range(6):
        level = lzma.compress(level, filters=[{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 96 << 20}])
    write(folder, "windows.xz", level)
    # One compressed kernel for many members.
    kernel = zlib.compressobj(9, zlib.DEFLATED, -15)
    kernel = kernel.compress(zeros) + kernel.flush()
    names = ["m%05d" % i for i in range(3000)]
    tail, parts = b"", []
    for at, name in reversed(list(enumerate(names))):
        packed = kernel if not tail else struct.pack("<BHH", 0, 36, 0xFFFF ^ 36) + tail
        size = len(zeros) + 36 * (len(names) - 1 - at)
        header = struct.pack("<HHHIIIIHH", 20, 0, 8, 0x50A10000, 0, len(packed), size, len(name), 0)
        parts.append((header, name))
        tail = b"PK\x03\x04" + header + name.encode() + packed
    central, at = b"", 0
    for header, name in reversed(parts):
        central += b"PK\x01\x02" + struct.pack("<H", 20) + header + struct.pack("<HHHII", 0, 0, 0, 0, at) + name.encode()
        at += 41
    write(folder, "shared.zip", tail + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, len(names), len(names), len(central), len(tail), 0))
    # A million members.
    header = struct.pack("<HHHIIIIHH", 20, 0, 0, 0x50A10000, 0, 0, 0, 1, 0)
    local = b"PK\x03\x04" + header + b"m"
    count = 1_000_000
    central = b"".join(b"PK\x01\x02" + struct.pack("<H", 20) + header + struct.pack("<HHHII", 0, 0, 0, 0, i * len(local)) + b"m" for i in range(count))
    write(folder, "million.zip", local * count + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, len(central), count * len(local), 0))
    # Thirty deep: tar in xz in zip, ten times.
    level = b"at the bottom\n"
    for _ in range(10):
        level = zip_of([("a.tar.xz", lzma.compress(tar_of([("b.zip", level)])))])
    write(folder, "deep.zip", level)
    # Archives that hold archives of their own size, for ever.
    level = os.urandom(20_000)
    for _ in range(40):
        level = zip_of([("again.zip", level)], zipfile.ZIP_STORED)
    write(folder, "again.zip", level)
    # A directory that points everywhere and holds more than its file.
    write(folder, "lies.7z", b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", 0) + struct.pack("<QQI", 0, 1 << 40, 0))
    # An honest log stands beside them, and in an archive behind a bomb.
    write(folder, "honest.log", marker)
    write(folder, "behind.zip", zip_of([("zeros", zeros), ("log", access_line(8 * LINES + LINES // 2, LINES).encode())]))


def make_endless(folder):
    """Lines without end and values without bottom, each with an honest line before or behind it."""
    os.makedirs(folder, exist_ok=True)
    before, behind = (access_line(number * LINES + LINES // 2, LINES).encode() for number in (9, 10))
    table = b'time,src_ip,url\n' + b'2020-05-01T00:00:00Z,203.0.113.9,"/"\n' * 9 + b'2020-05-01T00:00:01Z,203.0.113.9,"'
    for name, head, filling, tail in (("line.log", before, b"y", b"\n" + behind), ("line.json", b'{"@timestamp":"2020-05-01T00:00:00Z","x":"', b"y", b"\n"), ("quotes.csv", table, b'y""', b"\n")):
        with open(os.path.join(folder, name), "wb") as out:
            out.write(head)
            for _ in range(1 << 10):
                out.write(filling * ((1 << 20) // len(filling)))
            out.write(tail)
    deep = b'{"@timestamp":"2020-05-01T00:00:00Z","x":' + b'{"a":[' * 100_000 + b"1" + b"]}" * 100_000 + b"}\n"
    write(folder, "deep.json", deep * 20)
    write(folder, "deep.xml", b"<Events>" + b"<Event>" * 100_000 + b"</Event>" * 100_000 + b"</Events>")


def measured(limit, command):
    status = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print("ok ends" if status == 0 else "FAILED ends\texit code %d" % status)
    if os.environ.get("ASSAY_SANITIZED"):  # a sanitizer multiplies memory: the bound is for builds without one
        print("skipped within %d MiB (a sanitizer's memory counts)" % limit)
    else:
        print(("ok within %d MiB" if peak <= limit else "FAILED within %%d MiB\t%d MiB" % peak) % limit)


def main():
    verb, *rest = sys.argv[1:]
    if verb == "set":
        make_set(*rest)
    elif verb == "locked":
        make_locked(*rest)
    elif verb == "bombs":
        make_bombs(*rest)
    elif verb == "endless":
        make_endless(*rest)
    elif verb == "measured":
        measured(int(rest[0]), rest[1:])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
