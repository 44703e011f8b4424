"""Source 8: Security of the domain controllers and of the workstations that forward theirs, winlogbeat 7 JSON, 45 days.

Carries T17 and B14, B16, B18. One gzip file a month for the controllers and one for the workstations.
"""

import collections

from . import case as plan
from . import clock, output, winlogbeat, world
from .clock import DAY, HOUR, MINUTE, SECOND, at

CONTROLLERS = (("dc-01", "10.20.10.5"), ("dc-02", "10.20.10.6"))
MACHINES = (("FS-RES-01$", "10.20.20.21"), ("LIMS-01$", "10.20.20.31"), ("EXCH-01$", "10.20.10.20"), ("WSUS-01$", "10.20.10.71"),
            ("AV-01$", "10.20.10.72"), ("MON-01$", "10.20.10.70"))
CLEARED_WORKSTATION = "ws-vx-03"                                     # T17
IMAGED = tuple("ws-vx-%02d" % i for i in range(4, 18))               # B18
FIRST_RECORD = {"dc-01": 48_120_331, "dc-02": 39_004_217}

Event = collections.namedtuple("Event", "moment order host code data user_data provider outcome")


def imaged_on(host):
    """B18: one or two new PCs each working day from 9 June."""
    number = IMAGED.index(host)
    day, left = at(6, 9), number // 2
    while left:
        day += DAY
        left -= clock.is_working_day(day)
    return day + 8 * HOUR + number % 2 * 40 * MINUTE + 13 * SECOND


