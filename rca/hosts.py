"""The host in an address: of a request's URL, and of a target as people write it in a report."""

from urllib.parse import urlsplit


def host_of(url: str) -> str | None:
    """The host of a URL, in small letters; None where it has none."""
    try:
        return urlsplit(url).hostname
    except ValueError:  # half of an IPv6 address, or a character that no host has
        return None


def target_host(target: str) -> str | None:
    """The host of a cycle's target, with or without its scheme."""
    return host_of(target if "//" in target else f"//{target}")
