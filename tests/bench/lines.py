"""A cast entry -> the line of the export: by its own time, with the labels of its revision's build, keys in order."""

import hashlib
import uuid
from functools import lru_cache

import orjson

from tests.lab.entries import nanoseconds
from tests.lab.mould import Line

_MANAGED_BY = "gcp-cloud-build-deploy-cloud-run"


@lru_cache(maxsize=64)
def _build_of(revision: str) -> dict[str, str]:
    """What Cloud Build's deploys label a revision with, and Cloud Run then every entry of it."""
    digest = hashlib.sha1(revision.encode(), usedforsecurity=False)
    build = uuid.UUID(bytes=digest.digest()[:16], version=4)
    return {"commit-sha": digest.hexdigest(), "gcb-build-id": str(build), "managed-by": _MANAGED_BY}


def timed(line: Line) -> Line:
    """The line by its entry's own time, not by when Logging got it."""
    return nanoseconds(orjson.loads(line[1])["timestamp"]), line[1]


def exported(text: str) -> bytes:
    """The entry as an export has it."""
    entry = orjson.loads(text)
    if "protoPayload" not in entry:
        entry["labels"] = {
            **entry.get("labels", {}),
            **_build_of(entry["resource"]["labels"]["revision_name"]),
        }
    return orjson.dumps(entry, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
