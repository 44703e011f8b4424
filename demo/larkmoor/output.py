"""Deterministic writing: gzip without name and time, zstd through its command, tar with given times and plain owners."""

import gzip
import io
import os
import subprocess
import tarfile

ZSTD_LEVEL = "-12"
ZSTD_SMALL = "-19"


def write_bytes(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(data)


def gz(data):
    return gzip.compress(data, compresslevel=9, mtime=0)


def zst(data, level=ZSTD_LEVEL):
    """One thread and one level, so that the same input gives the same bytes."""
    done = subprocess.run(["zstd", "-q", "--single-thread", level, "-c"], input=data, stdout=subprocess.PIPE, check=True)
    return done.stdout


class Tar:
    """A tar in memory. Members stand in the order given; their times are data."""

    def __init__(self):
        self.buffer = io.BytesIO()
        self.archive = tarfile.open(fileobj=self.buffer, mode="w", format=tarfile.GNU_FORMAT)
        self.members = 0

    def add(self, name, data, mtime, mode=0o644, owner=("root", 0)):
        info = tarfile.TarInfo(name)
        info.size = len(data)
        info.mtime = int(mtime)
        info.mode = mode
        info.uname, info.uid = owner
        info.gname, info.gid = owner
        self.archive.addfile(info, io.BytesIO(data))
        self.members += 1

    def bytes(self):
        self.archive.close()
        return self.buffer.getvalue()
