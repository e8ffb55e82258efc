"""What GitHub answers with: a user, a comment, an issue, in the form that its description gives them."""

from dataclasses import dataclass
from typing import Any

_AT = "2026-05-14T09:30:00Z"


@dataclass(slots=True)
class Kept:
    """A comment or an issue. Not frozen: it can be written over."""

    number: int
    user: str
    body: str
    title: str = ""
    labels: tuple[str, ...] = ()
    state: str = "open"
    is_pull: bool = False


def comment(api: str, one: Kept) -> dict[str, Any]:
    """A comment on issue 12."""
    home = f"{api}/repos/tide/harbour/issues"
    return {
        "id": one.number,
        "node_id": "IC_1",
        "url": f"{home}/comments/{one.number}",
        "html_url": f"https://github.com/tide/harbour/issues/12#issuecomment-{one.number}",
        "issue_url": f"{home}/12",
        "user": user(one.user),
        "author_association": "MEMBER",
        "body": one.body,
        "created_at": _AT,
        "updated_at": _AT,
    }


def issue(api: str, one: Kept) -> dict[str, Any]:
    """An issue, or a pull request, which GitHub lists among them."""
    home = f"{api}/repos/tide/harbour"
    url = f"{home}/issues/{one.number}"
    pull = {"url": url, "html_url": url, "diff_url": url, "patch_url": url}
    return {
        "id": 9_000 + one.number,
        "node_id": "I_1",
        "number": one.number,
        "url": url,
        "repository_url": home,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": f"https://github.com/tide/harbour/issues/{one.number}",
        "title": one.title,
        "body": one.body,
        "state": one.state,
        "locked": False,
        "user": user(one.user),
        "labels": [{"id": 1, "name": name, "color": "ededed", "default": False} for name in one.labels],
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": 0,
        "closed_at": None,
        "created_at": _AT,
        "updated_at": _AT,
        "author_association": "MEMBER",
        **({"pull_request": pull} if one.is_pull else {}),
    }


def user(login: str) -> dict[str, Any]:
    """Somebody, as others see them."""
    home = f"https://api.github.com/users/{login}"
    urls = (
        *(
            "events_url",
            "followers_url",
            "following_url",
            "gists_url",
            "organizations_url",
            "received_events_url",
        ),
        *("repos_url", "starred_url", "subscriptions_url", "url", "html_url", "avatar_url"),
    )
    return {
        "login": login,
        "id": 7,
        "node_id": "U_1",
        "gravatar_id": "",
        "type": "User",
        "site_admin": False,
        **dict.fromkeys(urls, home),
    }


FACTS_OF_USERS: dict[str, Any] = {
    **dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0),
    **dict.fromkeys(("name", "company", "location", "email", "hireable", "bio")),
    "blog": "",
    "user_view_type": "public",
    "created_at": _AT,
    "updated_at": _AT,
}
