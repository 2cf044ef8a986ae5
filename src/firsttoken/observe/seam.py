"""The wrapper around an SDK's one method through which every call goes."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from opentelemetry import context
from opentelemetry.instrumentation.utils import is_instrumentation_enabled

from firsttoken.call import Outcome, Request
from firsttoken.contexts.captured import captured
from firsttoken.guard import guarded
from firsttoken.observe.adapted import AdaptedCall, call_being_sent
from firsttoken.observe.agent import count_for_agent
from firsttoken.observe.attempts import failed_attempt
from firsttoken.observe.body import watch_bytes, watch_stream
from firsttoken.observe.captured import Captured
from firsttoken.observe.current import attach, detach
from firsttoken.observe.keys import keys_of
from firsttoken.observe.native import native_spans, stand_in
from firsttoken.observe.recording import Recording, Sink
from firsttoken.observe.stream import AsyncObserved, observed
from firsttoken.privacy.policy import Levels, levels_now
from firsttoken.providers.content import ContentReader
from firsttoken.providers.fields import mapping, text
from firsttoken.providers.names import Address, ProviderNames
from firsttoken.providers.sdk import Sdk
from firsttoken.providers.wire import Wire

RAW_RESPONSE_HEADER: Final = "x-stainless-raw-response"
"""The SDKs' own mark on a request whose caller wants the response itself."""

TOOLS: Final = frozenset({"functions", "tools"})
"""The members of a request that offer tools."""

STREAM_MARKS: Final = ("__stream__", "__decode__")
"""What the SDKs' streams have: those of events, and those of lines of JSON."""


class AnswerHook:
    """Sees what the SDK parsed, on its way to the caller.

    It sits in the request's `post_parser`, the SDKs' own place for a function over the parsed answer. So it works for
    answers and streams, at once or when a raw response is parsed later, and travels with the request to every attempt.
    """

    __slots__ = ("original", "raw", "recording", "refusal", "sdk")

    def __init__(self, recording: Recording, original: object, sdk: Sdk, *, raw: bool) -> None:
        self.recording = recording
        self.original = original
        self.sdk = sdk
        self.raw = raw
        self.refusal: Any = None
        """The answer that the SDK is about to follow by a retry."""

    def __deepcopy__(self, memo: dict[int, Any]) -> AnswerHook:
        """Itself: a client that copies a request whole before it sends it, as those of Bedrock do, makes one call."""
        del memo
        return self

    def __call__(self, parsed: Any) -> Any:
        self.see(parsed)
        return self.original(parsed) if callable(self.original) else parsed

    @guarded("see an answer")
    def see(self, parsed: Any) -> None:
        recording = self.recording
        if recording.ended or recording.tally is not None:
            return
        if not recording.wants_span and recording.context is None:
            recording.context = context.get_current()
        if recording.request.stream and any(hasattr(parsed, mark) for mark in STREAM_MARKS):
            self._see_stream(parsed)
        else:
            recording.answer = parsed

    def _see_stream(self, stream: Any) -> None:
        recording = self.recording
        observe = AsyncObserved if hasattr(stream, "__anext__") else observed
        # First, for it also keeps from the caller what only we have asked for.
        stream._iterator = observe(stream._iterator, recording)
        recording.streaming()
        response = stream.response if hasattr(stream, "response") else stream.http_response
        if not self.raw:
            watch_stream(response, recording, self.sdk)

    def see_response(self, response: Any) -> None:
        """One of success: a middleware of the caller's may have others parsed, and a retry may follow them."""
        if response.is_success:
            self.recording.status_code = response.status_code
            self.recording.answer_headers = headers = response.headers
            self.recording.request_id = headers.get(self.sdk.request_id_header)
            self.recording.weight.answered_by(response)


