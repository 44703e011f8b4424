"""Source 4: the gateway's ns.log as the log host keeps it: VPN sessions with their bytes. Stamps have no year and are UK local time; the appliance's
own stamp inside is local time too, without a zone.

Carries T10 (seven sessions with a stolen password), T16 (one of them is served 88,070,144 bytes) and B13, B14, B15, B20. One file a month, .0 the youngest but one, all in one archive.
"""

import collections

from . import case as plan
from . import clock, output, staff, world
from .clock import DAY, HOUR, MINUTE, SECOND, at

VSERVER = "192.0.2.10:443"
FILE_SERVER = "10.20.20.21:445"
TEST_ACCOUNT = "pentest-ext"

# T10: moment, last part of the address, minutes, bytes received and sent by the client.
STOLEN = ((at(4, 29, 20, 14, 8), 21, 34, 1_204_118, 201_330), (at(5, 11, 21, 40, 30), 35, 22, 612_908, 148_207), (at(5, 13, 20, 58, 51), 35, 41, 894_022, 166_514),
          (at(5, 20, 22, 51, 12), 62, 66, 1_611_407, 402_118), (at(6, 3, 12, 22, 40), 62, 57, 1_840_233, 288_140),
          (at(7, 2, 13, 5, 3), 90, 131, plan.VPN_BYTES, 1_904_226), (at(7, 10, 21, 17, 29), 118, 19, 402_771, 120_905))
# Her own sessions that two of these overlap.
OWN = ((at(6, 3, 11, 48, 20), 262), (at(7, 2, 11, 40, 51), 255))

Session = collections.namedtuple("Session", "login logout account address agent received sent detail")


