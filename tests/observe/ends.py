"""Every way in which a call can end: the columns of the table of surfaces and ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from firsttoken.call import Outcome
from firsttoken.testing import Cut, NoAnswer, ProviderServer, RawAnswer
from observe import happenings as program
from observe import replies as provider
from observe.happenings import Attempt
from observe.surfaces import Surface

AS_RAISED: Final = "as raised"
"""An `error.type` that is the class of the exception, which differs from version to version of an SDK."""

BLOCKING: Final = {"sync": "a blocking call cannot be cancelled"}
ASYNCIO: Final = {**BLOCKING, "trio": "asyncio's own means"}
OF_A_THREAD: Final = {"async": "between two threads that block", "trio": "between two threads that block"}
OF_A_TASK: Final = {"sync": "between two tasks"}
BESIDE_THE_LOOP: Final = {"trio": "no event loop has a part in it: as on asyncio"}
IN_A_LOOP: Final = {
    "async": "an event loop has its own way to end on it: see SIGINT",
    "trio": "an event loop has its own way to end on it: see SIGINT",
}
OTHER_LOOP: Final = {
    "sync": "a sync program has no event loop",
    "trio": "trio lets no other loop read from its sockets",
}


@dataclass(frozen=True, slots=True)
class End:
    """What happens, what answers, and how the call is then recorded."""

    name: str
    happen: Callable[[Attempt], Awaitable[None]]
    outcome: Outcome
    reply: provider.Make = provider.answering
    error_type: str | Mapping[str, str] | None = None
    """By SDK where they differ. Anthropic and OpenAI word their errors in their own ways."""
    not_in: Mapping[str, str] = field(default_factory=dict[str, str])
    """The colours of a program in which it cannot happen, and why."""
    not_on: Callable[[Surface], str | None] = lambda surface: None
    """Why it cannot happen on a surface, if it cannot."""
    chunks: int | None = None
    """How many chunks were handed over, where every surface has the same number."""
    client: Callable[[ProviderServer], Mapping[str, Any]] = lambda server: {}
    """Options of the client."""
    is_reached: bool = True
    """Whether the provider gets the request."""
    is_apart: bool = False
    """Whether it takes a process of its own: its cells are tested in `test_exit`."""

    def error_type_of(self, sdk: str, raised: str | None) -> str | None:
        """What is expected of an SDK, where the program's exception was of the class `raised`."""
        if self.error_type == AS_RAISED:
            return raised
        return self.error_type[sdk] if isinstance(self.error_type, Mapping) else self.error_type


def only_done(surface: Surface) -> str | None:
    return None if surface.api.ends_by_done else "streams of this API do not end by [DONE]"


def only_responses(surface: Surface) -> str | None:
    is_response = surface.api.name == "openai.responses" and surface.api.operation == "chat"
    return None if is_response and not surface.as_bytes else "only Responses say so"


def only_fetches(surface: Surface) -> str | None:
    return None if surface.api.operation == "fetch_response" else "only what was made before is fetched"


def not_parsed(surface: Surface) -> str | None:
    """What `parse()` does then is tested apart."""
    return "parse() refuses what is cut off" if surface.needs == "parse" else None


def only_events(surface: Surface) -> str | None:
    if surface.name == "AnthropicBedrock":
        return "Bedrock has exceptions of its own, tested apart"
    return "lines of JSON have no events" if surface.api.of_lines else None


def only_one_request(surface: Surface) -> str | None:
    return "the SDK asks first where the results are" if surface.requests > 1 else None


def only_in_steps(surface: Surface) -> str | None:
    """There is no being in the middle of what is read in one go."""
    return "read in one go" if surface.at_once else None


def only_by_events(surface: Surface) -> str | None:
    """What comes in one piece leaves nothing to read elsewhere."""
    return only_in_steps(surface) or ("comes in one piece" if "iter_bytes" in surface.name else None)


def has_with(surface: Surface) -> str | None:
    return None if surface.has_with else "is not used with `with`"


def only_with(surface: Surface) -> str | None:
    return only_in_steps(surface) or has_with(surface)


def within_reach(server: ProviderServer) -> Mapping[str, Any]:
    return {"timeout": 0.2}


def at_the_first_wait(server: ProviderServer) -> Mapping[str, Any]:
    """For what never begins to come: a busy machine is late with nothing of it."""
    return {"timeout": 0.05}


