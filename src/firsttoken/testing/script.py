"""What decides a reply: a function of the request."""

from __future__ import annotations

from collections.abc import Callable

from firsttoken.testing.answer import Answer
from firsttoken.testing.failure import ErrorAnswer, NoAnswer, RawAnswer
from firsttoken.testing.received import ReceivedRequest

Reply = Answer | ErrorAnswer | RawAnswer | NoAnswer
"""Everything that the provider server can be told to do with a request."""

Script = Callable[[ReceivedRequest], Reply]
"""Called in the server's thread, once for every request that no queued reply is waiting for."""