class Vpn:
    def __init__(self, case):
        self.case = case
        self.days = list(clock.days(*plan.VPN_DAYS))
        self.rows = collections.defaultdict(list)        # day -> (moment, order, text after the head)
        self.order = 0
        self.session = 0
        self._look_alikes()
        self._okafor()
        if case.campaign:
            self._stolen()
        weights = [self._weight(d) for d in self.days]
        rest = case.vpn - sum(len(v) for v in self.rows.values())
        assert rest > 0
        self.ordinary = dict(zip(self.days, clock.share_out(rest, weights)))

    @staticmethod
    def _weight(day):
        """Four times as much since the lockdown."""
        return clock.day_weight(day) * (0.25 if day < plan.LOCKDOWN else 1.0)

    # ---- lines ---------------------------------------------------------------------------------

    def _put(self, rows, moment, module, text):
        rows.append((moment // SECOND * SECOND, self.order, module, text))
        self.order += 1

    def _session(self, rows, session, rng):
        """LOGIN and LOGOUT; now and then the groups, and one of the connections that the sums of the LOGOUT hold too."""
        self.session += 1
        s = session
        context = "Context %s@%s - SessionId: %d- User %s - Client_ip %s - Nat_ip \"Mapped Ip\" - Vserver %s" % (
            s.account, s.address, self.session, s.account, s.address, VSERVER)
        self._put(rows, s.login, "SSLVPN LOGIN", context + " - Browser_type \"%s\" - SSLVPN_client_type Agent - Group(s) \"N/A\"" % s.agent)
        span = "Start_time \"%s \" - End_time \"%s \" - Duration %s " % (stamp(s.login), stamp(s.logout), length(s.logout - s.login))
        if s.detail:
            part = s.received * 998 // 1000
            self._put(rows, s.logout - 4 * SECOND, "SSLVPN TCPCONNSTAT", context + " - Source %s:%d - Destination %s - %s - Total_bytes_send %d - Total_bytes_recv %d - "
                      "Total_compressedbytes_send 0 - Total_compressedbytes_recv 0 - Compression_ratio_send 0.00%% - Compression_ratio_recv 0.00%% - Access Allowed - Group(s) \"N/A\""
                      % (s.address, 49_152 + self.session * 13 % 16_000, s.detail, span, s.sent * 9 // 10, part))
        connections = 4 + s.received // 900_000
        self._put(rows, s.logout, "SSLVPN LOGOUT", context + " - %s - Http_resources_accessed 0 - NonHttp_services_accessed %d - Total_TCP_connections %d - "
                  "Total_UDP_flows %d - Total_policies_allowed %d - Total_policies_denied 0 - Total_bytes_send %d - Total_bytes_recv %d - Total_compressedbytes_send 0 - "
                  "Total_compressedbytes_recv 0 - Compression_ratio_send 0.00%% - Compression_ratio_recv 0.00%% - LogoutMethod \"%s\" - Group(s) \"N/A\""
                  % (span, connections, connections, connections // 3, connections + connections // 3, s.sent, s.received, "Explicit" if rng.random() < 0.7 else "TimedOut"))

    def _failed(self, rows, moment, account, address, agent):
        self._put(rows, moment, "AAA LOGIN_FAILED", " User %s - Client_ip %s - Failure_reason \"External authentication server denied access\" - Browser %s" % (account, address, agent))

    def _planted(self, rng, login, logout, account, address, agent, received, sent, detail=None):
        day = login // DAY * DAY
        self._session(self.rows[day], Session(login, min(logout, day + DAY - SECOND), account, address, agent, received, sent, detail), rng)

    # ---- planted -------------------------------------------------------------------------------

    def _stolen(self):
        rng = self.case.rng("vpn campaign")
        for moment, last, minutes, received, sent in STOLEN:
            self._planted(rng, moment + 7 * SECOND, moment + minutes * MINUTE, "m.okafor", world.STOLEN_USE % last, world.AGENTS[3], received, sent,
                          FILE_SERVER if received == plan.VPN_BYTES else None)

    def _okafor(self):
        """Her own sessions: most working days, from home, with her own device."""
        rng = self.case.rng("vpn okafor")
        fixed = {moment // DAY * DAY for moment, _ in OWN}
        for moment, minutes in OWN:
            self._planted(rng, moment, moment + minutes * MINUTE, "m.okafor", staff.OKAFOR.homes[0], staff.OKAFOR.agent, 31_204_417, 4_080_113)
        for day in self.days:
            if day < plan.LOCKDOWN + 5 * DAY or not clock.is_working_day(day) or day in fixed or rng.random() < 0.3:
                continue
            start = day + 7 * HOUR + rng.randrange(2 * HOUR)
            self._planted(rng, start, start + rng.randrange(5 * HOUR, 9 * HOUR), "m.okafor", staff.OKAFOR.homes[0], staff.OKAFOR.agent, int(rng.lognormvariate(16.9, 0.7)),
                          int(rng.lognormvariate(14.6, 0.8)))

    def _look_alikes(self):
        rng = self.case.rng("vpn look-alikes")
        # B13: the week of 23 March: 300 people with a network and a device that nobody has seen of them.
        for i, person in enumerate(staff.PEOPLE[:staff.MOVED]):
            day = plan.LOCKDOWN + i % 5 * DAY
            start = day + 6 * HOUR + rng.randrange(10 * HOUR)
            self._planted(rng, start, start + rng.randrange(HOUR, 6 * HOUR), person.account, person.homes[-1] if rng.random() < 0.2 else person.homes[0], person.agent,
                          int(rng.lognormvariate(16.5, 1.0)), int(rng.lognormvariate(14.4, 0.9)))
        # B13: two who travel; one is at two places within three hours, by train.
        for person, places, first in ((staff.FIRST_TRAVELLER, staff.TRAVELLERS["first"], at(6, 8)), (staff.SECOND_TRAVELLER, staff.TRAVELLERS["second"], at(6, 16))):
            for number in range(6):
                start = first + number // 2 * DAY + (8 + number % 2 * 3) * HOUR + rng.randrange(20 * MINUTE)
                self._planted(rng, start, start + 2 * HOUR, person.account, places[number % len(places)], person.agent, int(rng.lognormvariate(16.0, 0.8)),
                              int(rng.lognormvariate(14.0, 0.8)))
        # B14: shared accounts at three clinics at once, Mondays and Thursdays.
        for day in self.days:
            if day >= plan.LOCKDOWN and clock.weekday(day) in (0, 3) and clock.is_working_day(day):
                account = world.SHARED_ACCOUNTS[clock.weekday(day) == 0]
                for number, address in enumerate(staff.CLINICS):
                    start = day + 7 * HOUR + number * 11 * MINUTE + rng.randrange(4 * MINUTE)
                    self._planted(rng, start, start + 5 * HOUR + rng.randrange(HOUR), account, address, world.AGENTS[number], int(rng.lognormvariate(15.5, 0.8)),
                                  int(rng.lognormvariate(13.5, 0.8)))
        # B15: the password change of 29 June, behind the address of one clinic.
        moment = at(6, 29, 6, 41, 9)
        for i, person in enumerate(staff.CHANGERS):
            agent = world.AGENTS[i % 3]
            for _ in range(1 + i % 2):
                self._failed(self.rows[at(6, 29)], moment, person.account, staff.CLINICS[0], agent)
                moment += rng.randint(6, 25) * SECOND
            self._planted(rng, moment + 30 * SECOND, moment + 4 * HOUR + rng.randrange(HOUR), person.account, staff.CLINICS[0], agent, int(rng.lognormvariate(16.0, 0.9)),
                          int(rng.lognormvariate(14.0, 0.8)))
            moment += rng.randint(10, 40) * SECOND
        # B20: the authorised test: one try for each of 40 accounts, then its own account.
        moment = at(6, 22, 10, 2, 11)
        for person in staff.PEOPLE[20:60]:
            self._failed(self.rows[at(6, 22)], moment, person.account, world.TESTER, "python-requests/2.23.0")
            moment += rng.randint(20, 60) * SECOND
        for start in (at(6, 23, 9, 12, 40), at(6, 24, 9, 3, 5)):
            self._planted(rng, start, start + 95 * MINUTE, TEST_ACCOUNT, world.TESTER, world.AGENTS[3], 2_904_113, 4_118_002)

    # ---- ordinary ------------------------------------------------------------------------------

    def _ordinary(self, day):
        rng = self.case.rng("vpn ordinary", day)
        rows = []
        left = self.ordinary[day]
        early = day < plan.LOCKDOWN
        people = [p for p in (staff.PEOPLE[:staff.EARLY] if early else staff.PEOPLE) if p.account != "m.okafor" and p not in (staff.FIRST_TRAVELLER, staff.SECOND_TRAVELLER)]
        remote = clock.CLOCKS["remote"]
        while left > 0:
            draw = rng.random()
            if left < 3 or draw < 0.10:
                if draw < 0.08:
                    person = rng.choice(people)
                    self._failed(rows, remote.draw(rng, day), person.account, person.old_home if early else person.homes[0], person.old_agent if early else person.agent)
                else:
                    self._put(rows, clock.CLOCKS["flat"].draw(rng, day), "GUI CMD_EXECUTED", " User nsroot - Remote_ip 10.20.10.70 - Command \"%s\" - Status \"Success\""
                              % rng.choice(("show ns info", "stat lb vserver", "show HA node", "show ssl certkey")))
                left -= 1
                continue
            person = rng.choice(people)
            address, agent = (person.old_home, person.old_agent) if early else (rng.choice(person.homes), person.agent)
            login = remote.draw(rng, day)
            logout = min(day + DAY - SECOND, login + int(rng.lognormvariate(9.2, 0.9)) * SECOND + 20 * SECOND)
            detail = rng.choice((FILE_SERVER, "10.20.20.31:443", "10.20.10.20:443")) if draw < 0.32 else None
            before = len(rows)
            self._session(rows, Session(min(login, logout - SECOND), logout, person.account, address, agent, int(rng.lognormvariate(16.2, 1.3)), int(rng.lognormvariate(14.2, 1.1)), detail), rng)
            left -= len(rows) - before
        return rows

    def day_rows(self, day):
        return sorted(self._ordinary(day) + self.rows.get(day, []))


def stamp(moment):
    """The appliance's own stamp, in local time; where a zone would stand, nothing does."""
    p = clock.parts(clock.local(moment))
    return "%02d/%02d/%04d:%02d:%02d:%02d" % (p.tm_mon, p.tm_mday, p.tm_year, p.tm_hour, p.tm_min, p.tm_sec)


def length(span):
    seconds = span // SECOND
    return "%02d:%02d:%02d" % (seconds // 3600, seconds // 60 % 60, seconds % 60)


def write(case, folder):
    vpn = Vpn(case)
    months = collections.OrderedDict()
    number = 48_200
    count = 0
    for day in vpn.days:
        for moment, _, module, text in vpn.day_rows(day):
            number += 1
            count += 1
            local = clock.local(moment)
            months.setdefault(clock.parts(local).tm_mon, []).append((moment, "%s <local0.info> 10.20.1.10 %s  ctx-gw-01 0-PPE-0 : default %s %d 0 : %s\n" % (
                clock.syslog(local), stamp(moment), module, number, text)))
    names = list(months)
    tar = output.Tar()
    for month, lines in months.items():
        age = len(names) - 1 - names.index(month)
        tar.add("ctx-gw-01/ns.log" + (".%d" % (age - 1) if age else ""), "".join(text for _, text in lines).encode("ascii"), lines[-1][0] // SECOND, 0o640)
    output.write_bytes(folder + "/vpn/loghost-ctx-gw-01.tar.zst", output.zst(tar.bytes(), output.ZSTD_SMALL))
    return count
