"""Made-up secrets of every kind that masking knows, put together as the tests run: no scanner trips on this file.

In: a generator of random numbers. Out: secrets of the right form and check sum, that open nothing and call nobody.
"""

import base64
import json
import string
from collections.abc import Callable, Mapping
from random import Random

Make = Callable[[Random], str]

ALNUM = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits
UPPER = string.ascii_uppercase + string.digits
HEX = "0123456789abcdef"
URL_SAFE = ALNUM + "_-"
BASE64 = ALNUM + "+/"


def drawn(random: Random, letters: str, length: int) -> str:
    """Return so many random letters, a digit, a capital and a small one among them where `letters` hold such."""
    said = [random.choice(letters) for _ in range(length)]
    kinds = [[one for one in letters if test(one)] for test in (str.isdigit, str.isupper, str.islower)]
    for place, kind in zip(random.sample(range(1, length - 1), 3), kinds, strict=True):
        if kind:
            said[place] = random.choice(kind)
    return "".join(said)


def behind(prefix: str, letters: str, length: int) -> Make:
    """A maker of keys that begin with a provider's prefix."""
    return lambda random: prefix + drawn(random, letters, length)


def base64url(told: bytes) -> str:
    """Return bytes in base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def jwt(random: Random) -> str:
    """A signed JSON web token."""
    header = base64url(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    claims = base64url(json.dumps({"sub": drawn(random, LOWER, 8), "exp": random.randrange(10**9)}).encode())
    return f"{header}.{claims}.{drawn(random, URL_SAFE, 43)}"


def pem(random: Random) -> str:
    """A private key in PEM, on some lines."""
    kind = random.choice(["", "RSA ", "EC ", "ENCRYPTED ", "OPENSSH "])
    lines = [drawn(random, BASE64, 64) for _ in range(4)] + [drawn(random, BASE64, 21) + "="]
    return "\n".join(
        ["-----" + f"BEGIN {kind}PRIVATE KEY-----", *lines, "-----" + f"END {kind}PRIVATE KEY-----"]
    )


def card(random: Random) -> str:
    """The number of a payment card, its last digit by Luhn."""
    prefix, length = random.choice(
        [("4", 16), ("52", 16), ("37", 15), ("6011", 16), ("2221", 16), ("3530", 16)]
    )
    digits = prefix + "".join(random.choices(string.digits, k=length - len(prefix) - 1))
    return next(digits + last for last in string.digits if luhn(digits + last))


def luhn(digits: str) -> bool:
    """Whether the digits add up as those of a card do."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def grouped(digits: str, sign: str = " ") -> str:
    """The digits in groups, as they are printed on a card."""
    if len(digits) == 15:
        return sign.join((digits[:4], digits[4:10], digits[10:]))
    return sign.join(digits[at : at + 4] for at in range(0, len(digits), 4))


def iban(random: Random) -> str:
    """The number of a bank account, its check digits by ISO 7064."""
    country, length = random.choice(
        [("CH", 21), ("DE", 22), ("FR", 27), ("NL", 18), ("ES", 24), ("GB", 22), ("MT", 31)]
    )
    bank = "".join(random.choices(string.ascii_uppercase, k=4)) if country in ("NL", "GB", "MT") else ""
    account = bank + "".join(random.choices(string.digits, k=length - 4 - len(bank)))
    number = int("".join(str(int(one, 36)) for one in account + country + "00"))
    return f"{country}{98 - number % 97:02d}{account}"


def phone(random: Random) -> str:
    """A telephone number with its country's code."""
    digits = "".join(random.choices(string.digits, k=9))
    forms = [
        f"+41 {digits[:2]} {digits[2:5]} {digits[5:7]} {digits[7:]}",
        f"+1 (4{digits[:2]}) 5{digits[2:4]}-{digits[4:8]}",
        f"+4917{digits}",
        f"+44 20 7{digits[:3]} {digits[3:7]}",
        f"+1-4{digits[:2]}-5{digits[2:4]}-{digits[4:8]}",
    ]
    return random.choice(forms)


