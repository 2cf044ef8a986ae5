"""Providers by the names that other instrumentations give them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PROVIDERS: Final[Mapping[str, str]] = {
    "amazon": "aws.bedrock",
    "amazon_bedrock": "aws.bedrock",
    "aws": "aws.bedrock",
    "az.ai.inference": "azure.ai.inference",
    "az.ai.openai": "azure.ai.openai",
    "azure": "azure.ai.openai",
    "azure_openai": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "gemini": "gcp.gemini",
    "google": "gcp.gen_ai",
    "google-gla": "gcp.gemini",
    "google-vertex": "gcp.vertex_ai",
    "google_genai": "gcp.gen_ai",
    "grok": "x_ai",
    "mistral": "mistral_ai",
    "mistralai": "mistral_ai",
    "moonshot": "moonshot_ai",
    "moonshotai": "moonshot_ai",
    "together_ai": "together",
    "vertexai": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
    "xai": "x_ai",
}


SPELT_OTHERWISE: Final = frozenset({"anthropic", "cohere", "deepseek", "fireworks", "groq", "openai", "openrouter"})
"""Names of the conventions that are also met with capital letters."""


def provider(name: object) -> object:
    """The name of the conventions; a name that is not known stays as it is."""
    if not isinstance(name, str):
        return name
    low = name.strip().lower()
    return low if low in SPELT_OTHERWISE else PROVIDERS.get(low, name)
