"""The people beyond the research segment who come in through the VPN: 304 accounts with their homes and devices, before and since the lockdown.

world.PEOPLE are the first 64 of them, with the homes that the gateway's web log shows.
"""

import collections
import random

from . import world

Remote = collections.namedtuple("Remote", "account homes agent old_home old_agent")

COUNT = 304
MOVED = 300                       # B13: these come from a new network with a new device in the week of 23 March
EARLY = 60                        # of these, some worked from elsewhere before
CGNAT = "198.18.200.%d"
CLINICS = ("198.18.205.11", "198.18.206.12", "198.18.207.13")      # the first is the clinic of B15
TRAVELLERS = {"second": ("198.18.211.40", "198.18.211.77", "203.0.113.214"), "first": ("198.18.212.15", "198.18.213.90")}


def _make():
    rng = random.Random("larkmoor remote staff")
    taken = {p.account for p in world.PEOPLE}
    people = []
    for p in world.PEOPLE:
        people.append([p.account, p.homes, p.agent])
    while len(people) < COUNT:
        account = rng.choice("abcdefghijklmnoprstvwz") + "." + rng.choice(world._LAST)
        if account in taken:
            account += str(rng.randrange(2, 5))
        if account in taken:
            continue
        taken.add(account)
        homes = ["198.19.%d.%d" % (rng.randrange(256), rng.randrange(1, 255))]
        if rng.random() < 0.2:
            homes.append(CGNAT % rng.randrange(1, 9))
        people.append([account, tuple(homes), rng.choice(world.AGENTS)])
    out = []
    for i, (account, homes, agent) in enumerate(people):
        early = i < EARLY
        out.append(Remote(account, homes, agent, "198.18.%d.%d" % (120 + i % 8, 10 + i) if early else None,
                          world.AGENTS[(world.AGENTS.index(agent) + 1) % len(world.AGENTS)] if early else None))
    return out


PEOPLE = _make()
FIRST_TRAVELLER, SECOND_TRAVELLER = PEOPLE[90], PEOPLE[133]
CHANGERS = tuple(p for p in PEOPLE[150:] if p is not FIRST_TRAVELLER)[:30]       # B15
OKAFOR = PEOPLE[0]
assert OKAFOR.account == "m.okafor"
