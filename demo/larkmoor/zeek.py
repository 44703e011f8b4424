"""Source 5: the Zeek sensor at the edge of the research segment and the DMZ: conn, dns, ssl, x509, http and smtp as TSV.

One gzip file a log and day, packed in a plain tar a month. The sensor keeps 90 days and was down on 3-7 May. It sees the forward proxy,
never the client behind it: T06, T08, T09 and B11 appear with the proxy as source and with the same bytes.
Carries T06, T11, T14, T15, B04, B05, B06, B08 and the network side of B02, B03, B09, B11.
"""

import collections
import string

from . import case as plan
from . import clock, listed, output, world
from .clock import DAY, HOUR, MINUTE, SECOND, at

LOGS = ("conn", "dns", "ssl", "x509", "http", "smtp")

_ID = ["uid:string", "id.orig_h:addr", "id.orig_p:port", "id.resp_h:addr", "id.resp_p:port"]
FIELDS = {
    "conn": ["ts:time"] + _ID + ["proto:enum", "service:string", "duration:interval", "orig_bytes:count", "resp_bytes:count", "conn_state:string",
                                 "local_orig:bool", "local_resp:bool", "missed_bytes:count", "history:string", "orig_pkts:count",
                                 "orig_ip_bytes:count", "resp_pkts:count", "resp_ip_bytes:count", "tunnel_parents:set[string]"],
    "dns": ["ts:time"] + _ID + ["proto:enum", "trans_id:count", "rtt:interval", "query:string", "qclass:count", "qclass_name:string", "qtype:count",
                                "qtype_name:string", "rcode:count", "rcode_name:string", "AA:bool", "TC:bool", "RD:bool", "RA:bool", "Z:count",
                                "answers:vector[string]", "TTLs:vector[interval]", "rejected:bool"],
    "ssl": ["ts:time"] + _ID + ["version:string", "cipher:string", "curve:string", "server_name:string", "resumed:bool", "last_alert:string",
                                "next_protocol:string", "established:bool", "cert_chain_fuids:vector[string]",
                                "client_cert_chain_fuids:vector[string]", "subject:string", "issuer:string", "client_subject:string",
                                "client_issuer:string", "validation_status:string"],
    "x509": ["ts:time", "id:string", "certificate.version:count", "certificate.serial:string", "certificate.subject:string",
             "certificate.issuer:string", "certificate.not_valid_before:time", "certificate.not_valid_after:time", "certificate.key_alg:string",
             "certificate.sig_alg:string", "certificate.key_type:string", "certificate.key_length:count", "certificate.exponent:string",
             "certificate.curve:string", "san.dns:vector[string]", "san.uri:vector[string]", "san.email:vector[string]", "san.ip:vector[addr]",
             "basic_constraints.ca:bool", "basic_constraints.path_len:count"],
    "http": ["ts:time"] + _ID + ["trans_depth:count", "method:string", "host:string", "uri:string", "referrer:string", "version:string",
                                 "user_agent:string", "origin:string", "request_body_len:count", "response_body_len:count", "status_code:count",
                                 "status_msg:string", "info_code:count", "info_msg:string", "tags:set[enum]", "username:string", "password:string",
                                 "proxied:set[string]", "orig_fuids:vector[string]", "orig_filenames:vector[string]",
                                 "orig_mime_types:vector[string]", "resp_fuids:vector[string]", "resp_filenames:vector[string]",
                                 "resp_mime_types:vector[string]"],
    "smtp": ["ts:time"] + _ID + ["trans_depth:count", "helo:string", "mailfrom:string", "rcptto:set[string]", "date:string", "from:string",
                                 "to:set[string]", "cc:set[string]", "reply_to:string", "msg_id:string", "in_reply_to:string", "subject:string",
                                 "x_originating_ip:addr", "first_received:string", "second_received:string", "last_reply:string",
                                 "path:vector[addr]", "user_agent:string", "tls:bool", "fuids:vector[string]"],
}

BASE62 = string.digits + string.ascii_letters
CA = "CN=Isles Trust TLS CA 2,O=Isles Trust Services,C=GB"
STATUS_TEXT = {200: "OK", 302: "Found", 304: "Not Modified", 403: "Forbidden", 404: "Not Found", 504: "Gateway Time-out"}

Cert = collections.namedtuple("Cert", "subject issuer serial since until name validation")


