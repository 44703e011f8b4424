"""Source 7: the edge firewall, key=value lines of its kind, 30 days. It sees the same packets as the sensor beside it, so its flows are the sensor's rows of the
day: what hosts and the proxy send out by plain HTTP or past the proxy, and the scans that it drops.

Carries the last month of T06 (as the proxy), T11 and T15, and B05, B19, B20.
"""

import collections

from . import case as plan
from . import clock, listed, output, world
from .clock import DAY, HOUR, MINUTE, SECOND, at

SINKHOLE = listed.SINKHOLE
PHONE = "10.20.90.44"             # B19: guest Wi-Fi, which the sensor does not see
SERVICES = {80: "HTTP", 443: "HTTPS", 25: "SMTP", 123: "NTP", 3478: "STUN", 22: "SSH", 23: "TELNET", 445: "SMB", 1433: "MS-SQL", 3389: "RDP", 5060: "SIP"}
QUIET = {53, 123, 8080}           # policies without logging: names, time, the heartbeat

Flow = collections.namedtuple("Flow", "moment source source_port target target_port proto seconds sent received sent_packets received_packets denied policy")


class Firewall:
    def __init__(self, case):
        self.case = case
        self.days = list(clock.days(*plan.FIREWALL_DAYS))
        self.target = dict(zip(self.days, clock.share_out(case.firewall, [clock.day_weight(d) for d in self.days])))
        self.flows = {}

    def take(self, midnight, rows):
        """The conn rows of one day of the sensor: (moment, order, text)."""
        if midnight not in self.target:
            return
        rng = self.case.rng("firewall", midnight)
        flows = self._planted(midnight)
        dropped, proxied = [], []
        for moment, _, text in sorted(rows):
            f = text.split("\t")
            source, source_port, target, port, proto = f[2], int(f[3]), f[4], int(f[5]), f[6]
            if f[11] in ("S0", "REJ"):
                if f[12] == "F" and port not in QUIET:
                    dropped.append(Flow(moment, source, source_port, target, port, proto, 0, 0, 0, 0, 0, True, 0))
                continue
            if f[12] != "T" or f[13] != "F" or port in QUIET or source == "10.20.80.11":
                continue
            flow = Flow(moment, source, source_port, target, port, proto, float(f[8]), int(f[9]), int(f[10]), int(f[16]), int(f[18]), False, 12)
            if source == world.PROXY_ADDRESS:
                if port == 80:
                    proxied.append(flow._replace(policy=7))
            else:
                flows.append(flow)
        # All that hosts send past the proxy and all that the proxy sends to addresses without a name is logged; of the rest, as much as fits.
        named = [f for f in proxied if f.target not in listed.LISTED]
        flows += [f for f in proxied if f.target in listed.LISTED]
        rest = self.target[midnight] - len(flows)
        assert rest >= 0, "the planted flows of a day exceed its volume"
        for pool in (named, dropped):
            chosen = pool if len(pool) <= rest else [pool[i] for i in sorted(rng.sample(range(len(pool)), rest))]
            flows += chosen
            rest -= len(chosen)
        for _ in range(rest):
            flows.append(Flow(clock.CLOCKS["flat"].draw(rng, midnight), "198.18.%d.%d" % (rng.randrange(100), rng.randrange(1, 255)), 1024 + rng.randrange(60_000),
                              rng.choice(world.SCANNED_ADDRESSES), rng.choice((23, 445, 3389, 1433, 5060)), "tcp", 0, 0, 0, 0, 0, True, 0))
        self.flows[midnight] = sorted(flows)

    def _planted(self, midnight):
        flows = []
        rng = self.case.rng("firewall planted", midnight)
        if clock.month_day(midnight) in ((6, 23), (6, 24), (6, 26)):                         # B19
            for number in range(4):
                flows.append(Flow(midnight + (11 + number * 2) * HOUR + rng.randrange(HOUR), PHONE, 40_000 + rng.randrange(9_000), SINKHOLE, 443, "tcp", 5.0,
                                  1_140 + rng.randrange(300), 3_902, 9, 8, False, 31))
        if clock.month_day(midnight) in ((6, 22), (6, 23), (6, 24)):                         # B20
            moment = midnight + 9 * HOUR
            for number in range(60):
                flows.append(Flow(moment, world.TESTER, 50_000 + number, world.SCANNED_ADDRESSES[number % 4], (21, 22, 23, 80, 445, 1433, 3306, 3389, 5900, 8080)[number % 10], "tcp",
                                  0, 0, 0, 0, 0, True, 0))
                moment += rng.randint(1, 20) * SECOND
        return flows


def line(f, session):
    """FortiOS 6.2: eventtime in nanoseconds, the stamp in local time with its offset beside it."""
    p = clock.parts(clock.local(f.moment))
    head = ('date=%04d-%02d-%02d time=%02d:%02d:%02d logid="%s" type="traffic" subtype="forward" level="notice" vd="root" eventtime=%d tz="%s"'
            % (p.tm_year, p.tm_mon, p.tm_mday, p.tm_hour, p.tm_min, p.tm_sec, "0000000013", f.moment * 1000,
               "+0100" if f.moment >= clock.SUMMER_TIME_FROM else "+0000"))
    inward = not f.source.startswith(("10.20.", "192.0.2."))
    head += ' devname="fw-edge-01" devid="FG201ETK19900123" srcip=%s srcport=%d srcintf="%s" srcintfrole="%s" dstip=%s dstport=%d dstintf="%s" dstintfrole="%s" sessionid=%d proto=%d' % (
        f.source, f.source_port, "wan1" if inward else "seg", "wan" if inward else "lan", f.target, f.target_port, "dmz" if inward else "wan1", "dmz" if inward else "wan",
        session, 6 if f.proto == "tcp" else 17)
    service = SERVICES.get(f.target_port, "%s/%d" % (f.proto, f.target_port))
    if f.denied:
        return head + ' action="deny" policyid=0 policytype="policy" service="%s" trandisp="noop" duration=0 sentbyte=0 rcvdbyte=0 sentpkt=0 appcat="unscanned" crscore=30 craction=131072 crlevel="high"\n' % service
    return head + ' action="%s" policyid=%d policytype="policy" service="%s" trandisp="%s" duration=%d sentbyte=%d rcvdbyte=%d sentpkt=%d rcvdpkt=%d appcat="unscanned"\n' % (
        "close" if f.proto == "tcp" else "accept", f.policy, service, "noop" if f.source.startswith("192.0.2.") else "snat", int(f.seconds + 0.5), f.sent, f.received,
        f.sent_packets, f.received_packets)


def write(firewall, folder):
    months = collections.OrderedDict()
    session = 71_204_000
    count = 0
    for midnight in firewall.days:
        for flow in firewall.flows[midnight]:
            session += 1 + (flow.moment // SECOND) % 3
            count += 1
            months.setdefault(clock.parts(clock.local(flow.moment)).tm_mon, []).append(line(flow, session))
    for month, lines in months.items():
        output.write_bytes("%s/firewall/fw-edge-01-2020-%02d.log.zst" % (folder, month), output.zst("".join(lines).encode("ascii"), output.ZSTD_SMALL))
    return count
