"""A program may end with its first call or sit behind a proxy, and everything of that call still arrives."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Final

import pytest

from firsttoken.serve import Server, ServeSettings
from firsttoken.store import Store
from firsttoken.testing import ProviderServer

from .programs import PATIENCE

ONE_CALL: Final = """
import firsttoken
firsttoken.instrument()
import openai
with openai.OpenAI(api_key="none", http_client=openai.DefaultHttpxClient(trust_env=False)) as client:
    client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "Hello"}])
"""
NO_EXPORTERS: Final = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}


PROXY: Final = {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9", "NO_PROXY": "", "no_proxy": ""}
"""A proxy that takes nothing."""


@pytest.mark.parametrize("proxy", [{}, PROXY], ids=["direct", "proxy"])
def test_a_program_that_ends_with_its_first_call_sends_its_span_and_both_log_records_and_says_nothing(
    proxy: dict[str, str],
) -> None:
    settings = ServeSettings(grpc_port=0, http_port=0, page_port=None)
    with ProviderServer() as provider, Store.open(None) as store, Server(store, settings) as server:
        environment = os.environ | NO_EXPORTERS
        environment |= {"OPENAI_BASE_URL": provider.openai_base_url}
        environment |= {"FIRSTTOKEN_LOCAL_ENDPOINT": server.ports.http_endpoint, PATIENCE: "30"} | proxy
        ended = subprocess.run(
            [sys.executable, "-c", ONE_CALL], env=environment, capture_output=True, text=True, check=True
        )
        health = server.health()
    assert (ended.stdout, ended.stderr) == ("", "")
    assert (health.spans, health.log_records) == (1, 2)