def certificate(subject, issuer, name, validation="ok"):
    number = 0
    for byte in (subject + issuer).encode("ascii"):
        number = (number * 131 + byte) & 0xFFFFFFFFFFFFFFFF
    since = at(1, 6) - (number % 300) * DAY
    return Cert(subject, issuer, "%016X" % number, since, since + 825 * DAY, name, validation)


def _site_certificate(site):
    if site.domain == "northlab-supplies.example":        # B08: a country that is not two letters, honestly so
        return certificate("CN=%s,O=Northlab Supplies Ltd,L=Leeds,C=United Kingdom" % site.domain, CA, site.domain)
    return certificate("CN=%s,O=%s,C=GB" % (site.domain, site.domain.split(".")[-2].title()), CA, site.domain)


SITE_CERTS = {site.domain: _site_certificate(site) for site in world.SITES}
SITE_CERTS[world.SHOP] = certificate("CN=%s,O=Helix Labware Ltd,L=Norwich,C=GB" % world.SHOP, CA, world.SHOP)
SITE_CERTS[world.REWRITER] = certificate("CN=%s,O=Mail Link Services,C=US" % world.REWRITER, CA, world.REWRITER)
MODERN = {site.domain for site in world.SITES if len(site.domain) % 5 < 2} - {"northlab-supplies.example"}      # TLS 1.3: no certificate on the wire
GATEWAY_CERT = certificate("CN=remote.larkmoor.example,O=Larkmoor Institute for Vaccine Research,L=Larkmoor,C=GB", CA, "remote.larkmoor.example")
MAIL_CERT = certificate("CN=mx.larkmoor.example,O=Larkmoor Institute for Vaccine Research,L=Larkmoor,C=GB", CA, "mx.larkmoor.example")
ARCHIVE_CERT = certificate("CN=submit.openseqarchive.example,O=Open Sequence Archive,C=DE", CA, world.ARCHIVE[0])
OFFSITE_CERT = certificate("CN=vault.offsitebackup.example,O=Offsite Backup Ltd,C=GB", CA, world.OFFSITE[0])
RELAY_CERTS = {name: certificate("CN=%s" % name, CA, name) for name, _ in world.RELAYS}
TELEMETRY_CERT = certificate("CN=telemetry.instruments.example,O=Instrument Care,C=CH", CA, "telemetry.instruments.example")
DEVICE_CERTS = {                                          # B08: self-signed, O=IT and short extensions, on honest devices
    "10.20.70.11": certificate("CN=prn-lab-01,O=IT", "CN=prn-lab-01,O=IT", None, "self signed certificate"),
    "10.20.70.12": certificate("CN=prn-lab-02,O=IT", "CN=prn-lab-02,O=IT", None, "self signed certificate"),
    "10.20.80.12": certificate("CN=inst-ms-02,OU=Service,O=Instrument Care,C=CH", "CN=inst-ms-02,OU=Service,O=Instrument Care,C=CH", None,
                               "self signed certificate"),
}
ODD_SERVER_CERT = certificate("O=IT,C=Tunis", "O=IT,C=Tunis", None, "self signed certificate")
ODD_CLIENT_CERT = certificate("O=IT,C=Tunis", "O=IT,C=Tunis ", None)._replace(issuer="O=IT,C=Tunis")


def is_local(address):
    return address.startswith("10.20.") or address.startswith("192.0.2.")


