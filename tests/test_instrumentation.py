"""Putting the wrappers on, taking them off, and moving from one set of providers to another."""

from __future__ import annotations

import inspect
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import anthropic
import openai
import pytest
import wrapt
from observe import fixtures
from observe.asking import opened, read, streamed, using, whole
from observe.program import Program
from observe.surfaces import REQUESTS, resource
from opentelemetry.instrumentation import httpx as instrumentation_httpx
from patience import PATIENCE_S

import firsttoken
from firsttoken import Settings, instrumentation
from firsttoken.observe.http import INSTRUMENTORS
from firsttoken.testing import CapturedTelemetry, ProviderServer
from firsttoken.zero_code import AnthropicInstrumentor, OpenAIInstrumentor

program, sdk, server, telemetry = fixtures.program, fixtures.sdk, fixtures.server, fixtures.telemetry

PATCHED = (
    [(sdk._base_client.SyncAPIClient, "request") for sdk in (openai, anthropic)]
    + [(sdk._base_client.AsyncAPIClient, "request") for sdk in (openai, anthropic)]
    + [(sdk._base_client.SyncAPIClient, "_process_response") for sdk in (openai, anthropic)]
    + [(sdk._base_client.AsyncAPIClient, "_process_response") for sdk in (openai, anthropic)]
    + [(sdk._base_client.BaseClient, "_calculate_retry_timeout") for sdk in (openai, anthropic)]
)


def held(owner: Any, name: str) -> object:
    """What stands there, and not what it is bound to."""
    return inspect.getattr_static(owner, name)


def providers(telemetry: CapturedTelemetry) -> dict[str, Any]:
    return {
        "tracer_provider": telemetry.tracer_provider,
        "meter_provider": telemetry.meter_provider,
        "logger_provider": telemetry.logger_provider,
    }


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    yield
    firsttoken.uninstrument()


def test_uninstrument_puts_the_same_functions_back(telemetry: CapturedTelemetry) -> None:
    before = [held(*place) for place in PATCHED]
    firsttoken.instrument(**providers(telemetry))
    assert [True] * len(PATCHED) == [isinstance(held(*place), wrapt.FunctionWrapper) for place in PATCHED]
    firsttoken.uninstrument()
    assert all(held(*place) is original for place, original in zip(PATCHED, before, strict=True))


def test_a_wrapped_method_looks_like_the_sdks_own(telemetry: CapturedTelemetry) -> None:
    before = [(inspect.signature(getattr(*place)), inspect.iscoroutinefunction(getattr(*place))) for place in PATCHED]
    firsttoken.instrument(**providers(telemetry))
    after = [(inspect.signature(getattr(*place)), inspect.iscoroutinefunction(getattr(*place))) for place in PATCHED]
    assert before == after


