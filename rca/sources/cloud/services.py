"""The host of a test's target -> the Cloud Run service that answers there, where the host itself tells."""

import re

_RUN = re.compile(
    r"""
    (?: [a-z0-9-]+? --- )?                 # a traffic tag
    (?P<service> [a-z] [a-z0-9-]*? )
    (?:
        - [a-z0-9]{10} - [a-z]{1,4} \.a    # SERVICE-HASH-REGION.a.run.app
      | - [0-9]{6,20} \. [a-z0-9-]+        # SERVICE-PROJECTNUMBER.REGION.run.app
    )
    \.run\.app
    """,
    re.VERBOSE,
)
_LONGEST = 253
"""Characters of a host name. Source: RFC 1035, section 2.3.4; the pattern would go quadratic on a longer text."""


def service_in(host: str) -> str | None:
    """The service's name in an address that Cloud Run gave it; None for a domain of one's own.

    A long name is cut short there: who finds no logs under it asks for requests to the host.
    """
    found = _RUN.fullmatch(host.lower()) if len(host) <= _LONGEST else None
    return found["service"] if found else None
