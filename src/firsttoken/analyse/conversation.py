"""What was said in a call, as its span or its details event carries it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from firsttoken.analyse.answers import CallDetail, Event
from firsttoken.semconv import names
from firsttoken.semconv.dialects.message_events import SaidEvent, content_of_events
from firsttoken.semconv.read_messages import read_content

DETAILS: Final = names.EVENT_GEN_AI_CLIENT_INFERENCE_OPERATION_DETAILS
BODY: Final = "body"
"""The attribute under which a log record's body is shown, where it has one."""


def with_content(detail: CallDetail) -> CallDetail:
    """The call with its content, where it was captured: from the span, else from the event, else from one event for
    each message."""
    events = [event for event in detail.log_events if event.name == DETAILS]
    carriers = (detail.attributes, *(event.attributes for event in events))
    content = next((found for carrier in carriers if (found := read_content(carrier)) is not None), None)
    if content is None:
        content = content_of_events(_said(event) for event in (*detail.log_events, *detail.span_events))
    return replace(detail, row=replace(detail.row, call=replace(detail.row.call, content=content)))


def _said(event: Event) -> SaidEvent:
    return SaidEvent(event.name, event.attributes, event.attributes.get(BODY))
