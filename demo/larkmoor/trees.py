"""Source 15: three file trees: the backup application server, the gateway's own disk, the share of the security team.

Carries T03 (bash.log, httperror.log, portal templates, the copied ns.conf), T05 (the implant's place, its cron line, an inert stand-in for
the file), B10 (advisory text, indicators, rules, query export) and B12 (the real backup client and the packaged watchdogd).

Every program here is INERT: a file header, text strings, and zero bytes where code would be. None of them can run.
"""

import base64
import hashlib
import json
import struct

from . import advisory_text, case as plan
from . import clock, gateway, listed, output, world
from .clock import DAY, HOUR, SECOND, at

NS = ("nobody", 65534)


def elf(strings, size, rng):
    """An ELF header (64 bit, no entry point, no segments), the strings, and zero bytes."""
    header = b"\x7fELF" + bytes((2, 1, 1, 0)) + bytes(8) + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0)
    body = bytes(4096 - len(header)) + b"\0".join(s.encode("ascii") for s in strings) + b"\0"
    return header + body + b"build " + rng.randbytes(20).hex().encode() + bytes(max(0, size - len(header) - len(body) - 46))


def pe(strings, size):
    """A DOS header that points to a PE signature, the strings, and zero bytes; no sections."""
    header = b"MZ" + bytes(58) + struct.pack("<I", 128) + bytes(64) + b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 0, 0, 0, 0, 0, 0x2022)
    body = b"\0".join(s.encode("utf-16-le") for s in strings)
    return header + body + bytes(max(0, size - len(header) - len(body)))


def der(tag, *parts):
    body = b"".join(parts)
    length = bytes((len(body),)) if len(body) < 128 else b"\x82" + struct.pack(">H", len(body))
    return bytes((tag,)) + length + body


def short_key_certificate(rng):
    """B08: an instrument's self-signed certificate, honest, with a subject key identifier of four bytes. The key and signature are random bytes."""
    def name(country, organisation, common):
        def part(oid, tag, text):
            return der(0x31, der(0x30, der(0x06, b"\x55\x04" + bytes((oid,))), der(tag, text.encode())))
        return der(0x30, part(6, 0x13, country), part(10, 0x0C, organisation), part(3, 0x0C, common))

    rsa, signed = (der(0x30, der(0x06, bytes.fromhex("2a864886f70d0101" + kind)), der(0x05)) for kind in ("01", "0b"))
    who = name("CH", "Instrument Care", "inst-ms-02")
    key = der(0x30, rsa, der(0x03, b"\0", der(0x30, der(0x02, b"\0\xc1" + rng.randbytes(127)), der(0x02, b"\1\0\1"))))
    identifier = der(0x30, der(0x06, b"\x55\x1d\x0e"), der(0x04, der(0x04, bytes.fromhex("00a71c02"))))
    body = der(0x30, der(0xA0, der(0x02, b"\2")), der(0x02, b"\x2a" + rng.randbytes(7)), signed, who,
               der(0x30, der(0x17, b"190304080000Z"), der(0x17, b"290301080000Z")), who, key, der(0xA3, der(0x30, identifier)))
    text = base64.b64encode(der(0x30, body, signed, der(0x03, b"\0" + rng.randbytes(128)))).decode()
    return ("-----BEGIN CERTIFICATE-----\n" + "\n".join(text[i:i + 64] for i in range(0, len(text), 64)) + "\n-----END CERTIFICATE-----\n").encode()


