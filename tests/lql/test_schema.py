"""The types of LogEntry: rca/lql/schema.py and schema.toml."""

import pytest
from google.cloud.logging_v2.types import LogEntry
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from rca.lql.schema import Kind, Member, Place, members, plain, resolve

WELL_KNOWN = {
    "google.protobuf.Timestamp": Kind.TIMESTAMP,
    "google.protobuf.Duration": Kind.DURATION,
    "google.protobuf.Struct": Kind.STRUCT,
    "google.protobuf.Any": Kind.PROTO,
}
SCALARS = {
    FieldDescriptor.TYPE_STRING: Kind.STRING,
    FieldDescriptor.TYPE_BOOL: Kind.BOOL,
    FieldDescriptor.TYPE_INT32: Kind.INT32,
    FieldDescriptor.TYPE_INT64: Kind.INT64,
    FieldDescriptor.TYPE_ENUM: Kind.SEVERITY,
}
NEWER = {"metadata", "errorGroups", "apphub", "apphubDestination", "apphubSource", "otel"}
"""In the REST reference, not yet in the client library's messages."""


def kind_of(field: FieldDescriptor) -> Kind:
    """What the client library says a field is."""
    if field.message_type is None:
        return SCALARS[field.type]
    if field.message_type.GetOptions().map_entry:
        return Kind.MAP
    return WELL_KNOWN.get(field.message_type.full_name, Kind.MESSAGE)


def compare(descriptor: Descriptor, table: str) -> None:
    """Assert that a message and its table have the same fields of the same kinds, all the way down."""
    described = {field.json_name: field for field in descriptor.fields}
    known: dict[str, Member] = {member.name: member for member in members(table).values()}
    assert set(known) - (NEWER if table == "LogEntry" else set()) == set(described)
    for name, field in described.items():
        assert known[name].kind is kind_of(field), name
        if field.message_type is not None and known[name].kind is Kind.MESSAGE:
            compare(field.message_type, known[name].message)


def test_the_tables_are_the_client_library_s_messages() -> None:
    """Every field of the protocol buffer is there with its type, and no other but the newer ones."""
    compare(LogEntry.pb(LogEntry()).DESCRIPTOR, "LogEntry")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("severity", Place(("severity",), Kind.SEVERITY)),
        ("http_request.request_url", Place(("httpRequest", "requestUrl"), Kind.STRING)),
        ("HTTPREQUEST.LATENCY", Place(("httpRequest", "latency"), Kind.DURATION)),
        ("httpRequest", Place(("httpRequest",), Kind.MESSAGE, message="HttpRequest")),
        ("resource.labels.x", Place(("resource", "labels"), Kind.MAP, ("x",))),
        ("labels", Place(("labels",), Kind.MAP)),
        ("jsonPayload.a.B", Place(("jsonPayload",), Kind.STRUCT, ("a", "B"))),
        ("protoPayload.@type", Place(("protoPayload",), Kind.PROTO, ("@type",))),
        ("metadata.systemLabels.a.b", Place(("metadata", "systemLabels"), Kind.STRUCT, ("a", "b"))),
        ("errorGroups.id", Place(("errorGroups", "id"), Kind.STRING, repeated=True)),
        ("apphub.service.environmentType", Place(("apphub", "service", "environmentType"), Kind.STRING)),
    ],
)
def test_a_path_leads_to_its_place(path: str, place: Place) -> None:
    """Known names are found in any spelling; below maps, structs and protos the keys stay as they are."""
    assert resolve(tuple(path.split("."))) == place


def test_no_two_fields_of_a_message_are_one_in_another_spelling() -> None:
    """Names stay apart without letter case and underscores."""
    for table in ["LogEntry", "HttpRequest", "AppHubComponent", "Split"]:
        found = members(table)
        assert all(plain(member.name) == name for name, member in found.items())
