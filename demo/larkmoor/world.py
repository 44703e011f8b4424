"""The institute: networks, hosts, people, and the sites they visit. Both cases share it; only the days differ."""

import collections
import random

DOMAIN = "larkmoor.example"
NETBIOS = "LARKMOOR"
PUBLIC = "192.0.2.0/24"
INSIDE = "10.20.0.0/16"

Host = collections.namedtuple("Host", "name addresses kind seen note")

GATEWAY_ADDRESS = "192.0.2.10"
SCANNED_ADDRESSES = ("192.0.2.10", "192.0.2.25", "192.0.2.30", "192.0.2.80")
PROXY_ADDRESS = "192.0.2.30"
MAIL_ADDRESS = "192.0.2.25"
SCANNER_ADDRESS = "192.0.2.250"
STATS_ADDRESS = "10.20.40.7"
BACKUP_APP_ADDRESS = "10.20.30.13"
DHCP_NETWORK = "10.20.50.0/24"
VPN_POOL = "10.20.200.0/22"


def _hosts():
    named = [
        ("ctx-gw-01", ["192.0.2.10", "10.20.1.10"], "gateway", True, "Citrix ADC, active node"),
        ("ctx-gw-02", ["192.0.2.14", "10.20.1.11"], "gateway", False, "Citrix ADC, standby node of the pair"),
        ("proxy-01", ["192.0.2.30", "10.20.1.30"], "proxy", True, "forward proxy"),
        ("mx-01", ["192.0.2.25", "10.20.1.25"], "mail", True, "mail gateway"),
        ("exch-01", ["10.20.10.20"], "mail", True, "mailbox server"),
        ("web-01", ["192.0.2.80", "10.20.1.80"], "server", True, "public web site"),
        ("dc-01", ["10.20.10.5"], "dc", True, "domain controller"),
        ("dc-02", ["10.20.10.6"], "dc", True, "domain controller"),
        ("dns-01", ["10.20.10.53"], "server", True, "resolver"),
        ("mon-01", ["10.20.10.70"], "server", True, "monitoring"),
        ("wsus-01", ["10.20.10.71"], "server", True, "Windows updates"),
        ("av-01", ["10.20.10.72"], "server", True, "anti-virus relay"),
        ("jump-01", ["10.20.10.90"], "server", False, "administration"),
        ("fs-res-01", ["10.20.20.21"], "server", True, "research file server"),
        ("lims-01", ["10.20.20.31"], "server", True, "laboratory information system"),
        ("eln-01", ["10.20.20.32"], "server", False, "electronic notebook"),
        ("sql-res-01", ["10.20.20.33"], "server", False, "research database"),
        ("git-01", ["10.20.20.34"], "server", False, "source code"),
        ("backup-01", ["10.20.30.5"], "server", True, "off-site backup gateway"),
        ("bkp-app-03", [BACKUP_APP_ADDRESS], "server", True, "backup application server, Linux"),
        ("stats-07", [STATS_ADDRESS], "server", True, "statistics server, Linux"),
        ("seq-core-01", ["10.20.40.21"], "server", False, "sequencing core"),
        ("seq-core-02", ["10.20.40.22"], "server", True, "sequencing core, deposits to the public archive"),
        ("hpc-login-01", ["10.20.40.30"], "server", False, "compute login node"),
        ("vuln-scan-01", [SCANNER_ADDRESS], "scanner", True, "own vulnerability scanner"),
        ("soc-01", ["10.20.60.11"], "analysis", True, "analyst workstation"),
        ("soc-02", ["10.20.60.12"], "analysis", True, "analyst workstation"),
        ("tip-01", ["10.20.60.15"], "analysis", True, "threat intelligence platform"),
        ("sandbox-01", ["10.20.60.20"], "analysis", True, "malware sandbox"),
        ("prn-lab-01", ["10.20.70.11"], "printer", True, ""),
        ("prn-lab-02", ["10.20.70.12"], "printer", True, ""),
        ("prn-lab-03", ["10.20.70.13"], "printer", False, ""),
        ("inst-seq-01", ["10.20.80.11"], "instrument", True, "sequencer"),
        ("inst-ms-02", ["10.20.80.12"], "instrument", True, "mass spectrometer"),
    ]
    hosts = [Host(*h) for h in named]
    hosts += [Host("ws-vx-%02d" % i, [], "workstation", i <= 17, "address by DHCP") for i in range(1, 22)]
    hosts += [Host("lab-kiosk-%02d" % i, [], "workstation", True, "shared, address by DHCP") for i in range(1, 4)]
    return hosts


HOSTS = _hosts()

Person = collections.namedtuple("Person", "account name workstation homes agent")

_FIRST = ("alice", "ben", "chloe", "david", "elena", "farid", "grace", "henrik", "imogen", "james", "kavita", "liam", "maria", "nadia",
          "oliver", "priya", "quentin", "rosa", "samuel", "tara", "ursula", "victor", "wendy", "xin", "yusuf", "zoe")
_LAST = ("abbott", "barclay", "chaudhry", "devlin", "ellison", "fraser", "gallagher", "hughes", "ibrahim", "jensen", "kowalski",
         "lindqvist", "marsh", "nakamura", "obrien", "patel", "quigley", "rossi", "sutherland", "tanaka", "underwood", "varga", "whelan",
         "xavier", "yeo", "zielinski")

AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/81.0.4044.138 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/80.0.3987.163 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:75.0) Gecko/20100101 Firefox/75.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:68.0) Gecko/20100101 Firefox/68.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_4) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
)

# The four who receive the lure, in the order of the mail (T07).
LURED = ("m.okafor", "h.lindqvist", "p.devlin", "s.nakamura")
# The three who order from the shop on a listed address (B11).
SHOPPERS = ("g.fraser", "t.rossi", "k.patel")


