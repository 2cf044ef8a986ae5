"""The metrics of agents, workflows and tools, as the GenAI conventions define them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from opentelemetry.context import Context
from opentelemetry.metrics import Meter
from opentelemetry.util.types import AttributeValue

from firsttoken.emit.instruments import counter, histogram
from firsttoken.observe.agent import AgentAtWork
from firsttoken.semconv import names, own
from firsttoken.semconv.metric import Metric

DURATIONS: Final[Mapping[str, tuple[Metric, tuple[str, ...]]]] = {
    "invoke_agent": (
        names.GEN_AI_INVOKE_AGENT_DURATION,
        (names.GEN_AI_AGENT_NAME, names.GEN_AI_REQUEST_MODEL, names.ERROR_TYPE),
    ),
    "invoke_workflow": (names.GEN_AI_INVOKE_WORKFLOW_DURATION, (names.GEN_AI_WORKFLOW_NAME, names.ERROR_TYPE)),
    "execute_tool": (
        names.GEN_AI_EXECUTE_TOOL_DURATION,
        (names.GEN_AI_TOOL_NAME, names.GEN_AI_TOOL_TYPE, names.GEN_AI_AGENT_NAME, names.ERROR_TYPE),
    ),
}
"""By operation: the histogram, and which attributes of the span its points have."""


class StreamMetrics:
    """How many responses of the application's stream now, and how each ended."""

    def __init__(self, meter: Meter) -> None:
        self._active = meter.create_up_down_counter(own.ACTIVE_STREAMS.name, own.ACTIVE_STREAMS.unit)
        self._durations = histogram(meter, own.STREAM_DURATION)
        self._ends = counter(meter, own.STREAM_ENDS)

    def began(self, attributes: Mapping[str, AttributeValue]) -> None:
        self._active.add(1, attributes)

    def ended(self, duration_s: float, attributes: Mapping[str, AttributeValue], reason: str) -> None:
        self._active.add(-1, attributes)
        told = {**attributes, own.STREAM_END: reason}
        self._durations.record(duration_s, told)
        self._ends.add(1, told)


class WorkMetrics:
    """Records on instruments of one meter."""

    def __init__(self, meter: Meter) -> None:
        self.streams = StreamMetrics(meter)
        self._durations = {name: (histogram(meter, metric), kept) for name, (metric, kept) in DURATIONS.items()}
        self._inference_calls = histogram(meter, names.GEN_AI_INVOKE_AGENT_INFERENCE_CALLS)
        self._tool_calls = histogram(meter, names.GEN_AI_INVOKE_AGENT_TOOL_CALLS)

    def record(
        self, operation: str, duration_s: float, attributes: Mapping[str, AttributeValue], context: Context
    ) -> None:
        """How long it took. `context` links exemplars to the span."""
        durations, kept = self._durations[operation]
        durations.record(duration_s, {name: attributes[name] for name in kept if name in attributes}, context=context)

    def record_calls(self, agent: AgentAtWork, context: Context) -> None:
        """How many calls an agent has made itself."""
        attributes = {} if agent.name is None else {names.GEN_AI_AGENT_NAME: agent.name}
        self._inference_calls.record(agent.inference_calls, attributes, context=context)
        self._tool_calls.record(agent.tool_calls, attributes, context=context)
