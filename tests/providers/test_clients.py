"""Every client class and back end of both SDKs: its caller gets its answer, and one span says whose it was."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import anthropic
import openai
import pytest
from installed import ANTHROPIC_HTTP, OPENAI_HTTP, found, needs
from observing import observe

from firsttoken import Settings
from firsttoken.testing import CapturedTelemetry, ErrorAnswer, ProviderServer
from firsttoken.testing.wire.aws_event_stream import event_frame, exception_frame
from providers import platforms
from providers.observing import said
from providers.platforms import ANSWER, MODEL, TEXT, Handler

MESSAGES = [{"role": "user", "content": "Say a word."}]
AWS = {"aws_region": "us-east-1", "aws_access_key": "AKIAEXAMPLE", "aws_secret_key": "secret"}
GOOGLE = {"project": "p", "location": "global", "workspace_id": "w", "token_provider": lambda: "token"}


@dataclass(frozen=True, slots=True)
class Case:
    """A client class, what it is made with, and who its span must name."""

    name: str
    path: str
    """Of the class in its SDK."""
    options: dict[str, Any]
    provider: str
    host: str = "provider.example"
    handler: Handler | None = None
    """Answers on a wire that the provider server does not speak; None is the provider server."""
    also: tuple[str, ...] = ()
    """What else of the SDK it takes."""

    @property
    def is_async(self) -> bool:
        return "Async" in self.path

    def __str__(self) -> str:
        return f"{self.name} {'async' if self.is_async else 'sync'}"


def both(name: str, sdk: str, cls: str, options: dict[str, Any], provider: str, **more: Any) -> list[Any]:
    cases = [Case(name, f"{sdk}.{prefix}{cls}", options, provider, **more) for prefix in ("", "Async")]
    return [
        pytest.param(case, marks=[needs(case.path, parameters=options), needs(*case.also)], id=str(case))
        for case in cases
    ]


def at(path: str) -> Any:
    """Stands for an address of the provider server."""
    return lambda server: f"{server.base_url}{path}"


AZURE = {"api_key": "key", "api_version": "2025-04-01-preview"}
BEDROCK_HOST, VERTEX_HOST = "bedrock-runtime.us-east-1.amazonaws.com", "us-east5-aiplatform.googleapis.com"
CASES = [
    *both("azure", "openai", "AzureOpenAI", {**AZURE, "azure_endpoint": at("")}, "azure.ai.openai"),
    *both(
        "azure deployment",
        "openai",
        "AzureOpenAI",
        {**AZURE, "azure_endpoint": at(""), "azure_deployment": MODEL},
        "azure.ai.openai",
    ),
    *both(
        "openai on bedrock",
        "openai",
        "OpenAI",
        {
            "provider": lambda server: found("openai.providers.bedrock")(
                base_url=f"{server.base_url}/openai/v1", region="us-east-1", api_key="key"
            )
        },
        "aws.bedrock",
        also=("openai.providers.bedrock",),
    ),
    *both(
        "openai on bedrock, signed",
        "openai",
        "OpenAI",
        {
            "provider": lambda server: found("openai.providers.bedrock")(
                base_url=f"{server.base_url}/openai/v1",
                region="us-east-1",
                access_key_id="AKIAEXAMPLE",
                secret_access_key="secret",  # noqa: S106
            )
        },
        "aws.bedrock",
        also=("openai.providers.bedrock",),
    ),
    *both(
        "openai on vertex",
        "openai",
        "OpenAI",
        {
            "provider": lambda server: found("openai.providers.vertex")(
                base_url=f"{server.base_url}/v1", token_provider=lambda: "token"
            )
        },
        "gcp.vertex_ai",
        also=("openai.providers.vertex",),
    ),
    *both("compatible server", "openai", "OpenAI", {"api_key": "key", "base_url": at("/api/v1")}, "openai"),
    *both("compatible server", "anthropic", "Anthropic", {"api_key": "key", "base_url": at("/anthropic")}, "anthropic"),
    *both(
        "bedrock",
        "anthropic",
        "AnthropicBedrock",
        {"aws_region": "us-east-1", "api_key": "key"},
        "aws.bedrock",
        host=BEDROCK_HOST,
        handler=platforms.bedrock,
    ),
    *both(
        "bedrock, signed",
        "anthropic",
        "AnthropicBedrock",
        AWS,
        "aws.bedrock",
        host=BEDROCK_HOST,
        handler=platforms.bedrock,
    ),
    *both(
        "bedrock mantle",
        "anthropic",
        "AnthropicBedrockMantle",
        {"aws_region": "us-east-1", "api_key": "key"},
        "aws.bedrock",
        host="bedrock-mantle.us-east-1.api.aws",
        handler=platforms.messages,
    ),
    *both(
        "vertex",
        "anthropic",
        "AnthropicVertex",
        {"region": "us-east5", "project_id": "p", "access_token": "token"},
        "gcp.vertex_ai",
        host=VERTEX_HOST,
        handler=platforms.vertex,
    ),
    *both(
        "foundry",
        "anthropic",
        "AnthropicFoundry",
        {"resource": "example", "api_key": "key"},
        "azure.ai.inference",
        host="example.services.ai.azure.com",
        handler=platforms.messages,
    ),
    *both(
        "claude platform on aws",
        "anthropic",
        "AnthropicAWS",
        {**AWS, "workspace_id": "w"},
        "anthropic",
        host="aws-external-anthropic.us-east-1.api.aws",
        handler=platforms.messages,
    ),
    *both(
        "claude on google cloud",
        "anthropic",
        "AnthropicGoogleCloud",
        GOOGLE,
        "anthropic",
        host="claude.googleapis.com",
        handler=platforms.messages,
    ),
]


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with ProviderServer(lambda _: ANSWER) as running:
        yield running


def made(case: Case, server: ProviderServer) -> Any:
    options = {
        name: value(server) if callable(value) and name != "token_provider" else value
        for name, value in case.options.items()
    }
    if case.handler is not None:
        http = ANTHROPIC_HTTP.AsyncClient if case.is_async else ANTHROPIC_HTTP.Client
        options["http_client"] = http(transport=ANTHROPIC_HTTP.MockTransport(case.handler))
    return found(case.path)(**options)


async def ask(client: Any, *, stream: bool) -> str:
    """The text of the answer, by the caller's own reading."""
    if hasattr(client, "chat"):
        create: Callable[..., Any] = client.chat.completions.create
        options = {"stream_options": {"include_usage": True}} if stream else {}
    else:
        create, options = client.messages.create, {"max_tokens": 64}
    answer = create(model=MODEL, messages=MESSAGES, stream=stream, **options)
    answer = await answer if inspect.isawaitable(answer) else answer
    if not stream:
        return answer.choices[0].message.content if hasattr(answer, "choices") else answer.content[0].text
    pieces = [_piece(chunk) async for chunk in answer] if hasattr(answer, "__aiter__") else [*map(_piece, answer)]
    return "".join(pieces)


