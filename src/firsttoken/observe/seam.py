"""The wrapper around an SDK's one method through which every call goes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from opentelemetry import context, propagate
from opentelemetry.instrumentation.utils import is_instrumentation_enabled

from firsttoken.call import Outcome, Request
from firsttoken.guard import guarded
from firsttoken.observe.body import watch
from firsttoken.observe.native import native_spans, propagates
from firsttoken.observe.recording import Recording, Sink
from firsttoken.observe.stream import AsyncObserved, observed
from firsttoken.providers.fields import mapping, text
from firsttoken.providers.names import ProviderNames
from firsttoken.providers.sdk import Sdk

RAW_RESPONSE_HEADER: Final = "x-stainless-raw-response"
"""The SDKs' own mark on a request whose caller wants the response itself."""


class AnswerHook:
    """Sees what the SDK parsed, on its way to the caller.

    It sits in the request's `post_parser`, the SDKs' own place for a function over the parsed answer. So it works for
    answers and streams, at once or when a raw response is parsed later, and travels with the request to every attempt.
    """

    __slots__ = ("keeps_native_span", "original", "raw", "recording", "request_id_header")

    def __init__(self, recording: Recording, original: object, sdk: Sdk, *, raw: bool, keeps_native_span: bool) -> None:
        self.recording = recording
        self.original = original
        self.request_id_header = sdk.request_id_header
        self.raw = raw
        self.keeps_native_span = keeps_native_span

    def __call__(self, parsed: Any) -> Any:
        self.see(parsed)
        return self.original(parsed) if callable(self.original) else parsed

    @guarded("see an answer")
    def see(self, parsed: Any) -> None:
        recording = self.recording
        if self.keeps_native_span:
            recording.context = context.get_current()
        if recording.request.stream and hasattr(parsed, "__stream__"):
            self._see_stream(parsed)
        else:
            recording.answer = parsed

    def _see_stream(self, stream: Any) -> None:
        recording = self.recording
        if recording.tally is not None:
            return
        source = stream._iterator
        recording.streaming(recording.headers or recording.clock(), source)
        self.see_response(stream.response)
        if not self.raw:
            watch(stream.response, recording, raw=False)
        observe = AsyncObserved if hasattr(stream, "__anext__") else observed
        stream._iterator = observe(source, recording)

    def see_response(self, response: Any) -> None:
        self.recording.status_code = response.status_code
        self.recording.request_id = response.headers.get(self.request_id_header)


@dataclass(frozen=True, slots=True)
class Observation:
    """One call on its way through the seam: what to send in place of what the caller sent, and where to record it."""

    hook: AnswerHook
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    @contextlib.contextmanager
    def sending(self) -> Generator[None]:
        """Makes the call's span current for the send alone, and ends the call if the send raises."""
        token = None if self.hook.keeps_native_span else _attach(self.hook.recording)
        try:
            yield
        except BaseException as error:
            self.failed(error)
            raise
        finally:
            if token is not None:
                context.detach(token)

    @guarded("record a failed call")
    def failed(self, error: BaseException) -> None:
        recording = self.hook.recording
        recording.status_code = getattr(error, "status_code", None)
        response = getattr(error, "response", None)
        if response is not None:
            recording.request_id = response.headers.get(self.hook.request_id_header)
        recording.fail(error)

    @guarded("record an answer")
    def returned(self, result: Any) -> None:
        recording = self.hook.recording
        if recording.tally is not None:
            return
        response = getattr(result, "http_response", None)
        if response is None:
            recording.request_id = getattr(result, "_request_id", None)
            recording.finish(Outcome.COMPLETED)
            return
        self.hook.see_response(response)
        if response.is_closed:
            recording.answer = response.content
            recording.finish(Outcome.COMPLETED)
        else:
            recording.headers = recording.handed = recording.clock()
            watch(response, recording, raw=True)