def nobody_there(server: ProviderServer) -> Mapping[str, Any]:
    return {"base_url": "http://127.0.0.1:1"}


def over_tls(server: ProviderServer) -> Mapping[str, Any]:
    """A server that does not speak it."""
    return {"base_url": server.base_url.replace("http:", "https:")}


READ: Final = (
    End("drained", program.drained, Outcome.COMPLETED),
    End("drained by next()", program.drained_by_next, Outcome.COMPLETED),
    End("drained, then left with", program.drained_in_with, Outcome.COMPLETED, not_on=has_with),
    End("cut off at the token limit", program.drained, Outcome.COMPLETED, provider.truncated),
    End("[DONE] missing", program.drained, Outcome.COMPLETED, provider.without_done, not_on=only_done),
    End("read by two consumers", program.read_by_two, Outcome.COMPLETED, not_on=only_in_steps),
    End(
        "read by two threads at once",
        program.read_by_two_threads_at_once,
        Outcome.COMPLETED,
        provider.held,
        not_in=OF_A_THREAD,
        not_on=only_in_steps,
    ),
    End(
        "read by two tasks at once",
        program.read_by_two_tasks_at_once,
        Outcome.COMPLETED,
        provider.held,
        not_in=OF_A_TASK,
        not_on=only_in_steps,
    ),
    End("read in another thread or task", program.read_elsewhere, Outcome.COMPLETED),
    End(
        "read in another event loop, then closed",
        program.read_on_another_loop,
        Outcome.CLOSED,
        provider.at_once,
        not_in=OTHER_LOOP,
        not_on=only_by_events,
    ),
)
LEFT: Final = (
    End("break", program.broken_off, Outcome.ABANDONED, not_on=only_in_steps),
    End("return", program.returned_from, Outcome.ABANDONED, not_on=only_in_steps),
    End("exception in the consumer", program.consumer_raised, Outcome.ABANDONED, not_on=only_in_steps),
    End(
        "KeyboardInterrupt in the consumer",
        program.consumer_interrupted,
        Outcome.ABANDONED,
        not_in=IN_A_LOOP,
        not_on=only_in_steps,
    ),
    End("exception inside with", program.consumer_raised_in_with, Outcome.CLOSED, not_on=only_with),
    End("exception thrown into the iteration", program.thrown_into, Outcome.ABANDONED, not_on=only_in_steps),
    End("close()", program.closed, Outcome.CLOSED, not_on=only_in_steps),
    End(
        "close() twice, then read on",
        program.closed_then_read_on,
        Outcome.CLOSED,
        provider.held,
        not_on=only_in_steps,
    ),
    End("leaving with", program.left_with, Outcome.CLOSED, not_on=only_with),
    End("closed before the first chunk", program.closed_before_the_first_chunk, Outcome.CLOSED, chunks=0),
    End("never iterated", program.never_iterated, Outcome.ABANDONED, chunks=0),
    End("dropped and collected", program.dropped_and_collected, Outcome.ABANDONED, not_on=only_in_steps),
    End("collected in another thread", program.collected_in_another_thread, Outcome.ABANDONED, not_on=only_in_steps),
)
EXIT: Final = End(
    "end of the interpreter",
    program.never_iterated,
    Outcome.ABANDONED,
    not_on=only_in_steps,
    is_apart=True,
)
BEFORE_THE_ANSWER: Final = (
    End(
        "SIGINT before the answer",
        program.interrupted_before_the_answer,
        Outcome.CANCELLED,
        provider.held_from_the_start,
    ),
    End(
        "cancelled before the answer",
        program.cancelled_before_the_answer,
        Outcome.CANCELLED,
        provider.held_from_the_start,
        not_in=ASYNCIO,
    ),
    End(
        "asyncio.wait_for before the answer",
        program.waited_for_an_answer_too_long,
        Outcome.CANCELLED,
        provider.held_from_the_start,
        not_in=ASYNCIO,
    ),
    End(
        "scope cancelled before the answer",
        program.scope_cancelled_before_the_answer,
        Outcome.CANCELLED,
        provider.held_from_the_start,
        not_in=BLOCKING,
    ),
    End(
        "scope timed out before the answer",
        program.scope_of_an_answer_timed_out,
        Outcome.CANCELLED,
        provider.held_from_the_start,
        not_in=BLOCKING,
    ),
)
CANCELLED: Final = (
    *BEFORE_THE_ANSWER,
    End(
        "SIGINT while waiting",
        program.interrupted_while_waiting,
        Outcome.CANCELLED,
        provider.held,
        not_on=only_in_steps,
    ),
    End(
        "cancelled while waiting",
        program.cancelled_while_waiting,
        Outcome.CANCELLED,
        provider.held,
        not_in=ASYNCIO,
        not_on=only_in_steps,
    ),
    End(
        "cancelled between chunks",
        program.cancelled_between_chunks,
        Outcome.ABANDONED,
        not_in=ASYNCIO,
        not_on=only_in_steps,
    ),
    End(
        "asyncio.wait_for",
        program.waited_for_too_long,
        Outcome.CANCELLED,
        provider.held,
        not_in=ASYNCIO,
        not_on=only_in_steps,
    ),
    End(
        "scope cancelled while waiting",
        program.scope_cancelled_while_waiting,
        Outcome.CANCELLED,
        provider.held,
        not_in=BLOCKING,
        not_on=only_in_steps,
    ),
    End(
        "scope cancelled between chunks",
        program.scope_cancelled_between_chunks,
        Outcome.ABANDONED,
        not_in=BLOCKING,
        not_on=only_in_steps,
    ),
    End(
        "scope timed out",
        program.scope_timed_out,
        Outcome.CANCELLED,
        provider.held,
        not_in=BLOCKING,
        not_on=only_in_steps,
    ),
)