def home_phone(random: Random) -> str:
    """A telephone number as people of one country write it."""
    digits = "".join(random.choices("23456789", k=9))
    forms = [
        f"07{digits[0]} {digits[:3]} {digits[3:5]} {digits[5:7]}",
        f"({digits[:3]}) {digits[3:6]}-{digits[2:6]}",
        f"{digits[:3]}-{digits[3:6]}-{digits[2:6]}",
        f"1-800-{digits[:3]}-{digits[3:7]}",
        f"0041 {digits[:2]} {digits[2:5]} {digits[5:7]} {digits[7:]}",
    ]
    return random.choice(forms)


def ip4(random: Random) -> str:
    """An address of the internet, of no special range."""
    first = random.choice([8, 18, 34, 35, 52, 81, 93, 142, 151, 185, 193, 212])
    return ".".join(
        map(str, (first, random.randrange(20, 30), random.randrange(256), random.randrange(1, 255)))
    )


def ip6(random: Random) -> str:
    """A version 6 address of the internet."""
    start = random.choice(["2a00:1450", "2600:1900", "2a02:120b", "2001:1620"])
    long = random.random() < 0.5
    parts = [f"{random.randrange(1, 1 << 16):x}" for _ in range(6)]
    return f"{start}:{':'.join(parts)}" if long else f"{start}:{parts[0]}::{parts[1]}"


def email(random: Random) -> str:
    """An e-mail address."""
    name = random.choice(["ada", "grace.hopper", "o-brien", "pilot+tide", "j_doe", "svc.harbor"])
    host = random.choice(
        ["harbor.invalid", "mail.tide.invalid", "berth.co.uk", "tide-stg.iam.gserviceaccount.com"]
    )
    return f"{name}{random.randrange(100)}@{host}"


def basic(random: Random) -> str:
    """A header's user and password in base64."""
    return "Basic " + base64.b64encode(f"harbor:{drawn(random, ALNUM, 14)}".encode()).decode()


def password(random: Random) -> str:
    """A password of letters, digits and a sign or two."""
    signs = random.choice(["-", "!", "_", "#", "-+", "~", "$", "*"])
    return f"{drawn(random, ALNUM, 6)}{signs}{drawn(random, ALNUM, 5)}"