class Seam:
    """Observes the calls of one SDK. The two request methods are wrapt wrappers and differ in nothing but `await`."""

    def __init__(
        self,
        sdk: Sdk,
        sink: Sink,
        *,
        include_usage: bool,
        clock: Callable[[], int],
        names: ProviderNames | None = None,
    ) -> None:
        self.sdk = sdk
        self.sink = sink
        self.names = names or ProviderNames()
        self.include_usage = include_usage
        self.clock = clock
        self.replaces_native_spans = False
        """Whether the SDK's own span can be held back, so that ours may stand in its place."""

    def request(self, wrapped: Callable[..., Any], client: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        observation = self.observe(client, args, kwargs)
        if observation is None:
            return wrapped(*args, **kwargs)
        with observation.sending():
            result = wrapped(*observation.args, **observation.kwargs)
        observation.returned(result)
        return result

    async def async_request(
        self, wrapped: Callable[..., Any], client: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        observation = self.observe(client, args, kwargs)
        if observation is None:
            return await wrapped(*args, **kwargs)
        with observation.sending():
            result = await wrapped(*observation.args, **observation.kwargs)
        observation.returned(result)
        return result

    def retry(self, wrapped: Callable[..., Any], client: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Counts a retry. `wrapped` works out how long to wait before it."""
        del client
        hook = _hook_in((*args, *kwargs.values()))
        if hook is not None:
            hook.recording.resends += 1
        return wrapped(*args, **kwargs)

    def native_span(
        self, wrapped: Callable[..., Any], client: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Holds the SDK's own span back where ours stands for the call. `wrapped` starts it, and may return None."""
        del client
        hook = _hook_in((*args, *kwargs.values()))
        return None if hook is not None and not hook.keeps_native_span else wrapped(*args, **kwargs)

    @guarded("observe a call")
    def observe(self, client: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Observation | None:
        """None for whatever is not a call to a model, or not to be observed."""
        options = kwargs["options"] if "options" in kwargs else args[1]
        wire = self.sdk.wires.get(options.url.partition("?")[0])
        if wire is None or options.method.lower() != "post" or not is_instrumentation_enabled():
            return None
        body, headers = _body(options), mapping(options.headers)
        raw = any(name.lower() == RAW_RESPONSE_HEADER for name in headers)
        stream = bool(kwargs.get("stream"))
        request = Request(
            operation=wire.operation,
            provider=self.names.of(client, self.sdk.provider),
            api=wire.api,
            model=text(body.get("model")),
            stream=stream,
            server_address=client.base_url.host or None,
            server_port=client.base_url.port or {"https": 443, "http": 80}.get(client.base_url.scheme),
            parameters=wire.parameters(body),
        )
        recording = Recording(request, wire, self.sink, self.clock)
        native = native_spans(client)
        keeps = native.chosen or (native.on and not self.replaces_native_spans)
        recording.wants_span = not keeps
        self.sink.started(recording)
        hook = AnswerHook(recording, options.post_parser, self.sdk, raw=raw, keeps_native_span=keeps)
        changes: dict[str, Any] = {"post_parser": hook}
        if stream and self.include_usage and not raw and (asked := wire.ask_for_usage(body)) is not None:
            changes["json_data"] = asked
            recording.hides_usage = True
        if native.on and not keeps and propagates(client):
            changes["headers"] = _with_trace_context(headers, recording)
        options = options.model_copy(update=changes)
        if "options" in kwargs:
            return Observation(hook, args, {**kwargs, "options": options})
        return Observation(hook, (args[0], options, *args[2:]), kwargs)


def _body(options: Any) -> dict[str, object]:
    """What the SDK will send: the caller's `extra_body` goes over the parameters it knows."""
    return {**mapping(options.json_data), **mapping(options.extra_json)}


def _attach(recording: Recording) -> Any:
    return None if recording.context is None else context.attach(recording.context)


def _hook_in(values: tuple[object, ...]) -> AnswerHook | None:
    for value in values:
        hook = getattr(value, "post_parser", None)
        if isinstance(hook, AnswerHook):
            return hook
    return None


def _with_trace_context(headers: Mapping[str, object], recording: Recording) -> dict[str, object]:
    """The trace context that the SDK's own span would have sent, with ours as the parent."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier, context=recording.context)
    return {**carrier, **headers}
