"""Every way in which a program comes by a client: rows of the table of ends, each for one SDK."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import anthropic
import openai
from installed import found

from firsttoken.testing import ProviderServer
from observe.program import Program

Options = Mapping[str, Any]
Make = Callable[[Program, ProviderServer, Options], Any]
"""Takes the options that every client is made with."""

WITHOUT_LOOP: Final = {"sync": "aiohttp is asynchronous"}
BLOCKING: Final = {"async": "the module's own client blocks", "trio": "the module's own client blocks"}


@dataclass(frozen=True, slots=True)
class Client:
    name: str
    sdk: str
    make: Make
    not_in: Mapping[str, str] = field(default_factory=dict[str, str])
    """The colours of a program that cannot have it, and why."""
    needs: str = "DEFAULT_TIMEOUT"
    """What the installed SDK must have for it, as an attribute or as a module."""

    @property
    def is_offered(self) -> bool:
        return found(f"{self.sdk}.{self.needs}") is not None


class ModuleClient:
    """`openai` itself, whose settings are the module's attributes until it is closed."""

    def __init__(self, settings: Options) -> None:
        self._before = {name: getattr(openai, name, None) for name in settings}
        self._set(settings)
        self.chat = openai.chat

    def close(self) -> None:
        openai.http_client.close()  # type: ignore[union-attr]
        self._set(self._before)

    def _set(self, settings: Options) -> None:
        for name, value in settings.items():
            setattr(openai, name, value)
        openai._client = None  # type: ignore[attr-defined]


def _class(program: Program, module: Any, name: str) -> Any:
    return getattr(module, name if program.name == "sync" else f"Async{name}")


def _http(program: Program, module: Any, **more: Any) -> Any:
    name = "DefaultHttpxClient" if program.name == "sync" else "DefaultAsyncHttpxClient"
    return getattr(module, name)(verify=False, **more)


def _of(module: Any, name: str, own: Callable[[ProviderServer], Options]) -> Make:
    """A client of that class, with options of its own."""

    def make(program: Program, server: ProviderServer, options: Options) -> Any:
        http_client = _http(program, module)
        return _class(program, module, name)(max_retries=0, http_client=http_client, **own(server), **options)

    return make


def _changed(change: Callable[[Any], Any], sdk: str) -> Make:
    return lambda program, server, options: change(program.client(sdk, server, **options))


def _with_hooks(sdk: str) -> Make:
    """A user's own HTTP client, that looks at what goes by."""

    def make(program: Program, server: ProviderServer, options: Options) -> Any:
        def look(passing: Any) -> None: ...
        async def look_async(passing: Any) -> None: ...

        hook = look if program.name == "sync" else look_async
        http_client = _http(program, {"openai": openai, "anthropic": anthropic}[sdk], event_hooks={"request": [hook]})
        return program.client(sdk, server, http_client=http_client, **options)

    return make


def _over_aiohttp(sdk: str) -> Make:
    module = {"openai": openai, "anthropic": anthropic}[sdk]
    return lambda program, server, options: program.client(
        sdk, server, http_client=module.DefaultAioHttpClient(), **options
    )


def _module(program: Program, server: ProviderServer, options: Options) -> ModuleClient:
    given = {"api_key": "key", "base_url": f"{server.openai_base_url}/", "max_retries": 0, **options}
    return ModuleClient({**given, "http_client": _http(program, openai)})


def _platform(name: str, **options: Any) -> Callable[[ProviderServer], Options]:
    """OpenAI's models on somebody else's platform."""

    def own(server: ProviderServer) -> Options:
        from openai import providers

        return {"provider": getattr(providers, name)(base_url=f"{server.base_url}/v1", **options)}

    return own


AZURE: Final = {"api_key": "key", "api_version": "2025-04-01-preview"}
AWS: Final = {"aws_region": "us-east-1", "aws_access_key": "AKIAEXAMPLE", "aws_secret_key": "secret"}
CLIENTS: Final = (
    Client(
        "AzureOpenAI", "openai", _of(openai, "AzureOpenAI", lambda server: {**AZURE, "azure_endpoint": server.base_url})
    ),
    Client(
        "OpenAI(provider=bedrock(...))",
        "openai",
        _of(openai, "OpenAI", _platform("bedrock", region="us-east-1", api_key="key")),
        needs="providers",
    ),
    Client(
        "OpenAI(provider=vertex(...))",
        "openai",
        _of(openai, "OpenAI", _platform("vertex", token_provider=lambda: "token")),
        needs="providers.vertex",
    ),
    Client(
        "OpenAI(base_url=...)",
        "openai",
        _of(openai, "OpenAI", lambda server: {"api_key": "key", "base_url": f"{server.base_url}/api/v1"}),
    ),
    Client(
        "OpenAI().with_options(...)", "openai", _changed(lambda client: client.with_options(max_retries=0), "openai")
    ),
    Client("OpenAI().copy()", "openai", _changed(lambda client: client.copy(), "openai")),
    Client("OpenAI(http_client=...)", "openai", _with_hooks("openai")),
    Client(
        "AsyncOpenAI(http_client=DefaultAioHttpClient())",
        "openai",
        _over_aiohttp("openai"),
        WITHOUT_LOOP,
        "DefaultAioHttpClient",
    ),
    Client("openai.chat, the module itself", "openai", _module, BLOCKING),
    Client(
        "AnthropicBedrock",
        "anthropic",
        _of(
            anthropic,
            "AnthropicBedrock",
            lambda server: {"base_url": server.base_url, **AWS},
        ),
    ),
    Client(
        "AnthropicVertex",
        "anthropic",
        _of(
            anthropic,
            "AnthropicVertex",
            lambda server: {
                "base_url": f"{server.base_url}/v1",
                "region": "us-east5",
                "project_id": "p",
                "access_token": "token",
            },
        ),
    ),
    Client(
        "Anthropic(base_url=...)",
        "anthropic",
        _of(anthropic, "Anthropic", lambda server: {"api_key": "key", "base_url": f"{server.base_url}/anthropic"}),
    ),
    Client(
        "Anthropic().with_options(...)",
        "anthropic",
        _changed(lambda client: client.with_options(max_retries=0), "anthropic"),
    ),
    Client("Anthropic().copy()", "anthropic", _changed(lambda client: client.copy(), "anthropic")),
    Client("Anthropic(http_client=...)", "anthropic", _with_hooks("anthropic")),
    Client(
        "AsyncAnthropic(http_client=DefaultAioHttpClient())",
        "anthropic",
        _over_aiohttp("anthropic"),
        WITHOUT_LOOP,
        "DefaultAioHttpClient",
    ),
)
