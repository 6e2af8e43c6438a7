"""What the Open Cybersecurity Schema Framework asks of the events that we write. From ocsf/ocsf-schema, tag v1.8.0:
events/base_event.json, events/network/{network,network_activity,http_activity}.json, profiles/{host,security_control}.json and
the objects' files, each resolved through `extends` and `$include`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

REQUIRED = {"activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid"}
# Of base event and both profiles: those that we write.
COMMON = REQUIRED | {"activity_name", "action_id", "actor", "count", "disposition_id", "duration", "firewall_rule", "is_alert",
                     "message", "status_detail", "status_id", "unmapped"}
NETWORK = COMMON | {"connection_info", "dst_endpoint", "src_endpoint", "traffic"}


@dataclass(frozen=True)
class Shape:
    """A class or object: what must be there, what may, one of which must, and what is inside."""

    known: set[str]
    required: set[str] = field(default_factory=set)
    one_of: set[str] = field(default_factory=set)


CLASSES = {
    0: Shape(COMMON, REQUIRED),
    4001: Shape(NETWORK, REQUIRED, {"dst_endpoint", "src_endpoint"}),
    4002: Shape(NETWORK | {"http_request", "http_response"}, REQUIRED, {"http_request", "http_response"}),
}
CATEGORIES = {0: 0, 4001: 4, 4002: 4}
ACTIVITIES = {0: {0, 99}, 4001: {0, 99, *range(1, 8)}, 4002: {0, 99, *range(1, 10)}}
ENDPOINT = Shape({"hostname", "ip", "name", "port"}, set(), {"hostname", "ip", "name"})
OBJECTS = {
    "metadata": Shape({"product", "profiles", "version"}, {"product", "version"}),
    "product": Shape({"name", "version"}, set(), {"name"}),
    "src_endpoint": ENDPOINT,
    "dst_endpoint": ENDPOINT,
    "actor": Shape({"process"}, set(), {"process"}),
    "process": Shape({"path", "pid"}, set(), {"pid"}),
    "connection_info": Shape({"direction_id", "protocol_name", "uid"}, {"direction_id"}),
    "traffic": Shape({"bytes", "bytes_in", "bytes_out"}),
    "http_request": Shape({"http_method", "url"}),
    "url": Shape({"path"}, set(), {"path"}),
    "http_response": Shape({"code"}, {"code"}),
    "firewall_rule": Shape({"desc", "name"}, set(), {"name"}),
}
ENUMS = {"severity_id": {0, 1, 2, 3, 4, 5, 6, 99}, "status_id": {0, 1, 2, 99}, "action_id": {0, 1, 2, 3, 4, 99},
         "disposition_id": {*range(28), 99}, "direction_id": {0, 1, 2, 3, 4, 99}}


def _check(what: str, value: dict[str, Any], shape: Shape) -> None:
    assert shape.required <= value.keys(), f"{what} lacks {shape.required - value.keys()}"
    assert value.keys() <= shape.known, f"{what} has {value.keys() - shape.known}, which is not known"
    assert not shape.one_of or shape.one_of & value.keys(), f"{what} has none of {shape.one_of}"
    for name, inner in value.items():
        if name in ENUMS:
            assert inner in ENUMS[name], f"{what} has {name} {inner}"
        if isinstance(inner, dict) and name != "unmapped":
            _check(name, inner, OBJECTS[name])


def check(event: dict[str, Any]) -> None:
    """Raises AssertionError where the event is none."""
    kind = event["class_uid"]
    _check(f"class {kind}", event, CLASSES[kind])
    assert event["category_uid"] == CATEGORIES[kind] and event["activity_id"] in ACTIVITIES[kind]
    assert event["type_uid"] == kind * 100 + event["activity_id"]
    assert ("activity_name" in event) == (event["activity_id"] == 99)
    assert isinstance(event["time"], int) and event["time"] > 10**12, "milliseconds"
