"""A store with every kind of thing that the page can show, sent over OTLP by the SDK's own exporters.

Calls of every kind, a run of an agent with tools and HTTP, a conversation with all kinds of parts, provider traces, and
spans of another instrumentation; and all of it once more with hostile text wherever somebody else has a say.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from hostile import DEEP, LARGE, ONE_LINE, TEXTS
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context

from firsttoken.call import (
    Attempt,
    Call,
    CallContext,
    Category,
    Failure,
    Ledger,
    Outcome,
    Response,
    Stage,
    Timing,
)
from firsttoken.call.bodies import Bodies
from firsttoken.call.content import (
    Content,
    Media,
    Message,
    Part,
    Reasoning,
    Refusal,
    Text,
    Tool,
    ToolCall,
    ToolResponse,
)
from firsttoken.semconv.messages import content_texts
from firsttoken.semconv.own import EVENT_PROVIDER_TRACE
from firsttoken.semconv.write import attempt_attributes, call_attributes, span_name
from firsttoken.trace.of_call import traces_of

from .samples import EVERY_KIND, MS, PRICED, RATE_LIMITED, STREAMED

SECOND_NS: Final = 1_000 * MS
OURS: Final = "firsttoken.openai"


@dataclass(frozen=True, slots=True)
class Everything:
    """Where the things are that a view shows one of."""

    plain: str
    """A call, as `TRACE/SPAN`: an agent's, with a conversation, in a trace of several spans."""
    hostile: str
    """The same, and every text in it is hostile."""
    large: str
    """A call with one line of ten million characters; empty where none was sent."""
    started_unix_ns: int
    others: tuple[str, ...]
    """Spans that are no calls, of a calm agent and of a hostile one, as `TRACE/SPAN`."""

    @property
    def calls(self) -> tuple[str, ...]:
        return (self.plain, self.hostile)

    @property
    def traces(self) -> tuple[str, ...]:
        return tuple(call.partition("/")[0] for call in self.calls)


def send_everything(endpoint: str, *, large: bool = True) -> Everything:
    """Returns when the server at this OTLP/HTTP endpoint has committed it."""
    now = time.time_ns() - 600 * SECOND_NS
    plain, hostile = _Sender(endpoint, "shop"), _Sender(endpoint, ONE_LINE)
    calm = plain.agent(now, "a question", "an answer", _for_ada(STREAMED))
    for number, call in enumerate(EVERY_KIND):
        plain.call(_at(call, now + number * SECOND_NS))
    for number, (name, text) in enumerate(TEXTS.items()):
        hostile.call(_at(_made_of(text), now + (60 + number) * SECOND_NS), {f"hx.{name}": text, text: name})
    shouted = hostile.agent(now + 200 * SECOND_NS, ONE_LINE, ONE_LINE, _made_of(ONE_LINE))
    long = plain.call(_at(STREAMED, now + 300 * SECOND_NS), _large()) if large else ""
    plain.close()
    hostile.close()
    return Everything(calm, shouted, long, now, (*plain.others, *hostile.others))


