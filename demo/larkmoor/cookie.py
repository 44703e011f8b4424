"""Cookies: the published structure of the WellMess cookie (JPCERT/CC's decoder), and honest cookies that resemble it.

Reading such a cookie: join the values, undo percent-encoding, '+' is a space, three spaces are '=', drop '. ' and spaces,
',' is '+', ':' is '/': Base64 of RC6 blocks (a length that 16 divides). Here the blocks are random bytes; nothing is behind them.
"""

import base64
import string

ALNUM = string.ascii_letters + string.digits
BLOCK_COUNTS = (9, 9, 10, 11, 12, 12, 13, 14)

CONSENT_WORDS = ("We", "use", "cookies", "to", "run", "the", "site", "and", "count", "visits", "You", "agreed", "on", "first",
                 "visit", "yes", "adverts", "no", "partners", "none")


def random_name(rng, length=8):
    """Alphanumeric, always with a digit and a letter, so that it reads as random as the published ones."""
    while True:
        name = "".join(rng.choice(ALNUM) for _ in range(length))
        if any(c.isdigit() for c in name) and any(c.isalpha() for c in name):
            return name


def wellmess(rng):
    """The whole Cookie header value."""
    blob = rng.randbytes(16 * rng.choice(BLOCK_COUNTS))
    text = base64.b64encode(blob).decode("ascii")
    padding = len(text) - len(text.rstrip("="))
    text = text.rstrip("=").replace("+", ",").replace("/", ":")
    tokens = []
    while text:
        size = min(len(text), rng.randint(2, 8))
        if len(text) - size == 1:            # never leave a token of one character
            size += 1 if size < 8 else -1
        tokens.append(text[:size])
        text = text[size:]
    pair_count = rng.randint(1, 3)
    share = len(tokens) // pair_count
    cuts = [share * i + rng.randint(-share // 4, share // 4) for i in range(1, pair_count)] + [len(tokens)]
    stops = set()
    while len(stops) < max(2, len(tokens) // 7):
        stop = rng.randrange(len(tokens) - 1)
        if stop + 1 not in cuts:             # a sentence ends inside a value, where its space follows
            stops.add(stop)
    pairs = []
    first = 0
    for cut in cuts:
        words = [tokens[i] + ("." if i in stops else "") for i in range(first, cut)]
        value = " ".join(words)
        if cut == len(tokens):
            value += "   " * padding
        value = value.replace(":", "%3A").replace(",", "%2C").replace(" ", "+")
        pairs.append(random_name(rng) + "=" + value)
        first = cut
    return "; ".join(pairs)


def benign(rng, kind):
    """B07: the cookies of ordinary sites; kept for each user and site by the caller."""
    if kind == "ga":
        return "_ga=GA1.2.%d.%d; _gid=GA1.2.%d.%d" % (rng.randrange(10**8, 2 * 10**9), 1583000000 + rng.randrange(9000000),
                                                     rng.randrange(10**8, 2 * 10**9), 1588000000 + rng.randrange(6000000))
    if kind == "session":
        return "JSESSIONID=" + base64.b64encode(rng.randbytes(96)).decode("ascii")
    if kind == "consent":
        words = [rng.choice(CONSENT_WORDS) + ("." if i % 9 == 8 else "") for i in range(rng.randint(24, 34))]
        # Half of the sites use a name of eight characters; such a value fails only when it is decoded (never 64 letters or a multiple).
        while sum(len(w.rstrip(".")) for w in words) % 64 == 0:
            words.append("none")
        return rng.choice(("cookieconsent_status=", "cnsnt2uk=")) + "+".join(words)
    if kind == "eight":
        return random_name(rng) + "=" + rng.randbytes(16).hex()
    return "lang=en-GB; seen=1"
