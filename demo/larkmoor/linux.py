"""Source 10: auth.log and audit.log of bkp-app-03 and stats-07, each host's in one archive. auth.log has no year and is UK local time; audit counts seconds since
1970. The clock of stats-07 runs 7 minutes 40 seconds ahead in both.

Carries T04, the audit side of T05, T13, and of the look-alikes B14 (svc-backup at night), B16 (a nightly archive with a password) and B20 (the tester's knocking).
Sessions that cron opens are not logged (a usual setting of PAM), and audit sees what people who logged on start, not what services do.
"""

import collections

from . import case as plan
from . import clock, output, world
from .clock import DAY, HOUR, MINUTE, SECOND, at

BACKUP, STATS = "bkp-app-03", "stats-07"
AHEAD = {BACKUP: 0, STATS: 7 * MINUTE + 40 * SECOND}
GATEWAY_INSIDE = "10.20.1.10"
ADMINS = ("adm.whelan", "adm.jensen")
RESEARCHERS = tuple(p.account for p in world.PEOPLE[12:20])
UIDS = {"root": 0, "svc-mon": 1001, "svc-backup": 1002, "adm.whelan": 1101, "adm.jensen": 1102, "svc-ldap-ctx": 61107, "m.okafor": 61200}
UIDS.update({account: 61_300 + i for i, account in enumerate(RESEARCHERS)})
STAGED = "/var/tmp/.c"
GROUP = "\x1d"                     # auditd's own translations stand behind it


