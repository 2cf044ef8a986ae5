"""Who sent something: the resource and the scope around spans and log records."""

from __future__ import annotations

from typing import Final

from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from firsttoken.receive.values import Attributes, attributes_of, json_text
from firsttoken.store import JsonText, Origin

SERVICE_NAME: Final = "service.name"
RUN_ID: Final = "firsttoken.run.id"


class Sender:
    """A resource, read once for everything that comes under it."""

    def __init__(self, resource: Resource) -> None:
        attributes = attributes_of(resource.attributes)
        self._service = _text(attributes, SERVICE_NAME) or ""
        self._run_id = _text(attributes, RUN_ID)
        self._resource: JsonText = json_text(attributes)

    def origin(self, scope: InstrumentationScope) -> Origin:
        return Origin(self._service, self._run_id, scope.name, self._resource)


def _text(attributes: Attributes, name: str) -> str | None:
    value = attributes.get(name)
    return value if isinstance(value, str) else None