def _piece(chunk: Any) -> str:
    if hasattr(chunk, "choices"):
        return "".join(choice.delta.content or "" for choice in chunk.choices)
    return getattr(getattr(chunk, "delta", None), "text", None) or ""


async def closed(client: Any) -> None:
    closing = client.close()
    if inspect.isawaitable(closing):
        await closing


WHO = ("gen_ai.provider.name", "server.address", "firsttoken.outcome", "gen_ai.usage.output_tokens")


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("case", CASES)
def test_a_client_and_its_copy_give_one_true_span_each(
    case: Case, stream: bool, observed: CapturedTelemetry, server: ProviderServer
) -> None:
    async def program() -> list[str]:
        client = made(case, server)
        # Some versions give the copy of a client for Bedrock another HTTP client than the user's.
        copy = client.with_options(timeout=30, http_client=client._client)
        try:
            return [await ask(client, stream=stream), await ask(copy, stream=stream)]
        finally:
            await closed(client)

    assert asyncio.run(program()) == [TEXT, TEXT]
    host = case.host if case.handler else "127.0.0.1"
    assert [(case.provider, host, "completed", 40)] * 2 == said(observed, *WHO)


@pytest.mark.parametrize("cls", [anthropic.AnthropicBedrock, anthropic.AsyncAnthropicBedrock])
def test_an_error_in_bedrocks_stream_fails_the_call_with_the_platforms_own_word(
    cls: Any, observed: CapturedTelemetry
) -> None:
    body = event_frame(platforms.events()[0]) + exception_frame("throttlingException", "Slow down.")

    def failing(_: Any) -> Any:
        return ANTHROPIC_HTTP.Response(
            200, headers={"content-type": "application/vnd.amazon.eventstream"}, content=body
        )

    http = ANTHROPIC_HTTP.AsyncClient if "Async" in cls.__name__ else ANTHROPIC_HTTP.Client
    client = cls(**AWS, http_client=http(transport=ANTHROPIC_HTTP.MockTransport(failing)))

    with pytest.raises((anthropic.APIStatusError, ValueError), match="Slow down") as raised:
        asyncio.run(ask(client, stream=True))

    # Some versions raise a ValueError, which has the platform's word in its prose alone.
    word = "throttlingException" if isinstance(raised.value, anthropic.APIStatusError) else "ValueError"
    assert said(observed, "firsttoken.outcome", "error.type", "firsttoken.chunk.count") == [("failed", word, 1)]


