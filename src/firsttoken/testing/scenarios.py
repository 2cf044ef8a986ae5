"""The special cases that a client asks the default script for, by the request header `x-firsttoken-scenario`.

An ordinary program can so bring about what it could otherwise only hope for, as the demo workload does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from firsttoken.testing.answer import Answer
from firsttoken.testing.delivery import Cut
from firsttoken.testing.failure import ErrorAnswer, NoAnswer
from firsttoken.testing.gate import Gate
from firsttoken.testing.received import ReceivedRequest
from firsttoken.testing.script import Reply

SCENARIO_HEADER = "x-firsttoken-scenario"
CACHED_TOKENS = 1_536
SLOW_S = 1.6
STALL_S = 1.1

Scenario = Callable[[Answer, ReceivedRequest, float], Reply]
"""Makes the reply of the answer that would be given otherwise, the request, and the pace."""


def rate_limit_once(answer: Answer, request: ReceivedRequest, pace: float) -> Reply:
    """429 with a short `retry-after-ms`; the SDK's second try succeeds."""
    if request.retry_count > 0:
        return answer
    return ErrorAnswer(status=429, headers={"retry-after-ms": str(1 + round(250 * pace))})


def rate_limit(answer: Answer, request: ReceivedRequest, pace: float) -> Reply:
    """429 that the SDK is told not to retry."""
    return ErrorAnswer(status=429, headers={"x-should-retry": "false"})


def server_error(answer: Answer, request: ReceivedRequest, pace: float) -> Reply:
    """500 that the SDK is told not to retry."""
    return ErrorAnswer(status=500, headers={"x-should-retry": "false"})


def unauthorized(answer: Answer, request: ReceivedRequest, pace: float) -> Reply:
    """401, as for a wrong key."""
    return ErrorAnswer(status=401)


def error_mid_stream(answer: Answer, request: ReceivedRequest, pace: float) -> Reply:
    """An error event after several chunks of a stream that began with status 200."""
    failed = ErrorAnswer(status=529, headers={"x-should-retry": "false"})
    return replace(answer, error=failed, error_after=_halfway(answer))


def cut_mid_stream(answer: Answer, request: ReceivedRequest, pace: float) -> Reply:
    """The connection is reset after several chunks."""
    return replace(answer, delivery=replace(answer.delivery, stop_after=_halfway(answer), stop_by=Cut.RESET))


def no_end(answer: Answer, request: ReceivedRequest, pace: float) -> Reply:
    """The body ends as it should, without the events that close the answer."""
    return replace(answer, delivery=replace(answer.delivery, stop_after=_halfway(answer), stop_by=Cut.END))


def slow_first_token(answer: Answer, request: ReceivedRequest, pace: float) -> Reply:
    """A long wait between the headers and the first chunk."""
    return replace(answer, delivery=replace(answer.delivery, first_after=SLOW_S * pace))


def stall(answer: Answer, request: ReceivedRequest, pace: float) -> Reply:
    """A long wait in the middle of a stream."""
    before = {**answer.delivery.before, _halfway(answer): STALL_S * pace}
    return replace(answer, delivery=replace(answer.delivery, before=before))


def hang(answer: Answer, request: ReceivedRequest, pace: float) -> Reply:
    """The stream stops in the middle and never goes on."""
    before = {**answer.delivery.before, _halfway(answer): Gate()}
    return replace(answer, delivery=replace(answer.delivery, before=before))


def silent(answer: Answer, request: ReceivedRequest, pace: float) -> Reply:
    """No reply at all, until the client gives up."""
    return NoAnswer(delivery=replace(answer.delivery, headers_after=Gate()))


def cache_write(answer: Answer, request: ReceivedRequest, pace: float) -> Reply:
    """Part of the prompt was written to the provider's cache."""
    if answer.usage is None:
        return answer
    usage = replace(
        answer.usage,
        input_tokens=(answer.usage.input_tokens or 0) + CACHED_TOKENS,
        cache_write_tokens=CACHED_TOKENS,
        cache_write_5m_tokens=CACHED_TOKENS,
        cache_write_1h_tokens=0,
    )
    return replace(answer, usage=usage)


def cache_read(answer: Answer, request: ReceivedRequest, pace: float) -> Reply:
    """Part of the prompt came from the provider's cache."""
    if answer.usage is None:
        return answer
    prompt = (answer.usage.input_tokens or 0) + CACHED_TOKENS
    return replace(answer, usage=replace(answer.usage, input_tokens=prompt, cache_read_tokens=CACHED_TOKENS))


def no_usage(answer: Answer, request: ReceivedRequest, pace: float) -> Reply:
    """No usage is reported, whatever the request asks for."""
    return replace(answer, usage=None)


def reasoning(answer: Answer, request: ReceivedRequest, pace: float) -> Reply:
    """Reasoning that is shown, before the text, as some compatible servers stream it."""
    usage = answer.usage and replace(
        answer.usage,
        output_tokens=(answer.usage.output_tokens or 0) + len(answer.text),
        reasoning_tokens=len(answer.text),
    )
    return replace(answer, reasoning=answer.text, usage=usage)


def _halfway(answer: Answer) -> int:
    """The number of an event in the middle of the content, after the few that open a stream."""
    return 3 + answer.piece_count // 2


SCENARIOS: Mapping[str, Scenario] = {
    "cache-read": cache_read,
    "cache-write": cache_write,
    "cut-mid-stream": cut_mid_stream,
    "error-mid-stream": error_mid_stream,
    "hang": hang,
    "no-end": no_end,
    "no-usage": no_usage,
    "rate-limit": rate_limit,
    "rate-limit-once": rate_limit_once,
    "reasoning": reasoning,
    "server-error": server_error,
    "silent": silent,
    "slow-first-token": slow_first_token,
    "stall": stall,
    "unauthorized": unauthorized,
}
"""Value of the header -> what happens."""
