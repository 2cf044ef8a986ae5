"""Who answers: from the client's class and the host it talks to, to `gen_ai.provider.name`."""

from __future__ import annotations

import functools
import ipaddress
from fnmatch import fnmatchcase
from typing import Final

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
}
"""Client classes that speak to one platform whatever the host."""

PROVIDER_BY_HOST: Final = {
    "api.openai.com": "openai",
    "openai.azure.com": "azure.ai.openai",
    "services.ai.azure.com": "azure.ai.inference",
    "api.anthropic.com": "anthropic",
    "aws-external-anthropic.*.api.aws": "anthropic",
    "claude.googleapis.com": "anthropic",
    "bedrock*.amazonaws.com": "aws.bedrock",
    "bedrock*.api.aws": "aws.bedrock",
    "*aiplatform*.googleapis.com": "gcp.vertex_ai",
    "generativelanguage.googleapis.com": "gcp.gemini",
    "openrouter.ai": "openrouter",
    "api.groq.com": "groq",
    "api.deepseek.com": "deepseek",
    "api.x.ai": "x_ai",
    "api.mistral.ai": "mistral_ai",
    "api.cohere.com": "cohere",
    "api.cohere.ai": "cohere",
    "api.moonshot.ai": "moonshot_ai",
    "api.together.xyz": "together",
    "api.fireworks.ai": "fireworks",
    "api.cerebras.ai": "cerebras",
    "api.perplexity.ai": "perplexity",
}
"""A host belongs to a provider when a pattern fits the whole of it, or what follows one of its dots."""

HOSTS_REMEMBERED: Final = 256


def provider_name(client_classes: tuple[str, ...], host: str | None, flavour: str) -> str:
    """The provider's name; a host that nobody knows is a valid name itself.

    A loopback address names no provider, so the SDK's own `flavour` stands for what answers there.
    """
    for name in client_classes:
        if name in PROVIDER_BY_CLASS:
            return PROVIDER_BY_CLASS[name]
    return (host and _provider_at(host.lower().rstrip("."))) or flavour


@functools.lru_cache(HOSTS_REMEMBERED)
def _provider_at(host: str) -> str | None:
    """None for a host that says nothing."""
    if not host or is_loopback(host):
        return None
    dotted = f".{host}"
    return next((name for pattern, name in PROVIDER_BY_HOST.items() if fnmatchcase(dotted, f"*.{pattern}")), host)


def is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
