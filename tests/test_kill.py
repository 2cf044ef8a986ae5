"""What was acknowledged is there after a `kill -9`, in the middle of whatever the server was doing."""

from __future__ import annotations

import http.client
import itertools
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext
from patience import until
from receive.sending import PROTOBUF, request_of, span_of
from serving import serving
from store.samples import SMALLEST_CALL

SENDERS = 4
SPANS_IN_A_REQUEST = 40
LETTERS_IN_A_SPAN = 4000
"""So that a few hundred requests reach the point at which the database moves its log into the file."""


class Load:
    """Exporters that send as fast as they are answered, and remember what was."""

    def __init__(self, endpoint: str, numbers: Iterator[int], seed: int) -> None:
        self.acknowledged: list[int] = []
        self._address = endpoint.removeprefix("http://")
        self._numbers = numbers
        self._dice = random.Random(seed)  # noqa: S311  repeatable
        self._threads = [threading.Thread(target=self._send) for _ in range(SENDERS)]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _send(self) -> None:
        """Until nobody answers."""
        connection = http.client.HTTPConnection(self._address, timeout=30)
        with suppress(OSError, http.client.HTTPException):
            while True:
                numbers = [next(self._numbers) for _ in range(SPANS_IN_A_REQUEST)]
                body = request_of(*map(self._span, numbers)).SerializeToString()
                connection.request("POST", "/v1/traces", body, PROTOBUF)
                response = connection.getresponse()
                response.read()
                if response.status == 200:
                    self.acknowledged += numbers
        connection.close()

    def _span(self, number: int) -> ReadableSpan:
        span = span_of(SMALLEST_CALL, SpanContext(trace_id=number, span_id=number, is_remote=False))
        text = self._dice.randbytes(LETTERS_IN_A_SPAN // 2).hex()
        return ReadableSpan(
            span.name,
            span.context,
            resource=span.resource,
            instrumentation_scope=span.instrumentation_scope,
            attributes={**(span.attributes or {}), "text": text},
            start_time=1_000 + number,
            end_time=2_000 + number,
        )


def stored(path: Path) -> Counter[int]:
    """How often each span is in the store. Opening it is what a restarted server does first."""
    with duckdb.connect(path) as connection:
        return Counter(int(row[0], 16) for row in connection.execute("SELECT span_id FROM calls").fetchall())


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "tries", [pytest.param(1, id="once"), pytest.param(10, id="ten times", marks=pytest.mark.system)]
)
def test_what_was_acknowledged_survives_a_kill_under_load(tmp_path: Path, seed: int, tries: int) -> None:
    path, numbers, dice = tmp_path / "calls.duckdb", itertools.count(1), random.Random(seed)  # noqa: S311  repeatable
    acknowledged: set[int] = set()
    for _ in range(tries):
        enough = dice.randint(1, 6000)
        with serving(path) as (process, endpoint):
            load = Load(endpoint, numbers, seed)
            until(lambda load=load, enough=enough: len(load.acknowledged) >= enough, 60)
            process.kill()
            load.join()
        assert not acknowledged.intersection(load.acknowledged)
        acknowledged.update(load.acknowledged)
        kept = stored(path)
        assert acknowledged <= kept.keys()
        assert set(kept.values()) == {1}
