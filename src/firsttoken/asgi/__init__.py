"""For the server side of an application that streams: what a web framework's own instrumentation ends too early.

Plain ASGI, for any framework and server; imports none.
"""

from firsttoken.asgi.lifecycle import StreamLifecycle

__all__ = ["StreamLifecycle"]
