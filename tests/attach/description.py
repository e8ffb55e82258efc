"""GitHub's description of its REST API, as far as `rca attach` calls it, and what it says of a request or an answer.

`github_api.json` is taken from the npm package `@octokit/openapi` (MIT, Octokit contributors), which ships the OpenAPI
description that GitHub publishes: the operations below with the schemas they use, without examples and prose. To take
it anew, from an unpacked package: `python -m tests.attach.description package/generated/api.github.com.json VERSION`.
"""

import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

HERE = Path(__file__).with_name("github_api.json")
OPERATIONS = {
    "/user": ("get",),
    "/repos/{owner}/{repo}/issues": ("get", "post"),
    "/repos/{owner}/{repo}/issues/{issue_number}": ("get", "patch"),
    "/repos/{owner}/{repo}/issues/{issue_number}/comments": ("get", "post"),
    "/repos/{owner}/{repo}/issues/comments/{comment_id}": ("get", "patch"),
}
_PROSE = frozenset({"description", "summary", "example", "examples", "externalDocs", "title", "tags"})


class Request:
    """A request as openapi-core wants it."""

    host_url = "https://api.github.com"

    def __init__(self, method: str, path: str, query: dict[str, list[str]], body: bytes, kind: str) -> None:
        self.method = method.lower()
        self.path = path
        self.body = body or None
        self.content_type = kind
        pairs = [(name, value) for name, values in query.items() for value in values]
        self.parameters = RequestParameters(query=ImmutableMultiDict(pairs), header=Headers())


class Response:
    """An answer as openapi-core wants it."""

    content_type = "application/json"

    def __init__(self, status: int, body: bytes) -> None:
        self.status_code = status
        self.data = body
        self.headers = Headers()


@cache
def description() -> OpenAPI:
    """The description, read."""
    return OpenAPI.from_dict(json.loads(HERE.read_text(encoding="utf-8")))


def wrong_with(request: Request, response: Response | None = None) -> str:
    """What the description says against a request or, if there is one, against its answer; empty where nothing."""
    try:
        if response is None:
            description().validate_request(request)
        else:
            description().validate_response(request, response)
    except OpenAPIError as error:
        causes = [str(error), *map(str, getattr(error.__cause__, "schema_errors", ()))]
        return "; ".join(causes)[:2_000]
    return ""


# --- taking it anew --------------------------------------------------------------------------------------


def taken(whole: dict[str, Any], version: str) -> dict[str, Any]:
    """The part of a whole description that the operations need."""
    paths = {
        path: {method: _bare(whole["paths"][path][method]) for method in methods}
        for path, methods in OPERATIONS.items()
    }
    for path in paths.values():
        for operation in path.values():
            operation["responses"] = {
                code: answer | {"description": ""}
                for code, answer in operation["responses"].items()
                if code in {"200", "201"}
            }
    made: dict[str, Any] = {
        "openapi": whole["openapi"],
        "info": {
            "title": whole["info"]["title"],
            "version": whole["info"]["version"],
            "description": f"In part, from @octokit/openapi {version}: MIT License, (c) 2020 Octokit contributors",
        },
        "servers": [{"url": "https://api.github.com"}],
        "paths": paths,
        "components": {},
    }
    wanted = list(_references(paths))
    while wanted:
        _, _, kind, name = wanted.pop().split("/")
        held = made["components"].setdefault(kind, {})
        if name not in held:
            held[name] = _bare(whole["components"][kind][name])
            wanted += _references(held[name])
    return made


def _bare(value: Any, *, names: bool = False) -> Any:  # noqa: ANN401 - any part of it
    """A part without prose. Below `properties` stand names, some of which are those of prose."""
    if isinstance(value, list):
        return [_bare(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _bare(one, names=key == "properties" and not names)
        for key, one in value.items()
        if names or not (key in _PROSE or key.startswith("x-"))
    }


def _references(value: Any) -> Iterator[str]:  # noqa: ANN401 - as above
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    for one in value if isinstance(value, list) else ():
        yield from _references(one)


if __name__ == "__main__":
    published = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    HERE.write_text(json.dumps(taken(published, sys.argv[2]), indent=1) + "\n", encoding="utf-8")