def _people():
    rng = random.Random("larkmoor people")
    fixed = [("m.okafor", "Miriam Okafor"), ("h.lindqvist", "Henrik Lindqvist"), ("p.devlin", "Priya Devlin"), ("s.nakamura", "Samuel Nakamura"),
             ("g.fraser", "Grace Fraser"), ("t.rossi", "Tara Rossi"), ("k.patel", "Kavita Patel")]
    names = list(fixed)
    taken = {a for a, _ in names}
    while len(names) < 64:
        first, last = rng.choice(_FIRST), rng.choice(_LAST)
        account = first[0] + "." + last
        if account not in taken:
            taken.add(account)
            names.append((account, first.title() + " " + last.title()))
    people = []
    for i, (account, name) in enumerate(names):
        homes = ["198.19.%d.%d" % (rng.randrange(256), rng.randrange(1, 255)) for _ in range(1 + (rng.random() < 0.25))]
        if rng.random() < 0.2:
            homes.append("198.18.200.%d" % rng.randrange(1, 9))   # carrier-grade NAT shared by several
        people.append(Person(account, name, "ws-vx-%02d" % (i + 1) if i < 17 else None, tuple(homes), rng.choice(AGENTS)))
    return people


PEOPLE = _people()
BY_ACCOUNT = {p.account: p for p in PEOPLE}
OKAFOR = BY_ACCOUNT["m.okafor"]
OKAFOR_ADDRESS_BEFORE_12_MAY = "10.20.50.117"
OKAFOR_ADDRESS_SINCE_12_MAY = "10.20.50.164"

SERVICE_ACCOUNTS = ("svc-ldap-ctx", "svc-backup", "svc-image", "svc-mon", "svc-lims")
SHARED_ACCOUNTS = ("lab-kiosk", "ward-trial")
KIOSK_ADDRESSES = ("10.20.50.31", "10.20.50.32", "10.20.50.33")


def workstation_address(person, moment_is_before_12_may):
    """Leases are stable but for the exchange of 12 May, when m.okafor's old address goes to the workstation ws-vx-09."""
    number = int(person.workstation[-2:])
    if number == 1:
        return OKAFOR_ADDRESS_BEFORE_12_MAY if moment_is_before_12_may else OKAFOR_ADDRESS_SINCE_12_MAY
    if number == 9 and not moment_is_before_12_may:
        return OKAFOR_ADDRESS_BEFORE_12_MAY
    return "10.20.50.%d" % (120 + number)


Site = collections.namedtuple("Site", "domain address secure kind paths")


def _sites():
    rng = random.Random("larkmoor sites")
    table = [
        ("journals", ("www.virojournal", "lancaster-immunology", "openbioprints", "vaccinereview", "pubindex", "proteomicsweekly",
                      "trialsmethod", "citefinder")),
        ("supply", ("reagents-direct", "northlab-supplies", "pipettehouse", "cellmedia", "primerworks")),
        ("news", ("news.countywire", "thedailytelegram", "weather.isles", "sportsround", "healthbrief")),
        ("cloud", ("files.clouddrop", "meet.videoroom", "office.suiteline", "login.suiteline", "calendar.suiteline", "chat.teamhall")),
        ("reference", ("genomeview", "proteinbank", "chemfinder", "unitaryontology", "sequencetools", "mapserver.bioatlas")),
        ("public", ("grants.councils", "www.healthagency", "jobs.academiclist", "library.northuni", "ethics.portal", "www.parcelco")),
        ("static", ("cdn.fontserve", "ajax.scripthub", "img.pixelhost", "stats.webcounter", "tags.adserve")),
        ("update", ("update.avendor", "download.osupdate", "packages.linuxmirror", "firmware.instruments", "sync.timeandlicence")),
    ]
    sites = []
    used = set()
    for kind, names in table:
        for name in names:
            while True:
                address = rng.choice(("203.0.113.%d", "198.51.100.%d")) % rng.randrange(20, 200)
                if address not in used:
                    used.add(address)
                    break
            secure = kind not in ("update",) and rng.random() < 0.75
            paths = tuple("/" + "/".join("".join(rng.choice("abcdefghijklmnoprstuvw") for _ in range(rng.randint(3, 9)))
                                         for _ in range(rng.randint(1, 3))) for _ in range(14))
            sites.append(Site(name + ".example", address, secure, kind, ("/",) + paths))
    return sites


SITES = _sites()
SITES_OF = collections.defaultdict(list)
for _site in SITES:
    SITES_OF[_site.kind].append(_site)

SHOP = "shop.helixlabware.example"
LURE_DOMAIN = "login-1arkmoor.example"
LURE_ADDRESS = "198.51.100.213"
REWRITER = "urldefense.proofpoint.com"
REWRITER_ADDRESS = "203.0.113.8"
ARCHIVE = ("submit.openseqarchive.example", "203.0.113.240")
OFFSITE = ("vault.offsitebackup.example", "198.51.100.240")
VIDEO = ("meet.videoroom.example", ("203.0.113.231", "203.0.113.232", "203.0.113.233"))
RELAYS = tuple(("mx%d.%s.example" % (i % 2 + 1, name), "198.51.100.%d" % (1 + i)) for i, name in enumerate(
    ("northuni", "healthagency", "virojournal", "councils", "mailhost", "suiteline", "clinicpartners", "tradepost", "bulkletters", "eastuni")))
ATTACKER = "198.18.77.41"
STOLEN_USE = "198.18.140.%d"
TESTER = "203.0.113.12"           # B20: authorised, 22-24 June
