"""Source 9: detailed share audit (5145) of fs-res-01, winlogbeat 7 JSON, a gzip file a month.

Carries T12 (3,870 reads of vx19 by m.okafor in the nights of 12-19 May, from stats-07, against some 40 a working day) and the
nightly reads of svc-backup (B14), which are many, regular and honest.
"""

import collections
import random

from . import case as plan
from . import clock, output, winlogbeat, world
from .clock import DAY, HOUR, MINUTE, SECOND, at

SHARES = {"vx19": "D:\\Shares\\vx19", "assays": "D:\\Shares\\assays", "lab-common": "E:\\Shares\\lab-common", "protocols": "E:\\Shares\\protocols"}
FOLDERS = {"vx19": ("trial-1\\immunogenicity", "trial-1\\safety", "formulation", "stability", "sequences", "animal", "manuscripts"),
           "assays": ("elisa", "neutralisation", "pcr", "plates-2020"), "lab-common": ("rota", "orders", "minutes", "photos"),
           "protocols": ("sop", "drafts", "archive")}
SUFFIXES = ("xlsx", "csv", "docx", "pdf", "fasta", "pzfx")

READ = ("0x1", "%%4416\n\t\t\t\t")
WRITE = ("0x2", "%%4417\n\t\t\t\t")
ATTRIBUTES = ("0x80", "%%4423\n\t\t\t\t")

# T12: seven nights, 12/13 to 18/19 May.
NIGHTS = tuple((at(5, day, 21, 10), at(5, day + 1, 3, 30)) for day in range(12, 19))
DAILY_READS = 40

Read = collections.namedtuple("Read", "moment order account address share target access")


def file_names():
    rng = random.Random("larkmoor files")
    names = {}
    for share, folders in FOLDERS.items():
        names[share] = ["%s\\%s-%03d.%s" % (rng.choice(folders), rng.choice(("run", "set", "batch", "cohort", "draft", "plate", "table")), i, rng.choice(SUFFIXES))
                        for i in range(1_400 if share == "vx19" else 300)]
    return names


FILES = file_names()


class Shares:
    def __init__(self, case):
        self.case = case
        self.days = list(clock.days(*plan.FILESERVER_DAYS))
        self.fixed = collections.defaultdict(list)
        self.order = 0
        rng = case.rng("fileserver planted")
        for day in self.days:
            self._okafor_at_work(rng, day)
            moment = day + 1 * HOUR + 32 * MINUTE                     # B14: backup reads at night
            for _ in range(30 if case.campaign else 20):
                share = rng.choice(tuple(SHARES))
                self._add(moment, "svc-backup", "10.20.30.5", share, rng.choice(FILES[share]), READ)
                moment += rng.randrange(40 * SECOND)
        if case.campaign:
            self._nights(case.rng("fileserver nights"))
        rest = case.fileserver - sum(len(v) for v in self.fixed.values())
        self.ordinary = dict(zip(self.days, clock.share_out(rest, [clock.day_weight(d) for d in self.days])))

    def _add(self, moment, *fields):
        moment = moment // 1000 * 1000
        self.fixed[moment // DAY * DAY].append(Read(moment, self.order, *fields))
        self.order += 1

    def _okafor_at_work(self, rng, day):
        if not clock.is_working_day(day):
            return
        address = "10.20.%d.%d" % (200 + rng.randrange(4), rng.randrange(1, 255))
        if rng.random() < 0.3:
            address = world.workstation_address(world.OKAFOR, day < plan.LEASE_CHANGE)
        for _ in range(rng.randint(DAILY_READS - 6, DAILY_READS + 6)):
            moment = day + 8 * HOUR + rng.randrange(9 * HOUR)
            self._add(moment, "m.okafor", address, "vx19", rng.choice(FILES["vx19"][:220]), READ)

    def _nights(self, rng):
        counts = plan.split_exactly(rng, plan.NIGHT_READS, len(NIGHTS), 0.3)
        for (start, end), count in zip(NIGHTS, counts):
            moments = sorted(start + rng.randrange(end - start) for _ in range(count))
            first = rng.randrange(len(FILES["vx19"]))
            for i, moment in enumerate(moments):                      # folder after folder, as a copying program reads
                self._add(moment, "m.okafor", world.STATS_ADDRESS, "vx19", sorted(FILES["vx19"])[(first + i) % len(FILES["vx19"])], READ)

    def _ordinary(self, day):
        rng = self.case.rng("fileserver ordinary", day)
        staff = clock.staff_clock(day)
        rows = []
        people = [p for p in world.PEOPLE if p.account != "m.okafor"]
        left = self.ordinary[day]
        while left > 0:
            person = rng.choice(people)
            address = world.workstation_address(person, day < plan.LEASE_CHANGE) if person.workstation and rng.random() < 0.3 \
                else "10.20.%d.%d" % (200 + rng.randrange(4), rng.randrange(1, 255))
            share = rng.choice(("vx19", "assays", "assays", "lab-common", "lab-common", "protocols"))
            moment = staff.draw(rng, day)
            for _ in range(min(left, rng.randint(1, 9))):
                access = rng.choice((READ, READ, READ, WRITE, ATTRIBUTES))
                rows.append(Read(min(moment, day + DAY - SECOND) // 1000 * 1000, 10_000_000 + len(rows), person.account, address, share,
                                 rng.choice(FILES[share]), access))
                moment += rng.randrange(90 * SECOND)
                left -= 1
        return rows

    def day_events(self, day):
        return sorted(self._ordinary(day) + self.fixed.get(day, []))


def write(case, folder):
    shares = Shares(case)
    files = collections.OrderedDict()
    number = 91_400_220
    count = 0
    for day in shares.days:
        lines = files.setdefault(clock.parts(day).tm_mon, [])
        for r in shares.day_events(day):
            number += 1
            count += 1
            data = {"SubjectUserSid": winlogbeat.sid(r.account), "SubjectUserName": r.account, "SubjectDomainName": world.NETBIOS,
                    "SubjectLogonId": "0x%x" % (0x2A00000 + day // DAY * 977 + len(r.account) * 13), "ObjectType": "File", "IpAddress": r.address,
                    "IpPort": str(49_152 + number * 7 % 15_000), "ShareName": "\\\\*\\" + r.share, "ShareLocalPath": "\\??\\" + SHARES[r.share],
                    "RelativeTargetName": r.target, "AccessMask": r.access[0], "AccessList": r.access[1], "AccessReason": "-"}
            lines.append(winlogbeat.encode(r.moment, "fs-res-01", 5145, number, data))
    for month, lines in files.items():
        output.write_bytes("%s/fileserver/fs-res-01-2020-%02d.json.gz" % (folder, month), output.gz("".join(lines).encode("ascii")))
    return count
