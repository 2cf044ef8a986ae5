"""What was said in a call, from the words of other instrumentations: read when a call is shown."""

from __future__ import annotations

from collections.abc import Mapping

from firsttoken.semconv.dialects import OUR_SCOPE, Sent, currently_named, kept
from firsttoken.semconv.read_messages import CONTENT_ATTRIBUTES


def with_content(attributes: Mapping[str, object], scope: str) -> Mapping[str, object]:
    """The attributes, with what was said under its current names, and not under others as well. Never raises."""
    if scope.startswith(OUR_SCOPE):
        return attributes
    sent = Sent(attributes, scope)
    named = currently_named(sent)
    if not any(name in named and name not in attributes for name in CONTENT_ATTRIBUTES):
        return attributes
    told = kept(sent, named)
    return {name: value for name, value in told.items() if name in attributes or name in CONTENT_ATTRIBUTES}