@pytest.mark.parametrize(
    ("provider", "settings"),
    [("openai", {}), ("azure.ai.openai", {"api_type": "azure", "api_version": "2025-04-01-preview"})],
)
def test_the_client_of_the_module_itself_is_observed(
    provider: str,
    settings: dict[str, str],
    observed: CapturedTelemetry,
    server: ProviderServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with openai.DefaultHttpxClient() as http:
        values = {"api_key": "key", "http_client": http, **settings}
        values["azure_endpoint" if settings else "base_url"] = (
            server.base_url if settings else f"{server.openai_base_url}/"
        )
        for name, value in values.items():
            monkeypatch.setattr(openai, name, value)
        monkeypatch.setattr(openai, "_client", None, raising=False)

        answer = openai.chat.completions.create(model=MODEL, messages=MESSAGES)  # type: ignore[arg-type]

    assert answer.choices[0].message.content == TEXT
    assert [(provider, "127.0.0.1", "completed", 40)] == said(observed, *WHO)
    monkeypatch.setattr(openai, "_client", None, raising=False)


WITH_AIOHTTP = pytest.mark.parametrize(
    "module",
    [
        pytest.param(openai, marks=needs("openai.DefaultAioHttpClient"), id="openai"),
        pytest.param(anthropic, marks=needs("anthropic.DefaultAioHttpClient"), id="anthropic"),
    ],
)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@WITH_AIOHTTP
def test_aiohttp_carries_a_call_as_the_usual_back_end_does(
    module: Any, stream: bool, observed: CapturedTelemetry, server: ProviderServer
) -> None:
    async def program() -> str:
        async with _aio_client(module, server) as client:
            return await ask(client, stream=stream)

    assert asyncio.run(program()) == TEXT
    assert said(observed, "firsttoken.outcome", "gen_ai.usage.output_tokens") == [("completed", 40)]


@WITH_AIOHTTP
def test_a_stream_over_aiohttp_that_is_closed_early_says_so(
    module: Any, observed: CapturedTelemetry, server: ProviderServer
) -> None:
    async def program() -> None:
        async with _aio_client(module, server) as client:
            if module is openai:
                stream = await client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True)
            else:
                stream = await client.messages.create(model=MODEL, messages=MESSAGES, max_tokens=64, stream=True)
            async with stream:
                await anext(stream)

    asyncio.run(program())
    assert said(observed, "firsttoken.outcome", "firsttoken.chunk.count") == [("closed", 1)]


def _aio_client(module: Any, server: ProviderServer) -> Any:
    if module is openai:
        return openai.AsyncOpenAI(
            api_key="key", base_url=server.openai_base_url, http_client=openai.DefaultAioHttpClient()
        )
    return anthropic.AsyncAnthropic(
        api_key="key", base_url=server.anthropic_base_url, http_client=anthropic.DefaultAioHttpClient()
    )


def test_a_users_own_http_client_keeps_its_hooks_and_sees_its_own_responses(
    observed: CapturedTelemetry, server: ProviderServer
) -> None:
    seen: list[Any] = []
    hooks = {"request": [seen.append], "response": [seen.append]}
    with (
        OPENAI_HTTP.Client(event_hooks=hooks, headers={"x-own": "1"}) as http,
        openai.OpenAI(api_key="key", base_url=server.openai_base_url, http_client=http) as client,
    ):
        assert asyncio.run(ask(client, stream=True)) == TEXT

    assert [OPENAI_HTTP.Request, OPENAI_HTTP.Response] == [type(value) for value in seen]
    assert server.requests[0].headers["x-own"] == "1"
    assert said(observed, "firsttoken.outcome", "gen_ai.usage.output_tokens") == [("completed", 40)]


def test_what_the_user_says_of_a_host_names_the_provider(server: ProviderServer, observed: CapturedTelemetry) -> None:
    observe(observed, Settings(providers={f"127.0.0.1:{server.port}": "vllm"}))
    with openai.OpenAI(api_key="key", base_url=server.openai_base_url) as client:
        asyncio.run(ask(client, stream=False))
    assert said(observed, "gen_ai.provider.name") == [("vllm",)]


@pytest.mark.parametrize("module", [openai, anthropic], ids=["openai", "anthropic"])
def test_a_compatible_server_that_refuses_gives_its_own_error(
    module: Any, observed: CapturedTelemetry, server: ProviderServer
) -> None:
    server.enqueue(ErrorAnswer(status=404, content=b"<html>no such page</html>"))
    cls, base_url = (
        (openai.OpenAI, server.openai_base_url)
        if module is openai
        else (anthropic.Anthropic, server.anthropic_base_url)
    )
    with cls(api_key="key", base_url=base_url, max_retries=0) as client, pytest.raises(module.NotFoundError):
        asyncio.run(ask(client, stream=True))
    assert [("failed", f"{module.__name__}.NotFoundError", 404)] == said(
        observed, "firsttoken.outcome", "error.type", "http.response.status_code"
    )