@dataclass(frozen=True, slots=True)
class Observation:
    """One call on its way through the seam: what to send in place of what the caller sent, and where to record it."""

    hook: AnswerHook
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    @contextlib.contextmanager
    def sending(self) -> Generator[None]:
        """Makes the call's span current for the send alone, and ends the call if the send raises."""
        token = attach(self.hook.recording)
        try:
            yield
        except BaseException as error:
            self.failed(error)
            raise
        finally:
            if token is not None:
                detach(token)

    @guarded("record a failed call")
    def failed(self, error: BaseException) -> None:
        recording = self.hook.recording
        recording.status_code = getattr(error, "status_code", recording.status_code)
        response = getattr(error, "response", None)
        if response is not None:
            recording.answer_headers = headers = response.headers
            recording.request_id = headers.get(self.hook.sdk.request_id_header)
            recording.weight.answered_by(response)
        elif (request := getattr(error, "request", None)) is not None:
            recording.weight.asked_by(request)
        recording.fail(error)

    @guarded("record an answer")
    def returned(self, result: Any) -> None:
        recording = self.hook.recording
        if recording.tally is not None:
            return
        response = getattr(result, "http_response", None)
        if response is None:
            recording.answer = result if recording.answer is None else recording.answer
            recording.finish(Outcome.COMPLETED)
            return
        if response.is_closed:
            recording.answer = response.content
            recording.finish(Outcome.COMPLETED)
        else:
            recording.headers = recording.clock()
            watch_bytes(response, recording, self.hook.sdk)


