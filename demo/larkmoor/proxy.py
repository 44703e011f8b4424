"""Source 6: the forward proxy, JSON lines in Elastic Common Schema, one object a line, a zstd file a month.

Carries T06, T08, T09 and B06, B07, B09, B11, and the web side of B05 and B10. Cookies are logged since 1 May only.
The events of a day are made again by zeek.py, which sees the proxy as the source of the same bytes.
"""

import collections
import json

from . import case as plan
from . import clock, cookie, listed, output, world
from .clock import DAY, HOUR, MINUTE, SECOND, at

Event = collections.namedtuple("Event", "moment source user method status sent received scheme domain path address port agent cookie denied")

AGENT_WELLMESS = "Mozilla/5.0 (Windows NT 6.1; WOW64; rv:31.0) Gecko/20130401 Firefox/31.0"
AGENT_UPDATE = "AVendorUpdate/11.6 (Windows NT 10.0)"
COOKIE_KINDS = ("ga", "ga", "session", "consent", "eight", "plain")


class Proxy:
    def __init__(self, case):
        self.case = case
        self.days = list(clock.days(*plan.PROXY_DAYS))
        self.fixed = collections.defaultdict(list)
        self._look_alikes()
        if case.campaign:
            self._campaign()
        for events in self.fixed.values():
            events.sort()
        # Lockdown from 23 March: more of the work goes through the proxy of the institute.
        weights = [clock.day_weight(d) * (0.7 if d < at(3, 23) else 1.0) for d in self.days]
        periodic = [len(self._periodic(d)) for d in self.days]
        rest = case.proxy - sum(len(v) for v in self.fixed.values()) - sum(periodic)
        self.ordinary = dict(zip(self.days, clock.share_out(rest, weights)))
        self.cookies = {}

    # ---- planted -------------------------------------------------------------------------------

    def _add(self, moment, **kw):
        event = dict(source="10.20.200.9", user=None, method="GET", status=200, sent=412, received=9_000, scheme="https", domain="",
                     path="/", address="", port=443, agent=world.AGENTS[0], cookie=None, denied=False)
        event.update(kw)
        if moment < plan.COOKIES_FROM:
            event["cookie"] = None
        self.fixed[moment // DAY * DAY].append(Event(moment=moment, **event))

    def _campaign(self):
        rng = self.case.rng("proxy campaign")
        for moment, sent, received in plan.beacons(self.case):
            self._add(moment, source=world.BACKUP_APP_ADDRESS, method="POST", sent=sent, received=received, scheme="http",
                      domain=listed.WELLMESS_SERVER, address=listed.WELLMESS_SERVER, port=80, agent=AGENT_WELLMESS,
                      cookie=cookie.wellmess(rng))
        # T08: the mail gateway looks at the link when the mail arrives.
        self._add(at(4, 28, 9, 5, 20, 118_000), source="10.20.1.25", sent=288, received=6_318, scheme="http", domain=world.LURE_DOMAIN,
                  path="/vpn/index.html", address=world.LURE_ADDRESS, port=80, agent="Mozilla/5.0 (compatible; mail link inspection)")
        # T09: m.okafor follows the link and sends the form.
        okafor = dict(source=world.OKAFOR_ADDRESS_BEFORE_12_MAY, user="m.okafor", agent=world.OKAFOR.agent)
        self._add(at(4, 28, 9, 41, 2, 604_000), sent=644, received=502, status=302, domain=world.REWRITER, address=world.REWRITER_ADDRESS,
                  path="/v2/url?u=http-3A__login-2D1arkmoor.example_vpn_index.html-3Fid-3D4417&d=DwMFAg&c=lkm0042&r=m.okafor&e=", **okafor)
        lure = dict(scheme="http", domain=world.LURE_DOMAIN, address=world.LURE_ADDRESS, port=80, **okafor)
        self._add(at(4, 28, 9, 41, 3, 97_000), sent=377, received=6_318, path="/vpn/index.html?id=4417", **lure)
        self._add(at(4, 28, 9, 41, 3, 455_000), sent=351, received=22_907, path="/vpn/images/logo.png", **lure)
        self._add(at(4, 28, 9, 42, 31, 880_000), sent=412, received=0, method="POST", status=302, path="/cgi/login", **lure)

    def _look_alikes(self):
        rng = self.case.rng("proxy look-alikes")
        # B11: the supplier's shop, three users, 11 March-26 June as far as the log goes.
        for user in world.SHOPPERS:
            person = world.BY_ACCOUNT[user]
            kept = cookie.benign(rng, "ga") + "; basket=" + rng.randbytes(6).hex()
            for _ in range(5):
                day = self.days[rng.randrange(4, 98)]
                while not clock.is_working_day(day):
                    day = self.days[rng.randrange(4, 98)]
                moment = clock.CLOCKS["office"].draw(rng, day)
                for page in range(rng.randint(9, 14)):
                    path = ("/", "/catalogue/tips", "/catalogue/plates?page=%d" % rng.randint(1, 9), "/product/%d" % rng.randint(1000, 9999),
                            "/static/shop.css", "/basket", "/search?q=filter+tips")[page % 7]
                    post = path == "/basket" and rng.random() < 0.5
                    self._add(moment // 1000 * 1000, source=self.address(person, moment), user=user, method="POST" if post else "GET",
                              status=302 if post else 200, sent=rng.randint(420, 980), received=rng.randint(2_000, 68_000),
                              domain=world.SHOP, path=path, address=listed.SHOP_ADDRESS, agent=person.agent, cookie=kept)
                    moment += rng.randint(2, 70) * SECOND + rng.randrange(1000) * 1000
        self._analysts(rng)

    def _analysts(self, rng):
        """B09: the evening of 16 July, after the advisory: people and machines of the analysis network look at its addresses."""
        moment = at(7, 16, 19, 2, 10)
        for address in rng.sample(listed.LISTED, 23):
            self._add(moment, source="10.20.60.11", user="j.hartley", sent=rng.randint(700, 1100), received=rng.randint(20_000, 60_000),
                      domain="www.virustotal.com", path="/gui/ip-address/%s/relations" % address, address="203.0.113.16")
            moment += rng.randint(20, 90) * SECOND + rng.randrange(1000) * 1000
        moment = at(7, 16, 20, 11, 40)
        for address in (listed.WELLMESS_SERVER, "141.98.212.55", "103.216.221.19", "209.58.186.196"):
            self._add(moment, source="10.20.60.12", sent=83, received=0, status=504, scheme="http", domain=address, address=address, port=80,
                      agent="curl/7.64.0")
            moment += rng.randint(15, 50) * SECOND
        # The sandbox runs a sample from a public collection: five beacons with the right cookie, from the analysis network.
        moment = at(7, 16, 20, 40, 5)
        for _ in range(5):
            self._add(moment, source="10.20.60.20", method="POST", sent=rng.randint(940, 1260), received=rng.randint(310, 420), scheme="http",
                      domain=listed.WELLMESS_SERVER, address=listed.WELLMESS_SERVER, port=80, agent=AGENT_WELLMESS,
                      cookie=cookie.wellmess(rng))
            moment += rng.randint(55, 70) * SECOND
        self._add(at(7, 16, 19, 0, 5), source="10.20.60.15", sent=902, received=184_220, domain="www.ncsc.gov.uk", address="203.0.113.17",
                  path="/files/Advisory-APT29-targets-COVID-19-vaccine-development.pdf", agent="tip-fetch/3.2")

    # ---- ordinary ------------------------------------------------------------------------------

    def address(self, person, moment):
        """Where a person sits: at a workstation, or at home behind the VPN pool since the lockdown."""
        rng = self.case.rng("seat", person.account, moment // DAY)
        at_home = rng.random() < (0.2 if moment < at(3, 23) else 0.72)
        if person.workstation and not at_home:
            return world.workstation_address(person, moment < plan.LEASE_CHANGE)
        return "10.20.%d.%d" % (200 + rng.randrange(4), rng.randrange(1, 255))

    def _periodic(self, day):
        """B06: update checks each hour, licence and instrument telemetry, with small jitter; all day, every day."""
        rng = self.case.rng("proxy periodic", day)
        events = []
        update = world.SITES_OF["update"]
        kept = 1.0 if self.case.campaign else 0.66
        for source, site, every, method in (("10.20.10.72", update[0], 60 * MINUTE, "POST"), ("10.20.10.71", update[1], 60 * MINUTE, "GET"),
                                            ("10.20.80.12", update[3], 90 * MINUTE, "POST"), (world.BACKUP_APP_ADDRESS, update[4], 120 * MINUTE, "POST"),
                                            ("10.20.20.31", update[2], 240 * MINUTE, "GET"), ("10.20.40.22", update[2], 240 * MINUTE, "GET"),
                                            (world.STATS_ADDRESS, update[2], 240 * MINUTE, "GET"), ("10.20.10.70", world.SITES_OF["public"][1], 180 * MINUTE, "GET")):
            every = int(every / kept)
            moment = day + (phase_of(source) % every)
            while moment < day + DAY:
                jitter = rng.randint(-3, 3) * SECOND + rng.randrange(1000) * 1000
                events.append(Event(max(day, moment + jitter), source, None, method, 200 if rng.random() < 0.96 else 304,
                                    rng.randint(300, 1300) if method == "POST" else rng.randint(240, 330), rng.randint(200, 2_600), "http",
                                    site.domain, site.paths[1], site.address, 80, AGENT_UPDATE, None, False))
                moment += every
        return events

    def _cookie(self, rng, person, site):
        key = (person.account, site.domain)
        if key not in self.cookies:
            own = self.case.rng("cookie", *key)
            self.cookies[key] = cookie.benign(own, own.choice(COOKIE_KINDS)) if own.random() < 0.8 else None
        return self.cookies[key] if rng.random() < 0.9 else None

    def _ordinary(self, day):
        rng = self.case.rng("proxy ordinary", day)
        left = self.ordinary[day]
        events = []
        staff = clock.staff_clock(day)
        late = clock.CLOCKS["remote"]
        kinds = ("journals", "supply", "news", "cloud", "cloud", "reference", "reference", "public", "journals")
        while left > 0:
            person = rng.choice(world.PEOPLE)
            moment = (staff if rng.random() < 0.6 else late).draw(rng, day)
            site = rng.choice(world.SITES_OF[rng.choice(kinds)])
            source = self.address(person, day)
            burst = min(left, 1 + int(rng.expovariate(0.28)))
            for i in range(burst):
                where = site if i == 0 or rng.random() < 0.7 else rng.choice(world.SITES_OF["static"])
                draw = rng.random()
                method, status, sent, received = "GET", 200, rng.randint(380, 1200), int(rng.lognormvariate(8.6, 1.4)) + 120
                if draw < 0.10 and where.kind in ("cloud", "public", "supply"):
                    method, sent, received = "POST", int(rng.lognormvariate(7.5, 1.6)) + 300, rng.randint(100, 4_000)
                    if where.domain == "files.clouddrop.example" and rng.random() < 0.2:
                        sent = int(rng.lognormvariate(15.0, 1.2))      # people send files
                elif draw < 0.17:
                    status, received = 304, rng.randint(120, 300)
                elif draw < 0.20:
                    status, received = 404, rng.randint(400, 1_400)
                elif draw < 0.23:
                    status, received = 302, rng.randint(200, 600)
                denied = where.kind == "static" and rng.random() < 0.08
                if denied:
                    status, received = 403, 1_412
                kept = self._cookie(rng, person, where) if moment >= plan.COOKIES_FROM else None
                events.append(Event(moment // 1000 * 1000, source, person.account, method, status, sent, received,
                                    "https" if where.secure else "http", where.domain, rng.choice(where.paths), where.address,
                                    443 if where.secure else 80, person.agent, kept, denied))
                moment = min(day + DAY - SECOND, moment + int(rng.expovariate(0.4) * SECOND) + 40_000)
            left -= burst
        return events

    def day_events(self, day):
        events = self._ordinary(day) + self._periodic(day) + self.fixed.get(day, [])
        events.sort(key=lambda e: (e.moment, e.source, e.domain, e.path, e.sent))
        return events

    # ---- writing -------------------------------------------------------------------------------

    def write(self, folder):
        months = collections.OrderedDict()
        count = 0
        for day in self.days:
            lines = months.setdefault(clock.parts(day).tm_mon, [])
            for event in self.day_events(day):
                lines.append(encode(event))
                count += 1
        for month, lines in months.items():
            output.write_bytes("%s/proxy/proxy-2020-%02d.json.zst" % (folder, month), output.zst("".join(lines).encode("ascii")))
        return count


def phase_of(text):
    """A fixed moment for each source (FNV-1a of its name), the same in every process."""
    value = 2166136261
    for byte in text.encode("ascii"):
        value = (value ^ byte) * 16777619 & 0xFFFFFFFF
    return value * MINUTE // 7


def encode(e):
    record = {"@timestamp": clock.iso_ms(e.moment),
              "event": {"category": "web", "action": "denied" if e.denied else "allowed"},
              "observer": {"name": "proxy-01"},
              "source": {"ip": e.source}}
    if e.user:
        record["user"] = {"name": e.user}
    request = {"method": e.method, "bytes": e.sent}
    if e.cookie is not None:
        request["cookie"] = e.cookie
    record["http"] = {"request": request, "response": {"status_code": e.status, "bytes": e.received}}
    record["url"] = {"full": "%s://%s%s" % (e.scheme, e.domain, e.path), "domain": e.domain}
    record["destination"] = {"ip": e.address, "port": e.port}
    record["user_agent"] = {"original": e.agent}
    return json.dumps(record, separators=(",", ":")) + "\n"
