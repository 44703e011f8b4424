"""Sources 14 and 15: the endpoint product's export of 24 workstations (UTF-16, semicolons, day first, UK local time, no servers), and the anti-virus alerts.

Nothing of the campaign is in them: its hosts are servers. They carry B12 (avamar.exe), B16 (20,000 files renamed by a data migration) and B18 (new PCs).
"""

import random

from . import case as plan
from . import clock, output, windows, world
from .clock import DAY, HOUR, MINUTE, SECOND, at

MACHINES = tuple("ws-vx-%02d" % i for i in range(1, 18)) + tuple("lab-kiosk-%02d" % i for i in range(1, 4)) + ("soc-01", "soc-02", "ws-adm-01", "ws-adm-02")
COLUMNS = ("Date and time", "Computer", "User", "Event", "Process", "Command line", "Parent process", "File", "SHA-256", "Remote address", "Remote port", "Count", "Severity", "Action")
RENAMED = 20_000                  # B16
MIGRATION = (at(7, 4, 8, 10), "ws-vx-12", "svc-lims")

_PROGRAMS = (
    ("C:\\Windows\\System32\\svchost.exe", "svchost.exe -k netsvcs -p", "C:\\Windows\\System32\\services.exe"),
    ("C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe", "chrome.exe --type=renderer", "C:\\Windows\\explorer.exe"),
    ("C:\\Program Files\\Mozilla Firefox\\firefox.exe", "firefox.exe -contentproc", "C:\\Windows\\explorer.exe"),
    ("C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE", "OUTLOOK.EXE", "C:\\Windows\\explorer.exe"),
    ("C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE", "EXCEL.EXE /dde", "C:\\Windows\\explorer.exe"),
    ("C:\\Program Files\\GraphPad\\Prism 8\\prism.exe", "prism.exe", "C:\\Windows\\explorer.exe"),
    ("C:\\Program Files\\R\\R-3.6.3\\bin\\x64\\Rgui.exe", "Rgui.exe --no-save", "C:\\Windows\\explorer.exe"),
    ("C:\\Windows\\System32\\conhost.exe", "conhost.exe 0xffffffff -ForceV1", "C:\\Windows\\System32\\cmd.exe"),
    ("C:\\Program Files\\avs\\bin\\avamar.exe", "avamar.exe --service", "C:\\Windows\\System32\\services.exe"),           # B12
    ("C:\\Program Files\\AVendor\\agent.exe", "agent.exe --heartbeat", "C:\\Windows\\System32\\services.exe"),
    ("C:\\Windows\\System32\\taskhostw.exe", "taskhostw.exe Install $(Arg0)", "C:\\Windows\\System32\\svchost.exe"),
    ("C:\\Windows\\System32\\SearchProtocolHost.exe", "SearchProtocolHost.exe Global\\UsGthrFltPipeMssGthrPipe", "C:\\Windows\\System32\\SearchIndexer.exe"),
)


def _hash(text):
    return random.Random("larkmoor hash " + text).randbytes(32).hex()


HASHES = {program: _hash(program) for program, _, _ in _PROGRAMS}


def local(moment):
    p = clock.parts(clock.local(moment))
    return "%02d/%02d/%04d %02d:%02d:%02d" % (p.tm_mday, p.tm_mon, p.tm_year, p.tm_hour, p.tm_min, p.tm_sec)