class Host:
    def __init__(self, case, name):
        self.case = case
        self.name = name
        self.auth = collections.defaultdict(list)        # day -> (moment, order, text)
        self.audit = collections.defaultdict(list)       # day -> (moment, order, lines without their stamp)
        self.order = 0
        self.ses = 100
        self.pid = 1_200

    def log(self, moment, text):
        self.auth[moment // DAY * DAY].append((moment, self.order, text))
        self.order += 1

    def event(self, moment, *lines):
        self.audit[moment // DAY * DAY].append((moment, self.order, lines))
        self.order += 1

    def next_pid(self, rng):
        self.pid = 1_200 + (self.pid - 1_200 + rng.randint(1, 90)) % 30_000
        return self.pid

    # ---- what programs write ---------------------------------------------------------------------

    def login(self, rng, moment, account, address, method="password", minutes=10, audited=True):
        """sshd's three lines and audit's one; gives the session's number."""
        pid, port = self.next_pid(rng), 32_768 + rng.randrange(28_000)
        self.ses += 1
        key = ": RSA SHA256:%s" % (account.encode().hex() * 6)[:43] if method == "publickey" else ""
        self.log(moment, "sshd[%d]: Accepted %s for %s from %s port %d ssh2%s" % (pid, method, account, address, port, key))
        self.log(moment + 60_000, "sshd[%d]: pam_unix(sshd:session): session opened for user %s by (uid=0)" % (pid, account))
        self.log(moment + minutes * MINUTE, "sshd[%d]: pam_unix(sshd:session): session closed for user %s" % (pid, account))
        if audited:
            uid = UIDS[account]
            self.event(moment + 40_000, 'type=USER_LOGIN %%s pid=%d uid=0 auid=%d ses=%d msg=\'op=login id=%d exe="/usr/sbin/sshd" hostname=%s addr=%s terminal=/dev/pts/0 res=success\'%sUID="root" AUID="%s" ID="%s"'
                       % (pid, uid, self.ses, uid, address, address, GROUP, account, account))
        return self.ses

    def sudo(self, moment, account, command):
        self.log(moment, "sudo: %10s : TTY=pts/0 ; PWD=/home/%s ; USER=root ; COMMAND=%s" % (account, account, command))

    def execve(self, rng, moment, account, arguments, paths=(), cwd="/root", uid="root", ses=None):
        exe = "/usr/bin/" + arguments[0].rsplit("/", 1)[-1] if not arguments[0].startswith("/") else arguments[0]
        pid = self.next_pid(rng)
        lines = [self._syscall("execve", 59, pid, account, uid, arguments[0].rsplit("/", 1)[-1], exe, ses, "a0=55d0c8a3b2a0 a1=55d0c8a41d60 a2=55d0c8a44010 a3=8", 2, "commands"),
                 "type=EXECVE %%s argc=%d %s" % (len(arguments), " ".join("a%d=%s" % (i, quoted(a)) for i, a in enumerate(arguments))),
                 'type=CWD %%s cwd="%s"' % cwd,
                 'type=PATH %%s item=0 name="%s" inode=%d dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0%sOUID="root" OGID="root"'
                 % (exe, 130_000 + len(exe) * 37, GROUP),
                 "type=PROCTITLE %%s proctitle=%s" % "\0".join(arguments).encode().hex().upper()[:256]]
        self.event(moment, *lines)

    def opened(self, rng, moment, account, name, program, uid="root", ses=None, kind="CREATE", number=257, call="openat", key="watched"):
        exe = "/usr/bin/" + program
        lines = [self._syscall(call, number, self.next_pid(rng), account, uid, program, exe, ses, "a0=ffffff9c a1=55f0b6d0e2c0 a2=241 a3=1b6", 2, key),
                 'type=CWD %s cwd="/root"',
                 'type=PATH %%s item=0 name="%s/" inode=%d dev=08:01 mode=040755 ouid=0 ogid=0 rdev=00:00 nametype=PARENT cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0%sOUID="root" OGID="root"'
                 % (name.rsplit("/", 1)[0], 260_000 + len(name), GROUP),
                 'type=PATH %%s item=1 name="%s" inode=%d dev=08:01 mode=0100644 ouid=0 ogid=0 rdev=00:00 nametype=%s cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0%sOUID="root" OGID="root"'
                 % (name, 270_000 + len(name) * 11, kind, GROUP),
                 "type=PROCTITLE %%s proctitle=%s" % program.encode().hex().upper()]
        self.event(moment, *lines)

    def _syscall(self, call, number, pid, account, uid, comm, exe, ses, arguments, items, key):
        return ('type=SYSCALL %%s arch=c000003e syscall=%d success=yes exit=0 %s items=%d ppid=%d pid=%d auid=%d uid=%d gid=%d euid=%d suid=%d fsuid=%d egid=%d sgid=%d fsgid=%d tty=pts0 '
                'ses=%d comm="%s" exe="%s" key="%s"%sARCH=x86_64 SYSCALL=%s AUID="%s" UID="%s" GID="%s" EUID="%s" SUID="%s" FSUID="%s" EGID="%s" SGID="%s" FSGID="%s"'
                % ((number, arguments, items, pid - 3, pid, UIDS[account]) + (UIDS[uid],) * 8 + (ses or self.ses, comm, exe, key, GROUP, call, account) + (uid,) * 8))


def quoted(text):
    """The kernel writes text with a blank or a quote in it in hexadecimal."""
    return '"%s"' % text if text.isascii() and not any(c in text for c in ' "') else text.encode().hex().upper()


# ---- planted ---------------------------------------------------------------------------------------

def campaign(backup, stats, rng):
    # T04, and the session in which the implant is put in place (T05).
    ses = backup.login(rng, at(4, 17, 23, 40, 12, 220_000), "svc-ldap-ctx", GATEWAY_INSIDE, minutes=14)
    for second, arguments in ((31, ("id",)), (52, ("uname", "-a")), (95, ("ls", "-la", "/opt", "/etc/cron.d")), (160, ("ss", "-tnp"))):
        backup.execve(rng, at(4, 17, 23, 40, 12) + second * SECOND, "svc-ldap-ctx", arguments, cwd="/home/svc-ldap-ctx", uid="svc-ldap-ctx", ses=ses)
    ses = backup.login(rng, at(4, 20, 1, 38, 51, 904_000), "svc-ldap-ctx", GATEWAY_INSIDE, minutes=5)
    backup.sudo(at(4, 20, 1, 39, 20), "svc-ldap-ctx", "/bin/sh")
    backup.execve(rng, at(4, 20, 1, 39, 44, 118_000), "svc-ldap-ctx", ("mkdir", "-p", "/opt/.avamar"), ses=ses)
    backup.execve(rng, at(4, 20, 1, 40, 6, 377_000), "svc-ldap-ctx", ("cp", "/tmp/.x", "/opt/.avamar/watchdogd"), ses=ses)
    backup.execve(rng, at(4, 20, 1, 40, 14, 52_000), "svc-ldap-ctx", ("chmod", "755", "/opt/.avamar/watchdogd"), ses=ses)
    backup.opened(rng, at(4, 20, 1, 40, 37, 640_000), "svc-ldap-ctx", "/etc/cron.d/avamar-wd", "tee", ses=ses, key="cron")
    # The way to stats-07.
    ses = stats.login(rng, at(5, 11, 21, 39, 30, 410_000), "svc-ldap-ctx", world.BACKUP_APP_ADDRESS, minutes=19)
    stats.execve(rng, at(5, 11, 21, 40, 2, 6_000), "svc-ldap-ctx", ("uname", "-a"), cwd="/home/svc-ldap-ctx", uid="svc-ldap-ctx", ses=ses)
    # T13: the share is packed in volumes of 412 MiB; a second volume is begun, so the first is full. All is removed when it has left.
    ses = stats.login(rng, at(5, 20, 23, 3, 18, 702_000), "m.okafor", "10.20.202.118", minutes=296)
    stats.execve(rng, at(5, 20, 23, 9, 41, 18_000), "m.okafor", ("mkdir", "-p", STAGED), uid="m.okafor", cwd="/home/m.okafor", ses=ses)
    stats.execve(rng, at(5, 20, 23, 10, 0, 250_000), "m.okafor", ("tar", "-cf", STAGED + "/w.tar", "/mnt/vx19/trial-1", "/mnt/vx19/formulation", "/mnt/vx19/sequences"), uid="m.okafor",
                 cwd="/home/m.okafor", ses=ses)
    stats.opened(rng, at(5, 20, 23, 10, 0, 301_000), "m.okafor", STAGED + "/w.tar", "tar", uid="m.okafor", ses=ses)
    stats.execve(rng, at(5, 20, 23, 16, 22, 903_000), "m.okafor", ("7za", "a", "-t7z", "-mx1", "-mhe=on", "-pTr4m-Window-19", "-v412m", STAGED + "/w.7z", STAGED + "/w.tar"), uid="m.okafor",
                 cwd="/home/m.okafor", ses=ses)
    stats.opened(rng, at(5, 20, 23, 16, 23, 40_000), "m.okafor", STAGED + "/w.7z.001", "7za", uid="m.okafor", ses=ses)
    stats.opened(rng, at(5, 20, 23, 27, 51, 777_000), "m.okafor", STAGED + "/w.7z.002", "7za", uid="m.okafor", ses=ses)
    stats.execve(rng, at(5, 21, 3, 52, 10, 361_000), "m.okafor", ("rm", "-rf", STAGED), uid="m.okafor", cwd="/home/m.okafor", ses=ses)
    stats.opened(rng, at(5, 21, 3, 52, 10, 402_000), "m.okafor", STAGED + "/w.7z.001", "rm", uid="m.okafor", ses=ses, kind="DELETE", number=263, call="unlinkat")


def look_alikes(case, host, day):
    rng = case.rng("linux look-alikes", host.name, day)
    # B14 and B16: at night the backup comes, on its own host it packs with a password.
    moment = day + 1 * HOUR + 15 * MINUTE + rng.randrange(30 * SECOND)
    ses = host.login(rng, moment, "svc-backup", "10.20.30.5", "publickey", minutes=26)
    if host.name == BACKUP:
        host.execve(rng, moment + 9 * SECOND, "svc-backup", ("/usr/bin/7z", "a", "-t7z", "-pBkp-Set-Key-7", "/srv/bkp/set-%d.7z" % (clock.weekday(day) + 1), "/srv/data"), cwd="/opt/bkp", uid="svc-backup", ses=ses)
    else:
        host.execve(rng, moment + 9 * SECOND, "svc-backup", ("rsync", "--server", "--sender", "-logDtpre.iLsfxC", ".", "/srv/stats"), cwd="/srv", uid="svc-backup", ses=ses)
    for hour in (5, 13, 21) if case.campaign else (5,):
        host.login(rng, day + hour * HOUR + 12 * MINUTE + rng.randrange(40 * SECOND), "svc-mon", "10.20.10.70", "publickey", minutes=1, audited=False)
    if clock.month_day(day) in ((6, 22), (6, 23)) and host.name == BACKUP:                 # B20: inside, from the tester's own pool address
        for number in range(12):
            host.log(day + 14 * HOUR + number * 9 * SECOND, "sshd[%d]: Failed password for %sroot from 10.20.203.66 port %d ssh2" % (host.next_pid(rng), "", 40_100 + number))


def ordinary(case, host, day, auth_left, audit_left):
    """People: researchers on the statistics server, administrators on both. Fills the day's numbers exactly."""
    rng = case.rng("linux ordinary", host.name, day)
    staff = clock.staff_clock(day)
    own = RESEARCHERS if host.name == STATS else ADMINS
    while auth_left > 0 or audit_left > 0:
        account = rng.choice(own if rng.random() < 0.8 else ADMINS)
        address = "10.20.%d.%d" % (200 + rng.randrange(4), rng.randrange(1, 255))
        moment = min(staff.draw(rng, day), day + 23 * HOUR)
        if auth_left >= 3 and audit_left >= 1:
            ses = host.login(rng, moment, account, address, "publickey" if account in ADMINS else "password", minutes=rng.randint(3, 50))
            auth_left -= 3
            audit_left -= 1
            for _ in range(min(audit_left, rng.randint(0, 3))):
                if rng.random() < 0.2:                       # watched files: what an editor or a package leaves behind
                    name = rng.choice(("/etc/cron.d/bkp", "/etc/crontab", "/etc/ssh/sshd_config", "/etc/sudoers.d/admins"))
                    host.opened(rng, moment + rng.randint(5, 170) * SECOND, rng.choice(ADMINS), name, "vim", kind="NORMAL", key="cron" if "cron" in name else "watched")
                    audit_left -= 1
                    continue
                host.execve(rng, moment + rng.randint(5, 170) * SECOND, account, rng.choice((("ls", "-l"), ("df", "-h"), ("tail", "/var/log/syslog"), ("R", "--no-save", "-f", "model.R"), ("top",),
                            ("tar", "-czf", "/home/%s/results.tar.gz" % account, "results"), ("scp", "results.tar.gz", "fs-res-01:"), ("crontab", "-l"), ("systemctl", "status", "cron"))),
                            cwd="/home/" + account, uid=account, ses=ses)
                audit_left -= 1
            if account in ADMINS and auth_left:
                host.sudo(moment + 90 * SECOND, account, rng.choice(("/usr/bin/apt update", "/bin/systemctl restart avagent", "/usr/bin/tail /var/log/syslog", "/bin/cat /etc/cron.d/bkp")))
                auth_left -= 1
        elif auth_left > 0:
            host.log(moment, "sshd[%d]: Failed password for %s from %s port %d ssh2" % (host.next_pid(rng), account, address, 32_768 + rng.randrange(28_000)))
            auth_left -= 1
        else:
            host.execve(rng, moment, rng.choice(ADMINS), rng.choice((("ls", "-l"), ("df", "-h"), ("ps", "ax"))), cwd="/root", uid="root")
            audit_left -= 1


def make(case):
    hosts = [Host(case, BACKUP), Host(case, STATS)]
    days = list(clock.days(*plan.LINUX_DAYS))
    for host in hosts:
        for day in days:
            look_alikes(case, host, day)
    if case.campaign:
        campaign(*hosts, case.rng("linux campaign"))
    planted = sum(len(rows) for host in hosts for kind in (host.auth, host.audit) for rows in kind.values())
    rest = case.linux - planted
    assert rest > 0, "Linux: %d planted" % planted
    weights = [clock.day_weight(d) for d in days]
    auth = rest * 62 // 100
    shares = [clock.share_out(n, weights + weights) for n in (auth, rest - auth)]
    for number, host in enumerate(hosts):
        for i, day in enumerate(days):
            ordinary(case, host, day, *(share[number * len(days) + i] for share in shares))
    return hosts


def write(case, folder):
    count = 0
    for host in make(case):
        tar = output.Tar()
        ahead = AHEAD[host.name]
        months = collections.OrderedDict()
        for moment, _, text in sorted(row for rows in host.auth.values() for row in rows):
            local = clock.local(moment + ahead)
            months.setdefault(clock.parts(local).tm_mon, []).append((local, "%s %s %s\n" % (clock.syslog(local), host.name, text)))
            count += 1
        names = list(months)
        for month, lines in months.items():
            age = len(names) - 1 - names.index(month)
            data = "".join(text for _, text in lines).encode("ascii")
            tar.add("%s/var/log/auth.log%s" % (host.name, "" if not age else ".1" if age == 1 else ".%d.gz" % age), data if age < 2 else output.gz(data), lines[-1][0] // SECOND, 0o640)
        lines = []
        number = 1_000 + len(host.name) * 977
        for moment, _, event in sorted(row for rows in host.audit.values() for row in rows):
            number += 1
            count += 1
            stamp = "msg=audit(%d.%03d:%d):" % ((moment + ahead) // SECOND, (moment + ahead) % SECOND // 1000, number)
            lines += [text % stamp + "\n" if "%s" in text else text for text in event]
        tar.add("%s/var/log/audit/audit.log" % host.name, "".join(lines).encode("ascii"), plan.COLLECTED // SECOND - 600, 0o600)
        output.write_bytes("%s/linux/%s.tar.zst" % (folder, host.name), output.zst(tar.bytes(), output.ZSTD_SMALL))
    return count
