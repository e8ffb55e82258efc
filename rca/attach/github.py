"""GitHub, by PyGithub: a comment on an issue, or an issue of its own.

In: a target and the API. Out: a `Place`. Decides whose posts count as ours: those of the token's own user that begin
with the marker. The client makes each call once, since its own retries would send again what may have arrived; and its
objects are not used, since they fetch by themselves what an answer lacks.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import github
import msgspec

from rca import __version__
from rca.attach.drafting import Draft, is_marked
from rca.attach.place import Post, Refused, Way
from rca.attach.refusals import Answer, of_answer, of_exception, printable
from rca.attach.targets import GitHubTarget
from rca.attach.tokens import Api
from rca.errors import AccessError, RcaError
from rca.sources.outside import Outside

TIMEOUT_S = 15
_PAGE = 100
_PAGES = 50
"""Posts are looked through up to the 5,000th."""

_DONE, _REFUSALS, _FORBIDDEN = (200, 201), 400, 403
_TO_SEE = "rca attach --dry-run shows what is sent"
_FOR_GOOD: Mapping[int, tuple[type[RcaError], str, str]] = {
    401: (AccessError, "does not accept the token", "set GITHUB_TOKEN to one that is valid"),
    403: (
        AccessError,
        "is not allowed to this token",
        'it needs "Issues: write" there; in a workflow: permissions: issues: write',
    ),
    404: (
        AccessError,
        "is not there, or the token may not see it",
        "look at --to, and at what the token may see",
    ),
    410: (RcaError, "is gone, or takes no issues", "choose another"),
    422: (RcaError, "refuses what was sent", _TO_SEE),
}
"""What a status means that waiting does not change, and what to do."""

_MOVED = (RcaError, "has moved", "name it as it is called now, and GITHUB_API_URL as well")
_OTHERWISE = (RcaError, "refuses the request", _TO_SEE)

_Made = TypeVar("_Made")


class _User(msgspec.Struct, frozen=True):
    """Whose something is."""

    login: str


class _Viewer(msgspec.Struct, frozen=True):
    viewer: _User


class _Viewed(msgspec.Struct, frozen=True):
    data: _Viewer


class _Wrong(msgspec.Struct, frozen=True):
    """One thing that GitHub refuses."""

    message: str = ""
    field: str = ""
    code: str = ""


class _Told(msgspec.Struct, frozen=True):
    """Why GitHub refuses."""

    message: str = ""
    errors: list[_Wrong | str] = []


class _Written(msgspec.Struct, frozen=True):
    """A comment or an issue, as far as it is of use here."""

    id: int
    html_url: str
    user: _User | None = None
    body: str | None = None
    number: int = 0
    """Of an issue."""

    pull_request: object = None
    """Of an issue that is one."""


class GitHub:
    """The place that a target names."""

    def __init__(self, target: GitHubTarget, api: Api, outside: Outside, timeout_s: int = TIMEOUT_S) -> None:
        self._target = target
        self._token = api.token
        self._outside = outside
        self._client = github.Github(
            auth=github.Auth.Token(api.token),
            base_url=api.url,
            user_agent=f"rca/{__version__}",
            per_page=_PAGE,
            timeout=timeout_s,
            retry=None,  # its own way would send a comment again that may have arrived
            seconds_between_requests=None,
            seconds_between_writes=None,
        )
        self._login: str | None = None

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"GitHub {self._target}"

    def find(self, draft: Draft) -> Post | None:
        """Return the oldest post of ours with the draft's marker: a comment of the issue, or an open issue."""
        me = self._whoami()
        for one in self._listed(me):
            if one.pull_request is None and one.user == _User(me) and is_marked(one.body, draft.marker):
                return self._post(one)
        return None

    def create(self, draft: Draft) -> Post:
        """Comment on the issue, or open one."""
        body: dict[str, Any] = {"body": draft.body}
        if self._target.issue is None:
            body |= {"title": draft.title, **({"labels": list(draft.labels)} if draft.labels else {})}
        return self._post(self._asked("POST", self._home, _Written, body=body))

    def update(self, post: Post, draft: Draft) -> Post:
        """Write over the comment, or over the issue's text; its title and labels may be somebody's work by now."""
        kind = "" if self._target.issue is None else "/comments"
        path = f"{self._repo}/issues{kind}/{post.id}"
        return self._post(self._asked("PATCH", path, _Written, body={"body": draft.body}))

    @property
    def _repo(self) -> str:
        return f"/repos/{self._target.owner}/{self._target.repo}"

    @property
    def _home(self) -> str:
        """What lists the posts, and takes new ones."""
        number = self._target.issue
        return f"{self._repo}/issues" if number is None else f"{self._repo}/issues/{number}/comments"

    def _listed(self, me: str) -> Iterator["_Written"]:
        """All comments of the issue; or the open issues of ours: from their list, since the search lags behind it."""
        query: dict[str, Any] = {"per_page": _PAGE}
        if self._target.issue is None:
            query |= {"state": "open", "creator": me, "sort": "created", "direction": "asc"}
        for number in range(1, _PAGES + 1):
            page = self._asked("GET", self._home, list[_Written], query={**query, "page": number})
            yield from page
            if len(page) < _PAGE:
                return
        error = RcaError(
            f"{self.name} has more than {_PAGE * _PAGES:,} posts: whether one is ours is not known",
            "choose another",
        )
        raise Refused(Way.NEVER, error)

    def _post(self, one: "_Written") -> Post:
        number = one.id if self._target.issue is not None else one.number
        return Post(number, printable(one.html_url, self._token), one.body or "")

    def _whoami(self) -> str:
        """The token's own user. A workflow's token may not ask for it by REST, but by GraphQL."""
        if self._login is None:
            try:
                self._login = self._asked("GET", "/user", _User).login
            except Refused as refused:
                if refused.status != _FORBIDDEN:
                    raise
                asked = {"query": "query { viewer { login } }", "variables": {}}
                answer = self._asked("POST", self._client.requester.graphql_url, _Viewed, body=asked)
                self._login = answer.data.viewer.login
        return self._login

    def _asked(
        self,
        verb: str,
        path: str,
        kind: type[_Made],
        *,
        query: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
    ) -> _Made:
        """What GitHub answers to one call, as far as it is of use here."""
        try:
            status, headers, answer = self._client.requester.requestJson(
                verb, path, parameters=query, input=body
            )
        except Exception as error:  # noqa: BLE001 - an answer that is none of GitHub's breaks the client in many ways
            raise of_exception(self.name, error) from None
        if status not in _DONE:
            raise self._understood(status, headers, answer)
        try:
            return msgspec.json.decode(answer, type=kind)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise of_exception(self.name, error) from None

    def _understood(self, status: int, headers: Mapping[str, Any], answer: str) -> Refused:
        said = printable(_word(answer), self._token)
        told = Answer(status, {name.lower(): str(value) for name, value in headers.items()}, said)
        passing = of_answer(self.name, told, self._outside.now())
        if passing is not None:
            return passing
        kind, what, hint = _FOR_GOOD.get(status, _MOVED if status < _REFUSALS else _OTHERWISE)
        error = kind(f"{self.name} {what} ({status}){': ' if said else ''}{said}", hint)
        return Refused(Way.NEVER, error, status=status)


def _word(answer: str) -> str:
    """GitHub's own word: its message, and of each thing that it refuses what is wrong with it."""
    try:
        told = msgspec.json.decode(answer, type=_Told)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):  # a proxy's page, or nothing
        return ""
    more = (one.message or f"{one.field} {one.code}" for one in told.errors[:3] if isinstance(one, _Wrong))
    return ": ".join(filter(None, [told.message, ", ".join(more)]))
