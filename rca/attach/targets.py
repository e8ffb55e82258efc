"""`--to` as it is typed -> where a report goes.

In: a text such as `github:owner/repo#12`. Out: a target. Decides what a message may say of it: an address of a webhook
is a secret beyond its host, so no message repeats it, nor any text that could be one.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from rca.errors import UsageError

_GITHUB = re.compile(
    r"github:(?P<owner>[A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))/(?P<repo>[A-Za-z0-9._-]{1,100})(?:#(?P<issue>[1-9][0-9]{0,9}))?",
    re.ASCII,
)
_FORMS = "github:OWNER/REPO#12, github:OWNER/REPO with --new, or webhook:URL"


@dataclass(frozen=True, slots=True)
class GitHubTarget:
    """A comment on an issue or pull request; without a number, an issue of its own."""

    owner: str
    repo: str
    issue: int | None
    labels: tuple[str, ...] = ()

    def __str__(self) -> str:
        number = "" if self.issue is None else f"#{self.issue}"
        return f"{self.owner}/{self.repo}{number}"


@dataclass(frozen=True, slots=True, repr=False)
class WebhookTarget:
    """An address that takes the report as JSON. Its path is a secret: it is neither printed nor repeated."""

    url: str

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        port = "" if parts.port is None else f":{parts.port}"
        return f"{parts.scheme}://{parts.hostname}{port}/…"

    __repr__ = __str__


Target = GitHubTarget | WebhookTarget


def target_of(text: str, *, new: bool = False, labels: tuple[str, ...] = ()) -> Target:
    """Return where `--to`, `--new` and `--label` send a report.

    Raises:
        UsageError: they name no place, or contradict each other.
    """
    target = _github(text, new=new, labels=labels) or _webhook(text)
    if target is None:
        raise UsageError("--to names no place that rca knows", f"write {_FORMS}")
    if isinstance(target, WebhookTarget) and (new or labels):
        raise UsageError("--new and --label are for GitHub", "leave them away with webhook:URL")
    return target


def _github(text: str, *, new: bool, labels: tuple[str, ...]) -> GitHubTarget | None:
    found = _GITHUB.fullmatch(text)
    if found is None or found["repo"] in {".", ".."}:
        return None
    if new == bool(found["issue"]):
        name = f"{found['owner']}/{found['repo']}"
        raise UsageError(
            f"--to github:{name} with{'' if new else 'out'} a number and with{'' if new else 'out'} --new"
            f" names {'two issues' if new else 'no issue'}",
            f"--to github:{name}#12 comments on issue 12; --to github:{name} --new opens one",
        )
    if labels and not new:
        raise UsageError("--label is for a new issue", "add --new, or leave it away")
    if any(not label.strip() or not label.isprintable() for label in labels):
        raise UsageError("a --label is empty or holds a control character", "give it as GitHub shows it")
    return GitHubTarget(
        found["owner"], found["repo"], int(found["issue"]) if found["issue"] else None, labels
    )


def _webhook(text: str) -> WebhookTarget | None:
    kind, _, url = text.partition(":")
    if kind != "webhook":
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not url.isascii() or not url.isprintable() or " " in url:
        raise UsageError("--to webhook: is not followed by an address", "write webhook:https://HOST/PATH")
    return WebhookTarget(url)
