"""Spans and log records on their last step: in messages that a receiver takes, and counted where they are lost.

A receiver refuses a message that is too large with everything in it, so one long record would take its neighbours down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Literal, NamedTuple

from firsttoken.export.cutting import Cut, cut_log, cut_span, cut_to_fit
from firsttoken.export.weight import log_weight, span_weight
from firsttoken.guard import note_trouble
from firsttoken.losses import note_loss

MESSAGE_BYTES: Final = 4 * 1024 * 1024
"""What a gRPC server takes unless it is told otherwise. An HTTP receiver takes as much at least."""


class Kind(NamedTuple):
    """What is delivered."""

    name: Literal["spans", "logs"]
    weigh: Callable[[Any], int]
    cut: Cut


SPANS: Final = Kind("spans", span_weight, cut_span)
LOGS: Final = Kind("logs", log_weight, cut_log)


class DeliveringExporter:
    """Hands batches on to another exporter. Never raises: what cannot be delivered is counted."""

    def __init__(self, exporter: Any, kind: Kind, message_bytes: int = MESSAGE_BYTES) -> None:
        self._exporter = exporter
        self._kind = kind
        self._message_bytes = message_bytes

    def export(self, batch: Sequence[Any]) -> Any:
        """The exporter's own result for the last message; None where nothing was left to send."""
        result = None
        for message in self._messages(batch):
            result = self._send(message)
        return result

    def _send(self, message: Sequence[Any]) -> Any:
        try:
            result = self._exporter.export(message)
        except Exception:  # noqa: BLE001  the guard, for whatever the environment names may raise anything
            note_trouble(f"export {self._kind.name}")
            note_loss(self._kind.name, "export_failed", len(message))
            return None
        if getattr(result, "name", "SUCCESS") != "SUCCESS":
            note_loss(self._kind.name, "export_failed", len(message))
        return result

    def _messages(self, batch: Sequence[Any]) -> Iterator[Sequence[Any]]:
        message: list[Any] = []
        size = 0
        for record in batch:
            fitting, weight = self._fitting(record)
            if fitting is None:
                note_loss(self._kind.name, "too_large")
                continue
            if message and size + weight > self._message_bytes:
                yield message
                message, size = [], 0
            message.append(fitting)
            size += weight
        if message:
            yield message

    def _fitting(self, record: Any) -> tuple[Any | None, int]:
        """The record, cut where one message could not take it, and what it weighs."""
        try:
            weight = self._kind.weigh(record)
            if weight > self._message_bytes:
                record = cut_to_fit(record, self._kind.cut, self._kind.weigh, self._message_bytes)
                weight = 0 if record is None else self._kind.weigh(record)
        except Exception:  # noqa: BLE001  the guard, for an attribute may be of a class of anybody's
            note_trouble(f"weigh {self._kind.name}")
            return record, self._message_bytes  # by itself, so that nothing else can be lost with it
        return record, weight

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return bool(self._exporter.force_flush(timeout_millis))
