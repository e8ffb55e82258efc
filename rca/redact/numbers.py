"""Numbers that name a person or an account: cards, bank accounts, public addresses of the internet, telephones.

In: a text. Out: the same with those numbers replaced. Decides by check sums, lengths and ranges, since the digits
alone look like ids, times and versions. Private, documentation, loopback and link-local addresses stay.
Source: ISO/IEC 7812 (Luhn), ISO 13616 and the IBAN registry (lengths), IANA special-purpose address registries.
"""

import ipaddress
import re
from collections.abc import Callable
from functools import lru_cache

from rca.redact.replacing import Replace

_GAP = r"(?:[ -]|%(?:25)?20|\+)"

_BEFORE = re.compile(
    r"(?:\A | [^\w.+%-] | %(?:25)?[0-9A-Fa-f]{2} | \\[nrt] | [\[;]\d{1,2}m | \d-) \Z", re.VERBOSE
)
"""What may stand right before a number: no letter and no digit, but for those of an escape or a color."""

_ESCAPE = 6
"""The longest of them."""

_GAPS = re.compile(_GAP)

_CARD = re.compile(
    rf"""
    [2-6]\d{{3}} (?<!%....) (?<!%[0-9A-Fa-f]....) (?<!%25....) (?<!%25[0-9A-Fa-f]....)  # not within an escape
    (?: (?P<gap>{_GAP}) \d{{4}} (?P=gap) \d{{4}} (?P=gap) \d{{4}} (?: (?P=gap) \d{{3}} )?
      | (?P<two>{_GAP}) \d{{6}} (?P=two) \d{{4,5}}
      | \d{{10,12}} )
    (?! [\w-] | \.\d )
    """,
    re.VERBOSE,
)
_ISSUED = re.compile(
    r"""
      4\d{15}(?:\d{3})?                                                        # Visa
    | 5[1-5]\d{14} | 2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}         # Mastercard
    | 3[47]\d{13}                                                              # American Express
    | 3(?:0[0-5]|[689]\d)\d{11}                                                # Diners
    | 35(?:2[89]|[3-8]\d)\d{12}                                                # JCB
    | 6(?:011|5\d\d|4[4-9]\d)\d{12} | 62\d{14}(?:\d{3})?                       # Discover, UnionPay
    | (?:50|5[6-9]|6[037])\d{14}                                               # Maestro
    """,
    re.VERBOSE,
)
"""First digits and lengths; a time in milliseconds begins with 1 and is none."""

_NAMED_ID = re.compile(r"""(?i)id["']?\s?[:=]\s?["']?\Z""")

_IBAN = re.compile(rf"[A-Z][A-Z]\d\d(?:{_GAP}?[A-Z0-9]{{4}}){{2,7}}(?:{_GAP}?[A-Z0-9]{{1,3}})?(?!\w)")
_IBAN_SIGN = re.compile(rf"{_GAP}|[A-Z0-9]")
_IBAN_LENGTHS = {
    country: length
    for length, countries in (
        (15, "NO"),
        (16, "BE"),
        (18, "DK FI FK FO GL NL SD"),
        (19, "MK SI"),
        (20, "AT BA EE KZ LT LU MN XK"),
        (21, "CH CR HR LI LV"),
        (22, "BG BH DE GB GE IE ME RS VA"),
        (23, "AE GI IL IQ OM SO TL"),
        (24, "AD CZ ES MD PK RO SA SE SK TN VG"),
        (25, "LY PT ST"),
        (26, "IS TR"),
        (27, "BI DJ FR GR IT MC MR SM"),
        (28, "AL AZ BY CY DO GT HN HU LB NI PL SV"),
        (29, "BR EG PS QA UA"),
        (30, "JO KW MU YE"),
        (31, "MT SC"),
        (32, "LC"),
        (33, "RU"),
    )
    for country in countries.split()
}

_IP4 = re.compile(
    r"""
    \d\.\d{1,3}\.\d{1,3}\.\d{1,3}
    (?! \w | \.\d | -[A-Za-z] | \.(?:whl|tar|tgz|zip|jar|deb|rpm)\b )
    """,
    re.VERBOSE,
)
_FIRST_DIGITS = re.compile(r"\d{0,2}\Z")
_VERSION = re.compile(r"(?i)(?:\bv(?:er(?:sion)?)?\.?|\brelease|\brevision|[=~!<>^]=)[\s:=\"']{0,3}\Z")
_PRODUCT = re.compile(r"(?<![\w.:/-])[A-Za-z][A-Za-z_-]{1,40}/\Z")
"""`Chrome/120.0.6099.109` in a user agent; Java writes `host.example/93.184.216.34:443`, with a dot and a port."""

_IP_NAME = re.compile(r"-\d{1,3}(?:-\d{1,3}){3}(?=\.[A-Za-z])")
_HOST = re.compile(r"(?i)(?:ip|ec2|host|pool|dsl|adsl|static|dyn|cpe|client|customer|cable|ppp|dhcp)\Z")
"""A host's name that is its address: `ec2-52-24-71-68.compute.example`."""

_PARTS = re.compile(r"\d{1,3}(?=-|\Z)")

_COLON = r"(?::|%(?:25)?3[Aa])"
_IP6 = re.compile(rf"[23][0-9a-fA-F]{{3}}(?:{_COLON}{{1,2}}[0-9a-fA-F]{{0,4}}){{1,8}}(?!\w)")
_COLONS = re.compile(_COLON)
_LAST_COLON = re.compile(rf"{_COLON}\Z")

