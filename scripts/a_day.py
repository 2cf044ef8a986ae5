"""A day of one application, made up by a seed: a helpdesk's assistant, its users, its agent's runs and what went wrong.

Nothing of it happened. It goes the way of real calls: through the package's own emitters and OTLP into a server.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Final

from a_call import NS, Asked, Model, made_call
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, set_span_in_context

from firsttoken.call import CallContext, Outcome
from firsttoken.call.content import Message, Text, ToolCall, ToolResponse
from firsttoken.emit import ProviderTraceEmitter, SpanEmitter
from firsttoken.emit.scope import NAME, VERSION
from firsttoken.semconv import names

HOUR_NS: Final = 3_600 * NS
DAY_HOURS: Final = 24
RELEASES: Final = ("1.8.0", "1.9.0")
"""The second one from the middle of the day on: its prompts are longer, and its first tokens come later."""
ANTHROPIC: Final = ("anthropic", "anthropic.messages", "api.anthropic.com")
OPENAI: Final = ("openai", "openai.responses", "api.openai.com")
SONNET: Final = Model("claude-sonnet-4-5", *ANTHROPIC, 0.9, 0.016)
HAIKU: Final = Model("claude-haiku-4-5", *ANTHROPIC, 0.45, 0.008)
MINI: Final = Model("gpt-4.1-mini", *OPENAI, 0.4, 0.009)
LARGE: Final = Model("gpt-4.1", *OPENAI, 0.6, 0.013)
OWN: Final = Model("helpdesk-tuned-7b", "openai", "openai.chat_completions", "models.helpdesk.example", 0.2, 0.006)
"""It has no price in any list."""
USERS: Final = tuple(f"u-{1001 + number}" for number in range(14))
DEAR_USER: Final = USERS[6]
"""Who puts whole manuals into every question."""
LONG_PAUSE: Final = (0.55, 14.2)
"""That of one answer, after so much of it, in seconds: the longest of the day."""
ENDINGS: Final = (Outcome.COMPLETED, Outcome.CLOSED, Outcome.FAILED)
SYSTEM: Final = (
    "You answer customers of a bicycle workshop. Be brief and exact. Quote the manual where it decides. "
    "Never promise a date that the workshop's calendar does not show."
)
QUESTIONS: Final = (
    "My rear brake squeals in the rain. What can I check myself?",
    "Which tyre pressure for 35 mm tyres and 82 kg?",
    "The chain jumps under load on the smallest sprocket.",
    "Can I ride home with a broken spoke?",
    "How often should the suspension fork be serviced?",
    "The motor stops at 20 km/h since the last update.",
)
ANSWERS: Final = (
    "Rain washes road film onto the rim, and the pads sing on it. Wipe rim and pads with alcohol, then look at the "
    "front edge of each pad: it should touch the rim a little before its rear edge, by about the thickness of a "
    "business card. If the pads are glassy, take the shine off with fine sandpaper. Should it still squeal after ten "
    "firm stops, the pads are worn out or of the wrong kind, and we change them while you wait.",
    "For 35 mm tyres and a rider of 82 kg start with 3.6 bar in front and 4.0 bar at the back, and take off 0.3 bar on "
    "gravel. The limits on the side of the tyre come first, whatever a table says.",
    "A chain that jumps on the smallest sprocket alone is most often a worn sprocket: it carries the load of the "
    "fastest gear and has the fewest teeth. Measure the chain first. Above 0.75 % wear chain and cassette go together, "
    "as a new chain jumps on old teeth. Below it, check that the hanger is straight and the cable moves freely.",
    "One broken spoke out of thirty-two is no reason to walk. Wind the loose ends around their neighbours, open the "
    "brake so that the rim does not rub, and ride slowly without luggage. Do not wait long: its neighbours now carry "
    "its share, and the next one breaks sooner.",
    "The lower legs every fifty hours, the damper every two hundred or once a year, whichever comes first. Your fork "
    "has done about one hundred and forty hours since the last entry in its book, so the lower legs are overdue and "
    "the damper is not.",
    "The update of 3 March made the speed sensor stricter. Turn the magnet on the spoke until it passes the sensor at "
    "five to eight millimetres, and clean both. If assistance still ends at 20 km/h, bring it in: the sensor's cable "
    "chafes where it enters the frame on this series.",
)
TOOLS: Final = ("search_manual", "read_calendar")


class Day:
    """What happens from 24 hours before a moment up to it."""

    def __init__(self, endpoint: str, ended_unix_ns: int, *, seed: int = 7) -> None:
        """`endpoint` is that of OTLP over HTTP."""
        self._chance = random.Random(seed)  # noqa: S311  repeatable, and nothing to guard
        self._began = ended_unix_ns - DAY_HOURS * HOUR_NS
        self._services = tuple(_Service(endpoint, release) for release in RELEASES)

    def send(self, calls: int = 900, runs: int = 70) -> None:
        """Returns when all is received."""
        for started, _ in sorted((self._moment(), number) for number in range(calls)):
            self._single(started)
        for started in sorted(self._moment() for _ in range(runs)):
            self._run(started)
        self._single(self._began + 15 * HOUR_NS, LONG_PAUSE)
        for service in self._services:
            service.close()

    def _moment(self) -> int:
        """Most of them by day: a hill over the hours, and nothing in the last minute."""
        share = self._chance.betavariate(2.2, 1.8)
        return self._began + int(share * (DAY_HOURS * HOUR_NS - 120 * NS))

    def _service(self, started: int) -> _Service:
        return self._services[started - self._began > DAY_HOURS * HOUR_NS // 2]

    def _single(self, started: int, gap: tuple[float, float] | None = None) -> None:
        chance, service = self._chance, self._service(started)
        number = chance.randrange(len(QUESTIONS))
        user = chance.choice(USERS)
        feature = "answer" if gap else chance.choices(("answer", "summary", "triage"), (6, 3, 2))[0]
        model = {"answer": chance.choice((SONNET, SONNET, LARGE)), "summary": MINI, "triage": OWN}[feature]
        endings = (Outcome.COMPLETED,) if gap else chance.choices(ENDINGS, (94, 4, 2))
        service.call(
            chance,
            Asked(
                model=model,
                started_unix_ns=started,
                said=_said(user, feature, started),
                system=SYSTEM,
                history=(Message("user", (Text(QUESTIONS[number]),)),),
                answer=ANSWERS[number],
                more_input_tokens=_documents(chance, user),
                cached=chance.choice((0, 0, 0.6, 0.85)),
                slower=service.slower if model is SONNET else 1,
                gap=gap or _gap(chance),
                ending=endings[0],
                resends=chance.choices((0, 1, 2), (95, 4, 1))[0],
            ),
        )

    def _run(self, started: int) -> None:
        """An agent that looks things up before it answers."""
        chance, service = self._chance, self._service(started)
        number, user = chance.randrange(len(QUESTIONS)), chance.choice(USERS)
        history: list[Message] = [Message("user", (Text(QUESTIONS[number]),))]
        span = service.start("invoke_agent workshop", started, None, {names.GEN_AI_AGENT_NAME: "workshop"})
        inside = set_span_in_context(span, Context())
        at = started + 3_000_000
        for tool in (*TOOLS[: chance.randint(1, 2)], None):
            asked = Asked(
                model=HAIKU if tool else SONNET,
                started_unix_ns=at,
                said=_said(user, "agent", started, agent_id="workshop"),
                system=SYSTEM,
                history=tuple(history),
                answer="I look that up." if tool else ANSWERS[number],
                tool=None if tool is None else (tool, f'{{"query": "{QUESTIONS[number]}"}}'),
                tools=TOOLS,
                more_input_tokens=_documents(chance, user),
                slower=1 if tool else service.slower,
            )
            at = service.call(chance, asked, inside) + 2_000_000
            if tool is not None:
                at = self._tool(service, tool, at, inside)
                history += _looked_up(asked, tool, ANSWERS[number])
        span.end(at + 1_000_000)

    def _tool(self, service: _Service, name: str, started: int, agent: Context) -> int:
        """When it ended."""
        took = int(self._chance.lognormvariate(-1.2, 0.5) * NS)
        service.start(f"execute_tool {name}", started, agent, {names.GEN_AI_TOOL_NAME: name}).end(started + took)
        return started + took


class _Service:
    """One release of the application."""

    def __init__(self, endpoint: str, release: str) -> None:
        resource = Resource({"service.name": "helpdesk", "service.version": release})
        self.slower = 1.0 if release == RELEASES[0] else 1.6
        self._spans, self._logs = TracerProvider(resource=resource), LoggerProvider(resource)
        self._spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint}/v1/traces"), 1 << 16))
        logs = BatchLogRecordProcessor(OTLPLogExporter(f"{endpoint}/v1/logs"), max_queue_size=1 << 16)
        self._logs.add_log_record_processor(logs)
        self._emitter = SpanEmitter(self._spans.get_tracer(NAME, VERSION))
        self._traces = ProviderTraceEmitter(self._logs.get_logger(NAME, VERSION))
        self._tracer = self._spans.get_tracer("helpdesk")

    def call(self, chance: random.Random, asked: Asked, context: Context | None = None) -> int:
        """When it ended."""
        call = made_call(chance, asked)
        span = self._emitter.start(call.request, call.timing.started_unix_ns, context or Context())
        self._emitter.end(span, call)
        self._traces.emit(call, set_span_in_context(span))
        return call.timing.ended_unix_ns

    def start(self, name: str, started: int, context: Context | None, said: Mapping[str, str]) -> Span:
        operation = {names.GEN_AI_OPERATION_NAME: name.partition(" ")[0]}
        return self._tracer.start_span(name, context or Context(), attributes={**operation, **said}, start_time=started)

    def close(self) -> None:
        self._spans.shutdown()
        self._logs.shutdown()


def _said(user: str, feature: str, started: int, agent_id: str | None = None) -> CallContext:
    session = f"s-{user[-2:]}{started // HOUR_NS % DAY_HOURS:02d}"
    return CallContext(user_id=user, session_id=session, agent_id=agent_id, more={"feature": feature})


def _documents(chance: random.Random, user: str) -> int:
    """Tokens."""
    return int(chance.lognormvariate(10.6, 0.5) if user == DEAR_USER else chance.lognormvariate(7.3, 0.6))


def _gap(chance: random.Random) -> tuple[float, float] | None:
    """Some answers pause, a few of them for long."""
    return (chance.uniform(0.2, 0.8), chance.lognormvariate(0.4, 0.8)) if chance.random() < 0.03 else None


def _looked_up(asked: Asked, tool: str, found: str) -> tuple[Message, Message]:
    """What the tool was called with and what it gave."""
    called = ToolCall(tool, asked.tool[1] if asked.tool else "{}", valid_json=True, id="call_1")
    answered = ToolResponse((Text(found),), "call_1")
    return Message("assistant", (Text(asked.answer), called)), Message("tool", (answered,))
