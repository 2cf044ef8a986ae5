"""Call -> span, metrics, log events and provider traces. Each signal goes out whether or not the others could."""

from firsttoken.emit.logs import LogEmitter
from firsttoken.emit.metrics import MetricEmitter
from firsttoken.emit.provider_trace import ProviderTraceEmitter
from firsttoken.emit.spans import SpanEmitter

__all__ = ["LogEmitter", "MetricEmitter", "ProviderTraceEmitter", "SpanEmitter"]
