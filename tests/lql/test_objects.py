"""Lists, objects and protocol buffers: any element, paths through lists, names in any spelling."""

import pytest

from tests.lql.entries import Entry, entry, json, matches, proto, refused


def answers(table: list[tuple[str, Entry, bool]]) -> pytest.MarkDecorator:
    """Filters, entries and what is right."""
    return pytest.mark.parametrize(("query", "asked", "expected"), table)


SIZES = json(
    sizes=[8.5, 9, 6], tags=["red", "Blue"], nested=[[1, [2]], []], mixed=[1, "x", None, True, {"a": "y"}]
)


@answers(
    [
        ("jsonPayload.sizes<7", SIZES, True),
        ("jsonPayload.sizes>9", SIZES, False),
        ("jsonPayload.sizes=9", SIZES, True),
        ("jsonPayload.sizes!=9", SIZES, True),
        ("NOT jsonPayload.sizes=9", SIZES, False),
        ("jsonPayload.sizes>8 jsonPayload.sizes<7", SIZES, True),
        ("jsonPayload.tags=blue", SIZES, True),
        ("jsonPayload.tags:lu", SIZES, True),
        ("jsonPayload.tags=(red AND blue)", SIZES, True),
        ("jsonPayload.tags=(red AND NOT blue)", SIZES, False),
        ("jsonPayload.tags=(green OR blue)", SIZES, True),
        ("jsonPayload.tags!=(red OR blue)", SIZES, True),
        ('jsonPayload.tags=~"^B"', SIZES, True),
        ("jsonPayload.nested=2", SIZES, True),
        ("jsonPayload.nested=3", SIZES, False),
        ("jsonPayload.mixed=x", SIZES, True),
        ("jsonPayload.mixed=true", SIZES, True),
        ("jsonPayload.mixed=NULL_VALUE", SIZES, True),
        ("jsonPayload.mixed.a=y", SIZES, True),
        ("jsonPayload.empty!=x", json(empty=[]), False),
    ],
)
def test_a_list_is_any_of_its_elements(query: str, asked: Entry, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """Each element is compared and the results are joined with OR, lists inside lists as well."""
    assert matches(query, asked) is expected


STEPS = json(
    steps=[{"name": "load", "ms": 5}, {"name": "save", "ms": 50, "parts": [{"ok": False}]}, "stray", None]
)


@answers(
    [
        ("jsonPayload.steps.name=save", STEPS, True),
        ("jsonPayload.steps.name=drop", STEPS, False),
        ("jsonPayload.steps.name=load jsonPayload.steps.ms=50", STEPS, True),
        ("jsonPayload.steps.ms>10", STEPS, True),
        ("jsonPayload.steps.parts.ok=false", STEPS, True),
        ("jsonPayload.steps.name!=load", STEPS, True),
        ("jsonPayload.steps.gone!=load", STEPS, False),
        ("jsonPayload.steps.name.x=load", STEPS, False),
        ("jsonPayload.a.b.c=1", json(a={"b": {"c": 1}}), True),
        ("jsonPayload.a.b=1", json(a={"b": {"c": 1}}), False),
        ("jsonPayload.a.b!=1", json(a={"b": {"c": 1}}), False),
        ("jsonPayload.a.b.c=1", json(**{"a.b": {"c": 1}}), False),
        ('jsonPayload."a.b".c=1', json(**{"a.b": {"c": 1}}), True),
        ("jsonPayload.Key=1", json(key=1), False),
        ("jsonPayload.end_time=1", json(endTime=1), False),
        ("labels.Env=a", entry(labels={"env": "a"}), False),
        ("json_payload.key=1", json(key=1), True),
        ("JSONPAYLOAD.key=1", json(key=1), True),
        ("resource.LABELS.service_name=gate", entry(), True),
        ("resource.labels.serviceName=gate", entry(), False),
    ],
)
def test_paths_go_through_objects_and_lists(query: str, asked: Entry, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """Keys of payloads and labels keep their letter case; names of LogEntry's own fields need not."""
    assert matches(query, asked) is expected


DEEP = json(error={"kind": "Timeout", "causes": ["lost peer", {"code": 1011}], "fatal": True})


@answers(
    [
        ("jsonPayload:peer", DEEP, True),
        ("jsonPayload.error:PEER", DEEP, True),
        ("jsonPayload.error:1011", DEEP, True),
        ("jsonPayload.error:101", DEEP, False),
        ("jsonPayload.error:true", DEEP, True),
        ("jsonPayload:nothing", DEEP, False),
        ("jsonPayload.error:kind", DEEP, True),
        ("jsonPayload.error:kin", DEEP, False),
        ("jsonPayload.error=Timeout", DEEP, False),
        ("jsonPayload.error:(peer AND timeout)", DEEP, True),
        ("labels:prod", entry(labels={"env": "production"}), True),
        ("labels:env", entry(labels={"env": "production"}), True),
        ("resource:gate", entry(), True),
        ("resource.labels:gate", entry(), True),
        ("httpRequest:503", entry(httpRequest={"status": 503}), True),
        ('httpRequest:"1500ms"', entry(httpRequest={"latency": "1.5s"}), True),
        ("httpRequest:50", entry(httpRequest={"status": 503}), False),
        ("protoPayload:REPLACE", proto(methodName="ReplaceService"), True),
    ],
)
def test_an_object_has_its_keys_and_all_values_inside(query: str, asked: Entry, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """`:` on an object finds a key by its whole name, or any value below."""
    assert matches(query, asked) is expected


AUDIT = proto(
    methodName="google.cloud.run.v2.Services.UpdateService",
    authenticationInfo={"principalEmail": "ada@teal.example"},
    authorizationInfo=[
        {"permission": "run.services.get"},
        {"permission": "run.services.update", "granted": True},
    ],
    status={
        "code": 9,
        "details": [{"@type": "type.googleapis.com/x.Info", "conditionNotMet": {"why": "taken"}}],
    },
    request={"serviceId": "gate", "@type": "type.googleapis.com/x.Request"},
    resourceOriginalState={"@type": "type.googleapis.com/google.protobuf.Duration", "value": "3s"},
    serviceData={"@type": "type.googleapis.com/x.Data", "value": {"policyDelta": {"action": "ADD"}}},
)


@answers(
    [
        ("protoPayload.methodName:UpdateService", AUDIT, True),
        ("protoPayload.methodname:UpdateService", AUDIT, True),
        ("proto_payload.method_name:UpdateService", AUDIT, True),
        ("protoPayload.authentication_info.principal_email:ada", AUDIT, True),
        ("protoPayload.authorizationInfo.permission=run.services.update", AUDIT, True),
        ("protoPayload.authorizationInfo.granted=true", AUDIT, True),
        ("protoPayload.authorizationInfo.permission=run.services.delete", AUDIT, False),
        ('protoPayload."@type"="type.googleapis.com/google.cloud.audit.AuditLog"', AUDIT, True),
        ("protoPayload.@type:AuditLog", AUDIT, True),
        ("protoPayload.status.details.conditionNotMet.why=taken", AUDIT, True),
        ("protoPayload.status.details.value.conditionNotMet.why=taken", AUDIT, False),
        ("protoPayload.serviceData.policyDelta.action=ADD", AUDIT, True),
        ("protoPayload.serviceData.policy_delta.action=ADD", AUDIT, True),
        ("protoPayload.resourceOriginalState>2s", AUDIT, True),
        ("protoPayload.request.serviceId=gate", AUDIT, True),
        ("protoPayload.request.serviceid=gate", AUDIT, False),
        ("protoPayload.REQUEST.serviceId=gate", AUDIT, True),
        ("protoPayload.status.code=9", AUDIT, True),
        ("protoPayload.status.code.x=9", AUDIT, False),
    ],
)
def test_protocol_buffers_are_found_in_any_spelling(query: str, asked: Entry, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """Names below protoPayload need no letter case, JSON parts inside do, and an Any is passed through."""
    assert matches(query, asked) is expected


def test_error_groups_are_a_list() -> None:
    """A path through errorGroups holds when it holds for any of them."""
    asked = entry(errorGroups=[{"id": "CAb1"}, {"id": "CAb2"}])
    assert matches('errorGroups.id="CAb2"', asked)
    assert not matches('NOT errorGroups.id="CAb2"', asked)
    assert matches("errorGroups:cab1", asked)


@pytest.mark.parametrize(
    "written", ["jsonPayload.a[0]=1", "jsonPayload.a[].b=1", 'jsonPayload."x".a[12].b:*']
)
def test_a_list_has_no_numbers(written: str) -> None:
    """An index is a mistake that says what holds instead."""
    assert "any element" in refused(written).hint
