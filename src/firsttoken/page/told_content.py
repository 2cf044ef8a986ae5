"""What was said in a call, wherever it was kept."""

from __future__ import annotations

from dataclasses import replace

from firsttoken.analyse import CallDetail
from firsttoken.call.content import Content, Reasoning, Refusal, Text
from firsttoken.page.provider_trace import last_trace
from firsttoken.providers.contents import CONTENTS


def content_of(detail: CallDetail) -> Content | None:
    """From the span or its event, else from the bodies of the provider trace. None where nobody said a word: bodies of
    which the shape alone was kept say none."""
    call = detail.row.call
    if call.content is not None and call.content.output:
        return call.content
    trace, reader = last_trace(detail.provider_traces), CONTENTS.get(call.request.api)
    if trace is None or reader is None:
        return call.content
    asked = call.content or (reader.read_request(trace.request_body) if isinstance(trace.request_body, dict) else None)
    answer = reader.read_answer(trace.response_body) if isinstance(trace.response_body, dict) else ()
    told = replace(asked or Content(), output=answer)
    return told if _has_words(told) else call.content


def with_content(detail: CallDetail) -> CallDetail:
    """The call with all that is known of what was said in it."""
    call = replace(detail.row.call, content=content_of(detail))
    return replace(detail, row=replace(detail.row, call=call))


def _has_words(content: Content) -> bool:
    parts = (part for message in (*(content.input or ()), *content.output) for part in message.parts)
    return any(isinstance(part, Text | Refusal | Reasoning) and part.text for part in parts)