class Day:
    """The rows of one day, by log."""

    def __init__(self, rng, midnight):
        self.rng = rng
        self.midnight = midnight
        self.rows = {log: [] for log in LOGS}
        self.ids = 0
        self.tail = "".join(rng.choice(BASE62) for _ in range(13))
        self.total = 0

    def identifier(self, letter):
        """Unique in the day by its counter, across days by its tail."""
        self.ids += 1
        number = self.ids * 7_368_787 % 62 ** 4           # a unit modulo 62^4, so the counter is permuted
        text = ""
        for _ in range(4):
            number, digit = divmod(number, 62)
            text += BASE62[digit]
        return letter + text + self.tail

    def put(self, log, moment, *values):
        self.rows[log].append((moment, len(self.rows[log]), "\t".join(values)))
        self.total += 1

    def conn(self, moment, orig, orig_port, resp, resp_port, proto, service, duration, sent, received, state="SF", history=None, missed=0,
             answered_packets=None):
        uid = self.identifier("C")
        header = 52 if proto == "tcp" else 28
        if history is None:
            history = "ShADadFf" if proto == "tcp" else "Dd"
        fixed = 4 if proto == "tcp" else 1
        if state in ("S0", "REJ"):
            sent = received = 0
            out_packets, in_packets = 1, 0 if state == "S0" else 1
            out_bytes, in_bytes = 44, 0 if state == "S0" else 40
        else:
            out_packets = sent // 1400 + fixed + (received // 2900 if proto == "tcp" else 0)
            in_packets = received // 1400 + fixed + (sent // 2900 if proto == "tcp" else 0)
            out_bytes, in_bytes = sent + header * out_packets, received + header * in_packets
        if answered_packets is not None:                  # a counter that its own packets do not carry
            in_packets, in_bytes = answered_packets
        no_payload = state in ("S0", "REJ")
        self.put("conn", moment, clock.zeek(moment), uid, orig, str(orig_port), resp, str(resp_port), proto, service,
                 "-" if state == "S0" else "%.6f" % duration, "-" if no_payload and state == "S0" else str(sent),
                 "-" if no_payload and state == "S0" else str(received), state, "T" if is_local(orig) else "F", "T" if is_local(resp) else "F",
                 str(missed), history, str(out_packets), str(out_bytes), str(in_packets), str(in_bytes), "-")
        return uid

    def x509(self, moment, cert):
        fuid = self.identifier("F")
        self.put("x509", moment, clock.zeek(moment), fuid, "3", cert.serial, cert.subject, cert.issuer, clock.zeek(cert.since), clock.zeek(cert.until),
                 "rsaEncryption", "sha256WithRSAEncryption", "rsa", "2048", "65537", "-", cert.name or "-", "-", "-", "-", "F", "-")
        return fuid

    def ssl(self, moment, uid, orig, orig_port, resp, resp_port, version, name, cert, client_cert=None, resumed=False):
        """A certificate shows only in a full handshake of TLS 1.2 or older."""
        moment += 21_000 + self.rng.randrange(20_000)
        visible = version != "TLSv13" and not resumed
        chain = self.x509(moment, cert) if visible and cert else None
        client = self.x509(moment + 1_200, client_cert) if visible and client_cert else None
        empty = "(empty)" if visible else "-"
        self.put("ssl", moment, clock.zeek(moment), uid, orig, str(orig_port), resp, str(resp_port), version,
                 "TLS_AES_256_GCM_SHA384" if version == "TLSv13" else "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "x25519" if version == "TLSv13" else "secp256r1",
                 name or "-", "T" if resumed else "F", "-", "-", "T", chain or empty, client or empty, cert.subject if chain else "-",
                 cert.issuer if chain else "-", client_cert.subject if client else "-", client_cert.issuer if client else "-",
                 cert.validation if chain else "-")

    def dns(self, moment, uid, orig, orig_port, resp, query, qtype, answers, rcode=0):
        kinds = {"A": 1, "PTR": 12, "TXT": 16, "AAAA": 28, "MX": 15}
        self.put("dns", moment, clock.zeek(moment), uid, orig, str(orig_port), resp, "53", "udp", str(self.rng.randrange(65536)), "0.0%05d" % self.rng.randrange(2_000, 60_000),
                 query, "1", "C_INTERNET", str(kinds[qtype]), qtype, str(rcode), ("NOERROR", "", "SERVFAIL", "NXDOMAIN")[rcode], "F", "F", "T",
                 "T", "0", answers or "-", "300.000000" if answers else "-", "F")

    def http(self, moment, uid, orig, orig_port, resp, resp_port, method, host, uri, agent, request_body, response_body, status):
        self.put("http", moment, clock.zeek(moment), uid, orig, str(orig_port), resp, str(resp_port), "1", method, host, uri, "-", "1.1", agent, "-",
                 str(request_body), str(response_body), str(status), STATUS_TEXT[status], "-", "-", "(empty)", "-", "-", "-", "-", "-", "-", "-", "-", "-")

    def smtp(self, moment, uid, orig, orig_port, resp, helo, sender, recipient, subject, tls, reply):
        self.put("smtp", moment, clock.zeek(moment), uid, orig, str(orig_port), resp, "25", "1", helo, sender or "-", recipient or "-", "-", sender or "-",
                 recipient or "-", "-", "-", "-", "-", subject or "-", "-", "-", "-", reply, "%s,%s" % (resp, orig), "-", "T" if tls else "F", "(empty)")


