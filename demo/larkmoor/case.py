"""What a case is: its name, seed, volumes, and whether the campaign acts in it. Also the dates of the campaign.

The two cases differ by seed, by volume and by the rows T01-T17; the look-alikes B01-B20 are in both.
"""

import dataclasses
import random

from . import clock
from .clock import at


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    seed: str
    campaign: bool
    scale: int
    gateway: int        # records of each source at this scale
    gateway_copies: int
    zeek: int
    proxy: int
    windows: int
    fileserver: int
    tree_files: int
    vpn: int
    firewall: int
    linux: int
    dhcp: int
    trace: int
    edr: int
    alerts: int

    def rng(self, *what):
        """An independent generator for each purpose: one source never disturbs another."""
        return random.Random("/".join((self.seed, self.name) + tuple(str(w) for w in what)))


def make(name, seed, scale):
    if name == "intrusion":
        volumes = dict(gateway=74_000, gateway_copies=6_118, zeek=315_000, proxy=60_000, windows=30_000, fileserver=22_000, tree_files=755,
                       vpn=38_000, firewall=24_000, linux=9_000, dhcp=5_500, trace=50_000, edr=18_000, alerts=260)
    else:
        volumes = dict(gateway=48_900, gateway_copies=4_020, zeek=207_000, proxy=39_500, windows=19_800, fileserver=14_500, tree_files=739,
                       vpn=18_400, firewall=11_700, linux=4_400, dhcp=2_700, trace=50_000, edr=8_130, alerts=189)
    for key in ("gateway", "zeek", "proxy", "windows", "fileserver", "vpn", "firewall", "linux", "dhcp", "trace", "edr"):
        volumes[key] *= scale
    return Case(name=name, seed=seed, campaign=name == "intrusion", scale=scale, **volumes)


LAST_DAY = (7, 16)
GATEWAY_DAYS = ((4, 1), LAST_DAY)
GATEWAY_HOLE = (at(5, 9), at(5, 12))
COPIES_FROM = at(7, 11)
ZEEK_DAYS = ((4, 18), LAST_DAY)
ZEEK_OUTAGE = (at(5, 3), at(5, 8))
PROXY_DAYS = ((3, 20), LAST_DAY)
COOKIES_FROM = at(5, 1)
WINDOWS_DAYS = ((6, 2), LAST_DAY)
FILESERVER_DAYS = ((4, 1), LAST_DAY)
VPN_DAYS = ((3, 20), LAST_DAY)
LOCKDOWN = at(3, 23)
FIREWALL_DAYS = ((6, 17), LAST_DAY)
LINUX_DAYS = ((4, 1), LAST_DAY)
DHCP_DAYS = ((4, 1), LAST_DAY)
TRACE_DAYS = ((6, 20), LAST_DAY)
EDR_DAYS = ((6, 17), LAST_DAY)
LEASE_CHANGE = at(5, 12, 6)
PUBLISHED = at(7, 16, 14)
COLLECTED = at(7, 17, 6)

BEACONS = 2_100
BEACON_BYTES = 2_310_000
BEACON_FIRST = at(4, 20, 2, 0, 11, 312_000)
BEACON_LAST = at(7, 16, 18, 20, 3, 871_000)
WELLMAIL_SESSIONS = 31
WELLMAIL_BYTES = 22_640_104
BULK_FLOWS = 14
BULK_BYTES = 431_206_912
BULK_BOGUS_ANSWER = 4_294_958_733      # ~4.29 GB that no packet carried
CONFIG_BYTES = 48_312
VPN_BYTES = 88_070_144                 # T16
NIGHT_READS = 3_870
PROBES = 1_904
PROBERS = 61
STARTTLS = 5_000
STARTTLS_LOST = 3


def in_span(moment, span):
    return span[0] <= moment < span[1]


def beacons(case):
    """T06: (moment, request bytes, answer bytes), 60 minutes +-20 % apart, sums exact."""
    rng = case.rng("beacons")
    gaps = [0.8 + 0.4 * rng.random() for _ in range(BEACONS - 1)]
    mean = (BEACON_LAST - BEACON_FIRST) / (BEACONS - 1)
    shift = mean / clock.HOUR - sum(gaps) / len(gaps)
    moments = [BEACON_FIRST]
    for gap in gaps[:-1]:
        step = min(1.2, max(0.8, gap + shift)) * clock.HOUR
        moments.append(moments[-1] + int(step) // 1000 * 1000)
    # What the clamping left over is spread evenly, well inside the 20 %.
    left = BEACON_LAST - (moments[-1] + int(mean))
    moments = [m + left * i // (BEACONS - 1) // 1000 * 1000 for i, m in enumerate(moments)] + [BEACON_LAST]
    sizes = [rng.randint(940, 1260) for _ in range(BEACONS)]
    difference = BEACON_BYTES - sum(sizes)
    each, rest = divmod(abs(difference), BEACONS)
    sign = 1 if difference > 0 else -1
    sizes = [s + sign * (each + (i < rest)) for i, s in enumerate(sizes)]
    assert sum(sizes) == BEACON_BYTES and len(moments) == BEACONS
    return [(m, s, rng.randint(310, 420)) for m, s in zip(moments, sizes)]


def split_exactly(rng, total, count, spread=0.6):
    """count whole parts, uneven, that sum to total."""
    return clock.share_out(total, [1.0 + spread * (2 * rng.random() - 1) for _ in range(count)])
