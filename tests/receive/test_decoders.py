"""Decoding on a second processor: the same rows and the same refusals, and no request is lost with the process."""

from __future__ import annotations

import asyncio
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from store.samples import SMALLEST_CALL

from firsttoken.pricing import PriceBook
from firsttoken.receive.decoders import BACKLOG, Decoders, HelperError, _Helper
from firsttoken.receive.decoding import Work, decoded_rows
from firsttoken.receive.encodings import JSON, PROTOBUF
from firsttoken.receive.refusal import RefusalError
from firsttoken.receive.signals import SIGNALS

from .sending import context, request_of, span_of


def body(spans: int = 3) -> bytes:
    """One of the spans cannot be kept."""
    request = request_of(*(span_of(SMALLEST_CALL, context()) for _ in range(spans)))
    request.resource_spans[0].scope_spans[0].spans[0].end_time_unix_nano = 0
    return request.SerializeToString()


def work(content: bytes, *, fill=PROTOBUF.fill, limit_bytes: int = 10**6) -> Work:
    return Work(SIGNALS[0].path, content, fill, "", limit_bytes, 5)


@pytest.fixture(scope="module")
def helper() -> Iterator[_Helper]:
    helper = _Helper(PriceBook())
    yield helper
    helper.close()


def test_a_helper_makes_the_same_rows_and_refuses_the_same_spans(helper: _Helper) -> None:
    asked = work(body())
    expected, found = decoded_rows(asked, PriceBook()), helper.decode(asked)
    assert (found.items, found.refused) == (expected.items, expected.refused) == (3, {"time out of range": 1})
    assert {name: table.to_pylist() for name, table in found.tables.items()} == {
        name: table.to_pylist() for name, table in expected.tables.items()
    }


@pytest.mark.parametrize(
    "asked",
    [work(b"not protobuf"), work(b"{", fill=JSON.fill), work(body(), limit_bytes=9)],
    ids=["no protobuf", "no JSON", "too large"],
)
def test_a_helper_refuses_what_is_refused_here_and_goes_on(helper: _Helper, asked: Work) -> None:
    said: list[RefusalError] = []
    for decode in (helper.decode, lambda asked: decoded_rows(asked, PriceBook())):
        with pytest.raises(RefusalError) as refused:
            decode(asked)
        said.append(refused.value)
    assert (said[0].reason, said[0].message) == (said[1].reason, said[1].message)
    assert helper.decode(work(body())).items == 3


def test_requests_that_would_wait_have_a_helper_and_survive_its_death() -> None:
    async def decoded() -> list[int]:
        decoders = Decoders(PriceBook())
        try:
            first = await asyncio.gather(*(decoders.decode(work(body())) for _ in range(BACKLOG)))
            assert decoders._starting is not None
            await decoders._starting
            assert decoders._helper is not None
            decoders._helper._process.kill()
            more = await asyncio.gather(*(decoders.decode(work(body())) for _ in range(6)))
            return [rows.items for rows in (*first, *more)]
        finally:
            decoders.close()

    assert asyncio.run(decoded()) == [3] * (BACKLOG + 6)


def test_one_request_after_another_needs_no_helper() -> None:
    async def decoded() -> object:
        decoders = Decoders(PriceBook())
        for _ in range(5):
            await decoders.decode(work(body()))
        decoders.close()
        return decoders._starting

    assert asyncio.run(decoded()) is None


def test_a_helper_that_was_killed_says_so() -> None:
    helper = _Helper(PriceBook())
    helper._process.kill()
    helper._process.wait()
    with pytest.raises(HelperError):
        helper.decode(work(body()))
    helper.close()
    assert helper._process.returncode == -signal.SIGKILL


def test_a_helper_ends_with_the_server_however_that_ends_and_says_nothing() -> None:
    command = [sys.executable, "-m", "firsttoken.receive.helper"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        said, complained = process.communicate(pickle.dumps(PriceBook()), timeout=60)
    assert (pickle.loads(said), complained, process.returncode) == ("ready", b"", 0)  # noqa: S301  of our own