class _Sender:
    """One program that sends as it goes."""

    def __init__(self, endpoint: str, service: str) -> None:
        self.others: list[str] = []
        resource = Resource({"service.name": service, "service.version": service, service: service})
        self._spans, self._logs = TracerProvider(resource=resource), LoggerProvider(resource=resource)
        self._spans.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(f"{endpoint}/v1/traces")))
        self._logs.add_log_record_processor(SimpleLogRecordProcessor(OTLPLogExporter(f"{endpoint}/v1/logs")))

    def close(self) -> None:
        self._spans.shutdown()
        self._logs.shutdown()

    def agent(self, began_ns: int, asked: str, answered: str, call: Call) -> str:
        """A run of an agent with a tool, HTTP, another instrumentation's call, and this call. The call's place."""
        agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": asked, "gen_ai.agent.id": asked}
        root = self._span(f"invoke_agent {asked}", "firsttoken", began_ns, agent)
        tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": asked, "gen_ai.tool.call.arguments": asked}
        self._end(self._span(f"execute_tool {asked}", "firsttoken", began_ns + 5 * MS, tool, root), began_ns + 90 * MS)
        http = {"http.request.method": "POST", "url.full": asked, asked: answered}
        failed = self._span(asked, asked, began_ns + 95 * MS, http, root, SpanKind.CLIENT)
        failed.set_status(Status(StatusCode.ERROR, answered))
        failed.add_event(asked, {asked: answered}, began_ns + 96 * MS)
        self._end(failed, began_ns + 98 * MS)
        self.others.append(_place(failed))
        place = self.call(_at(call, began_ns + 100 * MS), _said(asked, answered), root)
        foreign = {
            "llm.model_name": asked,
            "openinference.span.kind": "LLM",
            "llm.output_messages.0.message.content": asked,
        }
        self._end(self._span(asked, "openinference", began_ns + 3 * SECOND_NS, foreign, root), began_ns + 4 * SECOND_NS)
        self._end(root, began_ns + 5 * SECOND_NS)
        return place

    def call(self, call: Call, more: Mapping[str, str] | None = None, parent: Span | None = None) -> str:
        """Its place, as `TRACE/SPAN`."""
        began = call.timing.started_unix_ns
        attributes = {**call_attributes(call), **(more or {})}
        span = self._span(span_name(call.request), OURS, began, attributes, parent, SpanKind.CLIENT)
        for attempt in call.attempts:
            span.add_event("firsttoken.attempt_failed", attempt_attributes(attempt), began + attempt.failed_ns)
        if call.failure:
            span.set_status(Status(StatusCode.ERROR, call.failure.message))
        model = call.request.model or "none"
        for trace in traces_of(call, None, Bodies(request={model: model})):
            self._log(span, EVENT_PROVIDER_TRACE, began, trace.body(), {"gen_ai.operation.name": "chat"})
        self._log(span, model, began, {model: model}, {model: model})
        self._end(span, call.timing.ended_unix_ns)
        return _place(span)

    def _span(
        self,
        name: str,
        scope: str,
        began_ns: int,
        attributes: Mapping[str, Any],
        parent: Span | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
    ) -> Span:
        around = None if parent is None else set_span_in_context(parent)
        return self._spans.get_tracer(scope).start_span(name, around, kind, attributes, start_time=began_ns)

    def _end(self, span: Span, ended_ns: int) -> None:
        span.end(ended_ns)

    def _log(self, span: Span, name: str, at_ns: int, body: Any, attributes: Mapping[str, str]) -> None:
        self._logs.get_logger(OURS).emit(
            LogRecord(
                timestamp=at_ns,
                context=set_span_in_context(span),
                severity_number=SeverityNumber.INFO,
                severity_text=name[:50],
                body=body,
                attributes=attributes,
                event_name=name,
            )
        )


def _place(span: Span) -> str:
    where = span.get_span_context()
    return f"{where.trace_id:032x}/{where.span_id:016x}"


def _at(call: Call, started_unix_ns: int) -> Call:
    return replace(call, timing=replace(call.timing, started_unix_ns=started_unix_ns))


def _made_of(text: str) -> Call:
    """A failed call in which every word is this text."""
    return replace(
        RATE_LIMITED,
        request=replace(RATE_LIMITED.request, provider=text, model=text, server_address=text, context=_all_said(text)),
        response=Response(id=text, model=text, finish_reasons=(text,), status_code=429, request_id=text),
        outcome=Outcome.FAILED,
        timing=Timing(0, 1_204 * MS, headers_ns=188 * MS, first_chunk_ns=241 * MS, first_token_ns=412 * MS),
        failure=Failure(text, text, category=Category.RATE_LIMIT, stage=Stage.HEADERS, code=text),
        attempts=(Attempt(1, 1, exception_type=text, code=text, request_id=text),),
        usage=STREAMED.usage,
        cost=Ledger(PRICED.input, PRICED.cache_read, PRICED.cache_write, PRICED.output, "USD", text, text),
    )


def _for_ada(call: Call) -> Call:
    return replace(call, request=replace(call.request, context=CallContext("ada", run_id="run-1")))


def _all_said(text: str) -> CallContext:
    return CallContext(text, text, text, text, text, text, text, text, text, (text, text), {f"own {text}": text})


def _large() -> dict[str, str]:
    """What is long in one line, and what is nested deeper than anybody reads."""
    wanted = ToolCall("hx-deep", DEEP, valid_json=True)
    return content_texts(Content((Message("user", (Text(LARGE),)),), output=(Message("assistant", (wanted,)),)))


def _said(asked: str, answered: str) -> dict[str, str]:
    """A conversation with every kind of part, as attributes."""
    wanted = ToolCall(asked, json.dumps({asked: answered}), valid_json=True, id=asked)
    broken = ToolCall(asked, answered, valid_json=False, id=answered, kind=asked)
    thought = Reasoning(answered, signature="x")
    pictured = Media("image", asked, uri=asked, name=asked, transcript=answered)
    heard: tuple[Part, ...] = (ToolResponse((Text(answered),), asked, failed=True), pictured)
    return content_texts(
        Content(
            input=(Message("user", (Text(asked),), asked), Message("tool", heard)),
            system=(Text(asked),),
            tools=(Tool(asked, asked),),
            output=(
                Message(asked[:200], (thought, Text(answered), Refusal(answered), wanted, broken), answered[:200]),
            ),
        )
    )
