"""Source 11: the log of the Windows DHCP service, a file a month. Dates are month/day/year, times UK local, leases run eight hours.

Carries T09's address (10.20.50.117 is ws-vx-01 until 12 May and ws-vx-09 since) and B19's phone.
"""

import collections

from . import case as plan
from . import clock, output, world
from .clock import DAY, HOUR, MINUTE, SECOND, at

HEAD = ("\t\tMicrosoft DHCP Service Activity Log\r\n\r\n\r\nEvent ID  Meaning\r\n00\tThe log was started.\r\n01\tThe log was stopped.\r\n"
        "02\tThe log was temporarily paused due to low disk space.\r\n10\tA new IP address was leased to a client.\r\n11\tA lease was renewed by a client.\r\n"
        "12\tA lease was released by a client.\r\n13\tAn IP address was found to be in use on the network.\r\n"
        "14\tA lease request could not be satisfied because the scope's\r\n\taddress pool was exhausted.\r\n15\tA lease was denied.\r\n16\tA lease was deleted.\r\n"
        "17\tA lease was expired and DNS records for an expired leases have\r\n\tnot been deleted.\r\n18\tA lease was expired and DNS records were deleted.\r\n"
        "24\tIP address cleanup operation has began.\r\n25\tIP address cleanup statistics.\r\n30\tDNS update request to the named DNS server.\r\n"
        "31\tDNS update failed.\r\n32\tDNS update successful.\r\n50+\tCodes above 50 are used for Rogue Server Detection information.\r\n\r\n"
        "QResult: 0: NoQuarantine, 1:Quarantine, 2:Drop Packet, 3:Probation,6:No Quarantine Information ProbationTime:Year-Month-Day Hour:Minute:Second:MilliSecond.\r\n\r\n"
        "ID,Date,Time,Description,IP Address,Host Name,MAC Address,User Name, TransactionID, QResult,Probationtime, CorrelationID,Dhcid,VendorClass(Hex),"
        "VendorClass(ASCII),UserClass(Hex),UserClass(ASCII),RelayAgentInformation,DnsRegError.\r\n")
WORDS = {10: "Assign", 11: "Renew", 12: "Release", 24: "Database Cleanup Begin", 25: "0 leases expired and 0 leases deleted", 30: "DNS Update Request", 32: "DNS Update Successful"}

Row = collections.namedtuple("Row", "moment order code address name mac")


def mac_of(name):
    value = 7
    for byte in name.encode("ascii"):
        value = (value * 257 + byte) & 0xFFFFFF
    return "005056%06X" % value


