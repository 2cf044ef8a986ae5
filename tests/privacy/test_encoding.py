"""Anything becomes values that JSON and OTLP carry; nothing raises, and no code of the value's class runs."""

from __future__ import annotations

import dataclasses
import enum
import json
import math
from collections import OrderedDict, deque, namedtuple
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import openai
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor

from firsttoken.privacy.encoding import DEEPEST, INT64, KEY_LIMIT, MOST_ITEMS, Encoder, encoded

Point = namedtuple("Point", "x y")


ABC = {"size_bytes": 3, "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


@dataclasses.dataclass
class Plain:
    a: int
    b: Any = None


@dataclasses.dataclass(slots=True)
class Slotted:
    a: int
    b: Any = dataclasses.field(init=False)


class Model(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")
    first: int = pydantic.Field(1, alias="First")
    second: str | None = None


def through_otlp(value: Any) -> Any:
    """The value as a receiver decodes it from the bytes of the real exporter."""
    exporter = InMemoryLogRecordExporter()
    provider = LoggerProvider(shutdown_on_exit=False)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    provider.get_logger("a").emit(body=value, attributes={"value": value})
    provider.shutdown()
    sent = encode_logs(exporter.get_finished_logs()).SerializeToString()
    (record,) = ExportLogsServiceRequest.FromString(sent).resource_logs[0].scope_logs[0].log_records
    return _value(record.body)


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return {pair.key: _value(pair.value) for pair in value.kvlist_value.values}
    return None if kind is None else getattr(value, kind)


def repr_of(value: Any) -> str:
    """For the names of the tests, which must be the same in every process."""
    return type(value).__name__


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        (None, None),
        (True, True),
        (2**63 - 1, 2**63 - 1),
        (str(2**63), 2**63),
        ("[int of 20,001 bits]", 2**20_000),
        ("nan", math.nan),
        ("-inf", -math.inf),
        ("a␀b", "a\0b"),
        ("?", "\ud800"),
        (ABC, b"abc"),
        (ABC, memoryview(b"a.b.c")[::2]),
        (
            {"size_bytes": 3, "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
            bytearray(b"abc"),
        ),
        ("red", Colour.RED),
        (3, Level.HIGH),
        ("1.50", Decimal("1.50")),
        ("2026-11-22", date(2026, 11, 22)),
        ("2026-11-22T01:02:03+00:00", datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)),
        ("1:00:00", timedelta(hours=1)),
        ("12345678-1234-5678-1234-567812345678", UUID("12345678123456781234567812345678")),
        ([1, 2], Point(1, 2)),
        ([1], {1}),
        ([1, 2], deque([1, 2])),
        ({"a": 1}, OrderedDict(a=1)),
        ({"1": 1, "null": 2, '""': 3, "[1,2]": 4}, {1: 1, None: 2, "": 3, (1, 2): 4}),
        ({"a": 1, "b": None}, Plain(1)),
        ({"a": 1}, Slotted(1)),
        ({"First": 2, "more": [1]}, Model(First=2, more=[1])),
        ({"a": 1}, {"a": 1, "b": openai.NOT_GIVEN}),
        ("[range]", range(3)),
        ("[generator]", (item for item in [1])),
        ("[type]", Plain),
        ("[function]", through_otlp),
    ],
    ids=repr_of,
)
def test_a_value_becomes_what_can_be_read(expected: Any, value: Any) -> None:
    assert encoded(value) == expected


def test_what_can_be_read_once_is_left_for_its_owner() -> None:
    once = iter([1, 2])
    assert encoded({"messages": once}) == {"messages": "[list_iterator]"}
    assert list(once) == [1, 2]


def test_a_value_inside_itself_is_told_as_that_and_one_that_stands_twice_is_told_twice() -> None:
    cycle: dict[str, Any] = {"a": 1}
    cycle["self"] = [cycle]
    assert encoded(cycle) == {"a": 1, "self": ["[cycle]"]}
    twice = [1]
    assert encoded([twice, twice]) == [[1], [1]]


def test_what_is_nested_too_deep_for_receivers_is_json_text() -> None:
    value: Any = "end"
    for _ in range(DEEPEST + 5):
        value = [value]
    told: Any = encoded(value)
    for _ in range(DEEPEST):
        (told,) = told
    assert json.loads(told) == [[[[["end"]]]]]


