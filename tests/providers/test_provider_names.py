"""Who answers, by the client's class and its host."""

from __future__ import annotations

import anthropic
import openai
import pytest

from firsttoken.providers.names import PROVIDER_BY_CLASS, provider_name


@pytest.mark.parametrize(
    ("provider", "host"),
    [
        ("openai", "api.openai.com"),
        ("openai", "eu.api.openai.com"),
        ("openai", "API.OpenAI.com."),
        ("azure.ai.openai", "my-resource.openai.azure.com"),
        ("azure.ai.inference", "my-resource.services.ai.azure.com"),
        ("anthropic", "api.anthropic.com"),
        ("anthropic", "aws-external-anthropic.us-east-1.api.aws"),
        ("anthropic", "claude.googleapis.com"),
        ("aws.bedrock", "bedrock-runtime.eu-central-1.amazonaws.com"),
        ("aws.bedrock", "vpce-1.bedrock-runtime.eu-central-1.vpce.amazonaws.com"),
        ("aws.bedrock", "bedrock-mantle.us-east-1.api.aws"),
        ("gcp.vertex_ai", "us-east5-aiplatform.googleapis.com"),
        ("gcp.vertex_ai", "aiplatform.googleapis.com"),
        ("gcp.gemini", "generativelanguage.googleapis.com"),
        ("openrouter", "openrouter.ai"),
        ("groq", "api.groq.com"),
        ("deepseek", "api.deepseek.com"),
        ("x_ai", "us-east-1.api.x.ai"),
        ("mistral_ai", "api.mistral.ai"),
    ],
)
def test_a_known_host_names_its_provider(provider: str, host: str) -> None:
    assert provider == provider_name(("OpenAI",), host, "openai")


@pytest.mark.parametrize(
    "host",
    [
        "llm.example.com",
        "10.1.2.3",
        "notapi.openai.com",
        "api.openai.com.example.com",
        "api-openai.com",
        "my-balancer-1.eu-west-1.elb.amazonaws.com",
        "storage.googleapis.com",
    ],
)
def test_a_host_that_nobody_knows_is_its_own_name(host: str) -> None:
    assert host == provider_name(("OpenAI",), host, "openai")


@pytest.mark.parametrize("host", [None, "", "localhost", "api.localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]"])
def test_an_address_that_names_nobody_leaves_the_sdks_own_flavour(host: str | None) -> None:
    assert provider_name(("Anthropic",), host, "anthropic") == "anthropic"


@pytest.mark.parametrize("host", ["127.0.0.1", "api.openai.com", "gateway.example.com"])
def test_a_client_for_one_platform_names_it_whatever_the_host(host: str) -> None:
    classes = tuple(cls.__name__ for cls in openai.AsyncAzureOpenAI.__mro__)
    assert provider_name(("MyClient", *classes), host, "openai") == "azure.ai.openai"


@pytest.mark.parametrize("name", PROVIDER_BY_CLASS)
def test_every_class_in_the_table_exists_in_an_sdk(name: str) -> None:
    assert hasattr(openai, name) or hasattr(anthropic, name)
