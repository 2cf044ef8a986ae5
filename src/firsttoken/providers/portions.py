"""What a stored call was billed by in parts, read again from the usage object that was kept with it."""

from __future__ import annotations

import json

from firsttoken.call import Call, Portion
from firsttoken.providers.message_usage import read_usage

MESSAGES = "anthropic.messages"


def told_portions(call: Call) -> tuple[Portion, ...]:
    """Empty where the usage has one price, or where its parts are not told. Never raises."""
    usage = call.usage
    if call.request.api != MESSAGES or call.raw_usage is None or usage is None or usage.side_input_tokens is None:
        return ()
    try:
        used = read_usage(json.loads(call.raw_usage), call.response)
    except (ValueError, RecursionError):
        return ()
    return used.portions if used.usage == usage else ()