def _refusal(status: int, openai: str, anthropic: str) -> End:
    return End(
        f"HTTP {status}",
        program.asked_only,
        Outcome.FAILED,
        provider.refused(status),
        {"openai": openai, "anthropic": anthropic},
        BESIDE_THE_LOOP,
    )


REFUSED: Final = (
    _refusal(400, "invalid_request_error", "invalid_request_error"),
    _refusal(401, "invalid_api_key", "authentication_error"),
    _refusal(403, "unsupported_country_region_territory", "permission_error"),
    _refusal(404, "model_not_found", "not_found_error"),
    _refusal(409, "invalid_request_error", "invalid_request_error"),
    _refusal(413, "invalid_request_error", "request_too_large"),
    _refusal(422, "invalid_request_error", "invalid_request_error"),
    _refusal(429, "rate_limit_exceeded", "rate_limit_error"),
    _refusal(500, "server_error", "api_error"),
    _refusal(529, "server_error", "overloaded_error"),
    End(
        "HTTP 502 of a proxy",
        program.asked_only,
        Outcome.FAILED,
        provider.refused(502, content=b"<html>Bad Gateway</html>"),
        AS_RAISED,
        BESIDE_THE_LOOP,
    ),
)
UNREACHED: Final = (
    End(
        "connection refused",
        program.asked_only,
        Outcome.FAILED,
        error_type=AS_RAISED,
        not_on=only_one_request,
        client=nobody_there,
        is_reached=False,
    ),
    End(
        "TLS failure",
        program.asked_only,
        Outcome.FAILED,
        error_type=AS_RAISED,
        not_on=only_one_request,
        client=over_tls,
        is_reached=False,
    ),
    End(
        "connection lost before the answer",
        program.asked_only,
        Outcome.FAILED,
        lambda gate, lead: NoAnswer(),
        AS_RAISED,
    ),
    End(
        "no answer in time",
        program.asked_only,
        Outcome.TIMED_OUT,
        provider.held_from_the_start,
        AS_RAISED,
        BESIDE_THE_LOOP,
        client=at_the_first_wait,
    ),
)
BROKEN: Final = (
    *UNREACHED,
    End(
        "no chunk in time",
        program.drained,
        Outcome.TIMED_OUT,
        provider.held,
        AS_RAISED,
        client=within_reach,
    ),
    End("connection reset in mid-stream", program.drained, Outcome.FAILED, provider.stopped(3, Cut.RESET), AS_RAISED),
    End("connection closed in mid-stream", program.drained, Outcome.FAILED, provider.stopped(3, Cut.CLOSE), AS_RAISED),
)
SAID: Final = (
    End(
        "error as the first event",
        program.drained,
        Outcome.FAILED,
        provider.failing_event(0),
        "server_error",
        BESIDE_THE_LOOP,
        not_on=only_events,
        chunks=0,
    ),
    End(
        "error event in mid-stream",
        program.drained,
        Outcome.FAILED,
        provider.failing_event(3),
        "server_error",
        not_on=only_events,
    ),
    End(
        "clean end before the final event",
        program.drained,
        Outcome.FAILED,
        provider.stopped(3, Cut.END),
        "incomplete_stream",
        not_on=only_events,
    ),
    End(
        "no events at all",
        program.drained,
        Outcome.FAILED,
        lambda gate, lead: RawAnswer(),
        "incomplete_stream",
        BESIDE_THE_LOOP,
        not_on=only_events,
        chunks=0,
    ),
    End(
        "failed response",
        program.drained,
        Outcome.FAILED,
        provider.of_status("failed", "rate_limit_exceeded"),
        "rate_limit_exceeded",
        BESIDE_THE_LOOP,
        only_responses,
    ),
    End(
        "failed response, read in part",
        program.left_after_all,
        Outcome.FAILED,
        provider.of_status("failed", "rate_limit_exceeded"),
        "rate_limit_exceeded",
        BESIDE_THE_LOOP,
        lambda surface: only_responses(surface) or only_in_steps(surface),
    ),
    End(
        "incomplete response",
        program.drained,
        Outcome.COMPLETED,
        provider.of_status("incomplete", "content_filter"),
        not_in=BESIDE_THE_LOOP,
        not_on=only_responses,
    ),
    End(
        "failed response, fetched",
        program.drained,
        Outcome.COMPLETED,
        provider.of_status("failed", "rate_limit_exceeded"),
        not_in=BESIDE_THE_LOOP,
        not_on=only_fetches,
    ),
)
ANSWERED: Final = (
    End("answered", program.answered, Outcome.COMPLETED),
    End("cut off at the token limit", program.answered, Outcome.COMPLETED, provider.truncated, not_on=not_parsed),
    End("answered in another thread or task", program.answered_elsewhere, Outcome.COMPLETED),
    End(
        "answered in another event loop",
        program.answered_on_another_loop,
        Outcome.COMPLETED,
        not_in=OTHER_LOOP,
    ),
)
AWAITED: Final = (
    *BEFORE_THE_ANSWER,
    End("SIGINT in the body", program.interrupted_before_the_answer, Outcome.CANCELLED, provider.held_in_the_body),
    End(
        "cancelled in the body",
        program.cancelled_before_the_answer,
        Outcome.CANCELLED,
        provider.held_in_the_body,
        not_in=ASYNCIO,
    ),
    End(
        "scope cancelled in the body",
        program.scope_cancelled_before_the_answer,
        Outcome.CANCELLED,
        provider.held_in_the_body,
        not_in=BLOCKING,
    ),
)
LOST: Final = (
    *UNREACHED,
    End(
        "body not in time",
        program.asked_only,
        Outcome.TIMED_OUT,
        provider.held_in_the_body,
        AS_RAISED,
        BESIDE_THE_LOOP,
        client=within_reach,
    ),
    End(
        "connection reset in the body",
        program.asked_only,
        Outcome.FAILED,
        provider.stopped_in_the_body(Cut.RESET),
        AS_RAISED,
    ),
    End(
        "connection closed in the body",
        program.asked_only,
        Outcome.FAILED,
        provider.stopped_in_the_body(Cut.CLOSE),
        AS_RAISED,
    ),
)
ANSWER_ENDS: Final[Mapping[str, tuple[End, ...]]] = {
    "Answered": ANSWERED,
    "Interrupted and cancelled": AWAITED,
    "Refused": REFUSED,
    "Connection lost": LOST,
}
STREAM_ENDS: Final[Mapping[str, tuple[End, ...]]] = {
    "Read to the end": READ,
    "Left by the program": (*LEFT, EXIT),
    "Interrupted and cancelled": CANCELLED,
    "Refused": REFUSED,
    "Connection lost": BROKEN,
    "Ended by what the stream says": SAID,
}
CHOSEN: Final = frozenset(
    {
        "drained",
        "break",
        "leaving with",
        "dropped and collected",
        "SIGINT while waiting",
        "cancelled while waiting",
        "HTTP 429",
        "no answer in time",
        "connection reset in mid-stream",
        "error event in mid-stream",
        "clean end before the final event",
    }
)
CLIENT_ENDS: Final = {
    "One of each kind of end, for every client": tuple(
        end for group in STREAM_ENDS.values() for end in group if end.name in CHOSEN
    )
}
