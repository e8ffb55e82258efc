"""What the platform and the servers say of instances: entries in, platform and deploy events out.

Decides nothing about causes: it names exits, memory kills, failed probes, time-outs, stops, starts and
deploys where the logs tell of them. The messages stand in platform.toml, each with what it means.
"""

import re
from collections.abc import Sequence

from rca.model import Entry, Event, EventKind, Severity
from rca.platform import place_of, recognize

_LONGEST = 2_000
_DEPLOY_METHOD = re.compile(r"(?:Services|InternalServices)\.(?:Create|Replace|Update)\w*Service$")
_NEW_REVISION = re.compile(r"Ready condition status changed to True for Revision (?P<name>[\w-]+)")


def detect(entries: Sequence[Entry]) -> tuple[Event, ...]:
    """Platform and deploy events of the entries, in their order."""
    found = []
    for entry in entries:
        deploy = _deploy(entry)
        if deploy:
            found.append(deploy)
            continue
        message = recognize(entry)
        if message and message.tag == "instance_start" and "DEPLOYMENT_ROLLOUT" in entry.message:
            title = f"a roll-out starts instances of revision {entry.revision or '?'}"
            found.append(Event(EventKind.DEPLOY, entry.at, title, "deploy", (entry,), tag=entry.revision))
        if message:
            found.append(
                Event(
                    kind=EventKind.PLATFORM,
                    at=entry.at,
                    title=entry.message,
                    fingerprint=f"platform:{message.tag}",
                    entries=(entry,),
                    tag=message.tag,
                )
            )
    return tuple(found)


def _deploy(entry: Entry) -> Event | None:
    """A deploy from the audit log, or the readiness of a new revision from the system events."""
    ready = _NEW_REVISION.search(entry.text[:_LONGEST]) if place_of(entry) == "audit" else None
    deployed = entry.method_name and _DEPLOY_METHOD.search(entry.method_name)
    if not ready and not deployed:
        return None
    failed = "failed deploy" if entry.severity >= Severity.ERROR else "deploy"
    title = f"revision {ready['name']} became ready" if ready else f"{failed}: {entry.method_name}"
    return Event(EventKind.DEPLOY, entry.at, title, "deploy", (entry,), tag=ready["name"] if ready else None)
