"""What surrounds Messages: the token count, message batches with their results, and legacy Text Completions.

https://docs.anthropic.com/en/api/messages-count-tokens, .../creating-message-batches, .../complete
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from pydantic import JsonValue

from firsttoken.call import Usage
from firsttoken.testing.answer import Answer
from firsttoken.testing.received import ReceivedRequest
from firsttoken.testing.wire.anthropic import error, error_event, headers
from firsttoken.testing.wire.anthropic import whole as message
from firsttoken.testing.wire.sse import JsonObject, json_bytes, named_event
from firsttoken.testing.wire.wire import Wire

BATCH = r"/v1/messages/batches/[^/]+"
LINES = "application/x-jsonl"
CREATED, EXPIRES = "2026-11-22T10:00:00Z", "2026-11-23T10:00:00Z"
STATES = ("processing", "succeeded", "errored", "canceled", "expired")


def count(answer: Answer, request: ReceivedRequest) -> JsonObject:
    """How many tokens the messages have, as the answer's usage says of its input."""
    del request
    return {"input_tokens": (answer.usage or Usage()).input_tokens or 0}


def batch(answer: Answer, request: ReceivedRequest) -> JsonObject:
    """A `message_batch` object: handed in by a POST; worked off for a GET, with one result for each piece of text."""
    ended = request.method == "GET"
    number = request.path.rpartition("/")[2] if ended else answer.id or f"msgbatch_{request.serial}"
    asked = request.body.get("requests")
    size = len(answer.text) if ended else len(asked) if isinstance(asked, list) else 0
    counts: JsonObject = dict.fromkeys(STATES, 0)
    counts["succeeded" if ended else "processing"] = size
    return {
        "id": number,
        "type": "message_batch",
        "processing_status": "ended" if ended else "in_progress",
        "request_counts": counts,
        "created_at": CREATED,
        "expires_at": EXPIRES,
        "ended_at": CREATED if ended else None,
        "archived_at": None,
        "cancel_initiated_at": None,
        "results_url": f"http://{request.headers.get('host', '')}{request.path}/results" if ended else None,
    }


def results(answer: Answer, request: ReceivedRequest) -> tuple[bytes, ...]:
    """A line of JSON for each piece of text, which is one result's whole message."""
    return tuple(_result(answer, index, request) for index in range(len(answer.text)))


def _result(answer: Answer, index: int, request: ReceivedRequest) -> bytes:
    name = None if answer.id is None else f"{answer.id}-{index}"
    one = replace(answer, text=answer.text[index : index + 1], service_tier="batch", id=name)
    result: JsonObject = {"type": "succeeded", "message": message(one, request)}
    return json_bytes({"custom_id": f"request-{index}", "result": result}) + b"\n"


def completion(answer: Answer, request: ReceivedRequest) -> JsonObject:
    """A legacy `completion` object, which never says what it used."""
    return _completion(answer, request, "".join(answer.text), _stop_reason(answer))


def completion_events(answer: Answer, request: ReceivedRequest) -> tuple[bytes, ...]:
    pieces = [*((piece, None) for piece in answer.text), ("", _stop_reason(answer))]
    return tuple(named_event("completion", _completion(answer, request, *piece)) for piece in pieces)


def _completion(answer: Answer, request: ReceivedRequest, text: str, stop_reason: JsonValue) -> JsonObject:
    return {
        "type": "completion",
        "id": answer.id or f"compl_{request.serial}",
        "completion": text,
        "stop_reason": stop_reason,
        "model": answer.model or request.model or "",
    }


def _stop_reason(answer: Answer) -> str:
    return answer.finish_reason or ("max_tokens" if answer.truncated else "stop_sequence")


_wire = partial(Wire, error=error, error_event=error_event, headers=headers)
ANTHROPIC_TOKENS = _wire(
    path="/v1/messages/count_tokens",
    needs={"messages": (list,)},
    whole=count,
    events=None,
)
ANTHROPIC_BATCHES = _wire(
    path="/v1/messages/batches",
    needs={},
    whole=batch,
    events=None,
)
ANTHROPIC_BATCH = _wire(
    path=BATCH,
    method="GET",
    needs={},
    whole=batch,
    events=None,
)
ANTHROPIC_RESULTS = _wire(
    path=f"{BATCH}/results",
    method="GET",
    needs={},
    whole=batch,
    events=results,
    streams_always=True,
    stream_type=LINES,
)
ANTHROPIC_COMPLETIONS = _wire(
    path="/v1/complete",
    needs={"prompt": (str,)},
    whole=completion,
    events=completion_events,
)
