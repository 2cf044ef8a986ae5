"""A log record that comes again is known, however it was packed with others; one that was logged again is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue, KeyValueList
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from firsttoken.serve import Server
from firsttoken.store import EVERYTHING, Store

from .conftest import ANY_PORTS
from .sending import JSON, PROTOBUF, post

AT_NS = 1_795_000_000_000_000_000


@pytest.fixture
def receiver() -> Iterator[tuple[Server, Store]]:
    """With nothing in its store."""
    with Store.open(None) as store, Server(store, ANY_PORTS) as server:
        yield server, store


def record(number: int, said: str = "hello") -> LogRecord:
    body = AnyValue(kvlist_value=KeyValueList(values=[KeyValue(key="said", value=AnyValue(string_value=said))]))
    pairs = [KeyValue(key="ratio", value=AnyValue(double_value=0.1)), KeyValue(key="n", value=AnyValue(int_value=3))]
    return LogRecord(
        time_unix_nano=AT_NS + number, trace_id=bytes([1] * 16), severity_number=9, body=body, attributes=pairs
    )


def sent(server: Server, records: Sequence[LogRecord], *, as_json: bool = False, host: str = "a") -> None:
    resource = Resource(attributes=[KeyValue(key="host.name", value=AnyValue(string_value=host))])
    logs = ScopeLogs(scope=InstrumentationScope(name="shop"), log_records=records)
    request = ExportLogsServiceRequest(resource_logs=[ResourceLogs(resource=resource, scope_logs=[logs])])
    body, headers = request.SerializeToString(), PROTOBUF
    if as_json:
        text = json_format.MessageToJson(request, indent=None)
        body, headers = text.replace('"AQEBAQEBAQEBAQEBAQEBAQ=="', f'"{"01" * 16}"').encode(), JSON
    assert post(server.ports.http_endpoint, "/v1/logs", body, headers).status == 200


def stored(store: Store) -> list[int]:
    with store.read() as reader:
        rows = [row for batch in reader.batches("logs", EVERYTHING) for row in batch.to_pylist()]
    return sorted(row["time_unix_ns"] - AT_NS for row in rows)


def test_a_record_that_comes_in_another_encoding_and_with_others_is_stored_once(
    receiver: tuple[Server, Store],
) -> None:
    server, store = receiver
    for number in range(3):
        sent(server, [record(number)])
    sent(server, [record(number) for number in range(4)], as_json=True)
    assert stored(store) == [0, 1, 2, 3]


def test_a_record_that_was_logged_twice_in_a_row_is_stored_twice_however_often_both_come(
    receiver: tuple[Server, Store],
) -> None:
    server, store = receiver
    sent(server, [record(0), record(0)])
    sent(server, [record(1), record(0), record(0)], as_json=True)
    assert stored(store) == [0, 0, 1]


def test_records_of_one_moment_that_differ_are_not_taken_for_one(receiver: tuple[Server, Store]) -> None:
    server, store = receiver
    sent(server, [record(0)])
    sent(server, [record(0, "goodbye")])
    sent(server, [record(0)], host="b")
    assert stored(store) == [0, 0, 0]


def test_a_record_without_a_time_is_known_by_the_request_that_brought_it(receiver: tuple[Server, Store]) -> None:
    server, store = receiver
    timeless, again = LogRecord(severity_text="WARN"), LogRecord(severity_text="WARN")
    for records in ([timeless], [timeless], [timeless, again]):
        sent(server, records)
    assert len(stored(store)) == 3
