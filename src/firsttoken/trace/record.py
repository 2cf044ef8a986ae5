"""The record itself. Its JSON schema is `conventions/provider_trace.schema.json`, generated from here.

What it says of a call it says in the words of `firsttoken.call`: whatever is added there is in the record too.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Self, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from firsttoken.call import (
    Attempt,
    EventCounts,
    Failure,
    Ledger,
    Outcome,
    Request,
    Response,
    Sizes,
    Stall,
    Timing,
    Unpriced,
    Usage,
)
from firsttoken.call.bodies import Redaction, Truncation
from firsttoken.call.ledger import PARTS
from firsttoken.call.packed_timeline import PackedTimeline
from firsttoken.trace.any_value import plain_value
from firsttoken.trace.version import SCHEMA_VERSION


class _Value(BaseModel):
    """Frozen, and forgiving about members of a newer version."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class SpanIds(_Value):
    """The span of the call: ours, or the SDK's own where that stands for it."""

    trace_id: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    span_id: Annotated[str, Field(pattern="^[0-9a-f]{16}$")]


def _absent_is_unknown(cost: Any) -> Any:
    """A ledger with all its parts: one that is not there was None."""
    if not isinstance(cost, dict) or "currency" not in cost:
        return cost  # pyright: ignore[reportUnknownVariableType]
    return dict.fromkeys(PARTS) | cast("dict[str, Any]", cost)


class AttemptMark(_Value):
    """Which attempt of the call a record is about."""

    number: Annotated[int, Field(ge=1)]
    """From 1."""
    final: bool
    """True on exactly one record of each call, its last: what counts calls counts these alone."""
    failed: Attempt | None = None
    """How the attempt failed, and how long the SDK then meant to wait. Absent on the final record."""
    earlier: tuple[Attempt, ...] = ()
    """On the final record: the attempts of this call that had failed, in order, as many as were kept."""


class ProviderTrace(_Value):
    """One attempt of a call to a provider.

    Unknown values are absent; 0 is only ever a real zero. Times are integers of nanoseconds after the start of the
    call, money is a decimal number as a text.
    """

    schema_version: Annotated[str, Field(pattern=r"^1\.\d+$")] = SCHEMA_VERSION
    """Which version of this schema the record was written by."""
    span: SpanIds | None = None
    """Absent where nobody made a span."""
    request: Request
    """What was asked of whom, and on whose behalf."""
    response: Response
    """What the provider said about its answer, its ids included."""
    timing: Timing
    outcome: Outcome
    attempt: AttemptMark
    stalls: tuple[Stall, ...] = ()
    """The first of those that the timing counts, in order."""
    usage: Usage | None = None
    """Absent where the provider reported nothing, and on every record that is not final."""
    raw_usage: JsonValue = None
    """The provider's own usage object."""
    cost: Annotated[Ledger | Unpriced | None, BeforeValidator(_absent_is_unknown)] = None
    """A part of it is absent where only a sum that it is in was stated."""
    cost_total: Decimal | None = None
    """Sum of the parts of the cost. Absent where there is no price."""
    error: Failure | None = None
    sizes: Sizes
    events: EventCounts | None = None
    """Absent for a whole answer."""
    novelties: tuple[str, ...] = ()
    """What the provider said that firsttoken does not know, such as `event ping2`."""
    timeline: PackedTimeline | None = None
    """When each chunk of a stream came. Absent for a whole answer, and for a stream of more than 131,072 chunks."""
    request_body: JsonValue = None
    """What was sent, in the shape of the wire; present only where content goes to provider traces."""
    response_body: JsonValue = None
    """What was answered, likewise. Of a stream: what its events add up to."""
    truncations: tuple[Truncation, ...] = ()
    """The first of the texts in the bodies that were cut."""
    truncated: int = 0
    """How many were cut in all."""
    items_left_out: int = 0
    """How many items of lists and members of objects are missing in the bodies, because there were too many."""
    redactions: tuple[Redaction, ...] = ()
    """What was taken out of the bodies."""

    def body(self) -> dict[str, Any]:
        """The record as plain values that the body of a log record can carry. What is unknown is left out."""
        return self.model_dump(mode="json", exclude_none=True)

    @classmethod
    def from_log_record(cls, record: Any) -> Self:
        """The record that a log record carries: one of OTLP (`opentelemetry.proto`), or one of the SDK.

        Raises ValueError for a log record that carries none.
        """
        return cls.from_body(plain_value(record.body))

    @classmethod
    def from_body(cls, body: object) -> Self:
        """The same from the body alone, as plain values. Raises ValueError."""
        return cls.model_validate(body)
