"""The record of one finished call: the value that every signal, table and answer is made from."""

from __future__ import annotations

from dataclasses import dataclass, field

from firsttoken.call.attempt import Attempt
from firsttoken.call.category import Category
from firsttoken.call.content import Content
from firsttoken.call.event_counts import EventCounts
from firsttoken.call.failure import Failure
from firsttoken.call.ledger import NOT_PRICED, Cost, Ledger
from firsttoken.call.operation import operation_called
from firsttoken.call.outcome import Outcome
from firsttoken.call.pace import tokens_per_second
from firsttoken.call.packed_timeline import PackedTimeline
from firsttoken.call.rate_limits import RateLimits
from firsttoken.call.request import Request
from firsttoken.call.response import Response
from firsttoken.call.sizes import Sizes
from firsttoken.call.timing import Stall, Timing
from firsttoken.call.usage import Usage


@dataclass(frozen=True, slots=True)
class Call:
    """One logical call, from the moment it was asked to the moment it ended."""

    request: Request
    timing: Timing
    outcome: Outcome
    response: Response = field(default_factory=Response)
    usage: Usage | None = None
    """None when the provider reported nothing, and always for an operation that uses no tokens."""
    raw_usage: str | None = None
    """The provider's own usage object, as JSON: counts and terms alone, nothing of what was said."""
    failure: Failure | None = None
    cost: Cost | None = None
    """None when nobody tried to price the call, and always for an operation that uses no tokens."""
    resend_count: int = 0
    """How many times the SDK sent the request again."""
    attempts: tuple[Attempt, ...] = ()
    """Those that failed before the last one, in order. The last is what all else here is about."""
    rate_limits: RateLimits | None = None
    """None where the answer told of none. No provider trace has them."""
    stalls: tuple[Stall, ...] = field(default=(), compare=False)
    """The first of those that the timing counts, in order: the moments, which no attribute carries."""
    content: Content | None = None
    """None where it was not captured, and where a list of calls leaves it out."""
    sizes: Sizes = field(default_factory=Sizes, compare=False)
    """These, the events, the novelties and the timeline are in provider traces alone."""
    events: EventCounts | None = field(default=None, compare=False)
    """None for a whole answer, and for a call that did not come so far."""
    novelties: tuple[str, ...] = field(default=(), compare=False)
    """What the provider said that we do not know, such as `event ping2`; each once, in the order of the alphabet."""
    timeline: PackedTimeline | None = field(default=None, compare=False)
    """None for a whole answer, for a stream of which nothing came, and where none is wanted."""

    @property
    def was_refused(self) -> bool:
        """Whether the provider answered the request itself with an error: nothing was generated, and nothing billed."""
        return self.usage is None and self.response.status_code is not None and self.response.status_code >= 400

    @property
    def unpriced_reason(self) -> str | None:
        """Why it should have a price and has none: the word of `Unpriced`, or `not_priced` where nobody tried. None
        where it has one, and where there is nothing to pay for."""
        if isinstance(self.cost, Ledger) or self.was_refused:
            return None
        if self.cost is not None:
            return self.cost.reason
        operation = operation_called(self.request.operation)
        return NOT_PRICED if operation.uses_tokens and not operation.is_about_earlier else None

    @property
    def error_category(self) -> Category | None:
        """What kind of error ended the call; None where none did, or where the caller closed or dropped it."""
        if self.failure is not None:
            return self.failure.category
        return Category.CANCELLED if self.outcome is Outcome.CANCELLED else None

    @property
    def output_tokens_per_second(self) -> float | None:
        """Output tokens after the first one, per second after the first token.

        Reasoning that the stream did not show was over by then and is left out, and so is what other runs of models
        put out. None for an answer that was not streamed, of unknown or partial usage, with fewer than two such
        tokens, or that came all at once.
        """
        timing, usage = self.timing, self.usage
        if usage is None or usage.partial or usage.output_tokens is None:
            return None
        hidden = usage.reasoning_tokens or 0 if self.response.hidden_reasoning else 0
        tokens = usage.output_tokens - (usage.side_output_tokens or 0) - hidden
        return tokens_per_second(tokens, timing.first_token_ns, timing.last_chunk_ns)
