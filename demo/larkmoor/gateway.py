"""Sources 1-3: the Citrix gateway's httpaccess.log: the loghost copy and the appliance's own rotated copies.

Carries T01, T02, T03 (and the web side of T10), B01, B02, B03, B20. The loghost has a hole on 9-11 May; the appliance keeps only the days
since 11 July, byte for byte the same records. ctx-gw-02 has nothing.
"""

import collections

from . import case as plan
from . import clock, listed, output, world
from .clock import DAY, HOUR, MINUTE, SECOND, at

ROTATE_AT = 100 * 1024            # newsyslog looks every hour and turns the file over beyond this size

AGENT_PYTHON = "python-requests/2.23.0"
AGENT_ATTACK = "Mozilla/5.0 (Windows NT 10.0; rv:68.0) Gecko/20100101 Firefox/68.0"
AGENTS_SCAN = ("Mozilla/5.0 zgrab/0.x", AGENT_PYTHON, "Go-http-client/1.1", "curl/7.58.0", "Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)",
               "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/79.0.3945.88 Safari/537.36", "-")
AGENT_OWN_SCANNER = "Mozilla/4.0 (compatible; LarkmoorScan/8.10)"

STATIC_ERROR_BYTES = 1_913        # B01: the error page that the front sends with 200 for anything below /remote and /dana-na
HONEY_PAGE_BYTES = 1_872          # B03: the page kept for the own scanner
CONFIG_TEMPLATE = "hdlqmvea"      # T03: the name under which ns.conf was copied into the portal
FIRST_TEMPLATE = "kqvzmtrw"       # T02
SECOND_TEMPLATE = "xrwpjbnc"      # T03: output of a command

LOGON_PAGES = (
    ("/", 302, 0), ("/vpn/index.html", 200, 8_214), ("/vpn/js/rdx/core/lang/rdx_en.json.gz", 200, 11_408), ("/vpn/images/logo.png", 200, 22_907),
    ("/logon/LogonPoint/index.html", 200, 7_441), ("/logon/LogonPoint/receiver/js/ctxs.core.min.js", 200, 182_330),
    ("/logon/themes/Default/css/base.css", 200, 41_220), ("/nf/auth/getAuthenticationRequirements.do", 200, 1_862),
    ("/nf/auth/doAuthentication.do", 200, 1_904), ("/cgi/login", 302, 522), ("/cgi/setclient?wica", 302, 0),
    ("/vpns/portal/homepage.html", 200, 13_820), ("/vpns/services.html", 200, 3_918), ("/vpns/f_services.html", 200, 4_004),
    ("/Citrix/StoreWeb/Home/Configuration", 200, 9_310), ("/Citrix/StoreWeb/Resources/List", 200, 18_240),
    ("/Citrix/StoreWeb/Authentication/GetAuthMethods", 200, 640), ("/Citrix/StoreWeb/Sessions/ListAvailable", 200, 212),
    ("/p/u/getAuthenticationRequirements.do", 200, 1_777), ("/vpn/media/citrixlogo.svg", 304, 0), ("/favicon.ico", 200, 1_150),
)
POSTED = {"/nf/auth/getAuthenticationRequirements.do", "/nf/auth/doAuthentication.do", "/cgi/login", "/Citrix/StoreWeb/Resources/List",
          "/Citrix/StoreWeb/Authentication/GetAuthMethods", "/Citrix/StoreWeb/Home/Configuration", "/Citrix/StoreWeb/Sessions/ListAvailable"}
NOISE = (("/robots.txt", 404), ("/.env", 404), ("/wp-login.php", 404), ("/owa/auth/logon.aspx", 404), ("/manager/html", 404), ("/phpmyadmin/", 404),
         ("/.git/config", 404), ("/", 302), ("/vpn/index.html", 200), ("/boaform/admin/formLogin", 404), ("/solr/", 404))

CITRIX_PROBES = (("GET", "/vpn/../vpns/cfg/smb.conf"), ("GET", "/vpn/../vpns/"), ("GET", "/vpn/../vpns/portal/scripts/newbm.pl"),
                 ("POST", "/vpn/../vpns/portal/scripts/newbm.pl"), ("GET", "/vpn/%2e%2e/vpns/cfg/smb.conf"), ("GET", "/vpns/cfg/smb.conf"),
                 ("GET", "/vpns/portal/scripts/rmbm.pl"), ("GET", "/vpn/../%76pns/cfg/smb.conf"))