WELLMESS_STRINGS = (
    "INERT DEMO FILE - header and strings only - no code - cannot run",
    "botlib.wellMess", "botlib.Command", "botlib.Download", "botlib.AES_Encrypt", "botlib.AES_Decrypt", "botlib.Post", "botlib.Send", "botlib.SendD",
    "botlib.JoinDnsChunks", "botlib.z32decode", "botlib.z32decodeString", "botlib.generateRandomString", "botlib.deleteFile",
    "_/home/ubuntu/GoProject/src/bot/botlib", "/home/ubuntu/GoProject/src/bot/botlib/chat.go", "GoProject/src/bot/botlib.wellMess",
    "/home/ubuntu/GoProject/src/bot/botlib.Command", "<;head;><;title;>", "<;title;><;service;>",
    "fileName:(?P<fn>.*?)\\sargs:(?P<arg>.*?)\\snotwait:(?P<nw>.*)", "<;(?P<key>[^;]*?);>(?P<value>[^<]*?)<;[^;]*?;>",
    "net/http.(*persistConn).readLoop", "net/http.(*Request).AddCookie", "http://invalidlookup",
    "-----BEGIN CERTIFICATE-----", "MIIinertVBAYTBVR1bmlzMQswCQYDVQQKEwJJVDBgNVBAYTBVR1bmlzMQswCQYDVQQKEwJJVDBgNVHQ4EBwQFAQIDBA",
    "-----END CERTIFICATE-----", "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----", listed.WELLMESS_SERVER,
)


def ns_conf(size, build):
    """The gateway's configuration; the bind password is a made-up encrypted value."""
    lines = ["#NS%s" % build, "# Last modified by `save config`, Tue Apr  7 19:02:11 2020", "set ns config -IPAddress 10.20.1.10 -netmask 255.255.255.0",
             "set ns hostName ctx-gw-01", "add HA node 1 10.20.1.11", "enable ns feature LB SSL SSLVPN AAA REWRITE RESPONDER",
             "add authentication ldapAction act_ldap_larkmoor -serverIP 10.20.10.5 -serverPort 636 -ldapBase \"dc=larkmoor,dc=example\" "
             "-ldapBindDn \"svc-ldap-ctx@larkmoor.example\" -ldapBindDnPassword 2f7d1e0c55aa4b1f9e8d7c6b5a493827 -encrypted -encryptmethod ENCMTHD_3 "
             "-ldapLoginName sAMAccountName -secType SSL",
             "add authentication ldapPolicy pol_ldap_larkmoor NS_TRUE act_ldap_larkmoor",
             "add vpn vserver vs_remote SSL 192.0.2.10 443 -Listenpolicy NONE", "bind vpn vserver vs_remote -policy pol_ldap_larkmoor -priority 100",
             "add ssl certKey ck_remote -cert remote.larkmoor.example.cer -key remote.larkmoor.example.key",
             "add responder policy ctx267027 \"HTTP.REQ.URL.DECODE_USING_TEXT_MODE.CONTAINS(\\\"/vpns/\\\") && (!CLIENT.SSLVPN.IS_SSLVPN || "
             "HTTP.REQ.URL.DECODE_USING_TEXT_MODE.CONTAINS(\\\"/../\\\"))\" respondwith403"]
    number = 0
    text = "\n".join(lines) + "\n"
    while len(text) < size - 200:
        number += 1
        text += "add policy patset_entry ps_internal_%03d host-%03d.larkmoor.example -index %d -charset ASCII -comment \"segment %d\"\n" % (
            number, number * 7 % 613, number, number % 9)
    return (text + "#" + "-" * (size - len(text) - 2) + "\n").encode("ascii")


def template(username, title):
    return ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<user username=\"%s\">\n<bookmarks>\n<bookmark UI_inuse=\"a\" descr=\"desc\" title=\"%s\" "
            "url=\"http://127.0.0.1\" />\n</bookmarks>\n<escbk>\n</escbk>\n<filesystems></filesystems>\n<style></style>\n</user>\n" % (username, title)).encode("ascii")


def inert_command():
    """The form of the published exploit's template; what it would run is a shell comment."""
    comment = "# inert demo text"
    return "[% template.new({'BLOCK'='print readpipe(" + " . ".join("chr(%d)" % ord(c) for c in comment) + ")'})%]"


