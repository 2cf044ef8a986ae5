"""docs/spans.md says what is so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import openai
from patience import PATIENCE_S

import firsttoken
from firsttoken.testing import CapturedSpan, CapturedTelemetry, ProviderServer
from spans.conftest import Instrumented

PAGE: Final = (Path(__file__).resolve().parents[2] / "docs" / "spans.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def drawn(spans: list[CapturedSpan]) -> str:
    below: dict[str | None, list[CapturedSpan]] = {}
    for span in sorted(spans, key=lambda span: span["start_unix_ns"]):
        below.setdefault(span["parent_span_id"], []).append(span)
    (root,) = below[None]
    return "\n".join([root["name"], *_below(root, below), ""])


def _below(span: CapturedSpan, below: Mapping[str | None, list[CapturedSpan]], indent: str = "") -> Iterator[str]:
    children = below.get(span["span_id"], [])
    for child in children:
        last = child is children[-1]
        yield f"{indent}{'└─' if last else '├─'} {child['name']}"
        yield from _below(child, below, indent + ("   " if last else "│  "))


def test_its_code_runs_and_gives_the_tree_that_is_drawn(
    instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    with ProviderServer() as server, openai.OpenAI(base_url=f"{server.base_url}/v1", api_key="none") as client:
        names: dict[str, Any] = {"client": client}
        first, *others = blocks("python")
        with instrumented():
            exec(first, names)  # noqa: S102  it is our own
            assert firsttoken.flush(PATIENCE_S)
            assert [drawn(telemetry.spans)] == blocks("text")
            for block in others:
                exec(block, names)  # noqa: S102  likewise
            assert "".join(names["forecaster"]()) == "it will rain"
    assert telemetry.spans[-1]["name"] == "invoke_agent forecaster"


def test_every_metric_in_it_goes_out(instrumented: Instrumented, telemetry: CapturedTelemetry) -> None:
    with instrumented(), firsttoken.workflow("w"), firsttoken.agent("a"), firsttoken.tool("t"):
        pass
    assert {point["name"] for point in telemetry.points} == set(re.findall(r"`(gen_ai\.(?!tool)[\w.]+)`", PAGE))
