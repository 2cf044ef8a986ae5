"""The same calls in both stores: as the receiver writes them, and as the Collector's exporter and the schema do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import Final, NamedTuple

from clickhouse_connect.driver.client import Client
from store.samples import log_record

from firsttoken.call import (
    Attempt,
    Call,
    CallContext,
    Category,
    Cost,
    Failure,
    Ledger,
    Outcome,
    Parameters,
    RateLimits,
    Request,
    Response,
    Stage,
    Timing,
    Unpriced,
    Usage,
    operation_called,
    stated_in_one,
)
from firsttoken.clickhouse import ClickHouse
from firsttoken.semconv import own
from firsttoken.semconv.dialects import Sent, currently_named
from firsttoken.semconv.left_over import left_over
from firsttoken.semconv.read import SpanFacts, read_call
from firsttoken.semconv.write import attempt_attributes, call_attributes
from firsttoken.store import Batch, CallRecord, JsonText, LogRecord, Origin, SpanRecord, Store

from .exported import Exported, write_log, write_spans
from .server import Server, new_database, settle

COUNT = 400
START_UNIX_NS = 1_795_000_000_123_456_789
MINUTE_NS = 60_000_000_000
RESOURCE = {"service.name": "shop", "firsttoken.run.id": "run-1", "deployment.environment.name": "test"}
MODELS = (("openai", "gpt-4o"), ("openai", "gpt-4o-mini"), ("anthropic", "claude-sonnet-4-5"), ("openai", None))
OPERATIONS = ("chat",) * 16 + ("embeddings", "fetch_response", "count_tokens", "batch_results")
ATTEMPT = Attempt(
    5_000_000, 400_000_000, Category.RATE_LIMIT, 429, "openai.RateLimitError", "slow_down", "req-9", 10**9
)


SPAN_ID = f"{7:016x}".replace("0", "f")
"""Of the one span that is no call, in the trace of the first call."""


@dataclass(frozen=True)
class Stores:
    """Both, over the same calls."""

    embedded: Store
    clickhouse: ClickHouse
    spans: tuple[Exported, ...]
    client: Client


@contextmanager
def same_calls(server: Server) -> Iterator[Stores]:
    spans = [_exported(number) for number in range(COUNT)]
    database = new_database(server)
    other = _other_span(spans[0])
    write_spans(database.client, [*spans, other])
    write_log(database.client, spans[0], "an.event", "hello", {"team": "search"})
    for sign in SIGNS:
        write_log(database.client, sign.of, sign.name, "", sign.attributes)
    settle(database.client)
    with ExitStack() as stack:
        store = stack.enter_context(Store.open(None))
        logs = (_log(spans[0]), *map(_sign, SIGNS))
        batch = Batch(calls=tuple(map(_record, spans)), spans=(_span_record(other),), logs=logs)
        store.write(batch).result(30)
        yield Stores(store, stack.enter_context(ClickHouse.open(database.url)), tuple(spans), database.client)


def _exported(number: int) -> Exported:
    call = _call(Random(number), number)  # noqa: S311  the same every time, and no secret
    attributes = {**call_attributes(call), "feature": "search" if number % 3 else "chat/x~y"}
    facts = SpanFacts(
        attributes if number % 5 else {**attributes, "seats": "12"},
        call.timing.started_unix_ns,
        call.timing.duration_ns,
        is_error=call.failure is not None,
        status_message=call.failure.message if call.failure else "",
        attempts=[attempt_attributes(attempt) for attempt in call.attempts],
    )
    return Exported(f"{number:032x}", f"{number + 1:016x}", facts, RESOURCE, scope=f"scope.{number % 2}")


def _record(span: Exported) -> CallRecord:
    facts = span.facts
    origin = Origin("shop", "run-1", span.scope, JsonText(json.dumps(span.resource)))
    named = currently_named(Sent(facts.attributes, span.scope))
    call = read_call(replace(facts, attributes=named))
    others = JsonText(json.dumps(left_over(json.loads(json.dumps(facts.attributes)), call)))
    return CallRecord(span.trace_id, span.span_id, None, span.name, origin, 1, call, others, JsonText("[]"))


def _other_span(call: Exported) -> Exported:
    attributes = {"gen_ai.operation.name": "execute_tool", "http.request.method": "GET"}
    facts = SpanFacts(attributes, call.facts.started_unix_ns + 5, 7, is_error=True, status_message="no")
    return replace(call, span_id=SPAN_ID, parent_span_id=call.span_id, facts=facts, name="execute_tool search")


def _span_record(span: Exported) -> SpanRecord:
    facts = span.facts
    return SpanRecord(
        trace_id=span.trace_id,
        span_id=span.span_id,
        parent_span_id=span.parent_span_id,
        name=span.name,
        kind="client",
        started_unix_ns=facts.started_unix_ns,
        ended_unix_ns=facts.started_unix_ns + facts.duration_ns,
        status="error",
        status_message=facts.status_message,
        origin=Origin("shop", "run-1", span.scope, JsonText(json.dumps(span.resource))),
        received_unix_ns=1,
        attributes=JsonText(json.dumps(facts.attributes)),
        events=JsonText("[]"),
    )


def _log(span: Exported) -> LogRecord:
    record = log_record("d", 0, attributes=JsonText('{"team":"search"}'))
    return replace(
        record,
        trace_id=span.trace_id,
        span_id=span.span_id,
        event_name="an.event",
        time_unix_ns=span.facts.started_unix_ns,
    )


class Sign(NamedTuple):
    """What a program said of a call while it ran."""

    of: Exported
    name: str

    @property
    def attributes(self) -> dict[str, object]:
        started = self.of.facts.started_unix_ns
        return {"gen_ai.request.model": "gpt-4o", "gen_ai.request.stream": True, own.CALL_STARTED: started}


def _running(number: int, minutes: int) -> Exported:
    facts = SpanFacts({}, START_UNIX_NS + minutes * MINUTE_NS, 0)
    return Exported(f"{number:032x}", f"{number + 1:016x}", facts, RESOURCE)


ENDED: Final = 5
SIGNS: Final = (
    Sign(_running(COUNT, 1), own.EVENT_CALL_STARTED),
    Sign(_running(COUNT, 2), own.EVENT_CALL_PROGRESS),
    Sign(_running(COUNT, 3), own.EVENT_CALL_PROGRESS),
    Sign(_running(COUNT + 1, 3), own.EVENT_CALL_STARTED),
    Sign(_running(ENDED, 1), own.EVENT_CALL_STARTED),
)
"""Of two calls that run, and of one that has ended."""


def _sign(sign: Sign) -> LogRecord:
    return replace(
        log_record(
            sign.name + sign.of.span_id, sign.of.facts.started_unix_ns, attributes=JsonText(json.dumps(sign.attributes))
        ),
        trace_id=sign.of.trace_id,
        span_id=sign.of.span_id,
        event_name=sign.name,
        time_unix_ns=sign.of.facts.started_unix_ns,
        origin=Origin("shop", "run-1", sign.of.scope, JsonText(json.dumps(RESOURCE))),
    )


def _call(chance: Random, number: int) -> Call:
    provider, model = chance.choice(MODELS)
    operation = chance.choice(OPERATIONS)
    is_billed = operation_called(operation).uses_tokens
    streamed = chance.random() < 0.7
    outcome = chance.choice((Outcome.COMPLETED,) * 6 + tuple(Outcome))
    failed = outcome.is_error or outcome is Outcome.CANCELLED
    return Call(
        request=Request(
            operation,
            provider,
            f"{provider}.messages",
            model,
            streamed,
            f"api.{provider}.com",
            443,
            Parameters(temperature=0.1 * (number % 11), stop_sequences=("a", 'b"')) if number % 2 else Parameters(),
            CallContext(
                user_id=f"u-{number % 4}" if number % 9 else None,
                session_id=f"s-{number % 7}",
                tags=("beta", "eu") if number % 6 == 0 else (),
                retry_group=f"g-{number // 3}" if number % 10 == 0 else None,
                more={"tenant": f"t{number % 3}"},
            ),
        ),
        timing=_timing(chance, number, streamed=streamed),
        outcome=outcome,
        response=Response(
            id=f"resp-{number}",
            model=f"{model or 'gpt-5'}-2026",
            finish_reasons=("stop",),
            status_code=chance.choice((200, 200, 200, 429, None)),
            hidden_reasoning=number % 8 == 0,
        ),
        usage=_usage(chance) if is_billed and chance.random() < 0.85 else None,
        failure=Failure("error", "it broke", category=chance.choice(tuple(Category)), stage=Stage.HEADERS)
        if failed
        else None,
        cost=_cost(chance) if is_billed else None,
        resend_count=chance.choice((0, 0, 1)),
        attempts=(ATTEMPT,) * chance.choice((0, 0, 0, 1, 2)),
        rate_limits=RateLimits(100, number % 101, 10**9, output_tokens_limit=number, output_tokens_remaining=7)
        if number % 4 == 0
        else None,
    )


def _timing(chance: Random, number: int, *, streamed: bool) -> Timing:
    started = START_UNIX_NS + number // 2 * MINUTE_NS  # two at a time start together
    duration = chance.randrange(10**6, 10**11)
    if not streamed:
        return Timing(started, duration, headers_ns=duration // 2, provider_wait_ns=duration)
    first = duration // 10
    return Timing(
        *(started, duration, first // 2, first, first + 7 if number % 13 else None, duration - 9),
        chunk_count=chance.randrange(1, 500),
        largest_gap_ns=duration // 3,
        provider_wait_ns=duration // 2,
        consumer_wait_ns=duration // 7,
        stall_count=number % 3,
        stalled_ns=number % 3 * 10**9,
    )


def _usage(chance: Random) -> Usage:
    some = lambda most: chance.choice((None, 0, chance.randrange(most)))  # noqa: E731  one of three, often
    return Usage(
        input_tokens=chance.randrange(100_000),
        output_tokens=chance.randrange(5_000),
        cache_read_tokens=some(50_000),
        cache_write_tokens=some(10_000),
        reasoning_tokens=some(1_000),
        side_output_tokens=some(3),
        web_search_requests=some(4),
        partial=chance.random() < 0.1,
    )


def _cost(chance: Random) -> Cost | None:
    amount = lambda: Decimal(chance.randrange(10**9)).scaleb(-11)  # noqa: E731  as prices per token make them
    return chance.choice(
        (
            *(Ledger(amount(), amount(), amount(), amount(), "USD", "genai-prices 0.2.3", "2026-11-01"),) * 4,
            Ledger(amount(), amount(), amount(), amount(), "EUR", "override prices.toml", tools=amount()),
            stated_in_one(amount(), "USD", "openrouter response"),
            Unpriced("unknown_model"),
            None,
        )
    )