class Security:
    def __init__(self, case):
        self.case = case
        self.days = list(clock.days(*plan.WINDOWS_DAYS))
        self.fixed = collections.defaultdict(list)
        self.order = 0
        self._look_alikes()
        if case.campaign:
            # T17: a log cleared on one workstation; its record numbers begin again, nothing else is known of it.
            self._cleared(at(6, 8, 16, 22, 47, 310_000), CLEARED_WORKSTATION, "helpdesk-local", CLEARED_WORKSTATION.upper())
        weights = [clock.day_weight(d) for d in self.days]
        rest = case.windows - sum(len(v) for v in self.fixed.values())
        self.ordinary = dict(zip(self.days, clock.share_out(rest, weights)))

    def _add(self, moment, host, code, data, user_data=None, provider=winlogbeat.AUDITING, outcome="success"):
        self.fixed[moment // DAY * DAY].append(Event(moment, self.order, host, code, data, user_data, provider, outcome))
        self.order += 1

    def _cleared(self, moment, host, account, domain):
        self._add(moment, host, 1102, None, provider=winlogbeat.EVENTLOG,
                  user_data={"xml_name": "LogFileCleared", "SubjectUserSid": winlogbeat.sid(account), "SubjectUserName": account, "SubjectDomainName": domain,
                             "SubjectLogonId": "0x5e2c1a"})

    def _look_alikes(self):
        rng = self.case.rng("windows look-alikes")
        for host in IMAGED:                                           # B18
            moment = imaged_on(host)
            self._cleared(moment, host, "svc-image", world.NETBIOS)
            for i in range(6):
                self._add(moment + (3 + 4 * i) * SECOND, host, 4624, logon("svc-image", 5 if i else 2, "-", rng))
        for day in self.days:
            if clock.weekday(day) == 2:                               # B18: a log that is full is put away
                self._add(day + 2 * HOUR + 7 * SECOND, "dc-01", 1105, None, provider=winlogbeat.EVENTLOG,
                          user_data={"xml_name": "AutoBackup", "Channel": "Security", "BackupPath": "C:\\Windows\\System32\\Winevt\\Logs\\Archive-Security.evtx"})
            # B16: the system state backup of dc-02: an archive with a password, then the oldest shadow goes.
            start = day + 1 * HOUR + 35 * MINUTE
            self._add(start, "dc-02", 4624, logon("svc-backup", 4, "-", rng))
            self._add(start + 4 * SECOND, "dc-02", 4688, process("svc-backup", "C:\\Program Files\\7-Zip\\7z.exe",
                      "7z.exe a -t7z -mx3 -pLm-bkp-policy D:\\bkp\\policies.7z C:\\Windows\\SYSVOL\\domain\\Policies", "C:\\Windows\\System32\\cmd.exe"))
            self._add(start + 96 * SECOND, "dc-02", 4688, process("svc-backup", "C:\\Windows\\System32\\vssadmin.exe",
                      "vssadmin.exe delete shadows /for=D: /oldest /quiet", "C:\\Windows\\System32\\cmd.exe"))
            # B14: svc-backup at night; the shared accounts at three places at once.
            for i in range(3):
                self._add(day + 1 * HOUR + (30 + 9 * i) * MINUTE, "dc-01", 4768, ticket("svc-backup", "krbtgt", "::ffff:10.20.30.%d" % (5 if i else 13)))
            if clock.is_working_day(day):
                for number, address in enumerate(world.KIOSK_ADDRESSES):
                    account = world.SHARED_ACCOUNTS[number % 2 if rng.random() < 0.2 else 0]
                    self._add(day + 8 * HOUR + rng.randrange(5 * MINUTE), "dc-01", 4768, ticket(account, "krbtgt", "::ffff:" + address))
                    self._add(day + 8 * HOUR + 5 * MINUTE + rng.randrange(90 * SECOND), "lab-kiosk-%02d" % (number + 1), 4624, logon(account, 2, "127.0.0.1", rng))

    def _ordinary(self, day):
        rng = self.case.rng("windows ordinary", day)
        left = self.ordinary[day]
        events = []

        def add(moment, host, code, data, outcome="success"):
            events.append(Event(min(moment, day + DAY - 1000) // 1000 * 1000, 10_000_000 + len(events), host, code, data, None, winlogbeat.AUDITING, outcome))

        staff = clock.staff_clock(day)
        while left > 0:
            controller, _ = rng.choice(CONTROLLERS)
            draw = rng.random()
            person = rng.choice(world.PEOPLE)
            at_desk = person.workstation if person.workstation and rng.random() < 0.45 else None
            address = world.workstation_address(person, False) if at_desk else "10.20.%d.%d" % (200 + rng.randrange(4), rng.randrange(1, 255))
            moment = staff.draw(rng, day)
            if draw < 0.45:
                steps = [(0, controller, 4768, ticket(person.account, "krbtgt", "::ffff:" + address)),
                         (1, controller, 4769, ticket(person.account, rng.choice(("FS-RES-01$", "EXCH-01$", "LIMS-01$", controller.upper() + "$")), "::ffff:" + address)),
                         (1, controller, 4624, logon(person.account, 3, address, rng)), (40, controller, 4634, logoff(person.account, rng))]
                if at_desk and (at_desk not in IMAGED or moment > imaged_on(at_desk)):
                    steps.insert(0, (0, at_desk, 4624, logon(person.account, rng.choice((2, 7, 7, 11)), "127.0.0.1", rng)))
                for wait, host, code, data in steps[:left]:
                    moment += wait * SECOND + rng.randrange(SECOND)
                    add(moment, host, code, data)
                left -= min(left, len(steps))
            elif draw < 0.70:                                         # the gateway checks a password with its bind account
                add(moment, controller, 4776, {"PackageName": "MICROSOFT_AUTHENTICATION_PACKAGE_V1_0", "TargetUserName": "svc-ldap-ctx",
                                               "Workstation": "CTX-GW-01", "Status": "0x0"})
                left -= 1
                if left:
                    add(moment + rng.randrange(SECOND), controller, 4624, logon("svc-ldap-ctx", 3, "10.20.1.10", rng))
                    left -= 1
            elif draw < 0.76:
                add(moment, controller, 4625, failed(person.account, address), outcome="failure")
                left -= 1
            elif draw < 0.90:
                machine, address = rng.choice(MACHINES)
                add(clock.CLOCKS["flat"].draw(rng, day), controller, 4769, ticket(machine, controller.upper() + "$", "::ffff:" + address))
                left -= 1
            else:
                add(clock.CLOCKS["flat"].draw(rng, day), controller, 4672, {"SubjectUserSid": "S-1-5-18", "SubjectUserName": controller.upper() + "$",
                    "SubjectDomainName": world.NETBIOS, "SubjectLogonId": "0x%x" % rng.randrange(10**7), "PrivilegeList": "SeSecurityPrivilege\n\t\t\tSeBackupPrivilege"})
                left -= 1
        return events

    def day_events(self, day):
        return sorted(self._ordinary(day) + self.fixed.get(day, []), key=lambda e: (e.moment, e.order))


def logon(account, kind, address, rng):
    return {"SubjectUserSid": "S-1-0-0", "SubjectUserName": "-", "SubjectDomainName": "-", "SubjectLogonId": "0x0", "TargetUserSid": winlogbeat.sid(account),
            "TargetUserName": account, "TargetDomainName": world.NETBIOS, "TargetLogonId": "0x%x" % rng.randrange(10**7, 10**8), "LogonType": str(kind),
            "LogonProcessName": "Kerberos" if kind == 3 else "User32", "AuthenticationPackageName": "Kerberos" if kind == 3 else "Negotiate",
            "WorkstationName": "-", "IpAddress": address, "IpPort": str(rng.randrange(49_152, 65_000)) if kind == 3 else "0"}


def logoff(account, rng):
    return {"TargetUserSid": winlogbeat.sid(account), "TargetUserName": account, "TargetDomainName": world.NETBIOS,
            "TargetLogonId": "0x%x" % rng.randrange(10**7, 10**8), "LogonType": "3"}


def failed(account, address):
    return {"SubjectUserSid": "S-1-0-0", "SubjectUserName": "-", "TargetUserSid": "S-1-0-0", "TargetUserName": account, "TargetDomainName": world.NETBIOS,
            "Status": "0xc000006d", "SubStatus": "0xc000006a", "FailureReason": "%%2313", "LogonType": "3", "IpAddress": address, "IpPort": "0"}


def ticket(account, service, address):
    return {"TargetUserName": account, "TargetDomainName": world.NETBIOS, "TargetSid": winlogbeat.sid(account), "ServiceName": service,
            "TicketOptions": "0x40810010", "Status": "0x0", "TicketEncryptionType": "0x12", "PreAuthType": "2", "IpAddress": address, "IpPort": "49817"}


def process(account, image, command, parent):
    return {"SubjectUserSid": winlogbeat.sid(account), "SubjectUserName": account, "SubjectDomainName": world.NETBIOS, "SubjectLogonId": "0x41b22c",
            "NewProcessId": "0x1a4c", "NewProcessName": image, "TokenElevationType": "%%1936", "ProcessId": "0x9d0", "CommandLine": command,
            "ParentProcessName": parent}


def write(case, folder):
    security = Security(case)
    numbers = dict(FIRST_RECORD)
    files = collections.OrderedDict()
    count = 0
    for day in security.days:
        month = clock.parts(day).tm_mon
        for e in security.day_events(day):
            # A cleared log keeps counting; a new installation begins at one.
            if e.code == 1102 and e.host in IMAGED:
                numbers[e.host] = 0
            numbers[e.host] = numbers.get(e.host, 20_000 + sum(e.host.encode()) * 37) + 1
            group = "domain-controllers" if e.host.startswith("dc-") else "workstations"
            files.setdefault("%s-2020-%02d" % (group, month), []).append(
                winlogbeat.encode(e.moment, e.host, e.code, numbers[e.host], e.data, e.provider, e.user_data, e.outcome))
            count += 1
    for name, lines in files.items():
        output.write_bytes("%s/windows/security-%s.json.gz" % (folder, name), output.gz("".join(lines).encode("ascii")))
    return count
