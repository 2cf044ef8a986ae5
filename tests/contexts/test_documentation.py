"""The code in docs/context.md does what the page says."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import openai
from observe.asking import using
from observe.program import PROGRAMS

import firsttoken
from firsttoken.contexts import captured
from firsttoken.semconv.fields import CONTEXT_FIELDS
from firsttoken.testing import CapturedTelemetry, ProviderServer

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "context.md").read_text(encoding="utf-8")
FIRST, SECOND = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
MESSAGES = [{"role": "user", "content": "Hi"}]


def test_the_first_example_gives_what_is_written_below_it(
    server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Callable[..., AbstractContextManager[None]]
) -> None:
    async def example(client: openai.OpenAI) -> None:
        exec(FIRST, {"client": client, "messages": MESSAGES})  # noqa: S102

    with instrumented():
        using(PROGRAMS["sync"], "openai", server, example)
    (span,) = telemetry.spans
    below = PAGE.partition("That call's span")[2].partition(". A sampler")[0]
    named = set(re.findall(r"`([^`]+)`", below))
    tags = span["attributes"]["firsttoken.tags"]
    assert isinstance(tags, tuple)
    assert named <= span["attributes"].keys() | set(tags)


def test_the_second_example_carries_it_both_ways() -> None:
    seen: list[str | None] = []

    def ask() -> None:
        seen.append(captured().user_id)

    names: dict[str, Any] = {"firsttoken": firsttoken, "ask": ask}
    exec(SECOND, names)  # noqa: S102
    assert seen == ["u-17"] * 2


def test_every_attribute_of_a_context_is_on_the_page() -> None:
    assert [field.attribute for field in CONTEXT_FIELDS if f"`{field.attribute}`" not in PAGE] == []