def test_a_setting_that_cannot_be_understood_is_one_warning_and_the_calls_are_observed(
    program: Program,
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("FIRSTTOKEN_CONVENTIONS", "old")
    firsttoken.instrument(**providers(telemetry))
    using(program, "openai", server, lambda client: whole(program, client))
    assert firsttoken.flush(PATIENCE_S)
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == [
        "firsttoken uses its defaults: FIRSTTOKEN_CONVENTIONS='old' is none of current, older, both: "
        "set one, or unset it"
    ]
    (span,) = telemetry.spans
    assert "gen_ai.system" not in span["attributes"]


@pytest.mark.parametrize("again", [{}, {"settings": Settings()}], ids=["bare", "the same settings"])
def test_instrumenting_again_changes_nothing(
    again: dict[str, Any], program: Program, server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    firsttoken.instrument(Settings(), **providers(telemetry))
    pipeline = instrumentation._pipeline
    firsttoken.instrument(**again)
    firsttoken.instrument(Settings(), **providers(telemetry))
    assert instrumentation._pipeline is pipeline
    using(program, "openai", server, lambda client: whole(program, client))
    assert firsttoken.flush(PATIENCE_S)
    assert len(telemetry.spans) == 1


def test_uninstrumenting_without_or_twice_is_nothing() -> None:
    firsttoken.uninstrument()
    firsttoken.uninstrument()
    assert firsttoken.flush(PATIENCE_S)


def test_other_providers_get_the_calls_that_follow(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    async def both(client: Any) -> None:
        firsttoken.instrument(**providers(telemetry))
        early = await opened(program, client)
        firsttoken.instrument(**providers(other))
        await whole(program, client)
        await read(program, early)

    with CapturedTelemetry() as other:
        using(program, sdk, server, both)
        assert firsttoken.flush(PATIENCE_S)
        assert [len(telemetry.spans), len(other.spans)] == [1, 1]
    assert "gen_ai.request.stream" in telemetry.spans[0]["attributes"]


def test_a_stream_that_runs_over_uninstrument_is_recorded_to_its_end(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    async def run_over(client: Any) -> None:
        firsttoken.instrument(**providers(telemetry))
        stream = await opened(program, client)
        await program.next(stream)
        firsttoken.uninstrument()
        await read(program, stream)
        await whole(program, client)

    using(program, sdk, server, run_over)
    firsttoken.instrument(**providers(telemetry))  # to have something to flush
    assert firsttoken.flush(PATIENCE_S)
    (span,) = telemetry.spans
    assert span["attributes"]["firsttoken.outcome"] == "completed"


def test_a_raw_response_that_is_parsed_after_uninstrument_is_recorded(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    async def parse_later(client: Any) -> None:
        firsttoken.instrument(**providers(telemetry))
        request = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
        response = await program.get(client.chat.completions.with_raw_response.create(**request))
        firsttoken.uninstrument()
        await read(program, response.parse())

    using(program, "openai", server, parse_later)
    firsttoken.instrument(**providers(telemetry))
    assert firsttoken.flush(PATIENCE_S)
    assert [span["attributes"]["firsttoken.outcome"] for span in telemetry.spans] == ["completed"]


@pytest.mark.parametrize("kind", ["with_raw_response", "with_streaming_response"])
def test_helpers_that_are_held_from_before_until_after_are_observed_meanwhile(
    kind: str, sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    async def hold(client: Any) -> None:
        create = getattr(resource(client), kind).create

        async def use() -> None:
            asked = create(**REQUESTS[sdk])
            response = await program.enter(asked) if kind == "with_streaming_response" else await program.get(asked)
            await program.get(response.parse())
            if kind == "with_streaming_response":
                await program.leave(asked)

        await use()
        firsttoken.instrument(**providers(telemetry))
        await use()
        assert firsttoken.flush(PATIENCE_S)
        firsttoken.uninstrument()
        await use()

    using(program, sdk, server, hold)
    assert [span["attributes"]["firsttoken.outcome"] for span in telemetry.spans] == ["completed"]
    assert len(server.requests) == 3


@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_an_applications_own_http_instrumentor_goes_on_under_ours_and_without_it(
    first: str, sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    theirs = [make() for name in INSTRUMENTORS if (make := getattr(instrumentation_httpx, name, None)) is not None]
    steps = [
        lambda: firsttoken.instrument(Settings(httpx=True), **providers(telemetry)),
        lambda: [each.instrument(tracer_provider=telemetry.tracer_provider) for each in theirs],
    ]
    try:
        for step in steps if first == "ours" else reversed(steps):
            step()
        using(program, sdk, server, lambda client: streamed(program, client))
        assert firsttoken.flush(PATIENCE_S)
        (call,) = [span for span in telemetry.spans if span["scope"] == "firsttoken"]
        (request,) = [span for span in telemetry.spans if span["scope"] != "firsttoken"]
        assert request["parent_span_id"] == call["span_id"]
        firsttoken.uninstrument()
        using(program, sdk, server, lambda client: whole(program, client))
        # Whoever comes second finds the HTTP client instrumented, and leaves it at that.
        assert [span["parent_span_id"] for span in telemetry.spans[2:]] == ([None] if first == "theirs" else [])
    finally:
        for each in theirs:
            if each.is_instrumented_by_opentelemetry:
                each.uninstrument()


def test_a_wrapper_of_somebody_else_over_ours_counts_no_call_twice(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    module = {"openai": openai, "anthropic": anthropic}[sdk]._base_client
    owners = (module.SyncAPIClient, module.AsyncAPIClient)
    before = [held(owner, "request") for owner in owners]
    firsttoken.instrument(**providers(telemetry))
    for owner in owners:
        wrapt.wrap_function_wrapper(owner, "request", lambda wrapped, instance, args, kwargs: wrapped(*args, **kwargs))
    firsttoken.uninstrument()
    try:
        using(program, sdk, server, lambda client: whole(program, client))
        firsttoken.instrument(**providers(telemetry))
        using(program, sdk, server, lambda client: whole(program, client))
        assert firsttoken.flush(PATIENCE_S)
        assert len(telemetry.spans) == 1
    finally:
        firsttoken.uninstrument()
        for owner, original in zip(owners, before, strict=True):
            owner.request = original


def test_each_sdk_can_be_observed_alone(program: Program, server: ProviderServer, telemetry: CapturedTelemetry) -> None:
    def ask_both() -> None:
        for sdk in ("openai", "anthropic"):
            using(program, sdk, server, lambda client: whole(program, client))

    for instrumentor in (OpenAIInstrumentor(), AnthropicInstrumentor()):
        instrumentor.instrument(skip_dep_check=True, **providers(telemetry))
    pipeline = instrumentation._pipeline
    ask_both()
    OpenAIInstrumentor().uninstrument()
    assert instrumentation._pipeline is pipeline
    ask_both()
    assert firsttoken.flush(PATIENCE_S)
    AnthropicInstrumentor().uninstrument()
    assert instrumentation._pipeline is None
    ask_both()
    apis = [span["attributes"]["firsttoken.api"] for span in telemetry.spans]
    assert apis == ["openai.chat_completions", "anthropic.messages", "anthropic.messages"]


def test_http_requests_are_no_longer_traced_after_uninstrument(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    firsttoken.instrument(Settings(httpx=True), **providers(telemetry))
    using(program, sdk, server, lambda client: whole(program, client))
    assert firsttoken.flush(PATIENCE_S)
    firsttoken.uninstrument()
    assert len(telemetry.spans) == 2
    using(program, sdk, server, lambda client: streamed(program, client))
    assert len(telemetry.spans) == 2


def test_a_client_class_whose_method_somebody_replaced_before_us_is_observed_once(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As other instrumentations do it: what they call has been looked up before our wrapper stood there."""
    for name in ("OpenAI", "AsyncOpenAI"):
        owner = getattr(openai, name)
        theirs = wrapt.FunctionWrapper(owner.request, lambda wrapped, _, args, kwargs: wrapped(*args, **kwargs))
        monkeypatch.setattr(owner, "request", theirs, raising=False)
    firsttoken.instrument(**providers(telemetry))
    using(program, "openai", server, lambda client: whole(program, client))
    using(program, "openai", server, lambda client: streamed(program, client))
    assert firsttoken.flush(PATIENCE_S)
    assert len(telemetry.spans) == 2
    firsttoken.uninstrument()
    assert not isinstance(vars(openai.OpenAI)["request"].__wrapped__, wrapt.FunctionWrapper)


def test_an_http_client_that_is_not_installed_is_passed_over_in_silence(
    telemetry: CapturedTelemetry, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        firsttoken.instrument(Settings(httpx=True), **providers(telemetry))
    assert not caplog.messages


@pytest.mark.parametrize("version", ["1.59.9", "0.1"])
def test_an_sdk_that_is_too_old_is_left_alone_with_one_warning(
    version: str, telemetry: CapturedTelemetry, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(openai._version, "__version__", version)
    before = held(*PATCHED[0])
    with caplog.at_level(logging.WARNING, "firsttoken"):
        firsttoken.instrument(**providers(telemetry))
        firsttoken.instrument(**providers(telemetry))
    assert held(*PATCHED[0]) is before
    assert [f"firsttoken does not observe openai: version {version} is older than 1.60; run pip install -U openai"] == [
        record.message for record in caplog.records if record.name == "firsttoken"
    ]


def test_an_sdk_whose_version_nobody_knows_is_observed(
    telemetry: CapturedTelemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(openai._version, "__version__")
    firsttoken.instrument(**providers(telemetry))
    assert isinstance(held(*PATCHED[0]), wrapt.FunctionWrapper)


def test_an_sdk_with_another_seam_is_left_alone_with_one_warning(
    telemetry: CapturedTelemetry, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(openai._base_client.SyncAPIClient, "request", lambda self, call: None)
    with caplog.at_level(logging.WARNING, "firsttoken"):
        firsttoken.instrument(**providers(telemetry))
    (record,) = [record for record in caplog.records if record.name == "firsttoken"]
    assert record.message.startswith("firsttoken does not observe openai: version ")


IMPORTED_LATER = """
import sys
from firsttoken.testing import CapturedTelemetry, ProviderServer
import firsttoken
with CapturedTelemetry() as telemetry, ProviderServer() as server:
    firsttoken.instrument(tracer_provider=telemetry.tracer_provider)
    assert not {"openai", "anthropic"} & sys.modules.keys()
    import anthropic, openai
    ask = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
    openai.OpenAI(api_key="k", base_url=server.openai_base_url).chat.completions.create(**ask)
    anthropic.Anthropic(api_key="k", base_url=server.anthropic_base_url).messages.create(max_tokens=9, **ask)
    firsttoken.flush()
    print(sorted(span["attributes"]["gen_ai.provider.name"] for span in telemetry.spans))
"""


HALF_IMPORTED = """
import sys
import firsttoken
if "early" in sys.argv: import openai
firsttoken.instrument()
import openai
found = getattr(sys.modules.get("httpx2"), "Response", None)
print("openai._httpx2" not in sys.modules or found is not None)
"""


@pytest.mark.parametrize("when", ["early", "late"])
def test_what_an_sdk_takes_for_imported_is_imported_before_there_are_calls(when: str) -> None:
    """Some versions of openai raise where our thread, for the sake of prices, is in the middle of importing httpx2."""
    ended = subprocess.run(
        [sys.executable, "-c", HALF_IMPORTED, when], capture_output=True, text=True, check=False, timeout=60
    )
    assert (ended.stdout, ended.stderr) == ("True\n", "")


def test_sdks_that_are_imported_later_are_observed() -> None:
    environment = os.environ | {
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
        "FIRSTTOKEN_EXIT_TIMEOUT_S": "30",
    }
    ended = subprocess.run(
        [sys.executable, "-c", IMPORTED_LATER], env=environment, capture_output=True, text=True, check=False
    )
    assert (ended.stdout, ended.stderr) == ("['anthropic', 'openai']\n", "")
