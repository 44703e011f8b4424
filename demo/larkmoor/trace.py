"""Source 12: the mail system's message trace, as an administrator exports it: exactly 50,000 rows, newest first, so it ends on 20 June and says no word of it.

Nothing of the campaign is in it: the lure of 28 April lies beyond its edge. It shows the forwards of B10 and the letters of B17.
"""

import bisect

from . import case as plan
from . import clock, output, staff, world
from .clock import DAY, HOUR, MINUTE, SECOND, at

SUBJECTS = ("Table of contents alert", "Your order", "Seminar series", "Weekly digest", "Delivery note", "Re: plates", "Re: antibody panel", "Minutes", "Rota for next week", "Freezer 3",
            "Draft section 2", "Invitation: online meeting", "Re: visit on Thursday", "Results of run", "Your review is due", "Lab News", "Re: budget", "Ethics form", "Out of office",
            "Reset of the booking system", "Question about the assay", "FW: minutes", "Data request", "Shift change", "Your parcel")


def rows_of(case, day, count):
    rng = case.rng("trace", day)
    office = clock.staff_clock(day)
    remote = clock.CLOCKS["remote"]
    addresses = ["%s@%s" % (p.account, world.DOMAIN) for p in staff.PEOPLE]
    # Some people get and send far more than others.
    cumulative, total = [], 0
    for i in range(len(addresses)):
        total += 1.0 / (1 + i % 97)
        cumulative.append(total)

    def person():
        return addresses[bisect.bisect_right(cumulative, rng.random() * total)]

    rows = []
    if day == at(7, 16):
        moment = at(7, 16, 15, 20, 0)
        for number in range(40):
            p = world.PEOPLE[(number * 7 + 3) % len(world.PEOPLE)]
            rows.append((moment, len(rows), "%s@%s" % (p.account, world.DOMAIN), "soc@" + world.DOMAIN,
                         ("FW: Advisory: APT29 targets COVID-19 vaccine development", "Fwd: NCSC advisory - are we affected?", "FW: Indicators for tonight", "Advisory, please read")[number % 4],
                         "Delivered", "10.20.10.20", "", 14_000 + number * 101))
            moment += rng.randint(2, 14) * MINUTE + rng.randrange(50) * SECOND
    while len(rows) < count:
        moment = (office if rng.random() < 0.6 else remote).draw(rng, day) // SECOND * SECOND
        draw = rng.random()
        size = int(rng.lognormvariate(9.9, 1.2)) // 16 * 16 + 2_048
        if draw < 0.5:
            sender, recipient, source = person(), person(), "10.20.10.20"
        elif draw < 0.85:
            name, source = rng.choice(world.RELAYS)
            sender, recipient = "%s@%s" % (rng.choice(("notice", "news", "office", "no-reply", "a.brandt", "l.moreau", "s.byrne", "e.kaya")), name.split(".", 1)[1]), person()
        else:
            name, source = rng.choice(world.RELAYS)
            sender, recipient, source = person(), "%s@%s" % (rng.choice(("orders", "office", "a.brandt", "l.moreau", "m.nowak", "helpdesk")), name.split(".", 1)[1]), "10.20.10.20"
        status = "Delivered" if rng.random() < 0.95 else rng.choice(("FilteredAsSpam", "FilteredAsSpam", "Failed", "Quarantined"))
        rows.append((moment, len(rows), sender, recipient, rng.choice(SUBJECTS), status, source, "", size))
    return sorted(rows)


def write(case, folder):
    days = list(clock.days(*plan.TRACE_DAYS))
    shares = clock.share_out(case.trace, [clock.day_weight(d) for d in days])
    text = ['"Received","SenderAddress","RecipientAddress","Subject","Status","ToIP","FromIP","Size","MessageId"\r\n']
    for day, count in sorted(zip(days, shares), reverse=True):
        for moment, order, sender, recipient, subject, status, source, target, size in reversed(rows_of(case, day, count)):
            p = clock.parts(moment)
            text.append('"%02d/%02d/%04d %02d:%02d:%02d","%s","%s","%s","%s","%s","%s","%d","<%d.%d@%s>"\r\n' % (
                p.tm_mday, p.tm_mon, p.tm_year, p.tm_hour, p.tm_min, p.tm_sec, sender, recipient, subject, status, target, source, size, moment // SECOND, order, sender.split("@")[1]))
    output.write_bytes(folder + "/mail-trace/MessageTrace-2020-07-17.csv.zst", output.zst("".join(text).encode("ascii"), output.ZSTD_SMALL))
    return len(text) - 1
