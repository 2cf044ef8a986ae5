"""Who answers: from the client's class and the address it talks to, to `gen_ai.provider.name`.

The names are those of the GenAI conventions where these have one. A host that nobody knows is a valid name itself.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from firsttoken.hosts import is_loopback

PROVIDER_BY_CLASS: Final = {
    "AzureOpenAI": "azure.ai.openai",
    "AsyncAzureOpenAI": "azure.ai.openai",
    "BedrockOpenAI": "aws.bedrock",
    "AsyncBedrockOpenAI": "aws.bedrock",
    "AnthropicBedrock": "aws.bedrock",
    "AsyncAnthropicBedrock": "aws.bedrock",
    "AnthropicBedrockMantle": "aws.bedrock",
    "AsyncAnthropicBedrockMantle": "aws.bedrock",
    "AnthropicVertex": "gcp.vertex_ai",
    "AsyncAnthropicVertex": "gcp.vertex_ai",
    "AnthropicFoundry": "azure.ai.inference",
    "AsyncAnthropicFoundry": "azure.ai.inference",
    "AnthropicAWS": "anthropic",
    "AsyncAnthropicAWS": "anthropic",
    "AnthropicGoogleCloud": "anthropic",
    "AsyncAnthropicGoogleCloud": "anthropic",
}
"""Client classes that speak to one platform whatever the host. The last four reach Anthropic's own service, which
two clouds sell."""

PROVIDER_BY_RUNTIME: Final = {
    "bedrock": "aws.bedrock",
    "vertex": "gcp.vertex_ai",
}
"""The `provider=` that an OpenAI client was made with, by the SDK's own word for it."""

PROVIDER_BY_HOST: Final = {
    "api.openai.com": "openai",
    "openai.azure.com": "azure.ai.openai",
    "openai.azure.us": "azure.ai.openai",
    "openai.azure.cn": "azure.ai.openai",
    "cognitiveservices.azure.com": "azure.ai.openai",
    "services.ai.azure.com": "azure.ai.inference",
    "models.ai.azure.com": "azure.ai.inference",
    "api.anthropic.com": "anthropic",
    "aws-external-anthropic.*.api.aws": "anthropic",
    "claude.googleapis.com": "anthropic",
    "bedrock*.amazonaws.com": "aws.bedrock",
    "bedrock*.amazonaws.com.cn": "aws.bedrock",
    "bedrock*.amazonaws.eu": "aws.bedrock",
    "bedrock*.api.aws": "aws.bedrock",
    "*aiplatform*.googleapis.com": "gcp.vertex_ai",
    "generativelanguage.googleapis.com": "gcp.gemini",
    "ml.cloud.ibm.com": "ibm.watsonx.ai",
    "openrouter.ai": "openrouter",
    "api.groq.com": "groq",
    "api.deepseek.com": "deepseek",
    "api.x.ai": "x_ai",
    "api.mistral.ai": "mistral_ai",
    "codestral.mistral.ai": "mistral_ai",
    "api.cohere.com": "cohere",
    "api.cohere.ai": "cohere",
    "api.moonshot.ai": "moonshot_ai",
    "api.moonshot.cn": "moonshot_ai",
    "api.minimax.io": "minimax",
    "api.minimaxi.com": "minimax",
    "api.z.ai": "z.ai",
    "open.bigmodel.cn": "zhipuai",
    "api.together.xyz": "together",
    "api.together.ai": "together",
    "api.fireworks.ai": "fireworks",
    "api.cerebras.ai": "cerebras",
    "inference.baseten.co": "baseten",
    "api.baseten.co": "baseten",
    "api.novita.ai": "novita",
    "api.perplexity.ai": "perplexity",
}
"""A host belongs to a provider when a pattern fits the whole of it, or what follows one of its dots."""

PROVIDER_BY_LOCAL_PORT: Final = {
    1234: "lmstudio",
    11434: "ollama",
    30000: "sglang",
}
"""Ports that one local server uses by default and no other is known for. vLLM's 8000 is everybody's."""

PORTS: Final = {"https": 443, "http": 80}

HOSTS_REMEMBERED: Final = 256


class Address(NamedTuple):
    """Where a client sends its requests. `port` is None where the URL has none."""

    host: str
    port: int | None


def address_of(client: object) -> Address:
    """Where a client of any kind says, by a `base_url`, that it sends its requests. A host of "" is unknown."""
    try:
        url = urlsplit(str(getattr(client, "base_url", "")))
        return Address((url.hostname or "").rstrip("."), url.port or PORTS.get(url.scheme))
    except ValueError:  # No URL.
        return Address("", None)


class ProviderNames:
    """The tables above, with the user's own in front of them.

    `stated` names hosts as `PROVIDER_BY_HOST` does, each with an optional port: `{"127.0.0.1:8000": "vllm"}`. The
    first one that fits decides, also for a client that is made for one platform.
    """

    def __init__(self, stated: Mapping[str, str] | None = None) -> None:
        self._stated = [(_split(pattern), name) for pattern, name in (stated or {}).items()]
        self.at = functools.lru_cache(HOSTS_REMEMBERED)(self._at)
        """The provider at an address, None for an address that says nothing."""

    def of(self, client: Any, flavour: str) -> str:
        """The provider that a client of an SDK talks to.

        A loopback address names nobody, so the SDK's own `flavour` stands for what answers there.
        """
        url = client.base_url
        return self.behind(Address((url.host or "").lower().rstrip("."), url.port), client, flavour)

    def behind(self, address: Address, client: Any, flavour: str) -> str:
        """The same at an address of its own; `client` may be unknown, and None."""
        return self.stated(address) or platform_of(client) or self.at(address) or flavour

    def stated(self, address: Address) -> str | None:
        """What the user says of an address."""
        for pattern, name in self._stated:
            if pattern.port in (None, address.port) and _fits(pattern.host, address.host):
                return name
        return None

    def _at(self, address: Address) -> str | None:
        host, port = address
        if not host:
            return None
        if is_loopback(host) or host.endswith(".localhost"):
            return PROVIDER_BY_LOCAL_PORT.get(port or 0)
        return next((name for pattern, name in PROVIDER_BY_HOST.items() if _fits(pattern, host)), host)


def platform_of(client: Any) -> str | None:
    """The one platform that a client is made for, by its class or by its `provider=`; None for most clients."""
    for cls in type(client).__mro__:
        if cls.__name__ in PROVIDER_BY_CLASS:
            return PROVIDER_BY_CLASS[cls.__name__]
    runtime = getattr(client, "_provider_runtime", None)
    return PROVIDER_BY_RUNTIME.get(getattr(runtime, "name", ""))


def _fits(pattern: str, host: str) -> bool:
    return fnmatchcase(f".{host}", f"*.{pattern}")


def _split(pattern: str) -> Address:
    """`host`, `host:port`, `[::1]` or `[::1]:port`; a bare IPv6 address has more than one colon, and no port."""
    host, _, port = pattern.lower().rpartition(":")
    if not port.isdecimal() or (":" in host and not host.endswith("]")):
        host, port = pattern.lower(), ""
    return Address(host.strip("[]").rstrip("."), int(port) if port else None)
