"""OpenAI Responses: making one, and fetching one that was made before.

Source: OpenAI API reference, "Create a model response", "Get a model response", "Streaming events" and "The response
object".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final
from urllib.parse import unquote

from firsttoken.call import Failure, Parameters, Response, Usage
from firsttoken.call.timeline import NOTHING, TEXT, TOOL_CALL
from firsttoken.call.timeline import REASONING as THOUGHT
from firsttoken.providers.fields import count, get, items, like_sdk, number, text, whole
from firsttoken.providers.kinds import NO_KIND, Kinds
from firsttoken.providers.novelty import MOST_UNKNOWN, NONE, names_in, novelties
from firsttoken.providers.openai_chat import OUTPUT_TYPES
from firsttoken.providers.raw_usage import raw_usage
from firsttoken.providers.response_images import with_images
from firsttoken.providers.response_words import ENDED, EVENTS, ITEMS, KNOWN_COUNTS, REASONS, SNAPSHOTS, STATUSES
from firsttoken.providers.wire import Carrying, Reading, Wire, emptiness, reported

REASONING: Final = frozenset({"response.reasoning_text.delta", "response.reasoning_summary_text.delta"})

DELTAS: Final = frozenset(event for event in EVENTS if event.endswith(".delta"))

TOOL_DELTAS: Final = frozenset(
    f"response.{name}.delta"
    for name in (
        "code_interpreter_call_code",
        "custom_tool_call_input",
        "function_call_arguments",
        "mcp_call_arguments",
        "shell_call_command",
        "shell_call_output_content",
    )
)

CARRY: Final[Mapping[str, int]] = dict.fromkeys(TOOL_DELTAS, TOOL_CALL) | dict.fromkeys(REASONING, THOUGHT)
"""What deltas carry, where it is no text."""

LENGTHS: Final = {"max_output_tokens": "length"}
"""Reasons for an incomplete response, where the conventions have another word."""

CACHE_READ: Final = ("cached_tokens", "cache_read_input_tokens")
CACHE_WRITTEN: Final = ("cache_write_tokens", "cache_creation_input_tokens")
"""Parts of the input by their names at OpenAI, and at Perplexity."""

MESSAGE_PARTS: Final = frozenset({"output_text", "refusal"})


@dataclass(frozen=True, slots=True)
class OpenAIResponses(Wire):
    """The wire of `POST /responses`."""

    api: str = "openai.responses"
    operation: str = "chat"

    def parameters(self, asked: Mapping[str, object]) -> Parameters:
        tier, conversation = text(asked.get("service_tier")), asked.get("conversation")
        return Parameters(
            max_tokens=whole(asked.get("max_output_tokens")),
            temperature=number(asked.get("temperature")),
            top_p=number(asked.get("top_p")),
            reasoning_level=text(get(asked, "reasoning", "effort")),
            output_type=OUTPUT_TYPES.get(str(get(asked, "text", "format", "type"))),
            service_tier=tier if tier != "auto" else None,
            previous_response_id=text(asked.get("previous_response_id")),
            conversation_id=text(conversation) or text(get(conversation, "id")),
        )

    def is_progress(self, chunk: object) -> bool:
        kind = text(get(chunk, "type")) or ""
        return bool(get(chunk, "delta")) if kind.endswith(".delta") else Wire.is_progress(self, chunk)

    def tally(self) -> ResponseTally:
        return ResponseTally()

    def read_answer(self, answer: object) -> Reading:
        return read_response(answer)


@dataclass(frozen=True, slots=True)
class OpenAIFetchResponse(Wire):
    """The wire of `GET /responses/{response_id}`, whole or as a stream that is taken up again.

    It says nothing of tokens: those were told, or will be, by the call that made the response (conventions, fetch
    response span). How that call went is not how fetching its answer went.
    """

    replays: ClassVar[bool] = True
    fetched: str = ""
    """The last segment of the path, as it stands there."""
    api: str = "openai.responses"
    operation: str = "fetch_response"

    @property
    def response_id(self) -> str | None:
        return text(unquote(self.fetched))

    def parameters(self, asked: Mapping[str, object]) -> Parameters:
        cursor = asked.get("starting_after")
        number = whole(cursor)
        return Parameters(stream_cursor=text(cursor) if number is None else str(number))

    def tally(self) -> FetchTally:
        return FetchTally()

    def read_answer(self, answer: object) -> Reading:
        return _fetched(read_response(answer))


class ResponseTally(Carrying):
    """The latest snapshot of the response, the error event, and the names of unknown events."""

    __slots__ = (
        "_content_seen",
        "_error",
        "_kinds",
        "_length",
        "_reasoning_seen",
        "_run",
        "_snapshot",
        "_unknown",
    )

    def __init__(self) -> None:
        super().__init__()
        self._snapshot: object = None
        self._error: object = None
        self._content_seen = False
        self._reasoning_seen = False
        self._unknown = NONE
        self._kinds = Kinds()
        self._run: object = NO_KIND
        """The type of the deltas that come one after another, after the first content: they then say nothing new."""
        self._length = 0
        """How many of them have come."""

    def note(self, chunk: Any) -> bool:
        try:
            kind = chunk.type
        except AttributeError:
            chunk = like_sdk(chunk)
            kind = getattr(chunk, "type", None)
        if kind == self._run:
            self._length += 1
            return False
        self._end_run()
        if self._content_seen and type(kind) is str and kind in DELTAS:
            self._run, self._length, self._kinds.last = kind, 1, kind
            return self._turn(CARRY.get(kind, TEXT))
        self._kinds.take(kind)
        return self._turn(self._note_kind(chunk, kind))

    def _end_run(self) -> None:
        if self._run is not NO_KIND:
            self._kinds.take(self._run, self._length)
            self._run = NO_KIND

    def _note_kind(self, chunk: Any, kind: object) -> int:
        """Gives what the event carries."""
        if type(kind) is not str:
            self._meet(kind)
            return NOTHING
        if kind not in EVENTS:
            self._meet(kind)
        if kind.endswith(".delta"):
            if get(chunk, "delta"):
                if not self._content_seen:
                    self._content_seen, self._reasoning_seen = True, kind in REASONING
                return CARRY.get(kind, TEXT)
        elif kind in SNAPSHOTS:
            self._snapshot = get(chunk, "response")
        elif kind == "response.output_item.added":
            # A call of a tool is content as it begins; text and reasoning come with their deltas.
            if _kind(get(chunk, "item")).endswith("_call"):
                self._content_seen = True
                return TOOL_CALL
        elif kind == "error":
            self._error = chunk
        return NOTHING

    def _meet(self, kind: object) -> None:
        if len(self._unknown) < MOST_UNKNOWN:
            self._unknown |= novelties("event", [kind], EVENTS)

    def _said(self) -> Reading:
        said = read_response(self._snapshot)
        return replace(
            said,
            unknown=said.unknown | self._unknown,
            events=self._kinds.counted(self._run, self._length),
            last_event=self._kinds.last,
        )

    def reading(self) -> Reading:
        """Reasoning comes before what it is for, so the first content tells whether it is shown."""
        said = self._said()
        if said.empty == "no_content" and self._content_seen:
            said = replace(said, empty=None)  # A server whose last event leaves out what its deltas said.
        if not said.finished:
            said = replace(said, response=replace(said.response, finish_reasons=("error",)))
        if said.usage is not None and said.usage.reasoning_tokens and not self._reasoning_seen:
            said = replace(said, response=replace(said.response, hidden_reasoning=True))
        return said if self._error is None else replace(said, failure=_failure(self._error))


class FetchTally(ResponseTally):
    """The same of a response that was made before."""

    __slots__ = ()

    def reading(self) -> Reading:
        failure = None if self._error is None else _failure(self._error)
        return replace(_fetched(self._said()), failure=failure)


def read_response(response: object) -> Reading:
    """What a response object says, whole or as the last snapshot of a stream."""
    status = text(get(response, "status"))
    reason = _finish_reason(response, status)
    said = Reading(
        response=Response(
            id=text(get(response, "id")),
            model=text(get(response, "model")),
            finish_reasons=None if reason is None else (reason,),
            service_tier=text(get(response, "service_tier")),
            status=status,
            compacted=any(_kind(item) == "compaction" for item in items(get(response, "output"))),
        ),
        usage=_with_searches(read_usage(get(response, "usage")), response),
        raw_usage=raw_usage(get(response, "usage")),
        unknown=_unknown(response, status),
        finished=status in ENDED,
        empty=_empty(items(get(response, "output")), finished=status in ("completed", "incomplete")),
        failure=_failure(get(response, "error")) if status == "failed" else None,
    )
    return with_images(said, response)


def read_usage(usage: object) -> Usage | None:
    """Totals as given: `input_tokens` already includes cached tokens."""
    read, written = (_first(get(usage, "input_tokens_details"), names) for names in (CACHE_READ, CACHE_WRITTEN))
    return reported(
        Usage(
            input_tokens=count(get(usage, "input_tokens")),
            output_tokens=count(get(usage, "output_tokens")),
            cache_read_tokens=read,
            cache_write_tokens=written,
            reasoning_tokens=count(get(usage, "output_tokens_details", "reasoning_tokens")),
        )
    )


def _first(details: object, names: tuple[str, ...]) -> int | None:
    """The first of these counts that is there."""
    counts = (count(get(details, name)) for name in names)
    return next((found for found in counts if found is not None), None)


def _with_searches(usage: Usage | None, response: object) -> Usage | None:
    """The searches that are billed: the API says how many, or has listed them among its output before it did."""
    if usage is None:
        return None
    searches = count(get(response, "tool_usage", "web_search", "num_requests"))
    if searches is None:
        listed = [item for item in items(get(response, "output")) if _kind(item) == "web_search_call"]
        searches = sum(get(item, "action", "type") in ("search", None) for item in listed) if listed else None
    return replace(usage, web_search_requests=searches)


def _unknown(response: object, status: str | None) -> frozenset[str]:
    kinds = [get(item, "type") for item in items(get(response, "output"))]
    reason = text(get(response, "incomplete_details", "reason"))
    return (
        novelties("item", kinds, ITEMS)
        | novelties("status", [] if status is None else [status], STATUSES)
        | novelties("reason", [] if reason is None else [reason], REASONS)
        | novelties("usage", names_in(get(response, "usage")), KNOWN_COUNTS)
    )


def _fetched(said: Reading) -> Reading:
    return Reading(
        response=said.response,
        events=said.events,
        last_event=said.last_event,
        unknown=said.unknown,
        finished=said.finished,
    )


def _finish_reason(response: object, status: str | None) -> str | None:
    """The reason comes from the status (conventions, OpenAI refinement); None while there is none to expect."""
    if status == "completed":
        return "tool_call" if _asks_for_a_tool(items(get(response, "output"))) else "stop"
    if status == "incomplete":
        reason = text(get(response, "incomplete_details", "reason"))
        return LENGTHS.get(reason or "", reason or "incomplete")
    return "error" if status in ENDED else None


def _asks_for_a_tool(output: list[object]) -> bool:
    """Whether a call stands there without its result. The provider answers the calls of its own tools itself."""
    calls = {text(get(item, "call_id")) for item in output if _kind(item).endswith("_call")}
    results = {text(get(item, "call_id")) for item in output if _kind(item).endswith("_output")}
    return bool(calls - results - {None})


def _empty(output: list[object], *, finished: bool) -> str | None:
    return emptiness(
        finished=finished,
        answered=any(map(_answers, output)),
        reasoned=any(_kind(item) == "reasoning" for item in output),
    )


def _answers(item: object) -> bool:
    """Whether an item has text, or is a call of a tool, its result, or what only newer versions know."""
    if _kind(item) != "message":
        return _kind(item) != "reasoning"
    parts = items(get(item, "content"))
    return any(get(part, "text") or get(part, "refusal") or _kind(part) not in MESSAGE_PARTS for part in parts)


def _kind(item: object) -> str:
    return text(get(item, "type")) or ""


def _failure(error: object) -> Failure:
    """The error of a failed response, or an error event, which some servers put an error object inside."""
    said = get(error, "error") or error
    words = (text(get(said, "code")), text(get(said, "type")))
    return Failure(
        type=next((word for word in words if word and word != "error"), "_OTHER"),
        message=text(get(said, "message")) or "",
    )
