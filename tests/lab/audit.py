"""Deploys as the audit log tells of them.

Source: Cloud Run audit logging: `activity` carries the call and, in its response, still the revision before;
`system_event` names the new revision when it became ready, or says that it did not.
"""

import random

from tests.lab.entries import LogEntry, insert_id, stamp
from tests.lab.service import Service

_FAILED = (
    "The user-provided container failed to start and listen on the port defined provided by the PORT=8080"
    " environment variable within the allocated timeout. Logs for this revision might contain more information."
)


def _entry(service: Service, log: str, at_ns: int, revision: str, dice: random.Random) -> LogEntry:
    return {
        "insertId": insert_id(at_ns, dice),
        "resource": service.resource(revision),
        "timestamp": stamp(at_ns),
        "labels": {},
        "logName": f"projects/{service.project}/logs/cloudaudit.googleapis.com%2F{log}",
        "receiveTimestamp": stamp(at_ns + dice.randrange(300_000_000, 1_400_000_000)),
    }


def deploy(
    service: Service, at_ns: int, revisions: tuple[str, str], dice: random.Random, *, ready_s: float | None
) -> list[LogEntry]:
    """The two entries of a deploy from the first revision to the second; `ready_s` None: it did not start."""
    before, new = revisions
    name = f"namespaces/{service.project}/services/{service.name}"
    audit = {"@type": "type.googleapis.com/google.cloud.audit.AuditLog", "serviceName": "run.googleapis.com"}
    call = _entry(service, "activity", at_ns, "", dice) | {
        "severity": "NOTICE",
        "protoPayload": audit
        | {
            "methodName": "google.cloud.run.v1.Services.ReplaceService",
            "resourceName": name,
            "authenticationInfo": {
                "principalEmail": f"release-loop@{service.project}.iam.gserviceaccount.com"
            },
            "response": {"status": {"latestCreatedRevisionName": before}},
        },
    }
    if ready_s is None:
        message = f"Ready condition status changed to False for Revision {new} with message: {_FAILED}"
        status, after_s = {"code": 9, "message": message}, 38.0
    else:
        status = {
            "message": f"Ready condition status changed to True for Revision {new} with message: Deploying"
            f" revision succeeded in {ready_s:.2f}s."
        }
        after_s = ready_s
    told = _entry(service, "system_event", at_ns + int(after_s * 1e9), new, dice) | {
        "severity": "INFO" if ready_s else "ERROR",
        "protoPayload": audit
        | {"methodName": "/Services.ReplaceService", "resourceName": name, "status": status},
    }
    return [call, told]
