"""Who answers: from the client's class and the host it talks to, to `gen_ai.provider.name`."""

from __future__ import annotations

import ipaddress
from typing import Final

PROVIDER_BY_CLASS: Final = {
    "AzureOpenAI": "azure.ai.openai",
    "AsyncAzureOpenAI": "azure.ai.openai",
    "AnthropicBedrock": "aws.bedrock",
    "AsyncAnthropicBedrock": "aws.bedrock",
    "AnthropicVertex": "gcp.vertex_ai",
    "AsyncAnthropicVertex": "gcp.vertex_ai",
}
"""Client classes that speak to one platform whatever the host."""

PROVIDER_BY_HOST: Final = {
    "api.openai.com": "openai",
    "openai.azure.com": "azure.ai.openai",
    "api.anthropic.com": "anthropic",
    "openrouter.ai": "openrouter",
    "api.groq.com": "groq",
    "api.deepseek.com": "deepseek",
    "api.x.ai": "x_ai",
    "api.mistral.ai": "mistral_ai",
    "api.together.xyz": "together",
    "api.fireworks.ai": "fireworks",
    "api.cerebras.ai": "cerebras",
    "api.perplexity.ai": "perplexity",
    "amazonaws.com": "aws.bedrock",
    "googleapis.com": "gcp.vertex_ai",
}
"""A host belongs to a provider when it is the name or ends in a dot and the name."""


def provider_name(client_classes: tuple[str, ...], host: str | None, flavour: str) -> str:
    """The provider's name; a host that nobody knows is a valid name itself.

    A loopback address names no provider, so the SDK's own `flavour` stands for what answers there.
    """
    for name in client_classes:
        if name in PROVIDER_BY_CLASS:
            return PROVIDER_BY_CLASS[name]
    if not host or is_loopback(host):
        return flavour
    labels = host.lower().split(".")
    for start in range(len(labels)):
        if found := PROVIDER_BY_HOST.get(".".join(labels[start:])):
            return found
    return host.lower()


def is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