def gateway_tree(case):
    rng = case.rng("tree gateway")
    tar = output.Tar()
    root = "ctx-gw-01/"
    for number in range(96):                                     # the appliance's own portal files, all of one install date
        name = ("admin_ui/page%02d.html", "vpn/js/part%02d.js", "vpn/media/icon%02d.svg", "portal/scripts/tool%02d.pm")[number % 4] % number
        tar.add(root + "netscaler/" + name, ("/* Citrix ADC part %d */\n" % number).encode() * (3 + number % 11), at(1, 24, 10) // SECOND)
    people = world.PEOPLE[:26]
    for person in people:                                        # honest bookmarks
        tar.add(root + "var/vpn/bookmark/%s.xml" % person.account, template(person.account, "Intranet"), at(4, 1, 9) // SECOND + people.index(person) * 86_400)
    bash, error = [], []
    for number in range(420):
        moment = at(4, 1, 6) + number * 6 * HOUR + rng.randrange(HOUR)
        if moment >= plan.COLLECTED:
            break
        bash.append((moment, "root on /dev/pts/0 shell_command=\"%s\"" % rng.choice(("df -h", "ls /var/log", "tail /var/log/ns.log", "ps ax", "nsconmsg -K newnslog -d current"))))
        if number % 3 == 0:
            error.append((moment, "[error] [client 198.18.%d.%d] File does not exist: /netscaler/ns_gui/%s" % (
                rng.randrange(100), rng.randrange(1, 255), rng.choice(("robots.txt", ".env", "wp-login.php", "owa")))))
    if case.campaign:
        first = at(4, 16, 2, 14, 3)
        for second, command in ((0, "id"), (9, "uname -a"), (17, "curl -s -k -o /dev/null https://%s/" % world.ATTACKER),
                                (29, "cp /nsconfig/ns.conf /netscaler/portal/templates/%s.xml" % gateway.CONFIG_TEMPLATE)):
            bash.append((first + second * SECOND, "nobody (null) on (null) shell_command=\"%s\"" % command))
        error.append((first + 19 * SECOND, "curl: (35) schannel handshake with %s:443 closed by peer" % world.ATTACKER))
        error.append((first + 21 * SECOND, "wget: not found"))
        tar.add(root + "netscaler/portal/templates/%s.xml" % gateway.FIRST_TEMPLATE, template("../../../netscaler/portal/templates/" + gateway.FIRST_TEMPLATE, inert_command()),
                at(4, 16, 2, 12, 7) // SECOND, owner=NS)
        tar.add(root + "netscaler/portal/templates/%s.xml" % gateway.SECOND_TEMPLATE, template("../../../netscaler/portal/templates/" + gateway.SECOND_TEMPLATE, inert_command()),
                at(4, 16, 2, 14, 2) // SECOND, owner=NS)
        tar.add(root + "netscaler/portal/templates/%s.xml" % gateway.CONFIG_TEMPLATE, ns_conf(plan.CONFIG_BYTES, "12.1 Build 50.28"), at(4, 16, 2, 14, 32) // SECOND, owner=NS)
        for name in (gateway.FIRST_TEMPLATE, gateway.SECOND_TEMPLATE):
            tar.add(root + "var/tmp/netscaler/portal/templates/%s.xml.ttc2" % name, b"package Template::Document; # compiled template, emptied\n", at(4, 16, 2, 14, 6) // SECOND, owner=NS)
    # The appliance's own log has lines "Apr 16 02:14:03 <local7.notice> ctx-gw-01 bash[n]: ..." in UTC and no year.
    tar.add(root + "var/log/bash.log", "".join("%s <local7.notice> ctx-gw-01 bash[%d]: %s\n" % (clock.syslog(m), 20_000 + i, t) for i, (m, t) in enumerate(sorted(bash))).encode(),
            plan.COLLECTED // SECOND - 7_000)
    tar.add(root + "var/log/httperror.log", "".join("[%s %s 2020] %s\n" % (clock.WEEKDAYS[clock.weekday(m)], clock.syslog(m), t) for m, t in sorted(error)).encode(), plan.COLLECTED // SECOND - 900)
    tar.add(root + "nsconfig/ns.conf", ns_conf(49_020, "12.1 Build 55.18"), at(4, 27, 21) // SECOND)
    tar.add(root + "nsconfig/ssl/remote.larkmoor.example.cer", b"-----BEGIN CERTIFICATE-----\n(emptied at collection)\n-----END CERTIFICATE-----\n", at(1, 9) // SECOND)
    tar.add(root + "var/cron/tabs/root", b"SHELL=/bin/sh\n0 * * * * newsyslog\n0 0 * * * purge_tickets.sh\n", at(1, 24, 10) // SECOND)
    tar.add(root + "etc/crontab", b"SHELL=/bin/sh\n0\t*\t*\t*\t*\troot\tnewsyslog\n", at(1, 24, 10) // SECOND)
    return tar


def backup_tree(case, files):
    rng = case.rng("tree backup")
    tar = output.Tar()
    root = "bkp-app-03/"
    installed = at(2, 11, 9, 30) // SECOND
    watchdogd = elf(("INERT DEMO FILE - header and strings only - no code - cannot run", "watchdogd 5.15", "/dev/watchdog", "WATCHDOG_DEVICE", "keep_alive"), 22_528, rng)
    avagent = elf(("INERT DEMO FILE - header and strings only - no code - cannot run", "Avamar Client agent 19.2", "avagent.cfg", "/var/avamar/avagent.log"), 40_960, rng)
    avamar_exe = pe(("INERT DEMO FILE", "Avamar Windows client 19.2", "avamar.exe"), 36_864)
    fixed = [("etc/os-release", b"PRETTY_NAME=\"Debian GNU/Linux 10 (buster)\"\nID=debian\n", installed, 0o644),
             ("etc/hostname", b"bkp-app-03\n", installed, 0o644),
             ("usr/sbin/watchdogd", watchdogd, installed, 0o755),                                                       # B12: the package's own
             ("var/lib/dpkg/info/watchdogd.list", b"/.\n/usr\n/usr/sbin\n/usr/sbin/watchdogd\n/etc/watchdogd.conf\n", installed, 0o644),
             ("var/lib/dpkg/info/watchdogd.md5sums", (hashlib.md5(watchdogd).hexdigest() + "  usr/sbin/watchdogd\n").encode(), installed, 0o644),
             ("etc/watchdogd.conf", b"interval = 10\n", installed, 0o644),
             ("usr/local/avamar/bin/avagent.bin", avagent, installed, 0o755),                                            # B12: the real client
             ("usr/local/avamar/etc/avagent.cfg", b"--hfsaddr=10.20.30.5\n", installed, 0o644),
             ("srv/install/windows/avamar.exe", avamar_exe, installed, 0o644),
             ("opt/bkp/bin/nightly.sh", b"#!/bin/sh\n# nightly archive, password from the safe\n7z a -t7z -p\"$BKP_KEY\" /srv/bkp/set-$(date +%u).7z /srv/data\n", installed, 0o755),
             ("etc/cron.d/bkp", b"15 1 * * * root /opt/bkp/bin/nightly.sh\n", installed, 0o644),
             ("etc/bkp/trust/inst-ms-02.pem", short_key_certificate(case.rng("certificate")), installed, 0o644),           # B08
             ("etc/crontab", b"17 * * * * root run-parts /etc/cron.hourly\n", installed, 0o644)]
    if case.campaign:
        planted = at(4, 20, 1, 40, 6) // SECOND
        fixed += [("opt/.avamar/watchdogd", elf(WELLMESS_STRINGS, 512_000, rng), planted, 0o755),                        # T05
                  ("etc/cron.d/avamar-wd", b"*/30 * * * * root /opt/.avamar/watchdogd >/dev/null 2>&1\n", planted + 31, 0o644)]
    for name, data, moment, mode in fixed:
        tar.add(root + name, data, moment, mode)
    while tar.members < files:
        number = tar.members
        kind = number % 5
        if kind == 0:
            tar.add(root + "var/avamar/log/avagent-%04d.log" % number, ("%s avagent Info <5008>: Logging to /var/avamar/log, cycle %d\n" % (
                clock.iso_ms(at(4, 1) + number * 4 * HOUR), number)).encode() * 6, (at(4, 1) + number * 4 * HOUR) // SECOND)
        elif kind == 1:
            tar.add(root + "usr/share/doc/package-%04d/copyright" % number, b"Licence text of package %d\n" % number * 4, installed)
        elif kind == 2:
            tar.add(root + "srv/catalogue/set-%04d.idx" % number, struct.pack("<IQ", number, number * 977) + rng.randbytes(180), (at(4, 1) + number * 3 * HOUR) // SECOND)
        elif kind == 3:
            tar.add(root + "etc/bkp/clients/client-%04d.conf" % number, ("name=client-%04d\nschedule=nightly\nkeep=35\n" % number).encode(), installed + number)
        else:
            tar.add(root + "usr/lib/bkp/mod-%04d.py" % number, ("# module %d of the backup scheduler\nNAME = 'mod-%04d'\n" % (number, number)).encode() * 3, installed)
    return tar


def soc_tree(case):
    rng = case.rng("tree soc")
    tar = output.Tar()
    root = "soc-share/"
    evening = at(7, 16, 17, 5) // SECOND
    tar.add(root + "advisories/2020-07-16-apt29/summary.txt", advisory_text.summary(defanged=False).encode(), evening)
    tar.add(root + "advisories/2020-07-16-apt29/summary-defanged.txt", advisory_text.summary(defanged=True).encode(), evening + 200)
    tar.add(root + "advisories/2020-07-16-apt29/iocs.csv", advisory_text.indicator_csv().encode(), evening + 340)
    tar.add(root + "rules/larkmoor_wellmess.yar", advisory_text.YARA.encode(), evening + 900)
    tar.add(root + "rules/larkmoor_wellmess.sigma.yml", ("title: Listed address in proxy log\nlogsource:\n    category: proxy\ndetection:\n    selection:\n        dst_ip:\n%s"
            "    condition: selection\nlevel: high\n" % "".join("            - %s\n" % a for a in listed.LISTED)).encode(), evening + 1_500)
    # The export of the queries that the analysts put to the log store: records that look like events and are questions.
    lines = []
    moment = at(7, 16, 18, 2, 9)
    for address in listed.LISTED + (listed.WELLMAIL_SERVER,):
        lines.append(json.dumps({"@timestamp": clock.iso_ms(moment), "event": {"category": "search", "action": "query"}, "user": {"name": "j.hartley"},
                                 "search": {"index": "proxy-*", "query": "destination.ip:\"%s\" OR url.domain:\"%s\"" % (address, address), "hits": 0},
                                 "host": {"name": "soc-01"}}, separators=(",", ":")))
        moment += rng.randint(4, 20) * SECOND
    tar.add(root + "exports/siem-queries-2020-07-16.jsonl", ("\n".join(lines) + "\n").encode(), moment // SECOND)
    tar.add(root + "playbooks/phishing.md", b"# Phishing\n1. Get the original as attachment.\n2. Search for other recipients.\n", at(2, 3) // SECOND)
    number = 0
    while tar.members < 78:
        number += 1
        day = at(3, 2) + number * 2 * DAY
        tar.add(root + "tickets/2020/INC-%05d.txt" % (20_000 + number), ("Opened %s\nSubject: %s\nClosed: no finding\n" % (
            clock.iso_ms(day + 9 * HOUR), rng.choice(("phishing report", "blocked download", "scanner noise on the gateway", "lost badge reader", "printer certificate"))))
            .encode(), day // SECOND)
    return tar


def write(case, folder):
    gateway_part, soc_part = gateway_tree(case), soc_tree(case)
    backup_part = backup_tree(case, case.tree_files - gateway_part.members - soc_part.members)
    total = 0
    for name, tar in (("bkp-app-03", backup_part), ("ctx-gw-01", gateway_part), ("soc-share", soc_part)):
        output.write_bytes("%s/files/%s.tar.zst" % (folder, name), output.zst(tar.bytes()))
        total += tar.members
    return "%d files" % total