def test_a_long_list_or_object_loses_its_middle_and_says_how_much() -> None:
    encoder = Encoder(most_items=4)
    assert encoder.encode(list(range(10))) == [0, 1, "[… 6 items left out …]", 8, 9]
    assert encoder.encode({str(n): n for n in range(10)}) == {
        "0": 0, "1": 1, "…": "[… 6 members left out …]", "8": 8, "9": 9,
    }  # fmt: skip
    assert encoder.left_out == 12


class Ran(BaseException):
    """Code of the value has."""


def _fail(self: Any, *args: object) -> Any:
    raise Ran


FAILING = dict.fromkeys(
    [
        *("__getattribute__", "__repr__", "__str__", "__iter__", "__len__", "__bool__", "__eq__", "__hash__"),
        *("__getitem__", "__float__", "__int__", "__bytes__", "__index__", "__add__", "__abs__", "__format__"),
        *("items", "keys", "values", "encode", "replace", "isascii", "isoformat"),
    ],
    _fail,
)


def hostile(*bases: type, **more: Any) -> Any:
    """A class of which nothing can be asked."""
    return type("Hostile", bases, {**FAILING, **more})


class HostileMeta(type):
    """Of classes that cannot even be asked for their name."""

    __name__ = property(_fail)  # type: ignore[assignment]
    __instancecheck__ = __hash__ = __eq__ = _fail  # type: ignore[assignment]


VALUES: dict[str, Any] = {
    "object": lambda: ("[Hostile]", hostile()()),
    "class": lambda: (
        "[Hostile]",
        HostileMeta("Hostile", (), {"__class__": property(_fail), "__dict__": property(_fail)})(),
    ),
    "dict": lambda: ({"a": [1]}, hostile(dict)(a=[1])),
    "list": lambda: ([1], hostile(list)([1])),
    "tuple": lambda: ([1], hostile(tuple)([1])),
    "set": lambda: ([1], hostile(set)([1])),
    "text": lambda: ("text", hostile(str)("text")),
    "integer": lambda: (7, hostile(int)(7)),
    "number": lambda: (7.5, hostile(float)(7.5)),
    "date": lambda: ("2026-11-22", hostile(date)(2026, 11, 22)),
    "mapping": lambda: ("[Hostile]", hostile(Mapping)()),
    "dataclass": lambda: ({"a": 1, "b": None}, dataclasses.dataclass(hostile(Plain))(1)),
    "model": lambda: ({"First": 2}, Model(First=2)),
}


@pytest.mark.parametrize("what", VALUES)
def test_no_code_of_a_value_runs(what: str) -> None:
    expected, value = VALUES[what]()
    told: Any = encoded([value])
    assert told == [expected]
    assert type(told[0]) is type(expected)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(2**62, 2**70)
    | st.floats()
    | st.text(st.characters(exclude_categories=[]))
    | st.binary()
    | st.decimals()
    | st.datetimes()
    | st.timedeltas()
    | st.uuids()
    | st.complex_numbers()
    | st.builds(object)
    | st.sampled_from([Colour.RED, Level.HIGH, range(3), openai.NOT_GIVEN])
)
KEYS = (
    st.text(st.characters(exclude_categories=[])) | st.integers() | st.none() | st.binary() | st.tuples(st.integers())
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(KEYS, inner)
        | st.tuples(inner, inner)
        | st.frozensets(st.integers() | st.text())
        | st.builds(Plain, st.integers(), inner)
        | st.builds(Point, inner, inner)
        | st.builds(lambda second, more: Model(second=second, more=more), st.none() | st.text(), inner)
        | inner.map(lambda value: iter([value]))
    ),
    max_leaves=30,
)


def fits(value: Any, levels: int = DEEPEST + 1) -> bool:
    """Whether it is plain, within 64 bits, finite, UTF-8 without NUL, and not too deep."""
    if value is None or type(value) is bool:
        return True
    if type(value) is int:
        return value in INT64
    if type(value) is float:
        return math.isfinite(value)
    if type(value) is str:
        return "\0" not in value and value.encode().decode() == value
    if type(value) is list:
        return levels > 0 and len(value) <= MOST_ITEMS + 1 and all(fits(item, levels - 1) for item in value)
    return (
        levels > 0
        and type(value) is dict
        and all(type(key) is str and key and fits(key) and len(key) <= KEY_LIMIT for key in value)
        and all(fits(item, levels - 1) for item in value.values())
    )


@given(ANYTHING)
def test_whatever_it_is_json_and_the_exporters_of_otlp_take_it(value: Any) -> None:
    told = encoded(value)
    assert fits(told)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert through_otlp(told) == told


@given(ANYTHING)
def test_what_was_encoded_is_encoded_already(value: Any) -> None:
    told = encoded(value)
    assert encoded(told) == told
