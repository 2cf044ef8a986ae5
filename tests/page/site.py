"""A running server of the local half, and the small HTTP client that the tests ask it with."""

from __future__ import annotations

import hashlib
import http.client
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from firsttoken.access import THIS_MACHINE, Access
from firsttoken.call import Call
from firsttoken.receive.ports import ServeSettings
from firsttoken.semconv.write import call_attributes, span_name
from firsttoken.serve import Server
from firsttoken.store import Batch, CallRecord, JsonText, Origin, Store

if TYPE_CHECKING:
    from firsttoken.serve import PageFactory

JSON = TypeAdapter[object](object)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass(frozen=True, slots=True)
class Site:
    """The page of one server, and the store behind it."""

    url: str
    store: Store
    receiver: str = ""
    """Where it takes OTLP over HTTP."""

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    def get(self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Answer:
        with self.asking(path, headers, method) as answer:
            return Answer(answer.status, dict(answer.getheaders()), answer.read().decode())

    @property
    def port(self) -> int:
        return int(self.host.rpartition(":")[2])

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> int:
        """The status of the answer."""
        connection = http.client.HTTPConnection(self.host, timeout=30)
        try:
            connection.request("POST", path, body, dict(headers))
            return connection.getresponse().status
        finally:
            connection.close()

    @contextmanager
    def asking(
        self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET"
    ) -> Generator[http.client.HTTPResponse]:
        """An answer that may still be coming; leaving closes the connection."""
        connection = http.client.HTTPConnection(self.host, timeout=30)
        try:
            connection.request(method, path, headers=dict(headers or {}))
            yield connection.getresponse()
        finally:
            connection.close()

    def add(self, *calls: Call, run_id: str | None = None) -> None:
        """Returns when they are committed."""
        self.store.write(Batch(calls=tuple(record(call, run_id) for call in calls))).result(30)


@contextmanager
def running_site(
    store: Store,
    page_app: PageFactory | None = None,
    page_port: int = 0,
    access: Access = THIS_MACHINE,
    budgets: Path | None = None,
) -> Generator[Site]:
    settings = ServeSettings(grpc_port=0, http_port=0, page_port=page_port, page_access=access, budgets=budgets)
    with Server(store, settings, page_app=page_app) as server:
        url = server.ports.page_url
        assert url is not None
        yield Site(url.rstrip("/"), store, server.ports.http_endpoint)


def port_of(site: Site) -> int:
    return int(site.host.rpartition(":")[2])


def record(call: Call, run_id: str | None = None) -> CallRecord:
    """As the receiver would hand it to the store. The ids follow from the call, so that a test can name them."""
    trace_id, span_id = ids(call)
    origin = Origin("shop", run_id, "firsttoken.tests", JsonText('{"service.name": "shop", "host.name": "desk"}'))
    attributes = JSON.dump_json(call_attributes(call)).decode()
    return CallRecord(
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id=None,
        name=span_name(call.request),
        origin=origin,
        received_unix_ns=time.time_ns(),
        call=call,
        attributes=JsonText(attributes),
        events=JsonText("[]"),
    )


def ids(call: Call) -> tuple[str, str]:
    digest = hashlib.sha256(repr(call).encode()).hexdigest()
    return digest[:32], digest[32:48]
