"""The bytes of a request of spans -> Arrow arrays, one for each member of all its spans, attributes and events.

The bytes are read as messages that are laid out like those of OTLP (opentelemetry/proto/trace/v1/trace.proto) and leave
as bytes what may hold more of itself, which Arrow has no type for, or is needed rarely.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import ptars
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool

from firsttoken.receive.kernels import pa, pc

Places = npt.NDArray[np.int64]
"""Where in an array something stands."""
Flags = npt.NDArray[np.bool_]

TEXT: Final = FieldDescriptorProto.TYPE_STRING
DATA: Final = FieldDescriptorProto.TYPE_BYTES
FLAG: Final = FieldDescriptorProto.TYPE_BOOL
INTEGER: Final = FieldDescriptorProto.TYPE_INT64
ENUM: Final = FieldDescriptorProto.TYPE_INT32
REAL: Final = FieldDescriptorProto.TYPE_DOUBLE
TIME: Final = FieldDescriptorProto.TYPE_FIXED64
SINGLE: Final = FieldDescriptorProto.LABEL_OPTIONAL
REPEATED: Final = FieldDescriptorProto.LABEL_REPEATED


Kind = int | str
"""A number of `FieldDescriptorProto.Type`, or the name of a message."""


class Many(NamedTuple):
    """A member that comes any number of times."""

    kind: Kind


Member = tuple[int, Kind | Many]
"""Its number, and what it is."""

MESSAGES: Final[dict[str, dict[str, Member]]] = {
    "Value": {
        "text": (1, TEXT),
        "flag": (2, FLAG),
        "integer": (3, INTEGER),
        "real": (4, REAL),
        "items": (5, DATA),
        "members": (6, DATA),
        "data": (7, DATA),
    },
    "Attribute": {"key": (1, TEXT), "value": (2, "Value")},
    "Event": {"time": (1, TIME), "name": (2, TEXT), "attributes": (3, Many("Attribute"))},
    "Status": {"code": (3, ENUM)},
    "Span": {
        "trace_id": (1, DATA),
        "span_id": (2, DATA),
        "parent_span_id": (4, DATA),
        "name": (5, TEXT),
        "started": (7, TIME),
        "ended": (8, TIME),
        "attributes": (9, Many("Attribute")),
        "events": (11, Many("Event")),
        "status": (15, "Status"),
    },
    "ScopeSpans": {"scope": (1, DATA), "spans": (2, Many("Span"))},
    "ResourceSpans": {"resource": (1, DATA), "scope_spans": (2, Many("ScopeSpans"))},
    "Request": {"resource_spans": (1, Many("ResourceSpans"))},
    "RawScopeSpans": {"scope": (1, DATA), "spans": (2, Many(DATA))},
    "RawResourceSpans": {"resource": (1, DATA), "scope_spans": (2, Many("RawScopeSpans"))},
    "RawRequest": {"resource_spans": (1, Many("RawResourceSpans"))},
}
CHOICE: Final = "Value"
"""The message of which one member is there at most."""


FEW_NAMES: Final = 250
ATTRIBUTES_OF_A_NAME: Final = 8
"""A name costs as much work as reading about so many attributes one by one: with fewer of each, nothing is won."""


class WireError(ValueError):
    """The bytes are no request of spans, or not one that can be read so."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """Attributes of many owners, those of one owner after another."""

    owners: Places
    keys: Any
    values: Any
    """A struct like the message."""

    def by_name(self) -> Iterator[tuple[str, Places]]:
        """Each name, and where the attributes of that name stand. Raises WireError for too many names of few each."""
        encoded = self.keys.dictionary_encode()
        names = encoded.dictionary.to_pylist()
        if len(names) > max(FEW_NAMES, len(self.keys) // ATTRIBUTES_OF_A_NAME):
            raise WireError(f"it has {len(names)} names of {len(self.keys)} attributes")
        codes = encoded.indices.to_numpy().astype(np.min_scalar_type(len(names)))
        ends = np.cumsum(np.bincount(codes, minlength=len(names)))
        yield from zip(names, np.split(np.argsort(codes, kind="stable"), ends)[: len(names)], strict=True)

    def ambiguous(self) -> Places:
        """The owners of values that were sent as two kinds. The last one counts, and here all look alike."""
        kinds = sum(values.is_valid().to_numpy(False).astype(np.int8) for values in self.values.flatten())
        return self.owners[kinds > 1]


@dataclass(frozen=True, slots=True)
class Events:
    """Events of many spans."""

    owners: Places
    times: Any
    names: Any
    attributes: Attributes


class SpansOfRequest:
    """All spans of one request, in the order in which they came."""

    def __init__(self, payload: bytes) -> None:
        """Raises WireError."""
        resources = _read(_REQUEST, payload)
        scopes, resource_of_scope = _flat(resources.field("scope_spans"))
        spans, scope_of_span = _flat(scopes.field("spans"))
        inhabited, groups = np.unique(scope_of_span, return_inverse=True)
        self.groups: Places = groups
        """To which of the groups each span belongs: the spans of one scope are one. Scopes without spans are none."""
        self.resource_of_group: Places = resource_of_scope[inhabited]
        self._payload = payload
        self._resources, self._spans = resources, spans
        self._scopes = scopes.field("scope").take(pa.array(inhabited))

    def __len__(self) -> int:
        return len(self._spans)

    def resources(self) -> list[bytes]:
        return self._resources.field("resource").to_pylist()

    def scopes(self) -> list[bytes]:
        """That of each group of spans."""
        return self._scopes.to_pylist()

    def column(self, member: str) -> Any:
        """One value for each span."""
        return self._spans.field(member)

    def status_codes(self) -> npt.NDArray[np.int32]:
        """0 where there is no status."""
        return pc.fill_null(pc.struct_field(self.column("status"), "code"), 0).to_numpy()

    def attributes(self) -> Attributes:
        return _attributes(self.column("attributes"))

    def events(self) -> Events:
        events, owners = _flat(self.column("events"))
        return Events(owners, events.field("time"), events.field("name"), _attributes(events.field("attributes")))

    def raw(self) -> list[bytes]:
        """The bytes of each span."""
        scopes, _ = _flat(_read(_RAW_REQUEST, self._payload).field("scope_spans"))
        spans, _ = _flat(scopes.field("spans"))
        return spans.to_pylist()


def hexadecimal(ids: Any, length_bytes: int) -> tuple[Any, Flags]:
    """The ids as text, and which of them are valid: the others are null."""
    good = pc.binary_length(ids).to_numpy() == length_bytes
    digits = np.frombuffer(b"".join(ids.filter(pa.array(good)).to_pylist()), np.uint8).reshape(-1, length_bytes)
    good[good] = digits.any(axis=1)
    pairs = zip(ids.to_pylist(), good.tolist(), strict=True)
    return pa.array([value.hex() if is_good else None for value, is_good in pairs], pa.string()), good


def _attributes(lists: Any) -> Attributes:
    attributes, owners = _flat(lists)
    return Attributes(owners, attributes.field("key"), attributes.field("value"))


def _flat(lists: Any) -> tuple[Any, Places]:
    """What all the lists hold, and in which list each of it stands."""
    lengths = np.diff(lists.offsets.to_numpy())
    return lists.flatten(), np.repeat(np.arange(len(lists)), lengths)


def _read(handler: Any, payload: bytes) -> Any:
    """The `ResourceSpans` of a request."""
    try:
        return handler.list_to_record_batch([payload]).column(0).flatten()
    except ValueError as error:
        raise WireError(str(error)) from error


def _handlers() -> tuple[Any, Any]:
    """Who reads a request, and who leaves its spans as bytes."""
    file = FileDescriptorProto(name="firsttoken/receive.proto", package="firsttoken.receive", syntax="proto3")
    for name, members in MESSAGES.items():
        message = file.message_type.add(name=name)
        for member, (number, what) in members.items():
            kind, label = (what.kind, REPEATED) if isinstance(what, Many) else (what, SINGLE)
            field = message.field.add(name=member, number=number, label=label)
            if isinstance(kind, str):
                field.type, field.type_name = FieldDescriptorProto.TYPE_MESSAGE, f".{file.package}.{kind}"
            else:
                field.type = FieldDescriptorProto.Type.ValueType(kind)
            if name == CHOICE:
                field.oneof_index = 0
        if name == CHOICE:
            message.oneof_decl.add(name="value")
    pool = DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    handlers: Any = ptars.HandlerPool([pool.FindFileByName(file.name)])
    whole, raw = (pool.FindMessageTypeByName(f"{file.package}.{name}") for name in ("Request", "RawRequest"))
    return handlers.get_for_message(whole), handlers.get_for_message(raw)


_REQUEST, _RAW_REQUEST = _handlers()
