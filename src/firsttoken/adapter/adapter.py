"""From a client and a request to a stream."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast, overload

from firsttoken.adapter.ask import Ask
from firsttoken.adapter.events import Event
from firsttoken.adapter.plan import Plan
from firsttoken.adapter.registry import wire_for
from firsttoken.adapter.run import Run
from firsttoken.adapter.stream import Stream
from firsttoken.adapter.unsupported import refused
from firsttoken.instrumentation import observe_adapters

if TYPE_CHECKING:
    from firsttoken.adapter.async_stream import AsyncStream

    S = TypeVar("S", Stream, AsyncStream)
else:
    S = TypeVar("S")


class SyncClient(Protocol):
    """A client of `openai` or `anthropic`, told by what it is left by."""

    def __enter__(self) -> Any: ...


class AsyncClient(Protocol):
    """The same of an asynchronous program."""

    async def __aenter__(self) -> Any: ...


class StreamAdapter(Generic[S]):
    """Runs requests through a client that you have, each as one stream of events that are the same for every provider.

    Every call is recorded as `firsttoken.instrument()` would record it, also where that is not called, and once where
    it is. Without it, what else the program asks of the SDKs is left alone, and telemetry goes to the application's own
    providers, or where `OTEL_*` says.
    """

    @overload
    def __init__(self: StreamAdapter[AsyncStream], client: AsyncClient, *, api: str | None = None) -> None: ...
    @overload
    def __init__(self: StreamAdapter[Stream], client: SyncClient, *, api: str | None = None) -> None: ...
    @overload
    def __init__(self: StreamAdapter[Any], client: object, *, api: str | None = None) -> None: ...
    def __init__(self, client: object, *, api: str | None = None) -> None:
        """
        Args:
            client: any client of `openai` or `anthropic`, of either colour, or of a wire that was registered.
            api: which API to speak, where the client speaks several: `openai.chat_completions`, `openai.responses`,
                `anthropic.messages`, or that of a registered wire. None goes by the arguments of each request.
        """
        self._client = client
        self._api = api
        observe_adapters()

    def stream(
        self,
        request: Mapping[str, Any] | Ask,
        *,
        needs_approval: Collection[str] = (),
        silence_s: float | None = None,
        on_event: Callable[[Event], object] | None = None,
        raise_on_empty: bool = False,
    ) -> S:
        """A stream for the request, which is sent when the stream is entered or first asked for an event.

        Raises ValueError for an Ask that the wire cannot say, TypeError where `needs_approval` is one text instead of
        a collection of them, and LLMUnsupportedClientError where no wire speaks
        through the client, which is recorded as a failed call, though nothing was sent.

        Args:
            request: the provider's own arguments, which are sent as they are; or an Ask, which is translated.
            needs_approval: names of tools whose calls are flagged on their events, for a person to approve.
            silence_s: closes the stream and raises LLMSilenceError when the reader has waited for so many seconds while
                nothing of substance came: the answer's headers are, keep-alives and empty pieces are not. The time in
                which the reader has an event in his hands does not count. In a synchronous program the wait for the
                headers is limited by the client's own `timeout` alone; and where streams share a connection (HTTP/2),
                a wait is broken off when the next thing arrives.
            on_event: called with each event as it arrives, before it is given out. If it raises an Exception, that is
                logged as a warning once per stream, and the stream goes on.
            raise_on_empty: raise LLMEmptyResponseError at the end of an answer that has neither text nor a tool call.
                The provider has completed such a call, and its outcome says so.
        """
        if silence_s is not None and not silence_s > 0:
            raise ValueError(f"silence_s={silence_s!r} is not a number of seconds above 0")
        if isinstance(needs_approval, str):
            raise TypeError(f"needs_approval={needs_approval!r} is one text, and no tool: give {{{needs_approval!r}}}")
        client = self._client
        wire = wire_for(client, request, self._api)
        if wire is None:
            raise refused(client, self._api, request)
        plan = Plan(
            wire=wire,
            client=client,
            arguments=wire.translate(request, client) if isinstance(request, Ask) else dict(request),
            needs_approval=needs_approval,
            silence_s=silence_s,
            on_event=on_event,
            raise_on_empty=raise_on_empty,
        )
        return cast("S", _stream_class(wire.is_async(client))(Run(plan)))


def _stream_class(is_async: bool) -> type[Stream | AsyncStream]:
    if not is_async:
        return Stream
    from firsttoken.adapter.async_stream import AsyncStream

    return AsyncStream
