"""Writes docs/provider-trace.json: the final record of a real call that was refused once and then streamed.

Its ids and times differ with every run, so that nobody holds it against a fresh one; a test holds its members.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import openai

import firsttoken
from firsttoken import Settings
from firsttoken.testing import CapturedTelemetry, ErrorAnswer, ProviderServer, text_answer

TARGET: Final = Path(__file__).resolve().parent.parent / "docs" / "provider-trace.json"
SOON: Final = {"retry-after-ms": "20"}


def final_record() -> dict[str, Any]:
    with CapturedTelemetry() as telemetry, ProviderServer() as server:
        server.enqueue(ErrorAnswer(status=429, headers=SOON), text_answer("It", " rains", "."))
        firsttoken.instrument(
            Settings(include_usage=True),
            tracer_provider=telemetry.tracer_provider,
            meter_provider=telemetry.meter_provider,
            logger_provider=telemetry.logger_provider,
        )
        try:
            _ask(server)
            firsttoken.flush()
        finally:
            firsttoken.uninstrument()
        *_, final = telemetry.provider_traces
    return final.body()


def _ask(server: ProviderServer) -> None:
    asked: list[Any] = [{"role": "user", "content": "How is the weather?"}]
    with (
        openai.OpenAI(base_url=server.openai_base_url, api_key="none") as client,
        firsttoken.context(user_id="u-17", session_id="s-4", call_type="agent_step", tags=["weather"]),
    ):
        for _ in client.chat.completions.create(model="gpt-4o-mini", messages=asked, temperature=0.2, stream=True):
            pass


def main() -> None:
    TARGET.write_text(json.dumps(final_record(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
