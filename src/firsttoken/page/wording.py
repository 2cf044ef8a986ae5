"""Words for what a call may say in code: outcomes, reasons, kinds of answer."""

from __future__ import annotations

from typing import Final

from firsttoken.analyse.bills import BillItem
from firsttoken.analyse.running import RunningCall
from firsttoken.call import Call, Failure, Ledger, Outcome, operation_called
from firsttoken.call.ledger import NOT_PRICED
from firsttoken.page import figures
from firsttoken.pricing.invoice import Line

OUTCOMES: Final = {
    Outcome.COMPLETED: "Completed",
    Outcome.CLOSED: "Closed early",
    Outcome.ABANDONED: "Abandoned",
    Outcome.CANCELLED: "Cancelled",
    Outcome.TIMED_OUT: "Timed out",
    Outcome.FAILED: "Failed",
}
OUTCOME_MEANINGS: Final = {
    Outcome.COMPLETED: "The answer arrived whole.",
    Outcome.CLOSED: "The caller closed the stream before its end.",
    Outcome.ABANDONED: "The caller dropped the stream without closing it.",
    Outcome.CANCELLED: "The caller was cancelled while it waited for the provider.",
    Outcome.TIMED_OUT: "The provider did not answer within the client's time limit.",
    Outcome.FAILED: "The provider or the connection failed.",
}
BILL_LINES: Final = {
    "input": "Input",
    "cache_read": "Cache read",
    "cache_write": "Cache write",
    "cache_write_5m": "Cache write, 5 minutes",
    "cache_write_1h": "Cache write, 1 hour",
    "output": "Output",
    "reasoning": "Reasoning",
    "web_search": "Web searches",
    "request": "Request",
    "tools": "Tools of the provider",
    "unsplit": "Not split by the provider",
}
UNPRICED_WORDS: Final = {
    "unknown_model": "unknown model",
    "unknown_tier": "unknown tier",
    "unknown_tool": "unknown tool price",
    "unknown_modality": "unknown audio price",
    "unknown_usage": "usage unknown",
    "unknown_cache": "cached tokens unknown",
    "partial_usage": "partial usage",
    "no_price_list": "no price list",
    "price_error": "price error",
    NOT_PRICED: "not priced",
}
UNPRICED_MEANINGS: Final = {
    "unknown_model": "The price list does not know this model. A price of your own can be given in the file "
    "that FIRSTTOKEN_PRICES names.",
    "unknown_tier": "The price list does not know the terms of this call: a service tier, a speed or a region.",
    "unknown_tool": "The provider's own tools were used, and there is no price for them.",
    "unknown_modality": "The price list has no price for audio with this model, and that of text is another one.",
    "unknown_usage": "The provider reported no token usage, so there is nothing to price.",
    "unknown_cache": "The program that sent this call does not tell which of its tokens were cached, and these have "
    "a price of their own.",
    "partial_usage": "The stream ended before the provider gave its final token counts.",
    "no_price_list": "No price list is installed where the call was made: pip install 'firsttoken[prices]'.",
    "price_error": "The price list raised an error for this call.",
    NOT_PRICED: "The program that sent this call did not price it.",
}
USAGE_NOT_REACHED: Final = "The call ended before the provider reported its token usage. Unknown is not zero."
USAGE_UNKNOWN: Final = "The provider reported no token usage for this call. Unknown is not zero."
USAGE_UNKNOWN_IN_CHAT_STREAM: Final = (
    "The provider reported no token usage for this stream. Chat Completions do so only when asked: where the call did "
    "not ask, set FIRSTTOKEN_INCLUDE_USAGE=true, or stream_options={'include_usage': True} in it. Unknown is not zero."
)
NO_TOKENS: Final = "This operation uses no tokens."
NO_OUTPUT: Final = "This operation puts out no tokens."
REFUSED: Final = "The provider refused the request: nothing was generated, and nothing billed."
NOT_BILLED: Final = "This operation is not billed."
FIELD_UNKNOWN: Final = "The provider did not report this. Unknown is not zero."
CLOCKS_DIFFER: Final = (
    "The clock where the call was made is ahead of the one here. Until this moment has come, views of a time that goes "
    "on leave it out."
)
CHAT_COMPLETIONS: Final = "openai.chat_completions"


def answer_kind(call: Call) -> str:
    """`streamed` or `whole`."""
    return "streamed" if call.request.stream else "whole"


def chunks_word(call: RunningCall) -> str:
    """How much of its answer has come, as far as its program has told."""
    if not call.stream:
        return "whole answer"
    return "waiting" if call.chunk_count is None else figures.counted(call.chunk_count, "chunk")


def error_word(failure: Failure) -> str:
    """The error's own name, without the package that it comes from."""
    return failure.type.rpartition(".")[2] or failure.type


def is_billed(call: Call) -> bool:
    """Whether there is anything to pay for such a call."""
    return isinstance(call.cost, Ledger) or call.unpriced_reason is not None


def bill_line(line: BillItem | Line) -> str:
    """What a line of a bill is for."""
    words = BILL_LINES.get(line.kind, line.kind)
    return words if line.modality is None else f"{words} ({line.modality})"


def unpriced_word(call: Call) -> str:
    """Two or three words for why there is no cost; empty where there is one, or nothing to pay for."""
    reason = call.unpriced_reason
    return "" if reason is None else UNPRICED_WORDS.get(reason, reason)


def unpriced_meaning(call: Call) -> str:
    """One sentence for why there is no cost; empty where there is one."""
    if isinstance(call.cost, Ledger):
        return ""
    reason = call.unpriced_reason
    if reason is None:
        return REFUSED if call.was_refused else NOT_BILLED
    return UNPRICED_MEANINGS.get(reason, f"The sender gave the reason {reason!r}.")


def usage_unknown_meaning(call: Call) -> str:
    """Why the token counts of a call are unknown, and what to do where something can be done."""
    operation = operation_called(call.request.operation)
    if not operation.uses_tokens:
        return NO_TOKENS
    if not operation.is_inference and call.usage is not None:
        return NO_OUTPUT
    if call.was_refused:
        return REFUSED
    if call.outcome is not Outcome.COMPLETED:
        return USAGE_NOT_REACHED
    if call.request.stream and call.request.api == CHAT_COMPLETIONS:
        return USAGE_UNKNOWN_IN_CHAT_STREAM
    return USAGE_UNKNOWN
