"""A day of three services, made up by a seed, as metrics of the package's own emitters.

They are told to the Collector as if it were then, once a minute.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from a_call import PRICES, Asked, made_call
from a_day import ANSWERS, HAIKU, LARGE, MINI, OWN, QUESTIONS, SONNET, SYSTEM
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricsData
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

from firsttoken.call import Call, CallContext, Category, Failure, Outcome, Request, Response, Timing, Usage
from firsttoken.call.content import Message, Text
from firsttoken.emit import MetricEmitter
from firsttoken.emit.active_metrics import watch_active_calls
from firsttoken.emit.loss_metrics import watch_losses
from firsttoken.losses import note_loss, open_way
from firsttoken.pricing.beside_cost import beside_cost
from firsttoken.spans.metrics import StreamMetrics

NS: Final = 1_000_000_000
MINUTE_S: Final = 60
WEEK_S: Final = 7 * 24 * 3600
TROUBLE: Final = (4.6, 3.9)
"""From how many to how many hours before the end one provider was overloaded."""
FAILURES: Final = (
    (Failure("overloaded_error", "Overloaded.", category=Category.OVERLOADED), 5),
    (Failure("rate_limit_error", "Slow down.", category=Category.RATE_LIMIT), 4),
    (Failure("APITimeoutError", "Request timed out.", category=Category.TIMEOUT), 2),
    (Failure("invalid_request_error", "Prompt is too long.", category=Category.CONTEXT_LENGTH), 1),
)
EMPTY: Final = ("only_reasoning", "only_reasoning", "no_content")
EMBEDS: Final = "text-embedding-3-small"
ENDS: Final = (("completed", 90), ("client_disconnect", 8), ("error", 1))


@dataclass(frozen=True)
class Kind:
    """A service, what it calls, and how many calls it makes in its busiest minute."""

    name: str
    models: tuple[Any, ...]
    busiest: float
    cached: float
    embeds: bool = False


SERVICES: Final = (
    Kind("helpdesk", (SONNET, SONNET, LARGE), 20, 0.7),
    Kind("search", (MINI, MINI, HAIKU), 26, 0.2, embeds=True),
    Kind("drafts", (LARGE, OWN), 9, 0),
)
KEPT_TRACES: Final = 0.004
"""The share of calls that an exemplar may lead to, in the last hours: Prometheus keeps a thousand exemplars."""
QUEUES: Final = (("otlp_grpc/traces", "traces"), ("otlp_http/logs", "logs"))
FULL: Final = (2.3, 1.9)
"""From how many to how many hours before the end one back end took nothing, and the Collector kept it."""


def tell(
    endpoint: str,
    end_s: int,
    hours: float,
    every_s: int = MINUTE_S,
    *,
    after: float = 0,
    share: float = 1,
    seed: int = 5,
) -> None:
    """Returns when the Collector has taken so many hours and those `after` the end, of a `share` of the calls."""
    kinds = [replace(kind, busiest=kind.busiest * share) for kind in SERVICES]
    services = [
        *(Service(kind, random.Random(f"{seed}{kind.name}")) for kind in kinds),  # noqa: S311
        Collector(random.Random(seed)),  # noqa: S311
    ]
    exporter = OTLPMetricExporter(endpoint, insecure=True)
    start_s = int(end_s - hours * 3600)
    for now_s in range(start_s, int(end_s + after * 3600) + 1, every_s):
        for service in services:
            service.live(now_s, (end_s - now_s) / 3600, every_s)
            exporter.export(then(service.told(), start_s, now_s))
    exporter.shutdown()
    for service in services:
        service.meters.shutdown()


def then(data: MetricsData, start_s: int, now_s: int) -> MetricsData:
    """As if it had been told at that time."""
    for resource in data.resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                metric.data.data_points[:] = [_moved(point, start_s, now_s) for point in metric.data.data_points]
    return data


def _moved(point: Any, start_s: int, now_s: int) -> Any:
    exemplars = [replace(each, time_unix_nano=now_s * NS) for each in point.exemplars]
    return replace(point, start_time_unix_nano=start_s * NS, time_unix_nano=now_s * NS, exemplars=exemplars)


def meters_of(service: str) -> tuple[MeterProvider, Callable[[], MetricsData]]:
    """Of one process, and what gives all that it would tell now."""
    reader = InMemoryMetricReader()
    more = {"service.instance.id": f"{service}-1", "deployment.environment.name": "prod"}

    def told() -> MetricsData:
        data = reader.get_metrics_data()
        assert data is not None
        return data

    return MeterProvider([reader], Resource.create({"service.name": service, **more})), told


class Service:
    """One process that observes its calls."""

    def __init__(self, kind: Kind, chance: random.Random) -> None:
        self._kind, self._chance = kind, chance
        self.meters, self.told = meters_of(kind.name)
        meter = self.meters.get_meter("day")
        self._emitter, self._streams = MetricEmitter(meter), StreamMetrics(meter)
        self._open, self._running = 0, 0
        watch_active_calls(self.meters, lambda: [self._request()] * self._running)
        if kind.name == "helpdesk":
            for way in ("outbox", "spans", "logs", "metrics"):
                open_way(way)
            watch_losses(self.meters)

    def _request(self) -> Request:
        model = self._kind.models[0]
        return Request("chat", model.provider, model.api, model.name, True, model.host, 443)

    def live(self, now_s: int, hours_left: float, length_s: int) -> None:
        """What happens in this time."""
        chance, hill = self._chance, 0.25 + 0.75 * math.sin(math.pi * ((now_s / 3600) % 24) / 24) ** 2
        made = self._kind.busiest * hill * length_s / 60 * chance.uniform(0.7, 1.3)
        number = int(made) + (chance.random() < made % 1)
        self._running = int(made * chance.uniform(0.1, 0.5))
        for _ in range(number):
            is_kept = 0 <= hours_left <= 6 and chance.random() < KEPT_TRACES
            self._call(now_s, TROUBLE[1] < hours_left < TROUBLE[0], self._trace() if is_kept else None)
        self._serve(number)
        if self._kind.embeds:
            self._embed(now_s)
        if self._kind.name == "helpdesk" and chance.random() < 0.004:
            note_loss("logs", "queue_full", 2)
        if self._kind.name == "helpdesk" and TROUBLE[1] < hours_left < TROUBLE[0] and chance.random() < 0.1:
            note_loss("spans", "export_failed", 3)

    def _trace(self) -> Context:
        """Of a call whose span is kept."""
        ids = self._chance.getrandbits(128), self._chance.getrandbits(64)
        kept = SpanContext(*ids, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))
        return set_span_in_context(NonRecordingSpan(kept))

    def _call(self, now_s: int, trouble: bool, trace: Context | None) -> None:
        chance, model = self._chance, self._chance.choice(self._kind.models)
        hit = trouble and model is SONNET
        ending = chance.choices(
            (Outcome.COMPLETED, Outcome.CLOSED, Outcome.FAILED), (70, 10, 40) if hit else (96, 3.4, 0.6)
        )[0]
        asked = Asked(
            model=model,
            started_unix_ns=now_s * NS,
            said=CallContext(),
            system=SYSTEM,
            history=(Message("user", (Text(chance.choice(QUESTIONS)),)),),
            answer=chance.choice(ANSWERS) * chance.choice((1, 2, 3)),
            more_input_tokens=int(chance.lognormvariate(7.6, 0.6)),
            cached=chance.choice((0, self._kind.cached, self._kind.cached)),
            slower=2.6 if hit else 1,
            gap=(0.5, chance.uniform(10, 16)) if chance.random() < (0.02 if hit else 0.003) else None,
            ending=ending,
            resends=chance.choices((0, 1, 2), (70, 25, 5) if hit else (97, 3, 0))[0],
        )
        self._record(self._ended(made_call(chance, asked)), trace)

    def _ended(self, call: Call) -> Call:
        chance = self._chance
        if call.outcome is Outcome.FAILED:
            failure = chance.choices([each for each, _ in FAILURES], [weight for _, weight in FAILURES])[0]
            return replace(call, failure=failure)
        if call.outcome is Outcome.CLOSED:
            return replace(call, usage=Usage(int(chance.lognormvariate(7.6, 0.5)), chance.randint(5, 60), partial=True))
        if chance.random() < 0.02:
            return replace(call, response=replace(call.response, finish_reasons=("length",)))
        if chance.random() < 0.004:
            return replace(call, response=replace(call.response, empty=chance.choice(EMPTY)))
        return call

    def _record(self, call: Call, trace: Context | None = None) -> None:
        call = replace(call, cost=PRICES.price(call))
        model = call.response.model
        self._emitter.record(call, trace, beside_cost(call, PRICES))
        self._emitter.record_gaps(
            call.request, model, [int(self._chance.lognormvariate(-4.2, 0.7) * NS) for _ in range(20)]
        )
        if call.stalls:
            self._emitter.record_stalls(call.request, model, {"mid_stream": len(call.stalls)})

    def _serve(self, number: int) -> None:
        """Streams that it sends on to its own callers. Some of those that began before run still."""
        for _ in range(number // 2):
            self._streams.began({})
        self._open += number // 2
        ended = max(0, self._open - number // 4 - self._chance.randint(0, 1))
        self._open -= ended
        for _ in range(ended):
            end = self._chance.choices([each for each, _ in ENDS], [weight for _, weight in ENDS])[0]
            self._streams.ended(self._chance.lognormvariate(0.6, 0.6), {}, end)

    def _embed(self, now_s: int) -> None:
        host = "api.openai.com"
        request = Request("embeddings", "openai", "openai.embeddings", EMBEDS, server_address=host)
        timing = Timing(now_s * NS, int(self._chance.lognormvariate(-1.8, 0.4) * NS))
        usage = Usage(self._chance.randint(20, 400))
        self._record(Call(request, timing, Outcome.COMPLETED, Response(), usage))


class Collector:
    """The gateway, as it tells of itself."""

    def __init__(self, chance: random.Random) -> None:
        self._chance, self._filled = chance, {exporter: 0.0 for exporter, _ in QUEUES}
        self.meters, self.told = meters_of("gateway")
        meter = self.meters.get_meter("day")
        meter.create_observable_gauge("otelcol_exporter_queue_size", [self._sizes])
        meter.create_observable_gauge("otelcol_exporter_queue_capacity", [self._capacities])
        for signal in ("spans", "metric_points", "log_records"):
            meter.create_counter(f"otelcol_receiver_refused_{signal}").add(0, {"receiver": "otlp"})

    def live(self, now_s: int, hours_left: float, length_s: int) -> None:
        del now_s
        for exporter, signal in QUEUES:
            if signal == "logs" and FULL[1] < hours_left < FULL[0]:
                self._filled[exporter] += 0.03 * length_s / MINUTE_S * self._chance.uniform(0.7, 1.3)
            else:
                self._filled[exporter] = max(self._chance.uniform(0, 0.02), self._filled[exporter] - 0.15)

    def _sizes(self, _: CallbackOptions) -> Iterable[Observation]:
        return [Observation(int(self._filled[name] * 1000), {"exporter": name, "data_type": of}) for name, of in QUEUES]

    def _capacities(self, _: CallbackOptions) -> Iterable[Observation]:
        return [Observation(1000, {"exporter": name, "data_type": of}) for name, of in QUEUES]
