"""Somebody who attaches to a hub while no time passes, and keeps what would be waited and told."""

from datetime import UTC, datetime

from rca.attach import Draft, GitHubTarget, deliver
from rca.attach.github import GitHub
from rca.attach.place import Place
from rca.attach.tokens import Api
from rca.errors import RcaError
from rca.sources.outside import Outside
from tests.attach.hub import TOKEN, Hub

NOW = datetime(2026, 5, 14, 9, 30, tzinfo=UTC)


class Bystander:
    """A world in which no time passes: what would be waited is added up, what would be told is kept."""

    def __init__(self) -> None:
        self.waited: list[float] = []
        self.told: list[str] = []
        self.outside = Outside(
            now=lambda: NOW,
            monotonic=lambda: sum(self.waited),
            sleep=self.waited.append,
            chance=lambda: 0.5,
            tell=self.told.append,
        )


def place(hub: Hub, bystander: Bystander, *, new: bool = False, token: str = TOKEN) -> GitHub:
    """The hub's issue 12, or its list of issues."""
    target = GitHubTarget("tide", "harbour", None if new else 12)
    return GitHub(target, Api(hub.url, token), bystander.outside, timeout_s=1)


def ended(where: Place, what: Draft, bystander: Bystander) -> str:
    """How an attachment ends: as what, else with which words."""
    try:
        return deliver(where, what, bystander.outside).how
    except RcaError as error:
        return f"{error.message}; {error.hint}"