_ROOM = r"(?:[ ]|%(?:25)?20)"
_SHUT = rf"(?:\)|%(?:25)?29){_ROOM}?"
_PHONE = re.compile(
    rf"""
    (?: (?:\(|%(?:25)?28) (?: [2-9]\d\d{_SHUT}[2-9]\d\d(?:[.-]|{_ROOM})\d{{4}}     # (415) 555-0123
                          | 0[1-9]\d{{0,3}}{_SHUT}\d{{3,4}}(?:-|{_ROOM})?\d{{3,4}} )  # (030) 1234 567
      | 1[ .-]\(?[2-9]\d\d\)?[ .-][2-9]\d\d[ .-]\d{{4}}                           # 1-800-555-0199
      | [2-9]\d\d(?P<gap>[.-])[2-9]\d\d(?P=gap)\d{{4}}                            # 415-555-0123
      | 00[1-9]\d{{0,2}}(?:[.-]|{_ROOM})(?:(?:[().-]|{_ROOM}){{0,2}}\d){{6,12}}       # 0041 79 123 45 67
      | 0[1-9]\d{_ROOM}\d{{3}}{_ROOM}\d\d{_ROOM}\d\d                              # 079 123 45 67
      | 0[1-9](?:{_ROOM}\d\d){{4}}(?!{_ROOM}[0-9a-f]{{2}}\b) )                     # 06 12 34 56 78, no dump of bytes
    (?! [\w-] | [.:]\d )
    """,
    re.VERBOSE,
)
_NO_PHONE_AFTER = re.compile(r"[:/]\Z|\d-\Z")


def masked(text: str, replace: Replace) -> str:
    """Return `text` with every such number replaced by what `replace` gives for it."""
    for kind, pattern, place in _KINDS:
        out: list[str] = []
        done = 0
        for found in pattern.finditer(text):
            start, end = place(found)
            if end > start >= done and _BEFORE.search(text, max(0, start - _ESCAPE), start):
                out += [text[done:start], replace(kind, text[start:end])]
                done = end
        text = "".join([*out, text[done:]]) if out else text
    return text


_NOWHERE = (0, 0)


def _card(found: re.Match[str]) -> tuple[int, int]:
    """Where in a match a card's number stands; an empty span when it is none."""
    digits = "".join(filter(str.isdigit, _GAPS.sub("", found[0])))
    if not _ISSUED.fullmatch(digits) or not _luhn(digits):
        return _NOWHERE
    said = found.string[max(0, found.start() - 8) : found.start()]
    return _NOWHERE if _NAMED_ID.search(said) else found.span()


def _luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _iban(found: re.Match[str]) -> tuple[int, int]:
    signs = [sign for sign in _IBAN_SIGN.finditer(found.string, *found.span()) if sign[0].isalnum()]
    # A word in capitals may follow it.
    signs = signs[: _IBAN_LENGTHS.get(found[0][:2], 0)]
    end = signs[-1].end() if signs else 0
    if not signs or len(signs) < _IBAN_LENGTHS[found[0][:2]] or found.string[end : end + 1].isalnum():
        return _NOWHERE
    plain = "".join(sign[0] for sign in signs)
    checked = int("".join(str(int(one, 36)) for one in plain[4:] + plain[:4])) % 97 == 1
    return (found.start(), end) if checked else _NOWHERE


def _ip4(found: re.Match[str]) -> tuple[int, int]:
    text, end = found.string, found.end()
    digits = _FIRST_DIGITS.search(text, max(0, found.start() - 2), found.start())
    starts = range(digits.start() if digits else found.start(), found.start() + 1)
    # In `%2252.24.71.68` the first digits belong to the escape.
    start = next((at for at in starts if _BEFORE.search(text, max(0, at - _ESCAPE), at)), starts[0])
    said = text[max(0, start - 48) : start]
    if said[-2:-1].isalpha() and said.endswith("-"):
        return _NOWHERE
    if _VERSION.search(said) or (_PRODUCT.search(said) and not text.startswith(":", end)):
        return _NOWHERE
    return (start, end) if public(text[start:end]) else _NOWHERE


def _ip6(found: re.Match[str]) -> tuple[int, int]:
    told = found[0]
    if not _COLONS.sub(":", told).endswith("::"):
        told = _LAST_COLON.sub("", told)
    return (found.start(), found.start() + len(told)) if public(_COLONS.sub(":", told)) else _NOWHERE


def _ip_name(found: re.Match[str]) -> tuple[int, int]:
    host = _HOST.search(found.string, max(0, found.start() - 8), found.start())
    return (host.start(), found.end()) if host and public(found[0]) else _NOWHERE


@lru_cache(maxsize=1 << 12)
def public(address: str) -> str:
    """Return the address in its one spelling if it is one of the internet's own, else nothing."""
    if "-" in address:
        address = ".".join(_PARTS.findall(address)[-4:])
    try:
        told = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return told.compressed if told.is_global and not told.is_multicast else ""


def _phone(found: re.Match[str]) -> tuple[int, int]:
    before = found.string[max(0, found.start() - 2) : found.start()]
    return _NOWHERE if _NO_PHONE_AFTER.search(before) else found.span()


_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], tuple[int, int]]], ...] = (
    ("iban", _IBAN, _iban),  # within one, the digits of a card can stand
    ("card", _CARD, _card),
    ("ip", _IP4, _ip4),
    ("ip", _IP6, _ip6),
    ("ip", _IP_NAME, _ip_name),
    ("phone", _PHONE, _phone),
)