class Seam:
    """Observes the calls of one SDK. The two request methods are wrapt wrappers and differ in nothing but `await`."""

    def __init__(  # noqa: PLR0913  one parameter for each option
        self,
        sdk: Sdk,
        sink: Sink,
        *,
        include_usage: bool,
        clock: Callable[[], int],
        names: ProviderNames | None = None,
        levels: Levels | None = None,
        contents: Mapping[str, ContentReader] | None = None,
        only_adapted: bool = False,
    ) -> None:
        self.sdk = sdk
        self.sink = sink
        self.names = names or ProviderNames()
        self.include_usage = include_usage
        self.levels = levels or Levels()
        """How much of the content is captured, unless the program says otherwise of a call."""
        self._contents = contents
        """How the content of each wire is read; None until there is any to read."""
        self.clock = clock
        self.only_adapted = only_adapted
        """Whether calls are observed that come from a streaming adapter, and no others."""
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

    def pause(self, wrapped: Callable[..., Any], client: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Sees the answer that is to be followed by a retry, on its way into `wrapped`, which works out the wait."""
        del client
        hook = _hook_in((*args, *kwargs.values()))
        if hook is not None:
            hook.refusal = kwargs.get("response")
        return wrapped(*args, **kwargs)

    def retry(self, wrapped: Callable[..., Any], client: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Sees a failed attempt. `wrapped` works out how long to wait before the next."""
        del client
        wait_s = wrapped(*args, **kwargs)
        hook = _hook_in((*args, *kwargs.values()))
        if hook is not None:
            _note_attempt(hook, wait_s)
        return wait_s

    def answer(self, wrapped: Callable[..., Any], client: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Sees the HTTP response on its way into `wrapped`. What that parses, or raises, does not tell its status."""
        del client
        _see_response(kwargs)
        return wrapped(*args, **kwargs)

    def native_span(
        self, wrapped: Callable[..., Any], client: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Puts our span in the place of the SDK's own, which `wrapped` starts, unless the user has chosen that one."""
        del client
        hook = _hook_in((*args, *kwargs.values()))
        if hook is None:
            return wrapped(*args, **kwargs) if is_instrumentation_enabled() else None
        return stand_in(hook.recording, lambda: wrapped(*args, **kwargs))

    @guarded("observe a call")
    def observe(self, client: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Observation | None:
        """None for whatever is not a call to a model, is observed already, or is not to be observed."""
        options = kwargs["options"] if "options" in kwargs else args[1]
        wire = self.sdk.wire_for(options.method, options.url)
        if wire is None or not is_instrumentation_enabled():
            return None
        adapted = call_being_sent()
        if isinstance(options.post_parser, AnswerHook) or not self._is_to_observe(adapted):
            return None
        stream = bool(kwargs.get("stream"))
        raw = any(name.lower() == RAW_RESPONSE_HEADER for name in mapping(options.headers))
        url = client.base_url
        address = Address(url.host, url.port or {"https": 443, "http": 80}.get(url.scheme))
        provider = self.names.of(client, self.sdk.provider)
        request = self.described(wire, _asked(options), provider, address, stream=stream)
        recording = Recording(request, wire, self.sink, self.clock)
        recording.keys = partial(keys_of, client, options.headers)
        recording.captured = self._captured(wire, mapping(options.json_data), mapping(options.extra_json))
        recording.offers_tools = _offers_tools(options)
        native = native_spans(client)
        recording.wants_span = not (native.chosen or (native.on and not self.replaces_native_spans))
        hook = AnswerHook(recording, options.post_parser, self.sdk, raw=raw)
        changes: dict[str, Any] = {"post_parser": hook}
        if stream and not raw and (body := self._asking_for_usage(wire, options)) is not None:
            changes["json_data"] = body
            recording.hides_usage = True
        changed = options.model_copy(update=changes)
        if "options" in kwargs:
            observation = Observation(hook, args, {**kwargs, "options": changed})
        else:
            observation = Observation(hook, (args[0], changed, *args[2:]), kwargs)
        self.sink.started(recording)
        if adapted is not None and adapted.recording is None:
            adapted.recorded_by(recording)
        return observation

    def _is_to_observe(self, adapted: AdaptedCall | None) -> bool:
        if adapted is None or (adapted.recording is not None and not adapted.by_adapter):
            return not self.only_adapted
        return not adapted.by_adapter

    def observe_message(self, body: Mapping[str, Any], client: Any, address: Address, since: int) -> Recording | None:
        """One response over a WebSocket. `since` is when it began, where that was before now."""
        wire = self.sdk.wire_for("post", "/responses")
        if wire is None or self.only_adapted or not is_instrumentation_enabled():
            return None
        provider = self.names.behind(address, client, self.sdk.provider)
        recording = Recording(self.described(wire, body, provider, address, stream=True), wire, self.sink, self.clock)
        recording.keys = partial(keys_of, client, None)
        recording.captured = self._captured(wire, body, {})
        if since:
            recording.date_back(since)
        self.sink.started(recording)
        return recording

    @staticmethod
    def described(wire: Wire, asked: Mapping[str, object], provider: str, address: Address, *, stream: bool) -> Request:
        """A call that begins."""
        count_for_agent(wire.operation)
        return Request(
            operation=wire.operation,
            provider=provider,
            api=wire.api,
            model=text(asked.get("model")),
            stream=stream,
            server_address=address.host or None,
            server_port=address.port,
            parameters=wire.parameters(asked),
            context=captured(),
        )

    @guarded("capture a request")
    def _captured(self, wire: Wire, body: Mapping[str, Any], extra: Mapping[str, Any]) -> Captured | None:
        """What to keep of the content, where it is captured."""
        levels = levels_now(self.levels)
        if not (levels.wants_messages or levels.wants_bodies):
            return None
        reader = self._readers().get(wire.api)
        return Captured(levels, reader, body, extra) if reader is not None or levels.wants_bodies else None

    def _readers(self) -> Mapping[str, ContentReader]:
        """They are imported by those alone who capture content."""
        if self._contents is None:
            from firsttoken.providers.contents import CONTENTS

            self._contents = CONTENTS
        return self._contents

    def _asking_for_usage(self, wire: Wire, options: Any) -> dict[str, object] | None:
        """The request's body with the question for usage; None where it is not wanted or the user has decided."""
        if not self.include_usage or "stream_options" in mapping(options.extra_json):
            return None
        return wire.ask_for_usage(mapping(options.json_data))


def _asked(options: Any) -> dict[str, object]:
    """The body, or the query of a request without one.

    What `extra_body` sets counts too: an SDK may have no other way, as anthropic 2 has none to a temperature.
    """
    sent = options.params if options.method.lower() == "get" else options.json_data
    return {**mapping(sent), **mapping(options.extra_json)}


def _offers_tools(options: Any) -> bool:
    """Whether the answer may have calls of tools. What cannot be read may offer any."""
    asked = mapping(options.json_data)
    is_read = asked is options.json_data
    return bool(options.extra_json) or not is_read or not TOOLS.isdisjoint(asked)


@guarded("note a failed attempt")
def _note_attempt(hook: AnswerHook, wait_s: float) -> None:
    recording = hook.recording
    failed_ns = recording.clock() - recording.start
    refusal, hook.refusal = hook.refusal, None
    recording.retry(failed_attempt(refusal, sys.exception(), hook.sdk.request_id_header, failed_ns, wait_s))


@guarded("see an HTTP response")
def _see_response(parts: Mapping[str, Any]) -> None:
    hook = _hook_in(parts.values())
    if hook is not None:
        hook.see_response(parts["response"])


@guarded("find a call")
def _hook_in(values: Iterable[object]) -> AnswerHook | None:
    for value in values:
        hook = getattr(value, "post_parser", None)
        if isinstance(hook, AnswerHook):
            return hook
    return None