KEYS: Mapping[str, Make] = {
    "aws": behind("AK" + "IA", UPPER, 16),
    "aws session": behind("AS" + "IA", UPPER, 16),
    "google": behind("AI" + "za", URL_SAFE, 35),
    "google oauth": behind("ya" + "29.a0", URL_SAFE, 60),
    "google client": behind("GOC" + "SPX-", URL_SAFE, 28),
    "google refresh": behind("1/" + "/0g", URL_SAFE, 40),
    "github": behind("gh" + "p_", ALNUM, 36),
    "github app": behind("gh" + "s_", ALNUM, 36),
    "github fine": behind("github" + "_pat_", ALNUM + "_", 82),
    "gitlab": behind("gl" + "pat-", URL_SAFE, 20),
    "gitlab runner": behind("gl" + "rt-", URL_SAFE, 20),
    "npm": behind("np" + "m_", ALNUM, 36),
    "pypi": behind("py" + "pi-AgEIcHlwaS5vcmc", URL_SAFE, 70),
    "rubygems": behind("ruby" + "gems_", HEX, 48),
    "docker": behind("dckr" + "_pat_", URL_SAFE, 27),
    "atlassian": behind("ATA" + "TT3x", URL_SAFE, 180),
    "openai": behind("sk" + "-", ALNUM, 48),
    "openai project": behind("sk" + "-proj-", URL_SAFE, 60),
    "anthropic": behind("sk" + "-ant-api03-", URL_SAFE, 93),
    "groq": behind("gs" + "k_", ALNUM, 52),
    "hugging face": behind("h" + "f_", ALNUM, 34),
    "replicate": behind("r" + "8_", ALNUM, 37),
    "xai": behind("xa" + "i-", ALNUM, 80),
    "stripe": behind("sk" + "_live_", ALNUM, 24),
    "stripe restricted": behind("rk" + "_live_", ALNUM, 24),
    "stripe hook": behind("wh" + "sec_", ALNUM, 32),
    "slack": lambda random: "xox" + f"b-{random.randrange(10**11)}-{drawn(random, ALNUM, 24)}",
    "slack app": behind("xa" + "pp-1-A0", UPPER, 40),
    "sendgrid": lambda random: f"S{'G'}.{drawn(random, URL_SAFE, 22)}.{drawn(random, URL_SAFE, 43)}",
    "mailgun": behind("ke" + "y-", HEX, 32),
    "mailchimp": lambda random: drawn(random, HEX, 32) + "-us" + "12",
    "brevo": behind("xkey" + "sib-", HEX, 64),
    "twilio": behind("S" + "K", HEX, 32),
    "square": behind("sq" + "0atp-", URL_SAFE, 22),
    "shopify": behind("shp" + "at_", HEX, 32),
    "resend": lambda random: "r" + f"e_{drawn(random, ALNUM, 8)}_{drawn(random, ALNUM, 24)}",
    "digital ocean": behind("do" + "p_v1_", HEX, 64),
    "databricks": behind("da" + "pi", HEX, 32),
    "vault": behind("hv" + "s.", URL_SAFE, 24),
    "sentry": behind("sntr" + "yu_", HEX, 64),
    "grafana": behind("gl" + "sa_", ALNUM, 32),
    "new relic": behind("NR" + "AK-", UPPER, 27),
    "planetscale": behind("psc" + "ale_tkn_", URL_SAFE, 40),
    "pulumi": behind("pu" + "l-", HEX, 40),
    "doppler": behind("d" + "p.pt.", ALNUM, 43),
    "linear": behind("lin" + "_api_", ALNUM, 40),
    "figma": behind("fi" + "gd_", URL_SAFE, 40),
    "notion": behind("nt" + "n_", ALNUM, 46),
    "airtable": lambda random: f"pa{'t'}{drawn(random, ALNUM, 14)}.{drawn(random, HEX, 64)}",
    "postman": lambda random: f"PM{'AK'}-{drawn(random, HEX, 24)}-{drawn(random, HEX, 34)}",
    "telegram": lambda random: f"{random.randrange(10**8, 10**9)}:A" + "A" + drawn(random, URL_SAFE, 33),
    "azure ad": lambda random: (
        "".join(random.choices(ALNUM, k=3)) + "8Q" + "~" + drawn(random, ALNUM + "_~.-", 34)
    ),
    "firebase": lambda random: drawn(random, URL_SAFE, 22) + ":APA" + "91b" + drawn(random, URL_SAFE, 134),
    "age": behind("AGE-SECRET" + "-KEY-1", UPPER, 58),
    "key in base64": lambda random: base64.b64encode(pem(random).encode()).decode(),
}
"""Keys that their first letters, or some in their middle, give away."""

ALONE: Mapping[str, Make] = {
    **KEYS,
    "jwt": jwt,
    "email": email,
    "phone": phone,
    "card": card,
    "iban": iban,
    "ip4": ip4,
    "ip6": ip6,
    "basic": basic,
    "bearer": lambda random: "Bearer " + drawn(random, URL_SAFE, 32),
}
"""Secrets that need no name beside them."""

SPACED: Mapping[str, Make] = {
    "card in groups": lambda random: grouped(card(random), random.choice(" -")),
    "iban in groups": lambda random: grouped(iban(random)),
    "phone at home": home_phone,
}
"""Those that are written with spaces, and so in no address."""