def events(case):
    rng = case.rng("edr planted")
    rows = []
    # B16: a migration of the instrument share, in batches.
    moment, host, account = MIGRATION
    for batch in range(100):
        rows.append((moment, host, account, "Files renamed", "C:\\Tools\\migrate\\robolift.exe", "robolift.exe /move /rename:lims2 E:\\runs \\\\lims-01\\runs", "C:\\Windows\\System32\\cmd.exe",
                     "E:\\runs\\batch-%03d" % batch, _hash("robolift"), "", "", str(RENAMED // 100), "Low", "Logged"))
        moment += rng.randint(20, 50) * SECOND
    # B18: software goes onto the new PCs (those of 17 June on).
    for name in windows.IMAGED:
        day = max(windows.imaged_on(name), at(6, 17, 8))
        for step in range(8):
            rows.append((day + (step + 2) * 3 * MINUTE, name, "svc-image", "Process started", "C:\\Windows\\System32\\msiexec.exe", "msiexec.exe /i \\\\fs-res-01\\install\\part-%d.msi /qn" % step,
                         "C:\\Windows\\CCM\\CcmExec.exe", "", _hash("msiexec"), "", "", "1", "Info", "Allowed"))
    days = list(clock.days(*plan.EDR_DAYS))
    owners = {p.workstation: p.account for p in world.PEOPLE if p.workstation}
    for day, count in zip(days, clock.share_out(case.edr - len(rows), [clock.day_weight(d) for d in days])):
        rng = case.rng("edr", day)
        staff = clock.staff_clock(day)
        for _ in range(count):
            host = rng.choice(MACHINES)
            user = owners.get(host) or ("lab-kiosk" if host.startswith("lab") else "j.hartley" if host.startswith("soc") else "adm.whelan")
            program, command, parent = rng.choice(_PROGRAMS)
            if "services.exe" in parent or "svchost" in parent:
                user = "SYSTEM"
            moment = staff.draw(rng, day) // SECOND * SECOND
            if rng.random() < 0.8:
                rows.append((moment, host, user, "Process started", program, command, parent, "", HASHES[program], "", "", "1", "Info", "Allowed"))
            else:
                site = rng.choice(world.SITES)
                rows.append((moment, host, user, "Network connection", program, "", parent, "", HASHES[program], site.address, "443" if site.secure else "80", "1", "Info", "Allowed"))
    rows.sort()
    return rows


ALERTS = (("PUA:Win32/ToolbarHelper", "Potentially unwanted", "C:\\Users\\%s\\Downloads\\pdf-converter-setup.exe", "Quarantined"),
          ("PUA:Win32/CouponAssist", "Potentially unwanted", "C:\\Users\\%s\\Downloads\\free-templates.exe", "Quarantined"),
          ("Trojan:HTML/FakeInvoice.B", "Trojan", "C:\\Users\\%s\\AppData\\Local\\Temp\\invoice_2020.html", "Removed"),
          ("O97M/Obfuse.Gen", "Macro", "C:\\Users\\%s\\Documents\\old\\orders-2014.doc", "Cleaned"),
          ("JS/Redirector.Q", "Script", "C:\\Users\\%s\\AppData\\Local\\Cache\\f_0001a2", "Removed"),
          ("EICAR-Test-File", "Test", "C:\\Users\\%s\\Desktop\\eicar.com", "Quarantined"),
          ("HackTool:Win32/KeyFinder", "Hack tool", "E:\\tools\\licence\\keyfinder.exe", "Quarantined"))


def alerts(case):
    rng = case.rng("av alerts")
    people = [p for p in world.PEOPLE if p.workstation]
    days = list(clock.days(*plan.GATEWAY_DAYS))
    rows = []
    for number in range(case.alerts):
        person = rng.choice(people)
        name, category, path, action = ALERTS[min(int(rng.expovariate(0.6)), len(ALERTS) - 1)]
        moment = clock.CLOCKS["office"].draw(rng, rng.choice(days)) // SECOND * SECOND
        rows.append((moment, number, person.workstation, person.account, name, category, path % person.account if "%s" in path else path, action, _hash(name + str(rng.randrange(3)))))
    return sorted(rows)


def write(case, folder):
    rows = events(case)
    text = ";".join(COLUMNS) + "\r\n" + "".join(local(r[0]) + ";" + ";".join(field if ";" not in field else '"%s"' % field for field in r[1:]) + "\r\n" for r in rows)
    output.write_bytes(folder + "/edr/edr-events-2020-07-17.csv.zst", output.zst(b"\xff\xfe" + text.encode("utf-16-le"), output.ZSTD_SMALL))
    found = alerts(case)
    lines = ["Detection time (UTC),Computer name,User name,Threat name,Category,File path,Action taken,SHA-256\r\n"]
    for moment, _, host, user, name, category, path, action, digest in found:
        p = clock.parts(moment)
        lines.append("%04d-%02d-%02d %02d:%02d:%02d,%s,%s,%s,%s,%s,%s,%s\r\n" % (p.tm_year, p.tm_mon, p.tm_mday, p.tm_hour, p.tm_min, p.tm_sec, host, user, name, category, path, action, digest))
    output.write_bytes(folder + "/av/av-alerts-2020-07-17.csv", "".join(lines).encode("ascii"))
    return "%d + %d alerts" % (len(rows), len(found))