class Leases:
    def __init__(self, case):
        self.case = case
        self.days = list(clock.days(*plan.DHCP_DAYS))
        self.rows = collections.defaultdict(list)
        self.order = 0
        self._exchange()
        for day in self.days:
            self._desks(day)
            if clock.month_day(day) in ((6, 23), (6, 24), (6, 26)):
                self._put(day + 10 * HOUR + 40 * MINUTE, 10, "10.20.90.44", "Galaxy-A40", "A4F0C2119D07")
        planted = sum(len(v) for v in self.rows.values())
        rest = case.dhcp - planted
        assert rest >= 0, "DHCP: %d planted" % planted
        self.ordinary = dict(zip(self.days, clock.share_out(rest, [clock.day_weight(d) for d in self.days])))

    def _put(self, moment, code, address="", name="", mac=""):
        self.rows[moment // DAY * DAY].append(Row(moment // SECOND * SECOND, self.order, code, address, name, mac))
        self.order += 1

    @staticmethod
    def _fqdn(host):
        return "%s.%s" % (host, world.DOMAIN)

    def _exchange(self):
        """12 May 06:00Z: ws-vx-01 has been given another address the evening before; its old one goes to ws-vx-09."""
        first, second = "ws-vx-01", "ws-vx-09"
        self._put(plan.LEASE_CHANGE - 4 * MINUTE, 12, world.OKAFOR_ADDRESS_BEFORE_12_MAY, self._fqdn(first), mac_of(first))
        self._put(plan.LEASE_CHANGE - 3 * MINUTE, 10, world.OKAFOR_ADDRESS_SINCE_12_MAY, self._fqdn(first), mac_of(first))
        self._put(plan.LEASE_CHANGE - 1 * MINUTE, 12, "10.20.50.129", self._fqdn(second), mac_of(second))
        self._put(plan.LEASE_CHANGE, 10, world.OKAFOR_ADDRESS_BEFORE_12_MAY, self._fqdn(second), mac_of(second))

    def _desks(self, day):
        """Machines renew at half of their lease; in the background fewer of them are switched on."""
        rng = self.case.rng("dhcp desks", day)
        before = day + 6 * HOUR < plan.LEASE_CHANGE
        machines = [(p.workstation, world.workstation_address(p, before)) for p in world.PEOPLE if p.workstation]
        machines += [("lab-kiosk-%02d" % (i + 1), a) for i, a in enumerate(world.KIOSK_ADDRESSES)]
        working = clock.is_working_day(day)
        for host, address in machines:
            fixed = host in ("ws-vx-01", "ws-vx-09") and working
            if not fixed and rng.random() > ((0.55 if self.case.campaign else 0.28) if working else 0.06):
                continue
            moment = day + 6 * HOUR + 20 * MINUTE + rng.randrange(2 * HOUR)
            for i in range(2):
                self._put(moment + i * (4 * HOUR + rng.randrange(5 * MINUTE)), 11, address, self._fqdn(host), mac_of(host))
        self._put(day + 23 * HOUR + 5 * SECOND, 24)
        self._put(day + 23 * HOUR + 5 * SECOND, 25)

    def _ordinary(self, day):
        """Phones and visitors on the guest network, and the names that the service writes for them."""
        rng = self.case.rng("dhcp ordinary", day)
        rows = []
        left = self.ordinary[day]
        while left > 0:
            number = rng.randrange(50, 240)
            name = ("iPhone", "Galaxy-A40", "android-%04x", "Laptop-%03d", "iPad")[number % 5]
            name = name % number if "%" in name else name
            moment = clock.CLOCKS["office"].draw(rng, day)
            for code in (10, 30, 32)[:min(left, rng.choice((1, 1, 3)))]:
                rows.append(Row(moment // SECOND * SECOND, 1_000_000 + len(rows), code, "10.20.90.%d" % number, name, "A4F0C2%06X" % (number * 7919)))
                left -= 1
        return rows

    def day_rows(self, day):
        return sorted(self._ordinary(day) + self.rows.get(day, []))


def write(case, folder):
    leases = Leases(case)
    months = collections.OrderedDict()
    count = 0
    for day in leases.days:
        for r in leases.day_rows(day):
            count += 1
            p = clock.parts(clock.local(r.moment))
            stamp = "%02d/%02d/%02d,%02d:%02d:%02d" % (p.tm_mon, p.tm_mday, p.tm_year % 100, p.tm_hour, p.tm_min, p.tm_sec)
            vendor = ",0x4D53465420352E30,MSFT 5.0,,,,0" if r.mac.startswith("0050") and r.code in (10, 11) else ",,,,,,0"
            number = str((r.moment // SECOND * 2_654_435_761 + r.order) & 0xFFFFFFFF) if r.code in (10, 11, 12) else "0"
            months.setdefault(p.tm_mon, []).append("%02d,%s,%s,%s,%s,%s,,%s,%s,,,%s\r\n" % (r.code, stamp, WORDS[r.code], r.address, r.name, r.mac, number, "0" if r.code in (10, 11, 12) else "6", vendor))
    for month, lines in months.items():
        output.write_bytes("%s/dhcp/DhcpSrvLog-2020-%02d.log.gz" % (folder, month), output.gz((HEAD + "".join(lines)).encode("ascii")))
    return count