PULSE_PROBES = (("GET", "/dana-na/../dana/html5acc/guacamole/../../../../../../etc/passwd?/dana/html5acc/guacamole/"),
                ("GET", "/dana-na/../dana/html5acc/guacamole/../../../../../../data/runtime/mtmp/lmdb/dataa/data.mdb?/dana/html5acc/guacamole/"))
FORTI_PROBES = (("GET", "/remote/fgt_lang?lang=/../../../..//////////dev/cmdb/sslvpn_websession"),)


def line(moment, client, method, path, status, size, agent, referrer="-"):
    return '%s - - [%s] "%s %s HTTP/1.1" %d %s "%s" "%s"\n' % (client, clock.apache(moment), method, path, status, size if size else "-", referrer, agent)


class Gateway:
    def __init__(self, case):
        self.case = case
        self.days = [d for d in clock.days(*plan.GATEWAY_DAYS) if not plan.in_span(d, plan.GATEWAY_HOLE)]
        self.fixed = collections.defaultdict(list)
        self.order = 0
        self._probes()
        self._own_scanner()
        self._authorised_test()
        if case.campaign:
            self._campaign()
        late = [d for d in self.days if d >= plan.COPIES_FROM]
        early = [d for d in self.days if d < plan.COPIES_FROM]
        copies = case.gateway_copies * case.scale
        planted_late = sum(len(self.fixed[d]) for d in late)
        planted_early = sum(len(self.fixed[d]) for d in early)
        def weight(day):                                       # remote work grows through the summer
            return clock.day_weight(day) * (0.8 + 0.6 * ((day - self.days[0]) / (107 * DAY)) ** 1.5)

        self.ordinary = dict(zip(late, clock.share_out(copies - planted_late, [weight(d) for d in late])))
        self.ordinary.update(zip(early, clock.share_out(case.gateway - copies - planted_early, [weight(d) for d in early])))

    def _add(self, moment, *fields, **kw):
        self.fixed[moment // DAY * DAY].append((moment // SECOND * SECOND, self.order, line(moment, *fields, **kw)))
        self.order += 1

    # ---- planted -------------------------------------------------------------------------------

    def _campaign(self):
        rng = self.case.rng("gateway campaign")
        # T01: a basic scan of four own addresses; the address asked for shows in the referrer, which this scanner fills in.
        paths = (("GET", "/", 302, 0), ("GET", "/robots.txt", 404, 1_150), ("GET", "/vpn/index.html", 200, 8_214), ("OPTIONS", "/", 403, 1_150),
                 ("GET", "/vpn/js/rdx/core/lang/rdx_en.json.gz", 200, 11_408), ("GET", "/owa/", 404, 1_150), ("GET", "/dana-na/auth/url_default/welcome.cgi", 404, 1_150),
                 ("GET", "/remote/login", 404, 1_150), ("GET", "/autodiscover/autodiscover.xml", 404, 1_150), ("GET", "/vpns/cfg/smb.conf", 403, 1_150),
                 ("GET", "/server-status", 404, 1_150))
        for source, start in (("198.51.100.77", at(4, 14, 8, 31, 4)), ("203.0.113.142", at(4, 14, 8, 31, 38))):
            moment = start
            for own in world.SCANNED_ADDRESSES:
                for method, path, status, size in paths:
                    self._add(moment, source, method, path, status, size, "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0)",
                              referrer="https://%s/" % own)
                    moment += rng.randint(0, 2) * SECOND
        # T02: write a template, read it four seconds later.
        post = ("POST", "/vpn/../vpns/portal/scripts/newbm.pl", 200, 143, AGENT_ATTACK)
        self._add(at(4, 16, 2, 12, 7), world.ATTACKER, *post)
        self._add(at(4, 16, 2, 12, 11), world.ATTACKER, "GET", "/vpns/portal/%s.xml" % FIRST_TEMPLATE, 200, 1_204, AGENT_ATTACK)
        # T03: a second command, then the copied configuration.
        self._add(at(4, 16, 2, 14, 2), world.ATTACKER, *post)
        self._add(at(4, 16, 2, 14, 6), world.ATTACKER, "GET", "/vpns/portal/%s.xml" % SECOND_TEMPLATE, 200, 977, AGENT_ATTACK)
        self._add(at(4, 16, 2, 14, 41), world.ATTACKER, "GET", "/vpns/portal/%s.xml" % CONFIG_TEMPLATE, 200, plan.CONFIG_BYTES, AGENT_ATTACK)
        # The web side of seven remote sessions with a stolen password; the account name is not in this log.
        for moment, last in ((at(4, 29, 20, 14, 8), 21), (at(5, 11, 21, 40, 30), 35), (at(5, 13, 20, 58, 51), 35), (at(5, 20, 22, 51, 12), 62), (at(6, 3, 12, 22, 40), 62),
                             (at(7, 2, 13, 5, 3), 90), (at(7, 10, 21, 17, 29), 118)):
            self._session(moment, world.STOLEN_USE % last, world.AGENTS[3], rng, 9, self._add)

    def _probes(self):
        """B01 and B02: 1,904 probes for Citrix, Pulse and Forti flaws from 61 addresses; one of these is listed, on the evening of 16 July."""
        rng = self.case.rng("gateway probes")
        scanners = []
        while len(scanners) < plan.PROBERS - 1:
            address = rng.choice(("198.51.100.%d" % rng.randrange(11, 255), "203.0.113.%d" % rng.randrange(20, 255),
                                  "198.18.%d.%d" % (rng.randrange(100), rng.randrange(1, 255))))
            if address not in scanners and address not in (world.ATTACKER, "198.51.100.77", "203.0.113.142"):
                scanners.append(address)
        listed_probes = 12
        shares = clock.share_out(plan.PROBES - listed_probes, [0.15 + rng.random() ** 3 * 4 for _ in scanners])
        assert min(shares) >= 1
        for address, share in zip(scanners, shares):
            agent = rng.choice(AGENTS_SCAN)
            kit = rng.choice((CITRIX_PROBES, CITRIX_PROBES, CITRIX_PROBES[:4], PULSE_PROBES, FORTI_PROBES, CITRIX_PROBES + PULSE_PROBES + FORTI_PROBES))
            while share:
                day = rng.choice(self.days)
                moment = clock.CLOCKS["flat"].draw(rng, day)
                moment = min(moment, day + DAY - HOUR)
                for _ in range(min(share, rng.randint(1, 14))):
                    method, path = rng.choice(kit)
                    self._probe(rng, moment, address, method, path, agent)
                    moment += rng.randint(1, 9) * SECOND      # never two equal lines: copies are counted by equality
                    share -= 1
        moment = at(7, 16, 21, 3, 17)
        for i in range(listed_probes):
            method, path = CITRIX_PROBES[i % len(CITRIX_PROBES)]
            self._probe(rng, moment, listed.LISTED_SCANNER, method, path, AGENT_PYTHON)
            moment += rng.randint(1, 4) * SECOND

    def _probe(self, rng, moment, address, method, path, agent):
        if path.startswith("/vpn"):
            status, size = rng.choice(((403, 1_150), (403, 1_150), (404, 1_221)))
        else:
            status, size = rng.choice(((200, STATIC_ERROR_BYTES), (404, 1_221)))
        self._add(moment, address, method, path, status, size, agent)

    def _own_scanner(self):
        """B03: Sundays 03:30Z, with 2 exact requests in April and 3 since May: 38 in all; other checks around them."""
        rng = self.case.rng("gateway own scanner")
        for day in self.days:
            if clock.weekday(day) != 6:
                continue
            moment = day + 3 * HOUR + 30 * MINUTE
            for path, status in NOISE:
                self._add(moment, world.SCANNER_ADDRESS, "GET", path, status, 8_214 if status == 200 else 1_221, AGENT_OWN_SCANNER)
                moment += rng.randint(1, 3) * SECOND
            self._add(moment, world.SCANNER_ADDRESS, "GET", "/vpn/../vpns/cfg/smb.conf", 200, HONEY_PAGE_BYTES, AGENT_OWN_SCANNER)
            self._add(moment + 2 * SECOND, world.SCANNER_ADDRESS, "POST", "/vpn/../vpns/portal/scripts/newbm.pl", 200, HONEY_PAGE_BYTES, AGENT_OWN_SCANNER)
            if day >= at(5, 1):
                name = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(8))
                self._add(moment + 5 * SECOND, world.SCANNER_ADDRESS, "GET", "/vpns/portal/%s.xml" % name, 404, 1_221, AGENT_OWN_SCANNER)

    def _authorised_test(self):
        """B20: 22-24 June, the testers try the flaw of January on the patched gateway."""
        rng = self.case.rng("gateway authorised test")
        for day in (22, 23, 24):
            moment = at(6, day, 9, 40 + day, 12)
            for number in range(12):
                method, path = CITRIX_PROBES[number % len(CITRIX_PROBES)]
                self._add(moment, world.TESTER, method, path, 403, 1_150, AGENT_PYTHON)
                moment += rng.randint(2, 40) * SECOND

    # ---- ordinary ------------------------------------------------------------------------------

    @staticmethod
    def _session(moment, client, agent, rng, requests, add):
        start = rng.choice((0, 4))
        for i in range(requests):
            path, status, size = LOGON_PAGES[(start + i) % len(LOGON_PAGES)]
            if size and size < 20_000 and status == 200 and path.startswith(("/nf", "/cgi", "/Citrix")):
                size += rng.randint(0, 90)
            add(moment, client, "POST" if path in POSTED else "GET", path, status, size, agent)
            moment += int(rng.expovariate(0.7) * SECOND)
        return moment

    def _ordinary(self, day):
        rng = self.case.rng("gateway ordinary", day)
        rows = []

        def add(moment, *fields, **kw):
            moment = min(moment, day + DAY - SECOND)
            rows.append((moment // SECOND * SECOND, len(rows) + 1_000_000, line(moment, *fields, **kw)))

        left = self.ordinary[day]
        while left > 0:
            if rng.random() < 0.05:
                path, status = rng.choice(NOISE)
                add(clock.CLOCKS["flat"].draw(rng, day), "198.18.%d.%d" % (rng.randrange(100), rng.randrange(1, 255)), "GET", path, status,
                    8_214 if status == 200 else (0 if status == 302 else 1_221), rng.choice(AGENTS_SCAN))
                left -= 1
                continue
            person = rng.choice(world.PEOPLE)
            requests = min(left, rng.randint(5, 19))
            self._session(clock.CLOCKS["remote"].draw(rng, day), rng.choice(person.homes), person.agent, rng, requests, add)
            left -= requests
        return rows

    def day_rows(self, day):
        """(second, order, line) of one day, in time order."""
        return sorted(self._ordinary(day) + self.fixed.get(day, []))


def write(case, folder):
    gateway = Gateway(case)
    main, copies = [], []
    for day in gateway.days:
        for moment, _, text in gateway.day_rows(day):
            main.append(text)
            if day >= plan.COPIES_FROM:
                copies.append((moment, text))
    output.write_bytes(folder + "/gateway/loghost/ctx-gw-01/httpaccess.log.gz", output.gz("".join(main).encode("ascii")))
    # The appliance turns its file over on the hour when it has grown past the limit; .0.gz is the youngest copy.
    chain, current, size, hour = [], [], 0, copies[0][0] // HOUR
    for moment, text in copies:
        if moment // HOUR != hour:
            hour = moment // HOUR
            if size > ROTATE_AT:
                chain.append(current)
                current, size = [], 0
        current.append(text)
        size += len(text)
    here = folder + "/gateway/ctx-gw-01/var/log/httpaccess.log"
    output.write_bytes(here, "".join(current).encode("ascii"))
    for number, lines in enumerate(reversed(chain)):
        output.write_bytes("%s.%d.gz" % (here, number), output.gz("".join(lines).encode("ascii")))
    return "%d + %d copies in %d files" % (len(main), len(copies), len(chain) + 1)


def sessions_of_day(case, day, count):
    """Clients of the gateway as the Zeek sensor sees them: (moment, client)."""
    rng = case.rng("gateway clients", day)
    return sorted((clock.CLOCKS["remote"].draw(rng, day), rng.choice(rng.choice(world.PEOPLE).homes)) for _ in range(count))
