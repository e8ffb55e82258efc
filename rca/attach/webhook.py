"""A webhook: the report as JSON, sent to an address.

In: a target. Out: a `Sink`, which cannot be asked what it got: what may have arrived is not sent again. Each draft
carries a key of its own (`Idempotency-Key`), by which a receiver can tell a doubled one.
"""

import hashlib

import requests

from rca import __version__
from rca.attach.drafting import Draft
from rca.attach.place import Post, Refused, Way
from rca.attach.refusals import Answer, of_answer, of_exception
from rca.attach.targets import WebhookTarget
from rca.errors import RcaError
from rca.sources.outside import Outside

TIMEOUT_S = 15


class Webhook:
    """The address that a target names."""

    def __init__(self, target: WebhookTarget, outside: Outside, timeout_s: float = TIMEOUT_S) -> None:
        self._target = target
        self._outside = outside
        self._timeout_s = timeout_s

    @property
    def name(self) -> str:
        """What messages call it: its host alone."""
        return f"the webhook at {self._target}"

    def create(self, draft: Draft) -> Post:
        """Send the report. Its answer is not read beyond its status."""
        body = draft.body.encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": hashlib.sha256(body).hexdigest(),
            "User-Agent": f"rca/{__version__}",
        }
        try:
            with requests.post(
                self._target.url,
                data=body,
                headers=headers,
                timeout=self._timeout_s,
                allow_redirects=False,
                stream=True,
            ) as answer:
                status, told = (
                    answer.status_code,
                    {name.lower(): value for name, value in answer.headers.items()},
                )
        except (requests.RequestException, ValueError) as error:
            raise of_exception(self.name, error) from None
        if not requests.codes.ok <= status < requests.codes.multiple_choices:
            for_good = RcaError(
                f"{self.name} refuses the report ({status})", "look at the address, and what it takes"
            )
            raise of_answer(self.name, Answer(status, told), self._outside.now()) or Refused(
                Way.NEVER, for_good
            )
        return Post(0, "", draft.body)
