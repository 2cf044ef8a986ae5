"""Thinking that only a total tells of."""

from __future__ import annotations

import pytest

from firsttoken.call import Usage
from firsttoken.providers.thinking import with_thinking

SEEN = Usage(input_tokens=758, output_tokens=102)
TOLD = '{"prompt_tokens":758,"completion_tokens":102,"total_tokens":1725}'


def test_what_the_total_has_beside_prompt_and_completion_is_output_that_was_thought():
    assert with_thinking("gcp.gemini", SEEN, TOLD) == Usage(input_tokens=758, output_tokens=967, reasoning_tokens=865)


@pytest.mark.parametrize(
    ("provider", "usage", "raw"),
    [
        ("openai", SEEN, TOLD),
        ("gcp.gemini", None, TOLD),
        ("gcp.gemini", SEEN, None),
        ("gcp.gemini", SEEN, "not JSON"),
        ("gcp.gemini", SEEN, '{"total_tokens":860}'),
        ("gcp.gemini", SEEN, '{"total_tokens":100}'),
        ("gcp.gemini", SEEN, '{"total_tokens":"1725"}'),
        ("gcp.gemini", SEEN, "[]"),
        ("gcp.gemini", Usage(758, 102, partial=True), TOLD),
        ("gcp.gemini", Usage(758, 967, reasoning_tokens=865), TOLD),
        ("gcp.gemini", Usage(input_tokens=758), TOLD),
    ],
)
def test_other_counts_are_left_as_they_were_told(provider, usage, raw):
    assert with_thinking(provider, usage, raw) == usage
