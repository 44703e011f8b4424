"""Source 13: 140 mail files in one archive, and one mbox of a list.

Carries T07 (a lure to four named people: three delivered, one held, one reported by a user with the original inside), B10 (40 forwards of the
advisory) and B17 (invitations, lists, link tracking, the real password mail of HR).
"""

import email.message
import email.policy
import email.utils

from . import advisory_text
from . import clock, output, world
from .clock import HOUR, MINUTE, SECOND, at

POLICY = email.policy.SMTP
FILES = 140
LIST_MESSAGES = 72


def rewritten(url, who):
    """Version 2 of the link rewriting: '-' begins an escape, '_' stands for '/'."""
    text = "".join("_" if c == "/" else c if c.isalnum() or c == "." else "-%02X" % ord(c) for c in url)
    return "https://%s/v2/url?u=%s&d=DwMFAg&c=lkm0042&r=%s&m=b7Qw2&s=Zk1&e=" % (world.REWRITER, text, who)


class Post:
    """Builds messages with the headers that the institute's mail gateway and mailbox server leave behind."""

    def __init__(self, case):
        self.case = case
        self.rng = case.rng("mail")
        self.files = []

    def message(self, moment, sender, to, subject, text, html=None, spf="pass", dmarc="pass", relay=("mx1.northuni.example", "198.51.100.1"),
                reply_to=None, extra=(), internal=False):
        m = email.message.EmailMessage(policy=POLICY)
        address = email.utils.parseaddr(sender)[1]
        domain = address.split("@")[1]
        queue = "%010X" % self.rng.randrange(16 ** 10)
        m["Return-Path"] = "<%s>" % address
        if internal:
            m["Received"] = "from exch-01.larkmoor.example (10.20.10.20) by exch-01.larkmoor.example (10.20.10.20) with Microsoft SMTP Server id 15.1.1979.3; " \
                            + clock.rfc5322(moment + SECOND)
        else:
            m["Received"] = "from mx.larkmoor.example (10.20.1.25) by exch-01.larkmoor.example (10.20.10.20) with Microsoft SMTP Server (TLS) id 15.1.1979.3; " \
                            + clock.rfc5322(moment + 3 * SECOND)
            m["Received"] = "from %s (%s [%s]) by mx.larkmoor.example (192.0.2.25) with ESMTPS id %s for <%s>; " \
                            % (relay[0], relay[0], relay[1], queue, email.utils.parseaddr(to.split(",")[0])[1]) + clock.rfc5322(moment + SECOND)
            m["Authentication-Results"] = "mx.larkmoor.example; spf=%s smtp.mailfrom=%s; dkim=none; dmarc=%s header.from=%s" % (spf, domain, dmarc, domain)
        for key, value in extra:
            m[key] = value
        m["From"] = sender
        m["To"] = to
        if reply_to:
            m["Reply-To"] = reply_to
        m["Subject"] = subject
        m["Date"] = clock.rfc5322(moment)
        m["Message-ID"] = "<%s.%s@%s>" % (clock.zeek(moment), queue.lower(), domain)
        m["MIME-Version"] = "1.0"
        m.set_content(text, cte="8bit" if text.isascii() else "quoted-printable")
        if html:
            m.add_alternative(html, subtype="html")
            m.set_boundary("=_lm_%010x" % self.rng.randrange(16 ** 10))
        return m

    def store(self, folder, moment, m):
        self.files.append((moment, folder, m.as_bytes()))


OUTSIDERS = ("Anna Brandt", "Luc Moreau", "Ingrid Solberg", "Tomas Novak", "Elif Kaya", "Joao Ferreira", "Marta Nowak", "Sean Byrne")


def outsider(number):
    name = OUTSIDERS[number % len(OUTSIDERS)]
    return "%s <%s@eastuni.example>" % (name, name.lower().replace(" ", "."))


def address(person):
    return "%s <%s@%s>" % (person.name, person.account, world.DOMAIN)


def report(post, moment, person, original, note):
    """A user's report: the original travels inside as message/rfc822, with its own recipients."""
    m = post.message(moment, address(person), "Phishing reports <phishing@larkmoor.example>", "Suspicious mail", note, internal=True)
    m.add_attachment(original)
    m.set_boundary("=_lm_%010x" % post.rng.randrange(16 ** 10))
    post.store("reports", moment, m)


