"""One application, a Collector with local.yaml, and two Jaegers: one forgets when it is stopped, the other does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from patience import until

from e2e.jaeger.calls import STALL_S, made
from e2e.jaeger.program import FOLDER, Jaeger, Span, jaeger
from e2e.observed import observed
from e2e.programs import collector, free_ports
from firsttoken import Settings


@dataclass(frozen=True, slots=True)
class Kept:
    """One of the Jaegers, and the trace of each kind of call."""

    jaeger: Jaeger
    traces: dict[str, str]

    def trace(self, kind: str) -> list[Span]:
        return self.jaeger.trace(self.traces[kind])

    def kinds(self, found: set[str]) -> set[str]:
        """Whose traces these are."""
        assert found <= set(self.traces.values())
        return {kind for kind, trace_id in self.traces.items() if trace_id in found}

    def kinds_with(self, is_so: Callable[[Span], bool]) -> set[str]:
        """Those with such a span in their trace."""
        return {kind for kind in self.traces if any(map(is_so, self.trace(kind)))}


@pytest.fixture(scope="session")
def both(collector_binary, tmp_path_factory) -> Iterator[dict[str, Kept]]:
    """By where they keep traces."""
    otlp, http = free_ports(2)
    with ExitStack() as undo:
        folder = tmp_path_factory.mktemp("badger")
        memory = undo.enter_context(jaeger({}))
        badger = undo.enter_context(jaeger({"JAEGER_FOLDER": str(folder)}, "keep.yaml"))
        environment = {
            "OTLP_GRPC_LISTEN": f"127.0.0.1:{otlp}",
            "OTLP_HTTP_LISTEN": f"127.0.0.1:{http}",
            "FIRSTTOKEN_ENDPOINT": badger.otlp,
            "JAEGER_ENDPOINT": memory.otlp,
        }
        files = ("local.yaml", FOLDER / "tags.yaml")
        undo.enter_context(collector(collector_binary, files, environment))
        with observed(
            f"127.0.0.1:{otlp}", settings=Settings(stall_s=STALL_S), resource={"service.version": "1.9.0"}
        ) as app:
            traces = made(app)
        for store in (memory, badger):
            until(lambda store=store: all(store.trace(trace_id) for trace_id in traces.values()))
        yield {"memory": Kept(memory, traces), "badger": Kept(badger, traces)}


@pytest.fixture(params=["memory", "badger"])
def kept(request, both) -> Kept:
    """Each of them."""
    return both[request.param]