class Zeek:
    def __init__(self, case, proxy):
        self.case = case
        self.proxy = proxy
        self.days = [d for d in clock.days(*plan.ZEEK_DAYS) if not plan.in_span(d, plan.ZEEK_OUTAGE)]
        weights = [clock.day_weight(d) for d in self.days]
        self.starttls = dict(zip(self.days, clock.share_out(plan.STARTTLS, weights)))
        rng = case.rng("zeek lost smtp")
        busy = [d for d in self.days if clock.is_working_day(d)]
        self.lost_smtp = set(rng.sample(busy, plan.STARTTLS_LOST))
        self.wellmail = collections.defaultdict(list)
        if case.campaign:
            self._wellmail_plan()
        planted = [self._planted(d).total for d in self.days]
        rest = case.zeek - sum(planted)
        assert rest > 0, "the planted rows alone exceed the volume"
        self.target = {d: p + r for d, p, r in zip(self.days, planted, clock.share_out(rest, weights))}

    def _wellmail_plan(self):
        """T11 and T15: 31 sessions, 11 May-14 July, in the evenings and nights; T14: 14 flows in the night of 21 May."""
        rng = self.case.rng("zeek wellmail")
        first, last = at(5, 11, 21, 48, 13, 402_118), at(7, 14, 22, 31, 55, 90_233)
        sizes = plan.split_exactly(rng, plan.WELLMAIL_BYTES, plan.WELLMAIL_SESSIONS, 0.8)
        for i, size in enumerate(sizes):
            moment = first + (last - first) * i // (plan.WELLMAIL_SESSIONS - 1)
            if 0 < i < plan.WELLMAIL_SESSIONS - 1:
                moment = moment // DAY * DAY + rng.choice((19, 20, 21, 22, 1, 2, 3)) * HOUR + rng.randrange(HOUR)
            self.wellmail[moment // DAY * DAY].append((moment, 25, size, rng.randint(8_000, 60_000), rng.uniform(35, 800), None))
        moments = [at(5, 21, 0, 5, 12, 77_310) + i * (16 * MINUTE + 20 * SECOND) + rng.randrange(3 * MINUTE) * (0 < i < 13) for i in range(plan.BULK_FLOWS)]
        sizes = plan.split_exactly(rng, plan.BULK_BYTES, plan.BULK_FLOWS, 0.35)
        for i, (moment, size) in enumerate(zip(moments, sizes)):
            seconds = min(rng.uniform(420, 760), (at(5, 21, 3, 49, 48) - moment) / SECOND)
            bogus = i == 6
            self.wellmail[at(5, 21)].append((moment, 443, size, plan.BULK_BOGUS_ANSWER if bogus else rng.randint(90_000, 240_000), seconds,
                                             (10_318, 702_960) if bogus else None))

    # ---- planted -------------------------------------------------------------------------------

    def _planted(self, midnight):
        day = Day(self.case.rng("zeek planted", midnight), midnight)
        self._through_proxy(day)
        self._mail(day)
        self._bulk(day)
        self._beacons(day)
        self._devices(day)
        if self.case.campaign:
            for moment, port, sent, received, seconds, bogus in self.wellmail[midnight]:
                source_port = 32768 + day.rng.randrange(28000)
                key = (moment, world.STATS_ADDRESS, source_port, listed.WELLMAIL_SERVER, port)
                if bogus:
                    uid = day.conn(*key, "tcp", "ssl", seconds, sent, received, state="OTH", history="DdAaFf", answered_packets=bogus)
                else:
                    uid = day.conn(*key, "tcp", "ssl", seconds, sent, received)
                day.ssl(moment, uid, *key[1:], "TLSv12", None, ODD_SERVER_CERT, ODD_CLIENT_CERT)
        if midnight == at(7, 16):
            self._after_publication(day)
        if clock.weekday(midnight) == 6:
            moment = midnight + 3 * HOUR + 30 * MINUTE
            for _ in range(12):                             # B03 on the wire
                self._inbound_tls(day, moment, world.SCANNER_ADDRESS, 480, 3_100)
                moment += day.rng.randint(1, 4) * SECOND
        return day

    def _through_proxy(self, day):
        rng = day.rng
        for e in self.proxy.day_events(day.midnight):
            if e.denied:
                continue
            key = (world.PROXY_ADDRESS, 10_000 + rng.randrange(50_000), e.address, e.port)
            moment = e.moment + rng.randrange(900)
            seconds = 0.02 + rng.expovariate(3.0)
            if e.status == 504:
                day.conn(moment, *key, "tcp", "-", 0, 0, 0, state="S0", history="S")
            elif e.scheme == "http":
                uid = day.conn(moment, *key, "tcp", "http", seconds, e.sent, e.received)
                body = max(0, e.sent - 318) if e.method == "POST" else 0
                day.http(moment + 9_000, uid, *key, e.method, e.domain, e.path, e.agent, body, max(0, e.received - 240), e.status)
            else:
                uid = day.conn(moment, *key, "tcp", "ssl", seconds, e.sent + 611, e.received + 3_420)
                version = "TLSv13" if e.domain in MODERN else "TLSv12"
                day.ssl(moment, uid, *key, version, e.domain, SITE_CERTS.get(e.domain) or certificate("CN=" + e.domain, CA, e.domain),
                        resumed=rng.random() < 0.6)

    def _mail(self, day):
        """B04: STARTTLS sessions, both ways; three lose their smtp.log line to a capture loss."""
        rng = day.rng
        count = self.starttls[day.midnight]
        lost = count // 2 if day.midnight in self.lost_smtp else -1
        for i in range(count):
            moment = clock.staff_clock(day.midnight).draw(rng, day.midnight)
            name, address = rng.choice(world.RELAYS)
            inbound = rng.random() < 0.62
            orig, resp = (address, world.MAIL_ADDRESS) if inbound else (world.MAIL_ADDRESS, address)
            helo, cert = (name, MAIL_CERT) if inbound else ("mx.larkmoor.example", RELAY_CERTS[name])
            key = (orig, 20_000 + rng.randrange(40_000), resp, 25)
            sent, received = int(rng.lognormvariate(9.6, 1.2)) + 2_000, rng.randint(3_800, 5_200)
            missing = i == lost
            uid = day.conn(moment, *key, "tcp", "ssl" if missing else "smtp,ssl", 0.4 + rng.expovariate(0.8), sent, received,
                           history="ShADadgFf" if missing else None, missed=2_896 if missing else 0)
            day.ssl(moment + 60_000, uid, *key, "TLSv13" if rng.random() < 0.25 else "TLSv12", None, cert, resumed=rng.random() < 0.25)
            if not missing:
                day.smtp(moment + 30_000, uid, *key[:3], helo, None, None, None, True, "220 2.0.0 Ready to start TLS")

    def _bulk(self, day):
        """B05: the nightly deposit of 38 GB, the weekly off-site backup of 120 GB, video calls."""
        rng = day.rng
        jobs = [("10.20.40.22", world.ARCHIVE, ARCHIVE_CERT, 38_000_000_000, 8, day.midnight + 30 * MINUTE, 30 * MINUTE)]
        if clock.weekday(day.midnight) == 5:
            jobs.append(("10.20.30.5", world.OFFSITE, OFFSITE_CERT, 120_000_000_000, 10, day.midnight + 19 * HOUR, 28 * MINUTE))
        for source, (name, address), cert, total, flows, start, step in jobs:
            total = int(total * (0.97 + 0.06 * rng.random()))
            for i, size in enumerate(plan.split_exactly(rng, total, flows, 0.2)):
                moment = start + i * step + rng.randrange(5 * MINUTE)
                key = (source, 32_768 + rng.randrange(28_000), address, 443)
                uid = day.conn(moment, *key, "tcp", "ssl", rng.uniform(600, 1500), size, size // 900)
                day.ssl(moment, uid, *key, "TLSv12", name, cert, resumed=i > 0)
        if clock.is_working_day(day.midnight):
            for _ in range(26):
                moment = clock.CLOCKS["office"].draw(rng, day.midnight)
                seconds = rng.uniform(300, 4_000)
                rate = rng.randint(60_000, 190_000)
                day.conn(moment, "10.20.%d.%d" % (50 if rng.random() < 0.4 else 201, rng.randrange(121, 138)), 50_000 + rng.randrange(9_999),
                         rng.choice(world.VIDEO[1]), 3478, "udp", "-", seconds, int(seconds * rate), int(seconds * rate * 1.3))

    def _beacons(self, day):
        """B06: time, anti-virus heartbeat (60 s, a fortnight of trouble-shooting in June), instrument telemetry (300 s, since 1 June)."""
        rng = day.rng
        for source, phase in (("10.20.10.5", 17), ("10.20.10.6", 430)):
            moment = day.midnight + phase * SECOND
            while moment < day.midnight + DAY:
                day.conn(moment + rng.randrange(SECOND), source, 123, "198.51.100.123", 123, "udp", "ntp", 0.02 + rng.random() / 50, 48, 48)
                moment += 1024 * SECOND
        if at(6, 15) <= day.midnight < at(6, 29):
            for i in range(1440):
                day.conn(day.midnight + i * MINUTE + rng.randrange(400_000), "10.20.10.72", 40_000 + i % 9_000, "203.0.113.70", 8080, "tcp", "-",
                         0.05 + rng.random() / 20, 214, 96)
        if day.midnight >= at(6, 1):
            for i in range(288):
                moment = day.midnight + i * 300 * SECOND + rng.randrange(2 * SECOND)
                key = ("10.20.80.11", 49_200 + i * 7 % 9_000, "203.0.113.77", 443)
                uid = day.conn(moment, *key, "tcp", "ssl", 0.3 + rng.random() / 10, 1_120 + rng.randrange(40), 702)
                day.ssl(moment, uid, *key, "TLSv12", "telemetry.instruments.example", TELEMETRY_CERT, resumed=i > 0)

    def _devices(self, day):
        """B08: the monitoring server looks at printers and an instrument four times a day."""
        for i in range(4):
            for address, cert in DEVICE_CERTS.items():
                moment = day.midnight + i * 6 * HOUR + 11 * MINUTE + day.rng.randrange(30 * SECOND)
                key = ("10.20.10.70", 41_000 + day.rng.randrange(9_000), address, 443)
                uid = day.conn(moment, *key, "tcp", "ssl", 0.2, 902, 4_410)
                day.ssl(moment, uid, *key, "TLSv12", None, cert)

    def _after_publication(self, day):
        """B02 and B09 on the wire: the listed scanner comes in; the platform polls all 51 addresses; an analyst asks the resolver."""
        rng = day.rng
        moment = at(7, 16, 21, 3, 16, 400_000)
        for _ in range(12):
            self._inbound_tls(day, moment, listed.LISTED_SCANNER, 520, 3_900)
            moment += rng.randint(1, 4) * SECOND
        moment = at(7, 16, 19, 30, 0, 210_000)
        for address in listed.LISTED:
            state = rng.choice(("S0", "S0", "S0", "REJ"))
            day.conn(moment, "10.20.60.15", 50_000 + rng.randrange(9_000), address, 443, "tcp", "-", 0.08, 0, 0, state=state,
                     history="S" if state == "S0" else "Sr")
            moment += rng.randint(2, 5) * SECOND
        moment = at(7, 16, 19, 12, 30, 800_000)
        for address in rng.sample(listed.LISTED, 30) + [listed.WELLMAIL_SERVER]:
            query = ".".join(reversed(address.split("."))) + ".in-addr.arpa"
            port = 40_000 + rng.randrange(20_000)
            uid = day.conn(moment, "10.20.60.11", port, "10.20.10.53", 53, "udp", "dns", 0.03, 46, 104)
            day.dns(moment, uid, "10.20.60.11", port, "10.20.10.53", query, "PTR", None, rcode=3)
            moment += rng.randint(4, 30) * SECOND

    # ---- ordinary ------------------------------------------------------------------------------

    @staticmethod
    def _inbound_tls(day, moment, client, sent, received):
        key = (client, 1024 + day.rng.randrange(60_000), world.GATEWAY_ADDRESS, 443)
        uid = day.conn(moment, *key, "tcp", "ssl", 0.1 + day.rng.expovariate(1.0), sent, received)
        day.ssl(moment, uid, *key, "TLSv12", "remote.larkmoor.example", GATEWAY_CERT, resumed=day.rng.random() < 0.55)

    def day(self, midnight):
        day = self._planted(midnight)
        rng = self.case.rng("zeek ordinary", midnight)
        target = self.target[midnight]
        remote, flat = clock.CLOCKS["remote"], clock.CLOCKS["flat"]
        while target - day.total >= 3:
            draw = rng.random()
            if draw < 0.62:
                site = rng.choice(world.SITES)
                moment = (remote if draw < 0.5 else flat).draw(rng, midnight)
                query, kind, answer, code = site.domain, "A", site.address, 0
                if rng.random() < 0.12:
                    kind, answer = "AAAA", None
                elif rng.random() < 0.04:
                    query, answer, code = site.domain.split(".")[0] + ".invalid", None, 3
                port = 1024 + rng.randrange(60_000)
                uid = day.conn(moment, "10.20.10.53", port, "203.0.113.53", 53, "udp", "dns", 0.02, len(query) + 18, len(query) + 34)
                day.dns(moment, uid, "10.20.10.53", port, "203.0.113.53", query, kind, answer, code)
            elif draw < 0.80:
                self._inbound_tls(day, remote.draw(rng, midnight), rng.choice(rng.choice(world.PEOPLE).homes), rng.randint(1_500, 60_000),
                                  rng.randint(4_000, 900_000))
            elif draw < 0.83:
                moment = remote.draw(rng, midnight)
                name, address = rng.choice(world.RELAYS)
                key = (address, 20_000 + rng.randrange(40_000), world.MAIL_ADDRESS)
                person = rng.choice(world.PEOPLE)
                uid = day.conn(moment, *key, 25, "tcp", "smtp", 1.2, int(rng.lognormvariate(8.8, 1.0)) + 900, 412)
                day.smtp(moment, uid, *key, name, "<notice@%s>" % name.split(".", 1)[1], "<%s@%s>" % (person.account, world.DOMAIN),
                         rng.choice(("Table of contents alert", "Your order", "Seminar series", "Weekly digest", "Delivery note")), False, "250 2.0.0 Ok: queued")
            else:
                self._noise(day, rng, midnight)
        while day.total < target:
            self._noise(day, rng, midnight)
        return day

    @staticmethod
    def _noise(day, rng, midnight):
        """The internet's own weather: scans that nobody answers."""
        state = "S0" if rng.random() < 0.8 else "REJ"
        day.conn(clock.CLOCKS["flat"].draw(rng, midnight), "198.18.%d.%d" % (rng.randrange(100), rng.randrange(1, 255)), 1024 + rng.randrange(60_000),
                 rng.choice(world.SCANNED_ADDRESSES), rng.choice((22, 23, 80, 445, 1433, 3389, 5060, 8080, 8443, 25)), "tcp", "-", 0.04, 0, 0,
                 state=state, history="S" if state == "S0" else "Sr")


def render(log, rows, midnight):
    names = [f.rsplit(":", 1)[0] for f in FIELDS[log]]
    types = [f.rsplit(":", 1)[1] for f in FIELDS[log]]
    day = clock.parts(midnight)
    stamp = "%04d-%02d-%02d" % (day.tm_year, day.tm_mon, day.tm_mday)
    nextday = clock.parts(midnight + DAY)
    lines = ["#separator \\x09", "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-", "#path\t" + log, "#open\t%s-00-00-00" % stamp,
             "#fields\t" + "\t".join(names), "#types\t" + "\t".join(types)]
    lines += [text for _, _, text in sorted(rows)]
    lines.append("#close\t%04d-%02d-%02d-00-00-00" % (nextday.tm_year, nextday.tm_mon, nextday.tm_mday))
    return ("\n".join(lines) + "\n").encode("ascii")


def write(case, proxy, firewall, folder):
    sensor = Zeek(case, proxy)
    counts = collections.Counter()
    archive, month = None, None

    def close():
        if archive:
            output.write_bytes("%s/zeek/2020-%02d.tar" % (folder, month), archive.bytes())

    for midnight in sensor.days:
        p = clock.parts(midnight)
        if p.tm_mon != month:
            close()
            archive, month = output.Tar(), p.tm_mon
        day = sensor.day(midnight)
        firewall.take(midnight, day.rows["conn"])
        for log in LOGS:
            counts[log] += len(day.rows[log])
            if day.rows[log]:
                archive.add("2020-%02d-%02d/%s.log.gz" % (p.tm_mon, p.tm_mday, log), output.gz(render(log, day.rows[log], midnight)),
                            (midnight + DAY) // SECOND)
    close()
    return "%d (%s)" % (sum(counts.values()), ", ".join("%s %d" % (log, counts[log]) for log in LOGS))
