"""What a Collector may let out stands in a list that somebody decided about."""

from __future__ import annotations

import re

import pytest
from redaction_names import CONTENT, CONTENT_OF_OTHERS, ERRORS, PERSONS, allowed

from firsttoken.semconv import names
from firsttoken.semconv.read_messages import CONTENT_ATTRIBUTES


def test_a_name_of_the_conventions_that_nobody_decided_about_is_no_name_that_may_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(names, "GEN_AI_THOUGHTS", "gen_ai.thoughts", raising=False)

    with pytest.raises(ValueError, match=r"decide .* gen_ai\.thoughts"):
        allowed()


def test_what_has_the_words_of_a_call_is_content() -> None:
    assert set(CONTENT_ATTRIBUTES) <= CONTENT
    assert not allowed().keys() & (CONTENT | ERRORS | PERSONS)


def test_no_name_under_which_others_tell_content_may_go() -> None:
    assert [name for name in allowed() if any(re.fullmatch(pattern, name) for pattern in CONTENT_OF_OTHERS)] == []
