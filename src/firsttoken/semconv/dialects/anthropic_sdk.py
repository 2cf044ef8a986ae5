"""The spans that the anthropic SDK makes itself, from its version 1.14 on: current names, and some of its own."""

from __future__ import annotations

from typing import Final

from firsttoken.semconv import names, own
from firsttoken.semconv.dialects.dialect import Dialect, Row, Sent, listed

SCOPE: Final = "com.anthropic.sdk.python"
API: Final = "anthropic.messages"
COUNTING: Final = "/v1/messages/count_tokens"
COUNTING_OPERATION: Final = "count_tokens"
ROUTE: Final = "http.route"


def _more(sent: Sent) -> dict[str, object]:
    """Counting tokens has no operation of the conventions, and a stream without an end no final count."""
    told: dict[str, object] = {own.API: API}
    if sent.attributes.get(ROUTE) == COUNTING:
        told[names.GEN_AI_OPERATION_NAME] = COUNTING_OPERATION
    if names.GEN_AI_USAGE_INPUT_TOKENS in sent.attributes and names.GEN_AI_USAGE_OUTPUT_TOKENS not in sent.attributes:
        told[own.USAGE_PARTIAL] = True
    return told


ANTHROPIC_SDK: Final = Dialect(
    "anthropic SDK",
    scopes=(SCOPE,),
    rows=(
        Row("anthropic.message.stop_reason", names.GEN_AI_RESPONSE_FINISH_REASONS, listed),
        Row("anthropic.message.count_tokens.input_tokens", own.RESPONSE_COUNTED_TOKENS),
        Row("anthropic.request.id", own.REQUEST_ID),
        Row("anthropic.request.service_tier", own.REQUEST_SERVICE_TIER),
        Row("anthropic.response.service_tier", own.RESPONSE_SERVICE_TIER),
        Row("anthropic.usage.cache_creation.ephemeral_5m_input_tokens", own.USAGE_CACHE_WRITE_5M),
        Row("anthropic.usage.cache_creation.ephemeral_1h_input_tokens", own.USAGE_CACHE_WRITE_1H),
    ),
    more=_more,
)
