"""What is known of one attempt when the SDK gives it up and means to try again."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from firsttoken.call import Attempt
from firsttoken.observe.failure import exception_type, judged, provider_code
from firsttoken.providers.error_facts import ErrorFacts, facts_in, facts_of
from firsttoken.providers.fields import text
from firsttoken.providers.retry_after import retry_after_ns

LARGEST_BODY: Final = 64 * 1024


def failed_attempt(
    refusal: Any, error: BaseException | None, request_id_header: str, failed_ns: int, wait_s: float
) -> Attempt:
    """`refusal` is the answer, where one came; `error` is the exception that is being handled, which may have it."""
    wait_ns = round(wait_s * 1e9)
    answer = refusal if refusal is not None else getattr(error, "response", None)
    if answer is None:
        facts = ErrorFacts() if error is None else facts_of(error)
        return Attempt(
            failed_ns, wait_ns, judged(facts), exception_type=None if error is None else exception_type(error)
        )
    facts = facts_in(_body(answer), answer.status_code)
    return Attempt(
        failed_ns,
        wait_ns,
        judged(facts),
        status_code=answer.status_code,
        code=provider_code(facts),
        request_id=text(answer.headers.get(request_id_header)),
        retry_after_ns=retry_after_ns(answer.headers, datetime.now(UTC)),
    )


def _body(answer: Any) -> object:
    """The decoded JSON, where the SDK has read it; it reads no answer only for our sake."""
    if not answer.is_stream_consumed or len(answer.content) > LARGEST_BODY:
        return None
    with suppress(ValueError, RecursionError):
        return json.loads(answer.content)
    return None
