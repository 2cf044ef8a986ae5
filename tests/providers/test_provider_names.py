"""Who answers, by the client's class and its address, and by what the user says."""

from __future__ import annotations

from typing import Any

import openai
import pytest
from installed import found, needs

from firsttoken.pricing.price_list import PROVIDER_IDS
from firsttoken.providers.names import (
    PROVIDER_BY_CLASS,
    PROVIDER_BY_HOST,
    PROVIDER_BY_LOCAL_PORT,
    ProviderNames,
)

UNLISTED = {"ibm.watsonx.ai"}
"""Providers whose hosts are known and whose prices are not."""

NAMES = ProviderNames()


def name_at(url: str, names: ProviderNames = NAMES, flavour: str = "openai") -> str:
    return names.of(openai.OpenAI(api_key="key", base_url=url), flavour)


@pytest.mark.parametrize(
    ("provider", "host"),
    [
        ("openai", "api.openai.com"),
        ("openai", "eu.api.openai.com"),
        ("openai", "API.OpenAI.com."),
        ("azure.ai.openai", "my-resource.openai.azure.com"),
        ("azure.ai.openai", "my-resource.openai.azure.us"),
        ("azure.ai.openai", "my-resource.cognitiveservices.azure.com"),
        ("azure.ai.inference", "my-resource.services.ai.azure.com"),
        ("anthropic", "api.anthropic.com"),
        ("anthropic", "aws-external-anthropic.us-east-1.api.aws"),
        ("anthropic", "claude.googleapis.com"),
        ("aws.bedrock", "bedrock-runtime.eu-central-1.amazonaws.com"),
        ("aws.bedrock", "bedrock-runtime.cn-north-1.amazonaws.com.cn"),
        ("aws.bedrock", "vpce-1.bedrock-runtime.eu-central-1.vpce.amazonaws.com"),
        ("aws.bedrock", "bedrock-mantle.us-east-1.api.aws"),
        ("gcp.vertex_ai", "us-east5-aiplatform.googleapis.com"),
        ("gcp.vertex_ai", "aiplatform.googleapis.com"),
        ("gcp.vertex_ai", "aiplatform.eu.rep.googleapis.com"),
        ("gcp.gemini", "generativelanguage.googleapis.com"),
        ("ibm.watsonx.ai", "eu-de.ml.cloud.ibm.com"),
        ("openrouter", "openrouter.ai"),
        ("groq", "api.groq.com"),
        ("deepseek", "api.deepseek.com"),
        ("x_ai", "us-east-1.api.x.ai"),
        ("mistral_ai", "api.mistral.ai"),
        ("together", "api.together.xyz"),
        ("fireworks", "api.fireworks.ai"),
        ("cerebras", "api.cerebras.ai"),
        ("moonshot_ai", "api.moonshot.cn"),
        ("minimax", "api.minimax.io"),
        ("z.ai", "api.z.ai"),
        ("baseten", "inference.baseten.co"),
        ("baseten", "model-abc123.api.baseten.co"),
        ("novita", "api.novita.ai"),
        ("perplexity", "api.perplexity.ai"),
    ],
)
def test_a_known_host_names_its_provider(provider: str, host: str) -> None:
    assert provider == name_at(f"https://{host}/v1")


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
        "buzz.ai",
        "ollama.example.com:11434",
    ],
)
def test_a_host_that_nobody_knows_is_its_own_name(host: str) -> None:
    assert host.partition(":")[0] == name_at(f"http://{host}/v1")


@pytest.mark.parametrize("flavour", ["openai", "anthropic"])
@pytest.mark.parametrize(
    "url", ["http://localhost", "http://api.localhost/v1", "http://127.0.0.1:8000/v1", "http://[::1]:8080", "/v1"]
)
def test_an_address_that_names_nobody_leaves_the_sdks_own_flavour(url: str, flavour: str) -> None:
    assert flavour == name_at(url, flavour=flavour)


@pytest.mark.parametrize("host", ["localhost", "ollama.localhost", "127.0.0.1", "127.8.8.8", "[::1]"])
@pytest.mark.parametrize(("port", "provider"), PROVIDER_BY_LOCAL_PORT.items())
def test_a_local_server_is_known_by_the_port_that_only_it_uses(port: int, provider: str, host: str) -> None:
    assert provider == name_at(f"http://{host}:{port}/v1")