def lure(post):
    """T07 (and the report): 28 April 09:05Z."""
    link = "http://%s/vpn/index.html?id=%%d" % world.LURE_DOMAIN
    first = None
    for number, account in enumerate(world.LURED):
        person = world.BY_ACCOUNT[account]
        moment = at(4, 28, 9, 5, 4 + 3 * number)
        held = number == 3
        where = link % (4417 + number)
        shown = where if held else rewritten(where, account)
        first_name = person.name.split()[0]
        text = ("Dear Dr %s,\n\nremote access for the VX-19 group moves to a new portal this week. To keep your access during the lockdown please\n"
                "confirm your account today, before 17:00:\n\n%s\n\nRemote Access Team\nLarkmoor Institute for Vaccine Research\n" % (person.name.split()[1], shown))
        html = ("<html><body><p>Dear Dr %s,</p><p>remote access for the VX-19 group moves to a new portal this week. To keep your access during the "
                "lockdown please confirm your account today, before 17:00:</p><p><a href=\"%s\">https://remote.larkmoor.example/vpn/</a></p>"
                "<p>Remote Access Team<br>Larkmoor Institute for Vaccine Research</p></body></html>\n" % (person.name.split()[1], shown))
        extra = [("X-MailGate-Disposition", "quarantined; rule=lookalike-domain; score=91" if held else "delivered; links=rewritten; score=38")]
        m = post.message(moment, "Larkmoor Remote Access <remote-access@login-1arkmoor.example>", address(person),
                         "Remote access: please confirm your account, %s" % first_name, text, html, spf="pass", dmarc="none",
                         relay=("mail.login-1arkmoor.example", world.LURE_ADDRESS), extra=extra)
        post.store("quarantine" if held else "delivered", moment, m)
        if number == 1:
            first = m
    report(post, at(4, 28, 11, 2, 40), world.BY_ACCOUNT["h.lindqvist"], first, "Got this two hours ago. The address looks odd (a one instead of an l?). I did not click.\n\nHenrik\n")


def forwards(post):
    """B10: the advisory goes round, defanged and live, from the afternoon of publication."""
    moment = at(7, 16, 15, 20, 0)
    for number in range(40):
        person = world.PEOPLE[(number * 7 + 3) % len(world.PEOPLE)]
        live = number % 4 == 0
        subject = ("FW: Advisory: APT29 targets COVID-19 vaccine development", "Fwd: NCSC advisory - are we affected?",
                   "FW: Indicators for tonight", "Advisory, please read")[number % 4]
        text = "Please see below, this is about people like us.\n\n-----Original Message-----\n" + advisory_text.summary(defanged=not live)
        m = post.message(moment, address(person), "SOC <soc@larkmoor.example>", subject, text, internal=True)
        if number % 10 == 0:
            m.add_attachment(advisory_text.indicator_csv(), subtype="csv", filename="iocs.csv", cte="7bit")
            m.set_boundary("=_lm_%010x" % post.rng.randrange(16 ** 10))
        post.store("forwards", moment, m)
        moment += post.rng.randint(2, 14) * MINUTE + post.rng.randrange(50) * SECOND


