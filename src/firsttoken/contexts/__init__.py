"""What the application says of the calls that it makes, from where it says it to where they start.

It is kept in OpenTelemetry's own context, beside the current span and the baggage: whatever carries one of them to
another task, thread or process carries all three.
"""

from firsttoken.contexts.block import context
from firsttoken.contexts.captured import captured
from firsttoken.contexts.carrying import ContextExecutor, carry

__all__ = ["ContextExecutor", "captured", "carry", "context"]
