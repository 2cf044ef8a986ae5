"""The SDK's batch processors, with what their full queue drops counted."""

from __future__ import annotations

from typing import Any

from opentelemetry.sdk._logs import ReadWriteLogRecord
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from firsttoken.losses import note_loss


class CountingSpanProcessor(BatchSpanProcessor):
    """Where its exporter is stuck, the newest spans take the place of the oldest."""

    def on_end(self, span: ReadableSpan) -> None:
        if span.context is not None and span.context.trace_flags.sampled and _is_full(self):
            note_loss("spans", "queue_full")
        super().on_end(span)


class CountingLogProcessor(BatchLogRecordProcessor):
    """The same for log records."""

    def on_emit(self, log_record: ReadWriteLogRecord) -> None:
        if _is_full(self):
            note_loss("logs", "queue_full")
        super().on_emit(log_record)


def _is_full(processor: Any) -> bool:
    """By the same look at the same queue by which the SDK warns. An SDK that holds it elsewhere is not counted."""
    queue = getattr(getattr(processor, "_batch_processor", None), "_queue", None)
    return queue is not None and queue.maxlen is not None and len(queue) >= queue.maxlen