def invitations(post):
    """B17: phishing traits without phishing."""
    rng = post.rng
    names = ("International Vaccine Forum", "Summit on Immune Repertoires", "Congress of Structural Virology", "Online Week of Trial Methods")
    for number in range(34):
        person = rng.choice(world.PEOPLE)
        moment = at(3 + number % 4, 2 + number % 26, rng.randrange(6, 17), rng.randrange(60), rng.randrange(60))
        relay = world.RELAYS[number % len(world.RELAYS)]
        kind = number % 4
        if kind == 0:
            url = "http://www.congress-%d.example/register?u=%s" % (number, person.account)
            m = post.message(moment, "Programme Office <invite@congress-%d.example>" % number, address(person), "Invitation: %s 2020" % names[number // 4 % 4],
                             "Dear colleague,\n\nyou are invited to speak on COVID-19 vaccine development.\n\n%s\n" % rewritten(url, person.account),
                             spf="softfail", dmarc="none", relay=relay, reply_to="programme.office@freepost.example")
        elif kind == 1:
            url = "https://submit.journal-%d.example/login?token=%08x" % (number, rng.randrange(2 ** 32))
            m = post.message(moment, "Editorial Office <office@journal-%d.example>" % number, address(person), "Your review is due",
                             "Dear Dr %s,\n\nplease sign in to return your review:\n%s\n" % (person.name.split()[1], rewritten(url, person.account)), relay=relay)
        elif kind == 2:
            url = "https://click.bulkletters.example/t/%s" % rng.randbytes(12).hex()
            m = post.message(moment, "Lab News <news@bulkletters.example>", address(person), "Lab News: 20 % off filter tips",
                             "Read more: %s\n" % rewritten(url, person.account),
                             "<html><body><a href=\"%s\">www.labnews.example</a></body></html>\n" % rewritten(url, person.account),
                             relay=world.RELAYS[8], extra=[("List-Unsubscribe", "<https://click.bulkletters.example/u/%d>" % number)])
        else:
            m = post.message(moment, "%s via Immunology list <immunology@lists.northuni.example>" % OUTSIDERS[number % 8], "immunology@lists.northuni.example",
                             "Re: antibody panel, lot %d" % number, "Thanks, that solved it.\n", relay=world.RELAYS[0], reply_to="someone.else@eastuni.example",
                             extra=[("List-Id", "<immunology.lists.northuni.example>"), ("Precedence", "list")])
        post.store("delivered", moment, m)
    for number in range(4):
        person = world.PEOPLE[10 + number]
        moment = at(6, 22, 8, 1 + number, 30)
        m = post.message(moment, "HR Service Desk <hr@larkmoor.example>", address(person), "Reset your password before Friday",
                         "Dear %s,\n\nas announced, all passwords change this week. Use the key Ctrl+Alt+Del, then Change a password.\n"
                         "There is no link in this mail on purpose. https://intranet.larkmoor.example/hr explains why.\n" % person.name.split()[0], internal=True)
        post.store("delivered", moment, m)


def ordinary(post):
    rng = post.rng
    reports = 4
    while len(post.files) < FILES:
        person, other = rng.sample(world.PEOPLE, 2)
        moment = at(3 + rng.randrange(4), 1 + rng.randrange(28), rng.randrange(7, 18), rng.randrange(60), rng.randrange(60))
        if reports:
            reports -= 1
            spam = post.message(moment - HOUR, "Parcel Service <track@parcel-%d.example>" % reports, address(person), "Your parcel is waiting",
                                "Pay the fee: %s\n" % rewritten("http://parcel-%d.example/fee" % reports, person.account), spf="fail", dmarc="fail", relay=world.RELAYS[7])
            report(post, moment, person, spam, "I expect no parcel.\n")
            continue
        subject = rng.choice(("Minutes of Tuesday", "Freezer 3", "Order of plates", "Draft section 2", "Seminar on Thursday", "Rota for next week"))
        internal = rng.random() < 0.6
        sender = address(other) if internal else outsider(rng.randrange(8))
        m = post.message(moment, sender, address(person), subject, "Hello %s,\n\nsee you then. %s\n\n%s\n" % (
            person.name.split()[0], rng.choice(("The file is on lab-common.", "No changes.", "Two remarks inside.", "Call me.")), sender.split()[0]),
            internal=internal, relay=world.RELAYS[9])
        post.store("delivered", moment, m)


def mbox(post):
    rng = post.rng
    out = []
    for number in range(LIST_MESSAGES):
        moment = at(3 + number // 16, 2 + number % 16, 9, number % 60, 7)
        m = post.message(moment, outsider(number * 5 + number // 3), "methods@lists.northuni.example",
                         "%sprotocol question %d" % ("Re: " if number % 3 else "", number // 3),
                         "Colleagues,\n\nwe saw the same with lot %d.\n>From the second plate on it was gone.\n" % rng.randrange(1000), relay=world.RELAYS[0],
                         reply_to="methods@lists.northuni.example", extra=[("List-Id", "<methods.lists.northuni.example>")])
        p = clock.parts(moment)
        stamp = "%s %s %2d %02d:%02d:%02d 2020" % (clock.WEEKDAYS[clock.weekday(moment)], clock.MONTHS[p.tm_mon - 1], p.tm_mday, p.tm_hour, p.tm_min, p.tm_sec)
        out.append(b"From methods-bounces@lists.northuni.example " + stamp.encode() + b"\n" + m.as_bytes().replace(b"\r\n", b"\n") + b"\n")
    return b"".join(out)


def write(case, folder):
    post = Post(case)
    if case.campaign:
        lure(post)
    forwards(post)
    invitations(post)
    ordinary(post)
    archive = output.Tar()
    for number, (moment, where, data) in enumerate(sorted(post.files), 1):
        archive.add("mail/%s/%04d.eml" % (where, number), data, moment // SECOND)
    output.write_bytes(folder + "/mail/mail.tar.zst", output.zst(archive.bytes()))
    output.write_bytes(folder + "/mail/methods-list.mbox", mbox(post))
    return "%d files, %d in a mbox" % (len(post.files), LIST_MESSAGES)