@pytest.mark.parametrize("host", ["127.0.0.1", "api.openai.com", "gateway.example.com"])
def test_a_client_for_one_platform_names_it_whatever_the_host(host: str) -> None:
    class OurClient(openai.AsyncAzureOpenAI):
        pass

    client = OurClient(api_key="key", base_url=f"https://{host}", api_version="2025-04-01-preview")
    assert NAMES.of(client, "openai") == "azure.ai.openai"


@pytest.mark.parametrize(
    ("expected", "platform", "options"),
    [
        pytest.param(
            "aws.bedrock",
            "openai.providers.bedrock",
            {"base_url": "http://127.0.0.1:8000/v1", "region": "us-east-1", "api_key": "key"},
            marks=needs("openai.providers.bedrock"),
        ),
        pytest.param(
            "gcp.vertex_ai",
            "openai.providers.vertex",
            {"base_url": "http://127.0.0.1:8000/v1", "token_provider": lambda: "token"},
            marks=needs("openai.providers.vertex"),
        ),
    ],
)
@pytest.mark.parametrize("cls", [openai.OpenAI, openai.AsyncOpenAI])
def test_a_client_made_with_a_provider_names_its_platform(
    expected: str, platform: str, options: dict[str, Any], cls: Any
) -> None:
    client = cls(provider=found(platform)(**options))
    assert expected == NAMES.of(client, "openai")
    assert expected == NAMES.of(client.with_options(timeout=3), "openai")


CLASSES = [f"{'openai' if 'OpenAI' in name else 'anthropic'}.{name}" for name in PROVIDER_BY_CLASS]


@pytest.mark.parametrize("path", [pytest.param(path, marks=needs(path)) for path in CLASSES])
def test_every_class_in_the_table_exists_in_its_sdk(path: str) -> None:
    assert found(path) is not None


@pytest.mark.parametrize(
    ("pattern", "url"),
    [
        ("llm.example.com", "https://llm.example.com/v1"),
        ("llm.example.com", "https://eu.llm.example.com/v1"),
        ("LLM.Example.com.", "https://llm.example.com/v1"),
        ("*.corp.example", "https://a.b.corp.example/v1"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000/v1"),
        ("localhost", "http://localhost:8000/v1"),
        ("[::1]:8000", "http://[::1]:8000/v1"),
        ("[::1]", "http://[::1]:9999/v1"),
        ("::1", "http://[::1]:9999/v1"),
        ("api.openai.com", "https://api.openai.com/v1"),
        ("localhost:11434", "http://localhost:11434/v1"),
    ],
)
def test_what_the_user_says_of_an_address_holds(pattern: str, url: str) -> None:
    assert name_at(url, ProviderNames({pattern: "ours"})) == "ours"


@pytest.mark.parametrize(
    ("pattern", "url"),
    [
        ("*.corp.example", "https://corp.example/v1"),
        ("127.0.0.1:8000", "http://127.0.0.1:8001/v1"),
        ("127.0.0.1:8000", "http://127.0.0.1/v1"),
        ("example.com", "https://notexample.com/v1"),
        ("[::1]:8000", "http://[::1]:8001/v1"),
    ],
)
def test_what_the_user_says_holds_for_no_other_address(pattern: str, url: str) -> None:
    assert name_at(url) == name_at(url, ProviderNames({pattern: "ours"}))


def test_the_first_statement_that_fits_decides_also_over_a_client_for_one_platform() -> None:
    names = ProviderNames({"a.example.com": "first", "*.example.com": "second"})
    azure = openai.AzureOpenAI(api_key="key", base_url="https://a.example.com", api_version="2025-04-01-preview")
    assert (names.of(azure, "openai"), name_at("https://b.example.com", names)) == ("first", "second")


def test_every_provider_with_a_host_has_its_prices_looked_up() -> None:
    assert set(PROVIDER_BY_HOST.values()) - UNLISTED <= PROVIDER_IDS.keys()
