"""Words for what a call may say in code: outcomes, reasons, kinds of answer."""

from __future__ import annotations

from typing import Final

from firsttoken.call import Call, Failure, Ledger, Outcome, Unpriced, operation_called

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
UNPRICED_WORDS: Final = {
    "unknown_model": "unknown model",
    "unknown_tier": "unknown tier",
    "unknown_tool": "unknown tool price",
    "unknown_usage": "usage unknown",
    "partial_usage": "partial usage",
    "no_price_list": "no price list",
    "price_error": "price error",
}
UNPRICED_MEANINGS: Final = {
    "unknown_model": "The price list does not know this model. A price of your own can be given in the file "
    "that FIRSTTOKEN_PRICES names.",
    "unknown_tier": "The price list does not know the terms of this call: a service tier, a speed or a region.",
    "unknown_tool": "The provider's own tools were used, and there is no price for them.",
    "unknown_usage": "The provider reported no token usage, so there is nothing to price.",
    "partial_usage": "The stream ended before the provider gave its final token counts.",
    "no_price_list": "No price list is installed where the call was made: pip install 'firsttoken[prices]'.",
    "price_error": "The price list raised an error for this call.",
}
NOT_PRICED: Final = "The program that sent this call did not price it."
USAGE_NOT_REACHED: Final = "The call ended before the provider reported its token usage. Unknown is not zero."
USAGE_UNKNOWN: Final = "The provider reported no token usage for this call. Unknown is not zero."
USAGE_UNKNOWN_IN_CHAT_STREAM: Final = (
    "Chat Completions report usage in a stream only when asked: set FIRSTTOKEN_INCLUDE_USAGE=true, "
    "or stream_options={'include_usage': True} in the call. Unknown is not zero."
)
NO_TOKENS: Final = "This operation uses no tokens."
NO_OUTPUT: Final = "This operation puts out no tokens."
REFUSED: Final = "The provider refused the request: nothing was generated, and nothing billed."
NOT_BILLED: Final = "This operation is not billed."
FIELD_UNKNOWN: Final = "The provider did not report this. Unknown is not zero."
CHAT_COMPLETIONS: Final = "openai.chat_completions"


def answer_kind(call: Call) -> str:
    """`streamed` or `whole`."""
    return "streamed" if call.request.stream else "whole"


def error_word(failure: Failure) -> str:
    """The error's own name, without the package that it comes from."""
    return failure.type.rpartition(".")[2] or failure.type


def is_billed(call: Call) -> bool:
    """Whether there is anything to pay for such a call."""
    if call.was_refused:
        return False
    return call.cost is not None or operation_called(call.request.operation).uses_tokens


def unpriced_word(call: Call) -> str:
    """Two or three words for why there is no cost; empty where there is one, or nothing to pay for."""
    match call.cost:
        case Ledger():
            return ""
        case _ if call.was_refused:
            return ""
        case Unpriced(reason):
            return UNPRICED_WORDS.get(reason, reason)
        case None:
            return "not priced" if is_billed(call) else ""


def unpriced_meaning(call: Call) -> str:
    """One sentence for why there is no cost; empty where there is one."""
    match call.cost:
        case Ledger():
            return ""
        case _ if call.was_refused:
            return REFUSED
        case Unpriced(reason):
            return UNPRICED_MEANINGS.get(reason, f"The sender gave the reason {reason!r}.")
        case None:
            return NOT_PRICED if is_billed(call) else NOT_BILLED


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
